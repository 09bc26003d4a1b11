package slip

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa/ocr/codes"
)

const tinos = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

// alphabet is every letter of Vietnamese with every tone, in both cases.
func alphabet() string {
	var b strings.Builder
	for _, vowel := range "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" {
		for _, tone := range []string{"", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"} {
			b.WriteString(norm.NFC.String(string(vowel) + tone))
		}
	}
	return b.String() + "đĐbcdghklmnpqrstvxBCDGHKLMNPQRSTVX0123456789.,:;()-–/“”"
}

func written(t *testing.T, s Slip) []byte {
	t.Helper()
	face, err := Load(tinos)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, face, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tool gives a file to a program of poppler and returns what it says.
func tool(t *testing.T, file []byte, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	cmd := exec.Command(name, args...)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil || wrong.Len() > 0 {
		t.Fatalf("%s: %v: %s", name, err, wrong.String())
	}
	return out
}

// Every letter is read back by another program as it was given, thin and bold, also
// one that came apart from its marks; the same slip gives the same bytes.
func TestEveryLetter(t *testing.T) {
	all := alphabet()
	s := Slip{Title: "Đủ chữ", Lines: []Line{{Text: norm.NFD.String(all), Size: 12}, {Text: all, Size: 9, Bold: true, Gap: 10}}}
	file := written(t, s)
	got := strings.Join(strings.Fields(string(tool(t, file, "pdftotext", "FILE", "-"))), "")
	if want := strings.Join(strings.Fields(all), ""); got != want+want {
		t.Errorf("read back as\n%s\nwant\n%s", got, want+want)
	}
	if !bytes.Equal(file, written(t, s)) {
		t.Error("the same slip gives other bytes")
	}
}

// What is longer than a page goes on on the next, what is broader than its column is
// broken between words, and what stands beside stands beside.
func TestPagesAndColumns(t *testing.T) {
	var lines []Line
	for i := range 90 {
		lines = append(lines, Line{Text: fmt.Sprintf("Dòng thứ %d của sổ theo dõi hồ sơ, đủ dài để phải xuống dòng vì rộng hơn khổ giấy A4 trừ hai lề trái và phải", i), Size: 13})
	}
	lines = append(lines, Line{Text: "bên trái", Size: 12, Width: 200}, Line{Text: "bên phải", Size: 12, X: 250, Width: 200, Beside: true})
	text := string(tool(t, written(t, Slip{Lines: lines}), "pdftotext", "-layout", "FILE", "-"))
	if n := strings.Count(text, "\f"); n != 5 {
		t.Errorf("%d pages", n)
	}
	flat := strings.Join(strings.Fields(text), " ")
	for _, l := range lines[:90] {
		if !strings.Contains(flat, l.Text) {
			t.Fatalf("lost: %s", l.Text)
		}
	}
	if !strings.Contains(text, "bên trái   ") || !strings.Contains(flat, "bên trái bên phải") {
		t.Error("what stands beside stands elsewhere")
	}
}

// A letter that the font has not is refused and not left out.
func TestMissingLetter(t *testing.T) {
	face, err := Load(tinos)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(&bytes.Buffer{}, face, Slip{Lines: []Line{{Text: "𠀀", Size: 12}}}); !errors.Is(err, ErrFont) {
		t.Errorf("a letter of another font: %v", err)
	}
}

// The code is read back from the page as it is printed, at the 200 dpi of a scanner
// at the counter.
func TestCode(t *testing.T) {
	const says = "H60.12-261120-0001|1.004222|001090012345|Giấy tiếp nhận hồ sơ và hẹn trả kết quả|Sohoa|2026-11-20T09:00:00+07:00|2026-11-25T17:00:00+07:00"
	pgm := tool(t, written(t, Slip{QR: says, Lines: []Line{{Text: "Giấy tiếp nhận", Size: 12}}}), "pdftoppm", "-r", "200", "-gray", "FILE")
	found, err := codes.Find(gray(t, pgm))
	if err != nil || len(found) != 1 || found[0].Text != says || found[0].Format != codes.QR {
		t.Errorf("%+v, %v", found, err)
	}
}

// gray reads a binary PGM of one byte a pixel.
func gray(t *testing.T, b []byte) *image.Gray {
	t.Helper()
	var width, height, most int
	if n, err := fmt.Sscanf(string(b[:min(len(b), 40)]), "P5\n%d %d\n%d", &width, &height, &most); n != 3 || most != 255 || len(b) < width*height {
		t.Fatalf("no picture: %v", err)
	}
	m := image.NewGray(image.Rect(0, 0, width, height))
	copy(m.Pix, b[len(b)-width*height:])
	return m
}

// A separator's codes are read back from the page as it is printed, the QR code and
// both rows of bars; any one of them says all.
func TestSeparators(t *testing.T) {
	face, err := Load(tinos)
	if err != nil {
		t.Fatal(err)
	}
	const says = "SHS1/C/H60.12-261120-0001/TP01/3/5/12AB34CD"
	var b bytes.Buffer
	if err := WriteSeparators(&b, face, "Tờ phân cách", []Separator{{Code: says, Lines: []Line{{Text: "Tờ 3 trên 5", Size: 20, Bold: true}}}, {Code: "SHS1/N///1/1/0011AACC"}}); err != nil {
		t.Fatal(err)
	}
	if text := string(tool(t, b.Bytes(), "pdftotext", "FILE", "-")); !strings.Contains(text, "Tờ 3 trên 5") || strings.Count(text, "\f") != 2 {
		t.Errorf("%q", text)
	}
	found, err := codes.Find(gray(t, tool(t, b.Bytes(), "pdftoppm", "-r", "200", "-gray", "-l", "1", "FILE")))
	if err != nil || len(found) != 3 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, c := range found {
		if c.Text != says {
			t.Errorf("%s: %q", c.Format, c.Text)
		}
	}
	if err := WriteSeparators(&b, face, "", []Separator{{Code: "Đơn"}}); !errors.Is(err, errLetters) {
		t.Errorf("a letter that bars have not: %v", err)
	}
}
