package oidc_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/web/oidc"
	"sohoa/web/oidc/oidctest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func provider(t *testing.T, there *oidctest.Provider, change func(*oidc.Config)) *oidc.Provider {
	t.Helper()
	c := oidc.Config{Issuer: there.URL, Client: "sohoa", Secret: "secret", Return: "https://sohoa.vn/login/provider/return", Private: true, Base: there.TLS(), Now: func() time.Time { return noon }}
	change(&c)
	p, err := oidc.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wants(t *testing.T, name string, err error, what string) {
	t.Helper()
	var r *oidc.Refusal
	if what == "" && err != nil || what != "" && (!errors.As(err, &r) || r.What != what) {
		t.Errorf("%s: %v, want %q", name, err, what)
	}
}

func TestLogin(t *testing.T) {
	there := oidctest.New(t, func() time.Time { return noon })
	p := provider(t, there, func(*oidc.Config) {})
	a, to, err := p.Begin(t.Context(), false)
	wants(t, "begin", err, "")
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("code_challenge_method") != "S256" || u.Query().Get("state") != a.State || u.Query().Get("nonce") != a.Nonce || u.Query().Get("scope") != "openid" {
		t.Errorf("people go to %s", to)
	}
	who, err := p.Finish(t.Context(), a, there.Allow(to))
	wants(t, "finish", err, "")
	if who.Issuer != there.URL || who.Subject != "s-1" || who.SID != "sid-1" || who.Strong {
		t.Errorf("%+v", who)
	}
	if leave, err := p.Leave(t.Context(), "https://sohoa.vn/login"); err != nil || !strings.HasPrefix(leave, there.URL+"/leave?") || !strings.Contains(leave, "client_id=sohoa") {
		t.Errorf("%s, %v", leave, err)
	}
}

// Keys that the provider changes are fetched anew, and those it no longer has sign
// nothing.
func TestKeysRotate(t *testing.T) {
	there := oidctest.New(t, func() time.Time { return noon })
	p := provider(t, there, func(*oidc.Config) {})
	for i := range 3 {
		a, to, err := p.Begin(t.Context(), false)
		wants(t, "begin", err, "")
		_, err = p.Finish(t.Context(), a, there.Allow(to))
		wants(t, "finish", err, "")
		if i < 2 {
			there.Rotate()
		}
	}
	there.Forge = true
	a, to, err := p.Begin(t.Context(), false)
	wants(t, "begin", err, "")
	_, err = p.Finish(t.Context(), a, there.Allow(to))
	wants(t, "a key that is not published", err, "token")
}

func TestRefusals(t *testing.T) {
	there := oidctest.New(t, func() time.Time { return noon })
	for name, row := range map[string]struct {
		claims map[string]any
		query  map[string]string
		demand func(*oidc.Config)
		fresh  bool
		what   string
	}{
		"another state":             {query: map[string]string{"state": "x"}, what: "state"},
		"another issuer's":          {query: map[string]string{"iss": "https://evil.com"}, what: "issuer"},
		"denied":                    {query: map[string]string{"error": "access_denied"}, what: "denied"},
		"another code":              {query: map[string]string{"code": "x"}, what: "exchange"},
		"another nonce":             {claims: map[string]any{"nonce": "x"}, what: "nonce"},
		"no nonce":                  {claims: map[string]any{"nonce": nil}, what: "nonce"},
		"another audience":          {claims: map[string]any{"aud": "other"}, what: "token"},
		"two, not authorised":       {claims: map[string]any{"aud": []string{"sohoa", "other"}}, what: "token"},
		"two, authorised":           {claims: map[string]any{"aud": []string{"sohoa", "other"}, "azp": "sohoa"}},
		"issued elsewhere":          {claims: map[string]any{"iss": "https://evil.com"}, what: "token"},
		"of nobody":                 {claims: map[string]any{"sub": nil}, what: "token"},
		"over":                      {claims: map[string]any{"exp": noon.Add(-2 * time.Minute).Unix()}, what: "expired"},
		"over by a clock":           {claims: map[string]any{"exp": noon.Add(-30 * time.Second).Unix()}},
		"of tomorrow":               {claims: map[string]any{"iat": noon.Add(time.Hour).Unix()}, what: "token"},
		"ahead by a clock":          {claims: map[string]any{"iat": noon.Add(30 * time.Second).Unix()}},
		"unsigned":                  {claims: map[string]any{"alg": "none"}, what: "token"},
		"signed by the secret":      {claims: map[string]any{"alg": "HS256"}, what: "token"},
		"weaker than demanded":      {claims: map[string]any{"acr": "low"}, demand: func(c *oidc.Config) { c.ACR = []string{"high"} }, what: "acr"},
		"as strong":                 {claims: map[string]any{"acr": "high"}, demand: func(c *oidc.Config) { c.ACR = []string{"higher", "high"} }},
		"by password":               {claims: map[string]any{"amr": []string{"pwd"}}, demand: func(c *oidc.Config) { c.AMR = []string{"otp", "hwk"} }, what: "amr"},
		"by two":                    {claims: map[string]any{"amr": []string{"pwd", "otp"}}, demand: func(c *oidc.Config) { c.AMR = []string{"otp", "hwk"} }},
		"proved, long ago":          {claims: map[string]any{"auth_time": noon.Add(-time.Hour).Unix()}, fresh: true, what: "stale"},
		"proved, nobody knows when": {claims: map[string]any{"auth_time": nil}, fresh: true, what: "stale"},
		"proved now":                {claims: map[string]any{"auth_time": noon.Unix()}, fresh: true},
	} {
		demand := row.demand
		if demand == nil {
			demand = func(*oidc.Config) {}
		}
		p := provider(t, there, demand)
		there.Claims = row.claims
		a, to, err := p.Begin(t.Context(), row.fresh)
		wants(t, name, err, "")
		q := there.Allow(to)
		for k, v := range row.query {
			q.Set(k, v)
		}
		who, err := p.Finish(t.Context(), a, q)
		wants(t, name, err, row.what)
		if err == nil && who.Strong != (row.demand != nil) {
			t.Errorf("%s: %+v", name, who)
		}
	}
	there.Claims = nil
	p := provider(t, there, func(*oidc.Config) {})
	a, to, _ := p.Begin(t.Context(), false)
	q := there.Allow(to)
	other, _, _ := p.Begin(t.Context(), false)
	other.State = a.State
	_, err := p.Finish(t.Context(), other, q)
	wants(t, "a code that was given to somebody else's browser (PKCE)", err, "exchange")
	_, err = p.Finish(t.Context(), oidc.Attempt{}, url.Values{})
	wants(t, "nothing was begun", err, "state")
}

