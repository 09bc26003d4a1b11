// Package pkcs11 signs with keys on tokens: smart cards, USB sticks, hardware
// security modules, whatever comes with a PKCS#11 library.
//
// An [Address] is an RFC 7512 URI. A [Token] keeps one key: a child process of
// this program loads the library, logs in once and signs digests that come over
// a pipe, so that a library which crashes or hangs takes no other work with it,
// and has the PIN and the session in a process that reads nothing from outside.
// A token that was pulled out is opened again when it is back; a PIN that the
// token refused is not tried a second time, since tokens lock themselves.
package pkcs11

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // of OAEP, see [token.open]
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sohoa/jail"
)

// Errors callers tell apart with [errors.Is], beside [ErrAddress].
var (
	// ErrPIN: the token refuses the PIN, or is locked.
	ErrPIN = errors.New("the token refuses the PIN")

	// ErrUnavailable: the token is not there, went away, or does not answer. It
	// may come back.
	ErrUnavailable = errors.New("the token is not there")

	// ErrKey: there is no such key on the token, or none that may sign.
	ErrKey = errors.New("key on the token cannot be used")
)

// Options say which key to open and how.
type Options struct {
	Address Address

	// PIN returns the PIN each time the token is opened, also after it came
	// back; what it returns is overwritten then.
	PIN func() ([]byte, error)

	Certificate *x509.Certificate // the key's; nil: the one on the token
	Environment map[string]string // what the library wants to know, such as SOFTHSM2_CONF
	Sessions    int               // most signatures at once; 0: 4
	Timeout     time.Duration     // for one answer of the token; 0: 30 s
}

// A Token is a key on a token, a [crypto.Signer]. It may be used concurrently.
type Token struct {
	o    Options
	ctx  context.Context
	cert *x509.Certificate

	mu      sync.Mutex
	running *session
	refused [sha256.Size]byte // digest of the PIN that the token refused
}

// memory is what a library may take; those of network modules are large.
const memory = 1 << 30

// Open opens the token, and matches the key there with its certificate. When
// ctx ends, so does the token's process. The caller closes the token.
func Open(ctx context.Context, o Options) (*Token, error) {
	if o.Sessions <= 0 {
		o.Sessions = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	t := &Token{o: o, ctx: ctx, cert: o.Certificate}
	if _, err := t.session(); err != nil {
		return nil, err
	}
	return t, nil
}

// Certificate returns the key's certificate.
func (t *Token) Certificate() *x509.Certificate { return t.cert }

// Public returns the key's public half.
func (t *Token) Public() crypto.PublicKey { return t.cert.PublicKey }

// Close logs out and ends the process.
func (t *Token) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running != nil {
		t.running.end()
		t.running = nil
	}
}

// Ready reports whether the token can be asked now, and opens it again if it
// went away and is back. Ask before an intent is recorded.
func (t *Token) Ready() error {
	s, err := t.session()
	if err != nil {
		return err
	}
	if _, err = s.ask(question{}, t.o.Timeout); err == nil {
		return nil
	}
	t.drop(s, err)
	if s, err = t.session(); err == nil { // it may be back already
		_, err = s.ask(question{}, t.o.Timeout)
	}
	return err
}

// Sign signs a digest: PKCS #1 v1.5 with RSA, ASN.1 with ECDSA. It asks the
// token once: after an error nobody knows whether it signed, so trying again
// is for the caller to decide, with a new intent.
func (t *Token) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	s, err := t.session()
	if err != nil {
		return nil, err
	}
	r, err := s.ask(question{Digest: digest, Hash: opts.HashFunc()}, t.o.Timeout)
	if err != nil {
		t.drop(s, err)
		return nil, err
	}
	return r.Signature, nil
}

// Seal encrypts up to 190 bytes so that only the token can open them (RSA-OAEP,
// RFC 8017 7.1). It does not ask the token. The error of a key that is not RSA
// wraps [ErrKey].
func (t *Token) Seal(secret []byte) ([]byte, error) {
	pub, ok := t.cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: an RSA key is needed to seal", ErrKey)
	}
	return rsa.EncryptOAEP(sha1.New(), rand.Reader, pub, secret, nil)
}

// Open has the token decrypt what [Token.Seal] encrypted. The token is asked
// once.
func (t *Token) Open(sealed []byte) ([]byte, error) {
	s, err := t.session()
	if err != nil {
		return nil, err
	}
	r, err := s.ask(question{Sealed: sealed}, t.o.Timeout)
	if err != nil {
		t.drop(s, err)
		return nil, err
	}
	return r.Opened, nil
}

// drop ends a session that is of no more use.
func (t *Token) drop(s *session, err error) {
	if !errors.Is(err, ErrUnavailable) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == s {
		t.running = nil
	}
	s.end()
}

