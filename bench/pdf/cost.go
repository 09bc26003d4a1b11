package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"sohoa/ingest/sniff"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/workers"
)

// A spending is the processor seconds of one scan's way to its PDF/A.
type spending struct {
	inspect float64 // at the door
	look    float64 // split into pages, for reading
	split   float64 // split into pages, for writing
	write   float64 // and check the result
	reading float64 // the reading children, all they do, their start included
	words   float64 // of it Tesseract's own calls
}

// paper is all that is not reading, as the service does it: it takes a scan
// apart twice, once for reading and once for writing.
func (s spending) paper() float64 { return s.inspect + s.look + s.split + s.write }

// kinds are the scans that cost and peers look at.
var kinds = []struct {
	name   string
	format specimen.Format
	dpi    float64
}{
	{"PDF, colour JPEG", specimen.PDF, 200},
	{"PDF, colour JPEG", specimen.PDF, 300},
	{"TIFF, G4", specimen.TIFFG4, 300},
	{"TIFF, deflate", specimen.TIFFDeflate, 300},
}

// scanOf writes the scan of a paper of so many pages, as scanners send it.
func scanOf(dir string, w wish, format specimen.Format, dpi float64) (string, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return "", err
	}
	f, err := press.Paper(specimen.Minutes, w.seed, specimen.About{Pages: w.pages}).File(format, dpi, specimen.Office(w.seed), w.seed)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("scan-%s-%g%s", format, dpi, filepath.Ext(f.Name)))
	return path, os.WriteFile(path, f.Bytes, 0o600)
}

// cost prints what each step of a scan takes beside recognition.
func cost(ctx context.Context, dir string, w wish) error {
	fmt.Printf("**Beside recognition**: a scan of %d pages in, one searchable PDF/A out; processor milliseconds a page, children and their start included\n\n", w.pages)
	fmt.Print("| scan | Tesseract's own calls | inspect | split to read | split to write | write and check | all but reading | of Tesseract's calls | the reader's own work | of Tesseract's calls |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, k := range kinds {
		path, err := scanOf(dir, w, k.format, k.dpi)
		if err != nil {
			return err
		}
		s, pages, err := through(ctx, path, filepath.Join(dir, "out.pdf"))
		if err != nil {
			return err
		}
		ms := func(v float64) float64 { return 1000 * v / float64(pages) }
		fmt.Printf("| %s, %g dpi | %.0f | %.1f | %.1f | %.1f | %.1f | **%.1f** | **%.1f %%** | %.0f | %.1f %% |\n", k.name, k.dpi,
			ms(s.words), ms(s.inspect), ms(s.look), ms(s.split), ms(s.write), ms(s.paper()), 100*s.paper()/s.words,
			ms(s.reading-s.words), 100*(s.reading-s.words)/s.words)
	}
	fmt.Println()
	return nil
}

// through takes a scan to its PDF/A step by step and measures each.
func through(ctx context.Context, in, out string) (s spending, pages int, err error) {
	if s.inspect, err = timed(func() error { _, err := sniff.Inspect(ctx, in, scan.Limits{}); return err }); err != nil {
		return s, 0, err
	}
	var held, seen []scan.Page
	if s.look, err = timed(func() (err error) { seen, err = all(sniff.SplitToRead(ctx, in, scan.Limits{})); return err }); err != nil {
		return s, 0, err
	}
	var read []ocr.Page
	s.reading, err = timed(func() (err error) {
		pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour})
		if err != nil {
			return err
		}
		defer pool.Close()
		read, err = workers.ReadAll(ctx, pool, 2, each(seen))
		s.words = pool.Spent().Seconds()
		return err
	})
	if err != nil {
		return s, 0, err
	}
	if s.split, err = timed(func() (err error) {
		held, err = all(sniff.SplitToWrite(ctx, in, scan.Limits{}, workers.Proven(read)))
		return err
	}); err != nil {
		return s, 0, err
	}
	s.write, err = timed(func() error { return write(ctx, out, each(held), read) })
	return s, len(held), err
}

func all(pages iter.Seq2[scan.Page, error]) (held []scan.Page, err error) {
	for page, err := range pages {
		if err != nil {
			return nil, err
		}
		held = append(held, page)
	}
	return held, nil
}

func each(pages []scan.Page) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// write writes the PDF/A and checks it, as the stage does.
func write(ctx context.Context, path string, pages iter.Seq2[scan.Page, error], read []ocr.Page) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return workers.WritePDFA(ctx, f, pdfa.Meta{Title: "x", Language: "vi-VN"}, pages, read)
}
