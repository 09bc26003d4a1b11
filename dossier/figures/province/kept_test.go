package province

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sohoa/dossier/figures"
)

var rewrite = flag.Bool("rewrite", false, "write the files in testdata anew")

// keptSeed is the seed of the provinces in testdata.
const keptSeed = 766

// keptShape is how large Tuyên Quang is made: its communes and offices, and the
// procedures that are asked for.
var keptShape = Shape{Agencies: 138, Procedures: 400}

// linesOf are the dossiers of a province by how they stand, as a file has them: enough
// for every formula, and a thousandth of the facts.
func linesOf(facts []figures.Fact) []byte {
	n := map[[3]int64]int{}
	for _, f := range facts {
		n[[3]int64{int64(figures.MonthOf(f.Received)), int64(figures.MonthOf(f.Resolved)), int64(f.Standing())}]++
	}
	var b bytes.Buffer
	b.WriteString("received,resolved,standing,dossiers\n")
	keys := slices.Collect(maps.Keys(n))
	slices.SortFunc(keys, func(a, b [3]int64) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		fmt.Fprintf(&b, "%s,%s,%d,%d\n", figures.MonthNumber(k[0]), figures.MonthNumber(k[1]), k[2], n[k])
	}
	return b.Bytes()
}

// cellsIn reads them.
func cellsIn(t *testing.T, file []byte) (cells []figures.Cell) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	month := func(s string) figures.MonthNumber {
		if s == "open" {
			return 0
		}
		y, err := strconv.Atoi(s[:4])
		m, err2 := strconv.Atoi(s[5:])
		if err != nil || err2 != nil {
			t.Fatalf("%q is no month", s)
		}
		return figures.MonthNumber(12*y + m - 1)
	}
	for _, l := range lines[1:] {
		standing, err := strconv.ParseInt(l[2], 10, 64)
		n, err2 := strconv.Atoi(l[3])
		if err != nil || err2 != nil {
			t.Fatalf("%q", l)
		}
		cells = append(cells, figures.Cell{Received: month(l[0]), Resolved: month(l[1]), Standing: figures.Standing(standing), N: n})
	}
	return cells
}

// explained is what there is to say of the files: counted from them.
func explained(t *testing.T, of map[string]figures.Input) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`# What Tuyên Quang published, from dossiers

Made by a seeded program, not by hand: ` + "`go test ./dossier/figures/province -run Kept -rewrite`" + ` draws a province (seed ` + fmt.Sprint(keptSeed) + `) whose numerators are those that were published and whose denominators, which were not, are drawn among those that the printed rates allow; then it writes down how its dossiers stand. A line is how many were received in a month, resolved in a month, and stand alike (the bits of ` + "`figures.Standing`" + `). The formulas count these files, and this page is written from what they find.

| period | dossiers digitised | results digitised | denominators that the published rates allow |
|---|---|---|---|
`)
	for _, p := range TuyenQuang() {
		f := of[p.Name].Figures()
		least, most, _ := figures.Denominators(p.Dossiers.Numerator, p.Dossiers.Tenths)
		least2, most2, _ := figures.Denominators(p.Results.Numerator, p.Results.Tenths)
		fmt.Fprintf(&b, "| %s | %d / %d = %s | %d / %d = %s | %d to %d; %d to %d |\n", p.Name, f.Dossiers.Numerator, f.Dossiers.Denominator, f.Dossiers, f.Results.Numerator, f.Results.Denominator, f.Results, least, most, least2, most2)
	}
	b.WriteString(`
**Why the two denominators of a period differ** is no mistake under our definitions: one is of dossiers *received* in the period with a component to digitise, the other of those *resolved* in it whose result is a paper. From one to the other:

| period | received, asked for paper | − not resolved in the period | − resolved, no paper as result | + resolved, received in another period | + resolved, asked for no paper | = results due |
|---|---|---|---|---|---|---|
`)
	for _, p := range TuyenQuang() {
		x := of[p.Name].Bridge()
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d |\n", p.Name, x.Dossiers, x.Open, x.NoPaper, x.Earlier, x.Unscanned, x.Results)
	}
	b.WriteString("\nHow large each of the four steps was in truth was not published; that they add up is arithmetic.\n")
	return b.Bytes()
}

// The published figures come out of the files in testdata, which are what the program
// makes of its seed, by the formulas alone.
func TestKept(t *testing.T) {
	want := map[string][2]string{"2023": {"80,5 %", "52,9 %"}, "2024-Q1": {"95,4 %", "68,5 %"}}
	of := map[string]figures.Input{}
	same := func(path string, made []byte) []byte {
		path = filepath.Join("testdata", path)
		if *rewrite {
			if err := os.WriteFile(path, made, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(kept, made) {
			t.Errorf("%s is not what the program makes: %v", path, err)
		}
		return kept
	}
	for _, p := range TuyenQuang() {
		made, err := Make(keptSeed, keptShape, p)
		if err != nil {
			t.Fatal(err)
		}
		in := figures.Input{Cells: cellsIn(t, same("tuyen-quang-"+p.Name+".csv", linesOf(made.Facts))), Period: p.Period}
		of[p.Name] = in
		f, b := in.Figures(), in.Bridge()
		if got := [2]string{f.Dossiers.String(), f.Results.String()}; got != want[p.Name] || f.Dossiers.Numerator != p.Dossiers.Numerator || f.Results.Numerator != p.Results.Numerator {
			t.Errorf("%s: %+v, published %+v", p.Name, f, p)
		}
		if !b.Holds() || b.Dossiers != f.Dossiers.Denominator || b.Results != f.Results.Denominator || b != figures.BridgeOf(made.Facts, p.Period) {
			t.Errorf("%s: the bridge does not hold: %+v", p.Name, b)
		}
	}
	same("README.md", explained(t, of))
}
