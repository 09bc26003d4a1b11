package feed

import (
	"encoding/json"
	"testing"

	"sohoa/dossier/figures"
	"sohoa/report"
	"sohoa/report/reporttest"
)

// The feed says what the closed month says under the portal's keys, nothing of
// the other family, and no zero for what is not collected.
func TestFeed(t *testing.T) {
	m := reporttest.Months(t, 4)[1]
	b, err := Of(m).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var f Feed
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	want := report.Family(m.Statement.Figures, figures.QD766)
	if len(f.Whole) != 7 || len(f.Whole) != len(want) || len(f.Agencies) != 4 || f.Statement != m.Closing.Statement.String() || f.Target != "unverified" {
		t.Errorf("%+v", f)
	}
	points := 0
	for i, x := range f.Whole {
		points += x.MaxPoints
		w := want[i]
		switch {
		case x.Key != w.Key || w.Told != (x.Numerator != nil) || w.Told != (x.Rate != nil):
			t.Errorf("%s: %+v, want %+v", w.Key, x, w)
		case w.Told && (*x.Numerator != w.Numerator || *x.Denominator != w.Denominator):
			t.Errorf("%s: %d/%d, want %d/%d", w.Key, *x.Numerator, *x.Denominator, w.Numerator, w.Denominator)
		}
	}
	if points != 22 {
		t.Errorf("the group has %d points, want 22", points)
	}
}
