package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/drop"
	law "sohoa/dossier/norm"
	"sohoa/jail"
)

// place is one slot of a dossier as its page shows it.
type place struct {
	dossier.Filling
	Held   []dossier.Entry // what the holder has already that fits
	Bring  bool            // a scan may be brought
	Refuse string          // why the last scan was refused

	Decided    dossier.Decided // what the counter said of it
	Miscounted bool            // its scan has other pages than were counted on paper

	Away int // pages that the visitor laid out there and discarded, which can be undone

	Closed bool // papers of its kind are closed to the visitor: whether one fills it is not told
}

// Empty reports whether the slot waits for a paper.
func (p place) Empty() bool {
	return !p.Closed && p.Reused == nil && (p.Document == nil || p.Document.State == dossier.Refused)
}

type dossierView struct {
	Dossier    dossier.Dossier
	Procedure  dossier.Procedure
	Holder     dossier.Holder
	Places     []place
	Events     []dossier.Event
	MayReceive bool
	MayResolve bool
	Missing    int             // required slots not filled
	Offers     []dossier.Offer // that one key fills
	Forms      []law.FormNumber
	Counter    counterView
	Told       toldView
	Population populationView
	Older      bool     // the procedure was changed since
	Packages   []string // kinds that the visitor may take
	Tray       []drop.Drop
	N          names
	Problem    *problem
	At         dossier.SlotCode // where the problem is
}

// First is the slot that a paper is brought for next; empty: none waits.
func (d dossierView) First() dossier.SlotCode {
	for _, p := range d.Places {
		if p.Bring && p.Required {
			return p.Slot
		}
	}
	return ""
}

// dossier loads the dossier a request names, if the visitor may do so.
func (s *server) dossier(v *visit, want right) (dossier.Dossier, error) {
	d, err := s.Dossiers.Dossier(v.ctx(), dossier.Code(v.r.PathValue("code")))
	if err != nil {
		return d, err
	}
	v.behindGlass(d)
	if err := v.allowed(want, &d); err != nil {
		return d, err
	}
	if slot := v.r.PathValue("slot"); slot != "" {
		if err := s.slotOpen(v, d, dossier.SlotCode(slot)); err != nil {
			return d, err
		}
	}
	if v.sight.within == nil || len(v.sight.within.Kinds) == 0 {
		return d, nil
	}
	some, err := s.Documents.Documents(v.ctx(), DocumentQuery{Dossier: d.Code, Within: v.sight.within, Limit: 1})
	if err == nil && len(some) == 0 {
		err = dossier.ErrNotFound // nothing in it may be seen
	}
	return d, err
}

func (s *server) dossierShow(v *visit) error {
	d, err := s.dossier(v, look)
	if err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadDossier, "", d); err != nil {
		return err
	}
	return s.dossierPage(v, d, "", nil)
}

// dossierPage shows a dossier, and what went wrong at one of its slots.
func (s *server) dossierPage(v *visit, d dossier.Dossier, at dossier.SlotCode, problem *problem) error {
	view := dossierView{Dossier: d, At: at, Problem: problem, MayReceive: v.allowed(receive, &d) == nil,
		MayResolve: v.allowed(resolve, &d) == nil && d.Resolved.IsZero()}
	var err error
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return err
	}
	if view.Procedure, err = s.Catalogue.ProcedureOf(v.ctx(), d); err != nil {
		return err
	}
	view.Older = view.N.procedure[d.Procedure].Version != d.Version
	if view.Holder, err = s.Holders.Holder(v.ctx(), d.Holder); err != nil {
		return err
	}
	if view.Places, err = s.places(v, d); err != nil {
		return err
	}
	if v.allowed(act, &d) == nil && s.Form != nil {
		view.Forms = law.Forms[:]
	}
	if view.MayReceive {
		if view.Offers, err = s.offers(v, d); err != nil {
			return err
		}
		if err = s.atCounter(v, &view); err != nil {
			return err
		}
	}
	for _, p := range view.Places {
		if p.Empty() && p.Required {
			view.Missing++
		}
	}
	if v.allowed(pack, &d) == nil && slices.ContainsFunc(view.Places, func(p place) bool { return p.Document != nil && p.Document.State == dossier.Archived }) {
		view.Packages = packageKinds
	}
	if view.Events, err = s.Record.Events(v.ctx(), d.Code); err != nil {
		return err
	}
	if view.Told, err = s.toldOf(v, d); err != nil {
		return err
	}
	if view.Counter, err = s.counted(v, d, view.Places, view.Events); err != nil {
		return err
	}
	if view.Population, err = s.populationOf(v, d, map[string]dossier.Holder{"holder": view.Holder, "applicant": view.Counter.Applicant}); err != nil {
		return err
	}
	view.Events = openEvents(view.Events, view.Places)
	status := http.StatusOK
	if problem != nil {
		status = problem.Status
	}
	return s.show(v, status, "dossier", "dossier.title", view)
}

