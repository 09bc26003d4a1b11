// Package oidc lets people log in at an identity provider: OpenID Connect Core 1.0,
// the authorization code flow with PKCE (RFC 7636), state and nonce; RP-Initiated and
// Back-Channel Logout 1.0. What a provider says of a person is who they are, and
// nothing of what they may.
package oidc

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sohoa/dossier/hook"
)

// A Config says which provider it is, and what is asked of it.
type Config struct {
	Issuer string // as its tokens say it
	Name   string // for people; empty: the issuer's host
	Client string // id of this house there
	Secret string // empty: a public client
	Return string // address that people come back to: the origin with /login/provider/return

	// ACR are the authentication context classes of which one must be told, AMR the
	// methods of which one must (RFC 8176). With either a login there counts as two
	// factors; without them the house asks for its own second factor.
	ACR, AMR []string

	// Hosts may be called besides the issuer's own; Private: also in networks of one's
	// own, and on this machine without TLS.
	Hosts   []string
	Private bool

	Base *http.Transport // the TLS of tests; nil: the system's
	Now  func() time.Time
}

// Skew is how far clocks may be apart.
const Skew = time.Minute

// ErrAway: the provider does not answer, or not as one.
var ErrAway = errors.New("the identity provider is away")

// A Refusal says what was wrong with what came back: state, issuer, denied, exchange,
// token, nonce, expired, acr, amr, stale or logout.
type Refusal struct{ What string }

func (r *Refusal) Error() string { return "identity provider: " + r.What }

func refuse(what string, err error) error {
	if err == nil {
		return &Refusal{what}
	}
	return fmt.Errorf("%w: %w", &Refusal{what}, err)
}

// An Attempt is a login that was begun, kept until its person comes back.
type Attempt struct {
	State, Nonce, Verifier string
	Fresh                  bool  // who it is must be proved there anew
	Begun                  int64 // Unix seconds
}

// An Identity is whom a provider says a person is.
type Identity struct {
	Issuer, Subject string
	SID             string    // the provider's name of the session; empty: it has none
	Strong          bool      // a second factor was given, as the house demands
	Proved          time.Time // when the person last proved there who they are; zero: it is not told
}

// Ended are the sessions that a provider ended: one, or all of a subject.
type Ended struct{ SID, Subject string }

// A Provider is an identity provider. It is asked for its addresses when somebody
// first goes there.
type Provider struct {
	c      Config
	allow  hook.Allowed
	client *http.Client

	mu    sync.Mutex
	known *known
	asked time.Time
}

type known struct {
	provider *oidc.Provider
	auth     oauth2.Config
	leave    string // end_session_endpoint
}

// New is the provider of a configuration, which is checked by its form alone.
func New(c Config) (*Provider, error) {
	p := &Provider{c: c}
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || c.Client == "" || c.Return == "" {
		return nil, errors.New("an identity provider needs an issuer, https://…, a client and the origin of this house")
	}
	p.allow = hook.Allowed{Hosts: append([]string{strings.ToLower(u.Hostname())}, c.Hosts...), Private: c.Private}
	if err := p.may(c.Issuer); err != nil {
		return nil, err
	}
	p.client = p.guarded()
	return p, nil
}

// Name is what people call it.
func (p *Provider) Name() string {
	u, _ := url.Parse(p.c.Issuer) // it was checked
	return cmp.Or(p.c.Name, u.Hostname())
}

// Issuer names it in tokens.
func (p *Provider) Issuer() string { return p.c.Issuer }

const (
	freshFor = time.Hour        // after which addresses are asked for anew
	restFor  = 10 * time.Second // after it was away
)

// discovered are the provider's addresses (OpenID Connect Discovery 1.0). One that was
// away just now is not asked again at once, so that nobody waits in line for it.
func (p *Provider) discovered(ctx context.Context) (*known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	age := p.c.Now().Sub(p.asked)
	switch {
	case p.known != nil && age < freshFor:
		return p.known, nil
	case p.known == nil && age < restFor:
		return nil, ErrAway
	}
	p.asked = p.c.Now()
	k, err := p.discover(oidc.ClientContext(context.WithoutCancel(ctx), p.client)) // who turns away does not make it away for others
	if err != nil && p.known == nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	} else if err == nil {
		p.known = k
	}
	return p.known, nil
}

