package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/pattern"
	"sohoa/pdf/revision"
)

// catalogChanged allows more evidence, a form, and what tells of either.
func (d *difference) catalogChanged(before, after revision.Object) error {
	a, b, err := except(before, after, "AcroForm", "DSS", "Extensions", "Metadata", "Version")
	if err != nil {
		return err
	}
	if !revision.Equal(a["DSS"], b["DSS"]) {
		if err := d.anotherStore(a["DSS"], b["DSS"]); err != nil {
			return err
		}
	}
	if !revision.Equal(a["Metadata"], b["Metadata"]) {
		if err := d.anotherMetadata(a["Metadata"], b["Metadata"]); err != nil {
			return err
		}
	}
	if v, ok := b["Version"]; ok && !revision.Equal(a["Version"], v) && !isVersion(v) {
		return errors.New("Version was changed")
	}
	if revision.Equal(a["AcroForm"], b["AcroForm"]) {
		return nil
	}
	if ref, ok := b["AcroForm"].(revision.Ref); ok && !d.added[ref.Num] {
		return errors.New("the form is another")
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
	return d.formChanged(old, form)
}

var versions = pattern.Late(`^(1\.[0-7]|2\.0)$`)

func isVersion(o revision.Object) bool {
	n, ok := o.(revision.Name)
	return ok && versions().MatchString(string(n))
}

// Keys of a document security store (EN 319 142-1, 5.4.2).
var (
	storeKeys    = []revision.Name{"Type", revision.Certs, revision.OCSPs, revision.CRLs, "VRI"}
	evidenceKeys = []revision.Name{"Type", "Cert", "OCSP", "CRL", "TU", "TS"}
)

// anotherStore allows a store in place of one if it holds all of that.
func (d *difference) anotherStore(before, after revision.Object) error {
	if ref, ok := after.(revision.Ref); ok && !d.added[ref.Num] {
		return errors.New("what became the evidence was something else")
	}
	old, err := d.before.DictOf(before)
	if err != nil {
		return err
	}
	now, err := d.after.DictOf(after)
	if err != nil {
		return err
	}
	if now == nil {
		return errors.New("evidence was removed")
	}
	if old == nil {
		old = revision.Dict{}
	}
	return d.store(old, now)
}

// store allows a part of the store to grow.
func (d *difference) store(before, after revision.Object) error {
	if err := d.grown(before, after, 0); err != nil {
		return err
	}
	d.tell(evidenceAdded, "", "")
	return nil
}

// grown reports whether after holds all that before holds, and only what
// belongs there beside it.
func (d *difference) grown(before, after revision.Object, depth int) error {
	if depth > 4 {
		return errors.New("evidence is nested too deeply")
	}
	before, err := d.before.Resolve(before)
	if err != nil {
		return err
	}
	if after, err = d.after.Resolve(after); err != nil {
		return err
	}
	switch a := before.(type) {
	case revision.Array:
		b, ok := after.(revision.Array)
		for _, o := range a {
			if !ok || !slices.ContainsFunc(b, func(x revision.Object) bool { return revision.Equal(o, x) }) {
				return errors.New("evidence was removed")
			}
		}
		return nil
	case revision.Dict:
		b, ok := after.(revision.Dict)
		if !ok {
			return errors.New("evidence was removed")
		}
		for k, v := range b {
			if a[k] == nil && !slices.Contains(storeKeys, k) && !slices.Contains(evidenceKeys, k) && !isHash(k) {
				return fmt.Errorf("%.40s is no evidence", k)
			}
			if a[k] != nil && !revision.Equal(a[k], v) {
				if err := d.grown(a[k], v, depth+1); err != nil {
					return err
				}
			}
		}
		for k := range a {
			if b[k] == nil {
				return errors.New("evidence was removed")
			}
		}
		return nil
	}
	if !d.same(before, after) {
		return errors.New("evidence was replaced")
	}
	return nil
}

var vriKey = pattern.Late(`^[0-9A-F]{40}$`)

func isHash(k revision.Name) bool { return vriKey().MatchString(string(k)) }

// anotherMetadata allows metadata in place of what was there.
func (d *difference) anotherMetadata(before, after revision.Object) error {
	old, err := d.before.Resolve(before)
	if err != nil {
		return err
	}
	ref, ok := after.(revision.Ref)
	if !ok || !d.added[ref.Num] {
		return errors.New("Metadata was changed")
	}
	now, err := d.after.Get(ref)
	if err != nil {
		return err
	}
	return d.metadata(old, now)
}

// metadata allows other dates and programs in the metadata (14.3.2): what a
// reader shows of them, and what they claim of the file, must be as it was.
func (d *difference) metadata(before, after revision.Object) error {
	was, err := shownOf(d.before, before)
	if err != nil {
		return err
	}
	is, err := shownOf(d.after, after)
	if err != nil {
		return err
	}
	if was != is {
		return errors.New("Metadata was changed")
	}
	d.tell(metaChanged, "", "")
	return nil
}

var (
	shown = pattern.Late(`(?s)<(dc:title|dc:creator|dc:description|dc:subject|pdfaid:part|pdfaid:conformance)\b[^>]*>(.*?)</|pdfaid:(?:part|conformance)="[^"]*"`)
	tags  = pattern.Late(`(?s)<[^>]*>|\s+`)
)

// shownOf returns the metadata that people see, as one string.
func shownOf(f *revision.File, o revision.Object) (string, error) {
	s, ok := o.(*revision.Stream)
	if !ok {
		return "", fmt.Errorf("Metadata became a %T", o)
	}
	b, err := f.Decode(s)
	if err != nil {
		return "", err
	}
	text := string(b)
	var all []string
	for _, name := range []string{"dc:title", "dc:creator", "dc:description", "dc:subject"} { // these hold lists
		for rest := text; ; {
			_, from, ok := strings.Cut(rest, "<"+name)
			if !ok {
				break
			}
			body, behind, _ := strings.Cut(from, "</"+name+">")
			_, body, _ = strings.Cut(body, ">")
			all = append(all, name+tags().ReplaceAllString(body, " "))
			rest = behind
		}
	}
	for _, m := range shown().FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "pdfaid:") || m[1] == "" {
			all = append(all, m[0])
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n"), nil
}

// formChanged allows signature fields to be added to a form.
func (d *difference) formChanged(before, after revision.Object) error {
	keys := []revision.Name{"Fields", "SigFlags"}
	if d.onlySignatures() {
		keys = append(keys, "DA", "DR") // nothing there is drawn with them
	}
	a, b, err := except(before, after, keys...)
	if err != nil {
		return err
	}
	flags, _ := b["SigFlags"].(revision.Number)
	now, ok := flags.Int()
	if old, _ := a["SigFlags"].(revision.Number); b["SigFlags"] != nil && !ok || a["SigFlags"] != nil && (!ok || !holds(now, old)) {
		return errors.New("SigFlags was changed")
	}
	old, err := d.before.ArrayOf(a["Fields"])
	if err != nil {
		return err
	}
	fields, err := d.after.ArrayOf(b["Fields"])
	if err != nil {
		return err
	}
	if ref, ok := b["Fields"].(revision.Ref); ok && !revision.Equal(a["Fields"], b["Fields"]) && !d.added[ref.Num] {
		return errors.New("Fields is another")
	}
	return d.fieldsAdded(old, fields)
}

// holds reports whether now has all the bits of old.
func holds(now int64, old revision.Number) bool {
	n, ok := old.Int()
	return ok && n&^now == 0
}

// page allows annotations to be added.
func (d *difference) page(num int, before, after revision.Object) error {
	a, b, err := except(before, after, "Annots")
	if err != nil {
		return err
	}
	if ref, ok := b["Annots"].(revision.Ref); ok && !revision.Equal(a["Annots"], b["Annots"]) && !d.added[ref.Num] {
		return errors.New("Annots is another")
	}
	old, err := d.before.ArrayOf(a["Annots"])
	if err != nil {
		return err
	}
	annots, err := d.after.ArrayOf(b["Annots"])
	if err != nil {
		return err
	}
	return d.annotsAdded(num, old, annots)
}

// behind returns what was added behind the elements that were there.
func (d *difference) behind(before, after revision.Object) ([]revision.Ref, error) {
	a, ok := before.(revision.Array)
	b, also := after.(revision.Array)
	if before == nil {
		ok = true
	}
	if !ok || !also && after != nil || len(b) < len(a) || len(a) > 0 && !revision.Equal(a, b[:len(a)]) {
		return nil, errors.New("fields were changed")
	}
	var out []revision.Ref
	for _, o := range b[len(a):] {
		ref, ok := o.(revision.Ref)
		if !ok || !d.added[ref.Num] {
			return nil, errors.New("something was added that is no new object")
		}
		out = append(out, ref)
	}
	return out, nil
}
