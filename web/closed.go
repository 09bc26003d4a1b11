package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/digest"
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

// Seals are what the agency has signed of closed months.
type Seals interface {
	// Seals returns those of a month's versions, or with "" of all: in their order.
	Seals(ctx context.Context, m closing.Month) ([]closing.Seal, error)
}

// closedMonth is what the figures page says of a month that is over.
type closedMonth struct {
	Month    closing.Month
	Versions []closedVersion // the newest first; none: open
	MayClose bool            // the visitor may close it now
	Waits    string          // why the newest version is not sealed yet, in the machine's words
}

// closedVersion is a statement by what people look for first.
type closedVersion struct {
	closing.Closing
	Reason            string
	Late              []closing.Late
	Dossiers, Results figures.Rate
	Sealed            bool // report and signature can be had
	Renewed           bool // and what proves the signature for longer
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
	seals, err := s.Seals.Seals(v.ctx(), m)
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(all) {
		if c.Month != m {
			continue
		}
		line, err := s.closedVersion(v, c)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(seals, func(x closing.Seal) bool { return x.Version == c.Version }); i >= 0 {
			line.Sealed, line.Renewed = true, !seals[i].Evidence.IsZero()
		}
		if !line.Sealed {
			view.Waits = s.SealWaits()
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
	return closedVersion{Closing: c, Reason: said.Reason, Late: said.Late, Dossiers: rate(numDossiers), Results: rate(numResults)}, err
}

// closedFile is a file of a closed month that can be taken away.
type closedFile struct{ ending, media string }

var closedFiles = map[string]closedFile{
	"statement": {".json", "application/json"},
	"report":    {".pdf", "application/pdf"},
	"signature": {".json.p7s", "application/pkcs7-signature"},
	"evidence":  {".json.ers", "application/octet-stream"}, // RFC 4998 registers none
}

// statement sends the bytes of a version of a closed month, its report, the signature
// beside it, or the evidence of that. They tell of no person and no dossier, and are the same
// for everybody to whom nothing that they count is closed.
func (s *server) statement(v *visit) error { return s.figureFile(v, "statement") }

func (s *server) sealedFile(v *visit) error { return s.figureFile(v, v.r.PathValue("file")) }

// figureFile is closedFile for who sees all that it counts.
func (s *server) figureFile(v *visit, name string) error {
	if err := v.figuresWithin(); err != nil {
		return err
	}
	return s.closedFile(v, name)
}

func (s *server) closedFile(v *visit, name string) error {
	m, err := closing.ParseMonth(v.r.PathValue("month"))
	version, numErr := strconv.Atoi(v.r.PathValue("version"))
	kind, ok := closedFiles[name]
	if err != nil || numErr != nil || version < 1 || !ok {
		return dossier.ErrNotFound
	}
	text, c, err := s.Closings.Statement(v.ctx(), m, version)
	if err != nil {
		return err
	}
	sum := c.Statement
	if name != "statement" {
		if text, sum, err = s.sealed(v.ctx(), m, version, name); err != nil {
			return err
		}
	}
	h := v.w.Header()
	h.Set("Content-Type", kind.media)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sohoa-%s-v%d%s"`, c.Month, c.Version, kind.ending))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":") // RFC 9530 section 3
	v.wrote = true
	_, _ = v.w.Write(text) // whoever does not read it has gone
	return nil
}

// mostSealed bounds a report: thousands of agencies make a few hundred pages.
const mostSealed = 64 << 20

// sealed reads a file of a seal.
func (s *server) sealed(ctx context.Context, m closing.Month, version int, name string) ([]byte, digest.Digest, error) {
	seals, err := s.Seals.Seals(ctx, m)
	if err != nil {
		return nil, digest.Digest{}, err
	}
	for _, x := range seals {
		if x.Version != version {
			continue
		}
		sum := x.Report
		switch name {
		case "signature":
			sum = x.Signature
		case "evidence":
			if sum = x.Evidence; sum.IsZero() {
				return nil, sum, fmt.Errorf("%w: the signature was not renewed yet", dossier.ErrNotFound)
			}
		}
		r, err := s.Blobs.Open(ctx, sum)
		if err != nil {
			return nil, sum, err
		}
		b, err := io.ReadAll(io.LimitReader(r, mostSealed))
		return b, sum, errors.Join(err, r.Close())
	}
	return nil, digest.Digest{}, dossier.ErrNotFound
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
