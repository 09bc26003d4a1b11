package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	law "sohoa/dossier/norm"
	"sohoa/dossier/record"
	"sohoa/dossier/retention"
)

func (s *server) entryRoutes() []route {
	return []route{
		{"GET /records/{entry}", look, s.entryShow},
		{"POST /records/{entry}/acts", tend, s.entryAct},
	}
}

// entryLaw is what the law has to say of an entry: its code, why it is processed
// without asking anybody, and how long it is kept.
type entryLaw struct {
	Code   string // of the digitised result, the holder's number in it masked
	CodeBy law.Norm
	Ground law.Norm           // without an ID there is none
	Keep   retention.Standing // until when, and by which rule
}

// LastDay is the last on which the paper is kept; zero if that is not known.
func (l entryLaw) LastDay() time.Time {
	if until := l.Keep.Until(); !until.IsZero() {
		return until.AddDate(0, 0, -1)
	}
	return time.Time{}
}

// entryLaw finds it. Whoever may see the whole number opens it on the holder's page,
// for a purpose; here the code has it masked.
func (s *server) entryLaw(v *visit, e dossier.Entry, h dossier.Holder) (l entryLaw, err error) {
	norms, err := s.Laws.Norms(v.ctx())
	if err != nil {
		return l, err
	}
	l.Ground, _ = norms.On(law.Ground, string(e.Kind), s.Now())
	c, err := s.Laws.ResultCode(v.ctx(), e.Document)
	if err != nil {
		return l, err
	}
	l.Code = c.Code
	if h.Number != "" {
		l.Code = strings.ReplaceAll(c.Code, h.Number, dossier.MaskNumber(h.Number))
	}
	if i := slices.IndexFunc(norms, func(n law.Norm) bool { return n.ID == c.Norm }); i >= 0 {
		l.CodeBy = norms[i]
	}
	l.Keep, err = s.Retention.Standing(v.ctx(), e.Document, s.Now())
	return l, err
}

type entryView struct {
	Entry    dossier.Entry
	Valid    bool
	Holder   dossier.Holder
	Used     []dossier.Code
	Versions []record.Deed   // corrections and ends, oldest first
	Others   []dossier.Entry // that could replace it
	Law      entryLaw
	MayEnd   bool
	MayFix   bool
	N        names
	Problem  *problem
}

func (s *server) entry(v *visit) (dossier.Entry, []dossier.Code, error) {
	return s.Record.EntryWithin(v.ctx(), dossier.EntryID(v.r.PathValue("entry")), v.sight.agencies(), v.sight.within)
}

// entryShow shows an entry under the address that it keeps, whatever becomes of it:
// also what was withdrawn or has expired is read.
func (s *server) entryShow(v *visit) error {
	e, used, err := s.entry(v)
	if err == nil {
		err = s.provenToOpen(v)
	}
	if err != nil {
		return err
	}
	return s.entryPage(v, e, used, nil)
}

func (s *server) entryPage(v *visit, e dossier.Entry, used []dossier.Code, wrong error) error {
	if v.v1 && wrong != nil {
		return wrong // a program is told it as any other
	}
	d, err := s.Dossiers.Dossier(v.ctx(), e.Dossier)
	if err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadViewed, e.Document, d); err != nil {
		return err
	}
	view := entryView{Entry: e, Valid: e.Offered(s.Now().In(dossier.VietNam).Format(time.DateOnly)), Used: used,
		MayEnd: record.May(v.who.Role, record.Withdraw), MayFix: record.May(v.who.Role, record.Correct)}
	status := http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	if view.Holder, err = s.Holders.Holder(v.ctx(), e.Holder); err != nil {
		return err
	}
	if view.Law, err = s.entryLaw(v, e, view.Holder); err != nil {
		return err
	}
	deeds, err := s.Record.RecordDeeds(v.ctx(), e.Holder)
	if err != nil {
		return err
	}
	for _, x := range deeds {
		if x.Entry == e.ID {
			view.Versions = append(view.Versions, x)
		}
	}
	all, err := s.Record.EntriesWithin(v.ctx(), e.Holder, v.sight.filter())
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.ID != e.ID && x.Holder == e.Holder && x.Kind == e.Kind && !x.Withdrawn && x.Replaced == "" {
			view.Others = append(view.Others, x)
		}
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	return s.show(v, status, "entry", "entry.title", view)
}

