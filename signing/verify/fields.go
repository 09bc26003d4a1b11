package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/pdf/revision"
)

// A fieldInfo is a field of the form, with what it inherits.
type fieldInfo struct {
	name  string
	kind  revision.Object // FT
	flags int64           // Ff
}

// readOnly is the flag of fields that nobody fills in (12.7.3.1, table 221).
const readOnly = 1

// fields returns all fields of the form before, by object.
func (d *difference) fields() map[int]fieldInfo {
	if d.named != nil {
		return d.named
	}
	d.named = map[int]fieldInfo{}
	form, err := d.before.DictOf(d.catalog["AcroForm"])
	if err != nil {
		return d.named
	}
	kids, err := d.before.ArrayOf(form["Fields"])
	if err == nil {
		d.down(kids, fieldInfo{}, 0)
	}
	return d.named
}

// down reads fields and those below them. What is damaged is left out: it may
// not change then.
func (d *difference) down(kids revision.Array, up fieldInfo, depth int) {
	for _, k := range kids {
		ref, ok := k.(revision.Ref)
		if _, seen := d.named[ref.Num]; !ok || seen || depth > 32 || len(d.named) > 20000 {
			continue
		}
		f, err := d.before.DictOf(ref)
		if err != nil {
			continue
		}
		own := up
		if t, ok := f["T"].(revision.String); ok {
			own.name = strings.TrimPrefix(up.name+"."+revision.PlainText(t), ".")
		}
		if ft, ok := f["FT"]; ok {
			own.kind = ft
		}
		if ff, ok := f["Ff"].(revision.Number); ok {
			own.flags, _ = ff.Int()
		}
		d.named[ref.Num] = own
		if below, err := d.before.ArrayOf(f["Kids"]); err == nil {
			d.down(below, own, depth+1)
		}
	}
}

// onlySignatures reports whether the form before had nothing but signatures.
func (d *difference) onlySignatures() bool {
	for _, f := range d.fields() {
		if f.kind != revision.Name("Sig") {
			return false
		}
	}
	return true
}

// places are the paths that lead to a field or widget: in the form, on its page,
// from its parent, its note and the structure tree.
var places = []string{"/Fields[]", "/AcroForm/Fields[]", "/Kids[]", "/Annots[]", "[]", "/Parent", "/Obj", "/CO[]", "/AcroForm/CO[]"}

// fieldRole is the role of a form field, or of what is seen of one.
func (d *difference) fieldRole(num int) role {
	if info, ok := d.fields()[num]; ok {
		for _, e := range d.g.in[num] {
			if !slices.Contains(places, e.path) && !strings.HasSuffix(e.path, "/Obj") {
				return nil // something else uses it too
			}
		}
		return func(before, after revision.Object) error { return d.fieldChanged(num, info, before, after) }
	}
	owner := d.g.in[num][0].num
	info, ok := d.fields()[owner]
	if !ok || !d.g.only(num, owner, "/AP/N") {
		return nil
	}
	return func(_, after revision.Object) error {
		if err := fillable(info); err != nil {
			return err
		}
		if err := d.drawing(after); err != nil {
			return err
		}
		d.tell(formFilled, info.name, "")
		return nil
	}
}

// fillable reports whether people write into a field.
func fillable(f fieldInfo) error {
	switch {
	case f.flags&readOnly != 0:
		return fmt.Errorf("field %.60q is not to be filled in", f.name)
	case f.kind == revision.Name("Tx"), f.kind == revision.Name("Ch"), f.kind == revision.Name("Btn"):
		return nil
	}
	return fmt.Errorf("field %.60q was changed", f.name)
}

// fieldChanged allows a field to be signed, or filled in.
func (d *difference) fieldChanged(num int, info fieldInfo, before, after revision.Object) error {
	if info.kind == revision.Name("Sig") {
		return d.signed(num, info, before, after)
	}
	if err := fillable(info); err != nil {
		return err
	}
	keys := []revision.Name{"V", "AS", "I", "M"}
	if info.kind != revision.Name("Btn") {
		keys = append(keys, "AP")
	}
	a, b, err := except(before, after, keys...)
	if err != nil {
		return err
	}
	if !revision.Equal(a["AP"], b["AP"]) {
		ap, err := d.after.DictOf(b["AP"])
		if err != nil {
			return err
		}
		for k, o := range ap {
			if ref, ok := o.(revision.Ref); k != "N" || !ok || !d.added[ref.Num] && !d.g.only(ref.Num, num, "/AP/N") {
				return errors.New("what is seen of a field is something else's")
			}
			if err := d.drawing(o); err != nil {
				return err
			}
		}
	}
	d.tell(formFilled, info.name, "")
	return nil
}

