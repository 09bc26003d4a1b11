package pdfa_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/scan"
)

// kept writes a file to a place of its own and returns its path.
func kept(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tool runs a program and returns what it says.
func tool(t *testing.T, program string, args ...string) string {
	t.Helper()
	var out, trouble bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil || trouble.Len() > 0 {
		t.Fatalf("%s: %v: %s%s", program, err, trouble.String(), out.String())
	}
	return out.String()
}

func TestEveryFileIsCleanForQPDF(t *testing.T) {
	for n, b := range pdfatest.Files(t) {
		if said := tool(t, "qpdf", "--check", kept(t, b)); !strings.Contains(said, "No syntax or stream encoding errors found") {
			t.Errorf("%s: %s", n, said)
		}
	}
}

const lower = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

func TestAllVietnameseLettersComeOutInOrder(t *testing.T) {
	letters := []rune(lower + strings.ToUpper(lower))
	if len(letters) != 134 {
		t.Fatalf("%d letters", len(letters))
	}
	var lines []pdfa.Line
	var want []string
	for i := 0; i < len(letters); i += 10 {
		var words []string
		for j, r := range letters[i:min(i+10, len(letters))] {
			w := string(r) // alone: one-character words are what readers lose
			if j%2 == 1 {
				w = "k" + w + "n"
			}
			want = append(want, w)
			if i%20 == 0 { // as some engines give it
				w = norm.NFD.String(w)
			}
			words = append(words, w)
		}
		lines = append(lines, pdfatest.Line(60, 60+16*float64(len(lines)), words...))
	}
	path := kept(t, pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.G4(true), lines...)))
	for _, mode := range []string{"-raw", "-layout", "-nopgbrk"} {
		if got := strings.Fields(tool(t, "pdftotext", mode, path, "-")); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("pdftotext %s:\n got %v\nwant %v", mode, got, want)
		}
	}
}

func TestImagesComeOutByteForByte(t *testing.T) {
	images := []scan.Page{pdfatest.JPEG(t, color.RGBAModel), pdfatest.JPEG(t, color.GrayModel), pdfatest.G4(true), pdfatest.G4(false)}
	names := []string{"i-000.jpg", "i-001.jpg", "i-002.ccitt", "i-003.ccitt"}
	var pages []pdfa.Page
	for _, s := range images {
		pages = append(pages, pdfatest.Lay(s))
	}
	path := kept(t, pdfatest.Write(t, pdfatest.Meta, pages...))
	tool(t, "pdfimages", "-all", path, filepath.Join(filepath.Dir(path), "i"))
	for i, n := range names {
		got, err := os.ReadFile(filepath.Join(filepath.Dir(path), n))
		if err != nil {
			t.Fatal(err)
		}
		if sha256.Sum256(got) != sha256.Sum256(images[i].Data) {
			t.Errorf("%s: %d bytes, not the %d given", n, len(got), len(images[i].Data))
		}
	}
}

