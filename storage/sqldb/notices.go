package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/storage/ledger"
)

// addressKept is how long after a dossier is resolved it is known where people wanted to
// be told of it.
const addressKept = 30 * 24 * time.Hour

// AddContact notes that somebody agreed to be told of a dossier, and that they are told
// that it was received. A dossier that is resolved, or an address that is told already,
// wraps [dossier.ErrConflict].
func (db *DB) AddContact(ctx context.Context, c notice.Contact, by account.By) (notice.Contact, error) {
	if c.ID == "" {
		c.ID = db.newID()
	}
	c.At, c.Who = moment(db.now().UnixMilli()), by.Who
	err := db.tx(ctx, func(tx *sql.Tx) error {
		d, err := one(ctx, tx, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d WHERE d.code = $1", string(c.Dossier))
		if err != nil {
			return err
		}
		if !d.Resolved.IsZero() {
			return fmt.Errorf("%w: the dossier is resolved", dossier.ErrConflict)
		}
		if there, err := exists(ctx, tx, "SELECT 1 FROM notice_contacts WHERE dossier = $1 AND channel = $2 AND shown = $3 AND ended = 0", string(c.Dossier), string(c.Channel), c.Shown); err != nil || there {
			return errors.Join(err, fmt.Errorf("%w: an address that looks the same is told already", dossier.ErrConflict))
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO notice_contacts (id, dossier, channel, address, shown, lang, token, who, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, c.ID, string(c.Dossier), string(c.Channel), c.Address, c.Shown, c.Lang, c.Token, string(c.Who), c.At.UnixMilli()); err != nil {
			return err
		}
		if err := db.tell(ctx, tx, c.ID, notice.Received, string(notice.Received), c.At); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.PutContact), At: c.At.UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: c.ID, Demo: d.Demo})
	})
	return c, named(err, "add contact")
}

