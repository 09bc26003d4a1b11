// Package batch brings paper by the metre to the door: files of many papers are
// looked at side by side, borders between papers are proposed by the codes on
// separator sheets, and when a person has looked at them every paper enters by the
// ordinary door.
//
// The row is the truth. What was looked at is written file by file, what entered
// paper by paper; whatever is killed in between is done again and gives the same:
// the same pages make the same bytes, and the same bytes for the same place are the
// same document.
package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/jail"
	"sohoa/pdf/arrange"
	"sohoa/storage/blob"
)

// Rows are what a Desk needs of the database.
type Rows interface {
	AddPaperBatch(ctx context.Context, b batch.Batch, by account.By) (batch.Batch, error)
	LeaseBatch(ctx context.Context, until time.Time) (b batch.Batch, ordered account.By, err error)
	HoldBatch(ctx context.Context, id batch.ID, until time.Time) error
	LookedFiles(ctx context.Context, id batch.ID) (map[int]bool, error)
	PutSides(ctx context.Context, id batch.ID, file int, sides []batch.Side, said string) error
	PaperBatch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode) (batch.Batch, error)
	Twins(ctx context.Context, b batch.Batch, s batch.Side, code dossier.Code) ([]batch.Twin, error)
	BatchPlace(ctx context.Context, agency dossier.AgencyCode, code dossier.Code, slot dossier.SlotCode) (bool, error)
	ProposeBatch(ctx context.Context, b batch.Batch) error
	EnteredBatch(ctx context.Context, id batch.ID, pages []batch.Side, document dossier.DocumentID, refused string, by account.By) error
	RestBatch(ctx context.Context, id batch.ID, said string, by account.By) error
}

// A Desk works at batches. Every field is needed.
type Desk struct {
	Rows  Rows
	Blobs blob.Store
	Bench arrange.Bench
	Dir   string // for files under way; emptied when the house starts
	Now   func() time.Time

	// Look looks at the sides of the file at path, one after the other.
	Look func(ctx context.Context, path string, each func(batch.Look) error) error

	// Accept is the door.
	Accept func(ctx context.Context, in ingest.Intake) (dossier.Document, error)
}

// Lease is how long a batch is its worker's who gives no sign of life. One that lives
// says so three times as often: a long file takes longer than whoever waits for a dead
// worker should.
const Lease = 3 * time.Minute

// Take makes a batch of files whose bytes are in the store already, for an agency.
// It is the one way in: for files brought by a person, and for those that scanners
// dropped.
func (d *Desk) Take(ctx context.Context, agency dossier.AgencyCode, feed batch.Feed, parting batch.Parting, files []batch.File, by account.By) (batch.Batch, error) {
	for _, f := range files {
		if _, err := d.Blobs.Stat(ctx, f.Sum); err != nil {
			return batch.Batch{}, fmt.Errorf("file of a batch: %w", err)
		}
	}
	return d.Rows.AddPaperBatch(ctx, batch.Batch{Agency: agency, Feed: feed, Parting: parting, Files: files}, by)
}

// Step works at one batch that waits, if there is one, and says whether there was.
func (d *Desk) Step(ctx context.Context) (bool, error) {
	b, ordered, err := d.Rows.LeaseBatch(ctx, d.Now().Add(Lease))
	if errors.Is(err, dossier.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer d.hold(ctx, b.ID)()
	if b.Standing == batch.Entering {
		return true, d.enter(ctx, b, ordered)
	}
	return true, d.look(ctx, b)
}

// hold keeps a leased batch its worker's until the work is over.
func (d *Desk) hold(ctx context.Context, id batch.ID) (over func()) {
	ctx, over = context.WithCancel(ctx)
	go func() {
		beat := time.NewTicker(Lease / 3)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				_ = d.Rows.HoldBatch(ctx, id, d.Now().Add(Lease)) // else another does it again, to the same end
			}
		}
	}()
	return over
}

