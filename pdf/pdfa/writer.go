package pdfa

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"sohoa/pdf/graft"
	"sohoa/scan"
)

// A Writer writes one file. It is not safe for use by several goroutines.
type Writer struct {
	out      *output
	meta     Meta
	face     *face
	fixed    fixed
	pages    []int // object numbers
	grafted  map[[32]byte]int
	tree     *tree // nil without structure
	contents []Content
	closed   bool
}

// fixed are the numbers of the objects a file has once.
type fixed struct{ catalog, pages, info, metadata, profile, font int }

// New returns a Writer to w. What is wrong with m, and errors of w, are said by
// [Writer.Add] and [Writer.Close].
func New(w io.Writer, m Meta) *Writer {
	m, err := m.meant()
	p := &Writer{out: newOutput(w), meta: m, face: newFace(), grafted: map[[32]byte]int{}}
	p.fixed = fixed{catalog: p.out.reserve(), pages: p.out.reserve(), info: p.out.reserve(),
		metadata: p.out.reserve(), profile: p.out.reserve()}
	if m.Level == Level2A {
		p.tree = newTree(p.out, len(m.Parts))
	}
	// Four bytes above 127 tell transports that this is not text (6.1.2).
	p.out.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	if err != nil {
		p.out.err = err
	}
	return p
}

// Add writes the next page. An error that wraps [ErrInvalid] has written
// nothing: the page may be given again, mended.
func (w *Writer) Add(p Page) error {
	if w.closed {
		return errors.New("add a page: the file is closed")
	}
	if w.out.err != nil {
		return w.out.err
	}
	if err := w.fits(p); err != nil {
		return err
	}
	show, err := w.picture(p)
	if err != nil {
		return err
	}
	lines, err := sift(w.face, p, w.tree == nil)
	if err != nil {
		return err
	}
	page, contents := w.out.reserve(), w.out.reserve()
	picture, kept, write := show()
	font := ""
	if len(lines) > 0 {
		if w.fixed.font == 0 {
			w.fixed.font = w.out.reserve()
		}
		font = fmt.Sprintf("/Font<</F %d 0 R>>", w.fixed.font)
	}
	var size []byte
	decimals := 3
	if p.Graft != nil {
		decimals = 6 // a trace of a difference moves every glyph a little
	}
	size = append(number(append(number(size, p.Width, decimals), ' '), p.Height, decimals), ']')
	drawn, text, tagged, tags := w.arranged(page, p, lines)
	masks := w.masks(p)
	w.out.object(page, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s/Contents %d 0 R/Resources<</XObject<</I %d 0 R%s>>%s>>%s>>",
		w.fixed.pages, size, contents, picture, masks, font, tagged)
	w.out.deflated(contents, "", drawn)
	write()
	w.pages = append(w.pages, page)
	w.contents = append(w.contents, Content{Text: sha256.Sum256([]byte(text)), Image: kept, Tags: tags})
	return w.out.err
}

// arranged returns the operators of a page, the text they say, the keys by which
// its object leads to the structure, and the digest of this. In files with a structure it writes
// that of the page: what was read, then the image, so that whoever listens hears
// the words first.
func (w *Writer) arranged(page int, p Page, lines []Line) (ops []byte, text, keys string, tags [32]byte) {
	if w.tree == nil {
		return append(placement(p), lightest(w.face, p.Height, lines, nil)...), said(lines, nil), "", tags
	}
	kids, marks := passages(lines)
	before := "/Artifact BMC\n"
	if alt := plain(p.Alt); alt != "" {
		figure := &element{kind: "Figure", alt: alt, box: [4]float64{2: p.Width, 3: p.Height}}
		if n := len(marks); n > 0 {
			figure.mark = marks[n-1] + 1
		}
		kids = append(kids, figure)
		before = fmt.Sprintf("/Figure<</MCID %d>>BDC\n", figure.mark)
	}
	ops = slices.Concat([]byte(before), placement(p), []byte("EMC\n"), lightest(w.face, p.Height, lines, marks))
	text = said(lines, marks)
	if len(kids) == 0 {
		return ops, text, "", tags
	}
	var b bytes.Buffer
	for _, k := range kids {
		k.spell(&b)
	}
	part := max(partOf(w.meta.Parts, len(w.pages)), 0)
	// Tabs: marks of signatures that come later are walked in the order of the
	// structure.
	return ops, text, fmt.Sprintf("/StructParents %d/Tabs/S", w.tree.add(part, page, kids)), sha256.Sum256(b.Bytes())
}

