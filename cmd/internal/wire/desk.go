package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11"
	"sohoa/web"
)

// markStands finds where the mark of a signature will stand, as the pages draw it: in parts of
// the page from its upper left.
func (h *House) markStands(ctx context.Context, d dossier.Document, act dossier.Act, who dossier.Person) (web.Standing, error) {
	at, err := h.tools.Where(ctx, d, act, who)
	if err != nil {
		return web.Standing{}, err
	}
	p := at.Place
	return web.Standing{Page: at.Page, X: p.X0 / at.Width, Y: (at.Height - p.Y1) / at.Height,
		W: (p.X1 - p.X0) / at.Width, H: (p.Y1 - p.Y0) / at.Height}, nil
}

// A keyDesk shows people the keys of a shelf and opens them.
type keyDesk struct {
	*shelf
	asked *keys.Gate
}

// of returns the place of the key that signs what who orders, nil if the key is
// of the house's making.
func (k keyDesk) of(who dossier.Person) *place {
	if who.Role == dossier.Officer {
		return k.places[ownerOf("", who.ID)]
	}
	return k.places[ownerOf(who.Agency, "")]
}

// State says how the key stands that signs what who orders.
func (k keyDesk) State(ctx context.Context, who dossier.Person) (web.KeyState, error) {
	p := k.of(who)
	var key signing.Key
	var err error
	var state web.KeyState
	switch {
	case p == nil && who.Role == dossier.Officer:
		key, err = k.Officer(ctx, who.ID)
	case p == nil:
		key, err = k.Agency(ctx, who.Agency)
	default:
		key, state, err = k.look(ctx, p)
	}
	var r *keys.Refusal
	switch {
	case errors.As(err, &r):
		state.Code = r.Code
	case err != nil:
		state.Code = "key-none"
	default:
		show(&state, key.Chain[0])
		if err := k.asked.Allow(ctx, key, k.now()); errors.As(err, &r) {
			state.Code = r.Code
		} else if err != nil {
			return state, err
		}
	}
	return state, k.used(ctx, &state, key, p)
}

// look opens a key if nobody need be asked, and says until when it is open.
func (k keyDesk) look(ctx context.Context, p *place) (signing.Key, web.KeyState, error) {
	state := web.KeyState{PIN: p.ask}
	if !p.ask {
		key, err := k.take(ctx, p, "")
		return key, state, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cert != nil {
		show(&state, p.cert)
	}
	if p.held == nil || !k.now().Before(p.until) {
		return signing.Key{}, state, locked()
	}
	state.Until = p.until
	return p.held.Key, state, nil
}

func show(s *web.KeyState, c *x509.Certificate) {
	s.Subject, s.Issuer, s.Serial, s.From, s.To = c.Subject.CommonName, c.Issuer.CommonName, c.SerialNumber.Text(16), c.NotBefore, c.NotAfter
}

// used counts the uses of a key whose certificate is known.
func (k keyDesk) used(ctx context.Context, s *web.KeyState, key signing.Key, p *place) error {
	l := k.others
	var cert *x509.Certificate
	if p != nil {
		l = p.limits
		p.mu.Lock()
		cert = p.cert
		p.mu.Unlock()
	} else if len(key.Chain) > 0 {
		cert = key.Chain[0]
	}
	if cert == nil || l.Uses == 0 {
		return nil
	}
	since := time.Time{}
	if l.Period > 0 {
		since = k.now().Add(-time.Duration(l.Period))
	}
	var err error
	s.Uses, s.Period = l.Uses, time.Duration(l.Period)
	s.Used, err = k.rows.CountIntents(ctx, digest.Of(cert.Raw), since)
	return err
}

// Unlock opens the key of who for the documents of one batch. What was open for
// an earlier one stays so for its documents.
func (k keyDesk) Unlock(ctx context.Context, who dossier.Person, pin []byte, docs []dossier.DocumentID) error {
	p := k.of(who)
	if p == nil || !p.ask {
		clear(pin)
		return nil
	}
	typed := keys.Type(pin)
	source := p.source
	source.PIN = typed.PIN
	held, err := keys.Open(k.ctx, source)
	if err != nil {
		typed.Forget()
		switch {
		case errors.Is(err, keys.ErrPIN), errors.Is(err, csc.ErrPIN):
			return &web.KeyProblem{Code: "pin"}
		case errors.Is(err, pkcs11.ErrUnavailable), errors.Is(err, csc.ErrUnavailable), errors.Is(err, csc.ErrRefused):
			return &web.KeyProblem{Code: keys.CodeToken}
		}
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	open := map[dossier.DocumentID]bool{}
	if p.held != nil && k.now().Before(p.until) {
		open = p.docs
	}
	p.lock()
	for _, d := range docs {
		open[d] = true
	}
	p.held, p.typed, p.docs, p.cert, p.until = held, typed, open, held.Chain[0], k.now().Add(unlocked)
	time.AfterFunc(unlocked, func() { k.expire(p) })
	return k.noted(ctx, held.Key, p.limits, nil)
}

// expire locks a key whose time is over, whether or not anybody asks for it.
func (k keyDesk) expire(p *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil && !p.until.IsZero() && !k.now().Before(p.until) {
		p.lock()
	}
}

// Lock closes the key of who, if a person opened it.
func (k keyDesk) Lock(_ context.Context, who dossier.Person) {
	if p := k.of(who); p != nil && p.ask {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.lock()
	}
}
