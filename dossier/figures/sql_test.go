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
	p := Month(2026, time.September)
	sets := fill(t, db, p)
	told := 0
	for _, i := range At(p.From) {
		got := byWorld(t, db, i, p)
		if got == nil {
			if i.Stands != nil || i.Procedure != nil {
				t.Errorf("%s is not counted by SQL", i.Key)
			}
			continue
		}
		for w, in := range sets {
			if m := i.Of(in); m.Rate != got[w] {
				t.Fatalf("%s, world %d: %+v, by SQL %+v", i.Key, w, m.Rate, got[w])
			}
			told += got[w].Denominator
		}
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
	must(`CREATE TABLE f (world, procedure, received, due, resolved, channel, attached, asked, have, reused, paper, issued, synced, store, identified)`)
	must(`CREATE TABLE p (world, code, level, citizens)`)
	must(`BEGIN`)
	random := rand.New(rand.NewPCG(9, 66))
	sets := make([]Input, worlds)
	for w := range sets {
		sets[w] = Input{Period: p, Collected: Synced | Store | Identified | Subjects}
		for n := range random.IntN(4) {
			c := Procedure{dossier.ProcedureCode(fmt.Sprint(n)), []dossier.Level{dossier.Full, dossier.Partial, dossier.Info}[random.IntN(3)], random.IntN(3) > 0}
			sets[w].Procedures = append(sets[w].Procedures, c)
			must(`INSERT INTO p VALUES ($1, $2, $3, $4)`, w, c.Code, c.Level, c.Citizens)
		}
		for range random.IntN(9) {
			f := anyFact(random, p)
			sets[w].Facts = append(sets[w].Facts, f)
			must(`INSERT INTO f VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, w, f.Procedure, f.Received.UnixMilli(), milli(f.Due), milli(f.Resolved),
				f.Channel, f.Attached, f.ToDigitise, f.Digitised, f.Reused, f.ResultIsDocument, f.ResultDigitised, f.ResultSynced, f.FromStore, f.Identified)
		}
	}
	must(`COMMIT`)
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

// anyFact draws a fact; its times lie on and beside the borders of p as often as
// not.
func anyFact(random *rand.Rand, p Period) Fact {
	moments := []time.Time{p.From, p.From.Add(-time.Millisecond), p.To, p.To.Add(-time.Millisecond), p.From.AddDate(0, 0, 9), p.From.AddDate(0, 0, 20), p.From.AddDate(0, -1, 3)}
	at := func() time.Time { return moments[random.IntN(len(moments))] }
	yes := func() bool { return random.IntN(2) == 0 }
	f := Fact{Procedure: dossier.ProcedureCode(fmt.Sprint(random.IntN(4))), Received: at(), ToDigitise: random.IntN(3), Attached: random.IntN(3), Reused: random.IntN(2),
		Channel:          []dossier.Channel{dossier.Direct, dossier.Online, dossier.Post}[random.IntN(3)],
		ResultIsDocument: yes(), ResultDigitised: yes(), ResultSynced: yes(), FromStore: yes(), Identified: yes()}
	f.Digitised = random.IntN(f.ToDigitise + 1)
	if yes() {
		f.Resolved = at()
	}
	if yes() {
		f.Due = at()
	}
	return f
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
	rows, err := db.Query(`SELECT world, COUNT(*) FILTER (WHERE `+q[0]+`), COUNT(*) FILTER (WHERE `+q[1]+`) FROM `+from+` GROUP BY world`,
		p.From.UnixMilli(), p.To.UnixMilli())
	if err != nil {
		t.Fatalf("%s: %v", i.Key, err)
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
