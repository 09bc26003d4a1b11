package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"time"

	"sohoa/signing/cms"
)

// Detach signs content that is no PDF: it returns a signature to be kept in a
// file beside it (.p7s), CAdES B-T (ETSI EN 319 122-1, 6.1). The order is that
// of [Sealer.Sign]: look at the key, hash, ask the gate, journal, sign,
// time-stamp; if the authority does not answer there is no signature at all.
// Whoever wants it to last longer keeps evidence beside it.
func (s *Sealer) Detach(ctx context.Context, subject string, k Key, content []byte) ([]byte, error) {
	der, err := s.detach(ctx, subject, k, content)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", subject, err)
	}
	return der, nil
}

func (s *Sealer) detach(ctx context.Context, subject string, k Key, content []byte) ([]byte, error) {
	at := s.Now().Truncate(time.Second)
	if err := k.Check(at); err != nil {
		return nil, err
	}
	if err := s.able(ctx, LevelT, k); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	sig, err := cms.PrepareDetached(sum, k.Chain, at)
	if err != nil {
		return nil, err
	}
	if s.Gate != nil {
		if err := s.Gate.Allow(ctx, k, at); err != nil {
			return nil, err
		}
	}
	if err := s.Journal.Record(ctx, Intent{subject, sum, bytes.Clone(k.Chain[0].Raw), at}); err != nil {
		return nil, fmt.Errorf("journal: %w", err) // and do not sign
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(sig.ToSign())
	value, err := k.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("ask the key: %w", err)
	}
	if err := sig.Take(value); err != nil {
		return nil, err
	}
	token, _, err := s.TSA.Stamp(ctx, sig.Value())
	if err != nil {
		return nil, fmt.Errorf("time-stamp: %w", err)
	}
	return sig.Marshal(token)
}
