package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/ocr/child"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/mark"
	"sohoa/signing/tsa"
	"sohoa/storage/blob"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

// errFault is what a broken wire says.
var errFault = errors.New("fault")

// A faults breaks calls: before they take effect, or after, when the caller
// cannot know that they did.
type faults struct {
	mu    sync.Mutex
	rnd   *rand.Rand
	share float64 // of calls that break each way
	done  int
}

func (f *faults) around(call func() error) error {
	f.mu.Lock()
	x, share := f.rnd.Float64(), f.share
	broken := x < 2*share
	if broken {
		f.done++
	}
	f.mu.Unlock()
	if x < share {
		return fmt.Errorf("%w before", errFault)
	}
	if err := call(); err != nil {
		return err
	}
	if broken {
		return fmt.Errorf("%w after", errFault)
	}
	return nil
}

func (f *faults) set(share float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.share = share
}

// faultyDB breaks every call that the line and the door make on the rows. A
// dead worker's calls no longer reach them.
type faultyDB struct {
	*sqldb.DB
	f    *faults
	dead func() bool
}

func (b faultyDB) around(call func() error) error {
	if b.dead != nil && b.dead() {
		return errFault
	}
	return b.f.around(call)
}

func (b faultyDB) LeaseLane(ctx context.Context, lane dossier.Lane, n, ahead int, d time.Duration) (jobs []dossier.Job, err error) {
	return jobs, b.around(func() error { jobs, err = b.DB.LeaseLane(ctx, lane, n, ahead, d); return err })
}

func (b faultyDB) Claim(ctx context.Context, j dossier.Job, d time.Duration) (doc dossier.Document, n int, err error) {
	return doc, n, b.around(func() error { doc, n, err = b.DB.Claim(ctx, j, d); return err })
}

func (b faultyDB) Advance(ctx context.Context, d dossier.Document, c dossier.Change) (doc dossier.Document, err error) {
	return doc, b.around(func() error { doc, err = b.DB.Advance(ctx, d, c); return err })
}

func (b faultyDB) Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error {
	return b.around(func() error { return b.DB.Postpone(ctx, j, until, trouble) })
}

func (b faultyDB) Add(ctx context.Context, d dossier.Document, who dossier.PersonID) (doc dossier.Document, err error) {
	return doc, b.around(func() error { doc, err = b.DB.Add(ctx, d, who); return err })
}

func (b faultyDB) RecordIntent(ctx context.Context, i dossier.Intent) error {
	return b.around(func() error { return b.DB.RecordIntent(ctx, i) })
}

// faultyBlobs breaks puts and opens.
type faultyBlobs struct {
	blob.Store
	f *faults
}

func (b faultyBlobs) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	return b.f.around(func() error { return b.Store.Put(ctx, d, size, r) })
}

func (b faultyBlobs) Open(ctx context.Context, d digest.Digest) (r io.ReadCloser, err error) {
	err = b.f.around(func() error { r, err = b.Store.Open(ctx, d); return err })
	if err != nil && r != nil {
		r.Close()
		r = nil
	}
	return r, err
}

