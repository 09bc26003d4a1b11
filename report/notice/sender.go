// Package notice tells people how their dossier stands, over the channels they agreed
// to: what is owed is rows, each tried until the channel takes it, they do not want it,
// or it is put aside for a person. Nobody is disturbed in quiet hours, and no channel is
// given more than its rate. A channel is off unless it is set; see docs/neighbours.md.
package notice

import (
	"context"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/sweep"
)

// Rows are what is owed, sent, and what came of it.
type Rows interface {
	OweNotices(ctx context.Context) error
	DueNotices(ctx context.Context, channel notice.Channel, standing notice.Standing, limit int) ([]notice.Due, error)
	PutNotice(ctx context.Context, n notice.Notice, was notice.Standing) error
	Setting(ctx context.Context, name string) (string, error)
	Exchanged(ctx context.Context, x neighbour.Exchange) error
}

// A Channel takes messages. What it answers beyond a word of package notice is of no
// interest, and nothing of it is kept or logged.
type Channel interface {
	Name() neighbour.Name
	Send(ctx context.Context, address string, m notice.Message) notice.Outcome
}

// An Answering channel tells what became of a message that it took.
type Answering interface {
	// Arrived reports whether a message arrived; word says why nobody knows.
	Arrived(ctx context.Context, remote string) (ok bool, word string)
}

// A Sender tells.
type Sender struct {
	Rows     Rows
	Channels map[notice.Channel]Channel
	Open     func(contact, kept string) (address string, err error)
	Stop     func(token string) string // address of the page on which one opts out
	Now      func() time.Time

	minute map[notice.Channel]time.Time // that is counted
	sent   map[notice.Channel]int       // in it
}

// most bounds what is looked at in one round.
const most = 100

// A Count is what came of a sweep.
type Count struct{ Sent, Failed int }

// Sweep enters what is owed and sends what is due. Killed anywhere, what was not written
// as sent is sent again: of a notice there may be two, never none.
func (s *Sender) Sweep(ctx context.Context) (c Count, err error) {
	if err := s.Rows.OweNotices(ctx); err != nil {
		return c, err
	}
	quiet, rate, err := s.rules(ctx)
	if err != nil {
		return c, err
	}
	for _, name := range notice.Channels {
		ch := s.Channels[name]
		if ch == nil {
			continue // what is owed waits
		}
		if err := s.ask(ctx, name, ch); err != nil {
			return c, err
		}
		if quiet.Wait(s.Now()) > 0 {
			continue
		}
		if err := s.give(ctx, name, ch, rate, &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// give gives a channel what is due, as much as its rate allows.
func (s *Sender) give(ctx context.Context, name notice.Channel, ch Channel, rate int, c *Count) error {
	room := s.room(name, rate)
	if room <= 0 {
		return nil
	}
	due, err := s.Rows.DueNotices(ctx, name, notice.Waiting, min(most, room))
	if err != nil {
		return err
	}
	for _, d := range due {
		o := s.send(ctx, ch, d)
		if ctx.Err() != nil {
			return ctx.Err() // nobody knows what came of it
		}
		s.sent[name]++
		if o.Word == "" {
			c.Sent++
		} else {
			c.Failed++
		}
		if err := s.Rows.PutNotice(ctx, d.Notice.After(o, s.Now()), notice.Waiting); err != nil {
			return err
		}
		if err := s.exchanged(ctx, ch, o.Word); err != nil {
			return err
		}
		if o.Word == notice.Away || o.Word == notice.Token || o.Word == notice.Limit {
			return nil // it would fare no better with the next
		}
	}
	return nil
}

// exchanged enters what a channel said of itself; what it says of a person or a wording is
// an answer like another.
func (s *Sender) exchanged(ctx context.Context, ch Channel, word string) error {
	switch word {
	case notice.Unworded, notice.Sealed:
		return nil // nothing was said to it
	case notice.Address, notice.Unwanted, notice.Night:
		word = ""
	}
	return s.Rows.Exchanged(ctx, neighbour.Exchange{Name: ch.Name(), At: s.Now(), Said: word})
}

// room is how many messages a channel may still be given in this minute.
func (s *Sender) room(name notice.Channel, rate int) int {
	if s.minute == nil {
		s.minute, s.sent = map[notice.Channel]time.Time{}, map[notice.Channel]int{}
	}
	if m := s.Now().Truncate(time.Minute); !m.Equal(s.minute[name]) {
		s.minute[name], s.sent[name] = m, 0
	}
	return rate - s.sent[name]
}

// rules reads what an administrator said of when and how often.
func (s *Sender) rules(ctx context.Context) (notice.Quiet, int, error) {
	quiet, err := s.Rows.Setting(ctx, notice.QuietSetting)
	if err != nil {
		return notice.Quiet{}, 0, err
	}
	rate, err := s.Rows.Setting(ctx, notice.RateSetting)
	return notice.QuietOf(quiet), notice.RateOf(rate), err
}

// Stops returns the addresses of opt-out pages of a house.
func Stops(origin string) func(token string) string {
	return func(token string) string { return origin + "/notices/stop/" + token }
}

// words is what a notice may say.
func (s *Sender) words(d notice.Due) notice.Words {
	w := notice.Words{Dossier: string(d.Dossier), Agency: d.Agency, Stop: s.Stop(d.To.Token)}
	if !d.DueOn.IsZero() {
		w.Due = d.DueOn.In(dossier.VietNam).Format("02/01/2006")
	}
	return w
}

func (s *Sender) send(ctx context.Context, ch Channel, d notice.Due) notice.Outcome {
	if d.Template.ID == "" {
		return notice.Outcome{Word: notice.Unworded, Final: true}
	}
	m, err := d.Template.Fill(d.ID, s.words(d))
	if err != nil {
		return notice.Outcome{Word: notice.Unworded, Final: true}
	}
	address, err := s.Open(d.To.ID, d.To.Address)
	if err != nil || address == "" {
		return notice.Outcome{Word: notice.Sealed}
	}
	return ch.Send(ctx, address, m)
}

// ask asks what became of what was sent.
func (s *Sender) ask(ctx context.Context, name notice.Channel, ch Channel) error {
	a, ok := ch.(Answering)
	if !ok {
		return nil
	}
	due, err := s.Rows.DueNotices(ctx, name, notice.Sent, most)
	if err != nil {
		return err
	}
	for _, d := range due {
		arrived, word := a.Arrived(ctx, d.Remote)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n := d.Notice
		n.Changed, n.Next = s.Now(), s.Now().Add(time.Hour)
		if arrived {
			n.Standing = notice.Delivered
		}
		if err := s.Rows.PutNotice(ctx, n, notice.Sent); err != nil {
			return err
		}
		if word != "" {
			return s.exchanged(ctx, ch, word)
		}
	}
	return nil
}

// Every is how often is looked what is owed.
const Every = 5 * time.Second

// Run sweeps until ctx ends; said is told what came of it.
func (s *Sender) Run(ctx context.Context, said func(c Count, err error)) error {
	return sweep.Run(ctx, Every, s.Sweep, said)
}
