package packages

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzLook has a child look at any bytes: it may refuse them, it must not break.
func FuzzLook(f *testing.F) {
	f.Add([]byte("PK\x05\x06"))
	f.Add([]byte(`<mets xmlns="http://www.loc.gov/METS/"><fileSec><fileGrp><file SIZE="1" CHECKSUM="00" CHECKSUMTYPE="SHA-256"><FLocat xmlns:x="http://www.w3.org/1999/xlink" x:href="a"/></file></fileGrp></fileSec></mets>`))
	f.Add([]byte("0000  data/a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"zip": b, "m/a/METS.xml": b, "b/a/bagit.txt": []byte("BagIt-Version: 1.0\n"), "b/a/manifest-sha256.txt": b,
			"b/a/bag-info.txt": b, "b/a/data/record.json": b, "b/a/data/ledger/proofs/1.proof": b, "b/a/data/ledger/keys": b} {
			at := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, at := range []string{"zip", "m", "b"} {
			m, err := open(filepath.Join(dir, at))
			if err != nil {
				continue
			}
			l := &look{members: m, out: Checked{Name: m.root}}
			_ = l.all()
			if err := m.close(); err != nil {
				t.Error(err)
			}
		}
	})
}
