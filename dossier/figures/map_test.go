package figures

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
)

// By the old map and by the new one every figure has the same sums, and they are
// those of all.
func TestMapsSumUp(t *testing.T) {
	random := newRandom()
	p := Month(2026, time.May)
	moved := 0
	for range 300 {
		in := Input{Period: p, Collected: Synced | Store | Identified}
		for range random.IntN(60) {
			f := anyFact(random, p)
			f.Receiving = dossier.AgencyCode(fmt.Sprintf("H60.%d", random.IntN(9)))
			in.Facts = append(in.Facts, f)
		}
		merger := Map{}
		for old := range 9 {
			if random.IntN(2) == 0 {
				merger[dossier.AgencyCode(fmt.Sprintf("H60.%d", old))] = dossier.AgencyCode(fmt.Sprintf("H60.%d", old+random.IntN(3)))
			}
		}
		moved += len(in.By(nil)) - len(in.By(merger))
		for _, i := range At(p.From) {
			if i.Stands == nil {
				continue
			}
			want := i.Of(in).Rate
			for name, m := range map[string]Map{"old": nil, "new": merger} {
				var sum Rate
				for _, g := range in.By(m) {
					r := i.Of(g.Input).Rate
					sum.Numerator, sum.Denominator = sum.Numerator+r.Numerator, sum.Denominator+r.Denominator
				}
				if sum != want {
					t.Fatalf("%s by the %s map sums up to %+v, all are %+v", i.Key, name, sum, want)
				}
			}
		}
	}
	if moved < 300 {
		t.Errorf("only %d agencies were merged: the maps are too empty", moved)
	}
}

func TestReadMap(t *testing.T) {
	m, err := ReadMap(strings.NewReader("# 1/7/2025\nH60.1,H60.3\nH60.2, H60.3\nH60.3,H61\nH60.9,H60.9\n"))
	if err != nil {
		t.Fatal(err)
	}
	for old, want := range map[dossier.AgencyCode]dossier.AgencyCode{"H60.1": "H61", "H60.2": "H61", "H60.3": "H61", "H61": "H61", "H60.9": "H60.9", "H7": "H7"} {
		if got := m.Of(old); got != want {
			t.Errorf("%s went into %s, want %s", old, got, want)
		}
	}
	for _, bad := range []string{"H60.1", "H60.1,H60.2,H60.3", "H60.1,H60.2\nH60.1,H60.3", "H60.1,H60.2\nH60.2,H60.1", "a b,H60.1", ",H60", "H1,H2\nH2,H3\nH3,H1\nH4,H1"} {
		if m, err := ReadMap(strings.NewReader(bad)); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%q is read as %v, %v", bad, m, err)
		}
	}
}
