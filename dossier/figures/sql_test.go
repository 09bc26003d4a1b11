package figures

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"sohoa/dossier"
)

// counts are the formulas once more, in another language and by another way of
// thinking: sums over a table instead of a walk over values. $1 and $2 are the
// period in milliseconds.
var counts = map[string][2]string{ // numerator and denominator
	"dossiers": {
		"received >= $1 AND received < $2 AND asked > 0 AND have >= asked",
		"received >= $1 AND received < $2 AND asked > 0"},
	"results": {
		"resolved >= $1 AND resolved < $2 AND paper AND issued",
		"resolved >= $1 AND resolved < $2 AND paper"},
	"on-time": {
		"resolved >= $1 AND resolved < $2 AND due IS NOT NULL AND resolved <= due",
		"resolved >= $1 AND resolved < $2 AND due IS NOT NULL"},
	"online": {
		"received >= $1 AND received < $2 AND channel = 'online'",
		"received >= $1 AND received < $2"},
	"reuse-rate": {
		"received >= $1 AND received < $2 AND asked > 0 AND reused > 0",
		"received >= $1 AND received < $2 AND asked > 0"},
	"ORIGINAL_RESULT_AVAILABLE": {
		"received >= $1 AND received < $2 AND paper AND issued AND synced",
		"received >= $1 AND received < $2 AND paper"},
	"SO_HOA_GIAY_TO_GIAI_QUYET": {
		"received >= $1 AND received < $2 AND attached > 0 AND NOT (paper AND NOT issued)",
		"received >= $1 AND received < $2"},
	"REUSED_DIGITIZED_DATA": {
		"received >= $1 AND received < $2 AND reused > 0",
		"received >= $1 AND received < $2"},
	"SYNCED_WITH_DVCQG_PERSONAL_STORAGE": {
		"received >= $1 AND received < $2 AND (store OR synced)",
		"received >= $1 AND received < $2"},
	"CITIZEN_DATA_CONNECTED_DOSSIER": {
		"received >= $1 AND received < $2 AND (store OR identified)",
		"received >= $1 AND received < $2"},
}

// exemptCounts are the dossiers that stand outside by decisions.
var exemptCounts = map[string]string{
	"dossiers":   "received >= $1 AND received < $2 AND asked = 0 AND exempt > 0",
	"reuse-rate": "received >= $1 AND received < $2 AND asked = 0 AND exempt > 0",
}

// askedBySQL counts the components k of dossiers g, by the decisions on them: the
// newest holds. $1 is the day from which they do.
const askedBySQL = `CREATE TABLE f AS SELECT g.*, attached, asked, exempt, have, reused FROM g JOIN (
		SELECT h.id, COALESCE(SUM(filled), 0) AS attached, COALESCE(SUM(wanted AND NOT spared), 0) AS asked, COALESCE(SUM(wanted AND spared), 0) AS exempt,
			COALESCE(SUM(wanted AND filled), 0) AS have, COALESCE(SUM(wanted AND reused), 0) AS reused
		FROM g h LEFT JOIN spared k ON k.dossier = h.id GROUP BY h.id) USING (id)`

const sparedBySQL = `CREATE TABLE spared AS SELECT k.*, NOT filled AND h.received >= $1 AND
		COALESCE(replace(decided, ' ', ',') ->> '$[#-1]' NOT IN ('', 'digitise'), FALSE) AS spared
	FROM components k JOIN g h ON h.id = k.dossier`

// procedureCounts are those that count procedures p of the catalogue.
var procedureCounts = map[string][2]string{
	"full-service": {"p.level = 'full'", "p.level IN ('full', 'partial')"},
	"CITIZEN_DATA_CONNECTED_FORMALITY": {
		`p.citizens AND EXISTS (SELECT 1 FROM f WHERE f.world = p.world AND f.procedure = p.code
			AND f.received >= $1 AND f.received < $2 AND (f.store OR f.identified))`,
		"p.citizens"},
}

// worlds is how many random sets of facts the two ways must agree about.
const worlds = 10_000

// TestSQLAgrees has every figure counted a second time, by SQL.
func TestSQLAgrees(t *testing.T) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	p := Period{day(2026, 10, 20), day(2026, 11, 20)} // by two rules of what is asked for
	sets := fill(t, db, p)
	told, spared := 0, 0
	for _, i := range At(p.From) {
		got := byWorld(t, db, i, p)
		if got == nil {
			if i.Stands != nil || i.Procedure != nil {
				t.Errorf("%s is not counted by SQL", i.Key)
			}
			continue
		}
		exempt := make([]Rate, worlds)
		if q := exemptCounts[i.Key]; q != "" {
			exempt = ask(t, db, "f", [2]string{q, "FALSE"}, p)
		}
		for w, in := range sets {
			m := i.Of(in)
			if m.Rate != got[w] || m.Outside[Exempt] != exempt[w].Numerator {
				t.Fatalf("%s, world %d: %+v, %d exempt, by SQL %+v, %d", i.Key, w, m.Rate, m.Outside[Exempt], got[w], exempt[w].Numerator)
			}
			spared += exempt[w].Numerator
			told += got[w].Denominator
		}
	}
	if spared < worlds/100 {
		t.Errorf("only %d dossiers were exempt", spared)
	}
	if told < worlds*len(counts) {
		t.Errorf("only %d dossiers stood in a denominator: the worlds are too empty", told)
	}
}

