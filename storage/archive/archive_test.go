package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/blob/mem"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

// A house has real rows, a main store on the disk and a second one in memory.
type house struct {
	*Keeper
	t      *testing.T
	db     *sqldb.DB
	dir    string // of the main store
	second *mem.Store
	code   dossier.Code
	papers int

	mu sync.Mutex
	at time.Time
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, second: &mem.Store{}, at: time.Date(2026, 11, 26, 8, 0, 0, 0, dossier.VietNam)}
	root := t.TempDir()
	h.dir = filepath.Join(root, "blobs")
	h.db = sqldbtest.New(t, filepath.Join(root, "sohoa.db"), h.now)
	t.Cleanup(func() { h.must(h.db.Close()) })
	main, err := fs.Open(h.dir)
	h.must(err)
	h.Keeper = &Keeper{Holdings: h.db, Orphans: h.db, Main: main, Second: h.second, Evidence: filepath.Join(root, "evidence"),
		Policy: fixity.Policy{Every: 90 * 24 * time.Hour, Keep: 30 * 24 * time.Hour}, Now: h.now, Log: slog.New(slog.DiscardHandler)}
	h.must(h.db.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "UBND", Tier: dossier.Commune}))
	h.must(h.db.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy"}))
	h.must(h.db.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Thử", Level: dossier.Full,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy"}}}))
	return h
}

