package main

import (
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/specimen"
)

// TestReadingCopy holds copies for reading against their pages: less than a third
// of the size, as legible for the reader of this house, the seal red where it
// was red; and each says what it is.
func TestReadingCopy(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	var missed [2]float64 // of all words
	for i, kind := range []specimen.Kind{specimen.Decision, specimen.Kinds()[1], specimen.Kinds()[4]} {
		dpi := float64(200 + 100*(i%2))
		f, err := press.Paper(kind, uint64(30+i), specimen.About{}).File(specimen.JPEG, dpi, specimen.Office(uint64(30+i)), uint64(30+i))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		scan, out, reading := filepath.Join(dir, "scan.jpg"), filepath.Join(dir, "out.pdf"), filepath.Join(dir, "copy.pdf")
		if err := os.WriteFile(scan, f.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, message := sohoa(t, "process", scan, "-o", out, "--reading-copy", reading); code != exitDone {
			t.Fatalf("exit %d: %s", code, message)
		}
		if small, large := size(t, reading), size(t, out); 3*small > large {
			t.Errorf("%s at %g dpi: %d bytes of %d", kind, dpi, small, large)
		} else {
			t.Logf("%s at %g dpi: %d bytes of %d", kind, dpi, small, large)
		}
		if said := tool(t, "pdfinfo", reading); !strings.Contains(said, "Bản để đọc") || !strings.Contains(said, "Reading copy") {
			t.Errorf("the copy does not say what it is:\n%s", said)
		}
		if a, b := tool(t, "pdftotext", out, "-"), tool(t, "pdftotext", reading, "-"); a != b {
			t.Errorf("the copy has other words:\n%s\n%s", a, b)
		}
		drawn := filepath.Join(dir, "drawn")
		tool(t, "pdftoppm", "-r", "300", "-png", "-singlefile", reading, drawn)
		for k, path := range []string{scan, drawn + ".png"} {
			text := filepath.Join(dir, "text")
			if code, _, message := sohoa(t, "process", path, "-o", filepath.Join(dir, "again.pdf"), "--text", text); code != exitDone {
				t.Fatalf("exit %d: %s", code, message)
			}
			read, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			missed[k] += missing(f.Truth.Pages[0], string(read)) / 3
		}
		sameRed(t, scan, drawn+".png")
	}
	t.Logf("the reader misses %.2f %% of the words on the pages, %.2f %% on the copies", 100*missed[0], 100*missed[1])
	if missed[1] > missed[0]+0.01 {
		t.Errorf("the copies are worse to read: %.2f %% of the words are missed, %.2f %% on the pages", 100*missed[1], 100*missed[0])
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// sameRed wants about as much red in the drawing of a copy as in the page.
func sameRed(t *testing.T, page, drawn string) {
	t.Helper()
	var share [2]float64
	for i, path := range []string{page, drawn} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var img image.Image
		if i == 0 {
			img, err = jpeg.Decode(f)
		} else {
			img, err = png.Decode(f)
		}
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		box, n, red := img.Bounds(), 0, 0
		for y := box.Min.Y; y < box.Max.Y; y += 2 {
			for x := box.Min.X; x < box.Max.X; x += 2 {
				c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
				n++
				if int(c.R)-int(max(c.G, c.B)) > 50 {
					red++
				}
			}
		}
		share[i] = float64(red) / float64(n)
	}
	if share[0] > 0.0005 && (share[1] < 0.6*share[0] || share[1] > 1.7*share[0]) {
		t.Errorf("%.3f %% of the page is red, %.3f %% of the copy", 100*share[0], 100*share[1])
	}
}
