package workers_test

import (
	"testing"

	"sohoa/ocr"
	"sohoa/scan"
	"sohoa/workers"
)

// TestToldWordsAreInTheFrame has words in points come out in pixels of the frame,
// also where the stored picture stands on its side.
func TestToldWordsAreInTheFrame(t *testing.T) {
	page := scan.Page{Index: 2, Width: 3508, Height: 2480, DPIX: 300, DPIY: 300, Turn: 1,
		Told: []scan.ToldLine{{Block: 1, Words: []scan.Told{{Text: "Căn", X0: 72, Y0: 144, X1: 96, Y1: 156}, {Text: "cứ", X0: 100, Y0: 144, X1: 595.2, Y1: 900}}}}}
	p := workers.Told(page)
	if p.Width != 2480 || p.Height != 3508 || p.Index != 2 || p.Confidence != 100 || p.Engine != ocr.EngineTold || p.Blank {
		t.Errorf("%+v", p)
	}
	words := p.Lines[0].Words
	if words[0].Box != (ocr.Box{X0: 300, Y0: 600, X1: 400, Y1: 650}) || words[0].Confidence != 100 {
		t.Errorf("%+v", words[0])
	}
	if b := words[1].Box; b.X1 > p.Width || b.Y1 != p.Height {
		t.Errorf("a word leaves the page: %+v", b)
	}
	if p.Text() != "Căn cứ\n" {
		t.Errorf("%q", p.Text())
	}
	if empty := workers.Told(scan.Page{Told: []scan.ToldLine{}, Width: 1, Height: 1, DPIX: 72, DPIY: 72}); !empty.Blank {
		t.Error("a page without words is not blank")
	}
}
