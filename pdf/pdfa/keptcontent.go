package pdfa

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A keeper checks what a kept page brings with it.
type keeper struct {
	c     *checker
	page  int
	depth int
}

func (k *keeper) find(r Rule, format string, args ...any) {
	if len(k.c.found) < 1000 {
		k.c.find(r, k.page, format, args...)
	}
}

// part reads an object of any kind without judging it; data is set of streams.
func (c *checker) part(v any) stream {
	n, ok := v.(ref)
	if !ok {
		d, _ := v.(dict)
		return stream{dict: d}
	}
	value, data := c.object(n, "part")
	if !within(value) {
		c.find(RuleKept, 0, "object %d goes beyond the limits of PDF/A", n)
	}
	d, _ := value.(dict)
	return stream{d, data}
}

// only finds keys of d that are not in the list, which is separated by blanks.
func (k *keeper) only(r Rule, what string, d dict, keys string) {
	list := strings.Fields(keys)
	for key := range d {
		if !slices.Contains(list, string(key)) {
			k.find(r, "the %s has %s", what, key)
		}
	}
}

// enter guards against circles and depth.
func (k *keeper) enter() bool {
	if k.depth++; k.depth > 24 {
		k.find(RuleKept, "nested too deeply")
		return false
	}
	return true
}

const blends = "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference Exclusion Hue Saturation Color Luminosity"

const intents = "RelativeColorimetric AbsoluteColorimetric Perceptual Saturation"

func among(v any, list string) bool {
	n, ok := v.(name)
	return ok && slices.Contains(strings.Fields(list), string(n))
}

// form checks a form XObject (ISO 19005-2, 6.2.9) and what it draws.
func (k *keeper) form(v any, what string) {
	at, _ := v.(ref)
	if k.c.walked[at] {
		return
	}
	k.c.walked[at] = true
	s := k.c.part(v)
	k.only(RuleKept, what, s.dict, "Type Subtype FormType BBox Matrix Group Resources Filter Length")
	if s.dict["Subtype"] != name("Form") || !numeric(s.dict["BBox"], 4) || s.dict["Matrix"] != nil && !numeric(s.dict["Matrix"], 6) {
		k.find(RuleKept, "the %s is no form with a box", what)
		return
	}
	if g, ok := s.dict["Group"].(dict); ok {
		k.only(RuleState, "group", g, "Type S CS I K")
		if g["S"] != name("Transparency") {
			k.find(RuleState, "a group that is not for transparency")
		}
		if g["CS"] != nil {
			k.space(g["CS"])
		}
	} else if s.dict["Group"] != nil {
		k.find(RuleState, "a group that is none")
	}
	k.content(k.c.inflate(s), s.dict["Resources"], false)
}

func numeric(v any, n int) bool {
	a, ok := v.(array)
	return ok && len(a) == n && !slices.ContainsFunc(a, func(e any) bool { _, isNumber := e.(float64); return !isNumber })
}

// A graphic is what of the graphics state matters here.
type graphic struct {
	font *keptFont
	mode float64
}

// A walk goes through one content stream.
type walk struct {
	*keeper
	resources dict
	now       graphic
	stack     []graphic
	operands  []any
	drawn     bool // a glyph of a Type 3 font
	width     any  // its d0 or d1
}

// content checks a content stream with its resources (6.2.2). Of a glyph's
// description it returns the width.
func (k *keeper) content(b []byte, resources any, glyph bool) any {
	defer func(d int) { k.depth = d }(k.depth)
	if !k.enter() {
		return nil
	}
	r, ok := resources.(dict)
	if !ok {
		k.find(RuleKept, "a content without resources of its own")
	}
	k.resources(r)
	w := &walk{keeper: k, resources: r, drawn: glyph}
	p := &parser{b: b, loose: true}
	for p.space(); p.at < len(b); p.space() {
		v, err := p.value()
		if err != nil {
			k.find(RuleKept, "content: %v", err)
			return nil
		}
		if op, ok := v.(operator); !ok {
			w.operands = append(w.operands, v)
			if len(w.operands) > 10000 || !within(v) {
				k.find(RuleKept, "an operand beyond the limits of PDF/A")
				return nil
			}
		} else if !w.do(op, p) {
			return nil
		} else {
			w.operands = w.operands[:0]
		}
	}
	if len(w.stack) > 0 {
		k.find(RuleKept, "a content that leaves states on the stack")
	}
	return w.width
}

// within holds a value to the limits of 6.1.13.
func within(v any) bool {
	switch v := v.(type) {
	case float64:
		return math.Abs(v) <= math.MaxInt32
	case text:
		return len(v) <= 32767
	case name:
		return len(spelled(v)) <= 127
	case array:
		return !slices.ContainsFunc(v, func(e any) bool { return !within(e) })
	case dict:
		for key, e := range v {
			if !within(key) || !within(e) {
				return false
			}
		}
	}
	return true
}

// plainOperators change nothing that is judged here.
const plainOperators = "b B b* B* BMC BT BX c cm d EMC ET EX f F f* G g h i j J l m M MP n re RG rg s S sc SC T* Tc Td TD TL Tm Ts Tw Tz v w W W* y"

