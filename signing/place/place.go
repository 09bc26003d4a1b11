// Package place finds where on a page a mark can stand without standing on
// anything. [Ink] is what a page shows, as a grid of dark and light; [Find] looks
// for a free spot near the corner that the law names and no farther than a
// [Rule] allows. Where there is none a person must say: the error is an [Asks]
// with spots to choose from.
//
// Places are in points from the lower left of the page as it is seen; people
// give and get them in millimetres from its upper left, see [Spot].
package place

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"sohoa/pdf/revision"
	"sohoa/signing/mark"
)

// A Rule is how a mark may move.
type Rule struct {
	Corner mark.Corner
	mark.Move
}

// A Size is the extent of a mark in points.
type Size struct{ Width, Height float64 }

// A Spot is the upper left corner of a mark, in millimetres from the upper left
// of the page as it is seen.
type Spot struct{ X, Y float64 }

func (s Spot) String() string { return fmt.Sprintf("%.0f,%.0f", s.X, s.Y) }

// Asks is the error of a mark that has no free place within its rule.
type Asks struct {
	Why        string // English
	Page       int
	Candidates []Spot // free ones elsewhere on the page, nearest first; may be none
}

func (a *Asks) Error() string {
	s := fmt.Sprintf("no place for the mark on page %d: %s", a.Page, a.Why)
	if len(a.Candidates) == 0 {
		return s + "; the page has no free place at all"
	}
	var spots []string
	for _, c := range a.Candidates {
		spots = append(spots, c.String())
	}
	return s + "; free places (millimetres from the left, from the top): " + strings.Join(spots, "  ")
}

// Rect returns where a mark of a size stands whose upper left corner is s.
func (s Spot) Rect(size Size, page *revision.Page) revision.Rect {
	x, y := s.X*mark.PerMM, page.Height-s.Y*mark.PerMM
	return revision.Rect{X0: x, Y0: y - size.Height, X1: x + size.Width, Y1: y}
}

func spotOf(r revision.Rect, page *revision.Page) Spot {
	return Spot{r.X0 / mark.PerMM, (page.Height - r.Y1) / mark.PerMM}
}

// Home returns where a mark stands in its corner if nothing is in the way, the
// edges scaled.
func Home(size Size, page *revision.Page, r Rule, scale float64) revision.Rect {
	return at(size, page, r.Corner, r.Edge*scale*mark.PerMM, r.Edge*scale*mark.PerMM)
}

// at puts a mark into a corner, away from the page's edges by x and y.
func at(size Size, page *revision.Page, c mark.Corner, x, y float64) revision.Rect {
	if c == mark.TopRight || c == mark.BottomRight {
		x = page.Width - x - size.Width
	}
	if c == mark.TopLeft || c == mark.TopRight {
		y = page.Height - y - size.Height
	}
	return revision.Rect{X0: x, Y0: y, X1: x + size.Width, Y1: y + size.Height}
}

// Ink is where a page is dark.
type Ink struct {
	w, h   int
	px, py float64 // pixels in a point
	sums   []int32 // of dark pixels above and left of each
}

// See takes a picture of a page in grey. Paper is what most of it is; ink is
// what is clearly darker. Specks that no letter is made of do not count.
func See(img *image.Gray, page *revision.Page) *Ink {
	k := &Ink{w: img.Rect.Dx(), h: img.Rect.Dy()}
	k.px, k.py = float64(k.w)/page.Width, float64(k.h)/page.Height
	limit := darkness(img)
	dark := make([]bool, k.w*k.h)
	for y := range k.h {
		for x := range k.w {
			dark[y*k.w+x] = img.Pix[y*img.Stride+x] < limit
		}
	}
	despeckle(dark, k.w, k.h)
	k.sums = make([]int32, (k.w+1)*(k.h+1))
	for y := range k.h {
		row := int32(0)
		for x := range k.w {
			if dark[y*k.w+x] {
				row++
			}
			k.sums[(y+1)*(k.w+1)+x+1] = k.sums[y*(k.w+1)+x+1] + row
		}
	}
	return k
}

// darkness returns the brightness below which a pixel is ink: a good deal
// darker than the commonest one.
func darkness(img *image.Gray) uint8 {
	var count [256]int
	for y := range img.Rect.Dy() {
		for _, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			count[v]++
		}
	}
	paper, most := 255, 0
	for v := 128; v < 256; v++ { // paper is not dark
		near := 0
		for i := max(0, v-4); i <= min(255, v+4); i++ {
			near += count[i]
		}
		if near >= most {
			paper, most = v, near
		}
	}
	return uint8(max(paper-48, 40))
}

// speck is how many pixels that touch are no ink: at 72 dpi, less than half a
// square millimetre.
const speck = 3

// despeckle clears groups of at most speck pixels.
func despeckle(dark []bool, w, h int) {
	seen := make([]bool, len(dark))
	var group []int
	for i := range dark {
		if !dark[i] || seen[i] {
			continue
		}
		group = append(group[:0], i)
		seen[i] = true
		for n := 0; n < len(group); n++ {
			x, y := group[n]%w, group[n]/w
			for yy := max(0, y-1); yy <= min(h-1, y+1); yy++ {
				for xx := max(0, x-1); xx <= min(w-1, x+1); xx++ {
					if j := yy*w + xx; dark[j] && !seen[j] {
						seen[j] = true
						group = append(group, j)
					}
				}
			}
		}
		if len(group) <= speck {
			for _, j := range group {
				dark[j] = false
			}
		}
	}
}

