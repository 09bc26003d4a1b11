package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// DemoRemoved is the event of the house that a removed demonstration leaves.
const DemoRemoved dossier.EventAct = "demo-removed"

// A removal is one statement of RemoveDemo, in an order in which nothing is
// left pointing at what is gone.
type removal struct {
	statement string
	counts    bool // its rows are things, not notes about things
}

const demoDocuments = "document IN (SELECT id FROM documents WHERE demo = 1)"

const demoPeople = "person IN (SELECT id FROM people WHERE demo = 1)"

const demoDossiers = "dossier IN (SELECT code FROM dossiers WHERE demo = 1)"

// demoArchives are imports for agencies of the demonstration. One that also became real
// papers, of a real agency below, or is of a real project, stays.
const demoArchives = `SELECT i.id FROM archive_imports i JOIN agencies a ON a.code = i.agency WHERE a.demo = 1
	AND NOT EXISTS (SELECT 1 FROM archive_papers p WHERE p.import = i.id)
	AND NOT EXISTS (SELECT 1 FROM project_ties t WHERE t.source = 'import' AND t.ref = i.id)`

// What the catalogue and the people of the demonstration are still needed for
// by real rows stays.
var removals = [...]removal{
	{"DELETE FROM population_checks WHERE " + demoDossiers, false},
	{"DELETE FROM reuses WHERE " + demoDossiers, false},
	{"DELETE FROM record_acts WHERE demo = 1", false},
	{"DELETE FROM result_codes WHERE demo = 1", false},
	{"DELETE FROM norms WHERE demo = 1 AND NOT EXISTS (SELECT 1 FROM result_codes c WHERE c.norm = norms.id)", false},
	{"DELETE FROM entries WHERE " + demoDocuments, false},
	{"DELETE FROM intents WHERE " + demoDocuments, false},
	{"DELETE FROM made WHERE " + demoDocuments, false},
	{"DELETE FROM prints_owed WHERE " + demoDocuments, false},
	{pagesOut + demoDocuments + ")", false},
	{"DELETE FROM page_prints WHERE " + demoDocuments, false},
	{"DELETE FROM reviews WHERE " + demoDocuments, false},
	{"DELETE FROM log_salts WHERE " + demoDocuments, false},
	{"DELETE FROM changes WHERE " + demoDocuments, false},
	{"DELETE FROM disposal_files WHERE " + demoDocuments, false},
	{"DELETE FROM disposed_originals WHERE " + demoDocuments, false},
	{"DELETE FROM disposals WHERE " + demoDocuments, false},
	{"DELETE FROM grant_ends WHERE demo = 1", false},
	{"DELETE FROM grants WHERE demo = 1", false},
	{"DELETE FROM restriction_ends WHERE demo = 1", false},
	{"DELETE FROM restrictions WHERE demo = 1", false},
	{"DELETE FROM retention_acts WHERE demo = 1", false},
	{"DELETE FROM retention_rules WHERE demo = 1 AND NOT EXISTS (SELECT 1 FROM disposals d WHERE d.rule = retention_rules.id)", false},
	{"DELETE FROM api_callbacks WHERE job IN (SELECT id FROM api_jobs WHERE " + demoDocuments + ")", false},
	{"DELETE FROM api_jobs WHERE " + demoDocuments, false},
	{"DELETE FROM page_work WHERE " + demoDocuments, false},
	{"DELETE FROM project_entries WHERE " + demoDocuments, false},
	{"DELETE FROM lot_picks WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM lot_rounds WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_lots WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_days WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_typists WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_papers WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_ties WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM project_people WHERE project IN (SELECT id FROM projects WHERE demo = 1)", false},
	{"DELETE FROM projects WHERE demo = 1", false},
	{"DELETE FROM archive_papers WHERE " + demoDocuments, false},
	{"DELETE FROM archive_faults WHERE import IN (" + demoArchives + ")", false},
	{"DELETE FROM archive_imports WHERE id IN (" + demoArchives + ")", false},
	{"DELETE FROM documents WHERE demo = 1", true},
	{"DELETE FROM ratings WHERE " + demoDossiers, false},
	{"DELETE FROM events WHERE " + demoDossiers, false},
	{forgotten, false},
	{"DELETE FROM hook_deliveries WHERE " + demoDossiers, false},
	{"DELETE FROM notices WHERE contact IN (SELECT id FROM notice_contacts WHERE " + demoDossiers + ")", false},
	{"DELETE FROM notice_contacts WHERE " + demoDossiers, false},
	{"DELETE FROM dossiers WHERE demo = 1", true},
	{"DELETE FROM closing_intents WHERE demo = 1", false},
	{"DELETE FROM closing_renewals WHERE demo = 1", false},
	{"DELETE FROM closing_proofs WHERE EXISTS (SELECT 1 FROM closing_seals s WHERE s.period = closing_proofs.period AND s.version = closing_proofs.version AND s.demo = 1)", false},
	{"DELETE FROM closing_seals WHERE demo = 1", false},
	{"DELETE FROM closings WHERE demo = 1", false},
	{`DELETE FROM holders WHERE demo = 1
		AND NOT EXISTS (SELECT 1 FROM dossiers d WHERE holders.id IN (d.holder, d.applicant))
		AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.holder = holders.id)`, true},
	{"DELETE FROM delegation_ends WHERE demo = 1", false},
	{"DELETE FROM delegations WHERE demo = 1", false},
	{"DELETE FROM broken_glass WHERE demo = 1", false},
	{"DELETE FROM api_key_uses WHERE key IN (SELECT id FROM api_keys WHERE demo = 1)", false},
	{"DELETE FROM api_key_ends WHERE demo = 1", false},
	{"DELETE FROM api_keys WHERE demo = 1", false},
	{"DELETE FROM devices WHERE " + demoPeople, false},
	{"DELETE FROM recovery_codes WHERE " + demoPeople, false},
	{"DELETE FROM passkeys WHERE " + demoPeople, false},
	{"DELETE FROM identities WHERE " + demoPeople, false},
	{"DELETE FROM factors WHERE " + demoPeople, false},
	{"DELETE FROM sessions WHERE " + demoPeople, false},
	{"DELETE FROM people WHERE demo = 1", true},
	{`DELETE FROM components WHERE procedure IN (SELECT code FROM procedures p WHERE demo = 1
		AND NOT EXISTS (SELECT 1 FROM dossiers d WHERE d.procedure = p.code))`, false},
	{`DELETE FROM procedure_versions WHERE procedure IN (SELECT code FROM procedures p WHERE demo = 1
		AND NOT EXISTS (SELECT 1 FROM dossiers d WHERE d.procedure = p.code))`, false},
	{`DELETE FROM procedures WHERE demo = 1
		AND NOT EXISTS (SELECT 1 FROM dossiers d WHERE d.procedure = procedures.code)`, true},
	{`DELETE FROM kinds WHERE demo = 1
		AND NOT EXISTS (SELECT 1 FROM components c WHERE c.kind = kinds.code)
		AND NOT EXISTS (SELECT 1 FROM procedures p WHERE p.result_kind = kinds.code)
		AND NOT EXISTS (SELECT 1 FROM procedure_versions v WHERE v.result_kind = kinds.code)
		AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.kind = kinds.code)
		AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.kind = kinds.code)`, true},
}

