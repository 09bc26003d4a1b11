package web

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// throttle slows guessing at passwords down: failures count per login and place,
// and per place over all logins. A place is an address, or a browser in which the
// person with that login logged in before. Nobody's failures count at another
// place: who is guessed at by others gets in all the same.
type throttle struct {
	now      func() time.Time
	perLogin int           // failures of one login at one place before it waits
	perPlace int           // failures at one place
	forgiven time.Duration // in which one is forgiven

	mu    sync.Mutex
	fails map[string]failures
}

type failures struct {
	n    int
	last time.Time
}

// Numbers of the throttle at the door.
const (
	failsPerLogin   = 5
	failsPerAddress = 50
	forgiven        = 30 * time.Second
	mostKeys        = 10_000 // what a flood of made-up logins may cost in memory
)

// Numbers of the throttle of codes, which has one place a person: six digits are
// guessed in a year's tries of one in five minutes with a chance of one in three.
const (
	failsPerCode  = 10
	codesForgiven = 5 * time.Minute
)

// wrongPhones is how many invitations that are not there a place may ask for at once.
const wrongPhones = 500

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, perLogin: failsPerLogin, perPlace: failsPerAddress, forgiven: forgiven, fails: map[string]failures{}}
}

func newCodeThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, perLogin: failsPerCode, perPlace: failsPerCode, forgiven: codesForgiven, fails: map[string]failures{}}
}

// newFileThrottle is of files that strangers want judged: each counts, whatever comes
// of it.
func newFileThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, perLogin: strangersFiles, perPlace: strangersFiles, forgiven: fileForgiven, fails: map[string]failures{}}
}

// newPhoneThrottle is of invitations that are asked for and are not there. Nobody guesses
// one of 130 bits; it bounds what asking costs, and keeps no office's other phones out.
func newPhoneThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, perLogin: wrongPhones, perPlace: wrongPhones, forgiven: time.Second, fails: map[string]failures{}}
}

// placeOf is the place of an address: of IPv6 its network of 64 bits, since that is
// what one person has (RFC 6177 section 2).
func placeOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// ready reports whether a try may be made now.
func (t *throttle) ready(login, place string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.left(place+"\x00"+login) < t.perLogin && t.left(place) < t.perPlace
}

// failed counts a failure.
func (t *throttle) failed(login, place string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fails)+2 > mostKeys {
		t.sweep()
	}
	for _, key := range []string{place + "\x00" + login, place} {
		t.fails[key] = failures{t.left(key) + 1, t.now()}
	}
}

// worked forgets the failures of a login that was then right.
func (t *throttle) worked(login, place string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.fails, place+"\x00"+login)
}

// left is the number of failures not forgiven yet.
func (t *throttle) left(key string) int {
	f := t.fails[key]
	return max(0, f.n-int(t.now().Sub(f.last)/t.forgiven))
}

// sweep forgets the forgiven; if most are fresh, those with the fewest failures,
// of these the oldest, until half is left. So it is done once in some thousand
// failures, and what is blocked stays so the longest.
func (t *throttle) sweep() {
	for key := range t.fails {
		if t.left(key) == 0 {
			delete(t.fails, key)
		}
	}
	if len(t.fails) <= mostKeys/2 {
		return
	}
	keys := slices.SortedFunc(maps.Keys(t.fails), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.left(a), t.left(b)), t.fails[a].last.Compare(t.fails[b].last))
	})
	for _, key := range keys[:len(keys)-mostKeys/2] {
		delete(t.fails, key)
	}
}
