package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/project"
	"sohoa/storage/ledger"
)

const projectColumns = "id, agency, name, shelves, decimetres, dossiers, kinds, from_day, to_day, method, level, aql, reduce, who, at, ended FROM projects"

func scanProject(r row) (p project.Project, err error) {
	var kinds string
	var reduce, at, ended int64
	err = r.Scan(&p.ID, &p.Agency, &p.Name, &p.Shelves, &p.Decimetres, &p.Dossiers, &kinds, &p.From, &p.To, &p.Method, &p.Level, &p.AQL, &reduce, &p.Who, &at, &ended)
	for _, k := range strings.Fields(kinds) {
		p.Kinds = append(p.Kinds, dossier.KindCode(k))
	}
	p.Reduce, p.At, p.Ended = reduce == 1, moment(at), sometime(ended)
	return p, err
}

// AddProject enters a project. One of an agency of the demonstration is part of it,
// whoever began it.
func (db *DB) AddProject(ctx context.Context, plan project.Plan, by account.By) (p project.Project, err error) {
	if err := plan.Check(); err != nil {
		return p, err
	}
	p = project.Project{ID: project.ID(db.newID()), Plan: plan, Who: by.Who, At: moment(db.now().UnixMilli())}
	kinds := ""
	for _, k := range plan.Kinds {
		kinds += " " + string(k) + " "
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(p.Agency)); err != nil {
			return err
		}
		for _, k := range plan.Kinds {
			if err := known(ctx, tx, "kinds", string(k)); err != nil {
				return err
			}
		}
		demo, err := exists(ctx, tx, "SELECT 1 FROM agencies WHERE code = $1 AND demo = 1", string(p.Agency))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO projects (id, agency, name, shelves, decimetres, dossiers, kinds, from_day, to_day, method, level, aql, reduce, who, at, demo)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			string(p.ID), string(p.Agency), p.Name, p.Shelves, p.Decimetres, p.Dossiers, kinds, p.From, p.To, string(p.Method), p.Level, p.AQL, truth(p.Reduce), string(p.Who), p.At.UnixMilli(), truth(demo || by.Demo)); err != nil {
			return err
		}
		return db.logProject(ctx, tx, dossier.ProjectPut, p.ID, by, ledger.Event{})
	})
	return p, named(err, "add a project")
}

// logProject writes that something was done in a project; more has what else is said.
func (db *DB) logProject(ctx context.Context, tx *sql.Tx, act dossier.ReadingAct, id project.ID, by account.By, more ledger.Event) error {
	more.Kind, more.Act, more.At = ledger.House, string(act), db.now().UnixMilli()
	more.Who, more.Role, more.Demo, more.Subject = string(by.Who), string(by.Role), by.Demo, string(id)
	return db.log(ctx, tx, more)
}

// Projects returns projects of agencies (none: of all), newest first, from the one after
// after on.
func (db *DB) Projects(ctx context.Context, agencies []dossier.AgencyCode, after project.ID, limit int) ([]project.Project, error) {
	var w where
	among(&w, agencies, "agency")
	if after != "" {
		w.and("id < %s", string(after))
	}
	found, err := all(ctx, db.read, scanProject, "SELECT "+projectColumns+w.String()+" ORDER BY id DESC"+limited(limit), w.values...)
	return found, named(err, "projects")
}

// Project returns a project of one of agencies (none: of any).
func (db *DB) Project(ctx context.Context, id project.ID, agencies []dossier.AgencyCode) (project.Project, error) {
	var w where
	w.and("id = %s", string(id))
	among(&w, agencies, "agency")
	p, err := one(ctx, db.read, scanProject, "SELECT "+projectColumns+w.String(), w.values...)
	return p, named(err, "project")
}

// EndProject ends a project: nothing more is tied to it.
func (db *DB) EndProject(ctx context.Context, id project.ID, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE projects SET ended = $1 WHERE id = $2 AND ended = 0", db.now().UnixMilli(), string(id)))
		if err != nil || n == 0 {
			return err
		}
		return db.logProject(ctx, tx, dossier.ProjectEnded, id, by, ledger.Event{})
	})
	return named(err, "end a project")
}

// running holds a project that is under way, in a transaction: another that wants it
// waits. One that has ended wraps [dossier.ErrConflict].
func running(ctx context.Context, tx *sql.Tx, id project.ID) (project.Project, error) {
	if _, err := tx.ExecContext(ctx, "UPDATE projects SET ended = ended WHERE id = $1", string(id)); err != nil {
		return project.Project{}, err
	}
	p, err := one(ctx, tx, scanProject, "SELECT "+projectColumns+" WHERE id = $1", string(id))
	if err == nil && !p.Ended.IsZero() {
		err = fmt.Errorf("%w: the project has ended", dossier.ErrConflict)
	}
	return p, err
}

