package wire

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/ocr/child"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/storage/blob"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/workers"
)

const year = 365 * 24 * time.Hour

// A wall is a clock that is moved by hand.
type wall struct {
	mu sync.Mutex
	at time.Time
}

func (w *wall) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wall) set(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

// An authority is a development authority on the network: time-stamps, OCSP
// answers and lists, each of which can be out of order.
type authority struct {
	ca                *devca.CA
	stamps, questions atomic.Bool // out of order
	url               string
}

func newAuthority(t *testing.T, now func() time.Time) *authority {
	t.Helper()
	a := &authority{}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a.url = server.URL
	var err error
	if a.ca, err = devca.OpenAt(t.TempDir(), now, devca.Addresses{OCSP: server.URL + "/ocsp", CRLs: server.URL + "/lists"}); err != nil {
		t.Fatal(err)
	}
	working := func(out *atomic.Bool, h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if out.Load() {
				if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
					c.Close() // not a word
				}
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	mux.Handle("/tsa", working(&a.stamps, a.ca.TSA()))
	mux.Handle("/ocsp", working(&a.questions, a.ca.OCSP()))
	mux.Handle("/ocsp/", working(&a.questions, a.ca.OCSP()))
	mux.Handle("/lists/", working(&a.questions, http.StripPrefix("/lists", a.ca.Lists())))
	return a
}

// A shop is a house on real parts, with authorities on the network and a clock
// that is moved by hand.
type shop struct {
	*House
	t      *testing.T
	wall   *wall
	desk   *devtest.Desk // signs as officer and agency
	tools  *workers.Tools
	newest *authority
	serial int
}

func newShop(t *testing.T, at time.Time, readers int) *shop {
	t.Helper()
	s := &shop{t: t, wall: &wall{at: at}}
	dir := t.TempDir()
	s.House = &House{Settings: Settings{Data: dir, Now: s.wall.now}, Trust: &Trust{dir: filepath.Join(dir, "trust")}, Log: slog.New(slog.DiscardHandler), temp: t.TempDir()}
	s.DB = sqldbtest.New(t, filepath.Join(dir, "sohoa.db"), s.wall.now)
	t.Cleanup(func() { s.DB.Close() })
	var err error
	s.Blobs, err = fs.Open(filepath.Join(dir, "blobs"))
	s.must(err)
	s.desk = devtest.New(t, s.wall.now)
	s.tools = &workers.Tools{Facts: s.DB, Blobs: s.Blobs, Keys: deskKeys{s}, Level: signing.LevelLTA, Judge: s.judge,
		Pages: splitter, ToRead: readSplitter, Held: sniff.Held, Kept: keptSplitter, Temp: s.temp, Now: s.wall.now, Readers: 1}
	if readers > 0 {
		pool, err := child.New(child.Options{Workers: readers})
		s.must(err)
		t.Cleanup(pool.Close)
		s.tools.Reader = pool
	}
	s.turnTo(newAuthority(t, s.wall.now))
	s.Worker = workers.New(workers.Worker{Rows: s.DB, Line: workers.Line(s.tools), Name: "line", Log: s.Log, Now: s.wall.now, Trouble: trouble})
	s.Door = &ingest.Door{Rows: s.DB, Blobs: s.Blobs, Limits: Limits, Temp: s.temp, Now: s.wall.now}
	s.must(s.DB.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "Ủy ban nhân dân xã Vĩnh Nghĩa", Tier: dossier.Commune}))
	s.must(s.DB.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy"}))
	s.must(s.DB.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full, Field: "Thử", Days: 1,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy", Required: true, Digitise: true}}}))
	for _, r := range []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk} {
		s.must(s.DB.PutPerson(t.Context(), dossier.Person{ID: dossier.PersonID(r), Login: string(r), Name: "Nguyễn Vĩnh Nghĩa", Role: r, Agency: "H98"}, "-"))
	}
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// turnTo has the house stamp with another authority from now on. The old ones
// are believed and asked as before.
func (s *shop) turnTo(a *authority) {
	s.t.Helper()
	cert, err := x509.ParseCertificate(a.ca.Root())
	s.must(err)
	s.Trust.roots = append(s.Trust.roots, Anchor{Cert: cert, By: "test"})
	s.newest = a
	roots := s.pool()
	sealer := *s.desk.Sealer
	s.asked = &revinfo.Client{Now: s.wall.now, Fresh: time.Nanosecond, Timeout: 2 * time.Second, HTTP: http.DefaultClient}
	sealer.Roots, sealer.Evidence = roots, s.asked
	sealer.TSA = &tsa.Client{URL: a.url + "/tsa", Roots: roots, Now: s.wall.now, Timeout: 2 * time.Second, HTTP: http.DefaultClient}
	s.Sealer, s.tools.Sealer = &sealer, &sealer
}

// deskKeys are keys of the authority that the house stamps with.
type deskKeys struct{ s *shop }

func (k deskKeys) Officer(context.Context, dossier.PersonID) (signing.Key, error) {
	return k.s.key("officer", "Nguyễn Vĩnh Nghĩa", "UBND"), nil
}

func (k deskKeys) Agency(context.Context, dossier.AgencyCode) (signing.Key, error) {
	return k.s.key("agency", "Ủy ban nhân dân xã Vĩnh Nghĩa", ""), nil
}

func (s *shop) key(name, commonName, org string) signing.Key {
	s.t.Helper()
	return (&devtest.Desk{CA: s.newest.ca}).Key(s.t, name, commonName, org)
}

// dossier opens a dossier.
func (s *shop) dossier() dossier.Code {
	s.t.Helper()
	s.serial++
	h, err := s.DB.PutHolder(s.t.Context(), dossier.Holder{Number: fmt.Sprintf("099090%06d", s.serial), Name: "Trần Sĩ"})
	s.must(err)
	d, err := s.DB.AddDossier(s.t.Context(), dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98",
		Holder: h.ID, Channel: dossier.Direct, Received: s.wall.now()}, "counter")
	s.must(err)
	return d.Code
}

// keep stores bytes.
func (s *shop) keep(b []byte) digest.Digest {
	s.t.Helper()
	d := digest.Of(b)
	s.must(s.Blobs.Put(s.t.Context(), d, int64(len(b)), bytes.NewReader(b)))
	return d
}

// signed signs a file as officer and agency do.
func (s *shop) signed(level signing.Level) []byte {
	s.t.Helper()
	file := revisiontest.Paper{}.Bytes()
	for _, r := range []signing.Request{
		{Profile: signing.CopyOfficer, Key: s.key("officer", "Nguyễn Vĩnh Nghĩa", "UBND"), Name: "Nguyễn Vĩnh Nghĩa"},
		{Profile: signing.CopyAgency, Level: level, Key: s.key("agency", "Ủy ban nhân dân xã Vĩnh Nghĩa", ""), Name: "Ủy ban nhân dân xã Vĩnh Nghĩa"},
	} {
		var out bytes.Buffer
		s.must(s.Sealer.Sign(s.t.Context(), r, bytes.NewReader(file), int64(len(file)), &out))
		file = out.Bytes()
	}
	return file
}

// sealed is a document that stands before the archive, as if the line had made
// it.
func (s *shop) sealed() dossier.Document {
	s.t.Helper()
	return s.at(dossier.Sealed, map[dossier.Act]map[dossier.Part]digest.Digest{dossier.Seal: {dossier.PartSealed: s.keep(s.signed(signing.LevelLTA))}})
}

// at moves a new document to a state; made says which acts brought files.
func (s *shop) at(to dossier.State, made map[dossier.Act]map[dossier.Part]digest.Digest) dossier.Document {
	s.t.Helper()
	code := s.dossier()
	d, err := s.DB.Add(s.t.Context(), dossier.Document{Dossier: code, Slot: "TP01", Media: "image/png", Size: 4, Pages: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: s.keep([]byte("scan" + string(code)))}}, "counter")
	s.must(err)
	for _, m := range dossier.Moves() {
		if d.State == to {
			break
		}
		if m.From == d.State && m.Act != dossier.Refuse {
			d, err = s.DB.Advance(s.t.Context(), d, dossier.Change{Act: m.Act, By: m.By, Who: dossier.PersonID(m.By), Made: made[m.Act]})
			s.must(err)
		}
	}
	return d
}

