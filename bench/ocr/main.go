// Command ocr measures how well and at what cost pages are read, beside bare
// Tesseract and OCRmyPDF with the same language data.
//
//	go run ./bench/ocr                          report: every condition, peers from the cache
//	go run ./bench/ocr -run                     the same; peers read what is not in the cache
//	go run ./bench/ocr -fill                    only that reading by the peers, ahead of time
//	go run ./bench/ocr -set dev -show           for developing: other pages, every error shown
//	go run ./bench/ocr -truth truth images...   on folders of JPEG pages
//	go run ./bench/ocr -cost                    processor time, first page, memory
//	go run ./bench/ocr -soak 5000               memory of the children over many pages
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/pdf/pdfa"
)

// A wish is what the command line asks for.
type wish struct {
	choice
	set, peers, dpiList, truth string
	options                    string // OCRmyPDF's; empty for the best
	run, fill, show, cost      bool
	firstOnly                  bool
	soak                       int
	from                       uint64 // first seed for developing
	folders                    []string
}

func main() {
	jail.Main(map[string]jail.Child{child.Name: child.Child, "inspect": sniff.InspectChild, "split": sniff.SplitChild, pdfa.ChildName: pdfa.Child})
	w := wish{}
	flag.StringVar(&w.set, "set", "report", "pages of: dev or report")
	flag.IntVar(&w.seeds, "seeds", 1, "papers of each condition")
	flag.Uint64Var(&w.from, "from", devSeeds, "with -set dev: the first seed, below a million")
	flag.StringVar(&w.only, "only", "", "names of conditions, with commas; empty for all")
	flag.StringVar(&w.dpiList, "dpi", "200,300", "resolutions")
	flag.StringVar(&w.peers, "peers", "tesseract,ocrmypdf-debian,ocrmypdf-current", "peers to compare with")
	flag.StringVar(&w.options, "options", "", "options for OCRmyPDF instead of the best")
	flag.BoolVar(&w.run, "run", false, "run peers on what is not in the cache")
	flag.BoolVar(&w.fill, "fill", false, "only have peers read what is not in the cache, one page at a time")
	flag.BoolVar(&w.show, "show", false, "show what we misread; not for the report set")
	flag.StringVar(&w.truth, "truth", "", "folder of the texts of sample pages")
	flag.BoolVar(&w.cost, "cost", false, "measure cost instead of quality")
	flag.BoolVar(&w.firstOnly, "first", false, "with -cost: the first page only")
	flag.IntVar(&w.soak, "soak", 0, "read so many pages and watch the memory of the children")
	flag.Parse()
	w.folders = flag.Args()
	if err := run(context.Background(), w); err != nil {
		fmt.Fprintln(os.Stderr, "ocr:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w wish) error {
	switch w.set {
	case "dev":
		if w.from >= devEnd {
			return fmt.Errorf("seed %d is not for developing: take one below %d", w.from, devEnd)
		}
		w.first = w.from
	case "report":
		w.first = reportSeeds
		if w.show {
			return fmt.Errorf("nobody looks at the report set: use -set dev")
		}
	default:
		return fmt.Errorf("no set is called %q", w.set)
	}
	for s := range strings.SplitSeq(w.dpiList, ",") {
		dpi, err := strconv.Atoi(s)
		if err != nil {
			return err
		}
		w.dpi = append(w.dpi, dpi)
	}
	dir, err := os.MkdirTemp("", "bench-ocr-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	switch {
	case w.soak > 0:
		return soak(ctx, w.soak)
	case w.cost:
		return cost(ctx, dir, w)
	}
	var pages []page
	if len(w.folders) > 0 {
		pages, err = samples(w.truth, w.folders)
	} else {
		pages, err = generate(dir, w.choice)
	}
	if err != nil {
		return err
	}
	if w.fill {
		return fill(ctx, pages, w)
	}
	return quality(ctx, pages, w)
}
