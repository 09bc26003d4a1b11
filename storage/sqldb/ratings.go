package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sohoa/dossier"
)

// Rate keeps what a citizen says of a dossier that was resolved; what they said before
// is said anew, and both stay in the log. Errors as of [dossier.CheckRating]; an
// unknown dossier wraps [dossier.ErrNotFound].
func (db *DB) Rate(ctx context.Context, r dossier.Rating) error {
	r.At = db.orNow(r.At)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		d, err := one(ctx, tx, scanDossier, "SELECT "+dossierColumns+" FROM dossiers d WHERE d.code = $1", string(r.Dossier))
		if err != nil {
			return err
		}
		if err := dossier.CheckRating(d, r); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO ratings (dossier, score, at) VALUES ($1, $2, $3)
			ON CONFLICT (dossier) DO UPDATE SET score = excluded.score, at = excluded.at`, string(r.Dossier), r.Score, r.At.UnixMilli()); err != nil {
			return err
		}
		return db.happened(ctx, tx, dossier.Event{Dossier: r.Dossier, Act: dossier.DossierRated, Who: dossier.TheCitizen, At: r.At}, r.Score)
	})
	return named(err, "rate %s", r.Dossier)
}

func scanRating(r row) (x dossier.Rating, err error) {
	var at int64
	err = r.Scan(&x.Dossier, &x.Score, &at)
	x.At = moment(at)
	return x, err
}

// Rating returns what a citizen said of a dossier; the zero Rating if nothing.
func (db *DB) Rating(ctx context.Context, code dossier.Code) (dossier.Rating, error) {
	x, err := one(ctx, db.read, scanRating, "SELECT dossier, score, at FROM ratings WHERE dossier = $1", string(code))
	if errors.Is(err, dossier.ErrNotFound) {
		return dossier.Rating{}, nil
	}
	return x, named(err, "rating of %s", code)
}

// ratingsOf is the clause of a query, over ratings r and dossiers o.
func ratingsOf(q dossier.RatingQuery) *where {
	w := &where{}
	w.and("r.at >= %s AND r.at < %s", q.From.UnixMilli(), q.To.UnixMilli())
	among(w, q.Agencies, "o.receiving", "o.competent")
	within(w, q.Within, "")
	if q.Of != "" {
		w.and("o.competent = %s", string(q.Of))
	}
	return w
}

// RatingCounts counts ratings by the agency that decides, and score.
func (db *DB) RatingCounts(ctx context.Context, q dossier.RatingQuery) ([]dossier.RatingCount, error) {
	w := ratingsOf(q)
	found, err := all(ctx, db.read, func(r row) (c dossier.RatingCount, err error) {
		err = r.Scan(&c.Agency, &c.Score, &c.Number)
		return c, err
	}, "SELECT o.competent, r.score, COUNT(*) FROM ratings r JOIN dossiers o ON o.code = r.dossier"+w.String()+
		" GROUP BY o.competent, r.score ORDER BY o.competent, r.score", w.values...)
	return found, named(err, "count ratings")
}

// Ratings returns the ratings behind counts, the newest first.
func (db *DB) Ratings(ctx context.Context, q dossier.RatingQuery) ([]dossier.Rating, error) {
	w := ratingsOf(q)
	if q.After != nil {
		w.and("(r.at < %s OR r.at = %s AND r.dossier < %s)", q.After.At, q.After.At, string(q.After.Code))
	}
	found, err := all(ctx, db.read, scanRating, fmt.Sprintf("SELECT r.dossier, r.score, r.at FROM ratings r JOIN dossiers o ON o.code = r.dossier%s ORDER BY r.at DESC, r.dossier DESC%s",
		w.String(), limited(q.Limit)), w.values...)
	return found, named(err, "ratings")
}
