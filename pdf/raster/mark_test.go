package raster_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/raster"
	"sohoa/pdf/revision"
	"sohoa/signing/mark"
)

// seal is a red ring on a clear ground, its edges between.
func seal(t *testing.T) *mark.Picture {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			r := math.Hypot(float64(x)-149.5, float64(y)-149.5)
			if a := min(1, max(0, 20-math.Abs(r-120))); a > 0 {
				img.SetNRGBA(x, y, color.NRGBA{200, 20, 30, byte(255 * a)})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p, err := mark.ReadPicture(&b, mark.Red)
	if err != nil {
		t.Fatal(err)
	}
	return p.Sized(30)
}

// stampedFile is b with the mark of a signature on its first page, in a revision
// of its own.
func stampedFile(t *testing.T, b []byte, m *mark.Mark, x, y float64) []byte {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.Page(1)
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	form, err := m.Put(u, page)
	if err != nil {
		t.Fatal(err)
	}
	err = u.Sign(page, revision.Signature{At: time.Unix(0, 0), Name: "Nghĩa", Reserve: 100, Appearance: form, Alt: m.Alt(),
		Place: revision.Rect{X0: x, Y0: y, X1: x + m.Width, Y1: y + m.Height}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := u.Prepare(&out, bytes.NewReader(b))
	if err == nil {
		err = p.Finish(make([]byte, 100))
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// marks are some of words and of pictures.
func marks(t *testing.T) (words, small, pictures *mark.Mark) {
	t.Helper()
	font, err := mark.Load("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	style, err := mark.Of(mark.CopyAgency, at)
	if err != nil {
		t.Fatal(err)
	}
	lines := style.Text(mark.Words{Name: "ỦY BAN NHÂN DÂN XÃ VĨNH NGHĨA, ẪỮẶ", At: at})
	if words, err = font.Words(style, lines, 200, 1); err != nil {
		t.Fatal(err)
	}
	if small, err = font.Words(style, lines, 200, 0.8); err != nil {
		t.Fatal(err)
	}
	s := seal(t)
	return words, small, mark.Pictures([]*mark.Picture{s, s}, []mark.Box{{X: 40, Y: 5, Width: 80, Height: 80}, {Width: 85, Height: 85}})
}

// part is a part of a picture, its box in hundredths of an inch.
func part(m *image.RGBA, box image.Rectangle, dpi int) *image.RGBA {
	r := image.Rect(box.Min.X*dpi/100, box.Min.Y*dpi/100, box.Max.X*dpi/100, box.Max.Y*dpi/100)
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

// grey is how bright m is.
func grey(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		c := color.GrayModel.Convert(color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], 255}).(color.Gray)
		copy(out.Pix[i:], []byte{c.Y, c.Y, c.Y, 255})
	}
	return out
}

// fine is that part of a page as poppler draws it at 1200 dpi: it puts glyphs on
// whole pixels of its picture, which then are small.
func fine(t *testing.T, path string, box image.Rectangle) *image.RGBA {
	t.Helper()
	b, err := exec.Command("pdftoppm", "-r", "1200", "-f", "1", "-singlefile", "-x", fmt.Sprint(box.Min.X*12), "-y", fmt.Sprint(box.Min.Y*12),
		"-W", fmt.Sprint(box.Dx()*12), "-H", fmt.Sprint(box.Dy()*12), path).Output()
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, box.Dx()*12, box.Dy()*12))
	head := fmt.Appendf(nil, "P6\n%d %d\n255\n", m.Rect.Dx(), m.Rect.Dy())
	pixels, ok := bytes.CutPrefix(b, head)
	if !ok || len(pixels) != len(m.Pix)/4*3 {
		t.Fatalf("%.20q for %q", b, head)
	}
	for i := range len(pixels) / 3 {
		copy(m.Pix[4*i:], pixels[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m
}

// Marks of signatures are drawn over the scan as poppler draws them: words and
// pictures, on grey and colour, level and leaning; those of
// several signatures together.
func TestMarksLookAsPopplerDrawsThem(t *testing.T) {
	words, small, pictures := marks(t)
	all := []*mark.Mark{words, small, pictures}
	x, y := []float64{40, 33.3, 211.7}, []float64{400, 120.5, 50.2}
	for name, base := range map[string]pdfa.Page{
		"colour": pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel)), "grey": pdfatest.Lay(pdfatest.JPEG(t, color.GrayModel)), "G4": pdfatest.Lay(pdfatest.G4(false)),
	} {
		base.Width, base.Height = 396, 504
		if name == "colour" {
			base.Skew = 0.8
		}
		bare := pdfatest.Write(t, pdfatest.Meta, base)
		b := bare
		for i, m := range all {
			b = stampedFile(t, b, m, x[i], y[i])
		}
		path, without := written(t, b), written(t, bare)
		var boxes []image.Rectangle
		var theirs []*image.RGBA
		for i, m := range all {
			box := image.Rect(int((x[i]-3)/72*50)*2, int((504-y[i]-m.Height-3)/72*50)*2, int((x[i]+m.Width+3)/72*50)*2, int((504-y[i]+3)/72*50)*2)
			boxes, theirs = append(boxes, box), append(theirs, fine(t, path, box))
		}
		for size, dpi := range map[raster.Size]int{raster.View100: 100, raster.View150: 150, raster.View300: 300} {
			file, err := raster.Plainly(path, 1, size)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, size, err)
			}
			empty, err := raster.Plainly(without, 1, size)
			if err != nil {
				t.Fatal(err)
			}
			ours, none := picture(t, file), picture(t, empty)
			for i := range all {
				want := averaged(theirs[i], 1200/dpi)
				got := part(ours, boxes[i], dpi)
				// A JPEG has colour at half the resolution of brightness.
				d, lost := apart(grey(got), grey(want)), apart(grey(part(none, boxes[i], dpi)), grey(want))
				if hue := apart(averaged(got, 8), averaged(want, 8)); d > 0.2 || d > lost/4 || hue > 0.1 {
					t.Errorf("%s, %s: mark %d is %.3f apart, in colour %.3f, without it %.3f", name, size, i, d, hue, lost)
				}
			}
		}
	}
}

// A mark that is not just as package mark writes it is for poppler.
func TestOtherMarksAreForPoppler(t *testing.T) {
	words, _, pictures := marks(t)
	bare := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel)))
	for m, changes := range map[*mark.Mark][][2]string{
		words: {{"/F 132", "/F 130"}, {"/FT /Sig", "/FT /Btn"}, {"/Widget", "/Stampe"}, {" Tj T*", " TJ T*"}, {"q 0 g BT", "q 1 g BT"}, {"/TU", "/MK"},
			{"/Identity-H", "/Identity-V"}, {"/Matrix [1 0 0 1", "/Matrix [1 0 1 1"}, {"/N 1", "/D 1"}, {"/BBox [0 0", "/BBox [0 9"}, {"ET Q", "ET S"},
			{"/CIDToGIDMap /Identity", "/CIDToGIDMap /Identitx"}},
		pictures: {{"/CalRGB", "/CalRGX"}, {"/SMask", "/XMask"}, {"/Im1 Do", "/Im0 Do"}, {"2.2 2.2 2.2", "2.2 1.2 2.2"}, {"/BitsPerComponent 8", "/BitsPerComponent 4"}},
	} {
		good := stampedFile(t, bare, m, 50, 50)
		if _, err := raster.Plainly(written(t, good), 1, raster.View100); err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			at := bytes.LastIndex(good, []byte(c[0]))
			if at < len(bare) || len(c[0]) != len(c[1]) {
				t.Errorf("there is no %s", c[0])
				continue
			}
			bad := bytes.Clone(good)
			copy(bad[at:], c[1])
			if _, err := raster.Plainly(written(t, bad), 1, raster.View100); err == nil {
				t.Errorf("%s for %s is overlooked", c[1], c[0])
			}
		}
	}
}

// Damage of a mark is for poppler to judge, and never ends the child.
func TestDamagedMarks(t *testing.T) {
	words, _, pictures := marks(t)
	bare := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel)))
	for _, m := range []*mark.Mark{words, pictures} {
		good := stampedFile(t, bare, m, 50, 50)
		path := written(t, good)
		for at := len(bare); at < len(good); at += 61 {
			bad := bytes.Clone(good)
			bad[at] ^= 0x21
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if b, err := raster.Plainly(path, 1, raster.Thumb); (b == nil) != (err != nil) && !errors.Is(err, revision.ErrDamaged) {
				t.Errorf("byte %d: %d bytes, %v", at, len(b), err)
			}
		}
	}
}
