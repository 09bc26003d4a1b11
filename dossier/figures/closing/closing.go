// Package closing freezes the figures of a month: a statement that is counted
// once, kept as bytes, and can be counted again from the ledger as it stood then.
// What is done later does not alter it; it goes into a correction, which is a
// statement beside the first, or into the months that follow.
//
// See docs/decisions/0029-closing.md.
package closing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
)

// ErrUnsound: rows and ledger say different things, so that nothing is counted
// from them before somebody has looked (`sohoa audit verify`). What differs is an
// [*Unsound].
var ErrUnsound = errors.New("the rows are not what the ledger says")

// A Month is a month in Vietnamese time, as YYYY-MM.
type Month string

// ParseMonth reads a month. The error wraps [dossier.ErrInvalid].
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		return "", fmt.Errorf("%w: month %q is not of the form YYYY-MM", dossier.ErrInvalid, s)
	}
	return Month(s), nil
}

// Period returns the days of m. It is zero if m is none.
func (m Month) Period() figures.Period {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return figures.Period{}
	}
	return figures.Month(t.Year(), t.Month())
}

// Next returns the month after m.
func (m Month) Next() Month { return Month(m.Period().To.Format("2006-01")) }

// A Closing is the row of one version of a closed month.
type Closing struct {
	ID        string // of its event in the ledger, too
	Month     Month
	Version   int           // 1 closed the month, every other one corrects it
	Statement digest.Digest // of the statement's bytes
	Facts     digest.Digest // of the facts that it was counted from
	Counted   int64         // it was counted from the events before this place of the ledger
	Who       dossier.PersonID
	At        time.Time
	Demo      bool // of a demonstration
}

// A Recount asks for the facts of a period as the ledger stood before a place.
type Recount struct {
	Period  figures.Period
	Counted int64               // places below it count
	Catalog []dossier.Procedure // as it stood then: nothing keeps its history; the last one of a code counts
	Also    []dossier.Code      // looked at whatever their rows say now
	Only    []dossier.Code      // if any: these and no others
}

// A Recounted is the answer.
type Recounted struct {
	Facts []figures.Fact // in the order of their codes
	Root  string         // of the ledger's tree over the events that counted, in hex digits

	// Differs is where rows say something else than the ledger, now: what was
	// changed past the program.
	Differs []Difference
}

// A Difference is something that is not as it was.
type Difference struct {
	Dossier dossier.Code `json:"dossier,omitempty"` // empty: of the month as a whole
	What    string       `json:"what"`              // the fact or figure
	Was     string       `json:"was"`               // as it was closed, or as the ledger says
	Is      string       `json:"is"`                // as it is counted now, or as the row says
}

