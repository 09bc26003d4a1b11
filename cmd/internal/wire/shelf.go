package wire

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11"
	"sohoa/workers"
)

// keySettings are the file that SOHOA_KEYS names: where each key is, what opens
// it and how much it may be used. Paths are as seen from the file.
type keySettings struct {
	Keys   []keyPlace  `json:"keys"`
	Limits keys.Limits `json:"limits"` // of keys that say nothing else
}

// A keyPlace is one key. It belongs to an agency or to a person.
type keyPlace struct {
	Agency       dossier.AgencyCode `json:"agency,omitempty"`
	Person       dossier.PersonID   `json:"person,omitempty"`
	Address      string             `json:"address"`                // a PKCS#12 file, a pkcs11: URI, or csc:FILE
	PIN          string             `json:"pin,omitempty"`          // file:PATH, credential:NAME, or ask: a person types it with each batch
	Certificates []string           `json:"certificates,omitempty"` // PEM files of those that are not with the key
	Environment  map[string]string  `json:"environment,omitempty"`  // for a PKCS#11 library
	Limits       *keys.Limits       `json:"limits,omitempty"`
}

// unlocked is how long a key that a person opened stays open.
const unlocked = 30 * time.Minute

// shelfRows are what a shelf asks of the database.
type shelfRows interface {
	CountIntents(ctx context.Context, signer digest.Digest, since time.Time) (int, error)
	LimitKey(ctx context.Context, signer digest.Digest, uses int, period time.Duration) error
}

// A shelf is where the house's keys are: those that the settings name, and for
// all others those that the development authority makes.
type shelf struct {
	ctx    context.Context // of the keys: when it ends so do they
	now    func() time.Time
	rows   shelfRows
	made   workers.Keyring
	places map[string]*place
	others keys.Limits

	mu     sync.Mutex
	limits map[digest.Digest]keys.Limits // by certificate
}

// A place is one key, open or not.
type place struct {
	source keys.Source
	limits keys.Limits
	ask    bool

	mu      sync.Mutex
	refused [sha256.Size]byte // digest of the PIN that the token refused
	held    *keys.Held
	typed   *keys.Typed
	docs    map[dossier.DocumentID]bool // it is open for; nil: all
	until   time.Time                   // zero: for ever
	cert    *x509.Certificate           // of when it was last open
}

// openShelf reads the file of keys that the settings name.
func openShelf(ctx context.Context, o Settings, rows shelfRows, made workers.Keyring) (*shelf, error) {
	s := &shelf{ctx: ctx, now: o.now, rows: rows, made: made, places: map[string]*place{}, limits: map[digest.Digest]keys.Limits{}}
	if o.Keys == "" {
		return s, nil
	}
	if err := s.read(o.Keys, o.Credentials); err != nil {
		return nil, fmt.Errorf("keys %s: %w", o.Keys, err)
	}
	return s, nil
}

// openKeys opens the house's shelf, and has what signs ask its gate.
func (h *House) openKeys(ctx context.Context) (err error) {
	h.shelf, err = openShelf(ctx, h.Settings, h.DB, &keyring{ca: h.CA, db: h.DB})
	if err != nil {
		return err
	}
	h.onClose(h.shelf.Close)
	h.Sealer.Gate = h.shelf.gate(h.Sealer.Evidence)
	return nil
}

func (s *shelf) read(path, credentials string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var settings keySettings
	d := json.NewDecoder(io.LimitReader(f, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&settings); err != nil {
		return err
	}
	s.others = settings.Limits
	if err := s.others.Check(); err != nil {
		return err
	}
	for _, k := range settings.Keys {
		owner := ownerOf(k.Agency, k.Person)
		if (k.Agency == "") == (k.Person == "") || s.places[owner] != nil {
			return fmt.Errorf("a key belongs to one agency or one person, and each has one: %q", owner)
		}
		p, err := k.place(filepath.Dir(path), credentials, s)
		if err != nil {
			return fmt.Errorf("%s: %w", owner, err)
		}
		s.places[owner] = p
	}
	return nil
}

func ownerOf(a dossier.AgencyCode, p dossier.PersonID) string {
	if a != "" {
		return "agency:" + string(a)
	}
	return "person:" + string(p)
}

func (k keyPlace) place(dir, credentials string, s *shelf) (*place, error) {
	in := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	p := &place{source: keys.Source{Address: k.Address, Environment: k.Environment, Credentials: credentials, Now: s.now}, limits: s.others, ask: k.PIN == "ask"}
	switch rest, service := strings.CutPrefix(k.Address, csc.Scheme); {
	case k.Address == "":
		return nil, errors.New("it has no address")
	case service:
		p.source.Address = csc.Scheme + in(rest)
	case !strings.HasPrefix(k.Address, pkcs11.Scheme):
		p.source.Address = in(k.Address)
	}
	from := k.PIN
	if a, err := pkcs11.Parse(k.Address); err == nil && from == "" {
		from = a.PINSource
	}
	if rest, file := strings.CutPrefix(from, "file:"); file {
		from = "file:" + in(rest)
	}
	var err error
	if !p.ask {
		if p.source.PIN, err = keys.ParsePIN(from, credentials); err != nil {
			return nil, err
		}
	}
	if k.Limits != nil {
		p.limits = *k.Limits
		if err := p.limits.Check(); err != nil {
			return nil, err
		}
	}
	for _, path := range k.Certificates {
		certs, err := certificatesIn(in(path))
		if err != nil {
			return nil, err
		}
		p.source.Certificates = append(p.source.Certificates, certs...)
	}
	return p, nil
}

func certificatesIn(path string) (certs []*x509.Certificate, err error) {
	rest, err := os.ReadFile(path)
	for err == nil {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			certs = append(certs, c)
		}
	}
	if err == nil && len(certs) == 0 {
		err = fmt.Errorf("%s: there is no certificate", path)
	}
	return certs, err
}

