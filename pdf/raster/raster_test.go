package raster_test

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"sohoa/jail"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/raster"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{raster.ChildName: raster.Child})
	os.Exit(m.Run())
}

// file writes a PDF of one plain and one quarter-turned page, under a name
// that looks like a flag.
func file(t *testing.T) string {
	t.Helper()
	turned := pdfatest.Lay(pdfatest.G4(true))
	turned.Turn, turned.Width, turned.Height = 1, turned.Height, turned.Width
	t.Chdir(t.TempDir())
	if err := os.WriteFile("-png", pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.G4(true)), turned), 0o600); err != nil {
		t.Fatal(err)
	}
	return "-png"
}

func TestPage(t *testing.T) {
	path := file(t)
	for page, want := range map[int][4]int{1: {400, 500, 48, 48}, 2: {500, 400, 500 - 48, 48}} {
		b, err := raster.Page(t.Context(), path, page, 50)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		dark, _, _, _ := img.At(want[2], want[3]).RGBA()
		light, _, _, _ := img.At(want[0]/2, want[1]/2).RGBA()
		if size := img.Bounds().Size(); size.X != want[0] || size.Y != want[1] || dark > 0x2000 || light < 0xe000 {
			t.Errorf("page %d: %v, the mark is %x, the paper %x", page, size, dark, light)
		}
	}
	if left, _ := filepath.Glob("*"); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPageRefuses(t *testing.T) {
	path := file(t)
	for _, c := range []struct {
		name      string
		path      string
		page, dpi int
		want      error
	}{
		{"page 0", path, 0, 50, raster.ErrInput},
		{"far too fine", path, 1, 5000, raster.ErrInput},
		{"a page that is not there", path, 3, 50, jail.ErrCrash},
		{"a file that is not there", "nowhere.pdf", 1, 50, jail.ErrCrash},
		{"not a PDF", os.Args[0], 1, 50, jail.ErrCrash},
	} {
		if b, err := raster.Page(t.Context(), c.path, c.page, c.dpi); !errors.Is(err, c.want) || b != nil {
			t.Errorf("%s: %d bytes, %v", c.name, len(b), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := raster.Page(ctx, path, 1, 50); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestHugePage asks for a page of 200 inches: the caps hold, or the tool
// refuses, but the caller is never filled.
func TestHugePage(t *testing.T) {
	huge := pdfa.Page{Image: pdfatest.G4(true), Width: 14400, Height: 14400}
	path := filepath.Join(t.TempDir(), "huge.pdf")
	if err := os.WriteFile(path, pdfatest.Write(t, pdfatest.Meta, huge), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := raster.Page(t.Context(), path, 1, raster.MaxDPI); !errors.Is(err, raster.ErrLarge) && !errors.Is(err, jail.ErrMemory) {
		t.Errorf("%d bytes of 80,000 × 80,000 pixels: %v", len(b), err)
	}
	if _, err := raster.Page(t.Context(), path, 1, raster.MinDPI); err != nil {
		t.Errorf("small enough: %v", err)
	}
}
