package backup

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
)

// A manifest that somebody wrote by hand cannot make a restore write outside the
// house, and what it names must be what it says.
func TestHostileManifest(t *testing.T) {
	store := &mem.Store{}
	text := []byte("evil")
	sum := blobtest.Put(t, store, text)
	list := blobtest.Put(t, store, nil)
	for _, path := range []string{"../evil", "/tmp/evil", "a/../../evil", "", `..\evil`} {
		root := t.TempDir()
		data := filepath.Join(root, "house")
		e := Entry{Manifest: Manifest{Format: format, List: File{list, 0}, House: []HouseFile{{path, File{sum, 4}}}}}
		_, err := Restore(t.Context(), store, e, Target{Main: &mem.Store{}, Rows: sqldb.At{Path: filepath.Join(root, "db")}, Data: data, Now: time.Now})
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", path, err)
		}
		if left, _ := os.ReadDir(root); len(left) > 0 {
			t.Errorf("%q: %v was written", path, left)
		}
	}
}

// Nothing is forgotten while a manifest cannot be read: it may name anything.
func TestForgetRefuses(t *testing.T) {
	root := t.TempDir()
	store := &mem.Store{}
	d := blobtest.Put(t, store, []byte("a file"))
	if err := lay(filepath.Join(root, folderManifests, "20260101T000000.000Z-"+digest.Of([]byte("x")).String()+".json"), []byte("torn")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Forget(t.Context(), root, store, 1); !errors.Is(err, ErrDamaged) {
		t.Errorf("forgot: %v", err)
	}
	if _, err := store.Stat(t.Context(), d); err != nil {
		t.Errorf("a file went: %v", err)
	}
	if _, err := Find(root, ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("the newest: %v", err)
	}
}

// Two at once on one directory: the second is refused.
func TestBusy(t *testing.T) {
	root := t.TempDir()
	release, err := hold(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), root, &mem.Store{}, Source{}, Options{Now: time.Now}); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if again, err := hold(root); err != nil {
		t.Error(err)
	} else if err := again(); err != nil {
		t.Error(err)
	}
}

// A name is one line, whatever a kind of paper is called.
func TestListLine(t *testing.T) {
	f := sqldb.NamedFile{Digest: digest.Of([]byte("x")), Size: -1, Name: "document d (c s, Giấy\n\tkhai\x00): scan"}
	line := listLine(f)
	var got []sqldb.NamedFile
	if err := readList(strings.NewReader(line), func(f sqldb.NamedFile) error { got = append(got, f); return nil }); err != nil || len(got) != 1 ||
		got[0].Digest != f.Digest || got[0].Size != -1 || got[0].Name != "document d (c s, Giấy  khai ): scan" {
		t.Errorf("%q: %v, %v", line, got, err)
	}
	for _, wrong := range []string{"x\n", line[:20] + "\n", "\t\t\n"} {
		if err := readList(strings.NewReader(wrong), func(sqldb.NamedFile) error { return nil }); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	var twice bytes.Buffer
	_, _ = io.WriteString(&twice, line+line)
	n := 0
	if err := each(&twice, func(sqldb.NamedFile) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
}
