package revision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Caps of the reader. Honest files stay far below.
const (
	maxObject    = 16 << 20 // bytes of one object, without stream bytes
	maxObjects   = 4 << 20  // entries of the cross-references
	maxRevisions = 1024
	maxDecoded   = 64 << 20 // bytes of one decoded cross-reference or object stream
)

// A File is a PDF opened for reading objects.
type File struct {
	r       io.ReaderAt
	size    int64
	start   int64 // of the newest cross-references
	stream  bool  // whether these are a stream
	trailer Dict
	entries map[int]entry
	held    map[int][]byte // decoded object streams

	sections []int64 // where the cross-references are, newest first
	hybrid   bool    // whether a file of both kinds of them is taken
}

// An entry says where an object is (7.5.4, 7.5.8.3).
type entry struct {
	kind   byte  // 0 free, 1 in the file, 2 in an object stream
	offset int64 // in the file, or number of the object stream
	gen    int   // or index in the object stream
}

// Open reads the cross-references of the size bytes of r. The error wraps
// [ErrDamaged], [ErrEncrypted] or [ErrHybrid].
func Open(r io.ReaderAt, size int64) (*File, error) {
	return load(&File{r: r, size: size, entries: map[int]entry{}, held: map[int][]byte{}})
}

// load reads the cross-references of f.
func load(f *File) (*File, error) {
	r, size := f.r, f.size
	head, err := section(r, 0, min(8, size))
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte("%PDF-")) {
		return nil, fmt.Errorf("%w: does not begin with %%PDF-", ErrDamaged)
	}
	if f.start, err = startOf(r, size); err != nil {
		return nil, err
	}
	if err := f.chain(); err != nil {
		return nil, err
	}
	if _, ok := f.trailer["Encrypt"]; ok {
		return nil, ErrEncrypted
	}
	if _, ok := f.trailer["Root"].(Ref); !ok {
		return nil, fmt.Errorf("%w: no catalog", ErrDamaged)
	}
	return f, nil
}

// startOf reads where the newest cross-references are (7.5.5). Nothing but an
// end of line may follow the end-of-file marker.
func startOf(r io.ReaderAt, size int64) (int64, error) {
	tail := min(size, 1024)
	b, err := section(r, size-tail, tail)
	if err != nil {
		return 0, err
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	b, ok := bytes.CutSuffix(b, []byte("%%EOF"))
	if !ok {
		return 0, fmt.Errorf("%w: does not end with %%%%EOF", ErrDamaged)
	}
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return 0, fmt.Errorf("%w: no startxref", ErrDamaged)
	}
	s := parser{b: b, p: i + len("startxref")}
	n, err := s.integer()
	if s.skip(); err != nil || s.p != len(b) || n >= size {
		return 0, fmt.Errorf("%w: startxref", ErrDamaged)
	}
	return n, nil
}

// chain reads all cross-references, newest first.
func (f *File) chain() error {
	seen := map[int64]bool{}
	for at := f.start; ; {
		if seen[at] || len(seen) == maxRevisions {
			return fmt.Errorf("%w: cross-references lead in a circle", ErrDamaged)
		}
		seen[at] = true
		trailer, err := f.references(at)
		if err != nil {
			return fmt.Errorf("cross-references at %d: %w", at, err)
		}
		if f.trailer == nil {
			f.trailer = trailer
		}
		f.sections = append(f.sections, at)
		if hidden, ok := trailer["XRefStm"]; ok {
			if err := f.hidden(hidden); err != nil {
				return err
			}
		}
		if _, ok := trailer["Encrypt"]; ok {
			return ErrEncrypted
		}
		prev, ok := trailer["Prev"]
		if !ok {
			return nil
		}
		n, ok := prev.(Number)
		if at, ok = intOf(n, ok); !ok || at < 0 || at >= f.size {
			return fmt.Errorf("%w: Prev", ErrDamaged)
		}
	}
}

func intOf(n Number, ok bool) (int64, bool) {
	if !ok {
		return 0, false
	}
	return n.Int()
}

// references reads one section of cross-references, of either kind.
func (f *File) references(at int64) (Dict, error) {
	word, err := section(f.r, at, min(5, f.size-at))
	if err != nil {
		return nil, err
	}
	if string(word[:min(4, len(word))]) != "xref" {
		if at == f.start {
			f.stream = true
		}
		return f.referenceStream(at)
	}
	var trailer Dict
	err = f.window(at, func(s *parser) (err error) {
		trailer, err = f.table(s)
		return err
	})
	return trailer, err
}

