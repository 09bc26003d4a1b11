// Package graft takes a page out of a PDF as it stands, text, fonts, vectors
// and pictures, so that it can be set into another.
//
// A Graft is a row of objects of which each refers only to those before it; the
// last is what is seen of the page, upright, as a form XObject (ISO 32000-1,
// 8.10) in points, origin bottom left. Where references stand, an
// object has gaps, so that whoever sets it into a file fills in numbers and
// parses nothing.
//
// [Cut] makes one of a page of a file from outside, and so runs only in children
// of [sohoa/jail]. It carries over what PDF/A-2 knows, leaves out what does
// nothing for the page (and says so where a person would care), and refuses
// where the page would come out other than it was. It judges no fonts: that is
// for the checker of package pdfa.
package graft

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// An Object is a dictionary, or a stream if it has one: Parts[0], a reference
// to the object Refs[0], Parts[1], and so on, within << >>.
type Object struct {
	Parts    []string
	Refs     []int // of objects before this one, from 0
	IsStream bool
	Stream   []byte
}

// A Graft is a page out of a PDF.
type Graft struct {
	Width, Height float64 // of the upright page in points
	Objects       []Object
}

// ErrForm: bytes that are no Graft.
var ErrForm = errors.New("not a page cut out of a PDF")

// The most a Graft may have.
const (
	maxObjects = 100_000
	maxSide    = 14400 // points: the limit of PDF/A-2 and so of any page
)

// Encode writes g as bytes.
func (g Graft) Encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, math.Float64bits(g.Width))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(g.Height))
	b = binary.AppendUvarint(b, uint64(len(g.Objects)))
	for _, o := range g.Objects {
		b = binary.AppendUvarint(b, uint64(len(o.Refs)))
		for i, p := range o.Parts {
			b = binary.AppendUvarint(b, uint64(len(p)))
			b = append(b, p...)
			if i < len(o.Refs) {
				b = binary.AppendUvarint(b, uint64(o.Refs[i]))
			}
		}
		if !o.IsStream {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(append(b, 1), uint64(len(o.Stream)))
		b = append(b, o.Stream...)
	}
	return b
}

// Decode reads what Encode wrote. It trusts nothing: the writer may be a child
// that a hostile file has taken over. Streams share memory with b. Errors wrap
// [ErrForm].
func Decode(b []byte) (Graft, error) {
	r := &reader{b: b}
	g := Graft{Width: math.Float64frombits(r.fixed()), Height: math.Float64frombits(r.fixed())}
	n := r.number(maxObjects)
	for i := 0; i < n && !r.bad; i++ {
		var o Object
		refs := r.number(maxObjects)
		for k := 0; k <= refs && !r.bad; k++ {
			o.Parts = append(o.Parts, string(r.bytes()))
			if k < refs {
				o.Refs = append(o.Refs, r.number(i-1))
			}
		}
		if o.IsStream = r.number(1) == 1; o.IsStream {
			o.Stream = r.bytes()
		}
		g.Objects = append(g.Objects, o)
	}
	side := func(v float64) bool { return v > 0 && v <= maxSide }
	if r.bad || len(r.b) > 0 || n == 0 || !g.Objects[n-1].IsStream || !side(g.Width) || !side(g.Height) {
		return Graft{}, ErrForm
	}
	return g, nil
}

// A reader takes bytes apart; after a fault it is bad and returns nothing.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fixed() uint64 {
	if len(r.b) < 8 {
		r.bad = true
		return 0
	}
	v := binary.BigEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *reader) number(most int) int {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 || most < 0 || v > uint64(most) {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) bytes() []byte {
	n := r.number(len(r.b))
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// Write sets the graft into a file: put is called for each object in order with
// the inside of its dictionary, references filled in, and returns its number
// there, which may be that of an equal object written before. The number of the
// form XObject is returned.
func (g Graft) Write(put func(dict string, o Object) int) int {
	numbers := make([]int, len(g.Objects))
	for i, o := range g.Objects {
		var b bytes.Buffer
		for k, p := range o.Parts {
			b.WriteString(p)
			if k < len(o.Refs) {
				fmt.Fprintf(&b, "%d 0 R", numbers[o.Refs[k]])
			}
		}
		numbers[i] = put(b.String(), o)
	}
	return numbers[len(numbers)-1]
}
