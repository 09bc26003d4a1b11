// Package sealed keeps blobs encrypted, on any [blob.Base]: what lies on the disk
// or in the bucket tells nothing but sizes, not even to who knows a file and
// wonders whether it is kept.
//
// Every blob has a data key of its own, made at random, and is encrypted with it
// in segments of 64 KiB by Tink's streaming AEAD (AES-256-GCM, keys by HKDF,
// nonce = prefix‖counter‖last; Hoang, Reyhanitabar, Rogaway and Vizár, "Online
// Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", STREAM). The
// data key stands in the blob's header, wrapped by a key of a [Ring]; the header
// is authenticated with the stream, and holds the blob's digest and size under
// the wrapping. The ring's keys are wrapped by a key-encryption key, which a file
// or a token keeps ([Wrapper]): to change that one is to write the ring anew,
// and no blob.
//
// The name of a blob is its digest, encrypted deterministically (AES-SIV, RFC
// 5297) by a key of the ring: the same bytes have the same name, so they are
// kept once; who lacks the ring can neither tell the digest from the name nor
// the name from the digest; who has it reads the list of blobs from their names.
//
// What lies there unsealed under the plain digest is read as well, so that a
// house can be sealed while it works ([Store.Seal]).
package sealed

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
)

// What is wrong with sealed bytes. All but ErrKey wrap [blob.ErrCorrupt]: they
// may be mended. ErrKey does not, since the bytes may be good.
var (
	ErrKey     = errors.New("the ring lacks the key")
	ErrHeader  = fmt.Errorf("%w: the header of the sealed blob was altered", blob.ErrCorrupt)
	ErrSwapped = fmt.Errorf("%w: another blob was put in its place", blob.ErrCorrupt)
	ErrCut     = fmt.Errorf("%w: the sealed blob was cut short", blob.ErrCorrupt)
	ErrSegment = fmt.Errorf("%w: a segment of the sealed blob was altered, moved or added", blob.ErrCorrupt)
)

// A Store is a [blob.Pruner] that encrypts what it keeps.
type Store struct {
	base blob.Base
	ring *Ring
}

var _ blob.Pruner = (*Store)(nil)

// New returns the sealed store on a base, with the keys of a ring.
func New(base blob.Base, ring *Ring) *Store { return &Store{base, ring} }

// Ring returns the keys of the store, which seal secrets in rows as well.
func (s *Store) Ring() *Ring { return s.ring }

// Put implements [blob.Store]. A blob that is sealed already is read and checked;
// if it has been damaged, the bytes of r take its place. One that is kept
// unsealed is sealed now; the unsealed one stays until [Store.Seal].
func (s *Store) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if err := s.put(ctx, d, size, r); err != nil {
		return fmt.Errorf("put %s: %w", d, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	if size < 0 {
		return fmt.Errorf("%w: %d bytes were announced", blob.ErrCorrupt, size)
	}
	name, replace := s.ring.name(d), false
	write := func(w io.Writer) error {
		return s.ring.seal(w, d, size, func(w io.Writer) error { return blob.Copy(ctx, w, r, d, size) })
	}
	if size <= small {
		b := &whole{ring: s.ring, d: d, size: size, r: blob.While(ctx, r)}
		defer b.done()
		write = b.write
	} else if _, err := s.base.Size(ctx, name); err == nil { // a large one is not sent in vain
		if replace, err = s.checked(ctx, d, size); err != nil || !replace {
			return err
		}
	} else if !errors.Is(err, blob.ErrNotFound) {
		return err
	}
	lay := func() error { return s.base.Lay(ctx, name, sealedSize(size), replace, write) }
	err := lay()
	if errors.Is(err, blob.ErrTaken) { // long ago, or by one who put the same bytes just now
		if replace, err = s.checked(ctx, d, size); replace && size <= small {
			err = lay()
		}
	}
	return err
}

// checked reads what is sealed under d to its end, and says whether it is to be
// replaced: it is damaged.
func (s *Store) checked(ctx context.Context, d digest.Digest, size int64) (replace bool, err error) {
	kept, err := s.read(ctx, d)
	switch {
	case errors.Is(err, blob.ErrCorrupt):
		return true, nil
	case err != nil:
		return false, err
	case kept != size:
		return false, fmt.Errorf("%w: %d bytes are kept, %d were announced", blob.ErrCorrupt, kept, size)
	}
	return false, nil
}

func (s *Store) read(ctx context.Context, d digest.Digest) (int64, error) {
	r, err := s.openSealed(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, r)
}

// openSealed opens what is sealed under d, and nothing else.
func (s *Store) openSealed(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	r, err := s.base.Take(ctx, s.ring.name(d))
	if err != nil {
		return nil, err
	}
	opened, err := s.ring.open(r, d)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return opened, nil
}

// Open implements [blob.Store]. The error of bytes that were sealed with a key
// that the ring lacks wraps [ErrKey].
func (s *Store) Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	r, err := either(s, d, func(name string, sealed bool) (io.ReadCloser, error) {
		if sealed {
			return s.openSealed(ctx, d)
		}
		r, err := s.base.Take(ctx, name)
		if err != nil {
			return nil, err
		}
		return blob.Checked(r, d), nil
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d, err)
	}
	return r, nil
}

