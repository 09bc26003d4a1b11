package pdfa_test

import (
	"bytes"
	"compress/zlib"
	"html"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"unicode/utf8"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/scan"
	"sohoa/specimen"
)

// What a file may have besides the images.
const (
	mostPerFile = 12_000
	mostPerPage = 4_000

	// Where that is not enough, past some 750 words: the letters and blanks of the
	// page, deflated by themselves, and so much for all that belongs to it.
	mostAround  = 600
	mostPerWord = 1.3
)

// spelt is what the letters and blanks of a page take, deflated by themselves in
// codes of two bytes.
func spelt(t *testing.T, p pdfa.Page) int {
	t.Helper()
	codes := map[rune]byte{}
	var b, out bytes.Buffer
	for _, l := range p.Lines {
		for _, w := range l.Words {
			for _, r := range w.Text + " " {
				if codes[r] == 0 {
					codes[r] = byte(len(codes) + 1)
				}
				b.Write([]byte{0, codes[r]})
			}
		}
	}
	z, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// over writes pages and returns the bytes that are not image.
func over(t *testing.T, pages ...pdfa.Page) int {
	t.Helper()
	n := len(pdfatest.Write(t, pdfatest.Meta, pages...))
	for _, p := range pages {
		n -= len(p.Image.Data)
	}
	return n
}

// layered puts the words that are printed on a specimen over its image, in
// the boxes that a reader finds, which are never quite the same twice.
func layered(image scan.Page, page *specimen.Page) pdfa.Page {
	p := pdfa.Page{Image: image, Turn: image.Turn, Width: specimen.PageWidth, Height: specimen.PageHeight}
	dot := 72.0 / 300
	for i, l := range page.Lines {
		var line pdfa.Line
		for j, w := range l {
			wobble := func(n int) float64 { return dot * float64((i*7+j*13+n*5)%3-1) }
			x0, y0 := w.X+wobble(0), w.Y-w.Size*0.7+wobble(1)
			line.Words = append(line.Words, pdfa.Word{Text: w.Text, X0: x0, Y0: y0, X1: x0 + w.Width + wobble(2), Y1: w.Y + w.Size*0.2})
		}
		if len(l) > 0 {
			line.Baseline = [2]float64{l[0].Y + dot*float64(i%3), l[len(l)-1].Y - dot*float64(i%2)}
			p.Lines = append(p.Lines, line)
		}
	}
	return p
}

// TestSizeOfEveryPaper: every kind of paper in every condition, in the file it
// comes in, as a document of its own, which is the hardest.
func TestSizeOfEveryPaper(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	kinds, worst, worstName := specimen.Kinds(), 0, ""
	for i, c := range specimen.Conditions() {
		c.DPI = 50 // what stands around an image does not know its size
		for k, kind := range kinds {
			if i > 0 && k%len(kinds) != i%len(kinds) && k != 3 {
				continue // all kinds in one condition, a report with its table and one more in each
			}
			s, err := press.Sample(c, kind, uint64(i+1), 50)
			if err != nil {
				t.Fatal(err)
			}
			f, err := scan.Open(bytes.NewReader(s.Bytes), int64(len(s.Bytes)), scan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			image, err := f.Page(0)
			if err != nil {
				t.Fatal(err)
			}
			if n := over(t, layered(image, s.Page)); n > worst {
				worst, worstName = n, s.Name
			}
		}
	}
	t.Logf("at most %d bytes around the image of one page (%s)", worst, worstName)
	if worst > mostPerFile+mostPerPage {
		t.Errorf("%d bytes around the image of %s", worst, worstName)
	}
}

// TestSizeOfFullPages: a long document, and one with small print and tables.
func TestSizeOfFullPages(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		about specimen.About
	}{
		{"long", specimen.About{Pages: 30}},
		{"small print and tables", specimen.About{Pages: 10, Adds: specimen.Adds{Small: true, Tables: true, English: true}}},
	} {
		sheet := press.Paper(specimen.Report, 7, row.about)
		var pages []pdfa.Page
		words, most := 0, 0
		for i := range sheet.Pages {
			p := layered(pdfatest.G4(true), &sheet.Pages[i])
			n := 0
			for _, l := range p.Lines {
				n += len(l.Words)
			}
			words, most = words+n, max(most, n)
			pages = append(pages, p)
		}
		n := over(t, pages...)
		t.Logf("%s: %d bytes around %d pages of %d words (%d on the fullest): %d a page and %d", row.name, n, len(pages), words, most, mostPerPage, n-mostPerPage*len(pages))
		if n > mostPerFile+mostPerPage*len(pages) {
			t.Errorf("%s: %d bytes around %d pages", row.name, n, len(pages))
		}
	}
}

// packedPages are fuller than any office prints: type of 13 points without a
// paragraph or a gap is more than NĐ 30/2020/NĐ-CP lets it, type of 9 points from
// edge to edge is a newspaper, of 6.5 what stands under contracts.
var packedPages = []struct{ size, left, right float64 }{{13, 85, 57}, {11, 60, 40}, {9, 30, 30}, {8, 30, 30}, {6.5, 30, 30}}

// TestSizeOfPackedPages holds the law of sizes beyond 4 kB a page.
func TestSizeOfPackedPages(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range packedPages {
		full, words := dense(press, row.size, row.left, row.right)
		n, letters := over(t, slices.Repeat([]pdfa.Page{full}, 10)...), spelt(t, full)
		page := max(mostPerPage, letters+mostAround+int(mostPerWord*float64(words)))
		t.Logf("type of %g points: %d bytes around ten pages of %d words, whose letters take %d; at most %d", row.size, n, words, letters, mostPerFile+10*page)
		if n > mostPerFile+10*page {
			t.Errorf("%d bytes around ten pages of %d words", n, words)
		}
		if one := over(t, full); words < 1500 && one > mostPerFile+mostPerPage {
			t.Errorf("%d bytes around one page of %d words", one, words)
		}
	}
}

var boxed = regexp.MustCompile(`<word xMin="([^"]+)" yMin="[^"]+" xMax="([^"]+)" yMax="[^"]+">([^<]*)</word>`)

// TestPackedPagesLieWordForWord: words that are coarsely placed come out of
// poppler the same, in order, and no end of one lies half a letter off.
func TestPackedPagesLieWordForWord(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range packedPages {
		full, _ := dense(press, row.size, row.left, row.right)
		path := filepath.Join(t.TempDir(), "a.pdf")
		if err := os.WriteFile(path, pdfatest.Write(t, pdfatest.Meta, full), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdftotext", "-raw", "-bbox", path, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		seen := boxed.FindAllStringSubmatch(string(out), -1)
		worst, sum, n := 0.0, 0.0, 0
		for _, l := range full.Lines {
			for _, w := range l.Words {
				if n >= len(seen) || html.UnescapeString(seen[n][3]) != w.Text {
					t.Fatalf("type of %g points: word %d is not %q: %q", row.size, n, w.Text, seen[min(n, len(seen)-1)])
				}
				letter := max((w.X1-w.X0)/float64(utf8.RuneCountInString(w.Text)), row.size/4) // a comma is not the measure
				for i, want := range []float64{w.X0, w.X1} {
					got, err := strconv.ParseFloat(seen[n][1+i], 64)
					if err != nil {
						t.Fatal(err)
					}
					off := math.Abs(got-want) / letter
					worst, sum = max(worst, off), sum+off
				}
				n++
			}
		}
		t.Logf("type of %g points: %d words, %.2f letters off at most, %.3f in the mean", row.size, n, worst, sum/float64(2*n))
		if worst > 0.5 || n != len(seen) {
			t.Errorf("type of %g points: %.2f letters off, %d words of %d", row.size, worst, len(seen), n)
		}
	}
}

// dense is a page full of the words of a long paper, one after the other, in
// type of a size between margins left and right, and how many they are.
func dense(press *specimen.Press, size, left, right float64) (pdfa.Page, int) {
	sheet := press.Paper(specimen.Report, 11, specimen.About{Pages: 12})
	var page specimen.Page
	var line specimen.Line
	words, x, y := 0, left, 40.0
	for _, p := range sheet.Pages {
		for _, l := range p.Lines {
			for _, w := range l {
				width := w.Width * size / w.Size
				if x+width > specimen.PageWidth-right {
					page.Lines = append(page.Lines, line)
					line, x, y = nil, left, y+1.22*size
				}
				if y > specimen.PageHeight-40 {
					return layered(pdfatest.G4(true), &page), words
				}
				line = append(line, specimen.Word{Text: w.Text, X: x, Y: y, Width: width, Size: size})
				x, words = x+width+0.25*size, words+1
			}
		}
	}
	panic("the paper is too short")
}
