package specimen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A Family is a typeface of this machine in its four styles.
type Family struct {
	Name    string // as fontconfig calls it
	Package string // the Debian package that has it
	fonts   [4]*sfnt.Font
}

// A style is one of the four styles of a family.
type style uint8

const (
	upright style = iota
	bold
	italic
	boldItalic
)

// ErrNoFont says that the typeface no paper can do without is not installed.
var ErrNoFont = errors.New("typeface Tinos not found: install the Debian package fonts-croscore")

// known are the families looked for, best first, with the files of their styles.
func known() []struct {
	family Family
	files  [4]string
} {
	four := func(dir, stem string, s [4]string) (f [4]string) {
		for i := range f {
			f[i] = filepath.Join(dir, stem+s[i]+".ttf")
		}
		return f
	}
	usual := [4]string{"-Regular", "-Bold", "-Italic", "-BoldItalic"}
	return []struct {
		family Family
		files  [4]string
	}{
		{Family{Name: "Tinos", Package: "fonts-croscore"}, four("croscore", "Tinos", usual)},
		{Family{Name: "Liberation Serif", Package: "fonts-liberation2"}, four("liberation2", "LiberationSerif", usual)},
		{Family{Name: "DejaVu Serif", Package: "fonts-dejavu-extra"}, four("dejavu", "DejaVuSerif", [4]string{"", "-Bold", "-Italic", "-BoldItalic"})},
		{Family{Name: "Noto Serif", Package: "fonts-noto-core"}, four("noto", "NotoSerif", usual)},
		{Family{Name: "Arimo", Package: "fonts-croscore"}, four("croscore", "Arimo", usual)},
		{Family{Name: "Cousine", Package: "fonts-croscore"}, four("croscore", "Cousine", usual)},
	}
}

// FindFonts returns the families that are installed under the font folder in
// all four styles, Tinos (the metrics of Times New Roman) first, and the
// families that are missing.
func FindFonts() (found, missing []Family, err error) {
	for _, k := range known() {
		f, err := load(k.family, k.files)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, k.family)
		case err != nil:
			return nil, nil, err
		default:
			found = append(found, f)
		}
	}
	return found, missing, nil
}

const fontFolder = "/usr/share/fonts/truetype"

func load(f Family, files [4]string) (Family, error) {
	for i, name := range files {
		b, err := os.ReadFile(filepath.Join(fontFolder, name))
		if err != nil {
			return f, err
		}
		if f.fonts[i], err = opentype.Parse(b); err != nil {
			return f, fmt.Errorf("parse %s: %w", name, err)
		}
	}
	return f, nil
}

// A Press sets papers in the typefaces it has. It is safe for concurrent use.
type Press struct{ families []Family }

// NewPress loads the typefaces of the machine; [ErrNoFont] if Tinos is missing.
func NewPress() (*Press, error) {
	found, _, err := FindFonts()
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Name != "Tinos" {
		return nil, ErrNoFont
	}
	return &Press{families: found}, nil
}

// Families returns the names of the typefaces the press has, Tinos first.
func (p *Press) Families() []string {
	names := make([]string, len(p.families))
	for i, f := range p.families {
		names[i] = f.Name
	}
	return names
}

// family returns the one called name, or a pick of the seed if the press has
// no such: two of three papers are in Tinos, as in life.
func (p *Press) family(name string, pick uint64) Family {
	i := slices.IndexFunc(p.families, func(f Family) bool { return f.Name == name })
	if i < 0 && pick%3 == 0 {
		i = int(pick / 3 % uint64(len(p.families)))
	}
	return p.families[max(i, 0)]
}

// metrics measures text of one family. It caches, and is for one goroutine.
type metrics struct {
	family Family
	buf    sfnt.Buffer
	widths map[glyphKey]float64 // per point of type size
}

type glyphKey struct {
	r     rune
	style style
}

func newMetrics(f Family) *metrics { return &metrics{family: f, widths: map[glyphKey]float64{}} }

// width returns the width of s in points.
func (m *metrics) width(s string, st style, size float64) float64 {
	sum := 0.0
	for _, r := range s {
		sum += m.advance(r, st)
	}
	return sum * size
}

func (m *metrics) advance(r rune, st style) float64 {
	key := glyphKey{r, st}
	if w, ok := m.widths[key]; ok {
		return w
	}
	f := m.family.fonts[st]
	em := f.UnitsPerEm()
	w := 0.5 // a font that lacks the glyph still leaves room for it
	if g, err := f.GlyphIndex(&m.buf, r); err == nil {
		if a, err := f.GlyphAdvance(&m.buf, g, fixed.I(int(em)), 0); err == nil {
			w = float64(a) / 64 / float64(em)
		}
	}
	m.widths[key] = w
	return w
}
