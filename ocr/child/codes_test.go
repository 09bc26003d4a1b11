package child

import (
	"context"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

// TestCodes brings a printed paper with a QR code at its foot, upside down: the
// code is read with the words and stands where it does on the upright page.
func TestCodes(t *testing.T) {
	const text = "000.00.12.H60-260315-0001"
	path := filepath.Join(t.TempDir(), "code.png")
	if out, err := exec.Command("zint", "--barcode=QRCODE", "--scale=2", "--quietzones", "-o", path, "-d", text).CombinedOutput(); err != nil {
		t.Fatalf("zint: %v: %s", err, out)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	code, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	drawn := printed(t, 200, specimen.Wear{Grey: true})
	g := image.NewGray(drawn.Rect)
	copy(g.Pix, drawn.Pix)
	at := image.Pt(900, g.Rect.Dy()-code.Bounds().Dy()-60)
	draw.Draw(g, code.Bounds().Add(at), code, image.Point{}, draw.Src)

	p := sharedPool(t)
	got, err := p.Read(context.Background(), stored(t, prepare.Turn(g, 2), 200, 200))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Codes) != 1 || got.Codes[0].Format != "QR" || got.Codes[0].Text != text {
		t.Fatalf("codes %+v", got.Codes)
	}
	b, size := got.Codes[0].Box, code.Bounds().Dx()
	if b.X0 < at.X || b.Y0 < at.Y || b.X1 > at.X+size || b.Y1 > at.Y+size {
		t.Errorf("the code lies at %+v, it was put at %v with side %d", b, at, size)
	}
}
