package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/ThalesGroup/crypto11"
	"github.com/miekg/pkcs11"
)

// What goes through the pipes: one opening and its answer, then questions and
// answers by number, in any order.
type (
	opening struct {
		Address     Address
		PIN         []byte
		Environment map[string]string
		Sessions    int
	}
	opened struct {
		Public      []byte // PKIX DER
		Certificate []byte // DER; nil if the token has none
		Label       string
		Serial      string
		Failure     *failure `json:",omitempty"`
	}
	question struct {
		N      uint64
		Digest []byte // nil: only say whether the token is there, or
		Hash   crypto.Hash
		Sealed []byte `json:",omitempty"` // to be opened by RSA-OAEP
	}
	reply struct {
		N         uint64
		Signature []byte
		Opened    []byte   `json:",omitempty"`
		Failure   *failure `json:",omitempty"`
	}
	failure struct{ Code, Text string }
)

// The codes of a failure.
const (
	codePIN    = "pin"    // it is wrong, or the token is locked
	codeModule = "module" // the library cannot be used
	codeToken  = "token"  // no such token, or not one
	codeKey    = "key"    // no such key, or not one, or of a kind that is not used
	codeGone   = "gone"   // token or session went away
	codeDevice = "device" // anything else the token says
)

// Name is what the child is called, for [sohoa/jail.Main].
const Name = "pkcs11"

// Child is the process that holds one token's session: it logs in once and
// signs digests until its input ends. A library that crashes takes this process
// with it and no other.
func Child(_ []string, in io.Reader, out io.Writer) error {
	questions, replies := json.NewDecoder(in), json.NewEncoder(out)
	var o opening
	if err := questions.Decode(&o); err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	t, answer := open(&o)
	clear(o.PIN)
	if err := replies.Encode(answer); err != nil || t == nil {
		return err
	}
	defer t.context.Close()
	var writing sync.Mutex
	var asked sync.WaitGroup
	defer asked.Wait()
	for {
		var q question
		if err := questions.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("question: %w", err)
		}
		asked.Go(func() {
			r := t.answer(q)
			writing.Lock()
			defer writing.Unlock()
			_ = replies.Encode(r) // without a parent to hear it, the input ends too
		})
	}
}

// token is an open one.
type token struct {
	context *crypto11.Context
	signer  crypto.Signer
	slot    uint
	module  *pkcs11.Ctx
}

func open(o *opening) (*token, opened) {
	t, a, err := logIn(o)
	if err != nil {
		return nil, opened{Failure: failed(err)}
	}
	return t, a
}

func logIn(o *opening) (t *token, a opened, err error) {
	for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
		if err := os.Setenv(name, o.Environment[name]); err != nil {
			return nil, a, err
		}
	}
	if info, err := os.Stat(o.Address.Module); err != nil || !info.Mode().IsRegular() {
		return nil, a, &failure{codeModule, "there is no library " + o.Address.Module}
	}
	t = &token{module: pkcs11.New(o.Address.Module)}
	if t.module == nil {
		return nil, a, &failure{codeModule, o.Address.Module + " is not a PKCS#11 library"}
	}
	if err := t.module.Initialize(); err != nil {
		return nil, a, &failure{codeModule, fmt.Sprintf("%s: %v", o.Address.Module, err)}
	}
	info, err := t.find(o.Address)
	if err != nil {
		return nil, a, err
	}
	a.Label, a.Serial = info.Label, info.SerialNumber
	if err := t.module.Finalize(); err != nil { // crypto11 begins anew, and counts for itself
		return nil, a, err
	}
	slot := int(t.slot)
	// The PIN is a string for crypto11, which keeps it. This one shares its bytes
	// with o.PIN, so that clearing those clears it.
	if t.context, err = crypto11.Configure(&crypto11.Config{Path: o.Address.Module, SlotNumber: &slot,
		Pin: unsafe.String(unsafe.SliceData(o.PIN), len(o.PIN)), MaxSessions: o.Sessions}); err != nil {
		return nil, a, err
	}
	if err := t.key(o.Address.ID, &a); err != nil {
		return nil, a, errors.Join(err, t.context.Close())
	}
	return t, a, nil
}

// find finds the one slot whose token fits.
func (t *token) find(a Address) (found pkcs11.TokenInfo, err error) {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return found, err
	}
	n := 0
	for _, slot := range slots {
		info, err := t.module.GetTokenInfo(slot)
		if err != nil || info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			continue // a reader without a card, or a card without a key
		}
		fits := true
		for _, p := range [][2]string{{a.Label, info.Label}, {a.Serial, info.SerialNumber}, {a.Manufacturer, info.ManufacturerID}, {a.Model, info.Model}} {
			fits = fits && (p[0] == "" || p[0] == strings.TrimRight(p[1], " \x00"))
		}
		if fits {
			n, t.slot, found = n+1, slot, info
		}
	}
	switch {
	case n == 0:
		return found, &failure{codeToken, "the token is not there"}
	case n > 1:
		return found, &failure{codeToken, fmt.Sprintf("%d tokens fit: give the serial number", n)}
	}
	return found, nil
}

