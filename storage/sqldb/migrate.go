package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"sohoa/dossier/notice"
	"sohoa/dossier/retention"
)

// A Step is one change of the tables from a version to the next.
type Step struct {
	Version int64  `json:"version"`
	Name    string `json:"name"` // of its file
	Applied bool   `json:"applied"`
	Back    bool   `json:"back"` // it may be taken back, if nothing is lost by it
}

// ErrStep: the tables cannot be taken back so far.
var ErrStep = errors.New("the tables are not taken back")

// A loss is what taking a step back would drop: how many rows, and of what.
type loss struct{ of, count string }

// back lists the steps that may be taken back, and what must be nothing before:
// what people put there, what a program of before would not keep to, and what the
// log tells of rows that would be gone. The rest is made anew. A step that is not
// here has no way back: a backup has.
var back = map[int64][]loss{
	62: nil,
	65: {{"counts of pages that are captured twice", "SELECT COUNT(*) FROM events WHERE act = 'decided' AND entry LIKE '%+%'"}},
	66: nil,
	71: {{"acts on records of holders", "SELECT COUNT(*) FROM record_acts"},
		{"days of birth of holders", "SELECT COUNT(*) FROM holders WHERE born <> ''"},
		{"areas in which an entry of a record is valid", "SELECT COUNT(*) FROM entries WHERE scope <> ''"}},
	72: {{"norms that somebody added", "SELECT COUNT(*) FROM norms WHERE who <> '" + string(retention.Program) + "'"},
		{"rules of keeping by code, which a program of before does not follow", "SELECT COUNT(*) FROM retention_rules WHERE kind LIKE '#%'"}},
	73: {{"codes of results with numbers in turn", `SELECT COUNT(*) FROM result_codes c JOIN documents d ON d.id = c.document JOIN norms n ON n.id = c.norm
		WHERE n.said LIKE '%{n}%' AND EXISTS (SELECT 1 FROM documents o JOIN result_codes x ON x.document = o.id JOIN norms m ON m.id = x.norm
			WHERE o.dossier = d.dossier AND o.id <> d.id AND m.said LIKE '%{n}%')`}}, // others are made again from the same paper
	74: {{"receipts of the national portal", "SELECT COUNT(*) FROM deliveries WHERE sent > 0 OR receipt <> ''"}},
	75: {{"settings of agencies in the line", "SELECT COUNT(*) FROM line_shares WHERE weight <> 10 OR paused <> 0 OR rate <> 0"},
		{"papers in another lane than the ordinary one", "SELECT COUNT(*) FROM documents WHERE lane <> 2 AND state NOT IN ('archived', 'refused')"},
		{"halts of papers, which nobody could end; requeue them", fmt.Sprintf("SELECT COUNT(*) FROM documents WHERE next_try = %d", int64(never))}},
	76: {{"pages that are read and not joined", "SELECT COUNT(*) FROM page_work WHERE result IS NOT NULL"}},
	77: nil,
	79: {{"locks of people, who could log in again", "SELECT COUNT(*) FROM people WHERE locked <> 0"},
		{"first passwords that must be changed", "SELECT COUNT(*) FROM people WHERE first <> 0"}},
	80: {{"second factors of people", "SELECT COUNT(*) FROM factors WHERE since > 0"}},
	81: {{"delegations", "SELECT COUNT(*) FROM delegations"},
		{"openings of dossiers out of turn", "SELECT COUNT(*) FROM broken_glass"}},
	84: nil,
	86: nil,
	87: {{"renewed reports of closed months", "SELECT COUNT(*) FROM closing_renewals"}},
	88: nil,
	90: {{"accounts of programs", "SELECT COUNT(*) FROM people WHERE service <> 0"},
		{"keys of programs", "SELECT COUNT(*) FROM api_keys"}},
	91:  nil, // answers are kept a day, and a job says what its document does
	92:  {{"addresses that are told what happens", "SELECT COUNT(*) FROM hooks"}},
	95:  {{"accounts of scanners", "SELECT COUNT(*) FROM scanners"}, {"files that scanners brought", "SELECT COUNT(*) FROM drops"}},
	97:  {{"batches of paper", "SELECT COUNT(*) FROM paper_batches"}},
	100: {{"archives that were taken over, or are", "SELECT COUNT(*) FROM archive_imports"}},
	103: {{"passkeys of people", "SELECT COUNT(*) FROM passkeys"}},
	114: {{"addresses at which programs are told that a job is over", "SELECT COUNT(*) FROM api_callbacks WHERE standing = 0"}},
	104: {{"people as a provider knows them", "SELECT COUNT(*) FROM identities"}},
	105: nil,
	106: {{"evidence beside the signatures of closed months", "SELECT COUNT(*) FROM closing_renewals WHERE evidence <> ''"}},
	107: {{"originals that were let go of", "SELECT COUNT(*) FROM disposed_originals"}},
	118: nil,
	117: {{"classes of paper that are closed to somebody", "SELECT COUNT(*) FROM restrictions"}},
	121: nil,
	116: {{"ratings by citizens", "SELECT COUNT(*) FROM ratings"}},
	111: {{"people who are told how their dossier stands", "SELECT COUNT(*) FROM notice_contacts"},
		{"wordings of notices", "SELECT COUNT(*) FROM notice_templates WHERE who <> '" + notice.Program + "'"},
		{"ways into neighbours that cannot be made again", "SELECT COUNT(*) FROM neighbours WHERE kept <> ''"}},
	108: {{"backlog projects", "SELECT COUNT(*) FROM projects"}},
	113: {{"accounts that fees are paid to", "SELECT COUNT(*) FROM pay_accounts"},
		{"fees of procedures", "SELECT COUNT(*) FROM procedure_fees"}},
	119: {{"versions of procedures that are past", "SELECT COUNT(*) FROM procedure_versions"},
		{"differences with the national database that somebody decided on", "SELECT COUNT(*) FROM national_orders"}},
	120: {{"questions to the population database", "SELECT COUNT(*) FROM population_checks"}},
	112: {{"dossiers that a one-stop system told of", "SELECT COUNT(*) FROM onestop_dossiers"}},
	124: nil,
	126: nil, // looked for again
	129: nil,
	130: nil,
}

