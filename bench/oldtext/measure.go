package main

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/ingest/sniff"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/workers"
)

// A row counts pages of one kind.
type row struct {
	n, right, shouldKeep, kept, sameText, sameLook int
	reasons                                        map[string]int
}

func (r *row) add(o row) {
	r.n, r.right, r.shouldKeep, r.kept = r.n+o.n, r.right+o.right, r.shouldKeep+o.shouldKeep, r.kept+o.kept
	r.sameText, r.sameLook = r.sameText+o.sameText, r.sameLook+o.sameLook
}

func (r row) print(name, asked string) {
	var why []string
	for _, k := range slices.Sorted(maps.Keys(r.reasons)) {
		why = append(why, fmt.Sprintf("%s %d", k, r.reasons[k]))
	}
	if asked == "" {
		asked = "read"
	}
	fmt.Printf("| %s | %s | %d | %d | %s | %d | %d/%d | %d/%d |\n", name, asked, r.n, r.right, strings.Join(why, "; "),
		r.kept, r.sameText, r.kept, r.sameLook, r.kept)
}

// measure has the house take the file in and write its PDF/A, without reading
// what need not be read for this.
func (b *bench) measure(k kind, path string) (row, error) {
	r := row{reasons: map[string]int{}}
	var pages []scan.Page
	var read []ocr.Page
	for page, err := range sniff.Split(b.ctx, path, scan.Limits{}) {
		if err != nil {
			return r, err
		}
		r.n++
		if page.Old == k.want {
			r.right++
		}
		why := page.Why
		if why == "" {
			why = "no text"
		}
		if k.kept && page.Graft == nil {
			why += " (" + page.Note + ")"
		}
		r.reasons[why]++
		pages = append(pages, page)
		read = append(read, ocr.Page{Width: page.Width, Height: page.Height, DPIX: page.DPIX, DPIY: page.DPIY, Turn: page.Turn, Blank: true})
		if page.Turn%2 == 1 {
			p := &read[len(read)-1]
			p.Width, p.Height, p.DPIX, p.DPIY = p.Height, p.Width, p.DPIY, p.DPIX
		}
		if page.Graft != nil {
			r.kept++
		}
	}
	out, err := os.Create(strings.TrimSuffix(path, ".pdf") + "-archived.pdf")
	if err != nil {
		return r, err
	}
	defer out.Close()
	if err := workers.WritePDFA(b.ctx, out, pdfa.Meta{Title: "Đo"}, all(pages), read); err != nil {
		return r, err
	}
	for i, p := range pages {
		if p.Graft == nil {
			continue
		}
		if same, err := b.both(path, out.Name(), i+1, "pdftotext", "-q"); err != nil {
			return r, err
		} else if same {
			r.sameText++
		}
		if same, err := b.both(path, out.Name(), i+1, "pdftoppm", "-q", "-r", "100"); err != nil {
			return r, err
		} else if same {
			r.sameLook++
		}
	}
	return r, nil
}

func all(pages []scan.Page) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// both asks a program the same of a page before and after.
func (b *bench) both(before, after string, page int, program string, args ...string) (bool, error) {
	var said [2][]byte
	for i, path := range []string{before, after} {
		n := fmt.Sprint(page)
		a := append(slices.Clone(args), "-f", n, "-l", n, "-cropbox", path)
		if program == "pdftotext" {
			a = append(a, "-")
		}
		out, err := exec.CommandContext(b.ctx, program, a...).Output()
		if err != nil {
			return false, fmt.Errorf("%s %s: %w", program, path, err)
		}
		said[i] = out
	}
	return bytes.Equal(said[0], said[1]), nil
}

// judge has veraPDF judge what was written.
func (b *bench) judge() error {
	made, err := filepath.Glob(filepath.Join(b.dir, "*-archived.pdf"))
	if err != nil {
		return err
	}
	said, _ := exec.CommandContext(b.ctx, "conformance/verapdf.sh", made...).CombinedOutput() // its verdict is in what it says
	fmt.Printf("\nveraPDF as PDF/A-2u: %d of %d files pass\n", bytes.Count(said, []byte("PASS ")), len(made))
	for line := range strings.Lines(string(said)) {
		if !strings.HasPrefix(line, "PASS ") {
			fmt.Print(line)
		}
	}
	return nil
}
