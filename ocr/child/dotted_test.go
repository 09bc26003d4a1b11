package child

import (
	"image"
	"strings"
	"testing"

	"sohoa/ocr"
	"sohoa/ocr/prepare"
	"sohoa/specimen"
)

// A dot under a y that stands on the page and was not read is put where it stands, in type
// of every kind, and no other y gets one.
func TestDotUnderY(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	about := "bà Mỵ, năm Tỵ và đố kỵ; TỴ, MỴ, công ty, quy ước, bệnh lỵ, thủ ty: THỤY, ngày TY, ly, My, ngụy. Hky, Hỷ"
	for font, most := range map[string]int{"Tinos": 1, "Arimo": 1, "TeX Gyre Schola": 5} { // whose tails are long
		s := press.Paper(specimen.Letter, 41, specimen.About{Font: font, Subject: about})
		for seed, wear := range []specimen.Wear{specimen.Clean(), specimen.Office(41), specimen.BlackWhite(42)} {
			wear.Grey, wear.Skew = true, 0
			lines, right := wordsOf(&s.Pages[0], 200)
			bare := 0
			for i := range lines {
				l := &lines[i]
				l.Box = l.Words[0].Box
				for j := range l.Words {
					l.Box = around(l.Box, l.Words[j].Box)
					if text := strings.NewReplacer("ỵ", "y", "Ỵ", "Y").Replace(l.Words[j].Text); text != l.Words[j].Text {
						l.Words[j].Text = text
						bare++
					}
				}
				y := s.Pages[0].Lines[i][0].Y * 200 / 72
				l.Baseline = [2]float64{y, y}
			}
			checkSigns(lines, prepare.Grey(s.Render(0, 200, wear, uint64(seed))))
			missed := 0
			for i := range lines {
				for j, w := range lines[i].Words {
					switch want := right[i][j]; {
					case w.Text == want:
					case strings.ContainsAny(want, "ỵỴ"):
						missed++
					case strings.ContainsAny(w.Text, "ỵỴ"):
						t.Errorf("%s, wear %d: %q became %q", font, seed, want, w.Text)
					}
				}
			}
			if bare < 6 || missed > most {
				t.Errorf("%s, wear %d: %d of %d dots were not seen", font, seed, missed, bare)
			}
		}
	}
}

// What lies under a y but is no dot of its own: a stroke, a blot, a speck of dust, the
// marks of the next line, two dots.
func TestNoDotUnderY(t *testing.T) {
	for name, under := range map[string][]image.Rectangle{
		"nothing":            nil,
		"a stroke":           {image.Rect(20, 44, 34, 47)},
		"a blot":             {image.Rect(24, 42, 36, 54)},
		"dust":               {image.Rect(26, 45, 28, 47)},
		"a part of the next": {image.Rect(24, 52, 29, 60)},
		"three":              {image.Rect(6, 44, 11, 49), image.Rect(16, 44, 21, 49), image.Rect(26, 44, 31, 49)},
	} {
		g := image.NewGray(image.Rect(0, 0, 60, 70))
		for i := range g.Pix {
			g.Pix[i] = 255
		}
		for _, r := range under {
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					g.Pix[y*g.Stride+x] = 0
				}
			}
		}
		l := ocr.Line{Box: ocr.Box{X0: 0, Y0: 10, X1: 40, Y1: 50}, Baseline: [2]float64{40, 40}}
		l.Words = []ocr.Word{{Text: "Ty", Box: l.Box, Confidence: 90}}
		dot(&l, &l.Words[0], g)
		if l.Words[0].Text != "Ty" {
			t.Errorf("%s is taken for a dot", name)
		}
	}
}
