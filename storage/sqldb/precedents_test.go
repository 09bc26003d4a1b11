package sqldb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/precedent"
)

// Of what people confirmed the newest papers of the agency and kind come, at most as
// many as are counted; not the paper itself, nor one that was refused or disposed of.
func TestConfirmed(t *testing.T) {
	h := newHouse(t)
	confirmed := func(n int, slot dossier.SlotCode, demo bool) dossier.Document {
		do, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.someone(map[bool]string{false: "008199012345", true: "008199054321"}[demo], demo), Demo: demo}, "counter")
		h.must(err)
		d := h.to(h.add(do.Code, slot), dossier.Extracted)
		h.clock.move(time.Minute)
		d, err = h.Advance(h.ctx, d, dossier.Change{Act: dossier.Confirm, By: dossier.Counter, Who: "counter",
			Fields: []dossier.Field{{Name: dossier.FieldTitle, Value: fmt.Sprint(n)}}})
		h.must(err)
		return d
	}
	titles := func(agency dossier.AgencyCode, d dossier.Document) (got []string) {
		papers, err := h.Confirmed(h.ctx, agency, d)
		h.must(err)
		for _, p := range papers {
			if p.Holder != h.holder {
				t.Errorf("a paper of %s", p.Holder)
			}
			got = append(got, p.Fields[0].Value)
		}
		return got
	}
	var list []dossier.Document
	for n := range 5 {
		list = append(list, confirmed(n, "T1", false))
	}
	for i, d := range list {
		h.run(fmt.Sprintf("UPDATE documents SET received = %d WHERE id = '%s'", 1000+i, d.ID))
	}
	confirmed(8, "T1", true)
	confirmed(9, "T2", false) // another kind
	if got := titles("H60.12", list[2]); !slices.Equal(got, []string{"4", "3", "1", "0"}) {
		t.Errorf("confirmed: %v", got)
	}
	if got := titles("H60.13", list[2]); len(got) > 0 {
		t.Errorf("of another agency: %v", got)
	}
	h.run(fmt.Sprintf("UPDATE documents SET state = 'refused' WHERE id = '%s'", list[4].ID))
	if got := titles("H60.12", list[2]); !slices.Equal(got, []string{"3", "1", "0"}) {
		t.Errorf("without the refused one: %v", got)
	}
}

// However many papers an agency has, those that are counted are walked to in the
// index, and nothing is sorted.
func TestConfirmedIndex(t *testing.T) {
	h := newHouse(t)
	query := confirmedQuery
	for i, value := range []string{"'H60.12'", "'K'", "'x'", "0", fmt.Sprint(precedent.Window)} {
		query = strings.ReplaceAll(query, fmt.Sprintf("$%d", i+1), value)
	}
	explain := "EXPLAIN QUERY PLAN "
	scan := func(r row) (s string, err error) {
		var a, b, c int
		err = r.Scan(&a, &b, &c, &s)
		return s, err
	}
	if h.address != "" {
		explain, scan = "EXPLAIN ", single[string]
		_, err := h.write.ExecContext(h.ctx, "SET enable_seqscan = off; SET enable_bitmapscan = off")
		h.must(err)
	}
	plan, err := all(h.ctx, h.write, scan, explain+query)
	h.must(err)
	told := strings.Join(plan, "\n")
	if !strings.Contains(told, "documents_confirmed") || strings.Contains(told, "SORT") || strings.Contains(told, "B-TREE") || strings.Contains(told, "Sort") {
		t.Errorf("not walked to:\n%s", told)
	}
}
