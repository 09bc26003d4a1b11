package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/search"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// library is a data directory with papers archived that say what it is told.
func library(t *testing.T, texts ...string) (data string, docs []dossier.DocumentID) {
	t.Helper()
	data = t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	db, err := sqldb.Open(ctx, filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	must(err)
	defer db.Close()
	blobs, err := fs.Open(filepath.Join(data, "blobs"))
	must(err)
	must(db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	must(db.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "1", Name: "Việc", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Name: "Đơn", Digitise: true}}}))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "Đặng Thị Bưởi"})
	must(err)
	for _, text := range texts {
		do, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1", Receiving: "H60", Holder: holder.ID, Channel: dossier.Direct}, "c")
		must(err)
		sum := digest.Of([]byte(text))
		must(blobs.Put(ctx, sum, int64(len(text)), strings.NewReader(text)))
		d, err := db.Add(ctx, dossier.Document{Dossier: do.Code, Slot: "T1", Media: "image/jpeg", Size: 1, Pages: 1, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(do.Code))}}, "c")
		must(err)
		for d.State != dossier.Archived {
			i := slices.IndexFunc(dossier.Moves(), func(m dossier.Move) bool { return m.From == d.State && m.Act != dossier.Refuse })
			m := dossier.Moves()[i]
			c := dossier.Change{Act: m.Act, By: m.By, Who: dossier.PersonID(m.By), Made: map[dossier.Part]digest.Digest{}}
			switch m.Act {
			case dossier.Recognise:
				c.Made[dossier.PartText] = sum
			case dossier.Confirm:
				c.Fields = []dossier.Field{{Name: dossier.FieldTitle, Value: "Tờ trình"}, {Name: dossier.FieldNumber, Value: "7/TTr-UBND"}, {Name: dossier.FieldIssued, Value: "2024-05-06"}}
			case dossier.Archive:
				c.Proof = &dossier.Proof{}
			}
			d, err = db.Advance(ctx, d, c)
			must(err)
		}
		docs = append(docs, d.ID)
	}
	return data, docs
}

// The index is made by a command, searched by another, and each look stands in
// the ledger by the name of who looked; a query leaves no trace.
func TestSearchCommand(t *testing.T) {
	data, docs := library(t, "giao đất tại Đà Nẵng \x1b[31m", "thu hồi đất, số 123/QĐ-UBND")
	ask := func(want int, args ...string) (p foundPage) {
		t.Helper()
		code, out, message := sohoa(t, append([]string{"search", "--data", data, "--json", "--who", "thanhtra"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, message)
		}
		if want == exitDone {
			if err := json.Unmarshal([]byte(out), &p); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
	if p := ask(exitDone, "da nang"); p.Waiting != 2 || len(p.Papers) > 0 {
		t.Errorf("before the index was made: %+v", p)
	}
	for range 2 {
		if code, out, message := sohoa(t, "search", "rebuild", "--data", data); code != exitDone || !strings.Contains(out, ": 2\n") {
			t.Fatalf("%d: %s%s", code, out, message)
		}
	}
	for _, row := range []struct {
		want []dossier.DocumentID
		args []string
	}{
		{docs[:1], []string{"da", "nang"}}, {docs[1:], []string{"123", "qd", "ubnd"}}, {nil, []string{"da nang", "--exact"}}, {docs[:1], []string{"Đà Nẵng", "--exact"}},
		{[]dossier.DocumentID{docs[1], docs[0]}, []string{"--holder", "buoi"}}, {docs[1:], []string{"dat", "--limit", "1"}},
		{nil, []string{"dat", "--from", "2024-05-07"}}, {docs[1:], []string{"thu hoi", "--number", "7", "--kind", "DON", "--agency", "H60"}},
	} {
		var got []dossier.DocumentID
		for _, x := range ask(exitDone, row.args...).Papers {
			got = append(got, x.Document)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%v finds %v, want %v", row.args, got, row.want)
		}
	}
	next := ask(exitDone, "dat", "--limit", "1").After
	if p := ask(exitDone, "dat", "--limit", "1", "--after", next); len(p.Papers) != 1 || p.Papers[0].Document != docs[0] || p.After != "" {
		t.Errorf("the second page: %+v", p)
	}
	for _, wrong := range [][]string{{}, {"!!"}, {"dat", "--after", "x"}, {"dat", "--limit", "500"}, {"dat", "--agency", "H1"}, {"dat", "--from", "gestern"}} {
		ask(exitUsage, wrong...)
	}
	if code, _, _ := sohoa(t, "search", "x", "--data", t.TempDir()); code != exitUsage {
		t.Errorf("without a house: %d", code)
	}
	var out bytes.Buffer
	if err := searchCommand(t.Context(), []string{"-", "--data", data}, func(string) string { return "" }, strings.NewReader("đà nẵng\n"), &out, &out); err != nil ||
		!strings.Contains(out.String(), string(docs[0])) || !strings.Contains(out.String(), "*Đà Nẵng*") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("from standard input: %v %s", err, &out)
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	size, err := db.NumberEvents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for place := range size {
		event, err := db.LogEvent(t.Context(), place)
		if err != nil || strings.Contains(event, "nang") || strings.Contains(event, "Bưởi") {
			t.Errorf("%v: %s", err, event)
		}
		if strings.Contains(event, `"act":"found"`) && strings.Contains(event, `"who":"thanhtra"`) {
			found++
		}
	}
	if found == 0 {
		t.Error("nobody looked, says the ledger")
	}
}

// foundAgain looks for every archived paper of the demonstration by a line that
// was read on it: the service's keeper made it findable by itself.
func foundAgain(t *testing.T, r *running, db *sqldb.DB) {
	archived, err := db.Documents(t.Context(), dossier.DocumentQuery{States: []dossier.State{dossier.Archived}})
	if err != nil || len(archived) == 0 {
		t.Fatalf("%d archived, %v", len(archived), err)
	}
	r.wait(time.Minute, func() bool { n, err := db.SearchWaiting(t.Context()); return err == nil && n == 0 })
	blobs, err := fs.Open(filepath.Join(r.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range archived {
		f, err := blobs.Open(t.Context(), d.Parts[dossier.PartText])
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		line := ""
		for l := range strings.Lines(string(text)) {
			if n := len(search.Words(l)); n > len(search.Words(line)) && n <= 8 {
				line = l
			}
		}
		line = strings.Join(search.Words(line), " ")
		code, out, message := sohoa(t, "search", "--data", r.data, "--json", "--limit", "50", `"`+line+`"`, string(d.Dossier))
		if code != exitDone || !strings.Contains(out, string(d.ID)) {
			t.Errorf("%s is not found by %q: %d %s", d.ID, line, code, message)
		}
	}
}
