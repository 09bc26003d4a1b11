package sampling

// An Outcome is a lot that was judged on its first inspection; lots that were done
// anew and shown again do not count for switching (ISO 2859-1 9.3).
type Outcome struct {
	Size          int    // papers of the lot
	Level, AQL    string //
	Plan          Plan   // that it was looked at by
	Nonconforming int    // in the sample
	Verdict       Verdict
}

// A Standing is how strictly the next lot is looked at, and how it came to that.
type Standing struct {
	Severity Severity
	Score    int  // of switching, under normal inspection (ISO 2859-1 9.3.3.2)
	Stopped  bool // five lots were rejected under tightened inspection (9.4): work is mended before more is shown
}

// Numbers of the switching rules (ISO 2859-1 9.3, 9.4).
const (
	mostLately   = 5  // of so many lots in a row
	rejectsToGo  = 2  // so many rejected: tightened
	acceptsBack  = 5  // so many accepted in a row under tightened: normal
	scoreReduced = 30 // normal to reduced
	rejectsStop  = 5  // rejected under tightened: stopped
)

// Next plays the switching rules over lots, oldest first, and says how the next one
// is looked at. It begins with normal inspection (9.1). Steady production and the word
// of the responsible authority (9.3.3.1 b, c) are for people: without mayReduce it
// never goes to reduced inspection.
func Next(lots []Outcome, mayReduce bool) Standing {
	s := Standing{Severity: Normal}
	var lately []Verdict // of this severity, oldest first
	rejected := 0        // under tightened
	for _, l := range lots {
		if l.Verdict == Open {
			continue
		}
		lately = append(lately, l.Verdict)
		was := s.Severity
		switch s.Severity {
		case Normal:
			s.Score = scored(s.Score, l)
			if count(last(lately, mostLately), Rejected) >= rejectsToGo {
				s.Severity = Tightened
			} else if mayReduce && s.Score >= scoreReduced {
				s.Severity = Reduced
			}
		case Tightened:
			if l.Verdict == Rejected {
				rejected++
			}
			s.Stopped = rejected >= rejectsStop
			if n := last(lately, acceptsBack); !s.Stopped && len(n) == acceptsBack && count(n, Accepted) == acceptsBack {
				s.Severity, rejected = Normal, 0
			}
		case Reduced:
			if l.Verdict == Rejected || l.Nonconforming > l.Plan.Accept {
				s.Severity = Normal
			}
		}
		if s.Severity != was {
			lately, s.Score = nil, 0
		}
	}
	return s
}

// scored is the switching score after a lot: two more if it was accepted with Ac 0 or
// 1; three more if it would have been at the next stricter AQL, with a greater Ac;
// else it begins anew (9.3.3.2.1).
func scored(score int, l Outcome) int {
	switch {
	case l.Verdict != Accepted:
		return 0
	case l.Plan.Accept <= 1:
		return score + 2
	}
	all := AQLs()
	for i, a := range all {
		if a != l.AQL || i == 0 {
			continue
		}
		if p, err := PlanFor(l.Size, l.Level, all[i-1], Normal); err == nil && l.Nonconforming <= p.Accept {
			return score + 3
		}
	}
	return 0
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func count(list []Verdict, of Verdict) (n int) {
	for _, v := range list {
		if v == of {
			n++
		}
	}
	return n
}
