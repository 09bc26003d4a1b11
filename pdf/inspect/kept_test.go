package inspect

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// TestEveryKindOfPage has each kind of page kept or drawn as it should be, its
// words told either way.
func TestEveryKindOfPage(t *testing.T) {
	for _, c := range grafttest.Cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			f, err := openBook(t, c.PDF, scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := f.Page(0)
			if err != nil {
				t.Fatal(err)
			}
			if (p.Graft != nil) != c.Kept || !strings.Contains(p.Note, c.Says) || c.Kept && c.Says == "" && p.Note != "" {
				t.Errorf("kept: %t, %q", p.Graft != nil, p.Note)
			}
			if p.Unmapped != (c.Name == grafttest.Unmapped) {
				t.Errorf("unmapped: %t", p.Unmapped)
			}
			if c.Name == "font not in the file" {
				return // it cannot say all the letters
			}
			if got := strings.Join(texts(p.Told), " "); got != grafttest.Text || p.Old != scan.Keep || p.Why != WhyDigital {
				t.Errorf("%s because %s: %s", p.Old, p.Why, got)
			}
			inside(t, p)
			again(t, p)
		})
	}
}

// inside wants the words told to lie on the page, one under the other or, of a
// page that was turned, side by side.
func inside(t *testing.T, p scan.Page) {
	t.Helper()
	w, h := float64(p.Width)*72/p.DPIX, float64(p.Height)*72/p.DPIY
	for _, l := range p.Told {
		for _, told := range l.Words {
			if told.X0 < 0 || told.Y0 < 0 || told.X1 > w+1 || told.Y1 > h+1 || told.X1-told.X0 < 3 || told.Y1-told.Y0 < 3 {
				t.Errorf("%q at %.0f,%.0f–%.0f,%.0f on %.0f × %.0f", told.Text, told.X0, told.Y0, told.X1, told.Y1, w, h)
			}
		}
	}
}

// again wants the frame of a page to come out as it went in.
func again(t *testing.T, p scan.Page) {
	t.Helper()
	var b bytes.Buffer
	if err := scan.WritePage(&b, p); err != nil {
		t.Fatal(err)
	}
	q, err := scan.ReadPage(&b)
	if err != nil || !bytes.Equal(q.Graft, p.Graft) || strings.Join(texts(q.Told), " ") != strings.Join(texts(p.Told), " ") || q.Why != p.Why {
		t.Errorf("the frame came out as %+v, %v", q.Why, err)
	}
}

// TestSpoiltPagesAreFound has a kept page spoilt in one place after the other:
// the check finds each by its rule.
func TestSpoiltPagesAreFound(t *testing.T) {
	for _, c := range grafttest.Cases(t) {
		if c.Name != grafttest.Everything {
			continue
		}
		f, err := openBook(t, c.PDF, scan.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Page(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range grafttest.Spoil(t, p.Graft) {
			var b bytes.Buffer
			w := pdfa.New(&b, pdfa.Meta{})
			if err := errors.Join(w.Add(pdfa.Page{Graft: s.Graft, Width: 595, Height: 842}), w.Close()); err != nil {
				t.Fatal(err)
			}
			var found pdfa.Findings
			if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); !errors.As(err, &found) || !found.Has(pdfa.Rule(s.Rule)) {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
		return
	}
	t.Error("no case to spoil")
}
