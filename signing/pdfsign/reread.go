package pdfsign

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sohoa/pdf/revision"
	"sohoa/signing"
)

// texts are what the signature says, and what holds their place meanwhile: of
// the same length, ASCII, nothing that has to be escaped.
type texts map[string]string

func newTexts(o signing.Order) texts {
	return texts{"Name": o.Name, "Reason": o.Reason, "Location": o.Location}
}

// hex is a text as the file is to spell it, see [revision.Text].
func (t texts) hex(key string) string { return fmt.Sprintf("<%X>", []byte(revision.Text(t[key]))) }

// holder is what holds the place of a text; empty for an empty one.
func (t texts) holder(key string) string {
	if t[key] == "" {
		return ""
	}
	return strings.Repeat(key[:1], len(t.hex(key))-2)
}

// put puts the texts and the SubFilter into their places. Nothing moves by it.
func (t texts) put(tail []byte) ([]byte, error) {
	replace := map[string]string{" /SubFilter /adbe.pkcs7.detached\n": " /SubFilter /ETSI.CAdES.detached\n"}
	for key := range t {
		if h := t.holder(key); h != "" {
			replace[" /"+key+" ("+h+")\n"] = " /" + key + " " + t.hex(key) + "\n"
		}
	}
	for old, by := range replace {
		if len(old) != len(by) || bytes.Count(tail, []byte(old)) != 1 {
			return nil, fmt.Errorf("%w: %.20q is not there once", ErrEnvelope, old)
		}
		tail = bytes.Replace(tail, []byte(old), []byte(by), 1)
	}
	return tail, nil
}

// reread reads the result as a stranger would and holds it against the file: one
// new signature with its mark, and nothing else changed.
func reread(o signing.Order, src io.ReaderAt, size int64, tail []byte) (*revision.Prepared, error) {
	bad := func(format string, a ...any) error {
		return fmt.Errorf("%w: the result: %s", ErrEnvelope, fmt.Sprintf(format, a...))
	}
	all, n := revision.Join(src, size, tail)
	f, err := revision.Open(all, n)
	if err != nil {
		return nil, bad("%v", err)
	}
	old, oldForm, err := fields(o.File)
	if err != nil {
		return nil, err
	}
	now, nowForm, err := fields(f)
	if err != nil || len(nowForm) != len(oldForm)+1 || !slices.EqualFunc(oldForm, nowForm[:len(oldForm)], revision.Equal) {
		return nil, bad("its fields: %v", err)
	}
	if err := kept(o, f); err != nil {
		return nil, bad("%v", err)
	}
	sig := now[len(now)-1]
	if len(now) != len(old)+1 || sig.Dict["SubFilter"] != revision.Name("ETSI.CAdES.detached") || sig.Dict["Filter"] != revision.Name("Adobe.PPKLite") ||
		!text(sig.Dict["Name"], o.Name) || !text(sig.Dict["Reason"], o.Reason) || !text(sig.Dict["Location"], o.Location) || sig.Dict["M"] == nil {
		return nil, bad("its signature")
	}
	if page, _ := sig.Field["P"].(revision.Ref); page != o.Page.Ref {
		return nil, bad("its page")
	}
	return room(sig, size, n, tail, o.Reserve)
}

func text(o revision.Object, want string) bool {
	s, ok := o.(revision.String)
	return ok && revision.PlainText(s) == want || !ok && want == ""
}

func fields(f *revision.File) ([]revision.SignatureField, revision.Array, error) {
	catalog, _, err := f.Catalog()
	if err != nil {
		return nil, nil, err
	}
	form, err := f.DictOf(catalog["AcroForm"])
	if err != nil {
		return nil, nil, err
	}
	list, err := f.ArrayOf(form["Fields"])
	if err != nil {
		return nil, nil, err
	}
	found, err := f.SignatureFields()
	return found, list, err
}