func (p *Provider) discover(ctx context.Context) (*known, error) {
	found, err := oidc.NewProvider(ctx, p.c.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Leave string `json:"end_session_endpoint"`
		Keys  string `json:"jwks_uri"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	for _, address := range []string{found.Endpoint().AuthURL, found.Endpoint().TokenURL, more.Keys, cmp.Or(more.Leave, p.c.Issuer)} {
		if err := p.may(address); err != nil {
			return nil, err
		}
	}
	return &known{provider: found, leave: more.Leave, auth: oauth2.Config{ClientID: p.c.Client, ClientSecret: p.c.Secret, Endpoint: found.Endpoint(),
		RedirectURL: p.c.Return, Scopes: []string{oidc.ScopeOpenID}}}, nil
}

// Begin begins a login, and returns where the person goes. fresh: they must prove there
// anew who they are.
func (p *Provider) Begin(ctx context.Context, fresh bool) (Attempt, string, error) {
	k, err := p.discovered(ctx)
	if err != nil {
		return Attempt{}, "", err
	}
	a := Attempt{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Fresh: fresh, Begun: p.c.Now().Unix()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if len(p.c.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(p.c.ACR, " ")))
	}
	if fresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return a, k.auth.AuthCodeURL(a.State, options...), nil
}

func random() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Finish takes what a person came back with, against the attempt that they began.
func (p *Provider) Finish(ctx context.Context, a Attempt, q url.Values) (Identity, error) {
	k, err := p.discovered(ctx)
	if err != nil {
		return Identity{}, err
	}
	iss := q.Get("iss") // RFC 9207: from which provider the answer is
	switch {
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(a.State)) != 1 || a.State == "":
		return Identity{}, refuse("state", nil)
	case iss != "" && iss != p.c.Issuer:
		return Identity{}, refuse("issuer", nil)
	case q.Get("error") != "":
		return Identity{}, refuse("denied", nil)
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := k.auth.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Identity{}, refuse("exchange", err)
	}
	text, _ := token.Extra("id_token").(string)
	return p.identity(ctx, k, a, text)
}

type claims struct {
	Nonce string   `json:"nonce"`
	SID   string   `json:"sid"`
	ACR   string   `json:"acr"`
	AMR   []string `json:"amr"`
	At    int64    `json:"auth_time"`
	Party string   `json:"azp"`
}

// identity holds an ID token against section 3.1.3.7. Its signature, issuer, audience
// and end are looked at by go-oidc, whose key set is fetched anew for a key that it does
// not know.
func (p *Provider) identity(ctx context.Context, k *known, a Attempt, text string) (Identity, error) {
	late := func() time.Time { return p.c.Now().Add(-Skew) }
	token, err := k.provider.Verifier(&oidc.Config{ClientID: p.c.Client, Now: late}).Verify(ctx, text)
	var over *oidc.TokenExpiredError
	if errors.As(err, &over) {
		return Identity{}, refuse("expired", err)
	} else if err != nil {
		return Identity{}, refuse("token", err)
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return Identity{}, refuse("token", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(a.Nonce)) != 1 || a.Nonce == "":
		return Identity{}, refuse("nonce", nil)
	case token.Subject == "" || token.IssuedAt.After(p.c.Now().Add(Skew)) || len(token.Audience) > 1 && c.Party != p.c.Client:
		return Identity{}, refuse("token", nil)
	case a.Fresh && c.At < a.Begun-int64(Skew.Seconds()):
		return Identity{}, refuse("stale", nil)
	case len(p.c.ACR) > 0 && !slices.Contains(p.c.ACR, c.ACR):
		return Identity{}, refuse("acr", nil)
	case len(p.c.AMR) > 0 && !slices.ContainsFunc(p.c.AMR, func(m string) bool { return slices.Contains(c.AMR, m) }):
		return Identity{}, refuse("amr", nil)
	}
	who := Identity{Issuer: token.Issuer, Subject: token.Subject, SID: c.SID, Strong: len(p.c.ACR)+len(p.c.AMR) > 0}
	if c.At > 0 {
		who.Proved = time.Unix(min(c.At, p.c.Now().Unix()), 0)
	}
	return who, nil
}

// Leave is where a person ends the session at the provider too, to come back to an
// address; empty if there is no such place (RP-Initiated Logout 1.0 section 2). The
// house keeps no token, so it names itself.
func (p *Provider) Leave(ctx context.Context, back string) (string, error) {
	k, err := p.discovered(ctx)
	if err != nil || k.leave == "" {
		return "", err
	}
	u, err := url.Parse(k.leave)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("client_id", p.c.Client)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// logoutEvent names a logout token (Back-Channel Logout 1.0 section 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// mostLogoutAge is how old a logout token may be.
const mostLogoutAge = 5 * time.Minute

// LoggedOut holds a logout token against Back-Channel Logout 1.0 section 2.6.
func (p *Provider) LoggedOut(ctx context.Context, text string) (Ended, error) {
	k, err := p.discovered(ctx)
	if err != nil {
		return Ended{}, err
	}
	token, err := k.provider.Verifier(&oidc.Config{ClientID: p.c.Client, SkipExpiryCheck: true}).Verify(oidc.ClientContext(ctx, p.client), text)
	if err != nil {
		return Ended{}, refuse("logout", err)
	}
	var c struct {
		SID    string         `json:"sid"`
		Nonce  *string        `json:"nonce"`
		Events map[string]any `json:"events"`
		ID     string         `json:"jti"`
	}
	if err := token.Claims(&c); err != nil {
		return Ended{}, refuse("logout", err)
	}
	age := p.c.Now().Sub(token.IssuedAt)
	_, is := c.Events[logoutEvent]
	if !is || c.Nonce != nil || c.ID == "" || c.SID == "" && token.Subject == "" || age > mostLogoutAge || age < -Skew {
		return Ended{}, refuse("logout", nil)
	}
	return Ended{SID: c.SID, Subject: token.Subject}, nil
}