// tell enters that a contact is told something; once of each thing.
func (db *DB) tell(ctx context.Context, tx *sql.Tx, contact string, kind notice.Kind, about string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO notices (id, contact, kind, about, at, changed) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (contact, about) DO NOTHING`,
		db.newID(), contact, string(kind), about, at.UnixMilli(), db.now().UnixMilli())
	return err
}

// TellContacts enters that all contacts of a dossier are told something, once of each
// thing. It returns how many contacts there are.
func (db *DB) TellContacts(ctx context.Context, code dossier.Code, kind notice.Kind, about string) (n int, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		n, err = db.tellAll(ctx, tx, code, kind, about, db.now())
		return err
	})
	return n, named(err, "tell contacts of %s", code)
}

func (db *DB) tellAll(ctx context.Context, tx *sql.Tx, code dossier.Code, kind notice.Kind, about string, at time.Time) (int, error) {
	ids, err := all(ctx, tx, single[string], "SELECT id FROM notice_contacts WHERE dossier = $1 AND ended = 0 AND at <= $2 ORDER BY id", string(code), at.UnixMilli())
	for _, id := range ids {
		if err == nil {
			err = db.tell(ctx, tx, id, kind, about, at)
		}
	}
	return len(ids), err
}

// EndContact tells a contact of a dossier nothing more. What waits is left out, and
// where they are is forgotten.
func (db *DB) EndContact(ctx context.Context, code dossier.Code, id string, by account.By) error {
	return db.endContact(ctx, "id = $3 AND dossier = $4", string(by.Who), by, id, string(code))
}

// StopByLink is EndContact by whoever has the token of a contact. One who was told
// nothing more already is no error.
func (db *DB) StopByLink(ctx context.Context, token string) error {
	c, err := db.ContactByToken(ctx, token)
	if err != nil || !c.Ended.IsZero() {
		return err
	}
	return db.endContact(ctx, "id = $3", notice.ByLink, account.By{Who: notice.ByLink}, c.ID)
}

func (db *DB) endContact(ctx context.Context, which, endedBy string, by account.By, values ...any) error {
	now := db.now().UnixMilli()
	err := db.tx(ctx, func(tx *sql.Tx) error {
		id, err := one(ctx, tx, single[string], "UPDATE notice_contacts SET ended = $1, ended_by = $2, address = '' WHERE "+which+" AND ended = 0 RETURNING id", append([]any{now, endedBy}, values...)...)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE notices SET standing = $1, changed = $2 WHERE contact = $3 AND standing IN ($4, $5)", notice.Dropped, now, id, notice.Waiting, notice.Aside); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.ContactEnded), At: now, Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
	return named(err, "end contact")
}

const contactColumns = "c.id, c.dossier, c.channel, c.address, c.shown, c.lang, c.token, c.who, c.at, c.ended, c.ended_by"

func contactInto(c *notice.Contact, at, ended *int64) []any {
	return []any{&c.ID, &c.Dossier, &c.Channel, &c.Address, &c.Shown, &c.Lang, &c.Token, &c.Who, at, ended, &c.EndedBy}
}

func scanContact(r row) (c notice.Contact, err error) {
	var at, ended int64
	err = r.Scan(contactInto(&c, &at, &ended)...)
	c.At, c.Ended = moment(at), sometime(ended)
	return c, err
}

// Contacts returns who is or was told of a dossier, oldest first.
func (db *DB) Contacts(ctx context.Context, code dossier.Code) ([]notice.Contact, error) {
	found, err := all(ctx, db.read, scanContact, "SELECT "+contactColumns+" FROM notice_contacts c WHERE c.dossier = $1 ORDER BY c.at, c.id", string(code))
	return found, named(err, "contacts of %s", code)
}

// ContactByToken returns the contact that a link of a notice is of.
func (db *DB) ContactByToken(ctx context.Context, token string) (notice.Contact, error) {
	c, err := one(ctx, db.read, scanContact, "SELECT "+contactColumns+" FROM notice_contacts c WHERE c.token = $1", token)
	return c, named(err, "contact by its link")
}

const noticeColumns = "n.id, n.contact, c.dossier, c.channel, n.kind, n.about, n.standing, n.tries, n.next, n.said, n.remote, n.at, n.changed"

func noticeInto(n *notice.Notice, next, at, changed *int64) []any {
	return []any{&n.ID, &n.Contact, &n.Dossier, &n.Channel, &n.Kind, &n.Key, &n.Standing, &n.Tries, next, &n.Said, &n.Remote, at, changed}
}

func scanNotice(r row) (n notice.Notice, err error) {
	var next, at, changed int64
	err = r.Scan(noticeInto(&n, &next, &at, &changed)...)
	n.Next, n.At, n.Changed = sometime(next), moment(at), moment(changed)
	return n, err
}

// Notices returns what contacts of a dossier are told, oldest first.
func (db *DB) Notices(ctx context.Context, code dossier.Code) ([]notice.Notice, error) {
	found, err := all(ctx, db.read, scanNotice, "SELECT "+noticeColumns+" FROM notices n JOIN notice_contacts c ON c.id = n.contact WHERE c.dossier = $1 ORDER BY n.at, n.id", string(code))
	return found, named(err, "notices of %s", code)
}

// NoticesAside returns notices that were put aside, oldest first, after the notice with
// an id; empty: from the first.
func (db *DB) NoticesAside(ctx context.Context, after string, limit int) ([]notice.Notice, error) {
	found, err := all(ctx, db.read, scanNotice, "SELECT "+noticeColumns+" FROM notices n JOIN notice_contacts c ON c.id = n.contact WHERE n.standing = "+strconv.Itoa(int(notice.Aside))+" AND n.id > $1 ORDER BY n.id"+limited(limit), after)
	return found, named(err, "notices that were put aside")
}

// NoticeCounts returns how many notices of a channel wait and how many were put aside.
func (db *DB) NoticeCounts(ctx context.Context, channel notice.Channel) (waiting, aside int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN n.standing = 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN n.standing = 3 THEN 1 ELSE 0 END), 0)
		FROM notices n JOIN notice_contacts c ON c.id = n.contact WHERE n.standing IN (0, 3) AND c.channel = $1`, string(channel)).Scan(&waiting, &aside)
	return waiting, aside, named(err, "count notices")
}

// ReplayNotice lets a notice that was put aside be tried again at once, or with drop
// leaves it out.
func (db *DB) ReplayNotice(ctx context.Context, id string, drop bool, by account.By) error {
	act, standing := dossier.NoticeReplayed, notice.Waiting
	if drop {
		act, standing = dossier.NoticeDropped, notice.Dropped
	}
	now := db.now().UnixMilli()
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, single[string], "UPDATE notices SET standing = $1, tries = 0, next = 0, changed = $2 WHERE id = $3 AND standing = $4 RETURNING id", standing, now, id, notice.Aside); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: now, Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
	return named(err, "replay notice")
}

// OweNotices reads the ledger on from where it was read, and enters what contacts are
// told of it: a result that is archived with its signature, a dossier that is resolved.
// What was entered and where it stands are written together. Where people are is
// forgotten some time after their dossier is resolved.
func (db *DB) OweNotices(ctx context.Context) error {
	for {
		n := 0
		err := db.tx(ctx, func(tx *sql.Tx) (err error) {
			n, err = db.oweNotices(ctx, tx)
			return err
		})
		if err != nil || n < mostOwed {
			return named(err, "what people are told")
		}
	}
}