// picture returns a function that gives what the page shows its object number,
// and returns this, the digest of its bytes, and what is left to be written.
func (w *Writer) picture(p Page) (func() (int, [32]byte, func()), error) {
	if p.Graft != nil {
		g, err := graft.Decode(p.Graft)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return func() (int, [32]byte, func()) {
			n := g.Write(w.put)
			return n, sha256.Sum256(g.Objects[len(g.Objects)-1].Stream), func() {}
		}, nil
	}
	image, err := imageDictionary(p.Image)
	if err == nil && p.Image.Unproven {
		err = fmt.Errorf("%w: an image of which nobody knows that it is whole", ErrInvalid)
	}
	return func() (int, [32]byte, func()) {
		n := w.out.reserve()
		digest := p.Image.Digest // a wrong one is found by the check of what was written
		if digest == [32]byte{} {
			digest = sha256.Sum256(p.Image.Data)
		}
		return n, painted(digest, p.Masks), func() { w.out.scan(n, image, p.Image.Data, digest) }
	}, err
}

// masks writes the masks of a page and returns the keys that name them.
func (w *Writer) masks(p Page) string {
	keys := ""
	for i, m := range p.Masks {
		n := w.out.reserve()
		w.out.stream(n, maskDictionary(m.Image), m.Image.Data)
		keys += fmt.Sprintf("/M%d %d 0 R", i, n)
	}
	return keys
}

// maskDictionary is the inside of the dictionary of a stencil mask (ISO 32000-1,
// 8.9.6.2): a zero is painted, and black is one.
func maskDictionary(s scan.Page) string {
	dict := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ImageMask true/BitsPerComponent 1", s.Width, s.Height)
	if s.Encoding == scan.JBIG2 {
		return dict + "/Filter/JBIG2Decode"
	}
	return dict + fmt.Sprintf("/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns %d/Rows %d>>", s.Width, s.Height)
}

// put writes an object of a graft, unless an equal one has been written: pages
// of one file share their fonts.
func (w *Writer) put(dict string, o graft.Object) int {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %t %s %x", len(dict), o.IsStream, dict, sha256.Sum256(o.Stream)))
	if n, ok := w.grafted[sum]; ok {
		return n
	}
	n := w.out.reserve()
	if o.IsStream {
		w.out.stream(n, dict, o.Stream)
	} else {
		w.out.object(n, "<<%s>>", dict)
	}
	w.grafted[sum] = n
	return n
}

// Contents returns what each page added so far must give back, for [Check].
func (w *Writer) Contents() []Content { return w.contents }

// Close writes what stands at the end of the file. It does not close the
// destination. A file without pages is an error that wraps [ErrInvalid].
func (w *Writer) Close() error {
	if w.closed {
		return errors.New("close a PDF/A: closed before")
	}
	w.closed = true
	if w.out.err != nil {
		return w.out.err
	}
	if len(w.pages) == 0 {
		return fmt.Errorf("%w: a file without pages", ErrInvalid)
	}
	if n := partOf(w.meta.Parts, len(w.pages)-1); len(w.meta.Parts) > 0 && n != len(w.meta.Parts)-1 {
		return fmt.Errorf("%w: %d pages, but the last part has none", ErrInvalid, len(w.pages))
	}
	if w.fixed.font != 0 {
		w.face.write(w.out, w.fixed.font)
	}
	f := w.fixed
	w.out.deflated(f.profile, "/N 3", profile())
	// Metadata stays readable for those who cannot inflate (6.6.2.1 lets
	// no filter be needed for finding the packet).
	w.out.stream(f.metadata, "/Type/Metadata/Subtype/XML", packet(w.meta))
	w.out.object(f.info, "<<%s>>", information(w.meta))
	w.out.object(f.pages, "<</Type/Pages/Count %d/Kids[%s]>>", len(w.pages), references(w.pages))
	w.out.object(f.catalog, "<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/Lang(%s)/PageLabels%s%s"+
		"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)"+
		"/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>]>>", f.pages, f.metadata, w.meta.Language, labels(w.meta.Parts),
		w.furnishings(), f.profile)
	return w.out.finish(f.catalog, f.info)
}