// table reads a cross-reference table and its trailer (7.5.4).
func (f *File) table(s *parser) (Dict, error) {
	if err := s.keyword("xref"); err != nil {
		return nil, err
	}
	for s.skip(); s.peek() != 't'; s.skip() {
		if s.p == len(s.b) {
			return nil, errShort
		}
		first, err := s.integer()
		if err != nil {
			return nil, err
		}
		n, err := s.integer()
		if err != nil {
			return nil, err
		}
		if first+n > maxObjects {
			return nil, s.bad("%d objects", first+n)
		}
		for i := range n {
			if err := f.row(s, int(first+i)); err != nil {
				return nil, err
			}
		}
	}
	if err := s.keyword("trailer"); err != nil {
		return nil, err
	}
	o, err := s.object(0)
	if err != nil {
		return nil, err
	}
	d, ok := o.(Dict)
	if !ok {
		return nil, s.bad("trailer")
	}
	return d, nil
}

func (f *File) row(s *parser, num int) error {
	off, err := s.integer()
	if err != nil {
		return err
	}
	gen, err := s.integer()
	if err != nil {
		return err
	}
	s.skip()
	kind, err := s.word()
	if err != nil {
		return err
	}
	switch {
	case kind == "f":
		f.enter(num, entry{})
	case kind == "n" && gen <= 65535 && off > 0 && off < f.size:
		f.enter(num, entry{1, off, int(gen)})
	default:
		return s.bad("row of object %d", num)
	}
	return nil
}

// enter keeps e unless a newer revision has said something about num.
func (f *File) enter(num int, e entry) {
	if _, ok := f.entries[num]; !ok {
		f.entries[num] = e
	}
}

