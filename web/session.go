package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

func (s *server) cookieName() string {
	if s.Secure {
		return "__Host-sohoa" // RFC 6265bis section 4.1.3.2: bound to this host, TLS only
	}
	return "sohoa"
}

// token returns the digest of the visitor's session token.
func (s *server) token(r *http.Request) (digest.Digest, bool) {
	c, err := r.Cookie(s.cookieName())
	if err != nil || c.Value == "" {
		return digest.Digest{}, false
	}
	return digest.Of([]byte(c.Value)), true
}

func (s *server) setToken(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

// loginPath is where who is not logged in goes, to come back afterwards.
func loginPath(r *http.Request) string {
	if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/fragments/") {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(r.URL.Path)
}

// localPath returns p if it is a path of this house, else "/".
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(p, "/") ||
		strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}

type loginView struct {
	Login, Next string
	Passkey     bool   // one can be asked for
	Provider    string // name of the identity provider; empty: there is none
	Out         bool   // the visitor just logged out of a session that began there
	Problem     *problem
}

func (s *server) loginView(v *visit, next string) loginView {
	view := loginView{Next: localPath(next), Passkey: s.party.ID != ""}
	if s.Provider != nil {
		view.Provider = s.Provider.Name()
	}
	return view
}

func (s *server) loginForm(v *visit) error {
	if v.who.ID != "" {
		return v.to("/")
	}
	view := s.loginView(v, v.r.FormValue("next"))
	view.Out = v.r.FormValue("out") != "" && s.Provider != nil
	return s.show(v, http.StatusOK, "login", "login.title", view)
}

// login checks a password. What it takes does not tell whether there is such a
// login. Who has a second factor is asked for its code next, or gives it at once.
func (s *server) login(v *visit) error {
	login := strings.ToLower(strings.TrimSpace(v.r.PostFormValue("login")))
	from, device, err := s.from(v, login)
	if err != nil {
		return err
	}
	if !s.doors.ready(login, from) {
		return s.loginAgain(v, login, told("slow-down", dossier.ErrForbidden))
	}
	p, hash, err := s.People.PersonByLogin(v.ctx(), login)
	known := err == nil && !p.Service // a program has no password, and a login of its own is no news
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if !known {
		hash = nobodysHash
	}
	var fits bool
	if err := s.hashed(v.ctx(), device, func() { fits = CheckPassword(hash, v.r.PostFormValue("password")) }); err != nil {
		return err
	}
	if !fits || !known {
		s.doors.failed(login, from)
		s.Log.WarnContext(v.ctx(), "login failed", "who", p.ID)
		return s.loginAgain(v, login, told("login", dossier.ErrForbidden))
	}
	s.doors.worked(login, from)
	if costsOtherwise(hash) { // else it would take another time than a login that nobody has
		var fresh string
		if err := s.hashed(v.ctx(), device, func() { fresh = HashPassword(v.r.PostFormValue("password")) }); err != nil {
			return err
		}
		if err := s.Accounts.RehashPassword(v.ctx(), p.ID, hash, fresh); err != nil {
			return err
		}
	}
	if p.Locked {
		s.Log.WarnContext(v.ctx(), "login of a locked account", "who", p.ID)
		return s.loginAgain(v, login, told("locked", dossier.ErrForbidden))
	}
	return s.second(v, p, login)
}

// second goes on behind the password: who has a second factor is asked for it, or
// gave a code already.
func (s *server) second(v *visit, p dossier.Person, login string) error {
	next := v.r.PostFormValue("next")
	if s.Provider != nil && s.LocalAdmins && p.Role != dossier.Admin {
		return s.loginAgain(v, login, told("login-provider", dossier.ErrForbidden))
	}
	has, err := s.hasFactor(v, p)
	if err != nil {
		return err
	}
	if !has {
		return s.enter(v, p, account.Session{}, next)
	}
	code := v.r.PostFormValue("code")
	if code == "" {
		return s.enter(v, p, account.Session{Half: true}, next)
	}
	fits, err := s.takesCode(v, p, code, true)
	if err == nil && !fits {
		err = told("code", dossier.ErrForbidden)
	}
	if err != nil {
		return s.loginAgain(v, login, err)
	}
	return s.enter(v, p, account.Session{}, next)
}

// hasFactor reports whether a person has a second factor: an app for codes, or a
// passkey, also one that is doubted.
func (s *server) hasFactor(v *visit, p dossier.Person) (bool, error) {
	f, err := s.Accounts.Factor(v.ctx(), p.ID)
	if err == nil && !f.Since.IsZero() {
		return true, nil
	}
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return false, err
	}
	held, err := s.Accounts.Passkeys(v.ctx(), p.ID)
	return len(held) > 0, err
}

