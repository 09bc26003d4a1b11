package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/pattern"
)

// mostDossiers is how many dossiers a page lists.
const mostDossiers = 200

type dossiersView struct {
	Dossiers []dossier.Dossier
	Code     string
	Open     bool
	From, To string // YYYY-MM-DD, both days included
	More     bool
	N        names
}

// personNumber is what a search by code must never be: it would stand in the
// address.
var personNumber = pattern.Late(`^\d{9,}$`)

func (s *server) dossierList(v *visit) error {
	view := dossiersView{Code: strings.TrimSpace(v.r.FormValue("code")), Open: v.r.FormValue("open") != "",
		From: v.r.FormValue("from"), To: v.r.FormValue("to")}
	if personNumber().MatchString(view.Code) || len(view.Code) > 60 {
		return invalid("dossier.code")
	}
	q := DossierQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Code: view.Code, Open: view.Open, Limit: mostDossiers + 1}
	var err error
	if q.From, err = dayGiven(view.From, 0, "dossiers.from"); err != nil {
		return err
	}
	if q.To, err = dayGiven(view.To, 1, "dossiers.to"); err != nil {
		return err
	}
	if view.Dossiers, err = s.Dossiers.Dossiers(v.ctx(), q); err != nil {
		return err
	}
	if view.More = len(view.Dossiers) > mostDossiers; view.More {
		view.Dossiers = view.Dossiers[:mostDossiers]
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "dossiers", "dossiers.title", view)
}

// dayGiven reads a day that may be empty, and adds some days to it.
func dayGiven(text string, add int, word string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, dossier.VietNam)
	if err != nil {
		return time.Time{}, invalid(word)
	}
	return t.AddDate(0, 0, add), nil
}

type dossierFormView struct {
	Procedures []dossier.Procedure
	Agencies   []dossier.Agency // who may decide
	Receiving  []dossier.Agency // where the counter may stand
	Own        dossier.AgencyCode
	Channels   []dossier.Channel
	Given      dossierGiven
	Problem    *problem
	Filled     bool // by a card's code, just now

	// Known: the holder was found by their card, and Held is what of their record may be
	// used again.
	Known bool
	Held  []dossier.Entry
	N     names
}

// dossierGiven is what the form for a new dossier gave.
type dossierGiven struct {
	Procedure            dossier.ProcedureCode
	Receiving, Competent dossier.AgencyCode
	Number, Name         string
	Born                 string           // as it was typed; empty: not told
	Holder               dossier.HolderID // who was found before; else by number
	Channel              dossier.Channel

	ApplicantNumber, ApplicantName string // empty: the holder files it

	// CardOdd says what was unusual about a card whose code filled the form in: it
	// must have been looked at. CardOf is whose it was: holder or applicant.
	CardOdd []string
	CardOf  string
}

var channels = []dossier.Channel{dossier.Direct, dossier.Online, dossier.Post}

func (s *server) dossierForm(v *visit) error {
	given := dossierGiven{Receiving: v.who.Agency, Competent: v.who.Agency, Channel: dossier.Direct}
	if id := dossier.HolderID(v.r.FormValue("holder")); id != "" {
		h, err := s.namedBefore(v, id)
		if err != nil {
			return err
		}
		given.Holder, given.Number, given.Name = h.ID, h.Number, h.Name
	}
	return s.dossierFormWith(v, http.StatusOK, given, nil)
}

func (s *server) dossierFormWith(v *visit, status int, given dossierGiven, pr *problem) error {
	v.w.Header().Set("Permissions-Policy", withCamera)
	view := dossierFormView{Own: v.who.Agency, Channels: channels, Given: given, Problem: pr, Filled: given.CardOf != "" && pr == nil}
	var err error
	if view.Procedures, err = s.Catalogue.Procedures(v.ctx()); err != nil {
		return err
	}
	view.Procedures = s.served(view.Procedures)
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return cmp.Compare(a.Code, b.Code) })
	for _, a := range view.Agencies {
		if v.sight.has(a.Code) {
			view.Receiving = append(view.Receiving, a)
		}
	}
	if view.Filled && given.CardOf == "holder" {
		if err := s.heldBy(v, &view); err != nil {
			return err
		}
	}
	return s.show(v, status, "dossier_new", "dossier.new", view)
}

// heldBy tells what the holder has already, before anything is scanned; that somebody was
// told is noted before.
func (s *server) heldBy(v *visit, view *dossierFormView) error {
	h, err := s.Holders.FindHolder(v.ctx(), view.Given.Number)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if err := s.lookedAt(v, dossier.ReadNamed, h); err != nil {
		return err
	}
	view.Known = true
	if view.Held, err = s.Record.Entries(v.ctx(), h.ID, s.Now()); err != nil {
		return err
	}
	view.N, err = s.names(v.ctx())
	return err
}

