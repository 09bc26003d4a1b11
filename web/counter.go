package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sohoa/dossier"
)

// Counting is what a counter says of papers, besides bringing them. Errors wrap
// [dossier.ErrConflict] if a slot is filled, a dossier resolved or handed on, or
// a required component undecided.
type Counting interface {
	DecideSlot(ctx context.Context, code dossier.Code, slot dossier.SlotCode, d dossier.Decided, who dossier.PersonID) error
	DecidedOn(ctx context.Context, code dossier.Code, slot dossier.SlotCode) (dossier.Decided, error)
	HandOn(ctx context.Context, code dossier.Code, who dossier.PersonID) error
	TakeBack(ctx context.Context, code dossier.Code, why dossier.Mistake, who dossier.PersonID) error
}

// A Receipt is what the paper says that a citizen takes home (TT 03/2025/TT-VPCP
// Phụ lục I mẫu 01; TT 01/2023/TT-VPCP on its QR code).
type Receipt struct {
	Dossier           dossier.Dossier
	Procedure         dossier.Procedure
	Receiving         dossier.Agency
	Competent         dossier.Agency
	Holder, Applicant dossier.Holder // an applicant without a number: the holder
	Papers            []ReceiptPaper
	Officer           string
	At                time.Time // when it is printed
	Pay               *Pay      // nil: nothing is to be paid, or nobody said where
}

// A ReceiptPaper is a component, and what was done with it in Vietnamese.
type ReceiptPaper struct{ Name, Done string }

func (s *server) counterRoutes() []route {
	return []route{
		{"GET /dossiers/{code}/receipt", receive, s.receipt},
		{"POST /dossiers/{code}/forms/{form}", act, s.form},
		{"POST /dossiers/{code}/slots/{slot}/decision", receive, s.decideSlot},
		{"POST /dossiers/{code}/handed-on", receive, s.handOn},
		{"POST /dossiers/{code}/taken-back", receive, s.takeBack},
	}
}

// decideSlot writes what becomes of a component. What lay in a draft of a paper that
// is secret is gone at once.
func (s *server) decideSlot(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	slot := dossier.SlotCode(v.r.PathValue("slot"))
	pages, err := strconv.Atoi(or(v.r.PostFormValue("pages"), "0"))
	twice, wrong := strconv.Atoi(or(v.r.PostFormValue("twice"), "0"))
	given := dossier.Decided{Decision: dossier.Decision(v.r.PostFormValue("decision")), Pages: pages, Twice: twice}
	if err != nil || wrong != nil || twice < 0 || twice > pages || pages < 0 || pages > 100_000 {
		return invalid("slot.declared")
	}
	if !given.Decision.Known() {
		return invalid("slot.decision")
	}
	if given.Decision.Exempts() {
		given.Twice = 0
	}
	if err := s.Record.DecideSlot(v.ctx(), d.Code, slot, given, v.who.ID); errors.Is(err, dossier.ErrConflict) {
		return told("filled", err)
	} else if err != nil {
		return err
	}
	if given.Decision == dossier.Secret && s.Drafts != nil {
		if err := s.Drafts.Discard(v.ctx(), DraftPlace{Who: v.who.ID, Dossier: d.Code, Slot: slot}); err != nil && !errors.Is(err, dossier.ErrNotFound) {
			return err
		}
	}
	return v.to("/dossiers/" + string(d.Code))
}

