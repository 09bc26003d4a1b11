package workers

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/scan"
)

// spools are papers that were taken apart by this process: each is fetched and taken apart
// once, however many of its pages are read here, and not again to be written where all of
// its pages stand in the scan as they are.
type spools struct {
	mu    sync.Mutex
	held  []*spool      // the last used at the end
	seats chan struct{} // one taken by each who reads, but who goes ahead
}

// pressedEvery is how often who waits for a seat looks whether others go before, and
// pressedLate where he is told.
const (
	pressedEvery = 100 * time.Millisecond
	pressedLate  = 2 * time.Second
)

// seat waits for a reader to be free, of so many, and says whether it had to. ok is false
// if pressed said meanwhile that others go first; it is asked when somebody came, as [Tools.Came]
// tells. Leave may be called twice.
func (s *spools) seat(ctx context.Context, readers int, pressed func(context.Context) bool, came func() (<-chan struct{}, bool)) (leave func(), waited, ok bool, err error) {
	s.mu.Lock()
	if s.seats == nil {
		s.seats = make(chan struct{}, max(readers, 1))
	}
	s.mu.Unlock()
	leave = sync.OnceFunc(func() { <-s.seats })
	select {
	case s.seats <- struct{}{}:
		return leave, false, true, nil
	default:
	}
	every := pressedEvery
	var next <-chan struct{}
	if came != nil {
		var all bool
		if next, all = came(); all {
			every = pressedLate
			if pressed(ctx) { // who came before
				return nil, true, false, nil
			}
		}
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case s.seats <- struct{}{}:
			return leave, true, true, nil
		case <-ctx.Done():
			return nil, true, false, ctx.Err()
		case <-next:
			next, _ = came()
		case <-tick.C:
		}
		if pressed(ctx) {
			return nil, true, false, nil
		}
	}
}

// Of papers whose pages had to be laid aside as files a few are kept, which are being
// read; of others, of which there is a list alone and perhaps a copy of the scan, as many as may have been
// read and wait to be written, and not more than so many bytes of copies.
const (
	mostSpools = 4
	mostLists  = 256
	mostCopies = 256 << 20
)

type spool struct {
	scan digest.Digest

	mu    sync.Mutex  // of who takes it apart
	err   error       // a refusal of the whole paper
	path  string      // of the scan, if data of pages are left in it
	done  func()      // with it
	size  int64       // of the scan
	own   bool        // the scan is a copy
	heads []scan.Page // one a page; without data if they are left in the scan or laid aside
	dir   string      // where pages are laid aside as files; empty: none is

	// Of the list of all, and under its lock.
	there bool           // from now on nothing above changes
	light bool           // no page is laid aside
	copy  int64          // bytes of the scan in our own folder
	users int            // who goes through its pages
	read  map[int]result // pages that were read here, until all are
	gone  bool           // nobody will come any more
}

// page returns a page of d, from 0, without what only a writer needs.
func (s *spools) page(ctx context.Context, t *Tools, d dossier.Document, number int) (scan.Page, error) {
	own := s.of(d.Parts[dossier.PartScan])
	defer s.leave(own)
	own.mu.Lock() // whoever comes meanwhile waits for the same
	fresh, err := own.fill(ctx, t, d)
	own.mu.Unlock()
	if fresh {
		s.keep(own)
	}
	if err == nil && len(own.heads) != d.Pages {
		err = fmt.Errorf("the paper has %d pages, %d were counted at the door", len(own.heads), d.Pages)
	}
	if err != nil {
		return scan.Page{}, err
	}
	return own.page(number)
}

// ready takes d apart if that is not done yet; what comes in between is said of its pages.
func (s *spools) ready(ctx context.Context, t *Tools, d dossier.Document) {
	own := s.of(d.Parts[dossier.PartScan])
	defer s.leave(own)
	own.mu.Lock()
	fresh, _ := own.fill(ctx, t, d)
	own.mu.Unlock()
	if fresh {
		s.keep(own)
	}
}

