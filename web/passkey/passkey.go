// Package passkey holds what a browser says of a passkey against Web
// Authentication Level 3 (W3C), sections 7.1 and 7.2. It asks for no attestation,
// so of a registration it needs what section 5.2.1.1 gives to relying parties that
// read no CBOR: the authenticator's data, whose layout is fixed, and the public key
// as SubjectPublicKeyInfo. It holds pure functions only: challenges are kept, and
// taken once, by whoever asks.
package passkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// A Party is a house as authenticators know it (relying party).
type Party struct {
	ID     string // host name: credentials are bound to it
	Origin string // scheme, host and port of its pages
}

// ErrOrigin: no passkey can be bound to an address.
var ErrOrigin = errors.New("passkeys need an https:// address with a host name (or http://localhost)")

// PartyOf is the house at an origin, as https://host[:port]. Plain http is taken of
// localhost alone, as browsers do; an IP address of none.
func PartyOf(origin string) (Party, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return Party{}, ErrOrigin
	}
	host := u.Hostname()
	_, err = netip.ParseAddr(host)
	if err == nil || u.Scheme != "https" && (u.Scheme != "http" || host != "localhost") || host != strings.ToLower(host) {
		return Party{}, ErrOrigin
	}
	return Party{ID: host, Origin: origin}, nil
}

// Algorithms are those that keys may have, the best first, by their numbers of COSE
// (RFC 9053): ES256, EdDSA with Ed25519, RS256.
var Algorithms = []int{es256, edDSA, rs256}

const (
	es256 = -7
	edDSA = -8
	rs256 = -257
)

// A Credential is a passkey as the house keeps it.
type Credential struct {
	ID     []byte
	Key    []byte // SubjectPublicKeyInfo, DER
	Count  uint32 // of signatures, as the authenticator last said; 0: it does not count
	Synced bool   // it may be, or is, on more than one device
}

// Answer is what a browser sends, its bytes in base64url without padding.
type Answer struct {
	ID     string `json:"id"`
	Client string `json:"client"`         // clientDataJSON
	Auth   string `json:"auth"`           // authenticator data
	Sig    string `json:"sig,omitempty"`  // of an assertion
	User   string `json:"user,omitempty"` // user handle of an assertion, if the authenticator keeps one
	Key    string `json:"key,omitempty"`  // of a registration
	Alg    int    `json:"alg,omitempty"`
}

// MostAnswer is how long an answer may be, in bytes.
const MostAnswer = 8 << 10

// A Refusal says which demand of the standard was not met: form, type, challenge,
// origin, frame, party, presence, verification, key, owner, signature or counter.
type Refusal struct{ What string }

func (r *Refusal) Error() string { return "passkey: " + r.What }

func refuse(what string) error { return &Refusal{what} }

// Parse reads an answer.
func Parse(text string) (a Answer, err error) {
	if len(text) > MostAnswer {
		return a, refuse("form")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(&a) != nil || d.More() {
		return a, refuse("form")
	}
	return a, nil
}

// Challenge is the challenge that an answer says it answers, to look up whether it
// was given. It proves nothing before [Party.Register] or [Party.Assert].
func (a Answer) Challenge() ([]byte, error) {
	c, err := a.client()
	if err != nil {
		return nil, err
	}
	return raw(c.Challenge)
}

// CredentialID is the id of the credential that an answer names.
func (a Answer) CredentialID() ([]byte, error) { return raw(a.ID) }

type client struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
	TopOrigin   string `json:"topOrigin"`
}

func (a Answer) client() (c client, err error) {
	b, err := raw(a.Client)
	if err != nil || json.Unmarshal(b, &c) != nil {
		return c, refuse("form")
	}
	return c, nil
}

func raw(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, refuse("form")
	}
	return b, nil
}

// Register holds the answer to a challenge against section 7.1. The person must have
// been verified by the authenticator, so that the passkey can stand alone.
func (p Party) Register(challenge []byte, a Answer) (c Credential, err error) {
	if err := p.said(a, "webauthn.create", challenge); err != nil {
		return c, err
	}
	auth, err := p.authenticator(a, true)
	if err != nil {
		return c, err
	}
	if c.ID, err = raw(a.ID); err != nil || len(c.ID) == 0 || len(c.ID) > mostID || !bytes.Equal(c.ID, auth.id) {
		return c, refuse("form")
	}
	if c.Key, err = raw(a.Key); err != nil {
		return c, err
	}
	if alg, err := algorithm(c.Key); err != nil || alg != a.Alg {
		return c, refuse("key")
	}
	c.Count, c.Synced = auth.count, auth.flags&flagEligible != 0
	return c, nil
}

