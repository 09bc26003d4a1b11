package main

import (
	"errors"
	"testing"

	"sohoa/scan"
)

// TestRemembered: pages that fit are asked for once, all others as often as they
// are needed, and always they come as they are.
func TestRemembered(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		most  int
		ends  error
		leave int // after so many pages, the first time
		want  int // times that the source is asked
	}{
		"small": {1 << 20, nil, 0, 1}, "large": {5 << 10, nil, 0, 3}, "broken": {1 << 20, broken, 0, 3}, "left": {1 << 20, nil, 2, 2},
	} {
		asked := 0
		pages := remembered(func(yield func(scan.Page, error) bool) {
			asked++
			for i := range 4 {
				if !yield(scan.Page{Index: i, Data: make([]byte, 1000)}, nil) {
					return
				}
			}
			if c.ends != nil {
				yield(scan.Page{}, c.ends)
			}
		}, c.most)
		for round := range 3 {
			n := 0
			var last error
			for page, err := range pages {
				if last = err; err != nil {
					break
				}
				if page.Index != n {
					t.Errorf("%s: page %d came as %d", name, page.Index, n)
				}
				if n++; round == 0 && n == c.leave {
					break
				}
			}
			if round > 0 && n != 4 || last != c.ends {
				t.Errorf("%s, round %d: %d pages, then %v", name, round, n, last)
			}
		}
		if asked != c.want {
			t.Errorf("%s: asked %d times", name, asked)
		}
	}
}
