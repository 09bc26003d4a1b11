package revision

import (
	"bytes"
	"fmt"
	"io"
	"maps"
)

// OpenSigned is [Open] for a file that is judged, not written to: one with both
// kinds of cross-references at once, as some word processors make, is taken if
// all readers see the same objects in it (ISO 32000-1, 7.5.8.4).
func OpenSigned(r io.ReaderAt, size int64) (*File, error) {
	return load(&File{r: r, size: size, entries: map[int]entry{}, held: map[int][]byte{}, hybrid: true})
}

// hidden reads the stream of cross-references beside a table. What the tables
// so far call free must not be in use in it: old readers would not see it.
func (f *File) hidden(o Object) error {
	n, ok := o.(Number)
	at, ok := intOf(n, ok)
	if !f.hybrid || !ok || at <= 0 || at >= f.size {
		return ErrHybrid
	}
	beside := &File{r: f.r, size: f.size, entries: map[int]entry{}, held: map[int][]byte{}}
	if _, err := beside.referenceStream(at); err != nil {
		return fmt.Errorf("cross-references at %d: %w", at, err)
	}
	for num, e := range beside.entries {
		if old, ok := f.entries[num]; ok && old != e && e.kind != 0 {
			return fmt.Errorf("%w: object %d is in two places", ErrHybrid, num)
		}
		f.enter(num, e)
	}
	return nil
}

// Start returns where the newest cross-references are.
func (f *File) Start() int64 { return f.start }

// Reads returns the size bytes from off.
func (f *File) Reads(off, size int64) ([]byte, error) {
	if off < 0 || size < 0 || size > maxObject || off+size > f.size {
		return nil, fmt.Errorf("%w: %d bytes at %d", ErrDamaged, size, off)
	}
	return section(f.r, off, size)
}

// Tail reads all updates from a place of the file to its end, strictly, and
// returns the numbers of the objects they write or free. From there on every
// byte must belong to an object that the update's own cross-references name, to
// these, or to white space and comments between them; each update must lead on
// to the one before, the first of them to the cross-references at prev. Readers
// that mend files find nothing then that others do not. The error wraps
// [ErrDamaged].
func (f *File) Tail(from, prev int64) ([]int, error) {
	t := &tail{file: f, from: from, pos: from, prev: prev, at: map[int64]Ref{}, past: map[int64]Ref{}, listed: map[int]bool{}, named: map[int64]bool{}}
	for t.pos < f.size {
		if err := t.next(); err != nil {
			return nil, fmt.Errorf("update at %d: %w", t.pos, err)
		}
	}
	if t.section != nil || len(t.at) > 0 {
		return nil, fmt.Errorf("%w: an update has no end", ErrDamaged)
	}
	nums := make([]int, 0, len(t.listed))
	for num := range t.listed {
		nums = append(nums, num)
	}
	return nums, nil
}

// A tail is read from object to object.
type tail struct {
	file      *File
	from, pos int64
	prev      int64 // of the update before
	at        map[int64]Ref
	past      map[int64]Ref  // objects of the updates before
	named     map[int64]bool // objects of this update that its cross-references name
	listed    map[int]bool
	section   *File // this update's cross-references
	start     int64 // where they are
}

// next reads one object, table or end.
func (t *tail) next() error {
	return t.file.window(t.pos, func(s *parser) error {
		if err := t.blank(s); err != nil {
			return err
		}
		if s.p == len(s.b) {
			if t.pos+int64(s.p) < t.file.size {
				return errShort
			}
			t.pos = t.file.size
			return nil
		}
		at := t.pos + int64(s.p)
		switch c := s.peek(); {
		case c >= '0' && c <= '9':
			return t.object(s, at)
		case c == 'x':
			if t.section != nil {
				return s.bad("second cross-references")
			}
			x := &File{r: t.file.r, size: t.file.size, entries: map[int]entry{}}
			trailer, err := x.table(s)
			if err != nil {
				return err
			}
			t.pos += int64(s.p)
			return t.references(x, trailer, at)
		case c == 's':
			return t.ends(s)
		}
		return s.bad("something that belongs to no object")
	})
}

// blank passes white space, and comments that no reader could take for objects.
func (t *tail) blank(s *parser) error {
	for s.p < len(s.b) {
		c := s.b[s.p]
		if isSpace(c) {
			s.p++
			continue
		}
		if c != '%' {
			return nil
		}
		line := s.b[s.p:]
		if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i]
		} else if t.pos+int64(len(s.b)) < t.file.size {
			return errShort
		}
		for _, word := range []string{"obj", "xref", "trailer", "stream", "<<"} {
			if bytes.Contains(line, []byte(word)) {
				return s.bad("a comment that can be taken for an object")
			}
		}
		s.p += len(line)
	}
	return nil
}