// usedAgencies are the agencies that something still needs: a dossier, a
// person, or an agency below.
const usedAgencies = `
	SELECT receiving FROM dossiers UNION SELECT competent FROM dossiers
	UNION SELECT agency FROM people WHERE agency IS NOT NULL
	UNION SELECT parent FROM agencies WHERE parent IS NOT NULL`

// RemoveDemo removes what was received as a demonstration, and what the
// demonstration put into the catalogue unless a real row needs it. It returns
// how many things went (dossiers, documents, holders, people, agencies, kinds,
// procedures) and the digests that no row names any more. An event of the house
// keeps who did it and how many went. Real rows are not touched.
func (db *DB) RemoveDemo(ctx context.Context, who dossier.PersonID) (removed int, orphans []digest.Digest, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if orphans, err = demoOnly(ctx, tx); err != nil {
			return err
		}
		for _, r := range removals {
			n, err := affected(tx.ExecContext(ctx, r.statement))
			if err != nil {
				return err
			}
			if r.counts {
				removed += n
			}
		}
		if err := fold(ctx, tx, 0); err != nil { // while it is known under which agencies they are
			return err
		}
		n, err := removeAgencies(ctx, tx)
		if err != nil {
			return err
		}
		removed += n
		return db.happened(ctx, tx, dossier.Event{Act: DemoRemoved, Who: who, At: db.now()}, removed)
	})
	if err != nil {
		return 0, nil, fmt.Errorf("remove the demonstration: %w", err)
	}
	return removed, orphans, nil
}

// demoOnly returns the digests that only documents of the demonstration name.
func demoOnly(ctx context.Context, tx *sql.Tx) ([]digest.Digest, error) {
	return all(ctx, tx, func(r row) (digest.Digest, error) {
		var s string
		if err := r.Scan(&s); err != nil {
			return digest.Digest{}, err
		}
		return digest.Parse(s)
	}, `SELECT m.digest FROM made m JOIN documents d ON d.id = m.document WHERE d.disposed = 0
		GROUP BY m.digest HAVING MIN(d.demo) = 1
		UNION SELECT digest FROM closings WHERE demo = 1 UNION SELECT facts FROM closings WHERE demo = 1
		UNION SELECT report FROM closing_seals WHERE demo = 1 UNION SELECT signature FROM closing_seals WHERE demo = 1
		UNION SELECT report FROM closing_renewals WHERE demo = 1 UNION SELECT evidence FROM closing_renewals WHERE demo = 1 AND evidence <> '' ORDER BY 1`)
}

// removeAgencies removes the demonstration's agencies from the leaves up.
func removeAgencies(ctx context.Context, tx *sql.Tx) (removed int, err error) {
	for {
		if _, err := tx.ExecContext(ctx, `DELETE FROM serials WHERE agency IN (
			SELECT code FROM agencies WHERE demo = 1 AND code NOT IN (`+usedAgencies+`))`); err != nil {
			return 0, err
		}
		n, err := affected(tx.ExecContext(ctx, "DELETE FROM agencies WHERE demo = 1 AND code NOT IN ("+usedAgencies+")"))
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return removed, nil
		}
		removed += n
	}
}
