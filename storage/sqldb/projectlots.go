package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
	"sohoa/storage/ledger"
)

// CloseLot makes a lot of the papers of a project that are in none, the most of them
// first brought. Which of them are looked at is drawn afterwards ([DB.DrawLot]). While a
// lot before it is not judged, or inspection is stopped (ISO 2859-1 9.4), the error
// wraps [dossier.ErrConflict].
func (db *DB) CloseLot(ctx context.Context, id project.ID, most int, by account.By) (l project.Lot, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		p, err := running(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Method != project.Sample {
			return fmt.Errorf("%w: the project's papers are typed twice", dossier.ErrConflict)
		}
		lots, err := lotsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if n := len(lots); n > 0 && lots[n-1].Rounds[0].Verdict == sampling.Open {
			return fmt.Errorf("%w: lot %d is not judged", dossier.ErrConflict, n)
		}
		if project.Standing(p.Plan, lots).Stopped {
			return project.ErrStopped
		}
		papers, err := all(ctx, tx, single[dossier.DocumentID], "SELECT document FROM project_papers WHERE project = $1 AND lot = 0 AND planned = 1 ORDER BY document"+limited(most), string(id))
		if err != nil {
			return err
		}
		if len(papers) == 0 {
			return fmt.Errorf("%w: there are no papers for a lot", dossier.ErrConflict)
		}
		l = project.Lot{Project: id, Number: len(lots) + 1, Size: len(papers), Sum: project.SumOf(papers), Who: by.Who, At: moment(db.now().UnixMilli())}
		if _, err := tx.ExecContext(ctx, "INSERT INTO project_lots (project, number, size, sum, who, at) VALUES ($1, $2, $3, $4, $5, $6)",
			string(id), l.Number, l.Size, l.Sum.String(), string(l.Who), l.At.UnixMilli()); err != nil {
			return err
		}
		for _, d := range papers {
			if _, err := tx.ExecContext(ctx, "UPDATE project_papers SET lot = $1 WHERE document = $2", l.Number, string(d)); err != nil {
				return err
			}
		}
		return db.beginRound(ctx, tx, p, l, lots, by)
	})
	return l, named(err, "close a lot")
}

