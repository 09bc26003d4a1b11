// Package sweep is the loop of whatever is looked at again and again: at once, then
// once a while, until its context ends.
package sweep

import (
	"context"
	"time"
)

// Run calls sweep at once and then every so often until ctx ends; it returns nil then. What
// a sweep brought is said, if it brought anything or went wrong; one that ctx broke off says
// nothing.
func Run[C comparable](ctx context.Context, every time.Duration, sweep func(context.Context) (C, error), said func(brought C, err error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var none C
		if c, err := sweep(ctx); ctx.Err() == nil && (c != none || err != nil) {
			said(c, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Patient calls sweep at once, and again when as long as pause has gone by since it ended,
// until ctx ends; it returns nil then. What is in the way is said once, until it is over or
// another thing is: what cannot be done now is tried again and again.
func Patient(ctx context.Context, pause time.Duration, sweep func(context.Context) error, said func(error)) error {
	failed := ""
	for {
		err := sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			failed = ""
		case err.Error() != failed:
			failed = err.Error()
			said(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