func (db *DB) oweNotices(ctx context.Context, tx *sql.Tx) (int, error) {
	if _, err := tx.ExecContext(ctx, `UPDATE notice_contacts SET address = '' WHERE address <> '' AND dossier IN (SELECT code FROM dossiers WHERE resolved <= $1)
		AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.contact = notice_contacts.id AND n.standing = 0)`, db.now().Add(-addressKept).UnixMilli()); err != nil {
		return 0, err
	}
	from, err := one(ctx, tx, single[int64], "UPDATE notice_head SET place = place WHERE id = 1 RETURNING place") // whoever reads on holds it
	if err != nil {
		return 0, err
	}
	events, err := all(ctx, tx, single[string], "SELECT event FROM log_events WHERE place >= $1 ORDER BY place"+limited(mostOwed), from)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	for _, text := range events {
		e, err := ledger.Parse(text)
		if err != nil {
			return 0, err
		}
		switch {
		case e.Kind == ledger.Case && e.Act == string(dossier.DossierResolved):
			_, err = db.tellAll(ctx, tx, dossier.Code(e.Dossier), notice.Ready, string(notice.Ready), moment(e.At))
		case e.Kind == ledger.Move && e.Act == string(dossier.Archive):
			err = db.tellSigned(ctx, tx, e)
		}
		if err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE notice_head SET place = $1 WHERE id = 1", from+int64(len(events)))
	return len(events), err
}

// tellSigned tells of an archived result.
func (db *DB) tellSigned(ctx context.Context, tx *sql.Tx, e ledger.Event) error {
	code, err := one(ctx, tx, single[dossier.Code], "SELECT dossier FROM documents WHERE id = $1 AND slot = $2", e.Document, string(dossier.ResultSlot))
	if errors.Is(err, dossier.ErrNotFound) {
		return nil // a component, or of a demonstration that was removed
	} else if err != nil {
		return err
	}
	_, err = db.tellAll(ctx, tx, code, notice.Signed, string(notice.Signed)+" "+e.Document, moment(e.At))
	return err
}

// DueNotices returns what is to be sent (standing [notice.Waiting]) or asked after
// ([notice.Sent]) on a channel now, what waits longest first, with the template of the
// day. Of a demonstration nothing is.
func (db *DB) DueNotices(ctx context.Context, channel notice.Channel, standing notice.Standing, limit int) ([]notice.Due, error) {
	now := db.now()
	query := "SELECT " + noticeColumns + ", " + contactColumns + ", d.receiving, a.name, d.due FROM notices n JOIN notice_contacts c ON c.id = n.contact JOIN dossiers d ON d.code = c.dossier JOIN agencies a ON a.code = d.receiving" +
		" WHERE n.standing = $1 AND n.next <= $2 AND n.at >= $3 AND c.channel = $4 AND d.demo = 0 ORDER BY n.next, n.id" + limited(limit)
	after := int64(0)
	if standing == notice.Sent {
		after = now.Add(-notice.AskFor).UnixMilli()
	}
	type found struct {
		notice.Due
		receiving string
	}
	due, err := all(ctx, db.read, func(r row) (f found, err error) {
		var next, at, changed, since, ended int64
		var on sql.NullInt64
		to := append(noticeInto(&f.Notice, &next, &at, &changed), contactInto(&f.To, &since, &ended)...)
		err = r.Scan(append(to, &f.receiving, &f.Agency, &on)...)
		f.Next, f.At, f.Changed, f.To.At, f.To.Ended = sometime(next), moment(at), moment(changed), moment(since), sometime(ended)
		if on.Valid {
			f.DueOn = moment(on.Int64)
		}
		return f, err
	}, query, standing, now.UnixMilli(), after, string(channel))
	if err != nil {
		return nil, named(err, "notices that are due")
	}
	out := make([]notice.Due, len(due))
	for i, f := range due {
		out[i] = f.Due
		if standing == notice.Waiting {
			if out[i].Template, err = db.TemplateFor(ctx, dossier.AgencyCode(f.receiving), f.Kind, channel, f.To.Lang, now); err != nil && !errors.Is(err, dossier.ErrNotFound) {
				return nil, err
			}
		}
	}
	return out, nil
}

// PutNotice enters how a notice fares after a try, unless a person did something to it
// meanwhile. Who does not want it is told nothing more.
func (db *DB) PutNotice(ctx context.Context, n notice.Notice, was notice.Standing) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE notices SET standing = $1, tries = $2, next = $3, said = $4, remote = $5, changed = $6 WHERE id = $7 AND standing = $8",
			n.Standing, n.Tries, n.Next.UnixMilli(), n.Said, n.Remote, n.Changed.UnixMilli(), n.ID, was)
		return err
	})
	if err != nil || n.Said != notice.Unwanted {
		return named(err, "notice %s", n.ID)
	}
	if err = db.endContact(ctx, "id = $3", notice.ByChannel, account.By{Who: notice.ByChannel}, n.Contact); errors.Is(err, dossier.ErrNotFound) {
		return nil
	}
	return err
}

