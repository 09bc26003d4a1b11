package raster_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/jail"
	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/raster"
	"sohoa/scan"
	"sohoa/specimen"
)

func written(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func picture(t *testing.T, b []byte) *image.RGBA {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(img.Bounds())
	draw.Draw(m, m.Rect, img, image.Point{}, draw.Src)
	return m
}

// averaged is m, each pixel the mean of k by k.
func averaged(m *image.RGBA, k int) *image.RGBA {
	if k == 1 {
		return m
	}
	out := image.NewRGBA(image.Rect(0, 0, (m.Rect.Dx()+k-1)/k, (m.Rect.Dy()+k-1)/k))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			for c := range 4 {
				sum, n := 0, 0
				for j := range k {
					for i := range k {
						if x*k+i < m.Rect.Dx() && y*k+j < m.Rect.Dy() {
							sum, n = sum+int(m.Pix[m.PixOffset(x*k+i, y*k+j)+c]), n+1
						}
					}
				}
				out.Pix[out.PixOffset(x, y)+c] = byte(sum / n)
			}
		}
	}
	return out
}

// apart is how much two pictures of a size differ, as a share of what is dark in
// the second.
func apart(a, b *image.RGBA) float64 {
	sum, dark := 0, 0
	for i := range a.Pix {
		d := int(a.Pix[i]) - int(b.Pix[i])
		sum, dark = sum+max(d, -d), dark+255-int(b.Pix[i])
	}
	return float64(sum) / float64(dark)
}

// Our own pages, of every encoding, turned and leaning, and those of a reading
// copy, are drawn from their scans and look as poppler draws them.
func TestPlainPagesLookAsPopplerDrawsThem(t *testing.T) {
	for name, b := range pdfatest.Files(t) {
		path := written(t, b)
		for page := 1; page <= 12; page++ {
			file, err := raster.Plainly(path, page, raster.View100)
			if err != nil {
				if page == 1 || name == "crooked" {
					t.Errorf("%s, page %d: %v", name, page, err)
				}
				break
			}
			theirs, err := raster.Page(t.Context(), path, page, 100)
			if err != nil {
				t.Fatal(err)
			}
			a, b := picture(t, file), picture(t, theirs)
			if a.Rect != b.Rect {
				t.Errorf("%s, page %d: %v, not %v", name, page, a.Rect, b.Rect)
			} else if d := apart(a, b); d > 0.15 {
				t.Errorf("%s, page %d: they are %.3f apart", name, page, d)
			}
		}
	}
}

