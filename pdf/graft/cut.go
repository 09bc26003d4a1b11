package graft

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// A Leaf is the page to be cut out, with what it inherits.
type Leaf struct {
	Dict      types.Dict
	Resources types.Dict
	Box       [4]float64 // what is seen of it: left, bottom, right, top
	Unit      float64    // points in one of its units
	Turn      int        // clockwise quarter turns that make it upright
}

// A Change is what is not as it was in the page cut out: a code, for people.
type Change string

// The changes.
const (
	Notes   Change = "notes"   // annotations and form fields are drawn into the page
	Links   Change = "links"   // links are left out, their text stays
	Layers  Change = "layers"  // layers, all of them shown, are joined
	Profile Change = "profile" // a broken colour profile is left out
	Hidden  Change = "hidden"  // annotations that were not shown are left out
)

// A Refused is why a page cannot be cut out as it stands: a code.
type Refused string

func (r Refused) Error() string { return "the page cannot be kept as it stands: " + string(r) }

// The codes of refusals.
const (
	NoContent  Refused = "content"     // its content is not understood
	NoFont     Refused = "font"        // a font is not in the file, or of a kind that is not taken
	NoColour   Refused = "colour"      // colours of a press, or of a kind that is not taken
	NoPicture  Refused = "picture"     // a picture coded in a way that PDF/A or this house does not take
	NoLayer    Refused = "layer"       // layers of which some are not shown
	NoState    Refused = "state"       // a graphics state that PDF/A does not know
	NoNote     Refused = "note"        // an annotation that cannot be drawn into the page
	NoResource Refused = "resource"    // a part is missing, runs in a circle, or is too deep
	NoKind     Refused = "unsupported" // a kind of object that is not taken
)

// Cut takes the page p out of ctx. An error is a [Refused].
func Cut(ctx *model.Context, p Leaf) (Graft, []Change, error) {
	c := &cutter{ctx: ctx, done: map[types.IndirectRef]int{}, open: map[types.IndirectRef]bool{}, changed: map[Change]bool{}}
	w, h := (p.Box[2]-p.Box[0])*p.Unit, (p.Box[3]-p.Box[1])*p.Unit
	if p.Turn%2 != 0 {
		w, h = h, w
	}
	c.page(p)
	if c.err == nil && !(w > 0 && w <= maxSide && h > 0 && h <= maxSide) {
		c.err = NoKind
	}
	if c.err != nil {
		return Graft{}, nil, c.err
	}
	return Graft{w, h, c.objects}, slices.Sorted(maps.Keys(c.changed)), nil
}

// A cutter carries objects over. After an error it does nothing of use.
type cutter struct {
	ctx     *model.Context
	objects []Object
	done    map[types.IndirectRef]int // objects carried over
	open    map[types.IndirectRef]bool
	depth   int
	changed map[Change]bool
	err     error
}

func (c *cutter) fail(r Refused) {
	if c.err == nil {
		c.err = r
	}
}

// A body is the inside of a dictionary in the making.
type body struct {
	parts []string
	refs  []int
	b     strings.Builder
}

func (b *body) text(s string) { b.b.WriteString(s) }

func (b *body) reference(n int) {
	b.parts, b.refs = append(b.parts, b.b.String()), append(b.refs, n)
	b.b.Reset()
}

func (c *cutter) add(b *body, stream []byte, isStream bool) int {
	if len(c.objects) >= maxObjects {
		c.fail(NoKind)
		return 0
	}
	c.objects = append(c.objects, Object{append(b.parts, b.b.String()), b.refs, isStream, stream})
	return len(c.objects) - 1
}

// page makes the form of the whole page.
func (c *cutter) page(p Leaf) {
	content, ok := c.contents(p.Dict["Contents"])
	if !ok {
		c.fail(NoContent)
		return
	}
	resources := maps.Clone(p.Resources)
	if resources == nil {
		resources = types.Dict{}
	}
	drawn, placed := c.notes(p.Dict, resources)
	b := &body{}
	b.text("/Type/XObject/Subtype/Form/BBox[")
	for _, v := range p.Box {
		b.text(decimal(v) + " ")
	}
	b.text("]/Matrix[")
	for _, v := range p.upright() {
		b.text(decimal(v) + " ")
	}
	b.text("]")
	content = c.content(content)
	if len(drawn) > 0 {
		content = append(slices.Concat([]byte("q\n"), content, []byte("\nQ\n")), drawn...)
	}
	used := names(content)
	c.resources(b, types.Dict(resources), used, placed)
	b.text("/Filter/FlateDecode")
	c.add(b, deflate(content), true)
}

