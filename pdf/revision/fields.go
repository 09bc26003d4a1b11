package revision

import "fmt"

// A SignatureField is a signature field that has a value.
type SignatureField struct {
	Name  string
	Ref   Ref               // the signature dictionary
	Dict  Dict              // that dictionary
	Field Dict              // the field, as it is written; often its widget too
	Spans map[Name][2]int64 // where its values stand, see [File.Spans]
}

// SignatureFields returns the signature fields of the form that have a value,
// in the order of the form (12.7.4.5). Each value must be an object by itself,
// in the file by itself; else the error wraps [ErrDamaged].
func (f *File) SignatureFields() ([]SignatureField, error) {
	catalog, _, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := f.DictOf(catalog["AcroForm"])
	if err != nil {
		return nil, err
	}
	kids, err := f.ArrayOf(form["Fields"])
	if err != nil {
		return nil, err
	}
	w := &fieldWalk{file: f, seen: map[Ref]bool{}}
	if err := w.down(kids, "", nil, 0); err != nil {
		return nil, err
	}
	for i := range w.found {
		if w.found[i].Spans, err = f.Spans(w.found[i].Ref); err != nil {
			return nil, err
		}
	}
	return w.found, nil
}

// A fieldWalk goes through the field tree (12.7.3).
type fieldWalk struct {
	file  *File
	seen  map[Ref]bool
	found []SignatureField
}

// maxFields is the most fields that are looked at.
const maxFields = 10000

func (w *fieldWalk) down(kids Array, prefix string, kind Object, depth int) error {
	for _, k := range kids {
		ref, ok := k.(Ref)
		if !ok || w.seen[ref] || len(w.seen) == maxFields || depth > maxDepth {
			return fmt.Errorf("%w: field tree", ErrDamaged)
		}
		w.seen[ref] = true
		d, err := w.file.DictOf(ref)
		if err != nil {
			return err
		}
		name, ft := prefix, kind
		if t, ok := d["T"].(String); ok {
			name = PlainText(t)
			if prefix != "" {
				name = prefix + "." + name
			}
		}
		if v, ok := d["FT"]; ok {
			ft = v
		}
		if err := w.value(name, ft, d); err != nil {
			return err
		}
		below, err := w.file.ArrayOf(d["Kids"])
		if err != nil {
			return err
		}
		if err := w.down(below, name, ft, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *fieldWalk) value(name string, ft Object, d Dict) error {
	v, ok := d["V"]
	if ft != Name("Sig") || !ok || v == nil {
		return nil
	}
	ref, ok := v.(Ref)
	if !ok {
		return fmt.Errorf("%w: a signature is not an object by itself", ErrDamaged)
	}
	sig, err := w.file.DictOf(ref)
	if err != nil {
		return err
	}
	w.found = append(w.found, SignatureField{Name: name, Ref: ref, Dict: sig, Field: d})
	return nil
}
