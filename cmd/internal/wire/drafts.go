package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/draft"
	"sohoa/ingest/sniff"
	"sohoa/ingest/upload"
	"sohoa/ocr/quality"
	"sohoa/pdf/arrange"
	"sohoa/pdf/picture"
	"sohoa/pdf/raster"
	"sohoa/web"
)

// Bounds of what people lay out before they enter it.
const (
	mostDrafted   = 2 << 30 // bytes of one person's files
	draftedFiles  = 100     // of one draft
	draftLife     = 12 * time.Hour
	draftPictures = 256 << 20 // bytes, of all
	draftSweep    = 10 * time.Minute
)

// drafts lets the pages use the desk where files are laid out. What lies there outlives
// the house; what is being made of it, and pictures, do not.
type drafts struct {
	desk    *draft.Desk
	gallery *picture.Gallery
}

func (h *House) openDrafts() (drafts, error) {
	g, err := picture.Open(picture.Settings{Dir: filepath.Join(h.drafting(), "pictures"), Most: draftPictures,
		AtOnce: max(1, runtime.NumCPU()), Waiting: waitingPictures, Now: h.Settings.now, View: raster.View})
	if err != nil {
		return drafts{}, err
	}
	d := drafts{gallery: g, desk: &draft.Desk{Dir: h.laid(), Bench: arrange.Bench{Temp: h.drafting(), Limits: Limits},
		Most: mostDrafted, Files: draftedFiles, Life: draftLife, Now: h.Settings.now,
		Look: look, Malware: h.malware(),
		Forget: func(sum digest.Digest) { g.Forget(sum.String()) },
		Accept: func(ctx context.Context, in ingest.Intake) (dossier.Document, error) {
			began := h.Settings.now()
			got, err := h.Door.Accept(ctx, in)
			if err == nil {
				h.received(ctx, got, began)
			}
			if err == nil {
				h.Worker.Nudge()
			}
			return got, err
		}}}
	h.drafts = d.desk
	return d, nil
}

// lookTime is how long somebody waits at the counter for the looks at what they laid
// out; pages beyond are not seen.
const lookTime = 30 * time.Second

// look takes a quick look at the pages of a file, as far as they can be had.
func look(ctx context.Context, path string) []dossier.Capture {
	ctx, done := context.WithTimeout(ctx, lookTime)
	defer done()
	looks, _ := quality.Looks(ctx, sniff.SplitToRead(ctx, path, Limits)) // what cannot be looked at, the line will name
	all := make([]dossier.Capture, len(looks))
	for i, l := range looks {
		all[i] = dossier.Capture{DPI: l.DPI, Skew: l.Skew, Turn: l.Turn, Seen: !l.Told}
		if !l.Told {
			all[i].Sum = l.Sum
		}
		for _, c := range l.Codes {
			all[i].Why = append(all[i].Why, string(c))
		}
	}
	return all
}

// sweepDrafts forgets what people left lying until ctx ends.
func (h *House) sweepDrafts(ctx context.Context) error {
	clock := time.NewTicker(draftSweep)
	defer clock.Stop()
	// Where they lay while each process had its own: nobody finds them there, and they go as they would have.
	oldDesk := &draft.Desk{Dir: filepath.Join(h.Settings.Data, laidDir), Life: draftLife, Now: h.Settings.now, Forget: func(digest.Digest) {}}
	oldPieces := &upload.Store{Dir: filepath.Join(h.Settings.Data, arrivingDir), Life: draftLife, Now: h.Settings.now}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
			if err := errors.Join(h.drafts.Sweep(), h.uploads.Sweep(), oldDesk.Sweep(), oldPieces.Sweep()); err != nil {
				h.Log.ErrorContext(ctx, "drafts are not swept", "err", err)
			}
		}
	}
}

// Draft returns the draft at a place.
func (d drafts) Draft(_ context.Context, at web.DraftPlace) (web.Draft, error) {
	x, err := d.desk.Draft(draft.Place(at))
	out := web.Draft{Version: x.Version, Ordered: x.Ordered}
	for _, f := range x.Files {
		shown := web.DraftFile{Number: f.Number, Name: f.Name, Size: f.Size}
		for n := range f.Source.Pages {
			shown.Turns = append(shown.Turns, f.Source.Upward(n+1))
		}
		out.Files = append(out.Files, shown)
	}
	for _, l := range x.Lines {
		out.Lines = append(out.Lines, web.DraftLine(l))
	}
	out.Seen = x.Seen()
	return out, err
}

// Mark is another one as soon as a draft changes.
func (d drafts) Mark(_ context.Context, at web.DraftPlace) string {
	return d.desk.Mark(draft.Place(at))
}

// Add lays out a file.
func (d drafts) Add(ctx context.Context, at web.DraftPlace, key, name string, body io.Reader) error {
	return later(d.desk.Add(ctx, draft.Place(at), key, name, body))
}

// Again puts a new scan in the place of a page.
func (d drafts) Again(ctx context.Context, at web.DraftPlace, version, line int, name string, body io.Reader) error {
	return later(d.desk.Again(ctx, draft.Place(at), version, line, name, body))
}

// Change puts pages in order, or moves them.
func (d drafts) Change(_ context.Context, at web.DraftPlace, version int, c web.DraftChange) error {
	if len(c.Move) > 0 {
		return d.desk.Move(draft.Place(at), version, c.Move, c.To)
	}
	lines := make([]draft.Line, len(c.Lines))
	for i, l := range c.Lines {
		lines[i] = draft.Line(l)
	}
	return d.desk.Set(draft.Place(at), version, lines)
}

// Enter brings what is laid out to the door.
func (d drafts) Enter(ctx context.Context, at web.DraftPlace, version int) (dossier.Document, error) {
	doc, err := d.desk.Enter(ctx, draft.Place(at), version)
	return doc, later(err)
}

// Discard takes a draft away.
func (d drafts) Discard(_ context.Context, at web.DraftPlace) error {
	return d.desk.Discard(draft.Place(at))
}

// Discarded counts the pages of what was discarded last.
func (d drafts) Discarded(_ context.Context, at web.DraftPlace) (pages int, err error) {
	return d.desk.Discarded(draft.Place(at))
}

// Restore lays them out again.
func (d drafts) Restore(_ context.Context, at web.DraftPlace) error {
	return d.desk.Restore(draft.Place(at))
}

// picture is a [web.DraftPicture].
func (d drafts) picture(ctx context.Context, at web.DraftPlace, file, page int, size string) (string, func() ([]byte, error), error) {
	if !slices.Contains(raster.Sizes(), raster.Size(size)) {
		return "", nil, fmt.Errorf("%w: no pictures in size %q", dossier.ErrNotFound, size)
	}
	sum, path, err := d.desk.Picture(draft.Place(at), file, page)
	if err != nil {
		return "", nil, err
	}
	src := picture.Source{Sum: sum.String(), Fetch: func(context.Context) (string, func(), error) { return path, func() {}, nil }}
	return d.gallery.Name(src.Sum, page, raster.Size(size)), func() ([]byte, error) {
		b, err := d.gallery.Page(ctx, src, page, raster.Size(size))
		if errors.Is(err, raster.ErrInput) {
			err = fmt.Errorf("%w: %w", dossier.ErrNotFound, err)
		}
		return b, busy(err)
	}, nil
}