// Officer returns the personal key of p.
func (s *shelf) Officer(ctx context.Context, p dossier.PersonID) (signing.Key, error) {
	if at := s.places[ownerOf("", p)]; at != nil {
		return s.take(ctx, at, workers.DocumentOf(ctx))
	}
	k, err := s.made.Officer(ctx, p)
	return k, s.noted(ctx, k, s.others, err)
}

// Agency returns the key of an agency.
func (s *shelf) Agency(ctx context.Context, a dossier.AgencyCode) (signing.Key, error) {
	if at := s.places[ownerOf(a, "")]; at != nil {
		return s.take(ctx, at, workers.DocumentOf(ctx))
	}
	k, err := s.made.Agency(ctx, a)
	return k, s.noted(ctx, k, s.others, err)
}

// locked says that a key waits for its PIN.
func locked() error {
	return &keys.Refusal{Code: keys.CodeLocked, Vi: "khóa ký đang khóa, chờ mã PIN", En: "the key is locked and waits for its PIN"}
}

// take returns a key for a document, opening it unless it waits for a person.
func (s *shelf) take(ctx context.Context, p *place, d dossier.DocumentID) (signing.Key, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil && !p.until.IsZero() && !s.now().Before(p.until) {
		p.lock()
	}
	switch {
	case p.held != nil && (p.docs == nil || p.docs[d]):
		return p.held.Key, nil
	case p.ask:
		return signing.Key{}, locked()
	}
	held, err := p.open(s.ctx)
	if err != nil {
		return signing.Key{}, refused(err)
	}
	p.held, p.cert = held, held.Chain[0]
	return held.Key, s.noted(ctx, held.Key, p.limits, nil)
}

// open opens a key with the PIN that the settings name. One that was refused is
// not tried again until there is another: tokens lock themselves. The caller
// holds p.mu.
func (p *place) open(ctx context.Context) (*keys.Held, error) {
	var sum [sha256.Size]byte
	if p.source.PIN != nil {
		pin, err := p.source.PIN()
		if err != nil {
			return nil, err
		}
		sum = sha256.Sum256(pin)
		clear(pin)
		if sum == p.refused {
			return nil, fmt.Errorf("%w: it was refused before and is not tried again", keys.ErrPIN)
		}
	}
	held, err := keys.Open(ctx, p.source)
	if errors.Is(err, keys.ErrPIN) {
		p.refused = sum
	}
	return held, err
}

// refused puts a failure to open a key into a refusal with its code.
func refused(err error) error {
	switch {
	case errors.Is(err, keys.ErrPIN), errors.Is(err, keys.ErrOpen):
		return fmt.Errorf("%w: %w", locked(), err)
	case errors.Is(err, pkcs11.ErrUnavailable), errors.Is(err, csc.ErrUnavailable), errors.Is(err, csc.ErrRefused):
		return fmt.Errorf("%w: %w", &keys.Refusal{Code: keys.CodeToken, Vi: "không dùng được thiết bị hoặc dịch vụ giữ khóa lúc này",
			En: "the token or service that keeps the key cannot be asked now"}, err)
	}
	return err
}

// noted keeps the limits of a key's certificate, here and in the database.
func (s *shelf) noted(ctx context.Context, k signing.Key, l keys.Limits, err error) error {
	if err != nil || len(k.Chain) == 0 {
		return err
	}
	signer := digest.Of(k.Chain[0].Raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, ok := s.limits[signer]; ok && had == l {
		return nil
	}
	if err := s.rows.LimitKey(ctx, signer, l.Uses, time.Duration(l.Period)); err != nil {
		return err
	}
	s.limits[signer] = l
	return nil
}

// gate holds every key to its limits.
func (s *shelf) gate(e signing.Evidence) *keys.Gate {
	return &keys.Gate{Now: s.now, Evidence: e,
		Limits: func(c *x509.Certificate) keys.Limits {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.limits[digest.Of(c.Raw)]
		},
		Used: func(ctx context.Context, c *x509.Certificate, since time.Time) (int, error) {
			return s.rows.CountIntents(ctx, digest.Of(c.Raw), since)
		}}
}

// lock closes a key and overwrites its PIN. The caller holds p.mu.
func (p *place) lock() {
	p.held.Close()
	if p.typed != nil {
		p.typed.Forget()
	}
	p.held, p.typed, p.docs, p.until = nil, nil, nil, time.Time{}
}

// Close closes all keys.
func (s *shelf) Close() error {
	for _, p := range s.places {
		p.mu.Lock()
		p.lock()
		p.mu.Unlock()
	}
	return nil
}
