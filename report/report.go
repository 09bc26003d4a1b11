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

// laws are the sources of rules in Vietnamese where the rules say them in
// English.
var laws = map[string]string{
	"TT 01/2023/TT-VPCP Đ.4, TT 03/2025/TT-VPCP Đ.5: what is to be digitised": "TT 01/2023/TT-VPCP Đ.4, TT 03/2025/TT-VPCP Đ.5 (giấy tờ phải số hóa)",
	"NĐ 107/2021/NĐ-CP; Luật 91/2025/QH15: nobody is asked twice":             "NĐ 107/2021/NĐ-CP; Luật 91/2025/QH15 (không yêu cầu nộp lại)",
	"NQ 17/NQ-CP (2019): 30 % in 2020":                                        "NQ 17/NQ-CP (2019): 30 % trong năm 2020",
	"NQ 01/NQ-CP (2021): 100 % of those that qualify, in 2021":                "NQ 01/NQ-CP (2021): 100 % thủ tục đủ điều kiện trong năm 2021",
	"NĐ 224/2026/NĐ-CP (takes the place of NĐ 42/2022 by Điều 90.2)":          "NĐ 224/2026/NĐ-CP (thay NĐ 42/2022/NĐ-CP theo Điều 90.2)",
	"QĐ 766/QĐ-TTg; no formula was found":                                     "QĐ 766/QĐ-TTg (chưa tìm thấy công thức)",
}

// Law returns the source of a rule in Vietnamese.
func Law(law string) string {
	if vi := laws[law]; vi != "" {
		return vi
	}
	return law
}
