package upload_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/upload"
)

// Two processes of a house have the directory in common: what both are asked for at once
// is done once. Each has a store of its own, with locks of its own.
func TestTwoProcesses(t *testing.T) {
	first, _ := newStore(t)
	second := &upload.Store{Dir: first.Dir, Each: first.Each, Most: first.Most, Files: first.Files, Life: first.Life, Now: first.Now}
	whole := random(t, 1<<10)
	for range 20 {
		u, err := first.Begin(upload.Upload{Who: who, Name: "x", Length: int64(len(whole))})
		must(t, err)
		if _, err := second.Append(who, u.ID, 0, nil, bytes.NewReader(whole)); err != nil {
			t.Fatal(err)
		}
		var taken atomic.Int32
		var both sync.WaitGroup
		for _, s := range []*upload.Store{first, second} {
			both.Go(func() {
				to, err := s.Take(who, u.ID, func(upload.Upload, io.Reader) (string, error) {
					time.Sleep(time.Millisecond)
					return fmt.Sprint("/", taken.Add(1)), nil
				})
				if err != nil || to != "/1" {
					t.Errorf("%q %v", to, err)
				}
			})
		}
		both.Wait()
		must(t, first.Remove(who, u.ID))
	}

	now := func() time.Time { return time.Unix(1e9, 0) }
	dir, phone := t.TempDir(), digest.Of([]byte("phone"))
	counters := []*upload.Invitations{{Dir: dir, Life: time.Minute, Files: 40, Now: now}, {Dir: dir, Life: time.Minute, Files: 40, Now: now}}
	i, err := counters[0].Invite(who, "H", "TP01")
	must(t, err)
	var many sync.WaitGroup
	var full atomic.Int32
	for n := range 60 {
		many.Go(func() {
			switch _, err := counters[n%2].Answer(i.Token, phone); {
			case errors.Is(err, dossier.ErrConflict):
				full.Add(1)
			case err != nil:
				t.Error(err)
			}
		})
	}
	many.Wait()
	if got, err := counters[1].At(who, "H", "TP01"); err != nil || got.Sent != 40 || full.Load() != 20 {
		t.Errorf("%d files are counted, %d turned away, %v", got.Sent, full.Load(), err)
	}
}

// What nobody can go on with goes at its time, bytes and all; another's stays for the life of
// an upload.
func TestSweepOfWhatIsOver(t *testing.T) {
	s, now := newStore(t)
	phone, err := s.Begin(upload.Upload{Who: "phone", Name: "a", Length: 9, Until: now.Add(15 * time.Minute)})
	must(t, err)
	counter, err := s.Begin(upload.Upload{Who: who, Name: "b", Length: 9})
	must(t, err)
	*now = now.Add(14 * time.Minute)
	must(t, s.Sweep())
	if _, err := s.Append("phone", phone.ID, 0, nil, bytes.NewReader([]byte("four"))); err != nil {
		t.Errorf("before its time: %v", err)
	}
	*now = now.Add(time.Minute)
	must(t, s.Sweep())
	if _, err := s.Upload("phone", phone.ID); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*", phone.ID+".part")); len(left) > 0 {
		t.Error("its bytes are still there")
	}
	if _, err := s.Upload(who, counter.ID); err != nil {
		t.Errorf("another's: %v", err)
	}
}
