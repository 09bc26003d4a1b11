package pdfa

import (
	"fmt"
	"strconv"
	"strings"

	"sohoa/pattern"
)

// A Level is how much of ISO 19005-2 a file claims to keep (5.2 to 5.4).
type Level string

// The levels, each asking more than the one before.
const (
	Level2B Level = "2b" // looks the same for good
	Level2U Level = "2u" // and all its text is known in Unicode
	Level2A Level = "2a" // and its structure is: what is read in which order, and what is what
)

// conformance is the letter that the XMP packet says; empty if l is no level.
func (l Level) conformance() string {
	return map[Level]string{Level2B: "B", Level2U: "U", Level2A: "A"}[l]
}

// ParseLevel reads the name of a level, as people write it: 2b, 2u or 2a. The
// error wraps [ErrInvalid].
func ParseLevel(s string) (Level, error) {
	if l := Level(strings.ToLower(s)); l.conformance() != "" {
		return l, nil
	}
	return "", fmt.Errorf("%w: level %q is none of 2b, 2u, 2a", ErrInvalid, s)
}

// A Part is pages that came together: one file, or one paper of several.
type Part struct {
	Title string // shown in the outline; not empty
	Pages int    // at least one
}

// Record is what a file says about the record it belongs to: codes, no names of
// people. Fields left empty are not written.
type Record struct {
	Dossier string // code of the dossier
	Agency  string // code of the agency that keeps it
	Kind    string // code of what the document is
}

// meant fills the defaults in and says what is wrong with m.
func (m Meta) meant() (Meta, error) {
	if m.Language == "" {
		m.Language = "vi-VN"
	}
	if m.Producer == "" {
		m.Producer = "Sohoa"
	}
	if m.Level == "" {
		m.Level = Level2U
	}
	m.Title, m.Producer, m.Identifier = plain(m.Title), plain(m.Producer), plain(m.Identifier)
	m.Record = Record{plain(m.Record.Dossier), plain(m.Record.Agency), plain(m.Record.Kind)}
	if !languageTag().MatchString(m.Language) {
		return m, fmt.Errorf("%w: language %q is not a BCP 47 tag", ErrInvalid, m.Language)
	}
	if m.Level.conformance() == "" {
		return m, fmt.Errorf("%w: level %q", ErrInvalid, m.Level)
	}
	parts := make([]Part, len(m.Parts))
	for i, p := range m.Parts {
		parts[i] = Part{plain(p.Title), p.Pages}
		if parts[i].Title == "" || p.Pages < 1 {
			return m, fmt.Errorf("%w: part %d has no title or no pages", ErrInvalid, i+1)
		}
	}
	m.Parts = parts
	return m, nil
}

var languageTag = pattern.Late(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// partOf returns which part page n, from 0, belongs to; -1 if it belongs to none.
func partOf(parts []Part, n int) int {
	for i, p := range parts {
		if n < p.Pages {
			return i
		}
		n -= p.Pages
	}
	return -1
}

// labels are the page labels (ISO 32000-1, 12.4.2): 1, 2, 3, or with several
// parts the part's number before the page's in it: 2.1, 2.2.
func labels(parts []Part) string {
	if len(parts) < 2 {
		return "<</Nums[0<</S/D>>]>>"
	}
	var b strings.Builder
	at := 0
	for i, p := range parts {
		fmt.Fprintf(&b, "%d<</S/D/P(%d.)>>", at, i+1)
		at += p.Pages
	}
	return "<</Nums[" + b.String() + "]>>"
}

// outline writes the outline, one entry for each of several parts
// (12.3.3), and returns its object number; 0 if there is none.
func (w *Writer) outline() int {
	parts := w.meta.Parts
	if len(parts) < 2 {
		return 0
	}
	root, entries := w.out.reserve(), make([]int, len(parts))
	for i := range entries {
		entries[i] = w.out.reserve()
	}
	page := 0
	for i, p := range parts {
		beside := ""
		if i > 0 {
			beside += "/Prev " + strconv.Itoa(entries[i-1]) + " 0 R"
		}
		if i+1 < len(parts) {
			beside += "/Next " + strconv.Itoa(entries[i+1]) + " 0 R"
		}
		w.out.object(entries[i], "<</Title%s/Parent %d 0 R%s/Dest[%d 0 R/Fit]>>", textString(p.Title), root, beside, w.pages[page])
		page += p.Pages
	}
	w.out.object(root, "<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", entries[0], entries[len(entries)-1], len(entries))
	return root
}
