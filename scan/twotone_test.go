package scan

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What is stored as JBIG2 another program reads as the same pixels, black where
// it was black.
func TestPopplerReadsOurJBIG2(t *testing.T) {
	const w, h = 1237, 211
	rows, want := twoTone(w, h)
	p, err := Tighten(Page{Encoding: Flate, Width: w, Height: h, Components: 1, Bits: 1, BlackIsOne: true, Data: deflate(rows)})
	if err != nil || p.Encoding != JBIG2 || !p.BlackIsOne || p.Note == "" {
		t.Fatalf("%+v, %v", header(p), err)
	}
	if len(p.Data) >= len(g4Of(t, rows, w)) {
		t.Errorf("%d bytes, %d as G4", len(p.Data), len(g4Of(t, rows, w)))
	}
	got, err := Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)

	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.7\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Count 1/Kids[3 0 R]>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>", w, h)
	draw := fmt.Sprintf("%d 0 0 %d 0 0 cm /I Do", w, h)
	object("<</Length %d>>\nstream\n%s\nendstream", len(draw), draw)
	object("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode/Length %d>>\nstream\n%s\nendstream", w, h, len(p.Data), p.Data)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	dir := t.TempDir()
	file := filepath.Join(dir, "x.pdf")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdfimages", "-png", file, filepath.Join(dir, "x")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	drawn, err := os.Open(filepath.Join(dir, "x-000.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer drawn.Close()
	seen, err := png.Decode(drawn)
	if err != nil {
		t.Fatal(err)
	}
	same(t, seen, want)
}

// Nothing but two tones is touched, and nothing that would grow.
func TestTightenLeavesAlone(t *testing.T) {
	rows, _ := twoTone(40, 30)
	for name, p := range map[string]Page{
		"grey":  {Encoding: Flate, Width: 40, Height: 30, Components: 1, Bits: 8, Data: deflate(make([]byte, 1200))},
		"fax":   {Encoding: G4, Width: 40, Height: 30, Components: 1, Bits: 1, Data: g4Of(t, rows, 40)},
		"plain": {Encoding: Flate, Width: 1, Height: 1, Components: 1, Bits: 1, Data: deflate([]byte{0})},
	} {
		got, err := Tighten(p)
		if name == "plain" {
			if err != nil || len(got.Data) > len(p.Data) {
				t.Errorf("%s: %d bytes from %d, %v", name, len(got.Data), len(p.Data), err)
			}
			continue
		}
		if err != nil || got.Encoding != p.Encoding || !bytes.Equal(got.Data, p.Data) || got.Note != "" {
			t.Errorf("%s: %+v, %v", name, header(got), err)
		}
	}
	if _, err := Tighten(Page{Encoding: Flate, Width: 40, Height: 30, Components: 1, Bits: 1, Data: deflate(rows[:40])}); err == nil {
		t.Error("half a page was stored again")
	}
}
