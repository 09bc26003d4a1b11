package chains

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca/devtest"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD"))
	jail.Main(map[string]jail.Child{Name: Child})
	os.Exit(m.Run())
}

// TestOf tells of signers, time-stamp authority and issuing authority, each
// once, under a root that is believed, and of nothing under another.
func TestOf(t *testing.T) {
	d, other := devtest.New(t, time.Now), devtest.New(t, time.Now)
	file := d.Twice(t, revisiontest.Paper{}.Bytes())
	path := filepath.Join(t.TempDir(), "f.pdf")
	of := func(b []byte, roots ...[]byte) (names []string) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		pairs, err := Of(context.WithoutCancel(t.Context()), path, roots)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pairs {
			if err := p.Cert.CheckSignatureFrom(p.Issuer); err != nil {
				t.Error(err)
			}
			names = append(names, p.Cert.Subject.CommonName)
		}
		return names
	}
	if names := of(file, other.CA.Root(), d.CA.Root()); len(names) != 4 { // officer, agency, TSA, issuing authority
		t.Errorf("told %q", names)
	}
	for name, b := range map[string][]byte{"another root": file, "half a file": file[:len(file)/2], "no PDF": []byte("x"), "not signed": revisiontest.Paper{}.Bytes()} {
		if names := of(b, other.CA.Root()); len(names) != 0 {
			t.Errorf("%s: told %q", name, names)
		}
	}
}
