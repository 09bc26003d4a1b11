package sqldb

import (
	"context"
	"time"
)

// TakeDuty has holder do a duty of the house for d from now on, if nobody else's
// word for it holds, and reports whether holder has it. Who has it says so again
// before d is over. Two that hold a duty at once, after one stood still, do no
// harm: it only saves work.
func (db *DB) TakeDuty(ctx context.Context, name, holder string, d time.Duration) (bool, error) {
	now := db.now()
	taken, err := exists(ctx, db.read, "SELECT 1 FROM duties WHERE name = $1 AND holder <> $2 AND until > $3", name, holder, now.UnixMilli())
	if err != nil || taken { // most of the time: nothing is written
		return false, named(err, "duty %s", name)
	}
	n, err := affected(db.write.ExecContext(ctx, `INSERT INTO duties (name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE duties.holder = excluded.holder OR duties.until <= $4`, name, holder, now.Add(d).UnixMilli(), now.UnixMilli()))
	return n == 1, named(err, "duty %s", name)
}

// LeaveDuty lets another take a duty at once.
func (db *DB) LeaveDuty(ctx context.Context, name, holder string) error {
	_, err := db.write.ExecContext(ctx, "UPDATE duties SET until = 0 WHERE name = $1 AND holder = $2", name, holder)
	return named(err, "leave duty %s", name)
}
