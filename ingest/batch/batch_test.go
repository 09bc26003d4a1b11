package batch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/pdf/arrange"
	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{"inspect": sniff.InspectChild, "split": sniff.SplitChild, arrange.ChildName: arrange.Child})
	os.Exit(m.Run())
}

const agency = dossier.AgencyCode("H60.12")

var who = account.By{Who: "p1", Role: dossier.Counter}

// A bench is a desk on real rows and a real door, with a clock that is moved.
type bench struct {
	*Desk
	t    *testing.T
	db   *sqldb.DB
	code dossier.Code
	now  time.Time
	door *ingest.Door
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	b := &bench{t: t, now: time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)}
	now := func() time.Time { return b.now }
	b.db = sqldbtest.New(t, filepath.Join(t.TempDir(), "db"), now)
	t.Cleanup(func() { b.db.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.db.PutAgency(ctx, dossier.Agency{Code: agency, Name: "Xã Một", Tier: dossier.Commune}))
	must(b.db.PutKind(ctx, dossier.Kind{Code: "DON", Name: "Đơn"}))
	must(b.db.PutProcedure(ctx, dossier.Procedure{Code: "1.1", Name: "Xác nhận", Level: dossier.Full, ResultKind: "DON", Days: 3, Components: []dossier.Component{
		{Slot: "T1", Kind: "DON", Name: "Đơn", Required: true, Digitise: true}, {Slot: "T2", Kind: "DON", Name: "Khác", Required: true, Digitise: true}}}))
	must(b.db.PutPerson(ctx, dossier.Person{ID: who.Who, Login: "p1", Role: who.Role, Agency: agency}, "x"))
	holder, err := b.db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	must(err)
	d, err := b.db.AddDossier(ctx, dossier.Dossier{Procedure: "1.1", Holder: holder.ID, Receiving: agency, Competent: agency, Channel: dossier.Direct, Received: b.now}, who.Who)
	must(err)
	b.code = d.Code
	blobs, temp := &mem.Store{}, t.TempDir()
	b.door = &ingest.Door{Rows: b.db, Blobs: blobs, Temp: temp, Now: now, Limits: scan.Limits{}.OrDefault()}
	b.Desk = &Desk{Rows: b.db, Blobs: blobs, Bench: arrange.Bench{Temp: temp}, Dir: temp, Now: now, Accept: b.door.Accept}
	return b
}

// take makes a batch of one file, whose sides are as looks say.
func (b *bench) take(file []byte, looks ...batch.Look) batch.Batch {
	b.t.Helper()
	ctx := b.t.Context()
	if err := b.Blobs.Put(ctx, digest.Of(file), int64(len(file)), bytes.NewReader(file)); err != nil {
		b.t.Fatal(err)
	}
	b.Look = func(_ context.Context, _ string, each func(batch.Look) error) error {
		for _, l := range looks {
			if err := each(l); err != nil {
				return err
			}
		}
		return nil
	}
	x, err := b.Take(ctx, agency, batch.Single, batch.Parting{}, []batch.File{{Sum: digest.Of(file), Size: int64(len(file)), Name: "a.tif"}}, who)
	if err != nil {
		b.t.Fatal(err)
	}
	b.step(nil)
	return b.read(x.ID)
}

func (b *bench) step(want error) {
	b.t.Helper()
	if did, err := b.Step(b.t.Context()); !did || !errors.Is(err, want) {
		b.t.Fatalf("%v, %v", did, err)
	}
}

