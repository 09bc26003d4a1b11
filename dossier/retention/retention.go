// Package retention holds the words for how long papers are kept, and what is
// done when that time is over: rules, holds, the review by two people, and the
// certificate of what was destroyed. It holds values and pure functions only.
//
// A period counts from the end of the year in which the work ended (TT
// 10/2022/TT-BNV; Luật Lưu trữ 33/2024/QH15): the year in which the dossier was
// resolved, or the last of the dossiers in which the paper was used again.
package retention

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
)

// A Grade says how well a rule is proven: what its wording was taken from.
type Grade string

// The grades.
const (
	Primary   Grade = "P" // the wording of the article was read
	Secondary Grade = "S" // a page that quotes or tells of it
	Technical Grade = "T" // a note of practitioners
	Inferred  Grade = "I" // our own choice, no source says it
)

// Grades lists them, the best first.
var Grades = [...]Grade{Primary, Secondary, Technical, Inferred}

// MostYears is the longest period that is a number: what is kept longer is kept
// for ever.
const MostYears = 100

// A Rule says how long papers of a kind are kept. Rules are added, never
// changed: the next one has a later day.
type Rule struct {
	ID      string
	Kind    dossier.KindCode // empty: every kind that has no rule of its own; or a code of the catalogue, see [OfCode]
	Years   int              // 0: for ever (vĩnh viễn)
	From    time.Time        // the day from which it holds, midnight in Viet Nam
	Law     string           // by number, as 33/2024/QH15
	Article string
	Grade   Grade
	Note    string
	Who     dossier.PersonID // who added it
	At      time.Time
	Demo    bool
}

// Program is who added the rules that come with the program.
const Program dossier.PersonID = "sohoa"

// Seed are the rules that a house begins with. The periods of papers of
// administrative procedures were not read in any article: until an administrator
// gives one, a kind is kept for ever.
func Seed() []Rule {
	return []Rule{{
		ID: "rule-0", From: time.Date(2022, 1, 1, 0, 0, 0, 0, dossier.VietNam),
		Law: "Luật Lưu trữ 33/2024/QH15", Article: "thời hạn lưu trữ; TT 10/2022/TT-BNV: tính từ năm công việc kết thúc", Grade: Inferred,
		Note: "Chưa xác minh được thời hạn của loại này: giữ vĩnh viễn cho tới khi có quy tắc riêng.",
		Who:  Program, At: time.Date(2026, 11, 26, 0, 0, 0, 0, dossier.VietNam)}}
}

// Cites is the law with its article.
func (r Rule) Cites() string {
	if r.Article == "" {
		return r.Law
	}
	return r.Law + ", " + r.Article
}

// Check says what is wrong with a rule, wrapping [dossier.ErrInvalid].
func (r Rule) Check() error {
	switch {
	case r.Years < 0 || r.Years > MostYears:
		return fmt.Errorf("%w: a period is 1 to %d years, or for ever", dossier.ErrInvalid, MostYears)
	case r.From.IsZero() || r.From.Year() < 1945 || r.From.Year() > 2200:
		return fmt.Errorf("%w: a rule needs the day from which it holds", dossier.ErrInvalid)
	case r.Law == "" || len(r.Law) > 300 || len(r.Article) > 300 || len(r.Note) > 1000:
		return fmt.Errorf("%w: a rule needs its law", dossier.ErrInvalid)
	case !slices.Contains(Grades[:], r.Grade):
		return fmt.Errorf("%w: the grade of proof is P, S, T or I", dossier.ErrInvalid)
	}
	return nil
}

// Sum binds all that a rule says, for the ledger.
func (r Rule) Sum() digest.Digest {
	b, err := json.Marshal([]any{r.ID, r.Kind, r.Years, r.From.In(dossier.VietNam).Format(time.DateOnly), r.Law, r.Article, r.Grade, r.Note, r.Who, r.At.UnixMilli()})
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return digest.Of(b)
}

// Until is the moment from which a paper may go whose work ended then: the year
// in which the period ends is over. A rule for ever has none: zero.
func (r Rule) Until(ended time.Time) time.Time {
	if r.Years == 0 {
		return time.Time{}
	}
	return time.Date(ended.In(dossier.VietNam).Year()+r.Years+1, 1, 1, 0, 0, 0, 0, dossier.VietNam)
}

// longer orders rules by how long they keep.
func longer(a, b Rule) int {
	if a.Years == 0 || b.Years == 0 {
		return cmp.Compare(b.Years, a.Years)
	}
	return cmp.Compare(a.Years, b.Years)
}

// Rules are all rules of a house.
type Rules []Rule

// OfCode is the name under which rules stand for a retention code of the catalogue,
// instead of a kind of paper: a procedure names one for its dossiers.
func OfCode(code string) dossier.KindCode {
	if code == "" {
		return ""
	}
	return dossier.KindCode("#" + code)
}

// For is [Rules.ForCode] of a dossier whose procedure has no retention code.
func (rs Rules) For(kind dossier.KindCode, ended, at time.Time) (governs Rule, ok bool) {
	return rs.ForCode(kind, "", ended, at)
}

// ForCode returns the rule that governs a paper of a kind, in a dossier of a
// procedure with a retention code, whose work ended then, as seen at a later time: of
// the rules of its kind and of the code that were in force between the two, the one
// that keeps longest, so that no law of either day is broken. Without one of its kind
// or code, the same of those for every kind; without any, ok is false and the paper
// stays.
func (rs Rules) ForCode(kind dossier.KindCode, code string, ended, at time.Time) (governs Rule, ok bool) {
	own := rs.between(kind, ended, at)
	if code != "" {
		own = append(own, rs.between(OfCode(code), ended, at)...)
	}
	if len(own) == 0 {
		own = rs.between("", ended, at)
	}
	if len(own) == 0 {
		return Rule{}, false
	}
	return slices.MaxFunc(own, longer), true
}

