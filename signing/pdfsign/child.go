package pdfsign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/revocation"
	"github.com/digitorus/pdfsign/sign"
)

// Child is the child: the order comes in, what is to follow the file goes out;
// the argument is the file's path. The signature in it is nobody's, by a key that
// is made for it and thrown away.
func Child(args []string, in io.Reader, out io.Writer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the library panicked: %v", r)
		}
	}()
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return err
	}
	if len(args) != 1 {
		return fmt.Errorf("%d arguments", len(args))
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	reader, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	key, cert, err := nobody(j)
	if err != nil {
		return err
	}
	var signed bytes.Buffer
	if err := sign.Sign(bytes.NewReader(file), &signed, reader, int64(len(file)), data(j, key, cert)); err != nil {
		return err
	}
	tail, ok := bytes.CutPrefix(signed.Bytes(), file)
	if !ok {
		return fmt.Errorf("the file was rewritten")
	}
	_, err = out.Write(tail)
	return err
}

// data is the order in the library's words. The room for the signature is as
// large as it reckons with, and what it would embed of revocation lists comes on
// top: so many bytes of nothing widen it.
func data(j job, key crypto.Signer, cert *x509.Certificate) sign.SignData {
	widen := revocation.InfoArchival{}
	_ = widen.AddCRL(make([]byte, j.Reserve)) // keeps it, whatever it is
	return sign.SignData{
		Signature: sign.SignDataSignature{CertType: sign.ApprovalSignature,
			Info: sign.SignDataSignatureInfo{Name: j.Name, Reason: j.Reason, Location: j.Location, Date: j.At}},
		Signer: key, DigestAlgorithm: crypto.SHA256, Certificate: cert, RevocationData: widen,
		Appearance: sign.Appearance{Visible: true, Page: uint32(j.Page), LowerLeftX: j.Rect[0], LowerLeftY: j.Rect[1],
			UpperRightX: j.Rect[2], UpperRightY: j.Rect[3], Image: j.Image},
	}
}

// nobody is a key with a certificate that the library wants to see.
func nobody(j job) (crypto.Signer, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "nobody"}, NotBefore: j.At, NotAfter: j.At}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return key, cert, err
}
