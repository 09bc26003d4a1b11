package taster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/ocsp"

	"sohoa/signing/cms"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
)

// most is the largest size of a kind in bytes.
func (k Kind) most() int {
	switch k {
	case CRL:
		return revinfo.MaxCRL
	case OCSP:
		return revinfo.MaxOCSP
	default:
		return cms.MaxSize
	}
}

// Child reads answers from in and writes to out what is wrong with each, or
// nothing, until in ends. It has no arguments.
func Child(_ []string, in io.Reader, out io.Writer) error {
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		k, n := Kind(head[0]), binary.BigEndian.Uint32(head[1:])
		if int64(n) > int64(k.most()) {
			return fmt.Errorf("an answer of %d bytes", n)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(in, b); err != nil {
			return err
		}
		text := ""
		if err := read(k, b); err != nil {
			text = err.Error()
			text = text[:min(len(text), mostText)]
		}
		if _, err := out.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)); err != nil {
			return err
		}
	}
}

// read reads b as the service will.
func read(k Kind, b []byte) error {
	if err := strict(b); err != nil {
		return err
	}
	var err error
	switch k {
	case Stamp:
		_, err = tsa.ParseAnswer(b)
	case OCSP:
		if _, err = revinfo.ParseOCSP(b); err == nil {
			_, err = ocsp.ParseResponse(b, nil)
		}
	case CRL:
		_, err = revinfo.ParseCRL(b)
	case CMS:
		_, err = cms.Parse(b)
	default:
		err = fmt.Errorf("no kind %q", k)
	}
	return err
}
