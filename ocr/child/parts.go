package child

import (
	"syscall"
	"time"
)

// Parts is the processor time that pages took in children, by what it went to.
// Its sum is all that the children did for pages; starting them is not in it.
type Parts struct {
	Pages int64 `json:"pages"` // that were answered

	Taking  time.Duration `json:"taking"`  // the page through the pipe, and the words of the page before it back
	Pixels  time.Duration `json:"pixels"`  // out of the page's data
	Ready   time.Duration `json:"ready"`   // grey, upright, level, in even light
	Layout  time.Duration `json:"layout"`  // regions and their order
	Engine  time.Duration `json:"engine"`  // Tesseract's own calls
	Words   time.Duration `json:"words"`   // images handed to the engine, words taken out of what it says
	Codes   time.Duration `json:"codes"`   // looked for
	Proving time.Duration `json:"proving"` // the digest of data that came unproven
}

// list are the parts, in one order.
func (p *Parts) list() []*time.Duration {
	return []*time.Duration{&p.Taking, &p.Pixels, &p.Ready, &p.Layout, &p.Engine, &p.Words, &p.Codes, &p.Proving}
}

func (p *Parts) add(o Parts) {
	p.Pages += o.Pages
	more := o.list()
	for i, d := range p.list() {
		*d += *more[i]
	}
}

// Sum is all of it.
func (p Parts) Sum() (sum time.Duration) {
	for _, d := range p.list() {
		sum += *d
	}
	return sum
}

// Named is all of it by part, as JSON names them.
func (p Parts) Named() map[string]time.Duration {
	names := [...]string{"taking", "pixels", "ready", "layout", "engine", "words", "codes", "proving"}
	named := map[string]time.Duration{}
	for i, d := range p.list() {
		named[names[i]] = *d
	}
	return named
}

// A lap is a clock of processor time that says of each stretch what it was for.
type lap struct {
	spent Parts
	at    time.Duration // of the last lap
}

// to gives what was spent since the last lap to a part of l.spent.
func (l *lap) to(part *time.Duration) {
	now := processorTime()
	*part += now - l.at
	l.at = now
}

// taken returns what was spent, and begins anew.
func (l *lap) taken() Parts {
	p := l.spent
	l.spent = Parts{}
	return p
}

// processorTime returns the user and system time of this process; while the
// engine reads, nothing else here does anything.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
