package pdfa

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
)

// resources checks everything that a content stream may name.
func (k *keeper) resources(d dict) {
	k.only(RuleKept, "resources", d, "ColorSpace ExtGState Font Pattern Properties Shading XObject")
	of := func(kind name, check func(v any)) {
		all, _ := d[kind].(dict)
		for _, n := range slices.Sorted(maps.Keys(all)) {
			if len(spelled(n)) > 127 {
				k.find(RuleKept, "a name of %d bytes", len(n))
			}
			check(all[n])
		}
		if all == nil && d[kind] != nil {
			k.find(RuleKept, "%s that are none", kind)
		}
	}
	spaces, _ := d["ColorSpace"].(dict)
	for _, n := range []name{"DefaultGray", "DefaultRGB", "DefaultCMYK"} {
		if spaces[n] != nil {
			k.find(RuleColour, "%s", n)
		}
	}
	of("ColorSpace", k.space)
	of("ExtGState", k.state)
	of("Font", k.font)
	of("Pattern", k.pattern)
	of("Shading", k.shading)
	of("XObject", k.object)
	of("Properties", func(v any) {
		p, _ := v.(dict)
		k.only(RuleKept, "property list", p, "MCID ActualText Alt E Lang")
	})
}

func (k *keeper) object(v any) {
	switch s := k.c.part(v); s.dict["Subtype"] {
	case name("Form"):
		k.form(v, "form")
	case name("Image"):
		k.image(v, false)
	default:
		k.find(RuleKept, "an object that is neither form nor image")
	}
}

// image checks an image (6.2.8) and its masks.
func (k *keeper) image(v any, mask bool) {
	at, _ := v.(ref)
	if k.c.walked[at] {
		return
	}
	k.c.walked[at] = true
	s := k.c.part(v)
	d := s.dict
	k.only(RuleImage, "image", d, "Type Subtype Width Height ColorSpace BitsPerComponent ImageMask Mask SMask Decode Intent Matte Filter DecodeParms Length")
	stencil := d["ImageMask"] == true
	if d["Subtype"] != name("Image") || !atLeastOne(d["Width"]) || !atLeastOne(d["Height"]) || d["Intent"] != nil && !among(d["Intent"], intents) {
		k.find(RuleImage, "an image without a size")
	}
	bits, given := d["BitsPerComponent"]
	switch {
	case stencil:
		if given && bits != 1.0 || d["ColorSpace"] != nil {
			k.find(RuleImage, "a stencil of more than one bit")
		}
	case given && !slices.Contains([]any{1.0, 2.0, 4.0, 8.0, 16.0}, bits), !given && d["Filter"] != name("CCITTFaxDecode") && d["Filter"] != name("JBIG2Decode"):
		k.find(RuleImage, "an image of %v bits", bits)
	default:
		k.space(d["ColorSpace"])
	}
	for _, key := range []name{"Mask", "SMask"} {
		if _, isArray := d[key].(array); isArray && key == "Mask" || d[key] == nil {
			continue
		}
		if mask {
			k.find(RuleImage, "a mask that has a mask")
			continue
		}
		if m := k.c.part(d[key]); key == "SMask" && m.dict["ColorSpace"] != name("DeviceGray") {
			k.find(RuleImage, "a soft mask that is not grey")
		}
		k.image(d[key], true)
	}
	k.coding(s)
}

// coding checks how an image is packed (6.1.10, 6.2.8.3).
func (k *keeper) coding(s stream) {
	parms, _ := s.dict["DecodeParms"].(dict)
	switch s.dict["Filter"] {
	case name("FlateDecode"):
		k.only(RuleImage, "packing", parms, "Predictor Colors BitsPerComponent Columns")
	case name("CCITTFaxDecode"):
		k.only(RuleImage, "packing", parms, "K EndOfLine EncodedByteAlign Columns Rows EndOfBlock BlackIs1 DamagedRowsBeforeError")
	case name("JBIG2Decode"):
		k.only(RuleImage, "packing", parms, "JBIG2Globals")
		if parms["JBIG2Globals"] != nil {
			if g := k.c.part(parms["JBIG2Globals"]); g.data == (extent{}) {
				k.find(RuleImage, "no globals of a JBIG2 image")
			}
		}
	case name("DCTDecode"):
		k.only(RuleImage, "packing", parms, "ColorTransform")
		if n, want := jpegComponents(k.c.read(s.data.first(1<<16))), k.components(s.dict["ColorSpace"]); n == 0 || want != 0 && n != want {
			k.find(RuleImage, "a JPEG of %d components as one of %d", n, want)
		}
	default:
		k.find(RuleImage, "an image packed in a way that is not known")
	}
}

// components is how many colours a space has, 0 if that is not told.
func (k *keeper) components(v any) int {
	switch v := v.(type) {
	case name:
		return map[name]int{"DeviceGray": 1, "DeviceRGB": 3}[v]
	case array:
		if len(v) == 2 && v[0] == name("ICCBased") {
			n, _ := k.c.part(v[1]).dict["N"].(float64)
			return int(n)
		}
	}
	return 0
}

// jpegComponents reads a JPEG's frame header; 0 if there is none.
func jpegComponents(b []byte) int {
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return 0
	}
	for i := 2; i+10 < len(b) && b[i] == 0xff; {
		if m := b[i+1]; m == 0xff {
			i++
			continue
		} else if m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc {
			return int(b[i+9])
		}
		i += 2 + int(binary.BigEndian.Uint16(b[i+2:]))
	}
	return 0
}