// entryAct withdraws, replaces or corrects an entry.
func (s *server) entryAct(v *visit) error {
	e, used, err := s.entry(v)
	if err != nil {
		return err
	}
	f := func(name string) string { return strings.TrimSpace(norm.NFC.String(v.r.PostFormValue(name))) }
	d := record.Deed{Act: record.Act(f("act")), Entry: e.ID, Refers: f("by"), Who: v.who.ID, By: v.who.Role, Why: f("why")}
	switch d.Act {
	case record.Withdraw:
	case record.Replace:
		if _, _, err := s.Record.EntryWithin(v.ctx(), dossier.EntryID(d.Refers), v.sight.agencies(), v.sight.within); err != nil {
			return s.entryPage(v, e, used, err)
		}
	case record.Correct:
		d.Refers = ""
		d.Values = &record.Values{Number: f("number"), Title: f("title"), Issuer: f("issuer"), Scope: f("scope")}
		for _, day := range []struct {
			name string
			into *string
		}{{"issued", &d.Values.Issued}, {"expires", &d.Values.Expires}} {
			if f(day.name) == "" {
				continue
			}
			at, err := time.ParseInLocation("2/1/2006", f(day.name), dossier.VietNam)
			if err != nil {
				return s.entryPage(v, e, used, invalid("field."+day.name))
			}
			*day.into = at.Format(time.DateOnly)
		}
	default:
		return invalid("record.act")
	}
	if _, err := s.Record.DoRecord(v.ctx(), d); err != nil {
		return s.entryPage(v, e, used, err)
	}
	return v.to("/records/" + string(e.ID))
}

// A PersonAsked is who asked for all that is held on somebody, and for what.
type PersonAsked struct {
	Holder  dossier.Holder
	Who     dossier.PersonID
	By      dossier.Role
	Purpose dossier.Purpose
	Why     string          // as the request is filed: a number, no name
	Within  *dossier.Within // nil: all of it
	At      time.Time
	Noted   func(ctx context.Context, sum string) error // enters that it is given out, before it is
}

// holderExport gives out all that the house holds on somebody, of what the visitor
// may see, for a purpose and by a request that are named: a ZIP whose SHA-256 the
// ledger says.
func (s *server) holderExport(v *visit) error {
	h, err := s.holder(v)
	if err != nil {
		return err
	}
	purpose, err := purposeGiven(v)
	if err != nil {
		return err
	}
	why := strings.TrimSpace(norm.NFC.String(v.r.PostFormValue("why")))
	if why == "" || len(why) > 1000 {
		return invalid("person.why")
	}
	if s.Person == nil {
		return dossier.ErrNotFound
	}
	select {
	case s.packing <- struct{}{}:
		defer func() { <-s.packing }()
	default:
		return ErrBusy
	}
	asked := PersonAsked{Holder: h, Who: v.who.ID, By: v.who.Role, Purpose: purpose, Why: why, Within: v.sight.filter(), At: s.Now()}
	asked.Noted = func(ctx context.Context, sum string) error {
		err := s.Ledger.Note(ctx, dossier.Reading{Act: dossier.ReadPerson, Who: v.who.ID, By: v.who.Role, At: asked.At, Holder: h.ID, Purpose: purpose, Sum: sum, Demo: h.Demo})
		if err == nil {
			v.w.Header().Set("Content-Type", "application/zip")
			v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="du-lieu-ca-nhan-%s.zip"`, h.ID))
			v.wrote = true
		}
		return err
	}
	err = s.Person(v.ctx(), onWrite{v}, asked)
	if v.wrote {
		return nil // it breaks off, and its checksums say so
	}
	return err
}

// onWrite is an answer's body.
type onWrite struct{ v *visit }

func (w onWrite) Write(b []byte) (int, error) { return w.v.w.Write(b) }

var _ io.Writer = onWrite{}

// Ended says why an entry is not offered, as a word; empty if it is.
func (e entry) Ended() string {
	switch {
	case e.Valid:
		return ""
	case e.Withdrawn:
		return "entry.withdrawn"
	case e.Replaced != "":
		return "entry.replaced"
	case e.Disposed:
		return "entry.disposed"
	}
	return "entry.expired"
}

// Slots says how many places one key would fill.
func (d dossierView) Slots() int { return len(d.Offers) }

// Newest reports whether an entry is what that key would fill a place with.
func (d dossierView) Newest(slot dossier.SlotCode, id dossier.EntryID) bool {
	return slices.Contains(d.Offers, dossier.Offer{Slot: slot, Entry: id})
}