// TestMasksAreDrawn: masks over blank paper, in colour over grey, one over the
// other, leaning, coarse and fine, look as poppler draws them.
func TestMasksAreDrawn(t *testing.T) {
	blank := bytes.Repeat([]byte{0xff}, 3*pdfatest.Width*pdfatest.Height)
	paper, err := scan.Store(pdfatest.Width, pdfatest.Height, blank)
	if err != nil {
		t.Fatal(err)
	}
	paper.DPIX, paper.DPIY = 100, 100
	square := pdfatest.JBIG2(t)
	// A checked mask four times as fine, in a part of the page.
	const w, h = 4 * pdfatest.Width, 4 * pdfatest.Height
	rows := make([]byte, w/8*h)
	for y := range h {
		for x := range w {
			if (x/150+y/150)%2 == 0 && x > w/4 && x < w/2 && y > h/3 {
				rows[y*w/8+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	fine, err := scan.TwoTone(w, h, rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, masks := range map[string][]pdfa.Mask{
		"red": {{Image: square, Colour: [3]byte{200, 30, 40}}}, "grey": {{Image: square, Colour: [3]byte{90, 90, 90}}},
		"fine":            {{Image: fine, Colour: [3]byte{20, 20, 160}}},
		"dark over red":   {{Image: square, Colour: [3]byte{200, 30, 40}}, {Image: fine, Colour: [3]byte{20, 20, 20}}},
		"red over others": {{Image: fine, Colour: [3]byte{20, 20, 20}}, {Image: square, Colour: [3]byte{200, 30, 40}}},
	} {
		for _, skew := range []float64{0, 1.5} {
			lay := pdfatest.Lay(paper)
			lay.Masks, lay.Skew = masks, skew
			path := written(t, pdfatest.Write(t, pdfatest.Meta, lay))
			file, err := raster.Plainly(path, 1, raster.View100)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			theirs, err := raster.Page(t.Context(), path, 1, 100)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := picture(t, file), picture(t, theirs); got.Rect != want.Rect || apart(got, want) > 0.15 {
				t.Errorf("%s, leaning by %g: %v and %v, %.3f apart", name, skew, got.Rect, want.Rect, apart(got, want))
			}
		}
	}
}

// A real paper, small and large.
func TestSizes(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	f, err := press.Paper(specimen.Kinds()[0], 3, specimen.About{}).File(specimen.JPEG, 200, specimen.Office(3), 3)
	if err != nil {
		t.Fatal(err)
	}
	paper, err := scan.Open(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := paper.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	lay := pdfatest.Lay(p)
	lay.Width, lay.Height, lay.Skew = float64(p.Width)*72/200, float64(p.Height)*72/200, 0.8
	path := written(t, pdfatest.Write(t, pdfatest.Meta, lay))
	lay.Skew = 0
	other := written(t, pdfatest.Write(t, pdfatest.Meta, lay))
	for _, size := range raster.Sizes() {
		file, by, err := raster.View(t.Context(), path, 1, size, raster.Unknown)
		if err != nil {
			t.Fatal(err)
		}
		again, err := raster.Plainly(path, 1, size)
		if err != nil || by != raster.Ours || !bytes.Equal(file, again) {
			t.Errorf("%s: not drawn from the scan, or other bytes: %v", size, err)
		}
		got := picture(t, file)
		if size == raster.Thumb {
			if got.Rect.Dx() != 160 || got.Rect.Dy() != 226 {
				t.Errorf("a thumbnail of %v", got.Rect)
			}
			continue
		}
		file, _, err = raster.View(t.Context(), other, 1, size, by)
		if err != nil {
			t.Fatal(err)
		}
		level := picture(t, file)
		var dpi int
		fmt.Sscan(string(size), &dpi)
		// Poppler takes one pixel of those that fall together on a leaning page; its
		// finest picture averaged is what the page looks like.
		theirs, err := raster.Page(t.Context(), path, 1, 300)
		if err != nil {
			t.Fatal(err)
		}
		if want := averaged(picture(t, theirs), 300/dpi); got.Rect != want.Rect || apart(got, want) > 0.3 || apart(level, want) < 0.5 {
			t.Errorf("%s: %v and %v, %.3f apart, without its lean %.3f", size, got.Rect, want.Rect, apart(got, want), apart(level, want))
		}
	}
}

// Whatever is not a scan alone is for poppler: nothing is left out.
func TestOtherPagesAreForPoppler(t *testing.T) {
	for _, c := range grafttest.Cases(t) {
		path := written(t, c.PDF)
		if _, err := raster.Plainly(path, 1, raster.Thumb); err == nil {
			t.Errorf("%s is drawn as if it were a scan", c.Name)
		}
	}
	b := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel), pdfatest.Line(100, 120, "Nghĩa")))
	if _, err := raster.Plainly(written(t, b), 1, raster.Thumb); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"a note": {"/Contents", "/Annots[<</Subtype/Stamp/Rect[0 0 9 9]>>]/Contents"},
		"a mask": {"/Filter/DCTDecode", "/SMask 1 0 R/Filter/DCTDecode"},
		"a turn": {"/MediaBox", "/Rotate 90/MediaBox"},
	} {
		other := mended(t, b, change[0], change[1])
		if _, err := raster.Plainly(other, 1, raster.Thumb); err == nil {
			t.Errorf("%s is overlooked", name)
		}
	}
}

// TestPopplerDrawsTheRest draws what is not drawn from a scan: a page that is
// turned.
func TestPopplerDrawsTheRest(t *testing.T) {
	b := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel), pdfatest.Line(100, 120, "Nghĩa")))
	for name, path := range map[string]string{"turned": mended(t, b, "/MediaBox", "/Rotate 90/MediaBox")} {
		if _, err := raster.Plainly(path, 1, raster.View100); err == nil {
			t.Errorf("%s is drawn from its scan", name)
		}
		got, by, err := raster.View(t.Context(), path, 1, raster.View100, raster.Unknown)
		if err != nil || by != raster.Poppler {
			t.Errorf("%s: drawn by %d, %v", name, by, err)
			continue
		}
		if again, by, err := raster.View(t.Context(), path, 1, raster.View100, by); err != nil || by != raster.Poppler || !bytes.Equal(again, got) {
			t.Errorf("%s, by poppler at once: %d bytes by %d, %v", name, len(again), by, err)
		}
		if want, err := raster.Page(t.Context(), path, 1, 100); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not as poppler draws it: %d bytes, %d, %v", name, len(got), len(want), err)
		}
	}
}

// mended changes a file of one cross-reference table and writes the table anew.
func mended(t *testing.T, b []byte, from, to string) string {
	t.Helper()
	if !bytes.Contains(b, []byte(from)) {
		t.Fatalf("there is no %s", from)
	}
	b = bytes.Replace(b, []byte(from), []byte(to), 1)
	x := bytes.LastIndex(b, []byte("\nxref\n")) + 1
	head := b[:x]
	var table strings.Builder
	n := bytes.Count(b[x:], []byte(" 00000 n "))
	fmt.Fprintf(&table, "xref\n0 %d\n0000000000 65535 f \n", n+1)
	for i := range n {
		at := bytes.Index(head, fmt.Appendf(nil, "\n%d 0 obj\n", i+1)) + 1
		fmt.Fprintf(&table, "%010d 00000 n \n", at)
	}
	tail := string(b[bytes.LastIndex(b, []byte("trailer")):])
	tail = tail[:strings.Index(tail, "startxref")] + fmt.Sprintf("startxref\n%d\n%%%%EOF\n", x)
	return written(t, append(append(append([]byte{}, head...), table.String()...), tail...))
}

// TestContent says what is seen on a page beside its scan.
func TestViewRefuses(t *testing.T) {
	path := file(t)
	for _, c := range []struct {
		path string
		page int
		size raster.Size
		want error
	}{
		{path, 0, raster.Thumb, raster.ErrInput}, {path, 1, "72", raster.ErrInput}, {path, 1, "", raster.ErrInput},
		{path, 3, raster.Thumb, jail.ErrCrash}, {"nowhere.pdf", 1, raster.Thumb, jail.ErrCrash}, {os.Args[0], 1, raster.View100, jail.ErrCrash},
	} {
		if b, _, err := raster.View(t.Context(), c.path, c.page, c.size, raster.Unknown); !errors.Is(err, c.want) || b != nil {
			t.Errorf("page %d of %s in %q: %d bytes, %v", c.page, c.path, c.size, len(b), err)
		}
	}
	if b, _, err := raster.View(t.Context(), path, 2, raster.Thumb, raster.Unknown); err != nil || len(b) == 0 {
		t.Errorf("a turned page: %v", err)
	}
}
