package tsa

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa/signing/cms"
)

// An Authority makes time-stamps: the development one. It is an [http.Handler]
// (RFC 3161, 3.4).
type Authority struct {
	Key    crypto.Signer
	Chain  []*x509.Certificate // its own first
	Policy asn1.ObjectIdentifier
	Now    func() time.Time
}

// maxQuestion is the most bytes of a question that are read.
const maxQuestion = 4 << 10

// ServeHTTP answers one question.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, "POST application/timestamp-query", http.StatusBadRequest)
		return
	}
	q, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestion))
	if err != nil {
		http.Error(w, "question too long", http.StatusRequestEntityTooLarge)
		return
	}
	answer, err := a.answer(q)
	if err != nil {
		http.Error(w, "the authority failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(answer) // whoever asked has gone if this fails
}

// answer returns a token about q, or a refusal of it.
func (a *Authority) answer(q []byte) ([]byte, error) {
	imprint, nonce, ok := ask(q)
	if !ok {
		return status(2, nil) // rejection
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(a.Policy)
		b.AddBytes(imprint)
		b.AddASN1BigInt(serial)
		b.AddASN1GeneralizedTime(a.Now().UTC().Truncate(time.Second))
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(1) }) // accurate to a second
		if nonce != nil {
			b.AddASN1BigInt(nonce)
		}
	})
	info, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	s, err := cms.Enclose(cms.OIDTSTInfo, info, a.Key, a.Chain)
	if err != nil {
		return nil, err
	}
	token, err := s.Marshal(nil)
	if err != nil {
		return nil, err
	}
	return status(0, token)
}

// status writes a TimeStampResp.
func status(code int64, token []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Int64(code) })
		b.AddBytes(token)
	})
	return b.Bytes()
}

// ask reads a TimeStampReq: the imprint as it stands there, and the nonce.
func ask(q []byte) (imprint []byte, nonce *big.Int, ok bool) {
	var req, element, inner, alg, sum cryptobyte.String
	var version int64
	var oid asn1.ObjectIdentifier
	in := cryptobyte.String(q)
	if !in.ReadASN1(&req, tag.SEQUENCE) || !in.Empty() || !req.ReadASN1Integer(&version) || version != 1 ||
		!req.ReadASN1Element(&element, tag.SEQUENCE) {
		return nil, nil, false
	}
	imprint = element
	if !element.ReadASN1(&inner, tag.SEQUENCE) || !inner.ReadASN1(&alg, tag.SEQUENCE) ||
		!alg.ReadASN1ObjectIdentifier(&oid) || !inner.ReadASN1(&sum, tag.OCTET_STRING) || !inner.Empty() ||
		!req.SkipOptionalASN1(tag.OBJECT_IDENTIFIER) {
		return nil, nil, false
	}
	if req.PeekASN1Tag(tag.INTEGER) {
		nonce = new(big.Int)
		if !req.ReadASN1Integer(nonce) {
			return nil, nil, false
		}
	}
	for _, i := range imprints {
		if i.oid.Equal(oid) && len(sum) == i.hash.Size() {
			return imprint, nonce, true
		}
	}
	return nil, nil, false
}