// receive keeps a paper as the door does: bytes first, then the row.
func (h *house) receive() (digest.Digest, []byte) {
	h.t.Helper()
	h.papers++
	b := fmt.Appendf(bytes.Repeat([]byte("giấy tờ "), 100), "%d", h.papers)
	d := blobtest.Put(h.t, h.Main, b)
	holder, err := h.db.PutHolder(h.t.Context(), dossier.Holder{Number: fmt.Sprintf("%012d", h.papers), Name: "Nguyễn Văn An"})
	h.must(err)
	of, err := h.db.AddDossier(h.t.Context(), dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98", Holder: holder.ID, Channel: dossier.Direct, Received: h.now()}, "p")
	h.must(err)
	_, err = h.db.Add(h.t.Context(), dossier.Document{Dossier: of.Code, Slot: "TP01", Media: "image/jpeg", Size: int64(len(b)), Pages: 1,
		Received: h.now(), Parts: map[dossier.Part]digest.Digest{dossier.PartScan: d}}, "p")
	h.must(err)
	h.move(time.Second)
	return d, b
}

func (h *house) path(d digest.Digest) string { return filepath.Join(h.dir, d.String()[:2], d.String()) }

// rot changes one bit of a file of the main store behind everybody's back.
func (h *house) rot(d digest.Digest) []byte {
	h.t.Helper()
	b, err := os.ReadFile(h.path(d))
	h.must(err)
	b[7] ^= 1
	h.must(os.Chmod(h.path(d), 0o600))
	h.must(os.WriteFile(h.path(d), b, 0o600))
	return b
}

func (h *house) all() fixity.Report {
	h.t.Helper()
	h.move(time.Minute)
	h.must(h.Keeper.All(h.t.Context(), nil))
	r, err := h.Report(h.t.Context())
	h.must(err)
	return r
}

func whats(found []fixity.Finding) (out []fixity.What) {
	for _, f := range found {
		out = append(out, f.What)
	}
	slices.Reverse(out)
	return out
}

// A flipped bit, a cut file and a lost one are found in either store, mended
// from the other, told, and the bytes that were found are kept.
func TestMended(t *testing.T) {
	h := newHouse(t)
	flipped, _ := h.receive()
	lost, lostBytes := h.receive()
	there, thereBytes := h.receive()
	gone, goneBytes := h.receive()
	if r := h.all(); r.CountBad() != 0 || r.Stores[1].Counts[fixity.Kept] != 4 || r.Stores[0].Counts[fixity.Kept] != 4 || r.Stores[1].Bytes != r.Stores[0].Bytes || r.Stores[1].Bytes == 0 {
		t.Fatalf("a sound house: %+v", r)
	}
	bad := h.rot(flipped)
	h.must(os.Remove(h.path(lost)))
	h.second.Damage(there, thereBytes[:50])
	h.must(h.second.Remove(t.Context(), gone))
	r := h.all()
	if r.CountBad() != 0 || len(r.Findings) != 8 {
		t.Errorf("%d bad, findings %v", r.CountBad(), whats(r.Findings))
	}
	for d, want := range map[digest.Digest][]byte{lost: lostBytes, there: thereBytes, gone: goneBytes, flipped: nil} {
		for _, s := range []Store{h.Main, h.second} {
			if got, err := blobtest.Get(t, s, d); err != nil || want != nil && !bytes.Equal(got, want) {
				t.Errorf("%T %s: %v", s, d, err)
			}
		}
	}
	for _, f := range r.Findings {
		if f.What != fixity.Mended {
			continue
		}
		got, err := os.ReadFile(filepath.Join(h.Evidence, f.Evidence))
		switch f.Digest {
		case flipped:
			if err != nil || !bytes.Equal(got, bad) {
				t.Errorf("evidence of the flipped bit: %v", err)
			}
		case there:
			if err != nil || !bytes.Equal(got, thereBytes[:50]) {
				t.Errorf("evidence of the cut file: %v", err)
			}
		default:
			if f.Evidence != "" {
				t.Errorf("evidence of what was gone: %s", f.Evidence)
			}
		}
	}
}

// What is wrong in both stores is named, told once, looked at again, and mended
// when somebody brings the right bytes back. Nothing wrong is copied over
// anything.
func TestWrongInBoth(t *testing.T) {
	h := newHouse(t)
	d, b := h.receive()
	h.all()
	h.rot(d)
	h.second.Damage(d, []byte("other"))
	r := h.all()
	if r.CountBad() != 2 || len(r.Bad) != 2 || len(r.Findings) != 2 {
		t.Fatalf("%+v", r)
	}
	if r = h.all(); len(r.Findings) != 2 {
		t.Errorf("told again: %v", whats(r.Findings))
	}
	if left, _ := os.ReadDir(h.Evidence); len(left) > 0 {
		t.Errorf("evidence without a mending: %v", left)
	}
	h.second.Damage(d, b) // from a backup
	if r = h.all(); r.CountBad() != 0 {
		t.Errorf("after the backup: %+v", r.Bad)
	}
	if got, err := blobtest.Get(t, h.Main, d); err != nil || !bytes.Equal(got, b) {
		t.Errorf("main: %v", err)
	}
}

// Without a second store damage is found and named, and stays.
func TestNoSecond(t *testing.T) {
	h := newHouse(t)
	h.Second = nil
	d, _ := h.receive()
	h.rot(d)
	if r := h.all(); len(r.Stores) != 1 || r.CountBad() != 1 || r.Bad[0].State != fixity.Damaged || r.Bad[0].Digest != d {
		t.Errorf("%+v", r)
	}
}

// A store that is away is no verdict on its files; one file that cannot be read
// for want of a right does not keep the others from being looked at.
func TestAway(t *testing.T) {
	h := newHouse(t)
	h.receive()
	d, _ := h.receive()
	h.all()
	away := &faulty{Store: h.second, fail: func(digest.Digest) error { return blob.ErrUnavailable }}
	h.Second = away
	h.move(time.Minute)
	if err := h.Keeper.All(t.Context(), nil); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	if r, err := h.Report(t.Context()); err != nil || r.CountBad() != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	away.fail = func(asked digest.Digest) error {
		if asked == d {
			return errors.New("no right")
		}
		return nil
	}
	if r := h.all(); r.Stores[1].Counts[fixity.Unreadable] != 1 || r.Stores[1].Counts[fixity.Kept] != 1 {
		t.Errorf("%+v", r.Stores[1])
	}
}

// The evidence comes before the mending: where it cannot be kept, the damaged
// file stays as it is and the right one stays where it is.
func TestNoRoomForEvidence(t *testing.T) {
	h := newHouse(t)
	d, _ := h.receive()
	h.all()
	bad := h.rot(d)
	h.Evidence = filepath.Join(h.path(d), "under a file")
	if r := h.all(); r.CountBad() != 1 {
		t.Errorf("%+v", r)
	}
	if got, err := os.ReadFile(h.path(d)); err != nil || !bytes.Equal(got, bad) {
		t.Errorf("the damaged bytes are gone: %v", err)
	}
}

// faulty fails to open some files.
type faulty struct {
	Store
	fail  func(digest.Digest) error
	opens int
}

func (f *faulty) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	f.opens++
	if f.fail != nil {
		if err := f.fail(d); err != nil {
			return nil, err
		}
	}
	return f.Store.Open(ctx, d)
}

