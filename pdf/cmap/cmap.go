// Package cmap writes the map from a font's codes to characters, by which
// readers search and copy text (ISO 32000-1, 9.10.3).
package cmap

import (
	"bytes"
	"fmt"
	"unicode/utf16"
)

// most is how many characters a block may have.
const most = 100

// ToUnicode returns the ToUnicode CMap of a font with two-byte codes in which
// code 1 is the first of runes, 2 the second, and so on.
func ToUnicode(runes []rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for from := 0; from < len(runes); from += most {
		part := runes[from:min(from+most, len(runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for i, r := range part {
			fmt.Fprintf(&b, "<%04X><", from+i+1)
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
