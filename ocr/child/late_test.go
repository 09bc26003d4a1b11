package child

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"sohoa/jail"
)

// A program with this room does not load Tesseract and all that it brings at its
// start (see late.c): what gosseract calls is led on to the library once it is
// opened.
func TestTesseractComesLate(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libraries {
		if strings.Contains(l, "tesseract") {
			t.Errorf("%s is loaded at the start of every child", l)
		}
	}
	if err := openEngine(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(after), "libtesseract") {
		t.Error("Tesseract is not there")
	}
	if !plainLines() {
		t.Error("lines are packed")
	}
}

// A start is spared the table of the old engine's doubts unless the data have that engine.
func TestNoTableOfTheOldEngine(t *testing.T) {
	if err := jail.Run(t.Context(), "spared", jail.Limits{Wall: time.Minute}, nil, io.Discard); err != nil {
		t.Error(err)
	}
}

func startSpared([]string, io.Reader, io.Writer) error {
	data, err := findData("", "vie")
	if err != nil {
		return err
	}
	if data.old {
		return errors.New("the data of vie are said to have the old engine")
	}
	for _, old := range []bool{false, true} {
		before := ambiguities.spared
		data.old = old
		e, err := newEngine(data)
		if err != nil {
			return err
		}
		e.close()
		if spared := ambiguities.spared - before; (spared > 0) == old {
			return fmt.Errorf("data with the old engine %v: %d starts were spared its table", old, spared)
		}
	}
	return nil
}

func TestDataOfTheOldEngine(t *testing.T) {
	head := func(parts int32, offsets ...int64) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(parts))
		for _, at := range offsets {
			b = binary.LittleEndian.AppendUint64(b, uint64(at))
		}
		return b
	}
	for name, row := range map[string]struct {
		head []byte
		old  bool
	}{
		"only the new one":      {head(24, -1, -1), false},
		"both":                  {head(24, -1, 196), true},
		"of another byte order": {head(24<<24, -1, -1), true},
		"no parts":              {head(0, -1, -1), true},
	} {
		if hasOld(row.head) != row.old {
			t.Errorf("%s: %v", name, !row.old)
		}
	}
}
