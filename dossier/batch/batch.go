// Package batch has the words for paper that comes by the metre: a batch is files
// from scanners, each file sides of sheets, and every side is accounted for: it
// enters as a page of a document, is left out as blank by rule or as a separator
// sheet, or is left out by a person with a reason. What borders a machine proposes
// between papers rests on codes that the house printed, and on nothing else but what a
// person says of blank and patch sheets: one that is expected and not found is told,
// never guessed.
//
// The package is values and pure functions.
package batch

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// An ID names a batch.
type ID string

// A Standing is how far a batch has come.
type Standing string

// The standings, in their order.
const (
	Waiting  Standing = "waiting"  // for its files to be looked at
	Proposed Standing = "proposed" // a person looks at the borders
	Entering Standing = "entering" // ordered: its papers go to the door; nobody changes it
	Done     Standing = "done"     // every side is accounted for
)

// A Feed is how the sheets went through the scanner, which somebody says: a
// picture does not tell.
type Feed string

// The feeds.
const (
	Single Feed = "single" // one side of each sheet, or both by a feeder that knows
	Twice  Feed = "twice"  // all fronts, then the stack turned over: the backs, last sheet first
)

// Feeds lists them.
var Feeds = [...]Feed{Single, Twice}

// A Parting is what stands between two papers of a batch besides the sheets of the
// house, which somebody says: a picture does not tell.
type Parting struct {
	Blanks  Blanks
	Patches bool // sheets with patch codes do
}

// patchesPart is added to the number of a row's [Blanks].
const patchesPart = 4

// Number is p in a row.
func (p Parting) Number() int {
	if p.Patches {
		return int(p.Blanks) + patchesPart
	}
	return int(p.Blanks)
}

// PartingOf is what the number of a row means.
func PartingOf(n int) Parting {
	return Parting{Blanks: Blanks(n % patchesPart), Patches: n >= patchesPart}
}

// Blanks are what blank sides mean in a batch. The numbers are those of the rows.
type Blanks int

// The meanings.
const (
	Nothing   Blanks = iota // of nothing: they are left out
	Pages                   // pages: they enter like others
	SideParts               // between two papers: what comes after each begins a paper
	PairParts               // two that follow each other, a blank sheet of which both sides were scanned, stand between two papers; others are left out
)

// BlanksOf reads what a form says; nothing is the first.
func BlanksOf(text string) (Blanks, error) {
	for b := Nothing; b <= PairParts; b++ {
		if text == "" || text == strconv.Itoa(int(b)) {
			return b, nil
		}
	}
	return 0, fmt.Errorf("%w: blank sides %q", dossier.ErrInvalid, text)
}

// A Batch is files that came together.
type Batch struct {
	ID     ID
	Agency dossier.AgencyCode // whose counter it is
	Who    dossier.PersonID   // who brought it
	At     time.Time
	Feed   Feed
	Parting
	Standing Standing
	Version  int    // counts what people changed
	Said     string // what was in the way, in the machine's words
	Files    []File
	Sides    []Side // in the order in which they enter
}

// A File is a file of a batch. Its bytes lie in the store as they came.
type File struct {
	Number int // from 1
	Sum    digest.Digest
	Name   string // as its owner calls it: for their eyes only
	Size   int64
	Pages  int
	Said   string             // why it could not be taken apart; empty if it could
	Known  dossier.DocumentID // that has the very bytes already; empty if none has
	Drop   string             // of the tray, that it is; "": somebody brought it
}

// A Use is what becomes of a side.
type Use string

// The uses.
const (
	Page      Use = "page"      // enters
	Blank     Use = "blank"     // left out by rule: nothing is on it
	Separator Use = "separator" // left out by rule: a sheet that the house printed, or one with patch codes
	LeftOut   Use = "left-out"  // by a person, with a reason
)

// Uses lists them.
var Uses = [...]Use{Page, Blank, Separator, LeftOut}

// A Look is what the machine saw on a side.
type Look struct {
	Picture string // SHA-256 of the stored picture, in hex digits; empty of a page that is none
	Print   uint64 // perceptual hash of what is on it; 0 if nothing is
	DPI     float64
	Width   int // millimetres, as it lies
	Height  int
	Lies    int // clockwise quarter turns that its file asks for and its picture has not
	Turn    int // clockwise quarter turns that would make it upright, besides those
	Blank   bool
	Colour  bool
	Mark    Mark // what its codes say; the zero Mark if nothing
	Spoiled bool // there is a code of the house that does not bear its own check, or two that differ
}

// A Twin is a side, or a page of a document, that looks like another.
type Twin struct {
	Same  bool // the very same picture; else one that looks alike
	Batch ID   // whose side it is; empty: it is a page of Document
	File  int
	Page  int
	Bits  int // of 64 that differ

	Document dossier.DocumentID `json:",omitempty"` // whose page it is
	Holder   bool               `json:",omitempty"` // a paper of the same holder
}

// MostTwins is how many are told that look like one.
const MostTwins = 3

// A PagePrint is what a page of a document looks like.
type PagePrint struct {
	Page    int    // from 1
	Picture string // SHA-256 of its stored picture, in hex digits
	Print   uint64 // perceptual hash of what is on it
}

// An Unprinted is a document of which nobody has written down yet what its pages look
// like.
type Unprinted struct {
	Document    dossier.DocumentID
	Words, Scan digest.Digest
}

// A Likeness says that page At of a document looks like another's.
type Likeness struct {
	At int // from 1
	Twin
}

