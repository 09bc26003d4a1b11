package ocr

import (
	"slices"
	"testing"
)

func TestDoubt(t *testing.T) {
	page := func(dpi, mean float64, good, poor int) Page {
		p := Page{Index: 2, DPIX: dpi, DPIY: dpi, Confidence: mean}
		for range good {
			p.Lines = append(p.Lines, Line{Words: []Word{{Text: "tờ", Confidence: 95}}})
		}
		for range poor {
			p.Lines = append(p.Lines, Line{Words: []Word{{Text: "t?", Confidence: PoorWord - 1}}})
		}
		return p
	}
	blank := page(200, 0, 0, 0)
	blank.Blank = true
	sheet := page(200, 0, 0, 0)
	sheet.Codes = []Code{{Format: "QR", Text: "x"}}
	for name, row := range map[string]struct {
		page Page
		why  []string
	}{
		"good":                   {page(200, 93, 90, 10), nil},
		"good though coarse":     {page(100, 93, 90, 10), nil},
		"poor on the whole":      {page(200, 79.9, 90, 10), []string{DoubtPoor}},
		"many poor words":        {page(200, 88, 89, 11), []string{DoubtPoor}},
		"poor and coarse":        {page(100, 50, 1, 1), []string{DoubtPoor, DoubtCoarse}},
		"not a word":             {page(200, 0, 0, 0), []string{DoubtUnread}},
		"blank":                  {blank, nil},
		"a code and not a word":  {sheet, nil},
		"coarse and not a word":  {page(72, 0, 0, 0), []string{DoubtUnread, DoubtCoarse}},
		"poor in one direction ": {func() Page { p := page(200, 70, 9, 9); p.DPIY = 98; return p }(), []string{DoubtPoor, DoubtCoarse}},
	} {
		d, ok := row.page.Doubt()
		if !slices.Equal(d.Why, row.why) || ok != (row.why != nil) {
			t.Errorf("%s: %v %v, want %v", name, ok, d.Why, row.why)
		}
		if d.Page != 3 {
			t.Errorf("%s: page %d", name, d.Page)
		}
	}
}
