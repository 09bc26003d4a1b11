package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/pattern"
)

// act performs the act named in the path. The form carries the version that
// the person was looking at, so nobody signs a page they have not seen.
func (s *server) act(v *visit) error {
	d, do, err := s.document(v, act)
	if err != nil {
		return err
	}
	what := dossier.Act(v.r.PathValue("act"))
	if what == dossier.Attest || what == dossier.Approve {
		if err := s.provenToSign(v); err != nil {
			return err
		}
	}
	var fields []dossier.Field
	if what == dossier.Confirm {
		version, e := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
		seen := version == d.Version
		if fields, err = s.given(v, d); errors.Is(err, dossier.ErrInvalid) && !v.json() && seen {
			return s.documentPage(v, d, do, fields, err)
		} else if err == nil && e == nil && !seen {
			return s.overtaken(v, d.ID, do, fields, dossier.ErrConflict)
		}
		if err == nil {
			waits, wrong := s.typed(v, d, fields)
			if err = wrong; waits && err == nil {
				return v.to("/documents/" + string(d.ID))
			}
		}
	}
	if err == nil {
		_, err = s.move(v, d, v.r.PostFormValue("version"), dossier.Change{Act: what, Fields: fields, Why: clean(v.r.PostFormValue("why"))})
	}
	if what == dossier.Confirm && errors.Is(err, dossier.ErrConflict) {
		return s.overtaken(v, d.ID, do, fields, err) // between the reading of its row and the writing
	} else if err != nil {
		return err
	}
	if what == dossier.Confirm && !v.json() {
		if d.ID, err = s.nextToConfirm(v, do, d.ID); err != nil {
			return err
		}
	}
	return v.to("/documents/" + string(d.ID))
}

// nextToConfirm is the paper of a dossier that waits longest for its fields to be
// confirmed, or the one that was, if none does.
func (s *server) nextToConfirm(v *visit, do dossier.Dossier, was dossier.DocumentID) (dossier.DocumentID, error) {
	docs, err := s.Documents.Documents(v.ctx(), DocumentQuery{Dossier: do.Code, States: []dossier.State{dossier.Extracted, dossier.Described}, Within: v.sight.within, Limit: 1})
	if err != nil || len(docs) == 0 {
		return was, err
	}
	return docs[0].ID, nil
}

// move performs c as the visitor on d as it was seen at version.
func (s *server) move(v *visit, d dossier.Document, version string, c dossier.Change) (dossier.Document, error) {
	if n, err := strconv.ParseInt(version, 10, 64); err != nil {
		return d, invalid("word.version")
	} else if n != d.Version {
		return d, dossier.ErrConflict
	}
	if _, err := dossier.Next(d.State, c.Act, v.who.Role); err != nil {
		return d, err
	}
	switch {
	case dossier.NeedsReason(c.Act):
		if c.Why == "" || len([]rune(c.Why)) > 1000 {
			return d, invalid("word.why")
		}
	case c.Act == dossier.Approve:
		past, err := s.Documents.Changes(v.ctx(), d.ID)
		if err != nil {
			return d, err
		}
		if err := dossier.FourEyes(past, c.Act, v.who.ID); err != nil {
			return d, told("four-eyes", err)
		}
	}
	if !dossier.NeedsReason(c.Act) {
		c.Why = ""
	}
	c.By, c.Who, c.At = v.who.Role, v.who.ID, s.Now()
	moved, err := s.Moves.Advance(v.ctx(), d, c)
	if err != nil {
		return d, err
	}
	s.Moved(v.ctx(), moved)
	return moved, nil
}

// clean gives text that people type its one form: NFC, no control characters,
// single spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
	return strings.Join(strings.Fields(s), " ")
}

// longest is the number of characters a field may have (the columns of the
// national payload: title 5000, number 100).
func longest(name dossier.FieldName) int {
	switch name {
	case dossier.FieldTitle, dossier.FieldSubject:
		return 5000
	case dossier.FieldHolder:
		return 35
	case dossier.FieldNumber:
		return 100
	}
	return 500
}

