package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/retention"
)

// Retention is how long papers are kept, and what is done about it. Its refusals
// are [*retention.Refusal].
type Retention interface {
	Rules(ctx context.Context) (retention.Rules, error)
	AddRule(ctx context.Context, r retention.Rule, by dossier.Role) (retention.Rule, error)
	Due(ctx context.Context, at time.Time, agencies []dossier.AgencyCode, in *dossier.Within, limit int) (due []retention.Standing, more bool, err error)
	Standing(ctx context.Context, id dossier.DocumentID, at time.Time) (retention.Standing, error)
	Holds(ctx context.Context, active bool, limit int) ([]retention.Held, error)
	HoldPapers(ctx context.Context, d retention.Deed) (retention.Deed, error)
	LiftHold(ctx context.Context, d retention.Deed) (retention.Deed, error)
	DueFrom(ctx context.Context, at time.Time, agencies []dossier.AgencyCode, in *dossier.Within, after dossier.DocumentID, limit int) (due []retention.Standing, more bool, err error)
	ProposalsFrom(ctx context.Context, agencies []dossier.AgencyCode, in *dossier.Within, after string, limit int) ([]retention.Proposal, error)
	Proposals(ctx context.Context, active bool, agencies []dossier.AgencyCode, in *dossier.Within, limit int) ([]retention.Proposal, error)
	Propose(ctx context.Context, d retention.Deed) (retention.Deed, error)
	Decide(ctx context.Context, d retention.Deed) (retention.Deed, error)
	Disposal(ctx context.Context, id dossier.DocumentID) (retention.Disposal, error)
}

func (s *server) retentionRoutes() []route {
	return []route{
		{"GET /retention", dispose, s.retentionShow},
		{"POST /retention/rules", manage, s.ruleAdd},
		{"POST /retention/proposals", dispose, s.propose},
		{"POST /retention/proposals/{proposal}", dispose, s.decide},
		{"POST /documents/{id}/hold", freeze, s.holdPut},
		{"POST /retention/holds/{hold}/lift", freeze, s.holdLift},
	}
}

// mostDue is how many documents a page lists.
const mostDue = 200

type retentionView struct {
	Day       string // YYYY-MM-DD of the list
	Rules     retention.Rules
	Due       []retention.Standing
	More      bool
	Proposals []retention.Proposal
	Holds     []retention.Held
	Kinds     []dossier.Kind
	Grades    []retention.Grade
	MayRule   bool
	MayLift   bool
	Me        dossier.PersonID
	Given     map[string]string
	N         names
	Problem   *problem
}

func (s *server) retentionShow(v *visit) error { return s.retentionPage(v, nil, nil) }

// retentionPage shows rules, what is due and what waits; and what is wrong with
// a form that was given.
func (s *server) retentionPage(v *visit, given map[string]string, wrong error) error {
	view := retentionView{Grades: retention.Grades[:], MayRule: v.allowed(manage, nil) == nil, MayLift: v.allowed(freeze, nil) == nil, Me: v.who.ID, Given: given}
	at, status := s.Now(), http.StatusOK
	if text := strings.TrimSpace(v.r.FormValue("at")); text != "" {
		day, err := searchDay(text, "retention.at")
		if err != nil {
			wrong = err
		} else if at, err = time.ParseInLocation(time.DateOnly, day, dossier.VietNam); err != nil {
			return err
		}
	}
	view.Day = at.In(dossier.VietNam).Format(time.DateOnly)
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	var err error
	if view.Rules, err = s.Retention.Rules(v.ctx()); err != nil {
		return err
	}
	if view.Due, view.More, err = s.Retention.Due(v.ctx(), at, v.sight.agencies(), v.sight.within, mostDue); err != nil {
		return err
	}
	if view.Proposals, err = s.Retention.Proposals(v.ctx(), true, v.sight.agencies(), v.sight.within, mostDue); err != nil {
		return err
	}
	if view.MayLift {
		if view.Holds, err = s.Retention.Holds(v.ctx(), true, mostDue); err != nil {
			return err
		}
		if v.sight.narrow() {
			view.Holds = slices.DeleteFunc(view.Holds, func(h retention.Held) bool { return h.Who != v.who.ID })
		}
		if view.Holds, err = s.heldOpen(v, view.Holds); err != nil {
			return err
		}
	}
	if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	return s.show(v, status, "retention", "retention.title", view)
}

