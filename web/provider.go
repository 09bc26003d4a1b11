package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/web/oidc"
)

// A Provider is where people may log in besides: see [oidc.Provider].
type Provider interface {
	Name() string
	Issuer() string
	Begin(ctx context.Context, fresh bool) (oidc.Attempt, string, error)
	Finish(ctx context.Context, a oidc.Attempt, q url.Values) (oidc.Identity, error)
	Leave(ctx context.Context, back string) (string, error)
	LoggedOut(ctx context.Context, token string) (oidc.Ended, error)
}

// Identities says whom a provider knows people as. Who is nobody there does not log in
// there: accounts are made, and bound, by an administrator.
type Identities interface {
	BindIdentity(ctx context.Context, p dossier.PersonID, issuer, subject string, by account.By) error
	UnbindIdentity(ctx context.Context, p dossier.PersonID, issuer string, by account.By) error
	PersonByIdentity(ctx context.Context, issuer, subject string) (dossier.Person, error)
	IdentityOf(ctx context.Context, p dossier.PersonID, issuer string) (subject string, err error)
	EndProvided(ctx context.Context, issuer, sid, subject string) (n int, err error)
}

// ReturnPath is where people come back to from a provider.
const ReturnPath = "/login/provider/return"

func (s *server) providerRoutes() []route {
	return []route{
		{"GET /login/provider", open, s.providerBegin},
		{"GET " + ReturnPath, open, s.providerReturn},
		{"POST /login/provider/logout", open, s.providerEnds},
		{"GET /logout/provider", open, s.providerLeave},
		{"GET /account/prove/provider", enter, s.providerProof},
		{"POST /admin/people/{id}/identity", manage, s.personIdentity},
	}
}

// going is what waits for somebody to come back.
type going struct {
	Attempt oidc.Attempt
	Next    string
	Session string // in which a proof was asked for; empty: it is a login
}

const forReturn = "return"

func (s *server) providerBegin(v *visit) error {
	return s.goAway(v, going{Next: localPath(v.r.FormValue("next"))}, false)
}

// providerProof has who visits prove at the provider that it is they. It is opened
// beside the page that asks, which then goes on with all that was typed into it.
func (s *server) providerProof(v *visit) error {
	if v.session.Issuer == "" {
		return dossier.ErrNotFound
	}
	return s.goAway(v, going{Session: v.token.String()}, true)
}

