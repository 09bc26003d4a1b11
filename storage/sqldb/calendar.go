package sqldb

import (
	"context"
	"database/sql"

	"sohoa/dossier"
)

// Calendar returns the days on which offices do otherwise, in their order.
func (db *DB) Calendar(ctx context.Context) (dossier.Calendar, error) {
	found, err := all(ctx, db.read, func(r row) (d dossier.CalendarDay, err error) {
		err = r.Scan(&d.Day, &d.Since, &d.Working, &d.Name)
		return d, err
	}, "SELECT day, since, working, name FROM calendar ORDER BY day, since")
	return found, named(err, "calendar")
}

func (db *DB) importCalendar(ctx context.Context, tx *sql.Tx, days dossier.Calendar, who dossier.PersonID) error {
	for _, d := range days {
		if _, err := tx.ExecContext(ctx, `INSERT INTO calendar (day, since, working, name) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, since) DO UPDATE SET working = excluded.working, name = excluded.name`, d.Day, d.Since, flag(d.Working), d.Name); err != nil {
			return err
		}
		if err := db.logPutting(ctx, tx, dossier.PutDay, d.Day, who, false); err != nil {
			return err
		}
	}
	return nil
}