// A bench is a house on real parts whose wires can be broken, and whose workers
// can die.
type bench struct {
	t     *testing.T
	dir   string
	db    *sqldb.DB
	blobs *fs.Store
	f     *faults
	tools *workers.Tools
	door  *ingest.Door
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, dir: t.TempDir(), f: &faults{rnd: rand.New(rand.NewPCG(7, 7))}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b.db = sqldbtest.New(t, filepath.Join(b.dir, "db"), time.Now)
	t.Cleanup(func() { b.db.Close() })
	var err error
	b.blobs, err = fs.Open(filepath.Join(b.dir, "blobs"))
	must(err)
	ca, err := devca.Open(filepath.Join(b.dir, "ca"), time.Now)
	must(err)
	authority := httptest.NewServer(ca.TSA())
	t.Cleanup(authority.Close)
	font, err := mark.Load(Read(func(string) string { return "" }).Font)
	must(err)
	pool, err := child.New(child.Options{Workers: 2})
	must(err)
	t.Cleanup(pool.Close)
	rows, blobs := faultyDB{DB: b.db, f: b.f}, faultyBlobs{b.blobs, b.f}
	trust, err := OpenTrust(filepath.Join(b.dir, "trust"))
	must(err)
	house := &House{CA: ca, Trust: trust, Blobs: b.blobs, temp: t.TempDir()}
	b.tools = &workers.Tools{Facts: rows, Blobs: blobs, Reader: pool, Keys: &keyring{ca: ca, db: b.db},
		Sealer: &signing.Sealer{Font: font, Now: time.Now, TSA: &tsa.Client{URL: authority.URL, Roots: ca.Roots(), Now: time.Now}},
		Judge:  house.judge, Pages: splitter, ToRead: readSplitter, Held: sniff.Held, Kept: keptSplitter, Temp: house.temp, Now: time.Now, Readers: 2}
	b.door = &ingest.Door{Rows: rows, Blobs: blobs, Limits: Limits, Temp: house.temp, Now: time.Now}
	must(b.db.PutAgency(t.Context(), dossier.Agency{Code: "H98", Name: "Ủy ban nhân dân xã Vĩnh Nghĩa", Tier: dossier.Commune}))
	must(b.db.PutKind(t.Context(), dossier.Kind{Code: "DT", Name: "Giấy diễn tập"}))
	must(b.db.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Diễn tập", Level: dossier.Full, Field: "Diễn tập", Days: 1,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DT", Name: "Giấy", Required: true, Digitise: true}}}))
	for _, r := range []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk} {
		must(b.db.PutPerson(t.Context(), dossier.Person{ID: dossier.PersonID(r), Login: string(r), Name: "Nguyễn Vĩnh Nghĩa", Role: r, Agency: "H98"}, "-"))
	}
	return b
}

// life runs a worker on a queue of its own until it dies: what it had in hand
// is broken off, and its queue is gone.
func (b *bench) life(ctx context.Context) {
	queue, err := asynqueue.Open(ctx, "")
	if err != nil {
		b.t.Error(err)
		return
	}
	defer queue.Close()
	if err := b.db.VoidLeases(context.WithoutCancel(ctx)); err != nil {
		b.t.Error(err)
	}
	log := slog.New(slog.DiscardHandler)
	w := workers.New(workers.Worker{Rows: faultyDB{b.db, b.f, func() bool { return ctx.Err() != nil }}, Queue: queue, Line: workers.Line(b.tools),
		Name: "line", Log: log, Now: time.Now, Trouble: trouble, Rest: time.Second})
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.Relay(ctx) })
	wg.Go(func() { _ = queue.Serve(ctx, 2, 0, log, w.Step) })
	wg.Wait()
}

// upload sends a paper until the door answers.
func (b *bench) upload(ctx context.Context, i int) (dossier.DocumentID, error) {
	d, err := b.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98",
		Holder: b.holder(ctx, i), Channel: dossier.Direct, Received: time.Now()}, "counter")
	if err != nil {
		return "", err
	}
	paper := drawn(fmt.Sprintf("GIAY SO %d", i))
	for {
		doc, err := b.door.Accept(ctx, ingest.Intake{Dossier: d.Code, Slot: "TP01", Who: "counter", Body: bytes.NewReader(paper)})
		if err == nil || !errors.Is(err, errFault) {
			return doc.ID, err
		}
	}
}

func (b *bench) holder(ctx context.Context, i int) dossier.HolderID {
	h, err := b.db.PutHolder(ctx, dossier.Holder{Number: fmt.Sprintf("099090%06d", i), Name: "Trần Sĩ"})
	if err != nil {
		b.t.Error(err)
	}
	return h.ID
}