// either asks for the sealed blob, else for the unsealed one, and once more for
// the sealed one, which may have been made of that meanwhile.
func either[T any](s *Store, d digest.Digest, ask func(name string, sealed bool) (T, error)) (t T, err error) {
	for _, sealed := range []bool{true, false, true} {
		name := d.String()
		if sealed {
			name = s.ring.name(d)
		}
		if t, err = ask(name, sealed); !errors.Is(err, blob.ErrNotFound) {
			return t, err
		}
	}
	return t, err
}

// Raw returns the bytes of d as they lie, sealed if they are.
func (s *Store) Raw(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	return either(s, d, func(name string, _ bool) (io.ReadCloser, error) { return s.base.Take(ctx, name) })
}

// Stat implements [blob.Store]: the size of the blob, not of what is sealed.
func (s *Store) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	n, err := either(s, d, func(name string, sealed bool) (int64, error) {
		n, err := s.base.Size(ctx, name)
		if sealed {
			n = plainSize(n)
		}
		return n, err
	})
	if err != nil {
		return 0, fmt.Errorf("stat %s: %w", d, err)
	}
	return n, nil
}

// Remove implements [blob.Pruner], of the sealed and the unsealed one.
func (s *Store) Remove(ctx context.Context, d digest.Digest) error {
	return errors.Join(s.base.Drop(ctx, s.ring.name(d)), s.base.Drop(ctx, d.String()))
}

// Walk implements [blob.Pruner]. Names that another ring made are not ours.
func (s *Store) Walk(ctx context.Context, fn func(digest.Digest) error) error {
	return s.base.Names(ctx, func(name string) error {
		if d, ok := s.ring.digestOf(name); ok {
			return fn(d)
		}
		d, err := digest.Parse(name)
		if err != nil {
			return nil
		}
		switch _, err := s.base.Size(ctx, s.ring.name(d)); {
		case err == nil:
			return nil // it comes as the sealed one
		case !errors.Is(err, blob.ErrNotFound):
			return err
		}
		return fn(d)
	})
}

// Unsealed calls fn with every blob that lies there unsealed, sealed ones beside
// it or not.
func (s *Store) Unsealed(ctx context.Context, fn func(digest.Digest) error) error {
	return s.base.Names(ctx, func(name string) error {
		if d, err := digest.Parse(name); err == nil {
			return fn(d)
		}
		return nil
	})
}

// Seal seals a blob that lies there unsealed, reads it back, and removes the
// unsealed bytes. Broken off anywhere, it is done again from the start; damaged
// bytes are left as they are, and the error wraps [blob.ErrCorrupt].
func (s *Store) Seal(ctx context.Context, d digest.Digest) (size int64, err error) {
	if err := s.sealOne(ctx, d, &size); err != nil {
		return 0, fmt.Errorf("seal %s: %w", d, err)
	}
	return size, nil
}

func (s *Store) sealOne(ctx context.Context, d digest.Digest, size *int64) (err error) {
	if *size, err = s.base.Size(ctx, d.String()); err != nil {
		return err
	}
	r, err := s.base.Take(ctx, d.String())
	if err != nil {
		return err
	}
	defer r.Close()
	if err := s.put(ctx, d, *size, r); err != nil {
		return err
	}
	if n, err := s.read(ctx, d); err != nil {
		return fmt.Errorf("read back: %w", err)
	} else if n != *size {
		return fmt.Errorf("read back: %w", blob.ErrCorrupt)
	}
	return s.base.Drop(ctx, d.String())
}

// name is what a blob is called at the base.
func (r *Ring) name(d digest.Digest) string {
	b, err := r.names.EncryptDeterministically(d[:], nil)
	if err != nil {
		panic(err) // of 32 bytes it is never too long
	}
	return hex.EncodeToString(b)
}

// nameSize is the length of a name: a synthetic IV before the encrypted digest.
const nameSize = 2 * (16 + len(digest.Digest{}))

// digestOf returns the digest that a name of this ring stands for.
func (r *Ring) digestOf(name string) (digest.Digest, bool) {
	if len(name) != nameSize {
		return digest.Digest{}, false
	}
	b, err := hex.DecodeString(name)
	if err != nil {
		return digest.Digest{}, false
	}
	plain, err := r.names.DecryptDeterministically(b, nil)
	if err != nil || len(plain) != len(digest.Digest{}) {
		return digest.Digest{}, false
	}
	return digest.Digest(plain), true
}
