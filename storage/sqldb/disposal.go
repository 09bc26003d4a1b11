package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/dossier/retention"
	"sohoa/storage/ledger"
)

// Propose proposes to dispose of a document whose time is over now. What is not
// to go yet, is held, or was proposed already is a [*retention.Refusal].
func (db *DB) Propose(ctx context.Context, d retention.Deed) (retention.Deed, error) {
	d.Act = retention.Propose
	if err := mayDo(d); err != nil {
		return d, err
	}
	err := db.retaining(ctx, func(tx *sql.Tx) error {
		s, err := db.standing(ctx, tx, d.Document, db.now())
		if err != nil {
			return err
		}
		if no := s.Refuse(db.now()); no != nil {
			return no
		}
		if s.Proposed != "" {
			return fmt.Errorf("%w: it is proposed already, and waits for an answer", dossier.ErrConflict)
		}
		d.Dossier, d.Holder, d.Refers, d.Demo = s.Dossier, s.Holder, s.Rule.ID, s.Demo
		d, err = db.do(ctx, tx, d)
		return err
	})
	return d, named(err, "propose to dispose of %s", d.Document)
}

// Decide answers the proposal that d refers to: with Approve the document is
// disposed of, from this moment on, and its bytes have to leave every store; with
// Refuse it stays. All is looked at again: who proposed, the rules, holds, and
// who uses the paper again.
func (db *DB) Decide(ctx context.Context, d retention.Deed) (retention.Deed, error) {
	if d.Act != retention.Approve && d.Act != retention.Refuse {
		return d, fmt.Errorf("decide: %w: %q is no answer", dossier.ErrInvalid, d.Act)
	}
	if err := mayDo(d); err != nil {
		return d, err
	}
	err := db.retaining(ctx, func(tx *sql.Tx) error {
		p, err := unanswered(ctx, tx, d.Refers, retention.Propose)
		if err != nil {
			return err
		}
		if d.Act == retention.Approve && p.Who == d.Who {
			return retention.Same()
		}
		d.Document, d.Dossier, d.Holder, d.Demo = p.Document, p.Dossier, p.Holder, p.Demo
		if d, err = db.do(ctx, tx, d); err != nil || d.Act == retention.Refuse {
			return err
		}
		return db.dispose(ctx, tx, p, d)
	})
	return d, named(err, "decide on the disposal of %s", d.Document)
}

// dispose takes a document out of what is kept. The row of the document is
// locked by it, so that whoever would use it again sees this, or is seen.
func (db *DB) dispose(ctx context.Context, tx *sql.Tx, p, d retention.Deed) error {
	if _, err := tx.ExecContext(ctx, "UPDATE documents SET disposed = disposed WHERE id = $1", string(d.Document)); err != nil {
		return err
	}
	s, err := db.standing(ctx, tx, d.Document, d.At)
	if err != nil {
		return err
	}
	if no := s.Refuse(d.At); no != nil {
		return no
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO disposals (document, approval, rule, until, proposer, approver, at, demo) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(d.Document), d.ID, s.Rule.ID, dayOf(s.Until().AddDate(0, 0, -1)), string(p.Who), string(d.Who), d.At.UnixMilli(), flag(d.Demo)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE documents SET disposed = $1, proof_until = 0, proof_by = '', trouble = '', trouble_since = 0 WHERE id = $2",
		d.At.UnixMilli(), string(d.Document)); err != nil {
		return err
	}
	if err := unbring(ctx, tx, d.Document); err != nil {
		return err
	}
	sums, err := all(ctx, tx, scanSum, "SELECT digest FROM made WHERE document = $1 UNION SELECT sum FROM disposed_originals WHERE document = $1 ORDER BY 1", string(d.Document))
	if err != nil {
		return err
	}
	free, err := unnamed(ctx, tx, sums)
	if err != nil {
		return err
	}
	for _, sum := range free {
		if err := letGo(ctx, tx, sum, d.At); err != nil {
			return err
		}
	}
	return nil
}

// A brought file is one that a document was made of before there was a document.
type brought struct {
	batch, drop, sum string
	number           int
}

