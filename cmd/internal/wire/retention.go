package wire

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sohoa/dossier"
	"sohoa/storage/archive"
	"sohoa/storage/sqldb"
)

// A Retention is what a command needs to look after how long papers are kept.
type Retention struct {
	*sqldb.DB
	Keeper *archive.Keeper
}

// WithRetention calls fn with rows and files of the house in s.Data. A service
// may be working on it. A directory without a house is [os.ErrNotExist].
func WithRetention(ctx context.Context, s Settings, log io.Writer, fn func(Retention) error) error {
	return withArchive(ctx, s, func(db *sqldb.DB, main archive.Store) error {
		return fn(Retention{db, keeper(s, db, main, slog.New(slog.NewTextHandler(log, nil)))})
	})
}

// Someone returns the person with a login: acts about keeping are in somebody's
// name, and of a role.
func (r Retention) Someone(ctx context.Context, login string) (dossier.Person, error) {
	p, _, err := r.PersonByLogin(ctx, login)
	if err != nil {
		return p, fmt.Errorf("--who: %w: nobody has this login", err)
	}
	return p, nil
}

// Serving reports whether a service is at work on the house: it removes what was
// decided within seconds, also what it has at hand.
func Serving(s Settings) bool {
	held, err := lock(s.Data)
	if err != nil {
		return true
	}
	_ = held.Close()
	return false
}

// under is s with what the rules say of how long anything is kept at least: a
// store's own lock is never longer, or it would keep what the law has go.
func (s Settings) under(ctx context.Context, db *sqldb.DB) (Settings, error) {
	rules, err := db.Rules(ctx)
	s.leastKept = rules.LeastDays(s.now())
	return s, err
}

// fenced is a lock of so many days, cut to the shortest period of the rules.
func (s Settings) fenced(days int) int {
	if s.leastKept > 0 {
		return min(days, s.leastKept)
	}
	return days
}
