// Command oldtext measures what Sohoa does with pages that bring text with them:
// whether it keeps, redoes or forces as it should, and whether a page that is
// kept comes out as it was, and as PDF/A.
//
//	go run ./bench/oldtext [-seed N] [-n PAGES] [-dir DIR] [-verapdf]
//
// Papers of specimen are printed by Chromium and LibreOffice, printed again by
// cairo, scanned, given text layers by OCRmyPDF in the right and the wrong
// language, stamped, and spoilt. The kinds whose programs are missing are left
// out, and that is said. See README.md for the table of the last run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/specimen"
)

// A kind is pages made in one way and what should be done with their text.
type kind struct {
	name string
	want scan.Treatment
	kept bool // the page should stand in the archive as it came
	make func(b *bench) (path string, err error)
}

type bench struct {
	ctx    context.Context
	dir    string
	seed   uint64
	pages  int
	press  *specimen.Press
	made   map[string]string
	verify bool
	only   string
}

func main() {
	jail.Main(map[string]jail.Child{"inspect": sniff.InspectChild, "split": sniff.SplitChild, pdfa.ChildName: pdfa.Child})
	b := &bench{made: map[string]string{}}
	flag.Uint64Var(&b.seed, "seed", 1000, "of the first paper")
	flag.IntVar(&b.pages, "n", 16, "pages of each kind")
	flag.StringVar(&b.dir, "dir", "", "keep the files here")
	flag.StringVar(&b.only, "only", "", "kinds to measure, with commas between; all if empty")
	flag.BoolVar(&b.verify, "verapdf", false, "have veraPDF judge the archival files")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b.ctx = ctx
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "oldtext:", err)
		os.Exit(1)
	}
}

func (b *bench) run() (err error) {
	if b.press, err = specimen.NewPress(); err != nil {
		return err
	}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "oldtext-*"); err != nil {
			return err
		}
		defer os.RemoveAll(b.dir)
	} else if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	fmt.Printf("| pages | asked | n | decided so | reasons | kept as they came | text equal | look equal |\n|---|---|---|---|---|---|---|---|\n")
	total := row{reasons: map[string]int{}}
	for _, k := range kinds() {
		if b.only != "" && !slices.Contains(strings.Split(b.only, ","), k.name) {
			continue
		}
		path, err := b.file(k)
		if err != nil {
			fmt.Printf("| %s | left out: %.100v | | | | | | |\n", k.name, err)
			continue
		}
		r, err := b.measure(k, path)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		r.print(k.name, string(k.want))
		total.add(r)
	}
	total.reasons = nil
	total.print("**all**", "–")
	if b.verify {
		return b.judge()
	}
	return nil
}

// file makes a kind once.
func (b *bench) file(k kind) (string, error) { return b.once(k.name, k.make) }

func (b *bench) once(name string, make func(*bench) (string, error)) (string, error) {
	if path, ok := b.made[name]; ok {
		return path, nil
	}
	path := b.path(name, ".pdf")
	if _, err := os.Stat(path); err == nil {
		b.made[name] = path
		return path, nil
	}
	path, err := make(b)
	if err == nil {
		b.made[name] = path
	}
	return path, err
}

func (b *bench) path(name, ext string) string {
	return filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-")+ext)
}

// tool runs a program.
func (b *bench) tool(program string, args ...string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%s is not installed", program)
	}
	out, err := exec.CommandContext(b.ctx, program, args...).CombinedOutput()
	if err != nil && len(out) > 300 {
		out = out[len(out)-300:]
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// texts are the texts of pages, Vietnamese, of all kinds of paper.
func (b *bench) texts() []string {
	var all []string
	for seed := b.seed; len(all) < b.pages; seed++ {
		kinds := specimen.Kinds()
		sheet := b.press.Paper(kinds[seed%uint64(len(kinds))], seed, specimen.About{})
		all = append(all, sheet.Truth.Pages[0])
	}
	return all
}

var english = strings.Fields(`the committee shall submit its report to the council before the end of the month and the council may ask for
other papers which it needs for the decision if the report is not complete it shall be returned with the reasons in writing all fees that
were paid under this article are to be kept by the office until the decision has been made or the period has ended`)

// englishTexts are pages of English that nobody wrote.
func (b *bench) englishTexts() []string {
	var all []string
	for i := range b.pages {
		var s strings.Builder
		for j := range 220 {
			s.WriteString(english[(j*7+i*13+j/9)%len(english)])
			s.WriteString([]string{" ", " ", " ", " ", " ", " ", ". ", "\n"}[(j+i)%8])
		}
		all = append(all, s.String())
	}
	return all
}

// tcvn3 writes Vietnamese in the codes of TCVN 5712 (VN3), as read by who takes
// them for Latin-1.
var tcvn3 = func() *strings.Replacer {
	const from = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂĐÊÔƠƯ"
	codes := []rune("\u00b5\u00b6\u00b7\u00b8\u00b9\u00a8\u00bb\u00bc\u00bd\u00be\u00c6\u00a9\u00c7\u00c8\u00c9\u00ca\u00cb\u00ae\u00cc\u00ce\u00cf\u00d0\u00d1\u00aa\u00d2\u00d3\u00d4\u00d5\u00d6\u00d7\u00d8\u00dc\u00dd\u00de\u00df\u00e1\u00e2\u00e3\u00e4\u00ab\u00e5\u00e6\u00e7\u00e8\u00e9\u00ac\u00ea\u00eb\u00ec\u00ed\u00ee\u00ef\u00f1\u00f2\u00f3\u00f4\u00ad\u00f5\u00f6\u00f7\u00f8\u00f9\u00fa\u00fb\u00fc\u00fd\u00fe\u00a1\u00a2\u00a7\u00a3\u00a4\u00a5\u00a6")
	var pairs []string
	for i, r := range []rune(from) {
		pairs = append(pairs, string(r), string(codes[i]))
	}
	return strings.NewReplacer(pairs...)
}()

func each(texts []string, do func(string) string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = do(out[i])
	}
	return out
}
