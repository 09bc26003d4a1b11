package hostile

import (
	"bytes"
	"compress/zlib"
	"math/rand/v2"
	"strings"
)

// spoilt are good files that were cut, or of which some bits are other ones.
var spoilt = []kind{
	{"cut-pdf", ".pdf", func(_ *rand.Rand, n int) []byte {
		return cut(goodPDF(), []string{"obj", "stream", "endstream", "xref", "trailer", "startxref", "%%EOF", ">>", "/Length"}, n)
	}},
	{"cut-jpeg", ".jpg", func(_ *rand.Rand, n int) []byte {
		return cut(goodJPEG(640, 900), []string{"\xff\xdb", "\xff\xc0", "\xff\xc4", "\xff\xda", "\xff\xd9", "\xff\x00"}, n)
	}},
	{"cut-png", ".png", func(_ *rand.Rand, n int) []byte { return cut(goodPNG(), []string{"IHDR", "IDAT", "IEND"}, n) }},
	{"cut-tiff", ".tif", func(_ *rand.Rand, n int) []byte { b := goodTIFF(); return b[:len(b)*(n%9+1)/10] }},
	{"flip-pdf", ".pdf", func(r *rand.Rand, n int) []byte { return flip(r, goodPDF(), grow(n, 1, 5)) }},
	{"flip-pdf-stream", ".pdf", func(r *rand.Rand, n int) []byte {
		return flip(r, page("BT ET 0 0 9 9 re f", "").streamed("", "", "", nil), grow(n, 1, 4))
	}},
	{"flip-jpeg", ".jpg", func(r *rand.Rand, n int) []byte { return flip(r, goodJPEG(640, 900), grow(n, 1, 5)) }},
	{"flip-png", ".png", func(r *rand.Rand, n int) []byte { return flip(r, goodPNG(), grow(n, 1, 5)) }},
	{"flip-tiff", ".tif", func(r *rand.Rand, n int) []byte { return flip(r, goodTIFF(), grow(n, 1, 5)) }},
	{"swap-pdf", ".pdf", func(r *rand.Rand, n int) []byte { // words in each other's place
		b := string(goodPDF())
		words := []string{"/Page", "/Pages", "/Catalog", "/Contents", "/Length", "/Filter", "/Type", "/Kids", "/Parent", "/XObject", "/Image", "/Form", "endstream", "endobj", " R", "stream"}
		for range 1 + n%3 {
			b = strings.Replace(b, words[r.IntN(len(words))], words[r.IntN(len(words))], 1+r.IntN(3))
		}
		return []byte(b)
	}},
	{"noise", ".pdf", func(r *rand.Rand, n int) []byte {
		b := []byte([]string{"%PDF-1.7\n", "\xff\xd8\xff\xe0", string(pngMagic), "II*\x00\x08\x00\x00\x00"}[n%4])
		for range grow(n, 10_000, 4) {
			b = append(b, byte(r.Uint32()))
		}
		return append(b, "\n%%EOF\n"...)
	}},
}

// cut ends b at, before or within a place where one of the marks stands.
func cut(b []byte, marks []string, n int) []byte {
	mark := []byte(marks[n%len(marks)])
	at := -1
	for range 1 + n/len(marks)%3 {
		if k := bytes.Index(b[at+1:], mark); k >= 0 {
			at += 1 + k
		}
	}
	if at < 0 {
		at = len(b) / 2
	}
	return b[:min(len(b), at+[]int{0, 1, len(mark), len(mark) + 3}[n/3%4])]
}

func flip(r *rand.Rand, b []byte, times int) []byte {
	b = bytes.Clone(b)
	for range times {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	return b
}

func goodPDF() []byte {
	jpg := goodJPEG(640, 900)
	return page("q 595 0 0 842 0 0 cm /I Do Q BT /F 12 Tf 72 72 Td (abc) Tj ET", "/XObject<</I 5 0 R/X 6 0 R>>/Font<</F 7 0 R>>",
		stream("/Type/XObject/Subtype/Image/Width 640/Height 900/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", string(jpg)),
		deflated("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 9 9 re f"),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>").bytes()
}

func goodPNG() []byte {
	rows := make([]byte, 65*64)
	for i := range rows {
		if rows[i] = byte(i * 7); i%65 == 0 {
			rows[i] = byte(i / 65 % 5)
		}
	}
	return png(chunkOf("pHYs", []byte{0, 0, 0x1e, 0xc3, 0, 0, 0x1e, 0xc3, 1}), chunkOf("IDAT", []byte(deflate(rows))))
}

func goodTIFF() []byte {
	t := newTIFF()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for i := range 100 * 100 {
		_, _ = z.Write([]byte{byte(i * i >> 3)})
	}
	_ = z.Close()
	for range 3 {
		at := t.put(packed.Bytes())
		t.page(100, 100, 100, 8, 8, []uint32{at}, []uint32{uint32(packed.Len())})
	}
	return t.b
}
