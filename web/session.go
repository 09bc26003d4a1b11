package web

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"sohoa/dossier"
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
	Problem     *problem
}

func (s *server) loginForm(v *visit) error {
	if v.who.ID != "" {
		return v.to("/")
	}
	return s.show(v, http.StatusOK, "login", "login.title", loginView{Next: localPath(v.r.FormValue("next"))})
}

// login checks a password. What it takes does not tell whether there is such a
// login.
func (s *server) login(v *visit) error {
	login := strings.ToLower(strings.TrimSpace(v.r.PostFormValue("login")))
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	if !s.doors.ready(login, address) {
		return s.loginAgain(v, login, told("slow-down", dossier.ErrForbidden))
	}
	p, hash, err := s.People.PersonByLogin(v.ctx(), login)
	known := err == nil
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if !known {
		hash = nobodysHash
	}
	select {
	case s.hashing <- struct{}{}:
	case <-v.ctx().Done():
		return v.ctx().Err()
	}
	fits := CheckPassword(hash, v.r.PostFormValue("password"))
	<-s.hashing
	if !fits || !known {
		s.doors.failed(login, address)
		s.Log.WarnContext(v.ctx(), "login failed", "who", p.ID)
		return s.loginAgain(v, login, told("login", dossier.ErrForbidden))
	}
	s.doors.worked(login, address)
	return s.enter(v, p)
}

// nobodysHash is the hash of a password that was thrown away: checking against
// it costs what checking against a real one does.
const nobodysHash = "$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// enter starts a session, always under a new token.
func (s *server) enter(v *visit, p dossier.Person) error {
	if err := s.Ledger.Note(v.ctx(), dossier.Reading{Act: dossier.LoggedIn, Who: p.ID, By: p.Role, At: s.Now()}); err != nil {
		return err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(raw)
	if err := s.Sessions.AddSession(v.ctx(), digest.Of([]byte(token)), p.ID, s.Now().Add(sessionLife)); err != nil {
		return err
	}
	s.setToken(v.w, token, int(sessionLife.Seconds()))
	s.Log.InfoContext(v.ctx(), "login", "who", p.ID)
	return v.to(localPath(v.r.PostFormValue("next")))
}

// loginAgain shows the form with what was wrong; a program gets the problem.
func (s *server) loginAgain(v *visit, login string, err error) error {
	if v.json() {
		return err
	}
	pr := problemOf(v.lang, err)
	return s.show(v, pr.Status, "login", "login.title", loginView{Login: login, Next: localPath(v.r.PostFormValue("next")), Problem: &pr})
}

func (s *server) logout(v *visit) error {
	if err := s.set(v, dossier.LoggedOut, ""); err != nil {
		return err
	}
	if token, ok := s.token(v.r); ok {
		if err := s.Sessions.EndSession(v.ctx(), token); err != nil {
			return err
		}
	}
	s.setToken(v.w, "", -1)
	return v.to("/login")
}
