package web

import (
	"context"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/precedent"
)

// Precedents are what people confirmed of papers before.
type Precedents interface {
	// Confirmed returns what was confirmed of the newest papers of an agency that are
	// of d's kind, without d.
	Confirmed(ctx context.Context, agency dossier.AgencyCode, d dossier.Document) ([]precedent.Paper, error)
}

// lesson is what the past of an agency says of one line of the form.
type lesson struct {
	Times, Papers int
	Near          string // filled in, as so many confirmed it; the paper was read otherwise
	Instead       string // read, and filled in; almost like what so many confirmed
	Often         []precedent.Value
}

// Same reports whether the value itself was confirmed before.
func (l lesson) Same() bool { return l.Times > 0 && l.Near == "" && l.Instead == "" }

// learned applies to proposals what people confirmed of papers of the same kind that
// the same agency received, for visitors who may see that agency's papers: values of
// one agency are told to nobody else. What a person has typed never comes here.
func (s *server) learned(v *visit, view *documentView, proposed []blank) ([]blank, error) {
	agency := view.Dossier.Receiving
	if s.Precedents == nil || !v.sight.has(agency) || v.sight.grant != nil || v.sight.glass != nil || !v.sight.within.HasKind(view.Document.Kind) {
		return proposed, nil
	}
	papers, err := s.Precedents.Confirmed(v.ctx(), agency, view.Document)
	if err != nil || len(papers) == 0 {
		return proposed, err
	}
	past := precedent.Of(papers)
	for i := range proposed {
		proposed[i].recall(past)
	}
	return proposed, nil
}

// recall applies the past to one line. What a pen wrote, and what cannot be, is
// left to be typed. A reading that is good is filled in as it is, with what it is
// almost like beside it; one that is doubtful is put as people put it, with the
// reading beside.
func (b *blank) recall(past precedent.Past) {
	if b.Fixed || b.Day || b.Reason == "hand" || b.Reason == "future" {
		return
	}
	l := &b.Past
	l.Papers = past.Papers
	if b.Value == "" {
		l.Often = past.Often(b.Name)
		return
	}
	near, ok := past.Near(b.Name, b.Value)
	switch {
	case !ok:
		l.Times = past.Times(b.Name, b.Value)
	case strings.EqualFold(near.Text, b.Value): // as people write it
		b.Value, l.Near, l.Times = near.Text, near.Text, near.Times
	case b.Confidence >= goodReading:
		l.Instead, l.Times, b.Low = near.Text, near.Times, true
	default:
		b.Read, b.Value, l.Near, l.Times, b.Low = b.Value, near.Text, near.Text, near.Times, true
	}
}

// goodReading is the confidence, in per cent, from which a reading is not put
// otherwise: a neighbour's name may differ from ours in one mark.
const goodReading = 90
