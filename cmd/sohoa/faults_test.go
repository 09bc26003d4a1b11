package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/fixity"
	"sohoa/storage/backup"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
)

// A liar is an S3 server that does as it is told until fault is set: then it lies
// about objects. What the store makes of each lie is tried in storage/blob/s3;
// here it is what a house makes of it.
type liar struct {
	mu    sync.Mutex
	kept  map[string][]byte
	fault func(w http.ResponseWriter, r *http.Request, kept []byte)
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, there := l.kept[r.URL.Path]
	object := strings.Count(r.URL.Path, "/") > 2
	switch {
	case r.URL.RawQuery != "" && strings.Contains(r.URL.RawQuery, "list-type"):
		_, _ = io.WriteString(w, `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`)
	case r.URL.RawQuery != "":
		http.Error(w, "", http.StatusNotImplemented)
	case l.fault != nil && object && (there || r.Method == http.MethodPut):
		l.fault(w, r, b)
	case r.Method == http.MethodPut:
		if b, err := io.ReadAll(r.Body); err == nil {
			l.kept[r.URL.Path] = b
		}
	case r.Method == http.MethodDelete:
		delete(l.kept, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case !there && r.URL.Path != "/bucket/":
		w.WriteHeader(http.StatusNotFound)
	default:
		give(w, b)
	}
}

func give(w http.ResponseWriter, b []byte) {
	w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
	w.Header().Set("ETag", `"believe me"`)
	_, _ = w.Write(b)
}

func (l *liar) lie(fault func(http.ResponseWriter, *http.Request, []byte)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
}

// A house whose S3 server lies never passes wrong bytes on: the doctor and the
// look at files name it, a backup has the right bytes or none and says which are
// missing, and when the server tells the truth again all goes on.
func TestServerThatLies(t *testing.T) {
	data, sums := oneFile(t)
	l := &liar{kept: map[string][]byte{}}
	server := httptest.NewServer(l)
	defer server.Close()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("who:what"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SOHOA_DATA": data, "SOHOA_S3_ENDPOINT": server.URL, "SOHOA_S3_BUCKET": "bucket", "SOHOA_S3_KEY_FILE": key}
	if code, out := called(t, env, "store", "copy", "dir:"+filepath.Join(data, "blobs"), "main"); code != exitDone {
		t.Fatalf("%d %s", code, out)
	}
	drain := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	for name, x := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request, []byte)
		state string // of the file, by the look at it; empty: nothing is said of it
	}{
		"wrong bytes": {func(w http.ResponseWriter, r *http.Request, b []byte) { drain(r); give(w, bytes.ToUpper(b)) }, "damaged"},
		"cut":         {func(w http.ResponseWriter, r *http.Request, b []byte) { drain(r); give(w, b[:len(b)/2]) }, "damaged"},
		"nothing":     {func(w http.ResponseWriter, r *http.Request, _ []byte) { drain(r); give(w, nil) }, "damaged"},
		"lost":        {func(w http.ResponseWriter, r *http.Request, _ []byte) { drain(r); w.WriteHeader(http.StatusNotFound) }, "missing"},
		"storm": {func(w http.ResponseWriter, r *http.Request, _ []byte) {
			drain(r)
			w.WriteHeader(http.StatusServiceUnavailable)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l.lie(nil)
			if code, _ := called(t, env, "fixity", "--now"); code != exitDone {
				t.Fatal("not sound before")
			}
			l.lie(x.fault)
			if _, broken, _ := examined(t, env); !slices.Contains(broken, "store-main") && name != "lost" {
				t.Errorf("the doctor: %v", broken)
			}
			code, out := called(t, env, "fixity", "--now")
			if x.state == "" && code != exitOurs || x.state != "" && (code != exitUnsound || !strings.Contains(out, x.state+"  main  "+sums.String())) {
				t.Errorf("the look: %d %s", code, out)
			}
			to := filepath.Join(t.TempDir(), "to")
			code, out = called(t, env, "backup", "--to", to)
			store, err := fs.Open(filepath.Join(to, backup.FolderFiles))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := blobtest.Get(t, store, sums); err == nil {
				t.Error("the lie was believed")
			}
			list, err := backup.Backups(to)
			switch {
			case x.state == "" && (code != exitOurs || len(list) > 0):
				t.Errorf("a backup while the server is away: %d, %d, %v", code, len(list), err)
			case x.state != "" && (code != exitUnsound || len(list) != 1 || len(list[0].Missing) != 1 || !strings.Contains(out, " TP01, Giấy): scan")):
				t.Errorf("a backup: %d %s, %v", code, out, err)
			}
			l.lie(nil)
			if code, out := called(t, env, "backup", "--to", to); code != exitDone {
				t.Errorf("a backup afterwards: %d %s", code, out)
			}
			back := filepath.Join(t.TempDir(), "back")
			l.lie(x.fault)
			if code, _ := called(t, env, "restore", "--from", to, "--data", back); code != exitOurs {
				t.Errorf("restored onto a server that lies: %d", code)
			}
			l.lie(nil)
			if code, out := called(t, env, "restore", "--from", to, "--data", back); code != exitDone {
				t.Errorf("restored again: %d %s", code, out)
			}
		})
	}
}

