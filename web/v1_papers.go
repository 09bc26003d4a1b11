package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/search"
	"sohoa/web/api"
)

func (v *visit) listed(d dossier.Document) v1Listed {
	return v1Listed{d.ID, d.Dossier, d.Slot, d.Kind, d.State, d.Version, v.acts(d), d.Pages, d.Received, d.Changed, d.Trouble}
}

func (s *server) v1Tasks(v *visit, _ any) (*v1Answer, error) {
	view, err := s.tasks(v)
	if err != nil {
		return nil, err
	}
	out := &v1Tasks{More: view.More, Doubtful: view.Doubtful}
	for _, t := range view.Tasks {
		out.Documents = append(out.Documents, v.listed(t.Document))
	}
	return shown(out), nil
}

// v1Documents lists documents as they came in.
func (s *server) v1Documents(v *visit, _ any) (*v1Answer, error) {
	q := DocumentQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Dossier: dossier.Code(v.query("dossier")), Troubled: v.query("troubled") == "true",
		Doubtful: v.query("doubtful") == "true", ByID: true, Limit: v.most() + 1}
	if state := v.query("state"); state != "" {
		q.States = []dossier.State{dossier.State(state)}
	}
	if after := v.query("after"); after != "" {
		if err := api.Goes(after, &q.After); err != nil {
			return nil, err
		}
	}
	all, err := s.Documents.Documents(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	out := &v1Documents{}
	if len(all) > v.most() {
		all = all[:v.most()]
		out.After = api.Cursor(all[len(all)-1].ID)
	}
	for _, d := range all {
		out.Documents = append(out.Documents, v.listed(d))
	}
	return shown(out), nil
}

func (s *server) v1Document(v *visit, _ any) (*v1Answer, error) {
	d, do, err := s.document(v, look)
	if err != nil {
		return nil, err
	}
	out, err := s.documentData(v, d, do)
	return &v1Answer{value: &out, tagged: true, version: d.Version}, err
}

// v1Move performs an act on a document as it was looked at.
func (s *server) v1Move(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Act)
	version, err := api.Version(v.r.Header.Get("If-Match"))
	if err != nil {
		return nil, &api.Wrong{At: "If-Match", Rule: "pattern"}
	}
	form := url.Values{"version": {version}, "why": {b.Why}}
	for name, value := range b.Fields {
		if !knownField(dossier.FieldName(name)) {
			return nil, &api.Wrong{At: "/fields", Rule: "additionalProperties"}
		}
		form.Set(name, value)
	}
	v.fill(form)
	if err := s.act(v); err != nil {
		if _, code := kindOf(err); code == "stale" {
			err = told("precondition", err)
		}
		return nil, err
	}
	return s.v1Document(v, nil)
}

func knownField(name dossier.FieldName) bool {
	for _, n := range dossier.FieldNames {
		if n == name {
			return true
		}
	}
	return false
}

func (s *server) v1Reviewed(v *visit, _ any) (*v1Answer, error) {
	if err := s.reviewed(v); err != nil {
		return nil, err
	}
	return s.v1Document(v, nil)
}

// v1Signatures says what is to be thought of a document's signatures.
func (s *server) v1Signatures(v *visit, _ any) (*v1Answer, error) {
	d, do, err := s.document(v, look)
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return nil, err
	}
	if err := disposedOf(d); err != nil {
		return nil, err
	}
	out := &v1Signatures{Document: d.ID}
	if !signed(d) {
		return shown(out), nil
	}
	verdict, err := s.Verify(v.ctx(), d)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", d.ID, err)
	}
	out.Notes = verdict.NotesVI
	if v.lang == "en" {
		out.Notes = verdict.NotesEN
	}
	for _, x := range verdict.Signatures {
		one := v1Signature{x.Signer, x.Organisation, x.Serial, x.Time, x.Level, x.Verdict, x.ReasonVI, x.Stamp, x.Dev}
		if v.lang == "en" {
			one.Reason = x.ReasonEN
		}
		out.Signatures = append(out.Signatures, one)
	}
	return shown(out), nil
}

// v1Events lists the changes of a document, oldest first, with their places in the
// ledger.
func (s *server) v1Events(v *visit, _ any) (*v1Answer, error) {
	d, do, err := s.document(v, look)
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return nil, err
	}
	changes, err := s.Documents.Changes(v.ctx(), d.ID)
	if err != nil {
		return nil, err
	}
	view := documentView{Document: d}
	if err := s.fillPlaces(v, &view); err != nil {
		return nil, err
	}
	after := int64(-1)
	if text := v.query("after"); text != "" {
		if err := api.Goes(text, &after); err != nil {
			return nil, err
		}
	}
	out := &v1Events{}
	for _, c := range changes {
		if c.Version <= after {
			continue
		}
		if len(out.Events) == v.most() {
			out.After = api.Cursor(out.Events[len(out.Events)-1].Version)
			break
		}
		one := v1Event{Version: c.Version, Act: c.Act, Role: c.By, Who: c.Who, At: c.At, Why: c.Why, Made: map[string]string{}}
		for part, sum := range c.Made {
			one.Made[string(part)] = sum.String()
		}
		if place := view.Place(c.Version); place >= 0 {
			one.Place = &place
		}
		out.Events = append(out.Events, one)
	}
	return shown(out), nil
}

