package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/payment"
)

// Payments are where fees are paid to and what procedures cost.
type Payments interface {
	PutAccount(ctx context.Context, a payment.Account, by account.By) error
	PutFee(ctx context.Context, f payment.Fee, by account.By) error
	PayAccounts(ctx context.Context) ([]payment.Account, error)
	Fees(ctx context.Context) ([]payment.Fee, error)
	FeeOn(ctx context.Context, p dossier.ProcedureCode, at time.Time) (payment.Fee, error)
	PayFor(ctx context.Context, agency dossier.AgencyCode, p dossier.ProcedureCode, at time.Time) (payment.Due, error)
}

func (s *server) paymentRoutes() []route {
	return []route{
		{"GET /admin/payments", manage, s.paymentsShow},
		{"POST /admin/payments/accounts", manage, s.accountPut},
		{"POST /admin/payments/fees", manage, s.feePut},
		{"GET /posters", look, s.postersShow},
		{"GET /posters/file", look, s.posterFile},
		{"GET /public/procedures/{procedure}", open, s.publicProcedure},
	}
}

type paymentsView struct {
	What       string
	Accounts   []payment.Account
	Fees       []payment.Fee
	Agencies   []dossier.Agency
	Procedures []dossier.Procedure
	Today      string
	Given      map[string]string
	N          names
	Problem    *problem
}

// Dong writes an amount.
func (paymentsView) Dong(amount int64) string { return payment.Dong(amount) }

func (s *server) paymentsShow(v *visit) error { return s.paymentsPage(v, nil) }

