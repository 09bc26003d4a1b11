package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
)

// vietnamese are the 67 letters with marks in lower case, by what they count as.
var vietnamese = map[rune]string{
	'a': "àáảãạăằắẳẵặâầấẩẫậ", 'e': "èéẻẽẹêềếểễệ", 'i': "ìíỉĩị", 'o': "òóỏõọôồốổỗộơờớởỡợ",
	'u': "ùúủũụưừứửữự", 'y': "ỳýỷỹỵ", 'd': "đ",
}

func TestFold(t *testing.T) {
	letters := 0
	for base, list := range vietnamese {
		for _, r := range list {
			for _, x := range []rune{r, unicode.ToUpper(r)} {
				letters++
				if got := Fold(x); got != base {
					t.Errorf("%c counts as %c", x, got)
				}
				for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKD} {
					if got := FoldString(form.String(string(x))); got != string(base) {
						t.Errorf("%c decomposed counts as %q", x, got)
					}
				}
			}
		}
	}
	if letters != 134 {
		t.Errorf("%d letters were looked at", letters)
	}
	for in, want := range map[string]string{"Đà Nẵng": "da nang", "ÑÇ": "nc", "Ａ１": "a1", "ﬁ": "ﬁ", "İ": "i", "ß": "ß", "中": "中", "Ð": "ð", "€1": "€1", "m²": "m2", "": ""} {
		if got := FoldString(in); got != want {
			t.Errorf("%q counts as %q, want %q", in, got, want)
		}
	}
	// rune for rune, whatever comes
	for r := rune(0); r <= unicode.MaxRune; r += 7 {
		if s := FoldString(string(r)); utf8.RuneCountInString(s) != utf8.RuneCountInString(Normal(string(r))) {
			t.Errorf("%U counts as %q", r, s)
		}
		if f := Fold(r); Fold(f) != f {
			t.Errorf("%U folds to %U, and that to %U", r, f, Fold(f))
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"Số: 123/QĐ-UBND, ngày 05/03/2021.": "so 123 qd ubnd ngay 05 03 2021",
		"to\u031b\u0300 tri\u0300nh":        "to trinh",
		"a\u0338b":                          "ab", // a mark that composes with nothing is of its word
		"\u0301x":                           "x",
		"漢字 chữ":                            "漢 字 chu",
		"a\x00b":                            "a b",
		"\xff!…—":                           "",
		strings.Repeat("đ", 60):             strings.Repeat("d", MostWord),
		"don't e.g. x_y":                    "don t e g x y",
	} {
		if got := strings.Join(Words(in), " "); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	s := Normal("Ủy ban\u00a0NHÂN dân")
	for _, tok := range words(s) {
		if FoldString(s[tok.start:tok.end]) != tok.word {
			t.Errorf("%q stands at %q", tok.word, s[tok.start:tok.end])
		}
	}
}

func TestNeeds(t *testing.T) {
	for in, want := range map[string]string{
		"to trinh":                 "to|trinh",
		`"to trinh" x`:             "to trinh|x",
		`"to trinh`:                "to trinh",
		"“tờ trình”":               "to trinh",
		"123/QĐ-UBND":              "123 qd ubnd=123qdubnd",
		"123 QD UBND":              "123 qd ubnd=123qdubnd",
		"0123 / qđ - ubnd về việc": "0123 qd ubnd=123qdubnd|ve|viec",
		"123QĐ-UBND":               "123qd ubnd=123qdubnd",
		"123qdubnd":                "123qdubnd=123qdubnd",
		"12/2024/NQ-HĐND":          "12 2024 nq hdnd=122024nqhdnd",
		"12 2024 nq hdnd":          "12 2024 nq hdnd=122024nqhdnd",
		"12 da nang":               "12|da|nang", // đá is no kind of paper
		"5 to trinh":               "5|to|trinh",
		"2024 2025":                "2024|2025",
		"05/03/2021":               "05 03 2021",
		"thu-hồi":                  "thu hoi",
		"Nguyễn - Văn":             "nguyen|van",
		"H60.12-261121-0001":       "h60 12 261121 0001",
		"":                         "",
		`"" "!"`:                   "",
	} {
		var list []string
		for _, n := range needs(in) {
			var w []string
			for _, x := range n.words {
				w = append(w, x.word)
			}
			s := strings.Join(w, " ")
			if n.number != "" {
				s += "=" + n.number
			}
			list = append(list, s)
		}
		if got := strings.Join(list, "|"); got != want {
			t.Errorf("%q asks for %q, want %q", in, got, want)
		}
	}
}

func TestLexemes(t *testing.T) {
	p := Paper{Document: "0192", Dossier: "H60.12-1", Kind: "GKS", Receiving: "H60.12", Competent: "H60", Name: "Đỗ Hà", Number: "001",
		Fields: []dossier.Field{{Name: "number", Value: "007/QĐ-UBND"}, {Name: "issued", Value: "2021-03-05"}, {Name: "holder", Value: "001"}},
		Text:   "Số 45/2024/TTr - STNMT; \"it's\" <b> \\ Đỗ Hà"}
	got := Lexemes(p)
	for _, want := range strings.Fields("kq_2e") {
		if slices.Contains(got, want) {
			t.Errorf("there is %q", want)
		}
	}
	for _, want := range strings.Fields("k_47_4b_53 a_4860_2e12 a_4860 y2021 m7qdubnd m7qd m7 n7qdubnd hdo hha ido_ha h001 f007 gqd_ubnd n45ttrstnmt n452024ttrstnmt wdo pdo_ha wstnmt") {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %q in %v", want, got)
		}
	}
	for _, no := range []string{"w001", "cut", "fdo"} {
		if slices.Contains(got, no) {
			t.Errorf("there is %q", no)
		}
	}
	seen := map[string]bool{}
	for _, l := range got {
		if seen[l] || l == "" || strings.ContainsAny(l, " \t\n\"'\\()&|!:*ABCXYZ") {
			t.Errorf("lexeme %q", l)
		}
		seen[l] = true
	}
	if !slices.Equal(got, Lexemes(p)) {
		t.Error("not the same twice")
	}
	// too much: words first, phrases then from the text
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, "x%d ", i%70_000)
	}
	p.Text = b.String() + " tờ trình"
	size, list := 0, Lexemes(p)
	for _, l := range list {
		size += len(l)
	}
	if size > MostLexemes || !slices.Contains(list, "cut") || !slices.Contains(list, "wtrinh") || slices.Contains(list, "pto_trinh") {
		t.Errorf("%d bytes, cut %v", size, slices.Contains(list, "cut"))
	}
	plan, err := Query{Text: `"tờ trình"`}.Plan()
	if err != nil || !plan.Base.Holds(func(l string) bool { return slices.Contains(list, l) }) || !plan.Has(p) {
		t.Errorf("a phrase of a large paper is not found, %v", err)
	}
}

