// Package csc signs with keys that a remote signing service keeps, by the API of
// the Cloud Signature Consortium, version 2 (CSC API v2.0.0.2; clause numbers
// below are its).
//
// [Settings] say where the service is and which credential is meant. A
// [Credential] is a [crypto.Signer]: a hash goes out, a signature comes back.
// Each signature is authorised on its own, for its own hash, with the PIN if the
// credential wants one, and asked for once: a request that may have reached the
// service is not sent again, since nobody knows whether it signed.
package csc

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"sohoa/outbound"
)

// Scheme is how the address of a key at a service begins: the path of its
// settings follows.
const Scheme = "csc:"

// Errors callers tell apart with [errors.Is].
var (
	// ErrUnavailable: the service does not answer, or not now.
	ErrUnavailable = errors.New("signing service does not answer")

	// ErrRefused: the service says no.
	ErrRefused = errors.New("signing service refuses")

	// ErrPIN: the service refuses the PIN.
	ErrPIN = errors.New("signing service refuses the PIN")

	// ErrAnswer: the service answers what the API does not know.
	ErrAnswer = errors.New("signing service answers wrongly")

	// ErrSettings: the settings cannot be used.
	ErrSettings = errors.New("settings of the signing service")
)

// Settings of one credential at one service, in a JSON file.
type Settings struct {
	URL        string `json:"url"`                  // base URI, such as https://service/csc/v2
	Credential string `json:"credential,omitempty"` // credentialID; empty: the only one listed
	Client     string `json:"client,omitempty"`     // OAuth 2.0 client_id; empty: SecretFile holds a bearer token
	SecretFile string `json:"secretFile"`           // of the client secret or the token, 0600
	User       string `json:"user,omitempty"`       // userID, for services that serve many
	Roots      string `json:"roots,omitempty"`      // PEM file of the roots its TLS certificate goes back to; empty: the machine's

	Hosts string `json:"hosts,omitempty"` // of its authorization server, with commas between them, if they are inside this network

	HTTP *http.Client     `json:"-"` // nil: one of its own
	Now  func() time.Time `json:"-"` // clock for how long a token is good; nil: each is fetched anew
	Wait time.Duration    `json:"-"` // for one answer; 0: 20 s
}

// Named are the hosts that the settings name: they may be inside this network.
func (s Settings) Named() outbound.Hosts {
	return append(outbound.HostOf(s.URL), outbound.ParseHosts(s.Hosts)...)
}

// Parse reads settings, strictly: an unknown member is an error.
func Parse(b []byte) (Settings, error) {
	var s Settings
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	return s, s.check()
}

func (s Settings) check() error {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || s.SecretFile == "" && s.HTTP == nil {
		return fmt.Errorf("%w: url and secretFile are needed", ErrSettings)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: a service is asked over https", ErrSettings)
	}
	return nil
}

// A Credential is a key at a service. It may be used concurrently.
type Credential struct {
	s     Settings
	ctx   context.Context
	pin   func() ([]byte, error)
	oauth string // base URI of the authorization server

	id    string
	info  credentialInfo
	chain []*x509.Certificate

	mu      sync.Mutex
	secret  []byte
	token   string
	until   time.Time
	refused [sha256.Size]byte // digest of the PIN that was refused
}

// Client returns what asks a service that is known by these roots; nil are the
// machine's. It goes to the hosts that private names, wherever they are, and else to
// nothing inside this network; see package outbound.
func Client(roots *x509.CertPool, private outbound.Hosts) *http.Client {
	return outbound.Client(private.Has, 0, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second})
}

// Open asks the service what it is and for the credential, and checks that it
// can sign. secret is what SecretFile holds; a copy is kept until Close. pin is
// called for each signature if the credential wants a PIN, and its answer
// overwritten. When ctx ends the credential no longer works.
func Open(ctx context.Context, s Settings, secret []byte, pin func() ([]byte, error)) (*Credential, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Wait == 0 {
		s.Wait = 20 * time.Second
	}
	if s.HTTP == nil {
		s.HTTP = Client(nil, s.Named())
	}
	c := &Credential{s: s, ctx: ctx, pin: pin, id: s.Credential, secret: bytes.Clone(secret)}
	if err := c.open(); err != nil {
		c.Close()
		return nil, fmt.Errorf("credential at %s: %w", s.URL, err)
	}
	return c, nil
}

func (c *Credential) open() error {
	var about serviceInfo
	if err := c.call(call{method: "info", safe: true}, struct{}{}, &about); err != nil {
		return err
	}
	if err := about.fits(c.s.Client != ""); err != nil {
		return err
	}
	c.oauth = about.OAuth2
	if err := c.listed(slices.Contains(about.Methods, "credentials/list")); err != nil {
		return err
	}
	if err := c.look(); err != nil {
		return err
	}
	return c.certificates()
}

// listed holds the credential against those the service lists.
func (c *Credential) listed(can bool) error {
	if !can && c.id != "" {
		return nil
	}
	var list struct {
		IDs []string `json:"credentialIDs"`
	}
	ask := struct {
		User string `json:"userID,omitempty"`
	}{c.s.User}
	if err := c.call(call{method: "credentials/list", auth: true, safe: true}, ask, &list); err != nil {
		return err
	}
	switch {
	case c.id == "" && len(list.IDs) == 1:
		c.id = list.IDs[0]
	case c.id == "":
		return fmt.Errorf("%w: it has %d credentials: say which", ErrSettings, len(list.IDs))
	case !slices.Contains(list.IDs, c.id):
		return fmt.Errorf("%w: it has no credential %q", ErrRefused, c.id)
	}
	return nil
}

