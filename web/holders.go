package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/dossier/record"
)

func (s *server) holderRoutes() []route {
	return []route{
		{"GET /holders", people, s.holderForm},
		{"POST /holders", people, s.holderFind},
		{"GET /holders/{holder}", look, s.holderShow},
		{"POST /holders/{holder}/number", look, s.holderNumber},
		{"GET /holders/{holder}/lookers", trace, s.holderLookers},
		{"POST /holders/{holder}/acts", tend, s.holderAct},
		{"POST /holders/{holder}/export", give, s.holderExport},
		{"POST /dossiers/{code}/reuse", receive, s.reuseAll},
	}
}

// holder loads the holder that a request names, if something of theirs is in what
// the visitor may see.
func (s *server) holder(v *visit) (dossier.Holder, error) {
	return s.Holders.HolderWithin(v.ctx(), dossier.HolderID(v.r.PathValue("holder")), v.sight.agencies(), v.sight.within)
}

// lookedAt notes that the visitor is shown something of a holder, once in a
// quarter of an hour.
func (s *server) lookedAt(v *visit, act dossier.ReadingAct, h dossier.Holder) error {
	x := glance{v.who.ID, act, "holder " + string(h.ID) + " " + v.under()}
	if !s.seen.fresh(x, s.Now()) {
		return nil
	}
	err := s.note(v, dossier.Reading{Act: act, Holder: h.ID, Demo: h.Demo})
	if err == nil {
		s.seen.noted(x, s.Now())
	}
	return err
}

// A namesake is one who was found, and what of their record may be used again.
type namesake struct {
	dossier.Holder
	Held []dossier.Entry
	See  bool // their record may be opened
}

type findView struct {
	Found      []namesake
	Asked      bool
	MayReceive bool
	N          names
	Problem    *problem
}

func (s *server) holderForm(v *visit) error {
	return s.show(v, http.StatusOK, "holders", "holders.title", findView{})
}

// holderFind tells who somebody is, before anybody scans: by number, by the text of
// a card's code, or by name and day of birth. A counter receives from everywhere in
// the province and is told of anybody; others of whom they have a dossier. What was
// asked stands in no address and no log; that somebody was told does.
func (s *server) holderFind(v *visit) error {
	view := findView{Asked: true, MayReceive: v.allowed(receive, nil) == nil}
	var err error
	view.Found, err = s.holdersFound(v)
	if errors.Is(err, dossier.ErrInvalid) && !v.json() {
		p := problemOf(v.lang, err)
		view.Problem, view.Asked = &p, false
		return s.show(v, p.Status, "holders", "holders.title", view)
	} else if err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "holders", "holders.title", view)
}

// holdersFound finds whom the visitor asks for and may be told of, and notes that they
// were told.
func (s *server) holdersFound(v *visit) (all []namesake, err error) {
	found, err := s.namesakes(v)
	if err != nil {
		return nil, err
	}
	receives := v.allowed(receive, nil) == nil
	for _, h := range found {
		x := namesake{Holder: h}
		_, err := s.Holders.HolderWithin(v.ctx(), h.ID, v.sight.agencies(), v.sight.within)
		if x.See = err == nil; !x.See && (!errors.Is(err, dossier.ErrNotFound) || !receives) {
			if errors.Is(err, dossier.ErrNotFound) {
				continue
			}
			return nil, err
		}
		if err := s.lookedAt(v, dossier.ReadNamed, h); err != nil {
			return nil, err
		}
		if receives {
			if x.Held, _, err = s.held(v, h.ID); err != nil {
				return nil, err
			}
		}
		all = append(all, x)
	}
	return all, nil
}

func (s *server) namesakes(v *visit) ([]dossier.Holder, error) {
	number := strings.ToUpper(strings.TrimSpace(v.r.PostFormValue("number")))
	name := strings.Join(strings.Fields(norm.NFC.String(v.r.PostFormValue("name"))), " ")
	if strings.Contains(number, "|") {
		card, err := dossier.ReadCard(v.r.PostFormValue("number"), s.Now())
		if err != nil {
			return nil, invalid("holders.card")
		}
		number = card.Number
	}
	if number = strings.ReplaceAll(number, " ", ""); number != "" {
		h, err := s.Holders.FindHolder(v.ctx(), number)
		if errors.Is(err, dossier.ErrNotFound) {
			return nil, nil
		}
		return []dossier.Holder{h}, err
	}
	born, err := time.ParseInLocation("2/1/2006", strings.TrimSpace(v.r.PostFormValue("born")), dossier.VietNam)
	if err != nil {
		return nil, invalid("holder.born")
	}
	if name == "" {
		return nil, invalid("holder.name")
	}
	return s.Holders.FindHolders(v.ctx(), name, born.Format(time.DateOnly))
}

