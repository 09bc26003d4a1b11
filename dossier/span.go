package dossier

import (
	"slices"
	"strings"
)

// A Subject is a kind of those who may ask for a procedure (đối tượng thực hiện).
type Subject string

// The subjects: công dân, doanh nghiệp, cơ quan nhà nước, tổ chức khác.
const (
	Citizen      Subject = "citizen"
	Enterprise   Subject = "enterprise"
	StateAgency  Subject = "agency"
	Organisation Subject = "organisation"
)

// TwoTiers is the first day without districts (NĐ 118/2025/NĐ-CP; Luật Tổ chức
// chính quyền địa phương 72/2025/QH15), as YYYY-MM-DD in Viet Nam.
const TwoTiers = "2025-07-01"

// A Span is days, in Viet Nam, as YYYY-MM-DD: Since is the first of them, empty
// for one that nobody knows; Until is the first day after them, empty while
// they go on.
type Span struct{ Since, Until string }

// On reports whether a day, YYYY-MM-DD, lies in s.
func (s Span) On(day string) bool { return s.Since <= day && (s.Until == "" || day < s.Until) }

// Meets reports whether s and o have a day in common.
func (s Span) Meets(o Span) bool {
	return (s.Until == "" || o.Since < s.Until) && (o.Until == "" || s.Since < o.Until)
}

// An AgencySpan is what an agency was for some days: its name, its place in the
// tree, and into whom it went at their end.
type AgencySpan struct {
	Agency AgencyCode
	Span
	Parent    AgencyCode
	Name      string
	Tier      Tier
	Successor AgencyCode // that goes on with its dossiers from Until on; empty: none
}

// A ProcedureSpan is how a procedure was served for some days. Old is the level
// of before NĐ 42/2022/NĐ-CP, 1 to 4, if it was told as one; 0 if not.
type ProcedureSpan struct {
	Procedure ProcedureCode
	Span
	Level Level
	Old   int
	Tiers []Tier
}

// SetSpan returns a procedure's spans after it was told how it is served from a
// day on: until the next day from which something else is known. The spans are in
// the order of their days. What is told already leaves them as they are, and so
// does the same level in the words that came after levels 1 to 4.
func SetSpan(spans []ProcedureSpan, s ProcedureSpan) []ProcedureSpan {
	out := slices.Clone(spans)
	for i, x := range out {
		if !x.On(s.Since) {
			continue
		}
		if x.Level == s.Level && (x.Old == s.Old || s.Old == 0) && slices.Equal(x.Tiers, s.Tiers) {
			return out
		}
		s.Until = x.Until
		if x.Since == s.Since {
			out[i] = s
			return out
		}
		out[i].Until = s.Since
		return slices.Insert(out, i+1, s)
	}
	i, _ := slices.BinarySearchFunc(out, s.Since, func(x ProcedureSpan, day string) int { return strings.Compare(x.Since, day) })
	if i < len(out) {
		s.Until = out[i].Since
	}
	return slices.Insert(out, i, s)
}

// EndSpan returns a procedure's spans after it was told that none is served
// from a day on.
func EndSpan(spans []ProcedureSpan, day string) []ProcedureSpan {
	var out []ProcedureSpan
	for _, s := range spans {
		if s.Since >= day && s.Since != "" {
			continue
		}
		if s.Until == "" || s.Until > day {
			s.Until = day
		}
		out = append(out, s)
	}
	return out
}
