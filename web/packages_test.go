package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/web"
)

// packer makes a package of a few bytes; the real one is joined to the pages in
// the end-to-end tests.
type packer struct {
	h      *house
	fails  error
	breaks bool
	done   int
	asked  string
}

func (p *packer) pack(_ context.Context, kind string, d dossier.DocumentID, code dossier.Code) (web.Package, error) {
	p.asked = fmt.Sprint(kind, " ", d, " ", code)
	if kind != "audit" && kind != "dip" {
		return web.Package{}, dossier.ErrNotFound
	}
	note := dossier.Reading{Act: dossier.ReadExported, Document: d, Dossier: code, Part: dossier.Part("package-" + kind)}
	return web.Package{Name: kind + "-" + string(code), Notes: []dossier.Reading{note}, Done: func() { p.done++ },
		Write: func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "PK of "+kind)
			if p.breaks {
				err = errors.New("the disk fails")
			}
			return err
		}}, p.fails
}

// TestPackages has packages taken by those who may, each entered in the ledger
// before the first byte.
func TestPackages(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Archived)
	for _, who := range []dossier.PersonID{"p-clerk", "p-auditor", "p-admin"} {
		for path, asked := range map[string]string{
			"/documents/" + string(d.ID) + "/packages/audit":   "audit " + string(d.ID) + " " + string(d.Dossier),
			"/dossiers/" + string(d.Dossier) + "/packages/dip": "dip  " + string(d.Dossier),
		} {
			before := h.packer.done
			a := h.as(who).get(path)
			if a.status != 200 || !strings.HasPrefix(a.body, "PK of ") || h.packer.asked != asked || h.packer.done != before+1 {
				t.Errorf("%s, %s: %d %s, asked for %q", who, path, a.status, a.body, h.packer.asked)
			}
		}
	}
	for _, who := range []dossier.PersonID{"p-counter", "p-officer"} {
		if a := h.as(who).get("/documents/" + string(d.ID) + "/packages/audit"); a.status != 403 {
			t.Errorf("%s: %d", who, a.status)
		}
	}
	if a := h.as("p-auditor").get("/documents/" + string(d.ID) + "/packages/tar"); a.status != 404 {
		t.Errorf("a kind that is none: %d", a.status)
	}
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	log, err := h.db.LogOf(t.Context(), d.ID)
	must(t, err)
	exported := 0
	for _, e := range log {
		if e.Act == dossier.ReadExported && e.Part == "package-audit" && e.Who != "" && e.Purpose != "" {
			exported++
		}
	}
	if exported != 3 {
		t.Errorf("%d exports of the document are in the ledger, 3 were made", exported)
	}
	for _, path := range []string{"/documents/" + string(d.ID), "/dossiers/" + string(d.Dossier)} {
		if body := h.as("p-auditor").get(path).body; !strings.Contains(body, "/packages/aip\"") {
			t.Errorf("%s offers the auditor no package", path)
		}
		if body := h.as("p-counter").get(path).body; strings.Contains(body, "/packages/") {
			t.Errorf("%s offers the counter a package", path)
		}
	}
}

// TestPackagesThatAreNot shows what keeps one from being made, in words, and
// breaks off what cannot be ended.
func TestPackagesThatAreNot(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Archived)
	path := "/documents/" + string(d.ID) + "/packages/audit"
	for code, err := range map[string]error{
		"not-archived": fmt.Errorf("%w: doc", web.ErrNotArchived),
		"not-whole":    &web.NotWhole{Document: d.ID, Part: dossier.PartScan, Err: errors.New("gone")},
	} {
		h.packer.fails = err
		a := h.as("p-auditor").get(path)
		if words := web.Words()["error."+code]; a.status != 409 || !strings.Contains(a.body, words[0]) {
			t.Errorf("%s: %d", code, a.status)
		}
		if code == "not-whole" && !strings.Contains(a.body, string(d.ID)) {
			t.Error("the file that is not whole is not named")
		}
	}
	h.packer.fails = nil
	h.full = true
	if a := h.as("p-auditor").get(path); a.status != 500 || strings.HasPrefix(a.body, "PK") {
		t.Errorf("given without an entry in the ledger: %d %s", a.status, a.body)
	}
	h.full = false
	h.packer.breaks = true
	if r, err := h.as("p-auditor").c.Get(h.url + path); err == nil {
		if _, err = io.ReadAll(r.Body); err == nil {
			t.Error("half a package looks like a whole one")
		}
		must(t, r.Body.Close())
	}
}
