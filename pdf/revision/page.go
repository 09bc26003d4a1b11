package revision

import (
	"fmt"
	"maps"
	"math"
)

// A Page is a page of a file, as it is seen: turned, and cut to its crop box.
type Page struct {
	Ref           Ref
	Number        int     // from 1
	Width, Height float64 // points of 1/72 inch, whatever the page's own unit

	dict  Dict
	turns int        // clockwise quarter turns
	box   [4]float64 // left, bottom, right, top in user space
	unit  float64    // points of one unit of user space (14.11.3, UserUnit)
}

// A Rect is a rectangle on a page as it is seen: points from its lower left.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// Last is the number of the last page, for [File.Page].
const Last = -1

// maxPages is the most pages that are looked through.
const maxPages = 100000

// FirstPage returns the first page (7.7.3).
func (f *File) FirstPage() (*Page, error) { return f.Page(1) }

// Page returns page n, counted from 1, or the last one for [Last]. The error
// wraps [ErrDamaged]; [ErrNoPage] if there are fewer pages.
func (f *File) Page(n int) (*Page, error) {
	return f.find(&pageWalk{file: f, want: n, seen: map[Ref]bool{}})
}

func (f *File) find(w *pageWalk) (*Page, error) {
	catalog, _, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	root, ok := catalog["Pages"].(Ref)
	if !ok {
		return nil, fmt.Errorf("%w: no pages", ErrDamaged)
	}
	if err := w.down(root, Dict{}, 0); err != nil {
		return nil, err
	}
	if w.found == nil || w.want > 0 && w.passed < w.want || w.want == 0 || w.stop.Num != 0 && w.ref != w.stop {
		return nil, fmt.Errorf("%w: page %d of %d", ErrNoPage, w.want, w.passed)
	}
	p, err := f.page(w.ref, w.found, w.inherited)
	if p != nil {
		p.Number = w.passed
	}
	return p, err
}

// PageOf returns the page that is object ref. The error wraps [ErrNoPage] if no
// page is.
func (f *File) PageOf(ref Ref) (*Page, error) {
	return f.find(&pageWalk{file: f, want: Last, stop: ref, seen: map[Ref]bool{}})
}

// A pageWalk goes through the page tree to a page.
type pageWalk struct {
	file             *File
	want, passed     int
	stop             Ref // the page to stop at, if not a number's
	seen             map[Ref]bool
	ref              Ref
	found, inherited Dict
}

func (w *pageWalk) down(ref Ref, above Dict, depth int) error {
	if depth > maxDepth || w.seen[ref] || len(w.seen) > maxPages {
		return fmt.Errorf("%w: page tree", ErrDamaged)
	}
	w.seen[ref] = true
	d, err := w.file.DictOf(ref)
	if err != nil {
		return err
	}
	inherited := maps.Clone(above)
	for _, k := range []Name{"MediaBox", "CropBox", "Rotate", "UserUnit"} {
		if v, ok := d[k]; ok {
			inherited[k] = v
		}
	}
	if d["Type"] == Name("Page") {
		w.passed++
		w.ref, w.found, w.inherited = ref, d, inherited
		return nil
	}
	kids, err := w.file.ArrayOf(d["Kids"])
	if err != nil {
		return err
	}
	if len(kids) == 0 && depth == 0 {
		return fmt.Errorf("%w: no first page", ErrDamaged)
	}
	for _, k := range kids {
		if w.want > 0 && w.passed == w.want || w.stop.Num != 0 && w.found != nil && w.ref == w.stop {
			return nil
		}
		kid, ok := k.(Ref)
		if !ok {
			return fmt.Errorf("%w: a page is not an object by itself", ErrDamaged)
		}
		if err := w.down(kid, inherited, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) page(ref Ref, d, inherited Dict) (*Page, error) {
	p := &Page{Ref: ref, dict: d, unit: 1}
	if u, err := f.Resolve(inherited["UserUnit"]); err != nil {
		return nil, err
	} else if u != nil {
		n, _ := u.(Number)
		v, ok := n.Float()
		if !ok || v < 0.01 || v > 10000 {
			return nil, fmt.Errorf("%w: UserUnit", ErrDamaged)
		}
		p.unit = v
	}
	media, err := f.Box(inherited["MediaBox"])
	if err != nil {
		return nil, err
	}
	p.box = media
	if c, ok := inherited["CropBox"]; ok {
		crop, err := f.Box(c)
		if err != nil {
			return nil, err
		}
		p.box = [4]float64{max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])}
	}
	if r, err := f.Resolve(inherited["Rotate"]); err != nil {
		return nil, err
	} else if n, ok := r.(Number); ok {
		deg, _ := n.Int()
		if deg%90 != 0 {
			return nil, fmt.Errorf("%w: page turned by %d degrees", ErrDamaged, deg)
		}
		p.turns = int((deg/90%4 + 4) % 4)
	}
	p.Width, p.Height = (p.box[2]-p.box[0])*p.unit, (p.box[3]-p.box[1])*p.unit
	if !(p.Width >= 1 && p.Height >= 1) {
		return nil, fmt.Errorf("%w: page of %g by %g points", ErrDamaged, p.Width, p.Height)
	}
	if p.turns%2 == 1 {
		p.Width, p.Height = p.Height, p.Width
	}
	return p, nil
}

