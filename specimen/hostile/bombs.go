package hostile

import (
	"bytes"
	"compress/lzw"
	"fmt"
	"math/rand/v2"
	"strings"
)

// bombs become much more than they are.
var bombs = []kind{
	{"flate-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		return content("/Filter/FlateDecode", blown(grow(n, 64, 3))) // to 1.7 GB
	}},
	{"flate-chain", ".pdf", func(_ *rand.Rand, n int) []byte {
		b := blown(512)
		filters := "/FlateDecode"
		for range 1 + n%4 { // what is compressed is nearly all the same: again and again
			b, filters = []byte(deflate(b)), filters+"/FlateDecode"
		}
		return content("/Filter["+filters+"]", b)
	}},
	{"flate-many", ".pdf", func(_ *rand.Rand, n int) []byte { // each is within bounds, all are not
		d := page("", "")
		b := string(blown(200))
		var parts strings.Builder
		for i := range grow(n, 4, 2) {
			d.objects = append(d.objects, stream("/Filter/FlateDecode", b))
			fmt.Fprintf(&parts, "%d 0 R ", 5+i)
		}
		d.objects[2] = strings.Replace(d.objects[2], "/Contents 4 0 R", "/Contents["+parts.String()+"]", 1)
		return d.bytes()
	}},
	{"flate-same", ".pdf", func(_ *rand.Rand, n int) []byte { // one, a thousand times over
		d := page("", "")
		d.objects[3] = stream("/Filter/FlateDecode", string(blown(20)))
		d.objects[2] = strings.Replace(d.objects[2], "/Contents 4 0 R", "/Contents["+strings.Repeat("4 0 R ", grow(n, 100, 10))+"]", 1)
		return d.bytes()
	}},
	{"lzw-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		var out bytes.Buffer
		w := lzw.NewWriter(&out, lzw.MSB, 8)
		_, _ = w.Write(bytes.Repeat([]byte{' '}, grow(n, 8<<20, 3)))
		_ = w.Close()
		return content("/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", out.Bytes())
	}},
	{"runlength-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		return content("/Filter/RunLengthDecode", append(bytes.Repeat([]byte{129, ' '}, grow(n, 1<<18, 2)), 128))
	}},
	{"runlength-chain", ".pdf", func(_ *rand.Rand, n int) []byte {
		b := bytes.Repeat([]byte{129, 129}, 1<<18)
		return content("/Filter["+strings.Repeat("/RunLengthDecode", 2+n%4)+"]", append(b, 128))
	}},
	{"ascii85-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		return content("/Filter["+strings.Repeat("/ASCII85Decode", 1+n%3)+"]", append(bytes.Repeat([]byte{'z'}, 2<<20), "~>"...))
	}},
	{"filters", ".pdf", func(_ *rand.Rand, n int) []byte { // a chain of filters without an end
		return content("/Filter["+strings.Repeat("/ASCIIHexDecode", grow(n, 100, 10))+"]", bytes.Repeat([]byte("20"), 1<<10))
	}},
	{"predictor-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		return content(fmt.Sprintf("/Filter/FlateDecode/DecodeParms<</Predictor %d/Columns %d/Colors 2147483647/BitsPerComponent 16>>",
			[]int{15, 2, 12, 99}[n%4], []int{1 << 30, 2147483647, -1, 1}[n%4]), blown(4))
	}},
	{"xref-stream-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		return page("", "").streamed("", "", "", blown(grow(n, 32, 3)))
	}},
	{"objstm-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		d := page("", "")
		d.objects = append(d.objects, stream(fmt.Sprintf("/Type/ObjStm/N %d/First 1000/Filter/FlateDecode", grow(n, 10, 100)), string(blown(grow(n, 32, 3)))))
		return d.streamed("", "", "", nil)
	}},
	{"cmap-bomb", ".pdf", func(_ *rand.Rand, n int) []byte {
		ranges := strings.Repeat("<0000> <ffff> <0000>\n", grow(n, 1000, 4))
		cmap := "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000><ffff> endcodespacerange\n100 beginbfrange\n" + ranges + "endbfrange endcmap end"
		return withFont("<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[7 0 R]>>",
			deflated("", cmap), "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/W[0 65535 500]>>")
	}},
	{"xmp-entities", ".pdf", func(_ *rand.Rand, n int) []byte {
		var x strings.Builder
		x.WriteString("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><!DOCTYPE x [<!ENTITY a0 \"ha\">")
		for i := range grow(n, 10, 2) {
			fmt.Fprintf(&x, "<!ENTITY a%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
		}
		fmt.Fprintf(&x, "]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&a%d;</x:xmpmeta><?xpacket end='w'?>", grow(n, 10, 2))
		d := page("0 0 m", "", stream("/Type/Metadata/Subtype/XML", x.String()))
		d.objects[0] = "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>"
		return d.bytes()
	}},
}

// content is a page whose content stream has a dictionary and data.
func content(dict string, data []byte) []byte {
	d := page("", "")
	d.objects[3] = stream(dict, string(data))
	return d.bytes()
}

// withFont is a page with a line of text in a font, which is object 5; more
// follow it.
func withFont(font string, more ...string) []byte {
	return page("BT /F 12 Tf 72 700 Td (abcdefgh) Tj <00410042> Tj ET", "/Font<</F 5 0 R>>", append([]string{font}, more...)...).bytes()
}
