// Package passkeytest is an authenticator made of software, for tests: it answers as a
// browser with a security key does, and wrongly where a test asks for it.
package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"sohoa/web/passkey"
)

// An Authenticator holds one credential.
type Authenticator struct {
	Party passkey.Party
	ID    []byte
	Count uint32 // of the last signature; it grows by itself, if it is not 0
	Key   crypto.Signer
	Alg   int
	Owner []byte // user handle
}

// Wrong is what an answer has wrong; the zero Wrong is right.
type Wrong struct {
	Origin     string // instead of the party's
	Party      string // the same
	Type       string
	Challenge  []byte
	Frame      bool
	Absent     bool // nobody was there
	Unverified bool
	Other      bool // signed by another key
}

// New is an authenticator with a key of an algorithm of COSE.
func New(p passkey.Party, alg int) *Authenticator {
	a := &Authenticator{Party: p, ID: make([]byte, 32), Count: 1, Alg: alg, Key: key(alg)}
	_, _ = rand.Read(a.ID) // never fails (crypto/rand)
	return a
}

func key(alg int) (k crypto.Signer) {
	var err error
	switch alg {
	case -7:
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case -8:
		_, k, err = ed25519.GenerateKey(rand.Reader)
	default:
		k, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		panic(err)
	}
	return k
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *Authenticator) client(kind string, challenge []byte, w Wrong) []byte {
	c := map[string]any{"type": kind, "challenge": b64(challenge), "origin": a.Party.Origin, "crossOrigin": w.Frame}
	if w.Origin != "" {
		c["origin"] = w.Origin
	}
	if w.Type != "" {
		c["type"] = w.Type
	}
	if w.Challenge != nil {
		c["challenge"] = b64(w.Challenge)
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return b
}

func (a *Authenticator) data(flags byte, w Wrong) []byte {
	party := a.Party.ID
	if w.Party != "" {
		party = w.Party
	}
	hash := sha256.Sum256([]byte(party))
	if !w.Absent {
		flags |= 1
	}
	if !w.Unverified {
		flags |= 4
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.Count)
}

// Create answers a challenge with a new credential.
func (a *Authenticator) Create(challenge []byte, w Wrong) passkey.Answer {
	der, err := x509.MarshalPKIXPublicKey(a.Key.Public())
	if err != nil {
		panic(err)
	}
	auth := append(a.data(1<<6, w), make([]byte, 16)...) // without a name of its make
	auth = append(binary.BigEndian.AppendUint16(auth, uint16(len(a.ID))), a.ID...)
	auth = append(auth, 0xa0) // the key itself, which nobody reads here
	return passkey.Answer{ID: b64(a.ID), Client: b64(a.client("webauthn.create", challenge, w)), Auth: b64(auth), Key: b64(der), Alg: a.Alg}
}

// Get answers a challenge with a signature.
func (a *Authenticator) Get(challenge []byte, w Wrong) passkey.Answer {
	if a.Count > 0 {
		a.Count++
	}
	client, auth := a.client("webauthn.get", challenge, w), a.data(0, w)
	hash := sha256.Sum256(client)
	over := append(append([]byte{}, auth...), hash[:]...)
	sum, with := sha256.Sum256(over), crypto.SHA256
	signer, what := a.Key, sum[:]
	if w.Other {
		signer = key(a.Alg)
	}
	if _, ed := signer.(ed25519.PrivateKey); ed {
		what, with = over, 0
	}
	sig, err := signer.Sign(rand.Reader, what, with)
	if err != nil {
		panic(err)
	}
	return passkey.Answer{ID: b64(a.ID), Client: b64(client), Auth: b64(auth), Sig: b64(sig), User: b64(a.Owner)}
}

// Text is an answer as a browser sends it.
func Text(a passkey.Answer) string {
	b, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return string(b)
}
