package wire

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An import ends before a disk is full.
func TestSpacious(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small disk cannot be mounted here (%v); run as root", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	fill := filepath.Join(dir, "x")
	for _, row := range []struct {
		mib int
		ok  bool
	}{{0, true}, {6, true}, {8, false}} {
		if err := os.WriteFile(fill, bytes.Repeat([]byte("x"), row.mib<<20-row.mib<<16), 0o600); err != nil {
			t.Fatal(err)
		}
		err := spacious(dir)
		if (err == nil) != row.ok || err != nil && (!errors.Is(err, ErrArchive) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "--resume")) {
			t.Errorf("%d of 8 MiB taken: %v", row.mib, err)
		}
	}
}
