// Package report is what leaves the house of its figures: the monthly report
// (room monthly), the workbook (workbook), the feed for the ministry's
// measurement (feed), and what provinces publish, ranked (provinces). All are
// made of closed months or of what was counted; none counts anything itself.
package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// Words returns a text of the pages in one language by its key, so that a report
// says what the pages say; empty if there is none.
type Words func(key string) string

// A Month is a version of a closed month with what a report of it needs.
type Month struct {
	Closing   closing.Closing
	Statement closing.Statement

	// Before is the newest version of the month before, nil if that was not
	// closed.
	Before       *closing.Statement
	BeforeDigest digest.Digest

	Issuer   dossier.Agency // that closes and seals
	Above    string         // name of the agency over it; empty: none
	Place    string         // địa danh of the heading; empty: left open
	Agencies map[dossier.AgencyCode]string
}

// Agency returns the name of an agency, or its code.
func (m Month) Agency(c dossier.AgencyCode) string {
	if n := m.Agencies[c]; n != "" {
		return n
	}
	return string(c)
}

// Indicator returns the rule that a figure of the statement follows.
func (m Month) Indicator(key string) (figures.Indicator, bool) {
	return figures.Find(key, m.Statement.Month.Period().From)
}

// Was returns the figure as it was the month before; ok is false if it was not
// told, or follows another rule since.
func (m Month) Was(f closing.Figure) (was closing.Figure, ok bool) {
	if m.Before == nil {
		return was, false
	}
	was, ok = m.Before.Find(f.Key)
	return was, ok && was.Told && was.From == f.From && was.Law == f.Law
}

// Change returns how many percentage points lie between two rates as people
// print them, with the sign: "+1,2". It is "–" where there are none.
func Change(now, before string) string {
	a, da, ok1 := fixed(now)
	b, db, ok2 := fixed(before)
	if !ok1 || !ok2 || da != db {
		return "–"
	}
	d := a - b
	sign := "+"
	switch {
	case d < 0:
		sign, d = "−", -d
	case d == 0:
		sign = ""
	}
	s := fmt.Sprintf("%0*d", da+1, d)
	if da > 0 {
		s = s[:len(s)-da] + "," + s[len(s)-da:]
	}
	return sign + s
}

// fixed reads "95,4" as 954 with one decimal.
func fixed(s string) (n, decimals int, ok bool) {
	whole, part, _ := strings.Cut(s, ",")
	n, err := strconv.Atoi(whole + part)
	return n, len(part), err == nil
}

// Family returns the figures of one family.
func Family(all []closing.Figure, f figures.Family) []closing.Figure {
	return slices.DeleteFunc(slices.Clone(all), func(x closing.Figure) bool { return x.Family != f })
}
