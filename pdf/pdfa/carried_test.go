package pdfa_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os/exec"
	"testing"

	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/scan"
)

// oneStrip is a TIFF file of one page in one strip (TIFF 6.0 section 2).
func oneStrip(strip []byte, w, h, bits, samples, compression, photometric, predictor int) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	entries := [][2]int{{256, w}, {257, h}, {258, bits}, {259, compression}, {262, photometric}, {273, 0},
		{277, samples}, {278, h}, {279, len(strip)}, {317, predictor}}
	end := 8 + 2 + 12*len(entries) + 4
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		count, value := 1, e[1]
		switch {
		case e[0] == 273:
			value = end + 6
		case e[0] == 258 && samples == 3:
			count, value = 3, end
		}
		kind := uint16(4)
		if e[0] == 258 {
			kind = 3
		}
		b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, uint16(e[0])), kind), uint32(count)), uint32(value))
	}
	b = le.AppendUint32(b, 0)
	for range 3 {
		b = le.AppendUint16(b, uint16(bits))
	}
	return append(b, strip...)
}

// grain is a picture of odd width in which no two rows are alike.
func grain(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i*i>>7) ^ byte(i*31)
		if i%4 == 3 {
			m.Pix[i] = 0xff
		}
	}
	return m
}

// TestCarriedBytes: what a scanner stored stands in the PDF byte by byte, if a PDF
// can show it so, and qpdf finds nothing wrong with it.
func TestCarriedBytes(t *testing.T) {
	const w, h = 333, 200
	m := grain(w, h)
	rows, differences := make([]byte, 0, 3*w*h), make([]byte, 0, 3*w*h)
	for y := range h {
		for x := range w {
			c, left := m.RGBAAt(x, y), color.RGBA{}
			if x > 0 {
				left = m.RGBAAt(x-1, y)
			}
			rows = append(rows, c.R, c.G, c.B)
			differences = append(differences, c.R-left.R, c.G-left.G, c.B-left.B)
		}
	}
	pngFile, idat := pngOf(t, m)
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, m, nil); err != nil {
		t.Fatal(err)
	}
	g4 := pdfatest.G4(true).Data
	for name, row := range map[string]struct {
		file, carried []byte
		encoding      scan.Encoding
	}{
		"TIFF, deflate":              {oneStrip(zlibOf(t, rows), w, h, 8, 3, 8, 2, 1), zlibOf(t, rows), scan.Flate},
		"TIFF, deflate, differences": {oneStrip(zlibOf(t, differences), w, h, 8, 3, 32946, 2, 2), zlibOf(t, differences), scan.Flate},
		"TIFF, grey":                 {oneStrip(zlibOf(t, rows), 3*w, h, 8, 1, 8, 1, 1), zlibOf(t, rows), scan.Flate},
		"TIFF, G4":                   {oneStrip(g4, pdfatest.Width, pdfatest.Height, 1, 1, 4, 0, 1), g4, scan.G4},
		"PNG, one IDAT":              {pngFile(1 << 30), idat, scan.Flate},
		"PNG, many IDATs":            {pngFile(1000), idat, scan.Flate},
		"JPEG":                       {jpg.Bytes(), jpg.Bytes(), scan.JPEG},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := scan.Open(bytes.NewReader(row.file), int64(len(row.file)), scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			p, err := f.Page(0)
			if err != nil || p.Encoding != row.encoding || p.Note != "" {
				t.Fatalf("stored as %s, %q, %v", p.Encoding, p.Note, err)
			}
			out := pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(p))
			if n := bytes.Count(out, append(append([]byte("stream\n"), row.carried...), "\nendstream"...)); n != 1 {
				t.Errorf("the stored bytes stand in the PDF %d times", n)
			}
			if said, err := exec.Command("qpdf", "--check", kept(t, out)).CombinedOutput(); err != nil {
				t.Errorf("qpdf: %v: %s", err, said)
			}
		})
	}
}

// TestDifferencesDrawn: poppler shows a strip with TIFF's predictor as it was.
func TestDifferencesDrawn(t *testing.T) {
	for _, components := range []int{1, 3} {
		p := pdfatest.Strip(t, components)
		path := kept(t, pdfatest.Write(t, pdfatest.Meta, pdfatest.Lay(p)))
		drawn, err := exec.Command("pdftoppm", "-r", "100", "-png", "-singlefile", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(drawn))
		if err != nil {
			t.Fatal(err)
		}
		want, err := scan.Decode(p)
		if err != nil || m.Bounds() != want.Bounds() {
			t.Fatalf("%v drawn, want %v, %v", m.Bounds(), want.Bounds(), err)
		}
		for _, at := range []image.Point{{3, 3}, {pdfatest.Mark0 + 9, pdfatest.Mark0 + 9}, {pdfatest.Mark1 + 9, pdfatest.Mark0 + 9}, {pdfatest.Width - 3, pdfatest.Height - 3}} {
			if a, b := color.GrayModel.Convert(m.At(at.X, at.Y)), color.GrayModel.Convert(want.At(at.X, at.Y)); a != b {
				t.Errorf("%d components: %v at %v, want %v", components, a, at, b)
			}
		}
	}
}

func zlibOf(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pngOf returns the rows of m as PNG packs them, and a maker of the file with
// so many of their bytes in a chunk.
func pngOf(t *testing.T, m image.Image) (file func(most int) []byte, idat []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	var head []byte
	for at := b.Bytes()[8:]; len(at) > 0; {
		n := int(binary.BigEndian.Uint32(at))
		switch string(at[4:8]) {
		case "IHDR":
			head = at[8:][:n]
		case "IDAT":
			idat = append(idat, at[8:][:n]...)
		}
		at = at[12+n:]
	}
	return func(most int) []byte {
		out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head)...)
		for rest := idat; len(rest) > 0; {
			n := min(most, len(rest))
			out, rest = append(out, chunk("IDAT", rest[:n])...), rest[n:]
		}
		return append(out, chunk("IEND", nil)...)
	}, idat
}

func chunk(name string, data []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