const templateColumns = "id, agency, kind, channel, lang, since, subject, body, who, at"

func scanTemplate(r row) (t notice.Template, err error) {
	var at int64
	err = r.Scan(&t.ID, &t.Agency, &t.Kind, &t.Channel, &t.Lang, &t.Since, &t.Subject, &t.Body, &t.Who, &at)
	t.At = sometime(at)
	return t, err
}

// Templates returns all wordings, by kind, channel, language and agency, the newest first.
func (db *DB) Templates(ctx context.Context) ([]notice.Template, error) {
	found, err := all(ctx, db.read, scanTemplate, "SELECT "+templateColumns+" FROM notice_templates ORDER BY kind, channel, lang, agency, since DESC, at DESC, id DESC")
	return found, named(err, "templates of notices")
}

// TemplateFor returns the wording that an agency uses at a time: its own, else that of
// the nearest above it, else the house's. Without one it wraps [dossier.ErrNotFound].
func (db *DB) TemplateFor(ctx context.Context, a dossier.AgencyCode, kind notice.Kind, channel notice.Channel, lang string, at time.Time) (notice.Template, error) {
	r, err := db.realm(ctx)
	if err != nil {
		return notice.Template{}, named(err, "template of a notice")
	}
	for _, code := range append(append([]string{string(a)}, r.tree.up(string(a))...), "") {
		t, err := one(ctx, db.read, scanTemplate, "SELECT "+templateColumns+" FROM notice_templates WHERE kind = $1 AND channel = $2 AND lang = $3 AND agency = $4 AND since <= $5 ORDER BY since DESC, at DESC, id DESC"+limited(1),
			string(kind), string(channel), lang, code, at.In(dossier.VietNam).Format(time.DateOnly))
		if !errors.Is(err, dossier.ErrNotFound) {
			return t, named(err, "template of a notice")
		}
	}
	return notice.Template{}, fmt.Errorf("template of a notice: %w", dossier.ErrNotFound)
}

// PutTemplate adds a wording; those before it stay.
func (db *DB) PutTemplate(ctx context.Context, t notice.Template, by account.By) (notice.Template, error) {
	if err := t.Check(); err != nil {
		return t, err
	}
	t.ID, t.Who, t.At = db.newID(), by.Who, moment(db.now().UnixMilli())
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if t.Agency != "" {
			if err := known(ctx, tx, "agencies", string(t.Agency)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO notice_templates ("+templateColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
			t.ID, string(t.Agency), string(t.Kind), string(t.Channel), t.Lang, t.Since, t.Subject, t.Body, string(t.Who), t.At.UnixMilli()); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(dossier.PutTemplate), At: t.At.UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: t.ID, Demo: by.Demo})
	})
	return t, named(err, "put template")
}

// Exchanged enters what came of speaking to a neighbour.
func (db *DB) Exchanged(ctx context.Context, x neighbour.Exchange) error {
	ok := int64(0)
	if x.Said == "" {
		ok = x.At.UnixMilli()
	}
	_, err := db.write.ExecContext(ctx, `INSERT INTO neighbours (name, at, ok, said) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET at = excluded.at, said = excluded.said, ok = CASE WHEN excluded.ok > 0 THEN excluded.ok ELSE neighbours.ok END`,
		string(x.Name), x.At.UnixMilli(), ok, x.Said)
	return named(err, "exchange with %s", x.Name)
}

// Exchange returns what came of speaking to a neighbour last.
func (db *DB) Exchange(ctx context.Context, name neighbour.Name) (x neighbour.Exchange, err error) {
	x, err = one(ctx, db.read, func(r row) (x neighbour.Exchange, err error) {
		var at, ok int64
		err = r.Scan(&at, &ok, &x.Said)
		x.At, x.OK = sometime(at), sometime(ok)
		return x, err
	}, "SELECT at, ok, said FROM neighbours WHERE name = $1", string(name))
	x.Name = name
	if errors.Is(err, dossier.ErrNotFound) {
		return x, nil
	}
	return x, named(err, "exchange with %s", name)
}

// Keep keeps what it takes to be let in at a neighbour again, in one write; Kept returns
// it, empty if nothing is.
func (db *DB) Keep(ctx context.Context, name neighbour.Name, kept string) error {
	_, err := db.write.ExecContext(ctx, "INSERT INTO neighbours (name, kept) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET kept = excluded.kept", string(name), kept)
	return named(err, "keep the way into %s", name)
}

// Kept returns what [DB.Keep] kept.
func (db *DB) Kept(ctx context.Context, name neighbour.Name) (string, error) {
	found, err := all(ctx, db.read, single[string], "SELECT kept FROM neighbours WHERE name = $1", string(name))
	if err != nil || len(found) == 0 {
		return "", named(err, "the way into %s", name)
	}
	return found[0], nil
}