// upright is the matrix that puts what is seen of the page upright with its
// lower left corner at the origin, in points.
func (p Leaf) upright() [6]float64 {
	u, x0, y0, x1, y1 := p.Unit, p.Box[0]*p.Unit, p.Box[1]*p.Unit, p.Box[2]*p.Unit, p.Box[3]*p.Unit
	switch p.Turn % 4 {
	case 1:
		return [6]float64{0, -u, u, 0, -y0, x1}
	case 2:
		return [6]float64{-u, 0, 0, -u, x1, y1}
	case 3:
		return [6]float64{0, u, -u, 0, y1, -x0}
	}
	return [6]float64{u, 0, 0, u, -x0, -y0}
}

// contents joins content streams, each a run of whole words.
func (c *cutter) contents(o types.Object) ([]byte, bool) {
	o = c.resolve(o)
	if o == nil {
		return nil, true
	}
	parts, ok := o.(types.Array)
	if !ok {
		parts = types.Array{o}
	}
	var all []byte
	for _, part := range parts {
		s, ok := c.stream(part)
		if !ok || s.Decode() != nil {
			return nil, false
		}
		all = append(append(all, s.Content...), '\n')
	}
	return all, true
}

// content takes the marks of layers out of a content stream.
func (c *cutter) content(b []byte) []byte {
	tokens, ok := lex(b)
	if !ok {
		c.fail(NoContent)
		return nil
	}
	var out []byte
	from := 0
	for i, t := range tokens {
		if t.kind != anOperate || i < 2 {
			continue
		}
		op := string(b[t.from:t.to])
		if tag := tokens[i-2]; (op == "BDC" || op == "DP") && tag.kind == aName && plain(string(b[tag.from+1:tag.to])) == "OC" {
			c.allShown()
			out = append(out, b[from:tag.from]...)
			out = append(out, map[string]string{"BDC": "/Span BMC", "DP": "/Span MP"}[op]...)
			from = t.to
		}
	}
	return append(out, b[from:]...)
}

// names are the names that a content stream says: of resources, among others.
func names(b []byte) map[string]bool {
	tokens, _ := lex(b)
	all := map[string]bool{}
	for _, t := range tokens {
		if t.kind == aName {
			all[plain(string(b[t.from+1:t.to]))] = true
		}
	}
	return all
}

// allShown refuses a page with layers unless all layers of the file are shown.
func (c *cutter) allShown() {
	root, err := c.ctx.Catalog()
	if err != nil {
		c.fail(NoLayer)
		return
	}
	d := c.dict(plainKeys(c.dict(root["OCProperties"]))["D"])
	array := func(key string) int { a, _ := c.resolve(d[key]).(types.Array); return len(a) }
	if base := c.name(d["BaseState"]); d == nil || base != "" && base != "ON" || array("OFF") > 0 || array("AS") > 0 {
		c.fail(NoLayer)
		return
	}
	c.changed[Layers] = true
}

// shown does the same for what has the key OC.
func (c *cutter) shown(o types.Object) {
	if o = c.resolve(o); o == nil {
		return
	}
	d := c.dict(o)
	if p := c.name(d["P"]); d["VE"] != nil || p != "" && p != "AllOn" && p != "AnyOn" {
		c.fail(NoLayer)
	}
	c.allShown()
}

// resolve follows o if it is a reference; a dangling one is null.
func (c *cutter) resolve(o types.Object) types.Object {
	o, err := c.ctx.Dereference(o)
	if err != nil {
		return nil
	}
	return o
}

func (c *cutter) stream(o types.Object) (types.StreamDict, bool) {
	switch s := c.resolve(o).(type) {
	case types.StreamDict:
		return s, true
	case *types.StreamDict:
		return *s, true
	}
	return types.StreamDict{}, false
}

// dict returns the dictionary that o is or has, nil if none.
func (c *cutter) dict(o types.Object) types.Dict {
	switch d := c.resolve(o).(type) {
	case types.Dict:
		return plainKeys(d)
	case types.StreamDict:
		return plainKeys(d.Dict)
	case *types.StreamDict:
		return plainKeys(d.Dict)
	}
	return nil
}

