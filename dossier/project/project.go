// Package project has the words for backlog projects: an agency sets out to bring so
// much paper of past years into the house by a day, some people do it, and others look
// at what was done. What is done is counted from rows, never typed; who is looked at,
// and which papers are, nobody chooses.
//
// The package is values and pure functions.
package project

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/sampling"
)

// An ID names a project.
type ID string

// A Method is how it is made sure that papers were captured as they should be.
type Method string

// The methods.
const (
	Sample Method = "sample" // lots are judged by samples (TCVN 7790-1, ISO 2859-1)
	Double Method = "double" // two people type each paper's fields, a third settles what differs
)

// Methods lists them.
var Methods = [...]Method{Sample, Double}

// A Plan is what an agency sets out to do.
type Plan struct {
	Name   string
	Agency dossier.AgencyCode

	// How much paper there is, as somebody measured or counted it; 0: nobody did. What
	// is done is held against Dossiers alone.
	Shelves    int
	Decimetres int
	Dossiers   int

	Kinds    []dossier.KindCode // that the plan is about; none: all
	From, To string             // days, YYYY-MM-DD

	Method     Method
	Level, AQL string // of sampling
	Reduce     bool   // the responsible authority allows reduced inspection (ISO 2859-1 9.3.3.1 c)
}

// The most that a plan may say.
const (
	mostName     = 200
	mostShelves  = 1_000_000
	mostDossiers = 100_000_000
	mostKinds    = 200
)

// Check says what is wrong with p; it wraps [dossier.ErrInvalid] and names the field.
func (p Plan) Check() error {
	wrong := func(field string) error { return fmt.Errorf("%w: %s", dossier.ErrInvalid, field) }
	from, err1 := time.Parse(time.DateOnly, p.From)
	to, err2 := time.Parse(time.DateOnly, p.To)
	_, err3 := sampling.PlanFor(1, p.Level, p.AQL, sampling.Normal)
	switch {
	case strings.TrimSpace(p.Name) == "" || len([]rune(p.Name)) > mostName:
		return wrong("name")
	case p.Agency == "":
		return wrong("agency")
	case p.Shelves < 0 || p.Shelves > mostShelves || p.Decimetres < 0 || p.Decimetres > 10*mostShelves:
		return wrong("shelves")
	case p.Dossiers < 1 || p.Dossiers > mostDossiers:
		return wrong("dossiers")
	case len(p.Kinds) > mostKinds:
		return wrong("kinds")
	case err1 != nil || err2 != nil || to.Before(from):
		return wrong("to")
	case !slices.Contains(Methods[:], p.Method):
		return wrong("method")
	case err3 != nil:
		return wrong("aql")
	}
	return nil
}

// A Project is a plan that is under way, or was.
type Project struct {
	ID ID
	Plan
	Who   dossier.PersonID
	At    time.Time
	Ended time.Time // zero: it is under way
}

// A Duty is what somebody does in a project.
type Duty string

// The duties. Who brought a paper does not check it.
const (
	Bring Duty = "bring"
	Check Duty = "check"
)

// Duties lists them.
var Duties = [...]Duty{Bring, Check}

// A Member is somebody of a project's team.
type Member struct {
	Person dossier.PersonID
	Duty   Duty
	Since  time.Time
}

// A Source is where papers of a project come from.
type Source string

// The sources.
const (
	Batch  Source = "batch"
	Import Source = "import"
)

// A Tie says that a batch, or an import, is of a project. Shelf and Scanner are what
// whoever brought it says of it; empty: nobody did.
type Tie struct {
	Source  Source
	Ref     string
	Shelf   string
	Scanner string
	Who     dossier.PersonID
	At      time.Time
	Done    bool // every side of the batch is accounted for, every row of the import done
}

// Progress is what is done, counted from rows.
type Progress struct {
	Batches, BatchesDone int
	Imports, ImportsDone int
	Shelves              int // that batches name, all of which are done
	Papers, Pages        int // of the kinds of the plan
	Dossiers             int // that have such a paper
	Others               int // papers of other kinds
	Unsettled            int // papers in which two people typed something else
}

// A Day is what one person did on one day.
type Day struct {
	Day      string // YYYY-MM-DD
	Who      dossier.PersonID
	Papers   int
	Pages    int
	Dossiers int // whose first paper of the project that was
}

// A Paper is a document of a project.
type Paper struct {
	Document dossier.DocumentID
	Dossier  dossier.Code
	Who      dossier.PersonID // who brought it
	At       time.Time
	Scanner  string
	Redone   bool // looked at anew after its lot was rejected
}

// Errors of what people do in projects.
var (
	// ErrStopped: five lots were rejected under tightened inspection (ISO 2859-1 9.4).
	ErrStopped = fmt.Errorf("%w: inspection is stopped until the work is mended", dossier.ErrConflict)

	// ErrOwnPaper: somebody checks what they brought themselves.
	ErrOwnPaper = fmt.Errorf("%w: who brought a paper does not check it", dossier.ErrForbidden)

	// ErrNotOnTeam: somebody does what others of the project were given to do.
	ErrNotOnTeam = fmt.Errorf("%w: not of the team", dossier.ErrForbidden)

	// ErrTyped: one person types the same paper twice, or settles what they typed.
	ErrTyped = fmt.Errorf("%w: another person is to do this", dossier.ErrForbidden)

	// ErrTwice: the fields of a paper are to be typed by two people before they are
	// confirmed.
	ErrTwice = fmt.Errorf("%w: two people type the fields of this paper", dossier.ErrConflict)
)