// step has the line do what is due, once, and returns how many jobs there were
// and the last error.
func (s *shop) step() (jobs int, err error) {
	s.t.Helper()
	due, leaseErr := s.DB.Lease(s.t.Context(), 10, time.Hour)
	s.must(leaseErr)
	for _, j := range due {
		err = s.Worker.Step(s.t.Context(), j)
	}
	return len(due), err
}

// run has the line work until nothing is due.
func (s *shop) run() {
	s.t.Helper()
	for {
		n, err := s.step()
		s.must(err)
		if n == 0 {
			return
		}
	}
}

func (s *shop) look(id dossier.DocumentID) dossier.Document {
	s.t.Helper()
	d, err := s.DB.Document(s.t.Context(), id)
	s.must(err)
	return d
}

func (s *shop) bytes(sum digest.Digest) []byte {
	s.t.Helper()
	r, err := s.Blobs.Open(s.t.Context(), sum)
	s.must(err)
	defer r.Close()
	b, err := io.ReadAll(r)
	s.must(err)
	return b
}

// verdict judges the archival file of a document by the clock.
func (s *shop) verdict(d dossier.Document) workers.Judgement {
	s.t.Helper()
	_, sum, ok := d.Archival()
	if !ok {
		s.t.Fatalf("%s has no archival file", d.ID)
	}
	path, done, err := fetch(s.t.Context(), s.Blobs, sum, s.temp)
	s.must(err)
	defer done()
	j, err := s.judge(s.t.Context(), path)
	s.must(err)
	return j
}

