package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/scan"
)

// read reads every page of the scan, as split gives them, and keeps words and
// text.
func (t *Tools) read(ctx context.Context, d dossier.Document, split func(context.Context, string) iter.Seq2[scan.Page, error], made Files) ([]ocr.Page, error) {
	path, done, err := t.fetch(ctx, d, dossier.PartScan)
	if err != nil {
		return nil, err
	}
	defer done()
	seen, err := t.seen(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	pages, err := ReadAll(ctx, t.Reader, t.Readers, func(yield func(scan.Page, error) bool) {
		for page, err := range split(ctx, path) {
			page.Seen = seen
			if !yield(page, err) {
				return
			}
		}
	})
	if err != nil {
		return nil, unfit(err)
	}
	return t.keepRead(ctx, d, pages, made)
}

func (t *Tools) seen(ctx context.Context, id dossier.DocumentID) (bool, error) {
	if t.Seen == nil {
		return false, nil
	}
	return t.Seen(ctx, id)
}

// keepRead keeps what was read of a whole paper.
func (t *Tools) keepRead(ctx context.Context, d dossier.Document, pages []ocr.Page, made Files) ([]ocr.Page, error) {
	if len(pages) != d.Pages {
		return nil, fmt.Errorf("%d pages were read, %d were counted at the door", len(pages), d.Pages)
	}
	if !slices.ContainsFunc(pages, func(p ocr.Page) bool { return !p.Blank }) {
		return nil, unfit(&jail.Refusal{Code: "blank", Text: "there is nothing on the paper: scan the other side, or look whether the feeder took it"})
	}
	words, err := json.Marshal(pages)
	if err != nil {
		return nil, err
	}
	if err := t.keep(ctx, made, dossier.PartWords, words); err != nil {
		return nil, err
	}
	t.Lately.note(made[dossier.PartWords], pages, t.Now())
	if err := t.keep(ctx, made, dossier.PartText, []byte(Text(pages))); err != nil {
		return nil, err
	}
	if err := t.keepUnread(ctx, made, d, pages); err != nil {
		return nil, err
	}
	return pages, t.keepDoubts(ctx, made, pages)
}

// unread is how little could be read of a paper that does not count for it.
type unread struct {
	Words      int     `json:"words"`
	Confidence float64 `json:"confidence"` // mean over the words, 0 to 100
	Least      float64 `json:"least"`      // that was asked for when the paper came in
}

// keepUnread notes that hardly anything was read, by the rule of the day on which
// the paper came in. A code that could be read says what a paper is.
func (t *Tools) keepUnread(ctx context.Context, made Files, d dossier.Document, pages []ocr.Page) error {
	u := unread{Least: dossier.CountingAt(d.Received).LeastConfidence}
	sum, codes := 0.0, 0
	for _, p := range pages {
		codes += len(p.Codes)
		for _, l := range p.Lines {
			for _, w := range l.Words {
				u.Words++
				sum += w.Confidence
			}
		}
	}
	if u.Words > 0 {
		u.Confidence = math.Round(100*sum/float64(u.Words)) / 100
	}
	if codes > 0 || u.Confidence >= u.Least {
		return nil
	}
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return t.keep(ctx, made, dossier.PartUnread, b)
}

// keepDoubts notes the pages that a person should look at, if there are any.
func (t *Tools) keepDoubts(ctx context.Context, made Files, pages []ocr.Page) error {
	var doubts []ocr.Doubt
	for _, p := range pages {
		if d, ok := p.Doubt(); ok {
			doubts = append(doubts, d)
		}
	}
	if len(doubts) == 0 {
		return nil
	}
	b, err := json.Marshal(doubts)
	if err != nil {
		return err
	}
	return t.keep(ctx, made, dossier.PartDoubts, b)
}

// ReadAll reads pages with r, at most n at a time, and returns what was read in
// the order of the pages.
func ReadAll(ctx context.Context, r Reader, n int, pages iter.Seq2[scan.Page, error]) ([]ocr.Page, error) {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(n, 1))
	var read []*ocr.Page
	var broken error
	for page, err := range pages {
		if err != nil {
			broken = err
			break
		}
		if gctx.Err() != nil {
			break
		}
		place := new(ocr.Page)
		read = append(read, place)
		g.Go(func() (err error) {
			*place, err = readOne(gctx, r, page)
			return err
		})
	}
	if err := errors.Join(g.Wait(), broken); err != nil {
		return nil, err
	}
	all := make([]ocr.Page, len(read))
	for i, p := range read {
		all[i] = *p
	}
	return all, nil
}

// Proven returns what the reader found of each page's data.
func Proven(pages []ocr.Page) []string {
	var all []string
	for _, p := range pages {
		all = append(all, p.Proven)
	}
	return all
}

// Text returns the pages as plain text, with a form feed between them.
func Text(pages []ocr.Page) string {
	var b strings.Builder
	for i, p := range pages {
		if i > 0 {
			b.WriteByte('\f')
		}
		b.WriteString(p.Text())
	}
	return b.String()
}
