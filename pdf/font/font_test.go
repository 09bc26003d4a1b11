package font

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

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

// TestNames keeps Times' metrics: the law asks for Times New Roman.
func TestNames(t *testing.T) {
	f := load(t)
	if n, err := f.cmap.Name(nil, sfnt.NameIDFamily); err != nil || n != "Tinos" {
		t.Errorf("%q %v", n, err)
	}
	if f.Width("ABC abc 123") != 722+667+667+250+444+500+444+250+500*3 { // Times New Roman's
		t.Errorf("widths are not Times': %d", f.Width("ABC abc 123"))
	}
}
