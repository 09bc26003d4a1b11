package scan

import (
	"bytes"
	"crypto/sha256"
	"reflect"
	"strings"
	"testing"
)

// elsewhere is a page whose data lie in a file from 4 on.
func elsewhere(file []byte, n int64, looked bool) Page {
	p := Page{Encoding: Flate, Width: 2, Height: 1, Components: 3, Bits: 8, DPIX: 200, DPIY: 200, Unproven: !looked, Stored: Extent{At: 4, Bytes: n}}
	if looked {
		sum := sha256.Sum256(file[4:][:n])
		p.Stored.Sum = sum[:]
	}
	return p
}

// Data that were left in their file are taken from there: those bytes, and no
// others than were looked at.
func TestTake(t *testing.T) {
	file := []byte("II*\x00deflated and more")
	r, size := bytes.NewReader(file), int64(len(file))
	for _, n := range []int64{8, size - 4} {
		for _, looked := range []bool{true, false} {
			p, err := elsewhere(file, n, looked).Take(r, size)
			if err != nil || !bytes.Equal(p.Data, file[4:][:n]) || !p.Stored.none() || looked != (p.Digest == sha256.Sum256(p.Data)) {
				t.Errorf("%d bytes: %q, %v", n, p.Data, err)
			}
		}
	}
	picture := elsewhere(file, 8, false)
	picture.Encoding, picture.Stored.Front = JPEG, []byte("tables and ")
	if p, err := picture.Take(r, size); err != nil || string(p.Data) != "tables and deflated" || picture.Stored.Len() != int64(len(p.Data)) {
		t.Errorf("with tables in front: %q, %v", p.Data, err)
	}
	whole := Page{Data: []byte("x")}
	if p, err := whole.Take(nil, 0); err != nil || !reflect.DeepEqual(p, whole) {
		t.Errorf("%+v, %v", p, err)
	}
	sound := func() Page { return elsewhere(file, 8, true) }
	for name, change := range map[string]func(p *Page){
		"behind the end":  func(p *Page) { p.Stored.At = size - 7 },
		"far behind":      func(p *Page) { p.Stored.At = 1<<63 - 1 },
		"before":          func(p *Page) { p.Stored.At = -1 },
		"less than none":  func(p *Page) { p.Stored.Bytes = -8 },
		"too many":        func(p *Page) { p.Stored.Bytes = maxData + 1 },
		"of another kind": func(p *Page) { p.Encoding = G4 },
		"with a front":    func(p *Page) { p.Stored.Front = []byte("x") },
		"a long front":    func(p *Page) { p.Encoding, p.Stored.Front = JPEG, make([]byte, maxFront+1) },
		"other front":     func(p *Page) { p.Encoding, p.Stored.Front = JPEG, []byte("x") },
		"of two tones":    func(p *Page) { p.Bits, p.Components = 1, 1 },
		"with data":       func(p *Page) { p.Data = []byte("x") },
		"other bytes":     func(p *Page) { p.Stored.At++ },
		"another digest":  func(p *Page) { p.Stored.Sum[5]++ },
		"half a digest":   func(p *Page) { p.Stored.Sum = p.Stored.Sum[:16] },
		"no digest":       func(p *Page) { p.Stored.Sum = nil },
		"digest unproven": func(p *Page) { p.Unproven = true },
		"place of none":   func(p *Page) { p.Stored.Bytes = 0 },
	} {
		p := sound()
		change(&p)
		if p.Stored.none() {
			if p.Stored.check(p) {
				t.Errorf("%s: can be", name)
			}
			continue
		}
		if got, err := p.Take(r, size); err == nil {
			t.Errorf("%s: %q is taken", name, got.Data)
		}
	}
	if _, err := sound().Take(bytes.NewReader([]byte(strings.ToUpper(string(file)))), size); err != errChanged {
		t.Errorf("of another file: %v", err)
	}
	if _, err := sound().Take(r, 11); err == nil {
		t.Error("bytes behind a file's end are taken")
	}
	if _, err := sound().Take(bytes.NewReader(file[:9]), size); err == nil {
		t.Error("a file that ends is taken")
	}
}

// A frame says where data are, or has them; who asks for pages with their data
// takes no other, and a place that cannot be is no frame.
func TestFramesInPlace(t *testing.T) {
	file := []byte("II*\x00deflated and more")
	frame := func(p Page) []byte {
		var b bytes.Buffer
		if err := WritePage(&b, p); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, looked := range []bool{true, false} {
		p := elsewhere(file, 8, looked)
		b := frame(p)
		got, err := ReadPageInPlace(bytes.NewReader(b))
		if err != nil || got.Stored.At != 4 || got.Stored.Bytes != 8 || len(got.Data) > 0 || !bytes.Equal(got.Stored.Sum, p.Stored.Sum) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := ReadPage(bytes.NewReader(b)); err == nil {
			t.Error("a page without its data is taken")
		}
		lie := bytes.Replace(b, []byte(`"bytes":8`), []byte(`"bytes":0`), 1)
		if _, err := ReadPageInPlace(bytes.NewReader(lie)); err == nil {
			t.Error("a place of nothing is taken")
		}
	}
	p := elsewhere(file, 8, false)
	p.Data = []byte("x")
	if WritePage(&bytes.Buffer{}, p) == nil {
		t.Error("data here and there are written")
	}
}
