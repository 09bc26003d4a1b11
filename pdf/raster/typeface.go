package raster

import (
	"encoding/binary"

	"golang.org/x/image/vector"

	"sohoa/pdf/revision"
)

// A typeface is a TrueType font as package mark embeds it: codes are glyphs.
// What reads it may panic on damaged tables, as [plainly] allows.
type typeface struct {
	loca, glyf []byte
	upem       float64
	first      int   // glyph of the first width
	widths     []int // thousandths
	other      int   // of glyphs that are not in widths
}

// typefaceOf reads a font resource (ISO 32000-1, 9.7).
func typefaceOf(doc *revision.File, o revision.Object) (*typeface, error) {
	font, err := doc.DictOf(o)
	if err != nil || font["Subtype"] != revision.Name("Type0") || font["Encoding"] != revision.Name("Identity-H") {
		return nil, errOther
	}
	heirs, err := doc.ArrayOf(font["DescendantFonts"])
	if err != nil || len(heirs) != 1 {
		return nil, errOther
	}
	d, err := doc.DictOf(heirs[0])
	if err != nil || d["Subtype"] != revision.Name("CIDFontType2") || d["CIDToGIDMap"] != revision.Name("Identity") ||
		!within(d, "Type", "Subtype", "BaseFont", "CIDSystemInfo", "FontDescriptor", "CIDToGIDMap", "DW", "W") {
		return nil, errOther
	}
	told, err := doc.DictOf(d["FontDescriptor"])
	if err != nil {
		return nil, err
	}
	program, err := streamOf(doc, told["FontFile2"])
	if err != nil || program.Length > maxProgram {
		return nil, errOther
	}
	file, err := doc.Decode(program)
	if err != nil || len(file) > maxProgram {
		return nil, errOther
	}
	w, err := doc.ArrayOf(d["W"])
	if err != nil || len(w) != 2 {
		return nil, errOther
	}
	t := &typeface{first: whole(w[0]), other: whole(d["DW"])}
	widths, err := doc.ArrayOf(w[1])
	if err != nil || t.first < 0 || t.other < 0 {
		return nil, errOther
	}
	for _, v := range widths {
		t.widths = append(t.widths, whole(v))
	}
	return t, t.read(file)
}

// read reads the tables that outlines need (OpenType; 32-bit offsets, as package
// mark writes them).
func (t *typeface) read(file []byte) error {
	var head []byte
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		row := file[12+16*i:]
		body := file[binary.BigEndian.Uint32(row[8:]):][:binary.BigEndian.Uint32(row[12:])]
		switch string(row[:4]) {
		case "head":
			head = body
		case "loca":
			t.loca = body
		case "glyf":
			t.glyf = body
		}
	}
	if t.upem = float64(binary.BigEndian.Uint16(head[18:])); t.upem < 16 || binary.BigEndian.Uint16(head[50:]) != 1 {
		return errOther
	}
	return nil
}

// advance is how far a glyph goes, in ems.
func (t *typeface) advance(g int) float64 {
	if i := g - t.first; i >= 0 && i < len(t.widths) {
		return float64(t.widths[i]) / 1000
	}
	return float64(t.other) / 1000
}

// A point of an outline, and whether the line goes through it.
type point struct {
	x, y float64
	on   bool
}

func word(b []byte) int { return int(int16(binary.BigEndian.Uint16(b))) }

// trace adds a glyph, brought to pixels by m, to what is drawn. The error is
// errOther for what package mark's fonts have no use for.
func (t *typeface) trace(to *vector.Rasterizer, g int, m matrix, depth int) error {
	b := t.glyf[binary.BigEndian.Uint32(t.loca[4*g:]):binary.BigEndian.Uint32(t.loca[4*g+4:])]
	if len(b) == 0 {
		return nil
	}
	if n := word(b); n >= 0 {
		outline(to, b, n, m)
		return nil
	}
	if depth == 2 {
		return errOther
	}
	const areWords, arePlaces, haveScale, more, haveXYScale, haveMatrix = 1 << 0, 1 << 1, 1 << 3, 1 << 5, 1 << 6, 1 << 7
	for at, parts := 10, 0; ; parts++ {
		flags, part := word(b[at:]), int(binary.BigEndian.Uint16(b[at+2:]))
		k := matrix{1, 0, 0, 1, 0, 0}
		if at += 4; flags&areWords != 0 {
			k[4], k[5] = float64(word(b[at:])), float64(word(b[at+2:]))
			at += 4
		} else {
			k[4], k[5] = float64(int8(b[at])), float64(int8(b[at+1]))
			at += 2
		}
		f := func(i int) float64 { return float64(word(b[at+2*i:])) / (1 << 14) }
		switch {
		case flags&haveScale != 0:
			k[0], k[3] = f(0), f(0)
			at += 2
		case flags&haveXYScale != 0:
			k[0], k[3] = f(0), f(1)
			at += 4
		case flags&haveMatrix != 0:
			k[0], k[1], k[2], k[3] = f(0), f(1), f(2), f(3)
			at += 8
		}
		if flags&arePlaces == 0 || parts == 8 {
			return errOther
		}
		if err := t.trace(to, part, k.mul(m), depth+1); err != nil {
			return err
		}
		if flags&more == 0 {
			return nil
		}
	}
}

// outline adds a glyph of n contours (OpenType, glyf).
func outline(to *vector.Rasterizer, b []byte, n int, m matrix) {
	ends, at := b[10:], 10+2*n
	total := 0
	if n > 0 {
		total = word(ends[2*n-2:]) + 1
	}
	at += 2 + word(b[at:]) // instructions are none
	flags := make([]byte, 0, total)
	for len(flags) < total {
		f := b[at]
		at++
		flags = append(flags, f)
		if f&8 != 0 {
			for range b[at] {
				flags = append(flags, f)
			}
			at++
		}
	}
	points := make([]point, total)
	read := func(short, same byte, set func(i, v int)) {
		v := 0
		for i := range points {
			switch f := flags[i]; {
			case f&short != 0 && f&same != 0:
				v += int(b[at])
				at++
			case f&short != 0:
				v -= int(b[at])
				at++
			case f&same == 0:
				v += word(b[at:])
				at += 2
			}
			set(i, v)
		}
	}
	read(2, 16, func(i, v int) { points[i].x = float64(v) })
	read(4, 32, func(i, v int) { points[i].y = float64(v) })
	for i, p := range points {
		points[i] = point{p.x*m[0] + p.y*m[2] + m[4], p.x*m[1] + p.y*m[3] + m[5], flags[i]&1 != 0}
	}
	from := 0
	for i := range n {
		end := word(ends[2*i:]) + 1
		contour(to, points[from:end])
		from = end
	}
}

// contour adds a closed line of points, between two of which that it does not go
// through is one that it does.
func contour(to *vector.Rasterizer, p []point) {
	if len(p) < 2 {
		return
	}
	mid := func(a, b point) point { return point{(a.x + b.x) / 2, (a.y + b.y) / 2, true} }
	start := p[0]
	if !start.on {
		if start = p[len(p)-1]; !start.on {
			start = mid(p[0], start)
		}
	}
	to.MoveTo(float32(start.x), float32(start.y))
	quad := func(a, b point) { to.QuadTo(float32(a.x), float32(a.y), float32(b.x), float32(b.y)) }
	for i, q := range p {
		next := p[(i+1)%len(p)]
		switch {
		case q.on:
			to.LineTo(float32(q.x), float32(q.y))
		case i == len(p)-1:
			quad(q, start)
		case next.on:
			quad(q, next)
		default:
			quad(q, mid(q, next))
		}
	}
	to.ClosePath()
}
