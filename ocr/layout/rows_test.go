package layout

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

// blots is a picture of specks that run together, some of them into long lines.
func blots(rnd *rand.Rand, w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	g.Stride += rnd.IntN(3)
	g.Pix = make([]byte, g.Stride*h)
	for i := range g.Pix {
		g.Pix[i] = 255
		if rnd.IntN(4) == 0 || i > 0 && g.Pix[i-1] < 200 && rnd.IntN(4) > 0 || i >= g.Stride && g.Pix[i-g.Stride] < 200 && rnd.IntN(4) > 0 {
			g.Pix[i] = byte(rnd.IntN(256))
		}
	}
	for range rnd.IntN(4) { // lines that miss three pixels here and there, or two
		at, from, across := rnd.IntN(w*h), rnd.IntN(9), rnd.IntN(2) == 0
		for i := range 10 + rnd.IntN(160) {
			x, y := at%w, at/w
			if across {
				x += i
			} else {
				y += i
			}
			if x < w && y < h && i%(20+from) > 3-i%2 {
				g.Pix[y*g.Stride+x] = 20
			}
		}
	}
	return g
}

func sizes(rnd *rand.Rand, round int) (w, h int) {
	w, h = 1+rnd.IntN(200), 1+rnd.IntN(160)
	if round%100 == 0 {
		w = 1000 + rnd.IntN(3000)
	}
	return w, h
}

// The bits are the pixels, whatever the width, and none are behind them; they are counted
// right, and their stretches are what is dark between what is not.
func TestBits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var s shelf
	for round := range 400 {
		w, h := sizes(rnd, round)
		g := blots(rnd, w, h)
		limit := []uint8{1, 128, dark, faint, 255}[rnd.IntN(5)]
		copy, b := copied(&s, g, limit)
		full, all, n, more := inkOf(&s, g, dark, faint)
		places, begun := make([]int32, w+1), 0
		for y := range h {
			row := g.Pix[y*g.Stride:][:w]
			if !slices.Equal(row, copy.Pix[y*copy.Stride:][:w]) {
				t.Fatalf("row %d is another in the copy", y)
			}
			var want []int32
			for x, v := range row {
				if b.has(x, y) != (v < limit) || full.has(x, y) != (v < dark) || all.has(x, y) != (v < faint) {
					t.Fatalf("%d of %d by %d at %d, %d is not told from %d, %d, %d", v, w, h, x, y, limit, dark, faint)
				}
				if v < dark {
					n--
				} else if v < faint {
					more--
				}
				if (v < limit) != (x > 0 && row[x-1] < limit) {
					want = append(want, int32(x))
				}
			}
			begun += (len(want) + 1) / 2
			if len(want)%2 > 0 {
				want = append(want, int32(w))
			}
			if got := b.stretches(places, y); !slices.Equal(got, want) {
				t.Fatalf("darker than %d of %v: %v, not %v", limit, row, got, want)
			}
			for _, set := range []bits{b, full, all} {
				if last := set.row(y)[wordsOf(w)-1]; w%64 > 0 && last>>(w%64) > 0 {
					t.Fatalf("%x behind %d pixels", last, w)
				}
			}
		}
		if n != 0 || more != 0 {
			t.Fatalf("%d dark pixels and %d pale ones are not there", n, more)
		}
		if runs, _, _ := b.runs(&s); len(runs) != begun {
			t.Fatalf("%d runs, not %d", len(runs), begun)
		}
	}
}

// Of rows and columns that are left out none has a stretch that is long enough.
func TestLong(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	found := 0
	for round := range 600 {
		w, h := sizes(rnd, round)
		_, b := copied(&shelf{}, blots(rnd, w, h), pale)
		least := int32(4 + rnd.IntN(90))
		var level, uprights []run
		for y := range h {
			var s stretch
			for x := range w {
				if !b.has(x, y) {
					continue
				}
				if r, ok := s.take(int32(x), least); ok {
					level = append(level, run{int32(y), r.x0, r.x1})
				}
			}
			if r, ok := s.take(int32(w)+breach+1, least); ok {
				level = append(level, run{int32(y), r.x0, r.x1})
			}
		}
		for x := range w {
			var s stretch
			for y := range h {
				if !b.has(x, y) {
					continue
				}
				if r, ok := s.take(int32(y), least); ok {
					uprights = append(uprights, run{int32(x), r.x0, r.x1})
				}
			}
			if r, ok := s.take(int32(h)+breach+1, least); ok {
				uprights = append(uprights, run{int32(x), r.x0, r.x1})
			}
		}
		rows, columns := b.long(least)
		if got := b.level(rows, least); !slices.Equal(got, level) {
			t.Fatalf("%d by %d, at least %d: %v, not %v", w, h, least, got, level)
		}
		if got := b.upright(columns, least); !slices.Equal(got, uprights) {
			t.Fatalf("upright, %d by %d, at least %d: %v, not %v", w, h, least, got, uprights)
		}
		if least >= 15 {
			found += len(level) + len(uprights)
		}
	}
	if found < 1000 {
		t.Errorf("only %d stretches were long", found)
	}
}

// A stain is what can be walked over dark pixels, corners among the ways.
func TestStains(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 150 {
		w, h := 1+rnd.IntN(140), 1+rnd.IntN(60)
		var shelf shelf
		_, b := copied(&shelf, blots(rnd, w, h), 128)
		of := make([]int, w*h)
		var want []stain
		for at := range of {
			if of[at] > 0 || !b.has(at%w, at/w) {
				continue
			}
			s := stain{}
			for next := []int{at}; len(next) > 0; {
				p := next[len(next)-1]
				next = next[:len(next)-1]
				if of[p] > 0 {
					continue
				}
				of[p] = len(want) + 1
				x, y := p%w, p/w
				s.box, s.area = s.box.Union(image.Rect(x, y, x+1, y+1)), s.area+1
				for v := max(y-1, 0); v <= min(y+1, h-1); v++ {
					for u := max(x-1, 0); u <= min(x+1, w-1); u++ {
						if b.has(u, v) {
							next = append(next, v*w+u)
						}
					}
				}
			}
			want = append(want, s)
		}
		for at, n := range of {
			if x, y := int32(at%w), int32(at/w); n > 0 {
				s := &want[n-1]
				if last := len(s.runs) - 1; last >= 0 && s.runs[last].y == y && s.runs[last].x1 == x {
					s.runs[last].x1++
				} else {
					s.runs = append(s.runs, run{y, x, x + 1})
				}
			}
		}
		if got := b.stains(&shelf); !slices.EqualFunc(got, want, func(a, b stain) bool {
			return a.box == b.box && a.area == b.area && slices.Equal(a.runs, b.runs)
		}) {
			t.Fatalf("%d by %d: %v, not %v", w, h, got, want)
		}
	}
}
