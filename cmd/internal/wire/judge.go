package wire

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/signing/chains"
	"sohoa/signing/devca"
	"sohoa/signing/revinfo"
	"sohoa/signing/verify"
	"sohoa/storage/sqldb"
	"sohoa/workers"
)

// roots are the anchors that verdicts rest on, DER: those in the directory of
// roots, and that of the development authority unless the house counts.
func (h *House) roots() [][]byte {
	roots := h.Trust.Roots()
	if h.CA != nil {
		roots = append(roots, h.CA.Root())
	}
	return roots
}

func (h *House) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, der := range h.roots() {
		if cert, err := x509.ParseCertificate(der); err == nil { // each was read before
			pool.AddCert(cert)
		}
	}
	return pool
}

// look verifies the signatures of a file with the anchors and the revocation
// lists of the house.
func (h *House) look(ctx context.Context, path string) (verify.Report, error) {
	return h.lookAt(ctx, path, h.Settings.now())
}

// lookAt is look for another time than now.
func (h *House) lookAt(ctx context.Context, path string, at time.Time) (verify.Report, error) {
	o, err := h.believed(at)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.File(ctx, path, o)
}

// believed is what the house believes beforehand.
func (h *House) believed(at time.Time) (verify.Options, error) {
	crls, err := h.Trust.Lists()
	if err != nil {
		return verify.Options{}, err
	}
	if h.CA != nil {
		dev, err := h.CA.CRLs()
		if err != nil {
			return verify.Options{}, err
		}
		crls = append(crls, dev...)
	}
	return verify.Options{Roots: h.roots(), CRLs: crls, At: at}, nil
}

// asking is look, and asks authorities where evidence is missing, see [Asking].
func (h *House) asking(ctx context.Context, path string) (r verify.Report, away, err error) {
	o, err := h.believed(h.Settings.now())
	if err != nil {
		return r, nil, err
	}
	return Asking(ctx, path, o, h.asked)
}

// Asking verifies a file, and where evidence is missing it asks the authorities
// of the certificates in it for their lists: those that lead to a root that is
// believed, and no others. If one did not answer and the verdict might be
// another with its answer, away says so. Without a client nobody is asked.
func Asking(ctx context.Context, path string, o verify.Options, client *revinfo.Client) (r verify.Report, away, err error) {
	r, err = verify.File(ctx, path, o)
	if err != nil || r.Verdict != verify.Indeterminate || client == nil {
		return r, nil, err
	}
	pairs, err := chains.Of(ctx, path, o.Roots)
	if err != nil {
		return r, nil, err
	}
	had := len(o.CRLs)
	for _, p := range pairs {
		if o.At.After(p.Cert.NotAfter) || !listed(p.Cert) {
			continue // lists drop what has ended
		}
		cert := *p.Cert
		cert.OCSPServer = nil // the judge takes lists
		s, err := client.Proof(ctx, &cert, p.Issuer)
		switch {
		case err == nil:
			o.CRLs = append(o.CRLs, s.Raw)
		case errors.Is(err, revinfo.ErrUnavailable):
			away = err
		}
	}
	if len(o.CRLs) > had {
		r, err = verify.File(ctx, path, o)
	}
	if r.Verdict != verify.Indeterminate {
		away = nil
	}
	return r, away, err
}

// listed reports whether a certificate names a list that can be had: those of
// development name a place that never is one (RFC 6761, 6.4).
func listed(cert *x509.Certificate) bool {
	return slices.ContainsFunc(cert.CRLDistributionPoints, func(at string) bool {
		u, err := url.Parse(at)
		return err == nil && !strings.HasSuffix(u.Hostname(), ".invalid")
	})
}

// judge says in the words of the line what to think of a file's signatures. An
// authority that does not answer is no verdict: it is asked again later.
func (h *House) judge(ctx context.Context, path string) (workers.Judgement, error) {
	report, away, err := h.asking(ctx, path)
	if err = errors.Join(err, away); err != nil {
		return workers.Judgement{}, err
	}
	return Judged(report)
}

