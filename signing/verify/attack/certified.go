package attack

import (
	"bytes"
	"slices"

	"sohoa/pdf/revision"
)

// annotationOf is an annotation over the sum of the contract.
func annotationOf(kind string, more revision.Dict) revision.Dict {
	d := revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name(kind), "Rect": box(90, 380, 400, 440), "F": revision.Int(4)}
	for k, v := range more {
		d[k] = v
	}
	return d
}

// evil makes an attack by one annotation.
func evil(name string, codes []string, on func(*Base) bool, kind string, more revision.Dict) Attack {
	return Attack{"EAA", name, codes, on, func(b *Base) []byte { return b.annotated(annotationOf(kind, more)) }}
}

// seen is an annotation that draws itself.
func seen(kind string) Attack {
	return Attack{"EAA", kind + " that draws itself", []string{"annotation"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			b.annotate(u, u.Add(annotationOf(kind, revision.Dict{"AP": revision.Dict{"N": u.Add(form("Pay 900 dong"))}})))
		})
	}}
}

// Certified are the attacks on certified files, at every level: annotations that
// replace what is seen (EAA) and signatures that do (SSA).
var Certified = []Attack{
	evil("FreeText", []string{"annotation"}, any1, "FreeText", revision.Dict{"Contents": revision.String("Pay 900 dong"), "DA": revision.String("/Helv 12 Tf")}),
	evil("Stamp", []string{"annotation"}, any1, "Stamp", nil),
	evil("Redact", []string{"annotation"}, any1, "Redact", revision.Dict{"OverlayText": revision.String("Pay 900 dong")}),
	evil("Square filled white", []string{"annotation"}, any1, "Square", revision.Dict{"IC": revision.Array{revision.Int(1), revision.Int(1), revision.Int(1)}}),
	evil("Line as thick as a page", []string{"annotation"}, any1, "Line", revision.Dict{"L": box(0, 400, 595, 400), "BS": revision.Dict{"W": revision.Int(300)}}),
	evil("Ink", []string{"annotation"}, any1, "Ink", revision.Dict{"InkList": revision.Array{box(0, 0, 500, 500)}}),
	evil("Link out", []string{"annotation"}, any1, "Link", revision.Dict{"A": revision.Dict{"S": revision.Name("URI"), "URI": revision.String("http://example.org")}}),
	evil("Widget of no field", []string{"changed"}, any1, "Widget", revision.Dict{"FT": revision.Name("Tx"), "T": revision.String("New"), "V": revision.String("900")}),
	evil("Watermark", []string{"annotation"}, any1, "Watermark", nil),
	evil("FileAttachment", []string{"annotation"}, any1, "FileAttachment", nil),
	evil("Text as large as a page", []string{"annotation"}, any1, "Text", revision.Dict{"Rect": box(0, 0, 595, 842)}),
	evil("Popup that opens", []string{"annotation"}, any1, "Popup", revision.Dict{"Open": true}),
	evil("Highlight in black", []string{"annotation"}, any1, "Highlight", revision.Dict{"C": revision.Array{revision.Int(0)}, "QuadPoints": revision.Array{}}),
	evil("Text with a layer", []string{"annotation"}, any1, "Text", revision.Dict{"Rect": box(0, 0, 20, 20), "OC": revision.Dict{"Type": revision.Name("OCG")}}),
	seen("Text"), seen("Highlight"), seen("StrikeOut"), seen("Stamp"),
	{"EAA", "note where only forms may be filled in", []string{"not-permitted"}, func(b *Base) bool { return b.P == 1 || b.P == 2 }, func(b *Base) []byte {
		return b.annotated(note())
	}},
	{"EAA", "note where nobody said", []string{"changed"}, uncertified, func(b *Base) []byte { return b.annotated(note()) }},
	{"EAA", "form filled in where nothing may be", []string{"not-permitted"}, level(1), func(b *Base) []byte {
		return b.with(revision.Dict{"V": revision.String("900")}, sumPath...)
	}},
	{"SSA", "signature where nothing may be", []string{"not-permitted"}, level(1), func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(0, 0, 0, 0)}) }},
	{"SSA", "mark that shows another sum", []string{"not-permitted"}, certified, func(b *Base) []byte { return b.sign(b.Evil, Spec{Rect: box(300, 600, 400, 640)}) }},
	{"SSA", "mark that shows another sum, trusted", []string{"not-permitted"}, certified, func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(300, 600, 400, 640)}) }},
	{"SSA", "mark over the page", []string{"hidden"}, any1, func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(0, 0, 595, 842)}) }},
	{"SSA", "mark over the sum", []string{"hidden"}, any1, func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(95, 295, 205, 325)}) }},
	{"SSA", "mark over the signature", []string{"hidden"}, func(b *Base) bool { return true }, func(b *Base) []byte {
		f, _ := b.dict(lastPath...)
		return b.sign(b.Signer, Spec{Rect: f["Rect"].(revision.Array)})
	}},
	{"SSA", "signature that was never made", []string{"changed"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			look := u.Add(form("Pay 900 dong"))
			b.addField(u, revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name("Widget"), "FT": revision.Name("Sig"),
				"T": revision.String("Sneaky"), "Rect": box(100, 390, 300, 430), "AP": revision.Dict{"N": look}})
		})
	}},
	{"SSA", "signature dictionary without signature", []string{"changed", "byte-range", "remnant"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			look := u.Add(form("Pay 900 dong"))
			sig := u.Add(revision.Dict{"Type": revision.Name("Sig"), "SubFilter": revision.Name("ETSI.CAdES.detached")})
			b.addField(u, revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name("Widget"), "FT": revision.Name("Sig"),
				"T": revision.String("Sneaky"), "V": sig, "Rect": box(100, 390, 300, 430), "AP": revision.Dict{"N": look}})
		})
	}},
	{"SSA", "empty field drawn on", []string{"changed"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict("AcroForm", "Fields", 1)
			d["AP"] = revision.Dict{"N": u.Add(form("Pay 900 dong"))}
			u.Replace(ref, d)
		})
	}},
	{"SSA", "empty field moved and signed", []string{"changed"}, any1, func(b *Base) []byte {
		signed := b.sign(b.Signer, Spec{Chair: true})
		moved := &Base{File: signed}
		return moved.with(revision.Dict{"Rect": box(0, 0, 595, 842)}, "AcroForm", "Fields", 1)
	}},
	{"SSA", "permission withdrawn", []string{"changed"}, certified, func(b *Base) []byte {
		b.at("Perms")
		d, ref := b.dict()
		delete(d, "Perms")
		return b.update(func(u *revision.Update) { u.Replace(ref, d) })
	}},
	{"SSA", "permission of another", []string{"changed", "certification"}, certified, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict()
			d["Perms"] = revision.Dict{"DocMDP": u.Add(revision.Dict{"Type": revision.Name("Sig")})}
			u.Replace(ref, d)
		})
	}},
	{"SSA", "certified a second time", []string{"certification"}, any1, func(b *Base) []byte { return b.sign(b.Signer, Spec{P: 3, Rect: box(0, 0, 0, 0)}) }},
}