// All files are looked at within the set time, at an even pace, and a keeper
// that is started anew goes on where the last one was.
func TestSpread(t *testing.T) {
	h := newHouse(t)
	h.Second = nil
	seen := &faulty{Store: h.Main}
	h.Main = seen
	const papers = 40
	for range papers {
		h.receive()
	}
	h.Policy.Every = 40 * time.Hour
	began, most := h.now(), 0
	h.move(time.Minute)
	s := &spread{k: h.Keeper, credit: map[fixity.Store]float64{}, at: h.now()}
	for hour := range 40 {
		if hour == 20 {
			s = &spread{k: h.Keeper, credit: map[fixity.Store]float64{}, at: h.now()}
		}
		h.move(time.Hour)
		before := seen.opens
		h.must(s.check(t.Context(), nil))
		most = max(most, seen.opens-before)
	}
	tally, err := h.db.Tally(t.Context(), fixity.Main, h.now())
	h.must(err)
	if !tally.Oldest.After(began) || seen.opens > papers*5/4 || most > 5 {
		t.Errorf("oldest look %s, %d looks, %d in an hour", tally.Oldest, seen.opens, most)
	}
}

// A clock that was a year ahead and went back keeps no file from being looked at: neither
// by the command nor by the service, whether it went on or began anew.
func TestClockWentBack(t *testing.T) {
	const ahead = 400 * 24 * time.Hour
	for name, look := range map[string]func(h *house) error{
		"the command": func(h *house) error { return h.All(h.t.Context(), nil) },
		"the service, begun anew": func(h *house) error {
			s := &spread{k: h.Keeper, credit: map[fixity.Store]float64{}, at: h.now()}
			return s.check(h.t.Context(), nil)
		},
		"the service, which went on": func(h *house) error {
			h.move(ahead)
			s := &spread{k: h.Keeper, credit: map[fixity.Store]float64{}, at: h.now()}
			h.must(s.check(h.t.Context(), nil))
			h.move(-ahead)
			return s.check(h.t.Context(), nil)
		},
	} {
		h := newHouse(t)
		d, b := h.receive()
		h.all()
		h.move(ahead)
		h.all()
		h.move(-ahead)
		h.rot(d)
		h.must(look(h))
		if got, err := os.ReadFile(h.path(d)); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: the file that rotted is not mended, %v", name, err)
		}
		tally, err := h.db.Tally(t.Context(), fixity.Main, h.now())
		h.must(err)
		if tally.Oldest.After(h.now()) {
			t.Errorf("%s: the oldest look is at %s, and it is %s", name, tally.Oldest, h.now())
		}
	}
}

