// Package line takes files the way `sohoa process` does, all but the reading:
// through the door, apart into pages, and into one PDF/A that passed our own
// check. It is for benches and judges of what is written, not of what is read.
package line

import (
	"context"
	"fmt"
	"os"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/workers"
)

// Limits are those of the door here: small enough that a file for a test cannot
// fill the machine.
var Limits = scan.Limits{Pixels: 100_000_000, Pages: 300, Bytes: 64 << 20}

// Children are the children that it needs, for [jail.Main].
func Children() map[string]jail.Child {
	return map[string]jail.Child{"inspect": sniff.InspectChild, "split": sniff.SplitChild, pdfa.ChildName: pdfa.Child}
}

// A Made is what became of a file.
type Made struct {
	Pages int
	Kept  int // of them as their PDF has them
}

// Write makes the PDF/A at out of the file at in. A [*jail.Refusal] is the
// door's word that the file is not taken; any other error is a fault of ours.
func Write(ctx context.Context, in, out string) (m Made, err error) {
	report, err := sniff.Inspect(ctx, in, Limits)
	if err == nil && report.Signed {
		err = &jail.Refusal{Code: "signed", Text: "the PDF is signed: it is kept as it is and never rewritten"}
	}
	if err != nil {
		return m, err
	}
	var all []scan.Page
	for page, err := range sniff.Split(ctx, in, Limits) {
		if err != nil {
			return m, err
		}
		all = append(all, page)
	}
	scans := func(yield func(scan.Page, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
	pages, err := workers.ReadAll(ctx, unread{}, 1, scans)
	if err != nil {
		return m, err
	}
	f, err := os.Create(out)
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := workers.WritePDFA(ctx, f, pdfa.Meta{Title: "Chưa đọc"}, scans, pages); err != nil {
		return m, fmt.Errorf("write: %w", err)
	}
	for _, p := range pages {
		if m.Pages++; p.Kept {
			m.Kept++
		}
	}
	return m, nil
}

// unread is a reader that finds no word on any page.
type unread struct{}

func (unread) Read(_ context.Context, page scan.Page) (ocr.Page, error) {
	p := ocr.Page{Index: page.Index, Width: page.Width, Height: page.Height, DPIX: page.DPIX, DPIY: page.DPIY, Turn: page.Turn, Blank: true}
	if page.Turn%2 == 1 {
		p.Width, p.Height, p.DPIX, p.DPIY = p.Height, p.Width, p.DPIY, p.DPIX
	}
	return p, nil
}