// space checks a colour space (6.2.4).
func (k *keeper) space(v any) {
	defer func(d int) { k.depth = d }(k.depth)
	if !k.enter() {
		return
	}
	a, ok := v.(array)
	if !ok {
		if !among(v, "DeviceGray DeviceRGB Pattern") {
			k.find(RuleColour, "colours that are not known")
		}
		return
	}
	kind := any(nil)
	if len(a) > 0 {
		kind = a[0]
	}
	switch {
	case among(kind, "CalGray CalRGB Lab") && len(a) == 2:
		d, _ := a[1].(dict)
		k.only(RuleColour, "colour space", d, "WhitePoint BlackPoint Gamma Matrix Range")
		if !numeric(d["WhitePoint"], 3) {
			k.find(RuleColour, "colours without a white")
		}
	case kind == name("ICCBased") && len(a) == 2:
		k.profile(a[1])
	case kind == name("Indexed") && len(a) == 4:
		if high, ok := a[2].(float64); !ok || high < 0 || high > 255 || among(a[1], "Pattern") {
			k.find(RuleColour, "a palette that is none")
		}
		k.space(a[1])
		if _, isText := a[3].(text); !isText && k.c.part(a[3]).data == (extent{}) {
			k.find(RuleColour, "a palette without colours")
		}
	case kind == name("Pattern") && len(a) == 2:
		k.space(a[1])
	default:
		k.find(RuleColour, "colours that are not known")
	}
}

// profile checks an ICC profile (6.2.4.2).
func (k *keeper) profile(v any) {
	at, _ := v.(ref)
	if k.c.walked[at] {
		return
	}
	k.c.walked[at] = true
	s := k.c.part(v)
	k.only(RuleColour, "profile", s.dict, "N Range Filter Length")
	p := k.c.inflate(s)
	space := map[any]string{1.0: "GRAY", 3.0: "RGB "}[s.dict["N"]]
	if len(p) < 132 || be32(p) != len(p) || p[8] > 4 || string(p[36:40]) != "acsp" || space == "" || string(p[16:20]) != space ||
		!slices.Contains([]string{"scnr", "mntr", "prtr", "spac"}, string(p[12:16])) || bytes.Equal(p[128:132], []byte{0, 0, 0, 0}) {
		k.find(RuleColour, "a colour profile that is none, or of another kind")
	}
}

// state checks a graphics state (6.2.5, 6.2.10).
func (k *keeper) state(v any) {
	d, _ := v.(dict)
	k.only(RuleState, "graphics state", d, "Type LW LC LJ ML D RI OP op OPM FL SM SA AIS TK CA ca BM SMask")
	if d["BM"] != nil && !among(d["BM"], blends) || d["RI"] != nil && !among(d["RI"], intents) {
		k.find(RuleState, "blending or intent of its own")
	}
	for _, key := range []name{"CA", "ca"} {
		if f, ok := d[key].(float64); d[key] != nil && (!ok || f < 0 || f > 1) {
			k.find(RuleState, "an opacity of %v", d[key])
		}
	}
	switch m := d["SMask"].(type) {
	case nil, name:
		if m != nil && m != name("None") {
			k.find(RuleState, "a soft mask that is none")
		}
	case dict:
		k.only(RuleState, "soft mask", m, "Type S G BC")
		if !among(m["S"], "Alpha Luminosity") {
			k.find(RuleState, "a soft mask that is none")
		}
		if g, ok := m["G"].(ref); ok {
			k.form(g, "soft mask")
		} else {
			k.find(RuleState, "a soft mask without a group")
		}
	default:
		k.find(RuleState, "a soft mask that is none")
	}
}

func (k *keeper) pattern(v any) {
	s := k.c.part(v)
	switch s.dict["PatternType"] {
	case 1.0:
		at, _ := v.(ref)
		if k.c.walked[at] {
			return
		}
		k.c.walked[at] = true
		k.only(RuleKept, "pattern", s.dict, "Type PatternType PaintType TilingType BBox XStep YStep Matrix Resources Filter Length")
		k.content(k.c.inflate(s), s.dict["Resources"], false)
	case 2.0:
		k.only(RuleKept, "pattern", s.dict, "Type PatternType Matrix Shading ExtGState")
		k.shading(s.dict["Shading"])
		if s.dict["ExtGState"] != nil {
			k.state(s.dict["ExtGState"])
		}
	default:
		k.find(RuleKept, "a pattern that is none")
	}
}

func (k *keeper) shading(v any) {
	s := k.c.part(v)
	k.only(RuleKept, "shading", s.dict, "ShadingType Background BBox AntiAlias Domain Coords Extend Matrix BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow ColorSpace Function Filter Length")
	k.space(s.dict["ColorSpace"])
	if fs, ok := s.dict["Function"].(array); ok {
		for _, f := range fs {
			k.function(f)
		}
	} else if s.dict["Function"] != nil {
		k.function(s.dict["Function"])
	}
}

func (k *keeper) function(v any) {
	defer func(d int) { k.depth = d }(k.depth)
	if !k.enter() {
		return
	}
	s := k.c.part(v)
	k.only(RuleKept, "function", s.dict, "FunctionType Domain Range C0 C1 N Bounds Encode Size BitsPerSample Order Decode Functions Filter Length")
	if !slices.Contains([]any{0.0, 2.0, 3.0, 4.0}, s.dict["FunctionType"]) {
		k.find(RuleKept, "a function that is none")
	}
	fs, _ := s.dict["Functions"].(array)
	for _, f := range fs {
		k.function(f)
	}
}
