package sqldb

import (
	"context"
	"database/sql"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// Facts returns what the formulas know of every dossier that was received or
// resolved in p, by one of the receiving agencies; no agencies mean all. The
// procedure is taken as the catalogue has it today.
func (db *DB) Facts(ctx context.Context, p figures.Period, agencies []dossier.AgencyCode) ([]figures.Fact, error) {
	w := inPeriod(p, agencies)
	facts, err := all(ctx, db.read, scanFact, factsOf(w, " ORDER BY d.code"), w.values...)
	return facts, named(err, "facts")
}

// inPeriod says which dossiers d were received or resolved in p, by one of the
// agencies.
func inPeriod(p figures.Period, agencies []dossier.AgencyCode) *where {
	var w where
	from, to := w.value(p.From.UnixMilli()), w.value(p.To.UnixMilli())
	w.and("(d.received >= " + from + " AND d.received < " + to + " OR d.resolved >= " + from + " AND d.resolved < " + to + ")")
	among(&w, agencies, "d.receiving")
	return &w
}

// factsOf is the query for the facts of the dossiers d that w says.
func factsOf(w *where, order string) string {
	archived, result := constant(dossier.Archived), constant(dossier.ResultSlot)
	return `
		SELECT d.code, d.procedure, d.receiving, d.competent, d.received, d.due, d.resolved, d.channel, d.officer, d.demo,
			COUNT(CASE WHEN r.entry IS NOT NULL OR a.id IS NOT NULL THEN 1 END),
			COUNT(CASE WHEN c.required = 1 AND c.digitise = 1 THEN 1 END),
			COUNT(CASE WHEN c.required = 1 AND c.digitise = 1 AND r.entry IS NULL AND a.id IS NULL AND ` + exempt(w) + ` THEN 1 END),
			COUNT(CASE WHEN c.required = 1 AND c.digitise = 1 AND (r.entry IS NOT NULL OR a.id IS NOT NULL) THEN 1 END),
			COUNT(CASE WHEN c.required = 1 AND c.digitise = 1 THEN r.entry END),
			CASE WHEN CASE WHEN v.procedure IS NULL THEN p.result_kind ELSE v.result_kind END IS NULL THEN 0 ELSE 1 END,
			(SELECT COUNT(*) FROM documents k WHERE k.dossier = d.code AND k.slot = ` + result + ` AND k.state = ` + archived + ` AND k.flaw = '')
		FROM dossiers d
		JOIN procedures p ON p.code = d.procedure
		LEFT JOIN procedure_versions v ON v.procedure = d.procedure AND v.version = d.version
		LEFT JOIN components c ON c.procedure = d.procedure AND c.version = d.version
		LEFT JOIN reuses r ON r.dossier = d.code AND r.slot = c.slot
		LEFT JOIN documents a ON a.dossier = d.code AND a.slot = c.slot AND a.state = ` + archived + ` AND a.flaw = ''` +
		w.String() + `
		GROUP BY d.code, p.code, v.procedure, v.version` + order
}

// exempt is the condition that of a component c of a dossier d the counter decided
// last that no scan is owed, by the rule of the day on which d was received.
func exempt(w *where) string {
	var ruled, decisions []string
	rules := dossier.AskingRules()
	for i, r := range rules {
		if !r.Decided {
			continue
		}
		span := "d.received >= " + w.value(r.From.UnixMilli())
		if i+1 < len(rules) {
			span += " AND d.received < " + w.value(rules[i+1].From.UnixMilli())
		}
		ruled = append(ruled, span)
	}
	for _, d := range dossier.Decisions {
		if d.Exempts() {
			decisions = append(decisions, w.value(string(d)))
		}
	}
	return "(" + strings.Join(ruled, " OR ") + `) AND (SELECT e.entry FROM events e WHERE e.dossier = d.code AND e.slot = c.slot AND e.act = 'decided'
				ORDER BY e.at DESC, e.id DESC LIMIT 1) IN (` + strings.Join(decisions, ", ") + ")"
}

func scanFact(r row) (f figures.Fact, err error) {
	var received int64
	var due, resolved sql.NullInt64
	err = r.Scan(&f.Dossier, &f.Procedure, &f.Receiving, &f.Competent, &received, &due, &resolved, &f.Channel, &f.Officer, &f.Demo,
		&f.Attached, &f.ToDigitise, &f.Exempt, &f.Digitised, &f.Reused, &f.ResultIsDocument, &f.ResultDigitised)
	f.ToDigitise -= f.Exempt
	f.Received = moment(received)
	if due.Valid {
		f.Due = moment(due.Int64)
	}
	if resolved.Valid {
		f.Resolved = moment(resolved.Int64)
	}
	return f, err
}

// Attempts returns the papers of dossiers that were brought and do not count:
// refused ones, and those with a flaw. They are in the order of dossier and slot.
func (db *DB) Attempts(ctx context.Context, codes []dossier.Code) ([]dossier.Document, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	var w where
	among(&w, codes, "d.dossier")
	w.and("(d.state = %s OR d.flaw <> '')", string(dossier.Refused))
	found, err := all(ctx, db.read, scanDocument, "SELECT "+documentColumns+" FROM documents d"+w.String()+" ORDER BY d.dossier, d.slot, d.received, d.id", w.values...)
	return found, named(err, "attempts")
}
