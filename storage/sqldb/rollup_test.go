package sqldb

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// below returns the agencies whose dossiers a query counts for one of its own.
func (h *house) below(code dossier.AgencyCode, own bool) []dossier.AgencyCode {
	h.t.Helper()
	if own {
		return []dossier.AgencyCode{code}
	}
	under, err := h.Below(h.ctx, code)
	h.must(err)
	return under
}

// byFacts counts what q asks for from the dossiers themselves.
func (h *house) byFacts(q figures.CellQuery, officers map[dossier.Code]dossier.PersonID) map[figures.Cell]int {
	h.t.Helper()
	out := map[figures.Cell]int{}
	for _, code := range q.Agencies {
		facts, err := h.Facts(h.ctx, q.Period, h.below(code, q.Own || q.ByOfficer || q.Officer != ""))
		h.must(err)
		for _, f := range facts {
			who := officers[f.Dossier]
			if q.Procedure != "" && f.Procedure != q.Procedure || q.Officer != "" && who != q.Officer {
				continue
			}
			c := figures.Cell{Agency: code, Received: figures.MonthOf(f.Received), Resolved: figures.MonthOf(f.Resolved), Standing: f.Standing()}
			if q.ByProcedure {
				c.Procedure = f.Procedure
			}
			if q.ByOfficer {
				c.Officer = who
			}
			out[c.Within(q.Period)]++
		}
	}
	return out
}

// officers tells who received each dossier, by the events.
func (h *house) officers() map[dossier.Code]dossier.PersonID {
	h.t.Helper()
	out := map[dossier.Code]dossier.PersonID{}
	_, err := all(h.ctx, h.read, func(r row) (struct{}, error) {
		var code dossier.Code
		var who dossier.PersonID
		err := r.Scan(&code, &who)
		out[code] = who
		return struct{}{}, err
	}, "SELECT dossier, who FROM events WHERE act = 'received'")
	h.must(err)
	return out
}

// counted holds all that can be asked of the cells against the dossiers.
func (h *house) counted() {
	h.t.Helper()
	officers := h.officers()
	agencies := []dossier.AgencyCode{"H60", "H60.12", "H60.13"}
	for _, p := range []figures.Period{figures.Month(2026, 11), figures.Month(2026, 12), figures.Year(2026), figures.Year(2027)} {
		for _, q := range []figures.CellQuery{
			{Agencies: agencies}, {Agencies: agencies, Own: true}, {Agencies: agencies, ByProcedure: true}, {Agencies: agencies, Own: true, ByProcedure: true},
			{Agencies: agencies, ByOfficer: true}, {Agencies: agencies, ByOfficer: true, ByProcedure: true},
			{Agencies: agencies, Procedure: "bare"}, {Agencies: agencies, Procedure: procedure, ByOfficer: true}, {Agencies: agencies, Officer: "counter"},
		} {
			q.Period = p
			cells, err := h.Cells(h.ctx, q)
			h.must(err)
			got := map[figures.Cell]int{}
			for _, c := range cells {
				n := c.N
				c.N = 0
				got[c] = n
			}
			if want := h.byFacts(q, officers); !maps.Equal(got, want) {
				h.t.Fatalf("%+v: cells %v, dossiers %v", q, got, want)
			}
		}
	}
}

// sound counts all figures again.
func (h *house) sound() {
	h.t.Helper()
	p, err := h.FiguresSpan(h.ctx)
	h.must(err)
	r, err := h.RecountFigures(h.ctx, p, false)
	h.must(err)
	if len(r.Differs) > 0 {
		h.t.Fatalf("%v", r.Differs)
	}
}

