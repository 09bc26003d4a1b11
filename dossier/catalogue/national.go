package catalogue

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A Told is a procedure as the national database (CSDL quốc gia về TTHC) tells of it, in
// its own words. What is empty was not told, and is left as the house has it.
type Told struct {
	Code     dossier.ProcedureCode `json:"code"`
	Name     string                `json:"name"`
	Agency   string                `json:"agency,omitempty"` // who published it
	Field    string                `json:"field,omitempty"`
	Level    string                `json:"level,omitempty"`
	Tiers    []string              `json:"tiers,omitempty"`
	Subjects []string              `json:"subjects,omitempty"`
	Days     string                `json:"days,omitempty"` // working days
	Papers   []ToldPaper           `json:"papers,omitempty"`
	Results  []ToldPaper           `json:"results,omitempty"`
	Ended    bool                  `json:"ended,omitempty"` // it says that it holds no longer

	Gone bool `json:"-"` // the last whole list has not got it
}

// A ToldPaper is a paper that is asked for, or a result.
type ToldPaper struct {
	Code     string `json:"code,omitempty"`
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"` // every case asks for it
}

// What a difference with the national database is.
const (
	NationalAdded   = "added"
	NationalChanged = "changed"
	NationalEnded   = "ended" // it holds no longer, or is not listed any more
	NationalOdd     = "odd"   // what is told cannot be taken
)

// A NationalDifference is a procedure of which the national database tells otherwise than
// the house. Sum names it: the same difference has the same sum, whatever the day.
type NationalDifference struct {
	Code     dossier.ProcedureCode `json:"code"`
	Name     string                `json:"name"`
	Agency   string                `json:"agency,omitempty"`
	What     string                `json:"what"`
	Fields   []Difference          `json:"fields,omitempty"`
	Problems []Problem             `json:"problems,omitempty"`
	Sum      string                `json:"sum"`

	Order ProcedureOrder `json:"-"`
	Kinds []dossier.Kind `json:"-"` // that the house has not got yet
}

// A NationalOrder is what a person decided of a difference.
type NationalOrder struct {
	Code  dossier.ProcedureCode
	Sum   string // of the difference that was seen
	Since string // the day (YYYY-MM-DD) from which it is to hold; empty: it is left out
	Who   dossier.PersonID
	Role  dossier.Role
	At    time.Time
}

var nationalHead = []string{"code", "name", "field", "level", "tiers", "subjects", "days", "components", "resultKind", "result", "until"}

// CompareNational compares what is told with the house. What is ordered holds from a day
// on (YYYY-MM-DD). Procedures of the house of which nothing was ever told are left alone:
// a house has some of its own.
func CompareNational(list []Told, h House, day string) []NationalDifference {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Told) int { return strings.Compare(string(a.Code), string(b.Code)) })
	rows := []Row{textRow(1, nationalHead)}
	var of []Told
	for _, t := range list {
		was, known := h.Procedures[t.Code]
		_, holds := h.procedureOn(t.Code, day)
		if ended := t.Ended || t.Gone; ended && !holds || known && was.Demo {
			continue // there is nothing to end; a demonstration is nobody's
		}
		of = append(of, t)
		rows = append(rows, textRow(len(of)+1, t.cells(was, known, day)))
	}
	if len(of) == 0 {
		return nil
	}
	plan := PlanProcedures(rows, h, day)
	changes, orders, problems := map[int]Change{}, map[dossier.ProcedureCode]ProcedureOrder{}, map[int][]Problem{}
	for _, c := range plan.Changes {
		changes[c.Row] = c
	}
	for _, o := range plan.Orders.Procedures {
		orders[o.Code] = o
	}
	for _, p := range plan.Problems {
		if p.Row > 0 && !p.Note {
			problems[p.Row] = append(problems[p.Row], p)
		}
	}
	var out []NationalDifference
	for i, t := range of {
		d := NationalDifference{Code: t.Code, Name: shortened(tidy(t.Name)), Agency: t.Agency, Sum: nationalSum(t, h)}
		c, differs := changes[i+2]
		switch {
		case problems[i+2] != nil:
			d.What, d.Problems = NationalOdd, problems[i+2]
		case !differs:
			continue
		case c.New:
			d.What = NationalAdded
		case t.Ended || t.Gone:
			d.What = NationalEnded
		default:
			d.What = NationalChanged
		}
		if differs {
			d.Fields, d.Order, d.Name = c.Fields, orders[t.Code], orders[t.Code].Name
			d.Kinds = kindsOf(plan.Orders.Kinds, d.Order.Procedure)
		}
		out = append(out, d)
	}
	return out
}

