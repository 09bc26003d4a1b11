package drop_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest"
	taking "sohoa/ingest/drop"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/scan"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{"inspect": sniff.InspectChild})
	os.Exit(m.Run())
}

type yard struct {
	*testing.T
	db    *sqldb.DB
	blobs *mem.Store
	w     *taking.Watch
	now   time.Time
	dir   string
	log   bytes.Buffer
}

func newYard(t *testing.T) *yard {
	y := &yard{T: t, blobs: &mem.Store{}, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), dir: t.TempDir()}
	clock := func() time.Time { return y.now }
	y.db = sqldbtest.New(t, filepath.Join(t.TempDir(), "db"), clock)
	t.Cleanup(func() { y.db.Close() })
	y.must(y.db.PutAgency(t.Context(), dossier.Agency{Code: "H60.12", Name: "Một cửa", Tier: dossier.Commune}))
	y.w = &taking.Watch{Every: time.Hour, Log: slog.New(slog.NewTextHandler(&y.log, nil)),
		Taker: &taking.Taker{Rows: y.db, Door: &ingest.Door{Blobs: y.blobs, Temp: t.TempDir(), Now: clock, Limits: scan.Limits{Pixels: 1 << 24, Pages: 10, Bytes: 1 << 20}.OrDefault()}},
		Inbox: taking.Inbox{Dir: y.dir, ID: "folder-x", Agency: "H60.12", Source: drop.Folder, Quiet: 5 * time.Second, Keep: true}}
	return y
}

func (y *yard) must(err error) {
	y.Helper()
	if err != nil {
		y.Fatal(err)
	}
}

// look looks at the folder twice, as long apart as a whole file stands still.
func (y *yard) look() {
	y.Helper()
	for range 2 {
		_, err := y.w.Look(y.Context())
		y.must(err)
		y.now = y.now.Add(6 * time.Second)
	}
}

func (y *yard) put(name string, b []byte) {
	y.Helper()
	y.must(os.MkdirAll(filepath.Dir(filepath.Join(y.dir, name)), 0o700))
	y.must(os.WriteFile(filepath.Join(y.dir, name), b, 0o600))
}

// tray returns the states of what was dropped, by name; one that is there twice is
// a failure.
func (y *yard) tray() map[string]string {
	y.Helper()
	list, err := y.db.Tray(y.Context(), []dossier.AgencyCode{"H60.12"}, "", 0)
	y.must(err)
	found := map[string]string{}
	for _, d := range list {
		if found[d.Name] != "" {
			y.Errorf("%s is there twice", d.Name)
		}
		found[d.Name] = strings.TrimSpace(string(d.State) + " " + d.Code)
	}
	return found
}

func (y *yard) is(name, want string) {
	y.Helper()
	if got := y.tray()[name]; got != want {
		y.Errorf("%q is %q, not %q", name, got, want)
	}
}

func (y *yard) there(name string) bool {
	_, err := os.Lstat(filepath.Join(y.dir, name))
	return err == nil
}

