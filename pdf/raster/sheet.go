package raster

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"strconv"

	"sohoa/pdf/revision"
	"sohoa/scan"
	"sohoa/scan/room"
)

// A sheet is a page that shows one scan and, over it, masks that are painted as
// package readingcopy makes them, and marks of signatures.
type sheet struct {
	width, height float64 // points
	at            matrix  // of the scan's unit square on the page, and of the masks'
	image         scan.Page
	masks         []mask  // over it
	stamps        []stamp // over all
}

// A matrix is a, b, c, d, e, f of ISO 32000-1 8.3.3.
type matrix [6]float64

// mul is m, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

// sheetOf reads a page of doc, whose bytes are r. The error wraps errOther
// unless the file is damaged.
func sheetOf(doc *revision.File, r io.ReaderAt, n int) (s sheet, err error) {
	page, err := doc.Page(n)
	if err != nil {
		return s, err
	}
	if !page.Plain() {
		return s, errOther
	}
	d, err := doc.DictOf(page.Ref)
	if err != nil {
		return s, err
	}
	box, err := doc.Box(d["MediaBox"])
	if err != nil || d["CropBox"] != nil || box[0] != 0 || box[1] != 0 {
		return s, errOther
	}
	if s.stamps, err = stamps(doc, d["Annots"]); err != nil {
		return s, err
	}
	s.width, s.height = page.Width, page.Height
	contents, err := doc.Resolve(d["Contents"])
	if err != nil {
		return s, err
	}
	stream, ok := contents.(*revision.Stream)
	if !ok {
		return s, errOther
	}
	content, err := doc.Decode(stream)
	if err != nil {
		return s, err
	}
	shown, at, err := onlyImages(content)
	if err != nil {
		return s, err
	}
	s.at = at
	resources, err := doc.DictOf(d["Resources"])
	if err != nil {
		return s, err
	}
	objects, err := doc.DictOf(resources["XObject"])
	if err != nil {
		return s, err
	}
	for i, p := range shown {
		x, err := streamOf(doc, objects[revision.Name(p.image)])
		if err != nil {
			return s, err
		}
		if i == 0 {
			s.image, err = stored(x, r)
		} else {
			m := mask{colour: p.colour}
			m.image, err = stencil(x, r)
			s.masks = append(s.masks, m)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// stencil makes a page image of a stencil mask as package pdfa writes it: what
// is painted is black.
func stencil(x *revision.Stream, r io.ReaderAt) (scan.Page, error) {
	if x.Dict["ImageMask"] != true || x.Dict["ColorSpace"] != nil || x.Dict["Decode"] != nil {
		return scan.Page{}, errOther
	}
	d := maps.Clone(x.Dict)
	delete(d, "ImageMask")
	d["ColorSpace"] = revision.Name("DeviceGray")
	p, err := stored(&revision.Stream{Dict: d, Offset: x.Offset, Length: x.Length}, r)
	if err == nil && (p.Encoding != scan.JBIG2 && p.Encoding != scan.G4 || !p.BlackIsOne || p.Bits != 1 || p.Width < 1 || p.Height < 1) {
		err = errOther
	}
	return p, err
}

// stored makes a page image of an image object as package pdfa writes it.
func stored(x *revision.Stream, r io.ReaderAt) (scan.Page, error) {
	d := x.Dict
	p := scan.Page{Width: whole(d["Width"]), Height: whole(d["Height"]), Bits: whole(d["BitsPerComponent"]), DPIX: 100, DPIY: 100}
	p.Components = map[revision.Object]int{revision.Name("DeviceGray"): 1, revision.Name("DeviceRGB"): 3}[named(d["ColorSpace"])]
	for key := range d {
		switch key {
		case "Type", "Subtype", "Width", "Height", "BitsPerComponent", "ColorSpace", "Filter", "DecodeParms", "Length", "Decode":
		default:
			return p, errOther
		}
	}
	if d["Subtype"] != revision.Name("Image") || p.Components == 0 || x.Length > maxStored {
		return p, errOther
	}
	parms, _ := d["DecodeParms"].(revision.Dict)
	inverse := false
	if a, ok := d["Decode"].(revision.Array); ok {
		if inverse = len(a) == 2 && whole(a[0]) == 1 && whole(a[1]) == 0; !inverse || p.Bits != 1 {
			return p, errOther
		}
	}
	switch d["Filter"] {
	case revision.Name("DCTDecode"):
		p.Encoding = scan.JPEG
	case revision.Name("CCITTFaxDecode"):
		if whole(parms["K"]) != -1 || whole(parms["Columns"]) != p.Width || whole(parms["Rows"]) != p.Height {
			return p, errOther
		}
		p.Encoding, p.BlackIsOne = scan.G4, parms["BlackIs1"] != true != inverse
	case revision.Name("JBIG2Decode"):
		if len(parms) > 0 || inverse || p.Bits != 1 {
			return p, errOther // not of our making
		}
		p.Encoding, p.BlackIsOne = scan.JBIG2, true
	case revision.Name("FlateDecode"):
		p.Encoding, p.BlackIsOne, p.Predictor = scan.Flate, inverse, 1
		if len(parms) > 0 {
			p.Predictor = whole(parms["Predictor"])
			if whole(parms["Colors"]) != p.Components || whole(parms["BitsPerComponent"]) != p.Bits || whole(parms["Columns"]) != p.Width {
				return p, errOther
			}
		}
	default:
		return p, errOther
	}
	p.Data = room.For(int(x.Length))
	_, err := r.ReadAt(p.Data, x.Offset)
	return p, err
}

// maxStored is the most bytes of a picture that are read here.
const maxStored = 256 << 20

func named(o revision.Object) revision.Object {
	n, _ := o.(revision.Name)
	return n
}

// whole returns a whole number, or -9 if o is none.
func whole(o revision.Object) int {
	n, _ := o.(revision.Number)
	i, ok := n.Int()
	if !ok || i < math.MinInt32 || i > math.MaxInt32 {
		return -9
	}
	return int(i)
}

// A painting is an image that content draws.
type painting struct {
	image  string
	colour [3]byte // of what is painted through a mask
}

// mostMasks is how many masks are painted over a scan, as package pdfa has it.
const mostMasks = 3

// onlyImages returns the images that content draws, all in one place, and where,
// if nothing else is seen: text that is not drawn, and marks of structure, may be
// there. The error is errOther.
func onlyImages(content []byte) (shown []painting, at matrix, err error) {
	p := painter{b: content}
	p.ctm = matrix{1, 0, 0, 1, 0, 0}
	for {
		word, ok := p.next()
		if !ok {
			break
		}
		if err := p.do(word); err != nil {
			return nil, at, err
		}
	}
	if len(p.shown) == 0 || p.odd {
		return nil, at, errOther
	}
	return p.shown, p.at, nil
}

// A painter goes through content.
type painter struct {
	b    []byte
	i    int
	args []string
	graphics
	stack []graphics
	shown []painting
	at    matrix
	odd   bool
}

// Graphics are the state that q keeps.
type graphics struct {
	ctm    matrix
	mode   int // of text, 3: not drawn
	colour [3]byte
}

// silent are operators that draw nothing (ISO 32000-1 annex A), but for those
// that package pdfa has no use for.
var silent = map[string]bool{"BT": true, "ET": true, "Tf": true, "Tm": true, "Td": true, "TD": true, "T*": true, "Tc": true, "Tw": true, "Tz": true, "TL": true, "Ts": true,
	"BDC": true, "BMC": true, "EMC": true, "MP": true, "DP": true}

func (p *painter) do(word string) error {
	if c := word[0]; c == '/' || c == '(' || c == '<' || c == '[' || c == ']' || c == '>' || c == '-' || c == '.' || c == '+' || c >= '0' && c <= '9' || word == "true" || word == "false" || word == "null" {
		if p.args = append(p.args, word); len(p.args) > 10000 {
			return errOther
		}
		return nil
	}
	args := p.args
	p.args = p.args[:0]
	switch {
	case word == "q":
		p.stack = append(p.stack, p.graphics)
	case word == "Q" && len(p.stack) > 0:
		n := len(p.stack) - 1
		p.graphics, p.stack = p.stack[n], p.stack[:n]
	case word == "cm" && len(args) == 6:
		var m matrix
		if !numbers(args, m[:]) {
			return errOther
		}
		p.ctm = m.mul(p.ctm)
	case word == "rg" && len(args) == 3:
		var c [3]float64
		if !numbers(args, c[:]) {
			return errOther
		}
		for i, v := range c {
			p.colour[i] = byte(255*min(max(v, 0), 1) + 0.5)
		}
	case word == "Do" && len(args) == 1 && len(args[0]) > 1 && len(p.shown) <= mostMasks && (len(p.shown) == 0 || p.at == p.ctm):
		p.shown, p.at = append(p.shown, painting{args[0][1:], p.colour}), p.ctm
	case word == "Tr" && len(args) == 1:
		p.mode, _ = strconv.Atoi(args[0])
	case (word == "Tj" || word == "TJ") && p.mode == 3, silent[word]:
	default:
		return fmt.Errorf("%w: %.10q", errOther, word)
	}
	return nil
}

// numbers reads args into n, which are as many.
func numbers(args []string, n []float64) bool {
	for i, a := range args {
		v, err := strconv.ParseFloat(a, 64)
		if err != nil || math.IsNaN(v) {
			return false
		}
		n[i] = v
	}
	return true
}

// next returns the next word: an operator, a number, a name, a string's or
// bracket's beginning.
func (p *painter) next() (string, bool) {
	for p.i < len(p.b) && bytes.IndexByte([]byte("\x00\t\n\f\r "), p.b[p.i]) >= 0 {
		p.i++
	}
	if p.i >= len(p.b) {
		return "", false
	}
	from := p.i
	switch c := p.b[p.i]; {
	case c == '(':
		p.literal()
		return "(", true
	case c == '<' && !bytes.HasPrefix(p.b[p.i:], []byte("<<")):
		n := bytes.IndexByte(p.b[p.i:], '>')
		if n < 0 {
			n = len(p.b) - p.i - 1
		}
		p.i += n + 1
		return "<", true
	case bytes.IndexByte([]byte("<>[]{}%"), c) >= 0:
		p.i++
		if c == '%' || c == '{' || c == '}' {
			p.odd = true // comments and programs are not of our making
		}
		return string(c), true
	}
	for p.i++; p.i < len(p.b) && bytes.IndexByte([]byte("\x00\t\n\f\r ()<>[]{}/%"), p.b[p.i]) < 0; p.i++ {
	}
	return string(p.b[from:p.i]), true
}

// literal skips a string in brackets.
func (p *painter) literal() {
	for depth := 0; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '\\':
			p.i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.i++
				return
			}
		}
	}
	p.odd = true
}
