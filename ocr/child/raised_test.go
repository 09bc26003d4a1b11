package child

import (
	"strings"
	"testing"

	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

// Square and cubic metres are read as such where the figure is raised, and left alone
// where somebody typed it on the line.
func TestRaisedFigures(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, font := range []string{"Tinos", "Arimo"} {
		s := press.Paper(specimen.Letter, 41, specimen.About{Font: font, Subject: "giao 125 m² đất ở, 1.250,5m²; lấp 48 m³ cát và đo lại 77 m2, 35 km2"})
		wear := specimen.Office(41)
		wear.Grey = true
		text := strings.Join(strings.Fields(read(t, stored(t, prepare.Grey(s.Render(0, 200, wear, 41)), 200, 200)).Text()), " ")
		for _, want := range []string{"125 m²", "1.250,5m²;", "48 m³", "77 m2", "35 km2"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %q", font, want, text[:min(900, len(text))])
			}
		}
	}
}

func TestMeasured(t *testing.T) {
	for word, want := range map[string][3]string{
		"m2": {"m", "2", ""}, "120,5m?;": {"120,5m", "?", ";"}, "km#.": {"km", "#", "."}, "(35m2)": {"(35m", "2", ")"}, "m²": {"m", "²", ""},
		"m": {}, "mm": {}, "m/s": {}, "năm2": {}, "em2": {}, "2": {}, "": {}, "A4m2": {}, ";": {},
	} {
		a, b, c := measured(word)
		if got := [3]string{a, b, c}; got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
