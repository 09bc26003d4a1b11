package sqldb

import (
	"context"

	"sohoa/dossier"
	"sohoa/dossier/precedent"
)

// Confirmed returns what people confirmed of the newest papers that an agency
// received and that are of d's kind: at most [precedent.Window] of them, however many
// there are, without d itself, and those of the demonstration for its papers only.
func (db *DB) Confirmed(ctx context.Context, agency dossier.AgencyCode, d dossier.Document) ([]precedent.Paper, error) {
	found, err := all(ctx, db.read, func(r row) (p precedent.Paper, err error) {
		var fields string
		if err := r.Scan(&p.Holder, &fields); err != nil {
			return p, err
		}
		p.Fields, err = fieldsFrom(fields)
		return p, err
	}, confirmedQuery, string(agency), string(d.Kind), string(d.ID), flag(d.Demo), int64(precedent.Window))
	return found, named(err, "papers confirmed like %s", d.ID)
}

// confirmedQuery walks documents_confirmed from its end.
const confirmedQuery = `SELECT o.holder, p.fields FROM (
		SELECT dossier, fields FROM documents
		WHERE agency = $1 AND kind = $2 AND fields <> '[]' AND id <> $3 AND demo = $4 AND state <> 'refused' AND disposed = 0
		ORDER BY received DESC LIMIT $5) p
	JOIN dossiers o ON o.code = p.dossier`