// Orphans are found, those that a row comes to name are none, and only what was
// seen long enough goes, when the operator says how many, with a trace.
func TestOrphans(t *testing.T) {
	h := newHouse(t)
	kept, _ := h.receive()
	orphan := blobtest.Put(t, h.Main, []byte("of a process that was killed"))
	soon := blobtest.Put(t, h.Main, fmt.Appendf(bytes.Repeat([]byte("giấy tờ "), 100), "%d", 2)) // what is received next
	r := h.all()
	if got := r.Stores[0]; got.Orphans != 2 || got.Prunable != 0 || got.Walk.Blobs != 3 || got.OrphanBytes == 0 {
		t.Fatalf("%+v", got)
	}
	if d, _ := h.receive(); d != soon {
		t.Fatal("the test has another paper in mind")
	}
	if _, _, err := h.Prune(t.Context(), fixity.Main, 1, "quản trị"); !errors.Is(err, ErrPrune) {
		t.Errorf("on the first day: %v", err)
	}
	h.move(h.Policy.Keep + time.Hour)
	if r = h.all(); r.Stores[0].Prunable != 1 {
		t.Errorf("after the delay: %+v", r.Stores[0])
	}
	for _, wrong := range []func() (int, int64, error){
		func() (int, int64, error) { return h.Prune(t.Context(), fixity.Main, 2, "quản trị") },
		func() (int, int64, error) { return h.Prune(t.Context(), fixity.Main, 1, "") },
	} {
		if _, _, err := wrong(); !errors.Is(err, ErrPrune) {
			t.Errorf("%v, want ErrPrune", err)
		}
	}
	if n, _, err := h.Prune(t.Context(), fixity.Main, 1, "quản trị"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := h.Main.Stat(t.Context(), orphan); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the orphan: %v", err)
	}
	for _, d := range []digest.Digest{kept, soon} {
		if _, err := h.Main.Stat(t.Context(), d); err != nil {
			t.Errorf("what is named: %v", err)
		}
	}
	r, err := h.Report(t.Context())
	h.must(err)
	if f := r.Findings[0]; f.What != fixity.Pruned || f.Who != "quản trị" || f.Digest != orphan {
		t.Errorf("trace: %+v", f)
	}
}

// A running keeper fills the second store and stops when it is told.
func TestRun(t *testing.T) {
	h := newHouse(t)
	d, b := h.receive()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	for range 200 {
		if _, err := h.second.Stat(t.Context(), d); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got, err := blobtest.Get(t, h.second, d); err != nil || !bytes.Equal(got, b) {
		t.Errorf("second store: %v", err)
	}
}

func TestPace(t *testing.T) {
	p := newPace(1<<20, time.Now)
	began := time.Now()
	n, err := io.Copy(io.Discard, p.reader(t.Context(), bytes.NewReader(make([]byte, 1<<20))))
	if took := time.Since(began); err != nil || n != 1<<20 || took < 700*time.Millisecond {
		t.Errorf("a mebibyte at one in a second took %v, %v", took, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := io.Copy(io.Discard, p.reader(ctx, bytes.NewReader(make([]byte, 1<<20)))); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// Checkpoints of the ledger and their time-stamps are copied, looked at and
// mended like files of documents.
func TestCheckpointsAreWatched(t *testing.T) {
	h := newHouse(t)
	h.receive()
	note, stamp := blobtest.Put(t, h.Main, []byte("a checkpoint")), blobtest.Put(t, h.Main, []byte("its time-stamp"))
	_, err := h.db.AddCheckpoint(t.Context(), ledger.Kept{Size: 1, At: h.now().UnixMilli(), Note: []byte("a checkpoint"), Sum: note.String()})
	h.must(err)
	h.all()
	h.must(h.db.StampCheckpoint(t.Context(), 1, stamp))
	if r := h.all(); r.CountBad() != 0 || r.Stores[0].Counts[fixity.Kept] != 3 || r.Stores[1].Counts[fixity.Kept] != 3 || r.Stores[0].Orphans != 0 {
		t.Fatalf("%+v", r)
	}
	for _, d := range []digest.Digest{note, stamp} {
		if _, err := blobtest.Get(t, h.second, d); err != nil {
			t.Errorf("second store: %v", err)
		}
	}
	h.rot(note)
	h.must(h.second.Remove(t.Context(), stamp))
	r := h.all()
	if r.CountBad() != 0 || len(r.Findings) != 4 {
		t.Errorf("%d bad, %v", r.CountBad(), whats(r.Findings))
	}
	if got, err := blobtest.Get(t, h.Main, note); err != nil || string(got) != "a checkpoint" {
		t.Errorf("main: %q, %v", got, err)
	}
	if known, err := h.db.IsCheckpoint(t.Context(), stamp); err != nil || !known {
		t.Errorf("not known as one: %v", err)
	}
}
