// Package evidence makes and reads evidence records (RFC 4998): what proves that
// bytes existed at a time for longer than any one time-stamp holds. A record is of a
// group of files, by their digests; it begins with a time-stamp over them, and each
// renewal is a time-stamp over the last one (section 5.2). Nothing in the files
// themselves is changed, and each time-stamp is a token of RFC 3161, so others'
// programs can check it.
//
// Records have one chain, with SHA-256. A record tells nothing of revocation: whoever
// renews keeps that elsewhere.
package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/signing/cms"
	"sohoa/signing/tsa"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrMalformed: the bytes are no record of the kind that is made here.
	ErrMalformed = errors.New("malformed evidence record")

	// ErrOther: the record is about other files.
	ErrOther = errors.New("the evidence is about other files")

	// ErrLapsed: a time-stamp came when the one before it did not hold any more, or
	// the last one holds no more.
	ErrLapsed = errors.New("the evidence has lapsed")
)

// A Stamper asks a time-stamp authority; see [tsa.Client].
type Stamper interface {
	StampDigest(ctx context.Context, imprint [sha256.Size]byte) ([]byte, time.Time, error)
}

// A Proof is what a record, or a signature with a time-stamp, proves, and for how long.
type Proof struct {
	Since  time.Time // the files existed
	Until  time.Time // when the last time-stamp's certificates end
	By     string    // who made that
	Stamps int
}

// mostStamps bounds a record: one of each of some years for centuries.
const mostStamps = 200

// Begin returns a record of files with a first time-stamp.
func Begin(ctx context.Context, authority Stamper, files ...[]byte) ([]byte, error) {
	leaves := leavesOf(files)
	token, _, err := authority.StampDigest(ctx, root(leaves))
	if err != nil {
		return nil, err
	}
	return marshal([]stamp{{leaves, token}})
}

// Renew returns a record with one time-stamp more, over its last one. What it proves
// must be found out with [Check] before and after.
func Renew(ctx context.Context, authority Stamper, record []byte) ([]byte, error) {
	chain, err := parse(record)
	if err != nil {
		return nil, err
	}
	token, _, err := authority.StampDigest(ctx, sha256.Sum256(chain[len(chain)-1].token))
	if err != nil {
		return nil, err
	}
	return marshal(append(chain, stamp{nil, token}))
}

// Check says what a record proves of files at a time: each time-stamp is about what
// it must be, by an authority under one of roots, and held when the next one was made
// (section 5.3). The error wraps [ErrMalformed], [ErrOther], [ErrLapsed],
// [tsa.ErrToken] or [tsa.ErrUntrusted].
func Check(record []byte, roots *x509.CertPool, at time.Time, files ...[]byte) (Proof, error) {
	chain, err := parse(record)
	if err != nil {
		return Proof{}, err
	}
	leaves := leavesOf(files)
	if !slices.EqualFunc(chain[0].leaves, leaves, bytes.Equal) {
		return Proof{}, ErrOther
	}
	p := Proof{Stamps: len(chain)}
	imprint := root(leaves)
	for i, s := range chain {
		made, until, by, err := holds(s.token, imprint[:], roots)
		if err != nil {
			return Proof{}, fmt.Errorf("time-stamp %d: %w", i+1, err)
		}
		if i == 0 {
			p.Since = made
		} else if made.After(p.Until) {
			return Proof{}, fmt.Errorf("%w: time-stamp %d ended on %s, the next is of %s", ErrLapsed, i, day(p.Until), day(made))
		}
		p.Until, p.By = until, by
		imprint = sha256.Sum256(s.token)
	}
	if at.After(p.Until) {
		return p, fmt.Errorf("%w: on %s", ErrLapsed, day(p.Until))
	}
	return p, nil
}

// Signature says what the time-stamp of a signature beside a file (CAdES B-T) proves
// at a time: that the file was signed with a certificate under one of roots which was
// in force. The error wraps [cms.ErrMalformed], [cms.ErrDigest], [cms.ErrSignature],
// [ErrLapsed], [tsa.ErrToken] or [tsa.ErrUntrusted].
func Signature(signature, file []byte, roots *x509.CertPool, at time.Time) (Proof, error) {
	sd, err := cms.Parse(signature)
	if err != nil {
		return Proof{}, err
	}
	sum := sha256.Sum256(file)
	if err := sd.Check(sum[:]); err != nil {
		return Proof{}, err
	}
	if sd.Token == nil {
		return Proof{}, fmt.Errorf("%w: the signature has none", tsa.ErrToken)
	}
	imprint := sha256.Sum256(sd.Value)
	made, until, by, err := holds(sd.Token, imprint[:], roots)
	if err != nil {
		return Proof{}, err
	}
	others := x509.NewCertPool()
	for _, c := range sd.Certificates {
		others.AddCert(c)
	}
	if _, err := sd.Signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: made, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		return Proof{}, fmt.Errorf("%w: the signer: %w", tsa.ErrUntrusted, err)
	}
	p := Proof{Since: made, Until: until, By: by, Stamps: 1}
	if at.After(until) {
		return p, fmt.Errorf("%w: on %s", ErrLapsed, day(until))
	}
	return p, nil
}

