package prepare

import "image"

// A tone is what the greys of an evenly lit page are.
type tone struct {
	ink   int // four fifths of the strokes with sharp edges are no lighter
	dark  int // pixels about as dark as the ink
	ghost int // pixels between ink and paper with no edge beside them
}

// toneOf looks at one row in three. Strokes have sharp edges: it is lighter by a
// third of the scale two pixels beside. What shines through from the other
// side is blurred by the paper, and has none.
func toneOf(g *image.Gray) tone {
	var strokes [256]int32
	var ghosts int32
	t := tone{}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 1; y < h; y += 3 {
		strokesOf(g.Pix[y*g.Stride:][:w], &strokes, &ghosts)
	}
	t.ghost = int(ghosts)
	n := 0
	for _, k := range strokes {
		n += int(k)
	}
	if 8*n < t.ghost { // too few strokes to speak for the page: its own ink is pale
		t.ink = 255
		return t
	}
	for sum := int(strokes[0]); 5*sum < 4*n; sum += int(strokes[t.ink]) {
		t.ink++
	}
	// But for the first two of each row and the last two, which tell of no stroke either.
	rows := (h + 1) / 3
	t.dark = max(w-4, 0) * rows
	if least := t.ink + 45; least < 256 && t.dark > 0 {
		t.dark -= lighterOf(g.Pix[g.Stride+2:], 3*g.Stride, w-4, rows, uint8(least))
	}
	return t
}

// fadeBleed makes white what shines through from the other side. It is told by
// how much of the page is neither black nor white nor the edge of a stroke: a
// twelfth as much as is black on other pages of good ink, a fourth on pale and
// faded ones. Pages whose own ink is as pale are left alone.
func fadeBleed(g *image.Gray) {
	t := toneOf(g)
	good := t.ink < 120 && 4*t.ghost > t.dark
	fair := t.ink < 145 && 12*t.ghost > 5*t.dark
	if !good && !fair {
		return
	}
	const white = 220 // of 255: all that is lighter
	var to [256]byte
	for v := range to {
		to[v] = byte(min(255, v*255/white))
	}
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride:][:g.Rect.Dx()]
		for x, v := range row {
			row[x] = to[v]
		}
	}
}
