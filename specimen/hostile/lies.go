package hostile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// lies say other lengths, sizes and numbers than are true.
var lies = []kind{
	{"length", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "")
		d.objects[3] = "<</Length " + []string{"2147483647", "-1", "4 0 R", "99999999999999999999", "0", "1e9", "(9)", "5 0 R"}[n%8] + ">>\nstream\n0 0 m\nendstream"
		return d.bytes()
	}},
	{"size", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.size = []string{"2147483648", "-5", "0", "99999999999999999999", "1 0 R"}[n%5]
		return d.bytes()
	}},
	{"widths", ".pdf", func(_ *rand.Rand, n int) []byte { // /W of a cross-reference stream
		return page("0 0 m", "").streamed([]string{"[100 100 100]", "[0 0 0]", "[-1 3 1]", "[1 3]", "[2147483647 1 1]", "[1 3 1 9 9]"}[n%6], "", "", nil)
	}},
	{"index", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("0 0 m", "").streamed("", []string{"[0 2147483647]", "[2147483640 6]", "[-5 6]", "[0]", "[0 3 0 3 0 3]", "[" + strings.Repeat("0 1 ", 10000) + "]"}[n%6], "", nil)
	}},
	{"xref-offsets", ".pdf", func(r *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		var rows strings.Builder
		for range grow(n, 5, 40) {
			fmt.Fprintf(&rows, "%010d 00000 n \n", r.IntN(1<<30)>>r.IntN(30))
		}
		d.tail = fmt.Sprintf("xref\n0 %d\n%strailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%%d\n%%%%EOF\n", grow(n, 5, 40), rows.String())
		return d.bytes()
	}},
	{"xref-count", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.tail = "xref\n0 " + []string{"2147483647", "-1", "999999999999", "5 5 5"}[n%4] + "\n0000000000 65535 f \ntrailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%EOF\n"
		return d.bytes()
	}},
	{"startxref", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.tail = "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n" + []string{"0", "-1", "99999999999999999999", "18446744073709551615", "7"}[n%5] + "\n%%EOF\n"
		return d.bytes()
	}},
	{"names-huge", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("0 0 m", "", "<</"+strings.Repeat([]string{"A", "#41", "#00", "#zz"}[n%4], grow(n, 1000, 10))+" 1>>").bytes()
	}},
	{"strings-huge", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("0 0 m", "", "("+strings.Repeat([]string{"a", "(", "\\", "\\777"}[n%4], grow(n, 10_000, 5)), "<"+strings.Repeat("4", grow(n, 10_000, 5))).bytes()
	}},
	{"numbers", ".pdf", func(_ *rand.Rand, n int) []byte {
		big := []string{"2147483648", "-2147483649", "99999999999999999999999", strings.Repeat("9", 100_000), "1e400", "0." + strings.Repeat("0", 50_000) + "1", "--5", "4294967296"}[n%8]
		d := page(big+" 0 m "+big+" "+big+" l S "+big+" w", "")
		d.objects[2] = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + big + " " + big + "]/UserUnit " + big + "/Rotate " + big + "/Contents 4 0 R>>"
		return d.bytes()
	}},
	{"boxes", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 9 9 re f", "")
		box := []string{"0 0 14400 14400]/UserUnit 100000", "0 0 0 0]", "9 9 0 0]", "0 0 1e-9 1e9]", "-1e9 -1e9 1e9 1e9]", "0 0 5]", "(a)(b)(c)(d)]", "0 0 1 14400000]"}[n%8]
		d.objects[2] = "<</Type/Page/Parent 2 0 R/MediaBox[" + box + "/CropBox[0 0 9e9 1]/Contents 4 0 R>>"
		return d.bytes()
	}},
	{"count", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.objects[1] = "<</Type/Pages/Count " + []string{"2147483647", "-1", "1e18", "0", "(one)"}[n%5] + "/Kids[3 0 R]>>"
		return d.bytes()
	}},
	{"objstm", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.objects = append(d.objects, deflated([]string{"/Type/ObjStm/N 2147483647/First 4", "/Type/ObjStm/N 1/First 2147483647", "/Type/ObjStm/N -1/First -1", "/Type/ObjStm/N 100000/First 10"}[n%4], "7 0 <</A 1>>"))
		return d.streamed("", "", "", nil)
	}},
	{"encryption", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.trailer = "/Encrypt " + []string{
			"<</Filter/Standard/V 5/R 6/Length 2147483647/P -4/O()/U()>>", "<</Filter/Standard/V 1/R 2/Length -8/O<00>/U<00>/P 0>>",
			"5 0 R", "<</Filter/None/V 99>>", "<</Filter/Standard/V 4/R 4/CF<</StdCF<</CFM/AESV2/Length 1000000>>>>/StmF/StdCF/StrF/StdCF/O<" + strings.Repeat("00", 32) + ">/U<" + strings.Repeat("00", 32) + ">/P -1>>",
		}[n%5] + "/ID[<00><00>]"
		d.objects = append(d.objects, "<</Filter 5 0 R/V 5 0 R>>")
		return d.bytes()
	}},
	{"signature-blob", ".pdf", func(r *rand.Rand, n int) []byte { // a signature whose CMS is a nest
		der := []byte{}
		for range grow(n, 100, 6) { // indefinite lengths, one in the other
			der = append(der, 0x30, 0x80)
		}
		if n%2 == 1 {
			der = append([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x06, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0x24, 0x80}, 10_000)...)
		}
		d := page("0 0 m", "", fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 %d %d %d]/Contents<%x>>>", []int{10, 2147483647, -1, 0}[n%4], 20, 1<<40, der),
			"<</FT/Sig/T(s)/V 5 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R>>")
		d.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[6 0 R]>>>>"
		return d.bytes()
	}},
	{"polyglot", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.head = []string{"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\xc8\x00\xc8\x00\x00", "PK\x03\x04" + strings.Repeat("\x00", 26), "<html><script>alert(1)</script>",
			"II*\x00\x08\x00\x00\x00\x00\x00", "\x89PNG\r\n\x1a\n", "#!/bin/sh\nid\n", "%!PS-Adobe-3.0\n{loop} exec\n"}[n%7]
		return append(d.bytes(), "PK\x05\x06"+strings.Repeat("\x00", 18)...)
	}},
}