// holds says when a token was made, and until when its certificates are in force.
func holds(der, imprint []byte, roots *x509.CertPool) (made, until time.Time, by string, err error) {
	t, err := tsa.Parse(der)
	if err != nil {
		return made, until, "", err
	}
	if t.Hash() != crypto.SHA256 {
		return made, until, "", fmt.Errorf("%w: its digest is %v", tsa.ErrToken, t.Hash())
	}
	certs, err := t.VerifyDigest(imprint, roots, nil)
	if err != nil {
		return made, until, "", err
	}
	until = certs[0].NotAfter
	for _, c := range certs {
		if c.NotAfter.Before(until) {
			until = c.NotAfter
		}
	}
	return t.Time, until, t.Signer.Subject.CommonName, nil
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// leavesOf are the digests of a group of files in binary order.
func leavesOf(files [][]byte) [][]byte {
	out := make([][]byte, len(files))
	for i, f := range files {
		sum := sha256.Sum256(f)
		out[i] = sum[:]
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

// root is what is stamped of a group: the digest of its digests, or the only one
// (section 4.2).
func root(leaves [][]byte) (sum [sha256.Size]byte) {
	if len(leaves) == 1 {
		return [sha256.Size]byte(leaves[0])
	}
	return sha256.Sum256(bytes.Join(leaves, nil))
}

// A stamp is an ArchiveTimeStamp (section 4.1).
type stamp struct {
	leaves [][]byte // of the first one: the reduced hash tree, which is one list
	token  []byte
}

var oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

func addAlgorithm(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidSHA256) }

// hashTree is the tag of the reduced hash tree, which is implicit as all are there.
var hashTree = tag.Tag(2).ContextSpecific().Constructed()

// marshal writes an EvidenceRecord (section 3.1).
func marshal(chain []stamp) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1(tag.SEQUENCE, addAlgorithm) })
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, s := range chain {
					b.AddASN1(tag.SEQUENCE, s.add)
				}
			})
		})
	})
	return b.Bytes()
}

func (s stamp) add(b *cryptobyte.Builder) {
	if len(s.leaves) > 0 {
		b.AddASN1(hashTree, func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, l := range s.leaves {
					b.AddASN1OctetString(l)
				}
			})
		})
	}
	b.AddBytes(s.token)
}

// parse reads what marshal writes, and no other bytes.
func parse(record []byte) ([]stamp, error) {
	var all, algorithms, algorithm, chains, chain cryptobyte.String
	var version int64
	var oid asn1.ObjectIdentifier
	in := cryptobyte.String(record)
	if !in.ReadASN1(&all, tag.SEQUENCE) || !in.Empty() || !all.ReadASN1Integer(&version) || version != 1 ||
		!all.ReadASN1(&algorithms, tag.SEQUENCE) || !algorithms.ReadASN1(&algorithm, tag.SEQUENCE) || !algorithms.Empty() ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !algorithm.Empty() || !oid.Equal(oidSHA256) ||
		!all.ReadASN1(&chains, tag.SEQUENCE) || !all.Empty() || !chains.ReadASN1(&chain, tag.SEQUENCE) || !chains.Empty() {
		return nil, ErrMalformed
	}
	var out []stamp
	for !chain.Empty() {
		var one cryptobyte.String
		var s stamp
		if len(out) == mostStamps || !chain.ReadASN1(&one, tag.SEQUENCE) || !s.read(&one, len(out) == 0) {
			return nil, ErrMalformed
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, ErrMalformed
	}
	return out, nil
}

func (s *stamp) read(in *cryptobyte.String, first bool) bool {
	if first {
		var tree, list cryptobyte.String
		if !in.ReadASN1(&tree, hashTree) || !tree.ReadASN1(&list, tag.SEQUENCE) || !tree.Empty() || list.Empty() {
			return false
		}
		for !list.Empty() {
			var leaf cryptobyte.String
			if !list.ReadASN1(&leaf, tag.OCTET_STRING) || len(leaf) != sha256.Size {
				return false
			}
			s.leaves = append(s.leaves, bytes.Clone(leaf))
		}
	}
	var token cryptobyte.String
	if !in.ReadASN1Element(&token, tag.SEQUENCE) || !in.Empty() {
		return false
	}
	s.token = bytes.Clone(token)
	return true
}
