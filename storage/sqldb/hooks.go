package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/hook"
	"sohoa/storage/ledger"
)

// How a delivery stands.
const (
	hookWaits = iota
	hookTold
	hookAside
	hookDropped
)

// Beginnings of what events are called.
const (
	hookMove = "vn.sohoa.document."
	hookCase = "vn.sohoa.dossier."
)

// hooksKept is how long deliveries that are over are remembered.
const hooksKept = 30 * 24 * time.Hour

// AddHook enters an address that is told what happens from now on.
func (db *DB) AddHook(ctx context.Context, h hook.Hook, by account.By) (hook.Hook, error) {
	if h.ID == "" {
		h.ID = db.newID()
	}
	h.At, h.Who = moment(db.now().UnixMilli()), by.Who
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, "agencies", string(h.Agency)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO hooks (id, url, secret, agency, why, who, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			h.ID, h.URL, h.Secret, string(h.Agency), h.Why, string(h.Who), h.At.UnixMilli()); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.PutHook), At: h.At.UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: h.ID, Demo: by.Demo})
	})
	return h, named(err, "add hook")
}

// EndHook tells an address nothing more. One that is not there, or has ended, wraps
// [dossier.ErrNotFound].
func (db *DB) EndHook(ctx context.Context, id string, by account.By) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE hooks SET ended = $1 WHERE id = $2 AND ended = 0", db.now().UnixMilli(), id))
		if err == nil && n == 0 {
			err = dossier.ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE hook_deliveries SET standing = $1 WHERE hook = $2 AND standing IN (0, 2)", hookDropped, id); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.HookEnded), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
	return named(err, "end hook")
}

// Hooks returns all addresses, newest first, with how many events wait for each and how
// many were put aside.
func (db *DB) Hooks(ctx context.Context) ([]hook.Hook, error) {
	found, err := all(ctx, db.read, func(r row) (h hook.Hook, err error) {
		var at, ended int64
		err = r.Scan(&h.ID, &h.URL, &h.Agency, &h.Why, &h.Who, &at, &ended, &h.Waiting, &h.Dead)
		h.At, h.Ended = moment(at), sometime(ended)
		return h, err
	}, `SELECT id, url, agency, why, who, at, ended,
		(SELECT COUNT(*) FROM hook_deliveries d WHERE d.hook = h.id AND d.standing = 0),
		(SELECT COUNT(*) FROM hook_deliveries d WHERE d.hook = h.id AND d.standing = 2) FROM hooks h ORDER BY at DESC, id DESC`)
	return found, named(err, "hooks")
}

// OweHooks reads the ledger on from where it was read, and enters what each address is
// owed of it: moves of documents and what was done to dossiers, of its part of the
// organisation, from when it was entered on. Where it stands and what is owed are
// written together: killed anywhere, nothing is owed twice or not at all. Several may
// do so at once.
func (db *DB) OweHooks(ctx context.Context) error {
	for {
		n := 0
		err := db.tx(ctx, func(tx *sql.Tx) (err error) {
			n, err = db.oweHooks(ctx, tx)
			return err
		})
		if err != nil || n < mostOwed {
			return named(err, "what hooks are owed")
		}
	}
}

