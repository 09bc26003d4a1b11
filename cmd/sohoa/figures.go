package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
)

const figuresUsage = `sohoa figures --from YYYY-MM-DD --to YYYY-MM-DD [--agency CODE] [--procedure CODE] [--officer ID]
       [--format table|json|csv|xlsx] [--dossiers KEY [--own] [--map FILE|tree] | --by agency [--map FILE|tree] | --by procedure | --by officer] [-o FILE] [--data DIR]
       sohoa figures --recount [--from YYYY-MM-DD --to YYYY-MM-DD] [--mend] [--json] [--data DIR]
       ` + closingUsage + `
       ` + sealedUsage

type figuresArgs struct {
	from, to time.Time // both days are in the period
	agency   string
	format   string
	behind   string // a figure, whose dossiers are listed
	data     string
	out      string // file to write; empty: standard output

	procedure, officer string // only of these, if not empty

	by     string      // "agency", "procedure" or "officer": the figures of each
	merged figures.Map // into which agencies their dossiers went
	mapped string      // the file of that map as it was named, or tree
	tree   bool        // they went as the tree of agencies says
	own    bool        // only what the agency received itself
}

func parseFigures(args []string, getenv func(string) string, stderr io.Writer) (figuresArgs, error) {
	var a figuresArgs
	set := flag.NewFlagSet("figures", flag.ContinueOnError)
	set.SetOutput(stderr)
	day := func(to *time.Time) func(string) error {
		return func(s string) (err error) {
			*to, err = time.ParseInLocation(time.DateOnly, s, dossier.VietNam)
			return err
		}
	}
	set.Func("from", "first day of the period, in Viet Nam", day(&a.from))
	set.Func("to", "last day of the period", day(&a.to))
	set.StringVar(&a.agency, "agency", "", "this receiving agency and those under it; all if not given")
	set.StringVar(&a.format, "format", "table", "table, json, csv or xlsx: a workbook, with all agencies")
	set.StringVar(&a.out, "o", "", "the file to write; standard output if not given")
	set.StringVar(&a.behind, "dossiers", "", "list the dossiers behind the figure with this key, and how each stands to it")
	set.StringVar(&a.data, "data", wire.Read(getenv).Data, "directory of everything that lasts")
	set.StringVar(&a.procedure, "procedure", "", "only dossiers of this procedure")
	set.StringVar(&a.officer, "officer", "", "only dossiers that this person received")
	set.StringVar(&a.by, "by", "", "agency, procedure or officer: the figures of each receiving agency, of each procedure, or of whoever received the dossiers")
	set.BoolVar(&a.own, "own", false, "with --dossiers and --agency: only what that agency received itself")
	set.Func("map", "file with lines OLD,NEW: the agencies of before a merger are told as those of today; tree: as the tree of agencies has it", func(path string) (err error) {
		a.mapped = path
		if a.tree = path == "tree"; a.tree {
			return nil
		}
		a.merged, err = readMap(path)
		return err
	})
	rest, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	if len(rest) > 0 || a.from.IsZero() || a.to.IsZero() || !slices.Contains([]string{"table", "json", "csv", "xlsx"}, a.format) || a.format == "xlsx" && (a.behind != "" || a.by != "" && a.by != "agency") ||
		!slices.Contains([]string{"", "agency", "procedure", "officer"}, a.by) || a.by != "" && a.behind != "" || a.mapped != "" && a.format != "xlsx" && a.by != "agency" && (a.behind == "" || a.agency == "") ||
		a.own && (a.behind == "" || a.agency == "") {
		return a, usage("%s", figuresUsage)
	}
	if a.to.Before(a.from) {
		return a, usage("--to %s lies before --from %s", a.to.Format(time.DateOnly), a.from.Format(time.DateOnly))
	}
	return a, nil
}

func readMap(path string) (figures.Map, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return figures.ReadMap(f)
}

