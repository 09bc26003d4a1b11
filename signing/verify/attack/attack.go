// Package attack makes signed files and does to them what forgers do: every
// attack on the signatures of PDF files that was published, as far as it can be
// told from the papers, and some of our own. It is for tests and judges; nothing
// of it runs in the service.
//
// A [Base] is a file of ours with a signature of one kind, in one of the layouts
// that writers use. An [Attack] turns a base into a file that must not be
// believed, an [Allowed] one into a file that must be. The names of the classes
// are those of the papers: USF, ISA and SWA (Mladenov et al., 1 Trillion Dollar
// Refund, 2019), shadow attacks (Mainka et al., Shadow Attacks, 2021), EAA and
// SSA (Rohlmann et al., Breaking the Specification: PDF Certification, 2021).
package attack

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"sohoa/pdf/revision"
)

// A Base is a signed file to be attacked.
type Base struct {
	Name string
	File []byte
	P    int // DocMDP level, 0 if it is not certified

	Signer Signer // who signed it
	Evil   Signer // somebody nobody knows

	file *revision.File
}

// An Attack makes a file that must not be believed.
type Attack struct {
	Class, Name string
	Codes       []string // one of these must be among the reasons
	On          func(*Base) bool
	Make        func(*Base) []byte
}

// An Allowed makes a file that must be believed, and tells which change it is.
type Allowed struct {
	Name, Change string
	On           func(*Base) bool
	Make         func(*Base) []byte
}

// mistake is what the makers panic with: a base that is not as they expect.
type mistake struct{ text string }

func must[T any](v T, err error) T {
	if err != nil {
		panic(mistake{err.Error()})
	}
	return v
}

// Build runs make on b. An error means that the attack cannot be made there.
func Build(b *Base, make func(*Base) []byte) (file []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, ok := r.(mistake)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%s: %s", b.Name, m.text)
		}
	}()
	b.file = nil
	return make(b), nil
}

// open reads the base.
func (b *Base) open() *revision.File {
	if b.file == nil {
		b.file = must(revision.Open(bytes.NewReader(b.File), int64(len(b.File))))
	}
	return b.file
}

// update appends a proper update.
func (b *Base) update(change func(*revision.Update)) []byte {
	u := b.open().Update()
	change(u)
	return append(bytes.Clone(b.File), must(u.Tail())...)
}

// at follows keys and numbers from the catalog and returns what it ends at, with
// the last reference on the way.
func (b *Base) at(path ...any) (revision.Object, revision.Ref) {
	f := b.open()
	catalog, ref, err := f.Catalog()
	var o revision.Object = must(catalog, err)
	for _, p := range path {
		if s, ok := o.(*revision.Stream); ok {
			o = s.Dict
		}
		switch p := p.(type) {
		case string:
			d, ok := o.(revision.Dict)
			if !ok || d[revision.Name(p)] == nil {
				panic(mistake{fmt.Sprintf("no %v in %v", p, path)})
			}
			o = d[revision.Name(p)]
		case int:
			a, ok := o.(revision.Array)
			if !ok || p >= len(a) {
				panic(mistake{fmt.Sprintf("no element %d in %v", p, path)})
			}
			o = a[p]
		}
		if r, ok := o.(revision.Ref); ok {
			ref = r
			o = must(f.Get(r))
		}
	}
	return o, ref
}

// dict returns a copy of the dictionary at a path, to be changed, and where it
// is. The path must end at an object of its own.
func (b *Base) dict(path ...any) (revision.Dict, revision.Ref) {
	o, ref := b.at(path...)
	d, ok := o.(revision.Dict)
	if !ok {
		panic(mistake{fmt.Sprintf("%v is a %T", path, o)})
	}
	return maps.Clone(d), ref
}

// with replaces entries of the dictionary at a path.
func (b *Base) with(entries revision.Dict, path ...any) []byte {
	return b.update(func(u *revision.Update) {
		d, ref := b.dict(path...)
		maps.Copy(d, entries)
		u.Replace(ref, d)
	})
}

// replaced puts another object in the place of the one at a path.
func (b *Base) replaced(o revision.Object, path ...any) []byte {
	return b.update(func(u *revision.Update) {
		_, ref := b.at(path...)
		u.Replace(ref, o)
	})
}

// Paths of the paper, whatever its layout.
var (
	pagePath = []any{"Pages", "Kids", 0}
	sumPath  = []any{"AcroForm", "Fields", 0} // a text field
	lastPath = []any{"AcroForm", "Fields", 2} // the first signature that was added
)

func page(more ...any) []any { return slices.Concat(pagePath, more) }

// annotated adds an annotation to the page.
func (b *Base) annotated(annotation revision.Dict) []byte {
	return b.update(func(u *revision.Update) { b.annotate(u, u.Add(annotation)) })
}

// annotate hangs an annotation onto the page.
func (b *Base) annotate(u *revision.Update, ref revision.Ref) {
	annots, _ := b.at(page("Annots")...)
	a := append(slices.Clone(annots.(revision.Array)), ref)
	p, pageRef := b.dict(pagePath...)
	if at, ok := p["Annots"].(revision.Ref); ok {
		u.Replace(at, a)
		return
	}
	p["Annots"] = a
	u.Replace(pageRef, p)
}

// text is a content stream that says something.
func text(words string) *revision.Stream {
	return &revision.Stream{Dict: revision.Dict{}, Data: fmt.Appendf(nil, "BT /F 24 Tf 100 400 Td (%s) Tj ET", words)}
}

// form is a drawing that covers everything with words on white.
func form(words string) *revision.Stream {
	return &revision.Stream{Dict: revision.Dict{"Type": revision.Name("XObject"), "Subtype": revision.Name("Form"),
		"BBox": box(0, 0, 595, 842), "Resources": revision.Dict{"Font": revision.Dict{"F": revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("Type1"), "BaseFont": revision.Name("Helvetica")}}}},
		Data: fmt.Appendf(nil, "1 g 0 0 595 842 re f 0 g BT /F 24 Tf 100 400 Td (%s) Tj ET", words)}
}

func box(x0, y0, x1, y1 int) revision.Array {
	return revision.Array{revision.Int(x0), revision.Int(y0), revision.Int(x1), revision.Int(y1)}
}

func any1(*Base) bool              { return true }
func certified(b *Base) bool       { return b.P > 0 }
func uncertified(b *Base) bool     { return b.P == 0 }
func level(p int) func(*Base) bool { return func(b *Base) bool { return b.P == p } }
