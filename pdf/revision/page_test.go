package revision

import (
	"errors"
	"math"
	"testing"

	"sohoa/pdf/revision/revisiontest"
)

// TestPages finds pages by number in a tree of uneven depth.
func TestPages(t *testing.T) {
	f := open(t, revisiontest.Paper{Catalog: "/Dummy 0", Objects: []string{
		"<</Type /Pages /Kids [3 0 R 8 0 R] /Count 3 /MediaBox [0 0 100 200]>>", // 7: not used, see below
		"<</Type /Pages /Kids [9 0 R 10 0 R] /Rotate 90 /UserUnit 2>>",
		"<</Type /Page /MediaBox [0 0 100 50]>>",
		"<</Type /Page /MediaBox [10 10 110 60] /Rotate 0>>",
	}}.Bytes())
	w := func(n int) (*Page, error) {
		walk := &pageWalk{file: f, want: n, seen: map[Ref]bool{}}
		if err := walk.down(Ref{7, 0}, Dict{}, 0); err != nil {
			return nil, err
		}
		return f.page(walk.ref, walk.found, walk.inherited)
	}
	for n, want := range map[int][2]float64{1: {595.28, 841.89}, 2: {100, 200}, 3: {200, 100}, Last: {200, 100}} {
		p, err := w(n)
		if err != nil || math.Abs(p.Width-want[0]) > 1e-6 || math.Abs(p.Height-want[1]) > 1e-6 {
			t.Errorf("page %d: %+v %v", n, p, err)
		}
	}
	if p, err := f.Page(Last); err != nil || p.Number != 1 {
		t.Errorf("%+v %v", p, err)
	}
	for _, n := range []int{0, 2, -2} {
		if _, err := f.Page(n); n != -2 && !errors.Is(err, ErrNoPage) {
			t.Errorf("page %d: %v", n, err)
		}
	}
}

// TestSeen goes from the page as it is seen to user space and back.
func TestSeen(t *testing.T) {
	for turns := range 4 {
		for _, unit := range []float64{1, 2.5} {
			p := &Page{turns: turns, unit: unit, box: [4]float64{-10, 20, 90, 220}}
			want := Rect{5, 6, 17, 48}
			var b [4]float64
			for i, o := range p.user(want) {
				b[i], _ = o.(Number).Float()
			}
			got := p.Seen(b)
			for _, d := range []float64{got.X0 - want.X0, got.Y0 - want.Y0, got.X1 - want.X1, got.Y1 - want.Y1} {
				if math.Abs(d) > 0.01 {
					t.Errorf("turned %d, unit %g: %v, want %v", turns, unit, got, want)
				}
			}
		}
	}
}