// randomAct does one of the acts that alter figures.
func (h *house) randomAct(random *rand.Rand, open *[]dossier.Code) {
	h.t.Helper()
	agencies := []dossier.AgencyCode{"H60", "H60.12", "H60.13", "H60.99"}
	clerks := []dossier.PersonID{"counter", "other"}
	switch n := random.IntN(20); {
	case n < 9:
		d := dossier.Dossier{Procedure: procedure, Receiving: agencies[random.IntN(3)], Holder: h.holder, Due: h.clock.now().AddDate(0, 0, random.IntN(9)),
			Channel: []dossier.Channel{dossier.Direct, dossier.Online}[random.IntN(2)]}
		if random.IntN(4) == 0 {
			d.Procedure = "bare"
		}
		d, err := h.AddDossier(h.ctx, d, clerks[random.IntN(2)])
		h.must(err)
		if d.Procedure == procedure {
			h.fillAtRandom(d.Code, random)
		}
		*open = append(*open, d.Code)
	case n < 13 && len(*open) > 0:
		i := random.IntN(len(*open))
		_, err := h.Resolve(h.ctx, (*open)[i], h.clock.now(), "officer")
		h.must(err)
		*open = slices.Delete(*open, i, i+1)
	case n < 14 && len(*open) > 0: // the counter decides of a component, also anew
		h.decideAtRandom((*open)[random.IntN(len(*open))], random)
	case n < 15: // an agency goes under another, also in a circle
		h.must(h.PutAgency(h.ctx, dossier.Agency{Code: agencies[1+random.IntN(2)], Parent: agencies[random.IntN(3)], Name: "Xã", Tier: dossier.Commune}))
	case n < 16:
		components := []dossier.Component{
			{Slot: "T1", Kind: "GKS", Required: random.IntN(2) == 0, Digitise: true},
			{Slot: "T2", Kind: "DON", Required: true, Digitise: random.IntN(2) == 0},
			{Slot: "T3", Kind: "DON", Required: random.IntN(2) == 0, Digitise: true}}
		h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: procedure, Level: dossier.Full, ResultKind: "QD", Components: components}))
		h.must(h.FoldFigures(h.ctx)) // what is owed is counted first
	case n < 18:
		h.must(h.FoldFigures(h.ctx))
	default:
		h.clock.move(time.Duration(random.IntN(15*24)) * time.Hour)
	}
}

// After any acts the figures are what counting the dossiers again gives, folded
// or not, on both engines.
func TestFiguresAreARecount(t *testing.T) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 29))
		h := newHouse(t)
		h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "bare", Level: dossier.Info}))
		var open []dossier.Code
		for i := range 60 {
			h.randomAct(random, &open)
			if i%6 == 5 {
				h.counted()
				h.sound()
			}
		}
		h.must(h.FoldFigures(h.ctx))
		if n, err := one(h.ctx, h.read, single[int], "SELECT COUNT(*) FROM figure_pending"); err != nil || n != 0 {
			t.Errorf("%d changes are left over, %v", n, err)
		}
		h.counted()
		h.sound()
	}
}

// With the demonstration go its figures, from the agencies above it too.
func TestFiguresOfADemonstrationGo(t *testing.T) {
	h := newHouse(t)
	first := h.newDossier()
	real := h.add(first.Code, "T1")
	h.must(h.FoldFigures(h.ctx))
	want, err := h.Cells(h.ctx, figures.CellQuery{Period: figures.Year(2026)})
	h.must(err)
	h.demonstrate(real)
	h.must(h.FoldFigures(h.ctx))
	if with, err := h.Cells(h.ctx, figures.CellQuery{Period: figures.Year(2026)}); err != nil || len(with) <= len(want) {
		t.Errorf("with a demonstration %v, %v", with, err)
	}
	_, _, err = h.RemoveDemo(h.ctx, "admin")
	h.must(err)
	if got, err := h.Cells(h.ctx, figures.CellQuery{Period: figures.Year(2026)}); err != nil || !slices.Equal(got, want) {
		t.Errorf("after it %v, %v, want %v", got, err, want)
	}
	h.sound()
}

// What is changed past the program is named, and mended.
func TestRecountNames(t *testing.T) {
	for name, row := range map[string]struct{ change, names string }{
		"a cell altered":       {"UPDATE figure_cells SET tally = '1:7' WHERE node = 'H60' AND grain = 2", "those under H60, received 2026-11"},
		"a cell that is none":  {"UPDATE figure_cells SET tally = 'much' WHERE node = 'H60.12' AND grain = 1", "H60.12, procedure 1.001193, officer counter"},
		"a cell removed":       {"DELETE FROM figure_cells WHERE node = 'H60.12' AND grain = 0", "cell of H60.12, received 2026-11"},
		"a cell added":         {"INSERT INTO figure_cells (node, grain, received, resolved, procedure, officer, tally) VALUES ('H60.13', 0, 24322, 0, '', '', '2:9')", "cell of H60.13"},
		"a change dropped":     {"DELETE FROM figure_pending", "cell of H60.12"},
		"a standing altered":   {"UPDATE dossiers SET standing = 1", "how it is counted"},
		"a month altered":      {"UPDATE dossiers SET month_resolved = 24322", "how it is counted"},
		"an officer altered":   {"UPDATE dossiers SET officer = 'friend'", "officer"},
		"a decision written":   {"INSERT INTO events (id, dossier, act, who, at, slot, entry, amount) SELECT 'x' || code || s, code, 'decided', 'friend', received, s, 'secret', 0 FROM dossiers, (SELECT 'T1' AS s UNION SELECT 'T2' UNION SELECT 'T3') AS slots", "how it is counted"},
		"a channel altered":    {"UPDATE dossiers SET channel = 'online'", "how it is counted"},
		"a dossier back-dated": {"UPDATE dossiers SET received = received - 40 * CAST(86400000 AS BIGINT)", "how it is counted"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.newDossier()
			h.must(h.FoldFigures(h.ctx))
			h.newDossier()
			h.sound()
			h.sql(row.change)
			p, err := h.FiguresSpan(h.ctx)
			h.must(err)
			r, err := h.RecountFigures(h.ctx, p, false)
			h.must(err)
			if !slices.ContainsFunc(r.Differs, func(d figures.Difference) bool { return strings.Contains(d.String(), row.names) }) {
				t.Errorf("not named %q: %v", row.names, r.Differs)
			}
			_, err = h.RecountFigures(h.ctx, p, true)
			h.must(err)
			h.sound()
			h.must(h.FoldFigures(h.ctx))
			h.sound()
			h.counted()
		})
	}
}

