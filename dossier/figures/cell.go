package figures

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"sohoa/dossier"
)

// A Standing is all that the formulas tell apart of a dossier, but for when it
// was received and resolved: as many dossiers as a country has in a year have
// some dozens of them. So counts by standing answer every formula, also one that
// comes later or held once: rules are applied when figures are read, and a rule
// that changes alters no count.
//
// Its bits are kept in rows and are never given another meaning.
type Standing int64

// The bits of a standing. What is a pair of bits has three values.
const (
	standOnline  Standing = 1 << 0
	standAsked   Standing = 1 << 1 // 0: nothing to digitise
	standWhole   Standing = 1 << 2 // all that was asked for is digitised
	standFilled  Standing = 1 << 3 // some component, of any kind, is filled
	standPaper   Standing = 1 << 4 // the result is a document
	standIssued  Standing = 1 << 5 // and archived
	standSynced  Standing = 1 << 6
	standStore   Standing = 1 << 7
	standKnown   Standing = 1 << 8
	standPromise Standing = 1 << 9  // resolved, and a day had been promised
	standInTime  Standing = 1 << 10 // and kept
	standExempt  Standing = 1 << 11 // nothing to digitise, since all that was asked for is exempt

	reusedAt = 16 // from this bit on: how many components were used again
)

// Standing returns where f stands.
func (f Fact) Standing() Standing {
	s := Standing(f.Reused) << reusedAt
	set := func(bit Standing, if_ bool) {
		if if_ {
			s |= bit
		}
	}
	promised := !f.Resolved.IsZero() && !f.Due.IsZero()
	set(standOnline, f.Channel == dossier.Online)
	set(standAsked, f.ToDigitise > 0)
	set(standWhole, f.ToDigitise > 0 && f.Digitised >= f.ToDigitise)
	set(standFilled, f.Attached > 0)
	set(standExempt, f.ToDigitise == 0 && f.Exempt > 0)
	set(standPaper, f.ResultIsDocument)
	set(standIssued, f.ResultDigitised)
	set(standSynced, f.ResultSynced)
	set(standStore, f.FromStore)
	set(standKnown, f.Identified)
	set(standPromise, promised)
	set(standInTime, promised && !f.Resolved.After(f.Due))
	return s
}

// A MonthNumber is a month in Vietnamese time: twelve times its year, and the
// month from 0 on. 0 is none.
type MonthNumber int64

// MonthOf returns the month that t lies in, 0 of the zero time.
func MonthOf(t time.Time) MonthNumber {
	if t.IsZero() {
		return 0
	}
	t = t.In(dossier.VietNam)
	return MonthNumber(t.Year()*12 + int(t.Month()) - 1)
}

// Begin returns the first moment of m, the zero time of none.
func (m MonthNumber) Begin() time.Time {
	if m == 0 {
		return time.Time{}
	}
	if i := int(m) - 12*beginsFrom; i >= 0 && i < len(begins) {
		return begins[i]
	}
	return m.begin()
}

// begins are the first moments of the months of a century: figures ask for them of
// every cell.
const beginsFrom = 2000

var begins = func() (out [1200]time.Time) {
	for i := range out {
		out[i] = MonthNumber(12*beginsFrom + i).begin()
	}
	return out
}()

func (m MonthNumber) begin() time.Time {
	return time.Date(int(m/12), time.Month(m%12+1), 1, 0, 0, 0, 0, dossier.VietNam)
}

// String returns m as YYYY-MM.
func (m MonthNumber) String() string {
	if m == 0 {
		return "open"
	}
	return fmt.Sprintf("%04d-%02d", m/12, m%12+1)
}

// Months returns the months that p is made of, from one up to another, not
// included. It is not ok if p begins or ends within one.
func (p Period) Months() (from, to MonthNumber, ok bool) {
	from, to = MonthOf(p.From), MonthOf(p.To)
	return from, to, from.Begin().Equal(p.From) && to.Begin().Equal(p.To)
}

// A Cell is how many dossiers stand alike.
type Cell struct {
	Agency    dossier.AgencyCode // of whose dossiers it tells, or those under it
	Procedure dossier.ProcedureCode
	Officer   dossier.PersonID
	Received  MonthNumber
	Resolved  MonthNumber // 0: open
	Standing  Standing
	N         int
}

// Fact returns a fact that every formula takes as it takes each of c's dossiers,
// for a period of whole months.
func (c Cell) Fact() Fact {
	has := func(bit Standing) bool { return c.Standing&bit != 0 }
	count := func(bit Standing) int {
		if has(bit) {
			return 1
		}
		return 0
	}
	f := Fact{Procedure: c.Procedure, Receiving: c.Agency, Received: c.Received.Begin(), Resolved: c.Resolved.Begin(), Channel: dossier.Direct,
		Attached: count(standFilled), ToDigitise: count(standAsked), Digitised: count(standWhole), Exempt: count(standExempt), Reused: int(c.Standing >> reusedAt),
		ResultIsDocument: has(standPaper), ResultDigitised: has(standIssued), ResultSynced: has(standSynced),
		FromStore: has(standStore), Identified: has(standKnown)}
	if has(standOnline) {
		f.Channel = dossier.Online
	}
	switch {
	case has(standInTime):
		f.Due = f.Resolved
	case has(standPromise):
		f.Due = f.Resolved.Add(-time.Millisecond)
	}
	return f
}

// A Tally is how many dossiers have each standing: none of them 0.
type Tally map[Standing]int

// Add adds n dossiers of a standing; n may be negative.
func (t Tally) Add(s Standing, n int) {
	if t[s] += n; t[s] == 0 {
		delete(t, s)
	}
}

// String returns the one form in which t is kept: "standing:number" in the order
// of standings, with a space between them. Nothing is "".
func (t Tally) String() string {
	var b []byte
	for _, s := range slices.Sorted(maps.Keys(t)) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = append(strconv.AppendInt(b, int64(s), 10), ':')
		b = strconv.AppendInt(b, int64(t[s]), 10)
	}
	return string(b)
}

// ReadTally goes through a kept tally, and reads nothing but what
// [Tally.String] writes.
func ReadTally(kept string, each func(Standing, int)) error {
	last := int64(-1)
	for rest := kept; rest != ""; {
		standing, n, at, ok := readEntry(rest)
		if !ok || standing <= last {
			return fmt.Errorf("%w: %q is no tally", dossier.ErrInvalid, kept)
		}
		last = standing
		each(Standing(standing), int(n))
		if rest = rest[at:]; rest == "" {
			return nil
		}
		if rest = rest[1:]; rest == "" {
			return fmt.Errorf("%w: %q is no tally", dossier.ErrInvalid, kept)
		}
	}
	return nil
}

// readEntry reads the entry that begins s and says where it ends: at a space, or
// where s does.
func readEntry(s string) (standing, n int64, at int, ok bool) {
	standing, at = readNumber(s)
	if at == 0 || at == len(s) || s[at] != ':' {
		return 0, 0, 0, false
	}
	at++
	below := at < len(s) && s[at] == '-'
	if below {
		at++
	}
	n, digits := readNumber(s[at:])
	if below {
		n = -n
	}
	at += digits
	return standing, n, at, digits > 0 && n != 0 && (at == len(s) || s[at] == ' ')
}

// readNumber reads the number that begins s and returns how long it is: 0 if there
// is none as it would be written, or if it is longer than any of ours.
func readNumber(s string) (n int64, digits int) {
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		n = 10*n + int64(s[digits]-'0')
		digits++
	}
	if digits > 18 || digits > 1 && s[0] == '0' {
		return 0, 0
	}
	return n, digits
}