// places puts beside each slot what the holder has already: nobody is asked
// for a paper that the house holds (Luật Chuyển đổi số 148/2025/QH15; NĐ
// 224/2026/NĐ-CP Điều 15.1.d).
func (s *server) places(v *visit, d dossier.Dossier) ([]place, error) {
	fillings, err := s.Dossiers.Fillings(v.ctx(), d.Code)
	if err != nil {
		return nil, err
	}
	held, seen, err := s.held(v, d.Holder)
	if err != nil {
		return nil, err
	}
	may := v.allowed(receive, &d) == nil
	places := make([]place, 0, len(fillings))
	for _, f := range fillings {
		if !v.sight.within.HasKind(f.Kind) {
			f.Document, f.Reused = nil, nil
		}
		if f.Reused != nil && !seen(f.Reused.ID) {
			f.Reused = nil
		}
		if slices.Contains(v.sight.closed.Kinds, f.Kind) {
			places = append(places, place{Filling: f, Closed: true})
			continue
		}
		p := place{Filling: f}
		if f.Document != nil && f.Document.State == dossier.Refused {
			p.Refuse = f.Document.Why
		}
		if p.Empty() {
			p.Bring = may
			for _, e := range held {
				if e.Kind == f.Kind && e.Dossier != d.Code && f.Slot != dossier.ResultSlot {
					p.Held = append(p.Held, e)
				}
			}
		}
		places = append(places, p)
	}
	return places, nil
}

// upload brings a scan to the door as it streams in.
func (s *server) upload(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	slot := dossier.SlotCode(v.r.PathValue("slot"))
	doc, err := s.bring(v, d, slot)
	if err == nil {
		return v.to("/documents/" + string(doc.ID))
	}
	status, code := kindOf(err)
	if v.json() || code == "cut-off" || atFault(status) || status == http.StatusNotFound {
		return err
	}
	pr := problemOf(v.lang, err)
	return s.dossierPage(v, d, slot, &pr)
}

// bring takes a file in for a slot of a dossier, as it streams in.
func (s *server) bring(v *visit, d dossier.Dossier, slot dossier.SlotCode) (dossier.Document, error) {
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, s.MaxBytes+mostForm)
	doc, err := dossier.Document{}, s.notSecret(v, d.Code, slot)
	if err == nil {
		err = s.Gate(v.ctx(), d.Receiving)
	}
	if err == nil {
		doc, err = s.take(v, d, slot)
	}
	if err == nil {
		s.Moved(v.ctx(), doc)
		return doc, nil
	}
	_, code := kindOf(err)
	later := new(Wait)
	if errors.As(err, &later) {
		v.w.Header().Set("Retry-After", later.seconds())
	}
	if code == "bytes" || code == "secret" || later.Code != "" {
		s.drain(v, whole)
	}
	return doc, err
}

// take finds the file in the form and hands it to the door.
func (s *server) take(v *visit, d dossier.Dossier, slot dossier.SlotCode) (dossier.Document, error) {
	var none dossier.Document
	if v.r.ContentLength > s.MaxBytes+mostForm {
		return none, tooLarge()
	}
	form, err := v.r.MultipartReader()
	if err != nil {
		return none, told("no-file", dossier.ErrInvalid)
	}
	var password []byte
	var lane dossier.Lane
	defer func() { clear(password) }()
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return none, told("no-file", dossier.ErrInvalid)
		} else if err != nil {
			return none, badForm(err)
		}
		if part.FormName() == "password" {
			if password, err = passwordIn(part); err != nil {
				return none, err
			}
			continue
		}
		if part.FormName() == "waiting" {
			lane = dossier.Waiting
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return none, told("no-file", dossier.ErrInvalid)
		}
		doc, err := s.Ingest.Accept(v.ctx(), Intake{Dossier: d.Code, Slot: slot, Who: v.who.ID, Lane: lane,
			Name: part.FileName(), Password: password, Body: &capped{r: part, left: s.MaxBytes}})
		if errors.Is(err, dossier.ErrConflict) {
			err = told("filled", err)
		}
		return doc, cutOff(err)
	}
}