// A second service on one directory is refused in words, and the first goes on.
func TestTwoServices(t *testing.T) {
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	r := serving(t, data)
	err := run(t.Context(), []string{"serve", "--data", r.data, "--addr", "127.0.0.1:0"}, settingsOf(nil), &bytes.Buffer{}, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "another sohoa is working on "+r.data) {
		t.Errorf("a second service: %v", err)
	}
	if code, broken, all := examined(t, map[string]string{"SOHOA_DATA": r.data}); code != exitDone || !strings.Contains(all["service"].EN, "a second one would be refused") {
		t.Errorf("%v %+v", broken, all["service"])
	}
}

// small is a disk of its own, of so many KiB, which grow makes larger. Only who
// may mount can have one.
func small(t *testing.T, kib string) (dir string, grow func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+kib+"k"); err != nil {
		t.Skipf("a full disk cannot be tried: a small one cannot be mounted here (%v); run as root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
	}
}

// On a disk that is full a backup and a restore say so and leave nothing that
// passes for one; with room they do the rest.
func TestFullDisk(t *testing.T) {
	data, _ := manyFiles(t, 8) // 1.5 MiB
	disk, grow := small(t, "1300")
	to := filepath.Join(disk, "to")
	full := func(args ...string) {
		t.Helper()
		err := run(t.Context(), args, settingsOf(nil), &bytes.Buffer{}, &bytes.Buffer{})
		if !errors.Is(err, syscall.ENOSPC) && !strings.Contains(err.Error(), "no space left") && !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("%v: %v, want no space", args, err)
		}
	}
	full("backup", "--to", to, "--data", data)
	if _, err := backup.Backups(to); !errors.Is(err, backup.ErrNone) {
		t.Errorf("a backup on a full disk: %v", err)
	}
	grow()
	var r backup.Report
	reported(t, nil, &r, exitDone, "backup", "--to", to, "--data", data)
	if r.Files != 8 {
		t.Errorf("%+v", r)
	}
	other, more := small(t, "1300")
	back := filepath.Join(other, "back")
	full("restore", "--from", to, "--data", back)
	if code, _ := called(t, nil, "fixity", "--data", back); code == exitDone {
		t.Error("a house on a full disk")
	}
	more()
	var restored wire.Restored
	reported(t, nil, &restored, exitDone, "restore", "--from", to, "--data", back)
	if restored.Files != 8 || restored.There == 0 {
		t.Errorf("with room: %+v", restored)
	}
	if code, _ := called(t, nil, "fixity", "--now", "--data", back); code != exitDone {
		t.Error("not whole")
	}
}