// handOn gives a dossier to who is competent, if nothing that is required is
// undecided.
func (s *server) handOn(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	if err := s.Record.HandOn(v.ctx(), d.Code, v.who.ID); errors.Is(err, dossier.ErrConflict) {
		return told("undecided", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

// takeBack takes back a dossier that was handed on by mistake.
func (s *server) takeBack(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	why := dossier.Mistake(v.r.PostFormValue("why"))
	if !why.Known() {
		return invalid("takeback.why")
	}
	if err := s.Record.TakeBack(v.ctx(), d.Code, why, v.who.ID); errors.Is(err, dossier.ErrConflict) {
		return told("takeback", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

// counterView is what the counter said, for the dossier's page.
type counterView struct {
	Decisions []dossier.Decision // that may be chosen
	Undecided int
	HandedOn  bool
	MayHandOn bool
	Mistakes  []dossier.Mistake // for which it may be taken back; empty: it may not
	Applicant dossier.Holder
}

// counted tells a dossier's places what the counter said of them.
func (s *server) counted(v *visit, d dossier.Dossier, places []place, events []dossier.Event) (c counterView, err error) {
	c.Decisions = dossier.Decisions[:]
	decided := dossier.DecisionsOf(events)
	fillings := make([]dossier.Filling, len(places))
	for i := range places {
		p := &places[i]
		fillings[i] = p.Filling
		if p.Closed {
			continue
		}
		p.Decided = decided[p.Slot]
		if p.Document != nil && p.Decided.Pages > 0 && p.Document.State != dossier.Refused && p.Document.Pages != p.Decided.Images() {
			p.Miscounted = true
		}
		if p.Decided.Decision == dossier.Secret {
			p.Bring, p.Held = false, nil
		}
	}
	c.Undecided = len(dossier.Undecided(fillings, decided))
	if slices.ContainsFunc(places, func(p place) bool { return p.Closed }) {
		open := slices.DeleteFunc(fillings, func(f dossier.Filling) bool { return !v.sight.within.HasKind(f.Kind) })
		c.Undecided = len(dossier.Undecided(open, decided))
	}
	c.HandedOn = !dossier.HandedOn(events).IsZero()
	mine := v.allowed(receive, &d) == nil && d.Resolved.IsZero()
	c.MayHandOn = mine && !c.HandedOn
	if mine && c.HandedOn && !slices.ContainsFunc(places, func(p place) bool {
		return p.Slot == dossier.ResultSlot && p.Document != nil && p.Document.State != dossier.Refused
	}) {
		c.Mistakes = dossier.Mistakes[:]
	}
	if d.Applicant != "" {
		c.Applicant, err = s.Holders.Holder(v.ctx(), d.Applicant)
	}
	return c, err
}

// notSecret refuses before a byte is read what is brought for a paper that is
// secret.
func (s *server) notSecret(v *visit, code dossier.Code, slot dossier.SlotCode) error {
	d, err := s.Record.DecidedOn(v.ctx(), code, slot)
	if err == nil && d.Decision == dossier.Secret {
		err = told("secret", dossier.ErrForbidden)
	}
	return err
}

// receipt prints the receipt of a dossier.
func (s *server) receipt(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	if s.Receipt == nil {
		return dossier.ErrNotFound
	}
	if err := s.looked(v, dossier.ReadDossier, "", d); err != nil {
		return err
	}
	r, err := s.receiptOf(v, d)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := s.Receipt(&out, r); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `inline; filename="giay-tiep-nhan-`+string(d.Code)+`.pdf"`)
	v.w.WriteHeader(http.StatusOK)
	v.wrote = true
	_, err = io.Copy(v.w, &out)
	return err
}

func (s *server) receiptOf(v *visit, d dossier.Dossier) (r Receipt, err error) {
	r = Receipt{Dossier: d, Officer: v.who.Name, At: s.Now()}
	if r.Procedure, err = s.Catalogue.ProcedureOf(v.ctx(), d); err != nil {
		return r, err
	}
	if v.sight.closed.Touches(r.Procedure) {
		return r, told("closed-whole", dossier.ErrForbidden) // it names every paper of the dossier
	}
	if r.Holder, err = s.Holders.Holder(v.ctx(), d.Holder); err != nil {
		return r, err
	}
	if d.Applicant != "" {
		if r.Applicant, err = s.Holders.Holder(v.ctx(), d.Applicant); err != nil {
			return r, err
		}
	}
	if r.Pay, err = s.payOf(v.ctx(), d); err != nil {
		return r, err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return r, err
	}
	for _, a := range agencies {
		if a.Code == d.Receiving {
			r.Receiving = a
		}
		if a.Code == d.Competent {
			r.Competent = a
		}
	}
	fillings, err := s.Dossiers.Fillings(v.ctx(), d.Code)
	if err != nil {
		return r, err
	}
	events, err := s.Record.Events(v.ctx(), d.Code)
	r.Papers = broughtOf("vi", fillings, events)
	return r, err
}

// broughtOf says of the components of a dossier what was brought and what is missing.
func broughtOf(lang string, fillings []dossier.Filling, events []dossier.Event) (papers []ReceiptPaper) {
	decided := dossier.DecisionsOf(events)
	for _, f := range fillings {
		if f.Slot == dossier.ResultSlot {
			continue
		}
		done := ""
		switch {
		case f.Reused != nil:
			done = say(lang, "receipt.reused")
		case f.Document != nil && f.Document.State != dossier.Refused:
			done = say(lang, "receipt.scanned")
		case decided[f.Slot].Decision != "":
			done = say(lang, "decision."+string(decided[f.Slot].Decision))
		case f.Required:
			done = say(lang, "receipt.open")
		default:
			continue
		}
		papers = append(papers, ReceiptPaper{Name: f.Name, Done: done})
	}
	return papers
}
