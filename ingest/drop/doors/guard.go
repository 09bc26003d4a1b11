package doors

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
)

// Accounts are those who may come in.
type Accounts interface {
	ScannerByLogin(ctx context.Context, login string) (drop.Scanner, digest.Digest, error)
}

// How often somebody may be wrong, for how long nobody is heard then, and how many
// names are remembered.
const (
	mostWrong = 5
	locked    = 15 * time.Minute
	mostNames = 10_000
)

// How many may be in at a time: in all, and from one address.
const (
	mostIn   = 64
	mostFrom = 8
)

// ErrIn: whoever it is does not come in. It does not say why.
var ErrIn = errors.New("the account, its password or key is wrong, over or locked")

// A Guard says who comes in by any of the doors.
type Guard struct {
	Accounts Accounts
	Now      func() time.Time

	mu    sync.Mutex
	wrong map[string]strikes
	in    map[string]int
	all   int
}

type strikes struct {
	n     int
	until time.Time
}

// Password lets an account in by its password.
func (g *Guard) Password(ctx context.Context, addr, login, secret string) (drop.Scanner, error) {
	if g.shut(addr, login) {
		return drop.Scanner{}, ErrIn
	}
	s, kept, err := g.Accounts.ScannerByLogin(ctx, login)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return s, err
	}
	if right := drop.SameSecret(secret, kept); err != nil || !right {
		g.strike(addr, login)
		return drop.Scanner{}, ErrIn
	}
	g.forgive(addr, login)
	return s, nil
}

// Still returns the account if it still opens doors.
func (g *Guard) Still(ctx context.Context, login string) (drop.Scanner, error) {
	s, _, err := g.Accounts.ScannerByLogin(ctx, login)
	return s, err
}

func names(addr, login string) [2]string { return [2]string{"from " + addr, "login " + login} }

func (g *Guard) shut(addr, login string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range names(addr, login) {
		if s := g.wrong[n]; s.n >= mostWrong && g.Now().Before(s.until) {
			return true
		}
	}
	return false
}

func (g *Guard) strike(addr, login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wrong == nil {
		g.wrong = map[string]strikes{}
	}
	now := g.Now()
	if len(g.wrong) >= mostNames {
		for n, s := range g.wrong {
			if now.After(s.until) || len(g.wrong) >= mostNames { // those whose time is over, and if there are none any: a flood of names must not fill memory
				delete(g.wrong, n)
			}
		}
	}
	for _, n := range names(addr, login) {
		s := g.wrong[n]
		if now.After(s.until) {
			s.n = 0
		}
		g.wrong[n] = strikes{s.n + 1, now.Add(locked)}
	}
}

func (g *Guard) forgive(addr, login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range names(addr, login) {
		delete(g.wrong, n)
	}
}

// enter counts somebody who comes from an address, if there is room; a proxy's address
// may have all of it.
func (g *Guard) enter(addr string, proxy bool) (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.in == nil {
		g.in = map[string]int{}
	}
	if g.all >= mostIn || g.in[addr] >= mostFrom && !proxy {
		return nil, false
	}
	g.all++
	g.in[addr]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.in[addr]--; g.in[addr] == 0 {
			delete(g.in, addr)
		}
	}, true
}

// hostOf is the address without its port.
func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}
