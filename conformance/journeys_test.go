//go:build conformance

package conformance

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestJourneys has officer, clerk, auditor and manager do their work at the real service in
// a real browser: see journeys.mjs.
func TestJourneys(t *testing.T) {
	t.Parallel()
	modules, dir := playwright(t), t.TempDir()
	base, who := served(t, demonstrated(t))
	b, err := json.Marshal(who)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "logins", b)
	seen := map[string]json.RawMessage{}
	for line := range strings.Lines(said(t, ".", "node", "journeys.mjs", base, modules, filepath.Join(dir, "logins"), paperOf(t, dir))) {
		var s struct {
			Step string
			Seen json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		t.Log(strings.TrimSpace(line))
		if s.Step == "script" {
			t.Error(line)
		}
		seen[s.Step] = s.Seen
	}
	var mark struct{ Box []float64 }
	var audited struct {
		Verdicts, Acts []string
		Proved, Zip    string
	}
	var counted struct{ Count, Behind, Wide int }
	for step, into := range map[string]any{"mark": &mark, "audited": &audited, "counted": &counted} {
		if err := json.Unmarshal(seen[step], into); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if b := mark.Box; len(b) != 4 || b[0] < 0 || b[1] < 0 || b[2] <= 0 || b[3] <= 0 || b[0]+b[2] > 1 || b[1]+b[3] > .5 {
		t.Errorf("the mark is to stand at %v", b)
	}
	if string(seen["copy signed"]) != `"extracted"` || string(seen["sent back"]) != "true" || string(seen["archived"]) != `"archived"` {
		t.Errorf("signed: %s, sent back: %s, archived: %s", seen["copy signed"], seen["sent back"], seen["archived"])
	}
	if len(audited.Verdicts) < 2 || slices.ContainsFunc(audited.Verdicts, func(v string) bool { return v != "Hợp lệ" }) {
		t.Errorf("signatures: %q", audited.Verdicts)
	}
	if !strings.HasPrefix(audited.Proved, "c2sp.org/tlog-proof") || audited.Zip != "PK" {
		t.Errorf("proof %q, package %q", audited.Proved, audited.Zip)
	}
	for _, act := range audited.Acts { // a legal hold is an auditor's to put
		if !strings.HasSuffix(act, "/hold") && !strings.HasSuffix(act, "/lift") {
			t.Errorf("the auditor is offered %s", act)
		}
	}
	if counted.Count == 0 || counted.Count != counted.Behind || counted.Wide > 0 {
		t.Errorf("%+v", counted)
	}
}
