package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/signing/taster"
	"sohoa/signing/tsa"
	"sohoa/storage/blob"
	"sohoa/storage/durable"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb"
)

// How often the ledger is numbered and signed. Between two checkpoints whoever
// can write every row and hash could still rewrite what is newer than the last.
const (
	numberEvery     = 500 * time.Millisecond
	checkpointEvery = time.Hour
	checkpointTry   = 5 * time.Minute // after one failed, or got no time-stamp
)

// ErrForked: the log no longer holds what a checkpoint says of it. Nothing more
// is signed: `sohoa audit verify` says what was changed.
var ErrForked = errors.New("the ledger is not what its last checkpoint says")

// A bookkeeper signs the ledger. Its key lies in a file of its own that nobody
// else may read; the public ones that were ever used lie beside it.
type bookkeeper struct {
	db     *sqldb.DB
	blobs  blob.Store
	dir    string
	name   string // of a ledger to be made
	now    func() time.Time
	stamps *tsa.Client // nil: no time-stamps
	log    *slog.Logger

	mu sync.Mutex // one checkpoint at a time
}

const (
	ledgerKey  = "key"
	ledgerKeys = "keys.pub"
)

// publicKeys returns the public keys that the ledger was ever signed with, the
// newest last.
func publicKeys(dir string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(dir, ledgerKeys))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return strings.Fields(string(b)), err
}

// signer opens the key, making it if there is none.
func (b *bookkeeper) signer() (note.Signer, error) {
	path := filepath.Join(b.dir, ledgerKey)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		if keys, err := publicKeys(b.dir); err != nil || len(keys) > 0 {
			return nil, errors.Join(err, fmt.Errorf("key of the ledger: %s is gone; put it back, or remove %s to begin with a new key", path, filepath.Join(b.dir, ledgerKeys)))
		}
		return b.newKey()
	} else if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key of the ledger: others may read %s; take their rights away (chmod 600)", path)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, fmt.Errorf("key of the ledger in %s: not a key", path)
	}
	return signer, nil
}

// newKey makes a key under the ledger's name. The public one is on the disk
// before the private one: no checkpoint is signed that nobody could check.
func (b *bookkeeper) newKey() (note.Signer, error) {
	keys, err := publicKeys(b.dir)
	if err != nil {
		return nil, err
	}
	name := b.name
	if len(keys) > 0 {
		name, _, _ = strings.Cut(keys[0], "+")
	}
	if name == "" {
		var id [6]byte
		rand.Read(id[:]) // never fails (crypto/rand)
		name = "sohoa/" + hex.EncodeToString(id[:])
	}
	private, public, err := ledger.NewKey(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, err
	}
	if err := durable.Replace(filepath.Join(b.dir, ledgerKeys), []byte(strings.Join(append(keys, public), "\n")+"\n"), 0o644); err != nil {
		return nil, err
	}
	if err := durable.Replace(filepath.Join(b.dir, ledgerKey), []byte(private+"\n"), 0o600); err != nil {
		return nil, err
	}
	return note.NewSigner(private)
}

// rotate signs from here on with a new key. The checkpoint at the change is
// signed by both; the old private key is then forgotten.
func (b *bookkeeper) rotate(ctx context.Context, who dossier.PersonID) (ledger.Kept, error) {
	old, err := b.signer()
	if err != nil {
		return ledger.Kept{}, err
	}
	if _, err := b.newKey(); err != nil {
		return ledger.Kept{}, err
	}
	keys, err := publicKeys(b.dir)
	if err != nil {
		return ledger.Kept{}, err
	}
	if err := b.db.Note(ctx, dossier.Reading{Act: dossier.LedgerKey, Who: who, By: dossier.Admin, Subject: keys[len(keys)-1]}); err != nil {
		return ledger.Kept{}, err
	}
	return b.checkpoint(ctx, old)
}

// checkpoint signs the ledger as it stands, and gets a time-stamp over what was
// signed. If nothing was added since the last one, that one is returned. Others
// may sign beside the ledger's own key.
func (b *bookkeeper) checkpoint(ctx context.Context, others ...note.Signer) (ledger.Kept, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size, err := b.db.NumberEvents(ctx)
	if err != nil {
		return ledger.Kept{}, err
	}
	kept, err := b.db.Checkpoint(ctx, size)
	switch {
	case size == 0:
		return kept, fmt.Errorf("%w: the ledger is empty", dossier.ErrNotFound)
	case errors.Is(err, dossier.ErrNotFound):
		kept, err = b.sign(ctx, size, others)
	}
	if err != nil || kept.Stamp != "" || b.stamps == nil {
		return kept, err
	}
	return b.stamp(ctx, kept)
}

