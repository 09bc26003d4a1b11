package arrange_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sohoa/pdf/arrange"
)

func TestSelection(t *testing.T) {
	for _, row := range []struct{ written, want string }{
		{"1-3,7", "1 2 3 7"},
		{"last", "7"},
		{"5-last", "5 6 7"},
		{"3-1", "3 2 1"},
		{"last-6", "7 6"},
		{"2,2", "2 2"},
		{"!2", "1 3 4 5 6 7"},
		{"!2,1-3", "1 3"},
		{"1-last,!3-5", "1 2 6 7"},
		{"1r90", "1r1"},
		{"r180", "1r2 2r2 3r2 4r2 5r2 6r2 7r2"},
		{"7,1-2r270,!7", "1r3 2r3"},
		{" 1 , 2", "1 2"},
		{"r90,!1-6", "7r1"},
		{"", "form 1"}, {"1,,2", "form 2"}, {"x", "form 1"}, {"1-2-3", "form 1"}, {"1r45", "form 1"}, {"+1", "form 1"}, {"-1", "form 1"},
		{"1-", "form 1"}, {"1,2x", "form 2"}, {"!", "form 1"}, {"!r90", "form 1"}, {"99999999999", "form 1"}, {"1rr90", "form 1"},
		{"8", "page 1"}, {"0", "page 1"}, {"1,6-8", "page 2"}, {"!9", "page 1"},
		{"!2r90", "turn 1"},
		{"!1-last", "none 0"}, {"3,!3", "none 0"},
		{"1-7,1-7,1-7", "page 3"}, // more than is allowed in all
	} {
		if got := read(row.written); got != row.want {
			t.Errorf("%q: %s, want %s", row.written, got, row.want)
		}
	}
	if got, err := (arrange.Selection{}).Of(2, 20); err != nil || len(got) != 2 {
		t.Errorf("nothing said: %v %v", got, err)
	}
}

func read(written string) string {
	sel, err := arrange.Parse(written)
	var picks []arrange.Pick
	if err == nil {
		picks, err = sel.Of(7, 20)
	}
	var wrong *arrange.SelectionError
	if errors.As(err, &wrong) {
		if wrong.In("vi") == wrong.In("en") || wrong.Item != "" && !strings.Contains(wrong.In("vi"), wrong.Item) {
			return "an error that says nothing: " + wrong.In("vi")
		}
		return fmt.Sprint(wrong.Code, " ", wrong.Place)
	}
	var all []string
	for _, p := range picks {
		s := fmt.Sprint(p.Page)
		if p.Turn > 0 {
			s += fmt.Sprint("r", p.Turn)
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestParts(t *testing.T) {
	for _, row := range []struct{ cuts, want string }{
		{"3,5", "[[1 3] [4 5] [6 7]]"}, {"1", "[[1 1] [2 7]]"}, {"6", "[[1 6] [7 7]]"},
		{"7", "page 1"}, {"0", "page 1"}, {"3,3", "page 2"}, {"5,3", "page 2"}, {"x", "form 1"}, {"", "form 1"},
	} {
		parts, err := arrange.Parts(row.cuts, 7)
		got := fmt.Sprint(parts)
		var wrong *arrange.SelectionError
		if errors.As(err, &wrong) {
			got = fmt.Sprint(wrong.Code, " ", wrong.Place)
		}
		if got != row.want {
			t.Errorf("%q: %s, want %s", row.cuts, got, row.want)
		}
	}
}
