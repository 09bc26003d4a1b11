package dossier

import (
	"testing"
	"time"
)

func TestCountingRules(t *testing.T) {
	for i, r := range countingRules {
		if r.Reason == "" || r.LeastConfidence < 0 || r.LeastConfidence > 100 || r.From.In(VietNam).Day() != 1 || i > 0 && !r.From.After(countingRules[i-1].From) {
			t.Errorf("%+v", r)
		}
	}
	if r := CountingAt(time.Date(2026, 10, 31, 23, 59, 59, 0, VietNam)); r.Twice || r.LeastConfidence != 0 {
		t.Errorf("before the first rule: %+v", r)
	}
	if r := CountingAt(time.Date(2026, 11, 1, 0, 0, 0, 0, VietNam)); !r.Twice || r.LeastConfidence == 0 {
		t.Errorf("on its day: %+v", r)
	}
}
