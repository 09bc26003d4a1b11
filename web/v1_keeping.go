package web

import (
	"net/url"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/record"
	"sohoa/dossier/retention"
	"sohoa/web/api"
)

// What programs may do about keeping papers, and about what stands on records. What is
// to be destroyed a person decides, at the page.

type v1Rule struct {
	ID      string           `json:"id"`
	Kind    dossier.KindCode `json:"kind,omitempty" doc:"none: every kind that has no rule of its own"`
	Years   int              `json:"years" doc:"0: for ever"`
	From    string           `json:"from" format:"date"`
	Law     string           `json:"law"`
	Article string           `json:"article,omitempty"`
	Grade   retention.Grade  `json:"grade" enum:"P|S|T|I" doc:"what its wording was taken from: the article, a page that tells of it, a note of practitioners, our own choice"`
}

type v1Rules struct {
	Rules []v1Rule `json:"rules"`
}

type v1Standing struct {
	Document dossier.DocumentID `json:"document"`
	Dossier  dossier.Code       `json:"dossier"`
	Slot     dossier.SlotCode   `json:"slot"`
	Kind     dossier.KindCode   `json:"kind"`
	Ended    time.Time          `json:"ended,omitzero" doc:"when the work ended"`
	Until    time.Time          `json:"until,omitzero" doc:"from when on it may go; none: never"`
	Rule     string             `json:"rule,omitempty" doc:"that governs"`
	Held     bool               `json:"held"`
	Proposal string             `json:"proposal,omitempty" doc:"that waits for an answer"`
}

type v1Due struct {
	Documents []v1Standing `json:"documents" doc:"whose time is over, as they came in"`
	After     string       `json:"after,omitempty"`
}

type v1Proposal struct {
	ID       string             `json:"id"`
	Document dossier.DocumentID `json:"document"`
	Rule     string             `json:"rule"`
	Who      dossier.PersonID   `json:"who"`
	At       time.Time          `json:"at"`
	Why      string             `json:"why"`
}

type v1Proposals struct {
	Proposals []v1Proposal `json:"proposals" doc:"that wait for somebody else's answer, oldest first"`
	After     string       `json:"after,omitempty"`
}

type v1Propose struct {
	Documents []dossier.DocumentID `json:"documents" pattern:"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" min:"1" max:"200"`
	Why       string               `json:"why" min:"1" max:"1000"`
}

type v1Answered struct {
	Answer retention.Act `json:"answer" enum:"approve|refuse"`
	Why    string        `json:"why,omitempty" max:"1000"`
}

type v1Hold struct {
	Of  string `json:"of,omitempty" enum:"document|dossier|holder" doc:"what stays; the document unless it says"`
	Why string `json:"why" min:"1" max:"1000"`
}

type v1Held struct {
	ID       string             `json:"id"`
	Document dossier.DocumentID `json:"document,omitempty"`
	Dossier  dossier.Code       `json:"dossier,omitempty"`
	Holder   dossier.HolderID   `json:"holder,omitempty"`
	Why      string             `json:"why"`
}

type v1Why struct {
	Why string `json:"why" min:"1" max:"1000"`
}

type v1Deed struct {
	Act     record.Act      `json:"act" enum:"withdraw|replace|correct"`
	Why     string          `json:"why" min:"1" max:"1000"`
	By      dossier.EntryID `json:"by,omitempty" pattern:"^[0-9a-f-]{36}$" doc:"with replace: the entry that takes its place"`
	Number  string          `json:"number,omitempty" max:"200" doc:"with correct, as the following: what is left out is empty afterwards"`
	Title   string          `json:"title,omitempty" max:"500"`
	Issuer  string          `json:"issuer,omitempty" max:"500"`
	Scope   string          `json:"scope,omitempty" max:"500"`
	Issued  string          `json:"issued,omitempty" format:"date"`
	Expires string          `json:"expires,omitempty" format:"date"`
}

// v1Keeping are the operations about how long papers are kept.
func (s *server) v1Keeping(k opKit) []v1Op {
	return []v1Op{
		k.gives(k.op(dispose, "listRules", "GET", "/retention/rules", s.v1Rules), 200, v1Rules{}),
		k.gives(k.op(dispose, "listDue", "GET", "/retention/due", s.v1Due).with(query("at", &api.Schema{Type: "string", Format: "date"}, "as it stands on that day; today unless it says")).with(paging()...), 200, v1Due{}),
		k.gives(k.op(dispose, "listProposals", "GET", "/retention/proposals", s.v1Proposals).with(paging()...), 200, v1Proposals{}),
		k.gives(k.takes(k.op(dispose, "proposeDisposal", "POST", "/retention/proposals", s.v1Propose), v1Propose{}), 200, v1Proposals{}),
		k.gives(k.takes(k.op(dispose, "decideDisposal", "POST", "/retention/proposals/{proposal}", s.v1Answer), v1Answered{}), 200, v1Proposals{}),
		k.gives(k.takes(k.op(freeze, "liftHold", "POST", "/retention/holds/{hold}/lift", s.v1Lift), v1Why{}), 200, v1Held{}),
	}
}

