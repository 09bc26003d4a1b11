package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/scan"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/signing/verify"
	"sohoa/storage/blob"
	"sohoa/web"
	"sohoa/workers"
)

// door lets the pages use the door, and nudges the line after it.
type door struct{ h *House }

func (d door) Accept(ctx context.Context, in web.Intake) (dossier.Document, error) {
	got, err := d.h.Door.Accept(ctx, ingest.Intake{Dossier: in.Dossier, Slot: in.Slot, Who: in.Who, Body: in.Body})
	if err == nil {
		d.h.Worker.Nudge()
	}
	return got, err
}

func (h *House) moved(context.Context, dossier.Document) { h.Worker.Nudge() }

func splitter(ctx context.Context, path string) iter.Seq2[scan.Page, error] {
	return sniff.Split(ctx, path, Limits)
}

// A keyring finds keys at the development authority, which makes one for whoever
// has none: a first start must be able to sign. It is the one place to put a
// real key store.
type keyring struct {
	ca *devca.CA
	db interface {
		Person(ctx context.Context, id dossier.PersonID) (dossier.Person, error)
		Agency(ctx context.Context, code dossier.AgencyCode) (dossier.Agency, error)
	}

	mu     sync.Mutex
	opened map[string]signing.Key // opening a key file costs 100 times a signature
}

// Officer returns the personal key of p.
func (k *keyring) Officer(ctx context.Context, p dossier.PersonID) (signing.Key, error) {
	person, err := k.db.Person(ctx, p)
	if err != nil {
		return signing.Key{}, err
	}
	org := ""
	if a, err := k.db.Agency(ctx, person.Agency); err == nil {
		org = a.Name
	}
	return k.key("person-"+string(p), person.Name, org)
}

// Agency returns the key of an agency.
func (k *keyring) Agency(ctx context.Context, code dossier.AgencyCode) (signing.Key, error) {
	a, err := k.db.Agency(ctx, code)
	if err != nil {
		return signing.Key{}, err
	}
	return k.key("agency-"+string(code), a.Name, "")
}

func (k *keyring) key(name, commonName, org string) (signing.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.opened[name]; ok {
		return key, nil
	}
	if err := k.ca.Issue(name, commonName, org); err != nil {
		return signing.Key{}, err
	}
	key, err := keys.Load(k.ca.KeyPath(name))
	if err != nil {
		return signing.Key{}, fmt.Errorf("key %s: %w", name, err)
	}
	if k.opened == nil {
		k.opened = map[string]signing.Key{}
	}
	k.opened[name] = key
	return key, nil
}

// trouble puts an error into words that a person may see, with a code first
// that the pages translate: "damaged:3: page 3: …", "tsa: …". What is ours
// stays in the log.
func trouble(err error) string {
	var r *jail.Refusal
	switch {
	case errors.As(err, &r) && r.Page > 0:
		return fmt.Sprintf("%s:%d: %s", r.Code, r.Page, r.Text)
	case errors.As(err, &r):
		return r.Code + ": " + r.Text
	case errors.Is(err, tsa.ErrUnavailable):
		return "tsa: the time-stamp authority does not answer"
	case errors.Is(err, signing.ErrExpired), errors.Is(err, signing.ErrKey), errors.Is(err, revinfo.ErrRevoked):
		return "key: the signing key cannot be used now"
	case errors.Is(err, workers.ErrOwnCheck):
		return "own-check: the PDF/A failed our own check"
	case errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrNotFound):
		return "store: a stored file is missing or damaged"
	case errors.Is(err, workers.ErrBrokeOff):
		return "broke-off: the machine broke off on this paper several times in a row"
	}
	return "retry: something broke on our side; it is tried again"
}

// look verifies the signatures of a file with the anchors and the revocation
// lists of the house.
func (h *House) look(ctx context.Context, path string) (verify.Report, error) {
	crls, err := h.CA.CRLs()
	if err != nil {
		return verify.Report{}, err
	}
	return verify.File(ctx, path, verify.Options{Roots: h.roots(), CRLs: crls, At: time.Now()})
}

// allValid says what is wrong with a file that should have want signatures,
// all valid.
func (h *House) allValid(ctx context.Context, path string, want int) error {
	report, err := h.look(ctx, path)
	if err != nil {
		return err
	}
	made := 0
	for _, s := range report.Signatures {
		if s.Kind == verify.KindSignature {
			made++
		}
	}
	if made != want {
		return fmt.Errorf("%d signatures stand, %d were made", made, want)
	}
	for _, s := range report.Signatures {
		if s.Verdict != verify.Valid {
			return fmt.Errorf("signature of %s is %s: %v", s.Field, s.Verdict, s.Reasons)
		}
	}
	return nil
}

// verdict is what the document's page says of its newest signed file.
func (h *House) verdict(ctx context.Context, d dossier.Document) (web.Verdict, error) {
	sum, ok := d.Parts[dossier.PartSealed]
	if !ok {
		if sum, ok = d.Parts[dossier.PartCopySigned]; !ok {
			return web.Verdict{}, nil
		}
	}
	path, done, err := fetch(ctx, h.Blobs, sum, h.temp)
	if err != nil {
		return web.Verdict{}, err
	}
	defer done()
	report, err := h.look(ctx, path)
	if err != nil {
		return web.Verdict{}, err
	}
	return shown(report), nil
}

// shown puts a report into the words of the page.
func shown(r verify.Report) web.Verdict {
	var v web.Verdict
	v.NotesVI, v.NotesEN = said(r.Reasons)
	for _, s := range r.Signatures {
		at := s.Stamped
		if at.IsZero() {
			at = s.Claimed
		}
		vi, en := said(s.Reasons)
		v.Signatures = append(v.Signatures, web.Signature{Signer: s.Signer, Organisation: s.Organisation, Serial: s.Serial,
			Time: at.In(dossier.VietNam), Level: string(s.Level), Verdict: string(s.Verdict),
			ReasonVI: strings.Join(vi, "; "), ReasonEN: strings.Join(en, "; "),
			Stamp: s.Kind == verify.KindTimestamp})
	}
	return v
}

func said(reasons []verify.Reason) (vi, en []string) {
	for _, r := range reasons {
		vi, en = append(vi, r.Viet), append(en, r.English)
	}
	return vi, en
}