// room finds the signature's place and empties it.
func room(sig revision.SignatureField, size, n int64, tail []byte, reserve int) (*revision.Prepared, error) {
	span, ok := sig.Spans["Contents"]
	from, to := span[0]-size, span[1]-size
	want := fmt.Sprintf("[0 %d %d %d]", span[0], span[1], n-span[1])
	got := sig.Spans["ByteRange"]
	if !ok || from < 0 || tail[from] != '<' || tail[to-1] != '>' || got[0] < size || string(tail[got[0]-size:got[1]-size]) != want {
		return nil, fmt.Errorf("%w: the result: what its signature covers", ErrEnvelope)
	}
	digits := tail[from+1 : to-1]
	for i := range digits {
		digits[i] = '0'
	}
	have := len(digits) / 2
	if have < reserve || have > revision.MaxContents || len(digits)%2 != 0 {
		return nil, fmt.Errorf("%w: the result: room for %d bytes", ErrEnvelope, have)
	}
	return &revision.Prepared{Tail: tail, Contents: int(from) + 1, Reserve: have}, nil
}

// kept checks that everything of the file is in f as it was, but for what a
// signature adds.
func kept(o signing.Order, f *revision.File) error {
	before, root, err := o.File.Catalog()
	if err != nil {
		return err
	}
	after, _, err := f.Catalog()
	if err != nil {
		return err
	}
	same := comparer{o.File, f}
	if !same.dicts(before, after, "AcroForm", "Version") {
		return fmt.Errorf("its catalog differs")
	}
	was, is := o.File.Trailer(), f.Trailer()
	for _, k := range []revision.Name{"Info", "ID"} {
		if !revision.Equal(was[k], is[k]) && was[k] != nil {
			return fmt.Errorf("its trailer lost %s", k)
		}
	}
	highest := 0
	for _, ref := range f.Refs() {
		highest = max(highest, ref.Num)
	}
	number, _ := is["Size"].(revision.Number)
	if n, ok := number.Int(); !ok || n <= int64(highest) {
		return fmt.Errorf("its Size is %s, its highest object %d", number, highest)
	}
	for _, ref := range o.File.Refs() {
		if ref != o.Page.Ref && ref != root && !f.SamePlace(o.File, ref.Num) {
			return fmt.Errorf("object %d differs", ref.Num)
		}
	}
	a, err := o.File.DictOf(o.Page.Ref)
	if err != nil {
		return err
	}
	b, err := f.DictOf(o.Page.Ref)
	if err != nil {
		return err
	}
	x, err := o.File.ArrayOf(a["Annots"])
	if err != nil {
		return err
	}
	y, err := f.ArrayOf(b["Annots"])
	if err != nil || len(y) != len(x)+1 || !slices.EqualFunc(x, y[:len(x)], revision.Equal) || !same.dicts(a, b, "Annots") {
		return fmt.Errorf("its page differs")
	}
	return nil
}

// A comparer compares objects of two files, in which the same may be written in
// place or by reference.
type comparer struct{ a, b *revision.File }

// dicts compares two dictionaries but for some keys.
func (c comparer) dicts(a, b revision.Dict, but ...revision.Name) bool {
	a, b = maps.Clone(a), maps.Clone(b)
	for _, k := range but {
		delete(a, k)
		delete(b, k)
	}
	return c.equal(a, b, 0)
}

// maxDeep is how deep objects are compared.
const maxDeep = 24

func (c comparer) equal(a, b revision.Object, deep int) bool {
	if deep > maxDeep {
		return false
	}
	if _, ok := a.(revision.Ref); ok && revision.Equal(a, b) {
		return true // and the objects are compared by themselves
	}
	a, err := c.a.Resolve(a)
	if err != nil {
		return false
	}
	if b, err = c.b.Resolve(b); err != nil {
		return false
	}
	switch x := a.(type) {
	case revision.Dict:
		y, ok := b.(revision.Dict)
		return ok && maps.EqualFunc(x, y, func(v, w revision.Object) bool { return c.equal(v, w, deep+1) })
	case revision.Array:
		y, ok := b.(revision.Array)
		return ok && slices.EqualFunc(x, y, func(v, w revision.Object) bool { return c.equal(v, w, deep+1) })
	case revision.Number:
		y, ok := b.(revision.Number)
		v, _ := x.Float()
		w, _ := y.Float()
		return ok && v == w
	}
	return revision.Equal(a, b)
}