func (s *server) paymentsPage(v *visit, wrong error) error {
	view, status := paymentsView{What: "payments", Given: map[string]string{}, Today: s.Now().In(dossier.VietNam).Format(time.DateOnly)}, http.StatusOK
	if wrong != nil {
		if v.json() || !errors.Is(wrong, dossier.ErrInvalid) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if view.Accounts, err = s.Payments.PayAccounts(v.ctx()); err != nil {
		return err
	}
	if view.Fees, err = s.Payments.Fees(v.ctx()); err != nil {
		return err
	}
	if view.Agencies, view.Procedures, err = s.catalogued(v.ctx()); err != nil {
		return err
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, status, "admin_payments", "admin.payments", view)
}

// catalogued returns agencies and procedures in the order of their codes.
func (s *server) catalogued(ctx context.Context) ([]dossier.Agency, []dossier.Procedure, error) {
	agencies, err := s.Catalogue.Agencies(ctx)
	if err != nil {
		return nil, nil, err
	}
	procedures, err := s.Catalogue.Procedures(ctx)
	slices.SortFunc(agencies, func(a, b dossier.Agency) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(procedures, func(a, b dossier.Procedure) int { return cmp.Compare(a.Code, b.Code) })
	return agencies, procedures, err
}

func (s *server) accountPut(v *visit) error {
	f := v.r.PostFormValue
	a := payment.Account{Agency: dossier.AgencyCode(f("agency")), BIN: strings.TrimSpace(f("bin")), Number: strings.ToUpper(strings.ReplaceAll(f("number"), " ", "")), Name: clean(f("name")), Since: f("since"), Ended: f("ended") != ""}
	return s.paid(v, s.Payments.PutAccount(v.ctx(), a, v.by()))
}

func (s *server) feePut(v *visit) error {
	f := v.r.PostFormValue
	amount, err := strconv.ParseInt(strings.NewReplacer(".", "", " ", "").Replace(f("amount")), 10, 64)
	if err != nil {
		return s.paymentsPage(v, told("payment", dossier.ErrInvalid))
	}
	return s.paid(v, s.Payments.PutFee(v.ctx(), payment.Fee{Procedure: dossier.ProcedureCode(f("procedure")), Amount: amount, Since: f("since"), Law: clean(f("law"))}, v.by()))
}

func (s *server) paid(v *visit, err error) error {
	if errors.Is(err, dossier.ErrInvalid) || errors.Is(err, dossier.ErrNotFound) {
		return s.paymentsPage(v, told("payment", dossier.ErrInvalid))
	} else if err != nil {
		return err
	}
	return v.to("/admin/payments")
}

// A Pay is what a receipt asks for, and its code.
type Pay struct {
	payment.Due
	Order payment.Order
	QR    string
}

// payOf is what the receipt of a dossier asks for; nil: nothing.
func (s *server) payOf(ctx context.Context, d dossier.Dossier) (*Pay, error) {
	due, err := s.Payments.PayFor(ctx, d.Receiving, d.Procedure, d.Received)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	p := &Pay{Due: due, Order: due.Order(d.Code)}
	p.QR, err = p.Order.QR()
	return p, err
}

// A Poster is a sheet for the wall: a procedure, its papers, and a code that leads to its
// public page.
type Poster struct {
	Agency    dossier.Agency
	Procedure dossier.Procedure
	Fee       *payment.Fee // nil: nobody said
	Address   string       // of the public page
}

// Sizes of posters.
var posterSizes = [...]string{"a4", "a3"}

// mostPosters is how many are in one file.
const mostPosters = 100

type postersView struct {
	Agencies   []dossier.Agency // in sight
	Procedures []dossier.Procedure
	Sizes      []string
	Off        bool // nobody said where the house is found
}

func (s *server) postersShow(v *visit) error {
	view := postersView{Sizes: posterSizes[:], Off: s.Origin == "" || s.Poster == nil}
	agencies, procedures, err := s.catalogued(v.ctx())
	if err != nil {
		return err
	}
	for _, a := range agencies {
		if v.sight.has(a.Code) {
			view.Agencies = append(view.Agencies, a)
		}
	}
	view.Procedures = s.served(procedures)
	return s.show(v, http.StatusOK, "posters", "posters.title", view)
}

// posterFile prints the poster of a procedure, or those of all that an agency's tier
// handles.
func (s *server) posterFile(v *visit) error {
	if s.Origin == "" || s.Poster == nil {
		return dossier.ErrNotFound
	}
	agencies, procedures, err := s.catalogued(v.ctx())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(agencies, func(a dossier.Agency) bool { return a.Code == dossier.AgencyCode(v.r.FormValue("agency")) })
	if i < 0 || !v.sight.has(agencies[i].Code) {
		return dossier.ErrNotFound
	}
	if !slices.Contains(posterSizes[:], v.r.FormValue("size")) {
		return invalid("posters.size")
	}
	var list []Poster
	for _, p := range s.served(procedures) {
		one := v.r.FormValue("procedure")
		if one != "" && one != string(p.Code) || one == "" && len(p.Tiers) > 0 && !slices.Contains(p.Tiers, agencies[i].Tier) || len(list) == mostPosters {
			continue
		}
		x := Poster{Agency: agencies[i], Procedure: p, Address: s.Origin + "/public/procedures/" + string(p.Code)}
		if x.Fee, err = s.feeOf(v.ctx(), p.Code); err != nil {
			return err
		}
		list = append(list, x)
	}
	if len(list) == 0 {
		return dossier.ErrNotFound
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `inline; filename="thu-tuc.pdf"`)
	v.wrote = true
	return s.Poster(v.w, list, v.r.FormValue("size"), s.Now())
}

// served are those of procedures of which dossiers are received today: nobody is told to
// bring papers for one that has ended, or has not begun.
func (s *server) served(list []dossier.Procedure) []dossier.Procedure {
	return slices.DeleteFunc(list, func(p dossier.Procedure) bool { return !p.Served(s.today()) })
}

func (s *server) feeOf(ctx context.Context, p dossier.ProcedureCode) (*payment.Fee, error) {
	f, err := s.Payments.FeeOn(ctx, p, s.Now())
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, nil
	}
	return &f, err
}

// PosterWriter writes posters as PDF/A.
type PosterWriter func(w io.Writer, list []Poster, size string, at time.Time) error

type publicProcedureView struct {
	Procedure dossier.Procedure
	Fee       *payment.Fee
	Other     string // address in the other language
}

// Dong writes an amount.
func (publicProcedureView) Dong(amount int64) string { return payment.Dong(amount) }

// publicProcedure shows a procedure to everybody: its papers, time and fee. Of one that is
// not served today it says so and nothing else: a poster outlives what it tells of.
func (s *server) publicProcedure(v *visit) error {
	p, err := s.Catalogue.Procedure(v.ctx(), dossier.ProcedureCode(v.r.PathValue("procedure")))
	if err == nil && !p.Served(s.today()) {
		err = told("not-served", dossier.ErrNotFound)
	}
	if err != nil {
		return err
	}
	view := publicProcedureView{Procedure: p, Other: "/public/procedures/" + string(p.Code) + "?lang=" + map[bool]string{true: "en", false: "vi"}[v.lang == "vi"]}
	if view.Fee, err = s.feeOf(v.ctx(), p.Code); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "public_procedure", "procedure.public", view)
}