func (db *DB) oweHooks(ctx context.Context, tx *sql.Tx) (int, error) {
	if _, err := tx.ExecContext(ctx, "DELETE FROM hook_deliveries WHERE standing IN (1, 3) AND at <= $1", db.now().Add(-hooksKept).UnixMilli()); err != nil {
		return 0, err
	}
	from, err := one(ctx, tx, single[int64], "UPDATE hook_head SET place = place WHERE id = 1 RETURNING place") // whoever reads on holds it
	if err != nil {
		return 0, err
	}
	type told struct {
		hook.Hook
		below []dossier.AgencyCode
	}
	hooks, err := all(ctx, tx, func(r row) (h told, err error) {
		var at int64
		err = r.Scan(&h.ID, &h.Agency, &at)
		h.At = moment(at)
		return h, err
	}, "SELECT id, agency, at FROM hooks WHERE ended = 0")
	if err != nil {
		return 0, err
	}
	for i := range hooks {
		if hooks[i].below, err = db.Below(ctx, hooks[i].Agency); err != nil {
			return 0, err
		}
		hooks[i].below = append(hooks[i].below, hooks[i].Agency)
	}
	events, err := all(ctx, tx, single[string], "SELECT event FROM log_events WHERE place >= $1 ORDER BY place"+limited(mostOwed), from)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	for i, text := range events {
		e, err := ledger.Parse(text)
		if err != nil {
			return 0, err
		}
		if len(hooks) == 0 || e.Kind != ledger.Move && e.Kind != ledger.Case {
			continue
		}
		d, agencies, err := ofEvent(ctx, tx, e, from+int64(i))
		if err != nil || d.Dossier == "" {
			if err != nil {
				return 0, err
			}
			continue // of the house, or of a demonstration that was removed
		}
		for _, h := range hooks {
			if h.At.After(d.At) || !slices.ContainsFunc(agencies, func(a dossier.AgencyCode) bool { return slices.Contains(h.below, a) }) {
				continue
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO hook_deliveries (hook, place, event, dossier, document, slot, act, state, version, at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (hook, place) DO NOTHING`,
				h.ID, d.Place, d.Event, string(d.Dossier), string(d.Document), string(d.Slot), d.Type, string(d.State), d.Version, d.At.UnixMilli()); err != nil {
				return 0, err
			}
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE hook_head SET place = $1 WHERE id = 1", from+int64(len(events)))
	return len(events), err
}

// ofEvent is what is told of an event, and whose dossier it is about.
func ofEvent(ctx context.Context, tx *sql.Tx, e ledger.Event, place int64) (d hook.Delivery, agencies []dossier.AgencyCode, err error) {
	found, err := all(ctx, tx, func(r row) (struct{}, error) {
		agencies = make([]dossier.AgencyCode, 2)
		return struct{}{}, r.Scan(&d.Dossier, &d.Slot, &agencies[0], &agencies[1])
	}, `SELECT o.code, COALESCE(d.slot, ''), o.receiving, o.competent FROM dossiers o LEFT JOIN documents d ON d.dossier = o.code AND d.id = $1
		WHERE o.code = COALESCE((SELECT dossier FROM documents WHERE id = $1), $2)`, e.Document, e.Dossier)
	if err != nil || len(found) == 0 {
		return hook.Delivery{}, nil, err
	}
	d.Place, d.Event, d.Document, d.State, d.Version, d.At = place, e.ID, dossier.DocumentID(e.Document), dossier.State(e.State), e.Version, moment(e.At)
	if d.Type = hookMove + e.Act; e.Kind == ledger.Case {
		d.Type, d.Slot = hookCase+e.Act, dossier.SlotCode(e.Slot)
	}
	return d, agencies, nil
}

const deliveryOf = "d.hook, d.place, d.event, d.act, d.dossier, d.document, d.slot, d.state, d.version, d.at, d.tries, d.next, d.said, d.standing, h.url, h.secret FROM hook_deliveries d JOIN hooks h ON h.id = d.hook"

func scanHookDelivery(r row) (d hook.Delivery, err error) {
	var at, next int64
	var standing int
	err = r.Scan(&d.Hook, &d.Place, &d.Event, &d.Type, &d.Dossier, &d.Document, &d.Slot, &d.State, &d.Version, &at, &d.Tries, &next, &d.Said, &standing, &d.URL, &d.Secret)
	d.At, d.Next, d.Dead = moment(at), sometime(next), standing == hookAside
	return d, err
}

// DueHooks returns what is to be told now, in the ledger's order: of each dossier and
// address the first that is open, if it waits and its time has come.
func (db *DB) DueHooks(ctx context.Context, limit int) ([]hook.Delivery, error) {
	found, err := all(ctx, db.read, scanHookDelivery, "SELECT "+deliveryOf+` WHERE d.standing = 0 AND d.next <= $1 AND h.ended = 0
		AND NOT EXISTS (SELECT 1 FROM hook_deliveries b WHERE b.hook = d.hook AND b.dossier = d.dossier AND b.place < d.place AND b.standing IN (0, 2))
		ORDER BY d.place, d.hook`+limited(limit), db.now().UnixMilli())
	return found, named(err, "hooks that are due")
}

// DeadHooks returns what was put aside, oldest first.
func (db *DB) DeadHooks(ctx context.Context, limit int) ([]hook.Delivery, error) {
	found, err := all(ctx, db.read, scanHookDelivery, "SELECT "+deliveryOf+" WHERE d.standing = 2 ORDER BY d.place, d.hook"+limited(limit))
	return found, named(err, "hooks that were put aside")
}

// Told enters that an event was taken.
func (db *DB) Told(ctx context.Context, d hook.Delivery) error {
	_, err := db.write.ExecContext(ctx, "UPDATE hook_deliveries SET standing = 1, said = '' WHERE hook = $1 AND place = $2 AND standing = 0", d.Hook, d.Place)
	return named(err, "told")
}

// NotTold enters that a try failed, and when the next one is; or that it is put aside.
func (db *DB) NotTold(ctx context.Context, d hook.Delivery) error {
	standing := hookWaits
	if d.Dead {
		standing = hookAside
	}
	_, err := db.write.ExecContext(ctx, "UPDATE hook_deliveries SET standing = $1, tries = $2, next = $3, said = $4 WHERE hook = $5 AND place = $6 AND standing = 0",
		standing, d.Tries, d.Next.UnixMilli(), d.Said, d.Hook, d.Place)
	return named(err, "not told")
}

// ReplayHook lets an event that was put aside be tried again at once, or with drop
// leaves it out for good: then what comes after it goes on.
func (db *DB) ReplayHook(ctx context.Context, id string, place int64, drop bool, by account.By) error {
	act, standing := dossier.HookReplayed, hookWaits
	if drop {
		act, standing = dossier.HookDropped, hookDropped
	}
	err := db.tx(ctx, func(tx *sql.Tx) error {
		event, err := one(ctx, tx, single[string], "UPDATE hook_deliveries SET standing = $1, tries = 0, next = 0 WHERE hook = $2 AND place = $3 AND standing = 2 RETURNING event", standing, id, place)
		if err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: event, Demo: by.Demo})
	})
	return named(err, "replay %s", fmt.Sprint(id, " ", place))
}