// Judged puts a report into the words of the line. A file in which no signature
// can be found at all, although it looks signed, has the remnant of one. One
// without the signature of a person or agency has nobody who vouches for it.
func Judged(r verify.Report) (workers.Judgement, error) {
	j := workers.Judgement{Verdict: dossier.Verdict(r.Verdict), Stamped: true, Proof: proof(r)}
	reasons := append([]verify.Reason{}, r.Reasons...)
	for _, s := range r.Signatures {
		if s.Kind == verify.KindSignature {
			j.Signed++
			j.Stamped = j.Stamped && !s.Stamped.IsZero()
		}
		for _, x := range s.Reasons {
			who := ""
			if s.Signer != "" {
				who = s.Signer + ": "
			}
			reasons = append(reasons, verify.Reason{Code: x.Code, English: who + x.English, Viet: who + x.Viet})
		}
	}
	code := "doubtful"
	switch {
	case len(r.Signatures) == 0:
		j.Verdict, code = dossier.VerdictInvalid, "remnant"
	case j.Verdict == dossier.VerdictInvalid:
		code = "invalid-signature"
	case j.Signed == 0:
		j.Verdict = dossier.VerdictIndeterminate
		reasons = append(reasons, verify.Reason{English: "Only a time-stamp stands in the file; nobody signed it.", Viet: "Tệp chỉ có dấu thời gian, không có chữ ký của ai."})
	}
	if j.Verdict != dossier.VerdictValid {
		vi, en := said(reasons)
		j.Why = code + ": " + bounded(en) + " ‖ " + bounded(vi)
	}
	var err error
	j.Report, err = json.Marshal(r)
	return j, err
}

// bounded joins sentences, as many as a page can show.
func bounded(sentences []string) string {
	const most = 8
	var out []string
	for _, s := range sentences {
		s = strings.Join(strings.Fields(strings.ReplaceAll(s, "‖", "")), " ")
		if r := []rune(s); len(r) > 300 {
			s = string(r[:300]) + "…"
		}
		if len(out) < most && (len(out) == 0 || out[len(out)-1] != s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// proof says how long the proof in a file holds: until the certificate of its
// last document time-stamp ends, or, without one, the first of its signers'.
func proof(r verify.Report) dossier.Proof {
	var p dossier.Proof
	for _, s := range r.Signatures {
		switch {
		case s.Kind == verify.KindTimestamp: // in the order they were made: the last one counts
			p = dossier.Proof{Until: s.NotAfter, By: s.Signer}
		case !s.NotAfter.IsZero() && (p.Until.IsZero() || s.NotAfter.Before(p.Until)) && !stamped(r):
			p = dossier.Proof{Until: s.NotAfter, By: s.Signer}
		}
	}
	return p
}

func stamped(r verify.Report) bool {
	for _, s := range r.Signatures {
		if s.Kind == verify.KindTimestamp {
			return true
		}
	}
	return false
}

// asker asks the development authority about its own certificates, if there
// is one, and everybody else where their certificates say.
type asker struct {
	ca    *devca.CA
	asked *revinfo.Client
}

// Proof returns a statement that cert is good now; see [sohoa/signing.Evidence].
func (e *asker) Proof(ctx context.Context, cert, issuer *x509.Certificate) (*revinfo.Statement, error) {
	if e.ca != nil {
		s, err := e.ca.Proof(ctx, cert, issuer)
		if err == nil || errors.Is(err, revinfo.ErrRevoked) {
			return s, err
		}
	}
	return e.asked.Proof(ctx, cert, issuer)
}

// manyProofs is how many documents are looked at between two looks at the clock.
const manyProofs = 50

// findProofs finds out how long the proof of those documents holds that an
// earlier version of the program archived, so that their day of renewal is
// known. Broken off, the next start goes on. What cannot be read is looked at
// again at the next start, and stands in the log.
func (h *House) findProofs(ctx context.Context) error {
	failed := map[dossier.DocumentID]bool{}
	for ctx.Err() == nil {
		docs, err := h.DB.Unproven(ctx, manyProofs+len(failed))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			h.Log.ErrorContext(ctx, "documents without a day of renewal", "err", err)
			return nil
		}
		left := 0
		for _, d := range docs {
			if failed[d.ID] || ctx.Err() != nil {
				continue
			}
			left++
			if err := h.findProof(ctx, h.DB, d); err != nil && ctx.Err() == nil {
				failed[d.ID] = true
				h.Log.ErrorContext(ctx, "no day of renewal", "document", d.ID, "err", err)
			}
		}
		if left == 0 {
			return nil
		}
	}
	return nil
}

func (h *House) findProof(ctx context.Context, db *sqldb.DB, d dossier.Document) error {
	_, sum, ok := d.Archival()
	if !ok {
		return fmt.Errorf("%w: no archival file", dossier.ErrNotFound)
	}
	path, done, err := fetch(ctx, h.Blobs, sum, h.temp)
	if err != nil {
		return err
	}
	defer done()
	report, err := h.look(ctx, path) // the proof's end does not hang on revocations
	if err != nil {
		return err
	}
	return db.KeepProof(ctx, d, proof(report))
}
