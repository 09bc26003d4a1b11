package workers

import (
	"testing"
	"time"

	"sohoa/ocr"
	"sohoa/ocr/extract"
)

func page(codes ...string) ocr.Page {
	p := ocr.Page{Width: 1654, Height: 2339, DPIX: 200, DPIY: 200}
	line := ocr.Line{Box: ocr.Box{X0: 200, Y0: 700, X1: 1200, Y1: 740}, Baseline: [2]float64{730, 730}}
	x := 200
	for _, w := range []string{"Số", "định", "danh", "cá", "nhân:", "001199054321"} {
		line.Words = append(line.Words, ocr.Word{Text: w, Confidence: 90, Box: ocr.Box{X0: x, Y0: 700, X1: x + 18*len(w), Y1: 740}})
		x += 18*len(w) + 10
	}
	p.Lines = append(p.Lines, line)
	for _, c := range codes {
		p.Codes = append(p.Codes, ocr.Code{Format: "QR", Text: c, Box: ocr.Box{X0: 100, Y0: 100, X1: 300, Y1: 300}})
	}
	return p
}

// A card's code on the page comes before print, unless it speaks of several people
// or is none; what is odd about it is told.
func TestCardOnThePage(t *testing.T) {
	const card, other, odd = "001090012345||Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022",
		"001190012346||Lê Thị Bình|05031990|Nữ|Xã An Bình|01012022", "777090012345||Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name  string
		codes []string
		value string
		why   extract.Reason
		sure  bool
	}{
		{"none", nil, "001199054321", extract.ByLabel, true},
		{"a card", []string{card}, "001090012345", extract.FromCode, true},
		{"the card twice", []string{card, card}, "001090012345", extract.FromCode, true},
		{"two people", []string{card, other}, "001199054321", extract.ByLabel, true},
		{"odd", []string{odd}, "777090012345", extract.FromOddCode, false},
		{"shifted", []string{"|001090012345||Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"}, "001199054321", extract.ByLabel, true},
		{"another code", []string{"https://example.vn/x|y"}, "001199054321", extract.ByLabel, true},
	} {
		fields := Fields([]ocr.Page{page(row.codes...)}, now)
		if len(fields) != 1 {
			t.Errorf("%s: %+v", row.name, fields)
			continue
		}
		if f := fields[0]; f.Name != "holder" || f.Value != row.value || f.Reason != string(row.why) || (f.Confidence >= 80) != row.sure {
			t.Errorf("%s: %+v", row.name, f)
		}
	}
}
