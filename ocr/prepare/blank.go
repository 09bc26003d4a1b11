package prepare

import "image"

// inkGrey is how dark ink is on a normalised page; what shines through from
// the other side is paler.
const inkGrey = 128

// Blank reports whether nothing is on the normalised page g, of square pixels
// at dpi, within the outer four millimetres. Dust up to 1.4 mm, folds and other
// long thin lines, and what shines through from the other side are nothing; a
// digit, a signature or a stamp is something: a square millimetre of ink in
// pieces larger than dust.
func Blank(g *image.Gray, dpi float64) bool {
	mm := dpi / 25.4
	w, h := g.Rect.Dx(), g.Rect.Dy()
	edge := max(1, int(4*mm))
	if w <= 2*edge || h <= 2*edge {
		return true
	}
	inside := image.Rect(edge, edge, w-edge, h-edge)
	p := pieces{g: g, inside: inside, seen: make([][]bool, h)}
	ink := 0
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		row := g.Pix[y*g.Stride:]
		for x := inside.Min.X; x < inside.Max.X; x++ {
			if row[x] >= inkGrey || p.wasSeen(x, y) {
				continue
			}
			frame, n := p.piece(x, y)
			if isMark(frame, n, mm) {
				ink += n
			}
			if float64(ink) >= mm*mm {
				return false
			}
		}
	}
	return true
}

// isMark tells a piece of writing from dust and from folds.
func isMark(frame image.Rectangle, pixels int, mm float64) bool {
	long, short := float64(frame.Dx()), float64(frame.Dy())
	if long < short {
		long, short = short, long
	}
	if long < 1.4*mm {
		return false
	}
	thick := float64(pixels) / long
	return !(thick < 0.9*mm && long > 5*mm && short < 0.7*mm+0.06*long)
}

// pieces are stretches of ink that hang together, also by corners.
type pieces struct {
	g      *image.Gray
	inside image.Rectangle
	seen   [][]bool // rows, made when something in them is seen: most pages are not blank, which shows at once
	queue  []image.Point
}

func (p *pieces) wasSeen(x, y int) bool { return p.seen[y] != nil && p.seen[y][x] }

func (p *pieces) see(x, y int) {
	if p.seen[y] == nil {
		p.seen[y] = make([]bool, p.g.Rect.Dx())
	}
	p.seen[y][x] = true
}

// mostOfPiece is how many pixels of one piece are looked at: no dust and no fold has
// more.
const mostOfPiece = 100000

// piece returns the frame of the piece at (x, y) and the number of its pixels.
func (p *pieces) piece(x, y int) (image.Rectangle, int) {
	p.queue = append(p.queue[:0], image.Pt(x, y))
	p.see(x, y)
	frame := image.Rect(x, y, x+1, y+1)
	for k := 0; k < len(p.queue) && k < mostOfPiece; k++ {
		at := p.queue[k]
		frame = frame.Union(image.Rect(at.X, at.Y, at.X+1, at.Y+1))
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				next := at.Add(image.Pt(dx, dy))
				if !next.In(p.inside) || p.wasSeen(next.X, next.Y) || p.g.Pix[next.Y*p.g.Stride+next.X] >= inkGrey {
					continue
				}
				p.see(next.X, next.Y)
				p.queue = append(p.queue, next)
			}
		}
	}
	return frame, len(p.queue)
}
