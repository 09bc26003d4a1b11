package wire

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/scan"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/verify"
	"sohoa/web"
)

// door lets the pages use the door, and nudges the line after it.
type door struct{ h *House }

func (d door) Accept(ctx context.Context, in web.Intake) (dossier.Document, error) {
	began := d.h.Settings.now()
	got, err := d.h.Door.Accept(ctx, ingest.Intake{Dossier: in.Dossier, Slot: in.Slot, Who: in.Who, Body: in.Body, Lane: in.Lane, Password: in.Password})
	if err == nil {
		d.h.received(ctx, got, began)
		d.h.Worker.Nudge()
	}
	return got, later(err)
}

func (h *House) moved(context.Context, dossier.Document) { h.Worker.Nudge() }

func splitter(ctx context.Context, path string, proven []string) iter.Seq2[scan.Page, error] {
	return sniff.SplitToWrite(ctx, path, Limits, proven)
}

func readSplitter(ctx context.Context, path string) iter.Seq2[scan.Page, error] {
	return sniff.SplitInPlace(ctx, path, Limits)
}

func keptSplitter(ctx context.Context, path string) iter.Seq2[scan.Page, error] {
	return sniff.SplitKept(ctx, path, Limits)
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
	if k.ca == nil {
		return signing.Key{}, fmt.Errorf("%w: nobody has given the house one for %s", signing.ErrKey, name)
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

// verdict is what the document's page says of its newest signed file.
func (h *House) verdict(ctx context.Context, d dossier.Document) (web.Verdict, error) {
	sum, ok := signedFile(d)
	if !ok {
		return web.Verdict{}, nil
	}
	path, done, err := fetch(ctx, h.Blobs, sum, h.temp)
	if err != nil {
		return web.Verdict{}, err
	}
	defer done()
	report, _, err := h.asking(ctx, path) // who did not answer shows in the verdict
	if err != nil {
		return web.Verdict{}, err
	}
	return shown(report), nil
}

// signedFile returns the newest signed file of d.
func signedFile(d dossier.Document) (digest.Digest, bool) {
	if _, sum, ok := d.Archival(); ok {
		return sum, true
	}
	if sum, ok := d.Parts[dossier.PartCopySigned]; ok {
		return sum, true
	}
	if _, ok := d.Parts[dossier.PartVerdict]; ok {
		return d.Parts[dossier.PartScan], true
	}
	return digest.Digest{}, false
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
			Stamp: s.Kind == verify.KindTimestamp, Dev: slices.ContainsFunc(s.Chain, isDev)})
	}
	return v
}

// isDev reports whether a name in a chain is of a development authority: every
// one says so, also that of another house.
func isDev(name string) bool { return strings.Contains(name, devca.Warning) }

func said(reasons []verify.Reason) (vi, en []string) {
	for _, r := range reasons {
		vi, en = append(vi, r.Viet), append(en, r.English)
	}
	return vi, en
}
