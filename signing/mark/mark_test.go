package mark

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/sfnt"
)

const tinos = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

func load(t *testing.T) *Font {
	t.Helper()
	f, err := Load(tinos)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestNeeded(t *testing.T) {
	letters := 0
	for _, r := range Needed {
		if r > '~' && r != '–' {
			letters++
		}
	}
	if letters != 134 {
		t.Errorf("%d Vietnamese letters beyond ASCII, want 134", letters)
	}
}

// TestLoad refuses what is no font, and knows which letters one lacks.
func TestLoad(t *testing.T) {
	f := load(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "text.ttf")
	if err := os.WriteFile(text, []byte("no font"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(dir, "absent.ttf")} {
		if _, err := Load(path); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
	if m := f.Missing("Nghĩa 漢字 ữ"); m != "漢字" {
		t.Errorf("Missing = %q", m)
	}
}

// TestSubset reads the subset with another reader and compares outlines.
func TestSubset(t *testing.T) {
	f := load(t)
	text := []rune("Ủy ban nhân dân xã Vĩnh Nghĩa, ỶẪỮ")
	order := []int{0}
	for _, r := range text {
		order = append(order, f.glyph(r))
	}
	program, err := f.lines.subset(order)
	if err != nil {
		t.Fatal(err)
	}
	if len(program) > 20<<10 {
		t.Errorf("subset of %d bytes", len(program))
	}
	o, err := tables(program)
	if err != nil {
		t.Fatal(err)
	}
	for i, old := range order {
		if got, want := box(t, o, i), box(t, f.lines, old); !slices.Equal(got, want) {
			t.Errorf("glyph %d: box %v, want %v", i, got, want)
		}
		a, _ := o.metric(i)
		if b, _ := f.lines.metric(old); a != b {
			t.Errorf("glyph %d: width %d, want %d", i, a, b)
		}
	}
	if checksum(program) != 0xB1B0AFBA {
		t.Error("checksum of the file")
	}
}

func box(t *testing.T, o *outlines, g int) []byte {
	t.Helper()
	b, err := o.outline(g)
	if err != nil {
		t.Fatal(err)
	}
	return b[:min(len(b), 10)]
}

// TestDamagedFont cuts and spoils a font everywhere: errors, never a panic.
func TestDamagedFont(t *testing.T) {
	file, err := os.ReadFile(tinos)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 600; n++ {
		if _, err := tables(file[:n]); err == nil {
			t.Errorf("%d bytes were taken", n)
		}
	}
	f := load(t)
	for g := range f.lines.glyphs {
		b, err := f.lines.outline(g)
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n < min(len(b), 40); n++ {
			c := &cut{from: f.lines, order: []int{0}}
			_, _ = c.glyph(slices.Clone(b[: max(n, 12)&^1 : max(n, 12)&^1])) // must not panic
		}
	}
}

func TestText(t *testing.T) {
	at := time.Date(2026, 11, 20, 18, 30, 5, 0, time.UTC)
	for _, c := range []struct {
		kind   Kind
		corner Corner
		words  Words
		want   string
	}{
		{CopyOfficer, TopLeft, Words{Name: "Nguye\u0302\u0303n Vi\u0303nh  Nghi\u0303a", At: at}, "Nguyễn Vĩnh Nghĩa|2026-11-21T01:30:05+07:00"},
		{CopyAgency, TopRight, Words{Name: "UBND xã {time}", At: at}, "SAO Y|UBND xã {time}|2026-11-21T01:30:05+07:00"},
		{CopyAgency, TopRight, Words{Form: "TRÍCH SAO", Name: "Sở Tư pháp", At: at}, "TRÍCH SAO|Sở Tư pháp|2026-11-21T01:30:05+07:00"},
	} {
		p, err := Of(c.kind, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Text(c.words), "|"); got != c.want || p.Corner != c.corner || p.Law == "" || p.Reason == "" {
			t.Errorf("%s: %q %+v", c.kind, got, p)
		}
	}
	if _, err := Of(CopyOfficer, time.Date(2023, 5, 24, 0, 0, 0, 0, Vietnam)); err == nil {
		t.Error("a mark before its law")
	}
	if _, err := Of("stamp", at); err == nil {
		t.Error("a mark nobody knows")
	}
}

func TestWrap(t *testing.T) {
	f := load(t)
	limit := float64(f.width("Trung tâm Phục vụ"))
	rows := f.wrap("Trung tâm Phục vụ hành chính công "+strings.Repeat("ơ", 40), limit)
	for _, r := range rows {
		if float64(f.width(r)) > limit || r == "" {
			t.Errorf("%q is too wide", r)
		}
	}
	if rows[0] != "Trung tâm Phục vụ" || strings.ReplaceAll(strings.Join(rows, ""), "ơ", "") != "Trung tâm Phục vụhành chính công" {
		t.Errorf("%q", rows)
	}
}

// TestNames keeps Times' metrics: the law asks for Times New Roman.
func TestNames(t *testing.T) {
	f := load(t)
	if n, err := f.cmap.Name(nil, sfnt.NameIDFamily); err != nil || n != "Tinos" {
		t.Errorf("%q %v", n, err)
	}
	if f.width("ABC abc 123") != 722+667+667+250+444+500+444+250+500*3 { // Times New Roman's
		t.Errorf("widths are not Times': %d", f.width("ABC abc 123"))
	}
}