func TestLogoutTokens(t *testing.T) {
	there := oidctest.New(t, func() time.Time { return noon })
	p := provider(t, there, func(*oidc.Config) {})
	ended, err := p.LoggedOut(t.Context(), there.Logout(nil))
	wants(t, "a logout", err, "")
	if ended.SID != "sid-1" || ended.Subject != "s-1" {
		t.Errorf("%+v", ended)
	}
	for name, claims := range map[string]map[string]any{"an ID token": {"nonce": "x", "events": nil}, "with a nonce": {"nonce": "x"}, "for others": {"aud": "other"}, "an old one": {"iat": noon.Add(-time.Hour).Unix()},
		"of nobody": {"sub": nil, "sid": nil}, "without a name": {"jti": nil}, "unsigned": {"alg": "none"}} {
		_, err := p.LoggedOut(t.Context(), there.Logout(claims))
		wants(t, name, err, "logout")
	}
}

// The house goes to its provider and nowhere else, whatever the provider says.
func TestNowhereElse(t *testing.T) {
	there := oidctest.New(t, func() time.Time { return noon })
	away := func(name string, p *oidc.Provider, ctx context.Context) {
		t.Helper()
		if _, _, err := p.Begin(ctx, false); !errors.Is(err, oidc.ErrAway) {
			t.Errorf("%s: %v", name, err)
		}
	}
	away("not in a network of one's own", provider(t, there, func(c *oidc.Config) { c.Private = false }), t.Context())
	for name, change := range map[string]map[string]any{"a token endpoint elsewhere": {"token_endpoint": "https://169.254.169.254/latest"}, "keys elsewhere": {"jwks_uri": "https://inside.example/keys"},
		"without TLS": {"token_endpoint": "http://10.0.0.1/token"}, "a logout elsewhere": {"end_session_endpoint": "https://evil.com"}, "another issuer": {"issuer": "https://evil.com"}} {
		there.Discovery = change
		away(name, provider(t, there, func(*oidc.Config) {}), t.Context())
	}
	there.Discovery = map[string]any{"token_endpoint": "https://sso.tinh.gov.vn/token"}
	if _, _, err := provider(t, there, func(c *oidc.Config) { c.Hosts = []string{".tinh.gov.vn"} }).Begin(t.Context(), false); err != nil {
		t.Error(err)
	}
	there.Discovery = nil

	// One that is away is asked again after a while, not by everybody; who turns away
	// does not make it away for others.
	now := noon
	p := provider(t, there, func(c *oidc.Config) { c.Now = func() time.Time { return now } })
	there.Away = true
	away("away", p, t.Context())
	there.Away = false
	away("just now", p, t.Context())
	now = now.Add(11 * time.Second)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, _, err := p.Begin(gone, false); err != nil {
		t.Errorf("who turned away: %v", err)
	}
	for _, issuer := range []string{"http://sso.tinh.gov.vn", "sso", "https://u@sso.vn", ""} {
		if _, err := oidc.New(oidc.Config{Issuer: issuer, Client: "c", Return: "https://s.vn", Private: true}); err == nil {
			t.Errorf("%q is taken", issuer)
		}
	}
	if slices.Contains(there.Asked, http.MethodConnect) {
		t.Error("a proxy was asked")
	}
}
