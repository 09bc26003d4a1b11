package fs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A name is given once, by a rename and by a link alike: whoever comes second is told,
// and what is kept is the first one's.
func TestFreshNames(t *testing.T) {
	for name, give := range map[string]func(from, to string) error{"rename": fresh, "link": linked} {
		dir := t.TempDir()
		one, two, kept := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "kept")
		if err := errors.Join(os.WriteFile(one, []byte("1"), 0o600), os.WriteFile(two, []byte("2"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := give(one, kept); err != nil {
			t.Fatal(name, err)
		}
		if err := give(two, kept); !errors.Is(err, os.ErrExist) {
			t.Errorf("%s: a name that is taken: %v", name, err)
		}
		b, err := os.ReadFile(kept)
		if left, _ := os.ReadDir(dir); err != nil || string(b) != "1" || len(left) != 2 {
			t.Errorf("%s: %q, %v, and %v", name, b, err, left)
		}
	}
}
