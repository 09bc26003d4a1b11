package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/ledger"
)

// olderRows lists what older programs wrote before there was a log, in the order
// in which it was done: by time, and each document's changes by version even
// where a clock had gone back.
const olderRows = `
	SELECT MAX(c.at) OVER (PARTITION BY c.document ORDER BY c.version) AS done, 0 AS place, 'move' AS kind,
		'' AS id, c.document AS document, c.version AS version, c.act AS act, c.role AS role, c.who AS who, c.at AS at,
		c.fields AS fields, c.why AS why, d.dossier AS dossier, d.slot AS slot, o.holder AS holder, d.state AS state, d.kind AS subject, '' AS entry, 0 AS amount, d.demo AS demo
	FROM changes c JOIN documents d ON d.id = c.document JOIN dossiers o ON o.code = d.dossier
	UNION ALL
	SELECT i.at, 1, 'intent', i.id, i.document, i.version, i.purpose, i.to_sign, i.signer, i.at, '', '', '', '', '', '', '', '', 0, d.demo
	FROM intents i JOIN documents d ON d.id = i.document
	UNION ALL
	SELECT e.at, 2, 'case', e.id, '', 0, e.act, '', e.who, e.at, '', '', COALESCE(e.dossier, ''), e.slot, COALESCE(o.holder, ''), '',
		COALESCE(o.procedure, ''), e.entry, e.amount, COALESCE(o.demo, 0)
	FROM events e LEFT JOIN dossiers o ON o.code = e.dossier
	ORDER BY done, place, document, version, id`

// An older row is one answer to olderRows: of an intent, act is the purpose,
// role what was to be signed and who the signer.
type older struct {
	kind, id, document, act, role, who, fields, why string
	code, slot, holder, state, subject, entry       string
	version, at, amount                             int64
	demo                                            bool
}

func scanOlder(r row) (o older, err error) {
	var done, place int64
	err = r.Scan(&done, &place, &o.kind, &o.id, &o.document, &o.version, &o.act, &o.role, &o.who, &o.at,
		&o.fields, &o.why, &o.code, &o.slot, &o.holder, &o.state, &o.subject, &o.entry, &o.amount, &o.demo)
	return o, err
}

// takeIn puts what is older than the log into it, marked as entered late. It is
// one transaction: broken off, the next start begins anew.
func (db *DB) takeIn(ctx context.Context) error {
	done, err := one(ctx, db.read, single[int64], "SELECT taken FROM log_head WHERE id = 1")
	if err != nil || done == 1 {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		// Whoever is first has the row until it is done; others find it done.
		if n, err := affected(tx.ExecContext(ctx, "UPDATE log_head SET taken = 1 WHERE id = 1 AND taken = 0")); err != nil || n == 0 {
			return err
		}
		g, err := db.grow(ctx, tx, 0)
		if err != nil {
			return err
		}
		states := map[string]dossier.State{}
		// Read beside the transaction: before a log there is no other writer.
		if _, err := all(ctx, db.read, func(r row) (struct{}, error) {
			o, err := scanOlder(r)
			if err != nil {
				return struct{}{}, err
			}
			e, err := db.olderEvent(ctx, tx, o, states)
			if err != nil {
				return struct{}{}, err
			}
			return struct{}{}, g.add(string(e.Bytes()))
		}, olderRows); err != nil {
			return err
		}
		return g.keep()
	})
}

// olderEvent is what the log says of an older row.
func (db *DB) olderEvent(ctx context.Context, tx *sql.Tx, o older, states map[string]dossier.State) (e ledger.Event, err error) {
	at := time.UnixMilli(o.at)
	switch o.kind {
	case "intent":
		i := dossier.Intent{Document: dossier.DocumentID(o.document), Version: o.version, Purpose: o.act, At: at}
		if i.ToSign, err = digest.Parse(o.role); err != nil {
			return e, err
		}
		if i.Signer, err = digest.Parse(o.who); err != nil {
			return e, err
		}
		e = intentEvent(o.id, i, o.demo)
	case "case":
		e = caseEvent(o.id, dossier.Event{Act: dossier.EventAct(o.act), Who: dossier.PersonID(o.who), At: at, Dossier: dossier.Code(o.code),
			Slot: dossier.SlotCode(o.slot), Entry: dossier.EntryID(o.entry)}, int(o.amount), o.demo)
		if dossier.EventAct(o.act) == dossier.DossierReceived {
			e.Holder, e.Subject = o.holder, o.subject
		}
	default:
		if e, err = olderMove(ctx, tx, o, states); err != nil {
			return e, err
		}
		e.ID = db.newID()
		err = commit(ctx, tx, &e, o.why, o.fields)
	}
	e.Late = true
	return e, err
}

// olderMove finds the files of an older change, and the state that it led to,
// which its row does not tell.
func olderMove(ctx context.Context, tx *sql.Tx, o older, states map[string]dossier.State) (ledger.Event, error) {
	c := dossier.Change{Document: dossier.DocumentID(o.document), Version: o.version, Act: dossier.Act(o.act), By: dossier.Role(o.role),
		Who: dossier.PersonID(o.who), At: time.UnixMilli(o.at), Made: map[dossier.Part]digest.Digest{}}
	if _, err := all(ctx, tx, func(r row) (struct{}, error) {
		var part dossier.Part
		var sum string
		if err := r.Scan(&part, &sum); err != nil {
			return struct{}{}, err
		}
		d, err := digest.Parse(sum)
		c.Made[part] = d
		return struct{}{}, err
	}, "SELECT part, digest FROM made WHERE document = $1 AND version = $2", o.document, o.version); err != nil {
		return ledger.Event{}, err
	}
	state, err := dossier.Next(states[o.document], c.Act, c.By)
	switch {
	case o.version == 0:
		if state, err = startOf(ctx, tx, o); err != nil {
			return ledger.Event{}, err
		}
	case err != nil:
		return ledger.Event{}, fmt.Errorf("older ledger of %s: version %d: %w", o.document, o.version, err)
	}
	states[o.document] = state
	e := moveEvent(c, state, o.demo)
	if o.version == 0 {
		e.Dossier, e.Slot, e.Holder, e.Subject = o.code, o.slot, o.holder, o.subject
	}
	return e, nil
}

// startOf tells the state in which a document was received by what was done
// with it next: only what came in signed is judged.
func startOf(ctx context.Context, tx *sql.Tx, o older) (dossier.State, error) {
	if dossier.State(o.state) == dossier.Presented {
		return dossier.Presented, nil
	}
	judged, err := exists(ctx, tx, `SELECT 1 FROM changes c WHERE c.document = $1 AND c.version = 1 AND (c.act IN ('verify', 'doubt')
		OR EXISTS (SELECT 1 FROM made m WHERE m.document = c.document AND m.version = 1 AND m.part = 'verdict'))`, o.document)
	if judged {
		return dossier.Presented, err
	}
	return dossier.Received, err
}