func (b *bench) read(id batch.ID) batch.Batch {
	b.t.Helper()
	x, err := b.db.PaperBatch(b.t.Context(), id, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func (b *bench) order(x batch.Batch) {
	b.t.Helper()
	if err := b.db.ArrangeBatch(b.t.Context(), x, true, who); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) mark(n int) batch.Look {
	return batch.Look{Mark: batch.Mark{Kind: batch.Component, Dossier: b.code, Slot: dossier.SlotCode([]string{"T1", "T2"}[n-1]), Number: n, Of: 2}}
}

// pages is a scan of so many sides.
func pages(t *testing.T, n int) []byte {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	s := press.Separator("X")
	for i := 1; i < n; i++ {
		s.Pages = append(s.Pages, s.Pages[0])
	}
	f, err := s.File(specimen.TIFFG4, 75, specimen.Clean(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return f.Bytes
}

var errKilled = errors.New("killed")

// Killed after the door took a paper and before the row says so, the batch goes on
// when its lease ends, and nothing is there twice.
func TestKilledBetweenDoorAndRow(t *testing.T) {
	b := newBench(t)
	x := b.take(pages(t, 4), b.mark(1), batch.Look{Picture: "a"}, b.mark(2), batch.Look{Picture: "b"})
	if x.Standing != batch.Proposed || len(batch.Papers(x.Sides)) != 2 {
		t.Fatalf("%+v", x)
	}
	b.order(x)
	took := 0
	b.Accept = func(ctx context.Context, in ingest.Intake) (dossier.Document, error) {
		d, err := b.door.Accept(ctx, in)
		if took++; took == 2 && err == nil {
			err = errKilled
		}
		return d, err
	}
	b.step(errKilled)
	if did, err := b.Step(t.Context()); did || err != nil {
		t.Fatalf("its lease runs and somebody works at it: %v, %v", did, err)
	}
	b.now = b.now.Add(Lease + time.Second)
	b.step(nil)
	if x = b.read(x.ID); x.Standing != batch.Done || batch.Account(x.Sides).Entered != 2 {
		t.Fatalf("%+v", x)
	}
	list, err := b.db.Documents(t.Context(), dossier.DocumentQuery{Dossier: b.code, Limit: 10})
	if err != nil || len(list) != 2 {
		t.Errorf("%d documents, %v", len(list), err)
	}
	if did, err := b.Step(t.Context()); did || err != nil {
		t.Errorf("%v, %v", did, err)
	}
}

// What the door refuses is told at its paper; the others enter. A code that names
// what is not here proposes nothing.
func TestRefusedAndUnknown(t *testing.T) {
	b := newBench(t)
	elsewhere := b.mark(2)
	elsewhere.Mark.Dossier = "H60.99-1"
	file := pages(t, 4)
	x := b.take(file, b.mark(1), batch.Look{Picture: "a"}, elsewhere, batch.Look{Picture: "b"})
	var codes []batch.WarningCode
	for _, w := range batch.Warnings(x) {
		codes = append(codes, w.Code)
	}
	if x.Sides[3].Dossier != "" || x.Sides[3].Refused != string(batch.Unknown) || len(codes) == 0 {
		t.Fatalf("%+v %v", x.Sides[3], codes)
	}
	b.order(x)
	b.step(nil)
	x = b.read(x.ID)
	x.Sides[3].Dossier, x.Sides[3].Slot = b.code, "T1" // filled meanwhile
	b.order(x)
	b.step(nil)
	if x = b.read(x.ID); x.Standing != batch.Proposed || x.Sides[3].Refused != "filled" || batch.Account(x.Sides) != (batch.Sum{Sides: 4, Separators: 2, Entered: 1, Open: 1}) {
		t.Fatalf("%+v", x)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.db.PutAgency(t.Context(), dossier.Agency{Code: "H60.13", Name: "Xã Hai", Tier: dossier.Commune}))
	mine, err := b.db.Dossier(t.Context(), b.code)
	must(err)
	theirs, err := b.db.AddDossier(t.Context(), dossier.Dossier{Procedure: "1.1", Holder: mine.Holder, Receiving: "H60.13", Competent: "H60.13", Channel: dossier.Direct, Received: b.now}, who.Who)
	must(err)
	x.Sides[3].Dossier, x.Sides[3].Slot = theirs.Code, "T1" // typed in
	b.order(x)
	b.step(nil)
	list, err := b.db.Documents(t.Context(), dossier.DocumentQuery{Dossier: theirs.Code, Limit: 1})
	if x = b.read(x.ID); err != nil || x.Sides[3].Refused != string(batch.Unknown) || len(list) != 0 {
		t.Errorf("a paper for another agency's dossier: %+v, %d documents, %v", x.Sides[3], len(list), err)
	}
	y := b.take(file, b.mark(1), batch.Look{Picture: "a"}, b.mark(2), batch.Look{Picture: "b"})
	if len(y.Sides[1].Twins) != 1 || !y.Sides[1].Twins[0].Same || y.Sides[1].Twins[0].Batch != x.ID {
		t.Errorf("the same picture again: %+v", y.Sides[1].Twins)
	}
}

// A file that cannot be taken apart keeps its batch open and says why; one of which
// two readers see other pages is such a file.
func TestUnread(t *testing.T) {
	b := newBench(t)
	for name, file := range map[string][]byte{"no scan": []byte("chẳng phải ảnh"), "other pages": pages(t, 3)} {
		x := b.take(file, batch.Look{Picture: "a"}, batch.Look{Picture: "b"})
		if w := batch.Warnings(x); x.Files[0].Said == "" || len(x.Sides) != 0 || len(w) != 1 || w[0].Code != batch.Unread {
			t.Errorf("%s: %+v %+v", name, x.Files[0], w)
		}
		b.order(x)
		b.step(nil)
		if x = b.read(x.ID); x.Standing == batch.Done {
			t.Errorf("%s: done without a side of it", name)
		}
	}
	if _, err := b.Take(t.Context(), agency, batch.Single, batch.Parting{}, []batch.File{{Sum: digest.Of([]byte("not there"))}}, who); err == nil {
		t.Error("a batch of bytes that are not in the store")
	}
}
