package figures

// A Bridge leads from the denominator of the dossiers rate to that of the
// results rate of the same period. They differ because they ask different
// questions: what came in with paper to digitise, and what was resolved with a
// paper as its result. People who see both published want to know why.
type Bridge struct {
	Dossiers int // received in the period with a component to digitise

	Open      int // of these, not resolved in the period
	NoPaper   int // of these, resolved in it, but the result is no document
	Earlier   int // resolved in the period with a document, received before or after it
	Unscanned int // received and resolved in it with a document, with no component to digitise

	Results int // resolved in the period with a document
}

// BridgeOf counts the bridge of p.
func BridgeOf(facts []Fact, p Period) Bridge { return Input{Facts: facts, Period: p}.Bridge() }

// Bridge counts the bridge of in.
func (in Input) Bridge() Bridge {
	var b Bridge
	p := in.Period
	for f, n := range in.All() {
		asked := inDenominator(DossierDigitised(f, p))
		issued := inDenominator(ResultDigitised(f, p))
		switch {
		case asked && issued:
		case asked && (f.Resolved.IsZero() || !p.Contains(f.Resolved)):
			b.Open += n
		case asked:
			b.NoPaper += n
		case issued && !p.Contains(f.Received):
			b.Earlier += n
		case issued:
			b.Unscanned += n
		}
		if asked {
			b.Dossiers += n
		}
		if issued {
			b.Results += n
		}
	}
	return b
}

// Holds reports whether the bridge leads where it says.
func (b Bridge) Holds() bool {
	return b.Dossiers-b.Open-b.NoPaper+b.Earlier+b.Unscanned == b.Results
}

func inDenominator(w Why) bool { return w == Counts || w == Missing }
