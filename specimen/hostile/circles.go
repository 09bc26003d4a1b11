package hostile

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// circles lead back to where they came from, or down without a bottom.
var circles = []kind{
	{"xref-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		b, _ := d.body()
		at := b.Len()
		d.trailer = fmt.Sprintf("/Prev %d", []int{at, at - 10, 0, 1 << 40}[n%4])
		return d.bytes()
	}},
	{"xref-chain", ".pdf", func(_ *rand.Rand, n int) []byte { // thousands of revisions, the first of which leads to the last
		d := page("0 0 m", "")
		b, _ := d.body()
		var s strings.Builder
		first, prev := b.Len(), 0
		for range grow(n, 1000, 3) {
			at := first + s.Len()
			if prev == 0 {
				prev = at
			}
			fmt.Fprintf(&s, "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\n", prev)
			prev = at
		}
		fmt.Fprintf(&s, "startxref\n%d\n%%%%EOF\n", prev)
		d.tail = s.String()
		return d.bytes()
	}},
	{"xref-stream-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("0 0 m", "").streamed("", "", []string{"/Prev %d", "/XRefStm %d", "/Prev %d/XRefStm %d", "/Prev -1"}[n%4], nil)
	}},
	{"objstm-loop", ".pdf", func(_ *rand.Rand, n int) []byte { // object streams within and upon each other
		d := page("0 0 m", "")
		inner := "5 0 6 20 <</Extends 6 0 R>> <</Extends 5 0 R>> "
		d.objects = append(d.objects, deflated("/Type/ObjStm/N 2/First 9/Extends 6 0 R", inner), deflated("/Type/ObjStm/N 2/First 9/Extends 5 0 R", inner))
		rows := []byte{0, 0, 0, 0, 0xff}
		for i := 1; i <= 7; i++ { // every object lies in a stream that lies in it
			rows = append(rows, 2, 0, 0, byte(5+i%2), byte(n))
		}
		return d.streamed("", "", "", rows)
	}},
	{"pages-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		d.objects[1] = []string{
			"<</Type/Pages/Count 1/Kids[2 0 R]>>", "<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 2 0 R]>>",
			"<</Type/Pages/Count 1/Kids[5 0 R]>>", "<</Type/Pages/Count 1/Kids[3 0 R]/Parent 2 0 R>>"}[n%4]
		d.objects = append(d.objects, "<</Type/Pages/Parent 5 0 R/Count 1/Kids[2 0 R 3 0 R]>>")
		return d.bytes()
	}},
	{"kids-million", ".pdf", func(_ *rand.Rand, n int) []byte {
		kids := grow(n, 10_000, 5)
		d := page("0 0 m", "")
		d.objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", kids, strings.Repeat("3 0 R ", kids))
		return d.bytes()
	}},
	{"pages-deep", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "")
		deep := grow(n, 100, 10)
		d.objects[1] = "<</Type/Pages/Count 1/Kids[5 0 R]>>"
		for i := range deep {
			next := 6 + i
			if i == deep-1 {
				next = 3
			}
			d.objects = append(d.objects, fmt.Sprintf("<</Type/Pages/Count 1/Kids[%d 0 R]>>", next))
		}
		return d.bytes()
	}},
	{"arrays-deep", ".pdf", func(_ *rand.Rand, n int) []byte {
		deep := grow(n, 100, 20)
		return page("0 0 m", "", strings.Repeat("[", deep)+strings.Repeat("]", deep)).bytes()
	}},
	{"dicts-deep", ".pdf", func(_ *rand.Rand, n int) []byte {
		deep := grow(n, 100, 15)
		return page("0 0 m", "", strings.Repeat("<</A", deep)+" 1"+strings.Repeat(">>", deep)).bytes()
	}},
	{"content-deep", ".pdf", func(_ *rand.Rand, n int) []byte {
		deep := grow(n, 1000, 10)
		return page(strings.Repeat([]string{"[", "<<", "(", "q "}[n%4], deep), "").bytes()
	}},
	{"reference-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "", "6 0 R", "5 0 R")
		d.objects[2] = []string{
			"<</Type/Page/Parent 2 0 R/MediaBox 5 0 R/Contents 4 0 R>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 5 0 R>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[5 0 R 6 0 R 9 9]/Resources 5 0 R>>", "5 0 R"}[n%4]
		return d.bytes()
	}},
	{"forms-deep", ".pdf", func(_ *rand.Rand, n int) []byte {
		deep := grow(n, 50, 6)
		return forms(deep, "/X Do")
	}},
	{"forms-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("/X Do", "/XObject<</X 5 0 R>>", stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>", strings.Repeat("/X Do ", 1+n))).bytes()
	}},
	{"forms-billion", ".pdf", func(_ *rand.Rand, n int) []byte { // each draws the next ten times
		return forms(9+3*(n%4), strings.Repeat("/X Do ", 10))
	}},
	{"patterns-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		step := []string{"1", "0.001", "0", "1e-30"}[n%4]
		return page("/Pattern cs /P scn 0 0 595 842 re f", "/Pattern<</P 5 0 R>>",
			stream("/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep "+step+"/YStep "+step+"/Resources<</Pattern<</P 5 0 R>>>>", "/Pattern cs /P scn 0 0 9 9 re f")).bytes()
	}},
	{"functions-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("/S sh", "/Shading<</S 5 0 R>>", "<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 9 9]/Function 6 0 R/Extend[true true]>>",
			"<</FunctionType 3/Domain[0 1]/Functions["+strings.Repeat("6 0 R ", 1+n)+"]/Bounds["+strings.Repeat("0.5 ", n)+"]/Encode["+strings.Repeat("0 1 ", 1+n)+"]>>").bytes()
	}},
	{"type3-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		return withFont("<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[0.1 0 0 0.1 0 0]/FirstChar 97/LastChar 104/Widths[9 9 9 9 9 9 9 9]"+
			"/Encoding<</Differences[97/a/a/a/a/a/a/a/a]>>/CharProcs<</a 6 0 R>>/Resources<</Font<</F 5 0 R>>>>>>",
			stream("", "9 0 d0 "+strings.Repeat("BT /F 1 Tf (abcdefgh) Tj ET ", 1+n)))
	}},
	{"smask-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("/G gs 0 0 595 842 re f", "/ExtGState<</G 5 0 R>>", "<</SMask<</S/Luminosity/G 6 0 R>>>>",
			stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Group<</S/Transparency/CS/DeviceRGB>>/Resources<</ExtGState<</G 5 0 R>>>>", strings.Repeat("/G gs 0 0 595 842 re f ", 1+n))).bytes()
	}},
	{"smask-images", ".pdf", func(_ *rand.Rand, n int) []byte { // a picture whose mask has a mask, and so on round
		image := func(mask int) string {
			return deflated(fmt.Sprintf("/Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace/DeviceGray/BitsPerComponent 8/SMask %d 0 R", mask), strings.Repeat("\x80", 10000))
		}
		return page("595 0 0 842 0 0 cm /I Do", "/XObject<</I 5 0 R>>", image(6), image(5+n%3), image(5+n/2%3)).bytes()
	}},
	{"outline-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "", "<</Type/Outlines/First 6 0 R/Last 6 0 R/Count 1>>", fmt.Sprintf("<</Title(x%d)/Parent 5 0 R/Next %d 0 R/First 6 0 R>>", n, 5+n%2))
		d.objects[0] = "<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R/Names<</Dests 7 0 R>>>>"
		d.objects = append(d.objects, "<</Kids[7 0 R 7 0 R]/Limits[(a)(z)]>>")
		return d.bytes()
	}},
	{"fields-loop", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "", "<</FT/Tx/T(a)/Kids[5 0 R 6 0 R]/Parent 6 0 R>>", "<</T(b)/Kids[5 0 R]/Parent 5 0 R>>")
		d.objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R" + strings.Repeat(" 6 0 R", n) + "]>>/StructTreeRoot<</K 5 0 R/ParentTree 5 0 R>>>>"
		d.objects[2] = strings.Replace(d.objects[2], "/Contents", "/Annots[5 0 R 6 0 R]/Contents", 1)
		return d.bytes()
	}},
}

// forms is a page that draws a form that draws a form, deep of them.
func forms(deep int, draw string) []byte {
	d := page(draw, "/XObject<</X 5 0 R>>")
	for i := range deep {
		more := fmt.Sprintf("/Resources<</XObject<</X %d 0 R>>>>", 6+i)
		what := draw
		if i == deep-1 {
			more, what = "", "0 0 9 9 re f"
		}
		d.objects = append(d.objects, stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]"+more, what))
	}
	return d.bytes()
}
