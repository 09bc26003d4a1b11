package batch

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"sohoa/dossier"
)

// story makes sides of letters: C1/3 marks of dossier D, p pages, b blanks, u upside down.
func story(words ...string) (sides []Side) {
	for i, w := range words {
		s := Side{File: 1, Page: i + 1, Look: Look{Width: 210, Height: 297}}
		var n, of int
		switch {
		case w == "b":
			s.Blank = true
		case w == "u":
			s.Look.Turn = 2
		case w == "r":
			s.Mark = Mark{Kind: Receipt, Dossier: "R"}
		case w == "n":
			s.Mark = Mark{Kind: Next, Number: 1, Of: 1}
		case w == "P":
			s.Mark = Mark{Kind: Patch, Patch: "3/T"}
		case w == "x":
			s.Spoiled = true
		default:
			if _, err := fmt.Sscanf(w, "C%d/%d", &n, &of); err == nil {
				s.Mark = Mark{Kind: Component, Dossier: "D", Slot: dossier.SlotCode(fmt.Sprint("TP0", n)), Number: n, Of: of}
			}
		}
		sides = append(sides, s)
	}
	return sides
}

func told(b Batch) (codes []string) {
	for _, w := range Warnings(b) {
		codes = append(codes, fmt.Sprint(w.Code, " ", w.Side, " ", w.Number))
	}
	return codes
}

func TestMarkBearsItsCheck(t *testing.T) {
	m := Mark{Kind: Component, Dossier: "H60.12-261120-0001", Slot: "TP01", Number: 3, Of: 5}
	text := m.Text()
	if got, ours, ok := ParseMark(text); !ours || !ok || got != m {
		t.Fatalf("%q: %+v %v %v", text, got, ours, ok)
	}
	for i := range len(text) { // whatever letter is misread
		b := []byte(text)
		b[i] ^= 1
		if got, _, ok := ParseMark(string(b)); ok {
			t.Errorf("%q is taken for %+v", b, got)
		}
	}
	for _, bad := range []Mark{{Kind: Component, Dossier: "D", Number: 1, Of: 1}, {Kind: Next, Number: 0, Of: 1}, {Kind: Next, Number: 2, Of: 1}, {Number: 1, Of: 1}, {Kind: Next, Dossier: "D", Slot: "S", Number: 1, Of: 1}} {
		if got, ours, ok := ParseMark(bad.Text()); ok || !ours {
			t.Errorf("%+v is taken for %+v", bad, got)
		}
	}
	r := Reader{Title: "Giấy tiếp nhận", System: "Sohoa"}
	other := m
	other.Slot = "TP02"
	receipt := "H1|1.1|001|Giấy tiếp nhận|Sohoa|2026|2027"
	for _, c := range []struct {
		texts   []string
		patch   string
		want    Mark
		spoiled bool
	}{
		{[]string{text, text}, "", m, false},
		{[]string{text, text[:len(text)-1] + "Z"}, "2", m, false},
		{[]string{text[:len(text)-1] + "Z"}, "2", Mark{}, true},
		{[]string{text, other.Text()}, "2", Mark{}, true},
		{[]string{"001089|card|of|somebody", "0123"}, "", Mark{}, false},
		{[]string{"0123"}, "3/T", Mark{Kind: Patch, Patch: "3/T"}, false},
		{[]string{receipt}, "", Mark{Kind: Receipt, Dossier: "H1"}, false},
		{[]string{"H1|1.1|001|Giấy khác|Sohoa|2026|2027"}, "", Mark{}, false},
		{nil, "", Mark{}, false},
	} {
		if got, spoiled := r.Mark(c.texts, c.patch); got != c.want || spoiled != c.spoiled {
			t.Errorf("%q: %+v, %v", c.texts, got, spoiled)
		}
	}
}

