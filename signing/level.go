package signing

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"

	"sohoa/pdf/revision"
	"sohoa/signing/cms"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
)

// A Level says how long a signature can be believed (ETSI EN 319 142-1, 6.1).
type Level string

// The baseline levels.
const (
	LevelB   Level = "B-B"   // as long as its certificate is in force
	LevelT   Level = "B-T"   // as long as somebody can tell what was revoked
	LevelLT  Level = "B-LT"  // as long as the algorithms hold and the TSA's certificate is in force
	LevelLTA Level = "B-LTA" // as long as it is extended in time
)

// ErrLevel: the level is unknown, or the sealer lacks what it needs for it.
var ErrLevel = errors.New("level cannot be reached")

// Evidence tells that certificates were not revoked. [revinfo.Client] asks over
// the network.
type Evidence interface {
	// Proof returns a statement about cert, which issuer issued, that it is
	// good now. The error wraps one of [sohoa/signing/revinfo].
	Proof(ctx context.Context, cert, issuer *x509.Certificate) (*revinfo.Statement, error)
}

// stampReserve is the room for a document time-stamp in bytes: a token with a
// chain of RSA-4096 takes some 8,000.
const stampReserve = 10 << 10

// able checks, before a key is asked, that level can be reached with it: what
// the sealer has, and for the levels that need evidence that there is some.
func (s *Sealer) able(ctx context.Context, level Level, k Key) error {
	switch level {
	case LevelB:
		return nil
	case LevelT, LevelLT, LevelLTA:
	default:
		return fmt.Errorf("%w: %q", ErrLevel, level)
	}
	if s.TSA == nil {
		return fmt.Errorf("%w: no time-stamp authority", ErrLevel)
	}
	if level == LevelT {
		return nil
	}
	c := &collector{sealer: s}
	return c.chain(ctx, k.Chain[0], k.Chain)
}

// Extend writes the size bytes of src, a signed file, to dst as they are, and
// after them what makes its signatures last: evidence about every certificate
// of signers and time-stamp authorities (B-LT), and with level B-LTA a document
// time-stamp over all of it. A file that has that already is renewed: do so
// before the certificate of its last time-stamp ends.
//
// What already stands under a document time-stamp with its evidence is not
// looked at again. If an authority does not answer the error says so, and dst
// holds rubbish. The file is read in this process: verify it first.
func (s *Sealer) Extend(ctx context.Context, level Level, src io.ReaderAt, size int64, dst io.Writer) error {
	if level != LevelLT && level != LevelLTA || s.TSA == nil {
		return fmt.Errorf("extend: %w: %q", ErrLevel, level)
	}
	if n, err := io.Copy(dst, io.NewSectionReader(src, 0, size)); err != nil || n != size {
		return fmt.Errorf("extend: copied %d bytes of %d: %w", n, size, err)
	}
	if err := s.lengthen(ctx, level, src, size, dst); err != nil {
		return fmt.Errorf("extend: %w", err)
	}
	return nil
}

// lengthen writes to dst, which holds the file of src, the updates that make
// its signatures last.
func (s *Sealer) lengthen(ctx context.Context, level Level, src io.ReaderAt, size int64, dst io.Writer) error {
	f, err := revision.Open(src, size)
	if err != nil {
		return err
	}
	c := &collector{sealer: s}
	if err := c.file(ctx, f); err != nil {
		return err
	}
	u := f.Update()
	if err := u.Store(c.found); err != nil {
		return err
	}
	tail, err := u.Tail()
	if err != nil {
		return err
	}
	if _, err := dst.Write(tail); err != nil || level == LevelLT {
		return err
	}
	src, size = revision.Join(src, size, tail)
	return s.stamp(ctx, src, size, dst)
}

// stamp writes a document time-stamp to dst, which holds the file of src.
func (s *Sealer) stamp(ctx context.Context, src io.ReaderAt, size int64, dst io.Writer) error {
	f, err := revision.Open(src, size)
	if err != nil {
		return err
	}
	page, err := f.FirstPage()
	if err != nil {
		return err
	}
	u := f.Update()
	if err := u.Stamp(page, stampReserve); err != nil {
		return err
	}
	p, err := u.PrepareTail(dst, src)
	if err != nil {
		return err
	}
	token, _, err := s.TSA.StampDigest(ctx, p.Digest)
	if err != nil {
		return fmt.Errorf("document time-stamp: %w", err)
	}
	return p.Finish(token)
}

// A collector gathers evidence about the certificates of a file.
type collector struct {
	sealer *Sealer
	held   []revision.Held               // what the file has of OCSP answers and lists
	found  map[revision.Name][][]byte    // what it is to have
	known  map[string]bool               // certificates that were looked at
	states map[string]*revinfo.Statement // of held, read
}

