package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/backup"
	"sohoa/storage/durable"
)

// What a house needs and no backup holds. Whoever has the backup could else sign
// as the house, or open what it has sealed.
const (
	apartLedger = "ledger-key"
	apartSeal   = "seal-key"
	apartDevCA  = "devca"
	apartKeys   = "keys"
)

// The names under which they lie in a directory of their own.
const (
	keptLedger = "ledger.key"
	keptSeal   = "seal.key"
	keptDevCA  = "devca"
)

// ErrKeys: something that is kept apart from the backup is needed, and is not
// there or is another one.
var ErrKeys = errors.New("a key that is kept apart from the backup is needed")

// apart lists what the operator keeps apart from the backup.
func apart(s Settings) (out []backup.Apart, err error) {
	public, err := publicKeys(s.ledger())
	if err != nil {
		return nil, err
	}
	if len(public) > 0 {
		out = append(out, backup.Apart{What: apartLedger, ID: keyID(public[len(public)-1]), Note: "signs the checkpoints of the ledger: DATA/ledger/key"})
	}
	if s.Seal.Ring != "" {
		ring, err := os.ReadFile(s.Seal.Ring)
		if err != nil {
			return nil, fmt.Errorf("ring of keys: %w", err)
		}
		out = append(out, backup.Apart{What: apartSeal, ID: wrappedBy(ring), Note: "opens the ring, without which no file can be read: SOHOA_SEAL_KEY"})
	}
	if id, err := devcaID(filepath.Join(s.SharedDir(), "devca")); err == nil && !s.Real {
		out = append(out, backup.Apart{What: apartDevCA, ID: id, Note: "authority and keys of development: DATA/devca"})
	}
	if s.Keys != "" {
		out = append(out, backup.Apart{What: apartKeys, Note: "keys that sign, their certificates and what opens them: all that the file of SOHOA_KEYS names"})
	}
	return out, nil
}

// keyID is the name and the hash of a key of the ledger, public or private.
func keyID(public string) string {
	name, rest, _ := strings.Cut(public, "+")
	hash, _, _ := strings.Cut(rest, "+")
	return name + "+" + hash
}

// wrappedBy is the key that a ring says it was wrapped by.
func wrappedBy(ring []byte) string {
	var f struct {
		By string `json:"wrappedBy"`
	}
	_ = json.Unmarshal(ring, &f) // a ring that is none is refused when it is opened
	return f.By
}

func devcaID(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "ca", "root.crt"))
	if err != nil {
		return "", err
	}
	return digest.Of(b).String()[:16], nil
}

// copyKeys copies what is kept apart into a directory of its own, for its owner
// alone. Keys on tokens and of SOHOA_KEYS stay where they are.
func copyKeys(s Settings, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(s.ledger(), ledgerKey), filepath.Join(dir, keptLedger)); err != nil {
		return err
	}
	if path, ok := strings.CutPrefix(s.Seal.Key, "file:"); ok && s.Seal.Ring != "" {
		if err := copyFile(path, filepath.Join(dir, keptSeal)); err != nil {
			return err
		}
	}
	if s.Real {
		return nil
	}
	return copyTree(filepath.Join(s.SharedDir(), "devca"), filepath.Join(dir, keptDevCA))
}

// copyFile copies a file of keys; that there is none is no error.
func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return durable.Replace(to, b, 0o600)
}

