package onestop

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/national"
	"sohoa/dossier/neighbour"
	"sohoa/sweep"
)

// A Delivery is what is owed to the one-stop system of one dossier.
type Delivery = national.Delivery

// A Store is what came, what is owed, and how it stands.
type Store interface {
	Kept(ctx context.Context, name neighbour.Name) (string, error) // the place to ask from
	Keep(ctx context.Context, name neighbour.Name, kept string) error
	Exchanged(ctx context.Context, x neighbour.Exchange) error

	ImportDossiers(ctx context.Context, list []catalogue.DossierOrder, who dossier.PersonID) error
	PutOneStop(ctx context.Context, code dossier.Code, problem, field string) error
	AgainOneStop(ctx context.Context, limit int) ([]dossier.Code, error) // those that somebody wants to be asked for again

	OweOneStop(ctx context.Context) error
	OwedOneStop(ctx context.Context, limit int) ([]Delivery, error)
	SentOneStop(ctx context.Context, d Delivery) error
	NotSentOneStop(ctx context.Context, d Delivery, aside bool) error
	NationalFacts(ctx context.Context, code dossier.Code) (national.Facts, error)
}

// A Syncer joins.
type Syncer struct {
	Rows   Store
	Client *Client
	House  func(ctx context.Context, rows []catalogue.Row) (catalogue.House, error) // what the house has of what rows name
	Files  string                                                                   // address of the house under which a document is, behind its login
	Now    func() time.Time
}

// Who is who brings dossiers in, in the ledger.
const Who dossier.PersonID = "onestop"

// Bounds of one sweep.
const (
	mostPages = 20
	mostOut   = 100
)

// A Count is what came of a sweep.
type Count struct{ Taken, Odd, Sent, Failed int }

// Sweep takes in what changed there and tells what changed here. Killed anywhere, it is
// asked from the same place again, and what was taken is the same; what was told is told
// again under the same key.
func (s *Syncer) Sweep(ctx context.Context) (c Count, err error) {
	word, err := s.pull(ctx, &c)
	if err == nil && word == "" {
		word, err = s.again(ctx, &c)
	}
	if err == nil && (word == "" || word == Strange || word == Refused) {
		if word2, err2 := s.push(ctx, &c); err2 != nil || word == "" {
			word, err = word2, err2
		}
	}
	if err != nil || ctx.Err() != nil {
		return c, err
	}
	return c, s.Rows.Exchanged(ctx, neighbour.Exchange{Name: neighbour.OneStop, At: s.Now(), Said: word})
}

func (s *Syncer) pull(ctx context.Context, c *Count) (string, error) {
	after, err := s.Rows.Kept(ctx, neighbour.OneStop)
	for range mostPages {
		if err != nil {
			return "", err
		}
		p, word := s.Client.List(ctx, after)
		if word != "" {
			return word, nil
		}
		if err := s.take(ctx, p.DanhSachHoSo, c); err != nil {
			return "", err
		}
		if p.TiepTheo != "" && p.TiepTheo != after { // only now: what is kept is behind what was taken
			after = p.TiepTheo
			err = s.Rows.Keep(ctx, neighbour.OneStop, after)
		}
		if !p.ConNua {
			return "", err
		}
	}
	return "", err
}

// again asks for dossiers that did not agree, once somebody says that they may now.
func (s *Syncer) again(ctx context.Context, c *Count) (string, error) {
	codes, err := s.Rows.AgainOneStop(ctx, PageSize)
	for _, code := range codes {
		d, word := s.Client.One(ctx, code)
		switch {
		case err != nil:
			return "", err
		case word == Gone:
			err = s.Rows.PutOneStop(ctx, code, Gone, "MaHoSo")
		case word != "":
			return word, nil
		default:
			err = s.take(ctx, []Dossier{d}, c)
		}
	}
	return "", err
}

func (s *Syncer) take(ctx context.Context, list []Dossier, c *Count) error {
	if len(list) == 0 {
		return nil
	}
	h, err := s.House(ctx, Rows(list))
	if err != nil {
		return err
	}
	orders, outcomes := Plan(list, h)
	if err := s.Rows.ImportDossiers(ctx, orders, Who); err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Problem == "" {
			c.Taken++
		} else {
			c.Odd++
		}
		if !codeForm().MatchString(string(o.Code)) {
			continue // no code: nobody could ask for it, and what stands there may be anything
		}
		if err := s.Rows.PutOneStop(ctx, o.Code, o.Problem, o.Field); err != nil {
			return err
		}
	}
	return nil
}

func (s *Syncer) push(ctx context.Context, c *Count) (string, error) {
	if err := s.Rows.OweOneStop(ctx); err != nil {
		return "", err
	}
	due, err := s.Rows.OwedOneStop(ctx, mostOut)
	if err != nil {
		return "", err
	}
	last := ""
	for _, d := range due {
		f, err := s.Rows.NationalFacts(ctx, d.Dossier)
		if err != nil {
			return "", err
		}
		f.Link = func(id dossier.DocumentID) string { return s.Files + string(id) }
		body, err := json.Marshal(ResultOf(f))
		if err != nil {
			return "", err
		}
		sum, word := digest.Of(body).String(), ""
		if sum != d.Sum { // else it was told so already
			word = s.Client.Put(ctx, body, d.Dossier, fmt.Sprint(d.Dossier, "/", d.Owed))
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		d.At, last = s.Now(), word
		if word == "" {
			c.Sent++
			d.Sent, d.Sum = d.Owed, sum
			err = s.Rows.SentOneStop(ctx, d)
		} else {
			c.Failed++
			d.Tries, d.Said = d.Tries+1, word
			d.Next = d.At.Add(national.Pause(d.Tries))
			err = s.Rows.NotSentOneStop(ctx, d, word == Gone || word == Refused || d.Tries >= mostTries)
		}
		if err != nil || word == Away || word == Token || word == Closed {
			return word, err
		}
	}
	return last, nil
}

// mostTries is how often a dossier is told before it is put aside for a person: over some
// days.
const mostTries = 14

// Every is how often is asked.
const Every = time.Minute

// Run sweeps until ctx ends; said is told what came of it.
func (s *Syncer) Run(ctx context.Context, said func(c Count, err error)) error {
	return sweep.Run(ctx, Every, s.Sweep, said)
}