// PutMember gives a person of the project's agency, or of one below it, a duty, or with
// off takes it away.
func (db *DB) PutMember(ctx context.Context, id project.ID, person dossier.PersonID, duty project.Duty, off bool, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := running(ctx, tx, id); err != nil {
			return err
		}
		if err := known2(ctx, tx, person); err != nil {
			return err
		}
		query, values := "INSERT INTO project_people (project, person, duty, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", []any{string(id), string(person), string(duty), db.now().UnixMilli()}
		if off {
			query, values = "DELETE FROM project_people WHERE project = $1 AND person = $2 AND duty = $3", values[:3]
		}
		n, err := affected(tx.ExecContext(ctx, query, values...))
		if err != nil || n == 0 {
			return err
		}
		return db.logProject(ctx, tx, dossier.ProjectTeam, id, by, ledger.Event{Entry: string(person), Purpose: string(duty)})
	})
	return named(err, "team of a project")
}

func known2(ctx context.Context, tx *sql.Tx, person dossier.PersonID) error {
	ok, err := exists(ctx, tx, "SELECT 1 FROM people WHERE id = $1", string(person))
	if err == nil && !ok {
		err = dossier.ErrNotFound
	}
	return err
}

// Members returns the team of a project.
func (db *DB) Members(ctx context.Context, id project.ID) ([]project.Member, error) {
	found, err := all(ctx, db.read, func(r row) (m project.Member, err error) {
		var since int64
		err = r.Scan(&m.Person, &m.Duty, &since)
		m.Since = moment(since)
		return m, err
	}, "SELECT person, duty, since FROM project_people WHERE project = $1 ORDER BY duty, since, person", string(id))
	return found, named(err, "team of a project")
}

// TieToProject says that a batch or an import is of a project, with all papers of it
// that entered already. What is of another project, or of another agency, wraps
// [dossier.ErrConflict]; said twice it is the same.
func (db *DB) TieToProject(ctx context.Context, id project.ID, t project.Tie, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		p, err := running(ctx, tx, id)
		if err != nil {
			return err
		}
		table := map[project.Source]string{project.Batch: "paper_batches", project.Import: "archive_imports"}[t.Source]
		if table == "" {
			return fmt.Errorf("%w: %s", dossier.ErrInvalid, t.Source)
		}
		agency, err := one(ctx, tx, single[string], "SELECT agency FROM "+table+" WHERE id = $1", t.Ref)
		if err != nil {
			return err
		}
		if agency != string(p.Agency) {
			return fmt.Errorf("%w: it is of agency %s", dossier.ErrConflict, agency)
		}
		n, err := affected(tx.ExecContext(ctx, "INSERT INTO project_ties (source, ref, project, shelf, scanner, who, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
			string(t.Source), t.Ref, string(id), t.Shelf, t.Scanner, string(by.Who), db.now().UnixMilli()))
		if err != nil {
			return err
		}
		if n == 0 {
			same, err := exists(ctx, tx, "SELECT 1 FROM project_ties WHERE source = $1 AND ref = $2 AND project = $3", string(t.Source), t.Ref, string(id))
			if err == nil && !same {
				err = fmt.Errorf("%w: it is of another project", dossier.ErrConflict)
			}
			return err
		}
		documents, err := entered(ctx, tx, t)
		if err != nil {
			return err
		}
		if err := db.paperOf(ctx, tx, t.Source, t.Ref, documents...); err != nil {
			return err
		}
		return db.logProject(ctx, tx, dossier.ProjectTied, id, by, ledger.Event{Entry: t.Ref, Purpose: string(t.Source)})
	})
	return named(err, "tie to a project")
}

// entered are the documents that a batch or an import became so far.
func entered(ctx context.Context, tx *sql.Tx, t project.Tie) ([]dossier.DocumentID, error) {
	query := "SELECT DISTINCT document FROM batch_sides WHERE batch = $1 AND document <> '' ORDER BY document"
	if t.Source == project.Import {
		query = "SELECT document FROM archive_papers WHERE import = $1 ORDER BY document"
	}
	return all(ctx, tx, single[dossier.DocumentID], query, t.Ref)
}

// paperOf enters documents of a batch or an import as papers of its project, if it has
// one, in the transaction in which they became so.
func (db *DB) paperOf(ctx context.Context, tx *sql.Tx, s project.Source, ref string, documents ...dossier.DocumentID) error {
	if len(documents) == 0 {
		return nil
	}
	p, err := one(ctx, tx, scanProject, "SELECT "+strings.Replace(projectColumns, " FROM projects", "", 1)+" FROM projects WHERE id = (SELECT project FROM project_ties WHERE source = $1 AND ref = $2)", string(s), ref)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	table := map[project.Source]string{project.Batch: "paper_batches", project.Import: "archive_imports"}[s]
	who, err := one(ctx, tx, single[string], "SELECT who FROM "+table+" WHERE id = $1", ref)
	if err != nil {
		return err
	}
	for _, id := range documents {
		if err := db.addPaper(ctx, tx, p, s, ref, who, id); err != nil {
			return err
		}
	}
	return nil
}

