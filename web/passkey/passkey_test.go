package passkey_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"sohoa/web/passkey"
	"sohoa/web/passkey/passkeytest"
)

var (
	house     = passkey.Party{ID: "sohoa.example.gov.vn", Origin: "https://sohoa.example.gov.vn"}
	challenge = []byte("thirty-two bytes, given out once")
	owner     = []byte("somebody")
)

func wants(t *testing.T, name string, err error, what string) {
	t.Helper()
	var r *passkey.Refusal
	if what == "" && err != nil || what != "" && (!errors.As(err, &r) || r.What != what) {
		t.Errorf("%s: %v, want %q", name, err, what)
	}
}

func TestPartyOf(t *testing.T) {
	for origin, ok := range map[string]bool{"https://sohoa.gov.vn": true, "https://sohoa.gov.vn:8443": true, "http://localhost:8080": true, "http://sohoa.gov.vn": false,
		"http://127.0.0.1:8080": false, "https://10.0.0.1": false, "https://[::1]": false, "https://a.vn/": false, "https://A.vn": false, "sohoa.gov.vn": false, "https://u@a.vn": false, "": false} {
		if p, err := passkey.PartyOf(origin); (err == nil) != ok || ok && (p.Origin != origin || strings.Contains(p.ID, ":")) {
			t.Errorf("%q: %+v, %v", origin, p, err)
		}
	}
}

// Every algorithm that is offered works, there and back.
func TestEveryAlgorithm(t *testing.T) {
	for _, alg := range passkey.Algorithms {
		a := passkeytest.New(house, alg)
		a.Owner = owner
		c, err := house.Register(challenge, a.Create(challenge, passkeytest.Wrong{}))
		wants(t, "register", err, "")
		if !bytes.Equal(c.ID, a.ID) || c.Count != 1 {
			t.Errorf("%d: %+v", alg, c)
		}
		n, err := house.Assert(challenge, c, owner, a.Get(challenge, passkeytest.Wrong{}), true)
		wants(t, "assert", err, "")
		if n != 2 {
			t.Errorf("%d: the count is %d", alg, n)
		}
	}
}

// What an answer can have wrong is refused, at a registration and at an assertion.
func TestRefusals(t *testing.T) {
	for name, row := range map[string]struct {
		wrong passkeytest.Wrong
		what  string
	}{
		"another origin":        {passkeytest.Wrong{Origin: "https://sohoa.example.gov.vn.evil.com"}, "origin"},
		"another port":          {passkeytest.Wrong{Origin: house.Origin + ":444"}, "origin"},
		"without TLS":           {passkeytest.Wrong{Origin: "http://sohoa.example.gov.vn"}, "origin"},
		"for another house":     {passkeytest.Wrong{Party: "evil.com"}, "party"},
		"another challenge":     {passkeytest.Wrong{Challenge: []byte("another")}, "challenge"},
		"no challenge":          {passkeytest.Wrong{Challenge: []byte{}}, "challenge"},
		"of another kind":       {passkeytest.Wrong{Type: "payment.get"}, "type"},
		"in somebody's frame":   {passkeytest.Wrong{Frame: true}, "frame"},
		"nobody was there":      {passkeytest.Wrong{Absent: true}, "presence"},
		"nobody was verified":   {passkeytest.Wrong{Unverified: true}, "verification"},
		"signed by another key": {passkeytest.Wrong{Other: true}, "signature"},
	} {
		a := passkeytest.New(house, -7)
		c, err := house.Register(challenge, a.Create(challenge, passkeytest.Wrong{}))
		wants(t, name, err, "")
		if row.what != "signature" { // a registration has none
			_, err = house.Register(challenge, a.Create(challenge, row.wrong))
			wants(t, name+", registered", err, row.what)
		}
		_, err = house.Assert(challenge, c, owner, a.Get(challenge, row.wrong), true)
		wants(t, name, err, row.what)
	}
	a := passkeytest.New(house, -7)
	_, err := house.Assert(nil, passkey.Credential{ID: a.ID}, owner, a.Get(nil, passkeytest.Wrong{}), true)
	wants(t, "an empty challenge", err, "challenge")
}

func TestAnswerThatWasChanged(t *testing.T) {
	a := passkeytest.New(house, -7)
	a.Owner = owner
	c, err := house.Register(challenge, a.Create(challenge, passkeytest.Wrong{}))
	wants(t, "register", err, "")
	for name, row := range map[string]struct {
		change func(*passkey.Answer)
		what   string
	}{
		"somebody else's":      {func(x *passkey.Answer) { x.User = base64.RawURLEncoding.EncodeToString([]byte("another")) }, "owner"},
		"another credential":   {func(x *passkey.Answer) { x.ID = "AAAA" }, "form"},
		"a longer count":       {func(x *passkey.Answer) { x.Auth = flip(x.Auth, 36) }, "signature"},
		"not verified, hidden": {func(x *passkey.Answer) { x.Client = flip(x.Client, 0) }, "form"},
		"cut off":              {func(x *passkey.Answer) { x.Auth = x.Auth[:40] }, "form"},
		"no base64":            {func(x *passkey.Answer) { x.Sig = "=" }, "form"},
		"no signature":         {func(x *passkey.Answer) { x.Sig = "" }, "signature"},
	} {
		x := a.Get(challenge, passkeytest.Wrong{})
		row.change(&x)
		_, err := house.Assert(challenge, c, owner, x, true)
		wants(t, name, err, row.what)
	}
	for name, text := range map[string]string{"nothing": "", "another field": `{"id":"a","more":1}`, "two": "{}{}", "too long": `{"id":"` + strings.Repeat("a", passkey.MostAnswer) + `"}`} {
		_, err := passkey.Parse(text)
		wants(t, name, err, "form")
	}
}

func flip(s string, at int) string {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	b[at] ^= 1
	return base64.RawURLEncoding.EncodeToString(b)
}

// A count that does not grow tells of a copy; an authenticator that does not count is
// taken.
func TestCounts(t *testing.T) {
	for _, row := range []struct {
		kept, said uint32
		what       string
	}{{5, 6, ""}, {5, 5, "counter"}, {5, 4, "counter"}, {5, 0, "counter"}, {0, 0, ""}, {0, 7, ""}} {
		a := passkeytest.New(house, -7)
		c, err := house.Register(challenge, a.Create(challenge, passkeytest.Wrong{}))
		wants(t, "register", err, "")
		c.Count = row.kept
		n, err := house.Assert(challenge, c, nil, countless(a, row.said), true)
		wants(t, "count", err, row.what)
		if err == nil && n != row.said {
			t.Errorf("%v: %d", row, n)
		}
	}
}

// countless is an answer with a count, also 0 and 1.
func countless(a *passkeytest.Authenticator, said uint32) passkey.Answer {
	a.Count = said
	if said > 0 {
		a.Count--
	}
	if a.Count == 0 && said == 1 {
		panic("1 is no count of this test")
	}
	x := a.Get(challenge, passkeytest.Wrong{})
	x.User = ""
	return x
}

func TestKeysThatAreNotTaken(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	a := passkeytest.New(house, -7)
	for name, change := range map[string]func(*passkey.Answer){
		"another curve":    func(x *passkey.Answer) { x.Key = base64.RawURLEncoding.EncodeToString(der) },
		"not what it says": func(x *passkey.Answer) { x.Alg = -257 },
		"no key":           func(x *passkey.Answer) { x.Key = "" },
	} {
		x := a.Create(challenge, passkeytest.Wrong{})
		change(&x)
		_, err := house.Register(challenge, x)
		wants(t, name, err, "key")
	}
}
