package graft

import (
	"fmt"
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// The flags of an annotation by which it is not seen on a screen (ISO 32000-1,
// 12.5.3).
const (
	flagHidden = 1 << 1
	flagNoView = 1 << 5
)

// notes returns operators that draw what annotations and form fields show, and
// the forms they draw, by names that the resources do not have.
func (c *cutter) notes(page, resources types.Dict) (ops []byte, placed map[string]int) {
	list, _ := c.resolve(page["Annots"]).(types.Array)
	taken := c.dict(plainKeys(resources)["XObject"])
	placed = map[string]int{}
	for i, o := range list {
		d := c.dict(o)
		if d == nil {
			continue
		}
		kind := c.name(d["Subtype"])
		flags, _ := c.number(d["F"])
		switch {
		case kind == "Popup":
			continue
		case kind == "Link":
			c.changed[Links] = true
			if c.resolve(d["AP"]) == nil {
				continue
			}
		case int(flags)&(flagHidden|flagNoView) != 0:
			c.changed[Hidden] = true
			continue
		}
		c.shown(d["OC"])
		look, isStream := c.look(d)
		if !isStream {
			if kind != "Widget" {
				c.fail(NoNote)
			}
			continue
		}
		name := fmt.Sprintf("SohoaNote%d", i)
		if taken[name] != nil {
			c.fail(NoNote)
			continue
		}
		m, ok := c.placing(look, d["Rect"])
		if !ok {
			continue // without extent: nothing is seen
		}
		b := &body{}
		c.indirect(b, look, func(o types.Object) int { return c.form(o, types.Dict{}) })
		if c.err != nil {
			return nil, nil
		}
		placed[name] = b.refs[0]
		c.changed[Notes] = true
		ops = fmt.Appendf(ops, "q %s %s %s %s %s %s cm /%s Do Q\n", decimal(m[0]), decimal(m[1]), decimal(m[2]), decimal(m[3]), decimal(m[4]), decimal(m[5]), name)
	}
	return ops, placed
}

// look returns the normal appearance of an annotation in its state.
func (c *cutter) look(d types.Dict) (types.Object, bool) {
	n := c.dict(d["AP"])["N"]
	if _, ok := c.stream(n); ok {
		return n, true
	}
	states := c.dict(n)
	o := states[c.name(d["AS"])]
	_, ok := c.stream(o)
	return o, ok
}

// placing is the matrix that puts an appearance into its rectangle (12.5.5,
// algorithm 8.1).
func (c *cutter) placing(look, where types.Object) (m [6]float64, ok bool) {
	d := c.dict(look)
	r, ok1 := c.numbers(where, 4)
	box, ok2 := c.numbers(d["BBox"], 4)
	if !ok1 || !ok2 {
		c.fail(NoNote)
		return m, false
	}
	t, given := c.numbers(d["Matrix"], 6)
	if !given {
		t = []float64{1, 0, 0, 1, 0, 0}
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i := range 4 {
		x, y := box[i&1*2], box[1+i&2]
		tx, ty := t[0]*x+t[2]*y+t[4], t[1]*x+t[3]*y+t[5]
		x0, y0, x1, y1 = min(x0, tx), min(y0, ty), max(x1, tx), max(y1, ty)
	}
	if x1 <= x0 || y1 <= y0 {
		return m, false
	}
	left, bottom := min(r[0], r[2]), min(r[1], r[3])
	sx, sy := math.Abs(r[2]-r[0])/(x1-x0), math.Abs(r[3]-r[1])/(y1-y0)
	return [6]float64{sx, 0, 0, sy, left - x0*sx, bottom - y0*sy}, true
}