// between returns the rules of a kind that were in force at some time from ended
// to at.
func (rs Rules) between(kind dossier.KindCode, ended, at time.Time) (found []Rule) {
	var before *Rule
	for i, r := range rs {
		switch {
		case r.Kind != kind || r.From.After(at):
		case r.From.After(ended):
			found = append(found, r)
		case before == nil || r.From.After(before.From):
			before = &rs[i]
		}
	}
	if before != nil {
		found = append(found, *before)
	}
	return found
}

// Shortest returns the least number of years after which a paper of a kind could
// go at a time, if any could: what [Rules.For] says may be longer, never shorter.
func (rs Rules) Shortest(kind dossier.KindCode, at time.Time) (years int, ok bool) {
	for _, k := range []dossier.KindCode{kind, ""} {
		own := false
		for _, r := range rs {
			if r.Kind != k && (k == "" || !strings.HasPrefix(string(r.Kind), "#")) || r.From.After(at) {
				continue
			}
			own = own || r.Kind == k // a code is not every dossier's
			if r.Years > 0 && (!ok || r.Years < years) {
				years, ok = r.Years, true
			}
		}
		if own {
			return years, ok
		}
	}
	return 0, false
}

// LeastDays is the least number of days that any paper is kept that comes in
// now, by rules known at a time: work that ends on the last day of a year, with
// the shortest period. Without a period that ends, 0.
func (rs Rules) LeastDays(at time.Time) int {
	least := 0
	for _, r := range rs {
		if r.Years > 0 && (least == 0 || r.Years < least) {
			least = r.Years
		}
	}
	return least * 365
}

// An Act is what people, and in the end the machine, do about keeping.
type Act string

// The acts. All but the last two are rows of their own.
const (
	Hold      Act = "hold"      // a document, a dossier or all of a holder's must stay, whatever the rules say
	Lift      Act = "lift"      // the hold is over
	Propose   Act = "propose"   // somebody proposes to destroy a document whose time is over
	Approve   Act = "approve"   // somebody else decides so
	Refuse    Act = "refuse"    // or decides that it stays
	PutRule   Act = "put-rule"  // a rule was added
	Destroyed Act = "destroyed" // the certificate: the bytes are gone from every store
)

var roles = map[Act][]dossier.Role{
	Hold:    {dossier.Auditor, dossier.Admin},
	Lift:    {dossier.Auditor, dossier.Admin},
	Propose: {dossier.Clerk, dossier.Admin},
	Approve: {dossier.Clerk, dossier.Admin},
	Refuse:  {dossier.Clerk, dossier.Admin},
	PutRule: {dossier.Admin},
}

// May reports whether a role may do something.
func May(by dossier.Role, a Act) bool { return slices.Contains(roles[a], by) }

// A Deed is one act: written once, and in the ledger.
type Deed struct {
	ID  string
	Act Act

	// What it is about. Of a hold exactly one is set.
	Document dossier.DocumentID
	Dossier  dossier.Code
	Holder   dossier.HolderID

	Refers string // the deed that this one answers; of a proposal the rule
	Who    dossier.PersonID
	By     dossier.Role
	At     time.Time
	Why    string
	Demo   bool
}

// A Held is a hold, and how it ended.
type Held struct {
	Deed
	Lifted *Deed // nil: it holds
}

// A Proposal is a proposal, and what was decided.
type Proposal struct {
	Deed
	Answer *Deed // nil: nobody has yet
}

// A Standing is how a document stands to the rules at a time.
type Standing struct {
	Document             dossier.DocumentID
	Dossier              dossier.Code
	Slot                 dossier.SlotCode
	Kind                 dossier.KindCode
	Code                 string // retention code of the procedure
	State                dossier.State
	Receiving, Competent dossier.AgencyCode
	Holder               dossier.HolderID
	Demo                 bool

	Ended    time.Time // when the work ended; zero: it has not
	Rule     Rule      // that governs; without an ID there is none
	Held     bool
	Proposed string    // id of the proposal that waits for an answer
	Busy     bool      // the machine works on it
	Disposed time.Time // zero: it is kept
}

// Until is from when on the document may go; zero: never, as far as is known.
func (s Standing) Until() time.Time {
	if s.Rule.ID == "" || s.Ended.IsZero() {
		return time.Time{}
	}
	return s.Rule.Until(s.Ended)
}

// A Fate is what became of a file.
type Fate string

// The fates.
const (
	Gone  Fate = "gone"  // its bytes are in no store any more
	Stays Fate = "stays" // its bytes belong to another record that stays
)

// A File is one file of a document that was disposed of.
type File struct {
	Part dossier.Part
	Sum  digest.Digest
	Fate Fate // empty before the certificate
}

// A Disposal is a document's end: decided by two people, carried out by the
// machine, told by a certificate. Its record stays.
type Disposal struct {
	Document           dossier.DocumentID
	Dossier            dossier.Code
	Holder             dossier.HolderID
	Rule               Rule
	Until              time.Time // the last day of its time
	Proposer, Approver dossier.PersonID
	Proposed, At       time.Time // when it was proposed, and decided
	Files              []File

	Certificate string    // id of the event; empty: bytes are still somewhere
	Certified   time.Time // when the last of them were gone
	Waits       []Leaving // that are still somewhere
}

// A Leaving is a file that has to leave a store.
type Leaving struct {
	Store  fixity.Store
	Digest digest.Digest
	Was    fixity.State // how it was held there when it was decided
	Said   string       // why it is still there: locked or away; empty: not tried
	Since  time.Time    // when that was
	Next   time.Time    // not tried before
}
