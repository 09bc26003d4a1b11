package web

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rsc.io/qr"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// A Vault seals what must not lie in a row in the clear. What was sealed for one
// owner opens for no other.
type Vault interface {
	SealSecret(owner string, secret []byte) ([]byte, error)
	OpenSecret(owner string, sealed []byte) ([]byte, error)
}

// How secrets are marked in rows.
const (
	sealedMark = "sealed:"
	plainMark  = "plain:"
)

// KeepSecret gives a secret the form in which it is kept: sealed for its owner, if there
// is a vault.
func KeepSecret(v Vault, owner string, secret []byte) (string, error) {
	if v == nil {
		return plainMark + base64.StdEncoding.EncodeToString(secret), nil
	}
	sealed, err := v.SealSecret(owner, secret)
	return sealedMark + base64.StdEncoding.EncodeToString(sealed), err
}

// KeptSecret is the secret of an owner that [KeepSecret] gave its form.
func KeptSecret(v Vault, owner, kept string) ([]byte, error) {
	mark, text, _ := strings.Cut(kept, ":")
	b, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("secret of %s: %w", owner, err)
	case mark+":" == plainMark:
		return b, nil
	case v == nil:
		return nil, fmt.Errorf("secret of %s is sealed, and the house has no key for it", owner)
	}
	return v.OpenSecret(owner, b)
}

func (s *server) keepSecret(p dossier.PersonID, secret []byte) (string, error) {
	return KeepSecret(s.Vault, string(p), secret)
}

func (s *server) keptSecret(p dossier.PersonID, kept string) ([]byte, error) {
	return KeptSecret(s.Vault, string(p), kept)
}

func looksLikeCode(given string) bool {
	given = strings.ReplaceAll(given, " ", "")
	return len(given) == 6 && strings.Trim(given, "0123456789") == ""
}

// takesCode reports whether a code of p's second factor may be taken: one that is
// of now and was not taken before or, at the door, one of the recovery codes.
// Who tries too often waits, wherever they try from: only who knows the password
// comes so far, so that nobody is kept out by others.
func (s *server) takesCode(v *visit, p dossier.Person, given string, recovery bool) (bool, error) {
	if !s.codes.ready("", string(p.ID)) {
		return false, told("slow-down", dossier.ErrForbidden)
	}
	f, err := s.Accounts.Factor(v.ctx(), p.ID)
	app := err == nil && !f.Since.IsZero()
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return false, err
	}
	var fits bool
	if app && looksLikeCode(given) {
		secret, err := s.keptSecret(p.ID, f.Secret)
		if err != nil {
			return false, err
		}
		if step, ok := account.CheckCode(secret, given, s.Now(), f.Step); ok {
			fits, err = s.Accounts.UseCode(v.ctx(), p.ID, step)
		}
		if err != nil {
			return false, err
		}
	} else if recovery {
		if fits, err = s.Accounts.UseRecovery(v.ctx(), p.ID, recoveryHash(given)); err != nil {
			return false, err
		}
	}
	if !fits {
		s.codes.failed("", string(p.ID))
		return false, nil
	}
	s.codes.worked("", string(p.ID))
	return true, nil
}

// recoveryHash is how a recovery code is kept: of 80 random bits a plain hash
// tells nothing.
func recoveryHash(code string) string {
	code = strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
	return digest.Of([]byte(code)).String()
}

type codeView struct {
	Next    string
	Passkey bool // the person has one
	Problem *problem
}

// codePage asks for the second factor.
func (s *server) codePage(v *visit, status int, p *problem) error {
	has, err := s.usesPasskeys(v, v.half.ID)
	if err != nil {
		return err
	}
	return s.show(v, status, "login_code", "login.title", codeView{Next: localPath(v.r.FormValue("next")), Passkey: has, Problem: p})
}

// codeForm asks who gave the right password for the code.
func (s *server) codeForm(v *visit) error {
	if v.half.ID == "" {
		return v.to("/login")
	}
	return s.codePage(v, http.StatusOK, nil)
}

