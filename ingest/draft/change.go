package draft

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/jail"
	"sohoa/pdf/arrange"
)

// Set puts lines in place of those at a place: every page that is there, once.
// Whoever has not seen the newest version gets [dossier.ErrConflict]; what is no
// arrangement of the pages, [dossier.ErrInvalid].
func (d *Desk) Set(p Place, version int, lines []Line) error {
	defer d.hold(p)()
	x, err := d.at(p, version)
	if err != nil {
		return err
	}
	if !sameLines(x.Lines, lines) {
		return fmt.Errorf("%w: not the pages of the draft", dossier.ErrInvalid)
	}
	x.Lines, x.Ordered = lines, x.Version+1
	return d.write(p, x)
}

func (d *Desk) at(p Place, version int) (Draft, error) {
	x, err := d.read(p)
	if err == nil && x.Version != version {
		err = fmt.Errorf("%w: version %d, not %d", dossier.ErrConflict, x.Version, version)
	}
	return x, err
}

// sameLines reports whether two rows have the same pages, turned in some way.
func sameLines(a, b []Line) bool {
	key := func(all []Line) []Line {
		out := make([]Line, len(all))
		for i, l := range all {
			out[i] = Line{File: l.File, Page: l.Page}
		}
		slices.SortFunc(out, func(a, b Line) int { return cmp.Or(a.File-b.File, a.Page-b.Page) })
		return out
	}
	for _, l := range b {
		if l.Turn < 0 || l.Turn > 3 {
			return false
		}
	}
	return slices.Equal(key(a), key(b))
}

// Move takes lines, by their index, to the end of the draft at another slot of the
// same dossier.
func (d *Desk) Move(p Place, version int, which []int, to dossier.SlotCode) error {
	defer d.hold(p)()
	x, err := d.at(p, version)
	if err != nil {
		return err
	}
	other := p
	other.Slot = to
	y, err := d.read(other)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	if to == p.Slot || len(which) == 0 {
		return fmt.Errorf("%w: nowhere to move to", dossier.ErrInvalid)
	}
	if err := os.MkdirAll(d.dir(other), 0o700); err != nil {
		return err
	}
	numbers := map[int]int{} // of files, there by here
	var stay []Line
	for i, l := range x.Lines {
		if !slices.Contains(which, i) {
			stay = append(stay, l)
			continue
		}
		there, ok := numbers[l.File]
		if !ok {
			if there, err = d.share(p, other, &x, &y, l.File); err != nil {
				return err
			}
			numbers[l.File] = there
		}
		l.File = there
		y.Lines = append(y.Lines, l)
	}
	if err := d.Bench.Limits.CheckPages(len(y.Lines)); err != nil {
		return err
	}
	if err := d.write(other, y); err != nil {
		return err
	}
	if len(stay) == 0 {
		return os.RemoveAll(d.dir(p))
	}
	x.Lines, x.Ordered = stay, x.Version+1
	return d.write(p, x)
}

// share gives a file to another draft too, without its bytes being copied.
func (d *Desk) share(p, other Place, x, y *Draft, number int) (int, error) {
	f, ok := x.file(number)
	if !ok {
		return 0, fmt.Errorf("no file %d", number)
	}
	g := *f
	g.Number = y.Next
	for _, end := range [...]string{asItCame, asPDF} {
		if err := os.Link(d.path(p, f, end), d.path(other, &g, end)); err != nil && !(end == asPDF && errors.Is(err, os.ErrNotExist)) {
			return 0, err
		}
	}
	y.Files, y.Next = append(y.Files, g), y.Next+1
	return g.Number, nil
}

// Enter brings the pages that are not left out to the door, as one file, and
// forgets the draft when the door has taken it. What the door refuses stays.
func (d *Desk) Enter(ctx context.Context, p Place, version int) (dossier.Document, error) {
	var none dossier.Document
	defer d.hold(p)()
	x, err := d.at(p, version)
	if err != nil {
		return none, err
	}
	path := ""
	if f, ok := x.whole(); ok {
		path = d.path(p, f, asItCame)
	} else if path, err = d.make(ctx, p, x); err != nil {
		return none, err
	} else {
		defer os.Remove(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	doc, err := d.Accept(ctx, ingest.Intake{Dossier: p.Dossier, Slot: p.Slot, Who: p.Who, Body: f})
	if err != nil {
		return none, err
	}
	return doc, d.drop(p, x)
}

// make makes one PDF of the lines that are not left out.
func (d *Desk) make(ctx context.Context, p Place, x Draft) (string, error) {
	var sources []*arrange.Source
	index := map[int]int{}
	for i := range x.Files {
		f := &x.Files[i]
		index[f.Number] = len(sources)
		sources = append(sources, arrange.Reopen(f.Source, d.path(p, f, asItCame), d.path(p, f, asPDF)))
	}
	var picks []arrange.Pick
	for _, l := range x.Lines {
		if !l.Drop {
			picks = append(picks, arrange.Pick{Source: index[l.File], Page: l.Page, Turn: l.Turn})
		}
	}
	if len(picks) == 0 {
		return "", &jail.Refusal{Code: CodeNothing, Text: "every page is left out; keep one, or discard the draft"}
	}
	out := filepath.Join(d.dir(p), "arranged.pdf")
	_, err := d.Bench.Make(ctx, sources, picks, out)
	return out, err
}

func (d *Desk) drop(p Place, x Draft) error {
	err := os.RemoveAll(d.dir(p))
	for _, f := range x.Files {
		d.Forget(f.Sum)
	}
	return err
}

// Picture returns the PDF that shows a file of the draft at a place, and the
// digest of the file. The PDF is there as long as the draft is.
func (d *Desk) Picture(p Place, number, page int) (digest.Digest, string, error) {
	x, err := d.Draft(p)
	if err != nil {
		return digest.Digest{}, "", err
	}
	f, ok := x.file(number)
	if !ok || page < 1 || page > len(f.Source.Pages) {
		return digest.Digest{}, "", fmt.Errorf("%w: no page %d of file %d", dossier.ErrNotFound, page, number)
	}
	return f.Sum, arrange.Reopen(f.Source, d.path(p, f, asItCame), d.path(p, f, asPDF)).PDF(), nil
}

// Sweep forgets the drafts that nobody has touched for the length of their life.
func (d *Desk) Sweep() error {
	drafts, err := filepath.Glob(filepath.Join(d.Dir, "*", "*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range drafts {
		info, err := os.Stat(path)
		if err != nil || d.Now().Sub(info.ModTime()) < d.Life {
			continue
		}
		errs = append(errs, d.expire(path))
	}
	return errors.Join(errs...)
}

// expire forgets one draft, or what an upload left that broke off.
func (d *Desk) expire(path string) error {
	var x Draft
	if b, err := os.ReadFile(filepath.Join(path, state)); err == nil {
		_ = json.Unmarshal(b, &x) // what cannot be read has nothing to forget
	}
	err := os.RemoveAll(path)
	for _, f := range x.Files {
		d.Forget(f.Sum)
	}
	return err
}
