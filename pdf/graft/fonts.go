package graft

import (
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// font carries over a font that is in the file (ISO 32000-1, 9.6 and 9.7).
// CharSet and CIDSet, which may be left out and are often wrong, are.
func (c *cutter) font(b *body, o types.Object) {
	b.text(" ")
	c.indirect(b, o, func(o types.Object) int {
		d := c.dict(o)
		in := &body{}
		in.text("/Type/Font")
		c.keys(in, d, "Subtype BaseFont")
		switch c.name(d["Subtype"]) {
		case "Type0":
			c.composite(in, d)
		case "TrueType", "Type1", "MMType1":
			c.keys(in, d, "FirstChar LastChar Widths")
			c.encoding(in, d["Encoding"])
			c.descriptor(in, d["FontDescriptor"])
		case "Type3":
			c.drawnFont(in, d)
		default:
			c.fail(NoFont)
		}
		if _, ok := c.stream(d["ToUnicode"]); ok {
			in.text("/ToUnicode ")
			c.data(in, d["ToUnicode"], "")
		}
		return c.add(in, nil, false)
	})
}

func (c *cutter) encoding(b *body, o types.Object) {
	switch e := c.resolve(o).(type) {
	case nil:
	case types.Name:
		b.text("/Encoding")
		c.value(b, e)
	default:
		b.text("/Encoding<</Type/Encoding")
		c.keys(b, c.dict(e), "BaseEncoding Differences")
		b.text(">>")
	}
}

func (c *cutter) composite(b *body, d types.Dict) {
	kids, _ := c.resolve(d["DescendantFonts"]).(types.Array)
	if n := c.name(d["Encoding"]); len(kids) != 1 || n != "Identity-H" && n != "Identity-V" {
		c.fail(NoFont)
		return
	}
	c.keys(b, d, "Encoding")
	b.text("/DescendantFonts[")
	c.indirect(b, kids[0], func(o types.Object) int {
		k := c.dict(o)
		in := &body{}
		in.text("/Type/Font")
		c.keys(in, k, "Subtype BaseFont DW W DW2 W2")
		in.text("/CIDSystemInfo<<")
		c.keys(in, c.dict(k["CIDSystemInfo"]), "Registry Ordering Supplement")
		in.text(">>")
		if _, ok := c.stream(k["CIDToGIDMap"]); ok {
			in.text("/CIDToGIDMap ")
			c.data(in, k["CIDToGIDMap"], "")
		} else if c.name(k["Subtype"]) == "CIDFontType2" {
			in.text("/CIDToGIDMap/Identity") // also where it is left to the default
		}
		c.descriptor(in, k["FontDescriptor"])
		return c.add(in, nil, false)
	})
	b.text("]")
}

func (c *cutter) descriptor(b *body, o types.Object) {
	b.text("/FontDescriptor ")
	c.indirect(b, o, func(o types.Object) int {
		d := c.dict(o)
		in := &body{}
		in.text("/Type/FontDescriptor")
		c.keys(in, d, "FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth")
		embedded := false
		for _, k := range []string{"FontFile", "FontFile2", "FontFile3"} {
			if s, ok := c.stream(d[k]); ok && !embedded {
				embedded = true
				in.text("/" + k + " ")
				c.program(in, d[k], s)
			}
		}
		if !embedded {
			c.fail(NoFont)
		}
		return c.add(in, nil, false)
	})
}

func (c *cutter) program(b *body, o types.Object, s types.StreamDict) {
	switch n := c.name(plainKeys(s.Dict)["Subtype"]); n {
	case "", "Type1C", "CIDFontType0C", "OpenType":
	default:
		c.fail(NoFont)
	}
	c.data(b, o, "Subtype Length1 Length2 Length3")
}

// drawnFont carries over a font whose glyphs are contents (9.6.5).
func (c *cutter) drawnFont(b *body, d types.Dict) {
	c.keys(b, d, "FontBBox FontMatrix FirstChar LastChar Widths")
	c.encoding(b, d["Encoding"])
	procs := c.dict(d["CharProcs"])
	used := map[string]bool{}
	b.text("/CharProcs<<")
	for _, k := range slices.Sorted(maps.Keys(procs)) {
		b.text(written(k) + " ")
		c.indirect(b, procs[k], func(o types.Object) int {
			s, ok := c.stream(o)
			if !ok || s.Decode() != nil {
				c.fail(NoContent)
				return 0
			}
			content := c.content(s.Content)
			maps.Copy(used, names(content))
			in := &body{}
			in.text("/Filter/FlateDecode")
			return c.add(in, deflate(content), true)
		})
	}
	b.text(">>")
	for _, k := range slices.Sorted(maps.Keys(procs)) { // also those carried over before
		if s, ok := c.stream(procs[k]); ok && s.Decode() == nil {
			maps.Copy(used, names(s.Content))
		}
	}
	c.resources(b, c.dict(d["Resources"]), used, nil)
}
