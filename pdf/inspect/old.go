package inspect

import (
	"sohoa/pdf/tongue"
	"sohoa/scan"
)

// Why is the reason for what is done with a page's own text: a code.
type Why = string

// The reasons.
const (
	WhyDigital  Why = "born-digital"  // keep: its letters are seen, and are words
	WhyFew      Why = "few-letters"   // keep: its letters are seen, too few to judge, nothing speaks against them
	WhyLayer    Why = "good-layer"    // keep: unseen text over a scan, words in a known tongue
	WhyForeign  Why = "wrong-tongue"  // redo: unseen text without the marks of Vietnamese
	WhyBroken   Why = "broken-layer"  // redo: unseen text that is no words
	WhyThin     Why = "thin-layer"    // redo: unseen text too short for a page
	WhyStamp    Why = "stamp-only"    // force: a scan with only a signature, stamp or page heading set over it
	WhyLegacy   Why = "legacy-font"   // force: letters of an old Vietnamese font, whose codes are no Unicode
	WhyGarbled  Why = "garbled"       // force: letters that are seen, but whose codes are no words
	WhyTextless Why = "text-not-told" // force: letters that are seen, but of which the file does not tell the codes' meaning
)

// facts are what the rule decides by.
type facts struct {
	seen, unseen bool    // text in letters that show, and that do not
	covered      float64 // share of the page under a picture
	words        int
	inked        float64 // share of the page under the boxes of words
	verdict      tongue.Verdict
	legacy       bool    // fonts by names like .VnTime or VNI-Times
	told         float64 // letters told for each byte shown
}

// A rule says what is done where its test holds.
type rule struct {
	holds func(facts) bool
	what  scan.Treatment
	why   Why
}

// A page is taken for a scan from this share under one picture on; a stamp or
// heading has at most so many words, on at most this share of the page.
const (
	scanShare  = 0.6
	stampWords = 40
	stampShare = 0.06
)

func isScan(f facts) bool { return f.covered >= scanShare }

func foundOut(f facts) bool {
	return f.verdict == tongue.Garbled || f.verdict == tongue.Unmarked && f.legacy
}

// rules are tried in their order; the first that holds decides.
var rules = []rule{
	{func(f facts) bool { return !f.seen && !f.unseen }, "", ""},

	// Over a scan, unseen.
	{func(f facts) bool { return !f.seen && f.verdict == tongue.Few }, scan.Redo, WhyThin},
	{func(f facts) bool { return !f.seen && f.verdict == tongue.Garbled }, scan.Redo, WhyBroken},
	{func(f facts) bool { return !f.seen && f.verdict == tongue.Unmarked }, scan.Redo, WhyForeign},
	{func(f facts) bool { return !f.seen }, scan.Keep, WhyLayer},

	// Seen, but not what the page says.
	{func(f facts) bool { return isScan(f) && f.words <= stampWords && f.inked <= stampShare }, scan.Force, WhyStamp},

	// Seen.
	{func(f facts) bool { return f.words == 0 || f.told < 0.01 }, scan.Force, WhyTextless},
	{func(f facts) bool { return f.legacy && foundOut(f) }, scan.Force, WhyLegacy},
	{func(f facts) bool { return f.verdict == tongue.Garbled }, scan.Force, WhyGarbled},
	{func(f facts) bool { return f.verdict == tongue.Few }, scan.Keep, WhyFew},
	{func(facts) bool { return true }, scan.Keep, WhyDigital},
}

// decide goes by the rules.
func decide(f facts) (scan.Treatment, Why) {
	for _, r := range rules {
		if r.holds(f) {
			return r.what, r.why
		}
	}
	return scan.Force, WhyGarbled
}