// drawn renders page n at the sheet's own 100 dpi.
func drawn(t *testing.T, path string, n int) *image.Gray {
	t.Helper()
	out := tool(t, "pdftoppm", "-r", "100", "-f", fmt.Sprint(n), "-l", fmt.Sprint(n), "-gray", path)
	var w, h, top int
	if _, err := fmt.Sscanf(out, "P5\n%d %d\n%d\n", &w, &h, &top); err != nil || top != 255 || len(out) < w*h {
		t.Fatalf("no picture of page %d: %v", n, err)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	copy(img.Pix, out[len(out)-w*h:])
	return img
}

// centre returns the centre of what is black.
func centre(img *image.Gray) (x, y float64) {
	n := 0.0
	for i, v := range img.Pix {
		if v < 0x80 {
			x, y, n = x+float64(i%img.Stride)+0.5, y+float64(i/img.Stride)+0.5, n+1
		}
	}
	return x / n, y / n
}

func TestEveryEncodingLooksTheSame(t *testing.T) {
	for n, b := range pdfatest.Files(t) {
		if n == "crooked" {
			continue
		}
		img := drawn(t, kept(t, b), 1)
		x, y := centre(img)
		if img.Bounds().Dx() != pdfatest.Width || img.Bounds().Dy() != pdfatest.Height || math.Abs(x-96) > 0.6 || math.Abs(y-96) > 0.6 {
			t.Errorf("%s: %v, the mark at %.1f, %.1f", n, img.Bounds(), x, y)
		}
	}
}

func TestImagesAreTurnedAndLevelled(t *testing.T) {
	var pages []pdfa.Page
	for turn := range 4 {
		for _, skew := range []float64{-3, 0, 2} {
			p := pdfatest.Lay(pdfatest.G4(true))
			if p.Turn, p.Skew = turn, skew; turn%2 == 1 {
				p.Width, p.Height = p.Height, p.Width
			}
			pages = append(pages, p)
		}
	}
	path := kept(t, pdfatest.Write(t, pdfatest.Meta, pages...))
	for i, p := range pages {
		const w, h = pdfatest.Width, pdfatest.Height
		x, y, fw, fh := 96.0, 96.0, float64(w), float64(h)
		for range p.Turn { // a quarter clockwise: what was left is on top
			x, y, fw, fh = fh-y, x, fh, fw
		}
		sin, cos := math.Sincos(p.Skew * math.Pi / 180) // clockwise, as y runs down
		dx, dy := x-fw/2, y-fh/2
		x, y = fw/2+cos*dx-sin*dy, fh/2+sin*dx+cos*dy
		if gx, gy := centre(drawn(t, path, i+1)); math.Hypot(gx-x, gy-y) > 1 {
			t.Errorf("turn %d, skew %g: the mark is at %.1f, %.1f, not %.1f, %.1f", p.Turn, p.Skew, gx, gy, x, y)
		}
	}
}

func TestPageSizeIsThePapers(t *testing.T) {
	a4 := pdfatest.Lay(pdfatest.G4(true))
	a4.Width, a4.Height = 595.276, 841.89
	said := tool(t, "pdfinfo", kept(t, pdfatest.Write(t, pdfatest.Meta, a4)))
	for _, want := range []string{"595.276 x 841.89 pts (A4)", pdfatest.Meta.Title, "Sun Mar 15"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
}

// set measures a line set in Tinos, the metric twin of Times New Roman, as an
// engine would: the ink of each word.
func set(t *testing.T, size, x, y, slope float64, words ...string) pdfa.Line {
	t.Helper()
	b, err := os.ReadFile("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	f, err := opentype.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size * 10, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		t.Fatal(err)
	}
	pt := func(v fixed.Int26_6) float64 { return float64(v) / 640 }
	var l pdfa.Line
	start, x1 := x, x
	for _, w := range words {
		ink, advance := font.BoundString(face, w)
		base := y + slope*(x-start)
		l.Words = append(l.Words, pdfa.Word{Text: w, X0: x + pt(ink.Min.X), X1: x + pt(ink.Max.X), Y0: base + pt(ink.Min.Y), Y1: base + pt(ink.Max.Y)})
		x1 = x + pt(ink.Max.X)
		x += pt(advance) + size/4
	}
	l.Baseline = [2]float64{y, y + slope*(x1-l.Words[0].X0)}
	return l
}

var bbox = regexp.MustCompile(`<word xMin="([^"]+)" yMin="([^"]+)" xMax="([^"]+)" yMax="([^"]+)">([^<]*)</word>`)

func TestWordsAreWhereTheyWereRead(t *testing.T) {
	for _, skew := range []float64{0, 2} {
		for _, slope := range []float64{0, 0.006, -0.006} {
			p := pdfatest.Lay(pdfatest.G4(true),
				set(t, 13, 60, 60, slope, "ỦY", "BAN", "NHÂN", "DÂN", "XÃ", "THỬ", "NGHIỆM"),
				set(t, 14, 60, 80, slope, "Căn", "cứ", "Luật", "Tổ", "chức", "chính", "quyền", "địa", "phương", "ngày", "19", "tháng", "6"),
				set(t, 14, 60, 98, slope, "năm", "xem", "a", "–", "nơi", "nào", "cũng", "vậy,", "quyết", "định", "số", "8/QĐ-UBND"),
				set(t, 11, 60, 120, slope, "-", "Như", "Điều", "3;", "Lưu:", "VT,", "ẾẾẾ."))
			p.Skew = skew
			got := bbox.FindAllStringSubmatch(tool(t, "pdftotext", "-bbox", kept(t, pdfatest.Write(t, pdfatest.Meta, p)), "-"), -1)
			var want []pdfa.Word
			var base []float64
			for _, l := range p.Lines {
				for _, w := range l.Words {
					want = append(want, w)
					base = append(base, l.Baseline[0]+slope*(w.X0-l.Words[0].X0))
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%d words, not %d", len(got), len(want))
			}
			for i, w := range want {
				near(t, w, base[i], got[i])
			}
		}
	}
}

func TestLeaningAndTightLinesKeepTheirWords(t *testing.T) {
	words := strings.Fields("| Huyện Quyết định này có hiệu lực kể từ ngày ký ;")
	leaning := set(t, 14, 60, 100, 0.037, words...)
	tight := set(t, 14, 60, 140, -0.02, words...)
	for i := range tight.Words[1:] { // no gap at all, or over one another
		tight.Words[i].X1 = tight.Words[i+1].X0 + float64(i%3)/2
	}
	path := kept(t, pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.G4(true), leaning, tight)))
	want := strings.Join(append(words, words...), " ")
	if got := strings.Join(strings.Fields(tool(t, "pdftotext", "-raw", path, "-")), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// near wants a word's sides within a point of the ink's, its base line within
// a point, and its height that of the line: around the ink, not far from it.
func near(t *testing.T, w pdfa.Word, base float64, m []string) {
	t.Helper()
	var v [4]float64
	for i := range v {
		v[i], _ = strconv.ParseFloat(m[i+1], 64)
	}
	x0, y0, x1, y1 := v[0], v[1], v[2], v[3]
	size := (y1 - y0) / 1.12
	if m[5] != w.Text || math.Abs(x0-w.X0) > 1 || math.Abs(x1-w.X1) > 1 || math.Abs(y1-0.22*size-base) > 1 {
		t.Errorf("%s at %.1f–%.1f on %.1f reads as %s at %.1f–%.1f on %.1f", w.Text, w.X0, w.X1, base, m[5], x0, x1, y1-0.22*size)
	}
	if y0 > w.Y0+1 || y1 < w.Y1-1 || size < 10 || size > 15.5 {
		t.Errorf("%s from %.1f to %.1f reads as %.1f to %.1f", w.Text, w.Y0, w.Y1, y0, y1)
	}
}