// broughtFor are the files that were brought for a document $1 and for nothing that is
// still kept: those of a batch whose pages all went into documents that were disposed
// of; and drops, of such a batch, or that were laid out for its place before it came
// and for no living document that came sooner.
const broughtFor = `WITH spent AS (SELECT f.batch, f.number, f.digest FROM batch_files f WHERE f.digest <> ''
		AND EXISTS (SELECT 1 FROM batch_sides s WHERE s.document = $1 AND s.batch = f.batch AND s.file = f.number)
		AND NOT EXISTS (SELECT 1 FROM batch_sides s LEFT JOIN documents o ON o.id = s.document
			WHERE s.batch = f.batch AND s.file = f.number AND s.becomes = 'page' AND (o.id IS NULL OR o.disposed = 0)))
	SELECT batch, number, '', digest FROM spent
	UNION ALL SELECT '', 0, r.id, r.digest FROM drops r JOIN spent x ON x.batch = r.batch AND x.digest = r.digest
	UNION ALL SELECT '', 0, r.id, r.digest FROM documents d JOIN drops r ON r.dossier = d.dossier AND r.slot = d.slot
		WHERE d.id = $1 AND r.dossier <> '' AND r.batch IS NULL AND r.digest <> '' AND r.at <= d.received
		AND NOT EXISTS (SELECT 1 FROM documents o WHERE o.dossier = d.dossier AND o.slot = d.slot AND o.disposed = 0
			AND o.received >= r.at AND o.received < d.received)
	ORDER BY 4, 1, 2, 3`

// unbring takes their names from the files that were brought for a document, and
// writes down which they were: they leave with it. What people called them goes too.
func unbring(ctx context.Context, tx *sql.Tx, id dossier.DocumentID) error {
	list, err := all(ctx, tx, func(r row) (b brought, err error) { return b, r.Scan(&b.batch, &b.number, &b.drop, &b.sum) }, broughtFor, string(id))
	if err != nil {
		return err
	}
	n, last := 0, ""
	for _, b := range list {
		if b.sum != last {
			n, last = n+1, b.sum
			if _, err := tx.ExecContext(ctx, "INSERT INTO disposed_originals (document, part, sum) VALUES ($1, $2, $3)", string(id), fmt.Sprintf("brought-%d", n), b.sum); err != nil {
				return err
			}
		}
		if b.drop != "" {
			_, err = tx.ExecContext(ctx, "UPDATE drops SET state = 'discarded', code = 'disposed', digest = '', name = '' WHERE id = $1", b.drop)
		} else {
			_, err = tx.ExecContext(ctx, "UPDATE batch_files SET digest = '', name = '' WHERE batch = $1 AND number = $2", b.batch, b.number)
			if err == nil {
				err = forgetSides(ctx, tx, "batch = $1 AND file = $2", b.batch, b.number) // whatever was left out too
			}
		}
		if err != nil {
			return err
		}
	}
	if err := forgetPagePrints(ctx, tx, id); err != nil {
		return err
	}
	return forgetSides(ctx, tx, "document = $1 AND document <> ''", string(id))
}

func scanSum(r row) (digest.Digest, error) {
	var s string
	if err := r.Scan(&s); err != nil {
		return digest.Digest{}, err
	}
	return digest.Parse(s)
}

