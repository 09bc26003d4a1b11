package verify

import (
	"fmt"
	"io"
	"slices"

	"sohoa/pdf/revision"
)

// later compares the version that was signed with the file as it is now, object
// by object. Allowed are further signatures with their marks, and evidence:
// the catalog's form, DSS and Extensions, added signature fields on pages and
// in the form, and added objects that nothing named before (ISO 32000-1,
// 12.8.2.2, level 2, and stricter). All else makes the signature invalid, even
// if nothing of it can be seen.
func (c *checker) later(s *Signature) {
	if s.CoversAll {
		return
	}
	before, err := revision.Open(io.NewSectionReader(c.r, 0, s.Covers), s.Covers)
	if err != nil {
		s.find(byteRange, "what it covers is no file: "+err.Error())
		return
	}
	d := &difference{before: before, after: c.file, size: s.Covers}
	if err := d.compare(); err != nil {
		s.find(changed, err.Error())
		return
	}
	slices.Sort(d.allowed)
	s.Changes = slices.Compact(d.allowed) // once in the form, once on the page
}

// A difference is what was done to a file since a version of it.
type difference struct {
	before, after *revision.File
	size          int64 // of before
	allowed       []string
	added         map[revision.Ref]bool
	roles         map[revision.Ref]role
}

// A role says what an object is to the file, if that lets it change.
type role func(before, after revision.Object) error

func (d *difference) compare() error {
	if err := d.trailers(); err != nil {
		return err
	}
	d.added = map[revision.Ref]bool{}
	var differ []revision.Ref
	for _, ref := range d.after.Refs() {
		switch {
		case d.after.SamePlace(d.before, ref.Num):
		case d.before.Has(ref.Num):
			differ = append(differ, ref)
		default:
			d.added[ref] = true
		}
	}
	for _, ref := range d.before.Refs() {
		if !d.after.Has(ref.Num) {
			return fmt.Errorf("object %d was removed", ref.Num)
		}
	}
	if err := d.dangling(); err != nil {
		return err
	}
	if err := d.assign(); err != nil {
		return err
	}
	for _, ref := range differ {
		if err := d.object(ref); err != nil {
			return fmt.Errorf("object %d: %w", ref.Num, err)
		}
	}
	return nil
}

// trailers compares what the trailers point at.
func (d *difference) trailers() error {
	a, b := d.before.Trailer(), d.after.Trailer()
	for _, k := range []revision.Name{"Root", "Info"} {
		if !revision.Equal(a[k], b[k]) {
			return fmt.Errorf("the trailer's %s is another", k)
		}
	}
	return nil
}

// dangling makes sure that no added object was named before: to give a meaning
// to a name that had none is a way to prepare a change before signing.
func (d *difference) dangling() error {
	for _, ref := range d.before.Refs() {
		o, err := d.before.Get(ref)
		if err != nil {
			return err
		}
		if to, ok := d.names(o); ok {
			return fmt.Errorf("object %d was added where object %d waited for it", to.Num, ref.Num)
		}
	}
	return nil
}

// names finds a reference within o to an added object.
func (d *difference) names(o revision.Object) (revision.Ref, bool) {
	var found revision.Ref
	var ok bool
	switch o := o.(type) {
	case revision.Ref:
		return o, d.added[o]
	case revision.Array:
		for _, e := range o {
			if found, ok = d.names(e); ok {
				return found, ok
			}
		}
	case revision.Dict:
		for _, e := range o {
			if found, ok = d.names(e); ok {
				return found, ok
			}
		}
	case *revision.Stream:
		return d.names(o.Dict)
	}
	return found, false
}

// assign finds the objects that may change, each in its way.
func (d *difference) assign() error {
	d.roles = map[revision.Ref]role{}
	catalog, ref, err := d.before.Catalog()
	if err != nil {
		return err
	}
	if dss, ok := catalog["DSS"].(revision.Ref); ok {
		d.roles[dss] = d.store
	}
	d.roles[ref] = d.catalog
	if form, ok := catalog["AcroForm"].(revision.Ref); ok {
		d.roles[form] = d.form
	}
	form, err := d.before.DictOf(catalog["AcroForm"])
	if err != nil {
		return err
	}
	if fields, ok := form["Fields"].(revision.Ref); ok {
		d.roles[fields] = d.fields
	}
	return d.pages(catalog["Pages"], map[revision.Ref]bool{}, 0)
}

// pages gives every page of the tree its role.
func (d *difference) pages(o revision.Object, seen map[revision.Ref]bool, depth int) error {
	ref, ok := o.(revision.Ref)
	if !ok || seen[ref] || depth > 32 {
		return fmt.Errorf("%w: page tree", revision.ErrDamaged)
	}
	seen[ref] = true
	dict, err := d.before.DictOf(ref)
	if err != nil {
		return err
	}
	if dict["Type"] == revision.Name("Page") {
		d.roles[ref] = d.page
		if annots, ok := dict["Annots"].(revision.Ref); ok {
			d.roles[annots] = d.fields
		}
		return nil
	}
	kids, err := d.before.ArrayOf(dict["Kids"])
	if err != nil {
		return err
	}
	for _, k := range kids {
		if err := d.pages(k, seen, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// object compares one object that stands elsewhere now.
func (d *difference) object(ref revision.Ref) error {
	before, err := d.before.Get(ref)
	if err != nil {
		return err
	}
	after, err := d.after.Get(ref)
	if err != nil {
		return err
	}
	if revision.Equal(before, after) {
		return nil // written again as it was
	}
	if role, ok := d.roles[ref]; ok {
		return role(before, after)
	}
	return fmt.Errorf("a %T was replaced", before)
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
				return nil, nil, fmt.Errorf("%s was changed", k)
			}
		}
	}
	return a, b, nil
}

