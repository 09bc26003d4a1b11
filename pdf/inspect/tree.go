package inspect

import (
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// A leaf is a page with what it inherits (ISO 32000-1 7.7.3.4).
type leaf struct {
	dict      types.Dict
	object    int // its number; 0 if it stands within another
	resources types.Dict
	box       rect // what is seen of it, in points
	turn      int  // clockwise quarter turns
	unit      float64
}

// A rect is in points, or in whatever units its maker says.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) width() float64  { return r.x1 - r.x0 }
func (r rect) height() float64 { return r.y1 - r.y0 }

// pages walks the page tree. It enters no node twice.
func (f *File) pages() ([]leaf, error) {
	root, err := f.ctx.Catalog()
	if err != nil {
		return nil, damaged(0, "the PDF has no catalogue")
	}
	w := &walk{f: f, seen: map[types.IndirectRef]bool{}}
	if err := w.node(root["Pages"], types.Dict{}, 0); err != nil {
		return nil, err
	}
	if err := f.l.CheckPages(len(w.leaves)); err != nil {
		return nil, err
	}
	top := dictOf(f.resolve(root["Pages"]))
	if n, ok := f.resolve(top["Count"]).(types.Integer); !ok || int(n) != len(w.leaves) {
		return nil, damaged(0, fmt.Sprintf("the PDF says it has %v pages, but %d are there", top["Count"], len(w.leaves)))
	}
	return w.leaves, nil
}

type walk struct {
	f      *File
	seen   map[types.IndirectRef]bool
	leaves []leaf
}

func (w *walk) node(o types.Object, above types.Dict, depth int) error {
	if ref, ok := o.(types.IndirectRef); ok {
		if w.seen[ref] || depth > maxDepth {
			return damaged(0, "the PDF's pages run in a circle")
		}
		w.seen[ref] = true
	}
	d := dictOf(w.f.resolve(o))
	if d == nil {
		if depth == 0 {
			return damaged(0, "the PDF has no page tree")
		}
		return damaged(len(w.leaves)+1, "a page of the PDF is missing")
	}
	all := types.Dict{}
	for _, key := range [...]string{"Resources", "MediaBox", "CropBox", "Rotate"} {
		if all[key] = d[key]; d[key] == nil {
			all[key] = above[key]
		}
	}
	kids, isNode := w.f.resolve(d["Kids"]).(types.Array)
	if !isNode {
		if w.f.name(d, "Type") == "Pages" {
			return nil // a node without pages
		}
		if len(w.leaves) == w.f.l.Pages {
			return w.f.l.CheckPages(w.f.l.Pages + 1)
		}
		page := w.f.leaf(d, all)
		if ref, ok := o.(types.IndirectRef); ok {
			page.object = int(ref.ObjectNumber)
		}
		w.leaves = append(w.leaves, page)
		return nil
	}
	for _, kid := range kids {
		if err := w.node(kid, all, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) leaf(d, inherited types.Dict) leaf {
	p := leaf{dict: plainKeys(d), resources: f.dict(inherited, "Resources"), unit: 1, box: rect{0, 0, 612, 792}}
	if box, ok := f.rect(inherited["MediaBox"]); ok {
		p.box = box
	}
	if crop, ok := f.rect(inherited["CropBox"]); ok {
		cut := rect{max(p.box.x0, crop.x0), max(p.box.y0, crop.y0), min(p.box.x1, crop.x1), min(p.box.y1, crop.y1)}
		if cut.width() > 0 && cut.height() > 0 {
			p.box = cut
		}
	}
	if r, ok := number(f.resolve(inherited["Rotate"])); ok {
		p.turn = ((int(r)/90)%4 + 4) % 4
	}
	if u, ok := number(f.resolve(d["UserUnit"])); ok && u > 0 {
		p.unit = u
	}
	return p
}

// rect reads a rectangle, its corners in any order.
func (f *File) rect(o types.Object) (rect, bool) {
	a, ok := f.resolve(o).(types.Array)
	if !ok || len(a) != 4 {
		return rect{}, false
	}
	var v [4]float64
	for i := range v {
		if v[i], ok = number(f.resolve(a[i])); !ok {
			return rect{}, false
		}
	}
	r := rect{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])}
	return r, r.width() > 0 && r.height() > 0
}

func number(o types.Object) (float64, bool) {
	switch o := o.(type) {
	case types.Integer:
		return float64(o), true
	case types.Float:
		return float64(o), true
	}
	return 0, false
}