// TestTwentyYears archives a document in 2026 and looks at it every quarter
// until 2046: it is renewed each time before the proof ends, by the authority
// of the day, and valid all along; every file it ever had is there, each the
// beginning of the next.
func TestTwentyYears(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam)
	s := newShop(t, start, 0)
	d := s.sealed()
	s.run()
	d = s.look(d.ID)
	if d.State != dossier.Archived || d.Proof.Until.Before(start.Add(4*year)) || d.Proof.By == "" {
		t.Fatalf("archived: %+v", d)
	}
	_, first, _ := d.Archival()
	original := s.bytes(first)
	for at := start; at.Before(start.Add(20 * year)); at = at.Add(year / 4) {
		s.wall.set(at)
		due := !d.Proof.Until.After(at.Add(dossier.PolicyAt(at).Ahead))
		listed, err := s.DB.Renewals(t.Context(), at, 0)
		if err != nil || (len(listed) == 1) != due {
			t.Fatalf("%s: listed %v, %v", at, listed, err)
		}
		if due {
			d = s.renewed(d)
		} else if n, err := s.step(); n != 0 {
			t.Fatalf("%s: %d jobs before the day: %v", at, n, err)
		}
		if !due && at.YearDay() > 100 {
			continue // once a year will do where nothing happened
		}
		if j := s.verdict(d); j.Verdict != dossier.VerdictValid || j.Signed != 2 {
			t.Fatalf("%s: %s %s", at, j.Verdict, j.Why)
		}
	}
	if d.Renewals() < 4 {
		t.Errorf("renewed %d times in 20 years", d.Renewals())
	}
	before := original
	for n := 1; n <= d.Renewals(); n++ {
		b := s.bytes(d.Parts[dossier.RenewedPart(n)])
		if !bytes.HasPrefix(b, before) || len(b) <= len(before) {
			t.Errorf("renewal %d does not begin with what was there", n)
		}
		before = b
	}
	if _, sum, _ := s.look(d.ID).Archival(); sum == first || !bytes.Equal(s.bytes(first), original) {
		t.Error("the first archival file is not what it was")
	}
	past, err := s.DB.Changes(t.Context(), d.ID)
	s.must(err)
	for i, c := range past[len(past)-d.Renewals():] {
		if c.Act != dossier.Renew || c.By != dossier.Machine || c.Made[dossier.RenewedPart(i+1)].IsZero() {
			t.Errorf("ledger: %+v", c)
		}
	}
	lapsed := s.sealedLapse(first)
	if lapsed.Verdict == dossier.VerdictValid {
		t.Error("what was not renewed would be valid as well: this proves nothing")
	}
}

// sealedLapse judges a file of the store as it is.
func (s *shop) sealedLapse(sum digest.Digest) workers.Judgement {
	return s.verdict(dossier.Document{ID: "-", Parts: map[dossier.Part]digest.Digest{dossier.PartSealed: sum}})
}