// Covered returns how many dark pixels a rectangle, grown by clear points,
// holds.
func (k *Ink) Covered(r revision.Rect, clear float64) int {
	x0 := clamp(int(math.Floor((r.X0-clear)*k.px)), k.w)
	x1 := clamp(int(math.Ceil((r.X1+clear)*k.px)), k.w)
	y0 := clamp(k.h-int(math.Ceil((r.Y1+clear)*k.py)), k.h)
	y1 := clamp(k.h-int(math.Floor((r.Y0-clear)*k.py)), k.h)
	if x0 >= x1 || y0 >= y1 {
		return 0
	}
	s := func(x, y int) int32 { return k.sums[y*(k.w+1)+x] }
	return int(s(x1, y1) - s(x0, y1) - s(x1, y0) + s(x0, y0))
}

func clamp(v, most int) int { return min(max(v, 0), most) }

// step is how finely places are tried, in millimetres.
const step = 0.5

// reshaped is what it costs to change a mark's shape, in millimetres of way: to
// move a little is better than to look unusual.
const reshaped = 8.0

// Find returns the shape, by its number in sizes, and the place that stand on no
// ink, as near as can be to the corner that rule names. The sizes are of the
// same mark, best first. The error is an *[Asks] if there is no such place.
func Find(k *Ink, page *revision.Page, sizes []Size, rule Rule, scale float64) (int, revision.Rect, error) {
	i, r, covered := search(k, page, sizes, rule, scale, 0)
	if covered == 0 {
		return i, r, nil
	}
	return 0, revision.Rect{}, &Asks{Why: fmt.Sprintf("everything near the corner %s is written on", rule.Corner), Page: page.Number,
		Candidates: k.spots(page, sizes[0], rule, rule.Clear*mark.PerMM)}
}

// Least is Find for marks that nobody is asked about: where nothing is free it
// returns the shape and the place that cover least ink.
func Least(k *Ink, page *revision.Page, sizes []Size, rule Rule, scale float64) (int, revision.Rect) {
	i, r, covered := search(k, page, sizes, rule, scale, 0)
	if covered != 0 {
		i, r, _ = search(k, page, sizes, rule, scale, math.MaxInt32)
	}
	return i, r
}

// search looks for the place that covers least ink, no more than most pixels,
// and of those the nearest. It returns how much it covers, -1 if there is none.
func search(k *Ink, page *revision.Page, sizes []Size, rule Rule, scale float64, most int) (shape int, place revision.Rect, covered int) {
	clear, cost := rule.Clear*mark.PerMM, math.Inf(1)
	covered = -1
	for i, size := range sizes {
		for x := rule.Least * scale; x <= (rule.Edge+rule.Along)*scale; x += step * scale {
			for y := rule.Least * scale; y <= (rule.Edge+rule.Down)*scale; y += step * scale {
				c := float64(i)*reshaped + math.Abs(x-rule.Edge*scale) + 1.5*math.Abs(y-rule.Edge*scale)
				if covered == 0 && c >= cost {
					continue
				}
				r := at(size, page, rule.Corner, x*mark.PerMM, y*mark.PerMM)
				if !inside(r, page) {
					continue
				}
				if n := k.Covered(r, clear); n <= most && (covered < 0 || n < covered || n == covered && c < cost) {
					shape, place, covered, cost = i, r, n, c
				}
			}
		}
	}
	return shape, place, covered
}

func inside(r revision.Rect, page *revision.Page) bool {
	return r.X0 >= 0 && r.Y0 >= 0 && r.X1 <= page.Width && r.Y1 <= page.Height
}

// spots returns free places on all of the page, nearest to the corner first and
// not crowded together.
func (k *Ink) spots(page *revision.Page, size Size, rule Rule, clear float64) []Spot {
	type found struct {
		spot Spot
		far  float64
	}
	var all []found
	home := spotOf(Home(size, page, rule, 1), page)
	coarse := max(2, max(page.Width, page.Height)/mark.PerMM/200)
	for x := rule.Least; (x+rule.Least)*mark.PerMM+size.Width <= page.Width; x += coarse {
		for y := rule.Least; (y+rule.Least)*mark.PerMM+size.Height <= page.Height; y += coarse {
			s := Spot{math.Round(x), math.Round(y)}
			if k.Covered(s.Rect(size, page), clear) == 0 {
				all = append(all, found{s, math.Hypot(s.X-home.X, s.Y-home.Y)})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.far, b.far) })
	var out []Spot
	for _, f := range all {
		if len(out) == 5 {
			break
		}
		if !slices.ContainsFunc(out, func(s Spot) bool { return math.Hypot(s.X-f.spot.X, s.Y-f.spot.Y) < 25 }) {
			out = append(out, f.spot)
		}
	}
	return out
}
