package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/web/clicker"
)

// A Login is what a person types to come in.
type Login struct {
	Role            dossier.Role
	Login, Password string
}

// A Journey takes the demonstration's dossiers through the house over its own
// pages, as the demo people: nothing is done that a click could not do.
type Journey struct {
	Base   string // http://host:port of the pages
	Logins []Login
	Cases  []Case

	// Unfinished are documents of a journey that was broken off: Run waits for
	// them too.
	Unfinished []dossier.DocumentID
}

// Run opens the cases, drops their papers, and clicks until nothing waits for
// anybody. It returns what happened.
func (j *Journey) Run(ctx context.Context) (Outcome, error) {
	people, err := logIn(ctx, j.Base, j.Logins)
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	err = clicking(ctx, people, func(ctx context.Context) error {
		if err := j.counter(ctx, people[dossier.Counter], people[dossier.Officer], &out); err != nil {
			return err
		}
		if err := settled(ctx, people[dossier.Counter], out.Documents); err != nil {
			return err
		}
		if err := j.secondVisits(ctx, people[dossier.Counter], &out); err != nil {
			return err
		}
		return settled(ctx, people[dossier.Counter], append(out.Documents, j.Unfinished...))
	})
	return out, err
}

// logIn has the people come in.
func logIn(ctx context.Context, base string, logins []Login) (map[dossier.Role]*clicker.Person, error) {
	people := map[dossier.Role]*clicker.Person{}
	for _, l := range logins {
		p, err := clicker.Login(ctx, base, l.Login, l.Password)
		if err != nil {
			return nil, fmt.Errorf("log in as %s: %w", l.Login, err)
		}
		people[l.Role] = p
	}
	return people, nil
}

// clicking has people act on whatever waits for them until do has ended, which brings
// it and waits for its end.
func clicking(ctx context.Context, people map[dossier.Role]*clicker.Person, do func(ctx context.Context) error) error {
	g, gctx := errgroup.WithContext(ctx)
	stop := make(chan struct{}) // closed when no more papers come
	for _, role := range []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk} {
		g.Go(func() error { return people[role].Click(gctx, stop) })
	}
	g.Go(func() error {
		defer close(stop)
		return do(gctx)
	})
	return g.Wait()
}

// settled waits until every document has come to its end.
func settled(ctx context.Context, p *clicker.Person, documents []dossier.DocumentID) error {
	for _, id := range documents {
		for {
			seen, err := p.Look(ctx, id)
			if err != nil {
				return err
			}
			if seen.State == dossier.Archived || seen.State == dossier.Refused {
				break
			}
			if err := pause(ctx, 500*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// An Outcome says what a journey did.
type Outcome struct {
	Dossiers, Reused int
	Documents        []dossier.DocumentID
	Refused          []string // codes of papers that were refused at the door
}

// counter is the day of the officer at the counter: first the papers of every
// case, then the results of those that are decided.
func (j *Journey) counter(ctx context.Context, p, deciding *clicker.Person, out *Outcome) error {
	var opened []dossier.Code
	for _, c := range j.Cases {
		code, err := p.Open(ctx, c.Open)
		if err != nil {
			return fmt.Errorf("open a dossier: %w", err)
		}
		opened = append(opened, code)
		out.Dossiers++
		for _, paper := range c.Papers {
			if err := j.drop(ctx, p, code, paper, out); err != nil {
				return err
			}
		}
	}
	for i, c := range j.Cases {
		if c.Result == nil && !c.Resolved {
			continue
		}
		if err := deciding.Resolve(ctx, opened[i]); err != nil {
			return fmt.Errorf("resolve %s: %w", opened[i], err)
		}
		if c.Result != nil {
			if err := j.drop(ctx, p, opened[i], *c.Result, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *Journey) drop(ctx context.Context, p *clicker.Person, code dossier.Code, paper Paper, out *Outcome) error {
	file, err := paper.Make()
	if err != nil {
		return fmt.Errorf("make a paper: %w", err)
	}
	id, err := p.Upload(ctx, code, paper.Slot, file.Name, bytes.NewReader(file.Bytes))
	var status *clicker.StatusError
	if errors.As(err, &status) && paper.Bad {
		out.Refused = append(out.Refused, status.Kind)
		return nil
	} else if err != nil {
		return fmt.Errorf("drop %s on %s: %w", paper.Slot, code, err)
	}
	out.Documents = append(out.Documents, id)
	return nil
}

// secondVisits is a day later, as it were: holders come back for something
// else, and the counter finds a paper held that would be asked of them.
func (j *Journey) secondVisits(ctx context.Context, p *clicker.Person, out *Outcome) error {
	for _, c := range j.Cases {
		if c.Back == nil {
			continue
		}
		code, err := p.Open(ctx, c.Back.Open)
		if err != nil {
			return fmt.Errorf("open a dossier for a second visit: %w", err)
		}
		out.Dossiers++
		seen, err := p.Dossier(ctx, code)
		if err != nil {
			return err
		}
		for _, s := range seen.Slots {
			if s.Slot != c.Back.Slot || len(s.Entries) == 0 {
				continue
			}
			if err := p.Reuse(ctx, code, s.Slot, s.Entries[0]); err != nil {
				return fmt.Errorf("use a paper again in %s: %w", code, err)
			}
			out.Reused++
		}
		if err := j.drop(ctx, p, code, c.Back.Paper, out); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
