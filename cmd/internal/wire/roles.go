package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// A Role is what one process of a house does.
type Role string

// The roles. A process has one, several, or all.
const (
	Web     Role = "web"     // pages and the door
	Worker  Role = "worker"  // the line's stages, with children
	Sweeper Role = "sweeper" // what is done once for the whole house
)

var allRoles = []Role{Web, Worker, Sweeper}

// ReadRoles reads a list of roles with commas between them, or all.
func ReadRoles(list string) ([]Role, error) {
	if list == "" || list == "all" {
		return nil, nil
	}
	var roles []Role
	for name := range strings.SplitSeq(list, ",") {
		r := Role(strings.TrimSpace(name))
		if !slices.Contains(allRoles, r) {
			return nil, fmt.Errorf("no role is called %q: a process is all, or some of web, worker and sweeper with commas between them", name)
		}
		roles = append(roles, r)
	}
	return roles, nil
}

// Has reports whether the process has a role.
func (s Settings) Has(r Role) bool { return len(s.Roles) == 0 || slices.Contains(s.Roles, r) }

// apart reports whether the house is more than this process.
func (s Settings) apart() bool {
	return slices.ContainsFunc(allRoles, func(r Role) bool { return !s.Has(r) })
}

// checkRoles says what keeps a house from being several processes.
func (s Settings) checkRoles() error {
	if !s.apart() {
		return nil
	}
	var lacks []string
	for name, value := range map[string]string{"SOHOA_DATABASE_URL": s.Database, "SOHOA_REDIS_URL": s.RedisURL, "SOHOA_S3_ENDPOINT": s.S3.Endpoint, "SOHOA_SHARED": s.Shared} {
		if value == "" {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	slices.Sort(lacks)
	return fmt.Errorf("role %s alone: a house of several processes needs PostgreSQL, Redis, S3 and a directory of the keys that all have in common; not set: %s. Without them one process does everything (--role all)",
		joinRoles(s.Roles), strings.Join(lacks, ", "))
}

func joinRoles(roles []Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ",")
}

// SharedDir is the directory of what all processes of a house have in common: the
// ledger's keys, the roots, the development authority, the first logins.
func (s Settings) SharedDir() string { return cmp.Or(s.Shared, s.Data) }

// Alone calls do while no other process of the house does the same: what a first
// start makes is made once.
func (s Settings) Alone(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(s.SharedDir(), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.SharedDir(), "first"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // which unlocks
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return do()
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("lock of %s: %w", s.SharedDir(), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// readiness is what /readyz says: whether this process should be given work.
type readiness struct{ down atomic.Bool }

// probes answers /readyz, and of a process without pages /healthz, before pages;
// pages may be nil.
func (r *readiness) probes(pages http.Handler) http.Handler {
	if pages == nil {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
		pages = mux
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.down.Load() {
			http.Error(w, "going down", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	return mux
}
