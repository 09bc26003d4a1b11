package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/web/api"
)

// v1Me says who asks and what they may.
func (s *server) v1Me(v *visit, _ any) (*v1Answer, error) {
	out := &v1Me{ID: v.who.ID, Login: v.who.Login, Name: v.who.Name, Role: v.who.Role, Agency: v.who.Agency}
	for r := range rights {
		if v.allowed(r, nil) == nil {
			out.Rights = append(out.Rights, string(r))
		}
	}
	slices.Sort(out.Rights)
	if v.key != nil {
		out.Key = &v1Key{v.key.Head, v.key.Agency, v.key.Until}
	}
	if c := v.sight.closed; !c.IsZero() {
		out.Closed = &v1Closed{c.Kinds, c.Procedures}
	}
	return shown(out), nil
}

// listed is a page of what a list has in the order of its codes, and where the next one
// goes on.
func listed[T any](v *visit, all []T, code func(T) string) (page []T, after string, err error) {
	last := ""
	if v.query("after") != "" {
		if err := api.Goes(v.query("after"), &last); err != nil {
			return nil, "", err
		}
	}
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(code(a), code(b)) })
	all = slices.DeleteFunc(all, func(x T) bool { return code(x) <= last })
	if len(all) > v.most() {
		all = all[:v.most()]
		after = api.Cursor(code(all[len(all)-1]))
	}
	return all, after, nil
}

func (s *server) v1Agencies(v *visit, _ any) (*v1Answer, error) {
	all, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return nil, err
	}
	out := &v1Agencies{}
	all, out.After, err = listed(v, all, func(a dossier.Agency) string { return string(a.Code) })
	for _, a := range all {
		out.Agencies = append(out.Agencies, v1Agency{a.Code, a.Name, a.Parent, a.Tier})
	}
	return shown(out), err
}

func (s *server) v1Kinds(v *visit, _ any) (*v1Answer, error) {
	all, err := s.Catalogue.Kinds(v.ctx())
	if err != nil {
		return nil, err
	}
	out := &v1Kinds{}
	all, out.After, err = listed(v, all, func(k dossier.Kind) string { return string(k.Code) })
	for _, k := range all {
		out.Kinds = append(out.Kinds, v1Kind{k.Code, k.Name})
	}
	return shown(out), err
}

func (s *server) v1Procedures(v *visit, _ any) (*v1Answer, error) {
	all, err := s.Catalogue.Procedures(v.ctx())
	if err != nil {
		return nil, err
	}
	out := &v1Procedures{}
	all, out.After, err = listed(v, all, func(p dossier.Procedure) string { return string(p.Code) })
	for _, p := range all {
		one := v1Procedure{Code: p.Code, Name: p.Name, Field: p.Field, Level: p.Level, ResultKind: p.ResultKind, Days: p.Days, Ended: p.Ended}
		for _, c := range p.Components {
			one.Components = append(one.Components, partOf(c))
		}
		out.Procedures = append(out.Procedures, one)
	}
	return shown(out), err
}

func partOf(c dossier.Component) v1Part {
	return v1Part{c.Slot, c.Kind, c.Name, c.Required, c.Digitise}
}

func briefOf(d dossier.Dossier) v1Brief {
	return v1Brief{d.Code, d.Procedure, d.Receiving, d.Competent, d.Channel, d.Received, d.Due, d.Resolved}
}

func holderOf(h dossier.Holder) v1Holder {
	return v1Holder{h.ID, h.Name, dossier.MaskNumber(h.Number)}
}

// v1Dossiers lists dossiers, newest first.
func (s *server) v1Dossiers(v *visit, _ any) (*v1Answer, error) {
	if personNumber().MatchString(v.query("code")) {
		return nil, invalid("dossier.code")
	}
	q := DossierQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Code: v.query("code"), Open: v.query("open") == "true", Limit: v.most() + 1}
	var err error
	if q.From, err = dayGiven(v.query("from"), 0, "dossiers.from"); err != nil {
		return nil, err
	}
	if q.To, err = dayGiven(v.query("to"), 1, "dossiers.to"); err != nil {
		return nil, err
	}
	if after := v.query("after"); after != "" {
		q.After = &dossier.DossierMark{}
		if err := api.Goes(after, q.After); err != nil {
			return nil, err
		}
	}
	all, err := s.Dossiers.Dossiers(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	out := &v1Dossiers{}
	if len(all) > v.most() {
		all = all[:v.most()]
		out.After = api.Cursor(all[len(all)-1].Mark())
	}
	for _, d := range all {
		out.Dossiers = append(out.Dossiers, briefOf(d))
	}
	return shown(out), nil
}

