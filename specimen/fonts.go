package specimen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A Family is a typeface of this machine in its four styles.
type Family struct {
	Name    string // as fontconfig calls it
	Package string // the Debian package that has it
	fonts   [5]*sfnt.Font
}

// A style is one of the four styles of a family, or the hand's.
type style uint8

const (
	upright style = iota
	bold
	italic
	boldItalic
	hand // of no family: the pen's
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
			f[i] = filepath.Join(fontFolder, dir, stem+s[i]+".ttf")
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

// asked are families that a paper is only set in when asked for by name.
func asked() []Family {
	return []Family{{Name: Typewriter, Package: "fonts-texgyre"}, {Name: "TeX Gyre Schola", Package: "fonts-texgyre"}}
}

// Typewriter is the family of a typewriter's face. Set in it, a paper still
// needs [Wear].Typed to look typed.
const Typewriter = "TeX Gyre Cursor"

// gyre is the file of a TeX Gyre face.
func gyre(family string, style string) string {
	name := strings.ToLower(strings.ReplaceAll(family, " ", ""))
	return filepath.Join("/usr/share/texmf/fonts/opentype/public/tex-gyre", name+"-"+style+".otf")
}

// loadAsked returns the families of asked that are installed, and the pen's
// face, nil if it is not.
func loadAsked() (found []Family, pen *sfnt.Font, err error) {
	for _, f := range asked() {
		files := [4]string{gyre(f.Name, "regular"), gyre(f.Name, "bold"), gyre(f.Name, "italic"), gyre(f.Name, "bolditalic")}
		f, err := load(f, files)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, nil, err
		default:
			found = append(found, f)
		}
	}
	b, err := os.ReadFile(gyre("TeX Gyre Chorus", "mediumitalic"))
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	pen, err = opentype.Parse(b)
	return found, pen, err
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
		b, err := os.ReadFile(name)
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
type Press struct {
	families []Family
	asked    []Family
}

// NewPress loads the typefaces of the machine; [ErrNoFont] if Tinos is missing.
func NewPress() (*Press, error) {
	found, _, err := FindFonts()
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].Name != "Tinos" {
		return nil, ErrNoFont
	}
	more, pen, err := loadAsked()
	if err != nil {
		return nil, err
	}
	p := &Press{families: found, asked: more}
	for _, list := range [][]Family{p.families, p.asked} {
		for i := range list {
			list[i].fonts[hand] = pen
			if pen == nil {
				list[i].fonts[hand] = list[i].fonts[italic]
			}
		}
	}
	return p, nil
}

// Families returns the names of the typefaces the press has, Tinos first, those
// that are only used when asked for last.
func (p *Press) Families() []string {
	var names []string
	for _, f := range slices.Concat(p.families, p.asked) {
		names = append(names, f.Name)
	}
	return names
}

// family returns the one called name, or a pick of the seed if the press has
// no such: two of three papers are in Tinos, as in life.
func (p *Press) family(name string, pick uint64) Family {
	for _, f := range p.asked {
		if f.Name == name {
			return f
		}
	}
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
