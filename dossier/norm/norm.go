// Package norm holds rules of law that are data and not program: on which ground
// papers of a kind are processed, how codes of digitised results are made, what the
// forms of the counter say. Each holds from a day on, cites its law, and says how
// well it is proven; a norm is added and never changed. It holds values and pure
// functions only.
package norm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/retention"
)

// A Sort is what a norm is about.
type Sort string

// The sorts.
const (
	Ground Sort = "ground" // why papers of a kind are processed without consent (Luật 91/2025/QH15 Điều 19)
	Code   Sort = "code"   // how the code of a digitised result is made
	Form   Sort = "form"   // what a form of TT 03/2025/TT-VPCP Phụ lục I says
)

// Sorts lists them.
var Sorts = [...]Sort{Ground, Code, Form}

// Electronic is the name under which the code of electronic results is made, apart
// from those of paper that was digitised.
const Electronic = "electronic"

// A Norm is one rule.
type Norm struct {
	ID      string
	Sort    Sort
	Name    string    // kind of paper, number of a form, or Electronic; empty: all without their own
	From    time.Time // midnight in Viet Nam
	Said    string    // the ground in words; a template of a code; a form, see package form
	Law     string
	Article string
	Grade   retention.Grade
	Note    string
	Who     dossier.PersonID
	At      time.Time
	Demo    bool
}

// Cites is the law with its article.
func (n Norm) Cites() string { return retention.Rule{Law: n.Law, Article: n.Article}.Cites() }

// Sum binds all that a norm says, for the ledger.
func (n Norm) Sum() digest.Digest {
	b, err := json.Marshal([]any{n.ID, n.Sort, n.Name, n.From.In(dossier.VietNam).Format(time.DateOnly), n.Said, n.Law, n.Article, n.Grade, n.Note, n.Who, n.At.UnixMilli()})
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return digest.Of(b)
}

// Check says what is wrong with a norm, wrapping [dossier.ErrInvalid].
func (n Norm) Check() error {
	switch {
	case !slices.Contains(Sorts[:], n.Sort):
		return fmt.Errorf("%w: a norm is a ground, a code or a form", dossier.ErrInvalid)
	case n.From.IsZero() || n.From.Year() < 1945 || n.From.Year() > 2200:
		return fmt.Errorf("%w: it needs the day from which it holds", dossier.ErrInvalid)
	case len(n.Name) > 100:
		return fmt.Errorf("%w: it is for something that has no such long name", dossier.ErrInvalid)
	case n.Law == "" || len(n.Law) > 300 || len(n.Article) > 300 || len(n.Note) > 1000:
		return fmt.Errorf("%w: it needs its law", dossier.ErrInvalid)
	case !slices.Contains(retention.Grades[:], n.Grade):
		return fmt.Errorf("%w: the grade of proof is P, S, T or I", dossier.ErrInvalid)
	}
	if err := CheckName(n.Sort, n.Name); err != nil {
		return err
	}
	return CheckSaid(n.Sort, n.Said)
}

// CheckName says what is wrong with what a norm of a sort is for: a ground is for a
// kind or all, a code for electronic results or all others, a form is one of [Forms].
// It wraps [dossier.ErrInvalid].
func CheckName(sort Sort, name string) error {
	switch {
	case sort == Code && name != "" && name != Electronic:
		return fmt.Errorf("%w: a code is made for all papers, or for those that are %s", dossier.ErrInvalid, Electronic)
	case sort == Form && !slices.Contains(Forms[:], FormNumber(name)):
		return fmt.Errorf("%w: there is no form %q", dossier.ErrInvalid, name)
	}
	return nil
}

// CheckSaid says what is wrong with what a norm of a sort says, wrapping
// [dossier.ErrInvalid].
func CheckSaid(sort Sort, said string) error {
	switch {
	case strings.TrimSpace(said) == "" || len(said) > 20_000:
		return fmt.Errorf("%w: it says nothing, or too much", dossier.ErrInvalid)
	case sort == Code:
		return checkTemplate(said)
	}
	return nil
}

// Norms are all norms of a house.
type Norms []Norm

// On returns the norm of a sort and name that holds on a day: its own, else that
// for all. Without any, ok is false.
func (ns Norms) On(sort Sort, name string, day time.Time) (found Norm, ok bool) {
	for _, of := range []string{name, ""} {
		for _, n := range ns {
			if n.Sort == sort && n.Name == of && !n.From.After(day) && (!ok || n.From.After(found.From)) {
				found, ok = n, true
			}
		}
		if ok {
			return found, true
		}
	}
	return found, false
}

// A ResultCode is the code of a digitised or electronic result, and the ID of the norm
// that made it.
type ResultCode struct {
	Code string
	Norm string
}

// A Coded is what the code of a result is made of.
type Coded struct {
	Holder  string // number of the holder; empty if they have none: the part stays blank (TT 01/2023/TT-VPCP Điều 10)
	Kind    dossier.KindCode
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Issued  string // YYYY-MM-DD or empty
	N       int    // the result's ordinal
}

var part = regexp.MustCompile(`\{([a-z]+)\}`)

// checkTemplate says what is wrong with a template: a word that it does not know,
// or nothing in it that makes codes of two papers differ.
func checkTemplate(s string) error {
	for _, m := range part.FindAllStringSubmatch(s, -1) {
		if !slices.Contains([]string{"holder", "kind", "dossier", "slot", "issued", "n"}, m[1]) {
			return fmt.Errorf("%w: a template does not know {%s}", dossier.ErrInvalid, m[1])
		}
	}
	if strings.ContainsAny(part.ReplaceAllString(s, ""), "{}\n\r\t") {
		return fmt.Errorf("%w: a template has a brace too many", dossier.ErrInvalid)
	}
	if !strings.Contains(s, "{n}") && !(strings.Contains(s, "{dossier}") && strings.Contains(s, "{slot}")) {
		return fmt.Errorf("%w: two papers could get one code: a template has {n}, or {dossier} and {slot}", dossier.ErrInvalid)
	}
	return nil
}

// Numbered reports whether a template counts, so that the next number may be free
// where this one is not.
func Numbered(template string) bool { return strings.Contains(template, "{n}") }

// Make makes a code: the same code of the same paper.
func Make(template string, c Coded) string {
	return part.ReplaceAllStringFunc(template, func(m string) string {
		switch m {
		case "{holder}":
			return c.Holder
		case "{kind}":
			return string(c.Kind)
		case "{dossier}":
			return string(c.Dossier)
		case "{slot}":
			return string(c.Slot)
		case "{issued}":
			return strings.ReplaceAll(c.Issued, "-", "")
		}
		return strconv.Itoa(c.N)
	})
}

func day(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, dossier.VietNam)
}
