package wire

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/web"
)

// archivedHouse has one paper of one person archived in a dossier.
func archivedHouse(t *testing.T) (db *sqldb.DB, files *mem.Store, d dossier.Dossier, doc dossier.Document) {
	t.Helper()
	ctx, now := t.Context(), time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	db = sqldbtest.New(t, filepath.Join(t.TempDir(), "h.db"), func() time.Time { return now })
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { db.Close() })
	ok(db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	ok(db.PutKind(ctx, dossier.Kind{Code: "GKS", Name: "Giấy khai sinh"}))
	ok(db.PutProcedure(ctx, dossier.Procedure{Code: "1.1", Name: "Thủ tục", Field: "Hộ tịch", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "GKS", Name: "Giấy", Required: true, Digitise: true}}}))
	ok(db.PutPerson(ctx, dossier.Person{ID: "p", Login: "vanthu", Name: "Lan", Role: dossier.Clerk, Agency: "H60"}, ""))
	h, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "Trần Thị Bé", Born: "1999-02-28"})
	ok(err)
	d, err = db.AddDossier(ctx, dossier.Dossier{Procedure: "1.1", Receiving: "H60", Holder: h.ID, Channel: dossier.Direct, Received: now}, "p")
	ok(err)
	files = &mem.Store{}
	keep := func(text string) digest.Digest {
		sum := digest.Of([]byte(text))
		ok(files.Put(ctx, sum, int64(len(text)), strings.NewReader(text)))
		return sum
	}
	doc, err = db.Add(ctx, dossier.Document{Dossier: d.Code, Slot: "T1", Media: "image/jpeg", Size: 1, Pages: 1, Received: now, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: keep("scan")}}, "p")
	ok(err)
	for _, c := range []dossier.Change{{Act: dossier.Recognise, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartWords: keep("[]"), dossier.PartText: keep("t")}},
		{Act: dossier.Normalise, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartPlain: keep("plain")}}, {Act: dossier.Attest, By: dossier.Officer},
		{Act: dossier.SignCopy, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartCopySigned: keep("copy")}},
		{Act: dossier.Extract, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartProposals: keep("[] ")}},
		{Act: dossier.Confirm, By: dossier.Counter, Fields: []dossier.Field{{Name: dossier.FieldNumber, Value: "12/KS"}, {Name: dossier.FieldScope, Value: "toàn quốc"}}}, {Act: dossier.Approve, By: dossier.Clerk},
		{Act: dossier.Seal, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartSealed: keep("%PDF sealed")}}, {Act: dossier.Archive, By: dossier.Machine}} {
		if c.Who, c.At = "p", now; c.Act == dossier.Approve {
			c.Who = "p2"
		}
		doc, err = db.Advance(ctx, doc, c)
		ok(err)
	}
	return db, files, d, doc
}

// All that is held on somebody is given out whole, noted before, with its grounds,
// ends and who looked; a file that is not what was archived breaks it off.
func TestGivePerson(t *testing.T) {
	db, files, d, doc := archivedHouse(t)
	ctx := t.Context()
	if err := db.Note(ctx, dossier.Reading{Act: dossier.ReadViewed, Who: "p", By: dossier.Clerk, Document: doc.ID, Dossier: d.Code, Holder: d.Holder, Purpose: dossier.ForHandling}); err != nil {
		t.Fatal(err)
	}
	h, err := db.Holder(ctx, d.Holder)
	if err != nil {
		t.Fatal(err)
	}
	address, err := web.KeepSecret(nil, web.ContactOwner("c-1"), []byte("an@example.vn"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.AddContact(ctx, notice.Contact{ID: "c-1", Dossier: d.Code, Channel: notice.Mail, Address: address, Shown: "a***@example.vn", Lang: "vi", Token: "t"}, account.By{Who: "p", Role: dossier.Counter}); err != nil {
		t.Fatal(err)
	}
	check, err := db.AskingPopulation(ctx, neighbour.Check{Dossier: d.Code, Holder: d.Holder, Who: "p"}, dossier.Counter, dossier.ForHandling, 9)
	if err != nil {
		t.Fatal(err)
	}
	if check.Outcome = neighbour.Matches; db.ToldPopulation(ctx, check, dossier.Counter, dossier.ForHandling) != nil {
		t.Fatal("not told")
	}
	var out bytes.Buffer
	noted := ""
	asked := web.PersonAsked{Holder: h, Who: "p", By: dossier.Admin, Purpose: dossier.ForHolder, Why: "Đơn 5", At: d.Received.AddDate(0, 0, 1)}
	asked.Noted = func(_ context.Context, sum string) error {
		if out.Len() > 0 {
			t.Error("given out before it is noted")
		}
		noted = sum
		return nil
	}
	if err := GivePerson(ctx, db, files, nil, &out, asked); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	in := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		in[f.Name], err = io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
	}
	manifest := string(in["manifest-sha256.txt"])
	if digest.Of([]byte(manifest)).String() != noted {
		t.Error("the ledger names another manifest")
	}
	for line := range strings.Lines(manifest) {
		sum, path, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if digest.Of(in[path]).String() != sum {
			t.Errorf("%s is not what the manifest says", path)
		}
	}
	var p PersonFile
	if err := json.Unmarshal(in["data/person.json"], &p); err != nil {
		t.Fatal(err)
	}
	e := p.Entries[0]
	if p.Holder.Number != "008199012345" || !p.Whole || len(p.Dossiers) != 1 || len(p.Looked) != 3 || p.Looked[2].Who != "vanthu" || e.Values.Scope != "toàn quốc" ||
		e.Ground == "" || e.Law == "" || e.Code != "008199012345.GKS."+string(d.Code)+".T1" || e.Refusal == "" || string(in[e.File]) != "%PDF sealed" {
		t.Errorf("%+v", p)
	}
	if c := p.Dossiers[0]; len(c.Contacts) != 1 || c.Contacts[0].Address != "an@example.vn" || len(c.Checks) != 1 || c.Checks[0].Outcome != neighbour.Matches {
		t.Errorf("contacts and questions: %+v", c)
	}
	asked.Within = &dossier.Within{Agencies: []dossier.AgencyCode{"H61"}}
	out.Reset()
	if err := GivePerson(ctx, db, files, nil, &out, asked); err != nil || bytes.Contains(out.Bytes(), []byte("12/KS")) {
		t.Errorf("of another agency: %v", err)
	}
	asked.Within = nil
	out.Reset()
	if err := GivePerson(ctx, db, &mem.Store{}, nil, &out, asked); err == nil {
		t.Error("a file that is gone is passed over")
	}
}
