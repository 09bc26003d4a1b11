package pdfa_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
)

func TestCheckFindsEveryBreachOfTheStructure(t *testing.T) {
	spoilt, want := pdfatest.SpoiltTags(t)
	for _, s := range spoilt {
		err := pdfa.Check(bytes.NewReader(s.File), int64(len(s.File)), want...)
		var found pdfa.Findings
		if !errors.As(err, &found) || !found.Has(s.Rule) {
			t.Errorf("%s: want a finding of %s, got: %v", s.Name, s.Rule, err)
		}
		// Without being told what was given all of them must be found but one,
		// which is a structure as good as any.
		err = pdfa.Check(bytes.NewReader(s.File), int64(len(s.File)))
		if other := s.Name == "another description"; (err == nil) != other {
			t.Errorf("%s, nothing told: %v", s.Name, err)
		}
	}
}

// What structure is written of what lines, as poppler tells it.
func TestLinesBecomeParagraphsAndTables(t *testing.T) {
	shape := func(p pdfa.Page) string {
		m := pdfatest.Meta
		m.Level = pdfa.Level2A
		var kinds []string
		for _, f := range strings.Fields(tool(t, "pdfinfo", "-struct", kept(t, pdfatest.Write(t, m, p)))) {
			if f = strings.Trim(f, ":"); slices.Contains([]string{"P", "Table", "TR", "TD", "Figure", "/RowSpan", "/ColSpan"}, f) {
				kinds = append(kinds, f)
			}
		}
		return strings.Join(kinds, " ")
	}
	whole := "P P Table TR TD /RowSpan TD /ColSpan TR TD TD TR TD TD TD P Figure"
	flat := "P P P P P P P P Figure" // as paragraphs
	for name, c := range map[string]struct {
		spoil func(*pdfa.Page)
		want  string
	}{
		"a table":               {func(*pdfa.Page) {}, whole},
		"no description":        {func(p *pdfa.Page) { p.Alt = " " }, strings.TrimSuffix(whole, " Figure")},
		"two fields in a place": {func(p *pdfa.Page) { p.Lines[5].Cell.Col = 0 }, flat},
		"rows out of order":     {func(p *pdfa.Page) { p.Lines[3].Cell.Row = 3 }, flat},
		"a field of no size":    {func(p *pdfa.Page) { p.Lines[3].Cell.RowSpan = 0 }, flat},
		"a place before any":    {func(p *pdfa.Page) { p.Lines[3].Cell.Col = -1 }, flat},
		"a monstrous table":     {func(p *pdfa.Page) { p.Lines[7].Cell.Row, p.Lines[7].Cell.Col = 1999, 1999 }, flat},
		"no table": {func(p *pdfa.Page) {
			for i := range p.Lines {
				p.Lines[i].Cell = nil
			}
		}, flat},
		"no words": {func(p *pdfa.Page) { p.Lines = nil }, "Figure"},
		"nothing":  {func(p *pdfa.Page) { p.Lines, p.Alt = nil, "" }, ""},
	} {
		p := pdfatest.Structured(t)
		c.spoil(&p)
		if got := shape(p); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWhatCannotBeClaimedIsRefused(t *testing.T) {
	page := pdfatest.Lay(pdfatest.G4(true))
	for name, c := range map[string]struct {
		meta  pdfa.Meta
		pages int
	}{
		"a level that is none": {pdfa.Meta{Level: "3b"}, 1},
		"a part without pages": {pdfa.Meta{Parts: []pdfa.Part{{Title: "a", Pages: 1}, {Title: "b"}}}, 1},
		"a part without title": {pdfa.Meta{Parts: []pdfa.Part{{Title: "\x01", Pages: 1}}}, 1},
		"a page too many":      {pdfa.Meta{Parts: []pdfa.Part{{Title: "a", Pages: 1}}}, 2},
		"a part too many":      {pdfa.Meta{Parts: []pdfa.Part{{Title: "a", Pages: 1}, {Title: "b", Pages: 1}}}, 1},
	} {
		w := pdfa.New(io.Discard, c.meta)
		var err error
		for range c.pages {
			err = errors.Join(err, w.Add(page))
		}
		if err = errors.Join(err, w.Close()); !errors.Is(err, pdfa.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := pdfa.New(io.Discard, pdfa.Meta{Level: pdfa.Level2A})
	if err := w.Add(pdfa.Page{Graft: []byte("x"), Width: 100, Height: 100}); !errors.Is(err, pdfa.ErrInvalid) {
		t.Errorf("a page without a known structure: %v", err)
	}
	if _, err := pdfa.ParseLevel("2x"); !errors.Is(err, pdfa.ErrInvalid) {
		t.Error("a level 2x")
	}
	if l, err := pdfa.ParseLevel("2A"); err != nil || l != pdfa.Level2A {
		t.Errorf("2A is %q, %v", l, err)
	}
}

// Characters of private use stay at level U, which allows them, and go at level A.
func TestPrivateCharactersAreNotTagged(t *testing.T) {
	page := pdfatest.Lay(pdfatest.G4(true), pdfatest.Line(50, 50, "\uf0b7", "mục\ue000", "một"))
	for level, want := range map[pdfa.Level]string{pdfa.Level2U: "\uf0b7 mục\ue000 một", pdfa.Level2A: "mục một"} {
		m := pdfatest.Meta
		m.Level = level
		b := pdfatest.Write(t, m, page)
		if got := strings.TrimSpace(tool(t, "pdftotext", "-raw", "-nopgbrk", kept(t, b), "-")); got != want {
			t.Errorf("%s: %q, want %q", level, got, want)
		}
	}
	b := pdfatest.Write(t, pdfatest.Meta, page)
	b = bytes.Replace(b, []byte("conformance>U<"), []byte("conformance>A<"), 1)
	var found pdfa.Findings
	if err := pdfa.Check(bytes.NewReader(b), int64(len(b))); !errors.As(err, &found) || !found.Has(pdfa.RuleUnicode) {
		t.Errorf("claimed at level A: %v", err)
	}
}

// A file of one part has no outline and plain labels.
func TestOnePartMakesNoOutline(t *testing.T) {
	page := pdfatest.Lay(pdfatest.G4(true))
	a := pdfatest.Write(t, pdfatest.Meta, page, page)
	m := pdfatest.Meta
	m.Parts = []pdfa.Part{{Title: "Tệp 1", Pages: 2}}
	if b := pdfatest.Write(t, m, page, page); !bytes.Equal(a, b) {
		t.Error("a file of one part is another than without")
	}
}