// look asks about the credential (clause 11.5) and checks that it can sign.
func (c *Credential) look() error {
	var info credentialInfo
	err := c.call(call{method: "credentials/info", auth: true, safe: true},
		map[string]any{"credentialID": c.id, "certificates": "chain", "certInfo": true, "authInfo": true}, &info)
	if err != nil {
		return err
	}
	if err := info.fits(c.pin != nil); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.info = info
	return nil
}

func (c *Credential) certificates() error {
	for _, b64 := range c.info.Cert.Certificates {
		der, err := base64.StdEncoding.Strict().DecodeString(b64)
		if err != nil {
			return fmt.Errorf("%w: a certificate: %w", ErrAnswer, err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("%w: a certificate: %w", ErrAnswer, err)
		}
		c.chain = append(c.chain, cert)
	}
	if len(c.chain) == 0 {
		return fmt.Errorf("%w: there is no certificate", ErrAnswer)
	}
	_, _, err := c.algorithm(crypto.SHA256)
	return err
}

// Chain returns the certificates that the service has, the key's own first.
func (c *Credential) Chain() []*x509.Certificate { return slices.Clone(c.chain) }

// Public returns the key's public half.
func (c *Credential) Public() crypto.PublicKey { return c.chain[0].PublicKey }

// Close overwrites the secret.
func (c *Credential) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.secret)
	c.secret, c.token = nil, ""
}

// Ready reports whether the service would sign now. Ask before an intent is
// recorded. A PIN that was refused makes it wrap [ErrPIN], until there is another.
func (c *Credential) Ready() error {
	if err := c.look(); err != nil {
		return err
	}
	c.mu.Lock()
	mode, refused := c.info.Auth.Mode, c.refused
	c.mu.Unlock()
	if mode != "explicit" || refused == [sha256.Size]byte{} {
		return nil
	}
	pin, err := c.pin()
	if err != nil {
		return err
	}
	defer clear(pin)
	if sha256.Sum256(pin) == refused {
		return fmt.Errorf("%w: it was refused before", ErrPIN)
	}
	return nil
}

// Sign has the service sign a digest (clauses 11.6 and 11.10). The answer is
// held against the certificate; ECDSA comes back in ASN.1, however the service
// writes it.
func (c *Credential) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	sign, hash, err := c.algorithm(opts.HashFunc())
	if err != nil {
		return nil, err
	}
	if len(digest) != opts.HashFunc().Size() {
		return nil, fmt.Errorf("%w: a digest of %d bytes", ErrRefused, len(digest))
	}
	hashes := []string{base64.StdEncoding.EncodeToString(digest)}
	sad, err := c.authorise(hashes, hash)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Signatures []string `json:"signatures"`
	}
	err = c.call(call{method: "signatures/signHash", auth: true}, signHash{c.id, sad, hashes, hash, sign, "S"}, &answer)
	if err != nil {
		return nil, err
	}
	if len(answer.Signatures) != 1 {
		return nil, fmt.Errorf("%w: %d signatures, want 1", ErrAnswer, len(answer.Signatures))
	}
	value, err := base64.StdEncoding.Strict().DecodeString(answer.Signatures[0])
	if err != nil {
		return nil, fmt.Errorf("%w: signature: %w", ErrAnswer, err)
	}
	return Checked(c.Public(), opts.HashFunc(), digest, value)
}

// authorise gets signature activation data for hashes.
func (c *Credential) authorise(hashes []string, hash string) (string, error) {
	q := authorise{c.id, 1, hashes, hash, nil}
	c.mu.Lock()
	mode, objects := c.info.Auth.Mode, c.info.Auth.Objects
	c.mu.Unlock()
	var pin []byte
	if mode == "explicit" {
		var err error
		if pin, err = c.pin(); err != nil {
			return "", err
		}
		defer clear(pin)
		c.mu.Lock()
		again := c.refused == sha256.Sum256(pin)
		c.mu.Unlock()
		if again {
			return "", fmt.Errorf("%w: it was refused before and is not tried again", ErrPIN)
		}
		q.AuthData = []authData{{objects[0].ID, string(pin)}}
	}
	var answer struct {
		SAD string `json:"SAD"`
	}
	err := c.call(call{method: "credentials/authorize", auth: true}, q, &answer)
	if errors.Is(err, ErrPIN) {
		c.mu.Lock()
		c.refused = sha256.Sum256(pin)
		c.mu.Unlock()
	}
	if err == nil && answer.SAD == "" {
		err = fmt.Errorf("%w: no SAD", ErrAnswer)
	}
	return answer.SAD, err
}

// Checked holds a key's answer about a digest against its public half, and gives
// it the form that CMS has: ECDSA in ASN.1, also if r and s came side by side
// (IEEE 1363). The error wraps [ErrAnswer].
func Checked(pub crypto.PublicKey, h crypto.Hash, digest, value []byte) ([]byte, error) {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(k, h, digest, value) == nil {
			return value, nil
		}
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(k, digest, value) {
			return value, nil
		}
		half := len(value) / 2
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
		if err == nil && len(value)%2 == 0 && ecdsa.VerifyASN1(k, digest, der) {
			return der, nil
		}
	}
	return nil, fmt.Errorf("%w: the signature is not of the key", ErrAnswer)
}

// safeText is what a service says, fit for an error: short and on one line.
func safeText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return fmt.Sprintf("%.200s", s)
}
