package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/web/passkey"
)

// Passkeys keeps passkeys and tickets of the door: challenges, which are good once.
type Passkeys interface {
	AddTicket(ctx context.Context, ticket digest.Digest, what, said string, until time.Time) error
	TakeTicket(ctx context.Context, ticket digest.Digest, what string) (said string, err error)

	Passkeys(ctx context.Context, p dossier.PersonID) ([]account.Passkey, error)
	Passkey(ctx context.Context, id string) (account.Passkey, error)
	AddPasskey(ctx context.Context, k account.Passkey, recovery []string, keep digest.Digest, by account.By) error
	UsePasskey(ctx context.Context, k account.Passkey, count uint32) (bool, error)
	DoubtPasskey(ctx context.Context, k account.Passkey, by account.By) error
	RemovePasskey(ctx context.Context, p dossier.PersonID, id string, keep digest.Digest, by account.By) error
}

func (s *server) passkeyRoutes() []route {
	return []route{
		{"POST /login/passkey/begin", open, s.passkeyAsked},
		{"POST /login/passkey", open, s.passkeyLogin},
		{"POST /account/prove/passkey", enter, s.passkeyProof},
		{"POST /account/passkeys/begin", enter, s.passkeyBegin},
		{"POST /account/passkeys", enter, s.passkeyAdd},
		{"POST /account/passkeys/remove", enter, s.passkeyRemove},
	}
}

// What a challenge is good for. All but that of the door are bound to the session in
// which they were given.
const (
	forLogin    = "login"
	forCode     = "code "
	forProof    = "proof "
	forRegister = "register "
)

// challengeLife is how long an answer is waited for.
const challengeLife = 5 * time.Minute

// asksAtDoor is how often a minute strangers of one address may be given a challenge,
// each of which is a row for [challengeLife].
const asksAtDoor = 300

