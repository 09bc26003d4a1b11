package attack

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"sohoa/pdf/revision"
)

// Own are attacks that we thought of ourselves.
var Own = []Attack{
	{"bytes", "in the page", []string{"altered", "structure"}, any1, func(b *Base) []byte { return b.flipped(30) }},
	{"bytes", "of the claimed time", []string{"altered"}, any1, func(b *Base) []byte { return b.patched(regexp.MustCompile(`/M <44`), "/M <45") }},
	{"bytes", "of the certificate's name", []string{"certificate", "cms", "signature", "issuer"}, any1, func(b *Base) []byte { return b.flip([]byte(b.Signer.Chain[0].Subject.CommonName)) }},
	{"bytes", "of the certificate's key", []string{"signature", "certificate", "cms"}, any1, func(b *Base) []byte { return b.flip(b.Signer.Chain[0].RawSubjectPublicKeyInfo[:60]) }},
	{"bytes", "of the digest", []string{"altered", "signature"}, any1, func(b *Base) []byte {
		c := b.cms()
		mark := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04, 0x31, 0x22, 0x04, 0x20} // message-digest of 32 bytes
		c[bytes.Index(c, mark)+len(mark)] ^= 1
		return b.signed(c)
	}},
	{"bytes", "behind the signature", []string{"contents"}, any1, func(b *Base) []byte {
		c := b.cms()
		c[len(c)-1] = 1
		return b.signed(c)
	}},
	{"bytes", "file cut short", []string{"structure"}, any1, func(b *Base) []byte { return b.File[:len(b.File)-10] }},
	{"bytes", "cut before the signature", []string{"none", "structure"}, any1, func(b *Base) []byte {
		i := bytes.LastIndex(b.File[:b.ranges()[1]], []byte("%%EOF"))
		return b.File[:i+6]
	}},
	{"cms", "signed by nobody known", []string{"issuer"}, any1, func(b *Base) []byte { return b.resigned(b.Evil) }},
	{"cms", "signed by nobody known, known certificate thrown in", []string{"issuer"}, any1, func(b *Base) []byte {
		evil := b.Evil
		evil.Chain = append(append(evil.Chain[:0:0], evil.Chain...), b.Signer.Chain...)
		return b.resigned(evil)
	}},
	{"cms", "of another file", []string{"altered"}, any1, func(b *Base) []byte { return b.signed(PAdES(b.Signer, []byte("another file"))) }},

	{"field", "renamed", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"T": revision.String("Other")}, lastPath...) }},
	{"field", "removed from the form", []string{"remnant"}, any1, func(b *Base) []byte {
		f, _ := b.at("AcroForm", "Fields")
		return b.with(revision.Dict{"Fields": f.(revision.Array)[:2]}, "AcroForm")
	}},
	{"field", "form removed", []string{"remnant"}, any1, func(b *Base) []byte {
		d, ref := b.dict()
		delete(d, "AcroForm")
		return b.update(func(u *revision.Update) { u.Replace(ref, d) })
	}},
	{"field", "form is another", []string{"remnant"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict()
			d["AcroForm"] = u.Add(revision.Dict{"Fields": revision.Array{}})
			u.Replace(ref, d)
		})
	}},
	{"field", "order of the form", []string{"changed"}, any1, func(b *Base) []byte {
		f, _ := b.at("AcroForm", "Fields")
		a := f.(revision.Array)
		return b.with(revision.Dict{"Fields": revision.Array{a[1], a[0], a[2]}}, "AcroForm")
	}},
	{"field", "new field of the same name", []string{"changed", "structure"}, any1, func(b *Base) []byte {
		f, _ := b.dict(lastPath...)
		return b.sign(b.Signer, Spec{Rect: box(300, 600, 400, 640), Field: revision.Dict{"T": f["T"]}})
	}},
	{"field", "mark of the signature replaced", []string{"changed"}, any1, func(b *Base) []byte {
		return b.replaced(form("Pay 900 dong"), append(append([]any{}, lastPath...), "AP", "N")...)
	}},
	{"field", "mark of the signature moved", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"Rect": box(0, 0, 595, 842)}, lastPath...) }},
	{"field", "signature field with an action", []string{"changed"}, any1, func(b *Base) []byte {
		return b.sign(b.Signer, Spec{Rect: box(300, 600, 400, 640), Field: revision.Dict{"AA": revision.Dict{"E": revision.Dict{"S": revision.Name("JavaScript"), "JS": revision.String("app.alert(1)")}}}})
	}},
	{"field", "signature field on a layer", []string{"changed"}, any1, func(b *Base) []byte {
		_, ocg := b.at("OCProperties", "OCGs", 0)
		return b.sign(b.Signer, Spec{Rect: box(300, 600, 400, 640), Field: revision.Dict{"OC": ocg}})
	}},
	{"field", "new text field", []string{"changed"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			b.addField(u, revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name("Widget"), "FT": revision.Name("Tx"), "T": revision.String("More"), "V": revision.String("900"), "Rect": box(100, 390, 300, 430)})
		})
	}},

	{"page", "turned", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"Rotate": revision.Int(180)}, pagePath...) }},
	{"page", "cut", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"CropBox": box(0, 0, 100, 100)}, pagePath...) }},
	{"page", "media box of the tree", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"MediaBox": box(0, 0, 100, 100)}, "Pages") }},
	{"page", "resources of the tree", []string{"changed"}, any1, func(b *Base) []byte {
		_, courier := b.at("Shadow", "Font")
		return b.with(revision.Dict{"Resources": revision.Dict{"Font": revision.Dict{"F": courier}}}, "Pages")
	}},
	{"page", "resources that pages inherit", []string{"changed"}, any1, func(b *Base) []byte {
		_, courier := b.at("Shadow", "Font")
		return b.with(revision.Dict{"Font": revision.Dict{"F": courier}}, "Pages", "Resources")
	}},
	{"page", "resources of its own", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"Resources": revision.Dict{}}, pagePath...) }},
	{"page", "another parent", []string{"changed"}, any1, func(b *Base) []byte {
		_, up := b.at("Shadow", "Page", "Parent")
		return b.with(revision.Dict{"Parent": up}, pagePath...)
	}},
	{"page", "added", []string{"changed"}, any1, func(b *Base) []byte {
		kids, _ := b.at("Pages", "Kids")
		_, p := b.at("Shadow", "Page")
		return b.with(revision.Dict{"Kids": append(append(revision.Array{}, kids.(revision.Array)...), p), "Count": revision.Int(2)}, "Pages")
	}},
	{"page", "script of the page", []string{"changed"}, any1, func(b *Base) []byte {
		return b.with(revision.Dict{"AA": revision.Dict{"O": revision.Dict{"S": revision.Name("JavaScript"), "JS": revision.String("1")}}}, pagePath...)
	}},
	{"page", "annotations became another array", []string{"changed"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict(pagePath...)
			d["Annots"] = u.Add(revision.Array{})
			u.Replace(ref, d)
		})
	}},
	{"page", "order of the annotations", []string{"changed"}, any1, func(b *Base) []byte {
		a, _ := b.at(page("Annots")...)
		l := a.(revision.Array)
		return b.replaced(append(revision.Array{l[1], l[0]}, l[2:]...), page("Annots")...)
	}},

	{"catalog", "layer switched off", []string{"changed"}, any1, func(b *Base) []byte {
		_, ocg := b.at("OCProperties", "OCGs", 0)
		return b.with(revision.Dict{"OCProperties": revision.Dict{"OCGs": revision.Array{ocg}, "D": revision.Dict{"OFF": revision.Array{ocg}}}})
	}},
	{"catalog", "layer is another", []string{"changed"}, any1, func(b *Base) []byte {
		return b.replaced(revision.Dict{"Type": revision.Name("OCG"), "Name": revision.String("x"), "Usage": revision.Dict{"View": revision.Dict{"ViewState": revision.Name("OFF")}}}, "OCProperties", "OCGs", 0)
	}},
	{"catalog", "script at opening", []string{"changed"}, any1, func(b *Base) []byte {
		return b.with(revision.Dict{"OpenAction": revision.Dict{"S": revision.Name("JavaScript"), "JS": revision.String("1")}})
	}},
	{"catalog", "script in the name tree", []string{"changed"}, any1, func(b *Base) []byte {
		n, _ := b.dict()
		names := revision.Dict{"JavaScript": revision.Dict{"Names": revision.Array{revision.String("x"), revision.Dict{"S": revision.Name("JavaScript"), "JS": revision.String("1")}}}}
		names["Dests"] = n["Names"].(revision.Dict)["Dests"]
		return b.with(revision.Dict{"Names": names})
	}},
	{"catalog", "name tree", []string{"changed"}, any1, func(b *Base) []byte { return b.replaced(revision.Dict{"Names": revision.Array{}}, "Names", "Dests") }},
	{"catalog", "form needs appearances", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"NeedAppearances": true}, "AcroForm") }},
	{"catalog", "XFA form", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"XFA": revision.String("<x/>")}, "AcroForm") }},
	{"catalog", "calculation order", []string{"changed"}, any1, func(b *Base) []byte {
		_, sum := b.at(sumPath...)
		return b.with(revision.Dict{"CO": revision.Array{sum}}, "AcroForm")
	}},
	{"catalog", "signature flags", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"SigFlags": revision.Int(0)}, "AcroForm") }},
	{"catalog", "default resources", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"DR": revision.Dict{}}, "AcroForm") }},

	{"evidence", "evidence and another text", []string{"changed"}, any1, func(b *Base) []byte {
		return (&Base{File: b.stored()}).replaced(text("Pay 900 dong"), page("Contents", 0)...)
	}},
	{"evidence", "store is a page's", []string{"changed"}, any1, func(b *Base) []byte {
		_, p := b.at(pagePath...)
		return b.with(revision.Dict{"DSS": p})
	}},
	{"evidence", "store with contents", []string{"changed"}, any1, func(b *Base) []byte {
		s := &Base{File: b.stored()}
		s.Signer = b.Signer
		return s.with(revision.Dict{"Contents": revision.String("x")}, "DSS")
	}},

	{"time-stamp", "of other bytes", []string{"altered"}, func(b *Base) bool { return b.Signer.Stamp != nil }, func(b *Base) []byte { return b.stamped([]byte("other bytes")) }},
	{"time-stamp", "with a mark", []string{"changed", "hidden"}, func(b *Base) bool { return b.Signer.Stamp != nil }, func(b *Base) []byte {
		return b.sign(b.Signer, Spec{Format: "ETSI.RFC3161", Rect: box(300, 600, 400, 640), CMS: b.Signer.Stamp})
	}},
	{"time-stamp", "and another text", []string{"changed"}, func(b *Base) bool { return b.Signer.Stamp != nil }, func(b *Base) []byte {
		s := &Base{File: b.stamped(nil), Signer: b.Signer}
		return s.replaced(text("Pay 900 dong"), page("Contents", 0)...)
	}},

	{"xref", "free object used again", []string{"changed"}, any1, func(b *Base) []byte {
		freed := b.raw("xref\n%d 1\n0000000000 00001 f \ntrailer\n<</Size 200 /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", b.pageRef(), b.root(), b.prev(), len(b.File))
		return append(freed, ' ')[:len(freed)]
	}},
	{"xref", "generation raised", []string{"changed"}, any1, func(b *Base) []byte {
		body := strings.Replace(b.evilPage(), " 0 obj", " 1 obj", 1)
		return b.table(body, func(at int) string { return fmt.Sprintf("%d 1\n%010d 00001 n \n", b.pageRef(), at) }, b.prev())
	}},
	{"xref", "hidden stream of cross-references", []string{"update", "structure"}, any1, func(b *Base) []byte {
		return b.table(b.evilPage(), b.one, fmt.Sprintf("/XRefStm %d %s", b.start(), b.prev()))
	}},
	{"xref", "Prev in a circle", []string{"structure"}, any1, func(b *Base) []byte {
		body := b.evilPage()
		return b.table(body, b.one, fmt.Sprintf("/Prev %d", len(b.File)+len(body)))
	}},
	{"xref", "Prev past the signature", []string{"remnant", "structure", "changed"}, any1, func(b *Base) []byte {
		all := regexp.MustCompile(`startxref\s+(\d+)`).FindAllSubmatch(b.File, -1)
		return b.table(b.evilPage(), b.one, fmt.Sprintf("/Prev %s", all[0][1]))
	}},
	{"xref", "page into the signature's gap", []string{"changed", "structure", "contents"}, any1, func(b *Base) []byte {
		return b.table("", func(int) string { return fmt.Sprintf("%d 1\n%010d 00000 n \n", b.pageRef(), b.ranges()[1]+2000) }, b.prev())
	}},
	{"xref", "object under two numbers", []string{"update"}, any1, func(b *Base) []byte {
		body := b.evilPage()
		return b.table(body, func(at int) string { return b.one(at) + fmt.Sprintf("160 1\n%010d 00000 n \n", at) }, b.prev())
	}},
	{"parser", "second text in a comment", []string{"update"}, any1, func(b *Base) []byte {
		body := "150 0 obj\n<<>>\nendobj\n% " + strings.ReplaceAll(b.evilPage(), "\n", " ") + "\n"
		return b.table(body, func(at int) string { return fmt.Sprintf("150 1\n%010d 00000 n \n", at) }, b.prev())
	}},
	{"parser", "object between object and xref", []string{"update"}, any1, func(b *Base) []byte {
		body := "150 0 obj\n<<>>\nendobj\n" + b.evilPage()
		return b.table(body, func(at int) string { return fmt.Sprintf("150 1\n%010d 00000 n \n", at) }, b.prev())
	}},
	{"parser", "stream longer than it says", []string{"update"}, any1, func(b *Base) []byte {
		body := "150 0 obj\n<</Length 2>>\nstream\nxx\nendstream\n" + b.evilPage() + "endstream\nendobj\n"
		return b.table(body, func(at int) string { return fmt.Sprintf("150 1\n%010d 00000 n \n", at) }, b.prev())
	}},
	{"parser", "two %%EOF", []string{"update", "structure"}, any1, func(b *Base) []byte { return b.raw("%s%%%%EOF\n%%%%EOF\n", b.evilPage()) }},
	{"parser", "junk before the header", []string{"kind"}, any1, func(b *Base) []byte { return append([]byte("junk\n"), b.File...) }},
	{"parser", "key twice", []string{"structure", "update"}, any1, func(b *Base) []byte {
		d, ref := b.dict(pagePath...)
		_, shadow := b.at("Shadow", "Content")
		_, up := b.at("Pages")
		_ = d
		body := fmt.Sprintf("%d 0 obj\n<</Type /Page /Parent %d 0 R /Contents %d 0 R /Contents %d 0 R>>\nendobj\n", ref.Num, up.Num, shadow.Num, shadow.Num)
		return b.table(body, b.one, b.prev())
	}},
	{"parser", "name in disguise", []string{"changed"}, any1, func(b *Base) []byte {
		body := strings.Replace(b.evilPage(), "/Contents", "/#43ontents", 1)
		return b.table(body, b.one, b.prev())
	}},
	{"parser", "form feed and NUL between words", []string{"changed", "structure", "update"}, any1, func(b *Base) []byte {
		body := strings.Replace(b.evilPage(), " 0 obj", "\x00\f0\x00obj", 1)
		return b.table(body, b.one, b.prev())
	}},
	{"parser", "ByteRange in a comment", []string{"remnant"}, any1, func(b *Base) []byte { return b.raw("%%/ByteRange [0 1 2 3]\nstartxref\n%d\n%%%%EOF\n", b.start()) }},
}

func (b *Base) pageRef() int {
	_, ref := b.at(pagePath...)
	return ref.Num
}

// flipped changes a byte of the first part of the file.
func (b *Base) flipped(at int) []byte {
	out := bytes.Clone(b.File)
	i := bytes.Index(out, []byte("stream\n")) + len("stream\n")
	out[i+at%10] ^= 1
	return out
}

// resigned puts another signer's signature over the same bytes.
func (b *Base) resigned(who Signer) []byte {
	r := b.ranges()
	covered := append(bytes.Clone(b.File[:r[1]]), b.File[r[2]:r[2]+r[3]]...)
	return b.signed(PAdES(who, covered))
}

// stamped adds a document time-stamp, of other bytes if there are any.
func (b *Base) stamped(other []byte) []byte {
	return b.sign(b.Signer, Spec{Format: "ETSI.RFC3161", Rect: box(0, 0, 0, 0), CMS: func(covered []byte) []byte {
		if other != nil {
			covered = other
		}
		return b.Signer.Stamp(covered)
	}})
}
