package inspect

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/jail"
	"sohoa/scan"
)

// drawDPI is what pages without a scan are drawn at: the least that scans of
// the public administration must have.
const drawDPI = 200

// maxDrawDPI is the most a page is drawn at unless it is pixel for pixel.
const maxDrawDPI = 600

// A plan says how a page becomes a picture: image is carried over, or, if it
// is nil, the page is drawn at dpi because of why.
type plan struct {
	leaf   leaf
	image  *picture
	w, h   int
	dpi    float64 // to draw at
	exact  bool    // w and h are those of a scan: draw pixel for pixel
	rx, ry float64 // then, along the drawn picture
	hidden bool
	why    string
	survey survey
}

// A picture is an image XObject (ISO 32000-1 8.9.5) that may be carried over.
type picture struct {
	stream     *types.StreamDict
	dict       types.Dict
	w, h       int
	bits       int
	components int
	inverted   bool // /Decode [1 0]
	filter     string
	parms      types.Dict
	wrapped    bool // in FlateDecode
	dpiX, dpiY float64
}

// notCarried is why scans in JBIG2, JPEG 2000 and rarer codings are drawn.
const notCarried = "its scan is coded in a way that is not carried over"

// fallBack turns a plan to carry im into one to draw it because of why: pixel
// for pixel if it fits the page to a pixel, else about as finely.
func (pl *plan) fallBack(im *picture, why string) {
	pl.image, pl.why, pl.dpi = nil, why, max(im.dpiX, im.dpiY)
	page := pl.leaf.box
	w, h := page.width()*pl.leaf.unit*im.dpiX/72, page.height()*pl.leaf.unit*im.dpiY/72
	square := abs(im.dpiX-im.dpiY) < 0.01*pl.dpi
	if abs(w-float64(im.w)) > 0.5 || abs(h-float64(im.h)) > 0.5 || pl.leaf.turn%2 == 1 && !square {
		pl.measure(min(max(pl.dpi, drawDPI), maxDrawDPI))
		return
	}
	pl.exact, pl.w, pl.h, pl.rx, pl.ry = true, im.w, im.h, im.dpiX, im.dpiY
	if pl.leaf.turn%2 == 1 {
		pl.w, pl.h, pl.rx, pl.ry = pl.h, pl.w, pl.ry, pl.rx
	}
}

// plan decides how page n, from 1, becomes a picture, and checks its size.
func (f *File) plan(p leaf, n int) (plan, error) {
	pl := plan{leaf: p}
	if err := p.sides(n); err != nil {
		return pl, err
	}
	content, readable, err := f.content(p, n)
	if err != nil {
		return pl, err
	}
	pl.survey = f.survey(p, content)
	seen := paint(content, pl.survey.textForms)
	if !readable {
		seen.other = "its content is not understood"
	}
	pl.hidden, pl.why = seen.hidden, seen.other
	var im *picture
	if pl.why == "" {
		im, pl.why = f.picture(p, seen)
	}
	switch {
	case im == nil && pl.survey.covered >= scanShare:
		pl.measure(min(max(pl.survey.dpi, drawDPI), maxDrawDPI))
	case im == nil:
		pl.measure(drawDPI)
	case pl.why != "":
		pl.fallBack(im, pl.why)
	default:
		pl.image, pl.w, pl.h = im, im.w, im.h
	}
	return pl, scan.Limits{Pixels: f.l.Pixels}.CheckPixels(n, pl.w, pl.h)
}

// The sides that a page may have, in points (ISO 19005-2 6.1.13).
const (
	minSide = 3
	maxSide = 14400
)

// sides refuses page n, from 1, if PDF/A knows no page of its size.
func (p leaf) sides(n int) error {
	w, h := p.box.width()*p.unit, p.box.height()*p.unit
	if min(w, h) >= minSide && max(w, h) <= maxSide {
		return nil
	}
	return &jail.Refusal{Code: CodeSides, Page: n, Text: fmt.Sprintf("the page measures %.5g × %.5g points, and PDF/A allows %d to %d; print it to a paper size and send that", w, h, minSide, maxSide)}
}

