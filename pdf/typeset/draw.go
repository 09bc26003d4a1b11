package typeset

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strconv"
	"strings"

	"sohoa/pdf/font"
	"sohoa/pdf/graft"
	"sohoa/pdf/pdfa"
)

// pages draws what was set.
func (s *setter) pages() ([]pdfa.Page, error) {
	var shared []graft.Object // the fonts, equal on all pages and so written once
	var resource [faces]int
	var cuts [faces]*font.Cut
	for f := range faces {
		var all strings.Builder
		for _, p := range s.sheet {
			for _, t := range p.texts {
				if t.face == f {
					all.WriteString(t.text)
				}
			}
		}
		if all.Len() == 0 {
			continue
		}
		cut, err := s.fonts[f].Cut(font.Runes(all.String()))
		if err != nil {
			return nil, err
		}
		cuts[f] = cut
		shared = append(shared, objects(cut, f, len(shared))...)
		resource[f] = len(shared) - 1
	}
	var out []pdfa.Page
	for _, p := range s.sheet {
		width, height := Width*s.scale, Height*s.scale
		g := graft.Graft{Width: width, Height: height, Objects: append(shared[:len(shared):len(shared)], p.form(cuts, resource, s.scale))}
		out = append(out, pdfa.Page{Width: width, Height: height, Graft: g.Encode()})
	}
	return out, nil
}

// objects are a font as a file has it (ISO 32000-1, 9.7; ISO 19005-2, 6.2.11):
// the last is the resource. at is how many objects stand before them.
func objects(c *font.Cut, f Face, at int) []graft.Object {
	list := func(numbers []int) string {
		var b strings.Builder
		for i, n := range numbers {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(n))
		}
		return b.String()
	}
	flags, slant, stem := 1<<1|1<<2, 0, 80 // serifs; codes of its own
	switch f {
	case Bold:
		stem = 140
	case Italic:
		flags, slant = flags|1<<6, -16
	}
	return []graft.Object{
		{Parts: []string{fmt.Sprintf("/Filter/FlateDecode/Length1 %d", c.Size)}, IsStream: true, Stream: c.Program},
		{Parts: []string{fmt.Sprintf("/Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%s]/Ascent %d/Descent %d/CapHeight 662/StemV %d/ItalicAngle %d/FontFile2 ",
			c.Name, flags, list(c.BBox[:]), c.Ascent, c.Descent, stem, slant), ""}, Refs: []int{at}},
		{Parts: []string{fmt.Sprintf("/Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
			"/CIDToGIDMap/Identity/DW %d/W[1[%s]]/FontDescriptor ", c.Name, c.Usual, list(c.Widths)), ""}, Refs: []int{at + 1}},
		{Parts: []string{"/Filter/FlateDecode"}, IsStream: true, Stream: c.Unicode},
		{Parts: []string{fmt.Sprintf("/Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[", c.Name), "]/ToUnicode ", ""}, Refs: []int{at + 2, at + 3}},
	}
}

// form is a page as a form XObject (ISO 32000-1, 8.10).
func (p *sheet) form(cuts [faces]*font.Cut, resource [faces]int, scale float64) graft.Object {
	content := p.content(cuts)
	if scale != 1 {
		k := strconv.FormatFloat(scale, 'f', 6, 64)
		content = append([]byte(k+" 0 0 "+k+" 0 0 cm\n"), content...)
	}
	o := graft.Object{IsStream: true, Stream: deflated(content)}
	text := "/Filter/FlateDecode/Type/XObject/Subtype/Form/BBox[0 0 " + number(Width*scale) + " " + number(Height*scale) + "]/Resources<</Font<<"
	for f := range faces {
		if cuts[f] != nil {
			o.Parts, o.Refs = append(o.Parts, fmt.Sprintf("%s/F%d ", text, f)), append(o.Refs, resource[f])
			text = ""
		}
	}
	o.Parts = append(o.Parts, text+">>>>")
	return o
}

// content draws grounds, then lines, then text.
func (p *sheet) content(cuts [faces]*font.Cut) []byte {
	var b bytes.Buffer
	ops := func(op string, values ...float64) {
		for _, v := range values {
			b.WriteString(number(v) + " ")
		}
		b.WriteString(op + "\n")
	}
	ops("g", 0.93)
	for _, t := range p.tints {
		ops("re f", t[0], Height-t[1]-t[3], t[2], t[3])
	}
	ops("g", 0)
	for _, x := range p.boxes {
		ops("re", x[0], Height-x[1]-x[3], x[2], x[3])
	}
	if len(p.boxes) > 0 {
		ops("f") // as one, so that no hair of light is between modules
	}
	ops("w", 0.5)
	for _, l := range p.lines {
		ops("m", l[0], Height-l[1])
		ops("l S", l[2], Height-l[3])
	}
	b.WriteString("BT\n")
	for _, t := range p.texts {
		fmt.Fprintf(&b, "/F%d %s Tf 1 0 0 1 %s %s Tm ", t.face, number(t.size), number(t.x), number(Height-t.y))
		if t.gap == 0 {
			b.WriteString(cuts[t.face].Code(t.text) + " Tj\n")
			continue
		}
		b.WriteByte('[')
		words := strings.Split(t.text, " ")
		for i, w := range words {
			if i+1 < len(words) {
				w += " "
			}
			b.WriteString(cuts[t.face].Code(w))
			if i+1 < len(words) {
				b.WriteString(number(-t.gap / t.size * 1000))
			}
		}
		b.WriteString("] TJ\n")
	}
	b.WriteString("ET\n")
	return b.Bytes()
}

// deflated returns b compressed.
func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // a buffer does not fail
	_ = z.Close()
	return out.Bytes()
}

// number writes v to a hundredth.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