func (s *server) v1Show(v *visit, _ any) (*v1Answer, error) {
	d, err := s.dossier(v, look)
	if err != nil {
		return nil, err
	}
	return s.v1Case(v, d)
}

// v1Case shows a dossier as its page does.
func (s *server) v1Case(v *visit, d dossier.Dossier) (*v1Answer, error) {
	if err := s.looked(v, dossier.ReadDossier, "", d); err != nil {
		return nil, err
	}
	holder, err := s.Holders.Holder(v.ctx(), d.Holder)
	if err != nil {
		return nil, err
	}
	places, err := s.places(v, d)
	if err != nil {
		return nil, err
	}
	events, err := s.Record.Events(v.ctx(), d.Code)
	if err != nil {
		return nil, err
	}
	c, err := s.counted(v, d, places, events) // closed slots are not told of
	if err != nil {
		return nil, err
	}
	out := &v1Dossier{v1Brief: briefOf(d), Holder: holderOf(holder), Undecided: c.Undecided, HandedOn: c.HandedOn}
	if d.Applicant != "" {
		a := holderOf(c.Applicant)
		out.Applicant = &a
	}
	for _, p := range places {
		one := v1Component{v1Part: partOf(p.Component), Refused: p.Refuse, Decision: p.Decided.Decision, Pages: p.Decided.Pages, Closed: p.Closed}
		if p.Document != nil {
			one.Document, one.State = p.Document.ID, p.Document.State
		}
		if p.Reused != nil {
			one.Entry = p.Reused.ID
		}
		for _, e := range p.Held {
			one.Held = append(one.Held, e.ID)
		}
		out.Components = append(out.Components, one)
	}
	return &v1Answer{value: out, tagged: true, version: -1}, nil
}

// caseNow loads a dossier anew after something was done to it.
func (s *server) caseNow(v *visit) (*v1Answer, error) {
	d, err := s.Dossiers.Dossier(v.ctx(), dossier.Code(v.r.PathValue("code")))
	if err != nil {
		return nil, err
	}
	return s.v1Case(v, d)
}

// v1CaseAct does what a page does with a dossier, and shows it as it then is.
func (s *server) v1CaseAct(do func(*visit) error) func(*visit, any) (*v1Answer, error) {
	return func(v *visit, _ any) (*v1Answer, error) {
		v.fill(url.Values{})
		if err := do(v); err != nil {
			return nil, err
		}
		return s.caseNow(v)
	}
}

// dayMonth writes a YYYY-MM-DD as forms have it.
func dayMonth(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2/1/2006")
}

func (s *server) v1Open(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1NewDossier)
	form := url.Values{"procedure": {string(b.Procedure)}, "receiving": {string(b.Receiving)}, "competent": {string(b.Competent)}, "channel": {string(b.Channel)},
		"holder": {string(b.Holder.ID)}, "holder_number": {b.Holder.Number}, "holder_name": {b.Holder.Name}, "holder_born": {dayMonth(b.Holder.Born)}}
	if b.Applicant != nil {
		form.Set("applicant_number", b.Applicant.Number)
		form.Set("applicant_name", b.Applicant.Name)
	}
	v.fill(form)
	if err := s.dossierNew(v); err != nil {
		return nil, err
	}
	d, err := s.Dossiers.Dossier(v.ctx(), dossier.Code(strings.TrimPrefix(v.went, "/dossiers/")))
	if err != nil {
		return nil, err
	}
	a, err := s.v1Case(v, d)
	if err == nil {
		a.status, a.at = http.StatusCreated, v1Root+"dossiers/"+string(d.Code)
	}
	return a, err
}

func (s *server) v1Decision(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Decide)
	v.fill(url.Values{"decision": {string(b.Decision)}, "pages": {strconv.Itoa(b.Pages)}, "twice": {strconv.Itoa(b.Twice)}})
	if err := s.decideSlot(v); err != nil {
		return nil, err
	}
	return s.caseNow(v)
}

func (s *server) v1TakeBack(v *visit, body any) (*v1Answer, error) {
	v.fill(url.Values{"why": {string(body.(*v1Mistake).Why)}})
	if err := s.takeBack(v); err != nil {
		return nil, err
	}
	return s.caseNow(v)
}

func (s *server) v1Again(v *visit, body any) (*v1Answer, error) {
	v.fill(url.Values{"entry": {string(body.(*v1Reuse).Entry)}})
	if err := s.reuse(v); err != nil {
		return nil, err
	}
	return s.caseNow(v)
}

