package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
)

// A proofNeeded says that the visitor has to prove anew who they are before what
// they asked for is done.
type proofNeeded struct{ wrong error }

func (p *proofNeeded) Error() string { return "who it is must be proved again" }
func (p *proofNeeded) Unwrap() error { return dossier.ErrForbidden }

// code is what a program is told.
func (p *proofNeeded) code() string {
	var t *toldError
	if errors.As(p.wrong, &t) {
		return t.code
	}
	return "prove"
}

// proven reports whether who visits was proved within so many minutes; 0: it is
// not asked for. A request that brings a proof, the password or a code, is taken
// as proved from then on. Otherwise the error is a [proofNeeded], which is
// answered with a form that goes on with what was asked for.
func (s *server) proven(v *visit, minutes int) error {
	if minutes == 0 || s.Now().Sub(v.session.Proved) < account.Minutes(minutes) {
		return nil
	}
	if !v.gaveProof() {
		return &proofNeeded{}
	}
	return s.proveAnew(v)
}

// gaveProof reports whether a request brings a proof.
func (v *visit) gaveProof() bool {
	return v.r.PostFormValue("proof") != "" || v.r.PostFormValue("passkey") != ""
}

// proveAnew takes the proof that a request brings.
func (s *server) proveAnew(v *visit) error {
	var fits bool
	var err error
	if text := v.r.PostFormValue("passkey"); text != "" {
		_, err = s.takesPasskey(v, text, forProof+v.token.String(), v.self.ID, true)
		fits = err == nil
	} else {
		fits, err = s.proofFits(v, v.r.PostFormValue("proof"), true)
	}
	var t *toldError
	switch {
	case errors.As(err, &t):
		return &proofNeeded{err}
	case err != nil:
		return err
	case !fits:
		return &proofNeeded{told("proof", dossier.ErrForbidden)}
	}
	v.session.Proved = s.Now()
	return s.Accounts.SessionProved(v.ctx(), v.token, s.Now())
}

// provenToSign is proven before an order to sign. A program orders none: a signature
// stands for a person (Luật Giao dịch điện tử 20/2023/QH15 Điều 22).
func (s *server) provenToSign(v *visit) error {
	if v.key != nil {
		return told("key-signs", dossier.ErrForbidden)
	}
	p, err := s.policy(v.ctx())
	if err != nil {
		return err
	}
	return s.proven(v, p.Proof(account.ForSign, s.Now()))
}

// provenToOpen is proven before a holder's record, or a paper, is opened; a program
// proves itself with each request.
func (s *server) provenToOpen(v *visit) error {
	if v.key != nil {
		return nil
	}
	p, err := s.policy(v.ctx())
	if err != nil {
		return err
	}
	return s.proven(v, p.Proof(account.ForRecord, s.Now()))
}

// proofFits reports whether a text is the visitor's password or, where that is
// taken, a code of their second factor. Guessing is slowed down as at the door.
func (s *server) proofFits(v *visit, given string, codes bool) (bool, error) {
	from, known, err := s.from(v, v.self.Login)
	if err != nil {
		return false, err
	}
	if !s.doors.ready(v.self.Login, from) {
		return false, told("slow-down", dossier.ErrForbidden)
	}
	var fits bool
	if codes && v.session.Factor && looksLikeCode(given) {
		fits, err = s.takesCode(v, v.self, given, false)
	} else {
		var hash string
		if _, hash, err = s.People.PersonByLogin(v.ctx(), v.self.Login); err == nil {
			err = s.hashed(v.ctx(), known, func() { fits = CheckPassword(hash, given) })
		}
	}
	if err != nil {
		return false, err
	}
	if !fits {
		s.doors.failed(v.self.Login, from)
		s.Log.WarnContext(v.ctx(), "proof failed", "who", v.self.ID)
		return false, nil
	}
	s.doors.worked(v.self.Login, from)
	return true, nil
}

type field struct{ Name, Value string }

type proveView struct {
	Action  string
	Fields  []field // what was asked for, to be asked for again with the proof
	PIN     bool    // a key's PIN was given, and is not kept in the page
	Codes   bool
	Passkey bool // the visitor has one
	Away    bool // it can be proved at the identity provider where the visitor logged in
	Problem *problem
}

// proofPage shows the form that asks for a proof.
func (s *server) proofPage(v *visit, view proveView, wrong error) (err error) {
	if view.Passkey, err = s.usesPasskeys(v, v.self.ID); err != nil {
		return err
	}
	f, err := s.Accounts.Factor(v.ctx(), v.self.ID)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	view.Codes, view.Away = !f.Since.IsZero(), v.session.Issuer != "" && s.Provider != nil
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem = &p
	}
	return s.show(v, http.StatusUnauthorized, "prove", "prove.title", view)
}

// askProof shows the form that asks for a proof and goes on with what was asked
// for. Nothing of it was done yet.
func (s *server) askProof(v *visit, needed *proofNeeded) error {
	view := proveView{Action: "/account/prove"}
	if v.r.Method == http.MethodGet || v.r.Method == http.MethodHead {
		view.Fields = []field{{"next", v.r.URL.RequestURI()}}
	} else {
		view.Action = v.r.URL.RequestURI()
		for name, values := range v.r.PostForm {
			switch name {
			case "proof", "passkey":
				continue
			case "pin":
				view.PIN = true
				continue
			}
			for _, value := range values {
				view.Fields = append(view.Fields, field{name, value})
			}
		}
		slices.SortStableFunc(view.Fields, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	}
	return s.proofPage(v, view, needed.wrong)
}

// prove takes a proof for a page that was asked for, and goes there. Who proved it
// elsewhere meanwhile, at the identity provider, goes on.
func (s *server) prove(v *visit) error {
	next := localPath(v.r.PostFormValue("next"))
	err := s.proveAnew(v)
	if !v.gaveProof() && v.session.Issuer != "" && s.Now().Sub(v.session.Proved) < account.Minutes(justProved) {
		err = nil
	}
	var needed *proofNeeded
	if errors.As(err, &needed) && !v.json() {
		return s.proofPage(v, proveView{Action: "/account/prove", Fields: []field{{"next", next}}}, needed.wrong)
	}
	if err != nil {
		return err
	}
	return v.to(next)
}

// justProved is within how many minutes a proof counts as just given.
const justProved = 1