// String names d in one line.
func (d Difference) String() string {
	where := d.What
	if d.Dossier != "" {
		where = string(d.Dossier) + ": " + d.What
	}
	return fmt.Sprintf("%s: was %s, is %s", where, orNone(d.Was), orNone(d.Is))
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// An Unsound says what differs. It wraps [ErrUnsound].
type Unsound struct{ Differs []Difference }

func (u *Unsound) Error() string {
	const most = 5
	var lines []string
	for _, d := range u.Differs[:min(most, len(u.Differs))] {
		lines = append(lines, d.String())
	}
	if n := len(u.Differs); n > most {
		lines = append(lines, fmt.Sprintf("and %d more", n-most))
	}
	return ErrUnsound.Error() + ": " + strings.Join(lines, "; ")
}

// Unwrap returns [ErrUnsound].
func (u *Unsound) Unwrap() error { return ErrUnsound }

// Rows are what closings stand on.
type Rows interface {
	// Closings returns the versions of a month, or with "" of all months: in
	// their order.
	Closings(ctx context.Context, m Month) ([]Closing, error)

	// AddClosing writes a closing and its event in the ledger, both or neither,
	// and gives it its ID. The blobs that it names must be stored already. A
	// version that is not the next one wraps [dossier.ErrConflict].
	AddClosing(ctx context.Context, c Closing) (Closing, error)

	// NumberEvents gives every event its place and returns how many there are.
	NumberEvents(ctx context.Context) (int64, error)

	Procedures(ctx context.Context) ([]dossier.Procedure, error)
	FactsAt(ctx context.Context, r Recount) (Recounted, error)

	// Touched returns the dossiers of which events from one place of the ledger up
	// to another say something that facts depend on, by code.
	Touched(ctx context.Context, from, to int64) ([]dossier.Dossier, error)
}

// Files keep the bytes, as package storage/blob does.
type Files interface {
	Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
}

// Books closes months.
type Books struct {
	Rows  Rows
	Files Files
	Now   func() time.Time
}

// Close closes a month that is over: the first one that is closed may be any, the
// others follow one by one. A month that has not ended, or does not follow, wraps
// [dossier.ErrForbidden]; one that is closed, [dossier.ErrConflict]; rows that
// are not what the ledger says, [ErrUnsound].
func (b *Books) Close(ctx context.Context, m Month, who dossier.PersonID) (Closing, error) {
	c, err := b.close(ctx, m, who)
	if err != nil {
		return c, fmt.Errorf("close %s: %w", m, err)
	}
	return c, nil
}

func (b *Books) close(ctx context.Context, m Month, who dossier.PersonID) (Closing, error) {
	p := m.Period()
	if b.Now().Before(p.To) {
		return Closing{}, fmt.Errorf("%w: the month has not ended; it can be closed from %s on", dossier.ErrForbidden, p.To.Format("02/01/2006 15:04"))
	}
	all, err := b.Rows.Closings(ctx, "")
	if err != nil {
		return Closing{}, err
	}
	demo := true // as long as nothing real was closed
	if n := len(all); n > 0 {
		last := all[n-1]
		if slices.ContainsFunc(all, func(c Closing) bool { return c.Month == m }) {
			return Closing{}, fmt.Errorf("%w: it is closed already; what came later goes into a correction", dossier.ErrConflict)
		}
		if want := last.Month.Next(); m != want {
			return Closing{}, fmt.Errorf("%w: %s is the next month to be closed", dossier.ErrForbidden, want)
		}
		demo = last.Demo
	}
	return b.add(ctx, Statement{Month: m, Version: 1, Demo: demo}, who)
}

// Correct makes a closed month's next version, from what the ledger says now. It
// stands beside the others; the reason is part of it and is published with it. A
// month that is not closed wraps [dossier.ErrNotFound].
func (b *Books) Correct(ctx context.Context, m Month, reason string, who dossier.PersonID) (Closing, error) {
	c, err := b.correct(ctx, m, reason, who)
	if err != nil {
		return c, fmt.Errorf("correct %s: %w", m, err)
	}
	return c, nil
}

func (b *Books) correct(ctx context.Context, m Month, reason string, who dossier.PersonID) (Closing, error) {
	if err := checkReason(reason); err != nil {
		return Closing{}, err
	}
	text, last, err := b.Statement(ctx, m, 0)
	if err != nil {
		return Closing{}, err
	}
	was, err := Read(text)
	if err != nil {
		return Closing{}, err
	}
	return b.add(ctx, Statement{Month: m, Version: last.Version + 1, Demo: last.Demo, Reason: reason, Replaces: last.Statement.String(), Late: was.Late}, who)
}

const mostReason = 500

// checkReason refuses what canonical JSON and encoding/json write differently,
// and what nobody reads.
func checkReason(s string) error {
	odd := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	if strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > mostReason || !utf8.ValidString(s) || strings.ContainsFunc(s, odd) {
		return fmt.Errorf("%w: a correction needs a reason: one line of up to %d characters", dossier.ErrInvalid, mostReason)
	}
	return nil
}

// add counts a month up to now and keeps it: facts and statement first, then the
// row that names them. Killed in between, two files that no row names are left,
// and the same act is done again.
func (b *Books) add(ctx context.Context, s Statement, who dossier.PersonID) (Closing, error) {
	counted, err := b.Rows.NumberEvents(ctx)
	if err != nil {
		return Closing{}, err
	}
	catalog, err := b.Rows.Procedures(ctx) // afterwards: it has the procedure of every dossier that counts
	if err != nil {
		return Closing{}, err
	}
	is, err := b.Rows.FactsAt(ctx, Recount{Period: s.Month.Period(), Counted: counted, Catalog: catalog})
	if err != nil {
		return Closing{}, err
	}
	if len(is.Differs) > 0 {
		return Closing{}, &Unsound{is.Differs}
	}
	if s.Version == 1 { // real dossiers and a demonstration are never in one statement
		real := slices.ContainsFunc(is.Facts, func(f figures.Fact) bool { return !f.Demo })
		s.Demo = s.Demo && !real && len(is.Facts) > 0
	}
	kept := frozenOf(s.Month, of(is.Facts, s.Demo), catalog)
	if s.Version == 1 {
		all, err := b.Rows.Closings(ctx, "")
		if err != nil {
			return Closing{}, err
		}
		late, differs, err := b.late(ctx, s, counted, all, catalog)
		if err != nil {
			return Closing{}, err
		}
		if s.Late = late; len(differs) > 0 {
			return Closing{}, &Unsound{differs}
		}
	}
	s = s.count(kept, counted, is.Root)
	facts, statement := canonical(kept), s.Bytes()
	c := Closing{Month: s.Month, Version: s.Version, Statement: digest.Of(statement), Facts: digest.Of(facts),
		Counted: counted, Who: who, At: b.Now(), Demo: s.Demo}
	for d, text := range map[digest.Digest][]byte{c.Facts: facts, c.Statement: statement} {
		if err := b.Files.Put(ctx, d, int64(len(text)), bytes.NewReader(text)); err != nil {
			return Closing{}, err
		}
	}
	return b.Rows.AddClosing(ctx, c)
}

// of leaves out what is not of the demonstration, or what is.
func of(facts []figures.Fact, demo bool) []figures.Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f figures.Fact) bool { return f.Demo != demo })
}

