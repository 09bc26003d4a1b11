package procedures

import (
	"context"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/sweep"
)

// A Store is what was told, what was decided, and how it stands.
type Store interface {
	Exchange(ctx context.Context, name neighbour.Name) (neighbour.Exchange, error)
	Exchanged(ctx context.Context, x neighbour.Exchange) error
	Kept(ctx context.Context, name neighbour.Name) (string, error)
	Keep(ctx context.Context, name neighbour.Name, kept string) error

	PutTold(ctx context.Context, t catalogue.Told) error
	WholeTold(ctx context.Context, codes []dossier.ProcedureCode) error // the whole list
	AllTold(ctx context.Context) ([]catalogue.Told, error)

	NationalOrders(ctx context.Context) ([]catalogue.NationalOrder, error)
	PutNationalOrder(ctx context.Context, o catalogue.NationalOrder) error
	ApplyNational(ctx context.Context, d catalogue.NationalDifference, o catalogue.NationalOrder) error
	EndNationalOrder(ctx context.Context, o catalogue.NationalOrder) error
}

// A Syncer keeps what is told, and does what was decided when its day comes.
type Syncer struct {
	Rows   Store
	Client *Client // nil: nothing is asked for
	House  func(ctx context.Context) (catalogue.House, error)
	Now    func() time.Time
	Pause  time.Duration // between two procedures that are asked for
}

// AskNow is kept when somebody wants the list to be read at the next sweep.
const AskNow = "now"

// How often the list is read, and tried again after it could not be.
const (
	Every    = time.Minute
	often    = 24 * time.Hour
	again    = 15 * time.Minute
	mostOdd  = 20 // procedures that cannot be read, after which the rest is not asked for
	dayStyle = time.DateOnly
)

// A Count is what came of a sweep.
type Count struct{ Read, Odd, Applied int }

// Sweep does what is due, and reads the list if it is time. Killed anywhere, what was read
// is kept and the list is read again; what was applied is applied once.
func (s *Syncer) Sweep(ctx context.Context) (c Count, err error) {
	if c.Applied, err = s.Apply(ctx); err != nil || s.Client == nil {
		return c, err
	}
	if due, err := s.due(ctx); err != nil || !due {
		return c, err
	}
	word, err := s.pull(ctx, &c)
	if err != nil || ctx.Err() != nil {
		return c, err
	}
	if err := s.Rows.Keep(ctx, neighbour.Procedures, ""); err != nil {
		return c, err
	}
	return c, s.Rows.Exchanged(ctx, neighbour.Exchange{Name: neighbour.Procedures, At: s.Now(), Said: word})
}

func (s *Syncer) due(ctx context.Context) (bool, error) {
	if kept, err := s.Rows.Kept(ctx, neighbour.Procedures); err != nil || kept == AskNow {
		return true, err
	}
	x, err := s.Rows.Exchange(ctx, neighbour.Procedures)
	pause := often
	if x.Said != "" {
		pause = again
	}
	return err == nil && (x.At.IsZero() || s.Now().Sub(x.At) >= pause), err
}

// pull reads the whole list, then each procedure on it.
func (s *Syncer) pull(ctx context.Context, c *Count) (string, error) {
	codes, word := s.list(ctx)
	if word != "" {
		return word, nil
	}
	if err := s.Rows.WholeTold(ctx, codes); err != nil {
		return "", err
	}
	odd := ""
	for _, code := range codes {
		t, word := s.Client.One(ctx, code)
		switch {
		case word == "":
			c.Read++
			if err := s.Rows.PutTold(ctx, t); err != nil {
				return "", err
			}
		case word == Strange || word == Refused || word == Gone: // of this one alone: what was told before stays
			if odd, c.Odd = word, c.Odd+1; c.Odd >= mostOdd {
				return odd, nil
			}
		default:
			return word, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(s.Pause):
		}
	}
	return odd, nil
}

// list reads pages until one brings nothing new: a service that knows no pages answers
// with the whole list each time.
func (s *Syncer) list(ctx context.Context) (codes []dossier.ProcedureCode, word string) {
	seen := map[dossier.ProcedureCode]bool{}
	for page := 1; page <= mostPages; page++ {
		found, word := s.Client.List(ctx, page)
		if word != "" {
			return nil, word
		}
		fresh := false
		for _, code := range found {
			if !seen[code] {
				seen[code], fresh = true, true
				codes = append(codes, code)
			}
		}
		switch {
		case len(codes) > mostCodes:
			return nil, Strange
		case len(codes) == 0:
			return nil, Strange // nobody has no procedures: an empty list would end them all
		case !fresh || len(found) < PageSize:
			return codes, ""
		}
	}
	return nil, Strange
}

// Differences compares what was told with the house, as of today, without those that were
// left out, with what was decided of the rest by code.
func (s *Syncer) Differences(ctx context.Context) (open []catalogue.NationalDifference, waiting map[dossier.ProcedureCode]catalogue.NationalOrder, err error) {
	all, orders, err := s.compare(ctx, s.today())
	if err != nil {
		return nil, nil, err
	}
	waiting = map[dossier.ProcedureCode]catalogue.NationalOrder{}
	for _, o := range orders {
		waiting[o.Code] = o
	}
	for _, d := range all {
		o, decided := waiting[d.Code]
		if decided && o.Sum != d.Sum {
			delete(waiting, d.Code)
			decided = false
		}
		if !decided || o.Since != "" {
			open = append(open, d)
		}
	}
	return open, waiting, nil
}

func (s *Syncer) today() string { return s.Now().In(dossier.VietNam).Format(dayStyle) }

func (s *Syncer) compare(ctx context.Context, day string) ([]catalogue.NationalDifference, []catalogue.NationalOrder, error) {
	told, err := s.Rows.AllTold(ctx)
	if err != nil {
		return nil, nil, err
	}
	orders, err := s.Rows.NationalOrders(ctx)
	if err != nil {
		return nil, nil, err
	}
	h, err := s.House(ctx)
	return catalogue.CompareNational(told, h, day), orders, err
}

// Apply does what was decided and whose day has come; it returns how much. What is told
// otherwise since is not done: it stands among the differences again.
func (s *Syncer) Apply(ctx context.Context) (n int, err error) {
	orders, err := s.Rows.NationalOrders(ctx)
	if err != nil || !anyDue(orders, s.today()) {
		return 0, err
	}
	all, orders, err := s.compare(ctx, s.today())
	if err != nil {
		return 0, err
	}
	by := map[dossier.ProcedureCode]catalogue.NationalDifference{}
	for _, d := range all {
		by[d.Code] = d
	}
	for _, o := range orders {
		if o.Since == "" || o.Since > s.today() {
			continue
		}
		d, ok := by[o.Code]
		if !ok || d.Sum != o.Sum || d.What == catalogue.NationalOdd {
			err = s.Rows.EndNationalOrder(ctx, o)
		} else if err = s.Rows.ApplyNational(ctx, d, o); err == nil {
			n++
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func anyDue(orders []catalogue.NationalOrder, today string) bool {
	for _, o := range orders {
		if o.Since != "" && o.Since <= today {
			return true
		}
	}
	return false
}

// Run sweeps until ctx ends; said is told what came of it.
func (s *Syncer) Run(ctx context.Context, said func(c Count, err error)) error {
	return sweep.Run(ctx, Every, s.Sweep, said)
}