func (d *difference) catalog(before, after revision.Object) error {
	a, b, err := except(before, after, "AcroForm", "DSS", "Extensions")
	if err != nil {
		return err
	}
	if !revision.Equal(a["DSS"], b["DSS"]) {
		if err := d.evidence(a["DSS"], b["DSS"]); err != nil {
			return err
		}
	}
	if revision.Equal(a["AcroForm"], b["AcroForm"]) {
		return nil
	}
	if ref, ok := b["AcroForm"].(revision.Ref); ok && !d.added[ref] {
		return fmt.Errorf("the form is another")
	}
	old, err := d.before.DictOf(a["AcroForm"])
	if err != nil {
		return err
	}
	form, err := d.after.DictOf(b["AcroForm"])
	if err != nil {
		return err
	}
	if old == nil {
		old = revision.Dict{}
	}
	return d.form(old, form)
}

// evidence allows a document security store that holds all it held, and more.
func (d *difference) evidence(before, after revision.Object) error {
	old, err := d.before.DictOf(before)
	if err != nil {
		return err
	}
	now, err := d.after.DictOf(after)
	if err != nil {
		return err
	}
	for _, k := range []revision.Name{revision.Certs, revision.OCSPs, revision.CRLs} {
		was, err := d.before.ArrayOf(old[k])
		if err != nil {
			return err
		}
		is, err := d.after.ArrayOf(now[k])
		if err != nil {
			return err
		}
		for _, o := range was {
			if !slices.ContainsFunc(is, func(x revision.Object) bool { return revision.Equal(o, x) }) {
				return fmt.Errorf("evidence was removed")
			}
		}
	}
	d.allowed = append(d.allowed, "evidence was added")
	return nil
}

// store allows the same where the store's dictionary is written anew in place.
func (d *difference) store(before, after revision.Object) error {
	if _, _, err := except(before, after, revision.Certs, revision.OCSPs, revision.CRLs, "VRI"); err != nil {
		return err
	}
	return d.evidence(before, after)
}

func (d *difference) form(before, after revision.Object) error {
	a, b, err := except(before, after, "Fields", "SigFlags")
	if err != nil {
		return err
	}
	old, err := d.before.ArrayOf(a["Fields"])
	if err != nil {
		return err
	}
	fields, err := d.after.ArrayOf(b["Fields"])
	if err != nil {
		return err
	}
	return d.fields(old, fields)
}

func (d *difference) page(before, after revision.Object) error {
	a, b, err := except(before, after, "Annots")
	if err != nil {
		return err
	}
	old, err := d.before.ArrayOf(a["Annots"])
	if err != nil {
		return err
	}
	annots, err := d.after.ArrayOf(b["Annots"])
	if err != nil {
		return err
	}
	return d.fields(old, annots)
}

// fields allows signature fields that were added behind what was there.
func (d *difference) fields(before, after revision.Object) error {
	a, ok := before.(revision.Array)
	b, also := after.(revision.Array)
	if before == nil {
		ok = true
	}
	if !ok || !also || len(b) < len(a) || !revision.Equal(a, b[:len(a)]) && len(a) > 0 {
		return fmt.Errorf("fields were changed")
	}
	for _, o := range b[len(a):] {
		ref, ok := o.(revision.Ref)
		if !ok || !d.added[ref] {
			return fmt.Errorf("something was added that is no new object")
		}
		f, err := d.after.DictOf(ref)
		if err != nil {
			return err
		}
		if err := d.mark(f); err != nil {
			return fmt.Errorf("object %d: %w", ref.Num, err)
		}
	}
	return nil
}

// The most of a page that the mark of a later signature may take: more would
// hide what an earlier one signed.
const (
	maxMarkWidth  = 0.5
	maxMarkHeight = 0.25
)

// mark allows a signature field that is signed, so that it is checked itself,
// and whose mark is small.
func (d *difference) mark(f revision.Dict) error {
	sig, err := d.after.DictOf(f["V"])
	if err != nil {
		return err
	}
	if f["FT"] != revision.Name("Sig") || f["Subtype"] != revision.Name("Widget") || sig["ByteRange"] == nil || f["Kids"] != nil || f["AA"] != nil || f["A"] != nil {
		return fmt.Errorf("something was added that is no signature")
	}
	rect, err := d.after.Box(f["Rect"])
	if err != nil {
		return err
	}
	page, err := d.after.FirstPage()
	if err != nil {
		return err
	}
	w, h := rect[2]-rect[0], rect[3]-rect[1]
	if page.Turned() {
		w, h = h, w
	}
	if w > page.Width*maxMarkWidth || h > page.Height*maxMarkHeight {
		return fmt.Errorf("the mark of a later signature hides the page")
	}
	if sig["SubFilter"] == revision.Name("ETSI.RFC3161") {
		d.allowed = append(d.allowed, "a document time-stamp was added")
		return nil
	}
	d.allowed = append(d.allowed, "a signature was added")
	return nil
}
