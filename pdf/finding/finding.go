// Package finding is the vocabulary of what is found in a file from outside
// besides its pages: what is active in it, hidden, damaged or odd, and what is
// done about it. It holds values and words and opens nothing.
//
// Findings are made in a child that may have been taken over by the file. So
// what crosses is codes and numbers, [Checked] lets through only those that can
// be, and every word a person reads comes from the table here.
package finding

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa/pattern"
)

// A Code says what was found.
type Code string

// A Done says what is done about a finding.
type Done string

// What is done. The archived file is a new one made of pages, so whatever is
// no page never gets into it; what came in is kept byte for byte.
const (
	Removed  Done = "removed"  // it is not in the archived file
	Kept     Done = "kept"     // it is in the archived file as it was
	Beside   Done = "beside"   // it is stored as a file of its own
	Drawn    Done = "drawn"    // what it shows is drawn into the page
	Told     Done = "told"     // nothing is done; a person should know
	Repaired Done = "repaired" // it was mended, and the mending is proved
)

// A Finding is one thing found, as many times as it is on one page or in one
// place of the file.
type Finding struct {
	Code   Code   `json:"code"`
	Page   int    `json:"page,omitempty"` // from 1; 0 if it is the file's
	Count  int    `json:"count"`          // how many; of hidden text, letters; at least 1
	Done   Done   `json:"done"`
	Detail string `json:"detail,omitempty"` // numbers and codes of more: pages, rights, a kind of file

	// In words, with the count and what is done, without the page.
	VI string `json:"vi"`
	EN string `json:"en"`
}

// ErrForm: findings that cannot be.
var ErrForm = errors.New("no findings")

// The most findings of one file, and the most of one kind in one place.
const (
	Most      = 20_000
	mostCount = 1 << 30
)

// detail is what may stand in a detail, of at most mostDetail bytes: a count in
// the expression would make every process that starts pay 1.4 ms for it.
var detail = pattern.Late(`^[a-z0-9 ,;:./+-]*$`)

const mostDetail = 400

// New makes a finding with what is done about its kind.
func New(c Code, page, count int) Finding {
	return Finding{Code: c, Page: page, Count: count, Done: table[c].done}
}

// Checked returns findings in the order of their pages, the file's own first,
// and puts them into words, if they can be findings of a file of so many pages;
// else the error wraps [ErrForm]. It trusts nothing that it is given.
func Checked(all []Finding, pages int) ([]Finding, error) {
	if len(all) > Most {
		return nil, fmt.Errorf("%w: %d of them", ErrForm, len(all))
	}
	out := slices.Clone(all)
	for i := range out {
		f := &out[i]
		k, known := table[f.Code]
		if !known || f.Done != k.done || f.Page < 0 || f.Page > pages || f.Count < 1 || f.Count > mostCount || len(f.Detail) > mostDetail || !detail().MatchString(f.Detail) {
			return nil, fmt.Errorf("%w: %.40q on page %d, %d times, %.20q", ErrForm, f.Code, f.Page, f.Count, f.Done)
		}
		f.VI, f.EN = k.say(*f)
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Detail, b.Detail))
	})
	return out, nil
}

// Codes lists all codes in order.
func Codes() []Code {
	var all []Code
	for c := range table {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

// Noun names a kind of finding in English, for a refusal.
func Noun(c Code) string { return table[c].en }

// doneWords say what is done.
var doneWords = map[Done][2]string{
	Removed:  {"đã bỏ", "removed"},
	Kept:     {"giữ nguyên", "kept"},
	Beside:   {"lưu riêng bên cạnh", "stored beside"},
	Drawn:    {"vẽ vào trang đúng như đang hiển thị", "drawn into the page as shown"},
	Told:     {"báo để biết", "told"},
	Repaired: {"đã sửa và kiểm chứng", "repaired, and proved"},
}

// say puts f into words: what, how many, which, what is done.
func (k kind) say(f Finding) (vi, en string) {
	w := doneWords[f.Done]
	vi, en = k.vi, k.en
	if !k.once {
		vi += fmt.Sprintf(" (%d%s)", f.Count, before(k.unit[0]))
		en += fmt.Sprintf(" (%d%s)", f.Count, before(k.unit[1]))
	}
	if f.Detail != "" {
		vi += " [" + strings.TrimSpace(k.detail[0]+" "+rightsVI.Replace(f.Detail)) + "]"
		en += " [" + strings.TrimSpace(k.detail[1]+" "+f.Detail) + "]"
	}
	return vi + ": " + w[0] + k.viMore, en + ": " + w[1] + k.enMore
}

func before(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

// The rights that may be withheld, as Detail of [Restricted] lists them.
const (
	RightPrint  = "print"
	RightCopy   = "copy"
	RightChange = "change"
)

var rightsVI = strings.NewReplacer(RightPrint, "in", RightCopy, "sao chép", RightChange, "sửa")
