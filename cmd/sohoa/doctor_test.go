package main

import (
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// examined runs the doctor, and returns what is broken by name.
func examined(t *testing.T, env map[string]string) (code int, broken []string, all map[string]wire.Finding) {
	t.Helper()
	code, out := called(t, env, "doctor", "--json")
	var found []wire.Finding
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	all = map[string]wire.Finding{}
	for _, f := range found {
		if f.State == wire.Broken {
			broken = append(broken, f.What)
		}
		if f.VI == "" || f.EN == "" || f.State == wire.Broken && (f.DoVI == "" || f.DoEN == "") {
			t.Errorf("%+v lacks a word", f)
		}
		all[f.What] = f
	}
	slices.Sort(broken)
	return code, broken, all
}

// oneFile is a house with one received paper.
func oneFile(t *testing.T) (data string, d digest.Digest) {
	t.Helper()
	data = t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	main, err := fs.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	d = blobtest.Put(t, main, []byte("giấy tờ"))
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	receiveInto(t, db, d, 10)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return data, d
}

// TestDoctor breaks one thing after the other in a sound house: each is named,
// and alone; and all that settings can break is named in one go.
func TestDoctor(t *testing.T) {
	data, d := oneFile(t)
	sound := map[string]string{"SOHOA_DATA": data}
	if code, broken, all := examined(t, sound); code != exitDone || len(broken) > 0 || !strings.Contains(all["tesseract"].EN, "sha256:") {
		t.Fatalf("a sound house: %d %v", code, broken)
	}
	with := func(more ...string) map[string]string {
		env := maps.Clone(sound)
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	nowhere := "http://127.0.0.1:1"
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("who:what"), 0o600); err != nil {
		t.Fatal(err)
	}
	lone := map[string]map[string]string{
		"queue":        with("SOHOA_REDIS_URL", "redis://127.0.0.1:1/0"),
		"tsa":          with("SOHOA_TSA", nowhere),
		"keys":         with("SOHOA_KEYS", filepath.Join(data, "none.json")),
		"store-second": with("SOHOA_SECOND_SEAL_RING", filepath.Join(data, "none"), "SOHOA_SECOND_SEAL_KEY", "file:"+key, "SOHOA_SECOND_DIR", filepath.Join(t.TempDir(), "b")),
		"settings":     with("SOHOA_FIXITY_DAYS", "often"),
		"font":         with("SOHOA_FONT", filepath.Join(data, "none.ttf")),
	}
	every := with()
	var names []string
	for what, env := range lone {
		if code, broken, _ := examined(t, env); code != exitUnsound || !slices.Equal(broken, []string{what}) {
			t.Errorf("%s: %d %v", what, code, broken)
		}
		maps.Copy(every, env)
		names = append(names, what)
	}
	slices.Sort(names)
	if code, broken, _ := examined(t, every); code != exitUnsound || !slices.Equal(broken, names) {
		t.Errorf("all at once: %d %v, want %v", code, broken, names)
	}

	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, broken, _ := examined(t, sound); !slices.Equal(broken, []string{"directory-rights"}) {
		t.Errorf("a directory open to all: %v", broken)
	}
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(data, "blobs", d.String()[:2], d.String())
	if err := os.Rename(path, filepath.Join(data, "aside")); err != nil {
		t.Fatal(err)
	}
	if _, broken, all := examined(t, sound); !slices.Equal(broken, []string{"files-newest"}) || !strings.Contains(all["files-newest"].DoEN, "operations.md") {
		t.Errorf("files older than the rows: %v", broken)
	}
	if err := os.Rename(filepath.Join(data, "aside"), path); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorDatabase: a torn database, one of a newer program, and a clock that
// went back behind the ledger are named, and nothing of them is changed.
func TestDoctorDatabase(t *testing.T) {
	data, _ := oneFile(t)
	path := filepath.Join(data, "sohoa.db")
	env := map[string]string{"SOHOA_DATA": data}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := slices.Clone(whole)
	for i := 8192; i < len(torn) && i < 60_000; i++ {
		torn[i] ^= 0x55
	}
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, broken, _ := examined(t, env); code != exitUnsound || !slices.Equal(broken, []string{"database"}) {
		t.Errorf("torn: %d %v", code, broken)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(torn) {
		t.Errorf("the doctor wrote into it: %v", err)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s := wire.Read(settingsOf(env))
	s.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	var names []string
	for _, f := range wire.Doctor(t.Context(), s) {
		if f.State == wire.Broken {
			names = append(names, f.What)
		}
	}
	if !slices.Equal(names, []string{"clock-ledger"}) {
		t.Errorf("a clock that went back: %v", names)
	}
}

// TestDoctorSettings: names that nobody reads are told with the nearest that
// somebody does, and values that cannot be meant, all in one go.
func TestDoctorSettings(t *testing.T) {
	data, _ := oneFile(t)
	for name, value := range map[string]string{"SOHOA_REDIS_ULR": "redis://:hunter2@x", "SOHOA_SECNOD_DIR": "/x", "SOHOA_ADRR": ":1", "SOHOA_COLOUR_OF_THE_SKY": "blue",
		"SOHOA_OLD_S3_BUCKET": "another store, for env:OLD", "SOHOA_TEST_ANYTHING": "x"} {
		t.Setenv(name, value)
	}
	env := map[string]string{"SOHOA_DATA": data, "SOHOA_REAL": "yes", "SOHOA_ADDR": "8080", "SOHOA_METRICS_ADDR": "8080", "SOHOA_LIMIT_PAGES": "many",
		"SOHOA_LIMIT_MEMORY": "1", "SOHOA_OTLP_ENDPOINT": "collector:4318", "SOHOA_SECOND_S3_BUCKET": "b", "SOHOA_LOG": "yaml"}
	code, broken, all := examined(t, env)
	want := []string{"setting SOHOA_ADDR", "setting SOHOA_ADRR", "setting SOHOA_COLOUR_OF_THE_SKY", "setting SOHOA_LIMIT_MEMORY", "setting SOHOA_LIMIT_PAGES", "setting SOHOA_LOG", "setting SOHOA_METRICS_ADDR",
		"setting SOHOA_METRICS_ADDR", "setting SOHOA_OTLP_ENDPOINT", "setting SOHOA_REAL", "setting SOHOA_REDIS_ULR", "setting SOHOA_SECNOD_DIR", "setting SOHOA_SECOND_S3_ENDPOINT"}
	if code != exitUnsound || !slices.Equal(broken, want) {
		t.Errorf("%d\n%q, want\n%q", code, broken, want)
	}
	for typo, meant := range map[string]string{"SOHOA_REDIS_ULR": "SOHOA_REDIS_URL", "SOHOA_SECNOD_DIR": "SOHOA_SECOND_DIR", "SOHOA_ADRR": "SOHOA_ADDR"} {
		if f := all["setting "+typo]; f.DoEN != "write "+meant || strings.Contains(f.EN, "hunter2") {
			t.Errorf("%+v", f)
		}
	}
}

// TestDoctorHealth asks a service that lives, one that is in trouble, and none.
func TestDoctorHealth(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
	}))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	for _, c := range []struct {
		addr   string
		status int
		well   bool
	}{{s.Listener.Addr().String(), 200, true}, {"0.0.0.0:" + port, 200, true}, {":" + port, 200, true}, {":" + port, 503, false}, {"127.0.0.1:1", 200, false}} {
		status = c.status
		if code, _ := called(t, map[string]string{"SOHOA_ADDR": c.addr}, "doctor", "--health"); (code == exitDone) != c.well {
			t.Errorf("%+v: exit %d", c, code)
		}
	}
}

// A scan folder on a share that holds whoever asks it (a pipe that nobody writes into does)
// is named, and keeps nothing else from being looked at.
func TestDoctorSilentFolder(t *testing.T) {
	data, _ := oneFile(t)
	dir := t.TempDir()
	good, silent := filepath.Join(dir, "good"), filepath.Join(dir, "silent")
	if err := errors.Join(os.Mkdir(good, 0o700), syscall.Mkfifo(silent, 0o600)); err != nil {
		t.Fatal(err)
	}
	code, broken, all := examined(t, map[string]string{"SOHOA_DATA": data, "SOHOA_DROP_FOLDERS": "H60.12=" + silent + ",H60.13=" + good})
	if code != exitUnsound || !slices.Equal(broken, []string{"drop-folder"}) {
		t.Errorf("%d %v", code, broken)
	}
	_, out := called(t, map[string]string{"SOHOA_DATA": data, "SOHOA_DROP_FOLDERS": "H60.12=" + silent + ",H60.13=" + good}, "doctor", "--json")
	if !strings.Contains(out, silent+": the folder does not answer") || !strings.Contains(out, "the scan folder "+good) || all["tesseract"].State != wire.Well {
		t.Errorf("%s", out)
	}
}
