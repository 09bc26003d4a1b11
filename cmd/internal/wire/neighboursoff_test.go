package wire

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sohoa/storage/sqldb/sqldbtest"
)

// Every neighbour is off until whoever runs the house names its address, and naming one
// switches no other on.
func TestNeighboursAreOff(t *testing.T) {
	db := sqldbtest.New(t, filepath.Join(t.TempDir(), "house.db"), time.Now)
	on := func(env map[string]string) (names []string) {
		t.Helper()
		h := &House{DB: db, Settings: Read(func(name string) string { return env[name] })}
		list, err := h.neighbours(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 7 {
			t.Fatalf("%d neighbours: one is new, and has to be off too", len(list))
		}
		for _, n := range list {
			if n.On {
				names = append(names, string(n.Exchange.Name))
			}
		}
		return names
	}
	if got := on(nil); len(got) > 0 {
		t.Errorf("without a setting: %q", got)
	}
	for setting, x := range map[string]struct{ value, name string }{
		"SOHOA_ZNS_APP": {"1", "zns"}, "SOHOA_SMTP": {"mail.gov.vn:587", "mail"}, "SOHOA_ONESTOP_URL": {"https://motcua.gov.vn", "onestop"}, "SOHOA_PROCEDURES_URL": {"https://csdl.gov.vn", "procedures"},
		"SOHOA_POPULATION_URL": {"https://dancu.gov.vn", "population"}, "SOHOA_NATIONAL_URL": {"https://dvc.gov.vn", "portal"}, "SOHOA_HOOK_HOSTS": {"motcua.gov.vn", "hooks"},
	} {
		if got := on(map[string]string{setting: x.value}); !slices.Equal(got, []string{x.name}) {
			t.Errorf("%s: %q", setting, got)
		}
	}
}