func picture(t *testing.T, grey uint8) []byte {
	im := image.NewGray(image.Rect(0, 0, 300, 400))
	for i := range im.Pix {
		im.Pix[i] = grey
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever lies in a folder, each file ends taken, refused with its reason beside it, or
// waiting; what is no file of the folder is never opened, and nothing ends the loop.
func TestFolderOfEverything(t *testing.T) {
	y := newYard(t)
	outside := filepath.Join(t.TempDir(), "secret.jpg")
	y.must(os.WriteFile(outside, picture(t, 1), 0o600))
	y.put("đơn.jpg", picture(t, 200))
	y.put("2026/03/trong.jpg", picture(t, 100))
	y.put("bad\nname\u202e.jpg", picture(t, 50))
	y.put("virus.exe", []byte("MZ not a paper"))
	y.put("empty.pdf", nil)
	y.put("large.jpg", make([]byte, 1<<20+1))
	y.put("half.jpg.part", picture(t, 10))
	y.put("taken/old.jpg", picture(t, 11))
	y.must(os.Symlink(outside, filepath.Join(y.dir, "link.jpg")))
	y.must(os.Symlink(filepath.Dir(outside), filepath.Join(y.dir, "dirlink")))
	y.must(syscall.Mkfifo(filepath.Join(y.dir, "fifo.jpg"), 0o600))
	y.put("two.jpg", picture(t, 12))
	y.must(os.Link(filepath.Join(y.dir, "two.jpg"), filepath.Join(t.TempDir(), "other")))
	if _, err := y.w.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	y.is("đơn.jpg", "waiting growing")
	y.now = y.now.Add(6 * time.Second)
	y.look()
	for name, want := range map[string]string{"đơn.jpg": "taken", "2026/03/trong.jpg": "taken", "bad_name_.jpg": "taken", "virus.exe": "refused kind", "empty.pdf": "refused empty",
		"large.jpg": "refused bytes", "half.jpg.part": "waiting partial", "two.jpg": "waiting linked", "link.jpg": "", "dirlink/secret.jpg": "", "fifo.jpg": "", "taken/old.jpg": ""} {
		y.is(name, want)
	}
	for _, name := range []string{"taken/đơn.jpg", "taken/trong.jpg", "refused/virus.exe", "refused/virus.exe.ly-do.txt", "refused/empty.pdf.ly-do.txt", "half.jpg.part", "link.jpg", "fifo.jpg"} {
		if !y.there(name) {
			t.Errorf("%s is not there", name)
		}
	}
	if y.there("đơn.jpg") || y.there("virus.exe") {
		t.Error("what was dealt with is still in the folder")
	}
	if _, err := y.blobs.Stat(t.Context(), digest.Of(picture(t, 200))); err != nil {
		t.Errorf("the bytes are not kept: %v", err)
	}
	if _, err := y.blobs.Stat(t.Context(), digest.Of(picture(t, 1))); err == nil {
		t.Error("a file outside the folder was taken")
	}
	if strings.Contains(y.log.String(), "jpg") {
		t.Errorf("a name is in the log: %s", y.log.String())
	}
}

// A file that goes on growing is not taken until it stands still.
func TestFolderGrowing(t *testing.T) {
	y := newYard(t)
	whole := picture(t, 77)
	for i := range 4 {
		y.put("a.jpg", whole[:len(whole)*(i+1)/4])
		if _, err := y.w.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.now = y.now.Add(4 * time.Second)
		y.is("a.jpg", "waiting growing")
	}
	y.look()
	y.is("a.jpg", "taken")
}

// killed cuts the work off where it is told to.
type killed struct {
	taking.Rows
	before, after bool
}

var errKilled = errors.New("killed")

func (k *killed) AddDrop(ctx context.Context, d drop.Drop) (drop.Drop, error) {
	if k.before {
		return d, errKilled
	}
	d, err := k.Rows.AddDrop(ctx, d)
	if k.after {
		return d, errors.Join(err, errKilled)
	}
	return d, err
}

// Cut off before or after its row is written, a file is neither lost nor taken twice.
func TestFolderKilled(t *testing.T) {
	y := newYard(t)
	y.put("a.jpg", picture(t, 5))
	y.put("b.txt", []byte("no paper"))
	for _, k := range []*killed{{Rows: y.db, before: true}, {Rows: y.db, after: true}} {
		y.w.Taker.Rows = k
		looks := 1 // the next one knows the row
		if k.before {
			looks = 3
		}
		for range looks {
			_, _ = y.w.Look(t.Context())
			y.now = y.now.Add(6 * time.Second)
		}
		if !y.there("a.jpg") || !y.there("b.txt") {
			t.Fatal("a file left before its row was known to be there")
		}
	}
	y.w = &taking.Watch{Taker: y.w.Taker, Inbox: y.w.Inbox, Log: y.w.Log} // another life
	y.w.Taker.Rows = y.db
	y.look()
	y.is("a.jpg", "taken")
	y.is("b.txt", "refused kind")
	y.put("a.jpg", picture(t, 5)) // sent again by somebody who is not sure
	y.look()
	y.is("a.jpg", "taken")
	if y.there("a.jpg") {
		t.Error("it is not put away")
	}
}

// While the house cannot keep anything, files wait, and say so.
func TestFolderNoRoom(t *testing.T) {
	y := newYard(t)
	y.w.Taker.Gate = func(context.Context, dossier.AgencyCode) error { return errors.New("the disk is full") }
	y.put("a.jpg", picture(t, 5))
	for range 3 {
		_, _ = y.w.Look(t.Context())
		y.now = y.now.Add(6 * time.Second)
	}
	y.is("a.jpg", "waiting no-room")
	y.w.Taker.Gate = nil
	y.look()
	y.is("a.jpg", "taken")
}
