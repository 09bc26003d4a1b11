package catalogue

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sohoa/dossier"
)

func rowsOf(lines ...[]string) (rows []Row) {
	for i, l := range lines {
		r := Row{Number: i + 1}
		for _, text := range l {
			r.Cells = append(r.Cells, Cell{Text: text})
		}
		rows = append(rows, r)
	}
	return rows
}

func TestLevelOn(t *testing.T) {
	for _, row := range []struct {
		text, day string
		level     dossier.Level
		old       int
		wrong     string
	}{
		{"Mức độ 4", "2022-08-14", dossier.Full, 4, ""},
		{"mức 3", "2020-02-28", dossier.Partial, 3, ""},
		{"2", "2020-02-28", dossier.Info, 2, ""},
		{"DVC mức độ 1", "2018-09-30", dossier.Info, 1, ""},
		{"Mức độ 4", "2022-08-15", "", 0, "level-old"},
		{"Toàn trình", "2022-08-15", dossier.Full, 0, ""},
		{"Toa\u0300n tri\u0300nh", "2024-01-01", dossier.Full, 0, ""}, // decomposed
		{"MỘT PHẦN", "2024-01-01", dossier.Partial, 0, ""},
		{"Toàn trình", "2022-08-14", "", 0, "level-new"},
		{"Mức độ 5", "2020-01-01", "", 0, "level"},
		{"", "2020-01-01", "", 0, "level"},
	} {
		if level, old, wrong := LevelOn(row.text, row.day); level != row.level || old != row.old || wrong != row.wrong {
			t.Errorf("%q on %s: %s %d %s", row.text, row.day, level, old, wrong)
		}
	}
}

// What is confirmed on a page is named by its sum: a plan says the same each time.
func TestPlansSayTheSame(t *testing.T) {
	h := House{Now: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Agencies: map[dossier.AgencyCode]dossier.Agency{}, Procedures: map[dossier.ProcedureCode]dossier.Procedure{}}
	for i := range 50 {
		code := dossier.AgencyCode(fmt.Sprintf("H60.%d", i))
		h.Agencies[code] = dossier.Agency{Code: code}
		h.Procedures[dossier.ProcedureCode(code)] = dossier.Procedure{Code: dossier.ProcedureCode(code)}
	}
	agencies := rowsOf(Agencies.Names("vi"), []string{"H61", "Tỉnh", "x y", "Tỉnh", "", "", "z z"}, []string{"H62.1", "Xã", "H62", "Xã"}, []string{"H62", "Tỉnh", "", "Tỉnh"})
	procedures := rowsOf(Procedures.Names("vi"), []string{"1", "Việc", "", "toàn trình", "Xã; Huyện", "ma"})
	first := ""
	for range 20 {
		a, err := json.Marshal([]Plan{PlanAgencies(agencies, h), PlanProcedures(procedures, h, "2026-11-21")})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(a)
		}
		if string(a) != first {
			t.Fatal("a plan says something else the second time")
		}
	}
}

// Every problem has its words in both languages, and an act.
func TestProblemsHaveWords(t *testing.T) {
	for _, code := range Codes() {
		for _, lang := range []string{"vi", "en"} {
			if what, do := (Problem{Code: code}).Say(lang); what == "" || do == "" || what == code {
				t.Errorf("%s in %s: %q %q", code, lang, what, do)
			}
		}
	}
	if len(Codes()) < 70 {
		t.Errorf("%d problems", len(Codes()))
	}
}

func TestSpans(t *testing.T) {
	level := func(since string, l dossier.Level, old int) dossier.ProcedureSpan {
		return dossier.ProcedureSpan{Procedure: "1", Span: dossier.Span{Since: since}, Level: l, Old: old}
	}
	told := func(spans []dossier.ProcedureSpan) string { return spanWords(spans, dossier.Procedure{}, false) }
	late := dossier.SetSpan(nil, level("2024-06-30", dossier.Full, 0))
	both := dossier.SetSpan(late, level("2020-02-28", dossier.Partial, 3)) // the older list comes in later
	for name, row := range map[string]struct {
		got  []dossier.ProcedureSpan
		want string
	}{
		"one":                  {late, "full 2024-06-30–"},
		"before it":            {both, "3 2020-02-28–2024-06-30, full 2024-06-30–"},
		"told again":           {dossier.SetSpan(both, level("2025-01-01", dossier.Full, 0)), "3 2020-02-28–2024-06-30, full 2024-06-30–"},
		"within":               {dossier.SetSpan(both, level("2021-01-01", dossier.Full, 4)), "3 2020-02-28–2021-01-01, 4 2021-01-01–2024-06-30, full 2024-06-30–"},
		"in its place":         {dossier.SetSpan(both, level("2024-06-30", dossier.Info, 0)), "3 2020-02-28–2024-06-30, info 2024-06-30–"},
		"the same, new words":  {dossier.SetSpan(dossier.SetSpan(nil, level("2020-01-01", dossier.Full, 4)), level("2023-01-01", dossier.Full, 0)), "4 2020-01-01–"},
		"ended":                {dossier.EndSpan(both, "2025-01-01"), "3 2020-02-28–2024-06-30, full 2024-06-30–2025-01-01"},
		"ended before the end": {dossier.EndSpan(both, "2021-01-01"), "3 2020-02-28–2021-01-01"},
	} {
		if got := told(row.got); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
