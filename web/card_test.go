package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// A card's code fills the form in and opens nothing; a code that is none fills
// nothing in; what is odd about a card must have been looked at. The code itself is
// nowhere on the page.
func TestCardFillsTheForm(t *testing.T) {
	h := newHouse(t)
	counter := h.as("p-counter")
	const card = "001090012345|012345678|Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"
	odd := strings.Replace(card, "001090", "777090", 1)
	for _, row := range []struct {
		name   string
		form   url.Values
		status int
		has    []string
		not    []string
	}{
		{"the holder's", url.Values{"card": {card}, "do": {"card"}}, 200, []string{`name="holder_number" value="001090012345"`, `value="Nguyễn Văn An"`}, []string{"Xã An Bình", "card_seen"}},
		{"the applicant's", url.Values{"card": {card}, "card_of": {"applicant"}, "holder_number": {"001199054321"}}, 200,
			[]string{`name="applicant_number" value="001090012345"`, `name="holder_number" value="001199054321"`}, nil},
		{"shifted", url.Values{"card": {"|" + card}, "holder_name": {"Lê Thị B"}}, 422, []string{`value="Lê Thị B"`}, []string{"001090012345"}},
		{"another sex", url.Values{"card": {strings.Replace(card, "Nam", "Nữ", 1)}}, 422, nil, []string{"001090012345"}},
		{"hostile", url.Values{"card": {"<script>alert(1)</script>|'--|" + strings.Repeat("|", 900)}}, 422, nil, []string{"alert(1)"}},
		{"odd", url.Values{"card": {odd}}, 200, []string{`value="777090012345"`, `name="card_seen"`, `name="card_odd" value="place"`}, nil},
		{"odd and not looked at", url.Values{"card_odd": {"place"}, "holder_number": {"777090012345"}, "holder_name": {"Nguyễn Văn An"}}, 422, []string{"card_seen"}, nil},
	} {
		row.form.Set("channel", "direct")
		a := counter.post("/dossiers", row.form)
		status, body := a.status, a.body
		if status != row.status {
			t.Errorf("%s: status %d, want %d", row.name, status, row.status)
		}
		for _, want := range row.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %s is not on the page", row.name, want)
			}
		}
		for _, no := range row.not {
			if strings.Contains(body, no) {
				t.Errorf("%s: %s is on the page", row.name, no)
			}
		}
	}
}
