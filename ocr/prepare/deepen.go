package prepare

import "image"

const (
	// deepTile is the side of the tiles that deepen looks at, in inches.
	deepTile = 0.2
	// goodInk is how dark the strokes of good ink are, at the lightest.
	goodInk = 135
	// deepInk is what the ink of a pale tile becomes.
	deepInk = 90
	// leastStroke is how much darker a stroke is than both its sides.
	leastStroke = 36
	// fewStrokes in a tile and the eight about it do not speak for its ink.
	fewStrokes = 24
	// mostDeeper is the most by which contrast is multiplied.
	mostDeeper = 3
)

// deepen makes pale ink as dark as good ink is, tile by tile: a cartridge that
// runs empty leaves streaks down the page, a worn ribbon pale letters among
// full ones. A page on which less than a fifth of the strokes are pale is left
// as it is. What shines through pale print is as pale as it, and is told from it
// only when the print is dark: it is looked for once more, and must be more than what noise
// and the shadow of a fold leave between ink and paper, which became darker as well.
func deepen(g *image.Gray, dpi float64) {
	t := &inks{side: max(8, int(dpi*deepTile)), w: g.Rect.Dx(), h: g.Rect.Dy()}
	t.count(g)
	if 5*t.pale < t.all {
		return
	}
	t.weigh()
	t.apply(g)
	if again := toneOf(g); 12*again.ghost > 5*again.dark {
		fadeBleed(g)
	}
}

// inks are the tiles of a page and how dark the strokes in each are.
type inks struct {
	side, w, h int
	cols, rows int
	strokes    [][16]int32 // of each tile, by darkness
	by         []int32     // what contrast is to be multiplied with, in 256ths
	pale, all  int
}

// count looks at two rows in three. A stroke is no lighter than its neighbours
// and clearly darker than what lies three pixels to both sides; what shines
// through, or is the shadow of a fold, is blurred.
func (t *inks) count(g *image.Gray) {
	t.cols, t.rows = (t.w+t.side-1)/t.side, (t.h+t.side-1)/t.side
	t.strokes = make([][16]int32, t.cols*t.rows)
	var all, pale int32
	for y := range t.h {
		if y%3 == 2 {
			continue
		}
		inksOf(g.Pix[y*g.Stride:][:t.w], t.side, t.strokes[y/t.side*t.cols:], &all, &pale)
	}
	t.all, t.pale = int(all), int(pale)
}

// weigh finds how much deeper each tile is to be, by three quarters of the
// strokes in it and about it.
func (t *inks) weigh() {
	t.by = make([]int32, len(t.strokes))
	for r := range t.rows {
		for c := range t.cols {
			var sum [16]int32
			n := int32(0)
			for y := max(r-1, 0); y <= min(r+1, t.rows-1); y++ {
				for x := max(c-1, 0); x <= min(c+1, t.cols-1); x++ {
					weight := int32(1)
					if x == c {
						weight = 3 // streaks run down the page
					}
					for i, k := range t.strokes[y*t.cols+x] {
						sum[i] += weight * k
						n += weight * k
					}
				}
			}
			t.by[r*t.cols+c] = 256
			if n < fewStrokes {
				continue
			}
			ink, seen := 0, int32(0)
			for i, k := range sum {
				if seen += k; 4*seen >= 3*n {
					ink = 16*i + 8
					break
				}
			}
			if ink > goodInk {
				t.by[r*t.cols+c] = int32(min(mostDeeper*256, 256*(255-deepInk)/(255-ink)))
			}
		}
	}
}

// apply multiplies the contrast of each pixel as the tiles about it say.
func (t *inks) apply(g *image.Gray) {
	line := make([]int32, t.cols)
	for y := range t.h {
		r0, r1, fy := t.between(y, t.rows)
		for c := range line {
			line[c] = (t.by[r0*t.cols+c]*(256-fy) + t.by[r1*t.cols+c]*fy) >> 8
		}
		row := g.Pix[y*g.Stride:][:t.w]
		for x, v := range row {
			if v == 255 {
				continue
			}
			c0, c1, fx := t.between(x, t.cols)
			by := (line[c0]*(256-fx) + line[c1]*fx) >> 8
			if by > 256 {
				row[x] = byte(max(0, 255-(int32(255-v)*by)>>8))
			}
		}
	}
}

// between returns the tiles whose middles lie about a place, and how far it is
// from the first to the second, in 256ths.
func (t *inks) between(at, n int) (a, b int, part int32) {
	at -= t.side / 2
	if at < 0 {
		return 0, 0, 0
	}
	a = at / t.side
	return a, min(a+1, n-1), int32(at % t.side * 256 / t.side)
}
