//go:build conformance

package conformance

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"sohoa/dossier/batch"
	"sohoa/specimen"
)

// TestBordersInABrowser has a real browser move the border between two papers of a batch:
// set and taken by a key, dragged to another side with whose paper begins there, and kept
// when it is saved. A letter that is typed into a field sets none.
func TestBordersInABrowser(t *testing.T) {
	t.Parallel()
	modules, data, dir := playwright(t), t.TempDir(), t.TempDir()
	_, ids := seeded(t, data)
	token := seated(t, data)
	code := regexp.MustCompile(`"path.code" = "([^"]+)"`).FindStringSubmatch(ids)[1]
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	sheets := press.Paper(specimen.Letter, 3, specimen.About{}).Only(0)
	for i, kind := range []specimen.Kind{specimen.Notice, specimen.Decision, specimen.Contract} {
		sheets.Pages = append(sheets.Pages, press.Paper(kind, uint64(4+i), specimen.About{}).Only(0).Pages...)
	}
	stack, err := sheets.File(specimen.PDF, 100, specimen.Clean(), 3)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "stack.pdf", stack.Bytes)
	l := &lit{t: t, data: data, addr: free(t)}
	l.start()
	defer func() { l.kill() }()
	out, err := exec.Command("node", "borders.mjs", "http://"+l.addr, modules, token, code, filepath.Join(dir, "stack.pdf")).CombinedOutput()
	var s struct {
		Said   map[string]string
		Errors []string
		Batch  batch.ID
	}
	if err != nil || json.Unmarshal(out, &s) != nil || len(s.Errors) > 0 {
		t.Fatalf("%v %s", err, out)
	}
	here := "||" + code + "TP01"
	for name, want := range map[string]string{"proposed": "|| .. .. ..", "set": "|| || .. ..", "taken": "|| .. .. ..", "other": "|| .. .. ..", "typed": "|| " + here + "b .. ..",
		"dragged": "|| .. " + here + " ..", "itself": "|| .. " + here + " ..", "order": "1234", "saved": "|| .. " + here + " .."} {
		if s.Said[name] != want {
			t.Errorf("%s: %q, not %q", name, s.Said[name], want)
		}
	}
	db, must := rowsOf(t, data)
	defer db.Close()
	b, err := db.PaperBatch(t.Context(), s.Batch, nil)
	must(err)
	for i, side := range b.Sides {
		if side.Starts != (i == 0 || i == 2) || i == 2 && (string(side.Dossier) != code || side.Slot != "TP01") {
			t.Errorf("side %d: %+v", i+1, side)
		}
	}
}
