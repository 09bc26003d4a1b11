package sealed

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// A sealed secret is short and lies in a row, not in a store.
//
//	1   version, 1
//	8   id of the ring's key
//	12  nonce
//	…   AES-256-GCM of the secret under a key derived from the ring's (HKDF-SHA-256,
//	    RFC 5869), with the bytes before and the owner as associated data
const secretVersion = 1

const secretHead = 1 + idSize

// secretKey is derived: the ring's own key seals headers of blobs and nothing else.
func secretKey(k *ringKey) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret, nil, "sohoa: secrets in rows", keySize)
}

// SealSecret seals a short secret, for one owner.
func (r *Ring) SealSecret(owner string, secret []byte) ([]byte, error) {
	k := r.newest()
	key, err := secretKey(&k)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	head := append([]byte{secretVersion}, k.id[:]...)
	nonce := make([]byte, nonceSize)
	rand.Read(nonce) // never fails (crypto/rand)
	return aead.Seal(append(head[:secretHead:secretHead], nonce...), nonce, secret, append(head[:secretHead:secretHead], owner...)), nil
}

// OpenSecret opens what [Ring.SealSecret] sealed for the same owner. A key that is
// not on the ring gives [ErrKey], anything else that is wrong [ErrHeader].
func (r *Ring) OpenSecret(owner string, sealed []byte) ([]byte, error) {
	if len(sealed) < secretHead+nonceSize+tagSize || sealed[0] != secretVersion {
		return nil, ErrHeader
	}
	head, nonce, body := sealed[:secretHead:secretHead], sealed[secretHead:secretHead+nonceSize], sealed[secretHead+nonceSize:]
	k := r.key([idSize]byte(head[1:]))
	if k == nil {
		return nil, fmt.Errorf("%w %x", ErrKey, head[1:])
	}
	key, err := secretKey(k)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nonce, body, append(head, owner...))
	if err != nil {
		return nil, ErrHeader
	}
	return secret, nil
}