// goAway sends a browser to the provider. What it comes back with is good in this
// browser only, once, for a while.
func (s *server) goAway(v *visit, g going, fresh bool) error {
	if s.Provider == nil {
		return dossier.ErrNotFound
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	if wait := s.knocks.Take(placeOf(address)); wait > 0 {
		return s.providerFailed(v, told("slow-down", dossier.ErrForbidden))
	}
	var to string
	var err error
	if g.Attempt, to, err = s.Provider.Begin(v.ctx(), fresh); err != nil {
		return s.providerFailed(v, err)
	}
	said, err := json.Marshal(g)
	if err != nil {
		return err
	}
	ticket := newToken()
	if err := s.Accounts.AddTicket(v.ctx(), digest.Of([]byte(ticket)), forReturn, string(said), s.Now().Add(challengeLife)); err != nil {
		return err
	}
	s.setReturn(v, ticket, int(challengeLife.Seconds()))
	v.wrote = true
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

func (s *server) setReturn(v *visit, ticket string, age int) {
	http.SetCookie(v.w, &http.Cookie{Name: s.cookieName() + "-return", Value: ticket, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// providerReturn takes who comes back.
func (s *server) providerReturn(v *visit) error {
	if s.Provider == nil {
		return dossier.ErrNotFound
	}
	g, err := s.gone(v)
	if err != nil {
		return s.providerFailed(v, err)
	}
	who, err := s.Provider.Finish(v.ctx(), g.Attempt, v.r.URL.Query())
	if err != nil {
		return s.providerFailed(v, err)
	}
	p, err := s.Accounts.PersonByIdentity(v.ctx(), who.Issuer, who.Subject)
	if errors.Is(err, dossier.ErrNotFound) {
		s.Log.WarnContext(v.ctx(), "login of a subject that nobody is")
		return s.providerFailed(v, &toldError{code: "provider-unknown", err: dossier.ErrForbidden, word: who.Subject})
	} else if err != nil {
		return err
	}
	if g.Session != "" {
		return s.provedAway(v, g, p)
	}
	if p.Locked || p.Service {
		s.Log.WarnContext(v.ctx(), "login of a locked account", "who", p.ID)
		return s.providerFailed(v, told("locked", dossier.ErrForbidden))
	}
	half := false
	if !who.Strong {
		if half, err = s.hasFactor(v, p); err != nil {
			return err
		}
	}
	if who.Proved.IsZero() {
		who.Proved = time.Unix(0, 0) // they may have been logged in there for days: it proves nothing now
	}
	return s.enter(v, p, account.Session{Issuer: who.Issuer, SID: who.SID, Strong: who.Strong, Half: half, Proved: who.Proved}, g.Next)
}

// gone is what waited for this browser, taken.
func (s *server) gone(v *visit) (g going, err error) {
	c, err := v.r.Cookie(s.cookieName() + "-return")
	if err != nil {
		return g, told("provider", dossier.ErrForbidden)
	}
	s.setReturn(v, "", -1)
	said, err := s.Accounts.TakeTicket(v.ctx(), digest.Of([]byte(c.Value)), forReturn)
	if errors.Is(err, dossier.ErrNotFound) {
		return g, told("provider", dossier.ErrForbidden)
	} else if err != nil {
		return g, err
	}
	return g, json.Unmarshal([]byte(said), &g)
}

// provedAway takes a proof from the provider for the session that asked for it.
func (s *server) provedAway(v *visit, g going, p dossier.Person) error {
	if v.self.ID == "" || g.Session != v.token.String() || p.ID != v.self.ID {
		return s.providerFailed(v, told("provider", dossier.ErrForbidden))
	}
	if err := s.Accounts.SessionProved(v.ctx(), v.token, s.Now()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "proved", "prove.title", nil)
}

// providerFailed shows the door, with what was wrong. The log has what people need not
// know.
func (s *server) providerFailed(v *visit, err error) error {
	var refused *oidc.Refusal
	switch {
	case errors.Is(err, oidc.ErrAway):
		s.Log.WarnContext(v.ctx(), "identity provider away", "why", err.Error())
		err = told("provider-away", ErrBusy)
	case errors.As(err, &refused):
		s.Log.WarnContext(v.ctx(), "identity provider refused", "why", refused.What)
		code := "provider"
		if refused.What == "denied" || refused.What == "acr" || refused.What == "amr" {
			code += "-" + refused.What
		}
		err = told(code, dossier.ErrForbidden)
	}
	var t *toldError
	if !errors.As(err, &t) {
		return err
	}
	return s.loginAgain(v, "", err)
}

// providerEnds ends sessions that ended at the provider (Back-Channel Logout 1.0).
func (s *server) providerEnds(v *visit) error {
	if s.Provider == nil {
		return dossier.ErrNotFound
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	if wait := s.knocks.Take(placeOf(address)); wait > 0 { // a key that is not known is asked for
		return told("slow-down", dossier.ErrForbidden)
	}
	ended, err := s.Provider.LoggedOut(v.ctx(), v.r.PostFormValue("logout_token"))
	if err != nil {
		s.Log.WarnContext(v.ctx(), "logout token refused", "why", err.Error())
		v.w.WriteHeader(http.StatusBadRequest)
		return nil
	}
	n, err := s.Accounts.EndProvided(v.ctx(), s.Provider.Issuer(), ended.SID, ended.Subject)
	if err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "sessions ended by the identity provider", "n", n)
	v.w.WriteHeader(http.StatusOK)
	return nil
}

// providerLeave goes on to where the session at the provider ends as well.
func (s *server) providerLeave(v *visit) error {
	if s.Provider == nil {
		return dossier.ErrNotFound
	}
	to, err := s.Provider.Leave(v.ctx(), s.Origin+"/login")
	if err != nil {
		return s.providerFailed(v, err)
	}
	if to == "" {
		return v.to("/login")
	}
	v.wrote = true
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// personIdentity says whom the provider knows somebody as; an empty subject: nobody.
func (s *server) personIdentity(v *visit) error {
	err := s.administer(v, func(p dossier.Person) error {
		if s.Provider == nil {
			return told("provider-none", dossier.ErrConflict)
		}
		subject := clean(v.r.PostFormValue("subject"))
		if subject == "" {
			return s.Accounts.UnbindIdentity(v.ctx(), p.ID, s.Provider.Issuer(), v.by())
		}
		err := s.Accounts.BindIdentity(v.ctx(), p.ID, s.Provider.Issuer(), subject, v.by())
		if errors.Is(err, dossier.ErrConflict) {
			err = told("provider-taken", err)
		} else if errors.Is(err, dossier.ErrInvalid) {
			err = invalid("person.subject")
		}
		return err
	})
	var t *toldError
	if errors.As(err, &t) && t.code != "own-account" && !v.json() {
		return s.personPage(v, err)
	}
	return err
}
