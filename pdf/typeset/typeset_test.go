package typeset

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/pdfa"
)

const tinos = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

func fonts(t *testing.T) Fonts {
	t.Helper()
	f, err := LoadFonts(tinos)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// written is blocks as a file, held against our own check.
func written(t *testing.T, blocks []Block) ([]byte, int) {
	t.Helper()
	pages, err := Pages(fonts(t), blocks)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := pdfa.New(&b, pdfa.Meta{Title: "Thử", Created: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)})
	for _, p := range pages {
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), len(pages)
}

// told is what Poppler reads of a file.
func told(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func sample(rows int) []Block {
	table := Table{Cols: []Col{{0.6, Left}, {0.4, Right}}, Head: []string{"Cơ quan", "Tỷ lệ"}, Size: 11, Before: 6}
	for i := range rows {
		table.Rows = append(table.Rows, Row{Cells: []string{fmt.Sprintf("Ủy ban nhân dân xã Vĩnh Nghĩa số %d", i), "95,4 %"}, Face: Face(i % 2)})
	}
	table.Rows = append(table.Rows, Row{Cells: []string{"Một ô qua mọi cột"}, Face: Italic, Tint: true})
	return []Block{
		Columns{Left: []Para{{Text: "ỦY BAN NHÂN DÂN", Face: Bold, Size: 13, Align: Centre, Under: 0.5}},
			Right: []Para{{Text: "Độc lập - Tự do - Hạnh phúc", Face: Bold, Size: 14, Align: Centre, Under: 1}}, Share: 0.4},
		Para{Text: "BÁO CÁO", Face: Bold, Size: 14, Align: Centre, Before: 12, Keep: true},
		Para{Text: strings.Repeat("Số liệu được đếm từ sổ nhật ký của kho lưu trữ. ", 6), Size: 13, Align: Justified, Indent: 28},
		table,
	}
}

// What was set is read again as it was, on as many pages as it takes, the head
// of a table on each, and the same blocks give the same bytes.
func TestPages(t *testing.T) {
	file, n := written(t, sample(80))
	again, _ := written(t, sample(80))
	if !bytes.Equal(file, again) {
		t.Error("the same blocks gave other bytes")
	}
	text := told(t, file)
	for want, times := range map[string]int{"Độc lập - Tự do - Hạnh phúc": 1, "Cơ quan": n, "Vĩnh Nghĩa số 79": 1, "Một ô qua mọi cột": 1, "Số liệu được đếm từ sổ nhật ký": 6} {
		if got := strings.Count(strings.Join(strings.Fields(text), " "), want); got != times {
			t.Errorf("%q stands %d times on %d pages, want %d", want, got, n, times)
		}
	}
	if n < 3 || len(file) > 200<<10 {
		t.Errorf("%d pages in %d bytes", n, len(file))
	}
}

func TestRefused(t *testing.T) {
	high := Table{Cols: []Col{{1, Left}}, Head: []string{"x"}, Rows: []Row{{Cells: []string{strings.Repeat("chữ ", 5000)}}}, Size: 12}
	if _, err := Pages(fonts(t), []Block{high}); !errors.Is(err, ErrRoom) {
		t.Errorf("a row higher than a page: %v", err)
	}
	odd := Table{Cols: []Col{{0.5, Left}, {0.3, Left}, {0.2, Left}}, Head: []string{"x", "y", "z"}, Rows: []Row{{Cells: []string{"a", "b"}}}, Size: 12}
	if _, err := Pages(fonts(t), []Block{odd}); err == nil {
		t.Error("a row of two cells in a table of three columns was taken")
	}
	if _, err := LoadFonts("/tmp/absent.ttf"); err == nil {
		t.Error("a font without a style was taken")
	}
}

// Nothing that somebody wrote into a name keeps a report from being made.
func TestOddCharacters(t *testing.T) {
	file, _ := written(t, []Block{Para{Text: "Phường 漢字 (a\\b) <c>\u0000 " + strings.Repeat("W", 300), Size: 13}})
	if text := told(t, file); !strings.Contains(text, `Phường ?? (a\b) <c>?`) {
		t.Errorf("%q", text)
	}
}