func TestSnippet(t *testing.T) {
	text := "Mở đầu. " + strings.Repeat("đoạn giữa ", 60) + "\nĐây là TỜ TRÌNH <script>alert(1)</script>\n\tvề đất " + strings.Repeat("cuối ", 60)
	join := func(list []Piece) (all string, hits []string) {
		for _, p := range list {
			all += p.Text
			if p.Hit {
				hits = append(hits, p.Text)
			}
		}
		return all, hits
	}
	for q, want := range map[string]string{`"to trinh" dat`: "TỜ TRÌNH|đất", "to": "TỜ", "zzz": "", "trinh script": "TRÌNH <script|script"} {
		p, err := Query{Text: q}.Plan()
		if err != nil {
			t.Fatal(err)
		}
		all, hits := join(p.Snippet(text))
		if strings.Join(hits, "|") != want {
			t.Errorf("%q marks %q, want %q", q, hits, want)
		}
		if want == "" && !strings.HasPrefix(all, "Mở đầu.") || want != "" && !strings.HasPrefix(all, "… ") || len(all) > 600 || strings.ContainsAny(all, "\n\t") {
			t.Errorf("%q shows %q", q, all)
		}
		if again, _ := join(p.Snippet(text)); again != all {
			t.Error("not the same twice")
		}
	}
	p, _ := Query{Text: "123 qd ubnd"}.Plan()
	if _, hits := join(p.Highlight("Số 123/2024/QĐ-UBND")); strings.Join(hits, "|") != "123/2024/QĐ-UBND" {
		t.Errorf("of a number %q is marked", hits)
	}
	exact, _ := Query{Text: "tò", Exact: true}.Plan()
	if _, hits := join(exact.Highlight("tờ tò TÒ to\u0300")); strings.Join(hits, "|") != "tò TÒ tò" {
		t.Errorf("exactly %q are marked", hits)
	}
	for _, s := range []string{"", "!", strings.Repeat("x", 5000), "a\xff\x00b", "\u0301"} {
		all, _ := join(p.Snippet(Normal(s)))
		if !utf8.ValidString(all) || len(all) > mostSnippet+10 {
			t.Errorf("of %.10q %d bytes are shown", s, len(all))
		}
		if all, _ := join(p.Highlight(s)); all != Normal(s) {
			t.Errorf("%.10q is shown as %.10q", s, all)
		}
	}
}

func TestCursor(t *testing.T) {
	for _, c := range []Cursor{{}, {2, 17}, {0, 1}, {4, 0}} {
		if got, err := ParseCursor(c.String()); err != nil || got != c {
			t.Errorf("%v comes back as %v, %v", c, got, err)
		}
	}
	for _, s := range []string{"x", "1", "1.", "-1.2", "1.-2", "9.1", "1.2.3", "01.2", "1.2 ", "1.99999999999999999999"} {
		if _, err := ParseCursor(s); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%q is taken: %v", s, err)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{`"to trinh" 123/QĐ-UBND`, "đ\u0300 \x00 “", "1 2 / 3", "\xff\"", "0/QĐ"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, q, text string) {
		text = Normal(text)
		p, err := Query{Text: q, Exact: len(text)%2 == 0, People: true}.Plan()
		if err != nil {
			if !errors.Is(err, dossier.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		paper := Paper{Text: text, Name: text, Fields: []dossier.Field{{Name: dossier.FieldNumber, Value: text}}}
		set := map[string]bool{}
		for _, l := range Lexemes(paper) {
			set[l] = true
		}
		if p.Has(paper) && !p.Base.Holds(func(l string) bool { return set[l] }) {
			t.Errorf("%q is in %q, but not by its lexemes", q, text)
		}
		all := ""
		for _, x := range p.Highlight(text) {
			all += x.Text
		}
		if all != text {
			t.Errorf("%q is shown as %q", text, all)
		}
		p.Snippet(text)
	})
}
