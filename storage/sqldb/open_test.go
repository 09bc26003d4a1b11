package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// A house is a database with a small province in it: H60 with H60.12 and
// H60.13 below, a procedure with three components and a result, one holder.
type house struct {
	*DB
	t       testing.TB
	ctx     context.Context
	clock   *clock
	path    string
	address string // of a schema on PostgreSQL; empty: a file at path
	holder  dossier.HolderID
	texts   map[dossier.DocumentID]string // of papers that were filed for the search
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam)

const procedure dossier.ProcedureCode = "1.001193"

// newHouse is a house in a file of SQLite; all tests of this package run on
// PostgreSQL if SOHOA_TEST_POSTGRES names a server (make test-postgres).
func newHouse(t testing.TB) *house {
	t.Helper()
	address := ""
	if server := os.Getenv("SOHOA_TEST_POSTGRES"); server != "" {
		address = upToDate(t, server)
	}
	return newHouseAt(t, address)
}

// newHouseAt is newHouse in a schema on PostgreSQL, or in a file of SQLite.
func newHouseAt(t testing.TB, address string) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context(), clock: &clock{t: noon}, path: filepath.Join(t.TempDir(), "a b%20?#.db"), address: address}
	if address == "" {
		h.must(copyTables(h.ctx, h.path))
	}
	h.open()
	t.Cleanup(func() { h.Close() })
	for _, a := range []dossier.Agency{{Code: "H60", Name: "Tỉnh", Tier: dossier.Province},
		{Code: "H60.12", Parent: "H60", Name: "Xã Một", Tier: dossier.Commune},
		{Code: "H60.13", Parent: "H60", Name: "Xã Hai", Tier: dossier.Commune}} {
		h.must(h.PutAgency(h.ctx, a))
	}
	for _, k := range []dossier.Kind{{Code: "GKS", Name: "Giấy khai sinh"}, {Code: "DON", Name: "Đơn"}, {Code: "QD", Name: "Quyết định"}} {
		h.must(h.PutKind(h.ctx, k))
	}
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: procedure, Name: "Khai sinh", Field: "Hộ tịch",
		Level: dossier.Full, ResultKind: "QD", Days: 3, Components: []dossier.Component{
			{Slot: "T1", Kind: "GKS", Name: "Giấy chứng sinh", Required: true, Digitise: true},
			{Slot: "T2", Kind: "DON", Name: "Tờ khai", Required: true, Digitise: true},
			{Slot: "T3", Kind: "DON", Name: "Giấy ủy quyền", Required: false, Digitise: true},
		}}))
	h.holder = h.someone("008199012345", false)
	return h
}

// madeTables is a file that has all tables and nothing in them, made once: the
// steps to it take a tenth of a second (package sqldbtest has it for other rooms).
var madeTables struct {
	sync.Once
	file []byte
	err  error
}

func copyTables(ctx context.Context, path string) error {
	madeTables.Do(func() {
		made := path + "-made"
		madeTables.err = errors.Join(os.WriteFile(made, nil, 0o600), At{Path: made}.Up(context.WithoutCancel(ctx)))
		if madeTables.err == nil {
			madeTables.file, madeTables.err = os.ReadFile(made)
		}
	})
	if madeTables.err != nil {
		return madeTables.err
	}
	return os.WriteFile(path, madeTables.file, 0o600)
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.address != "" {
		h.DB, err = OpenPostgres(h.ctx, h.address, Options{Now: h.clock.now})
	} else {
		h.DB, err = Open(h.ctx, h.path, Options{Now: h.clock.now})
	}
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) someone(number string, demo bool) dossier.HolderID {
	h.t.Helper()
	kept, err := h.PutHolder(h.ctx, dossier.Holder{Number: number, Name: "Nguyễn Văn A", Demo: demo})
	h.must(err)
	return kept.ID
}

// newDossier receives a dossier at H60.12.
func (h *house) newDossier() dossier.Dossier {
	h.t.Helper()
	d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder,
		Channel: dossier.Direct, Received: h.clock.now(), Due: h.clock.now().AddDate(0, 0, 5)}, "counter")
	h.must(err)
	return d
}

// scan is a document whose scan is the bytes of name.
func scan(code dossier.Code, slot dossier.SlotCode, name string) dossier.Document {
	return dossier.Document{Dossier: code, Slot: slot, Media: "image/jpeg", Size: 1000, Pages: 2,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(name))}}
}

func (h *house) add(code dossier.Code, slot dossier.SlotCode) dossier.Document {
	h.t.Helper()
	d, err := h.Add(h.ctx, scan(code, slot, string(code)+string(slot)+rnd()), "counter")
	h.must(err)
	return d
}

var serial struct {
	sync.Mutex
	n int
}

// rnd is a word not used before.
func rnd() string {
	serial.Lock()
	defer serial.Unlock()
	serial.n++
	return fmt.Sprint("-", serial.n)
}

