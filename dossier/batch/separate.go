package batch

import (
	"cmp"
	"slices"

	"sohoa/dossier"
)

// A Warning is something that a person has to know before a batch enters.
type Warning struct {
	Code    WarningCode
	Side    int // its index, or -1 if it is about none
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Number  int // of the sheet, or of the file, that it is about
	Of      int
}

// A WarningCode is a kind of warning.
type WarningCode string

// The warnings.
const (
	Missing  WarningCode = "missing"  // a separator sheet was printed with others and is not here
	Twofold  WarningCode = "twofold"  // one is here twice
	Damaged  WarningCode = "damaged"  // a code of the house that cannot be believed
	Loose    WarningCode = "loose"    // sides before anything said what they are
	Unsaid   WarningCode = "unsaid"   // it is known of which dossier a paper is, and not as which component
	Unpaired WarningCode = "unpaired" // fronts and backs are told, and one of them is missing
	Backs    WarningCode = "backs"    // it looks as if fronts and backs had gone through one after the other
	Unread   WarningCode = "unread"   // a file could not be taken apart
	Brought  WarningCode = "brought"  // the very file is a document of the house already
	Same     WarningCode = "same"     // the very picture is there already
	Notes    WarningCode = "small"    // a sheet much smaller than the others: a note may have been stuck to it, or be what hides a page
	Unknown  WarningCode = "unknown"  // a code names a dossier or component that the house does not know, or not here
	Patched  WarningCode = "patched"  // sheets with patch codes are here, and nobody said that they part papers
	Unparted WarningCode = "unparted" // they were said to part papers, and none is here
)

// WarningCodes lists them, in the order of their weight.
var WarningCodes = [...]WarningCode{Unread, Missing, Damaged, Unknown, Unpaired, Twofold, Unparted, Patched, Loose, Unsaid, Backs, Brought, Same, Notes}

// InFiles returns sides in the order in which they came.
func InFiles(sides []Side) []Side {
	return slices.SortedFunc(slices.Values(sides), func(a, b Side) int { return cmp.Or(a.File-b.File, a.Page-b.Page) })
}

// Order returns sides in the order of the paper. With [Twice] the first half are
// fronts and the second the backs of the same stack turned over, the last sheet's
// first; an odd number cannot be halved, and stays as it is.
func Order(feed Feed, sides []Side) []Side {
	if feed != Twice || len(sides)%2 != 0 {
		return sides
	}
	half := len(sides) / 2
	out := make([]Side, 0, len(sides))
	for i := range half {
		out = append(out, sides[i], sides[len(sides)-1-i])
	}
	return out
}

// Separate proposes what becomes of sides, which lie in the order of the paper: a
// mark of the house begins a paper with the side after it; a blank side, and a sheet with
// patch codes, is what parting says; a side that lies otherwise is turned. Nothing begins
// but where a mark says so, or a sheet of which somebody said that it parts papers: of
// the paper after that one nothing is known.
func Separate(sides []Side, parting Parting) {
	blanks := parting.Blanks
	var now Mark
	begins := false
	for i := range sides {
		s := &sides[i]
		s.Use, s.Turn, s.Starts, s.Dossier, s.Slot, s.Why = Page, s.Look.Turn, false, "", "", ""
		switch {
		case s.Mark != (Mark{}) && (s.Mark.Kind != Patch || parting.Patches):
			s.Use, s.Turn, now, begins = Separator, 0, s.Mark, true
			if s.Mark.Kind == Next {
				now = Mark{}
			}
			continue
		case s.Blank && i > 0 && sides[i-1].Use == Separator: // the back of a separator
			s.Use = Blank
			continue
		case s.Blank && blanks != Pages:
			s.Use = Blank
			if blanks == SideParts || blanks == PairParts && secondBlank(sides, i) {
				now, begins = Mark{}, true
			}
			continue
		}
		if begins || i == 0 {
			s.Starts, s.Dossier, s.Slot, begins = true, now.Dossier, now.Slot, false
		}
	}
}

// secondBlank reports whether the side before blank side i is blank too, and no back of
// a separator.
func secondBlank(sides []Side, i int) bool {
	return i > 0 && sides[i-1].Use == Blank && (i == 1 || sides[i-2].Use != Separator)
}