// dossierNew opens a dossier, and says again what was given if it cannot.
func (s *server) dossierNew(v *visit) error {
	f := func(name string) string { return strings.TrimSpace(norm.NFC.String(v.r.PostFormValue(name))) }
	given := dossierGiven{Procedure: dossier.ProcedureCode(f("procedure")), Receiving: dossier.AgencyCode(f("receiving")),
		Competent: dossier.AgencyCode(f("competent")), Number: strings.ToUpper(strings.ReplaceAll(f("holder_number"), " ", "")),
		Name: strings.Join(strings.Fields(f("holder_name")), " "), Channel: dossier.Channel(f("channel")),
		ApplicantNumber: strings.ToUpper(strings.ReplaceAll(f("applicant_number"), " ", "")), ApplicantName: strings.Join(strings.Fields(f("applicant_name")), " ")}
	given.Born = f("holder_born")
	if id := dossier.HolderID(f("holder")); id != "" {
		h, err := s.namedBefore(v, id)
		if err != nil {
			return err
		}
		given.Holder, given.Number, given.Name = h.ID, h.Number, h.Name
	}
	if given.Receiving == "" {
		given.Receiving = v.who.Agency
	}
	if given.Channel == "" {
		given.Channel = dossier.Direct
	}
	if done, err := s.fromCard(v, &given); done || err != nil {
		return err
	}
	d, err := s.openDossier(v, given)
	if errors.Is(err, dossier.ErrInvalid) && !v.json() {
		pr := problemOf(v.lang, err)
		return s.dossierFormWith(v, pr.Status, given, &pr)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

// holderNumber is a 12-digit personal identifier (Luật Căn cước Điều 12), an
// enterprise's code, with a branch's suffix (NĐ 01/2021 Điều 8), or another
// organisation's identifier (QĐ 20/2020/QĐ-TTg Điều 4 and 6).
var holderNumber = pattern.Late(`^(\d{12}|\d{10}(-\d{3})?|\d{13}|[A-Z]\d{2}(\.[0-9A-Z]+)*)$`)

// namedBefore returns a holder whom the visitor was told of within a quarter of an
// hour, or of whom they see a dossier: nobody is named by an address.
func (s *server) namedBefore(v *visit, id dossier.HolderID) (dossier.Holder, error) {
	h, err := s.Holders.Holder(v.ctx(), id)
	if err != nil {
		return h, err
	}
	if !s.seen.fresh(glance{v.who.ID, dossier.ReadNamed, "holder " + string(id) + " " + v.under()}, s.Now()) {
		return h, nil
	}
	return s.Holders.HolderWithin(v.ctx(), id, v.sight.agencies(), v.sight.within)
}

// bornOn reads a day of birth; empty is none.
func bornOn(text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	t, err := time.ParseInLocation("2/1/2006", text, dossier.VietNam)
	if err != nil || t.After(now) || t.Year() < 1850 {
		return "", invalid("holder.born")
	}
	return t.Format(time.DateOnly), nil
}

func (s *server) openDossier(v *visit, given dossierGiven) (dossier.Dossier, error) {
	procedure, err := s.checkDossier(v, given)
	if err != nil {
		return dossier.Dossier{}, err
	}
	born, err := bornOn(given.Born, s.Now())
	if err != nil {
		return dossier.Dossier{}, err
	}
	holder, err := s.Holders.PutHolder(v.ctx(), dossier.Holder{Number: given.Number, Name: given.Name, Born: born, Demo: v.who.Demo})
	if errors.Is(err, dossier.ErrConflict) {
		return dossier.Dossier{}, invalid("holder.otherborn")
	} else if err != nil {
		return dossier.Dossier{}, err
	}
	now := s.Now()
	d := dossier.Dossier{Procedure: given.Procedure, Receiving: given.Receiving, Competent: given.Competent,
		Holder: holder.ID, Channel: given.Channel, Received: now, Demo: v.who.Demo}
	if procedure.Days > 0 {
		calendar, err := s.Catalogue.Calendar(v.ctx())
		if err != nil {
			return dossier.Dossier{}, err
		}
		d.Due = calendar.After(now, procedure.Days)
	}
	if given.ApplicantNumber != "" {
		applicant, err := s.Holders.PutHolder(v.ctx(), dossier.Holder{Number: given.ApplicantNumber, Name: given.ApplicantName, Demo: v.who.Demo})
		if err != nil {
			return dossier.Dossier{}, err
		}
		d.Applicant = applicant.ID
	}
	return s.Dossiers.AddDossier(v.ctx(), d, v.who.ID)
}

func (s *server) checkDossier(v *visit, given dossierGiven) (dossier.Procedure, error) {
	procedure, err := s.Catalogue.Procedure(v.ctx(), given.Procedure)
	if errors.Is(err, dossier.ErrNotFound) || err == nil && (procedure.Code != given.Procedure || !procedure.Served(s.today())) {
		return procedure, invalid("dossier.procedure")
	} else if err != nil {
		return procedure, err
	}
	n, err := s.names(v.ctx())
	if err != nil {
		return procedure, err
	}
	switch {
	case n.agency[given.Receiving] == "" || !v.sight.has(given.Receiving):
		return procedure, invalid("dossier.receiving")
	case n.agency[given.Competent] == "":
		return procedure, invalid("dossier.competent")
	case !holderNumber().MatchString(given.Number) || len(given.Number) > 35:
		return procedure, invalid("holder.number")
	case given.Name == "" || len([]rune(given.Name)) > 200:
		return procedure, invalid("holder.name")
	case given.ApplicantNumber != "" && (!holderNumber().MatchString(given.ApplicantNumber) || len(given.ApplicantNumber) > 35):
		return procedure, invalid("applicant.number")
	case (given.ApplicantName == "") != (given.ApplicantNumber == "") || len([]rune(given.ApplicantName)) > 200:
		return procedure, invalid("applicant.name")
	case !slices.Contains(channels, given.Channel):
		return procedure, invalid("dossier.channel")
	}
	return procedure, nil
}
