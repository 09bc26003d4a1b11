package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/neighbour"
	"sohoa/storage/ledger"
)

// AskingPopulation enters a question to the population database before it is asked: who
// asks, of whom, for which purpose. Killed afterwards, it was asked and not answered. More
// than [neighbour.MostChecks] of somebody of a dossier in a day, or than perMinute of the
// house, wrap [dossier.ErrConflict].
func (db *DB) AskingPopulation(ctx context.Context, c neighbour.Check, by dossier.Role, purpose dossier.Purpose, perMinute int) (neighbour.Check, error) {
	c.ID, c.At, c.Outcome, c.Said = db.newID(), moment(db.now().UnixMilli()), neighbour.Unanswered, ""
	err := db.tx(ctx, func(tx *sql.Tx) error {
		// Whoever asks of this dossier meanwhile waits, so that the bound holds.
		demo, err := one(ctx, tx, single[bool], "UPDATE dossiers SET filled = filled WHERE code = $1 RETURNING demo", string(c.Dossier))
		if err != nil {
			return err
		}
		of, err := one(ctx, tx, single[int], "SELECT COUNT(*) FROM population_checks WHERE dossier = $1 AND holder = $2 AND at > $3", string(c.Dossier), string(c.Holder), c.At.Add(-24*time.Hour).UnixMilli())
		if err != nil {
			return err
		}
		all, err := one(ctx, tx, single[int], "SELECT COUNT(*) FROM population_checks WHERE at > $1", c.At.Add(-time.Minute).UnixMilli())
		if err != nil {
			return err
		}
		if of >= neighbour.MostChecks || all >= perMinute {
			return fmt.Errorf("%w: it was asked often enough", dossier.ErrConflict)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO population_checks (id, dossier, holder, outcome, who, at) VALUES ($1, $2, $3, $4, $5, $6)",
			c.ID, string(c.Dossier), string(c.Holder), string(c.Outcome), string(c.Who), c.At.UnixMilli()); err != nil {
			return err
		}
		return db.log(ctx, tx, populationEvent(c, dossier.PopulationAsked, by, purpose, demo))
	})
	return c, named(err, "ask the population database of %s", c.Dossier)
}

// ToldPopulation enters the outcome of a question.
func (db *DB) ToldPopulation(ctx context.Context, c neighbour.Check, by dossier.Role, purpose dossier.Purpose) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE population_checks SET outcome = $1, said = $2 WHERE id = $3", string(c.Outcome), c.Said, c.ID); err != nil {
			return err
		}
		demo, err := exists(ctx, tx, "SELECT 1 FROM dossiers WHERE code = $1 AND demo = 1", string(c.Dossier))
		if err != nil {
			return err
		}
		e := populationEvent(c, dossier.PopulationTold, by, purpose, demo)
		e.Subject, e.At = string(c.Outcome), db.now().UnixMilli()
		return db.log(ctx, tx, e)
	})
	return named(err, "what the population database said of %s", c.Dossier)
}

func populationEvent(c neighbour.Check, act dossier.ReadingAct, by dossier.Role, purpose dossier.Purpose, demo bool) ledger.Event {
	return ledger.Event{Kind: ledger.Reading, Act: string(act), At: c.At.UnixMilli(), Who: string(c.Who), Role: string(by), Dossier: string(c.Dossier), Holder: string(c.Holder),
		Purpose: string(purpose), Subject: c.ID, Demo: demo}
}

const checkColumns = "id, dossier, holder, outcome, said, who, at"

func scanCheck(r row) (c neighbour.Check, err error) {
	var at int64
	err = r.Scan(&c.ID, &c.Dossier, &c.Holder, &c.Outcome, &c.Said, &c.Who, &at)
	c.At = moment(at)
	return c, err
}

// PopulationChecks returns what was asked of people of a dossier, newest first.
func (db *DB) PopulationChecks(ctx context.Context, code dossier.Code) ([]neighbour.Check, error) {
	found, err := all(ctx, db.read, scanCheck, "SELECT "+checkColumns+" FROM population_checks WHERE dossier = $1 ORDER BY at DESC, id DESC", string(code))
	return found, named(err, "questions to the population database of %s", code)
}