// key finds the one key with an id, and its certificate.
func (t *token) key(id []byte, a *opened) error {
	pairs, err := t.context.FindKeyPairs(id, nil)
	switch {
	case err != nil && strings.Contains(err.Error(), "unsupported"): // key type or curve, which crypto11 tells in words only
		return &failure{codeKey, "RSA of 2048 bits or more, P-256 or P-384 is asked: " + err.Error()}
	case err != nil:
		return err
	case len(pairs) != 1:
		return &failure{codeKey, fmt.Sprintf("%d keys have the id %X, want one", len(pairs), id)}
	}
	t.signer = pairs[0]
	if a.Public, err = x509.MarshalPKIXPublicKey(t.signer.Public()); err != nil {
		return &failure{codeKey, err.Error()}
	}
	cert, err := t.context.FindCertificate(id, nil, nil)
	if err != nil {
		return err
	}
	if cert != nil {
		a.Certificate = cert.Raw
	}
	return nil
}

func (t *token) answer(q question) (r reply) {
	r.N = q.N
	if q.Sealed != nil {
		var err error
		if r.Opened, err = t.open(q.Sealed); err != nil {
			r.Failure = failed(err)
		}
		return r
	}
	if q.Digest == nil {
		if _, err := t.module.GetTokenInfo(t.slot); err != nil {
			r.Failure = failed(err)
		}
		return r
	}
	var err error
	if len(q.Digest) != q.Hash.Size() {
		err = fmt.Errorf("a digest of %d bytes", len(q.Digest))
	} else if r.Signature, err = t.signer.Sign(rand.Reader, bytes.Clone(q.Digest), q.Hash); err != nil {
		r.Signature = nil
	}
	if err != nil {
		r.Failure = failed(err)
	}
	return r
}

// open opens what [Token.Seal] sealed. SHA-1 is the one hash that all tokens know
// for it; nothing of OAEP's strength rests on that hash being without collisions
// (RFC 8017, B.1).
func (t *token) open(sealed []byte) ([]byte, error) {
	k, ok := t.signer.(crypto.Decrypter)
	if !ok {
		return nil, &failure{codeKey, "only an RSA key opens what was sealed"}
	}
	return k.Decrypt(rand.Reader, sealed, &rsa.OAEPOptions{Hash: crypto.SHA1})
}

func (f *failure) Error() string { return f.Text }

// failed sorts an error for the parent.
func failed(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	code := codeDevice
	var said pkcs11.Error
	if errors.As(err, &said) || errors.As(cause(err), &said) {
		code = codes[said]
		if code == "" {
			code = codeDevice
		}
	}
	return &failure{code, err.Error()}
}

// cause digs out of the wrapping that crypto11 uses.
func cause(err error) error {
	for {
		c, ok := err.(interface{ Cause() error })
		if !ok {
			return err
		}
		err = c.Cause()
	}
}

// codes sorts what a token may say (PKCS#11 v2.40, 11.1).
var codes = map[pkcs11.Error]string{
	pkcs11.CKR_PIN_INCORRECT: codePIN, pkcs11.CKR_PIN_INVALID: codePIN, pkcs11.CKR_PIN_LEN_RANGE: codePIN,
	pkcs11.CKR_PIN_EXPIRED: codePIN, pkcs11.CKR_PIN_LOCKED: codePIN,
	pkcs11.CKR_DEVICE_REMOVED: codeGone, pkcs11.CKR_TOKEN_NOT_PRESENT: codeGone, pkcs11.CKR_SESSION_HANDLE_INVALID: codeGone,
	pkcs11.CKR_SESSION_CLOSED: codeGone, pkcs11.CKR_USER_NOT_LOGGED_IN: codeGone, pkcs11.CKR_OBJECT_HANDLE_INVALID: codeGone,
	pkcs11.CKR_KEY_HANDLE_INVALID: codeGone, pkcs11.CKR_DEVICE_ERROR: codeGone, pkcs11.CKR_TOKEN_NOT_RECOGNIZED: codeGone,
	pkcs11.CKR_SLOT_ID_INVALID: codeGone, pkcs11.CKR_CRYPTOKI_NOT_INITIALIZED: codeGone,
}
