package pdfa

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A keptFont is a font of kept pages and the codes that they show by it.
type keptFont struct {
	kind  name
	wide  bool // codes of two bytes
	codes map[int]bool
}

// use notes the codes of a string; false if it does not hold whole codes.
func (f *keptFont) use(s string) bool {
	step := 1
	if f.wide {
		step = 2
	}
	if len(s)%step != 0 {
		return false
	}
	for ; s != ""; s = s[step:] {
		if f.wide {
			f.codes[be16([]byte(s[:2]))] = true
		} else {
			f.codes[int(s[0])] = true
		}
	}
	return true
}

// font enters a font into the list of those to be checked when all codes shown
// by it are known. The contents of drawn fonts are walked at once.
func (k *keeper) font(v any) {
	at, ok := v.(ref)
	if !ok {
		k.find(RuleFont, "a font that is no object")
		return
	}
	if k.c.fonts[at] != nil {
		return
	}
	d := k.c.part(v).dict
	kind, _ := d["Subtype"].(name)
	f := &keptFont{kind: kind, wide: kind == "Type0", codes: map[int]bool{}}
	k.c.fonts[at] = f
	if kind != "Type3" {
		return
	}
	procs, _ := d["CharProcs"].(dict)
	for _, n := range slices.Sorted(maps.Keys(procs)) {
		s := k.c.part(procs[n])
		k.only(RuleFont, "glyph", s.dict, "Filter Length")
		width := k.content(k.c.inflate(s), d["Resources"], true)
		if _, ok := width.(float64); !ok {
			k.find(RuleFont, "a glyph without a width")
		}
	}
}

// keptFonts checks the fonts of all kept pages by the codes shown (6.2.11).
func (c *checker) keptFonts() {
	for _, at := range slices.Sorted(maps.Keys(c.fonts)) {
		k := &keeper{c, 0, 0}
		d := c.part(at).dict
		f := c.fonts[at]
		if base, ok := d["BaseFont"].(name); f.kind != "Type3" && (!ok || !utf8.ValidString(spelled(base))) {
			k.find(RuleFont, "a font without a name")
		}
		switch f.kind {
		case "Type0":
			k.composite(d, f)
		case "TrueType":
			k.trueType(d, f)
		case "Type3":
			k.drawn(d, f)
		default:
			k.find(RuleFont, "a font of kind %s, which is not judged here", f.kind)
			continue
		}
		k.unicodes(d, f)
	}
}

// unicodes wants a character for every code shown (6.2.11.7.2), unless level B is
// claimed.
func (k *keeper) unicodes(d dict, f *keptFont) {
	m := map[int]string{}
	if d["ToUnicode"] != nil {
		s := k.c.part(d["ToUnicode"])
		k.only(RuleFont, "map to characters", s.dict, "Filter Length")
		m = readAnyUnicode(k.c.inflate(s))
	}
	if k.c.level == "B" {
		return
	}
	for code := range f.codes {
		s, ok := m[code]
		if !ok && d["ToUnicode"] == nil && f.kind == "TrueType" && encoded(d, code) != 0 {
			continue
		}
		if !ok || s == "" || strings.ContainsAny(s, "\x00\ufeff\ufffe") {
			k.find(RuleUnicode, "a code is shown that has no character")
			return
		}
	}
}

// readAnyUnicode reads the bfchar and bfrange lines of a CMap by anyone
// (ISO 32000-1, 9.10.3).
func readAnyUnicode(b []byte) map[int]string {
	m := map[int]string{}
	p := &parser{b: b, loose: true}
	var stack []any
	work := 0
	for p.space(); p.at < len(b) && len(m) <= 1<<16; p.space() {
		v, err := p.value()
		if err != nil {
			return m
		}
		op, isOperator := v.(operator)
		if !isOperator {
			stack = append(stack, v)
			continue
		}
		switch op {
		case "endbfchar":
			for i := 0; i+1 < len(stack); i += 2 {
				if c, ok := codeOf(stack[i]); ok {
					m[c] = fromUTF16([]byte(asText(stack[i+1])))
				}
			}
		case "endbfrange":
			for i := 0; i+2 < len(stack); i += 3 {
				if work += spread(m, stack[i:i+3]); work > 1<<20 {
					return nil // ranges over one another
				}
			}
		}
		stack = stack[:0]
	}
	return m
}

func codeOf(v any) (int, bool) {
	switch t := asText(v); len(t) {
	case 1:
		return int(t[0]), true
	case 2:
		return be16([]byte(t)), true
	}
	return 0, false
}

