package wire

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/storage/blob/blobtest"
)

// A bucket takes objects and notes what they were to be locked with. The store's
// own tests try locks on real servers; what is asked for is seen only here.
type bucket struct {
	refuses bool // has no object lock

	mu    sync.Mutex
	kept  map[string][]byte
	locks map[string]string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, there := b.kept[r.URL.Path]
	switch {
	case r.URL.RawQuery != "":
		http.Error(w, "", http.StatusNotImplemented)
	case r.Method == http.MethodPut:
		lock := r.Header.Get("X-Amz-Object-Lock-Mode")
		got, err := io.ReadAll(r.Body)
		if err != nil || lock != "" && b.refuses {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "<Error><Code>InvalidRequest</Code><Message>Bucket is missing Object Lock Configuration</Message></Error>")
			return
		}
		b.kept[r.URL.Path], b.locks[r.URL.Path] = got, lock
	case !there && r.URL.Path != "/bucket/":
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("ETag", `"x"`)
		_, _ = w.Write(body)
	}
}

// lockOf is what a blob was to be locked with, under whatever name it lies.
func (b *bucket) lockOf(t *testing.T, d digest.Digest) string {
	t.Helper()
	for path, lock := range b.locks {
		if strings.HasSuffix(path, d.String()) {
			return lock
		}
	}
	t.Fatalf("%s was not put", d)
	return ""
}

// Checkpoints are put under object lock, and nothing else is, unless the bucket
// locks all; where it cannot, they are put all the same, and that is told once.
func TestCheckpointsAreFenced(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("who:what"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		lock, ledger    string
		refuses         bool
		checkpoint, any string
		told            int
	}{
		"as it comes":    {checkpoint: "GOVERNANCE"},
		"compliance":     {ledger: "compliance:30", checkpoint: "COMPLIANCE"},
		"none":           {ledger: "none"},
		"all are locked": {lock: "compliance:30", checkpoint: "COMPLIANCE", any: "COMPLIANCE"},
		"it cannot":      {refuses: true, told: 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bucket{refuses: x.refuses, kept: map[string][]byte{}, locks: map[string]string{}}
			server := httptest.NewServer(b)
			defer server.Close()
			s := Settings{Data: t.TempDir(), LedgerLock: x.ledger, S3: S3{Endpoint: server.URL, Bucket: "bucket", KeyFile: key, Lock: x.lock}}
			main, err := openBlobs(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			note := digest.Of([]byte("checkpoint"))
			var log bytes.Buffer
			store := fencedStore(s, s.main(), main, func(_ context.Context, d digest.Digest) (bool, error) { return d == note, nil }, slog.New(slog.NewTextHandler(&log, nil)))
			blobtest.Put(t, store, []byte("checkpoint"))
			paper := blobtest.Put(t, store, []byte("paper"))
			first := fencedStore(s, s.main(), main, nil, slog.New(slog.NewTextHandler(&log, nil))) // as the bookkeeper has it
			stamp := blobtest.Put(t, first, []byte("stamp"))
			if got := b.lockOf(t, note); got != x.checkpoint {
				t.Errorf("a checkpoint is locked with %q", got)
			}
			if got := b.lockOf(t, stamp); got != x.checkpoint {
				t.Errorf("a time-stamp is locked with %q", got)
			}
			if got := b.lockOf(t, paper); got != x.any {
				t.Errorf("a paper is locked with %q", got)
			}
			if n := strings.Count(log.String(), "not locked objects"); n != 2*x.told { // by each of the two
				t.Errorf("told %d times: %s", n, &log)
			}
			if got, err := blobtest.Get(t, store, note); err != nil || string(got) != "checkpoint" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if err := (Settings{LedgerLock: "often"}).check(); err == nil || !strings.Contains(err.Error(), "SOHOA_LEDGER_LOCK") {
		t.Errorf("%v", err)
	}
}
