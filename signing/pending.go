package signing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing/cms"
)

// ErrChanged: the file is not the one whose signature was prepared.
var ErrChanged = errors.New("file changed since its signature was prepared")

// A Pending is a signature that waits for its key: the hash is out, the
// signature not yet back. It is plain data, to be kept as JSON if hours lie
// between; it holds no secret, and of the file only what is to follow it.
type Pending struct {
	Subject string
	Level   Level
	At      time.Time // claimed signing time

	Chain   [][]byte // DER, the signer's first
	Size    int64    // of the file, bytes
	Covered [sha256.Size]byte
	Tail    []byte // what is to follow the file, with room for the signature

	Contents, Reserve int // that room, see [revision.Prepared]

	sig *cms.Signature // nil: to be made again from the above
}

// Prepare is the first half of [Sealer.Sign]: it looks at the key, writes the
// size bytes of src to dst as they are, hashes, asks the gate and records the
// intent. The key needs no Signer. On error dst holds rubbish.
func (s *Sealer) Prepare(ctx context.Context, r Request, src io.ReaderAt, size int64, dst io.Writer) (*Pending, error) {
	at := s.Now().Truncate(time.Second)
	if err := r.Key.CheckCertificate(at); err != nil {
		return nil, err
	}
	level := cmp.Or(r.Level, LevelT)
	if err := s.able(ctx, level, r.Key); err != nil {
		return nil, fmt.Errorf("sign %s: %w", r.Subject, err)
	}
	prepared, err := s.prepare(ctx, r, at, src, size, dst)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", r.Subject, err)
	}
	p := &Pending{Subject: r.Subject, Level: level, At: at, Size: size, Covered: prepared.Digest,
		Tail: prepared.Tail, Contents: prepared.Contents, Reserve: prepared.Reserve}
	for _, c := range r.Key.Chain {
		p.Chain = append(p.Chain, c.Raw)
	}
	if p.sig, err = cms.Prepare(p.Covered, r.Key.Chain); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", r.Subject, err)
	}
	if s.Gate != nil {
		if err := s.Gate.Allow(ctx, r.Key, at); err != nil {
			return nil, fmt.Errorf("sign %s: %w", r.Subject, err)
		}
	}
	if err := s.Journal.Record(ctx, Intent{r.Subject, p.Covered, slices.Clone(p.Chain[0]), at}); err != nil {
		return nil, fmt.Errorf("journal %s: %w", r.Subject, err) // and do not sign
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// signature returns the CMS in the making.
func (p *Pending) signature() (*cms.Signature, error) {
	if p.sig != nil {
		return p.sig, nil
	}
	var chain []*x509.Certificate
	for _, der := range p.Chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		chain = append(chain, c)
	}
	var err error
	p.sig, err = cms.Prepare(p.Covered, chain)
	return p.sig, err
}

// ToSign returns what the key is to sign, for keys that hash by themselves: the
// DER of the signed attributes (RFC 5652, 5.4), nil if the chain is unreadable.
func (p *Pending) ToSign() []byte {
	sig, err := p.signature()
	if err != nil {
		return nil
	}
	return sig.ToSign()
}

// Digest returns the SHA-256 of ToSign, for keys that sign a digest.
func (p *Pending) Digest() [sha256.Size]byte { return sha256.Sum256(p.ToSign()) }

// Copy writes the file to dst as Prepare did, for a signature that comes back
// much later, when what Prepare wrote is gone. The error wraps [ErrChanged] if
// src is not the file that was prepared.
func (p *Pending) Copy(src io.ReaderAt, dst io.Writer) error {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(dst, h), io.NewSectionReader(src, 0, p.Size))
	if err != nil {
		return fmt.Errorf("copy %s: %w", p.Subject, err)
	}
	from, to := p.Contents-1, p.Contents+2*p.Reserve+1
	if n != p.Size || from < 0 || to > len(p.Tail) {
		return fmt.Errorf("copy %s: %w", p.Subject, ErrChanged)
	}
	h.Write(p.Tail[:from])
	h.Write(p.Tail[to:])
	if [sha256.Size]byte(h.Sum(nil)) != p.Covered {
		return fmt.Errorf("copy %s: %w", p.Subject, ErrChanged)
	}
	return nil
}

// Finish is the second half of [Sealer.Sign]: it takes the key's answer (an RSA
// signature as RFC 8017, 8.2 has it, an ECDSA one in DER), checks it against the
// certificate, time-stamps it, and appends it to dst, which holds the file
// already: Prepare wrote it there, or [Pending.Copy]. src is the file as before.
// The error wraps [cms.ErrSignature] for a wrong answer; p can then be finished
// with another.
func (s *Sealer) Finish(ctx context.Context, p *Pending, value []byte, src io.ReaderAt, dst io.Writer) error {
	if err := s.finish(ctx, p, value); err != nil {
		return fmt.Errorf("sign %s: %w", p.Subject, err)
	}
	if _, err := dst.Write(p.Tail); err != nil {
		return fmt.Errorf("write %s: %w", p.Subject, err)
	}
	if p.Level == LevelB || p.Level == LevelT {
		return nil
	}
	src, size := revision.Join(src, p.Size, p.Tail)
	if err := s.lengthen(ctx, p.Level, src, size, dst); err != nil {
		return fmt.Errorf("evidence of %s: %w", p.Subject, err)
	}
	return nil
}

// finish puts the signature into the tail.
func (s *Sealer) finish(ctx context.Context, p *Pending, value []byte) error {
	sig, err := p.signature()
	if err != nil {
		return err
	}
	if sig.Signer().NotAfter.Before(s.Now()) {
		return fmt.Errorf("%w: it ended while the key was asked", ErrExpired)
	}
	if err := sig.Take(value); err != nil {
		return err
	}
	var token []byte
	if p.Level != LevelB {
		if s.TSA == nil {
			return fmt.Errorf("%w: no time-stamp authority", ErrLevel)
		}
		if token, _, err = s.TSA.Stamp(ctx, sig.Value()); err != nil {
			return fmt.Errorf("time-stamp: %w", err)
		}
	}
	der, err := sig.Marshal(token)
	if err != nil {
		return err
	}
	return revision.Fill(p.Tail, p.Contents, p.Reserve, der)
}
