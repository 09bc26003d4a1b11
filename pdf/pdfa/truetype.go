package pdfa

// A trueType is what of a TrueType program the checker needs. It reads any
// bytes and trusts no length.
type trueType struct {
	glyphs, long int
	em           float64
	hmtx         []byte
	cmaps        int
	unicode      map[rune]int // of the (3, 1) or (0, n) map; nil without one
	symbols      map[int]int  // of the (3, 0) map
	roman        map[int]int  // of the (1, 0) map
}

// readTrueType reads the tables that PDF asks of an embedded program
// (ISO 32000-1, 9.9).
func readTrueType(b []byte) (t trueType, ok bool) {
	if len(b) < 12 || be32(b) != 0x00010000 && string(b[:4]) != "true" {
		return t, false
	}
	head, hhea, maxp := fontTable(b, "head"), fontTable(b, "hhea"), fontTable(b, "maxp")
	t.hmtx = fontTable(b, "hmtx")
	if len(head) < 54 || len(hhea) < 36 || len(maxp) < 6 || fontTable(b, "glyf") == nil || fontTable(b, "loca") == nil {
		return t, false
	}
	t.em, t.long, t.glyphs = float64(be16(head[18:])), be16(hhea[34:]), be16(maxp[4:])
	if t.em < 16 || t.long < 1 || t.long > t.glyphs || len(t.hmtx) < 4*t.long {
		return t, false
	}
	t.maps(fontTable(b, "cmap"))
	return t, true
}

// width is a glyph's advance in thousandths.
func (t trueType) width(glyph int) (float64, bool) {
	if glyph < 0 || glyph >= t.glyphs {
		return 0, false
	}
	return float64(be16(t.hmtx[4*min(glyph, t.long-1):])) * 1000 / t.em, true
}

// symbol is the glyph of a code in a font of symbols (9.6.6.4).
func (t trueType) symbol(code int) int {
	if t.symbols != nil {
		for _, high := range []int{0xf000, 0, 0xf100, 0xf200} {
			if g := t.symbols[high+code]; g != 0 {
				return g
			}
		}
		return 0
	}
	return t.roman[code]
}

// maps reads the subtables of a cmap.
func (t *trueType) maps(b []byte) {
	if len(b) < 4 {
		return
	}
	t.cmaps = be16(b[2:])
	for i := 0; i < t.cmaps && 4+8*i+8 <= len(b); i++ {
		e := b[4+8*i:]
		platform, encoding, at := be16(e), be16(e[2:]), be32(e[4:])
		if at < 0 || at > len(b) {
			continue
		}
		m := subtable(b[at:])
		switch {
		case platform == 3 && encoding == 0:
			t.symbols = m
		case platform == 1 && encoding == 0:
			t.roman = m
		case platform == 3 && encoding == 1 && m != nil:
			t.unicode = map[rune]int{}
			for c, g := range m {
				t.unicode[rune(c)] = g
			}
		}
	}
}

// subtable reads the formats 0, 4 and 6, nil for others.
func subtable(b []byte) map[int]int {
	if len(b) < 6 {
		return nil
	}
	m := map[int]int{}
	switch be16(b) {
	case 0:
		for i := 0; i < 256 && 6+i < len(b); i++ {
			m[i] = int(b[6+i])
		}
	case 4:
		return segments(b)
	case 6:
		if len(b) < 10 {
			return nil
		}
		first, n := be16(b[6:]), be16(b[8:])
		for i := 0; i < n && 10+2*i+2 <= len(b); i++ {
			m[first+i] = be16(b[10+2*i:])
		}
	default:
		return nil
	}
	return m
}

// segments reads a subtable of format 4.
func segments(b []byte) map[int]int {
	if len(b) < 16 {
		return nil
	}
	m := map[int]int{}
	n, work := be16(b[6:])/2, 0
	if 16+8*n > len(b) {
		return nil
	}
	for i := range n {
		end, start := be16(b[14+2*i:]), be16(b[16+2*n+2*i:])
		if work += max(0, end-start); work > 1<<18 {
			return nil // segments over one another: not a map anybody made
		}
		delta, at := be16(b[16+4*n+2*i:]), 16+6*n+2*i
		offset := be16(b[at:])
		for c := start; c <= end && c != 0xffff; c++ {
			g := c
			if offset != 0 {
				k := at + offset + 2*(c-start)
				if k+2 > len(b) {
					break
				}
				if g = be16(b[k:]); g == 0 {
					continue
				}
			}
			m[c] = (g + delta) & 0xffff
		}
	}
	return m
}
