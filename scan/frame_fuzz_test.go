package scan

import (
	"bytes"
	"io"
	"math"
	"reflect"
	"testing"

	"sohoa/specimen/hostile"
)

// FuzzReadPage: frames come from a child that a hostile file may have taken
// over. What is taken can be written, and comes back the same.
func FuzzReadPage(f *testing.F) {
	for _, p := range []Page{
		{Encoding: JPEG, Width: 9, Height: 9, Components: 3, Bits: 8, DPIX: 200, DPIY: 200, DPIFrom: FromFile, Data: []byte("\xff\xd8\xff")},
		{Encoding: G4, Width: 8, Height: 1, Components: 1, Bits: 1, DPIX: 200, DPIY: 200, Data: []byte{0x26, 0xa0}},
		{Encoding: Itself, Width: 8, Height: 1, DPIX: 300, DPIY: 300, Graft: []byte("g"), Told: []ToldLine{{1, []Told{{"a", 0, 0, 1, 1}}}}, Old: Keep, Why: "x"},
	} {
		var b bytes.Buffer
		if err := WritePage(&b, p); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()-3])
	}
	f.Add([]byte("\xff\xff\xff\xff{}"))
	f.Add([]byte("\x00\x00\x00\x02{}\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ReadPage(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WritePage(&again, p); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		q, err := ReadPage(&again)
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("%+v came back as %+v, %v", p, q, err)
		}
		if p.Width*p.Height <= 1<<18 {
			_, _ = Decode(p)
		}
	})
}

// FuzzStored decodes pages whose fields and data do not fit each other.
func FuzzStored(f *testing.F) {
	f.Add(uint8(1), uint16(8), uint16(1), uint8(1), uint8(1), uint8(0), true, []byte{0x26, 0xa0})
	f.Add(uint8(2), uint16(4), uint16(4), uint8(3), uint8(8), uint8(15), false, []byte("\x78\x9c\x63\x60\xc0\x0f\x00\x00\x0d\x00\x01"))
	f.Add(uint8(0), uint16(9), uint16(9), uint8(1), uint8(8), uint8(0), false, []byte("\xff\xd8\xff\xd9"))
	f.Fuzz(func(t *testing.T, encoding uint8, w, h uint16, components, bits, predictor uint8, black bool, data []byte) {
		p := Page{Encoding: []Encoding{JPEG, G4, Flate, Itself}[encoding%4], Width: int(w), Height: int(h), Components: int(components),
			Bits: int(bits), Predictor: int(predictor), BlackIsOne: black, Data: data}
		if int(w)*int(h) > 1<<20 {
			return
		}
		img, err := Decode(p)
		if err == nil && (img.Bounds().Dx() != p.Width || img.Bounds().Dy() != p.Height) {
			t.Fatalf("%d × %d came out as %v", w, h, img.Bounds())
		}
	})
}

// FuzzHostile starts from the files that mean harm.
func FuzzHostile(f *testing.F) {
	for file := range hostile.Files(1, 0, 1) {
		if len(file.Bytes) <= 16<<10 && Sniff(file.Bytes[:min(len(file.Bytes), SniffLen)]) != MediaPDF {
			f.Add(file.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(bytes.NewReader(b), int64(len(b)), Limits{Pixels: 1 << 18, Pages: 20, Bytes: 1 << 20})
		if err != nil {
			return
		}
		for i := range file.Pages() {
			p, err := file.Page(i)
			if err != nil {
				continue
			}
			if err := WritePage(io.Discard, p); err != nil || p.check() != nil || math.IsNaN(p.DPIX) {
				t.Fatalf("page %d cannot go to the parent: %v, %v", i, err, p.check())
			}
		}
	})
}