// measure sets the size of a page drawn at dpi, as pdftoppm rounds it.
func (pl *plan) measure(dpi float64) {
	pl.dpi = dpi
	w, h := math.Ceil(pl.leaf.box.width()*pl.leaf.unit*dpi/72), math.Ceil(pl.leaf.box.height()*pl.leaf.unit*dpi/72)
	if pl.leaf.turn%2 == 1 {
		w, h = h, w
	}
	pl.w, pl.h = int(min(w, 1<<30)), int(min(h, 1<<30))
}

// content joins the content streams of page n, each a run of whole words. If
// one cannot be decoded it is not readable; if one is not there, the file is
// damaged.
func (f *File) content(p leaf, n int) (_ []byte, readable bool, _ error) {
	if p.dict["Contents"] == nil {
		return nil, true, nil
	}
	o := f.resolve(p.dict["Contents"])
	parts, ok := o.(types.Array)
	if !ok {
		parts = types.Array{o}
	}
	var all []byte
	for _, part := range parts {
		s, ok := f.resolve(part).(types.StreamDict)
		if !ok {
			return nil, false, damaged(n, "the page's content is missing")
		}
		if err := s.Decode(); err != nil {
			return nil, false, nil
		}
		if err := f.l.CheckExpand(0, int64(len(all)+len(s.Content))); err != nil {
			return nil, false, err
		}
		all = append(append(all, s.Content...), '\n')
	}
	return all, true, nil
}

// picture returns the one scan that fills the page. A picture together with a
// reason fills the page too, but has to be drawn.
func (f *File) picture(p leaf, seen painting) (*picture, string) {
	if why := f.plainly(p, seen); why != "" {
		return nil, why
	}
	x := f.dict(p.resources, "XObject")
	s, ok := f.resolve(x[seen.image]).(types.StreamDict)
	if !ok || f.name(plainKeys(s.Dict), "Subtype") != "Image" {
		return nil, "it is no plain scan"
	}
	box, upright := seen.at.square(rect{0, 0, 1, 1})
	if !upright {
		return nil, "its scan is turned or mirrored"
	}
	if !near(box, p.box) {
		return nil, "its picture does not fill the page"
	}
	for _, clip := range seen.clips {
		if clip.x0 > box.x0+slack(p.box) || clip.y0 > box.y0+slack(p.box) || clip.x1 < box.x1-slack(p.box) || clip.y1 < box.y1-slack(p.box) {
			return nil, "it shows a part of a picture"
		}
	}
	im := &picture{stream: &s, dict: plainKeys(s.Dict)}
	w, _ := number(f.resolve(im.dict["Width"]))
	h, _ := number(f.resolve(im.dict["Height"]))
	if w < 1 || h < 1 || w > 1<<20 || h > 1<<20 {
		return nil, "its picture has no size"
	}
	im.w, im.h = int(w), int(h)
	im.dpiX, im.dpiY = w*72/(box.width()*p.unit), h*72/(box.height()*p.unit)
	for _, key := range [...]string{"SMask", "Mask", "OC"} {
		if f.resolve(im.dict[key]) != nil {
			return nil, "its picture has a mask"
		}
	}
	if b, ok := f.resolve(im.dict["ImageMask"]).(types.Boolean); ok && bool(b) {
		return im, "its scan is a stencil"
	}
	return im, f.coding(im)
}

// plainly reports what else is on the page but the picture.
func (f *File) plainly(p leaf, seen painting) string {
	if notes, ok := f.resolve(p.dict["Annots"]).(types.Array); ok {
		for _, note := range notes {
			d := dictOf(f.resolve(note))
			if kind := f.name(d, "Subtype"); d != nil && kind != "Link" && kind != "Popup" {
				return "it has notes on it"
			}
		}
	}
	states := f.dict(p.resources, "ExtGState")
	for _, name := range seen.states {
		gs := f.dict(states, name)
		for _, key := range [...]string{"ca", "CA"} {
			if v, ok := number(f.resolve(gs[key])); ok && v != 1 {
				return "its picture is transparent"
			}
		}
		mode, mask := f.name(gs, "BM"), f.resolve(gs["SMask"])
		if mode != "" && mode != "Normal" && mode != "Compatible" || mask != nil && f.name(gs, "SMask") != "None" {
			return "its picture is blended"
		}
	}
	return ""
}

