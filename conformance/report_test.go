//go:build conformance

package conformance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/province"
	"sohoa/pdf/typeset"
	"sohoa/report/feed"
	"sohoa/report/monthly"
	"sohoa/report/reporttest"
	"sohoa/report/workbook"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
)

// TestReportJudged has veraPDF judge the report of a closed month before and after
// the agency seals it, DSS its signature, and jsonschema its feed.
func TestReportJudged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := devtest.New(t, time.Now)
	m := reporttest.Months(t, 40)[1]
	fonts, err := typeset.LoadFonts(devtest.Font)
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := monthly.Write(&plain, fonts, m, reporttest.Words); err != nil {
		t.Fatal(err)
	}
	sealed := d.Sign(t, signing.Request{Subject: "figures", Profile: signing.Figures, Level: signing.LevelLTA, Name: m.Issuer.Name, Insist: true,
		Key: d.Key(t, "agency", m.Issuer.Name, "")}, plain.Bytes())
	put(t, dir, "plain.pdf", plain.Bytes())
	put(t, dir, "sealed.pdf", sealed)
	put(t, dir, "root.pem", d.CA.RootPEM())
	files := []string{filepath.Join(dir, "plain.pdf"), filepath.Join(dir, "sealed.pdf")}
	if out := said(t, ".", "./verapdf.sh", files...); strings.Count(out, "PASS ") != 2 {
		t.Errorf("veraPDF: %s", out)
	}
	if out := said(t, ".", "dss/judge.sh", filepath.Join(dir, "root.pem"), files[1]); !strings.Contains(out, "PAdES-BASELINE-LTA") {
		t.Errorf("DSS: %s", out)
	}
	b, err := feed.Of(m).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "feed.json", b)
	python := pyHanko(t)
	if exec.Command(python, "-c", "import jsonschema").Run() != nil {
		said(t, ".", python, "-m", "pip", "-q", "install", "jsonschema==4.25.1")
	}
	said(t, ".", python, "-c", "import json,sys,jsonschema\ns=json.load(open(sys.argv[1]))\njsonschema.Draft202012Validator.check_schema(s)\n"+
		"jsonschema.Draft202012Validator(s).validate(json.load(open(sys.argv[2])))", "../docs/feed.schema.json", filepath.Join(dir, "feed.json"))
}

// TestWorkbookJudged has openpyxl, another's reader, find every number as a number
// and no formula anywhere.
func TestWorkbookJudged(t *testing.T) {
	t.Parallel()
	p := figures.Month(2026, time.May)
	made, err := province.Make(3, province.Shape{Agencies: 6, Procedures: 8}, province.Published{Name: "x", Period: p, Dossiers: province.Share{Numerator: 412, Tenths: 954}, Results: province.Share{Numerator: 300, Tenths: 685}})
	if err != nil {
		t.Fatal(err)
	}
	b := workbook.Of(figures.Input{Facts: made.Facts, Procedures: made.Procedures, Period: p}, map[dossier.AgencyCode]string{made.Facts[0].Receiving: "=1+1"}, nil)
	b.Words = reporttest.Words
	path := filepath.Join(t.TempDir(), "b.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := workbook.Write(f, b); err != nil {
		t.Fatal(err)
	}
	f.Close()
	python := pyHanko(t)
	if exec.Command(python, "-c", "import openpyxl").Run() != nil {
		said(t, ".", python, "-m", "pip", "-q", "install", "openpyxl==3.1.5")
	}
	out := said(t, ".", python, "-c", "import sys,openpyxl\nw=openpyxl.load_workbook(sys.argv[1])\n"+
		"print(sum(c.data_type=='f' for s in w for r in s for c in r), len(w.sheetnames))\n"+
		"for r in w.worksheets[0].iter_rows(min_row=5,values_only=True): print(r[2], r[3], r[4], type(r[3]).__name__)\n", path)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if lines[0] != "0 3" {
		t.Errorf("formulas and sheets: %s", lines[0])
	}
	for i, m := range b.All {
		want := fmt.Sprintf("%s None None NoneType", m.Indicator.Key)
		if m.Told() {
			want = strings.Join([]string{m.Indicator.Key, strconv.Itoa(m.Rate.Numerator), strconv.Itoa(m.Rate.Denominator), "int"}, " ")
		}
		if lines[i+1] != want {
			t.Errorf("%q, want %q", lines[i+1], want)
		}
	}
}
