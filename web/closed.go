package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
)

// Closings are the closed months; see [closing.Books].
type Closings interface {
	// Versions returns a month's versions, or with "" those of all months: in
	// their order.
	Versions(ctx context.Context, m closing.Month) ([]closing.Closing, error)

	Statement(ctx context.Context, m closing.Month, version int) ([]byte, closing.Closing, error)
	Close(ctx context.Context, m closing.Month, who dossier.PersonID) (closing.Closing, error)
}

// closedMonth is what the figures page says of a month that is over.
type closedMonth struct {
	Month    closing.Month
	Versions []closedVersion // the newest first; none: open
	MayClose bool            // the visitor may close it now
}

// closedVersion is a statement by what people look for first.
type closedVersion struct {
	closing.Closing
	Reason            string
	Late              []closing.Late
	Dossiers, Results figures.Rate
}

// Late puts what came late of an earlier month into one line: the figures that
// would be higher, by how much numerator and denominator.
func (f figuresView) Late(l closing.Late) string {
	at := l.Month.Period().From
	var parts []string
	for _, m := range l.Figures {
		name := m.Key
		if i, ok := figures.Find(m.Key, at); ok {
			name = indicatorName(f.Lang, i)
		}
		parts = append(parts, fmt.Sprintf("%s %+d/%+d", name, m.Numerator, m.Denominator))
	}
	return spanName(f.Lang, string(l.Month)) + ": " + strings.Join(parts, "; ")
}

// closed tells of the month that is shown: nil if the span is none, or is not
// over.
func (s *server) closed(v *visit, sp span) (*closedMonth, error) {
	m, err := closing.ParseMonth(sp.Key)
	if err != nil || s.Now().Before(sp.Period.To) {
		return nil, nil // a quarter or year, or a month still running: nothing is closed
	}
	view := &closedMonth{Month: m}
	all, err := s.Closings.Versions(v.ctx(), "")
	if err != nil {
		return nil, err
	}
	next := len(all) == 0 || all[len(all)-1].Month.Next() == m
	view.MayClose = next && slices.Contains(rights[manage], v.who.Role)
	for _, c := range slices.Backward(all) {
		if c.Month != m {
			continue
		}
		line, err := s.closedVersion(v, c)
		if err != nil {
			return nil, err
		}
		view.Versions = append(view.Versions, line)
	}
	return view, nil
}

func (s *server) closedVersion(v *visit, c closing.Closing) (closedVersion, error) {
	text, _, err := s.Closings.Statement(v.ctx(), c.Month, c.Version)
	if err != nil {
		return closedVersion{}, err
	}
	said, err := closing.Read(text)
	rate := func(n number) figures.Rate {
		f, _ := said.Find(string(n))
		return figures.Rate{Numerator: f.Numerator, Denominator: f.Denominator}
	}
	return closedVersion{c, said.Reason, said.Late, rate(numDossiers), rate(numResults)}, err
}

// statement sends the bytes of a version of a closed month. They tell of no
// person and no dossier, and are the same for everybody.
func (s *server) statement(v *visit) error {
	m, err := closing.ParseMonth(v.r.PathValue("month"))
	version, numErr := strconv.Atoi(v.r.PathValue("version"))
	if err != nil || numErr != nil || version < 1 {
		return dossier.ErrNotFound
	}
	text, c, err := s.Closings.Statement(v.ctx(), m, version)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sohoa-%s-v%d.json"`, c.Month, c.Version))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(c.Statement[:])+":") // RFC 9530 section 3
	v.wrote = true
	_, _ = v.w.Write(text) // whoever does not read it has gone
	return nil
}

// closeMonth closes a month in the visitor's name.
func (s *server) closeMonth(v *visit) error {
	m, err := closing.ParseMonth(v.r.FormValue("month"))
	if err != nil {
		return invalid("figures.period")
	}
	_, err = s.Closings.Close(v.ctx(), m, v.who.ID)
	switch {
	case errors.Is(err, closing.ErrUnsound):
		return told("unsound", fmt.Errorf("%w: %w", dossier.ErrConflict, err))
	case errors.Is(err, dossier.ErrForbidden), errors.Is(err, dossier.ErrConflict):
		return told("not-closable", err)
	case err != nil:
		return err
	}
	return v.to("/figures?period=" + string(m))
}
