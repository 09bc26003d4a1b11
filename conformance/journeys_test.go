//go:build conformance

package conformance

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// TestJourneys has officer, clerk, auditor and manager do their work at the real service in
// a real browser: see journeys.mjs.
func TestJourneys(t *testing.T) {
	t.Parallel()
	modules, dir := playwright(t), t.TempDir()
	data := demonstrated(t)
	token := colleague(t, data)
	base, who := served(t, data)
	b, err := json.Marshal(who)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "logins", b)
	seen := map[string]json.RawMessage{}
	for line := range strings.Lines(said(t, ".", "node", "journeys.mjs", base, modules, filepath.Join(dir, "logins"), paperOf(t, dir), token)) {
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
	var overtaken struct {
		Status int
		Words  string
		Stands bool
	}
	var audited struct {
		Verdicts, Acts []string
		Proved, Zip    string
	}
	var counted struct{ Count, Behind, Wide int }
	for step, into := range map[string]any{"mark": &mark, "overtaken": &overtaken, "audited": &audited, "counted": &counted} {
		if err := json.Unmarshal(seen[step], into); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if kept := string(seen["kept"]); kept != `{"anew":true,"open":true,"focus":true}` {
		t.Errorf("of the desk, brought up to date: %s", kept)
	}
	if b := mark.Box; len(b) != 4 || b[0] < 0 || b[1] < 0 || b[2] <= 0 || b[3] <= 0 || b[0]+b[2] > 1 || b[1]+b[3] > .5 {
		t.Errorf("the mark is to stand at %v", b)
	}
	if overtaken.Status != 409 || !strings.Contains(overtaken.Words, "vừa thay đổi") || !overtaken.Stands {
		t.Errorf("who was overtaken: %+v", overtaken)
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

// colleague is the token of a session of another person at the counter of the
// demonstrated province.
func colleague(t *testing.T, data string) string {
	t.Helper()
	db, must := rowsOf(t, data)
	defer db.Close()
	person := dossier.Person{ID: "p-colleague", Login: "dongnghiep", Name: "Tô Thị Cúc", Role: dossier.Counter, Agency: "H99", Demo: true}
	must(db.PutPerson(t.Context(), person, ""))
	now := time.Now()
	must(db.AddSession(t.Context(), digest.Of([]byte("of-a-colleague")), account.Session{Person: person.ID, Browser: "Chrome/Linux", Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}))
	return "of-a-colleague"
}
