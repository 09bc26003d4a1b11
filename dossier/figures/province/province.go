// Package province makes up the facts of a province's dossiers, for tests,
// benches and demonstrations: agencies of very different size, procedures with
// and without paper, dossiers that stay open over the end of a period, papers
// left out, papers used again.
//
// A province can be asked to have done exactly as much as one published. Then
// how many dossiers have all their papers is given, and which ones is drawn by
// lot; whether they are counted is for the formulas to find out, component by
// component. The same seed makes the same province.
package province

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A Share is a numerator with the rate printed beside it, in tenths of a per
// cent: what is published of a figure.
type Share struct{ Numerator, Tenths int }

// A Published is what a province said of a period.
type Published struct {
	Name              string
	Period            figures.Period
	Dossiers, Results Share
}

// TuyenQuang are the figures that Tuyên Quang published of 2023 and of the
// first quarter of 2024 (docs: seed 003).
func TuyenQuang() []Published {
	first := figures.Month(2024, time.January)
	return []Published{
		{"2023", figures.Year(2023), Share{71884, 805}, Share{38146, 529}},
		{"2024-Q1", figures.Period{From: first.From, To: first.From.AddDate(0, 3, 0)}, Share{19297, 954}, Share{13899, 685}},
	}
}

// Shape is how a province's dossiers are made up.
type Shape struct {
	Agencies   int
	Procedures int
}

// A Made is the facts of a province for one period, with a little of the time
// before and after.
type Made struct {
	Facts      []figures.Fact
	Procedures []figures.Procedure
}

// maker makes facts.
type maker struct {
	random     *rand.Rand
	shape      Shape
	p          figures.Period
	procedures []procedure
	serial     int
}

type procedure struct {
	figures.Procedure
	components int
	document   bool // the result is one
	days       int
}

// Make makes the facts behind p: the denominators that were not published are
// drawn among those that the published rates allow.
func Make(seed uint64, s Shape, p Published) (Made, error) {
	m := &maker{random: rand.New(rand.NewPCG(seed, uint64(p.Period.From.Unix()))), shape: s, p: p.Period}
	dossiers, err := m.denominator(p.Dossiers)
	if err != nil {
		return Made{}, fmt.Errorf("dossiers of %s: %w", p.Name, err)
	}
	results, err := m.denominator(p.Results)
	if err != nil {
		return Made{}, fmt.Errorf("results of %s: %w", p.Name, err)
	}
	m.catalogue()
	facts := m.dossiers(dossiers, results)
	m.digitise(facts, p.Dossiers.Numerator)
	m.issue(facts, p.Results.Numerator)
	m.random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	made := Made{Facts: facts}
	for _, x := range m.procedures {
		made.Procedures = append(made.Procedures, x.Procedure)
	}
	return made, nil
}

func (m *maker) denominator(s Share) (int, error) {
	least, most, ok := figures.Denominators(s.Numerator, s.Tenths)
	if !ok || least > most {
		return 0, fmt.Errorf("no denominator gives %d as %d ‰", s.Numerator, s.Tenths)
	}
	return least + m.random.IntN(most-least+1), nil
}

// catalogue makes the procedures: the first has papers on both sides, the second
// no paper to digitise, the third no document as its result, so that none of the
// cases is ever missing.
func (m *maker) catalogue() {
	levels := []dossier.Level{dossier.Full, dossier.Partial, dossier.Info}
	for i := range max(m.shape.Procedures, 3) {
		x := procedure{components: 1 + m.random.IntN(4), document: m.random.IntN(5) > 0, days: 1 + m.random.IntN(30)}
		switch i {
		case 0:
			x.document = true
		case 1:
			x.components, x.document = 0, true
		case 2:
			x.document = false
		}
		x.Procedure = figures.Procedure{Code: dossier.ProcedureCode(fmt.Sprintf("1.%06d", i+1)),
			Level: levels[m.random.IntN(3)], Citizens: m.random.IntN(4) > 0}
		m.procedures = append(m.procedures, x)
	}
}

