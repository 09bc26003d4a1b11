package codes

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"sohoa/specimen"
)

// glance is a picture of a sheet as it is looked at for patches: at about 100 dpi.
func glance(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(g, g.Rect, m, image.Point{}, draw.Over)
	return g
}

var patchCalled = map[string]string{"1": "1/6", "2": "2", "3": "3/T", "4": "4", "T": "3/T", "6": "1/6"}

// Every kind is found in every quarter, clean and worn, at the resolutions at which sides
// are looked at, as far askew as it is said, and its name does not hang on how it lies.
func TestPatch(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	hows := []specimen.Patched{{Long: 180, Edges: 4}, {Long: 144, Edges: 2, Written: true}, {Long: 150, Abreast: true}, {Long: 72, Edges: 3}}
	n := uint64(0)
	for _, kind := range specimen.PatchKinds() {
		for turn := range 4 {
			n++
			how, dpi := hows[int(n)%len(hows)], []float64{75, 100, 133}[n%3]
			w := specimen.Office(n)
			w.Turn, w.Grey = turn, true
			if n%5 == 0 {
				w.Skew = 20
			}
			m := glance(press.PatchSheet(kind, how).Render(0, dpi, w, n))
			if got := Patch(m, dpi, dpi); got != patchCalled[kind] {
				t.Errorf("%s, turned %d, at %g dpi, %+v: %q", kind, turn, dpi, how, got)
			}
		}
	}
}

// Faxes have other resolutions along than across.
func TestPatchFaxed(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	whole := glance(press.PatchSheet("T", specimen.Patched{Long: 180, Edges: 4}).Render(0, 200, specimen.Faxed(3), 3))
	half := image.NewGray(image.Rect(0, 0, whole.Rect.Dx(), whole.Rect.Dy()/2))
	for y := range half.Rect.Dy() {
		copy(half.Pix[y*half.Stride:][:half.Stride], whole.Pix[2*y*whole.Stride:])
	}
	if got := Patch(half, 200, 100); got != "3/T" {
		t.Errorf("%q", got)
	}
}

// ruled draws bars across a sheet at 100 dpi, in hundredths of an inch: a bar, a space, a
// bar, and so on, beginning at x, from y to end.
func ruled(m *image.Gray, x, y, end int, widths ...int) {
	for i, w := range widths {
		if i%2 == 0 {
			draw.Draw(m, image.Rect(x, y, x+w, end), image.NewUniform(color.Gray{20}), image.Point{}, draw.Src)
		}
		x += w
	}
}

// What only resembles a patch sheet is none.
func TestNoPatch(t *testing.T) {
	sheet := func(draw func(m *image.Gray)) *image.Gray {
		m := image.NewGray(image.Rect(0, 0, 827, 1169))
		for i := range m.Pix {
			m.Pix[i] = 240
		}
		draw(m)
		return m
	}
	two := []int{20, 8, 8, 8, 8, 8, 20}
	if got := Patch(sheet(func(m *image.Gray) { ruled(m, 100, 100, 300, two...); ruled(m, 500, 700, 900, two...) }), 100, 100); got != "2" {
		t.Fatalf("two patches: %q", got)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func(m *image.Gray){
		"one alone":           func(m *image.Gray) { ruled(m, 100, 100, 300, two...) },
		"two kinds, one each": func(m *image.Gray) { ruled(m, 100, 100, 300, two...); ruled(m, 500, 700, 900, 8, 8, 20, 8, 20, 8, 8) },
		"two kinds, twice": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100+300*i, 100, 300, two...)
				ruled(m, 100+300*i, 700, 900, 8, 8, 20, 8, 20, 8, 8)
			}
		},
		"too short": func(m *image.Gray) { ruled(m, 100, 100, 145, two...); ruled(m, 500, 700, 745, two...) },
		"twice the size": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 40, 16, 16, 16, 16, 16, 40)
			}
		},
		"half the size": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 10, 4, 4, 4, 4, 4, 10)
			}
		},
		"equal bars": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 11, 11, 11, 11, 11, 11, 11)
			}
		},
		"three wide": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 18, 8, 18, 8, 18, 8, 7)
			}
		},
		"a fifth bar": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, append([]int{8, 8}, two...)...)
			}
		},
		"a bar in between": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 18, 8, 18, 8, 14, 8, 6)
			}
		},
		"a thin bar": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 20, 8, 24, 8, 9, 8, 3)
			}
		},
		"a narrow space": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 20, 2, 8, 11, 8, 11, 20)
			}
		},
		"a broad space": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 400+400*i, 20, 14, 8, 5, 8, 5, 20)
			}
		},
		"patches in a writing": func(m *image.Gray) {
			for i := range 2 {
				ruled(m, 100, 100+400*i, 300+400*i, two...)
			}
			for y := 100; y < 1100; y += 16 {
				for x := 250; x < 780; x += 5 + rnd.IntN(5) {
					ruled(m, x, y, y+9, 3)
				}
			}
		},
	} {
		m := sheet(draw)
		if got := Patch(m, 100, 100); got != "" {
			t.Errorf("%s: %q", name, got)
		}
		if got := Patch(quarter(m), 100, 100); got != "" {
			t.Errorf("%s, turned: %q", name, got)
		}
	}
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 1, 1), image.Rect(0, 0, 2, 3000), image.Rect(0, 0, 3000, 2)} {
		if got := Patch(image.NewGray(r), 100, 100); got != "" {
			t.Errorf("%v: %q", r, got)
		}
	}
}

func quarter(m *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, m.Rect.Dy(), m.Rect.Dx()))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetGray(m.Rect.Dy()-1-y, x, m.GrayAt(x, y))
		}
	}
	return out
}

// Ordinary papers of every kind, with tables and codes, and the house's own separators
// have no patch.
func TestNoPatchOnPapers(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range specimen.Kinds() {
		seed := uint64(700 + i)
		w := specimen.Office(seed)
		w.Turn = i % 4
		m := glance(press.Paper(kind, seed, specimen.About{Adds: specimen.Adds{Tables: i%2 == 0, Codes: i%2 == 1}}).Render(0, 100, w, seed))
		if got := Patch(m, 100, 100); got != "" {
			t.Errorf("%s: %q", kind, got)
		}
	}
	if got := Patch(glance(press.Separator(fmt.Sprint(sheet, "/TP01/3/5")).Render(0, 100, specimen.Office(1), 1)), 100, 100); got != "" {
		t.Errorf("a separator: %q", got)
	}
}

// BenchmarkPatch is what looking for patches costs on a paper and on a patch sheet.
func BenchmarkPatch(b *testing.B) {
	press, err := specimen.NewPress()
	if err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]*specimen.Sheet{"paper": press.Paper(specimen.Decision, 5, specimen.About{}), "patches": press.PatchSheet("T", specimen.Patched{Long: 180, Edges: 4})} {
		m := glance(s.Render(0, 100, specimen.Office(5), 5))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Patch(m, 100, 100)
			}
		})
	}
}
