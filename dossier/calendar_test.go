package dossier

import (
	"testing"
	"time"
)

func TestCalendar(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", s+" 09:30", VietNam)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	made := Calendar{ // a year of its own: no calendar that was
		{Day: "2026-02-16", Name: "Tết"}, {Day: "2026-02-17", Name: "Tết"}, {Day: "2026-02-18", Name: "Tết"},
		{Day: "2026-08-31", Name: "hoán đổi", Since: "2026-03-01"}, {Day: "2026-08-22", Working: true, Name: "làm bù", Since: "2026-03-01"},
		{Day: "2026-08-31", Working: true, Name: "hoãn", Since: "2026-08-20"},
		{Day: "2026-01-01", Working: true, Name: "trực"},
	}
	for _, row := range []struct {
		name, from string
		days       int
		want       string
		c          Calendar
	}{
		{"over a weekend", "2026-11-20", 1, "2026-11-23", nil},
		{"three days", "2026-11-20", 3, "2026-11-25", nil},
		{"none", "2026-11-20", 0, "2026-11-20", nil},
		{"30/4 and 1/5", "2026-04-29", 1, "2026-05-04", nil},
		{"2/9 within the week", "2026-09-01", 1, "2026-09-03", nil},
		{"1/1 on a Saturday: the Monday is off", "2027-12-31", 1, "2028-01-04", nil},
		{"30/4 and 1/5 on a weekend: two days are off", "2022-04-29", 1, "2022-05-04", nil},
		{"a holiday that is data", "2026-02-13", 1, "2026-02-19", made},
		{"made up for on a Saturday", "2026-08-21", 1, "2026-08-22", Calendar{made[4]}},
		{"off by exchange", "2026-08-19", 9, "2026-08-29", Calendar{made[3], made[4], {Day: "2026-08-29", Working: true}}},
		{"not known yet on that day", "2026-02-27", 129, "2026-08-31", Calendar{made[3]}},
		{"known on that day", "2026-03-02", 128, "2026-09-01", Calendar{made[3]}},
		{"taken back later", "2026-08-28", 1, "2026-08-31", made},
		{"worked on a solar holiday", "2025-12-31", 1, "2026-01-01", made},
	} {
		got := row.c.After(at(row.from), row.days)
		if got.Format(time.DateOnly) != row.want || got.Hour() != 17 {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	var off Calendar
	for d := at("2026-01-01"); d.Year() < 2028; d = d.AddDate(0, 0, 1) {
		off = append(off, CalendarDay{Day: d.Format(time.DateOnly)})
	}
	if got := off.After(at("2026-01-01"), 5); got.Year() > 2027 {
		t.Error("a calendar of holidays alone does not end", got)
	}
}
