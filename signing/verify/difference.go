package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/pdf/revision"
)

// A difference is what was done between two versions of a file. Of the objects
// that were there, each that is another now must have a role that lets it
// change, and must be named by nobody outside that role; what was added must
// hang on nothing but these. Nothing is excused for not being seen.
type difference struct {
	before, after *revision.File
	g             *graph // of before
	root, info    int
	catalog       revision.Dict // of before
	added         map[int]bool
	out           []deed
	told          map[int]bool       // fields that were told of
	named         map[int]fieldInfo  // of before
	form          map[int]bool       // fields at the top of the form, after
	sizes         map[int][4]float64 // of pages
}

// compare tells of everything that differs, and brings g up to after.
func compare(before, after *revision.File, g *graph) []deed {
	d := &difference{before: before, after: after, g: g, added: map[int]bool{}, told: map[int]bool{}, sizes: map[int][4]float64{}}
	nums, err := after.Tail(before.Size(), before.Start())
	if err != nil {
		return []deed{{kind: badUpdate, detail: err.Error()}}
	}
	slices.Sort(nums)
	d.take(d.run(nums), "")
	for _, num := range nums {
		if ref, ok := after.RefOf(num); ok && !after.SamePlace(before, num) {
			g.drop(num)
			d.take(g.add(after, ref), fmt.Sprintf("object %d", num))
		}
	}
	return d.out
}

// take tells of what err is about.
func (d *difference) take(err error, where string) {
	var r *refusal
	switch {
	case err == nil:
		return
	case !errors.As(err, &r):
		r = &refusal{contentChanged, err.Error()}
	}
	if where != "" && r.kind == contentChanged {
		where += ": "
	} else {
		where = ""
	}
	d.tell(r.kind, "", where+r.text)
}

// tell tells of a change that may be allowed.
func (d *difference) tell(k kind, field, detail string) {
	t := deed{k, field, detail}
	if !slices.Contains(d.out, t) {
		d.out = append(d.out, t)
	}
}

// run compares the objects that updates wrote or freed.
func (d *difference) run(nums []int) error {
	catalog, ref, err := d.before.Catalog()
	if err != nil {
		return err
	}
	d.catalog, d.root = catalog, ref.Num
	if err := d.trailers(); err != nil {
		return err
	}
	var differ []int
	for _, num := range nums {
		was, is := d.before.Has(num), d.after.Has(num)
		switch {
		case d.after.SamePlace(d.before, num), !was && !is:
		case was && !is:
			d.take(refuse(contentChanged, "it was removed"), fmt.Sprintf("object %d", num))
		case was:
			differ = append(differ, num)
		default:
			d.added[num] = true
		}
	}
	for num := range d.added {
		if in := d.g.in[num]; len(in) > 0 { // a way to prepare a change before signing
			d.take(refuse(contentChanged, "it was added where object %d waited for it", in[0].num), fmt.Sprintf("object %d", num))
		}
	}
	for _, num := range differ {
		d.take(d.object(num), fmt.Sprintf("object %d", num))
	}
	return nil
}

// trailers compares what the trailers point at.
func (d *difference) trailers() error {
	a, b := d.before.Trailer(), d.after.Trailer()
	if !revision.Equal(a["Root"], b["Root"]) {
		return errors.New("the trailer's Root is another")
	}
	if ref, ok := a["Info"].(revision.Ref); ok {
		d.info = ref.Num
	}
	if revision.Equal(a["Info"], b["Info"]) {
		return nil
	}
	old, err := d.before.DictOf(a["Info"])
	if err != nil {
		return err
	}
	now, err := d.after.DictOf(b["Info"])
	if err != nil {
		return err
	}
	return d.information(old, now)
}

// information allows another date and program in the document information
// (14.3.3), not another title.
func (d *difference) information(before, after revision.Object) error {
	if before == nil || before.(revision.Dict) == nil {
		before = revision.Dict{}
	}
	if _, _, err := except(before, after, "ModDate", "Producer"); err != nil {
		return fmt.Errorf("document information: %w", err)
	}
	d.tell(metaChanged, "", "")
	return nil
}

