package child

import (
	"bytes"
	"testing"

	"sohoa/jail"
	"sohoa/ocr"
)

// FuzzAnswer: answers come from a child that a hostile page may have taken over.
func FuzzAnswer(f *testing.F) {
	for _, a := range []answer{{Page: &ocr.Page{Width: 9, Height: 9}}, {Refusal: &jail.Refusal{Code: "damaged", Page: 1}}} {
		var b bytes.Buffer
		if err := writeAnswer(&b, a); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := readAnswer(bytes.NewReader(b))
		if err == nil && (a.Page == nil) == (a.Refusal == nil) {
			t.Fatal("neither a page nor a refusal was taken")
		}
	})
}
