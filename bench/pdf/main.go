// Command pdf measures what it costs to make a PDF/A of a scan beside reading
// it: processor time against recognition and against OCRmyPDF on the same pages,
// memory of every process of ours on a long scan, and growth with its length.
//
//	go run ./bench/pdf                 everything, OCRmyPDF included
//	go run ./bench/pdf -only cost      one part: cost, peers or long
//	go run ./bench/pdf -pages 6        pages of the scan in cost and peers
//	go run ./bench/pdf -longest 300    pages of the longest scan
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/pdf/pdfa"
)

// A wish is what the command line asks for.
type wish struct {
	only    string
	pages   int
	dpi     int
	longest int
	read    int
	seed    uint64
}

func main() {
	if filepath.Base(os.Args[0]) == "tesseract" {
		os.Exit(insteadOfTesseract())
	}
	jail.Main(map[string]jail.Child{child.Name: child.Child, "inspect": sniff.InspectChild, "split": sniff.SplitChild, pdfa.ChildName: pdfa.Child})
	var w wish
	var straight string
	flag.StringVar(&w.only, "only", "", "cost, peers or long; empty for all")
	flag.IntVar(&w.pages, "pages", 6, "pages of the scan in cost and peers")
	flag.IntVar(&w.longest, "longest", 300, "pages of the longest scan")
	flag.IntVar(&w.read, "read", 40, "pages of the long scan that is also read")
	flag.Uint64Var(&w.seed, "seed", 7_000_000, "of the pages")
	flag.StringVar(&straight, "straight", "", "for the bench itself: make a PDF/A of this scan without reading it")
	flag.Parse()
	ctx := context.Background()
	err := error(nil)
	if straight != "" {
		err = throughWithoutWords(ctx, straight)
	} else {
		err = run(ctx, w)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pdf:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w wish) error {
	dir, err := os.MkdirTemp("", "bench-pdf-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, part := range []struct {
		name string
		do   func(context.Context, string, wish) error
	}{{"cost", cost}, {"peers", peers}, {"long", long}} {
		if w.only != "" && w.only != part.name {
			continue
		}
		if err := part.do(ctx, dir, w); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
