package workers_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/sqldb"
	"sohoa/workers"
	"sohoa/workers/asynqueue"
)

// asKilled has this program be a worker on the rows that the variable names.
const asKilled = "SOHOA_TEST_KILLED_WORKER"

// TestKilledWorker is that worker, when another test starts it: a process that
// is killed in the middle of reading the paper of slot T1, whose bytes are deadly.
func TestKilledWorker(t *testing.T) {
	path := os.Getenv(asKilled)
	if path == "" {
		t.Skip("TestPageThatKills starts it")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { // it ends with whoever started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	db, err := sqldb.Open(ctx, path, sqldb.Options{Now: time.Now})
	must(t, err)
	defer db.Close()
	must(t, db.MoveIn(ctx)) // as a house does at its start
	q, err := asynqueue.Open(ctx, "")
	must(t, err)
	defer q.Close()
	w := workers.New(workers.Worker{Rows: db, Queue: q, Name: "w", Log: slog.New(slog.DiscardHandler), Now: time.Now, Trouble: error.Error,
		Line: []workers.Stage{{Act: dossier.Recognise, Timeout: time.Minute, Do: func(_ context.Context, d dossier.Document) (workers.Outcome, error) {
			if d.Parts[dossier.PartScan] == digest.Of([]byte("scan")) {
				return workers.Outcome{}, syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			return workers.Outcome{Made: workers.Files{dossier.PartWords: digest.Of([]byte("w")), dossier.PartText: digest.Of([]byte("t"))}}, nil
		}}}})
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.Relay(ctx) })
	_ = q.Serve(ctx, 1, 0, slog.New(slog.DiscardHandler), w.Step)
	wg.Wait()
}

// A page that kills its worker three times ends with a person, not in a loop: the
// fourth process leaves it alone, says so with the paper, and does what else there is.
func TestPageThatKills(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	db, id := rowIn(t, path, time.Now)
	ctx := t.Context()
	deaths := 0
	start := func() (*exec.Cmd, io.Closer) {
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestKilledWorker$", "-test.count=1")
		cmd.Env = append(os.Environ(), asKilled+"="+path)
		in, err := cmd.StdinPipe()
		must(t, err)
		must(t, cmd.Start())
		return cmd, in
	}
	for deaths < 3 { // as systemd would
		cmd, _ := start()
		err := cmd.Wait()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("after %d deaths the worker ended so: %v", deaths, err)
		}
		deaths++
	}
	d, err := db.Document(ctx, id)
	must(t, err)
	other, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "1", Receiving: "H60", Holder: mustDossier(t, db, d.Dossier).Holder}, "counter")
	must(t, err)
	sound, err := db.Add(ctx, dossier.Document{Dossier: other.Code, Slot: "T1", Media: "image/png", Size: 1, Pages: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte("sound"))}}, "counter")
	must(t, err)
	cmd, in := start()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		deadly, e1 := db.Document(ctx, id)
		next, e2 := db.Document(ctx, sound.ID)
		must(t, errors.Join(e1, e2))
		if next.State == dossier.Recognised && deadly.Trouble != "" {
			if deadly.State != dossier.Received || deadly.Version != 0 || !strings.Contains(deadly.Trouble, "broke off") || time.Until(deadly.NextTry) < 50*time.Minute {
				t.Errorf("the deadly paper: %+v", deadly)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the deadly paper stands with %q, the sound one at %s", deadly.Trouble, next.State)
		}
	}
	must(t, in.Close())
	if err := cmd.Wait(); err != nil {
		t.Errorf("the fourth worker died, too: %v", err)
	}
}

func mustDossier(t *testing.T, db *sqldb.DB, code dossier.Code) dossier.Dossier {
	t.Helper()
	d, err := db.Dossier(t.Context(), code)
	must(t, err)
	return d
}
