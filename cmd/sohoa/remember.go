package main

import (
	"iter"

	"sohoa/scan"
)

// mostRemembered is how many bytes of pages are held, in all.
const mostRemembered = 64 << 20

// remembered returns pages, which are gone through more than once: for reading
// and for writing. If they are not more than most bytes they are held from the
// first time that they all came, which spares taking the file apart again.
func remembered(pages iter.Seq2[scan.Page, error], most int) iter.Seq2[scan.Page, error] {
	var kept []scan.Page
	all := false
	return func(yield func(scan.Page, error) bool) {
		if all {
			for _, page := range kept {
				if !yield(page, nil) {
					return
				}
			}
			return
		}
		kept = nil
		held, fit := 0, true
		for page, err := range pages {
			if held += weight(page); held > most || err != nil {
				kept, fit = nil, false
			}
			if fit {
				kept = append(kept, page)
			}
			if !yield(page, err) {
				return
			}
		}
		all = fit
	}
}

// weight is about how many bytes page takes.
func weight(page scan.Page) int {
	const word = 100 // a told word and its box
	n := len(page.Data) + len(page.Graft) + 1<<10
	for _, l := range page.Told {
		n += word * (1 + len(l.Words))
	}
	return n
}