// do judges one operator; after false the content is not understood further.
func (w *walk) do(op operator, p *parser) bool {
	last, count := any(nil), len(w.operands)
	if count > 0 {
		last = w.operands[count-1]
	}
	switch op {
	case "q":
		if w.stack = append(w.stack, w.now); len(w.stack) > 28 {
			w.find(RuleKept, "more than 28 states on the stack")
			return false
		}
	case "Q":
		if len(w.stack) == 0 {
			w.find(RuleKept, "a state is taken from an empty stack")
			return false
		}
		w.now, w.stack = w.stack[len(w.stack)-1], w.stack[:len(w.stack)-1]
	case "Tf":
		if count != 2 {
			w.find(RuleKept, "Tf with %d operands", count)
			return false
		}
		at, _ := w.named("Font", w.operands[0]).(ref)
		w.now.font = w.c.fonts[at]
	case "Tr":
		w.now.mode, _ = last.(float64)
	case "Tj", "'", "\"", "TJ":
		return w.show(last)
	case "gs":
		w.named("ExtGState", last)
	case "Do":
		w.named("XObject", last)
	case "sh":
		w.named("Shading", last)
	case "ri":
		if !among(last, intents) {
			w.find(RuleState, "a rendering intent of its own")
		}
	case "d0", "d1":
		if !w.drawn || count == 0 {
			w.find(RuleKept, "%s outside a glyph", op)
			return false
		}
		w.width = w.operands[0]
	default:
		return w.colours(op, last, p)
	}
	return true
}

// colours judges operators of colour, marks and inline images, and knows the
// plain ones.
func (w *walk) colours(op operator, last any, p *parser) bool {
	switch op {
	case "cs", "CS":
		if !among(last, "DeviceGray DeviceRGB Pattern") {
			w.named("ColorSpace", last)
		}
	case "k", "K":
		w.find(RuleColour, "colours of a press")
		return false
	case "scn", "SCN":
		if _, ok := last.(name); ok {
			w.named("Pattern", last)
		}
	case "BDC", "DP":
		if _, ok := last.(name); ok {
			w.named("Properties", last)
		}
	case "BI":
		return w.inline(p)
	default:
		if !slices.Contains(strings.Fields(plainOperators), string(op)) {
			w.find(RuleKept, "operator %q", string(op))
			return false
		}
	}
	return true
}

// named returns the resource of a kind that v names; that it is missing is a
// finding.
func (w *walk) named(kind name, v any) any {
	n, _ := v.(name)
	of, _ := w.resources[kind].(dict)
	for key, r := range of {
		if spelled(key) == spelled(n) {
			return r
		}
	}
	w.find(RuleKept, "a content names a %s that is not there", kind)
	return nil
}

// show notes which codes of a font are shown.
func (w *walk) show(v any) bool {
	if w.now.font == nil {
		w.find(RuleFont, "text is shown without a font")
		return false
	}
	parts, ok := v.(array)
	if !ok {
		parts = array{v}
	}
	for _, part := range parts {
		if t, ok := part.(text); ok && !w.now.font.use(string(t)) {
			w.find(RuleFont, "codes are cut in the middle")
			return false
		}
	}
	return true
}

// inline judges an image written into the content (6.1.10.2, 6.2.8).
func (w *walk) inline(p *parser) bool {
	d := dict{}
	for {
		key, err := p.valueAfterSpace()
		if err != nil {
			w.find(RuleKept, "an inline image: %v", err)
			return false
		}
		if key == operator("ID") {
			break
		}
		n, ok := key.(name)
		v, err := p.valueAfterSpace()
		if !ok || err != nil {
			w.find(RuleKept, "an inline image without a dictionary")
			return false
		}
		d[n] = v
	}
	at := -1
	for i := p.at + 1; i+2 <= len(p.b); i++ {
		if k := bytes.Index(p.b[i:], []byte("EI")); k < 0 {
			break
		} else if i += k; isSpace(p.b[i-1]) && (i+2 == len(p.b) || isSpace(p.b[i+2])) {
			at = i + 2
			break
		}
	}
	if at < 0 {
		w.find(RuleKept, "an inline image without an end")
		return false
	}
	p.at = at
	return w.inlineDict(d)
}

func (w *walk) inlineDict(d dict) bool {
	w.only(RuleImage, "inline image", d, "W H BPC CS D DP F IM I Width Height BitsPerComponent ColorSpace Decode DecodeParms Filter ImageMask Interpolate")
	pick := func(a, b name) any {
		if v, ok := d[a]; ok {
			return v
		}
		return d[b]
	}
	if pick("I", "Interpolate") == true {
		w.find(RuleImage, "an image that is interpolated")
	}
	filters, ok := pick("F", "Filter").(array)
	if f := pick("F", "Filter"); !ok && f != nil {
		filters = array{f}
	}
	for _, f := range filters {
		if !among(f, "AHx A85 Fl RL CCF DCT ASCIIHexDecode ASCII85Decode FlateDecode RunLengthDecode CCITTFaxDecode DCTDecode") {
			w.find(RuleImage, "an inline image packed in a way that PDF/A does not take")
		}
	}
	switch space := pick("CS", "ColorSpace").(type) {
	case nil:
		if pick("IM", "ImageMask") != true {
			w.find(RuleColour, "an inline image without colours")
		}
	case name:
		if !among(space, "G RGB DeviceGray DeviceRGB") {
			w.named("ColorSpace", space)
		}
	case array:
		if len(space) != 4 || !among(space[0], "I Indexed") || !among(space[1], "G RGB DeviceGray DeviceRGB") {
			w.find(RuleColour, "an inline image in colours that are not known")
		}
	default:
		w.find(RuleColour, "an inline image in colours that are not known")
	}
	return true
}

func (p *parser) valueAfterSpace() (any, error) {
	p.space()
	if p.at >= len(p.b) {
		return nil, fmt.Errorf("%w: end", errSyntax)
	}
	return p.value()
}