// v1Hits finds words in a document, as its page lights them.
func (s *server) v1Hits(v *visit, body any) (*v1Answer, error) {
	d, do, err := s.document(v, look)
	if err != nil {
		return nil, err
	}
	q := search.Query{Text: strings.TrimSpace(body.(*v1Lit).Text), People: v.allowed(people, nil) == nil}
	plan, err := q.Plan()
	if err != nil {
		return nil, searchProblem(err)
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return nil, err
	}
	pages, err := s.readPages(v.ctx(), d)
	if err != nil {
		return nil, err
	}
	out := &v1Hits{}
	out.Hits, out.More = lightUp(plan, pages)
	return shown(out), nil
}

// v1Holders tells who somebody is, before anybody scans.
func (s *server) v1Holders(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Look)
	form := url.Values{"number": {b.Number}, "name": {b.Name}, "born": {dayMonth(b.Born)}}
	if b.Card != "" {
		form.Set("number", b.Card)
	}
	v.fill(form)
	found, err := s.holdersFound(v)
	if err != nil {
		return nil, err
	}
	out := &v1Found{}
	day := s.Now().In(dossier.VietNam).Format(time.DateOnly)
	for _, x := range found {
		one := v1Known{v1Holder: holderOf(x.Holder), Open: x.See}
		for _, e := range x.Held {
			one.Held = append(one.Held, entryOf(e, e.Offered(day)))
		}
		out.Holders = append(out.Holders, one)
	}
	return shown(out), nil
}

func (s *server) v1Record(v *visit, _ any) (*v1Answer, error) {
	h, err := s.holder(v)
	if err != nil {
		return nil, err
	}
	entries, err := s.recordOf(v, h)
	if err != nil {
		return nil, err
	}
	return shown(recordOf(h, entries)), nil
}

func (s *server) v1Number(v *visit, body any) (*v1Answer, error) {
	v.fill(url.Values{"purpose": {string(body.(*v1Purpose).Purpose)}})
	h, err := s.openNumber(v)
	if err != nil {
		return nil, err
	}
	return shown(&v1Number{h.ID, h.Number}), nil
}

func (s *server) v1Entry(v *visit, _ any) (*v1Answer, error) {
	e, used, err := s.entry(v)
	if err != nil {
		return nil, err
	}
	d, err := s.Dossiers.Dossier(v.ctx(), e.Dossier)
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, dossier.ReadViewed, e.Document, d); err != nil {
		return nil, err
	}
	holder, err := s.Holders.Holder(v.ctx(), e.Holder)
	if err != nil {
		return nil, err
	}
	return shown(&v1Used{entryOf(e, e.Offered(s.Now().In(dossier.VietNam).Format(time.DateOnly))), holderOf(holder), used}), nil
}

func (s *server) v1Search(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Search)
	form := url.Values{"q": {b.Text}, "kind": {string(b.Kind)}, "agency": {string(b.Agency)}, "holder": {b.Holder}, "number": {b.Number},
		"from": {b.From}, "to": {b.To}, "after": {b.After}}
	if b.Exact {
		form.Set("exact", "1")
	}
	v.fill(form)
	view, err := s.searchGiven(v)
	if err == nil {
		err = s.searchFor(v, &view)
	}
	if err != nil {
		return nil, searchProblem(err)
	}
	out := papersOf(*view.Answer)
	return shown(&out), nil
}

func (s *server) v1Figures(v *visit, _ any) (*v1Answer, error) {
	sp, in, opens, err := s.toExport(v)
	if err != nil {
		return nil, err
	}
	out := &v1Figures{Period: sp.Key}
	out.Figures, err = s.linesOf(v, in, opens)
	return shown(out), err
}

func (s *server) v1Closings(v *visit, _ any) (*v1Answer, error) {
	all, err := s.Closings.Versions(v.ctx(), "")
	if err != nil {
		return nil, err
	}
	out := &v1Closings{}
	for _, c := range all {
		out.Closings = append(out.Closings, v1Closing{string(c.Month), c.Version, c.At, c.Statement.String()})
	}
	return shown(out), nil
}

// v1Verify judges a file that is brought, and forgets it.
func (s *server) v1Verify(v *visit, _ any) (*v1Answer, error) {
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, s.MaxBytes+mostForm)
	j, err := s.judgeNoted(v, &verifyView{})
	if _, code := kindOf(err); err != nil && code == "bytes" {
		s.drain(v, whole)
	}
	return shown(&j), err
}
