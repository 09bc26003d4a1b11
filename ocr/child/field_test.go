package child

import (
	"fmt"
	"image"
	"testing"

	"sohoa/ocr"
	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

// The numbers of rows, one figure in a field each, are read as they stand.
func TestNumbersOfRows(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		kind specimen.Kind
		seed uint64
		dpi  float64
	}{{specimen.Minutes, 2502, 200}, {specimen.Proposal, 2505, 300}} {
		s := press.Paper(row.kind, row.seed, specimen.About{Font: "Tinos", Adds: specimen.Adds{Tables: true}})
		wear := specimen.Office(row.seed)
		wear.Grey = true
		p := read(t, stored(t, prepare.Grey(s.Render(0, row.dpi, wear, row.seed)), row.dpi, row.dpi))
		numbers, want := []string{}, []string{}
		for _, l := range p.Lines {
			if l.Cell != nil && l.Cell.Col == 0 && l.Cell.ColSpan == 1 && l.Cell.Row > 0 {
				numbers, want = append(numbers, lineText(l)), append(want, fmt.Sprint(len(want)+1))
			}
		}
		if len(numbers) < 4 || fmt.Sprint(numbers) != fmt.Sprint(want) {
			t.Errorf("%s: rows %q", row.kind, numbers)
		}
	}
}

func TestHalved(t *testing.T) {
	of := func(words ...string) reading {
		l := ocr.Line{}
		for _, w := range words {
			l.Words = append(l.Words, ocr.Word{Text: w, Confidence: 90})
		}
		return reading{lines: []ocr.Line{l}}
	}
	for _, row := range []struct {
		read reading
		want string
	}{
		{of("77"), "7"}, {of("7", "7"), "7"}, {of("1212"), "12"}, {of("Vợ", "Vợ"), "Vợ"}, {of("ểể"), "ể"},
		{of("78"), ""}, {of("777"), ""}, {of(""), ""}, {of("7"), ""}, {reading{}, ""}, {reading{lines: append(of("77").lines, of("77").lines...)}, ""},
	} {
		if got, sure := halved(row.read); got != row.want || got != "" && sure != 90 {
			t.Errorf("%+v: %q, %g", row.read.lines, got, sure)
		}
	}
}

func TestInked(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 60, 40))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	field := image.Rect(10, 10, 50, 90)
	if got := inked(g, field); !got.Empty() {
		t.Errorf("an empty field: %v", got)
	}
	for _, at := range []image.Point{{20, 12}, {41, 30}, {30, 39}, {5, 20}, {55, 35}} {
		g.Pix[at.Y*g.Stride+at.X] = 100
	}
	if got := inked(g, field); got != image.Rect(20, 12, 42, 40) {
		t.Errorf("%v", got)
	}
}

// What is shown twice is the same twice, on white.
func TestTwice(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 2*margin+3, 2*margin+2))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	g.Pix[(margin+1)*g.Stride+margin+2] = 7
	pair := twice(g)
	var ink []image.Point
	for i, v := range pair.Pix {
		if v == 7 {
			ink = append(ink, image.Pt(i%pair.Stride, i/pair.Stride))
		} else if v != 255 {
			t.Fatalf("a pixel of %d", v)
		}
	}
	if len(ink) != 2 || ink[0] != image.Pt(margin+2, margin+1) || ink[1].Y != margin+1 || ink[1].X <= ink[0].X+3 || pair.Rect.Max.X-ink[1].X != g.Rect.Max.X-margin-2 {
		t.Errorf("%v in %v", ink, pair.Rect)
	}
}