// A Side is one side of a sheet.
type Side struct {
	File, Page int // where it is, from 1
	Look
	Twins []Twin

	// What is proposed, and then decided.
	Use     Use
	Why     string // of what a person left out
	Turn    int    // clockwise quarter turns that it is entered with
	Starts  bool   // a paper begins with it
	Dossier dossier.Code
	Slot    dossier.SlotCode // both of the paper that begins; empty if nobody said yet

	Document dossier.DocumentID // as which it entered; empty if it has not
	Refused  string             // why the paper that begins here did not enter, in the machine's words
}

// Open reports whether it is still to be said, or done, what becomes of s.
func (s Side) Open() bool { return s.Use == Page && s.Document == "" }

// A Paper is sides that enter together.
type Paper struct {
	From, To int // indexes of its first side and behind its last
	Dossier  dossier.Code
	Slot     dossier.SlotCode
	Pages    []int // indexes of the sides that enter
	Document dossier.DocumentID
}

// Ready reports whether p can enter: somebody or something said as what, it has
// pages, and it has not entered.
func (p Paper) Ready() bool {
	return p.Document == "" && p.Dossier != "" && p.Slot != "" && len(p.Pages) > 0
}

// Papers returns what sides are together: a paper begins at the first side and at
// each that starts one. Papers of separators alone are left out.
func Papers(sides []Side) []Paper {
	var all []Paper
	for i, s := range sides {
		if i == 0 || s.Starts {
			all = append(all, Paper{From: i, To: i, Dossier: s.Dossier, Slot: s.Slot})
		}
		p := &all[len(all)-1]
		p.To = i + 1
		if s.Use == Page {
			p.Pages = append(p.Pages, i)
			p.Document = s.Document
		}
	}
	return slices.DeleteFunc(all, func(p Paper) bool { return len(p.Pages) == 0 })
}

// A Sum is the account of a batch: of Sides sides so many entered, and so on. A
// batch is done when Open is 0.
type Sum struct{ Sides, Entered, Blank, Separators, LeftOut, Open int }

// Account adds up what became of sides.
func Account(sides []Side) Sum {
	n := Sum{Sides: len(sides)}
	for _, s := range sides {
		switch {
		case s.Use == Blank:
			n.Blank++
		case s.Use == Separator:
			n.Separators++
		case s.Use == LeftOut:
			n.LeftOut++
		case s.Document != "":
			n.Entered++
		default:
			n.Open++
		}
	}
	return n
}

// Arrange returns was as a person wants it: now has the same sides, in some order.
// What has entered stays as it is, and together; what is left out has a reason, and
// nothing is said to be blank or a separator that the machine did not see as such.
// Anything else wraps [dossier.ErrInvalid].
func Arrange(was, now []Side) ([]Side, error) {
	if len(was) != len(now) {
		return nil, fmt.Errorf("%w: %d sides, not %d", dossier.ErrInvalid, len(now), len(was))
	}
	type key struct{ file, page int }
	by := map[key]Side{}
	for _, s := range was {
		by[key{s.File, s.Page}] = s
	}
	out := make([]Side, len(now))
	for i, n := range now {
		s, ok := by[key{n.File, n.Page}]
		if !ok {
			return nil, fmt.Errorf("%w: side %d of file %d is there twice or not at all", dossier.ErrInvalid, n.Page, n.File)
		}
		delete(by, key{n.File, n.Page})
		if s.Document == "" {
			if err := s.set(n); err != nil {
				return nil, err
			}
		}
		out[i] = s
	}
	if !sameEntered(was, out) {
		return nil, fmt.Errorf("%w: what has entered stays together", dossier.ErrInvalid)
	}
	return out, nil
}

// set takes over what a person decides of a side.
func (s *Side) set(n Side) error {
	switch {
	case !slices.Contains(Uses[:], n.Use) || n.Turn < 0 || n.Turn > 3:
		return fmt.Errorf("%w: side %d of file %d", dossier.ErrInvalid, n.Page, n.File)
	case n.Use == Blank && !s.Blank, n.Use == Separator && s.Mark == (Mark{}):
		return fmt.Errorf("%w: side %d of file %d is no such sheet", dossier.ErrInvalid, n.Page, n.File)
	case n.Use == LeftOut && n.Why == "":
		return ErrWhy
	}
	s.Use, s.Turn, s.Starts, s.Dossier, s.Slot, s.Why, s.Refused = n.Use, n.Turn, n.Starts, n.Dossier, n.Slot, "", ""
	if n.Use == LeftOut {
		s.Why = n.Why
	}
	return nil
}

// ErrWhy: a side is left out and nobody says why.
var ErrWhy = fmt.Errorf("%w: a side is left out without a reason", dossier.ErrInvalid)

// sameEntered reports whether the papers that entered have the same pages.
func sameEntered(a, b []Side) bool {
	of := func(sides []Side) map[dossier.DocumentID][][2]int {
		m := map[dossier.DocumentID][][2]int{}
		for _, p := range Papers(sides) {
			for _, i := range p.Pages {
				if p.Document != sides[i].Document { // mixed with what has not
					m["?"] = append(m["?"], [2]int{i, i})
				}
				if d := sides[i].Document; d != "" {
					m[d] = append(m[d], [2]int{sides[i].File, sides[i].Page})
				}
			}
		}
		return m
	}
	x, y := of(a), of(b)
	if len(y["?"]) > 0 || len(x) != len(y) {
		return false
	}
	for d, pages := range x {
		if !slices.Equal(pages, y[d]) {
			return false
		}
	}
	return true
}