// look looks at what of a batch nobody has looked at, and proposes its borders.
func (d *Desk) look(ctx context.Context, b batch.Batch) error {
	done, err := d.Rows.LookedFiles(ctx, b.ID)
	if err != nil {
		return err
	}
	for _, f := range b.Files {
		if !done[f.Number] {
			if err := d.lookAt(ctx, b, f); err != nil {
				return err
			}
		}
	}
	if b, err = d.Rows.PaperBatch(ctx, b.ID, nil); err != nil {
		return err
	}
	if err := d.Propose(ctx, &b); err != nil {
		return err
	}
	return d.Rows.ProposeBatch(ctx, b)
}

// lookAt looks at the sides of a file. A file that cannot be taken apart keeps the
// others from nothing: its row says why.
func (d *Desk) lookAt(ctx context.Context, b batch.Batch, f batch.File) error {
	path, done, err := d.fetch(ctx, f.Sum)
	if err != nil {
		return err
	}
	defer done()
	var sides []batch.Side
	said := ""
	err = d.Look(ctx, path, func(l batch.Look) error {
		sides = append(sides, batch.Side{File: f.Number, Page: len(sides) + 1, Look: l})
		return nil
	})
	var refused *jail.Refusal
	switch {
	case errors.As(err, &refused):
		said, sides = refused.Code, nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		said, sides = "ours", nil
	}
	if said == "" { // what cannot be taken apart must be said before somebody draws borders in it
		s, err := d.Bench.Open(ctx, path)
		if errors.As(err, &refused) {
			said = refused.Code
		} else if err != nil {
			return err
		} else if err := d.agree(s, sides, &said); err != nil {
			return err
		}
		if said != "" {
			sides = nil
		}
	}
	return d.Rows.PutSides(ctx, b.ID, f.Number, sides, said)
}

// agree compares what was seen of a file with the pages that can be taken from it,
// and closes it.
func (d *Desk) agree(s *arrange.Source, sides []batch.Side, said *string) error {
	if len(s.Pages) != len(sides) {
		*said = "ours" // two readers disagree on what pages there are
		return s.Close()
	}
	for i := range sides {
		sides[i].Lies = s.Upward(i + 1)
	}
	return s.Close()
}

// Propose puts the sides of b in the order of its feed and proposes borders. A code
// that names what the house has not, or not for this agency, proposes nothing.
func (d *Desk) Propose(ctx context.Context, b *batch.Batch) error {
	b.Sides = batch.Order(b.Feed, batch.InFiles(b.Sides))
	batch.Separate(b.Sides, b.Parting)
	type place struct {
		code dossier.Code
		slot dossier.SlotCode
	}
	known := map[place]bool{}
	var paper dossier.Code // for whose dossier the paper came that a side is of
	for i := range b.Sides {
		s := &b.Sides[i]
		if s.Starts && s.Dossier != "" {
			at := place{s.Dossier, s.Slot}
			ok, seen := known[at]
			if !seen {
				var err error
				if ok, err = d.Rows.BatchPlace(ctx, b.Agency, at.code, at.slot); err != nil {
					return err
				}
				known[at] = ok
			}
			if !ok {
				s.Dossier, s.Slot, s.Refused = "", "", string(batch.Unknown)
			}
		}
		if i == 0 || s.Starts {
			paper = s.Dossier
		}
		if s.Use != batch.Page {
			s.Twins = nil
			continue
		}
		var err error
		if s.Twins, err = d.Rows.Twins(ctx, *b, *s, paper); err != nil {
			return err
		}
	}
	return nil
}

