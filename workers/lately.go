package workers

import (
	"sync"
	"time"

	"sohoa/dossier/digest"
	"sohoa/ocr"
)

// Lately is what this process read a while ago, for who writes it and for who notes what its
// pages look like: they need not take it apart again. It is found by the digest under which
// the store keeps the words, so it is what stands there, and whoever does not find it here
// reads it there. The zero value is ready; nil knows nothing.
type Lately struct {
	mu    sync.Mutex
	words shelf[ocr.Page]
	looks shelf[look]
}

const (
	mostLately = 512              // pages: of 64 papers, the most that usually wait in the queue to be written, eight each
	longLately = 10 * time.Minute // another process may have done what was to be done with it
)

// note keeps what was read of a paper whose words are kept as sum.
func (l *Lately) note(sum digest.Digest, pages []ocr.Page, now time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words.put(sum, pages, now)
	l.looks.put(sum, looksOf(pages), now)
}

// read gives away the words that are kept as sum. Others may have the same: nobody writes
// to them.
func (l *Lately) read(sum digest.Digest) ([]ocr.Page, bool) {
	if l == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.words.take(sum)
}

// looked gives away what the pages look like whose words are kept as sum.
func (l *Lately) looked(sum digest.Digest) ([]look, bool) {
	if l == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looks.take(sum)
}

// A shelf keeps something of papers' pages until it is asked for. A full one takes no more:
// papers are asked for in the order in which they came, and if the oldest made room, all of
// them would be gone when their turn comes.
type shelf[T any] struct {
	held  map[digest.Digest]shelved[T]
	pages int
}

type shelved[T any] struct {
	pages []T
	times int // that it was put: papers of the same words have it in common
	at    time.Time
}

func (s *shelf[T]) put(sum digest.Digest, pages []T, now time.Time) {
	if s.pages+len(pages) > mostLately {
		for sum, k := range s.held {
			if now.Sub(k.at) > longLately {
				s.pages -= len(k.pages)
				delete(s.held, sum)
			}
		}
	}
	if k, there := s.held[sum]; there {
		s.held[sum] = shelved[T]{k.pages, k.times + 1, now}
		return
	}
	if s.pages+len(pages) > mostLately {
		return
	}
	if s.held == nil {
		s.held = map[digest.Digest]shelved[T]{}
	}
	s.held[sum] = shelved[T]{pages, 1, now}
	s.pages += len(pages)
}

func (s *shelf[T]) take(sum digest.Digest) ([]T, bool) {
	k, there := s.held[sum]
	if k.times--; k.times > 0 {
		s.held[sum] = k
	} else if there {
		s.pages -= len(k.pages)
		delete(s.held, sum)
	}
	return k.pages, there
}