// object reads "12 0 obj" to endobj.
func (t *tail) object(s *parser, at int64) error {
	base := at - int64(s.p)
	num, err := s.integer()
	if err != nil {
		return err
	}
	gen, err := s.integer()
	if err != nil {
		return err
	}
	if err := s.keyword("obj"); err != nil {
		return err
	}
	o, err := s.object(0)
	if err != nil {
		return err
	}
	var streamAt int64
	if err := s.end(base, &streamAt); err != nil {
		return err
	}
	pos := base + int64(s.p)
	ref := Ref{int(num), int(gen)}
	if streamAt > 0 {
		whole, err := t.file.at(at, ref, true)
		if err != nil {
			return err
		}
		stream := whole.(*Stream)
		if pos, err = t.streamEnd(stream); err != nil {
			return err
		}
		o = stream
	}
	if _, twice := t.at[at]; twice {
		return s.bad("object %d twice", num)
	}
	t.at[at], t.pos = ref, pos
	if x, ok := o.(*Stream); ok && x.Dict["Type"] == Name("XRef") {
		if t.section != nil {
			return s.bad("second cross-references")
		}
		f := &File{r: t.file.r, size: t.file.size, entries: map[int]entry{}, held: map[int][]byte{}}
		trailer, err := f.referenceStream(at)
		if err != nil {
			return err
		}
		t.named[at] = true
		return t.references(f, trailer, at)
	}
	return nil
}

// streamEnd returns where a stream's object ends: nothing but the two words may
// follow its bytes.
func (t *tail) streamEnd(stream *Stream) (end int64, err error) {
	from := stream.Offset + stream.Length
	err = t.file.window(from, func(s *parser) error {
		for _, w := range []string{"endstream", "endobj"} {
			for s.p < len(s.b) && isSpace(s.b[s.p]) {
				s.p++
			}
			if err := s.keyword(w); err != nil {
				return err
			}
		}
		end = from + int64(s.p)
		return nil
	})
	return end, err
}

// references takes the cross-references of this update.
func (t *tail) references(x *File, trailer Dict, at int64) error {
	if _, ok := trailer["XRefStm"]; ok {
		return ErrHybrid
	}
	n, ok := trailer["Prev"].(Number)
	if prev, isInt := intOf(n, ok); !isInt || prev != t.prev {
		return fmt.Errorf("%w: an update that does not lead on to the one before", ErrDamaged)
	}
	for num, e := range x.entries {
		if e.kind == 1 && e.offset >= t.from {
			ref, ok := t.at[e.offset]
			if !ok {
				ref, ok = t.past[e.offset]
			}
			own := e.offset == at // cross-references that name themselves
			if (!ok || ref != Ref{num, e.gen}) && !own {
				return fmt.Errorf("%w: no object %d at %d", ErrDamaged, num, e.offset)
			}
			t.named[e.offset] = true
		}
		t.listed[num] = true
	}
	t.section, t.start = x, at
	return nil
}

// ends reads startxref and its number: the end of an update.
func (t *tail) ends(s *parser) error {
	base := t.pos
	if err := s.keyword("startxref"); err != nil {
		return err
	}
	n, err := s.integer()
	if err != nil {
		return err
	}
	if t.section == nil || n != t.start {
		return s.bad("startxref")
	}
	for at, ref := range t.at {
		if !t.named[at] {
			return s.bad("object %d stands at %d, and no cross-reference says so", ref.Num, at)
		}
	}
	t.pos = base + int64(s.p)
	t.prev, t.section = t.start, nil
	maps.Copy(t.past, t.at)
	clear(t.at)
	clear(t.named)
	return nil
}

// RefOf returns the reference of object num; ok is false if it is not in use.
func (f *File) RefOf(num int) (ref Ref, ok bool) {
	switch e := f.entries[num]; e.kind {
	case 1:
		return Ref{num, e.gen}, true
	case 2:
		return Ref{num, 0}, true
	}
	return Ref{}, false
}

// BoxOf returns what is seen of the page that is object ref, in user space: its
// media box, cut to its crop box (14.11.2).
func (f *File) BoxOf(page Ref) (b [4]float64, err error) {
	boxes := map[Name]Object{}
	for range maxDepth {
		d, err := f.DictOf(page)
		if err != nil {
			return b, err
		}
		for _, k := range []Name{"MediaBox", "CropBox"} {
			if v, ok := d[k]; ok && boxes[k] == nil {
				boxes[k] = v
			}
		}
		up, ok := d["Parent"].(Ref)
		if !ok {
			break
		}
		page = up
	}
	if b, err = f.Box(boxes["MediaBox"]); err != nil || boxes["CropBox"] == nil {
		return b, err
	}
	crop, err := f.Box(boxes["CropBox"])
	return [4]float64{max(b[0], crop[0]), max(b[1], crop[1]), min(b[2], crop[2]), min(b[3], crop[3])}, err
}
