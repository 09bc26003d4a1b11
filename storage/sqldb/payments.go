package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/payment"
	"sohoa/storage/ledger"
)

// PutAccount says where fees of an agency are paid to from a day on; what was before
// stays.
func (db *DB) PutAccount(ctx context.Context, a payment.Account, by account.By) error {
	if err := a.Check(); err != nil {
		return err
	}
	a.ID = db.newID()
	return db.putPaying(ctx, dossier.PutAccount, a.ID, by, "agencies", string(a.Agency), `INSERT INTO pay_accounts (id, agency, bin, number, name, since, ended, who, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, a.ID, string(a.Agency), a.BIN, a.Number, a.Name, a.Since, flag(a.Ended), string(by.Who), db.now().UnixMilli())
}

// PutFee says what a procedure costs from a day on; what was before stays.
func (db *DB) PutFee(ctx context.Context, f payment.Fee, by account.By) error {
	if err := f.Check(); err != nil {
		return err
	}
	f.ID = db.newID()
	return db.putPaying(ctx, dossier.PutFee, f.ID, by, "procedures", string(f.Procedure), "INSERT INTO procedure_fees (id, procedure, amount, since, law, who, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		f.ID, string(f.Procedure), f.Amount, f.Since, f.Law, string(by.Who), db.now().UnixMilli())
}

func (db *DB) putPaying(ctx context.Context, act dossier.ReadingAct, id string, by account.By, table, code, insert string, values ...any) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if err := known(ctx, tx, table, code); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insert, values...); err != nil {
			return err
		}
		return db.log(ctx, tx, ledger.Event{Kind: ledger.House, Act: string(act), At: db.now().UnixMilli(), Who: string(by.Who), Role: string(by.Role), Subject: id, Demo: by.Demo})
	})
	return named(err, "%s", act)
}

const (
	accountColumns = "id, agency, bin, number, name, since, ended, who, at"
	feeColumns     = "id, procedure, amount, since, law, who, at"
	newestFirst    = " ORDER BY since DESC, at DESC, id DESC"
)

func scanAccount(r row) (a payment.Account, err error) {
	var at int64
	err = r.Scan(&a.ID, &a.Agency, &a.BIN, &a.Number, &a.Name, &a.Since, &a.Ended, &a.Who, &at)
	a.At = moment(at)
	return a, err
}

func scanFee(r row) (f payment.Fee, err error) {
	var at int64
	err = r.Scan(&f.ID, &f.Procedure, &f.Amount, &f.Since, &f.Law, &f.Who, &at)
	f.At = moment(at)
	return f, err
}

// PayAccounts returns all accounts, newest first.
func (db *DB) PayAccounts(ctx context.Context) ([]payment.Account, error) {
	found, err := all(ctx, db.read, scanAccount, "SELECT "+accountColumns+" FROM pay_accounts"+newestFirst)
	return found, named(err, "accounts")
}

// Fees returns all fees, newest first.
func (db *DB) Fees(ctx context.Context) ([]payment.Fee, error) {
	found, err := all(ctx, db.read, scanFee, "SELECT "+feeColumns+" FROM procedure_fees"+newestFirst)
	return found, named(err, "fees")
}

// FeeOn returns what a procedure costs at a time; if nobody said, it wraps
// [dossier.ErrNotFound].
func (db *DB) FeeOn(ctx context.Context, p dossier.ProcedureCode, at time.Time) (payment.Fee, error) {
	f, err := one(ctx, db.read, scanFee, "SELECT "+feeColumns+" FROM procedure_fees WHERE procedure = $1 AND since <= $2"+newestFirst+limited(1), string(p), at.In(dossier.VietNam).Format(time.DateOnly))
	return f, named(err, "fee of %s", p)
}

// PayFor returns what a dossier of a procedure that an agency receives at a time costs,
// and where it is paid to: the agency's account, else that of the nearest above it.
// Without a fee, without an account, or if it costs nothing, it wraps
// [dossier.ErrNotFound].
func (db *DB) PayFor(ctx context.Context, agency dossier.AgencyCode, p dossier.ProcedureCode, at time.Time) (d payment.Due, err error) {
	if d.Fee, err = db.FeeOn(ctx, p, at); err != nil {
		return d, err
	}
	r, err := db.realm(ctx)
	if err != nil {
		return d, named(err, "account of %s", agency)
	}
	if d.Fee.Amount > 0 {
		for _, code := range append([]string{string(agency)}, r.tree.up(string(agency))...) {
			d.Account, err = one(ctx, db.read, scanAccount, "SELECT "+accountColumns+" FROM pay_accounts WHERE agency = $1 AND since <= $2"+newestFirst+limited(1), code, at.In(dossier.VietNam).Format(time.DateOnly))
			if err == nil && !d.Account.Ended || err != nil && !errors.Is(err, dossier.ErrNotFound) {
				return d, named(err, "account of %s", agency)
			}
		}
	}
	return payment.Due{}, fmt.Errorf("nothing to be paid: %w", dossier.ErrNotFound)
}