// renewed lets the day of renewal pass: the old authority gains nothing, then a
// new one is there.
func (s *shop) renewed(d dossier.Document) dossier.Document {
	s.t.Helper()
	if n, err := s.step(); n != 1 || !errors.Is(err, workers.ErrNoGain) {
		s.t.Fatalf("with the old authority: %d jobs, %v", n, err)
	}
	waits := s.look(d.ID)
	if !strings.HasPrefix(waits.Trouble, "no-gain: ") || waits.Version != d.Version || waits.Renewals() != d.Renewals() || waits.Since.IsZero() {
		s.t.Fatalf("waits as %+v", waits)
	}
	s.turnTo(newAuthority(s.t, s.wall.now))
	s.wall.set(s.wall.now().Add(6 * time.Hour))
	s.run()
	after := s.look(d.ID)
	if after.Renewals() != d.Renewals()+1 || after.State != dossier.Archived || after.Trouble != "" || !after.Proof.Until.After(d.Proof.Until) {
		s.t.Fatalf("renewed: %+v", after)
	}
	return after
}

// TestKilledInRenewal breaks renewals off at every step: before the file is
// kept, after it, and after the row moved although nobody heard of it. Nothing
// that was archived is touched, and there is one renewal.
func TestKilledInRenewal(t *testing.T) {
	s := newShop(t, time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam), 0)
	d := s.sealed()
	s.run()
	d = s.look(d.ID)
	_, archived, _ := d.Archival()
	s.wall.set(d.Proof.Until.Add(-30 * 24 * time.Hour))
	s.turnTo(newAuthority(t, s.wall.now))
	line := func(blobs blob.Store, rows workers.Rows) error {
		tools := *s.tools
		tools.Blobs = blobs
		w := workers.New(workers.Worker{Rows: rows, Line: workers.Line(&tools), Name: "line", Log: s.Log, Now: s.wall.now, Trouble: trouble})
		jobs, err := s.DB.Lease(t.Context(), 1, time.Hour)
		s.must(err)
		if len(jobs) != 1 {
			t.Fatalf("%d jobs are due", len(jobs))
		}
		err = w.Step(t.Context(), jobs[0])
		s.must(s.DB.VoidLeases(t.Context())) // as the next start does
		s.wall.set(s.wall.now().Add(6 * time.Hour))
		return err
	}
	for name, blobs := range map[string]blob.Store{"before the file": killed{s.Blobs, false}, "after the file": killed{s.Blobs, true}} {
		if err := line(blobs, s.DB); !errors.Is(err, errFault) {
			t.Errorf("%s: %v", name, err)
		}
		if now := s.look(d.ID); now.Version != d.Version || now.Trouble == "" {
			t.Errorf("%s: %+v", name, now)
		}
	}
	if err := line(s.Blobs, unheard{s.DB}); err != nil {
		t.Errorf("unheard: %v", err) // the row moved: postponing finds an echo
	}
	if n, err := s.step(); n != 0 {
		t.Errorf("renewed again: %d, %v", n, err)
	}
	now := s.look(d.ID)
	if now.Renewals() != 1 || now.Version != d.Version+1 {
		t.Errorf("renewed %d times, version %d", now.Renewals(), now.Version)
	}
	s.must(s.tools.ReadBack(t.Context(), archived))
}

// killed is a store whose puts are broken off, before or after they took hold.
type killed struct {
	blob.Store
	after bool
}

func (k killed) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if k.after {
		if err := k.Store.Put(ctx, d, size, r); err != nil {
			return err
		}
	}
	return errFault
}

// unheard moves rows, and says that it failed.
type unheard struct{ *sqldb.DB }

func (u unheard) Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error) {
	if _, err := u.DB.Advance(ctx, d, c); err != nil {
		return d, err
	}
	return d, errFault
}

