package attack

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"sohoa/pdf/revision"
)

// Published are the attacks of the papers on signatures and on their CMS.
var Published = []Attack{
	// What stands in the signature cannot be used (USF).
	{"USF", "no ByteRange", []string{"byte-range"}, any1, func(b *Base) []byte { return b.patched(regexp.MustCompile(`/ByteRange \[`), "/ByteRangX [") }},
	{"USF", "ByteRange null", []string{"byte-range"}, any1, func(b *Base) []byte { return b.patched(rangePattern, "/ByteRange null") }},
	{"USF", "ByteRange empty", []string{"byte-range"}, any1, func(b *Base) []byte { return b.patched(rangePattern, "/ByteRange []") }},
	{"USF", "ByteRange of nothing", []string{"byte-range"}, any1, func(b *Base) []byte { return b.ranged(0, 0, 0, 0) }},
	{"USF", "ByteRange negative", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, -r[1], r[2], r[3]) }},
	{"USF", "ByteRange of two", []string{"byte-range"}, any1, func(b *Base) []byte { return b.ranged(0, b.ranges()[1]) }},
	{"USF", "ByteRange not a number", []string{"byte-range"}, any1, func(b *Base) []byte { return b.patched(rangePattern, "/ByteRange [0 /a /b /c]") }},
	{"USF", "ByteRange huge", []string{"byte-range"}, any1, func(b *Base) []byte { return b.patched(rangePattern, "/ByteRange [0 9 99999999999 1]") }},
	{"USF", "no Contents", []string{"byte-range"}, any1, func(b *Base) []byte { return bytes.Replace(b.File, []byte("/Contents <3"), []byte("/ContentX <3"), 1) }},
	{"USF", "Contents null", []string{"byte-range", "contents"}, any1, func(b *Base) []byte { return b.patched(contentsPattern, "/Contents null") }},
	{"USF", "Contents empty", []string{"byte-range", "contents"}, any1, func(b *Base) []byte { return b.patched(contentsPattern, "/Contents <>") }},
	{"USF", "Contents zero", []string{"contents"}, any1, func(b *Base) []byte { return b.signed([]byte{0}) }},
	{"USF", "Contents garbage", []string{"contents", "cms"}, any1, func(b *Base) []byte { return b.signed([]byte("no signature")) }},
	{"USF", "no SubFilter", []string{"sub-filter"}, any1, func(b *Base) []byte { return b.patched(regexp.MustCompile(`/SubFilter /[A-Za-z0-9.]+`), "") }},
	{"USF", "signature became null", []string{"remnant"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"V": nil}, lastPath...) }},

	// The ByteRange is moved round something else (SWA).
	{"SWA", "gap moved on", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, r[1]+100, r[2]+100, r[3]-100) }},
	{"SWA", "gap widened behind", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, r[1], r[2]+2, r[3]-2) }},
	{"SWA", "gap widened before", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, r[1]-2, r[2], r[3]) }},
	{"SWA", "thousand bytes", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, r[1], r[2], 1) }},
	{"SWA", "first part only", []string{"byte-range"}, any1, func(b *Base) []byte { r := b.ranges(); return b.ranged(0, 1000, 1000, r[1]-1000) }},
	{"SWA", "second part copied behind", []string{"byte-range", "structure"}, any1, func(b *Base) []byte { return b.wrapped("", "") }},
	{"SWA", "wrapped with malicious objects", []string{"byte-range", "structure", "update"}, any1, func(b *Base) []byte { return b.wrapped(b.evilPage(), "") }},
	{"SWA", "wrapped with padding", []string{"byte-range", "structure"}, any1, func(b *Base) []byte { return b.wrapped("", strings.Repeat("0", 400)) }},
	{"SWA", "wrapped in a comment", []string{"byte-range", "structure"}, any1, func(b *Base) []byte { return b.wrapped("%", "\n") }},
	{"SWA", "wrapped in a stream", []string{"byte-range", "structure"}, any1, func(b *Base) []byte {
		return b.wrapped("150 0 obj\n<</Length 900>>\nstream\n", "\nendstream\nendobj\n")
	}},
	{"SWA", "two ByteRanges", []string{"byte-range", "structure"}, any1, func(b *Base) []byte {
		return b.patched(regexp.MustCompile(`/Filter /Adobe.PPKLite`), "/ByteRange [0 9 99 9]")
	}},

	// An update without the care of one (ISA).
	{"ISA", "objects, no xref, no trailer", []string{"structure"}, any1, func(b *Base) []byte { return b.raw("%s", b.evilPage()) }},
	{"ISA", "objects and %%EOF", []string{"structure", "update"}, any1, func(b *Base) []byte { return b.raw("%s%%%%EOF\n", b.evilPage()) }},
	{"ISA", "objects and trailer, no xref", []string{"structure", "update"}, any1, func(b *Base) []byte {
		return b.raw("%strailer\n<</Size 200 /Root 1 0 R>>\n%%%%EOF\n", b.evilPage())
	}},
	{"ISA", "objects, old startxref", []string{"update"}, any1, func(b *Base) []byte { return b.raw("%sstartxref\n%d\n%%%%EOF\n", b.evilPage(), b.start()) }},
	{"ISA", "objects and trailer, old startxref", []string{"update"}, any1, func(b *Base) []byte {
		return b.raw("%strailer\n<</Size 200 /Root 1 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", b.evilPage(), b.start(), b.start())
	}},
	{"ISA", "xref that names nothing", []string{"update"}, any1, func(b *Base) []byte {
		return b.table(b.evilPage(), func(int) string { return "0 0\n" }, b.prev())
	}},
	{"ISA", "xref without Prev", []string{"structure", "update", "remnant", "changed"}, any1, func(b *Base) []byte { return b.table(b.evilPage(), b.one, "") }},
	{"ISA", "xref that names another object there", []string{"structure", "update"}, any1, func(b *Base) []byte {
		return b.table(b.evilPage(), func(at int) string { return fmt.Sprintf("150 1\n%010d 00000 n \n", at) }, b.prev())
	}},
	{"ISA", "startxref to nowhere", []string{"structure"}, any1, func(b *Base) []byte { return b.raw("%sstartxref\n99999999\n%%%%EOF\n", b.evilPage()) }},
	{"ISA", "startxref zero", []string{"structure"}, any1, func(b *Base) []byte { return b.raw("%sstartxref\n0\n%%%%EOF\n", b.evilPage()) }},
	{"ISA", "page replaced, proper update", []string{"changed"}, any1, func(b *Base) []byte { return b.table(b.evilPage(), b.one, b.prev()) }},
	{"ISA", "page replaced, signature copied", []string{"changed", "remnant", "structure"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			_, p := b.at(pagePath...)
			_, shadow := b.at("Shadow", "Content")
			d, _ := b.dict(pagePath...)
			d["Contents"] = shadow
			u.Replace(p, d)
			f, ref := b.dict(lastPath...)
			v := must(b.open().DictOf(f["V"]))
			f["V"] = u.Add(v)
			u.Replace(ref, f)
		})
	}},
	{"ISA", "catalog swapped", []string{"changed"}, any1, func(b *Base) []byte {
		d, _ := b.dict("Shadow", "Catalog")
		form, _ := b.dict()
		d["AcroForm"] = form["AcroForm"]
		return b.replaced(d)
	}},
	{"ISA", "Root is another", []string{"changed", "none", "remnant"}, any1, func(b *Base) []byte {
		_, shadow := b.at("Shadow", "Catalog")
		return b.raw("xref\n0 0\ntrailer\n<</Size 200 /Root %d 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n", shadow.Num, b.start(), len(b.File))
	}},
	{"ISA", "Info is another", []string{"changed"}, any1, func(b *Base) []byte {
		body := "150 0 obj\n<</Title (Another contract)>>\nendobj\n"
		return b.table(body, func(at int) string { return fmt.Sprintf("150 1\n%010d 00000 n \n", at) }, fmt.Sprintf("/Info 150 0 R /Prev %d", b.start()))
	}},
	{"ISA", "trailing bytes", []string{"structure"}, any1, func(b *Base) []byte { return b.raw("%%trailing\n") }},
	{"ISA", "trailing zeros", []string{"structure"}, any1, func(b *Base) []byte { return append(bytes.Clone(b.File), make([]byte, 2000)...) }},

	// Shadow attacks: what was prepared before signing is shown or hidden.
	{"shadow-hide", "layer removed from the page", []string{"changed"}, any1, func(b *Base) []byte {
		contents, _ := b.at(page("Contents")...)
		return b.with(revision.Dict{"Contents": contents.(revision.Array)[:1]}, pagePath...)
	}},
	{"shadow-hide", "layer freed in the xref", []string{"changed"}, any1, func(b *Base) []byte {
		_, ref := b.at(page("Contents", 1)...)
		return b.raw("xref\n%d 1\n0000000000 00001 f \ntrailer\n<</Size 200 /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", ref.Num, b.root(), b.prev(), len(b.File))
	}},
	{"shadow-hide", "layer replaced by nothing", []string{"changed"}, any1, func(b *Base) []byte {
		return b.replaced(&revision.Stream{Dict: revision.Dict{}}, page("Contents", 1)...)
	}},
	{"shadow-hide", "image of the layer replaced", []string{"changed"}, any1, func(b *Base) []byte { return b.replaced(form("Pay 900 dong"), "Pages", "Resources", "XObject", "Im") }},
	{"shadow-hide", "annotation removed", []string{"changed"}, any1, func(b *Base) []byte {
		a, _ := b.at(page("Annots")...)
		return b.replaced(a.(revision.Array)[1:], page("Annots")...)
	}},
	{"shadow-replace", "text", []string{"changed"}, any1, func(b *Base) []byte { return b.replaced(text("Pay 900 dong"), page("Contents", 0)...) }},
	{"shadow-replace", "font", []string{"changed"}, any1, func(b *Base) []byte {
		return b.replaced(revision.Dict{"Type": revision.Name("Font"), "Subtype": revision.Name("Type1"), "BaseFont": revision.Name("Symbol")}, "Pages", "Resources", "Font", "F")
	}},
	{"shadow-replace", "form value", []string{"changed", "not-permitted", "locked"}, func(b *Base) bool { return b.P < 2 }, func(b *Base) []byte {
		return b.with(revision.Dict{"V": revision.String("900")}, sumPath...)
	}},
	{"shadow-replace", "form value by its default", []string{"changed"}, any1, func(b *Base) []byte {
		return b.with(revision.Dict{"DV": revision.String("900"), "V": revision.String("900")}, sumPath...)
	}},
	{"shadow-replace", "form drawn in a new font", []string{"changed"}, any1, func(b *Base) []byte {
		return b.update(func(u *revision.Update) {
			d, ref := b.dict(sumPath...)
			d["V"], d["AP"] = revision.String("100"), revision.Dict{"N": u.Add(form("900"))}
			u.Replace(ref, d)
		})
	}},
	{"shadow-replace", "form font of the resources", []string{"changed"}, any1, func(b *Base) []byte {
		_, courier := b.at("Shadow", "Font")
		d, _ := b.dict("AcroForm")
		d["DR"] = revision.Dict{"Font": revision.Dict{"F": courier}}
		return b.replaced(d, "AcroForm")
	}},
	{"shadow-replace", "form drawing grows", []string{"changed"}, any1, func(b *Base) []byte { return b.with(revision.Dict{"Rect": box(0, 0, 595, 842)}, sumPath...) }},
	{"shadow-hide-replace", "page tree", []string{"changed"}, any1, func(b *Base) []byte {
		_, p := b.at("Shadow", "Page")
		return b.with(revision.Dict{"Kids": revision.Array{p}}, "Pages")
	}},
	{"shadow-hide-replace", "contents", []string{"changed"}, any1, func(b *Base) []byte {
		_, c := b.at("Shadow", "Content")
		return b.with(revision.Dict{"Contents": c}, pagePath...)
	}},
	{"shadow-hide-replace", "pages of the catalog", []string{"changed"}, any1, func(b *Base) []byte {
		_, p := b.at("Shadow", "Page", "Parent")
		return b.with(revision.Dict{"Pages": p})
	}},
	{"shadow-hide-replace", "xref points the page at the other", []string{"changed", "structure"}, any1, func(b *Base) []byte {
		d, _ := b.dict("Shadow", "Page")
		return b.replaced(d, pagePath...)
	}},
}

func (b *Base) root() int {
	_, ref := b.at()
	return ref.Num
}

// wrapped moves what follows the signature to the end of the file and puts
// something else where it stood, with the ByteRange around both.
func (b *Base) wrapped(before, after string) []byte {
	r := b.ranges()
	tail := b.File[r[2]:]
	old := b.File[r[1]:r[2]]
	gap := ">>\nendobj\n" + before + strings.Repeat(" ", 600) + after
	to := r[2] + len(gap)
	head := (&Base{File: b.File[:r[2]]}).ranged(0, r[1], to, len(tail))
	return bytes.Join([][]byte{head[:r[1]], old, []byte(gap), tail}, nil)
}
