package wire

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
	"sohoa/web"
)

// proofs gives outsiders what they may have of the ledger.
type proofs struct{ *bookkeeper }

// proofEvery is how long after a checkpoint nobody gets another by asking for a
// proof: each costs a time-stamp.
const proofEvery = time.Minute

// Proof proves the event at a place under the first checkpoint over it, so that
// the same proof is given ever after.
func (p proofs) Proof(ctx context.Context, place int64) ([]byte, error) {
	k, err := p.over(ctx, place)
	if err != nil {
		return nil, err
	}
	keys, err := publicKeys(p.dir)
	if err != nil {
		return nil, err
	}
	proof, err := proveUnder(ctx, p.db, place, k.Note, keys)
	if err != nil {
		return nil, err
	}
	return proof.Bytes(), nil
}

func (p proofs) over(ctx context.Context, place int64) (ledger.Kept, error) {
	if size, err := p.db.LogSize(ctx); err != nil || place >= size {
		return ledger.Kept{}, fmt.Errorf("event %d: %w", place, dossier.ErrNotFound)
	}
	last, err := p.db.Checkpoints(ctx, 1)
	switch {
	case err != nil:
		return ledger.Kept{}, err
	case len(last) == 1 && last[0].Size > place:
		return p.db.CheckpointOver(ctx, place)
	case len(last) == 1 && p.now().Sub(time.UnixMilli(last[0].At)) < proofEvery:
		return ledger.Kept{}, fmt.Errorf("event %d: %w: no checkpoint is over it yet", place, dossier.ErrConflict)
	}
	return p.checkpoint(ctx)
}

func shownCheckpoint(k ledger.Kept) web.Checkpoint {
	return web.Checkpoint{Size: k.Size, At: time.UnixMilli(k.At).UTC(), Note: k.Note, Stamped: k.Stamp != ""}
}

// Checkpoint returns the checkpoint of a size; -1: the newest.
func (p proofs) Checkpoint(ctx context.Context, size int64) (web.Checkpoint, error) {
	if size >= 0 {
		k, err := p.db.Checkpoint(ctx, size)
		return shownCheckpoint(k), err
	}
	list, err := p.Checkpoints(ctx, 1)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("checkpoint: %w", dossier.ErrNotFound)
	}
	if err != nil {
		return web.Checkpoint{}, err
	}
	return list[0], nil
}

// Checkpoints returns the newest first.
func (p proofs) Checkpoints(ctx context.Context, limit int) (list []web.Checkpoint, err error) {
	kept, err := p.db.Checkpoints(ctx, limit)
	for _, k := range kept {
		list = append(list, shownCheckpoint(k))
	}
	return list, err
}

// Stamp returns the time-stamp token over a checkpoint.
func (p proofs) Stamp(ctx context.Context, size int64) ([]byte, error) {
	k, err := p.db.Checkpoint(ctx, size)
	if err == nil && k.Stamp == "" {
		err = fmt.Errorf("time-stamp of checkpoint %d: %w", size, dossier.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	sum, err := digest.Parse(k.Stamp)
	if err != nil {
		return nil, err
	}
	r, err := p.blobs.Open(ctx, sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxLedgerBlob))
}

// Tile returns the hashes of a tile whose path is level/number, with .p/width if
// it is not full, and which the newest checkpoint covers.
func (p proofs) Tile(ctx context.Context, path string) ([]byte, error) {
	t, err := tlog.ParseTilePath("tile/8/" + path)
	if err != nil || t.L < 0 || strings.HasPrefix(path, "data/") {
		return nil, fmt.Errorf("tile: %w", dossier.ErrNotFound)
	}
	c, err := p.Checkpoint(ctx, -1)
	if err != nil {
		return nil, err
	}
	if t.N<<t.H+int64(t.W) > c.Size>>(t.H*t.L) {
		return nil, fmt.Errorf("tile %s: %w: no checkpoint covers it", path, dossier.ErrNotFound)
	}
	hashes, err := p.db.LogTile(ctx, t.L, t.N)
	if err != nil || len(hashes) < t.W*tlog.HashSize {
		return nil, fmt.Errorf("tile %s: %w", path, dossier.ErrNotFound)
	}
	return hashes[:t.W*tlog.HashSize], nil
}

// Keys returns the public keys.
func (p proofs) Keys() ([]string, error) { return publicKeys(p.dir) }