// spread enters a range: from, to, and the first character or all of them. It
// returns how many codes that were.
func spread(m map[int]string, v []any) int {
	from, ok1 := codeOf(v[0])
	to, ok2 := codeOf(v[1])
	if !ok1 || !ok2 {
		return 1
	}
	if all, ok := v[2].(array); ok {
		for i := 0; i < len(all) && from+i <= to; i++ {
			m[from+i] = fromUTF16([]byte(asText(all[i])))
		}
		return len(all)
	}
	first := []byte(asText(v[2]))
	if len(first) < 2 {
		return 1
	}
	for c := from; c <= to; c++ {
		last := be16(first[len(first)-2:]) + c - from
		m[c] = fromUTF16(append(slices.Clone(first[:len(first)-2]), byte(last>>8), byte(last)))
	}
	return max(1, to-from)
}

// program returns the TrueType program of a font and its descriptor's flags.
func (k *keeper) program(d dict) (trueType, int, bool) {
	descriptor := k.c.part(d["FontDescriptor"]).dict
	k.only(RuleFont, "descriptor", descriptor, "Type FontName FontFamily FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth MaxWidth MissingWidth FontFile2")
	flags, ok := descriptor["Flags"].(float64)
	if n, named := descriptor["FontName"].(name); !ok || !named || !utf8.ValidString(spelled(n)) {
		k.find(RuleFont, "a descriptor without name or flags")
	}
	if descriptor["FontFile2"] == nil {
		k.find(RuleFont, "a font whose program is not in the file, or not a TrueType one")
		return trueType{}, 0, false
	}
	s := k.c.part(descriptor["FontFile2"])
	k.only(RuleFont, "program", s.dict, "Subtype Length1 Length2 Length3 Filter Length")
	if s.dict["Subtype"] != nil {
		k.find(RuleFont, "a program of another kind")
	}
	t, ok := readTrueType(k.c.inflate(s))
	if !ok {
		k.find(RuleFont, "a font program that cannot be read")
	}
	return t, int(flags), ok
}

// composite checks a Type 0 font over a TrueType program (6.2.11.3, 6.2.11.5).
func (k *keeper) composite(d dict, f *keptFont) {
	k.only(RuleFont, "font", d, "Type Subtype BaseFont Encoding DescendantFonts ToUnicode")
	kids, _ := d["DescendantFonts"].(array)
	if len(kids) != 1 || !among(d["Encoding"], "Identity-H Identity-V") {
		k.find(RuleFont, "not a Type 0 font with Identity codes")
		return
	}
	cid := k.c.part(kids[0]).dict
	k.only(RuleFont, "descendant", cid, "Type Subtype BaseFont CIDSystemInfo FontDescriptor CIDToGIDMap DW W DW2 W2")
	if cid["Subtype"] != name("CIDFontType2") || cid["BaseFont"] == nil {
		k.find(RuleFont, "a descendant font that is not judged here")
		return
	}
	t, _, ok := k.program(cid)
	if !ok {
		return
	}
	glyph := func(c int) int { return c }
	if cid["CIDToGIDMap"] != name("Identity") {
		s := k.c.part(cid["CIDToGIDMap"])
		k.only(RuleFont, "map to glyphs", s.dict, "Filter Length")
		m := k.c.inflate(s)
		glyph = func(c int) int {
			if 2*c+2 > len(m) {
				return 0
			}
			return be16(m[2*c:])
		}
	}
	widths, ok := cidWidths(cid)
	if !ok {
		k.find(RuleFont, "widths that cannot be read")
		return
	}
	for code := range f.codes {
		k.fits(t, glyph(code), widths(code))
	}
}

// fits wants a glyph in the program, as wide as the file says (6.2.11.5,
// 6.2.11.8).
func (k *keeper) fits(t trueType, glyph int, width float64) {
	own, ok := t.width(glyph)
	if !ok || glyph == 0 {
		k.find(RuleFont, "a glyph is shown that the font does not have")
	} else if math.Abs(own-width) > 1 {
		k.find(RuleFont, "a glyph is %g wide in the file and %g in the font", width, own)
	}
}

