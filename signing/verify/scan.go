package verify

import (
	"bytes"
	"cmp"
	"crypto"
	"fmt"
	"hash"
	"io"
	"slices"

	"sohoa/pdf/revision"
)

// A runner hashes the file once for all signatures of a digest: what each covers
// before itself is a beginning of the file.
type runner struct {
	hash   hash.Hash
	fields []*field // that wait, in order of where they are
	bytes  int64    // hashed so far
	err    error
}

// feed hashes what follows, and leaves each signature that begins in it its
// share.
func (r *runner) feed(b []byte) {
	for len(r.fields) > 0 && r.fields[0].bounds[1] <= r.bytes+int64(len(b)) {
		f := r.fields[0]
		n := f.bounds[1] - r.bytes
		r.hash.Write(b[:n])
		r.bytes += n
		b = b[n:]
		copied, err := r.hash.(hash.Cloner).Clone()
		if err != nil {
			r.err = err
			return
		}
		f.sum, r.fields = copied, r.fields[1:]
	}
	if len(r.fields) > 0 {
		r.hash.Write(b)
		r.bytes += int64(len(b))
	}
}

// scan reads the file once. It hashes what each of fields covers, and looks for
// ByteRanges that belong to none of them: signatures that the form no longer
// names. It returns the place of one, or -1.
func (c *checker) scan(fields []field) (stray int64, err error) {
	runners := map[crypto.Hash]*runner{}
	for i := range fields {
		f := &fields[i]
		if f.hash == 0 {
			continue
		}
		if runners[f.hash] == nil {
			runners[f.hash] = &runner{hash: f.hash.New()}
		}
		runners[f.hash].fields = append(runners[f.hash].fields, f)
	}
	for _, r := range runners {
		slices.SortFunc(r.fields, func(a, b *field) int { return cmp.Compare(a.bounds[1], b.bounds[1]) })
	}
	stray, needle := int64(-1), []byte("/ByteRange")
	const part = 256 << 10
	buf := make([]byte, part+len(needle))
	for from := int64(0); from < c.size; from += part {
		n, err := c.r.ReadAt(buf, from)
		if err != nil && err != io.EOF {
			return -1, err
		}
		for _, r := range runners {
			r.feed(buf[:min(n, part)])
		}
		if stray < 0 {
			stray = c.strayIn(buf[:n], from, from+part, needle, fields)
		}
	}
	for _, r := range runners {
		if r.err != nil {
			return -1, r.err
		}
	}
	return stray, c.finish(fields)
}

// finish hashes what signatures cover behind themselves.
func (c *checker) finish(fields []field) error {
	for i := range fields {
		f := &fields[i]
		if f.sum == nil {
			continue
		}
		if _, err := io.Copy(f.sum, io.NewSectionReader(c.r, f.bounds[2], f.bounds[3])); err != nil {
			return fmt.Errorf("read what is signed: %w", err)
		}
		f.digest = f.sum.Sum(nil)
	}
	return nil
}

// strayIn returns the place of the first ByteRange in b, which stands at from in
// the file, that begins before end and belongs to nothing; -1 if there is none.
func (c *checker) strayIn(b []byte, from, end int64, needle []byte, fields []field) int64 {
	for at := from; ; {
		i := bytes.Index(b, needle)
		if i < 0 || at+int64(i) >= end {
			return -1
		}
		at += int64(i)
		if !slices.ContainsFunc(fields, func(f field) bool {
			span := f.spans[""]
			return span[0] <= at && at < span[1]
		}) && !c.insideStream(at) {
			return at
		}
		b, at = b[i+1:], at+1
	}
}

// insideStream reports whether a place is within the bytes of a stream that is
// in use: a signed file may be attached to another.
func (c *checker) insideStream(at int64) bool {
	if c.streams == nil {
		c.streams = [][2]int64{}
		for _, ref := range c.file.Refs() {
			if o, err := c.file.Get(ref); err == nil {
				if s, ok := o.(*revision.Stream); ok {
					c.streams = append(c.streams, [2]int64{s.Offset, s.Offset + s.Length})
				}
			}
		}
	}
	return slices.ContainsFunc(c.streams, func(s [2]int64) bool { return s[0] <= at && at < s[1] })
}
