package drop_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"sohoa/dossier"
	"sohoa/dossier/drop"
	taking "sohoa/ingest/drop"
	"sohoa/storage/sqldb/sqldbtest"
)

// A share is a folder that is looked after by the real loop, on the real clock.
type share struct {
	*yard
	away string // where it is while it is not there
	log  lines
}

// lines is a log that a loop and its test share.
type lines struct {
	sync.Mutex
	strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Builder.Write(p)
}

func (l *lines) count(what string) int {
	l.Lock()
	defer l.Unlock()
	return strings.Count(l.String(), what)
}

// watched looks after y's folder until the test ends, from when it is called.
func watched(t *testing.T, y *yard) *share {
	s := &share{yard: y, away: filepath.Join(t.TempDir(), "away")}
	y.db = sqldbtest.New(t, filepath.Join(t.TempDir(), "real"), time.Now)
	t.Cleanup(func() { y.db.Close() })
	y.must(y.db.PutAgency(t.Context(), dossier.Agency{Code: "H60.12", Name: "Một cửa", Tier: dossier.Commune}))
	door := *y.w.Taker.Door
	door.Now = time.Now
	w := &taking.Watch{Every: 20 * time.Millisecond, Silent: y.w.Silent, Log: slog.New(slog.NewTextHandler(&s.log, nil)), Taker: &taking.Taker{Rows: y.db, Door: &door}, Inbox: y.w.Inbox}
	w.Inbox.Quiet = 400 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	var over sync.WaitGroup
	over.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Errorf("the loop ended: %v", err)
		}
	})
	t.Cleanup(func() { stop(); over.Wait() })
	return s
}

// becomes waits until a file stands so.
func (s *share) becomes(name, want string) {
	s.Helper()
	for end := time.Now().Add(time.Minute); s.tray()[name] != want; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("%s is %q, not %q", name, s.tray()[name], want)
		}
	}
}

// Of what another machine lays into a share the system tells nothing: the same holds for
// what lies in folders of the inbox. It is taken by looking again and again, and not
// before it has stood still.
func TestShareWithoutEvents(t *testing.T) {
	y := newYard(t)
	y.must(os.MkdirAll(filepath.Join(y.dir, "máy 1/2026"), 0o700))
	told, err := fsnotify.NewWatcher()
	y.must(err)
	defer told.Close()
	y.must(told.Add(y.dir))
	s := watched(t, y)
	whole := picture(t, 90)
	grow, err := os.OpenFile(filepath.Join(y.dir, "máy 1/2026/chậm.jpg"), os.O_CREATE|os.O_WRONLY, 0o600)
	y.must(err)
	for i := range 8 { // longer than a file stands still, all in all
		_, err := grow.Write(whole[len(whole)*i/8 : len(whole)*(i+1)/8])
		y.must(err)
		if i == 0 {
			s.becomes("máy 1/2026/chậm.jpg", "waiting growing")
		}
		time.Sleep(100 * time.Millisecond)
		if got := s.tray()["máy 1/2026/chậm.jpg"]; got != "waiting growing" {
			t.Fatalf("it is still written, and is %q", got)
		}
	}
	y.must(grow.Close())
	select {
	case e := <-told.Events:
		t.Fatalf("the system tells of it: %v", e.Op)
	default:
	}
	s.becomes("máy 1/2026/chậm.jpg", "taken")
	y.put("máy 1/tài liệu.exe", []byte("MZ"))
	s.becomes("máy 1/tài liệu.exe", "refused kind")
}

// A share that is not there at the start, goes away with files that are not taken, and
// comes back with others, loses nothing and takes nothing twice; that it is away is said
// once.
func TestShareThatGoesAway(t *testing.T) {
	y := newYard(t)
	y.must(os.Remove(y.dir))
	s := watched(t, y)
	y.must(os.Mkdir(s.away, 0o700))
	y.must(os.WriteFile(filepath.Join(s.away, "trước.jpg"), picture(t, 20), 0o600))
	for end := time.Now().Add(time.Minute); s.log.count("inbox not looked at") == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	time.Sleep(200 * time.Millisecond) // ten looks
	if n := s.log.count("inbox not looked at"); n != 1 {
		t.Errorf("that the share is away is said %d times", n)
	}
	y.must(os.Rename(s.away, y.dir))
	s.becomes("trước.jpg", "taken")
	y.put("giữa.jpg", picture(t, 30))
	s.becomes("giữa.jpg", "waiting growing")
	y.must(os.Rename(y.dir, s.away))
	time.Sleep(600 * time.Millisecond) // it would have stood still
	if got := s.tray()["giữa.jpg"]; got == "taken" {
		t.Error("it is taken from a share that is away")
	}
	y.must(os.WriteFile(filepath.Join(s.away, "sau.jpg"), picture(t, 40), 0o600))
	y.must(os.Rename(s.away, y.dir))
	for _, name := range []string{"giữa.jpg", "sau.jpg"} {
		s.becomes(name, "taken")
	}
	list, err := y.db.Tray(t.Context(), nil, "", 0)
	y.must(err)
	for _, d := range list {
		if d.State != drop.Taken {
			t.Errorf("%+v", d)
		}
	}
	if len(list) != 3 || s.log.count("inbox not looked at") != 2 || s.log.count("inbox looked at again") != 2 || s.log.count("jpg") != 0 {
		t.Errorf("%d drops; %s", len(list), s.log.String())
	}
}
