package project

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/sampling"
)

// A Lot is papers of a project that are judged together. Which they are is fixed when
// it is closed, before anybody knows which of them will be looked at.
type Lot struct {
	Project ID
	Number  int // from 1
	Size    int
	Sum     digest.Digest // of its papers, see [SumOf]
	Who     dossier.PersonID
	At      time.Time
	Redone  int     // papers that were looked at anew since it was rejected
	Rounds  []Round // the first, and one for each time it was shown again
}

// Last is the newest round.
func (l Lot) Last() Round { return l.Rounds[len(l.Rounds)-1] }

// Again reports whether l may be shown again: it was rejected, and every paper of it
// was looked at anew (ISO 2859-1 7.4: all of the lot, not what was found in its sample).
func (l Lot) Again() bool { return l.Last().Verdict == sampling.Rejected && l.Redone == l.Size }

// A Round is one inspection of a lot.
type Round struct {
	Number int // from 1
	sampling.Plan
	Level         string
	Event         string // id of the event in the ledger by which it began
	Place         int64  // of that event; -1: it has none yet, and nothing is drawn
	Seed          string // hex digits, see [SeedOf]
	Checked       int
	Nonconforming int // papers with a defect
	Verdict       sampling.Verdict
	Judged        time.Time
}

// SumOf is the SHA-256 of the ids of papers, in their order, each with a line feed.
func SumOf(papers []dossier.DocumentID) digest.Digest {
	var b strings.Builder
	for _, p := range slices.Sorted(slices.Values(papers)) {
		b.WriteString(string(p) + "\n")
	}
	return digest.Of([]byte(b.String()))
}

// SeedOf is what a sample is drawn by: the SHA-256 of the root of the ledger up to and
// including the event by which the round began, and the sum of the lot's papers. The
// root depends on all that anybody did in the house until then, so nobody can know it
// before the papers are fixed, or choose it; whoever has the ledger computes it again.
func SeedOf(root [32]byte, papers digest.Digest) string {
	h := sha256.New()
	h.Write(root[:])
	h.Write([]byte(papers.String()))
	return hex.EncodeToString(h.Sum(nil))
}

// Drawn are the papers that are looked at.
func Drawn(seed string, papers []dossier.DocumentID, n int) ([]dossier.DocumentID, error) {
	key, err := hex.DecodeString(seed)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(papers))
	for i, p := range papers {
		ids[i] = string(p)
	}
	var out []dossier.DocumentID
	for _, id := range sampling.Draw(key, ids, n) {
		out = append(out, dossier.DocumentID(id))
	}
	return out, nil
}

// Standing is how strictly the next lot is looked at, by the switching rules over lots,
// oldest first. Only their first rounds count (ISO 2859-1 9.3).
func Standing(p Plan, lots []Lot) sampling.Standing {
	var list []sampling.Outcome
	for _, l := range lots {
		r := l.Rounds[0]
		list = append(list, sampling.Outcome{Size: l.Size, Level: r.Level, AQL: r.AQL, Plan: r.Plan, Nonconforming: r.Nonconforming, Verdict: r.Verdict})
	}
	return sampling.Next(list, p.Reduce)
}

// PlanOf is the plan by which a lot of so many papers is looked at. One that is shown
// again is looked at under tightened inspection.
func PlanOf(p Plan, size int, lots []Lot, again bool) (sampling.Plan, error) {
	s := Standing(p, lots).Severity
	if again {
		s = sampling.Tightened
	}
	return sampling.PlanFor(size, p.Level, p.AQL, s)
}

// A Flaw is a kind of defect of a paper.
type Flaw string

// Flaws lists the kinds of defects.
var Flaws = [...]Flaw{"missing-page", "page-order", "unreadable", "crooked", "cut-off", "wrong-place", "wrong-data", "twice", "other"}

// A Pick is a paper of a sample.
type Pick struct {
	Paper
	Checker dossier.PersonID // empty: nobody has looked
	Checked time.Time
	Flaws   []Flaw
}

// A Tally is how many defects there are among papers that were looked at. Of what it
// is, Key says: a kind of defect, a person or a scanner.
type Tally struct {
	Key      string
	Papers   int // that were looked at
	Bad      int // of them with a defect
	Defects  int
	PerMille int // defects per thousand papers
}

// PerHundred is defects per hundred papers that were looked at (ISO 2859-1 3.1.9).
func (t Tally) PerHundred() float64 { return float64(t.PerMille) / 10 }

// Quality is what was found in samples, by kind of defect, by who brought the papers
// and by scanner, and in all. Of a lot that was shown again all rounds count.
type Quality struct {
	All                         Tally
	ByFlaw, ByPerson, ByScanner []Tally
}

// QualityOf adds up what was found in picks that were looked at.
func QualityOf(picks []Pick) Quality {
	var q Quality
	flaws, people, scanners := map[string]*Tally{}, map[string]*Tally{}, map[string]*Tally{}
	at := func(m map[string]*Tally, key string) *Tally {
		if m[key] == nil {
			m[key] = &Tally{Key: key}
		}
		return m[key]
	}
	for _, p := range picks {
		if p.Checker == "" {
			continue
		}
		for _, t := range []*Tally{&q.All, at(people, string(p.Who)), at(scanners, p.Scanner)} {
			t.Papers++
			t.Defects += len(p.Flaws)
			if len(p.Flaws) > 0 {
				t.Bad++
			}
		}
		for _, f := range p.Flaws {
			t := at(flaws, string(f))
			t.Defects++
			t.Bad++
		}
	}
	q.All = q.All.rated(q.All.Papers)
	q.ByFlaw, q.ByPerson, q.ByScanner = sorted(flaws, q.All.Papers), sorted(people, 0), sorted(scanners, 0)
	return q
}

// rated is t with its rate over so many papers; 0: over its own.
func (t Tally) rated(papers int) Tally {
	if papers > 0 {
		t.Papers = papers
	}
	if t.Papers > 0 {
		t.PerMille = (1000*t.Defects + t.Papers/2) / t.Papers
	}
	return t
}

func sorted(m map[string]*Tally, papers int) (list []Tally) {
	for _, t := range m {
		list = append(list, t.rated(papers))
	}
	slices.SortFunc(list, func(a, b Tally) int {
		if a.Defects != b.Defects {
			return b.Defects - a.Defects
		}
		return strings.Compare(a.Key, b.Key)
	})
	return list
}