func TestSeparate(t *testing.T) {
	b := Batch{Feed: Single, Sides: story("p", "C1/2", "b", "p", "b", "u", "C2/2", "p", "r", "p", "n", "p")}
	Separate(b.Sides, Parting{})
	var got []string
	for _, p := range Papers(b.Sides) {
		got = append(got, fmt.Sprint(p.Dossier, ".", p.Slot, p.Pages))
	}
	if want := []string{".[0]", "D.TP01[3 5]", "D.TP02[7]", "R.[9]", ".[11]"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if b.Sides[5].Turn != 2 {
		t.Error("what lies upside down is not turned")
	}
	if n := Account(b.Sides); n != (Sum{Sides: 12, Blank: 2, Separators: 4, Open: 6}) {
		t.Errorf("%+v", n)
	}
	if got, want := told(b), []string{"loose 0 0", "loose 11 0", "unsaid 9 0"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	kept := story("C1/1", "b", "p", "b")
	Separate(kept, Parting{Blanks: Pages})
	if n := Account(kept); n.Blank != 1 || n.Open != 2 { // the separator's own back is none of the paper's
		t.Errorf("%+v", n)
	}
}

// Blank sides part papers where somebody said that they do, and a blank sheet is both
// its sides; a separator's own back parts nothing.
func TestBlanksPart(t *testing.T) {
	for blanks, want := range map[Blanks][]string{
		Nothing:   {"D.TP01[2 4 6 8 11]"},
		SideParts: {"D.TP01[2]", ".[4]", ".[6]", ".[8]", ".[11]"},
		PairParts: {"D.TP01[2 4 6 8]", ".[11]"},
	} {
		sides := story("C1/1", "b", "p", "b", "p", "b", "p", "b", "p", "b", "b", "p", "b")
		Separate(sides, Parting{Blanks: blanks})
		var got []string
		for _, p := range Papers(sides) {
			got = append(got, fmt.Sprint(p.Dossier, ".", p.Slot, p.Pages))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %q, want %q", blanks, got, want)
		}
	}
	first := story("C1/1", "b", "b", "p", "p") // the back of a separator and one more are no blank sheet
	Separate(first, Parting{Blanks: PairParts})
	if got := Papers(first); len(got) != 1 || got[0].Slot != "TP01" {
		t.Errorf("%+v", got)
	}
	for text, want := range map[string]Blanks{"": Nothing, "1": Pages, "3": PairParts} {
		if got, err := BlanksOf(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	if _, err := BlanksOf("4"); !errors.Is(err, dossier.ErrInvalid) {
		t.Error(err)
	}
}

// Sheets with patch codes part papers where somebody said that they do, and say nothing
// of them; else they are pages, and it is told that they are here. Either way every side
// is accounted for.
func TestPatchesPart(t *testing.T) {
	for _, c := range []struct {
		parting Parting
		papers  []string
		sum     Sum
		told    []string
	}{
		{Parting{}, []string{".[0]", "D.TP01[2 4 6 7 8]"}, Sum{Sides: 9, Blank: 2, Separators: 1, Open: 6}, []string{"patched 4 2", "loose 0 0"}},
		{Parting{Patches: true}, []string{".[0]", "D.TP01[2]", ".[6]", ".[8]"}, Sum{Sides: 9, Blank: 2, Separators: 3, Open: 4}, []string{"loose 0 0", "loose 6 0", "loose 8 0"}},
		{Parting{Blanks: Pages, Patches: true}, []string{".[0]", "D.TP01[2 3]", ".[6]", ".[8]"}, Sum{Sides: 9, Blank: 1, Separators: 3, Open: 5}, []string{"loose 0 0", "loose 6 0", "loose 8 0"}},
	} {
		b := Batch{Feed: Single, Parting: c.parting, Sides: story("p", "C1/1", "p", "b", "P", "b", "p", "P", "p")}
		Separate(b.Sides, b.Parting)
		var got []string
		for _, p := range Papers(b.Sides) {
			got = append(got, fmt.Sprint(p.Dossier, ".", p.Slot, p.Pages))
		}
		if !slices.Equal(got, c.papers) || Account(b.Sides) != c.sum || !slices.Equal(told(b), c.told) {
			t.Errorf("%+v: %q, %+v, %q", c.parting, got, Account(b.Sides), told(b))
		}
		if back := PartingOf(c.parting.Number()); back != c.parting {
			t.Errorf("%+v is read as %+v", c.parting, back)
		}
	}
	none := Batch{Feed: Single, Parting: Parting{Patches: true}, Sides: story("C1/1", "p")}
	Separate(none.Sides, none.Parting)
	if got := told(none); !slices.Equal(got, []string{"unparted -1 0"}) {
		t.Errorf("%q", got)
	}
	for blanks := Nothing; blanks <= PairParts; blanks++ {
		if p := (Parting{Blanks: blanks}); p.Number() != int(blanks) { // what rows had before
			t.Errorf("%d: %d", blanks, p.Number())
		}
	}
}

// A sheet that is expected and not here is told, and its paper is not made up.
func TestMissingIsTold(t *testing.T) {
	b := Batch{Feed: Single, Sides: story("C1/4", "p", "p", "C3/4", "p", "C3/4", "p", "x")}
	Separate(b.Sides, Parting{})
	if got, want := told(b), []string{"missing -1 2", "missing -1 4", "damaged 7 0", "twofold 5 3"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if n := len(Papers(b.Sides)); n != 3 {
		t.Errorf("%d papers", n)
	}
}

func TestFrontsThenBacks(t *testing.T) {
	sides := Order(Twice, story("p", "p", "p", "b", "u", "u"))
	var got []int
	for _, s := range sides {
		got = append(got, s.Page)
	}
	if !slices.Equal(got, []int{1, 6, 2, 5, 3, 4}) {
		t.Errorf("%v", got)
	}
	odd := Batch{Feed: Twice, Sides: Order(Twice, story("C1/1", "p", "p"))}
	Separate(odd.Sides, Parting{})
	if got := told(odd); odd.Sides[1].Page != 2 || !slices.Equal(got, []string{"unpaired -1 3"}) {
		t.Errorf("%q", got)
	}
	if !LooksTwice(Batch{Sides: story("p", "p", "p", "b", "u", "u")}) || LooksTwice(Batch{Sides: story("p", "b", "p", "b")}) {
		t.Error("fronts and backs are not told from sheets with both sides")
	}
}

func TestArrange(t *testing.T) {
	was := story("C1/1", "p", "b", "p")
	Separate(was, Parting{})
	change := func(f func(now []Side)) []Side {
		now := slices.Clone(was)
		f(now)
		return now
	}
	now, err := Arrange(was, change(func(n []Side) {
		n[1], n[3] = n[3], n[1]
		n[3].Use, n[3].Why = LeftOut, "của hồ sơ khác"
		n[2].Use, n[2].Starts = Page, true
	}))
	if err != nil || now[1].Page != 4 || now[2].Use != Page || now[3].Why == "" {
		t.Fatalf("%+v, %v", now, err)
	}
	for name, bad := range map[string][]Side{
		"one fewer":      was[:3],
		"one twice":      change(func(n []Side) { n[1] = n[3] }),
		"no reason":      change(func(n []Side) { n[1].Use = LeftOut }),
		"blank, is not":  change(func(n []Side) { n[1].Use = Blank }),
		"no separator":   change(func(n []Side) { n[1].Use = Separator }),
		"turned too far": change(func(n []Side) { n[1].Turn = 4 }),
		"no use":         change(func(n []Side) { n[1].Use = "" }),
	} {
		if _, err := Arrange(was, bad); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := change(func(n []Side) { n[1].Document, n[3].Document = "doc", "doc" })
	for name, f := range map[string]func([]Side){
		"torn apart": func(n []Side) { n[3].Starts = true },
		"reordered":  func(n []Side) { n[1], n[3] = n[3], n[1] },
	} {
		now := slices.Clone(in)
		f(now)
		got, err := Arrange(in, now)
		if name == "torn apart" { // what is entered is not even asked
			if err != nil || got[3].Starts {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
