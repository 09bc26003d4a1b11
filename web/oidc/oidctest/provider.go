// Package oidctest is an identity provider for tests, which lies where a test asks it
// to. A real one is asked in conformance.
package oidctest

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A Provider answers over TLS on this machine.
type Provider struct {
	URL       string
	Claims    map[string]any // instead of the right ones; nil: without. alg: how tokens are signed
	Discovery map[string]any // the same, of what is discovered
	Forge     bool           // sign by a key that is not published
	Away      bool
	Asked     []string // methods of what was asked

	server *httptest.Server
	now    func() time.Time
	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    int
	given  map[string]url.Values // by code: what was asked for
}

// New starts one.
func New(t testing.TB, now func() time.Time) *Provider {
	p := &Provider{now: now, given: map[string]url.Values{}}
	p.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.Asked = append(p.Asked, r.Method)
		p.mu.Unlock()
		if p.Away {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.URL = p.server.URL
	return p
}

// TLS is how it is believed.
func (p *Provider) TLS() *http.Transport { return p.server.Client().Transport.(*http.Transport) }

// Rotate gives it another key.
func (p *Provider) Rotate() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.kid = key, p.kid+1
}

// Allow is what a person comes back with who logged in at an address.
func (p *Provider) Allow(address string) url.Values {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := "code-" + strconv.Itoa(len(p.given))
	p.given[code] = u.Query()
	return url.Values{"code": {code}, "state": {u.Query().Get("state")}, "iss": {p.URL}}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	said := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"end_session_endpoint": p.URL + "/leave", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}}
	maps.Copy(said, p.Discovery)
	answer(w, said)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": strconv.Itoa(p.kid),
		"n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes())}}})
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	asked, ok := p.given[r.PostFormValue("code")]
	delete(p.given, r.PostFormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	client, secret, _ := r.BasicAuth()
	if !ok || b64(sum[:]) != asked.Get("code_challenge") || client != "sohoa" || secret != "secret" || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.URL, "sub": "s-1", "aud": "sohoa", "exp": p.now().Add(time.Minute).Unix(), "iat": p.now().Unix(), "nonce": asked.Get("nonce"), "sid": "sid-1"}
	answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(claims, p.Claims)})
}

// Logout is a logout token, with something else in it.
func (p *Provider) Logout(change map[string]any) string {
	return p.sign(map[string]any{"iss": p.URL, "sub": "s-1", "sid": "sid-1", "aud": "sohoa", "iat": p.now().Unix(), "jti": "j",
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}, change)
}

// sign makes a token. A claim of change that is nil is left out.
func (p *Provider) sign(claims, change map[string]any) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	head := map[string]any{"alg": "RS256", "kid": strconv.Itoa(p.kid)}
	for name, value := range change {
		switch {
		case name == "alg":
			head["alg"] = value
		case value == nil:
			delete(claims, name)
		default:
			claims[name] = value
		}
	}
	h, _ := json.Marshal(head) // maps of strings and numbers
	c, _ := json.Marshal(claims)
	text := b64(h) + "." + b64(c)
	switch head["alg"] {
	case "none":
		return text + "."
	case "HS256":
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	key := p.key
	if p.Forge {
		key, _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(sig)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
