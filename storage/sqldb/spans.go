package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"sohoa/dossier"
)

// joined is how codes are kept together, and unjoined reads them.
func joined[T ~string](codes []T) string {
	s := make([]string, len(codes))
	for i, c := range codes {
		s[i] = string(c)
	}
	return strings.Join(s, ",")
}

func unjoined[T ~string](kept string) []T {
	if kept == "" {
		return nil
	}
	var codes []T
	for c := range strings.SplitSeq(kept, ",") {
		codes = append(codes, T(c))
	}
	return codes
}

func scanAgencySpan(r row) (s dossier.AgencySpan, err error) {
	err = r.Scan(&s.Agency, &s.Since, &s.Until, &s.Parent, &s.Name, &s.Tier, &s.Successor)
	return s, err
}

// AgencySpans returns what agencies were in the course of time, in the order of
// their codes and days. An agency that is not among them always was as it is.
func (db *DB) AgencySpans(ctx context.Context) ([]dossier.AgencySpan, error) {
	found, err := all(ctx, db.read, scanAgencySpan,
		"SELECT agency, since, until, parent, name, tier, COALESCE(successor, '') FROM agency_spans ORDER BY agency, since")
	return found, named(err, "agencies in time")
}

func scanProcedureSpan(r row) (s dossier.ProcedureSpan, err error) {
	var tiers string
	err = r.Scan(&s.Procedure, &s.Since, &s.Until, &s.Level, &s.Old, &tiers)
	s.Tiers = unjoined[dossier.Tier](tiers)
	return s, err
}

// ProcedureSpans returns how procedures were served in the course of time, in the
// order of their codes and days. One that is not among them always was as it is.
func (db *DB) ProcedureSpans(ctx context.Context) ([]dossier.ProcedureSpan, error) {
	found, err := all(ctx, db.read, scanProcedureSpan,
		"SELECT procedure, since, until, level, old, tiers FROM procedure_spans ORDER BY procedure, since")
	return found, named(err, "procedures in time")
}

// putAgencySpans replaces what was known of an agency in time.
func putAgencySpans(ctx context.Context, tx *sql.Tx, code dossier.AgencyCode, spans []dossier.AgencySpan) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM agency_spans WHERE agency = $1", string(code)); err != nil {
		return err
	}
	for _, s := range spans {
		if _, err := tx.ExecContext(ctx, `INSERT INTO agency_spans (agency, since, until, parent, name, tier, successor)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, string(code), s.Since, s.Until, string(s.Parent), s.Name, string(s.Tier), text(s.Successor)); err != nil {
			return err
		}
	}
	return nil
}

// putProcedureSpans replaces what was known of a procedure in time.
func putProcedureSpans(ctx context.Context, tx *sql.Tx, code dossier.ProcedureCode, spans []dossier.ProcedureSpan) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM procedure_spans WHERE procedure = $1", string(code)); err != nil {
		return err
	}
	for _, s := range spans {
		if _, err := tx.ExecContext(ctx, "INSERT INTO procedure_spans (procedure, since, until, level, old, tiers) VALUES ($1, $2, $3, $4, $5, $6)",
			string(code), s.Since, s.Until, string(s.Level), s.Old, joined(s.Tiers)); err != nil {
			return err
		}
	}
	return nil
}