// mostID is how long a credential's id is at most (section 4).
const mostID = 1023

// Assert holds the answer to a challenge against section 7.2: it was signed by the
// credential, for this house, now. owner is the handle of whom the credential is of.
// verified: the authenticator must say that it verified the person, by a PIN or a
// finger. It returns the credential's new count. A count that did not grow is refused
// as counter: a copy of the key may be about.
func (p Party) Assert(challenge []byte, c Credential, owner []byte, a Answer, verified bool) (count uint32, err error) {
	id, err := raw(a.ID)
	if err != nil || !bytes.Equal(id, c.ID) {
		return 0, refuse("form")
	}
	if a.User != "" {
		if user, err := raw(a.User); err != nil || subtle.ConstantTimeCompare(user, owner) != 1 {
			return 0, refuse("owner")
		}
	}
	if err := p.said(a, "webauthn.get", challenge); err != nil {
		return 0, err
	}
	auth, err := p.authenticator(a, verified)
	if err != nil {
		return 0, err
	}
	if err := signed(c.Key, a); err != nil {
		return 0, err
	}
	if (auth.count != 0 || c.Count != 0) && auth.count <= c.Count {
		return 0, refuse("counter")
	}
	return auth.count, nil
}

// said looks at what the browser collected (section 5.8.1).
func (p Party) said(a Answer, kind string, challenge []byte) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	got, err := raw(c.Challenge)
	switch {
	case err != nil:
		return err
	case c.Type != kind:
		return refuse("type")
	case len(challenge) == 0 || subtle.ConstantTimeCompare(got, challenge) != 1:
		return refuse("challenge")
	case c.Origin != p.Origin:
		return refuse("origin")
	case c.CrossOrigin || c.TopOrigin != "":
		return refuse("frame")
	}
	return nil
}

// Flags of authenticator data (section 6.1).
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagEligible = 1 << 3 // for backup
	flagBacked   = 1 << 4
	flagAttested = 1 << 6
)

type authenticator struct {
	flags byte
	count uint32
	id    []byte // of a registration
}

// authenticator reads authenticator data: the party's hash in 32 bytes, flags, a
// count in four; of a registration AAGUID in 16, the length of the id in two, the id,
// and the key, which is read from its other form.
func (p Party) authenticator(a Answer, verified bool) (d authenticator, err error) {
	b, err := raw(a.Auth)
	if err != nil || len(b) < 37 {
		return d, refuse("form")
	}
	hash := sha256.Sum256([]byte(p.ID))
	d.flags, d.count = b[32], binary.BigEndian.Uint32(b[33:37])
	switch {
	case subtle.ConstantTimeCompare(b[:32], hash[:]) != 1:
		return d, refuse("party")
	case d.flags&flagPresent == 0:
		return d, refuse("presence")
	case verified && d.flags&flagVerified == 0:
		return d, refuse("verification")
	case d.flags&flagBacked != 0 && d.flags&flagEligible == 0:
		return d, refuse("form")
	}
	if d.flags&flagAttested == 0 {
		return d, nil
	}
	rest := b[37:]
	if len(rest) < 18 || len(rest) < 18+int(binary.BigEndian.Uint16(rest[16:18])) {
		return d, refuse("form")
	}
	d.id = rest[18 : 18+int(binary.BigEndian.Uint16(rest[16:18]))]
	return d, nil
}

// algorithm is the number of COSE of a key, if it is one that is taken.
func algorithm(der []byte) (int, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return 0, refuse("key")
	}
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return es256, nil
		}
	case ed25519.PublicKey:
		return edDSA, nil
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= 2048 && n <= 4096 && k.E >= 65537 {
			return rs256, nil
		}
	}
	return 0, refuse("key")
}

// signed reports whether an assertion was signed by a key: over authenticator data
// and the hash of what the browser collected.
func signed(der []byte, a Answer) error {
	auth, err1 := raw(a.Auth)
	collected, err2 := raw(a.Client)
	sig, err3 := raw(a.Sig)
	key, err4 := x509.ParsePKIXPublicKey(der)
	if errors.Join(err1, err2, err3) != nil {
		return refuse("form")
	}
	if err4 != nil {
		return fmt.Errorf("passkey: key that is kept: %w", err4)
	}
	hash := sha256.Sum256(collected)
	over := append(bytes.Clone(auth), hash[:]...)
	sum := sha256.Sum256(over)
	fits := false
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		fits = ecdsa.VerifyASN1(k, sum[:], sig)
	case ed25519.PublicKey:
		fits = ed25519.Verify(k, over, sig)
	case *rsa.PublicKey:
		fits = rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig) == nil
	}
	if !fits {
		return refuse("signature")
	}
	return nil
}