var madeBy = map[dossier.Act][]dossier.Part{
	dossier.Recognise: {dossier.PartWords, dossier.PartText},
	dossier.Normalise: {dossier.PartPlain},
	dossier.SignCopy:  {dossier.PartCopySigned},
	dossier.Extract:   {dossier.PartProposals},
	dossier.Verify:    {dossier.PartVerdict},
	dossier.Doubt:     {dossier.PartVerdict},
	dossier.Describe:  {dossier.PartWords, dossier.PartText, dossier.PartProposals},
	dossier.Renew:     {dossier.RenewedPart(1)},
	dossier.Seal:      {dossier.PartSealed},
}

// change is an honest change for a move.
func change(m dossier.Move) dossier.Change {
	c := dossier.Change{Act: m.Act, By: m.By, Who: dossier.PersonID(m.By)}
	for _, p := range madeBy[m.Act] {
		if c.Made == nil {
			c.Made = map[dossier.Part]digest.Digest{}
		}
		c.Made[p] = digest.Of([]byte(string(p) + rnd()))
	}
	switch m.Act {
	case dossier.Confirm:
		c.Fields = []dossier.Field{
			{Name: dossier.FieldNumber, Value: "123/QĐ-UBND", Page: 1, Box: [4]float64{1, 2, 3, 4}, Confidence: 91.5},
			{Name: dossier.FieldTitle, Value: "Quyết định"}, {Name: dossier.FieldIssuer, Value: "UBND xã"},
			{Name: dossier.FieldIssued, Value: "2026-11-01"}, {Name: dossier.FieldExpires, Value: "2027-01-31"}}
	case dossier.Refuse, dossier.Doubt, dossier.Adopt, dossier.Return, dossier.TakeBack:
		c.Why = "mờ, không đọc được"
	case dossier.Archive:
		c.Proof = &dossier.Proof{Until: noon.AddDate(5, 0, 0), By: "TSA cũ"}
	case dossier.Renew:
		c.Proof = &dossier.Proof{Until: noon.AddDate(10, 0, 0), By: "TSA mới"}
	}
	return c
}

// way returns moves that lead from one state to another, nil if none do.
func way(from, to dossier.State) []dossier.Move {
	if from == to {
		return []dossier.Move{}
	}
	for _, m := range dossier.Moves() {
		if m.From == from && m.To != from && !dossier.Back(m.Act) {
			if rest := way(m.To, to); rest != nil {
				return append([]dossier.Move{m}, rest...)
			}
		}
	}
	return nil
}

// onward is the move that does not refuse.
func onward(s dossier.State) dossier.Move {
	for _, m := range dossier.Moves() {
		if m.From == s && m.Act != dossier.Refuse {
			return m
		}
	}
	return dossier.Move{}
}

// to moves a document on until it stands in s.
func (h *house) to(d dossier.Document, s dossier.State) dossier.Document {
	h.t.Helper()
	moves := way(d.State, s)
	if moves == nil {
		h.t.Fatalf("no way leads from %s to %s", d.State, s)
	}
	for _, m := range moves {
		var err error
		d, err = h.Advance(h.ctx, d, change(m))
		h.must(err)
	}
	return d
}

// in adds a document, a scan or a file that came in signed, and moves it until
// it stands in s.
func (h *house) in(s dossier.State) dossier.Document {
	h.t.Helper()
	d := scan(h.newDossier().Code, "T1", rnd())
	if way(dossier.Received, s) == nil {
		d.State = dossier.Presented
	}
	d, err := h.Add(h.ctx, d, "counter")
	h.must(err)
	return h.to(d, s)
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || err == nil {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestReopenKeepsEverything(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	d := h.to(h.add(code, "T1"), dossier.Confirmed)
	h.must(h.Close())
	h.open()
	got, err := h.Document(h.ctx, d.ID)
	h.must(err)
	if !equalDocuments(got, d) {
		t.Errorf("reopened: %+v, want %+v", got, d)
	}
	if h.address != "" {
		return
	}
	info, err := os.Stat(h.path)
	h.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v: others may read personal data", info.Mode())
	}
	for _, pragma := range []struct{ name, want string }{{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "30000"}} {
		for _, c := range []*sql.DB{h.write, h.read} {
			if v, err := one(h.ctx, c, single[string], "PRAGMA "+pragma.name); err != nil || v != pragma.want {
				t.Errorf("%s = %s, %v", pragma.name, v, err)
			}
		}
	}
	if _, err := h.read.ExecContext(h.ctx, "UPDATE documents SET size = 0"); err == nil {
		t.Error("a reader can write")
	}
}

func TestOpenRefuses(t *testing.T) {
	now := time.Now
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "x"), Options{}); err == nil {
		t.Error("a database without a clock was opened")
	}
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "none", "x"), Options{Now: now}); err == nil {
		t.Error("a database in no directory was opened")
	}
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), junk, Options{Now: now}); err == nil {
		t.Error("a file that is no database was opened")
	}
	h := newHouse(t)
	if h.address != "" {
		return // see TestPostgresRefuses
	}
	_, err := h.write.ExecContext(h.ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	h.must(err)
	if _, err := Open(t.Context(), h.path, Options{Now: now}); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("tables of a newer program: %v", err)
	}
}

