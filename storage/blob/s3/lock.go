package s3

import (
	"context"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/dossier/digest"
)

// How long the probe's objects are retained: the first where a server is
// quick, twice as long each time where it was not quick enough to be tried in.
const (
	shortest = time.Second
	longest  = 16 * time.Second
	tick     = time.Second // servers tell full seconds: an end can be that much later
)

// locks protects objects, tries to remove them all the same, and waits until
// they may be removed.
func (p *probe) locks(ctx context.Context) error {
	for _, l := range []trial{
		{name: "hold", fence: &p.found.Hold, hold: true},
		{name: "governance", fence: &p.found.Governance, mode: minio.Governance},
		{name: "compliance", fence: &p.found.Compliance, mode: minio.Compliance},
		{name: "hold-after", fence: &p.found.HoldAfter, mode: minio.Governance, hold: true},
	} {
		for lasts := shortest; ; lasts *= 2 {
			late, err := p.lock(ctx, l, lasts)
			if err != nil {
				return err
			}
			if !late || lasts >= longest {
				break
			}
		}
	}
	return p.wait(ctx, p.until)
}

// A trial is one way to protect an object.
type trial struct {
	name  string
	fence *Fence
	mode  minio.RetentionMode // empty: none
	hold  bool
}

// lock protects an object for so long, and tries to remove it: at once, or, if
// both a retention and a hold protect it, when the retention has ended. It was
// late if the retention can have ended before it should.
func (p *probe) lock(ctx context.Context, l trial, lasts time.Duration) (late bool, err error) {
	now, err := p.clock(ctx)
	if err != nil {
		return false, err
	}
	opts := checked(digest.Of(one), true)
	if l.mode != "" {
		opts.Mode, opts.RetainUntilDate = l.mode, now.Add(lasts+tick)
	}
	if l.hold {
		opts.LegalHold = minio.LegalHoldEnabled
	}
	key, over, ended := p.key(l.name+"-"+lasts.String()), time.After(lasts), time.After(lasts+2*tick)
	info, err := p.put(ctx, key, one, one, opts)
	if err != nil {
		return false, outage(ctx, err) // else: absent, and the server says so
	}
	p.until = ended
	if l.mode != "" && l.hold {
		if err := p.wait(ctx, ended); err != nil {
			return false, err
		}
		p.until = nil
	}
	answer := told(p.s.core.RemoveObject(ctx, p.s.bucket, key, minio.RemoveObjectOptions{VersionID: info.VersionID}))
	if err := outage(ctx, answer); err != nil {
		return false, err
	}
	still, err := p.holds(ctx, key, info.VersionID, one)
	if err != nil {
		return false, err
	}
	if *l.fence = Claimed; still {
		*l.fence = Held
	}
	if l.hold {
		off := minio.LegalHoldDisabled
		_ = p.s.core.PutObjectLegalHold(ctx, p.s.bucket, key, minio.PutObjectLegalHoldOptions{Status: &off, VersionID: info.VersionID}) // or it is named among what is left
		return false, nil
	}
	select {
	case <-over:
		return !still, nil
	default:
		return false, nil
	}
}

func (p *probe) wait(ctx context.Context, t <-chan time.Time) error {
	if t == nil {
		return nil
	}
	select {
	case <-t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// clock is what the server takes for now: a retention by another clock could
// end before it began, or long after.
func (p *probe) clock(ctx context.Context) (time.Time, error) {
	r, _, head, err := p.s.core.GetObject(ctx, p.s.bucket, p.at+"plain", minio.GetObjectOptions{})
	if err != nil {
		return time.Time{}, told(err)
	}
	defer r.Close()
	t, err := time.Parse(time.RFC1123, head.Get("Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("the server does not tell its time: %w", err)
	}
	return t, nil
}