func (s *server) codeGiven(v *visit) error {
	if v.half.ID == "" {
		return told("signed-out", dossier.ErrForbidden)
	}
	var fits bool
	var err error
	if text := v.r.PostFormValue("passkey"); text != "" {
		_, err = s.takesPasskey(v, text, forCode+v.token.String(), v.half.ID, false)
		fits = err == nil
	} else {
		fits, err = s.takesCode(v, v.half, v.r.PostFormValue("code"), true)
	}
	if err == nil && !fits {
		s.Log.WarnContext(v.ctx(), "code failed", "who", v.half.ID)
		err = told("code", dossier.ErrForbidden)
	}
	var t *toldError
	if errors.As(err, &t) && !v.json() {
		p := problemOf(v.lang, err)
		return s.codePage(v, p.Status, &p)
	}
	if err != nil {
		return err
	}
	return s.enter(v, v.half, account.Session{Issuer: v.session.Issuer, SID: v.session.SID}, v.r.PostFormValue("next"))
}

type factorView struct {
	Secret   string
	Path     string // of the QR code's dark modules
	Size     int
	Recovery []string
	Problem  *problem
}

// factorBegin makes a secret and shows it, this once. Until a code confirms it,
// it is good for nothing.
func (s *server) factorBegin(v *visit) error {
	fits, err := s.proofFits(v, v.r.PostFormValue("proof"), false)
	if err == nil && !fits {
		err = told("old-password", dossier.ErrForbidden)
	}
	if err != nil {
		return s.accountPage(v, "factor", err, "")
	}
	secret := make([]byte, account.SecretSize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	kept, err := s.keepSecret(v.self.ID, secret)
	if err != nil {
		return err
	}
	if err := s.Accounts.BeginFactor(v.ctx(), v.self.ID, kept); err != nil {
		return s.accountPage(v, "factor", err, "")
	}
	view := factorView{Secret: spaced(account.SecretText(secret))}
	if view.Path, view.Size, err = qrPath(account.CodeURI(secret, "Sohoa", v.self.Login)); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "factor", "factor.title", view)
}

// spaced puts a blank after every fourth character.
func spaced(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quiet is the margin of a QR code in modules (ISO/IEC 18004 section 9.1).
const quiet = 4

// qrPath draws a QR code as the path of an SVG, a unit a module.
func qrPath(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return b.String(), code.Size + 2*quiet, nil
}

// recoveryCodes is how many a person gets for when the phone is lost.
const recoveryCodes = 10

// newRecovery makes recovery codes, and what is kept of them.
func newRecovery() (codes, hashes []string) {
	for range recoveryCodes {
		code := NewPassword()
		codes, hashes = append(codes, code), append(hashes, recoveryHash(code))
	}
	return codes, hashes
}

// factorConfirm takes the first code of a new factor, and shows the recovery
// codes, this once.
func (s *server) factorConfirm(v *visit) error {
	f, err := s.Accounts.Factor(v.ctx(), v.self.ID)
	if errors.Is(err, dossier.ErrNotFound) || err == nil && !f.Since.IsZero() {
		return s.accountPage(v, "factor", told("factor-none", dossier.ErrConflict), "")
	} else if err != nil {
		return err
	}
	if !s.codes.ready("", string(v.self.ID)) {
		return s.accountPage(v, "factor", told("slow-down", dossier.ErrForbidden), "")
	}
	secret, err := s.keptSecret(v.self.ID, f.Secret)
	if err != nil {
		return err
	}
	step, ok := account.CheckCode(secret, v.r.PostFormValue("code"), s.Now(), f.Step)
	if !ok {
		s.codes.failed("", string(v.self.ID))
		p := problemOf(v.lang, told("code", dossier.ErrForbidden))
		if v.json() {
			return v.problem(p)
		}
		return s.show(v, p.Status, "factor", "factor.title", factorView{Problem: &p})
	}
	view := factorView{}
	var hashes []string
	view.Recovery, hashes = newRecovery()
	if err := s.Accounts.AddFactor(v.ctx(), v.self.ID, step, hashes, v.token, v.by()); err != nil {
		return s.accountPage(v, "factor", err, "")
	}
	s.Log.InfoContext(v.ctx(), "second factor added", "who", v.self.ID)
	return s.show(v, http.StatusOK, "factor", "factor.title", view)
}

// factorRemove takes the visitor's factor away; the password is asked for. Where
// the role needs one, another must be set up before anything else is done.
func (s *server) factorRemove(v *visit) error {
	fits, err := s.proofFits(v, v.r.PostFormValue("proof"), false)
	if err == nil && !fits {
		err = told("old-password", dossier.ErrForbidden)
	}
	if err == nil {
		err = s.Accounts.RemoveFactor(v.ctx(), v.self.ID, v.token, v.by())
	}
	if err != nil {
		return s.accountPage(v, "factor", err, "")
	}
	return v.to("/account")
}
