package digest

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	abc := Of([]byte("abc"))
	for name, row := range map[string]struct {
		in string
		ok bool
	}{
		"round trip":      {abc.String(), true},
		"short":           {abc.String()[1:], false},
		"not hex":         {"x" + abc.String()[1:], false},
		"second spelling": {strings.ToUpper(abc.String()), false},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse(row.in)
			if row.ok && (err != nil || d != abc) {
				t.Errorf("Parse = %v, %v", d, err)
			}
			if !row.ok && !errors.Is(err, ErrMalformed) {
				t.Errorf("Parse = %v, want ErrMalformed", err)
			}
		})
	}
	// FIPS 180-4, example B.1.
	if got := abc.String(); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("Of(abc) = %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Of(nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil && d.String() != s {
			t.Errorf("%q came back as %q", s, d)
		}
	})
}
