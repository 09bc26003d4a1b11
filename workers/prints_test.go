package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/storage/blob/mem"
)

// owed are the rows of a few documents.
type owed struct {
	list []batch.Unprinted
	put  map[dossier.DocumentID][]batch.PagePrint
	off  []dossier.DocumentID
	fail error // of the next PutPrints
}

func (o *owed) OwedPrints(context.Context, int) ([]batch.Unprinted, error) {
	var left []batch.Unprinted
	for _, u := range o.list {
		if _, done := o.put[u.Document]; !done && !slices.Contains(o.off, u.Document) {
			left = append(left, u)
		}
	}
	return left, nil
}

func (o *owed) PutPrints(_ context.Context, id dossier.DocumentID, pages []batch.PagePrint) (err error) {
	if err, o.fail = o.fail, nil; err == nil {
		o.put[id] = pages
	}
	return err
}

func (o *owed) PutOffPrints(_ context.Context, id dossier.DocumentID, _ time.Time) error {
	o.off = append(o.off, id)
	return nil
}

// What the reader said is written down without a look; what was read before the reader
// said it, is looked at again; a page that told its words itself is drawn; a file at fault
// has no prints, one that is not there waits; what was done is not done again after an
// error in the middle.
func TestPrints(t *testing.T) {
	blobs := &mem.Store{}
	keep := func(b []byte) digest.Digest {
		if err := blobs.Put(t.Context(), digest.Of(b), int64(len(b)), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
		return digest.Of(b)
	}
	words := func(pages ...ocr.Page) digest.Digest {
		b, err := json.Marshal(pages)
		if err != nil {
			t.Fatal(err)
		}
		return keep(b)
	}
	told, now, old := ocr.Page{Engine: ocr.EngineTold}, ocr.Page{Index: 1, Print: 1<<63 | 5, Picture: "p"}, ocr.Page{Index: 1, Engine: "tesseract"}
	rows := &owed{put: map[dossier.DocumentID][]batch.PagePrint{}, list: []batch.Unprinted{
		{Document: "new", Words: words(now, ocr.Page{Index: 2, Picture: "q", Blank: true})},
		{Document: "old", Words: words(told, old), Scan: keep([]byte("scan"))},
		{Document: "broken", Words: words(told, old), Scan: keep([]byte("broken"))},
		{Document: "lost", Words: words(told, old), Scan: digest.Of([]byte("nowhere"))},
		{Document: "text", Words: words(told, ocr.Page{Index: 1, Engine: ocr.EngineTold, Blank: true}), Scan: keep([]byte("text"))},
	}}
	looks := 0
	var log bytes.Buffer
	k := &Prints{Rows: rows, Blobs: blobs, Temp: t.TempDir(), Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Look: func(_ context.Context, path string, each func(batch.PagePrint) error) error {
			looks++
			if looks == 2 {
				return &jail.Refusal{Code: "damaged", Text: "no picture"}
			}
			return errors.Join(each(batch.PagePrint{Page: 1}), each(batch.PagePrint{Page: 2, Picture: "r", Print: 9}))
		}}
	k.Draw = func(_ context.Context, path string, page int) uint64 {
		if b, err := os.ReadFile(path); err != nil || string(b) != "text" {
			return 0
		}
		return uint64(page) << 40
	}
	rows.fail = errors.New("the database is away")
	if done, err := k.Sweep(t.Context()); err == nil || done != 0 {
		t.Errorf("%d, %v", done, err)
	}
	if done, err := k.Sweep(t.Context()); err != nil || done != 5 || looks != 2 {
		t.Errorf("%d, %d looks, %v", done, looks, err)
	}
	want := map[dossier.DocumentID][]batch.PagePrint{"new": {{Page: 2, Picture: "p", Print: 1<<63 | 5}}, "old": {{Page: 2, Picture: "r", Print: 9}}, "broken": nil, "text": {{Page: 1, Print: 1 << 40}}}
	for id, pages := range want {
		if got, ok := rows.put[id]; !ok || !slices.Equal(got, pages) {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if !slices.Equal(rows.off, []dossier.DocumentID{"lost"}) || strings.Contains(log.String(), k.Temp) {
		t.Errorf("waiting: %v, told: %s", rows.off, log.String())
	}
	if done, err := k.Sweep(t.Context()); err != nil || done != 0 || looks != 2 {
		t.Errorf("again: %d, %v", done, err)
	}
}
