package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/blob/s3"
)

// ledgerLock is what is put on checkpoints of the ledger and their time-stamps
// in a bucket that locks nothing else: ten years, which who has the right to can
// shorten. They are small, and their worth is that nobody can replace them.
const ledgerLock = "governance:3650"

// noLock is the setting that locks no checkpoints.
const noLock = "none"

// fence is the lock of checkpoints in a bucket; empty for none.
func (s Settings) fence(p Place) string {
	switch {
	case p.S3.Endpoint == "":
		return ""
	case p.S3.Lock != "":
		return p.S3.Lock // is put on everything
	case s.LedgerLock == noLock:
		return ""
	}
	return cmp.Or(s.LedgerLock, ledgerLock)
}

// checkLedgerLock says whether the lock of checkpoints can be ordered.
func (s Settings) checkLedgerLock() error {
	if s.LedgerLock == "" || s.LedgerLock == noLock {
		return nil
	}
	l, err := S3{Lock: s.LedgerLock}.lock()
	if err == nil {
		err = l.Check()
	}
	if err != nil {
		return fmt.Errorf("SOHOA_LEDGER_LOCK: %w", err)
	}
	return nil
}

// A fenced store puts checkpoints under object lock where the bucket can, and
// everything else as the store does.
type fenced struct {
	archive.Store
	is   func(ctx context.Context, d digest.Digest) (bool, error)
	open func(ctx context.Context) (archive.Store, error) // the same place, with the lock
	log  *slog.Logger

	mu     sync.Mutex
	opened archive.Store
	told   bool
}

// fencedStore is the store of a place with the fence around checkpoints. Where
// there is none to be had it is the store itself. is tells checkpoints from other
// files; nil: all that is put are checkpoints.
func fencedStore(s Settings, p Place, store archive.Store, is func(context.Context, digest.Digest) (bool, error), log *slog.Logger) archive.Store {
	lock := s.fence(p)
	if store == nil || lock == "" || lock == p.S3.Lock {
		return store
	}
	p.S3.Lock = lock
	return &fenced{Store: store, is: is, log: log, open: func(ctx context.Context) (archive.Store, error) { return openPlace(ctx, p, s) }}
}

// mostFenced is the most bytes of a checkpoint or time-stamp.
const mostFenced = maxLedgerBlob

// Put implements [blob.Store]. A bucket without object lock, or a key without the
// right to lock, gets the checkpoint all the same, and that is told once.
func (f *fenced) Put(ctx context.Context, d digest.Digest, size int64, r io.Reader) error {
	checkpoint := true
	if f.is != nil {
		var err error
		if checkpoint, err = f.is(ctx, d); err != nil {
			return err
		}
	}
	if !checkpoint || size > mostFenced {
		return f.Store.Put(ctx, d, size, r)
	}
	b, err := io.ReadAll(io.LimitReader(r, size+1))
	if err != nil {
		return err
	}
	locked, err := f.locked(ctx)
	if err == nil {
		err = locked.Put(ctx, d, size, bytes.NewReader(b))
	}
	if err == nil || errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrCorrupt) || ctx.Err() != nil {
		return err
	}
	f.tell(ctx, err)
	return f.Store.Put(ctx, d, size, bytes.NewReader(b))
}

func (f *fenced) locked(ctx context.Context) (archive.Store, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != nil {
		return f.opened, nil
	}
	s, err := f.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", blob.ErrUnavailable, err)
	}
	f.opened = s
	return s, nil
}

func (f *fenced) tell(ctx context.Context, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.told {
		f.log.WarnContext(ctx, "checkpoints of the ledger are not locked objects: the bucket does not take the lock", "err", err)
	}
	f.told = true
}

// fenceFinding says whether checkpoints are locked objects in a bucket, as its
// server was found to hold locks.
func (d doctor) fenceFinding(what string, p Place, found s3.Findings) Finding {
	lock, err := S3{Lock: d.s.fence(p)}.lock()
	held := lock.Mode == "governance" && found.Governance == s3.Held || lock.Mode == "compliance" && found.Compliance == s3.Held
	if err == nil && held {
		return well(what+"-checkpoints", "điểm kiểm tra của sổ là đối tượng bị khóa: "+lock.String(), "checkpoints of the ledger are locked objects: "+lock.String())
	}
	return Finding{What: what + "-checkpoints", State: Note, VI: "điểm kiểm tra của sổ không phải là đối tượng bị khóa", EN: "checkpoints of the ledger are not locked objects",
		DoVI: "dùng bucket có object lock, đừng đặt SOHOA_LEDGER_LOCK=none; và gửi điểm kiểm tra cho bên ngoài giữ", DoEN: "use a bucket with object lock, without SOHOA_LEDGER_LOCK=none; and have outsiders keep checkpoints"}
}