// session returns the open session, opening one if need be.
func (t *Token) session() (*session, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running != nil && t.running.alive() {
		return t.running, nil
	}
	pin, err := t.o.PIN()
	if err != nil {
		return nil, err
	}
	defer clear(pin)
	if sum := sha256.Sum256(pin); sum == t.refused {
		return nil, fmt.Errorf("%w: it was refused before and is not tried again", ErrPIN)
	}
	s, o, err := start(t.ctx, t.o, pin)
	if errors.Is(err, ErrPIN) {
		t.refused = sha256.Sum256(pin)
	}
	if err == nil {
		err = t.match(o)
	}
	if err != nil {
		if s != nil {
			s.end()
		}
		return nil, fmt.Errorf("open %s: %w", t.o.Address, err)
	}
	t.running = s
	return s, nil
}

// match holds the key on the token against its certificate.
func (t *Token) match(o opened) error {
	cert := t.cert
	if cert == nil {
		if o.Certificate == nil {
			return fmt.Errorf("%w: there is no certificate with it; give one in a file", ErrKey)
		}
		var err error
		if cert, err = x509.ParseCertificate(o.Certificate); err != nil {
			return fmt.Errorf("%w: its certificate: %w", ErrKey, err)
		}
	}
	pub, err := x509.ParsePKIXPublicKey(o.Public)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	if k, ok := pub.(interface{ Equal(crypto.PublicKey) bool }); !ok || !k.Equal(cert.PublicKey) {
		return fmt.Errorf("%w: the certificate is another key's", ErrKey)
	}
	t.cert = cert
	return nil
}

// A session is a running child.
type session struct {
	process *jail.Process
	writing sync.Mutex

	mu      sync.Mutex
	n       uint64
	waiting map[uint64]chan reply // nil: it ended
}

// start starts a child and has it log in.
func start(ctx context.Context, o Options, pin []byte) (*session, opened, error) {
	p, err := jail.Start(ctx, Name, jail.Limits{Memory: memory, Network: true})
	if err != nil {
		return nil, opened{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	s := &session{process: p, waiting: map[uint64]chan reply{}}
	answers := json.NewDecoder(p.Out)
	said := make(chan opened, 1)
	go func() {
		var a opened
		if err := answers.Decode(&a); err != nil {
			a.Failure = &failure{codeGone, "the library ended its process"}
		}
		said <- a
		s.listen(answers)
	}()
	first, err := json.Marshal(opening{o.Address, pin, o.Environment, o.Sessions + 1}) // one session only stays open
	if err == nil {
		_, err = p.In.Write(append(first, '\n'))
	}
	clear(first)
	a := opened{Failure: &failure{codeGone, "the library does not answer"}}
	if err == nil {
		select {
		case a = <-said:
		case <-time.After(o.Timeout):
		case <-ctx.Done():
		}
	}
	if a.Failure != nil {
		s.end()
		return nil, a, a.Failure.typed()
	}
	return s, a, nil
}

// typed is a failure as an error of this package.
func (f *failure) typed() error {
	kind := ErrUnavailable
	switch f.Code {
	case codePIN:
		kind = ErrPIN
	case codeKey:
		kind = ErrKey
	}
	return fmt.Errorf("%w: %s", kind, f.Text)
}

// listen hands out replies until the child ends.
func (s *session) listen(replies *json.Decoder) {
	for {
		var r reply
		err := replies.Decode(&r)
		s.mu.Lock()
		if err != nil {
			for _, c := range s.waiting {
				close(c)
			}
			s.waiting = nil
			s.mu.Unlock()
			return
		}
		if c := s.waiting[r.N]; c != nil {
			delete(s.waiting, r.N)
			c <- r
		}
		s.mu.Unlock()
	}
}

func (s *session) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting != nil
}

// ask asks one question and waits for its answer.
func (s *session) ask(q question, patience time.Duration) (reply, error) {
	c := make(chan reply, 1)
	s.mu.Lock()
	if s.waiting == nil {
		s.mu.Unlock()
		return reply{}, fmt.Errorf("%w: its process ended", ErrUnavailable)
	}
	s.n++
	q.N = s.n
	s.waiting[q.N] = c
	s.mu.Unlock()
	line, err := json.Marshal(q)
	if err != nil {
		return reply{}, err
	}
	s.writing.Lock()
	_, err = s.process.In.Write(append(line, '\n'))
	s.writing.Unlock()
	if err != nil {
		return reply{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r, ok := <-c:
		if !ok {
			return r, fmt.Errorf("%w: the library ended its process", ErrUnavailable)
		}
		if r.Failure != nil {
			return r, r.Failure.typed()
		}
		return r, nil
	case <-timer.C:
		return reply{}, fmt.Errorf("%w: no answer in %v", ErrUnavailable, patience)
	}
}

// end lets the child log out, or ends it at once if it hangs.
func (s *session) end() {
	_ = s.process.In.Close()
	ended := make(chan struct{})
	go func() {
		_ = s.process.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(time.Second):
		s.process.Kill()
		<-ended
	}
}