// beginRound enters that a lot is shown, for the first time or again.
func (db *DB) beginRound(ctx context.Context, tx *sql.Tx, p project.Project, l project.Lot, before []project.Lot, by account.By) error {
	plan, err := project.PlanOf(p.Plan, l.Size, before, len(l.Rounds) > 0)
	if err != nil {
		return err
	}
	behind, err := one(ctx, tx, single[int64], "SELECT size FROM log_head WHERE id = 1")
	if err != nil {
		return err
	}
	event := db.newID()
	if _, err := tx.ExecContext(ctx, `INSERT INTO lot_rounds (project, lot, number, severity, letter, level, aql, n, accept, reject, event, behind)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		string(p.ID), l.Number, len(l.Rounds)+1, string(plan.Severity), plan.Letter, p.Level, plan.AQL, plan.N, plan.Accept, plan.Reject, event, behind); err != nil {
		return err
	}
	return db.logProject(ctx, tx, dossier.LotClosed, p.ID, by, ledger.Event{ID: event, Amount: int64(l.Number), Sum: l.Sum.String()})
}

// DrawLot draws the sample of a lot's newest round, if that is not done: by the root of
// the ledger as it was when the round's event got its place. Whoever asks first draws;
// everybody draws the same.
func (db *DB) DrawLot(ctx context.Context, id project.ID, number int) error {
	l, err := db.Lot(ctx, id, number)
	if err != nil || l.Last().Place >= 0 {
		return err
	}
	if _, err := db.NumberEvents(ctx); err != nil {
		return err
	}
	r := l.Last()
	behind, err := one(ctx, db.read, single[int64], "SELECT behind FROM lot_rounds WHERE project = $1 AND lot = $2 AND number = $3", string(id), number, r.Number)
	if err != nil {
		return named(err, "draw a lot")
	}
	place, err := one(ctx, db.read, single[int64], "SELECT place FROM log_events WHERE place >= $1 AND event LIKE $2 ORDER BY place LIMIT 1", behind, `%"id":"`+r.Event+`"%`)
	if err != nil {
		return named(err, "event of a lot")
	}
	root, err := db.LogRoot(ctx, place+1)
	if err != nil {
		return err
	}
	papers, err := db.lotPapers(ctx, id, number)
	if err != nil {
		return err
	}
	if project.SumOf(papers) != l.Sum {
		return fmt.Errorf("lot %d of project %s: its papers are not those that it was closed with", number, id)
	}
	seed := project.SeedOf(root, l.Sum)
	picks, err := project.Drawn(seed, papers, r.N)
	if err != nil {
		return err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE lot_rounds SET place = $1, seed = $2 WHERE project = $3 AND lot = $4 AND number = $5 AND place < 0", place, seed, string(id), number, r.Number))
		if err != nil || n == 0 {
			return err
		}
		for _, d := range picks {
			if _, err := tx.ExecContext(ctx, "INSERT INTO lot_picks (project, lot, round, document) VALUES ($1, $2, $3, $4)", string(id), number, r.Number, string(d)); err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "draw a lot")
}

func (db *DB) lotPapers(ctx context.Context, id project.ID, number int) ([]dossier.DocumentID, error) {
	found, err := all(ctx, db.read, single[dossier.DocumentID], "SELECT document FROM project_papers WHERE project = $1 AND lot = $2 ORDER BY document", string(id), number)
	return found, named(err, "papers of a lot")
}

// Lots returns the lots of a project, oldest first, with their rounds.
func (db *DB) Lots(ctx context.Context, id project.ID) ([]project.Lot, error) {
	found, err := lotsOf(ctx, db.read, id)
	return found, named(err, "lots of a project")
}

// Lot returns one lot.
func (db *DB) Lot(ctx context.Context, id project.ID, number int) (project.Lot, error) {
	all, err := db.Lots(ctx, id)
	if err == nil && (number < 1 || number > len(all)) {
		err = dossier.ErrNotFound
	}
	if err != nil {
		return project.Lot{}, err
	}
	return all[number-1], nil
}

func lotsOf(ctx context.Context, a asker, id project.ID) ([]project.Lot, error) {
	lots, err := all(ctx, a, func(r row) (l project.Lot, err error) {
		var sum string
		var at int64
		if err := r.Scan(&l.Project, &l.Number, &l.Size, &sum, &l.Who, &at, &l.Redone); err != nil {
			return l, err
		}
		l.At = moment(at)
		l.Sum, err = digest.Parse(sum)
		return l, err
	}, `SELECT l.project, l.number, l.size, l.sum, l.who, l.at, (SELECT COUNT(*) FROM project_papers p WHERE p.project = l.project AND p.lot = l.number AND p.redone <> '')
		FROM project_lots l WHERE l.project = $1 ORDER BY l.number`, string(id))
	if err != nil {
		return nil, err
	}
	type numbered struct {
		lot int
		project.Round
	}
	rounds, err := all(ctx, a, func(r row) (x numbered, err error) {
		var judged int64
		err = r.Scan(&x.lot, &x.Number, &x.Severity, &x.Letter, &x.Level, &x.AQL, &x.N, &x.Accept, &x.Reject, &x.Event, &x.Place, &x.Seed, &x.Verdict, &judged, &x.Checked, &x.Nonconforming)
		x.Judged = sometime(judged)
		return x, err
	}, `SELECT r.lot, r.number, r.severity, r.letter, r.level, r.aql, r.n, r.accept, r.reject, r.event, r.place, r.seed, r.verdict, r.judged,
			(SELECT COUNT(*) FROM lot_picks k WHERE k.project = r.project AND k.lot = r.lot AND k.round = r.number AND k.who <> ''),
			(SELECT COUNT(*) FROM lot_picks k WHERE k.project = r.project AND k.lot = r.lot AND k.round = r.number AND k.flaws <> '')
		FROM lot_rounds r WHERE r.project = $1 ORDER BY r.lot, r.number`, string(id))
	for _, r := range rounds {
		lots[r.lot-1].Rounds = append(lots[r.lot-1].Rounds, r.Round)
	}
	return lots, err
}

const pickColumns = `k.document, p.dossier, p.who, p.at, t.scanner, p.redone, k.who, k.at, k.flaws
	FROM lot_picks k JOIN project_papers p ON p.document = k.document JOIN project_ties t ON t.source = p.source AND t.ref = p.ref`

func scanPick(r row) (p project.Pick, err error) {
	var at, checked int64
	var redone, flaws string
	err = r.Scan(&p.Document, &p.Dossier, &p.Who, &at, &p.Scanner, &redone, &p.Checker, &checked, &flaws)
	p.At, p.Checked, p.Redone = moment(at), sometime(checked), redone != ""
	for _, f := range strings.Fields(flaws) {
		p.Flaws = append(p.Flaws, project.Flaw(f))
	}
	return p, err
}

// Picks returns the sample of a round, in the order of the papers' ids.
func (db *DB) Picks(ctx context.Context, id project.ID, lot, round int) ([]project.Pick, error) {
	found, err := all(ctx, db.read, scanPick, "SELECT "+pickColumns+" WHERE k.project = $1 AND k.lot = $2 AND k.round = $3 ORDER BY k.document", string(id), lot, round)
	return found, named(err, "sample of a lot")
}

// AllPicks returns all papers of a project that were looked at in samples.
func (db *DB) AllPicks(ctx context.Context, id project.ID) ([]project.Pick, error) {
	found, err := all(ctx, db.read, scanPick, "SELECT "+pickColumns+" WHERE k.project = $1 AND k.who <> '' ORDER BY k.lot, k.round, k.document", string(id))
	return found, named(err, "samples of a project")
}

// CheckPaper writes what somebody found in a paper of a lot's newest round, and judges
// the lot if that decides it. Who brought the paper, or is not of the team that checks,
// wraps [dossier.ErrForbidden]; a round that is judged, [dossier.ErrConflict].
func (db *DB) CheckPaper(ctx context.Context, id project.ID, lot int, document dossier.DocumentID, flaws []project.Flaw, by account.By) (verdict sampling.Verdict, err error) {
	said := ""
	for _, f := range flaws {
		if !slices.Contains(project.Flaws[:], f) {
			return "", fmt.Errorf("%w: %s", dossier.ErrInvalid, f)
		}
		said += " " + string(f)
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := running(ctx, tx, id); err != nil {
			return err
		}
		if err := onDuty(ctx, tx, id, by.Who, project.Check); err != nil {
			return err
		}
		lots, err := lotsOf(ctx, tx, id)
		if err != nil || lot < 1 || lot > len(lots) {
			return firstOf(err, dossier.ErrNotFound)
		}
		r := lots[lot-1].Last()
		if r.Verdict != sampling.Open {
			return fmt.Errorf("%w: the lot is judged", dossier.ErrConflict)
		}
		brought, err := one(ctx, tx, single[dossier.PersonID], `SELECT p.who FROM lot_picks k JOIN project_papers p ON p.document = k.document
			WHERE k.project = $1 AND k.lot = $2 AND k.round = $3 AND k.document = $4`, string(id), lot, r.Number, string(document))
		if err != nil {
			return err
		}
		if brought == by.Who {
			return project.ErrOwnPaper
		}
		if _, err := tx.ExecContext(ctx, "UPDATE lot_picks SET who = $1, at = $2, flaws = $3 WHERE project = $4 AND lot = $5 AND round = $6 AND document = $7",
			string(by.Who), db.now().UnixMilli(), strings.TrimSpace(said), string(id), lot, r.Number, string(document)); err != nil {
			return err
		}
		verdict, err = db.judge(ctx, tx, id, lot, by)
		return err
	})
	return verdict, named(err, "check a paper")
}

func onDuty(ctx context.Context, tx *sql.Tx, id project.ID, who dossier.PersonID, duty project.Duty) error {
	ok, err := exists(ctx, tx, "SELECT 1 FROM project_people WHERE project = $1 AND person = $2 AND duty = $3", string(id), string(who), string(duty))
	if err == nil && !ok {
		err = project.ErrNotOnTeam
	}
	return err
}

// judge judges the newest round of a lot, once.
func (db *DB) judge(ctx context.Context, tx *sql.Tx, id project.ID, lot int, by account.By) (sampling.Verdict, error) {
	lots, err := lotsOf(ctx, tx, id)
	if err != nil {
		return "", err
	}
	l := lots[lot-1]
	r := l.Last()
	verdict := r.Judge(r.Checked, r.Nonconforming)
	if verdict == sampling.Open {
		return verdict, nil
	}
	if _, err := tx.ExecContext(ctx, "UPDATE lot_rounds SET verdict = $1, judged = $2 WHERE project = $3 AND lot = $4 AND number = $5",
		string(verdict), db.now().UnixMilli(), string(id), lot, r.Number); err != nil {
		return "", err
	}
	if verdict == sampling.Rejected { // whatever was done anew before does not count for this time
		if _, err := tx.ExecContext(ctx, "UPDATE project_papers SET redone = '' WHERE project = $1 AND lot = $2", string(id), lot); err != nil {
			return "", err
		}
	}
	return verdict, db.logProject(ctx, tx, dossier.LotJudged, id, by, ledger.Event{Amount: int64(lot), Purpose: string(verdict), Sum: l.Sum.String()})
}

// RedoPapers writes that somebody looked at papers of a rejected lot anew, and mended
// what was wrong; and when all of them were, shows the lot again.
func (db *DB) RedoPapers(ctx context.Context, id project.ID, lot int, documents []dossier.DocumentID, by account.By) (again bool, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		p, err := running(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := onDuty(ctx, tx, id, by.Who, project.Bring); err != nil {
			return err
		}
		lots, err := lotsOf(ctx, tx, id)
		if err != nil || lot < 1 || lot > len(lots) {
			return firstOf(err, dossier.ErrNotFound)
		}
		if lots[lot-1].Last().Verdict != sampling.Rejected {
			return fmt.Errorf("%w: the lot is not rejected", dossier.ErrConflict)
		}
		done := 0
		for _, d := range documents {
			n, err := affected(tx.ExecContext(ctx, "UPDATE project_papers SET redone = $1 WHERE project = $2 AND lot = $3 AND document = $4 AND redone = ''", string(by.Who), string(id), lot, string(d)))
			if err != nil {
				return err
			}
			done += n
		}
		if done > 0 {
			if err := db.logProject(ctx, tx, dossier.LotRedone, id, by, ledger.Event{Amount: int64(lot), Sum: project.SumOf(documents).String()}); err != nil {
				return err
			}
		}
		if lots, err = lotsOf(ctx, tx, id); err != nil {
			return err
		}
		if again = lots[lot-1].Again(); !again {
			return nil
		}
		return db.beginRound(ctx, tx, p, lots[lot-1], lots[:lot-1], by)
	})
	return again, named(err, "redo papers")
}

// LotPapers returns papers of a lot behind one, in the order of their ids, of a rejected
// lot those that are not done anew.
func (db *DB) LotPapers(ctx context.Context, id project.ID, lot int, open bool, after dossier.DocumentID, limit int) ([]project.Paper, error) {
	more := ""
	if open {
		more = " AND p.redone = ''"
	}
	found, err := all(ctx, db.read, func(r row) (p project.Paper, err error) {
		var at int64
		var redone string
		err = r.Scan(&p.Document, &p.Dossier, &p.Who, &at, &p.Scanner, &redone)
		p.At, p.Redone = moment(at), redone != ""
		return p, err
	}, `SELECT p.document, p.dossier, p.who, p.at, t.scanner, p.redone FROM project_papers p JOIN project_ties t ON t.source = p.source AND t.ref = p.ref
		WHERE p.project = $1 AND p.lot = $2 AND p.document > $3`+more+` ORDER BY p.document`+limited(limit), string(id), lot, string(after))
	return found, named(err, "papers of a lot")
}