// v1Bring takes a file in and answers at once: what becomes of it is the job's to tell.
// The same bytes for the same slot give the same document, so it needs no key.
func (s *server) v1Bring(v *visit, _ any) (*v1Answer, error) {
	d, err := s.dossier(v, receive)
	if err != nil {
		return nil, err
	}
	job, err := s.callback(v)
	if err != nil {
		return nil, err
	}
	doc, err := s.bring(v, d, dossier.SlotCode(v.r.PathValue("slot")))
	if err != nil {
		return nil, err
	}
	job.Document = doc.ID
	j, err := s.Answers.AddJob(v.ctx(), job)
	if err != nil {
		return nil, err
	}
	return &v1Answer{status: http.StatusAccepted, value: jobOf(j, doc), at: v1Root + "jobs/" + j.ID, version: -1}, nil
}

// Headers that say where a program is told that its job is over.
const (
	callbackHeader = "Callback-Url"
	failedHeader   = "Callback-Error-Url"
)

// callback is a job with the addresses that its program named: of hosts alone that may be
// called, and of programs alone, since what is told is signed with what follows from a key.
func (s *server) callback(v *visit) (account.Job, error) {
	j := account.Job{Account: v.self.ID, URL: v.r.Header.Get(callbackHeader), FailedURL: v.r.Header.Get(failedHeader)}
	if j.URL == "" && j.FailedURL == "" {
		return j, nil
	}
	if j.FailedURL = cmp.Or(j.FailedURL, j.URL); v.key == nil || s.Calls.Check(j.URL) != nil || s.Calls.Check(j.FailedURL) != nil {
		return j, told("callback", dossier.ErrInvalid)
	}
	j.Key = v.key.ID
	return j, nil
}

func (s *server) v1Job(v *visit, _ any) (*v1Answer, error) {
	j, err := s.Answers.Job(v.ctx(), v.self.ID, v.r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	v.r.SetPathValue("id", string(j.Document))
	d, _, err := s.document(v, look)
	if err != nil {
		return nil, err
	}
	out := jobOf(j, d)
	c, err := s.Answers.Callback(v.ctx(), j.ID)
	if errors.Is(err, dossier.ErrNotFound) {
		return shown(out), nil
	}
	out.Callback = &v1Callback{Status: "waits", Tries: c.Tries, Next: c.Next, Said: c.Said}
	if c.Taken {
		out.Callback.Status = "taken"
	} else if c.Dead {
		out.Callback.Status = "given-up"
	}
	return shown(out), err
}

// jobOf says how a job stands: its document's row does.
func jobOf(j account.Job, d dossier.Document) *v1Job {
	out := &v1Job{ID: j.ID, Document: d.ID, State: d.State, Status: "done", Trouble: d.Trouble, Made: j.At}
	if _, due := dossier.Due(d.State); due {
		out.Status = "running"
	}
	if d.State == dossier.Refused {
		out.Status, out.Why = "failed", d.Why
	}
	out.Waits, _ = dossier.Waits(d.State)
	return out
}

// v1RecordBy shows the record of a dossier's holder, as its page does.
func (s *server) v1RecordBy(v *visit, _ any) (*v1Answer, error) {
	view, err := s.recordBy(v)
	if err != nil {
		return nil, err
	}
	return shown(recordOf(view.Holder, view.Entries)), nil
}

func recordOf(h dossier.Holder, entries []entry) *v1Record {
	out := &v1Record{Holder: holderOf(h)}
	for _, e := range entries {
		out.Entries = append(out.Entries, entryOf(e.Entry, e.Valid))
	}
	return out
}

func entryOf(e dossier.Entry, valid bool) v1Entry {
	return v1Entry{e.ID, e.Kind, e.Document, e.Dossier, e.Title, e.Number, e.Issuer, e.Issued, e.Expires, e.Added, valid}
}

func (s *server) v1Lookers(v *visit, _ any) (*v1Answer, error) {
	d, err := s.dossier(v, trace)
	if err != nil {
		return nil, err
	}
	holder, err := s.Holders.Holder(v.ctx(), d.Holder)
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, dossier.ReadLookers, "", d); err != nil {
		return nil, err
	}
	list, err := s.lookersAt(v, holder)
	out := &v1Readings{More: len(list) == mostLookers}
	for _, p := range list {
		out.Readings = append(out.Readings, v1Reading{p.Place, p.At, p.Who, p.By, p.Act, p.Purpose, p.Dossier, p.Document})
	}
	return shown(out), err
}
