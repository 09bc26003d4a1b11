package specimen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff"
)

// TestG4 writes random rows, from noise to long runs, and reads them back with
// a decoder that is not ours.
func TestG4(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		w, h := 1+rng.IntN(5400), 1+rng.IntN(6)
		g := image.NewGray(image.Rect(0, 0, w, h))
		run := 1 + rng.IntN([]int{2, 10, 100, 6000}[n%4])
		dark := false
		for i := range g.Pix {
			if rng.IntN(run) == 0 {
				dark = !dark
			}
			if !dark {
				g.Pix[i] = 255
			}
			if i >= w && rng.IntN(3) > 0 { // like the row above, as pages are
				g.Pix[i] = g.Pix[i-w]
			}
		}
		out := image.NewGray(g.Rect)
		err := ccitt.DecodeIntoGray(out, bytes.NewReader(EncodeG4(g)), ccitt.MSB, ccitt.Group4, nil)
		if err != nil || !bytes.Equal(out.Pix, g.Pix) {
			t.Fatalf("%d: %d × %d: %v", n, w, h, err)
		}
	}
}

// TestFiles writes every format and reads back pixels and resolution.
func TestFiles(t *testing.T) {
	p := press(t)
	one, three := p.Paper(Report, 3, About{}), p.Paper(Report, 3, About{Pages: 3})
	w := Office(4)
	for _, f := range Formats() {
		s, pages := three, 3
		if f == JPEG || f == PNG {
			if _, err := three.File(f, 75, w, 1); err == nil {
				t.Errorf("%s took three pages", f)
			}
			s, pages = one, 1
		}
		file, err := s.File(f, 75, w, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := s.File(f, 75, w, 1)
		if !bytes.Equal(file.Bytes, again.Bytes) {
			t.Errorf("%s: one seed, two files", f)
		}
		if n, dpi := inside(t, f, file.Bytes, s); n != pages || dpi < 74.9 || dpi > 75.1 {
			t.Errorf("%s: %d pages at %.2f dpi", f, n, dpi)
		}
		if len(file.Truth.Pages) != pages || !strings.HasPrefix(file.Name, "bao-cao.") || file.Media == "" {
			t.Errorf("%s: %q %q, truth of %d pages", f, file.Name, file.Media, len(file.Truth.Pages))
		}
	}
	if only := three.Only(1); len(only.Pages) != 1 || only.Truth.Pages[0] != three.Truth.Pages[1] || len(three.Pages) != 3 {
		t.Error("Only changed the sheet or took the wrong page")
	}
}

// inside counts pages and reads the resolution, and checks the first page's
// picture against a fresh drawing.
func inside(t *testing.T, f Format, b []byte, s *Sheet) (pages int, dpi float64) {
	t.Helper()
	w := Office(4)
	var m image.Image
	var err error
	switch f {
	case JPEG:
		m, err = jpeg.Decode(bytes.NewReader(b))
		pages, dpi = 1, float64(binary.BigEndian.Uint16(b[14:]))
		if string(b[6:10]) != "JFIF" || b[13] != 1 {
			t.Error("no JFIF density in dots per inch")
		}
	case PNG:
		m, err = png.Decode(bytes.NewReader(b))
		at := bytes.Index(b, []byte("pHYs"))
		pages, dpi = 1, float64(binary.BigEndian.Uint32(b[at+4:]))*0.0254
	case PDF:
		return pdfInside(t, b)
	default:
		pages, dpi = tiffInside(b)
		if f == TIFFJPEG { // x/image/tiff does not read it; poppler's tools read its JPEG in the PDF test
			at := bytes.Index(b, []byte("\xff\xd8\xff"))
			m, err = jpeg.Decode(bytes.NewReader(b[at:]))
		} else {
			m, err = tiff.Decode(bytes.NewReader(b))
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	w.Bilevel = f == TIFFG4
	want := s.Render(0, 75, w, 1)
	off, n := 0.0, 0
	for y := 0; y < want.Bounds().Dy(); y += 7 {
		for x := 0; x < want.Bounds().Dx(); x += 7 {
			a, b := color.GrayModel.Convert(want.At(x, y)).(color.Gray).Y, color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y
			off, n = off+float64(max(a, b)-min(a, b)), n+1
		}
	}
	lossy := f == JPEG || f == TIFFJPEG
	if off /= float64(n); m.Bounds() != want.Bounds() || off > 5 || !lossy && off != 0 {
		t.Errorf("%s: picture of %v is off by %.2f levels", f, m.Bounds(), off)
	}
	return pages, dpi
}

// tiffInside walks the directories and reads XResolution of the first.
func tiffInside(b []byte) (pages int, dpi float64) {
	le := binary.LittleEndian
	for at := le.Uint32(b[4:]); at != 0; pages++ {
		n := uint32(le.Uint16(b[at:]))
		for i := range n {
			e := b[at+2+12*i:]
			if le.Uint16(e) == 282 {
				r := b[le.Uint32(e[8:]):]
				dpi = float64(le.Uint32(r)) / float64(le.Uint32(r[4:]))
			}
		}
		at = le.Uint32(b[at+2+12*n:])
	}
	return pages, dpi
}

func tool(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

func save(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pdfInside(t *testing.T, b []byte) (pages int, dpi float64) {
	t.Helper()
	path := save(t, "a.pdf", b)
	if out, err := tool(t, "qpdf", "--check", path); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	out, err := tool(t, "pdfimages", "-list", path)
	if err != nil {
		t.Errorf("pdfimages: %v\n%s", err, out)
	}
	for _, line := range strings.Split(out, "\n") {
		f := strings.Fields(line)
		if len(f) > 13 && f[2] == "image" {
			pages++
			fmt.Sscan(f[12], &dpi)
		}
	}
	return pages, dpi
}

// TestBilevelPDF has poppler read our G4.
func TestBilevelPDF(t *testing.T) {
	s := press(t).Paper(Letter, 9, About{})
	f, err := s.File(PDF, 150, Faxed(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	if n, dpi := pdfInside(t, f.Bytes); n != 1 || dpi != 150 {
		t.Errorf("%d pages at %.0f dpi", n, dpi)
	}
	base := filepath.Join(t.TempDir(), "x")
	if out, err := tool(t, "pdfimages", "-png", save(t, "f.pdf", f.Bytes), base); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(base + "-000.png")
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	want := s.Render(0, 150, Faxed(1), 1).(*image.Gray)
	dark, differ := 0, 0
	for y := range want.Rect.Dy() {
		for x := range want.Rect.Dx() {
			a, b := want.GrayAt(x, y).Y < 128, color.GrayModel.Convert(got.At(x, y)).(color.Gray).Y < 128
			if a {
				dark++
			}
			if a != b {
				differ++
			}
		}
	}
	if dark < 10000 || differ > 0 {
		t.Errorf("of %d dark pixels %d differ", dark, differ)
	}
}

// TestBad holds the bad files to what they claim, with tools that are not ours.
func TestBad(t *testing.T) {
	seen := map[string]BadFile{}
	for _, b := range Busy() {
		seen[b.Name] = BadFile{Name: b.Name, Bytes: b.Bytes}
	}
	for _, b := range Bad() {
		seen[b.Name] = b
		n, err := io.Copy(io.Discard, io.LimitReader(b.Reader(), 64<<20))
		if err != nil || n != min(b.Size(), 64<<20) {
			t.Errorf("%s: %d bytes, %v", b.Name, n, err)
		}
	}
	if b := seen["2gb.jpg"]; b.Size() != 2<<30 || b.Bytes != nil {
		t.Error("2 GB are not 2 GB, or are held in memory")
	}
	if c, err := jpeg.DecodeConfig(seen["60000x60000.jpg"].Reader()); err != nil || c.Width != 60000 || c.Height != 60000 {
		t.Errorf("%v %v", c, err)
	}
	if n, _ := tiffInside(seen["20000-trang.tif"].Bytes); n != 20000 {
		t.Errorf("%d pages", n)
	}
	if _, err := tiff.Decode(bytes.NewReader(seen["cut-nhieu-trang.tif"].Bytes)); err != nil {
		t.Errorf("the first page of the cut TIFF should be whole: %v", err)
	}
	for name, want := range map[string]string{"mat-khau.pdf": "Incorrect password", "han-che-quyen.pdf": `Encrypted: +yes`, "javascript-ten.pdf": `JavaScript: +yes`, "javascript.pdf": `Pages: +1`,
		"khong-trang.pdf": `Pages: +0|page tree|Wrong page range`, "da-ky.pdf": `Pages: +1`, "launch.pdf": `Pages: +1`, "van-ban.pdf": "May not be a PDF"} {
		out, _ := tool(t, "pdfinfo", save(t, name, seen[name].Bytes))
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s: pdfinfo does not say %q:\n%s", name, want, out)
		}
	}
	if out, err := tool(t, "qpdf", "--check", "--password=matkhau", save(t, "e.pdf", seen["mat-khau.pdf"].Bytes)); err != nil {
		t.Errorf("the password does not open the encrypted file: %s", out)
	}
	if out, _ := tool(t, "pdfsig", save(t, "s.pdf", seen["da-ky.pdf"].Bytes)); !strings.Contains(out, "Signature #1") {
		t.Errorf("pdfsig sees no signature:\n%s", out)
	}
}

// TestReadsBack has Tesseract read clean pages: the truth must be what is there.
func TestReadsBack(t *testing.T) {
	p := press(t)
	for kind, font := range map[Kind]string{Decision: "Tinos", Residence: "Noto Serif"} {
		s := p.Paper(kind, 21, About{Font: font, Plain: true})
		f, err := s.File(PNG, 200, Wear{Grey: true}, 1)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("tesseract", save(t, "p.png", f.Bytes), "-", "-l", "vie")
		cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // threads of one page only wait for each other
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]int{}
		for _, w := range words(string(out)) {
			read[w]++
		}
		all, missed := words(f.Truth.Pages[0]), []string{}
		for _, w := range all {
			if read[w]--; read[w] < 0 {
				missed = append(missed, w)
			}
		}
		if len(missed)*100 > 4*len(all) {
			t.Errorf("%s in %s: %d of %d words not read: %q\n%s", kind, font, len(missed), len(all), missed, out)
		}
	}
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func BenchmarkPage(b *testing.B) {
	s := press(b).Paper(Decision, 1, About{})
	for name, w := range map[string]Wear{"clean": Clean(), "office": Office(1), "old": Old(1), "bilevel": BlackWhite(1)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Render(0, 200, w, 1)
			}
		})
	}
	b.Run("jpeg", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.File(JPEG, 200, Office(1), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
