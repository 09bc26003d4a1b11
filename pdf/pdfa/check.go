package pdfa

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sohoa/scan/jbig2"
)

// A Rule is one of the things that Check holds a file to.
type Rule string

// The rules, with the clauses of ISO 19005-2 behind them.
const (
	RuleStructure Rule = "structure" // header, objects, cross-reference table, end: 6.1.2, 6.1.4, 6.1.7, 6.1.9
	RuleTrailer   Rule = "trailer"   // file ID, no encryption: 6.1.3
	RuleActive    Rule = "active"    // no actions, scripts, forms, notes, attachments: 6.3, 6.4, 6.5
	RuleIntent    Rule = "intent"    // an RGB output intent with its profile: 6.2.3
	RuleMetadata  Rule = "metadata"  // XMP claims what the file is, in step with the information dictionary: 6.6
	RuleFont      Rule = "font"      // embedded, widths true: 6.2.11
	RuleUnicode   Rule = "unicode"   // every code in Unicode, which level B does not ask: 6.2.11.7.2
	RuleOutline   Rule = "outline"   // an entry for each part, in order: ISO 32000-1, 12.3.3
	RuleLabels    Rule = "labels"    // page labels that go with the parts: ISO 32000-1, 12.4.2
	RuleTags      Rule = "tags"      // structure and content lead to one another, all content is in either or an artifact: 6.7
	RuleImage     Rule = "image"     // dictionary, filter, colour, no interpolation: 6.2.4, 6.2.8
	RulePage      Rule = "page"      // size, resources, content operators, unseen text: 6.1.13, 6.2.2
	RuleCount     Rule = "count"     // as many pages as were given
	RuleText      Rule = "text"      // the words given come out again
	RuleScan      Rule = "scan"      // the image's bytes are those given

	// Of kept pages only.
	RuleKept   Rule = "kept"   // content streams and their resources: 6.1.13, 6.2.2, 6.2.9
	RuleColour Rule = "colour" // colour spaces and profiles: 6.2.4
	RuleState  Rule = "state"  // graphics states, transparency, rendering intents: 6.2.5, 6.2.6, 6.2.10
)

// A Finding is one place where a file breaks a Rule.
type Finding struct {
	Rule Rule
	Page int    // from 1; 0 if it is not about one page
	Text string // what is wrong, without what the pages say
}

// Findings is the error of a file that breaks rules. It is never empty.
type Findings []Finding

func (f Findings) Error() string {
	var b strings.Builder
	b.WriteString("not the PDF/A it should be:")
	for i, x := range f[:min(len(f), 5)] {
		if i > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, " %s", x.Rule)
		if x.Page > 0 {
			fmt.Fprintf(&b, " on page %d", x.Page)
		}
		fmt.Fprintf(&b, ": %s", x.Text)
	}
	if len(f) > 5 {
		fmt.Fprintf(&b, "; and %d more", len(f)-5)
	}
	return b.String()
}

// Has tells whether one of the findings is of rule r.
func (f Findings) Has(r Rule) bool {
	return slices.ContainsFunc(f, func(x Finding) bool { return x.Rule == r })
}