// file gathers evidence about every signature and time-stamp in f.
func (c *collector) file(ctx context.Context, f *revision.File) error {
	held, err := f.Evidence()
	if err != nil {
		return err
	}
	c.held = slices.Concat(held[revision.OCSPs], held[revision.CRLs])
	fields, err := f.SignatureFields()
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return fmt.Errorf("%w: the file is not signed", ErrLevel)
	}
	last := int64(0) // where the last document time-stamp stands
	for _, x := range fields {
		if x.Dict["SubFilter"] == revision.Name("ETSI.RFC3161") {
			last = max(last, x.Spans[""][1])
		}
	}
	for _, x := range fields {
		if err := c.field(ctx, x, last); err != nil {
			return fmt.Errorf("field %s: %w", x.Name, err)
		}
	}
	return nil
}

// field gathers evidence about the certificates of one signature, unless it
// stands with its evidence before the last document time-stamp.
func (c *collector) field(ctx context.Context, x revision.SignatureField, last int64) error {
	contents, _ := x.Dict["Contents"].(revision.String)
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(contents, &first); err != nil {
		return fmt.Errorf("%w: no signature", revision.ErrDamaged)
	}
	sure := x.Spans[""][1] < last
	if x.Dict["SubFilter"] == revision.Name("ETSI.RFC3161") {
		return c.token(ctx, first.FullBytes, sure, last)
	}
	sd, err := cms.Parse(first.FullBytes)
	if err != nil {
		return err
	}
	if sd.Token == nil {
		return fmt.Errorf("%w: it has no time-stamp", ErrLevel)
	}
	if !sure || !c.has(sd.Signer, sd.Certificates, last) {
		if err := c.chain(ctx, sd.Signer, sd.Certificates); err != nil {
			return err
		}
	}
	return c.token(ctx, sd.Token, sure, last)
}

func (c *collector) token(ctx context.Context, der []byte, sure bool, last int64) error {
	t, err := tsa.Parse(der)
	if err != nil {
		return err
	}
	if sure && c.has(t.Signer, t.Certificates(), last) {
		return nil
	}
	return c.chain(ctx, t.Signer, t.Certificates())
}

// path returns the certificates from leaf to its root.
func (c *collector) path(leaf *x509.Certificate, among []*x509.Certificate) ([]*x509.Certificate, error) {
	roots := c.sealer.Roots
	if roots == nil {
		roots = c.sealer.TSA.Roots
	}
	others := x509.NewCertPool()
	for _, cert := range among {
		if !cert.Equal(leaf) {
			others.AddCert(cert)
		}
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: leaf.NotBefore,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLevel, err)
	}
	return chains[0], nil
}

// has reports whether the file holds, before a place in it, good statements
// about all of a chain.
func (c *collector) has(leaf *x509.Certificate, among []*x509.Certificate, before int64) bool {
	chain, err := c.path(leaf, among)
	if err != nil {
		return false
	}
	for i := 0; i+1 < len(chain); i++ {
		if !slices.ContainsFunc(c.held, func(h revision.Held) bool {
			s := c.read(h.DER)
			if h.End >= before || s == nil {
				return false
			}
			a, err := s.About(chain[i], chain[i+1])
			return err == nil && a.Revoked.IsZero()
		}) {
			return false
		}
	}
	return true
}

// read reads a statement that the file holds, once; nil if it is none.
func (c *collector) read(der []byte) *revinfo.Statement {
	if s, ok := c.states[string(der)]; ok {
		return s
	}
	s, err := revinfo.ParseCRL(der)
	if err != nil {
		if s, err = revinfo.ParseOCSP(der); err != nil {
			s = nil
		}
	}
	if c.states == nil {
		c.states = map[string]*revinfo.Statement{}
	}
	c.states[string(der)] = s
	return s
}

// chain gathers a chain and a statement about each of its certificates but the
// root, and verifies it.
func (c *collector) chain(ctx context.Context, leaf *x509.Certificate, among []*x509.Certificate) error {
	if c.sealer.Evidence == nil {
		return fmt.Errorf("%w: nobody tells what was revoked", ErrLevel)
	}
	chain, err := c.path(leaf, among)
	if err != nil {
		return err
	}
	if c.found == nil {
		c.found, c.known = map[revision.Name][][]byte{}, map[string]bool{}
	}
	for i, cert := range chain {
		if c.known[string(cert.Raw)] {
			continue
		}
		c.known[string(cert.Raw)] = true
		c.add(revision.Certs, cert.Raw)
		if i+1 == len(chain) {
			break
		}
		if err := c.statement(ctx, cert, chain[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) statement(ctx context.Context, cert, issuer *x509.Certificate) error {
	s, err := c.sealer.Evidence.Proof(ctx, cert, issuer)
	if err != nil {
		return err
	}
	if err := revinfo.Good(s, cert, issuer, c.sealer.Now()); err != nil {
		return err
	}
	a, err := s.About(cert, issuer)
	if err != nil {
		return err
	}
	if a.Responder != nil {
		c.add(revision.Certs, a.Responder.Raw)
	}
	if s.OCSP() {
		c.add(revision.OCSPs, s.Raw)
	} else {
		c.add(revision.CRLs, s.Raw)
	}
	return nil
}

func (c *collector) add(k revision.Name, der []byte) {
	if !slices.ContainsFunc(c.found[k], func(b []byte) bool { return bytes.Equal(b, der) }) {
		c.found[k] = append(c.found[k], der)
	}
}
