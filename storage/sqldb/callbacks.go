package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/hook"
)

const callbackOf = `c.job, j.document, d.state, d.version, d.changed, CASE WHEN d.state = 'refused' THEN c.failed ELSE c.url END, k.secret, c.tries, c.next, c.said, c.standing
	FROM api_callbacks c JOIN api_jobs j ON j.id = c.job JOIN documents d ON d.id = j.document JOIN api_keys k ON k.id = c.key`

func scanCallback(r row) (c hook.Callback, err error) {
	var changed, next int64
	var standing int
	err = r.Scan(&c.Job, &c.Document, &c.State, &c.Version, &changed, &c.URL, &c.Key, &c.Tries, &next, &c.Said, &standing)
	c.Changed, c.Next, c.Taken, c.Dead = moment(changed), sometime(next), standing == hookTold, standing == hookAside
	return c, err
}

// machines are the states in which the machine has something to do, quoted.
var machines = func() string {
	var list []string
	for _, s := range dossier.States() {
		if _, due := dossier.Due(s); due {
			list = append(list, "'"+string(s)+"'")
		}
	}
	return strings.Join(list, ", ")
}()

// DueCallbacks returns whose jobs are over and who has not been told, as far as their time
// to be tried has come.
func (db *DB) DueCallbacks(ctx context.Context, limit int) ([]hook.Callback, error) {
	found, err := all(ctx, db.read, scanCallback, "SELECT "+callbackOf+` WHERE c.standing = 0 AND c.next <= $1 AND d.state NOT IN (`+machines+`)
		ORDER BY c.next, c.job`+limited(limit), db.now().UnixMilli())
	return found, named(err, "callbacks that are due")
}

// CalledBack enters what became of a try: it was taken, or when the next one is.
func (db *DB) CalledBack(ctx context.Context, c hook.Callback) error {
	standing := hookWaits
	switch {
	case c.Taken:
		standing = hookTold
	case c.Dead:
		standing = hookAside
	}
	var next int64
	if !c.Next.IsZero() {
		next = c.Next.UnixMilli()
	}
	_, err := db.write.ExecContext(ctx, "UPDATE api_callbacks SET standing = $1, tries = $2, next = $3, said = $4 WHERE job = $5 AND standing = 0", standing, c.Tries, next, c.Said, c.Job)
	return named(err, "called back")
}

// Callback returns how a job's callback stands; of one without the error is
// [dossier.ErrNotFound].
func (db *DB) Callback(ctx context.Context, job string) (hook.Callback, error) {
	c, err := one(ctx, db.read, scanCallback, "SELECT "+callbackOf+" WHERE c.job = $1", job)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		err = fmt.Errorf("callback: %w", err)
	}
	return c, err
}