// TestAuthoritiesAway takes the time-stamp authority and the service that tells
// of revocations away, in turn, while a copy is to be sealed and while an
// archived document is to be renewed. Each waits, says for whom and since when,
// makes nothing of a lower level, and goes on when the authority is back.
func TestAuthoritiesAway(t *testing.T) {
	for _, away := range []struct {
		name string
		out  func(*authority) *atomic.Bool
		code string
	}{
		{"time-stamps", func(a *authority) *atomic.Bool { return &a.stamps }, "tsa: "},
		{"revocations", func(a *authority) *atomic.Bool { return &a.questions }, "revocation: "},
	} {
		s := newShop(t, time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam), 0)
		once := s.once()
		d := s.at(dossier.Approved, map[dossier.Act]map[dossier.Part]digest.Digest{dossier.SignCopy: {dossier.PartCopySigned: s.keep(once)}})
		d = s.waits(d, away.out(s.newest), away.code)
		s.run()
		if d = s.look(d.ID); d.State != dossier.Archived || d.Trouble != "" {
			t.Fatalf("%s: when they are back: %+v", away.name, d)
		}
		if j := s.verdict(d); j.Verdict != dossier.VerdictValid || !strings.Contains(string(j.Report), `"B-LTA"`) || strings.Contains(string(j.Report), `"level":"B-T"`) {
			t.Errorf("%s: sealed at %s", away.name, j.Report)
		}
		s.wall.set(d.Proof.Until.Add(-30 * 24 * time.Hour))
		s.turnTo(newAuthority(t, s.wall.now))
		d = s.waits(d, away.out(s.newest), away.code)
		s.run()
		if d = s.look(d.ID); d.Renewals() != 1 || d.Trouble != "" {
			t.Errorf("%s: renewed when they are back: %+v", away.name, d)
		}
	}
}

// once is a copy that the officer signed.
func (s *shop) once() []byte {
	s.t.Helper()
	file := revisiontest.Paper{}.Bytes()
	var out bytes.Buffer
	s.must(s.Sealer.Sign(s.t.Context(), signing.Request{Profile: signing.CopyOfficer, Key: s.key("officer", "Nguyễn Vĩnh Nghĩa", "UBND"), Name: "Nguyễn Vĩnh Nghĩa"},
		bytes.NewReader(file), int64(len(file)), &out))
	return out.Bytes()
}

// waits takes an authority away, tries twice, and brings it back.
func (s *shop) waits(d dossier.Document, out *atomic.Bool, code string) dossier.Document {
	s.t.Helper()
	out.Store(true)
	began := s.wall.now()
	for try := range 2 {
		if n, err := s.step(); n != 1 || err == nil {
			s.t.Fatalf("try %d without it: %d jobs, %v: %+v", try, n, err, s.look(d.ID))
		}
		now := s.look(d.ID)
		if !strings.HasPrefix(now.Trouble, code) || now.Version != d.Version || len(now.Parts) != len(d.Parts) || !now.Since.Equal(began) || !now.NextTry.After(s.wall.now()) {
			s.t.Fatalf("try %d: %q since %s, next %s; %d parts", try, now.Trouble, now.Since, now.NextTry, len(now.Parts))
		}
		listed, err := s.DB.Documents(s.t.Context(), dossier.DocumentQuery{Troubled: true})
		if err != nil || len(listed) != 1 || listed[0].ID != d.ID {
			s.t.Fatalf("in trouble: %v, %v", listed, err)
		}
		s.wall.set(now.NextTry)
	}
	out.Store(false)
	return s.look(d.ID)
}

// TestProofsAreFound has documents that were archived before anybody noted when
// their proof ends.
func TestProofsAreFound(t *testing.T) {
	s := newShop(t, time.Date(2026, 11, 21, 12, 0, 0, 0, dossier.VietNam), 0)
	var ids []dossier.DocumentID
	for range 3 {
		d, err := s.DB.Advance(t.Context(), s.sealed(), dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "an earlier version"})
		s.must(err)
		ids = append(ids, d.ID)
	}
	lost := s.at(dossier.Sealed, map[dossier.Act]map[dossier.Part]digest.Digest{dossier.Seal: {dossier.PartSealed: digest.Of([]byte("lost"))}})
	_, err := s.DB.Advance(t.Context(), lost, dossier.Change{Act: dossier.Archive, By: dossier.Machine, Who: "an earlier version"})
	s.must(err)
	s.must(s.findProofs(t.Context()))
	for _, id := range ids {
		if d := s.look(id); d.Proof.Until.Before(s.wall.now().Add(4*year)) || d.Proof.By == "" {
			t.Errorf("%s: %+v", id, d.Proof)
		}
	}
	if left, err := s.DB.Unproven(t.Context(), 10); err != nil || len(left) != 1 || left[0].ID != lost.ID {
		t.Errorf("left: %v, %v", left, err)
	}
}