// note is a comment as a reader makes it.
func note() revision.Dict {
	return revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name("Text"), "Rect": box(500, 700, 520, 720), "Contents": revision.String("seen"), "F": revision.Int(28)}
}

// addField puts a field into the form and onto the page.
func (b *Base) addField(u *revision.Update, field revision.Dict) {
	ref := u.Add(field)
	f, at := b.dict("AcroForm")
	fields, _ := b.at("AcroForm", "Fields")
	f["Fields"] = append(slices.Clone(fields.(revision.Array)), ref)
	u.Replace(at, f)
	b.annotate(u, ref)
}

// Fine are the changes that may be made.
var Fine = []Allowed{
	{"evidence", "evidence", any1, func(b *Base) []byte { return b.stored() }},
	{"evidence twice", "evidence", any1, func(b *Base) []byte { return (&Base{File: b.stored()}).stored() }},
	{"second signature without a mark", "signature", func(b *Base) bool { return b.P != 1 }, func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(0, 0, 0, 0)}) }},
	{"second signature with a mark", "mark", uncertified, func(b *Base) []byte { return b.sign(b.Signer, Spec{Rect: box(300, 600, 400, 640)}) }},
	{"empty field signed", "signed-field", func(b *Base) bool { return b.P != 1 }, func(b *Base) []byte { return b.sign(b.Signer, Spec{Chair: true}) }},
	{"form filled in", "form", func(b *Base) bool { return b.P > 1 }, func(b *Base) []byte { return b.filled() }},
	{"form filled in, drawn in place", "form", func(b *Base) bool { return b.P > 1 }, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict(sumPath...)
			d["V"] = revision.String("250")
			u.Replace(ref, d)
			_, look := b.at(append(slices.Clone(sumPath), "AP", "N")...)
			u.Replace(look, b.drawn("250"))
		})
	}},
	{"note", "annotation", level(3), func(b *Base) []byte { return b.annotated(note()) }},
	{"highlight", "annotation", level(3), func(b *Base) []byte {
		return b.annotated(annotationOf("Highlight", revision.Dict{"C": revision.Array{revision.Int(1), revision.Int(1), revision.Int(0)},
			"QuadPoints": revision.Array{revision.Int(90), revision.Int(440), revision.Int(400), revision.Int(440), revision.Int(90), revision.Int(380), revision.Int(400), revision.Int(380)}}))
	}},
	{"date of change", "metadata", func(b *Base) bool { return b.P != 1 }, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			ref := b.open().Trailer()["Info"].(revision.Ref)
			d := revision.Dict{}
			for k, v := range must(b.open().DictOf(ref)) {
				d[k] = v
			}
			d["ModDate"] = revision.String("D:20270101000000Z")
			u.Replace(ref, d)
		})
	}},
	{"written again as it was", "", any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict(pagePath...)
			u.Replace(ref, d)
		})
	}},
	{"an object nobody names", "", any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) { u.Add(text("Pay 900 dong")) })
	}},
}

// stored adds evidence: a certificate.
func (b *Base) stored() []byte {
	u := b.open().Update()
	cert := b.Signer.Chain
	add := map[revision.Name][][]byte{revision.Certs: {}}
	for _, c := range cert {
		add[revision.Certs] = append(add[revision.Certs], c.Raw)
	}
	if err := u.Store(add); err != nil {
		panic(mistake{err.Error()})
	}
	return append(bytes.Clone(b.File), must(u.Tail())...)
}

// filled fills the text field in, with its drawing.
func (b *Base) filled() []byte {
	return b.update(func(u *revision.Update) {
		d, ref := b.dict(sumPath...)
		d["V"], d["AP"] = revision.String("250"), revision.Dict{"N": u.Add(b.drawn("250"))}
		u.Replace(ref, d)
	})
}

// drawn is what a text field shows, in the file's own font.
func (b *Base) drawn(value string) *revision.Stream {
	_, font := b.at("Pages", "Resources", "Font", "F")
	return &revision.Stream{Dict: revision.Dict{"Type": revision.Name("XObject"), "Subtype": revision.Name("Form"), "BBox": box(0, 0, 100, 20),
		"Resources": revision.Dict{"Font": revision.Dict{"F": font}}}, Data: []byte("/Tx BMC BT /F 12 Tf 2 5 Td (" + value + ") Tj ET EMC")}
}
