package graft

import (
	"bytes"
	"testing"
)

// FuzzDecode: the service reads grafts that a child made, which may be anybody's.
func FuzzDecode(f *testing.F) {
	g := Graft{Width: 9, Height: 9, Objects: []Object{{Parts: []string{"/A 1"}}, {Parts: []string{"/B ", ""}, Refs: []int{0}, IsStream: true, Stream: []byte("q Q")}}}
	f.Add(g.Encode())
	f.Add(g.Encode()[:20])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Decode(g.Encode())
		if err != nil || !bytes.Equal(again.Encode(), g.Encode()) {
			t.Fatalf("it does not come back: %v", err)
		}
		n := 0
		g.Write(func(string, Object) int { n++; return n })
		if n != len(g.Objects) {
			t.Fatalf("%d of %d objects were written", n, len(g.Objects))
		}
	})
}

// FuzzLex: contents come as they are.
func FuzzLex(f *testing.F) {
	for _, s := range []string{"q 1 0 0 1 0 0 cm /X Do Q", "BT (a\\)b) Tj <4142> Tj ET", "BI /W 1 ID \x00 EI", "[<<", "(((", "%", "/#4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { lex(b) })
}