// object compares one object that stands elsewhere now.
func (d *difference) object(num int) error {
	was, _ := d.before.RefOf(num)
	is, _ := d.after.RefOf(num)
	if was != is {
		return errors.New("it is another generation")
	}
	before, err := d.before.Get(was)
	if err != nil {
		return err
	}
	after, err := d.after.Get(is)
	if err != nil {
		return err
	}
	if d.same(before, after) {
		return nil // written again as it was
	}
	in := d.g.in[num]
	switch stream, _ := before.(*revision.Stream); {
	case num == d.root && len(in) == 0:
		return d.catalogChanged(before, after)
	case num == d.info && len(in) == 0:
		return d.information(before, after)
	case len(in) == 0 && stream != nil && stream.Dict["Type"] == revision.Name("XRef"):
		return nil // some writers use the number of their cross-references again
	case len(in) == 0:
		return fmt.Errorf("a %T was replaced", before)
	}
	if role := d.role(num, before); role != nil {
		return role(before, after)
	}
	return fmt.Errorf("a %T was replaced", before)
}

// same reports whether an object says what it said. Streams may be copied.
func (d *difference) same(before, after revision.Object) bool {
	a, ok := before.(*revision.Stream)
	b, also := after.(*revision.Stream)
	if !ok || !also {
		return revision.Equal(before, after)
	}
	if a.Length != b.Length || !revision.Equal(a.Dict, b.Dict) {
		return false
	}
	x, err := d.before.Reads(a.Offset, a.Length)
	if err != nil {
		return false
	}
	y, err := d.after.Reads(b.Offset, b.Length)
	return err == nil && bytes.Equal(x, y)
}

// A role says what an object is to the file, if that lets it change.
type role func(before, after revision.Object) error

// role returns the role of object num, nil if it has none, or more than one.
func (d *difference) role(num int, o revision.Object) role {
	form := 0
	if ref, ok := d.catalog["AcroForm"].(revision.Ref); ok {
		form = ref.Num
	}
	switch {
	case d.g.only(num, d.root, "/AcroForm"):
		return d.formChanged
	case d.g.only(num, d.root, "/AcroForm/Fields"), form > 0 && d.g.only(num, form, "/Fields"):
		return d.fieldsAdded
	case d.g.only(num, d.root, "/Metadata"):
		return d.metadata
	case d.g.only(num, d.root, "/Extensions"):
		return func(_, after revision.Object) error {
			if _, ok := after.(revision.Dict); !ok {
				return errors.New("extensions")
			}
			return nil
		}
	case d.inStore(num, 0):
		return d.store
	case d.isPage(num):
		return func(before, after revision.Object) error { return d.page(num, before, after) }
	}
	if in := d.g.in[num]; len(in) == 1 && in[0].path == "/Annots" && d.isPage(in[0].num) {
		return func(before, after revision.Object) error { return d.annotsAdded(in[0].num, before, after) }
	}
	return d.fieldRole(num)
}

// isPage reports whether object num is a page that the page tree names.
func (d *difference) isPage(num int) bool {
	ref, _ := d.before.RefOf(num)
	o, err := d.before.DictOf(ref)
	if err != nil || o["Type"] != revision.Name("Page") {
		return false
	}
	for _, e := range d.g.in[num] {
		ref, _ := d.before.RefOf(e.num)
		up, err := d.before.DictOf(ref)
		if err == nil && e.path == "/Kids[]" && up["Type"] == revision.Name("Pages") {
			return true
		}
	}
	return false
}

// inStore reports whether object num belongs to the document security store and
// to nothing else.
func (d *difference) inStore(num, depth int) bool {
	if depth > 4 || len(d.g.in[num]) == 0 {
		return false
	}
	for _, e := range d.g.in[num] {
		own := e.num == d.root && (e.path == "/DSS" || strings.HasPrefix(e.path, "/DSS/"))
		if !own && !d.inStore(e.num, depth+1) {
			return false
		}
	}
	return true
}

// except compares two dictionaries but for some keys.
func except(before, after revision.Object, keys ...revision.Name) (a, b revision.Dict, err error) {
	a, ok := before.(revision.Dict)
	b, also := after.(revision.Dict)
	if !ok || !also {
		return nil, nil, fmt.Errorf("a %T became a %T", before, after)
	}
	for _, of := range []revision.Dict{a, b} {
		for k := range of {
			if !slices.Contains(keys, k) && !revision.Equal(a[k], b[k]) {
				return nil, nil, fmt.Errorf("%.40s was changed", k)
			}
		}
	}
	return a, b, nil
}