// all yields the pages of d.
func (s *spools) all(ctx context.Context, t *Tools, d dossier.Document) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		for n := range d.Pages {
			page, err := s.page(ctx, t, d, n)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// again returns the pages of d as they are for a writer, too, if this process has them,
// and what is to be called when nobody looks at them any more.
func (s *spools) again(d dossier.Document) (pages iter.Seq2[scan.Page, error], done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, own := range s.held {
		if own.scan == d.Parts[dossier.PartScan] && own.there && own.light && len(own.heads) == d.Pages {
			own.users++
			return own.pages, func() { s.leave(own) }, true
		}
	}
	return nil, nil, false
}

// of finds the paper, or a place for it, for one more who uses it.
func (s *spools) of(sum digest.Digest) *spool {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := &spool{scan: sum}
	if i := slices.IndexFunc(s.held, func(o *spool) bool { return o.scan == sum }); i >= 0 {
		own = s.held[i]
		s.held = slices.Delete(s.held, i, i+1)
	}
	s.held = append(s.held, own)
	own.users++
	return own
}

// keep notes that a paper is taken apart, and lets go of what was used least lately, if it
// is too much.
func (s *spools) keep(own *spool) {
	s.mu.Lock()
	if own.there, own.light = true, own.dir == ""; own.own {
		own.copy = own.size
	}
	lists, heavy, copies := 0, 0, int64(0)
	var kept []*spool
	var ends []func()
	for _, o := range slices.Backward(s.held) {
		aside := o.there && !o.light
		if lists == mostLists || aside && heavy == mostSpools || copies+o.copy > mostCopies && lists >= mostSpools {
			o.gone = true
			ends = append(ends, o.end())
			continue
		}
		if lists, copies = lists+1, copies+o.copy; aside {
			heavy++
		}
		kept = append(kept, o)
	}
	slices.Reverse(kept)
	s.held = kept
	s.mu.Unlock()
	for _, end := range ends {
		end()
	}
}

// drop lets go of a paper that is read and cannot be written from here, or that is written.
func (s *spools) drop(d dossier.Document, written bool) {
	s.mu.Lock()
	end := func() {}
	if i := slices.IndexFunc(s.held, func(o *spool) bool { return o.scan == d.Parts[dossier.PartScan] }); i >= 0 {
		if own := s.held[i]; written || !own.light {
			s.held, own.gone = slices.Delete(s.held, i, i+1), true
			end = own.end()
		}
	}
	s.mu.Unlock()
	end()
}

// mostNoted is how many pages' words are remembered, of all papers: those of a paper of
// ordinary length for each of some readers.
const mostNoted = 128

// note remembers what was read of a page of d, from 0, while the paper is taken apart here.
// Of what was used least lately all is forgotten, if it is too much: it is in the rows.
func (s *spools) note(d dossier.Document, page int, r result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i := len(s.held) - 1; i >= 0; i-- {
		own := s.held[i]
		if own.scan == d.Parts[dossier.PartScan] {
			if own.read == nil {
				own.read = map[int]result{}
			}
			own.read[page] = r
		}
		if n += len(own.read); n > mostNoted {
			n, own.read = n-len(own.read), nil
		}
	}
}

// results gives away what was noted of the pages of d.
func (s *spools) results(d dossier.Document) (read map[int]result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, own := range s.held {
		if own.scan == d.Parts[dossier.PartScan] {
			read, own.read = own.read, nil
		}
	}
	return read
}

// leave is called by who has done with its pages.
func (s *spools) leave(own *spool) {
	s.mu.Lock()
	own.users--
	end := own.end()
	s.mu.Unlock()
	end()
}

// end returns what lets go of the files of a paper to which nobody comes any more, once.
// The lock of the list is held.
func (s *spool) end() func() {
	if !s.gone || s.users > 0 {
		return func() {}
	}
	dir, done := s.dir, s.done
	s.dir, s.done, s.there = "", nil, false
	return func() {
		if dir != "" {
			_ = os.RemoveAll(dir) // else the next start does
		}
		if done != nil {
			done()
		}
	}
}

// fill takes the paper apart, once. What cannot be taken apart says so of every
// page; another error is forgotten, and it is tried again.
func (s *spool) fill(ctx context.Context, t *Tools, d dossier.Document) (fresh bool, err error) {
	if s.done != nil || s.err != nil {
		return false, s.err
	}
	path, done, err := t.fetch(ctx, d, dossier.PartScan)
	if err != nil {
		return false, err
	}
	s.path = path
	for page, e := range t.ToRead(ctx, path) {
		if err = e; err == nil && page.Stored.Len() == 0 {
			page, err = s.layAside(t.Temp, page)
		}
		if err != nil {
			break
		}
		s.heads = append(s.heads, page)
	}
	if err == nil {
		s.size, err = sizeOf(path)
		s.own = filepath.Dir(path) == filepath.Clean(t.Temp)
	}
	if err == nil {
		s.done = done
		return true, nil
	}
	var r *jail.Refusal
	if errors.As(err, &r) {
		s.err = err
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
	done()
	s.dir, s.heads = "", nil
	return false, err
}

func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// pages yields them all.
func (s *spool) pages(yield func(scan.Page, error) bool) {
	for n := range s.heads {
		page, err := s.page(n)
		if !yield(page, err) || err != nil {
			return
		}
		page.Back() // it was written
	}
}

// page returns a page with its data, to one of its users.
func (s *spool) page(n int) (scan.Page, error) {
	if p := s.heads[n]; p.Stored.Len() > 0 {
		f, err := os.Open(s.path)
		if err != nil {
			return scan.Page{}, err
		}
		defer f.Close()
		return p.Take(f, s.size)
	}
	f, err := os.Open(filepath.Join(s.dir, strconv.Itoa(n)))
	if err != nil {
		return scan.Page{}, err
	}
	defer f.Close()
	var p spooled
	if err := gob.NewDecoder(bufio.NewReader(f)).Decode(&p); err != nil {
		return scan.Page{}, fmt.Errorf("page %d as it was laid aside: %w", n+1, err)
	}
	return p.page(), nil
}

// spooled is a page in a file: gob does not tell nothing from an empty list.
type spooled struct {
	Page        scan.Page
	Told, Graft bool
}

// layAside puts the next page into a file, and returns what need not be read from there.
func (s *spool) layAside(temp string, p scan.Page) (_ scan.Page, err error) {
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp(temp, "pages-*"); err != nil {
			return p, err
		}
	}
	f, err := os.OpenFile(filepath.Join(s.dir, strconv.Itoa(len(s.heads))), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return p, err
	}
	laid := spooled{Page: p, Told: p.Told != nil, Graft: p.Graft != nil}
	laid.Page.Graft = nil
	w := bufio.NewWriter(f)
	err = errors.Join(gob.NewEncoder(w).Encode(laid), w.Flush(), f.Close())
	return scan.Page{Index: p.Index}, err
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
