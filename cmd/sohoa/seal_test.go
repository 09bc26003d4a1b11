package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/signing/keys/pkcs11/softhsm"
	"sohoa/storage/archive"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
)

// TestSealCommands seals a directory of plain files, copies it in the clear and
// back, and changes the key around its ring from a file to a token, with nothing
// but the ring written anew.
func TestSealCommands(t *testing.T) {
	data := t.TempDir()
	in := func(name string) string { return filepath.Join(data, name) }
	store, err := fs.Open(in("blobs"))
	if err != nil {
		t.Fatal(err)
	}
	paper := bytes.Repeat([]byte("Nguyễn Văn An "), 9000)
	d := blobtest.Put(t, store, paper)
	env := map[string]string{"SOHOA_DATA": data, "SOHOA_SEAL_RING": in("ring"), "SOHOA_SEAL_KEY": "file:" + in("key"), "SOHOA_SECOND_DIR": in("second")}
	must := func(want int, args ...string) {
		t.Helper()
		if code, out := called(t, env, args...); code != want {
			t.Errorf("%v: %d %s", args, code, out)
		}
	}
	must(exitOurs, "store", "seal", "main") // no ring yet
	must(exitDone, "store", "ring", in("ring"), "--key", "file:"+in("key"))
	must(exitOurs, "store", "ring", in("ring"), "--key", "file:"+in("key")) // replaces none
	must(exitDone, "store", "seal", "main")
	if clear := grep(t, in("blobs"), []byte("Nguyễn Văn An")); clear != "" {
		t.Errorf("in the clear: %s", clear)
	}
	must(exitDone, "store", "copy", "main", "second")
	if clear := grep(t, in("second"), []byte("Nguyễn Văn An")); clear == "" {
		t.Error("the second store is not sealed, and nothing is in the clear there")
	}
	sealedName := names(t, in("blobs"))

	soft := softhsm.New(t, "ring")
	for name, value := range soft.Environment {
		env["SOHOA_SEAL_ENVIRONMENT"] = name + "=" + value
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kho"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	uri := soft.Put(1, key, c)
	if err := os.WriteFile(in("pin"), []byte(softhsm.PIN), 0o600); err != nil {
		t.Fatal(err)
	}
	must(exitUsage, "store", "rekey", in("ring"), "--key", "file:"+in("key"))
	must(exitDone, "store", "rekey", in("ring"), "--key", "file:"+in("key"), "--new-key", uri, "--new-pin-from", "file:"+in("pin"), "--fresh")
	must(exitOurs, "store", "copy", "main", "dir:"+in("third")) // the old key opens it no more
	env["SOHOA_SEAL_KEY"], env["SOHOA_SEAL_PIN"] = uri, "file:"+in("pin")
	must(exitDone, "store", "copy", "main", "dir:"+in("third"))
	if got, err := blobtest.Get(t, openedStore(t, in("third")), d); err != nil || !bytes.Equal(got, paper) {
		t.Errorf("through the token: %v", err)
	}
	if after := names(t, in("blobs")); after != sealedName {
		t.Errorf("%s became %s", sealedName, after)
	}
}

func openedStore(t *testing.T, dir string) archive.Store {
	t.Helper()
	s, err := fs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// grep returns a file below dir that holds b.
func grep(t *testing.T, dir string, b []byte) (found string) {
	t.Helper()
	each(t, dir, func(path string, content []byte) {
		if bytes.Contains(content, b) {
			found = path
		}
	})
	return found
}

// names are all files below dir.
func names(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	each(t, dir, func(path string, _ []byte) { all = append(all, path) })
	return strings.Join(all, "\n")
}

func each(t *testing.T, dir string, fn func(string, []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		fn(path, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
