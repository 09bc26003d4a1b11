// Package hooks tells other systems what happens: events of the ledger, to the addresses
// that want them, signed, each dossier's in order, until each is taken or put aside for
// a person. It is the one room that calls them, and is off unless hosts are allowed.
// The protocol is in docs/decisions/0056-webhooks.md.
package hooks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"sohoa/dossier/hook"
	"sohoa/outbound"
	"sohoa/sweep"
)

// Rows are what is owed, tried and taken.
type Rows interface {
	// OweHooks reads the ledger on and enters what each hook is owed of it.
	OweHooks(ctx context.Context) error

	// DueHooks returns what is to be tried now: of each dossier and hook the first
	// that waits, unless one before it was put aside.
	DueHooks(ctx context.Context, limit int) ([]hook.Delivery, error)
	Told(ctx context.Context, d hook.Delivery) error
	NotTold(ctx context.Context, d hook.Delivery) error

	// DueCallbacks returns jobs that are over, whose programs are to be told now.
	DueCallbacks(ctx context.Context, limit int) ([]hook.Callback, error)
	CalledBack(ctx context.Context, c hook.Callback) error
}

// A Sender tells.
type Sender struct {
	Rows    Rows
	Allowed hook.Allowed
	Source  string // of the events: a URI reference that names the house
	Open    func(h, kept string) (secret string, err error)
	Client  *http.Client // see [Client]
	Now     func() time.Time
}

const (
	most     = 100              // that are tried in one round
	patience = 10 * time.Second // for an answer
)

// Client returns what calls: see package outbound. base is the TLS of tests; nil: the
// system's.
func Client(a hook.Allowed, base *http.Transport) *http.Client {
	return outbound.Client(func(string) bool { return a.Private }, patience, base) // a host is held against a.Hosts before
}

// Sweep enters what is owed and tries what is due, round after round while something was
// taken. It returns how many were. Killed anywhere, what was not written as taken is
// told again under the same webhook-id.
func (s *Sender) Sweep(ctx context.Context) (n int, err error) {
	if err := s.Rows.OweHooks(ctx); err != nil {
		return 0, err
	}
	for {
		due, err := s.Rows.DueHooks(ctx, most)
		if err != nil {
			return n, err
		}
		taken := 0
		for _, d := range due {
			word := s.tell(ctx, d)
			switch {
			case ctx.Err() != nil:
				return n, ctx.Err() // nobody knows what came of it
			case word != "":
				err = s.Rows.NotTold(ctx, d.Failed(s.Now(), word))
			default:
				taken++
				err = s.Rows.Told(ctx, d)
			}
			if err != nil {
				return n, err
			}
		}
		if n += taken; taken == 0 {
			called, err := s.callBack(ctx)
			return n + called, err
		}
	}
}

// callBack tells programs that their jobs are over, each once a sweep.
func (s *Sender) callBack(ctx context.Context) (n int, err error) {
	due, err := s.Rows.DueCallbacks(ctx, most)
	if err != nil {
		return 0, err
	}
	for _, c := range due {
		word := hook.Closed
		if s.Allowed.Check(c.URL) == nil {
			secret, err1 := c.Secret()
			body, err2 := c.CloudEvent(s.Source)
			if word = hook.Sealed; errors.Join(err1, err2) == nil {
				word = s.post(ctx, c.URL, secret, c.Job, body)
			}
		}
		if ctx.Err() != nil {
			return n, ctx.Err() // nobody knows what came of it
		}
		if word == "" {
			c.Taken, c.Said, n = true, "", n+1
		} else {
			c = c.Failed(s.Now(), word)
		}
		if err := s.Rows.CalledBack(ctx, c); err != nil {
			return n, err
		}
	}
	return n, nil
}

// tell sends one event, and returns why it was not taken.
func (s *Sender) tell(ctx context.Context, d hook.Delivery) string {
	if s.Allowed.Check(d.URL) != nil {
		return hook.Closed
	}
	secret, err := s.Open(d.Hook, d.Secret)
	if err != nil {
		return hook.Sealed
	}
	body, err := d.CloudEvent(s.Source)
	if err != nil {
		return hook.Sealed
	}
	return s.post(ctx, d.URL, secret, d.Event, body)
}

// post sends a signed message, and returns why it was not taken.
func (s *Sender) post(ctx context.Context, url, secret, id string, body []byte) string {
	at := s.Now()
	signature, err := hook.Sign(secret, id, at, body)
	if err != nil {
		return hook.Sealed
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return hook.Closed
	}
	for name, value := range map[string]string{"Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "sohoa",
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": signature} {
		req.Header.Set(name, value)
	}
	res, err := s.Client.Do(req)
	if errors.Is(err, outbound.ErrClosed) {
		return hook.Closed
	} else if err != nil {
		return hook.Away
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, 4096) // what it says is of no interest
	switch {
	case res.StatusCode/100 == 2:
		return ""
	case res.StatusCode == http.StatusGone:
		return hook.Gone
	}
	return hook.Refused
}

// Every is how often is looked what is owed.
const Every = 2 * time.Second

// Run sweeps until ctx ends; said is told of what failed and what was taken.
func (s *Sender) Run(ctx context.Context, said func(n int, err error)) error {
	return sweep.Run(ctx, Every, s.Sweep, said)
}