// Warnings returns what is to be told of a batch. Those about separators come from
// what was printed together: of three sheets one that is not here is missing,
// whatever it separated.
func Warnings(b Batch) []Warning {
	var all []Warning
	for _, f := range b.Files {
		if f.Said != "" {
			all = append(all, Warning{Code: Unread, Side: -1, Number: f.Number})
		}
		if f.Known != "" {
			all = append(all, Warning{Code: Brought, Side: -1, Number: f.Number})
		}
	}
	if b.Feed == Twice && len(b.Sides)%2 != 0 {
		all = append(all, Warning{Code: Unpaired, Side: -1, Number: len(b.Sides)})
	}
	all = append(all, ofMarks(b.Sides)...)
	all = append(all, ofPatches(b)...)
	all = append(all, ofPapers(b.Sides)...)
	all = append(all, ofSides(b.Sides)...)
	if b.Feed == Single && LooksTwice(b) {
		all = append(all, Warning{Code: Backs, Side: -1})
	}
	slices.SortStableFunc(all, func(a, b Warning) int {
		return cmp.Compare(slices.Index(WarningCodes[:], a.Code), slices.Index(WarningCodes[:], b.Code))
	})
	return all
}

// ofMarks compares the separators that are here with those that were printed.
func ofMarks(sides []Side) (all []Warning) {
	type set struct {
		dossier dossier.Code
		of      int
	}
	seen := map[set]map[int]int{}
	var order []set
	for i, s := range sides {
		if s.Spoiled {
			all = append(all, Warning{Code: Damaged, Side: i})
		}
		if s.Mark.Of == 0 {
			continue
		}
		k := set{s.Mark.Dossier, s.Mark.Of}
		if seen[k] == nil {
			seen[k] = map[int]int{}
			order = append(order, k)
		}
		if seen[k][s.Mark.Number]++; seen[k][s.Mark.Number] == 2 {
			all = append(all, Warning{Code: Twofold, Side: i, Dossier: k.dossier, Slot: s.Mark.Slot, Number: s.Mark.Number, Of: k.of})
		}
	}
	for _, k := range order {
		for n := 1; n <= k.of; n++ {
			if seen[k][n] == 0 {
				all = append(all, Warning{Code: Missing, Side: -1, Dossier: k.dossier, Number: n, Of: k.of})
			}
		}
	}
	return all
}

// ofPatches tells where a batch and what was said of its patch sheets do not agree.
func ofPatches(b Batch) []Warning {
	first, n := -1, 0
	for i, s := range b.Sides {
		if s.Mark.Kind != Patch {
			continue
		}
		if n++; first < 0 {
			first = i
		}
	}
	switch {
	case b.Patches && n == 0 && len(b.Sides) > 0:
		return []Warning{{Code: Unparted, Side: -1}}
	case !b.Patches && n > 0:
		return []Warning{{Code: Patched, Side: first, Number: n}}
	}
	return nil
}

// ofPapers tells of papers of which something is not known.
func ofPapers(sides []Side) (all []Warning) {
	for _, p := range Papers(sides) {
		switch {
		case p.Document != "" || p.Dossier != "" && p.Slot != "":
		case p.Dossier == "":
			all = append(all, Warning{Code: Loose, Side: p.Pages[0]})
		default:
			all = append(all, Warning{Code: Unsaid, Side: p.Pages[0], Dossier: p.Dossier})
		}
	}
	return all
}

// small is the share of the usual side of a batch below which a sheet is a slip.
const small = 0.6

// ofSides tells of single sides: twins, and sheets much smaller than the others.
// What lies under a stuck note a picture cannot show: only that something small
// went through.
func ofSides(sides []Side) (all []Warning) {
	var heights []int
	for _, s := range sides {
		if s.Height > 0 {
			heights = append(heights, max(s.Height, s.Width))
		}
	}
	slices.Sort(heights)
	for i, s := range sides {
		if s.Refused == string(Unknown) {
			all = append(all, Warning{Code: Unknown, Side: i})
		}
		if s.Use != Page {
			continue
		}
		if len(heights) > 0 && s.Height > 0 && float64(max(s.Height, s.Width)) < small*float64(heights[len(heights)/2]) {
			all = append(all, Warning{Code: Notes, Side: i})
		}
		if len(s.Twins) > 0 && s.Twins[0].Same { // what looks alike is told beside its side only: mostly it is another's form
			all = append(all, Warning{Code: Same, Side: i})
		}
	}
	return all
}

// LooksTwice reports whether b may be fronts and then backs: an even number of
// sides, and either two files of as many pages each, or mostly upside-down and
// blank sides in the second half and hardly any in the first. A person says
// whether it is so.
func LooksTwice(b Batch) bool {
	n := len(b.Sides)
	if n < 4 || n%2 != 0 {
		return false
	}
	count := func(sides []Side) (odd int) {
		for _, s := range sides {
			if s.Look.Turn == 2 || s.Blank {
				odd++
			}
		}
		return odd
	}
	first, second := count(b.Sides[:n/2]), count(b.Sides[n/2:])
	if 2*second >= n/2 && 8*first <= n/2 {
		return true
	}
	return len(b.Files) == 2 && b.Files[0].Pages == b.Files[1].Pages
}
