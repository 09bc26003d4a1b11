package signing_test

import (
	"crypto"
	"errors"
	"io"
)

type cryptoSigner = crypto.Signer

// Sign fails the test.
func (n never) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	n.t.Error("the key was asked")
	return nil, errors.New("never")
}
