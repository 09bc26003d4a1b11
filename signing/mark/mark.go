// Package mark draws what a signature shows on the page. On copies the law wants
// words, not pictures: who scanned a paper and when, in the top left corner;
// what kind of copy it is, of which agency and when, in the top right one, in
// the face of Times New Roman, upright, 10 points, black. On results it wants
// pictures: the blue signature, the red seal over a third of it.
//
// A [Profile] is such a rule, as data with its source. A [Font] is one with the
// metrics of Times that has every Vietnamese letter; of it the letters used are
// embedded, so that the text stays text and the file PDF/A. A [Picture] is a PNG
// made ready once. A [Mark] is either, laid out; where it stands is not decided
// here.
package mark

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"

	"sohoa/pdf/revision"
)

// Share is how much of the page's width a mark in a corner takes at most, as
// long as it may choose.
const Share = 0.45

// A page smaller than this, in points, gets a mark that is smaller in
// proportion: nothing may stick out, and nothing may be left out.
const leastWidth, leastHeight = 240.0, 150.0

// Scale returns how much smaller than the law's a mark must be on a page of a
// size in points: 1 but for tiny ones.
func Scale(width, height float64) float64 { return min(1, width/leastWidth, height/leastHeight) }

// A Mark is laid out: rows of words, or pictures.
type Mark struct {
	Width, Height float64 // points, as it is to stand on the page
	Rows          []string

	font  *Font
	style Profile
	scale float64
	laid  []laid
}

// Words lays lines out in the profile's type, no broader than limit points, and
// scaled. The error wraps [ErrFont] for a character the font lacks.
func (f *Font) Words(p Profile, lines []string, limit, scale float64) (*Mark, error) {
	m := &Mark{font: f, style: p, scale: scale}
	for _, l := range lines {
		m.Rows = append(m.Rows, f.wrap(l, limit/scale*1000/p.Size)...)
	}
	if missing := f.Missing(strings.Join(m.Rows, "")); missing != "" {
		return nil, fmt.Errorf("%w: it lacks %s", ErrFont, missing)
	}
	for _, r := range m.Rows {
		m.Width = max(m.Width, float64(f.Width(r))*p.Size/1000*scale)
	}
	m.Height = p.Leading * float64(len(m.Rows)) * scale
	return m, nil
}

// Put adds the mark as a form to an update, to be seen upright on page.
func (m *Mark) Put(to *revision.Update, page *revision.Page) (revision.Ref, error) {
	form := &revision.Stream{Dict: revision.Dict{"Type": revision.Name("XObject"), "Subtype": revision.Name("Form"),
		"BBox":   revision.Array{revision.Int(0), revision.Int(0), revision.Real(m.Width), revision.Real(m.Height)},
		"Matrix": page.Matrix()}}
	if m.laid != nil {
		form.Dict["Resources"], form.Data = m.pictures(to)
		return to.Add(form), nil
	}
	e, err := m.font.embedded(m.Rows)
	if err != nil {
		return revision.Ref{}, err
	}
	var c bytes.Buffer
	size, lead := revision.Real(m.style.Size*m.scale), revision.Real(m.style.Leading*m.scale)
	rgb := m.style.Colour
	colour := "0 g"
	if rgb != [3]float64{} {
		colour = fmt.Sprintf("%s %s %s rg", revision.Real(rgb[0]), revision.Real(rgb[1]), revision.Real(rgb[2]))
	}
	fmt.Fprintf(&c, "q %s BT /F %s Tf %s TL 0 %s Td\n", colour, size, lead, revision.Real(m.Height-m.style.Size*m.scale*0.9))
	for _, r := range m.Rows {
		fmt.Fprintf(&c, "%s Tj T*\n", e.Code(r))
	}
	c.WriteString("ET Q\n")
	form.Data = c.Bytes()
	form.Dict["Resources"] = revision.Dict{"Font": revision.Dict{"F": add(e, to)}}
	return to.Add(form), nil
}

// Alt is what is read aloud of the mark.
func (m *Mark) Alt() string { return strings.Join(append([]string{"Chữ ký số"}, m.Rows...), ", ") }

// wrap breaks a line where words end so that no row is wider than limit, in
// thousandths of the size; a word that is too long is broken where it must.
func (f *Font) wrap(line string, limit float64) []string {
	var rows []string
	row := ""
	for _, word := range strings.Fields(line) {
		if joined := strings.TrimSpace(row + " " + word); float64(f.Width(joined)) <= limit {
			row = joined
			continue
		}
		if row != "" {
			rows = append(rows, row)
		}
		row = ""
		for _, r := range word {
			if row != "" && float64(f.Width(row+string(r))) > limit {
				rows = append(rows, row)
				row = ""
			}
			row += string(r)
		}
	}
	return append(rows, row)
}

// deflate returns b compressed.
func deflate(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// compressed is a stream of bytes that were deflated.
func compressed(b []byte) *revision.Stream {
	return &revision.Stream{Dict: revision.Dict{"Filter": revision.Name("FlateDecode")}, Data: b}
}