// drawing checks what a field shows now: text in a font that the file had
// before. A new font could show other letters than the value has.
func (d *difference) drawing(o revision.Object) error {
	o, err := d.after.Resolve(o)
	if err != nil {
		return err
	}
	s, ok := o.(*revision.Stream)
	if !ok {
		return errors.New("a field shows no drawing")
	}
	res, err := d.after.DictOf(s.Dict["Resources"])
	if err != nil {
		return err
	}
	for k, v := range res {
		switch k {
		case "ProcSet":
		case "Font":
			if err := d.fontsKnown(v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a field shows more than text: %.20s", k)
		}
	}
	return nil
}

func (d *difference) fontsKnown(o revision.Object) error {
	fonts, err := d.after.DictOf(o)
	if err != nil {
		return err
	}
	for _, f := range fonts {
		if ref, ok := f.(revision.Ref); !ok || d.added[ref.Num] || !d.before.Has(ref.Num) {
			return errors.New("a field shows letters of a new font")
		}
	}
	return nil
}

// signed allows an empty signature field to be signed.
func (d *difference) signed(num int, info fieldInfo, before, after revision.Object) error {
	a, b, err := except(before, after, "V", "AP", "F", "MK", "M", "DA")
	if err != nil {
		return err
	}
	if a["V"] != nil {
		return errors.New("a signature was replaced")
	}
	sig, err := d.value(b)
	if err != nil {
		return err
	}
	if err := d.size(num, b, d.pageOf(num, b)); err != nil {
		return err
	}
	k := fieldSigned
	if sig["SubFilter"] == revision.Name("ETSI.RFC3161") {
		k = stampAdded
	}
	d.tell(k, info.name, "")
	return nil
}

// value returns the signature of a field: a new object with a ByteRange, so that
// it is judged itself.
func (d *difference) value(f revision.Dict) (revision.Dict, error) {
	ref, ok := f["V"].(revision.Ref)
	if !ok || !d.added[ref.Num] {
		return nil, errors.New("something was added that is no signature")
	}
	sig, err := d.after.DictOf(ref)
	if err == nil && sig["ByteRange"] == nil {
		err = errors.New("something was added that is no signature")
	}
	return sig, err
}

// fieldsAdded allows signature fields behind what was in the form.
func (d *difference) fieldsAdded(before, after revision.Object) error {
	refs, err := d.behind(before, after)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		f, err := d.after.DictOf(ref)
		if err == nil {
			err = d.newField(ref.Num, f, 0)
		}
		if err != nil {
			return fmt.Errorf("object %d: %w", ref.Num, err)
		}
	}
	return nil
}

// fieldKeys are what a new signature field may have: no actions, nothing that
// hides or shows it, no fields below it.
var fieldKeys = []revision.Name{"Type", "Subtype", "FT", "T", "TU", "V", "P", "Rect", "F", "Ff", "AP", "AS", "DA", "MK", "M", "NM", "Lock", "SV", "Border", "BS", "H", "Q", "StructParent"}

// newField allows a new signature field that is signed. page is where it is, 0
// if it is not known.
func (d *difference) newField(num int, f revision.Dict, page int) error {
	if f["FT"] != revision.Name("Sig") || f["Subtype"] != nil && f["Subtype"] != revision.Name("Widget") {
		return errors.New("something was added that is no signature")
	}
	for k := range f {
		if !slices.Contains(fieldKeys, k) {
			return fmt.Errorf("a signature field was added with %.40s", k)
		}
	}
	sig, err := d.value(f)
	if err != nil {
		return err
	}
	name, _ := f["T"].(revision.String)
	for _, g := range d.fields() {
		if g.name == revision.PlainText(name) {
			return fmt.Errorf("there was a field %.60q", g.name)
		}
	}
	if page == 0 {
		page = d.pageOf(num, f)
	}
	if err := d.size(num, f, page); err != nil {
		return err
	}
	if d.told[num] {
		return nil
	}
	d.told[num] = true
	k := signatureAdded
	w, h := d.extent(f)
	switch {
	case sig["SubFilter"] == revision.Name("ETSI.RFC3161") && w*h > 0:
		return errors.New("a time-stamp has a mark")
	case sig["SubFilter"] == revision.Name("ETSI.RFC3161"):
		k = stampAdded
	case w*h > 0:
		k = markAdded
	}
	d.tell(k, revision.PlainText(name), "")
	return nil
}
