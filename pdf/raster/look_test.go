package raster_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/raster"
)

// TestGray makes pictures of the size that is asked for, upright, of a page that
// is turned too.
func TestGray(t *testing.T) {
	path := file(t)
	for page, want := range map[int][4]int{1: {400, 500, 48, 48}, 2: {500, 400, 500 - 48, 48}} {
		img, err := raster.Gray(t.Context(), path, page, want[0], want[1])
		if err != nil {
			t.Fatal(err)
		}
		if img.Rect.Dx() != want[0] || img.Rect.Dy() != want[1] || img.GrayAt(want[2], want[3]).Y > 32 || img.GrayAt(want[0]/2, want[1]/2).Y < 224 {
			t.Errorf("page %d: %v", page, img.Rect)
		}
	}
	for _, c := range [][3]int{{0, 100, 100}, {1, 0, 100}, {1, 100, 5000}} {
		if _, err := raster.Gray(t.Context(), path, c[0], c[1], c[2]); !errors.Is(err, raster.ErrInput) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := raster.Gray(t.Context(), path, 3, 100, 100); err == nil {
		t.Error("a page that is not there")
	}
}

// TestWords reads words with their places.
func TestWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pdf")
	b := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(pdfatest.G4(true), pdfatest.Line(288, 360, "Nghĩa", "&<\"Phúc\">")))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	words, err := raster.Words(t.Context(), path, 1)
	if err != nil || len(words) != 2 || words[0].Text != "Nghĩa" || words[1].Text != "&<\"Phúc\">" {
		t.Fatalf("%v %v", words, err)
	}
	if w := words[0]; w.X0 < 0.49 || w.X0 > 0.51 || w.Y0 < 0.46 || w.Y1 > 0.53 || w.X1 <= w.X0 || w.Y1 <= w.Y0 {
		t.Errorf("%+v", w)
	}
	if _, err := raster.Words(t.Context(), path, 0); !errors.Is(err, raster.ErrInput) {
		t.Error(err)
	}
}
