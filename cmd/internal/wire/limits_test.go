package wire

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/scan"
	"sohoa/specimen/hostile"
)

// env is an environment of one variable.
func env(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

func TestLimitsAreRead(t *testing.T) {
	if l, err := readLimits(env("", "")); err != nil || l != (scan.Limits{}).OrDefault() || l != Limits {
		t.Errorf("nothing set: %+v, %v", l, err)
	}
	for _, c := range Caps() {
		l, err := readLimits(env(c.Name, "9"))
		if c.Least > 9 {
			if err == nil || !strings.Contains(err.Error(), c.Name) {
				t.Errorf("%s=9: %v", c.Name, err)
			}
			continue
		}
		if err != nil || c.field(&l).get() != 9*c.unit {
			t.Errorf("%s=9: %d, %v", c.Name, c.field(&l).get(), err)
		}
		if d := c.Default(); d < c.Least || d > c.Most || c.VI == "" || c.EN == "" {
			t.Errorf("%s: a default of %d %s", c.Name, d, c.Unit)
		}
		for _, wrong := range []string{"0", "-1", "many", "1e9", "999999999999999999999"} {
			if _, err := readLimits(env(c.Name, wrong)); err == nil {
				t.Errorf("%s=%s was taken", c.Name, wrong)
			}
		}
	}
}

// Every cap is written down for those who set it.
func TestLimitsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Caps() {
		if !strings.Contains(string(b), "`"+c.Name+"`") || !strings.Contains(string(b), c.EN) {
			t.Errorf("docs/security.md does not tell of %s (%s)", c.Name, c.EN)
		}
	}
}

// What is over a cap is refused with its code and with what to do; the same
// file is not, or for another reason, where the cap is as by default.
func TestOverEachLimit(t *testing.T) {
	for _, row := range []struct {
		cap, value, kind string
		variant          int
	}{
		{"SOHOA_LIMIT_PIXELS", "1", "tiff-overlap", 3}, // 13 million
		{"SOHOA_LIMIT_PAGES", "500", "tiff-pages", 0},
		{"SOHOA_LIMIT_BYTES", "1", "runlength-bomb", 3},
		{"SOHOA_LIMIT_OBJECTS", "1000", "pages-deep", 1},
		{"SOHOA_LIMIT_DEPTH", "8", "dicts-deep", 0},
		{"SOHOA_LIMIT_EXPAND", "1", "flate-bomb", 0},
		{"SOHOA_LIMIT_EXPAND_ALL", "300", "flate-many", 0},
		{"SOHOA_LIMIT_MEMORY", "256", "png-full", 2},
		{"SOHOA_LIMIT_SECONDS", "1", "forms-billion", 3},
	} {
		var c Cap
		for _, x := range Caps() {
			if x.Name == row.cap {
				c = x
			}
		}
		t.Run(row.cap, func(t *testing.T) {
			t.Parallel()
			l, err := readLimits(env(row.cap, row.value))
			if err != nil {
				t.Fatal(err)
			}
			f := hostile.Of(row.kind, 1, row.variant)
			path := filepath.Join(t.TempDir(), f.Name)
			if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = sniff.Inspect(t.Context(), path, l)
			var r *jail.Refusal
			if !errors.As(err, &r) || r.Code != c.code || !strings.Contains(r.Text, ";") {
				t.Errorf("%s, %s=%s: %v", f.Name, row.cap, row.value, err)
			}
		})
	}
}
