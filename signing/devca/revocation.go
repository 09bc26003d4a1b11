package devca

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/signing/revinfo"
)

// Addresses are what new certificates say of where to ask about them. Instead
// of empty ones they name addresses that never resolve.
type Addresses struct {
	OCSP string // of the responder, [CA.OCSP]
	CRLs string // of the lists, [CA.Lists], without a slash at the end
}

// Names of the lists that [CA.Lists] serves.
const (
	issuingList = "issuing.crl"
	rootList    = "root.crl"
)

// answerLife is how long an OCSP answer may be used.
const answerLife = 24 * time.Hour

// responderLife is how long a responder's certificate lasts. Nobody is asked
// about it (id-pkix-ocsp-nocheck), but answers must outlive the signer's
// certificate for signatures to be judged without the network.
const responderLife = issueLife

// openResponder opens the OCSP responder, making it if there is none: the
// authorities of earlier versions had none.
func (c *CA) openResponder() error {
	dir := filepath.Join(c.dir, "responder")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		h, err := c.certify(&c.issuing, template{cn: "Sohoa OCSP – " + Warning, life: responderLife, answers: true})
		if err != nil {
			return err
		}
		der, err := x509.MarshalPKCS8PrivateKey(h.key)
		if err != nil {
			return err
		}
		err = place(dir, map[string][]byte{
			"ocsp.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.cert.Raw}),
			"ocsp.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})})
		if err != nil {
			return err
		}
	}
	return c.responder.load(dir, "ocsp")
}

// Proof says whether a certificate of this authority is revoked: of those of
// the issuing authority by OCSP, of that itself by the root's list. It needs no
// network. See [sohoa/signing.Evidence].
func (c *CA) Proof(_ context.Context, cert, issuer *x509.Certificate) (*revinfo.Statement, error) {
	var s *revinfo.Statement
	var err error
	if issuer.Equal(c.issuing.cert) {
		var der []byte
		if der, err = c.say(&ocsp.Request{HashAlgorithm: crypto.SHA256, SerialNumber: cert.SerialNumber}); err == nil {
			s, err = revinfo.ParseOCSP(der)
		}
	} else {
		var lists [][]byte
		if lists, err = c.CRLs(); err == nil {
			s, err = revinfo.ParseCRL(lists[1])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("development authority: %w", err)
	}
	return s, revinfo.Good(s, cert, issuer, c.now())
}

// say makes the OCSP answer about a serial number. All that are not revoked are
// good: no book is kept of what was issued.
func (c *CA) say(q *ocsp.Request) ([]byte, error) {
	list, err := c.revoked()
	if err != nil {
		return nil, err
	}
	now := c.now().UTC().Truncate(time.Second)
	a := ocsp.Response{Status: ocsp.Good, SerialNumber: q.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(answerLife),
		Certificate: c.responder.cert, IssuerHash: q.HashAlgorithm}
	for _, r := range list {
		if r.Serial == q.SerialNumber.Text(16) {
			a.Status, a.RevokedAt, a.RevocationReason = ocsp.Revoked, r.At, ocsp.Unspecified
		}
	}
	return ocsp.CreateResponse(c.issuing.cert, c.responder.cert, a, c.responder.key)
}

// OCSP returns the responder for the certificates of the issuing authority (RFC
// 6960, appendix A), by POST and GET.
func (c *CA) OCSP() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := question(w, r)
		if err != nil {
			http.Error(w, "no OCSP question", http.StatusBadRequest)
			return
		}
		answer, err := c.answerOCSP(q)
		if err != nil {
			http.Error(w, "the responder failed", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/ocsp-response")
		_, _ = w.Write(answer) // whoever asked has gone if this fails
	})
}

func question(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method == http.MethodPost {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	}
	_, last, _ := strings.Cut(r.URL.EscapedPath(), "/M") // every question in base64 begins so: a SEQUENCE
	s, err := url.PathUnescape("M" + last)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(s)
}

func (c *CA) answerOCSP(der []byte) ([]byte, error) {
	q, err := ocsp.ParseRequest(der)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, nil
	}
	ours, err := ocsp.CreateRequest(c.tsa.cert, c.issuing.cert, &ocsp.RequestOptions{Hash: q.HashAlgorithm})
	if err != nil {
		return ocsp.InternalErrorErrorResponse, nil
	}
	want, err := ocsp.ParseRequest(ours)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(q.IssuerNameHash, want.IssuerNameHash) || !bytes.Equal(q.IssuerKeyHash, want.IssuerKeyHash) {
		return ocsp.UnauthorizedErrorResponse, nil
	}
	return c.say(q)
}

// Lists returns the revocation lists: GET /issuing.crl and /root.crl.
func (c *CA) Lists() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		which := map[string]int{"/" + issuingList: 0, "/" + rootList: 1}
		n, ok := which[r.URL.Path]
		if !ok || r.Method != http.MethodGet {
			http.NotFound(w, r)
			return
		}
		lists, err := c.CRLs()
		if err != nil {
			http.Error(w, "the list could not be made", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/pkix-crl")
		_, _ = w.Write(lists[n]) // whoever asked has gone if this fails
	})
}
