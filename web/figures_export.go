package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A figureLine is an indicator as programs read it: of the visitor's scope, or
// of one receiving agency in it.
type figureLine struct {
	Agency      dossier.AgencyCode `json:"agency,omitempty"` // empty: all of them
	Name        string             `json:"agencyName,omitempty"`
	Family      figures.Family     `json:"family"`
	Key         string             `json:"key"`
	Figure      string             `json:"figure"`
	Told        bool               `json:"told"`
	Percent     string             `json:"percent"`
	Numerator   int                `json:"numerator"`
	Denominator int                `json:"denominator"`
	Points      string             `json:"points"`
	Most        int                `json:"maxPoints,omitempty"`
	Lacks       []string           `json:"lacks,omitempty"`
	Law         string             `json:"law"`
	Grade       figures.Grade      `json:"grade"`
	Rules       string             `json:"rulesSince"`         // the day since which the set of rules holds by which the period is counted
	Outside     map[string]int     `json:"outside,omitempty"`  // dossiers that stand outside the denominator, by why
	Dossiers    string             `json:"dossiers,omitempty"` // of what is told: where this house's pages list them: which count, which do not and why
}

func (l figureLine) cells() []string {
	n, d := strconv.Itoa(l.Numerator), strconv.Itoa(l.Denominator)
	if !l.Told {
		n, d = "", ""
	}
	return []string{string(l.Agency), l.Name, string(l.Family), l.Key, l.Figure, n, d, l.Percent, l.Points, strings.Join(l.Lacks, "; "), l.Law, string(l.Grade), l.Rules, outside(l.Outside, nil), l.Dossiers}
}

// outside lists what stands outside of a denominator, by why: in words, or with none as
// programs know them.
func outside(all map[string]int, words func(why string) string) string {
	var parts []string
	for _, w := range slices.Sorted(maps.Keys(all)) {
		name := w
		if words != nil {
			name = words(w)
		}
		parts = append(parts, fmt.Sprintf("%s: %d", name, all[w]))
	}
	return strings.Join(parts, "; ")
}

// outsideOf are the dossiers of a period that stand outside of a figure.
func outsideOf(m figures.Measure) map[string]int {
	out := map[string]int{}
	for w, n := range m.Outside {
		if w != figures.OutOfPeriod && n != 0 {
			out[string(w)] = n
		}
	}
	return out
}

// harmless is a text that no spreadsheet takes for a formula when it opens a file
// of lines (OWASP, CSV Injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// toExport counts what is asked for, each agency under it apart, and says where
// the dossiers behind a number of an agency, or of all, are listed.
func (s *server) toExport(v *visit) (sp span, in figures.Input, opens func(dossier.AgencyCode, string) string, err error) {
	sp, q, err := s.asked(v)
	if err != nil {
		return sp, in, nil, err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return sp, in, nil, err
	}
	var asked dossier.AgencyCode
	if len(q.Agencies) > 0 {
		asked = q.Agencies[0]
	}
	alone := q.Own && asked != ""
	if q.Own = true; asked != "" && !alone {
		q.Agencies = slices.Sorted(maps.Keys(partsOf(agencies, asked).of))
	}
	if in, err = s.cells(v, q); err != nil {
		return sp, in, nil, err
	}
	opens = func(a dossier.AgencyCode, number string) string {
		if a == "" {
			return behind(sp.Key, asked, "own", ticked(alone), "procedure", string(q.Procedure), "number", number)
		}
		return behind(sp.Key, a, "own", "1", "procedure", string(q.Procedure), "number", number)
	}
	return sp, in, opens, s.withProcedures(v, &in, q.Procedure)
}

// figureExport sends what the page of a period shows, for programs and
// spreadsheets.
func (s *server) figureExport(v *visit) error {
	sp, in, opens, err := s.toExport(v)
	if err != nil {
		return err
	}
	format := or(v.r.FormValue("format"), "json")
	var b []byte
	media := map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8",
		"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[format]
	if media == "" {
		return dossier.ErrNotFound
	}
	if format == "xlsx" {
		b, err = s.Workbook(v.ctx(), in, opens)
	} else {
		b, err = s.figureLines(v, in, format, opens)
	}
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sohoa-%s.%s"`, sp.Key, format))
	v.wrote = true
	_, _ = v.w.Write(b) // whoever does not read it has gone
	return nil
}

// rulesSince is the day since which the rules hold by which a period is counted.
func rulesSince(p figures.Period) string {
	return figures.RulesSince(p.From).In(dossier.VietNam).Format(time.DateOnly)
}

// linesOf are the indicators of the whole, and of each agency that received.
func (s *server) linesOf(v *visit, in figures.Input, opens func(dossier.AgencyCode, string) string) ([]figureLine, error) {
	n, err := s.names(v.ctx())
	if err != nil {
		return nil, err
	}
	var lines []figureLine
	add := func(code dossier.AgencyCode, in figures.Input) {
		for _, i := range figures.At(in.Period.From) {
			if code != "" && i.Stands == nil {
				continue
			}
			m := i.Of(in)
			l := figureLine{Agency: code, Family: i.Family, Key: i.Key, Figure: indicatorName(v.lang, i), Told: m.Told(), Percent: m.Percent(),
				Numerator: m.Rate.Numerator, Denominator: m.Rate.Denominator, Points: m.Points(), Most: i.Max, Lacks: m.Lacks.Codes(), Law: i.Law, Grade: i.Grade, Rules: rulesSince(in.Period), Outside: outsideOf(m)}
			if l.Told {
				l.Dossiers = opens(code, i.Key)
			}
			if code != "" {
				l.Name = n.Agency(code)
			}
			lines = append(lines, l)
		}
	}
	add("", in)
	for _, g := range in.By(nil) {
		add(g.Agency, g.Input)
	}
	return lines, nil
}

func (s *server) figureLines(v *visit, in figures.Input, format string, opens func(dossier.AgencyCode, string) string) ([]byte, error) {
	lines, err := s.linesOf(v, in, opens)
	if err != nil {
		return nil, err
	}
	if format == "json" {
		return json.MarshalIndent(lines, "", "  ")
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // by which spreadsheets know UTF-8
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"agency", "agency name", "family", "key", "figure", "numerator", "denominator", "%", "points", "not collected", "law", "grade", "rules since", "outside", "dossiers"})
	for _, l := range lines {
		cells := l.cells()
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		_ = c.Write(cells) // its error stays
	}
	c.Flush()
	return b.Bytes(), c.Error()
}
