package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// A through copies bytes and does something to them on the way: what a store must
// do that holds what it keeps against digests, or seals it, done by hand as plainly
// as can be.
type through func(w io.Writer, r io.Reader) error

func passed(w io.Writer, r io.Reader) error {
	_, err := io.Copy(w, r)
	return err
}

// readThrough copies by way of this process's memory.
func readThrough(w io.Writer, r io.Reader) error {
	_, err := io.Copy(struct{ io.Writer }{w}, struct{ io.Reader }{r})
	return err
}

func hashed(w io.Writer, r io.Reader) error {
	h := sha256.New()
	_, err := io.Copy(w, io.TeeReader(r, h))
	h.Sum(nil)
	return err
}

const segment = 64 << 10

// peer is the key of the peer that seals: it is there to be measured.
var peer = func() cipher.AEAD {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}()

// hashSealed hashes and writes segments of AES-256-GCM.
func hashSealed(w io.Writer, r io.Reader) error {
	h := sha256.New()
	err := segments(io.TeeReader(r, h), segment, func(nonce, b []byte) error {
		_, err := w.Write(peer.Seal(b[:0], nonce, b, nil))
		return err
	})
	h.Sum(nil)
	return err
}

// openHashed is the way back.
func openHashed(w io.Writer, r io.Reader) error {
	h := sha256.New()
	err := segments(r, segment+peer.Overhead(), func(nonce, b []byte) error {
		plain, err := peer.Open(b[:0], nonce, b, nil)
		if err != nil {
			return err
		}
		h.Write(plain)
		_, err = w.Write(plain)
		return err
	})
	h.Sum(nil)
	return err
}

// segments calls do with each piece of r, which has room behind it, and a number.
func segments(r io.Reader, size int, do func(nonce, b []byte) error) error {
	b, nonce := make([]byte, size+peer.Overhead()), make([]byte, peer.NonceSize())
	for i := uint64(0); ; i++ {
		n, err := io.ReadFull(r, b[:size])
		if n > 0 {
			binary.BigEndian.PutUint64(nonce, i)
			if err := do(nonce, b[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}