// window calls read on a growing window of the bytes at off until it suffices.
func (f *File) window(off int64, read func(*parser) error) error {
	for size := int64(4096); ; size *= 4 {
		size = min(size, f.size-off)
		b, err := section(f.r, off, size)
		if err != nil {
			return err
		}
		err = read(&parser{b: b})
		if !errors.Is(err, errShort) {
			return err
		}
		if size == f.size-off || size >= maxObject {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
}

// Get returns the object that ref names, nil if there is none (7.3.10).
func (f *File) Get(ref Ref) (Object, error) {
	e := f.entries[ref.Num]
	var o Object
	var err error
	switch e.kind {
	case 0:
		return nil, nil
	case 1:
		if e.gen != ref.Gen {
			return nil, nil
		}
		o, err = f.at(e.offset, ref, true)
	default:
		o, err = f.compressed(ref.Num, e)
	}
	if err != nil {
		return nil, fmt.Errorf("object %d: %w", ref.Num, err)
	}
	return o, nil
}

// at reads the indirect object at off. With follow false a stream's Length
// must be direct.
func (f *File) at(off int64, ref Ref, follow bool) (Object, error) {
	var out Object
	var streamAt int64
	err := f.window(off, func(s *parser) (err error) {
		if out, err = s.indirect(ref); err != nil {
			return err
		}
		streamAt = 0
		return s.end(off, &streamAt)
	})
	if err != nil || streamAt == 0 {
		return out, err
	}
	d, ok := out.(Dict)
	if !ok {
		return nil, fmt.Errorf("%w: a stream without dictionary", ErrDamaged)
	}
	length := d["Length"]
	if r, ok := length.(Ref); ok && follow {
		if length, err = f.lengthAt(r); err != nil {
			return nil, err
		}
	}
	num, ok := length.(Number)
	n, ok := intOf(num, ok)
	if !ok || n < 0 || n > f.size-streamAt {
		return nil, fmt.Errorf("%w: length of a stream", ErrDamaged)
	}
	return &Stream{Dict: d, Offset: streamAt, Length: n}, nil
}

// lengthAt reads a stream's length that is an object of its own. It may itself
// be no stream, so this cannot go on for ever.
func (f *File) lengthAt(r Ref) (Object, error) {
	e := f.entries[r.Num]
	if e.kind == 2 {
		return f.compressed(r.Num, e)
	}
	if e.kind == 0 || e.gen != r.Gen {
		return nil, nil
	}
	return f.at(e.offset, r, false)
}

// indirect reads "12 0 obj" and the object.
func (s *parser) indirect(ref Ref) (Object, error) {
	num, err := s.integer()
	if err != nil {
		return nil, err
	}
	gen, err := s.integer()
	if err != nil {
		return nil, err
	}
	if err := s.keyword("obj"); err != nil {
		return nil, err
	}
	if ref.Num != 0 && (num != int64(ref.Num) || gen != int64(ref.Gen)) {
		return nil, s.bad("object %d stands where %d should", num, ref.Num)
	}
	return s.object(0)
}

// end reads endobj, or tells where a stream begins.
func (s *parser) end(off int64, streamAt *int64) error {
	s.skip()
	w, err := s.word()
	if err != nil {
		return err
	}
	if w == "endobj" {
		return nil
	}
	if w != "stream" {
		return s.bad("%.20q where endobj should be", w)
	}
	if s.p+1 >= len(s.b) {
		return errShort
	}
	if s.b[s.p] == '\r' {
		s.p++
	}
	if s.b[s.p] != '\n' {
		return s.bad("stream does not begin on a line")
	}
	*streamAt = off + int64(s.p) + 1
	return nil
}

// Resolve follows o if it is a reference. A reference to a reference is damage.
func (f *File) Resolve(o Object) (Object, error) {
	ref, ok := o.(Ref)
	if !ok {
		return o, nil
	}
	o, err := f.Get(ref)
	if _, again := o.(Ref); again && err == nil {
		return nil, fmt.Errorf("%w: object %d is a reference", ErrDamaged, ref.Num)
	}
	return o, err
}

// DictOf returns o as a dictionary, following a reference; nil if it is null.
func (f *File) DictOf(o Object) (Dict, error) {
	o, err := f.Resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	d, ok := o.(Dict)
	if !ok {
		return nil, fmt.Errorf("%w: a %T where a dictionary should be", ErrDamaged, o)
	}
	return d, nil
}

// ArrayOf returns o as an array, following a reference; nil if it is null.
func (f *File) ArrayOf(o Object) (Array, error) {
	o, err := f.Resolve(o)
	if err != nil || o == nil {
		return nil, err
	}
	a, ok := o.(Array)
	if !ok {
		return nil, fmt.Errorf("%w: a %T where an array should be", ErrDamaged, o)
	}
	return a, nil
}

// Trailer returns the newest trailer dictionary. It must not be changed.
func (f *File) Trailer() Dict { return f.trailer }

// Size returns the length of the file in bytes.
func (f *File) Size() int64 { return f.size }

// Catalog returns the document's catalog (7.7.2) and its reference.
func (f *File) Catalog() (Dict, Ref, error) {
	ref := f.trailer["Root"].(Ref)
	d, err := f.DictOf(ref)
	if err == nil && d["Type"] != Name("Catalog") {
		err = fmt.Errorf("%w: no catalog", ErrDamaged)
	}
	return d, ref, err
}

// Refs returns every object in use, in the order of their numbers.
func (f *File) Refs() []Ref {
	var refs []Ref
	for _, num := range slices.Sorted(maps.Keys(f.entries)) {
		switch e := f.entries[num]; e.kind {
		case 1:
			refs = append(refs, Ref{num, e.gen})
		case 2:
			refs = append(refs, Ref{num, 0})
		}
	}
	return refs
}

// SamePlace reports whether object num is stored at the same place in f and in
// g: if g is a prefix of f, it then is the same object.
func (f *File) SamePlace(g *File, num int) bool { return f.entries[num] == g.entries[num] }

// Has reports whether object num is in use.
func (f *File) Has(num int) bool { return f.entries[num].kind != 0 }

// Spans tells where the values of the dictionary that is object ref stand in
// the file, from the first byte to behind the last, and under the empty name
// where the whole object does. The object must stand in the file by itself.
func (f *File) Spans(ref Ref) (map[Name][2]int64, error) {
	e := f.entries[ref.Num]
	if e.kind != 1 || e.gen != ref.Gen {
		return nil, fmt.Errorf("%w: object %d is not in the file by itself", ErrDamaged, ref.Num)
	}
	out := map[Name][2]int64{}
	err := f.window(e.offset, func(s *parser) error {
		s.spans = map[Name][2]int{}
		if _, err := s.indirect(ref); err != nil {
			return err
		}
		for k, v := range s.spans {
			out[k] = [2]int64{e.offset + int64(v[0]), e.offset + int64(v[1])}
		}
		out[""] = [2]int64{e.offset, e.offset + int64(s.p)}
		return nil
	})
	return out, err
}
