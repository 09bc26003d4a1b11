package figures

import (
	"fmt"
	"iter"
	"math/big"
	"slices"
	"time"

	"sohoa/dossier"
)

// A Family keeps figures apart that must never be mixed: they count by
// different definitions and answer to different readers.
type Family string

// The families.
const (
	Everyday Family = "everyday" // what a province publishes of its own work
	QD766    Family = "qd-766"   // the group "số hóa hồ sơ" of QĐ 766/QĐ-TTg
)

// A Grade is how surely a formula is what the law says.
type Grade string

// The grades.
const (
	// OwnDefinition: no law gives the formula; ours is stated and open.
	OwnDefinition Grade = "own"

	// Transcribed: taken from a public transcription of the formula whose
	// authority is not confirmed; the appendix itself could not be read.
	Transcribed Grade = "transcribed"

	// Unread: the act is known, its article was not read.
	Unread Grade = "unread"
)

// A Collected is a set of facts that a source of facts may or may not have. A
// figure that needs more than was collected is not told: nothing collected is
// not the same as nothing done.
type Collected uint

// The facts that not every source has.
const (
	Synced     Collected = 1 << iota // whether a result was taken by the national portal
	Store                            // whether a component came out of the national personal store
	Identified                       // whether the applicant was checked against the population data
	Subjects                         // whether a procedure is for citizens
)

// names of what may not have been collected, for people.
var collected = []struct {
	what         Collected
	code, vi, en string
}{
	{Synced, "synced", "việc đồng bộ kết quả lên Cổng dịch vụ công quốc gia", "which results the national portal has taken"},
	{Store, "store", "thành phần lấy từ kho dữ liệu cá nhân quốc gia", "which components came out of the national personal store"},
	{Identified, "identified", "việc xác thực người nộp với dữ liệu dân cư", "which applicants were checked against the population data"},
	{Subjects, "subjects", "thủ tục nào dành cho công dân", "which procedures are for citizens"},
}

// Names says in the language of tag ("vi", else English) what is in c.
func (c Collected) Names(tag string) []string {
	var out []string
	for _, x := range collected {
		if c&x.what == 0 {
			continue
		}
		if tag == "vi" {
			out = append(out, x.vi)
		} else {
			out = append(out, x.en)
		}
	}
	return out
}

// Codes returns what is in c in words that never change, for programs.
func (c Collected) Codes() []string {
	var out []string
	for _, x := range collected {
		if c&x.what != 0 {
			out = append(out, x.code)
		}
	}
	return out
}

// A Procedure is what the formulas know of an entry of the catalogue.
type Procedure struct {
	Code     dossier.ProcedureCode
	Level    dossier.Level
	Citizens bool // citizens may use it; told only if Subjects are collected
}

// An Input is all that a figure is counted from: dossiers one by one, or by how
// many stand alike, or some so and others so.
type Input struct {
	Facts      []Fact
	Cells      []Cell      // of a period of whole months
	Procedures []Procedure // the catalogue, for figures that count procedures
	Period     Period
	Collected  Collected
}

// An Indicator is one figure: its formula, where it comes from and when it
// holds.
type Indicator struct {
	Key    string // stable; of the national portal where it has one
	Family Family
	VI, EN string // its name
	Law    string // the article or decision it follows
	Grade  Grade

	// From and To are the days between which the formula holds: that of a
	// period is the one in force when the period begins. A zero To is open.
	From, To time.Time

	Decimals int // places after the comma, rounded half up
	Max      int // points at most; 0 if it gives none

	// Full is the rate in per cent from which all points are given; below it
	// they are the rate's share of Full. 0: how points follow is not known.
	Full int

	// Target is a rate in per cent that is asked for, 0 if none.
	Target int

	Needs Collected

	// Stands says how one dossier stands to the figure; nil if it counts
	// procedures.
	Stands func(Fact, Period) Why

	// Procedure says how a procedure stands to the figure, given the facts of
	// its dossiers; nil if it counts dossiers.
	Procedure func(Procedure, []Fact, Period) Why
}

// A Measure is a figure as it was counted.
type Measure struct {
	Indicator Indicator
	Rate      Rate
	Outside   map[Why]int // what stands outside the denominator, by its reason

	// Lacks is what would have to be collected for the figure to be told. If it
	// is not zero, Rate is empty.
	Lacks Collected
}

// Of counts i.
func (i Indicator) Of(in Input) Measure {
	m := Measure{Indicator: i, Outside: map[Why]int{}, Lacks: i.Needs &^ in.Collected}
	if m.Lacks != 0 || i.Stands == nil && i.Procedure == nil {
		return m
	}
	if i.Stands != nil {
		for f, n := range in.All() {
			m.add(i.Stands(f, in.Period), n)
		}
		return m
	}
	by := map[dossier.ProcedureCode][]Fact{}
	for f := range in.All() {
		by[f.Procedure] = append(by[f.Procedure], f)
	}
	for _, p := range in.Procedures {
		m.add(i.Procedure(p, by[p.Code], in.Period), 1)
	}
	return m
}

