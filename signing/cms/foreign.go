package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithms that only signatures of other houses have (RFC 3370, RFC 8017).
var (
	oidSHA1 = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidPSS  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}

	foreignSignatures = []struct {
		oid asn1.ObjectIdentifier
		rsa bool
	}{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, true}, // sha1WithRSAEncryption
		{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, false},    // ecdsa-with-SHA1
	}
)

// readSignatureAlgorithm reads the algorithm that the value was made with.
func (d *SignedData) readSignatureAlgorithm(si *cryptobyte.String) error {
	if d.foreign {
		back := *si
		var alg cryptobyte.String
		var oid asn1.ObjectIdentifier
		if si.ReadASN1(&alg, tag.SEQUENCE) && alg.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidPSS) {
			d.isRSA, d.PSS = true, true
			return d.readPSS(alg)
		}
		*si = back
	}
	oid, err := readAlgorithm(si)
	if err != nil {
		return err
	}
	for _, a := range foreignSignatures {
		if d.foreign && a.oid.Equal(oid) && d.Hash == crypto.SHA1 {
			d.isRSA = a.rsa
			return nil
		}
	}
	return d.setAlgorithm(oid)
}

// readPSS reads RSASSA-PSS-params: the digest must be the signer's own, for the
// mask too (RFC 4056, 3).
func (d *SignedData) readPSS(alg cryptobyte.String) error {
	var params, explicit, hash, mask, inner cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !alg.ReadASN1(&params, tag.SEQUENCE) || !alg.Empty() ||
		!params.ReadASN1(&explicit, context(0)) || !params.ReadASN1(&mask, context(1)) {
		return malformed("parameters of RSASSA-PSS")
	}
	hash = explicit
	if !mask.ReadASN1(&inner, tag.SEQUENCE) || !inner.ReadASN1ObjectIdentifier(&oid) {
		return malformed("mask of RSASSA-PSS")
	}
	for _, s := range []*cryptobyte.String{&hash, &inner} {
		oid, err := readAlgorithm(s)
		if err != nil {
			return err
		}
		if digestOf(oid) != d.Hash {
			return malformed("digest of RSASSA-PSS")
		}
	}
	return nil
}

// digestOf returns the digest that an identifier names, 0 if it is not known.
func digestOf(oid asn1.ObjectIdentifier) crypto.Hash {
	for _, a := range digests {
		if a.oid.Equal(oid) {
			return a.hash
		}
	}
	return 0
}

// checkValue reports whether the value is the signer's signature of digest.
func (d *SignedData) checkValue(digest []byte) error {
	if !d.foreign {
		return checkValue(d.Signer.PublicKey, d.isRSA, d.Hash, digest, d.Value)
	}
	switch k := d.Signer.PublicKey.(type) {
	case *rsa.PublicKey:
		switch {
		case !d.isRSA:
		case d.PSS && rsa.VerifyPSS(k, d.Hash, digest, d.Value, nil) == nil:
			return nil
		case !d.PSS && rsa.VerifyPKCS1v15(k, d.Hash, digest, d.Value) == nil:
			return nil
		}
	case *ecdsa.PublicKey:
		if !d.isRSA && ecdsa.VerifyASN1(k, digest, d.Value) {
			return nil
		}
	default:
		return ErrKey
	}
	return ErrSignature
}
