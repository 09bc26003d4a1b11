package tsa

import "testing"

// FuzzAnswer: what a time-stamp authority, or whoever took its place, answers.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("\x30\x03\x02\x01\x00"))
	f.Add([]byte("\x30\x80\x30\x80\x02\x01\x00"))
	f.Add([]byte("\x30\x84\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if token, err := ParseAnswer(b); err == nil && token == nil {
			t.Fatal("neither a token nor an error")
		}
		if token, err := Parse(b); err == nil && token == nil {
			t.Fatal("neither a token nor an error")
		}
	})
}
