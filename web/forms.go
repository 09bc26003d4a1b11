package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	law "sohoa/dossier/norm"
)

// Laws are the rules of law that are rows.
type Laws interface {
	Norms(ctx context.Context) (law.Norms, error) // by sort, name and day
	AddNorm(ctx context.Context, n law.Norm, by dossier.Role) (law.Norm, error)

	// ResultCode returns the code of an archived document.
	ResultCode(ctx context.Context, id dossier.DocumentID) (law.ResultCode, error)
}

// A Filled is a form of the counter, filled in: by which norm, and its lines, the first
// of which is the title.
type Filled struct {
	Number    string
	Norm      law.Norm
	Lines     []string
	Receiving dossier.Agency
	Dossier   dossier.Code
	Officer   string
	At        time.Time
}

// mostBook is how many rows of a book are printed.
const mostBook = 2000

// form prints a form of TT 03/2025/TT-VPCP Phụ lục I (02 to 07) for a dossier, from the
// template that holds on the day. It is printed by whoever asks and kept nowhere; the
// reason comes by a form and stands in no address.
func (s *server) form(v *visit) error {
	d, err := s.dossier(v, look)
	if err != nil {
		return err
	}
	number := v.r.PathValue("form")
	if s.Form == nil || !slices.Contains(law.Forms[:], law.FormNumber(number)) {
		return dossier.ErrNotFound
	}
	if number != string(law.FormControl) && number != string(law.FormBook) && v.r.PostFormValue("reason") == "" {
		return invalid("form.reason")
	}
	norms, err := s.Laws.Norms(v.ctx())
	if err != nil {
		return err
	}
	n, ok := norms.On(law.Form, number, s.Now())
	if !ok {
		return dossier.ErrNotFound
	}
	if err := s.looked(v, dossier.ReadDossier, "", d); err != nil {
		return err
	}
	r, err := s.receiptOf(v, d)
	if err != nil {
		return err
	}
	words, rows, err := s.formWords(v, law.FormNumber(number), r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := s.Form(&out, Filled{Number: number, Norm: n, Lines: law.Filled(n.Said, words, rows), Receiving: r.Receiving, Dossier: d.Code, Officer: v.who.Name, At: s.Now()}); err != nil {
		return err
	}
	if err := s.formTold(v, d, law.FormNumber(number)); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `inline; filename="mau-`+number+"-"+string(d.Code)+`.pdf"`)
	v.w.WriteHeader(http.StatusOK)
	v.wrote = true
	_, err = io.Copy(v.w, &out)
	return err
}

// formWords are what the words of a form stand for, and its rows.
func (s *server) formWords(v *visit, number law.FormNumber, r Receipt) (words map[string]string, rows []string, err error) {
	clean := func(name string) string {
		return strings.Join(strings.Fields(norm.NFC.String(v.r.PostFormValue(name))), " ")
	}
	applicant := r.Applicant
	if applicant.Name == "" {
		applicant = r.Holder
	}
	words = map[string]string{"code": string(r.Dossier.Code), "procedure": r.Procedure.Name, "applicant": applicant.Name, "receiving": r.Receiving.Name,
		"competent": r.Competent.Name, "received": day("vi", r.Dossier.Received), "due": day("vi", r.Dossier.Due), "reason": clean("reason"), "day": clean("day")}
	switch number {
	case law.FormMore:
		for _, p := range r.Papers {
			if p.Done == say("vi", "receipt.open") {
				rows = append(rows, "- "+p.Name)
			}
		}
	case law.FormControl:
		events, err := s.Record.Events(v.ctx(), r.Dossier.Code)
		if err != nil {
			return nil, nil, err
		}
		n, err := s.names(v.ctx())
		if err != nil {
			return nil, nil, err
		}
		if err := s.withPeople(v.ctx(), n); err != nil {
			return nil, nil, err
		}
		for _, e := range events {
			rows = append(rows, "- "+when("vi", e.At)+": "+say("vi", "event."+string(e.Act))+" "+string(e.Slot)+", "+n.Who(e.Who))
		}
	case law.FormBook:
		return s.book(v, words, r)
	}
	return words, rows, nil
}

// book lists what an agency received in the month of a dossier, as the visitor may see.
func (s *server) book(v *visit, words map[string]string, r Receipt) (map[string]string, []string, error) {
	at := r.Dossier.Received.In(dossier.VietNam)
	from := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, dossier.VietNam)
	to := from.AddDate(0, 1, 0)
	list, err := s.Dossiers.Dossiers(v.ctx(), DossierQuery{Agencies: v.sight.agencies(), Within: v.sight.within, From: from, To: to, Limit: mostBook})
	if err != nil {
		return nil, nil, err
	}
	list = slices.DeleteFunc(list, func(d dossier.Dossier) bool { return d.Receiving != r.Dossier.Receiving })
	slices.Reverse(list)
	var rows []string
	for _, d := range list {
		rows = append(rows, string(d.Code)+", "+string(d.Procedure)+", "+day("vi", d.Received)+", "+day("vi", d.Due)+", "+day("vi", d.Resolved))
	}
	words["from"], words["day"], words["count"] = day("vi", from), day("vi", to.AddDate(0, 0, -1)), strconv.Itoa(len(rows))
	return words, rows, nil
}