type (
	descriptor struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	parameter struct {
		Type string `json:"type"`
		Alg  int    `json:"alg"`
	}
	// requestOptions and creationOptions are Web Authentication's own (sections 5.5 and
	// 5.4), bytes in base64url.
	requestOptions struct {
		Challenge    string       `json:"challenge"`
		Timeout      int64        `json:"timeout"`
		Party        string       `json:"rpId"`
		Allow        []descriptor `json:"allowCredentials"`
		Verification string       `json:"userVerification"`
	}
	creationOptions struct {
		Party struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"rp"`
		User struct {
			ID          string `json:"id"`
			Name        string `json:"name"`
			DisplayName string `json:"displayName"`
		} `json:"user"`
		Challenge   string       `json:"challenge"`
		Parameters  []parameter  `json:"pubKeyCredParams"`
		Timeout     int64        `json:"timeout"`
		Exclude     []descriptor `json:"excludeCredentials"`
		Attestation string       `json:"attestation"`
		Selection   struct {
			Resident     string `json:"residentKey"`
			Verification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	}
)

func descriptors(keys []account.Passkey) []descriptor {
	list := []descriptor{}
	for _, k := range keys {
		list = append(list, descriptor{"public-key", k.ID})
	}
	return list
}

// usesPasskeys reports whether a person can be asked for a passkey.
func (s *server) usesPasskeys(v *visit, p dossier.PersonID) (bool, error) {
	if s.party.ID == "" {
		return false, nil
	}
	held, err := s.Accounts.Passkeys(v.ctx(), p)
	return len(held) > 0, err
}

// challenge makes a challenge that is good once, for what it is given for.
func (s *server) challenge(v *visit, what string) (string, error) {
	if s.party.ID == "" {
		return "", told("passkey-off", dossier.ErrConflict)
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw), s.Accounts.AddTicket(v.ctx(), digest.Of(raw), what, "", s.Now().Add(challengeLife))
}

func (v *visit) options(o any) error {
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(o)
}

// assertion gives the options of an assertion.
func (s *server) assertion(v *visit, what string, of dossier.PersonID, verification string) error {
	o := requestOptions{Timeout: challengeLife.Milliseconds(), Party: s.party.ID, Allow: []descriptor{}, Verification: verification}
	if of != "" {
		held, err := s.Accounts.Passkeys(v.ctx(), of)
		if err != nil {
			return err
		}
		o.Allow = descriptors(held)
	}
	var err error
	if o.Challenge, err = s.challenge(v, what); err != nil {
		return err
	}
	return v.options(o)
}

// passkeyAsked asks at the door: whoever gave the right password for their second
// factor, anybody else for a passkey that stands alone, whose owner nobody names.
func (s *server) passkeyAsked(v *visit) error {
	if v.half.ID != "" {
		return s.assertion(v, forCode+v.token.String(), v.half.ID, "discouraged") // the password was given
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	if wait := s.knocks.Take(placeOf(address)); wait > 0 {
		return told("slow-down", dossier.ErrForbidden)
	}
	return s.assertion(v, forLogin, "", "required")
}

func (s *server) passkeyProof(v *visit) error {
	return s.assertion(v, forProof+v.token.String(), v.self.ID, "required")
}

// takesPasskey holds an answer against the challenge that it answers and the passkey
// that it names. owner, if not empty, is whose it must be. All that is wrong is told as
// one, but that a passkey is doubted; the log says which.
func (s *server) takesPasskey(v *visit, text, what string, owner dossier.PersonID, verified bool) (account.Passkey, error) {
	k, count, err := s.answered(v, text, what, owner, verified)
	var refused *passkey.Refusal
	switch {
	case errors.As(err, &refused) && refused.What == "counter" && k.Doubt.IsZero():
		if err := s.Accounts.DoubtPasskey(v.ctx(), k, account.By{Who: k.Person}); err != nil {
			return k, err
		}
		k.Doubt = s.Now()
	case errors.As(err, &refused):
	case err != nil:
		return k, err
	}
	if err == nil && k.Doubt.IsZero() {
		fits, err := s.Accounts.UsePasskey(v.ctx(), k, count)
		if err != nil || fits {
			return k, err
		}
		refused = &passkey.Refusal{What: "at once"}
	}
	if refused == nil {
		refused = &passkey.Refusal{What: "doubted"}
	}
	s.Log.WarnContext(v.ctx(), "passkey refused", "who", k.Person, "why", refused.What)
	if !k.Doubt.IsZero() && (refused.What == "counter" || refused.What == "doubted") {
		return k, told("passkey-doubt", dossier.ErrForbidden)
	}
	return k, told("passkey", dossier.ErrForbidden)
}

func (s *server) answered(v *visit, text, what string, owner dossier.PersonID, verified bool) (k account.Passkey, count uint32, err error) {
	a, err := passkey.Parse(text)
	if err != nil {
		return k, 0, err
	}
	challenge, err := s.taken(v, a, what)
	if err != nil {
		return k, 0, err
	}
	id, err := a.CredentialID()
	if err != nil {
		return k, 0, err
	}
	k, err = s.Accounts.Passkey(v.ctx(), a.ID)
	if errors.Is(err, dossier.ErrNotFound) || err == nil && owner != "" && k.Person != owner {
		return account.Passkey{}, 0, &passkey.Refusal{What: "owner"}
	} else if err != nil {
		return k, 0, err
	}
	count, err = s.party.Assert(challenge, passkey.Credential{ID: id, Key: k.Key, Count: k.Count}, account.Handle(k.Person), a, verified)
	return k, count, err
}

// taken takes the challenge that an answer says it answers.
func (s *server) taken(v *visit, a passkey.Answer, what string) ([]byte, error) {
	if s.party.ID == "" {
		return nil, told("passkey-off", dossier.ErrConflict)
	}
	challenge, err := a.Challenge()
	if err != nil {
		return nil, err
	}
	_, err = s.Accounts.TakeTicket(v.ctx(), digest.Of(challenge), what)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, &passkey.Refusal{What: "challenge"}
	}
	return challenge, err
}

// passkeyLogin lets in who has a passkey and was verified by it, which is two factors:
// what they hold, and what they know or are.
func (s *server) passkeyLogin(v *visit) error {
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	from := placeOf(address)
	text := v.r.PostFormValue("passkey")
	a, _ := passkey.Parse(text)                           // what does not parse is refused below
	name := "passkey " + digest.Of([]byte(a.ID)).String() // failures count per passkey and address, as those of passwords do
	if !s.doors.ready(name, from) {
		return s.loginAgain(v, "", told("slow-down", dossier.ErrForbidden))
	}
	k, err := s.takesPasskey(v, text, forLogin, "", true)
	var t *toldError
	if errors.As(err, &t) {
		if a.ID != "" {
			s.doors.failed(name, from)
		}
		return s.loginAgain(v, "", err)
	} else if err != nil {
		return err
	}
	p, err := s.People.Person(v.ctx(), k.Person)
	if err != nil {
		return err
	}
	if p.Locked {
		s.Log.WarnContext(v.ctx(), "login of a locked account", "who", p.ID)
		return s.loginAgain(v, "", told("locked", dossier.ErrForbidden))
	}
	return s.enter(v, p, account.Session{}, v.r.PostFormValue("next"))
}

// freshProof is within how many minutes it must have been proved who it is before a
// passkey is added.
const freshProof = 5

// passkeyBegin gives the options of a new passkey. Who it is was proved lately, or is
// proved with the request.
func (s *server) passkeyBegin(v *visit) error {
	if err := s.proven(v, freshProof); err != nil {
		return err
	}
	held, err := s.Accounts.Passkeys(v.ctx(), v.self.ID)
	if err != nil {
		return err
	}
	o := creationOptions{Timeout: challengeLife.Milliseconds(), Attestation: "none", Exclude: descriptors(held)}
	if o.Challenge, err = s.challenge(v, forRegister+v.token.String()); err != nil {
		return err
	}
	o.Party.ID, o.Party.Name = s.party.ID, "Sohoa"
	o.User.ID, o.User.Name, o.User.DisplayName = base64.RawURLEncoding.EncodeToString(account.Handle(v.self.ID)), v.self.Login, v.self.Login
	for _, alg := range passkey.Algorithms {
		o.Parameters = append(o.Parameters, parameter{"public-key", alg})
	}
	o.Selection.Resident, o.Selection.Verification = "preferred", "required"
	return v.options(o)
}

// passkeyAdd keeps a new passkey. Who has no recovery codes gets some, this once.
func (s *server) passkeyAdd(v *visit) error {
	k, err := s.registered(v)
	var refused *passkey.Refusal
	if errors.As(err, &refused) {
		s.Log.WarnContext(v.ctx(), "passkey not registered", "who", v.self.ID, "why", refused.What)
		err = told("passkey-new", dossier.ErrForbidden)
	}
	if err != nil {
		return s.accountPage(v, "passkey", err, "")
	}
	has, err := s.hasFactor(v, v.self)
	if err != nil {
		return err
	}
	var view factorView
	var hashes []string
	if !has {
		view.Recovery, hashes = newRecovery()
	}
	if err := s.Accounts.AddPasskey(v.ctx(), k, hashes, v.token, v.by()); err != nil {
		if errors.Is(err, dossier.ErrConflict) {
			err = told("passkey-known", err)
		}
		return s.accountPage(v, "passkey", err, "")
	}
	s.Log.InfoContext(v.ctx(), "passkey added", "who", v.self.ID)
	if has {
		return v.to("/account")
	}
	return s.show(v, http.StatusOK, "factor", "factor.title", view)
}

// registered is the passkey that an answer registers.
func (s *server) registered(v *visit) (k account.Passkey, err error) {
	a, err := passkey.Parse(v.r.PostFormValue("passkey"))
	if err != nil {
		return k, err
	}
	challenge, err := s.taken(v, a, forRegister+v.token.String())
	if err != nil {
		return k, err
	}
	c, err := s.party.Register(challenge, a)
	if err != nil {
		return k, err
	}
	k = account.Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Person: v.self.ID, Name: clean(v.r.PostFormValue("name")), Key: c.Key, Count: c.Count, Synced: c.Synced}
	if k.Check() != nil {
		return k, invalid("passkey.name")
	}
	return k, nil
}

// passkeyRemove takes one of the visitor's passkeys away. The last factor of who needs
// one stays until there is another.
func (s *server) passkeyRemove(v *visit) error {
	if err := s.proven(v, freshProof); err != nil {
		return err
	}
	err := s.mayRemove(v)
	if err == nil {
		err = s.Accounts.RemovePasskey(v.ctx(), v.self.ID, strings.TrimSpace(v.r.PostFormValue("id")), v.token, v.by())
	}
	if err != nil {
		return s.accountPage(v, "passkey", err, "")
	}
	return v.to("/account")
}

func (s *server) mayRemove(v *visit) error {
	if v.r.PostFormValue("id") == "" { // without one all would go
		return dossier.ErrNotFound
	}
	policy, err := s.policy(v.ctx())
	if err != nil || !policy.Needs(v.self.Role, s.Now()) {
		return err
	}
	held, err := s.Accounts.Passkeys(v.ctx(), v.self.ID)
	if err != nil {
		return err
	}
	f, err := s.Accounts.Factor(v.ctx(), v.self.ID)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if len(held) == 1 && f.Since.IsZero() {
		return told("factor-last", dossier.ErrConflict)
	}
	return nil
}