// enter brings every paper of b that can enter to the door. A paper that the door
// refuses says so at its first side, and keeps the others from nothing.
func (d *Desk) enter(ctx context.Context, b batch.Batch, by account.By) error {
	sources := map[int]*arrange.Source{}
	var undo []func()
	defer func() {
		for _, f := range undo {
			f()
		}
	}()
	for _, p := range batch.Papers(b.Sides) {
		if !p.Ready() {
			continue
		}
		for _, i := range p.Pages {
			n := b.Sides[i].File
			if sources[n] != nil {
				continue
			}
			if n < 1 || n > len(b.Files) {
				return fmt.Errorf("%w: no file %d in a batch", dossier.ErrNotFound, n)
			}
			s, done, err := d.open(ctx, b.Files[n-1].Sum)
			if err != nil {
				return err
			}
			sources[n], undo = s, append(undo, done)
		}
		doc, err := d.accept(ctx, b, p, sources, by)
		refused := ""
		if err != nil {
			if refused = reason(err); refused == "" {
				return err
			}
		}
		pages := make([]batch.Side, len(p.Pages))
		for i, at := range p.Pages {
			pages[i] = b.Sides[at]
		}
		if err := d.Rows.EnteredBatch(ctx, b.ID, pages, doc.ID, refused, by); err != nil {
			return err
		}
	}
	return d.Rows.RestBatch(ctx, b.ID, "", by)
}

// reason is the code of why the door did not take a paper, or empty if the fault is
// not the paper's or its place's.
func reason(err error) string {
	var r *jail.Refusal
	switch {
	case errors.As(err, &r):
		return r.Code
	case errors.Is(err, dossier.ErrConflict):
		return "filled"
	case errors.Is(err, dossier.ErrNotFound):
		return string(batch.Unknown)
	}
	return ""
}

// accept makes one file of a paper's pages and brings it to the door. A code may
// have been typed in: what the agency may not bring paper to is not there.
func (d *Desk) accept(ctx context.Context, b batch.Batch, p batch.Paper, sources map[int]*arrange.Source, by account.By) (dossier.Document, error) {
	var none dossier.Document
	if ok, err := d.Rows.BatchPlace(ctx, b.Agency, p.Dossier, p.Slot); err != nil || !ok {
		return none, errors.Join(err, fmt.Errorf("%w: no such dossier or component", dossier.ErrNotFound))
	}
	var list []*arrange.Source
	index := map[int]int{}
	var picks []arrange.Pick
	for _, i := range p.Pages {
		s := b.Sides[i]
		at, ok := index[s.File]
		if !ok {
			at, index[s.File] = len(list), len(list)
			list = append(list, sources[s.File])
		}
		picks = append(picks, arrange.Pick{Source: at, Page: s.Page, Turn: s.Turn})
	}
	out := filepath.Join(d.Dir, fmt.Sprintf("%s-%d.pdf", b.ID, p.From))
	defer os.Remove(out)
	if _, err := d.Bench.Make(ctx, list, picks, out); err != nil {
		return none, err
	}
	f, err := os.Open(out)
	if err != nil {
		return none, err
	}
	defer f.Close()
	return d.Accept(ctx, ingest.Intake{Dossier: p.Dossier, Slot: p.Slot, Who: by.Who, Body: f})
}

// open opens a file for taking its pages; done forgets what was made for it.
func (d *Desk) open(ctx context.Context, sum digest.Digest) (s *arrange.Source, done func(), err error) {
	path, remove, err := d.fetch(ctx, sum)
	if err != nil {
		return nil, nil, err
	}
	if s, err = d.Bench.Open(ctx, path); err != nil {
		remove()
		return nil, nil, err
	}
	return s, func() { _ = s.Close(); remove() }, nil
}

// Shown gives the path of a PDF that shows a file of a batch, until remove is called.
func (d *Desk) Shown(ctx context.Context, sum digest.Digest) (path string, remove func(), err error) {
	s, done, err := d.open(ctx, sum)
	if err != nil {
		return "", nil, err
	}
	return s.PDF(), done, nil
}

// fetch has the bytes of a file under a name, hashed on the way.
func (d *Desk) fetch(ctx context.Context, sum digest.Digest) (path string, done func(), err error) {
	in, err := d.Blobs.Open(ctx, sum)
	if err != nil {
		return "", nil, err
	}
	defer in.Close()
	f, err := os.CreateTemp(d.Dir, "batch-*")
	if err != nil {
		return "", nil, err
	}
	_, err = f.ReadFrom(in)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", nil, err
	}
	return f.Name(), func() { os.Remove(f.Name()) }, nil
}
