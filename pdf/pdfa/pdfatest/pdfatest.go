// Package pdfatest makes the files by which writers and judges of PDF/A are
// tried: a sheet in every encoding, turned, leaning, with and without text.
package pdfatest

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// The sample sheet is 800 × 1000 pixels at 100 dpi: white, with a black block
// near its top left corner, from (64, 64) to (128, 128).
const (
	Width, Height = 800, 1000
	Mark0, Mark1  = 64, 128
)

// Meta is a title with every kind of trouble, and a date in Vietnam.
var Meta = pdfa.Meta{
	Title:      "Quyết định về việc thử nghiệm <số hóa> & “lưu trữ”",
	Identifier: "000.00.01.H26-240315-0001/1",
	Created:    time.Date(2026, 3, 15, 8, 30, 0, 0, time.FixedZone("", 7*3600)),
}

func sheet(m color.Model) image.Image {
	var img draw.Image = image.NewGray(image.Rect(0, 0, Width, Height))
	if m != color.GrayModel {
		img = image.NewRGBA(image.Rect(0, 0, Width, Height))
	}
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(Mark0, Mark0, Mark1, Mark1), image.Black, image.Point{}, draw.Src)
	return img
}

// Lay lays lines over an image of the sheet, upright as it is.
func Lay(image scan.Page, lines ...pdfa.Line) pdfa.Page {
	return pdfa.Page{Image: image, Width: Width * 0.72, Height: Height * 0.72, Lines: lines}
}

// Line sets words in a row from x, with 4 points between two.
func Line(x, baseline float64, words ...string) pdfa.Line {
	l := pdfa.Line{Baseline: [2]float64{baseline, baseline}}
	for _, s := range words {
		w := 6 * float64(utf8.RuneCountInString(s))
		l.Words = append(l.Words, pdfa.Word{Text: s, X0: x, Y0: baseline - 9, X1: x + w, Y1: baseline + 3})
		x += w + 4
	}
	return l
}

// packed are so many lines of so many words that they are coarsely placed.
func packed() (lines []pdfa.Line) {
	syllables := strings.Fields("ủy ban nhân dân tỉnh quyết định về việc cấp giấy chứng nhận quyền sử dụng đất cho hộ gia đình theo luật số năm tại xã huyện thửa tờ bản đồ")
	n := 0
	for y := 14.0; y < 710; y += 12 {
		var words []string
		for range 20 {
			n++
			words = append(words, syllables[n*n%(len(syllables)+n%7)%len(syllables)])
		}
		l := Line(10, y, words...)
		for i := range l.Words {
			l.Words[i].X0 += float64((n+i*i)%5)/4 - 0.5
			l.Words[i].X1 += float64((n+i*i*i)%7)/6 - 0.5
		}
		lines = append(lines, l)
	}
	return lines
}

// Write writes pages as one file, and checks it against what was given.
func Write(t testing.TB, m pdfa.Meta, pages ...pdfa.Page) []byte {
	t.Helper()
	b, _ := written(t, m, pages...)
	return b
}