// All goes through the facts of in, each with how many dossiers it is of. Of a
// cell it is one that every formula takes as it takes each of them.
func (in Input) All() iter.Seq2[Fact, int] {
	return func(yield func(Fact, int) bool) {
		for _, f := range in.Facts {
			if !yield(f, 1) {
				return
			}
		}
		for _, c := range in.Cells {
			if !yield(c.Fact(), c.N) {
				return
			}
		}
	}
}

func (m *Measure) add(w Why, n int) {
	m.Rate.AddN(w, n)
	if w != Counts && w != Missing {
		m.Outside[w] += n
	}
}

// Told reports whether the figure could be counted at all: there is a formula,
// its facts are collected, and its denominator is not zero.
func (m Measure) Told() bool {
	i := m.Indicator
	return m.Lacks == 0 && (i.Stands != nil || i.Procedure != nil) && m.Rate.Denominator > 0
}

// Percent returns the rate as people print it, with the indicator's decimals
// and a decimal comma: "95,4". It is "–" if the figure is not told.
func (m Measure) Percent() string {
	if !m.Told() {
		return "–"
	}
	return comma(m.Rate.times(100, 1, m.Indicator.Decimals), m.Indicator.Decimals)
}

// Points returns the points that the rate gives, to two decimals with a comma,
// and "–" if it gives none or the rule is not known.
func (m Measure) Points() string {
	i := m.Indicator
	if !m.Told() || i.Max == 0 || i.Full == 0 {
		return "–"
	}
	return comma(min(m.Rate.times(100*i.Max, i.Full, 2), int64(100*i.Max)), 2)
}

// times returns r · n/d with the given decimals as a whole number, rounded half
// up.
func (r Rate) times(n, d, decimals int) int64 {
	scale := int64(n)
	for range decimals {
		scale *= 10
	}
	const small = 1 << 40 // below it nothing overflows: a page has thousands of rates
	if top, bottom := int64(r.Numerator), int64(r.Denominator); top < small && bottom < small && scale < 1<<20 && d < 1<<20 {
		return (2*top*scale + bottom*int64(d)) / (2 * bottom * int64(d))
	}
	top := new(big.Int).Mul(big.NewInt(2*int64(r.Numerator)), big.NewInt(int64(n)))
	for range decimals {
		top.Mul(top, big.NewInt(10))
	}
	bottom := new(big.Int).Mul(big.NewInt(int64(r.Denominator)), big.NewInt(int64(d)))
	top.Add(top, bottom)
	return top.Div(top, bottom.Lsh(bottom, 1)).Int64()
}

// comma prints n, which has some decimals, as Vietnamese print it.
func comma(n int64, decimals int) string {
	if decimals == 0 {
		return fmt.Sprint(n)
	}
	s := fmt.Sprintf("%0*d", decimals+1, n)
	return s[:len(s)-decimals] + "," + s[len(s)-decimals:]
}

// Denominators returns the least and the most that a denominator can be if
// numerator over it is printed as tenths of a per cent: what a published rate
// says of the number that was not published. It is not ok for a rate of zero,
// which any large number gives.
func Denominators(numerator, tenths int) (least, most int, ok bool) {
	if numerator <= 0 || tenths <= 0 {
		return 0, 0, false
	}
	// Rounded half up: tenths − ½ ≤ 1000·numerator/d < tenths + ½.
	least = 2000*numerator/(2*tenths+1) + 1
	most = 2000 * numerator / (2*tenths - 1)
	return max(least, numerator), most, true
}

// At returns the indicators in force at a time, in the order of their lists. A
// period is counted by those in force at its beginning, for ever: later rules
// change no earlier figure.
func At(t time.Time) []Indicator {
	var out []Indicator
	for _, i := range indicators {
		if !t.Before(i.From) && (i.To.IsZero() || t.Before(i.To)) {
			out = append(out, i)
		}
	}
	return out
}

// RulesSince returns the day since which the indicators in force at t are: the
// last before it on which one came or went. It names the set of rules.
func RulesSince(t time.Time) time.Time {
	var last time.Time
	for _, i := range indicators {
		for _, d := range [...]time.Time{i.From, i.To} {
			if !d.After(t) && d.After(last) {
				last = d
			}
		}
	}
	return last
}

// Find returns the indicator called key that was in force at t.
func Find(key string, t time.Time) (Indicator, bool) {
	now := At(t)
	n := slices.IndexFunc(now, func(i Indicator) bool { return i.Key == key })
	if n < 0 {
		return Indicator{}, false
	}
	return now[n], true
}