// cidWidths reads W and DW (ISO 32000-1, 9.7.4.3).
func cidWidths(d dict) (func(int) float64, bool) {
	usual, ok := d["DW"].(float64)
	if !ok {
		usual = 1000
	}
	own := map[int]float64{}
	w, _ := d["W"].(array)
	work := 0
	for i := 0; i < len(w); {
		first, ok := w[i].(float64)
		if !ok || i+1 >= len(w) {
			return nil, false
		}
		if list, ok := w[i+1].(array); ok {
			for j, v := range list {
				own[int(first)+j], _ = v.(float64)
			}
			i += 2
			continue
		}
		last, ok1 := w[i+1].(float64)
		if work += int(last - first); !ok1 || i+2 >= len(w) || last > 0xffff || first < 0 || work > 1<<20 {
			return nil, false
		}
		for c := int(first); c <= int(last); c++ {
			own[c], _ = w[i+2].(float64)
		}
		i += 3
	}
	return func(c int) float64 {
		if v, ok := own[c]; ok {
			return v
		}
		return usual
	}, true
}

// simpleWidths reads the widths of a font with codes of one byte (6.2.11.2).
func (k *keeper) simpleWidths(d dict) (func(int) (float64, bool), bool) {
	first, ok1 := d["FirstChar"].(float64)
	last, ok2 := d["LastChar"].(float64)
	list, ok3 := d["Widths"].(array)
	if !ok1 || !ok2 || !ok3 || len(list) != int(last-first)+1 {
		k.find(RuleFont, "widths that do not count")
		return nil, false
	}
	return func(code int) (float64, bool) {
		i := code - int(first)
		if i < 0 || i >= len(list) {
			return 0, false
		}
		v, ok := list[i].(float64)
		return v, ok
	}, true
}

// trueType checks a TrueType font with codes of one byte (6.2.11.6).
func (k *keeper) trueType(d dict, f *keptFont) {
	k.only(RuleFont, "font", d, "Type Subtype BaseFont FirstChar LastChar Widths Encoding FontDescriptor ToUnicode")
	t, flags, ok := k.program(d)
	if !ok {
		return
	}
	widths, ok := k.simpleWidths(d)
	if !ok {
		return
	}
	const symbolic = 4
	glyph := t.symbol
	if flags&symbolic == 0 {
		if !among(d["Encoding"], "WinAnsiEncoding MacRomanEncoding") || t.unicode == nil {
			k.find(RuleFont, "a font of letters without an encoding of letters")
			return
		}
		glyph = func(code int) int { return t.unicode[encoded(d, code)] }
	} else if d["Encoding"] != nil || t.cmaps != 1 && t.symbols == nil {
		k.find(RuleFont, "a font of symbols with an encoding or several maps")
		return
	}
	for code := range f.codes {
		w, ok := widths(code)
		if !ok {
			k.find(RuleFont, "a code is shown that has no width")
			return
		}
		k.fits(t, glyph(code), w)
	}
}

// encoded is the character of a code in WinAnsiEncoding (ISO 32000-1, annex D),
// 0 if it has none or the font has another encoding.
func encoded(d dict, code int) rune {
	switch {
	case d["Encoding"] != name("WinAnsiEncoding") || code < 0x20 || code == 0x7f || code > 0xff:
		return 0
	case code >= 0x80 && code < 0xa0:
		return winAnsi[code-0x80]
	case code == 0xad:
		return '-'
	case code == 0xa0:
		return ' '
	}
	return rune(code)
}

var winAnsi = [32]rune{'€', '•', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '•', 'Ž', '•',
	'•', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '•', 'ž', 'Ÿ'}

// drawn checks a Type 3 font (6.2.11.2, 6.2.11.5).
func (k *keeper) drawn(d dict, f *keptFont) {
	k.only(RuleFont, "font", d, "Type Subtype FontBBox FontMatrix CharProcs Encoding FirstChar LastChar Widths Resources ToUnicode BaseFont")
	widths, ok := k.simpleWidths(d)
	procs, _ := d["CharProcs"].(dict)
	e, _ := d["Encoding"].(dict)
	if !ok || !numeric(d["FontMatrix"], 6) || !numeric(d["FontBBox"], 4) || e == nil {
		k.find(RuleFont, "a drawn font without encoding or matrix")
		return
	}
	names := map[int]name{}
	list, _ := e["Differences"].(array)
	code := 0
	for _, v := range list {
		switch v := v.(type) {
		case float64:
			code = int(v)
		case name:
			names[code] = v
			code++
		}
	}
	for code := range f.codes {
		w, ok := widths(code)
		proc := procs[names[code]]
		if !ok || proc == nil {
			k.find(RuleFont, "a code is shown that has no glyph")
			return
		}
		p := &parser{b: k.c.inflate(k.c.part(proc)), loose: true}
		if own, err := p.valueAfterSpace(); err != nil || own != any(w) {
			k.find(RuleFont, "a drawn glyph is %s wide in the file and %v in itself", strconv.FormatFloat(w, 'g', -1, 64), own)
		}
	}
}
