package sqldb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TakeDuties has holder do those duties of the house for d from now on for which nobody
// else's word holds, and returns them. Who has a duty says so again before d is over. Two that
// hold one at once, after one stood still, do no harm: it only saves work.
//
// A process asks for all at once: a word for each every second was most of what a house of several
// processes took while there was nothing to do.
func (db *DB) TakeDuties(ctx context.Context, names []string, holder string, d time.Duration) ([]string, error) {
	now := db.now()
	taken, err := all(ctx, db.read, single[string], "SELECT name FROM duties WHERE holder <> $1 AND until > $2", holder, now.UnixMilli())
	if err != nil {
		return nil, named(err, "duties")
	}
	free := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(taken, name) })
	if len(free) == 0 { // another does them all: nothing is written
		return nil, nil
	}
	slices.Sort(free) // two who ask at once lock the rows in one order
	args, places := []any{holder, now.Add(d).UnixMilli(), now.UnixMilli()}, []string{}
	for _, name := range free {
		args = append(args, name)
		places = append(places, fmt.Sprintf("($%d, $1, $2)", len(args)))
	}
	has, err := all(ctx, db.write, single[string], "INSERT INTO duties (name, holder, until) VALUES "+strings.Join(places, ", ")+`
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE duties.holder = excluded.holder OR duties.until <= $3 RETURNING name`, args...)
	return has, named(err, "duties")
}

// LeaveDuty lets another take a duty at once.
func (db *DB) LeaveDuty(ctx context.Context, name, holder string) error {
	_, err := db.write.ExecContext(ctx, "UPDATE duties SET until = 0 WHERE name = $1 AND holder = $2", name, holder)
	return named(err, "leave duty %s", name)
}
