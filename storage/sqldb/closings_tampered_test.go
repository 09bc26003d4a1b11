package sqldb

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sohoa/dossier/figures/closing"
)

// What is changed past the program is named, and nothing is closed over it.
func TestClosingNamesTampering(t *testing.T) {
	for name, x := range map[string]struct {
		do, what string
		same     bool // the bytes are: the ledger says what was
	}{
		"a channel":             {"UPDATE dossiers SET channel = 'post' WHERE code = $1", "channel", false},
		"an agency":             {"UPDATE dossiers SET receiving = 'H60.13' WHERE code = $1", "receiving", false},
		"an appointment":        {"UPDATE dossiers SET due = received WHERE code = $1", "due", false},
		"a reception":           {"UPDATE dossiers SET received = received - 3000000000 WHERE code = $1", "received", true},
		"a resolution":          {"UPDATE dossiers SET resolved = received WHERE code = $1", "resolved", true},
		"an archived paper":     {"UPDATE documents SET state = 'sealed' WHERE dossier = $1 AND state = 'archived'", "document", true},
		"a paper that was not":  {"UPDATE documents SET state = 'archived' WHERE dossier = $1", "", true},
		"a paper used again":    {"INSERT INTO reuses (dossier, slot, entry) SELECT CAST($1 AS TEXT), 'T3', id FROM entries WHERE dossier = $1", "paper used again for T3", true},
		"a decision":            {"INSERT INTO events (id, dossier, act, who, at, slot, entry, amount) VALUES ('x', $1, 'decided', 'friend', 1, 'T2', 'secret', 0)", "decision on T2", true},
		"a resolution in error": {"UPDATE dossiers SET resolved = NULL WHERE code = $1", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedgered(t)
			code := l.worked(3)
			l.over()
			l.close(november)
			_, err := l.write.ExecContext(l.ctx, x.do, string(code))
			l.must(err)
			v, err := l.books.Recompute(l.ctx, november, 0)
			l.must(err)
			if x.what == "" { // nothing was there to change
				if !v.Same || len(v.Differs) > 0 {
					t.Errorf("%+v", v)
				}
				return
			}
			if v.Same != x.same || !slices.ContainsFunc(v.Differs, func(d closing.Difference) bool { return d.Dossier == code && strings.HasPrefix(d.What, x.what) }) {
				t.Errorf("same %v: %v", v.Same, v.Differs)
			}
			var unsound *closing.Unsound
			if _, err := l.books.Correct(l.ctx, november, "why", "chief"); x.same != errors.As(err, &unsound) {
				if name != "a reception" { // its row lies in another month now: only who knows it looks at it
					t.Errorf("corrected over it: %v", err)
				}
			}
		})
	}
}

// Events and the row of a closing that are changed past the triggers are found.
func TestClosingOverChangedLog(t *testing.T) {
	for name, x := range map[string]struct{ do, what, audit string }{
		"an event": {`UPDATE log_events SET event = replace(event, '"who":"counter', '"who":"country') WHERE place = 0`, "event 0", "changed"},
		"events are cut off": {`DELETE FROM log_events WHERE place > 20; DELETE FROM log_tiles; UPDATE log_head SET size = 20`,
			"events in the ledger", "tile"},
		"who closed":           {`UPDATE closings SET who = 'other'`, "", "row-changed"},
		"up to where":          {`UPDATE closings SET counted = counted - 1`, "events counted", "row-changed"},
		"the closing is gone":  {`INSERT INTO closings SELECT 'x', period, 2, digest, facts, counted, who, at, demo FROM closings; DELETE FROM closings WHERE version = 1; UPDATE closings SET version = 1`, "", "row-removed"},
		"a closing without it": {`INSERT INTO closings SELECT 'x', '2026-12', 1, digest, facts, counted, who, at, demo FROM closings`, "", "row-inserted"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedgered(t)
			l.worked(3)
			l.over()
			l.close(november)
			_, err := l.NumberEvents(l.ctx)
			l.must(err)
			l.sql(strings.Split(x.do, "; ")...)
			v, err := l.books.Recompute(l.ctx, november, 0)
			l.must(err)
			if x.what != "" && !slices.ContainsFunc(v.Differs, func(d closing.Difference) bool { return strings.HasPrefix(d.What, x.what) }) {
				t.Errorf("counted again: %v", v.Differs)
			}
			if found := l.Audited(); !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, x.audit+":") }) {
				t.Errorf("audit: %v", found)
			}
		})
	}
}
