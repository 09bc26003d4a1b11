package specimen

import (
	"bytes"
	"encoding/json"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

func press(t testing.TB) *Press {
	t.Helper()
	p, err := NewPress()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSameSeedSamePaper(t *testing.T) {
	p := press(t)
	for _, k := range Kinds() {
		a, b := p.Paper(k, 5, About{}), p.Paper(k, 5, About{})
		ja, _ := json.Marshal(a)
		jb, _ := json.Marshal(b)
		if !bytes.Equal(ja, jb) {
			t.Errorf("%s: two papers of one seed differ", k)
		}
		other := p.Paper(k, 6, About{})
		if slices.Equal(a.Truth.Pages, other.Truth.Pages) {
			t.Errorf("%s: two seeds, one paper", k)
		}
	}
	s := p.Paper(Decision, 5, About{})
	for name, w := range map[string]Wear{"colour": Old(1), "grey": {Grey: true, Noise: 3}, "fax": Faxed(1)} {
		if !bytes.Equal(pixels(s.Render(0, 75, w, 2)), pixels(s.Render(0, 75, w, 2))) {
			t.Errorf("%s: one seed, two pictures", name)
		}
		if bytes.Equal(pixels(s.Render(0, 75, w, 2)), pixels(s.Render(0, 75, w, 3))) {
			t.Errorf("%s: two seeds, one picture", name)
		}
	}
}

func pixels(m image.Image) []byte {
	switch m := m.(type) {
	case *image.Gray:
		return m.Pix
	case *image.RGBA:
		return m.Pix
	}
	return nil
}

// TestGivenIsPrinted holds papers to what they are asked to say.
func TestGivenIsPrinted(t *testing.T) {
	about := About{Parent: "UBND tỉnh Lam Hà", Agency: "Sở Tư pháp", Place: "Lam Hà", Number: "77/ABC-STP", Subject: "ghi chú ly hôn ở nước ngoài",
		Date: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), Holder: "Bế Thị Ỷ", HolderNumber: "000123456789", Signer: "Đỗ Ẩn", Office: "PHÓ GIÁM ĐỐC"}
	p := press(t)
	for _, k := range Kinds() {
		tr := p.Paper(k, 11, about).Truth
		text := strings.ToUpper(strings.Join(strings.Fields(strings.Join(tr.Pages, " ")), " "))
		want := []string{tr.Title, tr.Signer, tr.Office, tr.Issuer, tr.Parent, tr.Subject, tr.Holder, tr.HolderNumber, tr.Place, "NGÀY 03 THÁNG 02 NĂM 2026"}
		if tr.Number != "" {
			want = append(want, "SỐ: 77/ABC-STP")
		} else if k != Application {
			t.Errorf("%s: no number", k)
		}
		for _, w := range want {
			if !strings.Contains(text, strings.ToUpper(w)) {
				t.Errorf("%s: %q is not printed in\n%s", k, w, text)
			}
		}
		if tr.Issued != "2026-02-03" || tr.Kind != k || (tr.Title == "") != (k == Letter) {
			t.Errorf("%s: %+v", k, tr)
		}
		if tr.Issuer != "" && (tr.Issuer != "SỞ TƯ PHÁP" || tr.Parent != "UBND TỈNH LAM HÀ") {
			t.Errorf("%s: issuer %q of %q", k, tr.Issuer, tr.Parent)
		}
	}
}

// TestPages counts pages, and sees that nothing is set outside the paper.
func TestPages(t *testing.T) {
	p := press(t)
	for _, k := range Kinds() {
		for seed := range uint64(8) {
			for _, want := range []int{0, 3} {
				s := p.Paper(k, seed, About{Pages: want})
				if len(s.Pages) != max(1, want) || len(s.Truth.Pages) != len(s.Pages) {
					t.Errorf("%s, seed %d: %d pages, not %d", k, seed, len(s.Pages), want)
				}
				for i := range s.Pages {
					for _, l := range s.Pages[i].Lines {
						end := l[len(l)-1]
						if l[0].X < 40 || end.X+end.Width > PageWidth-30 || l[0].Y < 40 || l[0].Y > PageHeight-40 {
							t.Errorf("%s, seed %d, page %d: %q at %.0f %.0f to %.0f", k, seed, i, l.Text(), l[0].X, l[0].Y, end.X+end.Width)
						}
					}
				}
			}
		}
	}
	if n := len(p.Paper(Report, 1, About{Pages: 40}).Pages); n != 40 {
		t.Errorf("%d pages, not 40", n)
	}
}

// letters are the 67 Vietnamese letters with marks, small.
const letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

func TestEveryLetterIsUsedAndHasAGlyph(t *testing.T) {
	all := letters + strings.ToUpper(letters)
	if n := len([]rune(all)); n != 134 {
		t.Fatalf("%d letters", n)
	}
	p := press(t)
	for _, f := range p.families {
		for st, font := range f.fonts {
			var buf sfnt.Buffer
			for _, r := range all {
				if g, err := font.GlyphIndex(&buf, r); err != nil || g == 0 {
					t.Errorf("%s, style %d: no glyph for %c: %v", f.Name, st, r, err)
				}
			}
		}
	}
	seen := map[rune]bool{}
	for _, k := range Kinds() {
		for seed := range uint64(12) {
			for _, text := range p.Paper(k, seed, About{Pages: int(seed%4) + 1}).Truth.Pages {
				if !norm.NFC.IsNormalString(text) {
					t.Fatalf("%s, seed %d: not NFC", k, seed)
				}
				for _, r := range text {
					seen[r] = true
				}
			}
		}
	}
	for _, r := range all {
		if !seen[r] {
			t.Errorf("%c is on no paper", r)
		}
	}
}