func copyTree(from, to string) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFile(path, filepath.Join(to, rel))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keysAtHand refuses a restore for which something is missing that was kept
// apart, before anything is written, and names all of it.
func keysAtHand(s Settings, m backup.Manifest, o RestoreOptions) error {
	var wrong []error
	need := func(a backup.Apart, how string) {
		wrong = append(wrong, fmt.Errorf("%w: %s %s (%s); %s", ErrKeys, a.What, a.ID, a.Note, how))
	}
	for _, a := range m.Apart {
		switch a.What {
		case apartLedger:
			switch id, err := ledgerKeyID(filepath.Join(o.Keys, keptLedger)); {
			case o.Keys != "" && err == nil && id != a.ID:
				need(a, "the one in "+o.Keys+" is "+id)
			case (o.Keys == "" || err != nil) && !o.WithoutKeys:
				need(a, "give the directory of keys with --keys, where it is "+keptLedger+", or --without-keys to begin with a new one")
			}
		case apartDevCA:
			switch id, err := devcaID(filepath.Join(o.Keys, keptDevCA)); {
			case o.Keys != "" && err == nil && id != a.ID:
				need(a, "the one in "+o.Keys+" is "+id)
			case (o.Keys == "" || err != nil) && !o.WithoutKeys:
				need(a, "give the directory of keys with --keys, where it is "+keptDevCA+"/, or --without-keys: its signatures can then not be believed")
			}
		case apartSeal:
			path, inFile := strings.CutPrefix(s.Seal.Key, "file:")
			switch {
			case s.Seal.Key == "" || s.Seal.Ring == "":
				need(a, "set SOHOA_SEAL_KEY to it, and SOHOA_SEAL_RING to where the ring is to lie")
			case inFile && !isFile(path) && !(o.Keys != "" && isFile(filepath.Join(o.Keys, keptSeal))):
				need(a, "there is no "+path+", and no "+keptSeal+" in the directory of keys")
			}
		}
	}
	return errors.Join(wrong...)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func ledgerKeyID(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(b)))
	if err != nil {
		return "", errors.New("not a key of a ledger")
	}
	return fmt.Sprintf("%s+%08x", signer.Name(), signer.KeyHash()), nil
}

// backupStore opens the store of a backup, with the ring that lies beside it and
// the key that the settings or the directory of keys give.
func backupStore(ctx context.Context, s Settings, dir string, e backup.Entry, keys string) (archive.Store, error) {
	ring, err := backup.Ring(dir, e.Manifest)
	if err != nil || ring == nil {
		if err == nil {
			return openBackup(ctx, s, dir, Seal{})
		}
		return nil, err
	}
	seal := s.Seal
	seal.Ring = filepath.Join(dir, "rings", e.Ring)
	if path, ok := strings.CutPrefix(seal.Key, "file:"); ok && !isFile(path) && keys != "" {
		seal.Key = "file:" + filepath.Join(keys, keptSeal)
	}
	if seal.Key == "" {
		return nil, fmt.Errorf("%w: the backup is sealed; its ring was wrapped by %s: set SOHOA_SEAL_KEY to that key", ErrKeys, e.RingKey)
	}
	store, err := openBackup(ctx, s, dir, seal)
	if err != nil {
		return nil, fmt.Errorf("%w (its ring was wrapped by %s)", err, e.RingKey)
	}
	return store, nil
}

// targetStore opens the main store of the house to be restored. The ring of a
// sealed backup takes its place, if none is there; what was sealed is never put
// down in the clear.
func targetStore(ctx context.Context, s Settings, o RestoreOptions, e backup.Entry) (archive.Store, error) {
	ring, err := backup.Ring(o.From, e.Manifest)
	if err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(s.Seal.Key, "file:"); ok && !isFile(path) && o.Keys != "" && s.Seal.Ring != "" {
		if err := copyFile(filepath.Join(o.Keys, keptSeal), path); err != nil {
			return nil, err
		}
	}
	if ring != nil {
		if err := durable.New(s.Seal.Ring, ring, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("ring of keys: %w", err)
		}
	}
	store, err := openBlobs(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("store of the house: %w", err)
	}
	return store, nil
}

// giveKeys puts what was kept apart where the house looks for it. Without it the
// house begins with a new key of the ledger: the old public ones stay, and what
// they signed can be checked.
func giveKeys(s Settings, m backup.Manifest, o RestoreOptions) error {
	if o.Keys == "" {
		return newLedgerKey(s, m)
	}
	if err := copyFile(filepath.Join(o.Keys, keptLedger), filepath.Join(s.ledger(), ledgerKey)); err != nil {
		return err
	}
	if !isFile(filepath.Join(s.ledger(), ledgerKey)) {
		if err := newLedgerKey(s, m); err != nil {
			return err
		}
	}
	return copyTree(filepath.Join(o.Keys, keptDevCA), filepath.Join(s.SharedDir(), "devca"))
}

// newLedgerKey makes the key of a ledger whose old one was not given.
func newLedgerKey(s Settings, m backup.Manifest) error {
	if !slices.ContainsFunc(m.Apart, func(a backup.Apart) bool { return a.What == apartLedger }) || isFile(filepath.Join(s.ledger(), ledgerKey)) {
		return nil
	}
	b := &bookkeeper{dir: s.ledger(), name: s.LedgerName}
	_, err := b.newKey()
	return err
}