// Versions returns a closed month's versions, the first one first; none if it is
// open.
func (b *Books) Versions(ctx context.Context, m Month) ([]Closing, error) {
	return b.Rows.Closings(ctx, m)
}

// version returns a version of a month; 0: the newest. Without it the error wraps
// [dossier.ErrNotFound].
func (b *Books) version(ctx context.Context, m Month, version int) (Closing, error) {
	all, err := b.Rows.Closings(ctx, m)
	if err != nil {
		return Closing{}, err
	}
	if version == 0 {
		version = len(all)
	}
	if version < 1 || version > len(all) {
		return Closing{}, fmt.Errorf("%w: the month is not closed, or has no such version", dossier.ErrNotFound)
	}
	return all[version-1], nil
}

// Statement returns the bytes of a version of a month, as they were kept, with
// its row; version 0 is the newest.
func (b *Books) Statement(ctx context.Context, m Month, version int) ([]byte, Closing, error) {
	c, err := b.version(ctx, m, version)
	if err != nil {
		return nil, c, fmt.Errorf("statement of %s: %w", m, err)
	}
	text, err := b.read(ctx, c.Statement)
	return text, c, err
}

// mostBytes bounds a statement or its facts: a year of the largest province.
const mostBytes = 1 << 30

func (b *Books) read(ctx context.Context, d digest.Digest) ([]byte, error) {
	r, err := b.Files.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err == nil && len(text) > mostBytes {
		err = fmt.Errorf("%s has more than %d bytes", d, mostBytes)
	}
	return text, errors.Join(err, r.Close())
}