// furnishings writes what a catalog may have beside, and returns the keys for
// it.
func (w *Writer) furnishings() string {
	keys := ""
	if w.meta.Title != "" {
		keys += "/ViewerPreferences<</DisplayDocTitle true>>"
	}
	if n := w.outline(); n > 0 {
		keys += fmt.Sprintf("/Outlines %d 0 R/PageMode/UseOutlines", n)
	}
	if w.tree != nil {
		w.tree.close(w.meta.Parts)
		keys += fmt.Sprintf("/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R", w.tree.root)
	}
	return keys
}

// fits says whether a page can stand in the file, as the next one.
func (w *Writer) fits(p Page) error {
	if n := partOf(w.meta.Parts, len(w.pages)); n < 0 && len(w.meta.Parts) > 0 {
		return fmt.Errorf("%w: more pages than the parts have", ErrInvalid)
	}
	if len(p.Masks) > maxMasks {
		return fmt.Errorf("%w: %d masks on a page", ErrInvalid, len(p.Masks))
	}
	for _, m := range p.Masks {
		if s := m.Image; s.Encoding != scan.JBIG2 && s.Encoding != scan.G4 || !s.BlackIsOne || s.Width < 1 || s.Height < 1 || len(s.Data) == 0 || p.Graft != nil {
			return fmt.Errorf("%w: a mask that is not of two tones, or is over a kept page", ErrInvalid)
		}
	}
	if w.tree != nil && p.Graft != nil {
		return fmt.Errorf("%w: the structure of a page that is kept as it came is not known", ErrInvalid)
	}
	return sound(p)
}

// sound says whether a page's numbers can stand in a file.
func sound(p Page) error {
	for _, side := range []float64{p.Width, p.Height} {
		if !(side >= minSide && side <= maxSide) { // so that NaN falls out too
			return fmt.Errorf("%w: %g × %g", ErrSides, p.Width, p.Height)
		}
	}
	if p.Turn < 0 || p.Turn > 3 {
		return fmt.Errorf("%w: %d quarter turns", ErrInvalid, p.Turn)
	}
	if !(math.Abs(p.Skew) <= 45) {
		return fmt.Errorf("%w: a skew of %g degrees", ErrInvalid, p.Skew)
	}
	return nil
}

