package scan

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// drawingPDF is a page of lines, fills and letters in colour.
const drawingPDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 150 110]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>>>>>>>endobj
4 0 obj<</Length 117>>stream
1 0 0 rg 10 10 40 60 re f 0 0 1 RG 3 w 5 5 m 140 100 l S 0 g BT /F 18 Tf 20 80 Td (Sohoa 0123) Tj ET .5 g 90 20 30 30 re f
endstream endobj
trailer<</Root 1 0 R>>
%%EOF`

// TestLibTIFF reads what libtiff writes, by way of poppler, in each of its
// compressions.
func TestLibTIFF(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, []byte(drawingPDF), 0o600); err != nil {
		t.Fatal(err)
	}
	draw := func(args ...string) []byte {
		out := filepath.Join(t.TempDir(), "out")
		if said, err := exec.Command("pdftoppm", append(append([]string{"-r", "200", "-singlefile"}, args...), in, out)...).CombinedOutput(); err != nil {
			t.Fatalf("pdftoppm %v: %v: %s", args, err, said)
		}
		files, _ := filepath.Glob(out + ".*")
		b, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, colours := range []string{"", "-gray", "-mono"} {
		args := []string{}
		if colours != "" {
			args = append(args, colours)
		}
		want, err := png.Decode(bytes.NewReader(draw(append(args, "-png")...)))
		if err != nil {
			t.Fatal(err)
		}
		for _, pack := range []string{"none", "packbits", "lzw", "deflate", "jpeg"} {
			if pack == "jpeg" && colours == "-mono" {
				continue
			}
			file := draw(append(args, "-tiff", "-tiffcompression", pack)...)
			t.Run(pack+colours, func(t *testing.T) {
				p, got := pageOf(t, openBytes(t, file), 0)
				if p.DPIX != 200 || p.DPIFrom != FromFile {
					t.Errorf("%g dpi from %s", p.DPIX, p.DPIFrom)
				}
				if pack != "jpeg" {
					same(t, got, want)
				} else if far := distance(got, want); far > 8 {
					t.Errorf("samples differ by %g on average", far)
				}
			})
		}
	}
}

// distance returns by how much the samples of two pictures differ on average.
func distance(a, b image.Image) float64 {
	n := 3 * a.Bounds().Dx()
	p, q, sum := make([]byte, n), make([]byte, n), 0
	for y := range a.Bounds().Dy() {
		rowRGB(a, y, p)
		rowRGB(b, y, q)
		for i := range p {
			sum += max(int(p[i])-int(q[i]), int(q[i])-int(p[i]))
		}
	}
	return float64(sum) / float64(n*a.Bounds().Dy())
}