// Box reads a rectangle (7.9.5): left, bottom, right, top.
func (f *File) Box(o Object) (b [4]float64, err error) {
	a, err := f.ArrayOf(o)
	if err != nil {
		return b, err
	}
	if len(a) != 4 {
		return b, fmt.Errorf("%w: page box", ErrDamaged)
	}
	for i, e := range a {
		if e, err = f.Resolve(e); err != nil {
			return b, err
		}
		n, _ := e.(Number)
		v, ok := n.Float()
		if !ok || math.Abs(v) > 1e6 {
			return b, fmt.Errorf("%w: page box", ErrDamaged)
		}
		b[i] = v
	}
	return [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}, nil
}

// user turns r, as seen, into user space.
func (p *Page) user(r Rect) Array {
	w, h := p.box[2]-p.box[0], p.box[3]-p.box[1]
	r = Rect{r.X0 / p.unit, r.Y0 / p.unit, r.X1 / p.unit, r.Y1 / p.unit}
	switch p.turns {
	case 1:
		r = Rect{w - r.Y1, r.X0, w - r.Y0, r.X1}
	case 2:
		r = Rect{w - r.X1, h - r.Y1, w - r.X0, h - r.Y0}
	case 3:
		r = Rect{r.Y0, h - r.X1, r.Y1, h - r.X0}
	}
	return Array{Real(p.box[0] + r.X0), Real(p.box[1] + r.Y0), Real(p.box[0] + r.X1), Real(p.box[1] + r.Y1)}
}

// Seen turns a rectangle of user space, as /Rect has it, into one on the page as
// it is seen: the reverse of where marks are put.
func (p *Page) Seen(b [4]float64) Rect {
	w, h := p.box[2]-p.box[0], p.box[3]-p.box[1]
	r := Rect{b[0] - p.box[0], b[1] - p.box[1], b[2] - p.box[0], b[3] - p.box[1]}
	switch p.turns {
	case 1:
		r = Rect{r.Y0, w - r.X1, r.Y1, w - r.X0}
	case 2:
		r = Rect{w - r.X1, h - r.Y1, w - r.X0, h - r.Y0}
	case 3:
		r = Rect{h - r.Y1, r.X0, h - r.Y0, r.X1}
	}
	return Rect{r.X0 * p.unit, r.Y0 * p.unit, r.X1 * p.unit, r.Y1 * p.unit}
}

// Matrix returns the matrix of a form that is to be seen upright (8.10, 12.5.5).
func (p *Page) Matrix() Array {
	m := [][]int{{1, 0, 0, 1, 0, 0}, {0, 1, -1, 0, 0, 0}, {-1, 0, 0, -1, 0, 0}, {0, -1, 1, 0, 0, 0}}[p.turns]
	out := Array{}
	for _, v := range m {
		out = append(out, Int(v))
	}
	return out
}

// User returns r, as seen, in user space: left, bottom, right, top.
func (p *Page) User(r Rect) (b [4]float64) {
	for i, o := range p.user(r) {
		b[i], _ = o.(Number).Float()
	}
	return b
}

// Plain reports whether the page is seen as it is written: not turned, in points.
func (p *Page) Plain() bool { return p.turns == 0 && p.unit == 1 }

// Turned reports whether the page is seen turned by a quarter.
func (p *Page) Turned() bool { return p.turns%2 == 1 }
