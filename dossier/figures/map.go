package figures

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sohoa/dossier"
)

// A Map says into which agency of today an agency of before a merger went: the
// figures of any period can be told by the old map, which is none, and by the new
// one. Each agency goes into one, so that sums are equal; an agency that was
// divided cannot be told by codes.
type Map map[dossier.AgencyCode]dossier.AgencyCode

// ReadMap reads lines OLD,NEW. Mergers that follow each other may be in one map.
// An agency that goes into two, or by way of others into itself, wraps
// [dossier.ErrInvalid].
func ReadMap(r io.Reader) (Map, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.Comment, in.TrimLeadingSpace = 2, '#', true
	m := Map{}
	for {
		line, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: map of agencies: %w", dossier.ErrInvalid, err)
		}
		old, now := dossier.AgencyCode(strings.TrimSpace(line[0])), dossier.AgencyCode(strings.TrimSpace(line[1]))
		if err := errors.Join(dossier.CheckAgencyCode(old), dossier.CheckAgencyCode(now)); err != nil {
			return nil, fmt.Errorf("map of agencies: %w", err)
		}
		if was, twice := m[old]; twice && was != now {
			return nil, fmt.Errorf("%w: map of agencies: %s goes into %s and into %s", dossier.ErrInvalid, old, was, now)
		}
		m[old] = now
	}
	for code := range m {
		at := code
		for range m {
			if next, ok := m[at]; ok {
				at = next
			}
		}
		if _, on := m[at]; on && m[at] != at {
			return nil, fmt.Errorf("%w: map of agencies: %s goes into itself by way of others", dossier.ErrInvalid, code)
		}
	}
	return m, nil
}

// Of returns where an agency's figures go: itself, if m does not name it.
func (m Map) Of(code dossier.AgencyCode) dossier.AgencyCode {
	for range len(m) { // as many steps as there can be
		next, ok := m[code]
		if !ok || next == code {
			break
		}
		code = next
	}
	return code
}

// A Group is what is counted from the dossiers that went to one agency.
type Group struct {
	Agency dossier.AgencyCode
	Input  Input
}

// By divides in by receiving agency, as m has them, in the order of their codes.
// Procedures are no agency's: figures that count them are not told by agency.
func (in Input) By(m Map) []Group {
	by := map[dossier.AgencyCode]*Group{}
	of := func(code dossier.AgencyCode) *Input {
		code = m.Of(code)
		if by[code] == nil {
			by[code] = &Group{code, Input{Period: in.Period, Collected: in.Collected}}
		}
		return &by[code].Input
	}
	for _, f := range in.Facts {
		g := of(f.Receiving)
		g.Facts = append(g.Facts, f)
	}
	for _, c := range in.Cells {
		g := of(c.Agency)
		g.Cells = append(g.Cells, c)
	}
	out := make([]Group, 0, len(by))
	for _, g := range by {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int { return strings.Compare(string(a.Agency), string(b.Agency)) })
	return out
}
