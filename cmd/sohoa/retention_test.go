package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// A paper of twenty years ago goes by the command: proposed by one, approved by
// another, with the reasons why not before.
func TestRetentionCommand(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	old := time.Date(2006, 5, 1, 9, 0, 0, 0, dossier.VietNam)
	db, err := sqldb.Open(t.Context(), filepath.Join(dir, "sohoa.db"), sqldb.Options{Now: func() time.Time { return old }})
	must(err)
	must(db.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	must(db.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy"}))
	must(db.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	for login, role := range map[string]dossier.Role{"vanthu": dossier.Clerk, "quantri": dossier.Admin, "kiemtra": dossier.Auditor} {
		must(db.PutPerson(t.Context(), dossier.Person{ID: dossier.PersonID("p-" + login), Login: login, Name: login, Role: role, Agency: "H98"}, "-"))
	}
	files, err := fs.Open(filepath.Join(dir, "blobs"))
	must(err)
	body := []byte("giấy cũ")
	sum := blobtest.Put(t, files, body)
	holder, err := db.PutHolder(t.Context(), dossier.Holder{Number: "008199012345", Name: "An"})
	must(err)
	of, err := db.AddDossier(t.Context(), dossier.Dossier{Procedure: "9.9", Receiving: "H98", Holder: holder.ID, Channel: dossier.Direct, Received: old}, "p")
	must(err)
	d, err := db.Add(t.Context(), dossier.Document{Dossier: of.Code, Slot: "TP01", Media: "image/jpeg", Size: 1, Pages: 1, Received: old, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: sum}}, "p")
	must(err)
	_, err = db.Advance(t.Context(), d, dossier.Change{Act: dossier.Refuse, By: dossier.Machine, Who: "line", Why: "mờ"})
	must(err)
	_, err = db.Resolve(t.Context(), of.Code, old, "p")
	must(err)
	must(db.Close())

	do := func(args ...string) (string, error) {
		t.Helper()
		var out bytes.Buffer
		err := run(t.Context(), append(append([]string{"retention"}, args...), "--data", dir), func(string) string { return "" }, &out, &out)
		return out.String(), err
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if _, err := do(args...); exitCode(t.Context(), err) != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	done := func(args ...string) string {
		t.Helper()
		out, err := do(args...)
		must(err)
		return out
	}
	id := string(d.ID)
	refused("vĩnh viễn", "propose", id, "--who", "vanthu")
	refused("vai trò", "rule", "--kind", "DT", "--years", "10", "--from", "2001-01-01", "--law", "QĐ 1/2001", "--article", "Điều 2", "--grade", "S", "--who", "vanthu")
	done("rule", "--kind", "DT", "--years", "10", "--from", "2001-01-01", "--law", "QĐ 1/2001", "--article", "Điều 2", "--grade", "S", "--who", "quantri")
	if out := done("due", "--at", "2016-12-31"); !strings.HasPrefix(out, "0 ") {
		t.Errorf("due on the last day: %s", out)
	}
	if out := done("due", "--at", "2017-01-01"); !strings.Contains(out, id) || !strings.Contains(out, "2016-12-31") {
		t.Errorf("due: %s", out)
	}
	held := strings.Fields(done("hold", "--holder-of", string(of.Code), "--reason", "thanh tra", "--who", "kiemtra"))[0]
	refused("lệnh giữ", "propose", id, "--who", "vanthu")
	done("lift", held, "--reason", "xong", "--who", "kiemtra")
	proposal := strings.Fields(done("propose", id, "--who", "vanthu"))[0]
	refused("hai người", "approve", proposal, "--who", "vanthu")
	if out := done("approve", proposal, "--who", "quantri"); !strings.Contains(out, "certificates: 1") {
		t.Errorf("approved: %s", out)
	}
	room := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append(append([]string{"room"}, args...), "--data", dir), func(string) string { return "" }, &out, &out)
		return out.String(), err
	}
	until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	if _, err := room("grant", "--auditor", "kiemtra", "--agency", "H98", "--purpose", "Thanh tra", "--until", until, "--who", "vanthu"); exitCode(t.Context(), err) != exitUsage {
		t.Errorf("a clerk gives a grant: %v", err)
	}
	granted, err := room("grant", "--auditor", "kiemtra", "--agency", "H98", "--purpose", "Thanh tra", "--until", until, "--who", "quantri")
	must(err)
	if list, err := room("list"); err != nil || list != granted || !strings.Contains(list, "runs") {
		t.Errorf("grants: %s, %v", list, err)
	}
	if out, err := room("lookers", "--dossier", string(of.Code), "--who", "quantri"); err != nil || !strings.Contains(out, "p-quantri  lookers") {
		t.Errorf("who looked: %s, %v", out, err)
	}
	_, err = room("end", strings.Fields(granted)[0], "--reason", "xong", "--who", "quantri")
	must(err)
	if left, _ := filepath.Glob(filepath.Join(dir, "blobs", sum.String()[:2], "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	var shown struct {
		Certificate string
		Files       []struct{ Fate string }
	}
	must(json.Unmarshal([]byte(done("show", id, "--json")), &shown))
	if shown.Certificate == "" || len(shown.Files) != 1 || shown.Files[0].Fate != "gone" {
		t.Errorf("%+v", shown)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"fixity", "--now", "--data", dir}, func(string) string { return "" }, &out, &out); err != nil {
		t.Errorf("fixity: %v\n%s", err, out.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "evidence")); err == nil {
		t.Error("something was kept as evidence")
	}
}
