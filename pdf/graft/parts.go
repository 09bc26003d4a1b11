package graft

import (
	"maps"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// resources writes the entry Resources with what is used of d. placed are
// objects that are already carried over, by their names as XObjects.
func (c *cutter) resources(b *body, d types.Dict, used map[string]bool, placed map[string]int) {
	d = plainKeys(d)
	b.text("/Resources<<")
	for _, part := range []struct {
		key  string
		make func(b *body, o types.Object)
	}{
		{"ColorSpace", c.space}, {"ExtGState", c.state}, {"Font", c.font}, {"Pattern", c.pattern},
		{"Properties", c.property}, {"Shading", c.shading}, {"XObject", func(b *body, o types.Object) { c.object(b, o, d) }},
	} {
		all := c.dict(d[part.key])
		b.text("/" + part.key + "<<")
		for _, k := range slices.Sorted(maps.Keys(all)) {
			if !used[k] && !strings.HasPrefix(k, "Default") || c.resolve(all[k]) == nil {
				continue
			}
			b.text(written(k) + " ")
			part.make(b, all[k])
		}
		for _, k := range slices.Sorted(maps.Keys(placed)) {
			if part.key == "XObject" {
				b.text(written(k) + " ")
				b.reference(placed[k])
			}
		}
		b.text(">>")
	}
	b.text(">>")
}

func (c *cutter) property(b *body, o types.Object) {
	d := c.dict(o)
	b.text("<<")
	if kind := c.name(d["Type"]); kind != "OCG" && kind != "OCMD" {
		c.keys(b, d, "MCID ActualText Alt E Lang")
	}
	b.text(">>")
}

// object carries over an XObject of a content with the resources around it.
func (c *cutter) object(b *body, o types.Object, around types.Dict) {
	s, ok := c.stream(o)
	if !ok {
		c.fail(NoResource)
		return
	}
	d := plainKeys(s.Dict)
	c.shown(d["OC"])
	switch kind := c.name(d["Subtype"]); {
	case kind == "Image":
		c.indirect(b, o, c.image)
	case kind == "Form" && d["PS"] == nil && d["Ref"] == nil && c.name(d["Subtype2"]) != "PS":
		c.indirect(b, o, func(o types.Object) int { return c.form(o, around) })
	default:
		c.fail(NoKind)
	}
}

// form carries over a form XObject. PDF/A wants its resources to stand in it.
func (c *cutter) form(o types.Object, around types.Dict) int {
	s, ok := c.stream(o)
	if !ok || s.Decode() != nil {
		c.fail(NoContent)
		return 0
	}
	d := plainKeys(s.Dict)
	b := &body{}
	b.text("/Type/XObject/Subtype/Form")
	c.keys(b, d, "BBox Matrix FormType")
	if g := c.dict(d["Group"]); g != nil {
		b.text("/Group<</Type/Group")
		c.keys(b, g, "S I K")
		if c.resolve(g["CS"]) != nil {
			b.text("/CS")
			c.space(b, g["CS"])
		}
		b.text(">>")
	}
	own := c.dict(d["Resources"])
	if own == nil {
		own = around
	}
	content := c.content(s.Content)
	c.resources(b, own, names(content), nil)
	b.text("/Filter/FlateDecode")
	return c.add(b, deflate(content), true)
}

// image carries over a picture as it is stored, if PDF/A takes it so; what is
// packed in other ways without loss is packed anew.
func (c *cutter) image(o types.Object) int {
	s, ok := c.stream(o)
	if !ok {
		c.fail(NoResource)
		return 0
	}
	d := plainKeys(s.Dict)
	b := &body{}
	b.text("/Type/XObject/Subtype/Image")
	c.keys(b, d, "Width Height BitsPerComponent ImageMask Decode Intent Matte")
	if c.resolve(d["ColorSpace"]) != nil {
		b.text("/ColorSpace")
		c.space(b, d["ColorSpace"])
	}
	if mask, ok := c.resolve(d["Mask"]).(types.Array); ok {
		b.text("/Mask ")
		c.value(b, mask)
	} else if c.resolve(d["Mask"]) != nil {
		b.text("/Mask ")
		c.indirect(b, d["Mask"], c.image)
	}
	if c.resolve(d["SMask"]) != nil {
		b.text("/SMask ")
		c.indirect(b, d["SMask"], c.image)
	}
	return c.add(b, c.pixels(b, s), true)
}

// pixels writes the filter of a picture and returns its bytes.
func (c *cutter) pixels(b *body, s types.StreamDict) []byte {
	if len(s.FilterPipeline) == 1 {
		f := s.FilterPipeline[0]
		parms := plainKeys(f.DecodeParms)
		switch f.Name {
		case "DCTDecode":
			b.text("/Filter/DCTDecode")
			if c.resolve(parms["ColorTransform"]) != nil {
				b.text("/DecodeParms<<")
				c.keys(b, parms, "ColorTransform")
				b.text(">>")
			}
			return s.Raw
		case "CCITTFaxDecode":
			b.text("/Filter/CCITTFaxDecode/DecodeParms<<")
			c.keys(b, parms, "K EndOfLine EncodedByteAlign Columns Rows EndOfBlock BlackIs1 DamagedRowsBeforeError")
			b.text(">>")
			return s.Raw
		case "JBIG2Decode":
			b.text("/Filter/JBIG2Decode")
			if c.resolve(parms["JBIG2Globals"]) != nil {
				b.text("/DecodeParms<</JBIG2Globals ")
				c.data(b, parms["JBIG2Globals"], "")
				b.text(">>")
			}
			return s.Raw
		case "FlateDecode":
			b.text("/Filter/FlateDecode")
			if len(parms) > 0 {
				b.text("/DecodeParms<<")
				c.keys(b, parms, "Predictor Colors BitsPerComponent Columns")
				b.text(">>")
			}
			return s.Raw
		}
	}
	for _, f := range s.FilterPipeline {
		if !slices.Contains([]string{"FlateDecode", "LZWDecode", "ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode"}, f.Name) {
			c.fail(NoPicture)
			return nil
		}
	}
	if s.Decode() != nil {
		c.fail(NoPicture)
		return nil
	}
	b.text("/Filter/FlateDecode")
	return deflate(s.Content)
}

// state carries over a graphics state (8.4.5) without what only presses heed.
func (c *cutter) state(b *body, o types.Object) {
	d := c.dict(o)
	for _, k := range []string{"TR", "TR2"} {
		if n := c.name(d[k]); d[k] != nil && n != "Identity" && n != "Default" {
			c.fail(NoState)
		}
	}
	if c.resolve(d["Font"]) != nil {
		c.fail(NoState)
	}
	b.text("<</Type/ExtGState")
	c.keys(b, d, "LW LC LJ ML D RI OP op OPM FL SM SA AIS TK CA ca")
	if modes, ok := c.resolve(d["BM"]).(types.Array); ok && len(modes) > 0 {
		c.keys(b, types.Dict{"BM": modes[0]}, "BM")
	} else {
		c.keys(b, d, "BM")
	}
	if m := c.dict(d["SMask"]); m != nil {
		b.text("/SMask<</Type/Mask")
		c.keys(b, m, "S BC")
		if n := c.name(m["TR"]); m["TR"] != nil && n != "Identity" {
			b.text("/TR")
			c.function(b, m["TR"])
		}
		b.text("/G ")
		c.indirect(b, m["G"], func(o types.Object) int { return c.form(o, types.Dict{}) })
		b.text(">>")
	} else {
		c.keys(b, d, "SMask")
	}
	b.text(">>")
}

// space carries over a colour space (8.6).
func (c *cutter) space(b *body, o types.Object) {
	a, ok := c.resolve(o).(types.Array)
	if !ok {
		if n := c.name(o); n != "DeviceGray" && n != "DeviceRGB" && n != "Pattern" {
			c.fail(NoColour)
		}
		c.value(b, o)
		return
	}
	kind := ""
	if len(a) > 0 {
		kind = c.name(a[0])
	}
	switch {
	case len(a) == 1:
		c.space(b, a[0])
	case (kind == "CalGray" || kind == "CalRGB" || kind == "Lab") && len(a) == 2:
		b.text("[/" + kind + "<<")
		c.keys(b, c.dict(a[1]), "WhitePoint BlackPoint Gamma Matrix Range")
		b.text(">>]")
	case kind == "ICCBased" && len(a) == 2:
		c.profile(b, a[1])
	case kind == "Indexed" && len(a) == 4:
		b.text("[/Indexed ")
		c.space(b, a[1])
		c.value(b, a[2])
		b.text(" ")
		if _, isStream := c.stream(a[3]); isStream {
			c.data(b, a[3], "")
		} else {
			c.value(b, a[3])
		}
		b.text("]")
	case kind == "Pattern" && len(a) == 2:
		b.text("[/Pattern ")
		c.space(b, a[1])
		b.text("]")
	default:
		c.fail(NoColour)
	}
}

// profile carries over a colour space by an ICC profile, or, if the profile is
// none, the plain space of as many colours.
func (c *cutter) profile(b *body, o types.Object) {
	s, ok := c.stream(o)
	if !ok || s.Decode() != nil {
		c.fail(NoColour)
		return
	}
	n, _ := c.number(plainKeys(s.Dict)["N"])
	p := s.Content
	spaces := map[float64]string{1: "GRAY", 3: "RGB "}
	sound := len(p) > 128 && string(p[36:40]) == "acsp" && p[8] >= 1 && p[8] <= 4 && string(p[16:20]) == spaces[n]
	switch {
	case sound:
		b.text("[/ICCBased ")
		c.data(b, o, "N Range")
		b.text("]")
	case spaces[n] != "":
		c.changed[Profile] = true
		b.text(map[float64]string{1: "/DeviceGray", 3: "/DeviceRGB"}[n])
	default:
		c.fail(NoColour)
	}
}

func (c *cutter) pattern(b *body, o types.Object) {
	if _, isStream := c.stream(o); !isStream {
		d := c.dict(o)
		b.text("<</Type/Pattern/PatternType 2")
		c.keys(b, d, "Matrix")
		b.text("/Shading")
		c.shading(b, d["Shading"])
		if c.resolve(d["ExtGState"]) != nil {
			b.text("/ExtGState")
			c.state(b, d["ExtGState"])
		}
		b.text(">>")
		return
	}
	b.text(" ")
	c.indirect(b, o, func(o types.Object) int {
		s, _ := c.stream(o)
		if s.Decode() != nil {
			c.fail(NoContent)
			return 0
		}
		d := plainKeys(s.Dict)
		in := &body{}
		in.text("/Type/Pattern/PatternType 1")
		c.keys(in, d, "PaintType TilingType BBox XStep YStep Matrix")
		content := c.content(s.Content)
		c.resources(in, c.dict(d["Resources"]), names(content), nil)
		in.text("/Filter/FlateDecode")
		return c.add(in, deflate(content), true)
	})
}

func (c *cutter) shading(b *body, o types.Object) {
	inside := func(b *body, d types.Dict) {
		c.keys(b, d, "ShadingType Background BBox AntiAlias Domain Coords Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow")
		b.text("/ColorSpace")
		c.space(b, d["ColorSpace"])
		if fs, ok := c.resolve(d["Function"]).(types.Array); ok {
			b.text("/Function[")
			for _, f := range fs {
				c.function(b, f)
			}
			b.text("]")
		} else if c.resolve(d["Function"]) != nil {
			b.text("/Function")
			c.function(b, d["Function"])
		}
	}
	if _, isStream := c.stream(o); !isStream {
		b.text("<<")
		inside(b, c.dict(o))
		b.text(">>")
		return
	}
	b.text(" ")
	c.indirect(b, o, func(o types.Object) int {
		s, _ := c.stream(o)
		if s.Decode() != nil {
			c.fail(NoResource)
			return 0
		}
		in := &body{}
		inside(in, plainKeys(s.Dict))
		in.text("/Filter/FlateDecode")
		return c.add(in, deflate(s.Content), true)
	})
}

const functionKeys = "FunctionType Domain Range C0 C1 N Bounds Encode Size BitsPerSample Order Decode"

func (c *cutter) function(b *body, o types.Object) {
	if _, isStream := c.stream(o); isStream {
		b.text(" ")
		c.data(b, o, functionKeys)
		return
	}
	if c.depth++; c.depth > 32 {
		c.fail(NoResource)
	}
	defer func() { c.depth-- }()
	d := c.dict(o)
	if d == nil || c.err != nil {
		c.fail(NoResource)
		return
	}
	b.text("<<")
	c.keys(b, d, functionKeys)
	if fs, ok := c.resolve(d["Functions"]).(types.Array); ok {
		b.text("/Functions[")
		for _, f := range fs {
			c.function(b, f)
		}
		b.text("]")
	}
	b.text(">>")
}