// fill makes the worlds, in the table and as values.
func fill(t *testing.T, db *sql.DB, p Period) []Input {
	t.Helper()
	must := func(q string, args ...any) {
		if _, err := db.Exec(q, args...); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	must(`CREATE TABLE g (id INTEGER PRIMARY KEY, world, procedure, received, due, resolved, channel, paper, issued, synced, store, identified)`)
	must(`CREATE TABLE components (dossier INTEGER, wanted, filled, reused, decided)`)
	must(`CREATE TABLE p (world, code, level, citizens)`)
	must(`BEGIN`)
	random := rand.New(rand.NewPCG(9, 66))
	sets := make([]Input, worlds)
	dossiers := 0
	for w := range sets {
		sets[w] = Input{Period: p, Collected: Synced | Store | Identified | Subjects}
		for n := range random.IntN(4) {
			c := Procedure{dossier.ProcedureCode(fmt.Sprint(n)), []dossier.Level{dossier.Full, dossier.Partial, dossier.Info}[random.IntN(3)], random.IntN(3) > 0}
			sets[w].Procedures = append(sets[w].Procedures, c)
			must(`INSERT INTO p VALUES ($1, $2, $3, $4)`, w, c.Code, c.Level, c.Citizens)
		}
		for range random.IntN(9) {
			f, components := anyDossier(random, p)
			sets[w].Facts = append(sets[w].Facts, f)
			dossiers++
			must(`INSERT INTO g VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, dossiers, w, f.Procedure, f.Received.UnixMilli(), milli(f.Due), milli(f.Resolved),
				f.Channel, f.ResultIsDocument, f.ResultDigitised, f.ResultSynced, f.FromStore, f.Identified)
			for _, c := range components {
				must(`INSERT INTO components VALUES ($1, $2, $3, $4, $5)`, dossiers, c.Required && c.Digitise, c.filled, c.reused, fmt.Sprintf("%q", c.decided))
			}
		}
	}
	must(`COMMIT`)
	must(sparedBySQL, dossier.AskingRules()[0].From.UnixMilli())
	must(`CREATE INDEX spared_dossier ON spared (dossier)`)
	must(askedBySQL)
	must(`CREATE INDEX f_world ON f (world)`)
	return sets
}

func milli(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func newRandom() *rand.Rand { return rand.New(rand.NewPCG(4, 2)) }

// anyComponent is a component of a dossier, and what was decided of it in turn.
type anyComponent struct {
	dossier.Component
	filled, reused bool
	decided        []dossier.Decision
}

func (c anyComponent) last() dossier.Decision {
	if len(c.decided) == 0 {
		return ""
	}
	return c.decided[len(c.decided)-1]
}

func anyComponentOf(random *rand.Rand) (c anyComponent) {
	c.Required, c.Digitise = random.IntN(4) > 0, random.IntN(4) > 0
	c.filled = random.IntN(2) == 0
	c.reused = c.filled && random.IntN(3) == 0
	for range max(0, random.IntN(4)-1) {
		c.decided = append(c.decided, dossier.Decisions[random.IntN(len(dossier.Decisions))])
	}
	return c
}

func anyFact(random *rand.Rand, p Period) Fact {
	f, _ := anyDossier(random, p)
	return f
}

// anyDossier draws a fact, and the components that it is counted from; its times
// lie on and beside the borders of p as often as not.
func anyDossier(random *rand.Rand, p Period) (Fact, []anyComponent) {
	moments := []time.Time{p.From, p.From.Add(-time.Millisecond), p.To, p.To.Add(-time.Millisecond), p.From.AddDate(0, 0, 9), p.From.AddDate(0, 0, 20), p.From.AddDate(0, -1, 3)}
	at := func() time.Time { return moments[random.IntN(len(moments))] }
	yes := func() bool { return random.IntN(2) == 0 }
	f := Fact{Procedure: dossier.ProcedureCode(fmt.Sprint(random.IntN(4))), Received: at(),
		Channel:          []dossier.Channel{dossier.Direct, dossier.Online, dossier.Post}[random.IntN(3)],
		ResultIsDocument: yes(), ResultDigitised: yes(), ResultSynced: yes(), FromStore: yes(), Identified: yes()}
	components := make([]anyComponent, random.IntN(4))
	for i := range components {
		c := anyComponentOf(random)
		components[i] = c
		f.Take(c.Component, c.filled, c.reused, c.last())
	}
	if yes() {
		f.Resolved = at()
	}
	if yes() {
		f.Due = at()
	}
	return f, components
}

// byWorld counts an indicator in all worlds at once; nil if it has no SQL.
func byWorld(t *testing.T, db *sql.DB, i Indicator, p Period) []Rate {
	t.Helper()
	from, q := "f", counts[i.Key]
	if i.Procedure != nil {
		from, q = "p", procedureCounts[i.Key]
	}
	if q[0] == "" {
		return nil
	}
	return ask(t, db, from, q, p)
}

func ask(t *testing.T, db *sql.DB, from string, q [2]string, p Period) []Rate {
	t.Helper()
	rows, err := db.Query(`SELECT world, COUNT(*) FILTER (WHERE `+q[0]+`), COUNT(*) FILTER (WHERE `+q[1]+`) FROM `+from+` GROUP BY world`,
		p.From.UnixMilli(), p.To.UnixMilli())
	if err != nil {
		t.Fatalf("%s: %v", q[0], err)
	}
	defer rows.Close()
	out := make([]Rate, worlds)
	for rows.Next() {
		var w int
		var r Rate
		if err := rows.Scan(&w, &r.Numerator, &r.Denominator); err != nil {
			t.Fatal(err)
		}
		out[w] = r
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
