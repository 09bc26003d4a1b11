package jail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// An Ending is how a child came to its end, in a few words that never change:
// they are labels of figures.
type Ending string

// The endings of children.
const (
	EndDone    Ending = "done"
	EndRefused Ending = "refused" // its own word about what it was given
	EndTime    Ending = "time"    // the caps: CPU or wall time
	EndMemory  Ending = "memory"
	EndOutput  Ending = "output"
	EndCrash   Ending = "crash"
	EndCalled  Ending = "called-off" // whoever started it did not wait any longer
)

// Endings are all of them.
var Endings = [...]Ending{EndDone, EndRefused, EndTime, EndMemory, EndOutput, EndCrash, EndCalled}

// A Tally counts the children of one name that this process started.
type Tally struct {
	Started int64
	Ended   map[Ending]int64
	CPU     time.Duration // user and system time of those that ended
}

var tallies = struct {
	sync.Mutex
	of map[string]*Tally
}{of: map[string]*Tally{}}

// Tallies returns how many children this process has started, and how they ended,
// by name: those of [Main]'s map, and "exec" for outside programs.
func Tallies() map[string]Tally {
	tallies.Lock()
	defer tallies.Unlock()
	all := map[string]Tally{}
	for name, t := range tallies.of {
		ended := map[Ending]int64{}
		for how, n := range t.Ended {
			ended[how] = n
		}
		all[name] = Tally{Started: t.Started, Ended: ended, CPU: t.CPU}
	}
	return all
}

func tallied(name string, with func(*Tally)) {
	tallies.Lock()
	defer tallies.Unlock()
	t := tallies.of[name]
	if t == nil {
		t = &Tally{Ended: map[Ending]int64{}}
		tallies.of[name] = t
	}
	with(t)
}

// endingOf words how Wait says a child ended.
func endingOf(err error) Ending {
	var r *Refusal
	switch {
	case err == nil:
		return EndDone
	case errors.As(err, &r):
		return EndRefused
	case errors.Is(err, ErrTime):
		return EndTime
	case errors.Is(err, ErrMemory):
		return EndMemory
	case errors.Is(err, ErrOutput):
		return EndOutput
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return EndCalled
	}
	return EndCrash
}