// slack is how far a scan may miss the edges of its page: 2 % of it.
func slack(page rect) float64 { return 0.02 * min(page.width(), page.height()) }

func near(a, b rect) bool {
	s := slack(b)
	return abs(a.x0-b.x0) <= s && abs(a.y0-b.y0) <= s && abs(a.x1-b.x1) <= s && abs(a.y1-b.y1) <= s
}

// coding finds out how im is stored, and why it cannot be carried over, if so.
func (f *File) coding(im *picture) string {
	filters, parms := f.filters(im.dict)
	if len(filters) == 2 && filters[0] == "FlateDecode" && len(parms[0]) == 0 {
		filters, parms, im.wrapped = filters[1:], parms[1:], true
	}
	if len(filters) != 1 {
		return notCarried
	}
	im.filter, im.parms = filters[0], parms[0]
	bits, _ := number(f.resolve(im.dict["BitsPerComponent"]))
	im.bits, im.components = int(bits), f.components(im.dict["ColorSpace"], 0)
	if im.filter == "CCITTFaxDecode" && im.bits == 0 {
		im.bits = 1
	}
	var ok bool
	if im.inverted, ok = f.inverted(im); !ok || im.inverted && im.bits != 1 {
		return "its scan has colours turned round"
	}
	switch im.filter {
	case "DCTDecode":
		ok = len(im.parms) == 0 && im.components > 0
	case "CCITTFaxDecode":
		k, _ := number(im.parms["K"])
		columns, given := number(im.parms["Columns"])
		aligned, _ := im.parms["EncodedByteAlign"].(types.Boolean)
		ok = k < 0 && !bool(aligned) && (given && int(columns) == im.w || !given && im.w == 1728) && im.components == 1 && im.bits == 1
	case "FlateDecode":
		ok = im.bits == 8 && (im.components == 1 || im.components == 3) || im.components == 1 && (im.bits == 1 || im.bits == 2 || im.bits == 4)
		ok = ok && im.predictable()
	default:
		ok = false
	}
	if !ok {
		return notCarried
	}
	return ""
}

// predictable reports whether the rows are plain, have PNG filters, or are
// differences of 8-bit samples as TIFF has them.
func (im *picture) predictable() bool {
	or := func(key string, or int) int {
		if v, ok := number(im.parms[key]); ok {
			return int(v)
		}
		return or
	}
	predictor := or("Predictor", 1)
	known := predictor >= 10 && predictor <= 15 || predictor == 2 && im.bits == 8
	return predictor == 1 || known && or("Colors", 1) == im.components && or("BitsPerComponent", 8) == im.bits && or("Columns", 1) == im.w
}

// filters returns the stream's filters and the parameters of each, resolved.
func (f *File) filters(d types.Dict) (names []string, parms []types.Dict) {
	list := func(key, short string) types.Array {
		o := f.resolve(d[key])
		if o == nil {
			o = f.resolve(d[short])
		}
		if a, ok := o.(types.Array); ok {
			return a
		}
		return types.Array{o}
	}
	all := list("DecodeParms", "DP")
	for i, o := range list("Filter", "F") {
		n, _ := f.resolve(o).(types.Name)
		var p types.Dict
		if i < len(all) {
			p = types.Dict{}
			for k, v := range plainKeys(dictOf(f.resolve(all[i]))) {
				if p[k] = f.resolve(v); p[k] == nil {
					delete(p, k)
				}
			}
		}
		names, parms = append(names, plain(string(n))), append(parms, p)
	}
	return names, parms
}