// Acts of many at once, folded while they go on, are all counted, once.
func TestFiguresAtOnce(t *testing.T) {
	h := newHouse(t)
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "bare", Level: dossier.Info}))
	stop := make(chan struct{})
	var folding, acting sync.WaitGroup
	for range 2 {
		folding.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := h.FoldFigures(h.ctx); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for i := range 4 {
		acting.Go(func() {
			for j := range 12 {
				d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder}, "counter")
				if err == nil && j%2 == 0 {
					_, err = h.Resolve(h.ctx, d.Code, noon, "officer")
				}
				if err == nil && j == 6 {
					err = h.PutProcedure(h.ctx, dossier.Procedure{Code: procedure, Level: dossier.Full, ResultKind: "QD", Components: []dossier.Component{
						{Slot: "T1", Kind: "GKS", Required: true, Digitise: i%2 == 0}}})
				}
				if err == nil && j == 8 {
					err = h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12", Parent: []dossier.AgencyCode{"H60", "H60.13"}[i%2], Name: "Xã", Tier: dossier.Commune})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	acting.Wait()
	close(stop)
	folding.Wait()
	h.must(h.FoldFigures(h.ctx))
	h.counted()
	h.sound()
	cells, err := h.Cells(h.ctx, figures.CellQuery{Period: figures.Year(2026), Agencies: []dossier.AgencyCode{"H60"}})
	h.must(err)
	if n := (figures.Input{Cells: cells, Period: figures.Year(2026)}).Figures(); n.Received != 48 || n.Resolved != 24 {
		t.Errorf("%+v", n)
	}
}

// However many move an agency at once, its figures go where it ends.
func TestAgencyMovedAtOnce(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		_, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: "H60.12", Holder: h.holder}, "counter")
		h.must(err)
	}
	h.must(h.FoldFigures(h.ctx))
	for range 5 {
		var moving sync.WaitGroup
		for i := range 4 {
			moving.Go(func() {
				for j := range 8 {
					parent := []dossier.AgencyCode{"H60", "H60.13"}[(i+j/2)%2]
					if err := h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12", Parent: parent, Name: "Xã", Tier: dossier.Commune}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		moving.Wait()
		h.counted()
	}
}

// The list behind a figure, page by page, is what going through all dossiers gives.
func TestFiguresBehind(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	h := newHouse(t)
	h.must(h.PutProcedure(h.ctx, dossier.Procedure{Code: "bare", Level: dossier.Info}))
	h.must(h.PutAgency(h.ctx, dossier.Agency{Code: "H60.12.1", Parent: "H60.12", Name: "Thôn", Tier: dossier.Commune}))
	agencies := []dossier.AgencyCode{"H60", "H60.12", "H60.12.1", "H60.13"}
	for range 60 {
		if random.IntN(3) == 0 {
			h.clock.move(time.Duration(random.IntN(60)) * time.Hour)
		}
		d := dossier.Dossier{Procedure: procedure, Receiving: agencies[random.IntN(4)], Holder: h.holder, Due: h.clock.now().AddDate(0, 0, 3)}
		if random.IntN(4) == 0 {
			d.Procedure = "bare"
		}
		d, err := h.AddDossier(h.ctx, d, dossier.PersonID(fmt.Sprint("p", random.IntN(2))))
		h.must(err)
		if random.IntN(2) == 0 {
			_, err := h.Resolve(h.ctx, d.Code, h.clock.now().AddDate(0, 0, random.IntN(20)), "officer")
			h.must(err)
		}
		if random.IntN(9) == 0 {
			h.must(h.FoldFigures(h.ctx))
		}
	}
	officers := h.officers()
	seen := 0
	for _, p := range []figures.Period{figures.Month(2026, 11), figures.Month(2026, 12), figures.Year(2026)} {
		for _, i := range figures.At(p.From) {
			if i.Stands == nil {
				continue
			}
			for _, why := range []figures.Why{figures.Counts, figures.Missing, figures.NothingToDo, figures.Exempt, figures.NotResolved, figures.OutOfPeriod} {
				for _, q := range []figures.CellQuery{{}, {Agencies: []dossier.AgencyCode{"H60.12"}}, {Agencies: []dossier.AgencyCode{"H60.12"}, Own: true},
					{Procedure: "bare"}, {Agencies: []dossier.AgencyCode{"H60.13"}, Officer: "p1"}} {
					q.Period = p
					for _, window := range []int{1, windowFor} { // how large a span of time is looked through
						seen += h.listed(q, officers, window, func(f figures.Fact) bool { return i.Stands(f, p) == why })
					}
				}
			}
		}
	}
	if seen < 2000 {
		t.Errorf("only %d dossiers listed", seen)
	}
}

// listed goes through a list in pages of three and holds it against all facts.
func (h *house) listed(q figures.CellQuery, officers map[dossier.Code]dossier.PersonID, window int, want func(figures.Fact) bool) int {
	h.t.Helper()
	var got []dossier.Code
	mark := figures.Mark{}
	for {
		facts, next, err := h.figuresBehind(h.ctx, q, want, mark, 3, window)
		h.must(err)
		for _, f := range facts {
			got = append(got, f.Dossier)
		}
		if next == nil {
			break
		}
		mark = *next
	}
	root := dossier.AgencyCode("H60")
	if len(q.Agencies) > 0 {
		root = q.Agencies[0]
	}
	facts, err := h.Facts(h.ctx, q.Period, h.below(root, q.Own || q.Officer != ""))
	h.must(err)
	var all []dossier.Code
	for _, f := range facts {
		if want(f) && (q.Procedure == "" || f.Procedure == q.Procedure) && (q.Officer == "" || officers[f.Dossier] == q.Officer) {
			all = append(all, f.Dossier)
		}
	}
	slices.Sort(got)
	slices.Sort(all)
	if !slices.Equal(got, all) {
		h.t.Fatalf("%+v: listed %v, want %v", q, got, all)
	}
	return len(got)
}

// Days that are no whole months: figures are those of the dossiers one by one.
func TestFiguresOfDays(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	h := newHouse(t)
	for range 80 {
		h.clock.move(time.Duration(random.IntN(80)) * time.Hour)
		d, err := h.AddDossier(h.ctx, dossier.Dossier{Procedure: procedure, Receiving: []dossier.AgencyCode{"H60", "H60.12"}[random.IntN(2)],
			Holder: h.holder, Due: h.clock.now().AddDate(0, 0, 3)}, "counter")
		h.must(err)
		if random.IntN(3) > 0 {
			_, err := h.Resolve(h.ctx, d.Code, h.clock.now().AddDate(0, 0, random.IntN(40)), "officer")
			h.must(err)
		}
	}
	facts, err := h.Facts(h.ctx, figures.Period{From: noon.AddDate(-1, 0, 0), To: noon.AddDate(2, 0, 0)}, nil)
	h.must(err)
	cells, whole := 0, figures.Month(2026, 11).From
	for range 60 {
		p := figures.Period{From: whole.AddDate(0, 0, random.IntN(60)), To: whole.AddDate(0, 0, 61+random.IntN(150))}
		in, err := h.FiguresInput(h.ctx, figures.CellQuery{Period: p})
		h.must(err)
		cells += len(in.Cells)
		want := figures.Input{Facts: facts, Period: p}
		if got, want := in.Figures(), want.Figures(); got != want {
			t.Fatalf("%v: %+v, want %+v", p, got, want)
		}
		if got, want := in.Bridge(), want.Bridge(); got != want {
			t.Fatalf("%v: %+v, want %+v", p, got, want)
		}
		for _, i := range figures.At(p.From) {
			if got, want := i.Of(in), i.Of(want); got.Rate != want.Rate {
				t.Errorf("%v: %s: %+v, want %+v", p, i.Key, got, want)
			}
		}
	}
	if cells == 0 {
		t.Error("no cell was used")
	}
}