func (s *server) v1Rules(v *visit, _ any) (*v1Answer, error) {
	all, err := s.Retention.Rules(v.ctx())
	if err != nil {
		return nil, err
	}
	out := &v1Rules{}
	for _, r := range all {
		out.Rules = append(out.Rules, v1Rule{r.ID, r.Kind, r.Years, r.From.In(dossier.VietNam).Format(time.DateOnly), r.Law, r.Article, r.Grade})
	}
	return shown(out), nil
}

// v1Due lists papers whose time is over, of what the visitor may see.
func (s *server) v1Due(v *visit, _ any) (*v1Answer, error) {
	at, err := dayGiven(v.query("at"), 0, "retention.at")
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = s.Now()
	}
	var after dossier.DocumentID
	if text := v.query("after"); text != "" {
		if err := api.Goes(text, &after); err != nil {
			return nil, err
		}
	}
	due, more, err := s.Retention.DueFrom(v.ctx(), at, v.sight.agencies(), v.sight.within, after, v.most())
	if err != nil {
		return nil, err
	}
	out := &v1Due{}
	if more {
		out.After = api.Cursor(due[len(due)-1].Document)
	}
	for _, x := range due {
		out.Documents = append(out.Documents, v1Standing{x.Document, x.Dossier, x.Slot, x.Kind, x.Ended, x.Until(), x.Rule.ID, x.Held, x.Proposed})
	}
	return shown(out), nil
}

func (s *server) v1Proposals(v *visit, _ any) (*v1Answer, error) {
	var after string
	if text := v.query("after"); text != "" {
		if err := api.Goes(text, &after); err != nil {
			return nil, err
		}
	}
	all, err := s.Retention.ProposalsFrom(v.ctx(), v.sight.agencies(), v.sight.within, after, v.most()+1)
	if err != nil {
		return nil, err
	}
	out := &v1Proposals{}
	if len(all) > v.most() {
		all = all[:v.most()]
		out.After = api.Cursor(all[len(all)-1].ID)
	}
	for _, p := range all {
		out.Proposals = append(out.Proposals, v1Proposal{p.ID, p.Document, p.Refers, p.Who, p.At, p.Why})
	}
	return shown(out), nil
}

func (s *server) v1Propose(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Propose)
	form := url.Values{"why": {b.Why}}
	for _, id := range b.Documents {
		form.Add("pick", string(id))
	}
	v.fill(form)
	if err := s.propose(v); err != nil {
		return nil, err
	}
	return s.v1Proposals(v, nil)
}

// v1Answer decides on a proposal, as a person does: no program destroys anything.
func (s *server) v1Answer(v *visit, body any) (*v1Answer, error) {
	if v.key != nil {
		return nil, told("key-decides", dossier.ErrForbidden)
	}
	b := body.(*v1Answered)
	v.fill(url.Values{"answer": {string(b.Answer)}, "why": {b.Why}})
	if err := s.decide(v); err != nil {
		return nil, err
	}
	return s.v1Proposals(v, nil)
}

func heldOf(d retention.Deed) *v1Held {
	return &v1Held{d.ID, d.Document, d.Dossier, d.Holder, d.Why}
}

func (s *server) v1Hold(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Hold)
	v.fill(url.Values{"of": {b.Of}, "why": {b.Why}})
	_, held, err := s.hold(v)
	if err != nil {
		return nil, err
	}
	return shown(heldOf(held)), nil
}

func (s *server) v1Lift(v *visit, body any) (*v1Answer, error) {
	v.fill(url.Values{"why": {body.(*v1Why).Why}})
	lifted, err := s.lift(v)
	if err != nil {
		return nil, err
	}
	lifted.ID = lifted.Refers // of the hold, by which it was asked
	return shown(heldOf(lifted)), nil
}

// v1Deed withdraws, replaces or corrects an entry, and shows it as it then is.
func (s *server) v1Deed(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Deed)
	v.fill(url.Values{"act": {string(b.Act)}, "why": {strings.TrimSpace(b.Why)}, "by": {string(b.By)}, "number": {b.Number}, "title": {b.Title}, "issuer": {b.Issuer},
		"scope": {b.Scope}, "issued": {dayMonth(b.Issued)}, "expires": {dayMonth(b.Expires)}})
	if err := s.entryAct(v); err != nil {
		return nil, err
	}
	return s.v1Entry(v, nil)
}
