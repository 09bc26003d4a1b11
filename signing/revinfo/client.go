package revinfo

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha1" // the name of an issuer in old responders' answers
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/outbound"
)

// A Client fetches statements over HTTP from the addresses in certificates: by
// OCSP (authority information access, RFC 5280, 4.2.2.1), or, if there is no
// responder, as a list (distribution points, 4.2.1.13). Only Now must be set. It
// may be used concurrently, and must not be copied.
type Client struct {
	Now     func() time.Time
	HTTP    *http.Client  // nil: one that calls nothing inside this network, see package outbound
	Timeout time.Duration // of one question; 0: 10 s

	// Fresh is how long a statement is used again without asking anew, if it
	// is in force that long; 0: 10 minutes.
	Fresh time.Duration

	// Taste, if set, is asked about an answer before this process reads it,
	// see [sohoa/signing/taster]. It is told whether the answer is a list.
	Taste func(ctx context.Context, list bool, answer []byte) error

	mu   sync.Mutex
	kept map[string]kept
}

type kept struct {
	s       *Statement
	fetched time.Time
}

// maxKept is the most statements that are kept.
const maxKept = 256

// skew is how far another's clock may be ahead of ours.
const skew = time.Minute

// Proof returns a statement that cert, issued by issuer, is not revoked now. The
// error wraps [ErrUnavailable], [ErrStatement] or [ErrRevoked].
func (c *Client) Proof(ctx context.Context, cert, issuer *x509.Certificate) (*Statement, error) {
	var errs []error
	for _, url := range cert.OCSPServer {
		s, err := c.fromOCSP(ctx, url, cert, issuer)
		if err == nil || errors.Is(err, ErrRevoked) {
			return s, err
		}
		errs = append(errs, err)
	}
	for _, url := range cert.CRLDistributionPoints {
		s, err := c.fromList(ctx, url, cert, issuer)
		if err == nil || errors.Is(err, ErrRevoked) {
			return s, err
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%w: the certificate names none", ErrUnavailable))
	}
	return nil, fmt.Errorf("revocation of serial number %X: %w", cert.SerialNumber, errors.Join(errs...))
}

// Good returns an error unless s says that cert was not revoked at a time: one
// that wraps [ErrRevoked], or [ErrStatement] if s does not tell.
func Good(s *Statement, cert, issuer *x509.Certificate, at time.Time) error {
	a, err := s.About(cert, issuer)
	switch {
	case err != nil:
		return err
	case !a.Revoked.IsZero() && !a.Revoked.After(at):
		return fmt.Errorf("%w: serial number %X", ErrRevoked, cert.SerialNumber)
	case a.This.After(at.Add(skew)):
		return fmt.Errorf("%w: it is from the future", ErrStatement)
	case !a.InForce(at):
		return fmt.Errorf("%w: it is out of date", ErrStatement)
	case a.Until.Before(at):
		return fmt.Errorf("%w: who signed it has ended", ErrStatement)
	}
	return nil
}

func (c *Client) fromOCSP(ctx context.Context, url string, cert, issuer *x509.Certificate) (*Statement, error) {
	id := sha256.Sum256(append(bytes.Clone(issuer.RawSubjectPublicKeyInfo), cert.RawTBSCertificate...))
	return c.once(fmt.Sprintf("%s %x", url, id), func(s *Statement) error { return Good(s, cert, issuer, c.Now()) },
		func() (*Statement, error) {
			q, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: crypto.SHA256})
			if err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(q))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Content-Type", "application/ocsp-request")
			b, err := c.do(req, MaxOCSP)
			if err != nil {
				return nil, err
			}
			if err := c.tasted(ctx, false, b); err != nil {
				return nil, err
			}
			return ParseOCSP(b)
		})
}

func (c *Client) fromList(ctx context.Context, url string, cert, issuer *x509.Certificate) (*Statement, error) {
	return c.once(url, func(s *Statement) error { return Good(s, cert, issuer, c.Now()) },
		func() (*Statement, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return nil, err
			}
			b, err := c.do(req, MaxCRL)
			if err != nil {
				return nil, err
			}
			if err := c.tasted(ctx, true, b); err != nil {
				return nil, err
			}
			return ParseCRL(b)
		})
}

func (c *Client) tasted(ctx context.Context, list bool, b []byte) error {
	if c.Taste == nil {
		return nil
	}
	if err := c.Taste(ctx, list, b); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return nil
}

// once returns what is kept under a key if it is fresh and good, else fetches
// and keeps it. Only what is good is kept.
func (c *Client) once(key string, good func(*Statement) error, fetch func() (*Statement, error)) (*Statement, error) {
	fresh := c.Fresh
	if fresh == 0 {
		fresh = 10 * time.Minute
	}
	now := c.Now()
	c.mu.Lock()
	k, ok := c.kept[key]
	c.mu.Unlock()
	if ok && now.Sub(k.fetched).Abs() <= fresh && good(k.s) == nil {
		return k.s, nil
	}
	s, err := fetch()
	if err != nil {
		return nil, err
	}
	if err := good(s); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxKept {
		c.kept = map[string]kept{}
	}
	c.kept[key] = kept{s, now}
	return s, nil
}

// strict calls what certificates name: whoever made a certificate chose it.
var strict = outbound.Client(nil, 0, nil)

// do sends one question and returns the answer of at most max bytes. The error
// wraps [ErrUnavailable].
func (c *Client) do(req *http.Request, max int64) ([]byte, error) {
	if !strings.HasPrefix(req.URL.String(), "http://") && !strings.HasPrefix(req.URL.String(), "https://") {
		return nil, fmt.Errorf("%w: address of kind %.20q", ErrUnavailable, req.URL.Scheme)
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	client := c.HTTP
	if client == nil {
		client = strict
	}
	res, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: answer %s", ErrUnavailable, res.Status)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("answer is longer than %d bytes", max)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return b, nil
}
