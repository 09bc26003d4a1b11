package main

import (
	"strings"
	"testing"

	"sohoa/specimen"
)

func words(s string, r specimen.Region) []word {
	var out []word
	for _, f := range strings.Fields(s) {
		out = append(out, word{f, r})
	}
	return out
}

func TestCompare(t *testing.T) {
	for _, row := range []struct {
		name, want, got               string
		letters, wrong, missed        int
		unmarked, digits, misread, oa int
	}{
		{name: "equal", want: "Số: 12/QĐ", got: "Số: 12/QĐ", letters: 8, digits: 2},
		{name: "another order", want: "một hai ba", got: "ba một hai", letters: 8, oa: 6},
		{name: "a mark lost", want: "Quyết định", got: "Quyêt định", letters: 9, wrong: 1, missed: 1, unmarked: 1, oa: 1},
		{name: "a letter wrong, not its mark", want: "định", got: "dinh", letters: 4, wrong: 2, missed: 1, unmarked: 2, oa: 2},
		{name: "another letter", want: "ăn", got: "on", letters: 2, wrong: 1, missed: 1, oa: 1},
		{name: "a digit", want: "2025 3", got: "2026 3", letters: 5, wrong: 1, missed: 1, digits: 5, misread: 1, oa: 1},
		{name: "digits lost", want: "a 120", got: "a", letters: 4, wrong: 3, missed: 1, digits: 3, misread: 3, oa: 4},
		{name: "a space lost", want: "CỘNG HÒA XÃ", got: "CỘNGHÒA XÃ", letters: 9, wrong: 1, missed: 2, oa: 1},
		{name: "a space added", want: "12/QĐ-UBND", got: "12/QĐ- UBND", letters: 10, wrong: 1, missed: 1, digits: 2, oa: 1},
		{name: "too much", want: "a b", got: "a xyz b", letters: 2, wrong: 3, oa: 4},
		{name: "run together and misread", want: "và chịu 8% giá trị", got: "và:chịu 8%-giá trị:", letters: 14, wrong: 3, missed: 5, digits: 1, oa: 3},
		{name: "decomposed", want: "bản", got: "ba\u0309n", letters: 3},
		{name: "capitals are not marks", want: "Ủy", got: "ủy", letters: 2, wrong: 1, missed: 1, oa: 1},
	} {
		s := compare(words(row.want, specimen.Body), row.got)
		if s.letters != row.letters || s.wrong != row.wrong || s.missed != row.missed || s.unmarked != row.unmarked ||
			s.digits != row.digits || s.misread != row.misread || s.astray != row.oa || s.regions[specimen.Body] != s.tally {
			t.Errorf("%s: %+v", row.name, s)
		}
	}
}

// Where the hand wrote, reading costs nothing and not reading neither.
func TestCompareLeavesHandAlone(t *testing.T) {
	truth := append(words("Ý kiến:", specimen.Body), words("Đồng ý 25", specimen.Hand)...)
	for _, read := range []string{"Ý kiến:", "Ý kiến: Đồng ý 25", "Ý kiến: Đồng ỳ"} {
		if s := compare(truth, read); s.wrong != 0 || s.letters != 6 || s.digits != 0 || s.words != 2 {
			t.Errorf("%q: %+v", read, s)
		}
	}
}

// An error counts where it happened.
func TestCompareByRegion(t *testing.T) {
	truth := append(words("Số: 7", specimen.Header), words("một hai", specimen.Table)...)
	s := compare(truth, "Số: 7 một xx hay")
	if s.regions[specimen.Header].wrong != 0 || s.regions[specimen.Table].wrong != 3 {
		t.Errorf("%+v", s.regions)
	}
}