// retained goes back to the page, or shows it with what is wrong.
func (s *server) retained(v *visit, err error) error {
	known := errors.Is(err, dossier.ErrInvalid) || errors.Is(err, dossier.ErrConflict) || errors.As(err, new(*retention.Refusal))
	switch {
	case err == nil:
		return v.to("/retention")
	case v.json() || !known:
		return err
	}
	given := map[string]string{}
	for name, values := range v.r.PostForm {
		given[name] = values[0]
	}
	return s.retentionPage(v, given, err)
}

// ruleAdd adds a rule. It is never edited: the next one has a later day.
func (s *server) ruleAdd(v *visit) error {
	form := func(name string) string { return clean(v.r.PostFormValue(name)) }
	r := retention.Rule{Kind: dossier.KindCode(form("kind")), Law: form("law"), Article: form("article"), Grade: retention.Grade(form("grade")), Note: form("note"), Who: v.who.ID, Demo: v.who.Demo}
	var err error
	if years := form("years"); v.r.PostFormValue("ever") == "" {
		if r.Years, err = strconv.Atoi(years); err != nil || r.Years < 1 || r.Years > retention.MostYears {
			return s.retained(v, invalid("retention.years"))
		}
	}
	day, err := searchDay(form("from"), "retention.from")
	if err != nil || day == "" {
		return s.retained(v, invalid("retention.from"))
	}
	if r.From, err = time.ParseInLocation(time.DateOnly, day, dossier.VietNam); err != nil {
		return err
	}
	if r.Law == "" {
		return s.retained(v, invalid("retention.law"))
	}
	_, err = s.Retention.AddRule(v.ctx(), r, v.who.Role)
	if errors.Is(err, dossier.ErrConflict) {
		err = told("taken", err)
	}
	return s.retained(v, err)
}

// deed is an act in the visitor's name.
func (v *visit) deed(act retention.Act) retention.Deed {
	return retention.Deed{Act: act, Who: v.who.ID, By: v.who.Role, Why: clean(v.r.PostFormValue("why"))}
}

// propose proposes documents that the visitor may see, as many as were picked.
func (s *server) propose(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return invalid("retention.title")
	}
	picked := v.r.PostForm["pick"]
	if len(picked) == 0 {
		return s.retained(v, told("nothing", dossier.ErrInvalid))
	}
	for _, id := range picked {
		d, err := s.seen1(v, dossier.DocumentID(id), dispose)
		if err != nil {
			return err
		}
		x := v.deed(retention.Propose)
		x.Document = d.ID
		if _, err := s.Retention.Propose(v.ctx(), x); err != nil {
			return s.retained(v, err)
		}
	}
	return s.retained(v, nil)
}

// seen1 loads a document that a form names, if the visitor may see it.
func (s *server) seen1(v *visit, id dossier.DocumentID, want right) (dossier.Document, error) {
	d, err := s.Documents.Document(v.ctx(), id)
	if err != nil {
		return d, err
	}
	do, err := s.Dossiers.Dossier(v.ctx(), d.Dossier)
	if err != nil {
		return d, err
	}
	return d, v.allowedFor(want, do, d.Kind)
}

// decide approves or refuses a proposal about a document that the visitor may
// see.
func (s *server) decide(v *visit) error {
	list, err := s.Retention.Proposals(v.ctx(), true, v.sight.agencies(), v.sight.within, 0)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p retention.Proposal) bool { return p.ID == v.r.PathValue("proposal") })
	if i < 0 {
		return dossier.ErrNotFound
	}
	act := retention.Act(v.r.PostFormValue("answer"))
	if act != retention.Approve && act != retention.Refuse {
		return invalid("retention.answer")
	}
	x := v.deed(act)
	x.Refers = list[i].ID
	_, err = s.Retention.Decide(v.ctx(), x)
	return s.retained(v, err)
}

func (s *server) holdPut(v *visit) error {
	d, _, err := s.hold(v)
	if err != nil {
		return err
	}
	return v.to("/documents/" + string(d.ID))
}

// hold has a document stay, or all of its dossier, or all of its holder's.
func (s *server) hold(v *visit) (dossier.Document, retention.Deed, error) {
	d, do, err := s.document(v, freeze)
	if err != nil {
		return d, retention.Deed{}, err
	}
	x := v.deed(retention.Hold)
	switch v.r.PostFormValue("of") {
	case "", "document":
		x.Document = d.ID
	case "dossier":
		x.Dossier = do.Code
	case "holder":
		x.Holder = do.Holder
	default:
		return d, x, invalid("retention.of")
	}
	x, err = s.Retention.HoldPapers(v.ctx(), x)
	return d, x, err
}

