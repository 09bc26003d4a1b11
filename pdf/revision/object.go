package revision

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
)

// An Object is one of nil, bool, Number, Name, String, Array, Dict, Ref and
// *Stream (ISO 32000-1, 7.3).
type Object any

// The kinds of objects.
type (
	Number string // as it is spelled in the file
	Name   string // without the slash, #xx decoded
	String []byte // decoded; written as hexadecimal digits
	Array  []Object
	Dict   map[Name]Object // written in the order of its keys

	// A Ref names an indirect object.
	Ref struct{ Num, Gen int }
)

// A Stream is a dictionary with bytes. A stream that was read knows where its
// bytes are in the file; one that is to be written holds them as Data.
type Stream struct {
	Dict   Dict
	Data   []byte
	Offset int64 // of the first byte in the file, if it was read
	Length int64
}

// Int returns i as a number.
func Int(i int) Number { return Number(strconv.Itoa(i)) }

// Real returns f as a number with at most three decimals.
func Real(f float64) Number {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	s = string(bytes.TrimRight([]byte(s), "0"))
	return Number(bytes.TrimRight([]byte(s), "."))
}

// Text returns s as a text string (7.9.2.2): UTF-16BE, in hexadecimal digits,
// so that no letter's code can be taken for a bracket (ĩ is 01 29, and 29 is a
// closing one).
func Text(s string) String {
	b := String{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}

// Int returns n as an integer.
func (n Number) Int() (int64, bool) {
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// Float returns n as a floating point number.
func (n Number) Float() (float64, bool) {
	f, err := strconv.ParseFloat(string(n), 64)
	return f, err == nil
}

// Equal reports whether a and b are the same, written differently or not.
// Streams that were read are equal if they stand at the same place.
func Equal(a, b Object) bool {
	switch a := a.(type) {
	case String:
		b, ok := b.(String)
		return ok && bytes.Equal(a, b)
	case Array:
		b, ok := b.(Array)
		return ok && slices.EqualFunc(a, b, Equal)
	case Dict:
		b, ok := b.(Dict)
		return ok && maps.EqualFunc(a, b, Equal)
	case *Stream:
		b, ok := b.(*Stream)
		return ok && a.Offset == b.Offset && a.Length == b.Length && bytes.Equal(a.Data, b.Data) && Equal(a.Dict, b.Dict)
	}
	switch b.(type) {
	case String, Array, Dict, *Stream:
		return false
	}
	return a == b
}

// write writes o as the file spells it.
func write(w *bytes.Buffer, o Object) {
	switch o := o.(type) {
	case nil:
		w.WriteString("null")
	case bool:
		w.WriteString(strconv.FormatBool(o))
	case Number:
		w.WriteString(string(o))
	case Name:
		writeName(w, o)
	case String:
		fmt.Fprintf(w, "<%X>", []byte(o))
	case Ref:
		fmt.Fprintf(w, "%d %d R", o.Num, o.Gen)
	case Array:
		w.WriteByte('[')
		for i, e := range o {
			if i > 0 {
				w.WriteByte(' ')
			}
			write(w, e)
		}
		w.WriteByte(']')
	case Dict:
		writeDict(w, o)
	case *Stream:
		d := maps.Clone(o.Dict)
		d["Length"] = Int(len(o.Data))
		writeDict(w, d)
		w.WriteString("\nstream\n")
		w.Write(o.Data)
		w.WriteString("\nendstream")
	default:
		panic(fmt.Sprintf("no PDF object is a %T", o)) // ours, never the file's
	}
}

func writeDict(w *bytes.Buffer, d Dict) {
	w.WriteString("<<")
	for _, k := range slices.Sorted(maps.Keys(d)) {
		writeName(w, k)
		w.WriteByte(' ')
		write(w, d[k])
		w.WriteByte('\n')
	}
	w.WriteString(">>")
}

func writeName(w *bytes.Buffer, n Name) {
	w.WriteByte('/')
	for i := range len(n) {
		if c := n[i]; c <= ' ' || c >= 0x7F || isDelimiter(c) || c == '#' {
			fmt.Fprintf(w, "#%02X", c)
		} else {
			w.WriteByte(c)
		}
	}
}

// section reads size bytes of r from off.
func section(r io.ReaderAt, off, size int64) ([]byte, error) {
	b := make([]byte, size)
	if n, err := r.ReadAt(b, off); int64(n) < size {
		return nil, fmt.Errorf("%w: %d bytes at %d: %w", ErrDamaged, size, off, err)
	}
	return b, nil
}
