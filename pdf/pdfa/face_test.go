package pdfa

import (
	"testing"
	"unicode/utf8"
)

// What is kept of a character is what was found of it, asked again or for the first time.
func TestKnownCharacters(t *testing.T) {
	for range 2 {
		for r := rune(-1); r <= utf8.MaxRune; r++ {
			if r > 0x3400 && r%97 != 0 {
				continue
			}
			if wide, high := breadthOf(r), riseOf(r); breadth(r) != wide || rise(r) != high {
				t.Fatalf("%U: %d wide and %d high, kept as %d and %d", r, wide, high, breadth(r), rise(r))
			}
		}
	}
}
