// Package ledger is the log in which everything stands that is done in the
// house and that an outsider can prove: events in their canonical bytes, the
// Merkle tree over them (RFC 6962 §2.1), signed checkpoints and proofs (C2SP
// tlog-checkpoint, signed-note, tlog-proof and tlog-tiles). docs/ledger.md says
// the same in words, for those who check it without this program.
//
// The package holds values and pure functions; rows and files are others'.
package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"
)

// A Hash is a leaf's or a node's.
type Hash = tlog.Hash

// A Leaf hashes events. The zero Leaf is ready; it may not be used by two at
// once.
type Leaf struct{ buf []byte }

// Hash returns SHA-256(0x00 ‖ event), RFC 6962 §2.1.
func (l *Leaf) Hash(event string) Hash {
	l.buf = append(append(l.buf[:0], 0), event...)
	return sha256.Sum256(l.buf)
}

// NewSalt returns what [Commit] needs and nobody can guess: 32 hex digits.
func NewSalt() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Commit returns what an event says of a person's text: HMAC-SHA-256 with the
// salt's characters as the key, over the reason, a zero byte, and the confirmed
// fields as they are kept. Whoever has neither text nor salt learns nothing from
// it, so both can be erased by law and the ledger stays whole.
func Commit(salt, why, fields string) string {
	if len(salt) > sha256.BlockSize || len(salt)+len(why)+len(fields) > 2048 {
		m := hmac.New(sha256.New, []byte(salt))
		m.Write([]byte(why))
		m.Write([]byte{0})
		m.Write([]byte(fields))
		return hex.EncodeToString(m.Sum(nil))
	}
	// RFC 2104 as it stands there: an audit does it for each text, and half of what
	// package hmac costs is to be ready for more of them.
	var room [sha256.BlockSize + 2048 + 1]byte
	inner := append(append(append(append(room[:0], pad(salt, 0x36)...), why...), 0), fields...)
	sum := sha256.Sum256(inner)
	outer := append(pad(salt, 0x5c), sum[:]...)
	sum = sha256.Sum256(outer)
	return hex.EncodeToString(sum[:])
}

// pad is a key with each bit of a byte changed, as long as a block.
func pad(key string, with byte) []byte {
	b := make([]byte, sha256.BlockSize, sha256.BlockSize+sha256.Size)
	copy(b, key)
	for i := range b {
		b[i] ^= with
	}
	return b
}