// written is Write; it returns also what the pages must give back.
func written(t testing.TB, m pdfa.Meta, pages ...pdfa.Page) ([]byte, []pdfa.Content) {
	t.Helper()
	var b bytes.Buffer
	w := pdfa.New(&b, m)
	for i, p := range pages {
		if err := w.Add(p); err != nil {
			t.Fatalf("page %d: %v", i+1, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.Contents()
}

// Files returns the whole set, by name.
func Files(t testing.TB) map[string][]byte {
	t.Helper()
	text := []pdfa.Line{Line(100, 120, "CỘNG", "HÒA", "XÃ", "HỘI", "CHỦ", "NGHĨA", "VIỆT", "NAM"),
		Line(100, 140, "Độc", "lập", "-", "Tự", "do", "-", "Hạnh", "phúc"), Line(100, 160, "ngày", "8", "(một\\)", "😀")}
	colour := JPEG(t, color.RGBAModel)
	images := map[string]scan.Page{
		"jpeg-rgb": colour, "jpeg-grey": JPEG(t, color.GrayModel), "g4": G4(true), "g4-inverse": G4(false), "jbig2": JBIG2(t),
		"flate-1bit": Flate(t, 1, 1, true, false), "flate-1bit-png": Flate(t, 1, 1, false, true), "flate-4bit": Flate(t, 1, 4, false, false),
		"flate-grey": Flate(t, 1, 8, false, true), "flate-rgb": Flate(t, 3, 8, false, true),
		"flate-grey-tiff": Strip(t, 1), "flate-rgb-tiff": Strip(t, 3),
	}
	files := map[string][]byte{}
	var all []pdfa.Page
	for _, n := range slices.Sorted(maps.Keys(images)) {
		files[n] = Write(t, Meta, Lay(images[n], text...))
		all = append(all, Lay(images[n], text[:len(all)%4]...))
	}
	files["many"] = Write(t, Meta, all...)
	parts := Meta
	parts.Record = pdfa.Record{Dossier: "000.00.01.H26-240315-0001", Agency: "H26.01"}
	parts.Parts = []pdfa.Part{{Title: "Tệp 1", Pages: 1}, {Title: "Tệp 2", Pages: len(all) - 1}}
	files["parts"] = Write(t, parts, all...)
	files["no-text"] = Write(t, Meta, Lay(colour))
	masked := Lay(colour, text...)
	masked.Masks = []pdfa.Mask{{Image: JBIG2(t), Colour: [3]byte{200, 30, 40}}, {Image: G4(true), Colour: [3]byte{20, 20, 20}}}
	files["masks"] = Write(t, Meta, masked)
	files["packed"] = Write(t, Meta, Lay(G4(true), packed()...))
	files["no-meta"] = Write(t, pdfa.Meta{}, Lay(colour, text...))
	var crooked []pdfa.Page
	for turn := range 4 {
		for _, skew := range []float64{-2.5, 0, 0.7} {
			p := Lay(colour, text...)
			if p.Turn, p.Skew = turn, skew; turn%2 == 1 {
				p.Width, p.Height = p.Height, p.Width
			}
			p.Lines = slices.Clone(text)
			p.Lines[0].Baseline[1] += skew
			crooked = append(crooked, p)
		}
	}
	files["crooked"] = Write(t, Meta, crooked...)
	return files
}

func scanned(e scan.Encoding, components, bits int, data []byte) scan.Page {
	return scan.Page{Encoding: e, Width: Width, Height: Height, Components: components, Bits: bits,
		DPIX: 100, DPIY: 100, DPIFrom: scan.FromFile, Data: data}
}

// JBIG2 stores the sheet in the smallest coding for two tones.
func JBIG2(t testing.TB) scan.Page {
	t.Helper()
	p, err := scan.Tighten(Flate(t, 1, 1, true, false))
	if err != nil || p.Encoding != scan.JBIG2 {
		t.Fatalf("two tones are stored as %s, %v", p.Encoding, err)
	}
	return p
}

// JPEG stores the sheet as grey or, with another model, in colour.
func JPEG(t testing.TB, m color.Model) scan.Page {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, sheet(m), &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	if m == color.GrayModel {
		return scanned(scan.JPEG, 1, 8, b.Bytes())
	}
	return scanned(scan.JPEG, 3, 8, b.Bytes())
}

// Flate stores the sheet in the given depth; with png, each row starts
// with the byte of the filter Sub, as in PNG.
func Flate(t testing.TB, components, bits int, blackIsOne, png bool) scan.Page {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	plain, marked := row(components, bits, blackIsOne, png, false), row(components, bits, blackIsOne, png, true)
	for y := range Height {
		row := plain
		if y >= Mark0 && y < Mark1 {
			row = marked
		}
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	p := scanned(scan.Flate, components, bits, b.Bytes())
	p.BlackIsOne = blackIsOne
	if png {
		p.Predictor = 15
	}
	return p
}

// Strip stores the sheet as a deflate strip of a TIFF file with its predictor:
// each 8-bit sample is the difference to the one to its left.
func Strip(t testing.TB, components int) scan.Page {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for y := range Height {
		row := row(components, 8, false, true, y >= Mark0 && y < Mark1)
		if _, err := z.Write(row[1:]); err != nil { // Sub without the byte that names it
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	p := scanned(scan.Flate, components, 8, b.Bytes())
	p.Predictor = 2
	return p
}

// row is one row of samples, through the block or not.
func row(components, bits int, blackIsOne, png, through bool) []byte {
	row := make([]byte, (Width*components*bits+7)/8)
	for i := range Width * components {
		x := i / components
		if isBlack := through && x >= Mark0 && x < Mark1; isBlack == blackIsOne {
			for k := i * bits; k < (i+1)*bits; k++ {
				row[k/8] |= 0x80 >> (k % 8)
			}
		}
	}
	if !png {
		return row
	}
	step := max(components*bits/8, 1)
	for i := len(row) - 1; i >= step; i-- {
		row[i] -= row[i-step]
	}
	return append([]byte{1}, row...)
}

// G4 stores the sheet in T.6 by hand: every line is like the one above but
// the block's first line and the line below it.
func G4(blackIsOne bool) scan.Page {
	var bits []byte
	put := func(codes ...string) {
		for _, c := range codes {
			bits = append(bits, c...)
		}
	}
	// A run of 64 is a make-up code and the code of 0, one of 800 is 768 and 32.
	const (
		white64, black64 = "11011" + "00110101", "0000001111" + "0000110111"
		white0, black800 = "00110101", "0000001001100" + "000001101010"
		same, across     = "1", "001" // vertical mode 0, horizontal mode
		pass             = "0001"
	)
	for y := range Height {
		switch {
		case !blackIsOne && y == 0: // the paper is coded as black
			put(across, white0, black800)
			continue
		case !blackIsOne:
			put(same) // where the paper's black begins
		}
		switch {
		case y == Mark0 && blackIsOne:
			put(across, white64, black64, same)
		case y == Mark0:
			put(across, black64, white64, same)
		case y > Mark0 && y < Mark1:
			put(same, same, same)
		case y == Mark1:
			put(pass, same)
		default:
			put(same)
		}
	}
	put("000000000001", "000000000001") // end of block
	data := make([]byte, (len(bits)+7)/8)
	for i, c := range bits {
		if c == '1' {
			data[i/8] |= 0x80 >> (i % 8)
		}
	}
	p := scanned(scan.G4, 1, 1, data)
	p.BlackIsOne = blackIsOne
	return p
}