// given reads the confirmed fields from the form. A value that is still the
// proposed one keeps the place where it was read; one that a person typed has
// none. With an error it returns the values all the same, to show them again.
func (s *server) given(v *visit, d dossier.Document) ([]dossier.Field, error) {
	proposals, err := s.proposals(v.ctx(), d)
	if err != nil {
		return nil, err
	}
	read := byName(proposals)
	var wrong error
	var fields []dossier.Field
	for _, name := range dossier.FieldNames {
		value := clean(v.r.PostFormValue(string(name)))
		if name == dossier.FieldKind {
			value = string(d.Kind) // the slot says what kind it is, not the form
		}
		if value, err = checkField(name, value); err != nil && wrong == nil {
			wrong = err
		}
		f := dossier.Field{Name: name, Value: value, Confidence: 100}
		if p, ok := read[name]; ok && p.Value == value {
			f = p
			f.Reason = "" // a person says so now
		}
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	return fields, wrong
}

var (
	fieldHolder = pattern.Late(`^[0-9A-Z.-]+$`)
	fieldDays   = []string{time.DateOnly, "02/01/2006", "2/1/2006"}
)

// checkField gives a value its one form, or says which field is wrong.
func checkField(name dossier.FieldName, value string) (string, error) {
	wrong := invalid("field." + string(name))
	if value == "" {
		if name == dossier.FieldTitle {
			return value, wrong
		}
		return value, nil
	}
	if len([]rune(value)) > longest(name) {
		return value, wrong
	}
	switch name {
	case dossier.FieldHolder:
		value = strings.ToUpper(strings.ReplaceAll(value, " ", ""))
		if !fieldHolder().MatchString(value) {
			return value, wrong
		}
	case dossier.FieldIssued, dossier.FieldExpires:
		for _, form := range fieldDays {
			if t, err := time.Parse(form, value); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
				return t.Format(time.DateOnly), nil
			}
		}
		return value, wrong
	}
	return value, nil
}

// outcome is what became of one document of many.
type outcome struct {
	ID      dossier.DocumentID `json:"id"`
	State   dossier.State      `json:"state,omitempty"`
	Problem *problem           `json:"problem,omitempty"`
	Task    task               `json:"-"`
}

type batchView struct {
	Act      dossier.Act
	Outcomes []outcome
	Done     int
	N        names
}

// batch performs one act on many documents, each as it was seen, and for one reason
// if it needs one. One that cannot be moved keeps none of the others back.
func (s *server) batch(v *visit) error {
	_ = v.r.ParseForm() // a broken form has no picks
	c := dossier.Change{Act: dossier.Act(v.r.PostForm.Get("act")), Why: clean(v.r.PostForm.Get("why"))}
	picks := v.r.PostForm["pick"]
	if !slices.Contains(actsOnMany(v.who.Role), c.Act) {
		return fmt.Errorf("%w: %s cannot be done to many", dossier.ErrForbidden, c.Act)
	}
	if len(picks) == 0 || len(picks) > dossier.MostInBatch {
		return told("no-picks", dossier.ErrInvalid)
	}
	if dossier.NeedsReason(c.Act) && c.Why == "" {
		return invalid("word.why")
	}
	if !dossier.NeedsReason(c.Act) {
		if err := s.provenToSign(v); err != nil {
			return err
		}
	}
	view := batchView{Act: c.Act}
	for _, pick := range slices.Compact(slices.Sorted(slices.Values(picks))) {
		o := s.one(v, pick, c)
		if o.Problem == nil {
			view.Done++
		}
		view.Outcomes = append(view.Outcomes, o)
	}
	if v.json() {
		return v.reply(view.Outcomes)
	}
	var err error
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "batch", "batch.title", view)
}

// one performs an act on one of many.
func (s *server) one(v *visit, pick string, c dossier.Change) outcome {
	id, version, _ := strings.Cut(pick, ":")
	o := outcome{ID: dossier.DocumentID(id)}
	d, err := s.Documents.Document(v.ctx(), o.ID)
	var do dossier.Dossier
	if err == nil {
		do, err = s.Dossiers.Dossier(v.ctx(), d.Dossier)
	}
	if err == nil {
		if err = v.allowed(act, &do); err == nil {
			o.Task = task{Document: d, Procedure: do.Procedure}
			d, err = s.move(v, d, version, c)
			o.State = d.State
		}
	}
	if err != nil {
		p := problemOf(v.lang, err)
		if o.Problem = &p; atFault(p.Status) {
			s.fault(v, "act failed", "document", o.ID, "act", c.Act, "who", v.who.ID, "err", err)
		}
	}
	return o
}
