package hostile

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// monsters are allowed by every rule and take for ever to draw.
var monsters = []kind{
	{"operators", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "")
		d.objects[3] = deflated("", strings.Repeat([]string{"0 0 m 595 842 l S\n", "q Q\n", "0 0 595 842 re f\n", "1 0 0 1 0 0 cm\n"}[n%4], 1_000_000))
		return d.bytes()
	}},
	{"states", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "")
		d.objects[3] = deflated("", strings.Repeat("q 0.999 0 0 0.999 0 0 cm ", grow(n, 10_000, 5))+"0 0 9 9 re f")
		return d.bytes()
	}},
	{"dashes", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("["+[]string{"1e-9", "0.0001 0.0001", "0", "-1"}[n%4]+"] 0 d "+strings.Repeat("0 0 m 14000 14000 l S ", 200), "").bytes()
	}},
	{"clips", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "")
		d.objects[3] = deflated("", strings.Repeat("0 0 m 500 800 l 0 800 l 500 0 l h W n ", grow(n, 500, 4))+"0 0 595 842 re f")
		return d.bytes()
	}},
	{"curves", ".pdf", func(r *rand.Rand, n int) []byte {
		var b strings.Builder
		b.WriteString("0 0 m ")
		for range grow(n, 20_000, 2) {
			fmt.Fprintf(&b, "%d %d %d %d %d %d c ", r.IntN(600), r.IntN(900), r.IntN(600), r.IntN(900), r.IntN(600), r.IntN(900))
		}
		d := page("", "")
		d.objects[3] = deflated("", b.String()+"f*")
		return d.bytes()
	}},
	{"calculator", ".pdf", func(_ *rand.Rand, n int) []byte { // a function of thousands of steps for every pixel
		return page("/S sh", "/Shading<</S 5 0 R>>", "<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1 0 1]/Matrix[595 0 0 842 0 0]/Function 6 0 R>>",
			stream("/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]", "{ "+strings.Repeat("2 copy mul sin exch pop dup ", grow(n, 100, 4))+strings.Repeat("pop ", 2)+" 0 0 0 }")).bytes()
	}},
	{"mesh", ".pdf", func(r *rand.Rand, n int) []byte {
		data := make([]byte, grow(n, 20_000, 3))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		return page("/S sh", "/Shading<</S 5 0 R>>", stream(fmt.Sprintf("/ShadingType %d/ColorSpace/DeviceRGB/BitsPerCoordinate 8/BitsPerComponent 8/BitsPerFlag 8/VerticesPerRow 2/Decode[0 595 0 842 0 1 0 1 0 1]", 4+n%4), string(data))).bytes()
	}},
	{"radial", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page(strings.Repeat("/S sh ", grow(n, 20, 3)), "/Shading<</S 5 0 R>>", "<</ShadingType 3/ColorSpace/DeviceRGB/Coords[0 0 0 1e9 1e9 1e9]/Extend[true true]/Function<</FunctionType 2/N 1e-9/Domain[0 1]/C0[0 0 0]/C1[1 1 1]>>>>").bytes()
	}},
	{"sampled", ".pdf", func(_ *rand.Rand, n int) []byte {
		in := 32 >> (n % 4)
		return page("/C cs 0.5 scn 0 0 9 9 re f", "/ColorSpace<</C[/DeviceN["+strings.Repeat("/A ", in)+"]/DeviceRGB 5 0 R]>>",
			stream("/FunctionType 0/Domain["+strings.Repeat("0 1 ", in)+"]/Range[0 1 0 1 0 1]/Size["+strings.Repeat("255 ", in)+"]/BitsPerSample 32", "x")).bytes()
	}},
	{"inline-image", ".pdf", func(_ *rand.Rand, n int) []byte {
		head := []string{"BI /W 9 /H 9 /BPC 8 /CS /G ID ", "BI /W 60000 /H 60000 /BPC 8 /CS /RGB ID ", "BI /W -1 /H 2147483647 /IM true ID ", "BI "}[n%4]
		return page(strings.Repeat(head+"abc", grow(n, 1, 20)), "").bytes()
	}},
	{"text-huge", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "/Font<</F 5 0 R>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
		d.objects[3] = deflated("", "BT /F 1 Tf "+strings.Repeat("1 0 Td (abc def) Tj ", grow(n, 20_000, 3))+"ET")
		return d.bytes()
	}},
	{"annotations", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("0 0 m", "", "<</Type/Annot/Subtype/Square/Rect[0 0 500 800]/C[1 0 0]/P 3 0 R/AP<</N 6 0 R>>>>", stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "0 0 9 9 re f"))
		d.objects[2] = strings.Replace(d.objects[2], "/Contents", "/Annots["+strings.Repeat("5 0 R ", grow(n, 1000, 6))+"]/Contents", 1)
		return d.bytes()
	}},
	{"image-many", ".pdf", func(_ *rand.Rand, n int) []byte { // one large picture, drawn again and again
		d := page("", "/XObject<</I 5 0 R>>", stream("/Type/XObject/Subtype/Image/Width 8000/Height 8000/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", string(blown(62))))
		d.objects[3] = stream("", strings.Repeat("q 595 0 0 842 0 0 cm /I Do Q ", grow(n, 20, 4)))
		return d.bytes()
	}},
	{"font-broken", ".pdf", func(r *rand.Rand, n int) []byte {
		font := []byte("\x00\x01\x00\x00\x00\x04\x00\x40\x00\x02\x00\x00")
		for _, t := range []string{"glyf", "loca", "head", "maxp", "hmtx", "cmap"} {
			font = append(font, t...)
			for range 12 {
				font = append(font, byte(r.Uint32()>>(8*(n%4))))
			}
		}
		for range grow(n, 1000, 5) {
			font = append(font, 0xff, 0xff, 0, byte(r.Uint32()), 0x7f, 0xff, 0, 0) // composite glyphs of themselves
		}
		return withFont("<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 97/LastChar 104/Widths[9 9 9 9 9 9 9 9]/FontDescriptor 6 0 R>>",
			"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 9 9]/ItalicAngle 0/Ascent 9/Descent 0/CapHeight 9/StemV 9/FontFile"+[]string{"2", "", "3", "2"}[n%4]+" 7 0 R>>",
			deflated(fmt.Sprintf("/Length1 %d/Length2 2147483647/Length3 0/Subtype/Type1C", len(font)), string(font)))
	}},
	{"image-data", ".pdf", func(r *rand.Rand, n int) []byte { // large by word, next to nothing by data
		filter := []string{"/CCITTFaxDecode/DecodeParms<</K -1/Columns 60000/Rows 60000>>", "/JBIG2Decode", "/JPXDecode", "/DCTDecode", "/FlateDecode", "/RunLengthDecode", "/LZWDecode", "/CCITTFaxDecode/DecodeParms<</K 0/Columns 14000/Rows 14000>>"}[n%8]
		side := 60000
		if n >= 8 {
			side = 14000 // within the limit of pixels
		}
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		switch n % 8 {
		case 1: // a page of 2^31 by 2^31
			data = append([]byte("\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x13\x7f\xff\xff\xff\x7f\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00"), data...)
		case 2:
			data = append([]byte("\xff\x4f\xff\x51\x00\x2f\x00\x00\x7f\xff\xff\xff\x7f\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x07\x01\x01\x07\x01\x01\x07\x01\x01"), data...)
		case 3:
			data = append(jpegHead(60000, 60000, 3, 0xc0), data...)
		}
		return page("595 0 0 842 0 0 cm /I Do", "/XObject<</I 5 0 R>>",
			stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent %d/Filter%s", side, side, 1+7*(n%2), filter), string(data))).bytes()
	}},
}