// components returns how many components a colour space has if a picture in it
// can be carried over as grey or RGB: 1 or 3, else 0.
func (f *File) components(o types.Object, depth int) int {
	switch o := f.resolve(o).(type) {
	case types.Name:
		switch plain(string(o)) {
		case "DeviceGray", "G", "CalGray":
			return 1
		case "DeviceRGB", "RGB", "CalRGB":
			return 3
		}
	case types.Array:
		if len(o) == 0 || depth > 4 {
			return 0
		}
		n, ok := f.resolve(o[0]).(types.Name)
		if ok && strings.HasPrefix(plain(string(n)), "Cal") && (len(o) < 2 || !f.usualGamma(o[1])) {
			return 0
		}
		if ok && plain(string(n)) == "CalRGB" && !f.usualPrimaries(o[1]) {
			return 0
		}
		if !ok || plain(string(n)) != "ICCBased" || len(o) < 2 {
			return f.components(o[0], depth+1)
		}
		count, _ := number(f.resolve(plainKeys(dictOf(f.resolve(o[1])))["N"]))
		if count == 1 || count == 3 {
			return int(count)
		}
	}
	return 0
}

// inverted reads /Decode: the default, or the default turned round; not ok if
// it is neither.
func (f *File) inverted(im *picture) (inverted, ok bool) {
	a, given := f.resolve(im.dict["Decode"]).(types.Array)
	if !given {
		return false, true
	}
	first, _ := number(f.resolve(types.Array(append(a, types.Integer(0)))[0]))
	for i := range a {
		v, isNumber := number(f.resolve(a[i]))
		if want := math.Abs(first - float64(i%2)); !isNumber || v != want {
			return false, false
		}
	}
	return first == 1, first == 0 || first == 1
}

// carry makes a page of the stored bytes. It is not ok if they turn out to be
// of a variety that has to be drawn.
func (f *File) carry(pl *plan, i int) (scan.Page, bool, error) {
	im := pl.image
	raw := im.stream.Raw
	if im.wrapped {
		var err error
		if raw, err = f.unwrap(raw); err != nil {
			return scan.Page{}, false, damaged(i+1, "the page's scan is cut short or damaged")
		}
	}
	p := scan.Page{Width: im.w, Height: im.h, Components: im.components, Bits: im.bits, Data: raw}
	switch im.filter {
	case "DCTDecode":
		var err error
		if f.o.Unproven {
			p, err = scan.JPEGUnproven(raw, f.l)
		} else {
			p, err = scan.JPEGPage(raw, f.l)
		}
		if codeOf(err) == scan.CodeKind {
			return p, false, nil
		}
		if err != nil {
			return p, false, err
		}
		if p.Encoding != scan.JPEG || p.Width != im.w || p.Height != im.h || p.Components != im.components {
			return p, false, nil
		}
	case "CCITTFaxDecode":
		blackIs1, _ := im.parms["BlackIs1"].(types.Boolean)
		p.Encoding, p.BlackIsOne = scan.G4, bool(blackIs1) == im.inverted
		if _, err := scan.Decode(p); err != nil {
			return p, false, nil // fax decoders differ in what they forgive
		}
	case "FlateDecode":
		p.Encoding, p.BlackIsOne, p.Predictor = scan.Flate, im.inverted, 1
		if v, ok := number(im.parms["Predictor"]); ok && v >= 10 {
			p.Predictor = 15
		} else if ok && v == 2 {
			p.Predictor = 2
		}
		if _, err := scan.Decode(p); err != nil {
			return p, false, damaged(i+1, "the page's scan is cut short or damaged")
		}
		var err error
		if p, err = scan.Tighten(p); err != nil {
			return p, false, err
		}
	}
	p.Index, p.Turn = i, pl.leaf.turn
	p.DPIX, p.DPIY, p.DPIFrom = resolution(p.Width, p.Height, im.dpiX, im.dpiY)
	if pl.hidden {
		p.Note = strings.TrimPrefix(p.Note+"; the PDF's hidden text left out", "; ")
	}
	return p, true, nil
}

func (f *File) unwrap(raw []byte) ([]byte, error) {
	zr, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(zr, f.l.Bytes+1))
	if err == nil && int64(len(b)) > f.l.Bytes {
		err = io.ErrShortBuffer
	}
	return b, err
}
