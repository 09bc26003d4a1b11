package s3

import (
	"errors"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"
)

// A Lock is what a bucket with object lock is told of every new object: the
// second fence around it. The first are our rows, which alone say how long
// something is kept; so this one may be short, and is never shortened.
type Lock struct {
	Mode string // governance, compliance, or empty: no retention
	Days int    // from the day it is put
	Hold bool   // a legal hold, until somebody with the right to lifts it
}

// Check says whether a server can be told of the lock.
func (l Lock) Check() error { return l.check() }

// ErrLock: a lock that cannot be ordered.
var ErrLock = errors.New("object lock")

func (l Lock) check() error {
	switch {
	case l.Mode == "" && l.Days == 0:
		return nil
	case l.Mode != "governance" && l.Mode != "compliance":
		return fmt.Errorf("%w: the mode is governance or compliance, not %q", ErrLock, l.Mode)
	case l.Days < 1 || l.Days > 36_500:
		return fmt.Errorf("%w: from 1 to 36500 days, not %d", ErrLock, l.Days)
	}
	return nil
}

// String returns the lock in words; empty for none.
func (l Lock) String() (s string) {
	if l.Mode != "" {
		s = fmt.Sprintf("%s, %d days", l.Mode, l.Days)
	}
	if l.Hold {
		s += "+legal hold"
	}
	return s
}

// locked adds the store's lock to the options of a new object.
func (s *Store) locked(o minio.PutObjectOptions) minio.PutObjectOptions {
	switch s.lock.Mode {
	case "governance":
		o.Mode = minio.Governance
	case "compliance":
		o.Mode = minio.Compliance
	}
	if s.lock.Mode != "" {
		o.RetainUntilDate = s.now().UTC().AddDate(0, 0, s.lock.Days).Truncate(time.Second)
	}
	if s.lock.Hold {
		o.LegalHold = minio.LegalHoldEnabled
	}
	return o
}

// Lock is what is put on new objects.
func (s *Store) Lock() Lock { return s.lock }