// addPaper enters one document, and adds it to what its person did on its day.
func (db *DB) addPaper(ctx context.Context, tx *sql.Tx, p project.Project, s project.Source, ref, who string, id dossier.DocumentID) error {
	type doc struct {
		dossier, kind   string
		pages, received int64
	}
	d, err := one(ctx, tx, func(r row) (d doc, err error) { return d, r.Scan(&d.dossier, &d.kind, &d.pages, &d.received) },
		"SELECT dossier, kind, pages, received FROM documents WHERE id = $1", string(id))
	if err != nil {
		return err
	}
	planned := len(p.Kinds) == 0
	for _, k := range p.Kinds {
		planned = planned || string(k) == d.kind
	}
	first, err := exists(ctx, tx, "SELECT 1 FROM project_papers WHERE project = $1 AND dossier = $2 AND planned = 1", string(p.ID), d.dossier)
	if err != nil {
		return err
	}
	n, err := affected(tx.ExecContext(ctx, `INSERT INTO project_papers (document, project, source, ref, dossier, who, at, planned) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`, string(id), string(p.ID), string(s), ref, d.dossier, who, d.received, truth(planned)))
	if err != nil || n == 0 || !planned {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO project_days (project, day, who, papers, pages, dossiers) VALUES ($1, $2, $3, 1, $4, $5)
		ON CONFLICT (project, day, who) DO UPDATE SET papers = project_days.papers + 1, pages = project_days.pages + excluded.pages, dossiers = project_days.dossiers + excluded.dossiers`,
		string(p.ID), moment(d.received).In(dossier.VietNam).Format(time.DateOnly), who, d.pages, truth(!first))
	return err
}

// Ties returns what is tied to a project, newest first.
func (db *DB) Ties(ctx context.Context, id project.ID, limit int) ([]project.Tie, error) {
	found, err := all(ctx, db.read, func(r row) (t project.Tie, err error) {
		var at, done int64
		err = r.Scan(&t.Source, &t.Ref, &t.Shelf, &t.Scanner, &t.Who, &at, &done)
		t.At, t.Done = moment(at), done == 1
		return t, err
	}, "SELECT t.source, t.ref, t.shelf, t.scanner, t.who, t.at, "+tieDone+" FROM project_ties t WHERE t.project = $1 ORDER BY t.at DESC, t.ref"+limited(limit), string(id))
	return found, named(err, "what is tied to a project")
}

const tieDone = `CASE WHEN t.source = 'batch' THEN (SELECT COUNT(*) FROM paper_batches b WHERE b.id = t.ref AND b.standing = 'done')
	ELSE (SELECT COUNT(*) FROM archive_imports i WHERE i.id = t.ref AND i.ended > 0) END`

// ProjectDays returns what each person did on each day.
func (db *DB) ProjectDays(ctx context.Context, id project.ID) ([]project.Day, error) {
	found, err := all(ctx, db.read, func(r row) (d project.Day, err error) {
		return d, r.Scan(&d.Day, &d.Who, &d.Papers, &d.Pages, &d.Dossiers)
	}, "SELECT day, who, papers, pages, dossiers FROM project_days WHERE project = $1 ORDER BY day, who", string(id))
	return found, named(err, "days of a project")
}

// ProjectProgress counts what is done of a project.
func (db *DB) ProjectProgress(ctx context.Context, id project.ID) (n project.Progress, err error) {
	scan := func(query string, into ...any) {
		if err == nil {
			err = db.read.QueryRowContext(ctx, query, string(id)).Scan(into...)
		}
	}
	scan(`SELECT COALESCE(SUM(CASE WHEN source = 'batch' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN source = 'batch' THEN done ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN source = 'import' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN source = 'import' THEN done ELSE 0 END), 0)
		FROM (SELECT t.source AS source, `+tieDone+` AS done FROM project_ties t WHERE t.project = $1) AS x`, &n.Batches, &n.BatchesDone, &n.Imports, &n.ImportsDone)
	scan(`SELECT COUNT(*) FROM (SELECT t.shelf FROM project_ties t WHERE t.project = $1 AND t.shelf <> '' GROUP BY t.shelf HAVING MIN(`+tieDone+`) = 1) AS x`, &n.Shelves)
	scan("SELECT COALESCE(SUM(papers), 0), COALESCE(SUM(pages), 0), COALESCE(SUM(dossiers), 0) FROM project_days WHERE project = $1", &n.Papers, &n.Pages, &n.Dossiers)
	scan("SELECT COUNT(*) FROM project_papers WHERE project = $1 AND planned = 0", &n.Others)
	scan(`SELECT COUNT(*) FROM project_entries e JOIN project_papers p ON p.document = e.document WHERE p.project = $1 AND e.turn = 2`, &n.Unsettled)
	return n, named(err, "progress of a project")
}