// An older database over newer files: what it does not know are orphans, which
// habit cannot prune, and which the counter brings back by sending them again.
func TestOlderRowsNewerFiles(t *testing.T) {
	data, _ := manyFiles(t, 3)
	to := filepath.Join(t.TempDir(), "to")
	if code, _ := called(t, nil, "backup", "--to", to, "--data", data); code != exitDone {
		t.Fatal(code)
	}
	db := openHouse(t, nil, data)
	main, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	newer := blobtest.Put(t, main, []byte("came in since"))
	receiveAgain(t, db, newer, 13, 77)
	db.Close()
	back := filepath.Join(t.TempDir(), "back")
	// The files were not lost, as on a server of their own: the restored rows meet
	// them.
	if err := os.MkdirAll(back, 0o700); err != nil {
		t.Fatal(err)
	}
	var r wire.Restored
	reported(t, nil, &r, exitDone, "restore", "--from", to, "--data", back)
	if err := errors.Join(os.RemoveAll(filepath.Join(back, "blobs")), os.Rename(filepath.Join(data, "blobs"), filepath.Join(back, "blobs"))); err != nil {
		t.Fatal(err)
	}
	report := func(want int) (p fixity.Plain) {
		t.Helper()
		reported(t, nil, &p, want, "fixity", "--now", "--data", back)
		return p
	}
	if p := report(exitDone); p.Stores[0].Orphans != 1 || p.Stores[0].Prunable != 0 {
		t.Errorf("%+v", p.Stores[0])
	}
	if code, out := called(t, nil, "fixity", "--orphans", "--data", back); code != exitDone || !strings.Contains(out, newer.String()) {
		t.Errorf("%d %s", code, out)
	}
	if code, _ := called(t, nil, "fixity", "--prune", "1", "--who", "x", "--data", back); code == exitDone {
		t.Error("pruned at once")
	}
	db = openHouse(t, nil, back)
	receiveAgain(t, db, newer, 13, 77)
	db.Close()
	if p := report(exitDone); p.Stores[0].Orphans != 0 || p.Stores[0].Counts[fixity.Kept] != 4 {
		t.Errorf("sent again: %+v", p.Stores[0])
	}
}

// Older files under a newer database: the doctor says so, the look names what is
// missing, and a newer backup's files bring it back.
func TestOlderFilesNewerRows(t *testing.T) {
	data, sums := manyFiles(t, 3)
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "to")
	if code, _ := called(t, nil, "backup", "--to", to, "--data", data); code != exitDone {
		t.Fatal(code)
	}
	for _, d := range sums[1:] { // the store is of before they came in
		if err := os.Remove(filepath.Join(data, "blobs", d.String()[:2], d.String())); err != nil {
			t.Fatal(err)
		}
	}
	if _, broken, all := examined(t, map[string]string{"SOHOA_DATA": data}); !slices.Equal(broken, []string{"files-newest"}) || !strings.Contains(all["files-newest"].DoEN, "operations.md") {
		t.Errorf("the doctor: %v", broken)
	}
	if code, out := called(t, nil, "fixity", "--now", "--data", data); code != exitUnsound || strings.Count(out, "missing  main") < 2 {
		t.Errorf("%d %s", code, out)
	}
	code, out := called(t, nil, "backup", "--to", filepath.Join(t.TempDir(), "other"), "--data", data)
	if code != exitUnsound || strings.Count(out, "TP01, Giấy): scan") != 2 {
		t.Errorf("a backup of it names them: %d %s", code, out)
	}
	if code, out := called(t, nil, "store", "copy", "dir:"+filepath.Join(to, "blobs"), "main", "--data", data); code != exitDone {
		t.Errorf("%d %s", code, out)
	}
	if code, out := called(t, nil, "fixity", "--now", "--data", data); code != exitDone {
		t.Errorf("mended: %d %s", code, out)
	}
}