// from is the place that a try to log in comes from: a browser in which the
// person logged in before, or else the address.
func (s *server) from(v *visit, login string) (place string, device bool, err error) {
	if c, err := v.r.Cookie(s.cookieName() + "-device"); err == nil && c.Value != "" {
		token := digest.Of([]byte(c.Value))
		known, err := s.Accounts.IsDevice(v.ctx(), token, login)
		if err != nil {
			return "", false, err
		}
		if known {
			return "device " + token.String(), true, nil
		}
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	return placeOf(address), false, nil
}

// mostWaiting is how many strangers may wait for their password to be looked at.
const mostWaiting = 64

// hashed runs what hashes a password, a few at a time, since each takes much
// memory. Those of known browsers have a line of their own: a flood of strangers
// keeps no owner waiting, and of strangers only so many wait.
func (s *server) hashed(ctx context.Context, known bool, do func()) error {
	line := s.trusted
	if !known {
		line = s.hashing
		if s.strangers.Add(1) > mostWaiting {
			s.strangers.Add(-1)
			return ErrBusy
		}
		defer s.strangers.Add(-1)
	}
	select {
	case line <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-line }()
	do()
	return nil
}

// nobodysHash is the hash of a password that was thrown away: checking against
// it costs what checking against a real one does.
const nobodysHash = "$argon2id$v=19$m=7168,t=5,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// halfLife is how long the code of a second factor is waited for.
const halfLife = 5 * time.Minute

// enter starts a session, always under a new token, and goes where it was to lead.
// as says how the visitor came; half: it is good for giving the second factor and for
// nothing else.
func (s *server) enter(v *visit, p dossier.Person, as account.Session, next string) error {
	policy, err := s.policy(v.ctx())
	if err != nil {
		return err
	}
	life, idle := account.Minutes(policy.Longest), account.Minutes(policy.Idle[p.Role])
	if as.Half {
		life, idle = halfLife, halfLife
	} else if err := s.Ledger.Note(v.ctx(), dossier.Reading{Act: dossier.LoggedIn, Who: p.ID, By: p.Role, At: s.Now()}); err != nil {
		return err
	}
	if old, ok := s.token(v.r); ok { // the browser holds one session, and who logs in anew leaves none behind
		if err := s.Accounts.EndSession(v.ctx(), old); err != nil {
			return err
		}
	}
	token, now := newToken(), s.Now()
	as.Person, as.Browser, as.Began, as.Until, as.Idle = p.ID, browserOf(v.r), now, now.Add(life), idle
	if as.Proved.IsZero() {
		as.Proved = now
	}
	if err := s.Accounts.AddSession(v.ctx(), digest.Of([]byte(token)), as); err != nil {
		return err
	}
	s.setToken(v.w, token, int(life.Seconds()))
	next = localPath(next)
	switch {
	case as.Half && v.json():
		return told("second-factor", dossier.ErrForbidden)
	case as.Half:
		return v.to("/login/code?next=" + url.QueryEscape(next))
	}
	if err := s.keepDevice(v, p); err != nil {
		return err
	}
	s.Log.InfoContext(v.ctx(), "login", "who", p.ID)
	if p.First && !p.Demo && as.Issuer == "" {
		next = "/account"
	}
	return v.to(next)
}

func newToken() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// deviceLife is how long a browser is remembered in which somebody logged in: as
// long as browsers keep a cookie (RFC 6265bis section 5.5).
const deviceLife = 400 * 24 * time.Hour

// keepDevice remembers that p logged in with this browser. It lets nobody in; it
// only keeps others' wrong guesses from counting here.
func (s *server) keepDevice(v *visit, p dossier.Person) error {
	name := s.cookieName() + "-device"
	c, err := v.r.Cookie(name)
	if err != nil || len(c.Value) != len(newToken()) {
		c = &http.Cookie{Value: newToken()}
	}
	if err := s.Accounts.AddDevice(v.ctx(), digest.Of([]byte(c.Value)), p.ID); err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: c.Value, Path: "/", MaxAge: int(deviceLife.Seconds()),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	return nil
}

// loginAgain shows the form with what was wrong; a program gets the problem.
func (s *server) loginAgain(v *visit, login string, err error) error {
	if v.json() {
		return err
	}
	pr := problemOf(v.lang, err)
	view := s.loginView(v, v.r.FormValue("next"))
	view.Login, view.Problem = login, &pr
	return s.show(v, pr.Status, "login", "login.title", view)
}

func (s *server) logout(v *visit) error {
	if err := s.set(v, dossier.LoggedOut, ""); err != nil {
		return err
	}
	if err := s.Phones.EndAll(v.ctx(), v.who.ID); err != nil {
		return err
	}
	if token, ok := s.token(v.r); ok {
		if err := s.Accounts.EndSession(v.ctx(), token); err != nil {
			return err
		}
	}
	s.setToken(v.w, "", -1)
	if v.session.Issuer != "" {
		return v.to("/login?out=1") // a form may not lead to another house, a link there may
	}
	return v.to("/login")
}