type holderView struct {
	Holder   dossier.Holder
	Merged   []dossier.Holder // whose records are one with this one's
	Entries  []entry
	Deeds    []record.Deed
	Purposes []dossier.Purpose
	Number   string // opened for this once
	MayTrace bool
	MayTend  bool
	MayMerge bool
	MayGive  bool
	N        names
	Problem  *problem
}

// Undoable reports whether an act can still be undone.
func (h holderView) Undoable(d record.Deed) bool {
	return d.Act != record.Undo && d.Undone == "" && d.ID == d.Deed && h.MayTend
}

func (s *server) holderShow(v *visit) error {
	h, err := s.holder(v)
	if err == nil {
		err = s.provenToOpen(v)
	}
	if err != nil {
		return err
	}
	return s.holderPage(v, h, "", nil)
}

func (s *server) holderPage(v *visit, h dossier.Holder, number string, wrong error) error {
	view := holderView{Holder: h, Number: number, Purposes: dossier.Purposes[:], MayTrace: v.allowed(trace, nil) == nil,
		MayTend: v.allowed(tend, nil) == nil, MayMerge: record.May(v.who.Role, record.Merge), MayGive: v.allowed(give, nil) == nil && s.Person != nil}
	status := http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	var err error
	if view.Entries, err = s.recordOf(v, h); err != nil {
		return err
	}
	_, of, err := s.Holders.HolderGroup(v.ctx(), h.ID)
	if err != nil {
		return err
	}
	for _, id := range of {
		if id == h.ID {
			continue
		}
		other, err := s.Holders.Holder(v.ctx(), id)
		if err != nil {
			return err
		}
		view.Merged = append(view.Merged, other)
	}
	if !v.sight.narrow() {
		if view.Deeds, err = s.Record.RecordDeeds(v.ctx(), h.ID); err != nil {
			return err
		}
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	return s.show(v, status, "holder", "record.title", view)
}

// recordOf is what of a holder's record the visitor may see, noted before it is shown.
func (s *server) recordOf(v *visit, h dossier.Holder) (entries []entry, err error) {
	if err := s.lookedAt(v, dossier.ReadRecord, h); err != nil {
		return nil, err
	}
	all, err := s.Record.EntriesWithin(v.ctx(), h.ID, v.sight.filter())
	day := s.Now().In(dossier.VietNam).Format(time.DateOnly)
	for _, e := range all {
		entries = append(entries, entry{e, e.Offered(day)})
	}
	return entries, err
}

// filter is the scope as one filter of queries: the agencies that somebody sees,
// or what a grant says. Nil is all.
func (s scope) filter() *dossier.Within {
	if s.all || s.within != nil && (len(s.within.Agencies) > 0 || s.within.Dossier != "") {
		return s.within
	}
	return (&dossier.Within{Agencies: s.below}).Without(s.closed)
}

// purposeGiven is what the visitor opens something for.
func purposeGiven(v *visit) (dossier.Purpose, error) {
	p := dossier.Purpose(v.r.PostFormValue("purpose"))
	if !slices.Contains(dossier.Purposes[:], p) {
		return p, invalid("purpose.name")
	}
	return p, nil
}

// holderNumber shows a whole number once, for a purpose that is named and noted
// before.
func (s *server) holderNumber(v *visit) error {
	h, err := s.openNumber(v)
	if err != nil {
		return err
	}
	return s.holderPage(v, h, h.Number, nil)
}

// openNumber loads the holder whose whole number is about to be shown.
func (s *server) openNumber(v *visit) (dossier.Holder, error) {
	h, err := s.holder(v)
	if err != nil {
		return h, err
	}
	purpose, err := purposeGiven(v)
	if err != nil {
		return h, err
	}
	return h, s.Ledger.Note(v.ctx(), dossier.Reading{Act: dossier.ReadNumber, Who: v.who.ID, By: v.who.Role, At: s.Now(), Holder: h.ID, Purpose: purpose,
		Subject: v.under(), Demo: h.Demo})
}

// holderAct does something with a holder's record, and shows it again.
func (s *server) holderAct(v *visit) error {
	h, err := s.holder(v)
	if err != nil {
		return err
	}
	if err := s.holderDo(v, h); err != nil {
		if status, _ := kindOf(err); atFault(status) {
			return err
		}
		return s.holderPage(v, h, "", err)
	}
	return v.to("/holders/" + string(h.ID))
}

// holderDo merges, splits, or undoes what was done.
func (s *server) holderDo(v *visit, h dossier.Holder) error {
	d := record.Deed{Act: record.Act(v.r.PostFormValue("act")), Holder: h.ID, Refers: v.r.PostFormValue("refers"), Who: v.who.ID, By: v.who.Role,
		Why: strings.TrimSpace(norm.NFC.String(v.r.PostFormValue("why")))}
	var entries []dossier.EntryID
	switch d.Act {
	case record.Merge, record.Split:
		number := strings.ToUpper(strings.ReplaceAll(v.r.PostFormValue("number"), " ", ""))
		other, err := s.Holders.FindHolder(v.ctx(), number)
		if errors.Is(err, dossier.ErrNotFound) {
			return invalid("holder.number")
		} else if err != nil {
			return err
		}
		d.Refers = string(other.ID)
		for _, id := range v.r.PostForm["entry"] {
			entries = append(entries, dossier.EntryID(id))
		}
		if err := s.onlySeen(v, d, other, entries); err != nil {
			return err
		}
	case record.Undo:
		deeds, err := s.Record.RecordDeeds(v.ctx(), h.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(deeds, func(x record.Deed) bool { return x.ID == d.Refers }) {
			return dossier.ErrNotFound
		}
	default:
		return invalid("record.act")
	}
	_, err := s.Record.DoRecord(v.ctx(), d, entries...)
	return err
}

// onlySeen keeps acts from what the visitor may not see: the other of a merge, the
// entries of a split.
func (s *server) onlySeen(v *visit, d record.Deed, other dossier.Holder, entries []dossier.EntryID) error {
	if d.Act == record.Merge {
		_, err := s.Holders.HolderWithin(v.ctx(), other.ID, v.sight.agencies(), v.sight.within)
		return err
	}
	for _, id := range entries {
		if _, _, err := s.Record.EntryWithin(v.ctx(), id, v.sight.agencies(), v.sight.within); err != nil {
			return err
		}
	}
	return nil
}

// holderLookers lists who looked at a holder's papers.
func (s *server) holderLookers(v *visit) error {
	h, err := s.holder(v)
	if err != nil {
		return err
	}
	if err := s.lookedAt(v, dossier.ReadLookers, h); err != nil {
		return err
	}
	return s.lookersPage(v, lookersView{Holder: h})
}

// reuseAll fills with one key every open place of a dossier that a paper of its
// holder's record fits, as the page showed them.
func (s *server) reuseAll(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	offers, err := s.offers(v, d)
	if err != nil {
		return err
	}
	if len(offers) == 0 {
		return told("filled", dossier.ErrConflict)
	}
	if _, err := s.Record.ReuseAll(v.ctx(), d.Code, offers, v.who.ID); errors.Is(err, dossier.ErrConflict) || errors.Is(err, dossier.ErrInvalid) {
		return told("filled", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

// offers are what of a holder's record fits open places of a dossier now.
func (s *server) offers(v *visit, d dossier.Dossier) ([]dossier.Offer, error) {
	fillings, err := s.Dossiers.Fillings(v.ctx(), d.Code)
	if err != nil {
		return nil, err
	}
	fillings = slices.DeleteFunc(fillings, func(f dossier.Filling) bool { return slices.Contains(v.sight.closed.Kinds, f.Kind) })
	held, _, err := s.held(v, d.Holder)
	if err != nil {
		return nil, err
	}
	events, err := s.Record.Events(v.ctx(), d.Code)
	return dossier.Offers(d, fillings, dossier.DecisionsOf(events), held, s.Now().In(dossier.VietNam).Format(time.DateOnly)), err
}
