package sane

import (
	"errors"
	"image/png"
	"io"
	"os"
	"os/exec"
	"testing"

	"sohoa/ingest/drop/escl"
	"sohoa/jail"
)

func TestMain(m *testing.M) {
	jail.Main(nil)
	os.Exit(m.Run())
}

// SANE's own test scanner, with a feeder of ten sheets: all come, in order and whole; a
// jam, an empty feeder and a scanner that is not there are said in words.
func TestScanWithRealProgram(t *testing.T) {
	if _, err := exec.LookPath(Program); err != nil {
		t.Skip("scanimage is not installed (Debian: sane-utils)")
	}
	dir := t.TempDir()
	widths := 0
	each := func(format string, body io.Reader) error {
		im, err := png.Decode(body)
		if err == nil && (format != "image/png" || im.Bounds().Dx() < 100) {
			err = errors.New("that is no sheet")
		}
		widths++
		return err
	}
	n, err := Scan(t.Context(), Settings{Device: "test", Source: "Automatic Document Feeder", Mode: "Color", DPI: 75}, dir, 64<<20, each)
	if err != nil || n != 10 || widths != 10 {
		t.Errorf("of ten sheets there came %d, %d, %v", n, widths, err)
	}
	if n, err = Scan(t.Context(), Settings{Device: "test", Sheets: 1}, dir, 64<<20, each); err != nil || n != 1 {
		t.Errorf("from the glass: %d, %v", n, err)
	}
	for code, s := range map[string]Settings{"sane-4": {Device: "test", Source: "The moon", Sheets: 1}, "sane-1": {Device: "there-is-none", Sheets: 1}} {
		var no *escl.Trouble
		if n, err := Scan(t.Context(), s, dir, 64<<20, each); n != 0 || !errors.As(err, &no) || no.VI == no.EN {
			t.Errorf("%s: %d, %v", code, n, err)
		}
	}
	if _, err := Scan(t.Context(), Settings{Device: "--help"}, dir, 64<<20, each); err == nil {
		t.Error("an option is a device")
	}
	if n, err := Scan(t.Context(), Settings{Device: "test", Sheets: 1, DPI: 300}, dir, 1000, each); err == nil || n != 0 {
		t.Errorf("a sheet larger than the limit: %d, %v", n, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("there is left %v, %v", left, err)
	}
}
