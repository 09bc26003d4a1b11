package place

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"sohoa/pdf/revision"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/mark"
)

func pageOf(t *testing.T) *revision.Page {
	t.Helper()
	b := revisiontest.Paper{Page: "/MediaBox [0 0 600 800]"}.Bytes()
	f, err := revision.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sheet is paper of a brightness with noise, and bars of ink: left, top, right,
// bottom in points from the upper left.
func sheet(paper, ink uint8, bars ...[4]int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 600, 800))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = paper - uint8(rng.IntN(8))
	}
	for range 200 { // pepper
		img.Pix[rng.IntN(len(img.Pix))] = 0
	}
	for _, b := range bars {
		for y := b[1]; y < b[3]; y++ {
			for x := b[0]; x < b[2]; x++ {
				img.Pix[y*img.Stride+x] = ink
			}
		}
	}
	return img
}

var rule = Rule{mark.TopRight, mark.Move{Edge: 7, Least: 3, Along: 70, Down: 12, Clear: 0.7}}

// TestFind: home if it is free, on any paper; else the nearest free place, in
// another shape if that is nearer; never on ink.
func TestFind(t *testing.T) {
	page := pageOf(t)
	sizes := []Size{{150, 35}, {200, 23}, {320, 12}}
	home := Home(sizes[0], page, rule, 1)
	for name, c := range map[string]struct {
		img   *image.Gray
		shape int
		home  bool
	}{
		"white":                 {sheet(255, 0), 0, true},
		"grey paper":            {sheet(190, 60), 0, true},
		"yellowed, pale ink":    {sheet(215, 130, [4]int{300, 70, 600, 90}), 0, true},
		"ink below":             {sheet(250, 20, [4]int{300, 62, 600, 80}), 0, true},
		"ink at home's foot":    {sheet(250, 20, [4]int{300, 48, 600, 200}), 0, false},
		"ink to the right":      {sheet(250, 20, [4]int{560, 0, 600, 800}), 0, false},
		"only a strip is clear": {sheet(250, 20, [4]int{0, 24, 600, 800}), 2, false},
	} {
		k := See(c.img, page)
		i, r, err := Find(k, page, sizes, rule, 1)
		if err != nil || i != c.shape || (r == home) != c.home || k.Covered(r, rule.Clear*mark.PerMM) != 0 || !inside(r, page) {
			t.Errorf("%s: shape %d at %v, %v", name, i, r, err)
		}
	}
	full := See(sheet(250, 20, [4]int{0, 0, 600, 500}), page)
	var asks *Asks
	if _, _, err := Find(full, page, sizes, rule, 1); !errors.As(err, &asks) || len(asks.Candidates) < 2 {
		t.Fatalf("a full corner: %v", err)
	}
	for _, s := range asks.Candidates {
		if full.Covered(s.Rect(sizes[0], page), 0) != 0 {
			t.Errorf("candidate %v is written on", s)
		}
	}
	striped := See(sheet(250, 20, [4]int{0, 0, 600, 16}, [4]int{0, 20, 600, 800}), page)
	if i, r := Least(striped, page, sizes, rule, 1); !inside(r, page) || striped.Covered(r, 0) >= int(sizes[i].Width*sizes[i].Height) {
		t.Errorf("least: shape %d at %v", i, r)
	}
	nothing := See(sheet(250, 20, [4]int{0, 0, 600, 800}), page)
	if _, _, err := Find(nothing, page, sizes, rule, 1); !errors.As(err, &asks) || len(asks.Candidates) != 0 {
		t.Errorf("a black page: %v", err)
	}
}

// TestSpot goes from millimetres to a place and back.
func TestSpot(t *testing.T) {
	page := pageOf(t)
	s := Spot{12.5, 40}
	got := spotOf(s.Rect(Size{100, 50}, page), page)
	if math.Abs(got.X-s.X) > 1e-9 || math.Abs(got.Y-s.Y) > 1e-9 {
		t.Errorf("%v, want %v", got, s)
	}
	if r, err := Rigid(Spot{500, 500}.Rect(Size{100, 50}, page), page); err != nil || !inside(r, page) {
		t.Errorf("%v %v", r, err)
	}
	var asks *Asks
	if _, err := Rigid(Spot{0, 0}.Rect(Size{700, 50}, page), page); !errors.As(err, &asks) {
		t.Errorf("larger than the page: %v", err)
	}
}

// TestGap measures the room above a name.
func TestGap(t *testing.T) {
	page := pageOf(t)
	k := See(sheet(250, 20, [4]int{380, 500, 520, 510}, [4]int{370, 600, 530, 612}), page)
	gap := k.Gap(revision.Rect{X0: 370, X1: 530, Y0: 186, Y1: 201}, 100, 300)
	if math.Abs(gap.Y0-201) > 2 || math.Abs(gap.Y1-290) > 2 || gap.X0 != 400 || gap.X1 != 500 {
		t.Errorf("%v", gap)
	}
}
