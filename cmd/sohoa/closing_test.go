package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/storage/sqldb"
)

// monthOfWork makes a house in a directory, with three dossiers of March 2024.
func monthOfWork(t *testing.T, dir string) *sqldb.DB {
	t.Helper()
	march := time.Date(2024, 3, 5, 9, 0, 0, 0, dossier.VietNam)
	ctx := t.Context()
	db, err := sqldb.Open(ctx, filepath.Join(dir, "sohoa.db"), sqldb.Options{Now: func() time.Time { return march }})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { db.Close() })
	must(db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	must(db.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "1.1", Name: "Thủ tục", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DON", Name: "Đơn", Required: true, Digitise: true}}}))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	must(err)
	for range 3 {
		_, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1.1", Receiving: "H60", Holder: holder.ID, Channel: dossier.Online, Received: march}, "counter")
		must(err)
	}
	return db
}

// The commands close a month, correct it and count it again; what was changed
// past the program is named and ends with 16.
func TestFiguresClose(t *testing.T) {
	dir := t.TempDir()
	db := monthOfWork(t, dir)
	figures := func(want int, args ...string) string {
		t.Helper()
		code, out, message := sohoa(t, append(append([]string{"figures"}, args...), "--data", dir)...)
		if code != want {
			t.Errorf("figures %v ends with %d, want %d: %s%s", args, code, want, out, message)
		}
		return out + message
	}
	for _, wrong := range [][]string{{"close"}, {"close", "--month", "2024-13"}, {"close", "--month", "2999-01"}, {"--recompute"}, {"correct", "--month", "2024-03"},
		{"close", "--month", "2024-03", "--reason", "x"}, {"close", "--month", "2024-03", "--version", "1"}, {"--recompute", "--month", "2024-03"},
		{"correct", "--month", "2024-03", "--reason", "x"}, {"statement", "--month", "2024-03"}, {"close", "again", "--month", "2024-03"}} {
		figures(exitUsage, wrong...)
	}
	var lines []closingLine
	out := figures(exitDone, "close", "--month", "2024-03", "--json")
	if err := json.Unmarshal([]byte(out), &lines); err != nil || len(lines) != 1 || lines[0].Who != operator || lines[0].Version != 1 {
		t.Fatalf("%s: %v", out, err)
	}
	text := figures(exitDone, "statement", "--month", "2024-03")
	s, err := closing.Read([]byte(text))
	if err != nil || digest.Of([]byte(text)).String() != lines[0].Statement || s.Tally.Received != 3 || s.Rules != "2022-08-15" {
		t.Errorf("%+v, %v", s, err)
	}
	if said := figures(exitUsage, "close", "--month", "2024-03"); !strings.Contains(said, "closed already") {
		t.Error(said)
	}
	if said := figures(exitUsage, "close", "--month", "2024-05"); !strings.Contains(said, "2024-04") {
		t.Error(said)
	}
	if said := figures(exitDone, "--recompute", "--month", "2024-03"); !strings.Contains(said, "the same bytes") {
		t.Error(said)
	}
	d, err := db.Dossiers(t.Context(), dossier.DossierQuery{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Resolve(t.Context(), d[0].Code, time.Date(2024, 3, 20, 9, 0, 0, 0, dossier.VietNam), "officer"); err != nil {
		t.Fatal(err)
	}
	figures(exitDone, "--recompute", "--month", "2024-03")
	figures(exitDone, "correct", "--month", "2024-03", "--reason", "một hồ sơ nhập muộn")
	if said := figures(exitDone, "closed"); strings.Count(said, "2024-03") != 2 {
		t.Error(said)
	}
	figures(exitDone, "--recompute", "--month", "2024-03", "--version", "1", "--json")
	if said := figures(exitDone, "statement", "--month", "2024-03"); !strings.Contains(said, `"resolved":1`) || !strings.Contains(said, "một hồ sơ nhập muộn") {
		t.Error(said)
	}
	tamper(t, dir, "UPDATE dossiers SET channel = 'direct' WHERE code = '"+string(d[0].Code)+"'")
	if said := figures(exitUnsound, "--recompute", "--month", "2024-03"); !strings.Contains(said, string(d[0].Code)+": channel: was \"online\", is \"direct\"") ||
		!strings.Contains(said, "statement.figures.online.numerator: was 3, is 2") {
		t.Error(said)
	}
	tamper(t, dir, "UPDATE dossiers SET resolved = resolved + 1")
	if said := figures(exitUnsound, "correct", "--month", "2024-03", "--reason", "x"); !strings.Contains(said, "audit verify") {
		t.Error(said)
	}
}

// Before and after a merger the sums are the same.
func TestFiguresByAgency(t *testing.T) {
	dir := t.TempDir()
	db := monthOfWork(t, dir)
	ctx := t.Context()
	holder, err := db.FindHolder(ctx, "008199012345")
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range []dossier.AgencyCode{"H60.1", "H60.2", "H60.2"} {
		if err := db.PutAgency(ctx, dossier.Agency{Code: code, Name: "Xã", Tier: dossier.Commune}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1.1", Receiving: code, Holder: holder.ID, Channel: []dossier.Channel{dossier.Online, dossier.Direct}[i%2],
			Received: time.Date(2024, 3, 9, 9, 0, 0, 0, dossier.VietNam)}, "counter"); err != nil {
			t.Fatal(err)
		}
	}
	merger := filepath.Join(dir, "merger.csv")
	if err := os.WriteFile(merger, []byte("# NQ 1/7/2025\nH60.1,H60.7\nH60.2,H60.7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	online := func(args ...string) string {
		t.Helper()
		code, out, message := sohoa(t, append([]string{"figures", "--from", "2024-03-01", "--to", "2024-03-31", "--format", "json", "--by", "agency", "--data", dir}, args...)...)
		if code != exitDone {
			t.Fatal(message)
		}
		var lines []agencyLine
		if err := json.Unmarshal([]byte(out), &lines); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, l := range lines {
			if l.Key == "online" {
				said += fmt.Sprintf("%s %d/%d ", l.Agency, l.Numerator, l.Denominator)
			}
			if l.Key == "full-service" {
				t.Error("procedures are told by agency")
			}
		}
		return said
	}
	if got := online(); got != "H60 3/3 H60.1 1/1 H60.2 1/2 " {
		t.Error(got)
	}
	if got := online("--map", merger); got != "H60 3/3 H60.7 2/3 " {
		t.Error(got)
	}
	ask := func(args ...string) string {
		t.Helper()
		code, out, message := sohoa(t, append([]string{"figures", "--from", "2024-03-01", "--to", "2024-03-31", "--data", dir}, args...)...)
		if code != exitDone {
			t.Fatal(message)
		}
		return out
	}
	opened := 0
	for _, by := range [][]string{{"--by", "agency"}, {"--by", "agency", "--map", merger}, {"--by", "procedure"}, {"--by", "officer"}, {"--agency", "H60.2"}} {
		var lines []agencyLine
		if err := json.Unmarshal([]byte(ask(append(by, "--format", "json")...)), &lines); err != nil {
			t.Fatal(err)
		}
		for _, l := range lines { // what is listed by its command is what was counted
			if !l.Told || l.Key == "full-service" {
				continue
			}
			opened++
			code, out, message := sohoa(t, append(strings.Fields(l.Dossiers)[1:], "--format", "json", "--data", dir)...)
			var facts []factLine
			if err := json.Unmarshal([]byte(out), &facts); code != exitDone || err != nil {
				t.Fatalf("%s: %s %v", l.Dossiers, message, err)
			}
			var r figures.Rate
			for _, f := range facts {
				r.Add(f.Stands)
			}
			if r != (figures.Rate{Numerator: l.Numerator, Denominator: l.Denominator}) {
				t.Errorf("%s lists %+v, counted were %d/%d", l.Dossiers, r, l.Numerator, l.Denominator)
			}
		}
	}
	if opened < 20 {
		t.Errorf("only %d numbers were opened", opened)
	}
	if out := ask("--dossiers", "full-service"); !strings.Contains(out, "1.1") {
		t.Errorf("the procedures behind a figure: %s", out)
	}
	if out := ask("--dossiers", "received", "--agency", "H60.7", "--map", merger, "--format", "csv"); strings.Count(out, "counts") != 3 {
		t.Errorf("what was received by the new map: %s", out)
	}
	if out := ask(); strings.Contains(out, "sohoa figures --from") {
		t.Errorf("a table shows commands: %s", out)
	}
	for _, wrong := range [][]string{{"--by", "week"}, {"--by", "officer", "--map", merger}, {"--map", merger}, {"--by", "agency", "--map", merger + "x"}, {"--by", "agency", "--dossiers", "online"}} {
		if code, _, _ := sohoa(t, append([]string{"figures", "--from", "2024-03-01", "--to", "2024-03-31", "--data", dir}, wrong...)...); code != exitUsage {
			t.Errorf("%v ends with %d", wrong, code)
		}
	}
}

// tamper does what somebody with the database's file does.
func tamper(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sohoa.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "PRAGMA busy_timeout = 5000; "+statement); err != nil {
		t.Fatal(err)
	}
}
