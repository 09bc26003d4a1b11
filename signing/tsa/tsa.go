// Package tsa knows time-stamps (RFC 3161): it asks an authority for them,
// reads them, and holds them against the roots it is given.
//
// A [Token] says that an imprint, the digest of some bytes, existed at a time.
// The answers of an authority are outside bytes: they are capped and read by
// [sohoa/signing/cms], strictly.
package tsa

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/outbound"
	"sohoa/signing/cms"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrUnavailable: the authority did not answer as agreed. Try again later.
	ErrUnavailable = errors.New("time-stamp authority does not answer")

	// ErrToken: what was answered is no token about what was asked.
	ErrToken = errors.New("bad time-stamp")

	// ErrUntrusted: the token's certificate leads to none of the roots, or may
	// not make time-stamps.
	ErrUntrusted = errors.New("time-stamp is not from a trusted authority")
)

// maxAnswer is the most bytes of an answer that are read.
const maxAnswer = cms.MaxSize

// A Client asks one authority. All fields but HTTP and Timeout must be set.
type Client struct {
	URL     string
	Roots   *x509.CertPool // of the authority
	HTTP    *http.Client   // nil: one that goes to the host of URL, wherever that is, and to no other
	Timeout time.Duration  // of one question; 0: 10 s
	Now     func() time.Time

	// Skew is how far the authority's clock may be from ours; 0: 1 minute.
	Skew time.Duration

	// Taste, if set, is asked about an answer before this process reads it,
	// see [sohoa/signing/taster].
	Taste func(ctx context.Context, answer []byte) error
}

// Stamp returns a token about value, and the time in it. The error wraps
// [ErrUnavailable], [ErrToken] or [ErrUntrusted].
func (c *Client) Stamp(ctx context.Context, value []byte) ([]byte, time.Time, error) {
	return c.StampDigest(ctx, sha256.Sum256(value))
}

// StampDigest is Stamp for a value that is only known by its SHA-256.
func (c *Client) StampDigest(ctx context.Context, imprint [sha256.Size]byte) ([]byte, time.Time, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, time.Time{}, err
	}
	q, err := question(imprint[:], nonce)
	if err != nil {
		return nil, time.Time{}, err
	}
	answer, err := c.post(ctx, q)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if c.Taste != nil {
		if err := c.Taste(ctx, answer); err != nil {
			return nil, time.Time{}, fmt.Errorf("%w: %w", ErrToken, err)
		}
	}
	der, err := granted(answer)
	if err != nil {
		return nil, time.Time{}, err
	}
	t, err := Parse(der)
	if err != nil {
		return nil, time.Time{}, err
	}
	if t.Nonce == nil || t.Nonce.Cmp(nonce) != 0 {
		return nil, time.Time{}, fmt.Errorf("%w: nonce", ErrToken)
	}
	if _, err := t.VerifyDigest(imprint[:], c.Roots, nil); err != nil {
		return nil, time.Time{}, err
	}
	if d := t.Time.Sub(c.Now()).Abs(); d > c.skew() {
		return nil, time.Time{}, fmt.Errorf("%w: its clock is %v from ours", ErrToken, d.Round(time.Second))
	}
	return der, t.Time, nil
}

func (c *Client) skew() time.Duration {
	if c.Skew > 0 {
		return c.Skew
	}
	return time.Minute
}

// callers are what calls authorities without a client of their own, by address: one
// for each, so that connections are used again.
var callers sync.Map

func callerOf(address string) *http.Client {
	c, ok := callers.Load(address)
	if !ok {
		c, _ = callers.LoadOrStore(address, outbound.Client(outbound.HostOf(address).Has, 0, nil))
	}
	return c.(*http.Client)
}

// post sends one question (RFC 3161, 3.4).
func (c *Client) post(ctx context.Context, q []byte) ([]byte, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(q))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	client := c.HTTP
	if client == nil {
		client = callerOf(c.URL)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answer %s", res.Status)
	}
	if media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); media != "application/timestamp-reply" {
		return nil, fmt.Errorf("answer is %.60q", media)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(b) > maxAnswer {
		err = fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	}
	return b, err
}

// question writes a TimeStampReq that wants the certificate (2.4.1).
func question(imprint []byte, nonce *big.Int) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addImprint(b, imprint)
		b.AddASN1BigInt(nonce)
		b.AddASN1Boolean(true)
	})
	return b.Bytes()
}

var oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

// imprints lists the digests that an imprint may be made with.
var imprints = []struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
}{
	{oidSHA256, crypto.SHA256},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
}

func addImprint(b *cryptobyte.Builder, imprint []byte) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidSHA256) })
		b.AddASN1OctetString(imprint)
	})
}

// ParseAnswer reads a TimeStampResp and the token in it. An answer that gives no
// token is an error that wraps [ErrUnavailable], any other wraps [ErrToken].
func ParseAnswer(answer []byte) (*Token, error) {
	der, err := granted(answer)
	if err != nil {
		return nil, err
	}
	return Parse(der)
}

// granted takes the token out of an answer (2.4.2).
func granted(answer []byte) ([]byte, error) {
	var res, status, token cryptobyte.String
	var code int64
	in := cryptobyte.String(answer)
	if !in.ReadASN1(&res, tag.SEQUENCE) || !in.Empty() || !res.ReadASN1(&status, tag.SEQUENCE) || !status.ReadASN1Integer(&code) {
		return nil, fmt.Errorf("%w: malformed answer", ErrToken)
	}
	if code != 0 && code != 1 {
		return nil, fmt.Errorf("%w: it refused with status %d", ErrUnavailable, code)
	}
	if !res.ReadASN1Element(&token, tag.SEQUENCE) || !res.Empty() {
		return nil, fmt.Errorf("%w: no token", ErrToken)
	}
	return token, nil
}