// people act on what waits for them until ctx ends.
func (b *bench) people(ctx context.Context) {
	for ctx.Err() == nil {
		for state, act := range map[dossier.State]dossier.Act{dossier.Normalised: dossier.Attest,
			dossier.Extracted: dossier.Confirm, dossier.Confirmed: dossier.Approve} {
			docs, err := b.db.Documents(ctx, dossier.DocumentQuery{States: []dossier.State{state}, Limit: 50})
			if err != nil {
				continue
			}
			role, _ := dossier.Waits(state)
			for _, d := range docs {
				_, err := b.db.Advance(ctx, d, dossier.Change{Act: act, By: role, Who: dossier.PersonID(role), At: time.Now()})
				if err != nil && ctx.Err() == nil {
					b.t.Errorf("%s: %v", act, err)
				}
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestNothingIsLost breaks one call in twelve, before or after it takes effect,
// and kills the worker with its queue again and again: every upload that was
// answered ends archived exactly once.
func TestNothingIsLost(t *testing.T) {
	const uploads = 40
	b := newBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	b.f.set(1.0 / 24)
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { b.people(ctx) })
	lives := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			lives++
			life, end := context.WithTimeout(ctx, time.Duration(1000+200*lives)*time.Millisecond)
			select {
			case <-over:
				end()
				life, end = context.WithCancel(ctx)
			default:
			}
			b.life(life)
			end()
		}
	})
	var answered []dossier.DocumentID
	for i := range uploads {
		id, err := b.upload(ctx, i)
		if err != nil {
			t.Fatalf("upload %d: %v", i, err)
		}
		answered = append(answered, id)
	}
	for !b.archived(ctx, uploads/2) && ctx.Err() == nil {
		time.Sleep(100 * time.Millisecond)
	}
	close(over) // the wires hold from now on, and the worker lives
	b.f.set(0)
	for !b.archived(ctx, uploads) {
		if ctx.Err() != nil {
			b.standing()
			t.Fatal("not all came to their end")
		}
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	wg.Wait()
	t.Logf("%d calls broken, %d lives", b.f.done, lives)
	if b.f.done < uploads || lives < 3 {
		t.Errorf("only %d calls broken and %d lives: this proves little", b.f.done, lives)
	}
	b.count(answered)
}

func (b *bench) archived(ctx context.Context, n int) bool {
	counts, err := b.db.Counts(ctx, nil, nil)
	if err != nil || ctx.Err() != nil {
		return false
	}
	return counts[dossier.Archived] >= n
}

func (b *bench) standing() {
	docs, err := b.db.Documents(context.WithoutCancel(b.t.Context()), dossier.DocumentQuery{Limit: 1000})
	if err != nil {
		b.t.Error(err)
	}
	for _, d := range docs {
		if d.State != dossier.Archived {
			b.t.Logf("%s stands at %s: %s %s", d.ID, d.State, d.Trouble, d.Why)
		}
	}
}

// count looks at what is left, row by row and byte by byte.
func (b *bench) count(answered []dossier.DocumentID) {
	ctx := b.t.Context()
	seen := map[dossier.DocumentID]bool{}
	for _, id := range answered {
		if seen[id] {
			b.t.Errorf("two uploads were answered with %s", id)
		}
		seen[id] = true
		d, err := b.db.Document(ctx, id)
		if err != nil {
			b.t.Fatal(err)
		}
		past, err := b.db.Changes(ctx, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if d.State != dossier.Archived || d.Version != 9 || len(past) != 10 {
			b.t.Errorf("%s: %s, version %d, %d changes", id, d.State, d.Version, len(past))
		}
		of, err := b.db.Dossier(ctx, d.Dossier)
		if err != nil {
			b.t.Fatal(err)
		}
		entries, err := b.db.Entries(ctx, of.Holder, time.Time{})
		if err != nil || len(entries) != 1 || entries[0].Document != id {
			b.t.Errorf("%s: on the record as %v (%v)", id, entries, err)
		}
		for part, sum := range d.Parts {
			if err := b.tools.ReadBack(ctx, sum); err != nil {
				b.t.Errorf("%s %s: %v", id, part, err)
			}
		}
		intents, err := b.db.Intents(ctx, id)
		if err != nil || len(intents) < 2 {
			b.t.Errorf("%s: %d intents for 2 signatures (%v)", id, len(intents), err)
		}
	}
	all, err := b.db.Documents(ctx, dossier.DocumentQuery{Limit: 1000})
	if err != nil || len(all) != len(answered) {
		b.t.Errorf("%d documents for %d answers (%v)", len(all), len(answered), err)
	}
}

// drawn is a small paper with a line of text, quick to read.
func drawn(text string) []byte {
	small := image.NewGray(image.Rect(0, 0, 200, 60))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: small, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13, Dot: fixed.P(20, 35)}
	d.DrawString(text)
	page := image.NewGray(image.Rect(0, 0, 600, 180))
	draw.CatmullRom.Scale(page, page.Bounds(), small, small.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	_ = png.Encode(&b, page)
	return b.Bytes()
}