// imageDictionary is the inside of the dictionary of an image XObject
// (ISO 32000-1, 8.9.5). DeviceGray and DeviceRGB may be used as they are under
// an RGB output intent, DeviceCMYK may not (ISO 19005-2, 6.2.4.3).
func imageDictionary(s scan.Page) (string, error) {
	if s.Width < 1 || s.Height < 1 || len(s.Data) == 0 {
		return "", fmt.Errorf("%w: an image of %d × %d pixels in %d bytes", ErrInvalid, s.Width, s.Height, len(s.Data))
	}
	space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB"}[s.Components]
	if space == "" {
		return "", fmt.Errorf("%w: an image of %d colour components", ErrInvalid, s.Components)
	}
	if s.Bits != 8 && (s.Bits != 1 && s.Bits != 2 && s.Bits != 4 || s.Encoding == scan.JPEG) {
		return "", fmt.Errorf("%w: %s with %d bits a component", ErrInvalid, s.Encoding, s.Bits)
	}
	dict := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent %d",
		s.Width, s.Height, space, s.Bits)
	switch s.Encoding {
	case scan.JPEG:
		if len(s.Data) < 4 || s.Data[0] != 0xff || s.Data[1] != 0xd8 {
			return "", fmt.Errorf("%w: not the bytes of a JPEG file", ErrInvalid)
		}
		return dict + "/Filter/DCTDecode", nil
	case scan.G4:
		if s.Components != 1 || s.Bits != 1 {
			return "", fmt.Errorf("%w: G4 with %d components of %d bits", ErrInvalid, s.Components, s.Bits)
		}
		// T.6 codes runs of "black". Where a one is black those runs are black
		// and PDF's default holds; else they are white.
		inverse := ""
		if !s.BlackIsOne {
			inverse = "/BlackIs1 true"
		}
		return dict + fmt.Sprintf("/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns %d/Rows %d%s>>", s.Width, s.Height, inverse), nil
	case scan.JBIG2:
		if s.Components != 1 || s.Bits != 1 || !s.BlackIsOne {
			return "", fmt.Errorf("%w: JBIG2 with %d components of %d bits", ErrInvalid, s.Components, s.Bits)
		}
		return dict + "/Filter/JBIG2Decode", nil // in which one is black, as it is coded
	case scan.Flate:
		if p := s.Predictor; p != 0 && p != 1 && p != 15 && (p != 2 || s.Bits != 8) { // 7.4.4.4
			return "", fmt.Errorf("%w: a predictor of %d for %d bits", ErrInvalid, p, s.Bits)
		}
		return dict + flate(s), nil
	}
	return "", fmt.Errorf("%w: encoding %q", ErrInvalid, s.Encoding)
}

func flate(s scan.Page) string {
	dict := "/Filter/FlateDecode"
	if s.Predictor > 1 {
		dict += fmt.Sprintf("/DecodeParms<</Predictor %d/Colors %d/BitsPerComponent %d/Columns %d>>",
			s.Predictor, s.Components, s.Bits, s.Width)
	}
	if s.Bits == 1 && s.Components == 1 && s.BlackIsOne {
		dict += "/Decode[1 0]"
	}
	return dict
}

// placement draws the image: the unit square is turned by quarters and
// stretched over the page, then turned about the page's centre. A kept page has
// its own size already.
func placement(p Page) []byte {
	w, h := p.Width, p.Height
	across, up := w, h // of what is put there: an image is one by one
	if p.Graft != nil {
		across, up = 1, 1
	}
	m := [...][6]float64{
		{across, 0, 0, up, 0, 0},
		{0, -up, across, 0, 0, h},
		{-across, 0, 0, -up, w, h},
		{0, up, -across, 0, w, 0},
	}[p.Turn]
	if p.Graft != nil && p.Turn == 0 && p.Skew == 0 {
		return []byte("/I Do\n")
	}
	if p.Skew != 0 {
		sin, cos := math.Sincos(-p.Skew * math.Pi / 180) // PDF counts counter-clockwise
		turn := func(x, y float64) (float64, float64) { return cos*x - sin*y, sin*x + cos*y }
		m[0], m[1] = turn(m[0], m[1])
		m[2], m[3] = turn(m[2], m[3])
		m[4], m[5] = turn(m[4]-w/2, m[5]-h/2)
		m[4], m[5] = m[4]+w/2, m[5]+h/2
	}
	b := []byte("q ")
	for _, v := range m {
		b = append(number(b, v, 4), ' ')
	}
	b = append(b, "cm/I Do"...)
	for i, mask := range p.Masks {
		for _, v := range mask.Colour {
			b = number(append(b, ' '), float64(v)/255, 3)
		}
		b = fmt.Appendf(b, " rg/M%d Do", i)
	}
	return append(b, " Q\n"...)
}

// painted is the digest of an image with masks over it.
func painted(image [32]byte, masks []Mask) [32]byte {
	for _, m := range masks {
		image = over(image, sha256.Sum256(m.Image.Data))
	}
	return image
}

// over is the digest of what has one digest with what has another over it.
func over(image, mask [32]byte) [32]byte { return sha256.Sum256(append(image[:], mask[:]...)) }