func (c *cutter) name(o types.Object) string {
	n, _ := c.resolve(o).(types.Name)
	return plain(string(n))
}

func (c *cutter) number(o types.Object) (float64, bool) {
	switch o := c.resolve(o).(type) {
	case types.Integer:
		return float64(o), true
	case types.Float:
		return float64(o), true
	}
	return 0, false
}

func (c *cutter) numbers(o types.Object, n int) ([]float64, bool) {
	a, _ := c.resolve(o).(types.Array)
	var out []float64
	for _, e := range a {
		v, ok := c.number(e)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, len(out) == n
}

// plainKeys returns d with #xx undone in its keys.
func plainKeys(d types.Dict) types.Dict {
	out := make(types.Dict, len(d))
	for k, v := range d {
		out[plain(k)] = v
	}
	return out
}

// plain undoes #xx in a name (ISO 32000-1, 7.3.5).
func plain(name string) string {
	if !strings.Contains(name, "#") {
		return name
	}
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if v, err := strconv.ParseUint(name[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}

// written is a name as it is written.
func written(name string) string {
	var b strings.Builder
	b.WriteByte('/')
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || c == '#' || isDelimiter(c) {
			fmt.Fprintf(&b, "#%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// decimal writes a number without exponent, as short as it is exact.
func decimal(v float64) string { return strconv.FormatFloat(v+0, 'f', -1, 64) }

// value writes what has no parts of its own: numbers, names, strings, truth
// values, and arrays of them.
func (c *cutter) value(b *body, o types.Object) {
	if c.depth++; c.depth > 32 {
		c.fail(NoResource)
	}
	defer func() { c.depth-- }()
	if c.err != nil {
		return
	}
	switch o := c.resolve(o).(type) {
	case nil:
		b.text(" null")
	case types.Integer:
		b.text(" " + strconv.Itoa(int(o)))
	case types.Float:
		b.text(" " + decimal(float64(o)))
	case types.Boolean:
		b.text(" " + strconv.FormatBool(bool(o)))
	case types.Name:
		b.text(written(plain(string(o))))
	case types.StringLiteral, types.HexLiteral:
		b.text(c.hex(o))
	case types.Array:
		b.text("[")
		for _, e := range o {
			c.value(b, e)
		}
		b.text("]")
	default:
		c.fail(NoKind)
	}
}

// hex writes a string in hexadecimal.
func (c *cutter) hex(o types.Object) string {
	s, err := bytesOf(o)
	if err != nil {
		c.fail(NoKind)
	}
	return fmt.Sprintf("<%X>", s)
}

func bytesOf(o types.Object) ([]byte, error) {
	switch o := o.(type) {
	case types.StringLiteral:
		return types.Unescape(string(o))
	case types.HexLiteral:
		return o.Bytes()
	}
	return nil, errors.New("no string")
}

// keys writes those of keys that d has, as plain values.
func (c *cutter) keys(b *body, d types.Dict, keys string) {
	for _, k := range strings.Fields(keys) {
		if v := c.resolve(d[k]); v != nil {
			b.text("/" + k)
			c.value(b, v)
		}
	}
}

// indirect carries over what o refers to once, by make, and writes a reference.
func (c *cutter) indirect(b *body, o types.Object, make func(types.Object) int) {
	ref, isRef := o.(types.IndirectRef)
	if n, ok := c.done[ref]; isRef && ok {
		b.reference(n)
		return
	}
	if isRef && c.open[ref] || c.depth > 32 {
		c.fail(NoResource)
	}
	if c.err != nil {
		return
	}
	c.depth++
	c.open[ref] = isRef
	n := make(o)
	delete(c.open, ref)
	c.depth--
	if isRef {
		c.done[ref] = n
	}
	b.reference(n)
}

// data carries over a stream for its decoded bytes.
func (c *cutter) data(b *body, o types.Object, keys string) {
	c.indirect(b, o, func(o types.Object) int {
		s, ok := c.stream(o)
		if !ok || s.Decode() != nil {
			c.fail(NoResource)
			return 0
		}
		in := &body{}
		c.keys(in, plainKeys(s.Dict), keys)
		in.text("/Filter/FlateDecode")
		return c.add(in, deflate(s.Content), true)
	})
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // a bytes.Buffer does not fail
	_ = z.Close()
	return out.Bytes()
}