// figuresOf prints the figures of a period, or the dossiers behind one.
func figuresOf(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) > 0 && slices.Contains([]string{"report", "signature", "evidence", "seal"}, args[0]) {
		return sealed(ctx, args, getenv, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "feed" {
		return feedOf(ctx, args, getenv, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "provinces" {
		return provincesOf(args, stdout, stderr)
	}
	if aboutClosing(args) {
		return closings(ctx, args, getenv, stdout, stderr)
	}
	if aboutRecount(args) {
		return recountFigures(ctx, args, getenv, stdout, stderr)
	}
	a, err := parseFigures(args, getenv, stderr)
	if err != nil {
		return err
	}
	s := wire.Read(getenv)
	if s.Data, err = filepath.Abs(a.data); err != nil {
		return err
	}
	p := figures.Period{From: a.from, To: a.to.AddDate(0, 0, 1)}
	in, err := wire.CountFigures(ctx, s, a.query(p), a.behind != "")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", s.Data)
	case errors.Is(err, dossier.ErrNotFound):
		return usage("there is no agency %s", a.agency)
	case err != nil:
		return err
	}
	if a.out == "" {
		return a.print(ctx, stdout, s, in)
	}
	f, err := os.Create(a.out)
	if err != nil {
		return err
	}
	return errors.Join(a.print(ctx, f, s, in), f.Close())
}

func (a figuresArgs) print(ctx context.Context, stdout io.Writer, s wire.Settings, in figures.Input) error {
	p := in.Period
	if a.tree {
		var err error
		if a.merged, err = wire.TreeMap(ctx, s); err != nil {
			return err
		}
	}
	if a.format == "xlsx" {
		return wire.WriteWorkbook(ctx, stdout, s, in, a.merged, a.opensWith, a.lists(p))
	}
	if a.behind != "" {
		return printBehind(stdout, a, in)
	}
	switch a.by {
	case "agency":
		return printByAgency(stdout, a, in)
	case "procedure", "officer":
		return printBy(stdout, a, in)
	}
	var lines []figureLine
	for _, i := range figures.At(p.From) {
		lines = append(lines, lineOf(i.Of(in), p, a.opens()))
	}
	if a.format != "table" {
		return printLines(stdout, a.format, lines)
	}
	b := in.Bridge()
	_, err := fmt.Fprintf(stdout, "%d dossiers were asked for paper; − %d not resolved in the period − %d whose result is no document"+
		" + %d received in another period + %d asked for none = %d results due\n", b.Dossiers, b.Open, b.NoPaper, b.Earlier, b.Unscanned, b.Results)
	return errors.Join(printLines(stdout, a.format, lines), err)
}

// query is what the figures of a are counted from in p.
func (a figuresArgs) query(p figures.Period) figures.CellQuery {
	q := figures.CellQuery{Period: p, Own: a.by == "agency" || a.format == "xlsx" || a.by == "officer" || a.officer != "", ByProcedure: a.by == "procedure", ByOfficer: a.by == "officer",
		Procedure: dossier.ProcedureCode(a.procedure), Officer: dossier.PersonID(a.officer)}
	if a.agency != "" && (a.behind == "" || a.mapped == "") {
		q.Agencies = []dossier.AgencyCode{dossier.AgencyCode(a.agency)}
	}
	return q
}

// printBy prints the figures of each procedure, or of each officer.
func printBy(stdout io.Writer, a figuresArgs, in figures.Input) error {
	by := map[string]figures.Input{}
	of := func(procedure dossier.ProcedureCode, officer dossier.PersonID, add func(*figures.Input)) {
		k := string(procedure)
		if a.by == "officer" {
			k = string(officer)
		}
		one := by[k]
		one.Period, one.Collected = in.Period, in.Collected
		add(&one)
		by[k] = one
	}
	for _, f := range in.Facts {
		of(f.Procedure, f.Officer, func(one *figures.Input) { one.Facts = append(one.Facts, f) })
	}
	for _, c := range in.Cells {
		of(c.Procedure, c.Officer, func(one *figures.Input) { one.Cells = append(one.Cells, c) })
	}
	var lines []apartLine
	for _, k := range slices.Sorted(maps.Keys(by)) {
		for _, m := range figures.Measures(figures.At(in.Period.From), by[k]) {
			if m.Indicator.Procedure == nil {
				one := a
				if one.procedure = k; a.by == "officer" {
					one.procedure, one.officer = a.procedure, k
				}
				lines = append(lines, apartLine{k, lineOf(m, in.Period, one.opens())})
			}
		}
	}
	return printLines(stdout, a.format, lines)
}

// apartLine is a figure of one procedure, or of one officer.
type apartLine struct {
	Of string `json:"of"` // its code, or their id
	figureLine
}

func (apartLine) names() []string { return append([]string{"of"}, figureLine{}.names()...) }

func (l apartLine) cells() []string { return append([]string{l.Of}, l.figureLine.cells()...) }

// printByAgency prints the figures of each agency, the agencies as a map has them.
// Figures that count procedures are no agency's.
func printByAgency(stdout io.Writer, a figuresArgs, in figures.Input) error {
	var lines []agencyLine
	for _, g := range in.By(a.merged) {
		for _, i := range figures.At(in.Period.From) {
			if i.Procedure == nil {
				lines = append(lines, agencyLine{g.Agency, lineOf(i.Of(g.Input), in.Period, a.opensOf(g.Agency))})
			}
		}
	}
	return printLines(stdout, a.format, lines)
}

type agencyLine struct {
	Agency dossier.AgencyCode `json:"agency"`
	figureLine
}

func (agencyLine) names() []string { return append([]string{"agency"}, figureLine{}.names()...) }

func (l agencyLine) cells() []string {
	return append([]string{string(l.Agency)}, l.figureLine.cells()...)
}

// A line is what is printed of one thing: as JSON by its tags, as a row by its
// cells, which stand under its names.
type line interface {
	names() []string
	cells() []string
}

type figureLine struct {
	Key         string         `json:"key"`
	Family      figures.Family `json:"family"`
	VI          string         `json:"vi"`
	EN          string         `json:"en"`
	Told        bool           `json:"told"` // else the numbers mean nothing
	Percent     string         `json:"percent"`
	Numerator   int            `json:"numerator"`
	Denominator int            `json:"denominator"`
	Points      string         `json:"points"`
	Most        int            `json:"mostPoints,omitempty"`
	Lacks       []string       `json:"lacks,omitempty"` // what would have to be collected
	Law         string         `json:"law"`
	Grade       figures.Grade  `json:"grade"`
	Rules       string         `json:"rulesSince"`         // the day since which the rules hold by which the period is counted
	Outside     map[string]int `json:"outside,omitempty"`  // dossiers outside of the denominator, by why
	Dossiers    string         `json:"dossiers,omitempty"` // the command that lists what is behind the numbers
}

func lineOf(m figures.Measure, p figures.Period, opens func(string) string) figureLine {
	outside := map[string]int{}
	for why, n := range m.Outside {
		if why != figures.OutOfPeriod && n != 0 {
			outside[string(why)] = n
		}
	}
	i := m.Indicator
	to := ""
	if m.Told() {
		to = opens(i.Key)
	}
	return figureLine{Dossiers: to, Key: i.Key, Family: i.Family, VI: i.VI, EN: i.EN, Told: m.Told(), Percent: m.Percent(), Numerator: m.Rate.Numerator,
		Denominator: m.Rate.Denominator, Points: m.Points(), Most: i.Max, Lacks: m.Lacks.Names("en"), Law: i.Law, Grade: i.Grade,
		Rules: figures.RulesSince(p.From).In(dossier.VietNam).Format(time.DateOnly), Outside: outside}
}

func (figureLine) names() []string {
	return []string{"family", "key", "figure", "%", "numerator", "denominator", "points", "of", "not collected", "law", "grade", "rules since", "outside", headDossiers}
}

func (l figureLine) cells() []string {
	n, d, most := strconv.Itoa(l.Numerator), strconv.Itoa(l.Denominator), ""
	if !l.Told {
		n, d = "–", "–"
	}
	if l.Most > 0 {
		most = strconv.Itoa(l.Most)
	}
	var outside []string
	for _, why := range slices.Sorted(maps.Keys(l.Outside)) {
		outside = append(outside, fmt.Sprintf("%s: %d", why, l.Outside[why]))
	}
	return []string{string(l.Family), l.Key, l.VI + " / " + l.EN, l.Percent, n, d, l.Points, most, strings.Join(l.Lacks, "; "), l.Law, string(l.Grade),
		l.Rules, strings.Join(outside, "; "), l.Dossiers}
}

// headDossiers is over the commands that open numbers. Who reads a table has typed
// one, so that it shows none.
const headDossiers = "dossiers"

type factLine struct {
	Dossier   dossier.Code          `json:"dossier"`
	Stands    figures.Why           `json:"stands"`
	Procedure dossier.ProcedureCode `json:"procedure"`
	Receiving dossier.AgencyCode    `json:"receiving"`
	Received  time.Time             `json:"received"`
	Due       time.Time             `json:"due,omitzero"`
	Resolved  time.Time             `json:"resolved,omitzero"`
	Asked     int                   `json:"toDigitise"`
	Exempt    int                   `json:"exempt"` // by decision: not to be digitised
	Digitised int                   `json:"digitised"`
	Reused    int                   `json:"reused"`
	Officer   dossier.PersonID      `json:"officer"` // who received it
}

func (factLine) names() []string {
	return []string{"dossier", "stands", "procedure", "receiving", "received", "due", "resolved", "to digitise", "exempt", "digitised", "reused", "officer"}
}

func (l factLine) cells() []string {
	return []string{string(l.Dossier), string(l.Stands), string(l.Procedure), string(l.Receiving), minute(l.Received), minute(l.Due), minute(l.Resolved),
		strconv.Itoa(l.Asked), strconv.Itoa(l.Exempt), strconv.Itoa(l.Digitised), strconv.Itoa(l.Reused), string(l.Officer)}
}

// minute prints a time as it is in Viet Nam, and none as nothing.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(dossier.VietNam).Format("2006-01-02 15:04")
}

// printBehind lists the dossiers behind a figure.
func printBehind(stdout io.Writer, a figuresArgs, in figures.Input) error {
	stands, plain := plainNumbers[a.behind]
	if i, ok := figures.Find(a.behind, in.Period.From); ok && i.Procedure != nil {
		return printProcedures(stdout, a, i, in)
	} else if ok && i.Stands != nil {
		stands = i.Stands
	} else if !plain {
		return usage("no figure over dossiers is called %q on %s", a.behind, a.from.Format(time.DateOnly))
	}
	var lines []factLine
	for _, f := range in.Facts {
		if (a.own || a.mapped != "") && string(a.merged.Of(f.Receiving)) != a.agency {
			continue
		}
		lines = append(lines, factLine{Dossier: f.Dossier, Stands: stands(f, in.Period), Procedure: f.Procedure, Receiving: f.Receiving,
			Received: f.Received, Due: f.Due, Resolved: f.Resolved, Asked: f.ToDigitise, Exempt: f.Exempt, Digitised: f.Digitised, Reused: f.Reused, Officer: f.Officer})
	}
	return printLines(stdout, a.format, lines)
}

func printLines[L line](w io.Writer, format string, lines []L) error {
	var none L
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(append([]L{}, lines...)) // [], never null
	case "csv":
		c := csv.NewWriter(w)
		_ = c.Write(none.names()) // its error stays
		for _, l := range lines {
			_ = c.Write(l.cells())
		}
		c.Flush()
		return c.Error()
	}
	names := none.names()
	hidden := slices.Index(names, headDossiers)
	shown := func(cells []string) string {
		if hidden >= 0 {
			cells = slices.Delete(cells, hidden, hidden+1)
		}
		return strings.Join(cells, "\t")
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, shown(names))
	for _, l := range lines {
		fmt.Fprintln(tw, shown(l.cells()))
	}
	return tw.Flush()
}
