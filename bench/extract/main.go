// Command extract measures how well the fields of papers are told from what was
// read of them: see README.md for the pages and the figures.
//
//	go run ./bench/extract                              the report
//	go run ./bench/extract -set dev -show -keep DIR     for developing: other pages, each error shown, readings kept
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/extract"
	"sohoa/scan"
	"sohoa/specimen"
)

// Seeds below a million are for developing; the report's pages nobody looks at.
const (
	devSeeds    = 31_000
	reportSeeds = 8_000_000
)

// A condition is a name in the report's table, and how its papers come.
type condition struct {
	name string
	from string // of [specimen.Conditions]
	dpi  float64
}

var conditions = []condition{
	{"printed, 300 dpi", "office", 300},
	{"printed, 200 dpi", "office", 200},
	{"noisy, 300 dpi", "noise", 300},
	{"noisy, 200 dpi", "noise", 200},
	{"photograph", "photograph", 200},
}

// A paper is one document in one condition, and what was read of it.
type paper struct {
	condition condition
	name      string
	kind      specimen.Kind
	seed      uint64
	truth     specimen.Truth
	pages     []ocr.Page
}

type wish struct {
	papers int    // of each kind
	first  uint64 // seed
	only   string
	keep   string
	show   bool
}

func main() {
	jail.Main(map[string]jail.Child{child.Name: child.Child})
	var w wish
	set := flag.String("set", "report", "pages of: dev or report")
	flag.IntVar(&w.papers, "papers", 5, "papers of each of the kinds, in each condition")
	flag.StringVar(&w.only, "only", "", "conditions, by the start of their name, with semicolons; empty for all")
	flag.StringVar(&w.keep, "keep", "", "keep here what was read, and read it no second time; for developing")
	flag.BoolVar(&w.show, "show", false, "show what was told wrongly; not for the report set")
	flag.Parse()
	w.first = devSeeds
	if *set == "report" {
		w.first = reportSeeds
		if w.show || w.keep != "" {
			fmt.Fprintln(os.Stderr, "extract: nobody looks at the report set: use -set dev")
			os.Exit(2)
		}
	}
	if err := run(context.Background(), w); err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w wish) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour}) // the machine may be busy with others
	if err != nil {
		return err
	}
	defer pool.Close()
	papers := orders(w)
	if err := inParallel(len(papers), func(i int) error { return papers[i].read(ctx, press, pool, w.keep) }); err != nil {
		return err
	}
	tables := map[string]*table{}
	for i := range papers {
		p := &papers[i]
		t := tables[p.condition.name]
		if t == nil {
			t = &table{}
			tables[p.condition.name] = t
		}
		t.add(p, extract.Fields(p.pages), w.show)
	}
	report(tables, papers[0].pages[0])
	return nil
}

func chosen(name, only string) bool {
	for o := range strings.SplitSeq(only, ";") { // names have commas
		if strings.HasPrefix(name, o) {
			return true
		}
	}
	return false
}

// orders lists the papers: every kind, so every layout, in every condition.
func orders(w wish) (all []paper) {
	for i, c := range conditions {
		if !chosen(c.name, w.only) {
			continue
		}
		for k, kind := range specimen.Kinds() {
			for n := range w.papers {
				seed := w.first + uint64(1000*i+20*k+n)
				all = append(all, paper{condition: c, kind: kind, seed: seed, name: fmt.Sprintf("%s-%.0f_%s_%d", c.from, c.dpi, kind, seed)})
			}
		}
	}
	return all
}

// read draws the paper's first and last page, the ones with fields, and reads them.
func (p *paper) read(ctx context.Context, press *specimen.Press, pool *child.Pool, keep string) error {
	var how specimen.Condition
	for _, c := range specimen.Conditions() {
		if c.Name == p.condition.from {
			how = c
		}
	}
	sheet := press.Paper(p.kind, p.seed, specimen.About{})
	p.truth = sheet.Truth
	kept := filepath.Join(keep, p.name+".json")
	if keep != "" {
		if b, err := os.ReadFile(kept); err == nil {
			return json.Unmarshal(b, &p.pages)
		}
	}
	for n := range sheet.Pages {
		if n > 0 && n < len(sheet.Pages)-1 {
			continue
		}
		f, err := sheet.Only(n).File(specimen.JPEG, p.condition.dpi, how.Wear(p.seed), p.seed)
		if err != nil {
			return err
		}
		page, err := readFile(ctx, pool, f)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		p.pages = append(p.pages, page)
	}
	if keep == "" {
		return nil
	}
	b, err := json.Marshal(p.pages)
	return errors.Join(err, os.WriteFile(kept, b, 0o600))
}

// readFile reads a page of our own making: it is opened in this process.
func readFile(ctx context.Context, pool *child.Pool, f specimen.File) (ocr.Page, error) {
	opened, err := scan.Open(strings.NewReader(string(f.Bytes)), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		return ocr.Page{}, err
	}
	page, err := opened.Page(0)
	if err != nil {
		return ocr.Page{}, err
	}
	return pool.Read(ctx, page)
}

// inParallel does n things, two at a time, and returns the first error.
func inParallel(n int, do func(i int) error) error {
	var wait sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int)
	for range 2 {
		wait.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	return first
}