// mostPassword is the most bytes of a PDF's password (ISO 32000-2 7.6.4.3.3).
const mostPassword = 127

// passwordIn reads the password of a PDF into one buffer, so that no copy is
// left behind.
func passwordIn(r io.Reader) ([]byte, error) {
	b := make([]byte, mostPassword+1)
	n, err := io.ReadFull(r, b)
	switch {
	case err == nil:
		return nil, invalid("slot.password") // longer than any
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, cutOff(err)
	}
	return b[:n], nil
}

// cutOff gives the errors of a body that ends too soon one form. What the door
// says of a file, which may be cut short itself, is another matter.
func cutOff(err error) error {
	var refusal *jail.Refusal
	if err != nil && !errors.As(err, &refusal) && (errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected EOF")) {
		return told("cut-off", dossier.ErrInvalid)
	}
	return err
}

// badForm is cutOff for the next part of a form: what is left is that the form is not
// well formed.
func badForm(err error) error {
	var large *http.MaxBytesError
	err = cutOff(err)
	if _, code := kindOf(err); code == "ours" && !errors.As(err, &large) {
		return told("multipart", fmt.Errorf("%w: %w", dossier.ErrInvalid, err))
	}
	return err
}

func tooLarge() error {
	return &jail.Refusal{Code: "bytes", Text: "the file is larger than the limit"}
}

// capped is a reader that refuses to give more than left bytes, whatever the
// sender said of the length.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(b []byte) (int, error) {
	if int64(len(b)) > c.left+1 {
		b = b[:c.left+1]
	}
	n, err := c.r.Read(b)
	if c.left -= int64(n); c.left < 0 {
		return 0, tooLarge()
	}
	return n, err
}

// mostDrained is how much of a file that is too large is read and thrown away,
// so that a browser, which reads the answer only after it has sent everything,
// gets to see why.
const mostDrained = 4 << 30

func (s *server) drain(v *visit, body io.Reader) {
	if v.r.Header.Get("Expect") != "" {
		return // it asked first, and has sent nothing
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(body, mostDrained))
}

func (s *server) reuse(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	if _, seen, wrong := s.held(v, d.Holder); wrong != nil {
		return wrong
	} else if !seen(dossier.EntryID(v.r.PostFormValue("entry"))) {
		return dossier.ErrNotFound
	}
	err = s.Record.Reuse(v.ctx(), d.Code, dossier.SlotCode(v.r.PathValue("slot")), dossier.EntryID(v.r.PostFormValue("entry")), v.who.ID)
	if errors.Is(err, dossier.ErrConflict) {
		return told("filled", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

func (s *server) resolve(v *visit) error {
	d, err := s.dossier(v, resolve)
	if err != nil {
		return err
	}
	if _, err = s.Dossiers.Resolve(v.ctx(), d.Code, s.Now(), v.who.ID); errors.Is(err, dossier.ErrConflict) {
		return told("resolved", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

type recordView struct {
	Dossier dossier.Dossier
	Holder  dossier.Holder
	Entries []entry
	N       names

	MayTrace bool
}

// entry is a paper on a record with whether it holds today.
type entry struct {
	dossier.Entry
	Valid bool
}

// record shows a holder's record, reached by way of a dossier: who may see the
// dossier may see what its holder has, and the holder's number stays out of
// the address.
func (s *server) record(v *visit) error {
	view, err := s.recordBy(v)
	if err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "record", "record.title", view)
}

// recordBy is what a record's page shows, noted before.
func (s *server) recordBy(v *visit) (view recordView, err error) {
	d, err := s.dossier(v, look)
	if err != nil {
		return view, err
	}
	if err := s.provenToOpen(v); err != nil {
		return view, err
	}
	view = recordView{Dossier: d, MayTrace: v.allowed(trace, &d) == nil}
	if err := s.looked(v, dossier.ReadRecord, "", d); err != nil {
		return view, err
	}
	if view.Holder, err = s.Holders.Holder(v.ctx(), d.Holder); err != nil {
		return view, err
	}
	all, err := s.Record.EntriesWithin(v.ctx(), d.Holder, v.sight.within)
	day := s.Now().In(dossier.VietNam).Format(time.DateOnly)
	for _, e := range all {
		view.Entries = append(view.Entries, entry{e, e.Offered(day)})
	}
	return view, err
}