// Several processes of a house may start at the same moment.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			db, err := Open(t.Context(), path, Options{Now: time.Now})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestIDsSortAndDiffer(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range 10_000 {
		if i == 5000 {
			h.clock.move(-time.Hour) // a clock set back
		}
		ids = append(ids, h.newID())
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 10_000 {
		t.Error("ids repeat or do not sort")
	}
	if id := ids[0]; len(id) != 36 || id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
		t.Errorf("%s is not a UUID of version 7", id)
	}
}

// A transaction broken off at any statement leaves nothing half.
func TestInterruptedLeavesNothing(t *testing.T) {
	h := newHouse(t)
	code := h.newDossier().Code
	d := h.to(h.add(code, "T1"), dossier.Sealed)
	rows := func() string {
		var all []int
		for _, table := range []string{"documents", "changes", "made", "entries", "events", "intents", "dossiers", "serials"} {
			n, err := one(context.WithoutCancel(h.ctx), h.read, single[int], "SELECT COUNT(*) FROM "+table)
			h.must(err)
			all = append(all, n)
		}
		return fmt.Sprint(all)
	}
	before := rows()
	for step := range 12 {
		err := h.tx(h.ctx, func(tx *sql.Tx) error {
			ctx, cancel := context.WithCancel(h.ctx)
			defer cancel()
			_, err := h.advance(&stopping{Context: ctx, cancel: cancel, after: int64(step)}, tx, d,
				dossier.Change{Document: d.ID, Version: d.Version + 1, Act: dossier.Archive, By: dossier.Machine, Who: "w", At: noon}, dossier.Archived)
			if err == nil {
				err = errors.New("killed before the commit")
			}
			return err
		})
		if err == nil {
			t.Fatal("an interrupted transaction committed")
		}
		if got := rows(); got != before {
			t.Fatalf("after interruption at %d: %s, before %s", step, got, before)
		}
		if now, err := h.Document(h.ctx, d.ID); err != nil || !equalDocuments(now, d) {
			t.Fatalf("the row moved: %+v, %v", now, err)
		}
	}
	ctx, cancel := context.WithCancel(h.ctx)
	cancel()
	if _, err := h.Advance(ctx, d, change(onward(d.State))); !errors.Is(err, context.Canceled) {
		t.Errorf("Advance after cancel: %v", err)
	}
	h.to(d, dossier.Archived) // and it still can
}

// stopping ends after it has been asked a number of times.
type stopping struct {
	context.Context
	cancel context.CancelFunc
	asked  atomic.Int64
	after  int64
}

func (s *stopping) Done() <-chan struct{} {
	if s.asked.Add(1) > s.after {
		s.cancel()
	}
	return s.Context.Done()
}

// On a full disk a write says so and leaves nothing; with room the house goes on.
func TestFullDisk(t *testing.T) {
	if os.Getenv("SOHOA_TEST_POSTGRES") != "" {
		t.Skip("whose disk is the server's")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("a full disk cannot be tried: a small one cannot be mounted here (%v); run as root", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	h := newHouseAt(t, "")
	k := take(t, h.at())
	at := At{Path: filepath.Join(dir, "small.db")}
	h.must(at.Fill(h.ctx, k.filling()))
	small := &house{t: t, ctx: h.ctx, clock: h.clock, path: at.Path, holder: h.holder}
	small.open()
	defer small.Close()
	kept := small.add(small.newDossier().Code, "T1")
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	h.must(err)
	for b := make([]byte, 4096); err == nil; {
		_, err = f.Write(b)
	}
	h.must(f.Close())
	n := 0
	for err = nil; err == nil && n < 1000; n++ {
		_, err = small.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder, Channel: dossier.Direct, Received: noon}, "counter")
	}
	if err == nil || !strings.Contains(err.Error(), "disk is full") && !strings.Contains(err.Error(), "disk I/O error") {
		t.Fatalf("after %d dossiers: %v", n, err)
	}
	if strings.Contains(err.Error(), "disk is full") != errors.Is(err, syscall.ENOSPC) {
		t.Errorf("whether there is room is not told in the system's word: %v", err)
	}
	h.must(os.Remove(ballast))
	if d, err := small.Document(h.ctx, kept.ID); err != nil || d.Version != 0 {
		t.Errorf("what was there: %v", err)
	}
	small.add(small.newDossier().Code, "T1")
	_, err = small.NumberEvents(h.ctx)
	h.must(err)
	if r := small.audit(); len(r.Findings) > 0 {
		t.Errorf("audit: %v", r.Findings)
	}
}
