//go:build conformance

package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An oddTable counts, kind by kind, what became of odd files and what each judge
// says.
type oddTable struct {
	files  []*oddFile
	judges []string
	passed map[string]map[string][2]int // judge → kind → passes, judged
}

func newOddTable(files []*oddFile) *oddTable {
	return &oddTable{files: files, passed: map[string]map[string][2]int{}}
}

// add enters what a judge says of files, and each fault with its file.
func (o *oddTable) add(judge string, files []*oddFile, faults map[*oddFile]string) {
	o.judges = append(o.judges, judge)
	o.passed[judge] = map[string][2]int{}
	for _, f := range files {
		n := o.passed[judge][f.Kind]
		if n[1]++; faults[f] == "" {
			n[0]++
		} else {
			f.faults = append(f.faults, judge+": "+faults[f])
		}
		o.passed[judge][f.Kind] = n
	}
}

const oddHead = `# What the judges said of odd files

Written by ` + "`make conformance CONFORMANCE=all`" + ` (TestOddFiles). %d files out of a seeded generator (conformance/odd.py): PDFs and pictures of every kind that people bring. Each goes through the line, all but the reading, and is refused with a code and a reason, or becomes a PDF/A that passed our own check; of those, every judge's cell says how many it passes. veraPDF judges by the level that the file claims; look: every page as poppler draws it beside the page that came, as poppler or the picture's decoder draws that, by means over a raster of %d × %d; pdf.js: the operators and words of every page, without a warning; PDFium and MuPDF draw every page; Chromium: its own viewer has loaded the document. Signed: by officer and agency, where the page has room for both marks. ` + "`make conformance`" + ` alone asks Chromium about one of twelve files and has one of six signed.

| kind | files | taken | pages | kept as they came | refused |`

func (o *oddTable) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, oddHead, len(o.files), cells, cells)
	for _, j := range o.judges {
		fmt.Fprintf(&b, " %s |", j)
	}
	b.WriteString("\n" + strings.Repeat("|---", 6+len(o.judges)) + "|\n")
	var kinds []string
	for _, f := range o.files {
		if !slices.Contains(kinds, f.Kind) {
			kinds = append(kinds, f.Kind)
		}
	}
	for _, k := range kinds {
		o.row(&b, k, func(f *oddFile) bool { return f.Kind == k })
	}
	o.row(&b, "all", func(*oddFile) bool { return true })
	return b.String()
}

func (o *oddTable) row(b *strings.Builder, name string, in func(*oddFile) bool) {
	n, taken, pages, kept := 0, 0, 0, 0
	refused := map[string]int{}
	of := map[string]bool{}
	for _, f := range o.files {
		if !in(f) {
			continue
		}
		of[f.Kind] = true
		if n++; !f.taken() {
			refused[f.code]++
			continue
		}
		taken, pages, kept = taken+1, pages+f.made.Pages, kept+f.made.Kept
	}
	var codes []string
	for _, c := range slices.Sorted(maps.Keys(refused)) {
		codes = append(codes, fmt.Sprintf("%s %d", c, refused[c]))
	}
	fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %s |", name, n, taken, pages, kept, strings.Join(codes, ", "))
	for _, j := range o.judges {
		sum := [2]int{}
		for k := range of {
			sum[0], sum[1] = sum[0]+o.passed[j][k][0], sum[1]+o.passed[j][k][1]
		}
		fmt.Fprintf(b, " %d/%d |", sum[0], sum[1])
	}
	b.WriteString("\n")
}
