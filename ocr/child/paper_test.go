package child

import (
	"bytes"
	"compress/zlib"
	"image"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"sohoa/ocr"
	"sohoa/ocr/prepare"
	"sohoa/scan"
	"sohoa/specimen"
)

// stored returns g as a page of a scanner.
func stored(t *testing.T, m image.Image, dpiX, dpiY float64) scan.Page {
	t.Helper()
	g := prepare.Grey(m)
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for y := range g.Rect.Dy() {
		if _, err := z.Write(g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()]); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	return scan.Page{Encoding: scan.Flate, Width: g.Rect.Dx(), Height: g.Rect.Dy(), Components: 1, Bits: 8,
		DPIX: dpiX, DPIY: dpiY, DPIFrom: scan.FromFile, Data: b.Bytes()}
}

type printing struct {
	dpi  float64
	wear specimen.Wear
}

// prints keeps what was drawn: drawing costs as much as reading.
var prints = struct {
	sync.Mutex
	made map[printing]*image.Gray
}{made: map[printing]*image.Gray{}}

// printed draws the paper at dpi with wear. It must not be changed.
func printed(t *testing.T, dpi float64, w specimen.Wear) *image.Gray {
	t.Helper()
	s, err := paper()
	if err != nil {
		t.Fatal(err)
	}
	prints.Lock()
	defer prints.Unlock()
	key := printing{dpi, w}
	if prints.made[key] == nil {
		prints.made[key] = prepare.Grey(s.Render(0, dpi, w, 1))
	}
	return prints.made[key]
}

func read(t *testing.T, page scan.Page) ocr.Page {
	t.Helper()
	got, err := sharedPool(t).Read(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// missed returns the share of the printed words that were not read.
func missed(t *testing.T, got ocr.Page) float64 {
	t.Helper()
	s, err := paper()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(s.Truth.Pages[0])
	have := strings.Fields(got.Text())
	n := 0
	for _, w := range want {
		if i := slices.Index(have, w); i >= 0 {
			have = slices.Delete(have, i, i+1)
		} else {
			n++
		}
	}
	return float64(n) / float64(len(want))
}

// misplaced returns the largest distance, in points, from a word's printed
// place to that of its box; words printed more than once are left out.
func misplaced(t *testing.T, got ocr.Page) float64 {
	t.Helper()
	s, err := paper()
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string][]specimen.Word{}
	for _, l := range s.Pages[0].Lines {
		for _, w := range l {
			printed[w.Text] = append(printed[w.Text], w)
		}
	}
	worst, n := 0.0, 0
	for _, l := range got.Lines {
		for _, w := range l.Words {
			if p := printed[w.Text]; len(p) == 1 && len([]rune(w.Text)) > 2 {
				n++
				x, right := float64(w.Box.X0)*72/got.DPIX, float64(w.Box.X1)*72/got.DPIX
				worst = max(worst, math.Abs(x-p[0].X), math.Abs(right-p[0].X-p[0].Width))
				along := (float64(w.Box.X0) - float64(l.Box.X0)) / float64(max(1, l.Box.X1-l.Box.X0))
				base := (l.Baseline[0] + along*(l.Baseline[1]-l.Baseline[0])) * 72 / got.DPIY
				worst = max(worst, math.Abs(base-p[0].Y))
			}
		}
	}
	if n < 20 {
		t.Fatalf("only %d words can be compared", n)
	}
	return worst
}
