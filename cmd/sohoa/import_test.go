package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/ingest/sheet"
	"sohoa/storage/sqldb"
)

// office is a data directory with a province, two communes and one that went
// into another, and a procedure or two.
func office(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return data
}

// imported runs sohoa import and reads its report.
func imported(t *testing.T, data string, args ...string) (r importReport, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), append([]string{"import", "--json", "--data", data}, args...), os.Getenv, &out, &errs)
	code = exitCode(t.Context(), err)
	if code != exitDone && code != exitUnsound {
		t.Fatalf("import %v: %d %v %s", args, code, err, &errs)
	}
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r, code
}

func written(t *testing.T, name string, head []string, rows [][]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := sheet.Write(f, strings.TrimPrefix(filepath.Ext(name), "."), head, rows); err != nil {
		t.Fatal(err)
	}
	return path
}

var tierNames = map[dossier.Tier][]string{dossier.Province: {"Tỉnh", "Cấp tỉnh"}, dossier.District: {"Huyện", "cấp huyện"}, dossier.Commune: {"Xã", "CẤP XÃ"}}

// services makes a catalogue by a seed: so many of each level, shuffled, spelled
// as lists spell, of a tier each. It keeps its own tally by tier.
func services(seed uint64, first int, tiers []dossier.Tier, levels map[string]int, spelled map[string][]string) (rows [][]string, tally map[dossier.Tier]map[string]int) {
	r := rand.New(rand.NewPCG(seed, 8))
	tally = map[dossier.Tier]map[string]int{}
	var all []string
	for _, level := range slices.Sorted(func(yield func(string) bool) {
		for l := range levels {
			if !yield(l) {
				return
			}
		}
	}) {
		for range levels[level] {
			all = append(all, level)
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, level := range all {
		tier := tiers[r.IntN(len(tiers))]
		if tally[tier] == nil {
			tally[tier] = map[string]int{}
		}
		tally[tier][level]++
		rows = append(rows, []string{fmt.Sprintf("1.%06d", first+i), fmt.Sprintf("Thủ tục số %d", first+i), []string{"Hộ tịch", "Đất đai", "Xây dựng"}[r.IntN(3)],
			spelled[level][r.IntN(len(spelled[level]))], tierNames[tier][r.IntN(2)], []string{"Công dân", "Doanh nghiệp; Tổ chức", "Cá nhân"}[r.IntN(3)], fmt.Sprint(r.IntN(30)), "", "Không", "", "", "", "", ""})
	}
	return rows, tally
}

var (
	oldSpelled = map[string][]string{"1": {"1", "Mức độ 1"}, "2": {"2", "Mức 2", "DVC mức độ 2"}, "3": {"3", "Mức độ 3", "mức 3"}, "4": {"4", "Mức độ 4", "DVCTT mức độ 4"}}
	newSpelled = map[string][]string{"full": {"Toàn trình", "DVCTT toàn trình", "TOÀN TRÌNH"}, "partial": {"Một phần", "Dịch vụ công trực tuyến một phần"}, "info": {"Cung cấp thông tin", "Chỉ cung cấp thông tin"}}
)

func countsOn(t *testing.T, data, day string) (c catalogue.Count) {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"catalogue", "counts", "--json", "--day", day, "--data", data}, os.Getenv, &out, &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// The counts that provinces published come out of lists with as many services:
// by the words of their day, by tier as the generator dealt them, and those of
// one year still when the lists of later years are in.
func TestImportCounts(t *testing.T) {
	three := []dossier.Tier{dossier.Province, dossier.District, dossier.Commune}
	for _, row := range []struct {
		name, day, form string
		levels          map[string]int
		spelled         map[string][]string
		all             int
	}{
		{"Bà Rịa–Vũng Tàu 9/2018", "2018-09-30", "xlsx", map[string]int{"1": 400, "2": 450, "3": 919, "4": 290}, oldSpelled, 2059},
		{"Tuyên Quang 2/2020", "2020-02-28", "csv", map[string]int{"2": 323, "3": 1515, "4": 95}, oldSpelled, 1933},
		{"Tuyên Quang 2024", "2024-06-30", "xlsx", map[string]int{"full": 1088, "partial": 495, "info": 361}, newSpelled, 1944},
	} {
		t.Run(row.name, func(t *testing.T) {
			data := office(t)
			rows, tally := services(2018, 1, three, row.levels, row.spelled)
			path := written(t, "list."+row.form, catalogue.Procedures.Names("vi"), rows)
			dry, code := imported(t, data, "catalogue", path, "--day", row.day, "--dry-run")
			if code != 0 || dry.New != row.all || !dry.DryRun {
				t.Fatalf("dry run: %d, %d new, %v", code, dry.New, dry.Problems[:min(3, len(dry.Problems))])
			}
			if c := countsOn(t, data, row.day); c.All != 0 {
				t.Fatal("a dry run wrote something")
			}
			imported(t, data, "catalogue", path, "--day", row.day)
			c := countsOn(t, data, row.day)
			if c.All != row.all || !evenly(c.Levels, row.levels) {
				t.Errorf("%d services, %v", c.All, c.Levels)
			}
			for tier, levels := range tally {
				if !evenly(c.Tiers[tier], levels) {
					t.Errorf("%s: %v, dealt %v", tier, c.Tiers[tier], levels)
				}
			}
			if again, _ := imported(t, data, "catalogue", path, "--day", row.day); again.New+again.Changed != 0 || again.Same != row.all {
				t.Errorf("again: %d new, %d changed", again.New, again.Changed)
			}
			rows[7][3], rows[8][4] = "Mức độ 9", "Thôn"
			bad, code := imported(t, data, "catalogue", written(t, "list."+row.form, catalogue.Procedures.Names("vi"), rows), "--day", row.day)
			if code != exitUnsound || bad.BadRows != 2 || bad.Problems[0].Row != 9 || bad.Problems[0].Code != "level" || bad.Problems[1].Row != 10 || bad.Problems[1].Code != "tier" {
				t.Errorf("bad rows: %d %v", bad.BadRows, bad.Problems)
			}
		})
	}
}

func evenly(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// One house with the lists of 2020 and 2024 tells the counts of either day.
func TestImportLater(t *testing.T) {
	data := office(t)
	tiers := []dossier.Tier{dossier.Province, dossier.Commune}
	old, _ := services(1, 1, tiers, map[string]int{"2": 323, "3": 1515, "4": 95}, oldSpelled)
	now, _ := services(2, 200, tiers, map[string]int{"full": 1088, "partial": 495, "info": 361}, newSpelled)
	gone := map[string]bool{}
	for _, r := range now {
		gone[r[0]] = true
	}
	for _, r := range old {
		if !gone[r[0]] { // no more in 2024: it says since when
			ended := slices.Clone(r)
			ended[3], ended[13] = "Toàn trình", "01/01/2023"
			now = append(now, ended)
		}
	}
	imported(t, data, "catalogue", written(t, "a.csv", catalogue.Procedures.Names("vi"), old), "--day", "2020-02-28")
	imported(t, data, "catalogue", written(t, "b.xlsx", catalogue.Procedures.Names("vi"), now), "--day", "2024-06-30")
	if c := countsOn(t, data, "2020-02-28"); c.All != 1933 || !evenly(c.Levels, map[string]int{"2": 323, "3": 1515, "4": 95}) {
		t.Errorf("2020: %+v", c)
	}
	if c := countsOn(t, data, "2024-06-30"); c.All != 1944 || !evenly(c.Levels, map[string]int{"full": 1088, "partial": 495, "info": 361}) {
		t.Errorf("2024: %+v", c)
	}
	for _, what := range []string{"catalogue.csv", "catalogue.xlsx"} { // what is written out reads in without a change
		out := filepath.Join(t.TempDir(), what)
		var log bytes.Buffer
		if err := run(t.Context(), []string{"catalogue", "export", "catalogue", "-o", out, "--data", data}, os.Getenv, &log, &log); err != nil {
			t.Fatal(err)
		}
		if r, code := imported(t, data, "catalogue", out); r.New+r.Changed != 0 || code != 0 || r.Same < 1944 {
			t.Errorf("%s: %d new, %d changed, %v", what, r.New, r.Changed, r.Changes[:min(2, len(r.Changes))])
		}
	}
}

// A merger: dossiers of before are seen by who goes on with them, and figures are
// told by today's tree without a file.
func TestImportMerger(t *testing.T) {
	data := office(t)
	head := catalogue.Agencies.Names("vi")
	rows := [][]string{ // those under others come first: the order of a file means nothing
		{"000.12.05.H60", "UBND xã Cũ", "000.00.05.H60", "Xã", "", "01/07/2025", "H60.31"},
		{"H60.31", "UBND xã Mới", "H60", "Xã", "01/07/2025", "", ""},
		{"000.00.05.H60", "UBND huyện Giữa", "H60", "Huyện", "", "01/07/2025", "H60"},
		{"H60", "UBND tỉnh", "", "Tỉnh", "", "", ""},
		{"H60.40", "UBND xã Sai cấp trên", "H61", "Xã", "", "", ""},
		{"H60.41", "UBND xã Dưới xã sai", "H60.40", "Xã", "", "", ""},
		{"H60.42", "UBND huyện Còn mãi", "H60", "Huyện", "", "", ""},
		{"H60.50", "A", "H60.51", "Xã", "", "", ""},
		{"H60.51", "B", "H60.50", "Xã", "", "", ""},
	}
	r, code := imported(t, data, "agencies", written(t, "a.xlsx", head, rows))
	var codes []string
	for _, p := range r.Problems {
		codes = append(codes, fmt.Sprint(p.Row, " ", p.Field, " ", p.Code))
	}
	if want := []string{"6 parent parent", "7 parent parent", "8 until district", "9 parent circle", "10 parent parent"}; code != exitUnsound || r.New != 4 || !slices.Equal(codes, want) {
		t.Fatalf("%d new, %q", r.New, codes)
	}
	if r, _ := imported(t, data, "agencies", written(t, "a.csv", head, rows[:4])); r.New+r.Changed != 0 || r.Same != 4 {
		t.Errorf("again: %+v", r.Plan)
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if below, err := db.Below(t.Context(), "H60.31"); err != nil || !slices.Equal(below, []dossier.AgencyCode{"000.12.05.H60", "H60.31"}) {
		t.Errorf("who goes on sees %v, %v", below, err)
	}
	list, _ := services(3, 1, []dossier.Tier{dossier.Commune}, map[string]int{"3": 1}, oldSpelled)
	imported(t, data, "catalogue", written(t, "c.csv", catalogue.Procedures.Names("vi"), list), "--day", "2020-01-01")
	dossiers := [][]string{
		{"000.12.05.H60-200228-0001", "1.000001", "", "000.12.05.H60", "", "008199012345", "Đặng Thị Bưởi", "", "", "1", "28/02/2020", "02/03/2020", "01/03/2020"},
		{"H60.31-250702-0001", "1.000001", "", "H60.31", "", "008199012345", "Đặng Thị Bưởi", "", "", "1", "02/07/2025", "", ""},
		{"000.12.05.H60-250702-0001", "1.000001", "", "000.12.05.H60", "", "008199012345", "Đặng Thị Bưởi", "", "", "1", "02/07/2025", "", ""},
	}
	r, _ = imported(t, data, "dossiers", written(t, "d.csv", catalogue.Dossiers.Names("vi"), dossiers))
	if r.New != 2 || len(r.Problems) != 1 || r.Problems[0].Code != "agency-days" || !strings.Contains(r.Problems[0].Seen, "H60.31") {
		t.Fatalf("%+v", r.Plan)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"figures", "--from", "2020-01-01", "--to", "2025-12-31", "--by", "agency", "--map", "tree", "--format", "csv", "--data", data}, os.Getenv, &out, &out); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "000.12.05.H60") || !strings.Contains(s, "H60.31") {
		t.Error("figures are not told by the tree of today")
	}
}

// A fault is done to a good row, and what is to be said of it.
type fault struct {
	field, code string
	do          func(c map[string]string)
	note        bool // the row is taken all the same
}

func set(field, value string) func(map[string]string) {
	return func(c map[string]string) { c[field] = value }
}

var faults = []fault{
	{"code", "missing", set("code", ""), false},
	{"code", "code-form", set("code", "HS-17/2024"), false},
	{"code", "code-form", set("code", "H60.31-240315-001"), false},
	{"code", "code-case", func(c map[string]string) { c["code"] = strings.ToLower(c["code"]) }, false},
	{"code", "code-day", set("code", "H60.31-240231-0001"), false},
	{"code", "code-future", set("code", "H60.31-300101-0001"), false},
	{"code", "code-serial", set("code", "H60.31-240315-0000"), false},
	{"code", "code-agency", func(c map[string]string) { c["code"] = strings.Replace(c["code"], "H60.31", "H60.32", 1) }, false},
	{"received", "code-received", set("received", "16/04/2024 09:00"), false},
	{"code", "scientific", set("code", "2,4E+15"), false},
	{"procedure", "missing", set("procedure", ""), false},
	{"procedure", "code-form", set("procedure", "thủ tục 1"), false},
	{"procedure", "procedure", set("procedure", "9.999999"), false},
	{"procedure", "procedure-days", set("procedure", "1.000002"), false},
	{"procedureName", "procedure-name", set("procedureName", "Một việc khác hẳn"), false},
	{"receiving", "missing", set("receiving", ""), false},
	{"receiving", "agency", set("receiving", "H60.99"), false},
	{"receiving", "code-form", set("receiving", "Xã Mới"), false},
	{"competent", "agency", set("competent", "H61"), false},
	{"competent", "agency-days", set("competent", "H60.33"), false},
	{"number", "missing", set("number", ""), false},
	{"number", "number-zero", set("number", "08199012345"), false},
	{"number", "number-old", set("number", "081990123"), false},
	{"number", "number-form", set("number", "08199O12345X"), false},
	{"number", "scientific", set("number", "8,19901E+10"), false},
	{"number", "number-year", set("number", "008399012345"), false},
	{"number", "number-place", set("number", "999199012345"), true},
	{"name", "missing", set("name", " "), false},
	{"name", "name-digits", set("name", "Nguyễn Văn 2"), false},
	{"name", "too-long", set("name", strings.Repeat("Ă", 201)), false},
	{"name", "name-other", func(c map[string]string) { c["number"], c["name"] = "008199000001", "Người Khác" }, false},
	{"name", "nfd", func(c map[string]string) { c["name"] = norm.NFD.String("Nguyễn Thị Đằng") }, true},
	{"name", "unseen", set("name", "Lê\u00a0Thị\u200b Hằng"), true},
	{"name", "lost-letters", set("name", "Nguy\ufffdn V\ufffdn A"), false},
	{"name", "mojibake", set("name", "Nguyá»…n VÄƒn A"), false},
	{"name", "control", set("name", "Lê\x07 Văn"), false},
	{"name", "formula", set("name", `=HYPERLINK("http://x","Lê")`), false},
	{"name", "cell-error", set("name", "#REF!"), false},
	{"applicantName", "applicant-half", set("applicantName", "Lê Văn Nộp"), false},
	{"applicantNumber", "number-form", func(c map[string]string) { c["applicantName"], c["applicantNumber"] = "Lê Văn Nộp", "12" }, false},
	{"channel", "channel", set("channel", "Bồ câu"), false},
	{"received", "missing", set("received", ""), false},
	{"received", "date-day", set("received", "31/02/2024"), false},
	{"received", "date-form", set("received", "rằm tháng giêng"), false},
	{"received", "date-year", set("received", "15/03/24"), false},
	{"received", "date-order", set("received", "03/15/2024"), false},
	{"received", "date-serial", set("received", "45366"), false},
	{"received", "date-old", set("received", "15/03/1924"), false},
	{"received", "future", set("received", "15/03/2099"), false},
	{"due", "due-before", set("due", "01/03/2024"), false},
	{"due", "due-far", set("due", "01/03/2044"), false},
	{"due", "date-day", set("due", "20/03/2024 25:00"), false},
	{"resolved", "resolved-before", set("resolved", "01/03/2024"), false},
	{"resolved", "future", set("resolved", "01/03/2099"), false},
}

// dossierRow is the i-th good dossier.
func dossierRow(i int) map[string]string {
	return map[string]string{"code": fmt.Sprintf("H60.31-240315-%04d", i+1), "procedure": "1.000001", "procedureName": "Thủ tục số 1", "receiving": "H60.31", "competent": "H60",
		"number": fmt.Sprintf("00819901%04d", i), "name": fmt.Sprintf("Đặng Thị %s", strings.Repeat("Bưởi ", i%3+1)), "channel": []string{"Trực tiếp", "2", "bưu chính"}[i%3],
		"received": "15/03/2024 08:30", "due": "20/03/2024", "resolved": []string{"", "19/03/2024 10:00"}[i%2]}
}

func cells(c map[string]string) []string {
	var row []string
	for _, x := range catalogue.Dossiers {
		row = append(row, strings.TrimSuffix(c[x.Field], " ")) // which no name has otherwise
	}
	return row
}

// A thousand dossiers from one file, in which every fault stands once: each is
// named with its row, field and code, the rest comes in, and the file once more
// changes nothing.
func TestImportDossiers(t *testing.T) {
	data := office(t)
	imported(t, data, "agencies", written(t, "a.csv", catalogue.Agencies.Names("vi"), [][]string{{"H60", "UBND tỉnh", "", "Tỉnh", "", "", ""},
		{"H60.31", "UBND xã Mới", "H60", "Xã", "", "", ""}, {"H60.32", "UBND xã Khác", "H60", "Xã", "", "", ""},
		{"H60.33", "UBND xã Đã nhập", "H60", "Xã", "", "01/01/2020", "H60.31"}}))
	list, _ := services(3, 1, []dossier.Tier{dossier.Commune}, map[string]int{"full": 2}, newSpelled)
	list[1][13] = "01/01/2023"
	if list[0][0] != "1.000001" {
		t.Fatal(list)
	}
	imported(t, data, "catalogue", written(t, "c.csv", catalogue.Procedures.Names("vi"), list), "--day", "2022-09-01")
	imported(t, data, "dossiers", written(t, "first.csv", catalogue.Dossiers.Names("vi"), [][]string{cells(merge(dossierRow(5000), "number", "008199000001"))}))

	var file bytes.Buffer
	w := bufio.NewWriter(&file)
	type want struct{ field, code string }
	wants := map[int]want{}
	notes := 0
	line := func(row []string) {
		for i, c := range row {
			row[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		fmt.Fprintln(w, strings.Join(row, ";"))
	}
	line([]string{"DANH SÁCH HỒ SƠ", "", ""})
	line(catalogue.Dossiers.Names("vi"))
	number, good := 2, 0
	for i := range 1000 {
		number++
		c := dossierRow(i + 100)
		if f := (i - 5) / 17; i%17 == 5 && f < len(faults) {
			faults[f].do(c)
			wants[number] = want{faults[f].field, faults[f].code}
			if faults[f].note {
				notes++
				good++
			}
			line(cells(c))
			continue
		}
		switch i {
		case 990: // the same row as before
			wants[number] = want{"", "row-twice"}
			line(cells(dossierRow(i + 99)))
		case 991: // a code of before
			wants[number] = want{"code", "code-twice"}
			line(cells(merge(dossierRow(i+98), "channel", "3", "due", "21/03/2024")))
		case 992:
			wants[number] = want{"name", "name-twice"}
			line(cells(merge(c, "number", dossierRow(i + 97)["number"], "name", "Ai Đó Khác")))
		case 993:
			wants[number] = want{"", "columns"}
			line(append(cells(c), "thừa"))
		case 994:
			wants[number] = want{"", "bytes"}
			fmt.Fprint(w, "\xff\xfe;H60\n")
		case 995:
			wants[number] = want{"", "row-quote"}
			fmt.Fprintln(w, `"H60.31-240315-0900"x;1`)
		case 996:
			wants[number] = want{"", "row-long"}
			line(cells(merge(c, "name", strings.Repeat("Ă", 1<<20))))
		default:
			good++
			line(cells(c))
		}
	}
	fmt.Fprint(w, `"một dấu nháy không đóng;`+"\n")
	wants[number+1] = want{"", "row-quote"}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dossiers.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, code := imported(t, data, "dossiers", path)
	told := map[int][]string{}
	for _, p := range r.Problems {
		told[p.Row] = append(told[p.Row], p.Field+" "+p.Code)
		if what, do := p.Say("vi"); what == p.Code || do == "" {
			t.Errorf("%s: no words", p.Code)
		}
	}
	for row, x := range wants {
		if !slices.Contains(told[row], x.field+" "+x.code) {
			t.Errorf("row %d: %q, want %s %s", row, told[row], x.field, x.code)
		}
		delete(told, row)
	}
	if len(told) > 0 {
		t.Errorf("good rows are told of: %v", told)
	}
	if len(wants) < 60 || code != exitUnsound || r.New != good || r.BadRows != len(wants)-notes {
		t.Errorf("%d faults; %d new, want %d; %d bad rows, want %d", len(wants), r.New, good, r.BadRows, len(wants)-notes)
	}
	again, _ := imported(t, data, "dossiers", path)
	if again.New+again.Changed != 0 || again.Same != good {
		t.Errorf("again: %d new, %d changed, %d the same", again.New, again.Changed, again.Same)
	}
	apart := slices.IndexFunc(faults, func(f fault) bool { return f.code == "nfd" })
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if h, err := db.FindHolder(t.Context(), dossierRow(17*apart + 5 + 100)["number"]); err != nil || h.Name != norm.NFC.String("Nguyễn Thị Đằng") {
		t.Errorf("the name whose marks came apart is kept as %+q, %v", h.Name, err)
	}
	t.Logf("%d faults named, %d dossiers of 1001 rows imported, twice the same", len(wants), r.New)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"audit", "verify", "--data", data}, os.Getenv, &out, &out); err != nil {
		t.Errorf("the ledger after an import: %v\n%s", err, &out)
	}
}

func merge(c map[string]string, pairs ...string) map[string]string {
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
	}
	return c
}

// One row of 200 MB is told, and what stands beside it is read.
func TestImportHuge(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MB")
	}
	data := office(t)
	path := filepath.Join(t.TempDir(), "huge.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	head := strings.Join(catalogue.Agencies.Names("vi"), ",")
	fmt.Fprintf(f, "%s\nH60,UBND tỉnh,,Tỉnh,,,\nH60.1,", head)
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 200 {
		if _, err := f.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprint(f, ",H60,Xã,,,\nH60.2,UBND xã,H60,Xã,,,\n")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r, _ := imported(t, data, "agencies", path)
	if r.New != 2 || len(r.Problems) != 1 || r.Problems[0].Code != "row-long" || r.Problems[0].Row != 3 {
		t.Errorf("%+v", r.Plan)
	}
}