func nationalSum(t Told, h House) string {
	b, err := json.Marshal([]any{t, t.Gone, h.Procedures[t.Code], h.ProcedureSpans[t.Code]})
	if err != nil {
		return "" // values of text and numbers: it cannot be
	}
	return digest.Of(b).String()
}

// kindsOf are those of new kinds that a procedure names.
func kindsOf(all []dossier.Kind, p dossier.Procedure) (out []dossier.Kind) {
	for _, k := range all {
		if slices.ContainsFunc(p.Slots(), func(c dossier.Component) bool { return c.Kind == k.Code }) {
			out = append(out, k)
		}
	}
	return out
}

func textRow(number int, cells []string) Row {
	r := Row{Number: number}
	for _, text := range cells {
		r.Cells = append(r.Cells, Cell{Text: text})
	}
	return r
}

// cells writes what is told as a row of a list of procedures; what is not told, as the
// house has it.
func (t Told) cells(was dossier.Procedure, known bool, day string) []string {
	until := ""
	if t.Ended || t.Gone {
		until = day
	}
	level := t.Level
	if known {
		level = or(level, string(was.Level))
	}
	result := ToldPaper{Code: string(was.ResultKind)}
	if i := slices.IndexFunc(t.Results, func(r ToldPaper) bool { return r.Code != "" }); i >= 0 {
		result = t.Results[i]
	}
	days := t.Days
	if t.Ended || t.Gone { // it ends as it is: what was received under it stays
		return []string{string(t.Code), was.Name, was.Field, string(was.Level), words(was.Tiers), words(was.Subjects), "", "", string(was.ResultKind), "", until}
	}
	return []string{string(t.Code), t.Name, or(t.Field, was.Field), level, or(knownWords(t.Tiers, tierWords, dossier.District), words(was.Tiers)),
		or(knownWords(t.Subjects, subjectWords, ""), words(was.Subjects)), days, t.components(was), result.Code, result.Name, until}
}

// knownWords are those of some words that the house has a word for; but one, which is no
// more.
func knownWords[T ~string](list []string, of map[string]T, but T) string {
	var out []string
	for _, w := range list {
		if x, ok := of[folded(w)]; ok && x != but {
			out = append(out, w)
		}
	}
	return strings.Join(out, "; ")
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// components writes the papers as the house has components. A paper that it knows by its
// code, or else by its name, keeps its place and whether it is digitised; another gets the
// next place that was never used, and is to be digitised, since nothing is told of that.
func (t Told) components(was dossier.Procedure) string {
	used := map[dossier.SlotCode]bool{}
	for _, c := range was.Components {
		used[c.Slot] = true
	}
	taken := map[dossier.SlotCode]bool{}
	next := 1
	fresh := func() dossier.SlotCode {
		for ; ; next++ {
			if s := dossier.SlotCode(fmt.Sprintf("TP%02d", next)); !used[s] {
				used[s] = true
				return s
			}
		}
	}
	var list []dossier.Component
	for _, p := range t.Papers {
		kind := dossier.KindCode(p.Code)
		if kind == "" {
			kind = dossier.KindCode("GT." + strings.ToUpper(digest.Of([]byte(folded(p.Name))).String()[:12]))
		}
		c := dossier.Component{Kind: kind, Name: strings.ReplaceAll(p.Name, "\n", " "), Required: p.Required, Digitise: true}
		i := slices.IndexFunc(was.Components, func(x dossier.Component) bool { return x.Kind == kind && !taken[x.Slot] })
		if i < 0 {
			i = slices.IndexFunc(was.Components, func(x dossier.Component) bool { return folded(x.Name) == folded(p.Name) && !taken[x.Slot] })
		}
		if i >= 0 {
			c.Slot, c.Digitise = was.Components[i].Slot, was.Components[i].Digitise
			if p.Code == "" {
				c.Kind = was.Components[i].Kind
			}
		} else {
			c.Slot = fresh()
		}
		taken[c.Slot] = true
		list = append(list, c)
	}
	return writeComponents(list)
}