// lift ends a hold: an auditor, and who sees not all, their own; an administrator any.
func (s *server) lift(v *visit) (retention.Deed, error) {
	x := v.deed(retention.Lift)
	x.Refers = v.r.PathValue("hold")
	if v.sight.narrow() || v.who.Role == dossier.Auditor {
		list, err := s.Retention.Holds(v.ctx(), true, 0)
		if err != nil {
			return x, err
		}
		list = slices.DeleteFunc(list, func(h retention.Held) bool { return h.ID != x.Refers || h.Who != v.who.ID })
		if list, err = s.heldOpen(v, list); err != nil {
			return x, err
		}
		if len(list) == 0 {
			return x, dossier.ErrNotFound
		}
	}
	return s.Retention.LiftHold(v.ctx(), x)
}

func (s *server) holdLift(v *visit) error {
	if _, err := s.lift(v); err != nil {
		return s.kept(v, err)
	}
	if back := localPath(v.r.PostFormValue("back")); back != "/" {
		return v.to(back)
	}
	return v.to("/retention")
}

// kept is an error of a form that is on the page of a document too.
func (s *server) kept(v *visit, err error) error {
	if v.allowed(dispose, nil) != nil {
		return err
	}
	return s.retained(v, err)
}

// retentionCard is what a document's page says of keeping it.
type retentionCard struct {
	Standing retention.Standing
	Refusal  *retention.Refusal // why it may not go now; nil: it may
	Holds    []retention.Held   // that keep it
	MayHold  bool
	Own      bool // only what Me put may Me lift
	Me       dossier.PersonID
	Why      string // Refusal, in words
}

// fillRetention finds how the document stands to the rules.
func (s *server) fillRetention(v *visit, view *documentView) (err error) {
	card := retentionCard{MayHold: v.allowed(freeze, nil) == nil, Me: v.who.ID, Own: v.sight.narrow() || v.who.Role == dossier.Auditor}
	if card.Standing, err = s.Retention.Standing(v.ctx(), view.Document.ID, s.Now()); err != nil {
		return err
	}
	if card.Refusal = card.Standing.Refuse(s.Now()); card.Refusal != nil {
		card.Why = card.Refusal.Say(v.lang)
	}
	if card.Standing.Held {
		all, err := s.Retention.Holds(v.ctx(), true, 0)
		if err != nil {
			return err
		}
		for _, h := range all {
			if h.Document == card.Standing.Document || h.Dossier == card.Standing.Dossier || h.Holder == card.Standing.Holder {
				card.Holds = append(card.Holds, h)
			}
		}
	}
	view.Keep = card
	return nil
}

// disposedOf says that a document's bytes are gone, to whatever would show them.
func disposedOf(d dossier.Document) error {
	if d.Disposed.IsZero() {
		return nil
	}
	return told("disposed", fmt.Errorf("%w: %s was disposed of", dossier.ErrNotFound, d.ID))
}

type tombstoneView struct {
	Document dossier.Document
	Dossier  dossier.Dossier
	Disposal retention.Disposal
	Fields   []dossier.Field
	Changes  []dossier.Change
	Place    int64 // of the certificate in the ledger; -1: none yet
	N        names
}

// tombstone shows what is left of a document that was disposed of: its record,
// and the certificate.
func (s *server) tombstone(v *visit, d dossier.Document, do dossier.Dossier) error {
	view := tombstoneView{Document: d, Dossier: do, Place: -1}
	var err error
	if view.Disposal, err = s.Retention.Disposal(v.ctx(), d.ID); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	if view.Fields, err = s.Documents.Fields(v.ctx(), d.ID); err != nil {
		return err
	}
	if view.Changes, err = s.Documents.Changes(v.ctx(), d.ID); err != nil {
		return err
	}
	log, err := s.Ledger.LogOf(v.ctx(), d.ID)
	for _, p := range log {
		if p.ID == view.Disposal.Certificate {
			view.Place = p.Place
		}
	}
	if err != nil {
		return err
	}
	if v.json() {
		return v.reply(view.Disposal)
	}
	return s.show(v, http.StatusOK, "disposed", "disposal.title", view)
}