// steps are the changes of the tables of one engine.
func steps(db *sql.DB, postgres bool) (*goose.Provider, error) {
	files, folder, dialect := migrations, "migrations/sqlite", goose.DialectSQLite3
	if postgres {
		files, folder, dialect = postgresMigrations, "migrations/postgres", goose.DialectPostgres
	}
	dir, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, dir, goose.WithDisableGlobalRegistry(true))
}

// Steps returns all changes of the tables that this program knows, and which of
// them the database has. It changes nothing but that a database without any gets
// the table that says so.
func (at At) Steps(ctx context.Context) (list []Step, err error) {
	err = at.stepping(ctx, func(p *goose.Provider, _ *sql.DB) error {
		found, err := p.Status(ctx)
		for _, s := range found {
			_, may := back[s.Source.Version]
			list = append(list, Step{Version: s.Source.Version, Name: filepath.Base(s.Source.Path), Applied: s.State == goose.StateApplied, Back: may})
		}
		return err
	})
	return list, named(err, "steps of the tables")
}

// Up brings the tables up to date, as opening them does. Services of older
// programs may be working on them.
func (at At) Up(ctx context.Context) error {
	return named(at.stepping(ctx, func(p *goose.Provider, _ *sql.DB) error { return up(ctx, p) }), "tables")
}

// DownTo takes steps back until the tables have a version. It refuses with
// [ErrStep], and changes nothing, if one of the steps has no way back or would
// drop what somebody put there, or if a service is working on the database. Of
// SQLite the caller holds the data directory's lock.
func (at At) DownTo(ctx context.Context, version int64) error {
	err := at.stepping(ctx, func(p *goose.Provider, db *sql.DB) error {
		have, want, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if have > want || version < 1 || version > have {
			return fmt.Errorf("%w: they have version %d, this program knows %d, and %d is asked for", ErrStep, have, want, version)
		}
		if at.Address != "" {
			alone := false
			conn, err := db.Conn(ctx) // its lock ends with it
			if err != nil {
				return err
			}
			defer conn.Close()
			if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", inhabited).Scan(&alone); err != nil {
				return err
			}
			if !alone {
				return fmt.Errorf("%w: a service is working on them; stop all of them first", ErrStep)
			}
			defer func() {
				_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1, hashtext(current_schema()))", inhabited)
			}()
		}
		if err := losesNothing(ctx, p, db, version); err != nil {
			return err
		}
		_, err = p.DownTo(ctx, version)
		return err
	})
	return named(err, "tables back to version %d", version)
}

// losesNothing looks at every step above a version.
func losesNothing(ctx context.Context, p *goose.Provider, db *sql.DB, version int64) error {
	found, err := p.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range found {
		if s.Source.Version <= version || s.State != goose.StateApplied {
			continue
		}
		losses, may := back[s.Source.Version]
		if !may {
			return fmt.Errorf("%w: step %d (%s) has no way back; restore a backup of before it", ErrStep, s.Source.Version, filepath.Base(s.Source.Path))
		}
		for _, l := range losses {
			n, err := one(ctx, db, single[int64], l.count)
			if err != nil {
				return err
			}
			if n > 0 {
				return fmt.Errorf("%w: step %d would lose %d %s", ErrStep, s.Source.Version, n, l.of)
			}
		}
	}
	return nil
}

// stepping calls do with the steps of a database while nobody else takes any.
func (at At) stepping(ctx context.Context, do func(*goose.Provider, *sql.DB) error) (err error) {
	var db *sql.DB
	alone := func(do func() error) error { return do() }
	if at.Address != "" {
		config, err := pgx.ParseConfig(at.Address)
		if err != nil {
			return errAddress
		}
		db = stdlib.OpenDB(*config)
		alone = func(do func() error) error { return migratingAlone(ctx, db, do) }
	} else {
		if _, err := os.Stat(at.Path); err != nil {
			return err
		}
		unlock, err := lock(ctx, at.Path+"-lock")
		if err != nil {
			return err
		}
		defer unlock()
		if db, err = sql.Open("sqlite", address(at.Path, false)); err != nil {
			return err
		}
		db.SetMaxOpenConns(1)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return alone(func() error {
		p, err := steps(db, at.Address != "")
		if err != nil {
			return err
		}
		return do(p, db)
	})
}
