// Package signing makes electronic signatures on PDF files: PAdES baseline
// signatures (ETSI EN 319 142-1), each with a mark on a page that shows what the
// law wants to be seen. A [Level] says how long one lasts:
// with a time-stamp, with the evidence that it was good, with the whole of that
// under another time-stamp.
//
// A [Key] is a signer and the certificates that vouch for it. An [Intent] is
// the note made before a key is asked; a [Journal] keeps it. A [Sealer] appends
// signatures; it never touches a byte that is there. Rooms within know the
// pieces: cms the signature, tsa the time, mark the words and pictures, place where
// there is room for them, pdfsign another's writer, keys the key files, revinfo what was revoked, verify whether to believe a signature, devca an authority for trying all this out.
package signing

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"sohoa/signing/cms"
	"sohoa/signing/mark"
	"sohoa/signing/place"
	"sohoa/signing/tsa"
)

// Errors callers tell apart with [errors.Is], beside those of
// [sohoa/pdf/revision] and [sohoa/signing/tsa].
var (
	// ErrExpired: the certificate is not valid at the time of signing.
	ErrExpired = errors.New("certificate is not valid now")

	// ErrKey: key and certificate do not belong together, or may not sign.
	ErrKey = errors.New("key cannot be used")
)

// A Key signs. Its Signer may be a file's or a token's.
type Key struct {
	Signer crypto.Signer
	Chain  []*x509.Certificate // the signer's own first, then who issued it
}

// Check reports whether k may sign at a time: that its signer is there and
// belongs to the certificate, and what [Key.CheckCertificate] says. The error
// wraps [ErrKey] or [ErrExpired].
func (k Key) Check(at time.Time) error {
	if k.Signer == nil || len(k.Chain) == 0 {
		return fmt.Errorf("%w: it is incomplete", ErrKey)
	}
	pub, ok := k.Chain[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !pub.Equal(k.Signer.Public()) {
		return fmt.Errorf("%w: the certificate is another key's", ErrKey)
	}
	return k.CheckCertificate(at)
}

// CheckCertificate is Check for a key of which only the certificates are at
// hand: the kind of key, the certificate's days and its key usage (RFC 5280,
// 4.2.1.3: digitalSignature or nonRepudiation). The error wraps [ErrKey] or
// [ErrExpired].
func (k Key) CheckCertificate(at time.Time) error {
	if len(k.Chain) == 0 {
		return fmt.Errorf("%w: it has no certificate", ErrKey)
	}
	leaf := k.Chain[0]
	if err := cms.CheckKey(leaf.PublicKey); err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	if leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return fmt.Errorf("%w: the certificate is not for signing", ErrKey)
	}
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		return fmt.Errorf("%w: serial number %X", ErrExpired, leaf.SerialNumber)
	}
	return nil
}

// A Gate decides whether a key may be used once more. It is asked when all is
// ready, after [Key.Check] and before the intent: who is refused leaves none.
type Gate interface {
	// Allow returns nil if k may make one signature at a time. Its error is
	// the caller's.
	Allow(ctx context.Context, k Key, at time.Time) error
}

// An Intent is the note made before a key is asked: whatever happens next,
// there is a record of what may have been signed.
type Intent struct {
	Subject     string    // what the caller calls the file; no personal data
	ToSign      [32]byte  // SHA-256 of the bytes the signature covers
	Certificate []byte    // the signer's, DER
	At          time.Time // claimed signing time
}

// A Journal keeps intents.
type Journal interface {
	// Record returns when i is durable. Unless it returns nil, nothing is signed.
	Record(ctx context.Context, i Intent) error
}

// The occasions of a signature, see [mark.Profiles].
const (
	CopyOfficer  = mark.CopyOfficer
	CopyAgency   = mark.CopyAgency
	Result       = mark.Result
	ResultAgency = mark.ResultAgency
	Attachment   = mark.Attachment
	Figures      = mark.Figures
)

// A Request orders one signature.
type Request struct {
	Subject string // for the journal
	Profile mark.Kind
	Level   Level // empty: B-T
	Key     Key
	Name    string // of the person or agency, as the mark shows it

	Form       string    // of copy, for CopyAgency; empty: SAO Y
	Number     string    // số, ký hiệu of the main document, for Attachment
	Location   string    // for the signature's dictionary; may be empty
	CapturedAt time.Time // when the paper was scanned, for CopyOfficer; zero: now
	Field      string    // name of the signature field; empty: the next free one

	// Signature and Seal are the pictures of a result, see [mark.Profile].
	Signature, Seal *mark.Picture

	// Alone says that no other signature is asked for before this one, although
	// the profile does: a copy that was not scanned at a counter needs the
	// agency's only (NĐ 30/2020/NĐ-CP, Điều 25).
	Alone bool

	Page   int         // of the mark; 0: the profile's
	Corner mark.Corner // empty: the profile's
	At     *place.Spot // an answer to [place.Asks]; nil: by the profile's rule

	// Insist puts a mark of words for which there is no free place where it
	// covers least, instead of asking: where nobody is there to answer.
	Insist bool
}

// reserve is the room for a signature in bytes. A P-256 one with its time-stamp
// takes some 4,000; two RSA-4096 chains some 10,000.
const reserve = 12 << 10

// A Sealer signs files. It may be used concurrently, and copied.
type Sealer struct {
	Journal Journal
	TSA     *tsa.Client // for all levels but B-B
	Font    *mark.Font
	Now     func() time.Time

	// Evidence and Roots, of the signers, are for the levels from B-LT on. Nil
	// Roots are those of the TSA.
	Evidence Evidence
	Roots    *x509.CertPool

	Gate Gate // nil: no limits beyond the certificate's

	// Eyes look at the page for a free place; nil: a mark stands in its corner,
	// whatever is there.
	Eyes Eyes

	// Writer writes the field, the mark and the room for the signature; nil: our
	// own, [Own].
	Writer Writer
}

// Sign writes the size bytes of src to dst, as they are, and a signature after
// them. The order is: look at the key, hash, journal, sign, time-stamp, write,
// and for the levels from B-LT on see [Sealer.Extend]: every signature of the
// file then reaches that level.
//
// If an authority does not answer there is no file at all, never one of a lower
// level. On error dst holds rubbish, to be thrown away.
//
// But for the signature, its time-stamp and the claimed time, the same request
// on the same bytes gives the same file.
func (s *Sealer) Sign(ctx context.Context, r Request, src io.ReaderAt, size int64, dst io.Writer) error {
	if err := r.Key.Check(s.Now().Truncate(time.Second)); err != nil {
		return err
	}
	p, err := s.Prepare(ctx, r, src, size, dst)
	if err != nil {
		return err
	}
	digest := p.Digest()
	value, err := r.Key.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return fmt.Errorf("sign %s: ask the key: %w", r.Subject, err)
	}
	return s.Finish(ctx, p, value, src, dst)
}
