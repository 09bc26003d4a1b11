package sides

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"iter"
	"math/bits"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{ChildName: Child})
	os.Exit(m.Run())
}

const says = "SHS1/C/H60.12-261120-0001/TP01/3/5/12AB34CD"

func scanned(t testing.TB, s *specimen.Sheet, dpi float64, w specimen.Wear, seed uint64) scan.Page {
	t.Helper()
	f, err := s.Only(0).File(specimen.JPEG, dpi, w, seed)
	if err != nil {
		t.Fatal(err)
	}
	p, err := scan.JPEGPage(f.Bytes, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p.DPIX, p.DPIY, p.DPIFrom = dpi, dpi, scan.FromFile
	return p
}

// plain is an ordinary page without colour.
func plain(seed uint64) specimen.Wear {
	w := specimen.Office(seed)
	w.Grey = true
	return w
}

func these(pages ...scan.Page) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// The child tells a separator, a paper, the same paper scanned once more and upside
// down, and a page that tells itself; a damaged one is refused with its number.
func TestLooks(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	paper, other := press.Paper(specimen.Decision, 3, specimen.About{}), press.Paper(specimen.Contract, 9, specimen.About{})
	over := plain(8)
	over.Turn = 2
	told := scan.Page{Encoding: scan.Itself, Width: 100, Height: 100, DPIX: 72, DPIY: 72, Told: []scan.ToldLine{}}
	pages := []scan.Page{scanned(t, press.Separator(says), 300, plain(1), 1), scanned(t, paper, 150, specimen.Office(2), 2),
		scanned(t, paper, 150, over, 8), scanned(t, other, 150, plain(4), 4), told, scanned(t, press.PatchSheet("2", specimen.Patched{Long: 144, Edges: 2, Written: true}), 200, plain(6), 6)}
	for i := range pages {
		pages[i].Index = i
	}
	var all []Look
	keep := func(l Look) error { all = append(all, l); return nil }
	if err := Looks(t.Context(), these(pages...), keep); err != nil || len(all) != 6 {
		t.Fatalf("%d looks, %v", len(all), err)
	}
	if !slices.Equal(all[0].Says, []string{says}) || len(all[1].Says)+len(all[2].Says)+len(all[3].Says) != 0 || !all[4].Told {
		t.Errorf("%+v", all)
	}
	if all[5].Patch != "2" || len(all[5].Says) != 0 || all[5].Blank || all[0].Patch+all[1].Patch+all[2].Patch+all[3].Patch != "" {
		t.Errorf("patches: %+v", all)
	}
	if l := all[1]; l.Width != 210 || l.Height != 297 || l.Sum == "" || l.Page != 2 || all[2].Turn != 2 || all[1].Turn != 0 || !l.Colour || l.Blank {
		t.Errorf("%+v, %+v", l, all[2])
	}
	same, apart := bits.OnesCount64(all[1].Print^all[2].Print), bits.OnesCount64(all[1].Print^all[3].Print)
	if all[1].Print == 0 || same > 8 || apart < 16 {
		t.Errorf("the same paper differs in %d bits, another in %d", same, apart)
	}
	broken := pages[1]
	broken.Data = append([]byte{}, broken.Data[:len(broken.Data)/40]...)
	var r *jail.Refusal
	if err := Looks(t.Context(), these(broken), keep); !errors.As(err, &r) || r.Page != 2 {
		t.Errorf("%v", err)
	}
	stop := errors.New("enough")
	if err := Looks(t.Context(), these(pages[4], pages[4]), func(Look) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

// A drawing on A3 at 300 dpi, in colour, goes through the same child and its limits as
// the A4 pages around it: its size and colour are told, nothing in it is taken for a
// code, and the sheet before it is read.
func TestDrawingAmongPages(t *testing.T) {
	const w, h = 4961, 3508
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	for i := 0; i < 60; i++ { // a plan of parcels: lines, and bars that are close to a code's
		c := color.RGBA{uint8(20 * i % 256), 30, 160, 255}
		draw.Draw(m, image.Rect(200+70*i, 300, 204+70*i+i%7, h-300), image.NewUniform(c), image.Point{}, draw.Src)
		draw.Draw(m, image.Rect(200, 300+48*i, w-300, 303+48*i), image.NewUniform(c), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	plan, err := scan.JPEGPage(b.Bytes(), scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	plan.DPIX, plan.DPIY, plan.DPIFrom, plan.Index = 300, 300, scan.FromFile, 1
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	pages := []scan.Page{scanned(t, press.Separator(says), 300, plain(1), 1), plan, scanned(t, press.Paper(specimen.Decision, 3, specimen.About{}), 200, plain(5), 5)}
	pages[2].Index = 2
	var all []Look
	if err := Looks(t.Context(), these(pages...), func(l Look) error { all = append(all, l); return nil }); err != nil || len(all) != 3 {
		t.Fatalf("%d looks, %v", len(all), err)
	}
	if d := all[1]; d.Width != 420 || d.Height != 297 || d.DPI != 300 || !d.Colour || d.Blank || len(d.Says) != 0 || d.Print == 0 {
		t.Errorf("the drawing: %+v", d)
	}
	if !slices.Equal(all[0].Says, []string{says}) || all[2].Width != 210 || all[2].Colour {
		t.Errorf("around it: %+v, %+v", all[0], all[2])
	}
}

func TestPrintOfNothing(t *testing.T) {
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 1, 1), image.Rect(0, 0, 400, 600)} {
		if p := Print(image.NewGray(r)); r.Empty() && p != 0 {
			t.Errorf("%v: %x", r, p)
		}
	}
}

// BenchmarkAt is what a look costs of a page at 200 dpi, decoding apart.
func BenchmarkAt(b *testing.B) {
	press, err := specimen.NewPress()
	if err != nil {
		b.Fatal(err)
	}
	p := scanned(b, press.Paper(specimen.Decision, 5, specimen.About{}), 200, specimen.Office(5), 5)
	m, err := scan.Decode(p)
	if err != nil {
		b.Fatal(err)
	}
	cost := func(what string, do func()) {
		var before, after syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
		for range 10 {
			do()
		}
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
		b.ReportMetric(float64(time.Duration(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()).Microseconds())/10000, what+"-cpu-ms")
	}
	for range b.N {
		cost("all", func() { _, _ = At(m, p) })
		cost("codes", func() { _, _ = texts(Light(m), p) })
	}
}
