package verify

import (
	"errors"
	"fmt"
	"slices"

	"sohoa/pdf/revision"
)

// The most that the mark of a later signature may take: of its page, and of
// another mark. More would hide what an earlier one signed. Law wants a seal to
// lie on a third of the signature it belongs to (Decree 30/2020, annex I).
const (
	maxMarkWidth  = 0.5
	maxMarkHeight = 0.25
	maxMarkOver   = 0.4
)

// pageOf returns the page a widget says it is on, or was on, 0 if none.
func (d *difference) pageOf(num int, f revision.Dict) int {
	for _, e := range d.g.in[num] {
		if e.path == "/Annots[]" && d.isPage(e.num) {
			return e.num
		}
	}
	if ref, ok := f["P"].(revision.Ref); ok && d.isPage(ref.Num) {
		return ref.Num
	}
	return 0
}

// extent returns width and height of a widget.
func (d *difference) extent(f revision.Dict) (w, h float64) {
	rect, err := d.after.Box(f["Rect"])
	if err != nil {
		return 0, 0
	}
	return rect[2] - rect[0], rect[3] - rect[1]
}

// size checks the place of a mark: small, on a page, and not over others.
func (d *difference) size(num int, f revision.Dict, page int) error {
	if f["Rect"] == nil {
		return nil // nothing is seen
	}
	rect, err := d.after.Box(f["Rect"])
	if err != nil {
		return err
	}
	w, h := rect[2]-rect[0], rect[3]-rect[1]
	if w == 0 || h == 0 {
		return nil
	}
	if page == 0 {
		return refuse(markHides, "it is on no page")
	}
	whole, err := d.pageSize(page)
	if err != nil {
		return err
	}
	width, height := whole[2]-whole[0], whole[3]-whole[1]
	upright := w <= width*maxMarkWidth && h <= height*maxMarkHeight
	turned := h <= height*maxMarkWidth && w <= width*maxMarkHeight // on a page that is seen turned by a quarter
	if !upright && !turned {
		return refuse(markHides, "%.0f by %.0f points", w, h)
	}
	return d.overlap(num, rect, page)
}

func (d *difference) pageSize(page int) ([4]float64, error) {
	if b, ok := d.sizes[page]; ok {
		return b, nil
	}
	ref, _ := d.before.RefOf(page)
	b, err := d.before.BoxOf(ref)
	if err == nil {
		d.sizes[page] = b
	}
	return b, err
}

// overlap makes sure that a mark leaves the widgets of the page to be seen.
func (d *difference) overlap(num int, rect [4]float64, page int) error {
	ref, _ := d.before.RefOf(page)
	p, err := d.before.DictOf(ref)
	if err != nil {
		return err
	}
	annots, err := d.before.ArrayOf(p["Annots"])
	if err != nil {
		return err
	}
	for _, o := range annots {
		ref, ok := o.(revision.Ref)
		old, err := d.before.DictOf(o)
		if err != nil || ok && ref.Num == num || old["Subtype"] != revision.Name("Widget") {
			continue
		}
		r, err := d.before.Box(old["Rect"])
		if err != nil {
			continue
		}
		w := min(rect[2], r[2]) - max(rect[0], r[0])
		h := min(rect[3], r[3]) - max(rect[1], r[1])
		if area := (r[2] - r[0]) * (r[3] - r[1]); w > 0 && h > 0 && w*h > maxMarkOver*area {
			return refuse(markHides, "it lies over another field")
		}
	}
	return nil
}

// annotsAdded allows, on a page, signatures that the form has too, and notes.
func (d *difference) annotsAdded(page int, before, after revision.Object) error {
	refs, err := d.behind(before, after)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		f, err := d.after.DictOf(ref)
		if err == nil {
			err = d.newAnnotation(page, ref, f)
		}
		if err != nil {
			d.take(err, fmt.Sprintf("object %d", ref.Num))
		}
	}
	return nil
}

func (d *difference) newAnnotation(page int, ref revision.Ref, f revision.Dict) error {
	if f["Subtype"] != revision.Name("Widget") {
		return d.note(ref, f)
	}
	if d.form == nil {
		if err := d.readForm(); err != nil {
			return err
		}
	}
	if !d.form[ref.Num] {
		return errors.New("a field was added that is not in the form")
	}
	return d.newField(ref.Num, f, page)
}

// readForm reads which fields are at the top of the form now.
func (d *difference) readForm() error {
	d.form = map[int]bool{}
	catalog, _, err := d.after.Catalog()
	if err != nil {
		return err
	}
	form, err := d.after.DictOf(catalog["AcroForm"])
	if err != nil {
		return err
	}
	fields, err := d.after.ArrayOf(form["Fields"])
	for _, o := range fields {
		if ref, ok := o.(revision.Ref); ok {
			d.form[ref.Num] = true
		}
	}
	return err
}

// noteKeys are what a note may have. What draws itself, acts, or is shown and
// hidden by layers may replace what was signed: an evil annotation.
var noteKeys = []revision.Name{"Type", "Subtype", "Rect", "Contents", "P", "NM", "M", "F", "C", "T", "Popup", "CA", "RC", "CreationDate", "Subj", "QuadPoints", "Name", "State", "StateModel", "IRT", "RT", "Parent", "Open", "Border"}

// maxIcon is the most points that the icon of a note may be wide and high.
const maxIcon = 40

// note allows comments that readers draw themselves: icons, and marked text.
// Any other annotation can hide or replace what is on the page (Mladenov et al.,
// Breaking the Specification: PDF Certification, 2021).
func (d *difference) note(ref revision.Ref, f revision.Dict) error {
	name, _ := f["Subtype"].(revision.Name)
	for k := range f {
		if !slices.Contains(noteKeys, k) {
			return refuse(evilAnnotation, "%.20s with %.20s", name, k)
		}
	}
	rect, err := d.after.Box(f["Rect"])
	if err != nil {
		return err
	}
	switch name {
	case "Text":
		if rect[2]-rect[0] > maxIcon || rect[3]-rect[1] > maxIcon {
			return refuse(evilAnnotation, "an icon of %.0f by %.0f points", rect[2]-rect[0], rect[3]-rect[1])
		}
	case "Popup":
		if f["Open"] == true {
			return refuse(evilAnnotation, "a note that opens by itself")
		}
	case "Highlight", "Underline", "StrikeOut", "Squiggly":
		if name == "Highlight" && !bright(f["C"]) {
			return refuse(evilAnnotation, "a dark %s", name)
		}
	default:
		return refuse(evilAnnotation, "%.20s", name)
	}
	d.tell(annotated, "", string(name))
	return nil
}

// bright reports whether black letters can be read on a colour (12.5.2: grey or
// RGB; other spaces are not believed). None is the reader's own yellow.
func bright(o revision.Object) bool {
	a, ok := o.(revision.Array)
	if o == nil || ok && len(a) == 0 {
		return true
	}
	if len(a) != 1 && len(a) != 3 {
		return false
	}
	most := 0.0
	for _, e := range a {
		n, _ := e.(revision.Number)
		v, ok := n.Float()
		if !ok {
			return false
		}
		most = max(most, v)
	}
	return most >= 0.7
}
