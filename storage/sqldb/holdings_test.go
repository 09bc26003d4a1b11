package sqldb

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
)

// A file is on the list of both stores when a row names it, and off it with the
// last row that does.
func TestHoldingsFollowTheRows(t *testing.T) {
	h := newHouse(t)
	d := h.in(dossier.Archived)
	later := h.now().Add(time.Hour)
	kept, err := h.Holdings(h.ctx, fixity.Main, later, 0)
	h.must(err)
	owed, err := h.Holdings(h.ctx, fixity.Second, later, 0, fixity.Owed)
	h.must(err)
	want := map[digest.Digest]bool{}
	for _, sum := range d.Parts {
		want[sum] = true
	}
	for name, list := range map[string][]fixity.Holding{"main": kept, "second": owed} {
		got := map[digest.Digest]bool{}
		for _, x := range list {
			got[x.Digest] = true
		}
		for sum := range want {
			if !got[sum] {
				t.Errorf("%s: %s is not on the list of %d", name, sum, len(list))
			}
		}
	}
	if none, err := h.Holdings(h.ctx, fixity.Second, later, 0); err != nil || len(none) > 0 {
		t.Errorf("owed files are looked at: %v, %v", none, err)
	}
	x := owed[0]
	x.State, x.Size, x.Seen = fixity.Damaged, 5, later
	h.must(h.Saw(h.ctx, map[fixity.Holding][]fixity.Finding{x: {{At: later, Store: x.Store, Digest: x.Digest, What: fixity.FoundDamaged, Who: "w"}},
		{Store: fixity.Main, Digest: digest.Of([]byte("nobody's"))}: {{At: later, Store: fixity.Main, What: fixity.FoundMissing, Who: "w"}}}))
	found, err := h.Findings(h.ctx, 9)
	if err != nil || len(found) != 1 || found[0].Digest != x.Digest {
		t.Errorf("findings of what no row names, or none: %v, %v", found, err)
	}
	if bad, err := h.Holdings(h.ctx, fixity.Second, later.Add(time.Hour), 9, fixity.Damaged); err != nil || len(bad) != 1 || bad[0] != x {
		t.Errorf("%+v, %v", bad, err)
	}
	for _, statement := range []string{"UPDATE findings SET who = 'x'", "DELETE FROM findings", "INSERT OR REPLACE INTO findings SELECT * FROM findings"} {
		if _, err := h.write.ExecContext(h.ctx, statement); err == nil {
			t.Errorf("%s: taken", statement)
		}
	}
}

// The queries of the keeper go by an index, however large the archive is.
func TestHoldingsAreFoundByIndex(t *testing.T) {
	h := newHouse(t)
	if h.address != "" {
		t.Skip("PostgreSQL plans by the size of a table, and these are empty")
	}
	for _, q := range []string{
		"SELECT 1 FROM holdings WHERE store = 'main' AND seen < 5 AND state <> 'owed' ORDER BY seen LIMIT 100",
		"SELECT 1 FROM holdings WHERE store = 'second' AND seen < 5 AND state <> '' AND (state IN ('owed')) AND state <> 'kept' ORDER BY seen LIMIT 100",
	} {
		plan, err := all(h.ctx, h.read, func(r row) (s string, err error) {
			var a, b, c int
			return s, r.Scan(&a, &b, &c, &s)
		}, "EXPLAIN QUERY PLAN "+q)
		if err != nil || !slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, "USING") && strings.Contains(s, "INDEX holdings_") }) ||
			slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, "TEMP B-TREE") }) {
			t.Errorf("%s: %v, %v", q, plan, err)
		}
	}
}

// A table with a column for digests of files is one of those in which a name is
// looked for before a file is an orphan, or says here why not.
func TestEveryDigestIsAName(t *testing.T) {
	h := newHouse(t)
	others := map[string]string{
		"holdings.digest": "says how a file is, and goes with its last name",
		"orphans.digest":  "files without a name",
		"walks.blobs":     "a count",
		"findings.digest": "what was found, also of files that are gone",

		"named_files.digest":    "is the view of all names",
		"disposed_bytes.digest": "has to leave a store",
	}
	asked := `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND (column_name LIKE '%digest%' OR column_name LIKE '%blob%' OR column_name LIKE '%sha256%')`
	if h.address == "" {
		asked = `SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND (c.name LIKE '%digest%' OR c.name LIKE '%blob%' OR c.name LIKE '%sha256%')`
	}
	columns, err := all(h.ctx, h.read, single[string], asked)
	h.must(err)
	for _, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		if _, said := others[c]; !said && !slices.Contains(naming[:], [2]string{table, column}) {
			t.Errorf("%s may name files: it belongs into naming, or here with the reason why not", c)
		}
	}
	if len(columns) < len(others)+1 { // names of checkpoints are called sum and stamp
		t.Errorf("only %v were looked at", columns)
	}
}
