package workers

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/scan"
)

// spools are the pages of long papers as files of this process: a paper is
// fetched and taken apart once, however many of its pages are read here.
type spools struct {
	mu   sync.Mutex
	held []*spool // the last used at the end
}

// mostSpools is how many papers are kept apart at once.
const mostSpools = 4

type spool struct {
	scan digest.Digest
	mu   sync.Mutex
	dir  string // empty until it is there
	n    int
	err  error // a refusal of the whole paper
}

// page returns a page of d, from 0, without what only a writer needs.
func (s *spools) page(ctx context.Context, t *Tools, d dossier.Document, number int) (scan.Page, error) {
	own := s.of(d.Parts[dossier.PartScan])
	own.mu.Lock() // whoever comes meanwhile waits for the same
	err := own.fill(ctx, t, d)
	var f *os.File
	if err == nil && number >= own.n {
		err = fmt.Errorf("the paper has %d pages, %d were counted at the door", own.n, d.Pages)
	}
	if err == nil {
		f, err = os.Open(filepath.Join(own.dir, strconv.Itoa(number)))
	}
	own.mu.Unlock()
	if err != nil {
		return scan.Page{}, err
	}
	defer f.Close()
	var p spooled
	if err := gob.NewDecoder(bufio.NewReader(f)).Decode(&p); err != nil {
		return scan.Page{}, fmt.Errorf("page %d as it was laid aside: %w", number+1, err)
	}
	return p.page(), nil
}

// of finds the paper, or a place for it; the one that was used least lately goes.
func (s *spools) of(sum digest.Digest) *spool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, own := range s.held {
		if own.scan == sum {
			s.held = append(append(s.held[:i:i], s.held[i+1:]...), own)
			return own
		}
	}
	if len(s.held) >= mostSpools {
		go s.held[0].remove()
		s.held = s.held[1:]
	}
	own := &spool{scan: sum}
	s.held = append(s.held, own)
	return own
}

// drop lets go of a paper that is read.
func (s *spools) drop(d dossier.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, own := range s.held {
		if own.scan == d.Parts[dossier.PartScan] {
			s.held = append(s.held[:i:i], s.held[i+1:]...)
			go own.remove()
			return
		}
	}
}

func (s *spool) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
	s.dir = ""
}

// fill takes the paper apart, once. What cannot be taken apart says so of every
// page; another error is forgotten, and it is tried again.
func (s *spool) fill(ctx context.Context, t *Tools, d dossier.Document) error {
	if s.dir != "" || s.err != nil {
		return s.err
	}
	path, done, err := t.fetch(ctx, d, dossier.PartScan)
	if err != nil {
		return err
	}
	defer done()
	dir, err := os.MkdirTemp(t.Temp, "pages-*")
	if err != nil {
		return err
	}
	n := 0
	for page, err := range t.ToRead(ctx, path) {
		if err == nil {
			err = layAside(filepath.Join(dir, strconv.Itoa(n)), page)
		}
		if err != nil {
			os.RemoveAll(dir)
			var r *jail.Refusal
			if errors.As(err, &r) {
				s.err = err
			}
			return err
		}
		n++
	}
	s.dir, s.n = dir, n
	return nil
}

// spooled is a page in a file: gob does not tell nothing from an empty list.
type spooled struct {
	Page        scan.Page
	Told, Graft bool
}

func layAside(path string, p scan.Page) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s := spooled{Page: p, Told: p.Told != nil, Graft: p.Graft != nil}
	s.Page.Graft = nil
	w := bufio.NewWriter(f)
	return errors.Join(gob.NewEncoder(w).Encode(s), w.Flush(), f.Close())
}

func (s spooled) page() scan.Page {
	p := s.Page
	if s.Told && p.Told == nil {
		p.Told = []scan.ToldLine{}
	}
	if s.Graft {
		p.Graft = []byte{}
	}
	return p
}
