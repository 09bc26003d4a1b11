// Package crowd is the people at a service under drill: counters that send papers
// until each is answered, and those who sign, confirm and approve. Afterwards it
// counts for itself what is left.
package crowd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/web/clicker"
)

// A Crowd sends papers and acts on them, through any number of kills.
type Crowd struct {
	Base    string                     // address of the pages, http://host:port
	Uploads int                        // papers to send
	Logins  map[dossier.Role][2]string // of the first people

	Every time.Duration   // between one paper and the next; 0: as fast as they are taken
	Until <-chan struct{} // papers beyond Uploads come, one a second, until it is closed; nil: none

	// Patient: an answer of 5xx is what an engine that is away looks like, and is
	// asked for again.
	Patient bool

	acked atomic.Int64

	mu   sync.Mutex
	docs []dossier.DocumentID // answered uploads
}

const (
	drillAgency    dossier.AgencyCode    = "A00" // where the first people belong
	drillProcedure dossier.ProcedureCode = "9.999901"
)

// Answered is how many uploads got an answer so far.
func (c *Crowd) Answered() int { return int(c.acked.Load()) }

// Documents are those that answers named.
func (c *Crowd) Documents() []dossier.DocumentID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.docs)
}

// Prepare makes a kind of paper and a procedure, as an administrator would.
func (c *Crowd) Prepare(ctx context.Context) error {
	admin, err := c.login(ctx, dossier.Admin)
	if err != nil {
		return err
	}
	if err := admin.Fill(ctx, "/admin/kinds", url.Values{"code": {"DT"}, "name": {"Giấy diễn tập"}}); err != nil {
		return err
	}
	return admin.Fill(ctx, "/admin/procedures", url.Values{"code": {string(drillProcedure)}, "name": {"Diễn tập"},
		"field": {"Diễn tập"}, "level": {string(dossier.Full)}, "days": {"1"}, "components": {"TP01|DT|Giấy diễn tập|1|1"}})
}

func (c *Crowd) login(ctx context.Context, r dossier.Role) (*clicker.Person, error) {
	l := c.Logins[r]
	var p *clicker.Person
	err := c.again(ctx, func() (err error) {
		p, err = clicker.Login(ctx, c.Base, l[0], l[1])
		return err
	})
	return p, err
}

// WaitFor waits until n uploads are answered, or the work ended before.
func (c *Crowd) WaitFor(ctx context.Context, n int, ended <-chan struct{}) error {
	for c.Answered() < n {
		select {
		case <-ended:
			return nil
		default:
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("waiting for upload %d: %w", n, err)
		}
	}
	return nil
}

// Work sends all papers and acts on them until each has come to its end.
func (c *Crowd) Work(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	over := make(chan struct{})
	for _, role := range []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk} {
		g.Go(func() error { return c.click(ctx, role, over) })
	}
	g.Go(func() error {
		defer close(over)
		if err := c.send(ctx); err != nil {
			return err
		}
		return c.settled(ctx)
	})
	return g.Wait()
}

func (c *Crowd) send(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	counter, err := c.login(ctx, dossier.Counter)
	if err != nil {
		return err
	}
	for i := 0; i < c.Uploads || c.more(); i++ {
		paper, err := drawn(fmt.Sprintf("GIAY DIEN TAP SO %d", i))
		if err != nil {
			return err
		}
		g.Go(func() error { return c.sendOne(ctx, counter, i, paper) })
		every := c.Every
		if i >= c.Uploads {
			every = max(every, time.Second)
		}
		if err := pause(ctx, every); err != nil {
			return errors.Join(err, g.Wait())
		}
	}
	return g.Wait()
}

// more reports whether papers are wanted beyond those planned: whoever takes parts
// away is not done yet, and a house without work would show nothing.
func (c *Crowd) more() bool {
	if c.Until == nil {
		return false
	}
	select {
	case <-c.Until:
		return false
	default:
		return true
	}
}

// sendOne sends a paper until it is answered. An answer that the kill swallowed
// is asked for again; it must give the same document.
func (c *Crowd) sendOne(ctx context.Context, counter *clicker.Person, i int, paper []byte) error {
	var code dossier.Code
	err := c.again(ctx, func() (err error) {
		code, err = counter.Open(ctx, clicker.NewDossier{Procedure: drillProcedure, Receiving: drillAgency,
			Competent: drillAgency, HolderNumber: fmt.Sprintf("0080900%05d", i), HolderName: "Người Diễn Tập", Channel: dossier.Direct})
		return err
	})
	if err != nil {
		return fmt.Errorf("open dossier %d: %w", i, err)
	}
	var id dossier.DocumentID
	err = c.again(ctx, func() (err error) {
		id, err = counter.Upload(ctx, code, "TP01", "giay.png", bytes.NewReader(paper))
		return err
	})
	if err != nil {
		return fmt.Errorf("send paper %d: %w", i, err)
	}
	c.mu.Lock()
	c.docs = append(c.docs, id)
	c.mu.Unlock()
	c.acked.Add(1)
	return nil
}

// click acts as a role, through any number of kills.
func (c *Crowd) click(ctx context.Context, r dossier.Role, over <-chan struct{}) error {
	p, err := c.login(ctx, r)
	if err != nil {
		return err
	}
	return c.again(ctx, func() error { return p.Click(ctx, over) })
}

func (c *Crowd) settled(ctx context.Context) error {
	anybody, err := c.login(ctx, dossier.Admin) // sees all; an auditor would need a grant
	if err != nil {
		return err
	}
	for _, id := range c.Documents() {
		for {
			var seen clicker.Sight
			if err := c.again(ctx, func() (err error) { seen, err = anybody.Look(ctx, id); return err }); err != nil {
				return err
			}
			if seen.State == dossier.Archived || seen.State == dossier.Refused {
				break
			}
			if err := pause(ctx, 200*time.Millisecond); err != nil {
				return fmt.Errorf("document %s stands at %s: %w", id, seen.State, err)
			}
		}
	}
	return nil
}

// again calls f until the service answers it: no connection, or one cut off,
// is what a kill looks like from outside. Other answers are final.
func (c *Crowd) again(ctx context.Context, f func() error) error {
	for {
		err := f()
		var status *clicker.StatusError
		if err == nil || ctx.Err() != nil || errors.As(err, &status) && status.Code != http.StatusServiceUnavailable && !(c.Patient && status.Code >= 500) {
			return err
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// drawn is a small paper with a line of text, quick to read.
func drawn(text string) ([]byte, error) {
	small := image.NewGray(image.Rect(0, 0, 260, 60))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: small, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13, Dot: fixed.P(20, 35)}
	d.DrawString(text)
	page := image.NewGray(image.Rect(0, 0, 780, 180))
	draw.CatmullRom.Scale(page, page.Bounds(), small, small.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	err := png.Encode(&b, page)
	return b.Bytes(), err
}
