package revision

import (
	"compress/zlib"
	"fmt"
	"io"
)

// referenceStream reads a cross-reference stream (7.5.8).
func (f *File) referenceStream(at int64) (Dict, error) {
	o, err := f.at(at, Ref{}, false)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok || s.Dict["Type"] != Name("XRef") {
		return nil, fmt.Errorf("%w: no cross-references", ErrDamaged)
	}
	b, err := f.Decode(s)
	if err != nil {
		return nil, err
	}
	w, err := ints(s.Dict["W"])
	if err != nil || len(w) != 3 || w[0] > 8 || w[1] > 8 || w[2] > 8 {
		return nil, fmt.Errorf("%w: widths", ErrDamaged)
	}
	index := []int64{0, 0}
	if n, ok := s.Dict["Size"].(Number); ok {
		index[1], _ = n.Int()
	}
	if a, ok := s.Dict["Index"]; ok {
		if index, err = ints(a); err != nil || len(index)%2 != 0 {
			return nil, fmt.Errorf("%w: index", ErrDamaged)
		}
	}
	for ; len(index) > 0; index = index[2:] {
		if b, err = f.rows(b, w, index[0], index[1]); err != nil {
			return nil, err
		}
	}
	return s.Dict, nil
}

// rows enters n objects from first on and returns the bytes that follow.
func (f *File) rows(b []byte, w []int64, first, n int64) ([]byte, error) {
	width := w[0] + w[1] + w[2]
	if first > maxObjects || n > maxObjects || first+n > maxObjects || n*width > int64(len(b)) {
		return nil, fmt.Errorf("%w: %d objects", ErrDamaged, n)
	}
	for i := range n {
		row := b[i*width:]
		e := entry{kind: 1, offset: number(row[w[0]:][:w[1]]), gen: int(number(row[w[0]+w[1]:][:w[2]]))}
		if w[0] > 0 {
			kind := number(row[:w[0]])
			if kind > 2 { // 7.5.8.3: to be taken for null
				kind = 0
			}
			e.kind = byte(kind)
		}
		if e.kind == 0 {
			e = entry{}
		}
		if e.kind == 1 && (e.offset <= 0 || e.offset >= f.size) || e.gen < 0 || e.offset < 0 {
			return nil, fmt.Errorf("%w: row of object %d", ErrDamaged, first+i)
		}
		f.enter(int(first+i), e)
	}
	return b[n*width:], nil
}

func number(b []byte) (n int64) {
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	return n
}

func ints(o Object) ([]int64, error) {
	a, ok := o.(Array)
	if !ok {
		return nil, ErrDamaged
	}
	var out []int64
	for _, e := range a {
		num, ok := e.(Number)
		n, ok := intOf(num, ok)
		if !ok || n < 0 {
			return nil, ErrDamaged
		}
		out = append(out, n)
	}
	return out, nil
}

// compressed reads an object that stands in an object stream (7.5.7).
func (f *File) compressed(num int, e entry) (Object, error) {
	holder := f.entries[int(e.offset)]
	if holder.kind != 1 {
		return nil, fmt.Errorf("%w: no object stream %d", ErrDamaged, e.offset)
	}
	o, err := f.at(holder.offset, Ref{int(e.offset), holder.gen}, false)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok || s.Dict["Type"] != Name("ObjStm") {
		return nil, fmt.Errorf("%w: no object stream %d", ErrDamaged, e.offset)
	}
	b, ok := f.held[int(e.offset)]
	if !ok {
		if b, err = f.Decode(s); err != nil {
			return nil, err
		}
		if len(f.held) == 8 {
			clear(f.held)
		}
		b = append(b, ' ', ' ') // the parser wants to see where its last word ends
		f.held[int(e.offset)] = b
	}
	first, err := ints(Array{s.Dict["First"]})
	if err != nil || first[0] > int64(len(b)) {
		return nil, fmt.Errorf("%w: object stream %d", ErrDamaged, e.offset)
	}
	return pick(b, int(first[0]), num, e.gen)
}

// pick reads the object at index of an object stream.
func pick(b []byte, first, num, index int) (Object, error) {
	head := parser{b: b[:first:first]}
	head.b = append(head.b, ' ')
	for i := 0; ; i++ {
		n, err := head.integer()
		if err != nil {
			return nil, fmt.Errorf("%w: object stream", ErrDamaged)
		}
		off, err := head.integer()
		if err != nil || off > int64(len(b)-first) {
			return nil, fmt.Errorf("%w: object stream", ErrDamaged)
		}
		if i < index {
			continue
		}
		if n != int64(num) {
			return nil, fmt.Errorf("%w: object %d stands where %d should", ErrDamaged, n, num)
		}
		s := parser{b: b[first+int(off):]}
		return s.object(0)
	}
}

// Decode returns the bytes of a stream that was read: stored or deflated, with
// a PNG predictor or without. Other filters are not read here.
func (f *File) Decode(s *Stream) ([]byte, error) {
	var r io.Reader = io.NewSectionReader(f.r, s.Offset, s.Length)
	filter := s.Dict["Filter"]
	if a, ok := filter.(Array); ok && len(a) == 1 {
		filter = a[0]
	}
	switch filter {
	case nil:
	case Name("FlateDecode"):
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		r = z
	default:
		return nil, fmt.Errorf("%w: filter %.40v is not read here", ErrDamaged, filter)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxDecoded+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(b) > maxDecoded {
		return nil, fmt.Errorf("%w: more than %d bytes in a stream", ErrDamaged, maxDecoded)
	}
	parms := s.Dict["DecodeParms"]
	if a, ok := parms.(Array); ok && len(a) == 1 {
		parms = a[0]
	}
	d, _ := parms.(Dict)
	if p, ok := d["Predictor"].(Number); ok && p != "1" {
		return unpredict(b, d)
	}
	return b, nil
}

// unpredict undoes the PNG predictors (7.4.4.4) for one-byte samples.
func unpredict(b []byte, d Dict) ([]byte, error) {
	columns := int64(1)
	if n, ok := d["Columns"].(Number); ok {
		columns, _ = n.Int()
	}
	row := int(columns) + 1
	kind, _ := intOf(d["Predictor"].(Number), true)
	if columns < 1 || columns > 1<<16 || len(b)%row != 0 || kind < 10 {
		return nil, fmt.Errorf("%w: predictor", ErrDamaged)
	}
	out := make([]byte, 0, len(b))
	above := make([]byte, columns)
	for ; len(b) > 0; b = b[row:] {
		line, kind := b[1:row], b[0]
		for i := range line {
			switch {
			case kind == 2:
				line[i] += above[i]
			case kind == 1 && i > 0:
				line[i] += line[i-1]
			case kind > 2:
				return nil, fmt.Errorf("%w: predictor %d", ErrDamaged, kind)
			}
		}
		out = append(out, line...)
		above = line
	}
	return out, nil
}