// Check reads a file of the Writer again, by a parser of its own, and returns
// nil, or Findings, or the error of r. It knows only what the Writer writes:
// anything more is a finding, even where PDF/A allows it. A file with kept pages
// has parts from outside in it and is checked in a child of [sohoa/jail] only. The contents, one a
// page from [Writer.Contents], are compared if any are given.
func Check(r io.ReaderAt, size int64, want ...Content) error {
	c := &checker{r: r, size: size, seen: map[int]bool{}, fonts: map[ref]*keptFont{}, walked: map[ref]bool{}}
	if c.table() {
		c.document(want)
		for i := range c.objects {
			if !c.seen[i+1] {
				c.find(RuleStructure, 0, "object %d is used by nothing", i+1)
			}
		}
	}
	if c.err != nil {
		return fmt.Errorf("check a PDF/A: %w", c.err)
	}
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

// An extent is where an object stands in the file.
type extent struct{ from, to int64 }

// A stream is a dictionary and where its data stands.
type stream struct {
	dict
	data extent
}

type checker struct {
	r       io.ReaderAt
	size    int64
	objects []extent // of object i+1
	trailer dict
	seen    map[int]bool // objects asked for
	fonts   map[ref]*keptFont
	walked  map[ref]bool // parts of kept pages that were checked, and elements of the structure
	level   string       // that the XMP packet claims: B, U or A
	parts   []Part       // by the outline; nil without one
	pageAt  map[ref]int  // where in the page tree

	// Of the structure: the section of each page, in the order of the tree, and
	// the lists by which content leads to it. Sections is nil without one.
	sections    map[ref]*section
	sectioned   []ref
	parentLists []array

	found Findings
	err   error // of r
}

func (c *checker) find(r Rule, page int, format string, args ...any) {
	c.found = append(c.found, Finding{r, page, fmt.Sprintf(format, args...)})
}

// maxRead caps what is held of a file at once: tables of very long documents
// and pages full of text stay far below.
const maxRead = 64 << 20

// read returns the bytes of e, or nil after an error.
func (c *checker) read(e extent) []byte {
	if c.err != nil || e.from < 0 || e.to > c.size || e.from > e.to || e.to-e.from > maxRead {
		return nil
	}
	b := make([]byte, e.to-e.from)
	if _, err := io.ReadFull(io.NewSectionReader(c.r, e.from, e.to-e.from), b); err != nil {
		c.err = err
		return nil
	}
	return b
}

// document checks what stands under the trailer.
func (c *checker) document(want []Content) {
	c.shape(c.trailer, "trailer", 0)
	if id, ok := c.trailer["ID"].(array); !ok || len(id) != 2 || id[0] != id[1] || len(asText(id[0])) != 16 {
		c.find(RuleTrailer, 0, "no file ID of two equal strings")
	}
	info := c.dictionary(c.trailer["Info"], "information")
	catalog := c.dictionary(c.trailer["Root"], "catalog")
	if catalog == nil {
		return
	}
	if !languageTag().MatchString(asText(catalog["Lang"])) {
		c.find(RuleMetadata, 0, "the catalog names no language")
	}
	c.metadata(catalog["Metadata"], info)
	c.intent(catalog["OutputIntents"])
	c.structure(catalog)
	if (c.sections != nil) != (c.level == "A") {
		c.find(RuleMetadata, 0, "level A is claimed without a structure, or there is one and it is not claimed")
	}
	c.pages(catalog, want)
}

func (c *checker) intent(v any) {
	intents, _ := v.(array)
	if len(intents) != 1 {
		c.find(RuleIntent, 0, "%d output intents", len(intents))
		return
	}
	in, _ := intents[0].(dict)
	c.shape(in, "intent", 0)
	if in["S"] != name("GTS_PDFA1") {
		c.find(RuleIntent, 0, "the output intent is not for PDF/A")
	}
	s := c.stream(in["DestOutputProfile"], "profile", 0)
	p := c.inflate(s)
	if len(p) < 128 || string(p[36:40]) != "acsp" || string(p[12:20]) != "mntrRGB " || p[8] > 4 || be32(p) != len(p) || s.dict["N"] != 3.0 {
		c.find(RuleIntent, 0, "the output profile is not an RGB display profile")
	}
}

func (c *checker) pages(catalog dict, want []Content) {
	root := catalog["Pages"]
	tree := c.dictionary(root, "pages")
	kids, _ := tree["Kids"].(array)
	if tree["Count"] != float64(len(kids)) || len(kids) == 0 {
		c.find(RuleStructure, 0, "the page tree does not count its %d pages", len(kids))
	}
	if len(want) > 0 && len(want) != len(kids) {
		c.find(RuleCount, 0, "%d pages instead of %d", len(kids), len(want))
		want = nil
	}
	c.parts = c.outlines(catalog, kids)
	c.pageLabels(catalog["PageLabels"], c.parts)
	fonts := map[ref]*readFace{}
	if order := slices.DeleteFunc(slices.Clone(kids), func(k any) bool { r, ok := k.(ref); return !ok || c.sections[r] == nil }); !slices.Equal(order, anyOf(c.sectioned)) {
		c.find(RuleTags, 0, "the structure has the pages in another order")
	}
	for i, k := range kids {
		if c.err != nil {
			return
		}
		var w *Content
		if len(want) > 0 {
			w = &want[i]
		}
		c.page(i+1, k, root, fonts, w)
	}
	c.keptFonts()
	if len(c.sections) > 0 {
		c.find(RuleTags, 0, "%d sections of the structure are of no page", len(c.sections))
	}
}

// page checks one page against what it must give back, if that is known.
func (c *checker) page(n int, v, parent any, fonts map[ref]*readFace, want *Content) {
	d := c.dictionary(v, "page")
	if d == nil {
		return
	}
	box, _ := d["MediaBox"].(array)
	if d["Parent"] != parent || len(box) != 4 || box[0] != 0.0 || box[1] != 0.0 || !side(box[2]) || !side(box[3]) {
		c.find(RulePage, n, "no sound media box or parent")
	}
	resources, _ := d["Resources"].(dict)
	c.shape(resources, "resources", n)
	var face *readFace
	if f, ok := resources["Font"].(dict); ok {
		c.shape(f, "fonts", n)
		at, _ := f["F"].(ref)
		if fonts[at] == nil {
			fonts[at] = c.font(at)
		}
		face = fonts[at]
	}
	objects, _ := resources["XObject"].(dict)
	c.shape(objects, "images", n)
	digest := c.shown(objects["I"], n)
	masks := 0
	for ; masks < maxMasks && objects[maskName(masks)] != nil; masks++ {
		digest = over(digest, c.mask(objects[maskName(masks)], n))
	}
	if masks+1 != len(objects) {
		c.find(RulePage, n, "masks out of their order")
	}
	said, marked := c.content(c.inflate(c.stream(d["Contents"], "contents", n)), n, face, masks)
	tags := c.tagged(n, v, d, marked)
	if want == nil {
		return
	}
	if digest != want.Image {
		c.find(RuleScan, n, "the image's bytes are not the scan's")
	}
	if sha256.Sum256([]byte(said)) != want.Text {
		c.find(RuleText, n, "the text is not what was given")
	}
	if tags != want.Tags {
		c.find(RuleTags, n, "the structure is not what was given")
	}
}

func side(v any) bool {
	f, ok := v.(float64)
	return ok && f >= minSide && f <= maxSide
}

// shown checks the image or the kept page at v and returns the digest of its
// bytes.
func (c *checker) shown(v any, page int) [32]byte {
	if s := c.part(v); s.dict["Subtype"] == name("Form") {
		k := &keeper{c, page, 0}
		k.form(v, "kept page")
		return sha256.Sum256(c.read(s.data))
	}
	return c.image(v, page)
}

// image checks an image's dictionary and returns the digest of its bytes.
func (c *checker) image(v any, page int) (digest [32]byte) {
	s := c.stream(v, "image", page)
	if s.dict == nil {
		return digest
	}
	bits, filter, space := s.dict["BitsPerComponent"], s.dict["Filter"], s.dict["ColorSpace"]
	sound := s.dict["Subtype"] == name("Image") && atLeastOne(s.dict["Width"]) && atLeastOne(s.dict["Height"]) &&
		(space == name("DeviceGray") || space == name("DeviceRGB"))
	parameters, _ := s.dict["DecodeParms"].(dict)
	switch filter {
	case name("DCTDecode"):
		start := c.read(extent{s.data.from, min(s.data.from+2, s.data.to)})
		sound = sound && bits == 8.0 && parameters == nil && bytes.Equal(start, []byte{0xff, 0xd8})
	case name("CCITTFaxDecode"):
		c.shape(parameters, "fax", page)
		sound = sound && bits == 1.0 && parameters["K"] == -1.0 && parameters["Columns"] == s.dict["Width"] && parameters["Rows"] == s.dict["Height"]
	case name("JBIG2Decode"):
		sound = sound && bits == 1.0 && parameters == nil && c.generic(s)
	case name("FlateDecode"):
		if parameters != nil {
			c.shape(parameters, "predictor", page)
		}
		sound = sound && slices.Contains([]any{1.0, 2.0, 4.0, 8.0}, bits) &&
			(parameters == nil || parameters["Columns"] == s.dict["Width"] && parameters["BitsPerComponent"] == bits &&
				parameters["Colors"] == map[any]any{name("DeviceGray"): 1.0, name("DeviceRGB"): 3.0}[space] &&
				(parameters["Predictor"] == 15.0 || parameters["Predictor"] == 2.0 && bits == 8.0))
	default:
		sound = false
	}
	if turned, ok := s.dict["Decode"].(array); ok {
		sound = sound && slices.Equal(turned, array{1.0, 0.0}) && bits == 1.0 && space == name("DeviceGray")
	}
	if !sound {
		c.find(RuleImage, page, "the image's dictionary does not hold together")
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(c.r, s.data.from, s.data.to-s.data.from)); err != nil {
		c.err = errors.Join(c.err, err)
	}
	return [32]byte(h.Sum(nil))
}

// maxMasks is how many masks a page may have: three inks, and a mark over them.
const maxMasks = 4

func maskName(i int) name { return name("M" + string(rune('0'+i))) }

// mask checks a stencil mask's dictionary and returns the digest of its bytes.
func (c *checker) mask(v any, page int) [32]byte {
	s := c.stream(v, "mask", page)
	if s.dict == nil {
		return [32]byte{}
	}
	parameters, _ := s.dict["DecodeParms"].(dict)
	sound := s.dict["Subtype"] == name("Image") && s.dict["ImageMask"] == true && s.dict["BitsPerComponent"] == 1.0 &&
		atLeastOne(s.dict["Width"]) && atLeastOne(s.dict["Height"])
	switch s.dict["Filter"] {
	case name("JBIG2Decode"):
		sound = sound && parameters == nil && c.generic(s)
	case name("CCITTFaxDecode"):
		c.shape(parameters, "fax", page)
		sound = sound && parameters["K"] == -1.0 && parameters["Columns"] == s.dict["Width"] && parameters["Rows"] == s.dict["Height"] && parameters["BlackIs1"] == nil
	default:
		sound = false
	}
	if !sound {
		c.find(RuleImage, page, "the dictionary of a mask does not hold together")
	}
	return sha256.Sum256(c.read(s.data))
}

// generic reports whether the data of a JBIG2 image are what we write: one page
// and one region of its size, coded without loss and without symbols.
func (c *checker) generic(s stream) bool {
	w, _ := s.dict["Width"].(float64)
	h, _ := s.dict["Height"].(float64)
	return jbig2.Plain(c.read(s.data), int(w), int(h))
}

func atLeastOne(v any) bool {
	f, ok := v.(float64)
	return ok && f >= 1
}

func asText(v any) string {
	t, _ := v.(text)
	return string(t)
}