// letGo takes a file off the lists of what the stores have, and puts it on that
// of what has to leave them.
func letGo(ctx context.Context, tx *sql.Tx, sum digest.Digest, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO disposed_bytes (store, digest, state, was, at, next, said)
		SELECT s.store, CAST($1 AS TEXT), 'due', COALESCE(h.state, ''), CAST($2 AS BIGINT), 0, '' FROM (SELECT 'main' AS store UNION ALL SELECT 'second') s
		LEFT JOIN holdings h ON h.store = s.store AND h.digest = $1
		WHERE 1 = 1
		ON CONFLICT (store, digest) DO UPDATE SET state = 'due', was = excluded.was, at = excluded.at, next = 0, said = ''`,
		sum.String(), at.UnixMilli()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM holdings WHERE digest = $1", sum.String())
	return err
}

// cameBack has bytes leave a store again that left it before, and reports
// whether they are such bytes: a mending that was under way, a backup that was
// copied back.
func (db *DB) cameBack(ctx context.Context, tx *sql.Tx, store fixity.Store, sum digest.Digest, at time.Time) (bool, error) {
	n, err := affected(tx.ExecContext(ctx, "UPDATE disposed_bytes SET state = 'due', was = 'kept', at = CASE WHEN state = 'gone' THEN $3 ELSE at END WHERE store = $1 AND digest = $2",
		string(store), sum.String(), at.UnixMilli()))
	if err != nil || n > 0 {
		return n > 0, err
	}
	// A house that was put together again from a backup may have lost the list.
	n, err = affected(tx.ExecContext(ctx, `INSERT INTO disposed_bytes (store, digest, state, was, at, next, said)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), 'due', 'kept', CAST($3 AS BIGINT), 0, '' FROM (SELECT 1 AS one) x
		WHERE (EXISTS (SELECT 1 FROM made m JOIN documents d ON d.id = m.document WHERE m.digest = $2 AND d.disposed <> 0)
			OR EXISTS (SELECT 1 FROM disposed_originals WHERE sum = $2))
		AND NOT EXISTS (SELECT 1 FROM named_files WHERE digest = $2)`,
		string(store), sum.String(), at.UnixMilli()))
	return n > 0, err
}

const leavingColumns = "store, digest, was, said, at, next"

func scanLeaving(r row) (l retention.Leaving, err error) {
	var sum string
	var at, next int64
	if err := r.Scan(&l.Store, &sum, &l.Was, &l.Said, &at, &next); err != nil {
		return l, err
	}
	l.Since, l.Next = moment(at), sometime(next)
	l.Digest, err = digest.Parse(sum)
	return l, err
}

// Leaving returns up to n files that have to leave a store and may be tried at a
// time; 0: all.
func (db *DB) Leaving(ctx context.Context, at time.Time, n int) ([]retention.Leaving, error) {
	found, err := all(ctx, db.read, scanLeaving, "SELECT "+leavingColumns+" FROM disposed_bytes WHERE state <> 'gone' AND next <= $1 ORDER BY next, digest, store"+limited(n), at.UnixMilli())
	return found, named(err, "what has to leave the stores")
}

// Go takes a file for its removal, and reports whether it may go: not if another
// record has named the same bytes since. From then on none can, until [DB.Went].
func (db *DB) Go(ctx context.Context, l retention.Leaving) (ok bool, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE disposed_bytes SET state = 'going', at = $3 WHERE store = $1 AND digest = $2 AND state <> 'gone'",
			string(l.Store), l.Digest.String(), db.now().UnixMilli()))
		if err != nil || n == 0 {
			return err
		}
		free, err := unnamed(ctx, tx, []digest.Digest{l.Digest})
		if err != nil {
			return err
		}
		if ok = len(free) > 0; !ok {
			_, err = tx.ExecContext(ctx, "DELETE FROM disposed_bytes WHERE digest = $1", l.Digest.String())
		}
		return err
	})
	return ok && err == nil, named(err, "take %s for its removal", l.Digest)
}

// Went writes that the bytes are gone from a store, with a trace.
func (db *DB) Went(ctx context.Context, l retention.Leaving, f fixity.Finding) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE disposed_bytes SET state = 'gone', said = '', at = $3 WHERE store = $1 AND digest = $2 AND state = 'going'",
			string(l.Store), l.Digest.String(), f.At.UnixMilli()))
		if err != nil || n == 0 {
			return err
		}
		return db.found(ctx, tx, f)
	})
	return named(err, "write that %s is gone", l.Digest)
}

// Stayed writes why the bytes are still in a store, and when to try again.
func (db *DB) Stayed(ctx context.Context, l retention.Leaving) error {
	_, err := db.write.ExecContext(ctx, "UPDATE disposed_bytes SET state = 'due', said = $3, next = $4 WHERE store = $1 AND digest = $2 AND state <> 'gone'",
		string(l.Store), l.Digest.String(), l.Said, l.Next.UnixMilli())
	return named(err, "write that %s is still there", l.Digest)
}

// Certify writes the certificates of all disposals whose bytes are gone from
// every store, and returns how many that were.
func (db *DB) Certify(ctx context.Context) (done int, err error) {
	ready, err := all(ctx, db.read, single[dossier.DocumentID], `SELECT p.document FROM disposals p WHERE p.certificate = ''
		AND NOT EXISTS (SELECT 1 FROM made m JOIN disposed_bytes b ON b.digest = m.digest WHERE m.document = p.document AND b.state <> 'gone')
		AND NOT EXISTS (SELECT 1 FROM disposed_originals m JOIN disposed_bytes b ON b.digest = m.sum WHERE m.document = p.document AND b.state <> 'gone')
		ORDER BY p.at, p.document`)
	if err != nil {
		return 0, named(err, "disposals to be certified")
	}
	for _, id := range ready {
		if err := db.tx(ctx, func(tx *sql.Tx) error { return db.certify(ctx, tx, id) }); err != nil {
			return done, fmt.Errorf("certify the disposal of %s: %w", id, err)
		}
		done++
	}
	return done, nil
}

// certify writes one certificate: an event, and the same in the rows.
func (db *DB) certify(ctx context.Context, tx *sql.Tx, id dossier.DocumentID) error {
	e, waits := ledger.Event{ID: db.newID(), Kind: ledger.Retention, Act: string(retention.Destroyed), At: db.now().UnixMilli(), Document: string(id)}, false
	n, err := affected(tx.ExecContext(ctx, "UPDATE disposals SET certificate = $1, certified = $2 WHERE document = $3 AND certificate = ''", e.ID, e.At, e.Document))
	if err != nil || n == 0 { // another one was faster
		return err
	}
	x, err := disposalOf(ctx, tx, id)
	if err != nil {
		return err
	}
	free := map[digest.Digest]bool{}
	for _, f := range x.Files {
		still, err := unnamed(ctx, tx, []digest.Digest{f.Sum})
		if err != nil {
			return err
		}
		free[f.Sum] = len(still) > 0
		waits, err = exists(ctx, tx, "SELECT 1 FROM disposed_bytes WHERE digest = $1 AND state <> 'gone'", f.Sum.String())
		if err != nil || waits {
			return errors.Join(err, dossier.ErrConflict) // came back meanwhile: nothing is written
		}
	}
	for _, f := range x.Files {
		fate := retention.Stays
		if free[f.Sum] {
			fate = retention.Gone
			e.Made = append(e.Made, ledger.Made{Part: string(f.Part), Sum: f.Sum.String()})
		} else {
			e.Amount++
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO disposal_files (document, part, sum, fate) VALUES ($1, $2, $3, $4)",
			e.Document, string(f.Part), f.Sum.String(), string(fate)); err != nil {
			return err
		}
	}
	e.Dossier, e.Holder, e.Subject, e.Law, e.Demo = string(x.Dossier), string(x.Holder), x.Rule.ID, x.Rule.Cites(), x.demo
	e.Who, e.Proposer = string(x.Approver), string(x.Proposer)
	return db.log(ctx, tx, e)
}

// A disposed is a disposal with what the ledger says besides.
type disposed struct {
	retention.Disposal
	demo bool
}

// disposalOf reads the disposal of a document.
func disposalOf(ctx context.Context, a asker, id dossier.DocumentID) (x disposed, err error) {
	var rule, until string
	var at, proposed, certified int64
	x.Document = id
	if _, err = one(ctx, a, func(r row) (struct{}, error) {
		return struct{}{}, r.Scan(&x.Dossier, &x.Holder, &rule, &until, &x.Proposer, &x.Approver, &proposed, &at, &x.Certificate, &certified, &x.demo)
	}, `SELECT d.dossier, o.holder, p.rule, p.until, p.proposer, p.approver, q.at, p.at, p.certificate, p.certified, p.demo
		FROM disposals p JOIN documents d ON d.id = p.document JOIN dossiers o ON o.code = d.dossier
		JOIN retention_acts a ON a.id = p.approval JOIN retention_acts q ON q.id = a.refers WHERE p.document = $1`, string(id)); err != nil {
		return x, err
	}
	x.At, x.Proposed, x.Certified = moment(at), moment(proposed), sometime(certified)
	if x.Until, err = time.ParseInLocation(time.DateOnly, until, dossier.VietNam); err != nil {
		return x, err
	}
	if x.Rule, err = one(ctx, a, scanRule, "SELECT "+ruleColumns+" FROM retention_rules WHERE id = $1", rule); err != nil {
		return x, err
	}
	x.Files, err = all(ctx, a, func(r row) (f retention.File, err error) {
		var sum string
		if err := r.Scan(&f.Part, &sum, &f.Fate); err != nil {
			return f, err
		}
		f.Sum, err = digest.Parse(sum)
		return f, err
	}, `SELECT m.part, m.digest, COALESCE(f.fate, '') FROM (SELECT document, part, digest FROM made UNION ALL SELECT document, part, sum FROM disposed_originals) m LEFT JOIN disposal_files f ON f.document = m.document AND f.part = m.part
		WHERE m.document = $1 ORDER BY m.part`, string(id))
	return x, err
}

// Disposal returns how a document was disposed of; [dossier.ErrNotFound] if it
// was not.
func (db *DB) Disposal(ctx context.Context, id dossier.DocumentID) (retention.Disposal, error) {
	x, err := disposalOf(ctx, db.read, id)
	if err == nil && x.Certificate == "" {
		x.Waits, err = all(ctx, db.read, scanLeaving, "SELECT "+leavingColumns+` FROM disposed_bytes b WHERE b.state <> 'gone'
			AND (EXISTS (SELECT 1 FROM made m WHERE m.document = $1 AND m.digest = b.digest) OR EXISTS (SELECT 1 FROM disposed_originals m WHERE m.document = $1 AND m.sum = b.digest)) ORDER BY digest, store`, string(id))
	}
	return x.Disposal, named(err, "disposal of %s", id)
}