func (b *bookkeeper) sign(ctx context.Context, size int64, others []note.Signer) (ledger.Kept, error) {
	signer, err := b.signer()
	if err != nil {
		return ledger.Kept{}, err
	}
	if err := b.grewFromLast(ctx); err != nil {
		return ledger.Kept{}, err
	}
	root, err := b.db.LogRoot(ctx, size)
	if err != nil {
		return ledger.Kept{}, err
	}
	signed, err := ledger.Checkpoint{Origin: signer.Name(), Size: size, Root: root}.Sign(append([]note.Signer{signer}, others...)...)
	if err != nil {
		return ledger.Kept{}, err
	}
	sum := digest.Of(signed)
	if err := b.blobs.Put(ctx, sum, int64(len(signed)), bytes.NewReader(signed)); err != nil {
		return ledger.Kept{}, err
	}
	return b.db.AddCheckpoint(ctx, ledger.Kept{Size: size, At: b.now().UnixMilli(), Note: signed, Sum: sum.String()})
}

// grewFromLast says whether the log still holds what was signed last.
func (b *bookkeeper) grewFromLast(ctx context.Context) error {
	last, err := b.db.Checkpoints(ctx, 1)
	if err != nil || len(last) == 0 {
		return err
	}
	keys, err := publicKeys(b.dir)
	if err != nil {
		return err
	}
	c, _, err := ledger.Open(last[0].Note, keys)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForked, err)
	}
	root, err := b.db.LogRoot(ctx, c.Size)
	if err != nil || root != c.Root {
		return errors.Join(fmt.Errorf("%w (%d events)", ErrForked, c.Size), err)
	}
	return nil
}

// stamp asks for a time-stamp. An authority that does not answer is asked again
// at the next checkpoint: the signature stands without it.
func (b *bookkeeper) stamp(ctx context.Context, k ledger.Kept) (ledger.Kept, error) {
	token, _, err := b.stamps.Stamp(ctx, k.Note)
	if err != nil {
		b.log.WarnContext(ctx, "checkpoint without time-stamp", "size", k.Size, "err", err)
		return k, nil
	}
	sum := digest.Of(token)
	if err := b.blobs.Put(ctx, sum, int64(len(token)), bytes.NewReader(token)); err != nil {
		return k, err
	}
	if err := b.db.StampCheckpoint(ctx, k.Size, sum); err != nil {
		return k, err
	}
	return b.db.Checkpoint(ctx, k.Size)
}

// keep numbers events as they come and signs the ledger by the hour, until ctx
// ends.
func (b *bookkeeper) keep(ctx context.Context) error {
	tick := time.NewTicker(numberEvery)
	defer tick.Stop()
	var next time.Time
	for {
		if _, err := b.db.NumberEvents(ctx); err != nil && ctx.Err() == nil {
			b.log.ErrorContext(ctx, "events not numbered", "err", err)
		}
		if now := b.now(); !now.Before(next) {
			next = now.Add(checkpointEvery)
			k, err := b.checkpoint(ctx)
			switch {
			case errors.Is(err, dossier.ErrNotFound):
				next = now.Add(numberEvery)
			case err != nil && ctx.Err() == nil:
				b.log.ErrorContext(ctx, "no checkpoint", "err", err)
				next = now.Add(checkpointTry)
			case k.Stamp == "":
				next = now.Add(checkpointTry)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// ledger builds what signs the ledger. Its time-stamps come from where the
// signatures' come.
func (h *House) openLedger(ctx context.Context) error {
	first := taster.New(ctx)
	h.onClose(first.Close)
	client := &tsa.Client{URL: h.Settings.TSA, Roots: h.pool(), Now: h.Settings.now}
	if client.URL == "" {
		client.URL = "http://" + h.tsaListener.Addr().String()
	}
	Taste(first, client, nil)
	h.Ledger = &bookkeeper{db: h.DB, blobs: h.fenced, dir: h.Settings.ledger(), name: h.Settings.LedgerName, now: h.Settings.now, stamps: client, log: h.Log}
	return h.Settings.Alone(ctx, func() error {
		_, err := h.Ledger.signer()
		return err
	})
}

// ledger is the directory of the ledger's keys.
func (s Settings) ledger() string { return filepath.Join(s.SharedDir(), "ledger") }
