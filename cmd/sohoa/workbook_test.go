package main

import (
	"bytes"
	"html"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/web/clicker"
)

// here is where the houses of tests are said to be reached.
const here = "http://localhost"

// workbooksOpen takes the workbook of a year away by the command and from the pages of
// a running house, opens it as a spreadsheet does, and follows every number in it: as
// many dossiers are listed as it says.
func workbooksOpen(t *testing.T, r *running, year figures.Period) {
	t.Helper()
	admin := r.login(dossier.Admin)
	path := filepath.Join(t.TempDir(), "year.xlsx")
	var errs bytes.Buffer
	err := run(t.Context(), []string{"figures", "--data", r.data, "--format", "xlsx", "-o", path, "--from", year.From.Format(time.DateOnly), "--to", year.To.AddDate(0, 0, -1).Format(time.DateOnly)},
		func(name string) string { return map[string]string{"SOHOA_ORIGIN": here}[name] }, &errs, &errs)
	if err != nil {
		t.Fatal(err, errs.String())
	}
	byCommand, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, err := admin.Read(t.Context(), "/figures/export?format=xlsx&period="+year.From.Format("2006"))
	if err != nil {
		t.Fatal(err)
	}
	byPage, err := excelize.OpenReader(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for what, f := range map[string]*excelize.File{"command": byCommand, "pages": byPage} {
		followed, sum := 0, 0
		for _, sheet := range f.GetSheetList()[:2] {
			rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				for j, v := range row {
					at, err := excelize.CoordinatesToCellName(j+1, i+1)
					if err != nil {
						t.Fatal(err)
					}
					linked, to, err := f.GetCellHyperLink(sheet, at)
					if err != nil {
						t.Fatal(err)
					}
					if !linked {
						if whole.MatchString(v) && !plain(rows[3], j) {
							t.Errorf("%s: %s %s, %q, leads nowhere", what, sheet, at, v)
						}
						continue
					}
					n, err := strconv.Atoi(v)
					if err != nil || !strings.HasPrefix(to, here+"/figures/dossiers?") {
						t.Errorf("%s: %s %s, %q, leads to %q", what, sheet, at, v, to)
						continue
					}
					if got := listed(t, admin, to); got != n {
						t.Errorf("%s: %s %s says %d, %s lists %d", what, sheet, at, n, to, got)
					}
					followed, sum = followed+1, sum+n
				}
			}
		}
		if followed < 30 || sum < 30 {
			t.Errorf("%s: %d numbers followed, which say %d", what, followed, sum)
		}
	}
}

var whole = regexp.MustCompile(`^[0-9]+$`)

// plain reports whether numbers of a column count no dossiers: points, targets and rates.
func plain(heads []string, j int) bool {
	return j < len(heads) && (strings.HasPrefix(heads[j], "Điểm") || strings.HasPrefix(heads[j], "Mục tiêu") || strings.Contains(heads[j], "%"))
}

// listed counts the dossiers, or procedures, that make a number up, page by page: those
// that count, and of a denominator those too that miss something.
func listed(t *testing.T, who *clicker.Person, to string) (n int) {
	t.Helper()
	for next := strings.TrimPrefix(to, here); next != ""; {
		page, err := who.Read(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(page, []byte(`"state w-counts"`))
		if !strings.Contains(to, "why=") {
			n += bytes.Count(page, []byte(`"state w-missing"`))
		}
		next = ""
		if m := regexp.MustCompile(`<a href="([^"]*)" rel="next">`).FindSubmatch(page); m != nil {
			next = html.UnescapeString(string(m[1]))
		}
	}
	return n
}

// figuresAtOnce opens a dossier at the counter of a running house and asks for the
// figures until they tell of it: within two seconds of the act.
func figuresAtOnce(t *testing.T, r *running) {
	t.Helper()
	admin, counter := r.login(dossier.Admin), r.login(dossier.Counter)
	received := func() string {
		page, err := admin.Read(t.Context(), "/figures?period="+time.Now().In(dossier.VietNam).Format("2006-01"))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`number=received"><b>([0-9]+)</b>`).FindSubmatch(page)
		if m == nil {
			t.Fatal("the page tells of no dossiers received")
		}
		return string(m[1])
	}
	was := received()
	if _, err := counter.Open(t.Context(), clicker.NewDossier{Procedure: "9.000101", Receiving: "H99.11", Competent: "H99.11",
		HolderNumber: "099090123458", HolderName: "Trần Thị Mới", Channel: dossier.Direct}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	is := received()
	for ; is == was && time.Since(began) < 2*time.Second; is = received() {
	}
	before, _ := strconv.Atoi(was)
	if n, err := strconv.Atoi(is); err != nil || n != before+1 {
		t.Errorf("%s after %v, it was %s", is, time.Since(began), was)
	}
}
