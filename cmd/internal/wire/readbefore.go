package wire

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"sohoa/ingest/sniff"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/scan"
	"sohoa/workers"
)

// ReadBefore reads the pages of scans and has the line be given, from then on, what was
// read of the same pictures instead of reading them again: what is measured then is what
// the line takes besides its readers. Each page comes back after pace, in which nobody's
// processor time goes by. It is called before Run.
func (h *House) ReadBefore(ctx context.Context, scans [][]byte, pace time.Duration) error {
	pool, err := child.New(Reading(h.Settings.Readers))
	if err != nil {
		return err
	}
	defer pool.Close()
	before := readBefore{Reader: h.tools.Reader, pace: pace, known: map[[32]byte][]byte{}}
	for i, b := range scans {
		if err := before.learn(ctx, pool, h.temp, b); err != nil {
			return fmt.Errorf("scan %d: %w", i+1, err)
		}
	}
	h.tools.Reader = before
	if h.meter != nil { // it counts pages that are given back, too
		before.Reader = before.Reader.(seenReader).Reader
		h.tools.Reader = h.seenReader(before)
	}
	return nil
}

// readBefore gives back what was read. It is kept as a reader's child says it, so that it
// is taken apart for each page, as in the line.
type readBefore struct {
	workers.Reader // of all other pages
	pace           time.Duration
	known          map[[32]byte][]byte // by the digest of the stored picture
}

func (r readBefore) learn(ctx context.Context, pool *child.Pool, temp string, b []byte) error {
	f, err := os.CreateTemp(temp, "before-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return err
	}
	for page, err := range sniff.SplitToRead(ctx, f.Name(), Limits) {
		if err != nil {
			return err
		}
		read, err := pool.Read(ctx, page)
		if err != nil {
			return err
		}
		if r.known[sha256.Sum256(page.Data)], err = json.Marshal(read); err != nil {
			return err
		}
	}
	return nil
}

// Read implements [workers.Reader].
func (r readBefore) Read(ctx context.Context, page scan.Page) (read ocr.Page, err error) {
	b, known := r.known[sha256.Sum256(page.Data)]
	if !known {
		return r.Reader.Read(ctx, page)
	}
	wait(ctx, r.pace)
	err = json.Unmarshal(b, &read)
	read.Index = page.Index
	return read, err
}
