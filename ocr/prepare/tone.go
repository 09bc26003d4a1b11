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
	var strokes, all [256]int
	n := 0
	t := tone{}
	for y := 1; y < g.Rect.Dy(); y += 3 {
		row := g.Pix[y*g.Stride:][:g.Rect.Dx()]
		for x := 2; x+2 < len(row); x++ {
			v := int(row[x])
			all[v]++
			if v > 225 {
				continue
			}
			left, right := int(row[x-2])-v, int(row[x+2])-v
			if (left >= 90 || right >= 90) && row[x] <= row[x-1] && row[x] <= row[x+1] {
				strokes[v]++
				n++
			}
			if v >= 120 && left < 25 && left > -25 && right < 25 && right > -25 {
				t.ghost++
			}
		}
	}
	if 8*n < t.ghost { // too few strokes to speak for the page: its own ink is pale
		t.ink = 255
		return t
	}
	for sum := strokes[0]; 5*sum < 4*n; sum += strokes[t.ink] {
		t.ink++
	}
	for v := range min(256, t.ink+45) {
		t.dark += all[v]
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
	const white = 205 // of 255: all that is lighter
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