// dossiers makes enough dossiers that the formulas will find asked in the one
// denominator and issued in the other.
func (m *maker) dossiers(asked, issued int) []figures.Fact {
	var out []figures.Fact
	with := func(ok func(procedure) bool) procedure {
		for {
			if x := m.procedures[m.random.IntN(len(m.procedures))]; ok(x) {
				return x
			}
		}
	}
	// Of those that were asked for paper, so many also got a paper in time.
	both := min(asked*7/10, issued*8/10)
	for i := range asked {
		x := with(func(x procedure) bool { return x.components > 0 && (x.document || i >= both) })
		f := m.fact(x, m.moment(m.p))
		switch {
		case i < both:
			f.Resolved = m.between(f.Received, m.p.To)
		case x.document || m.random.IntN(2) == 0: // left open, or resolved after the period
			if m.random.IntN(2) == 0 {
				f.Resolved = m.p.To.Add(time.Duration(m.random.IntN(40*24)) * time.Hour)
			}
		default:
			f.Resolved = m.between(f.Received, m.p.To)
		}
		out = append(out, f)
	}
	for i := range issued - both {
		if i%6 == 0 { // no component to digitise
			f := m.fact(with(func(x procedure) bool { return x.components == 0 && x.document }), m.moment(m.p))
			f.Resolved = m.between(f.Received, m.p.To)
			out = append(out, f)
			continue
		}
		before := figures.Period{From: m.p.From.AddDate(0, -2, 0), To: m.p.From}
		f := m.fact(with(func(x procedure) bool { return x.document }), m.moment(before))
		f.Resolved = m.moment(m.p)
		out = append(out, f)
	}
	for range asked / 20 { // neither: nothing to digitise, and open
		out = append(out, m.fact(with(func(x procedure) bool { return x.components == 0 }), m.moment(m.p)))
	}
	return out
}

// fact makes a dossier received at a time, at an agency: the first ones are the
// largest.
func (m *maker) fact(x procedure, received time.Time) figures.Fact {
	m.serial++
	n := max(m.shape.Agencies, 1)
	at := min(int(m.random.ExpFloat64()*float64(n)/5), n-1)
	agency := dossier.AgencyCode(fmt.Sprintf("H99.%02d", at+1))
	channel := dossier.Direct
	switch m.random.IntN(10) {
	case 0, 1, 2, 3:
		channel = dossier.Online
	case 4:
		channel = dossier.Post
	}
	f := figures.Fact{Dossier: dossier.Code(fmt.Sprintf("%s-%s-%06d", agency, received.Format("060102"), m.serial)), Procedure: x.Code,
		Receiving: agency, Competent: agency, Received: received, Channel: channel, ToDigitise: x.components, ResultIsDocument: x.document,
		Identified: m.random.IntN(3) > 0, FromStore: m.random.IntN(8) == 0}
	if m.random.IntN(20) > 0 {
		f.Due = received.AddDate(0, 0, x.days*7/5+1)
	}
	return f
}

func (m *maker) moment(p figures.Period) time.Time { return m.between(p.From, p.To) }

// between returns a minute from a to b, b excluded.
func (m *maker) between(a, b time.Time) time.Time {
	return a.Add(time.Duration(m.random.Int64N(max(int64(b.Sub(a)/time.Minute), 1))) * time.Minute)
}

// digitise gives so many of the dossiers in the denominator all their papers,
// drawn by lot, and the others fewer.
func (m *maker) digitise(facts []figures.Fact, whole int) {
	asked := m.those(facts, func(f figures.Fact) bool { return f.ToDigitise > 0 && m.p.Contains(f.Received) })
	for i, n := range asked {
		f := &facts[n]
		f.Digitised = f.ToDigitise
		if i >= whole {
			f.Digitised = m.random.IntN(f.ToDigitise)
		}
	}
	for i := range facts {
		f := &facts[i]
		if f.ToDigitise > 0 && !m.p.Contains(f.Received) {
			f.Digitised = m.random.IntN(f.ToDigitise + 1)
		}
		for range f.Digitised {
			if m.random.IntN(12) == 0 {
				f.Reused++
			}
		}
		f.Attached = f.Digitised
		if m.random.IntN(15) == 0 {
			f.Attached++ // a paper that nobody had to bring
		}
	}
}

// issue gives so many of the results in the denominator a document, drawn by
// lot.
func (m *maker) issue(facts []figures.Fact, whole int) {
	resolved := m.those(facts, func(f figures.Fact) bool {
		return f.ResultIsDocument && !f.Resolved.IsZero() && m.p.Contains(f.Resolved)
	})
	for i, n := range resolved {
		f := &facts[n]
		f.ResultDigitised = i < whole
		f.ResultSynced = f.ResultDigitised && m.random.IntN(6) > 0
	}
}

// those returns the places of the facts that are so, in an order drawn by lot.
func (m *maker) those(facts []figures.Fact, so func(figures.Fact) bool) []int {
	var out []int
	for i, f := range facts {
		if so(f) {
			out = append(out, i)
		}
	}
	m.random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return slices.Clip(out)
}
