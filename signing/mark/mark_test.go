package mark

import (
	"strings"
	"testing"
	"time"
)

const tinos = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

func load(t *testing.T) *Font {
	t.Helper()
	f, err := Load(tinos)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestText(t *testing.T) {
	at := time.Date(2026, 11, 20, 18, 30, 5, 0, time.UTC)
	for _, c := range []struct {
		kind   Kind
		corner Corner
		words  Words
		want   string
	}{
		{CopyOfficer, TopLeft, Words{Name: "Nguye\u0302\u0303n Vi\u0303nh  Nghi\u0303a", At: at}, "Nguyễn Vĩnh Nghĩa|2026-11-21T01:30:05+07:00"},
		{CopyAgency, TopRight, Words{Name: "UBND xã {time}", At: at}, "SAO Y|UBND xã {time}|2026-11-21T01:30:05+07:00"},
		{CopyAgency, TopRight, Words{Form: "TRÍCH SAO", Name: "Sở Tư pháp", At: at}, "TRÍCH SAO|Sở Tư pháp|2026-11-21T01:30:05+07:00"},
	} {
		p, err := Of(c.kind, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Text(c.words), "|"); got != c.want || p.Corner != c.corner || p.Law == "" || p.Reason == "" {
			t.Errorf("%s: %q %+v", c.kind, got, p)
		}
	}
	if _, err := Of(CopyOfficer, time.Date(2023, 5, 24, 0, 0, 0, 0, Vietnam)); err == nil {
		t.Error("a mark before its law")
	}
	if _, err := Of("stamp", at); err == nil {
		t.Error("a mark nobody knows")
	}
}

func TestWrap(t *testing.T) {
	f := load(t)
	limit := float64(f.Width("Trung tâm Phục vụ"))
	rows := f.wrap("Trung tâm Phục vụ hành chính công "+strings.Repeat("ơ", 40), limit)
	for _, r := range rows {
		if float64(f.Width(r)) > limit || r == "" {
			t.Errorf("%q is too wide", r)
		}
	}
	if rows[0] != "Trung tâm Phục vụ" || strings.ReplaceAll(strings.Join(rows, ""), "ơ", "") != "Trung tâm Phục vụhành chính công" {
		t.Errorf("%q", rows)
	}
}
