package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"unicode/utf8"

	"sohoa/specimen"
)

var (
	boxedPage = regexp.MustCompile(`(?s)<page [^>]*>.*?</page>`)
	boxedWord = regexp.MustCompile(`<word xMin="([^"]+)" yMin="([^"]+)" xMax="([^"]+)" yMax="([^"]+)">([^<]*)</word>`)
)

// TestWordsLieOnTheirInk takes papers that lay askew, or on their side, through
// the whole line, and compares where poppler finds each word with where its ink
// was put: half a letter is the most that may lie between.
func TestWordsLieOnTheirInk(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	type lie struct {
		skew float64
		turn int
	}
	lies := []lie{{-5, 0}, {-3.1, 0}, {-1.7, 0}, {-0.4, 0}, {0, 0}, {0.6, 0}, {2.2, 0}, {4, 0}, {5, 0}, {1.3, 1}, {-2.4, 2}, {3, 3}}
	dir := t.TempDir()
	args := []string{"process", "-o", filepath.Join(dir, "out.pdf")}
	sheet := press.Paper(specimen.Letter, 23, specimen.About{Plain: true}).Only(0)
	for i, l := range lies {
		f, err := sheet.File(specimen.JPEG, 200, specimen.Wear{Grey: true, Skew: l.skew, Turn: l.turn, Noise: 3, Blur: 0.15, Quality: 80}, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, fmt.Sprintf("%02d.jpg", i))
		if err := os.WriteFile(path, f.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if code, _, message := sohoa(t, args...); code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	pages := boxedPage.FindAllString(tool(t, "pdftotext", "-bbox", filepath.Join(dir, "out.pdf"), "-"), -1)
	if len(pages) != len(lies) {
		t.Fatalf("%d pages", len(pages))
	}
	for i, l := range lies {
		found, words, worst, where := compare(&sheet.Pages[0], pages[i])
		t.Logf("%+.1f°, %d quarter turns: %d of %d words, %.2f letters off at most (%s)", l.skew, l.turn, found, words, worst, where)
		if found < words*9/10 {
			t.Errorf("only %d of %d words are found on the page that lay at %g°, %d", found, words, l.skew, l.turn)
		}
		if worst > 0.5 {
			t.Errorf("%s lies %.2f letters off on the page that lay at %g°, %d", where, worst, l.skew, l.turn)
		}
	}
}

// compare returns how many words of a page are found in poppler's boxes, of how
// many, and the largest distance of a word's left and right ends and base line
// from the print's, in widths of the word's letters.
func compare(page *specimen.Page, boxes string) (found, words int, worst float64, where string) {
	type box struct {
		text           string
		x0, y0, x1, y1 float64
	}
	var all []box
	for _, m := range boxedWord.FindAllStringSubmatch(boxes, -1) {
		v := [4]float64{}
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[i+1], 64)
		}
		all = append(all, box{m[5], v[0], v[1], v[2], v[3]})
	}
	for _, line := range page.Lines {
		for _, w := range line {
			if w.Region == specimen.Hand {
				continue
			}
			words++
			letter := w.Width / float64(utf8.RuneCountInString(w.Text))
			letter = max(letter, w.Size/4) // a comma is not the measure
			best := math.Inf(1)
			for _, b := range all {
				// The box stands from 0.9 of the size over the base line to 0.22 under it.
				base := b.y1 - (b.y1-b.y0)*0.22/1.12
				if b.text == w.Text {
					best = min(best, max(math.Abs(b.x0-w.X), math.Abs(b.x1-w.X-w.Width), math.Abs(base-w.Y))/letter)
				}
			}
			if best > 4 {
				continue // read otherwise
			}
			if found++; best > worst {
				worst, where = best, w.Text
			}
		}
	}
	return found, words, worst, where
}
