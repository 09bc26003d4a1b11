package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sohoa/ingest/sniff"
	"sohoa/ocr/child"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/specimen"
	"sohoa/workers"
)

// costPages is how many pages the scan has whose job is measured.
const costPages = 6

// limits are those of the service's door.
func limits() scan.Limits { return scan.Limits{Pixels: 200_000_000, Pages: 2000, Bytes: 512 << 20} }

// cost prints what a whole job takes: the scan of a paper, in, and its
// searchable PDF/A, out; with us and the peers, one after the other.
func cost(ctx context.Context, dir string, w wish) error {
	if w.firstOnly {
		return firstPage(ctx, dir, w)
	}
	sohoa := filepath.Join(dir, "sohoa")
	if err := command(ctx, nil, "go", "build", "-o", sohoa, "./cmd/sohoa"); err != nil {
		return err
	}
	var found []peer
	for name := range strings.SplitSeq(w.peers, ",") {
		if !strings.HasPrefix(name, "ocrmypdf") {
			continue
		}
		p, err := peers(ctx, name, ocrmypdfOptions())
		if err != nil {
			return err
		}
		found = append(found, p...)
	}
	fmt.Printf("**Whole job**: a scan of %d colour pages in, one searchable PDF/A out; processor seconds a page of everything, the start of programs included\n\n", costPages)
	fmt.Print("| | sohoa process | of it Tesseract's own calls | ratio | tesseract, text only |")
	for _, p := range found {
		fmt.Printf(" %s | times sohoa |", p.name)
	}
	fmt.Printf("\n|---|---|---|---|---|%s\n", strings.Repeat("---|---|", len(found)))
	for _, dpi := range w.dpi {
		file, err := scanOf(dir, w.first, dpi, costPages)
		if err != nil {
			return err
		}
		if err := jobs(ctx, dir, sohoa, file, dpi, found); err != nil {
			return err
		}
	}
	fmt.Println()
	return firstPage(ctx, dir, w)
}

// scanOf writes the scan of a paper of so many pages, as scanners send it.
func scanOf(dir string, seed uint64, dpi, pages int) (string, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return "", err
	}
	f, err := press.Paper(specimen.Minutes, seed, specimen.About{Pages: pages}).File(specimen.PDF, float64(dpi), specimen.Office(seed), seed)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("scan-%d.pdf", dpi))
	return path, os.WriteFile(path, f.Bytes, 0o600)
}

// jobs prints one line: each program on one file.
func jobs(ctx context.Context, dir, sohoa, file string, dpi int, found []peer) error {
	out := filepath.Join(dir, "out.pdf")
	ours, err := timed(func() error { return command(ctx, nil, sohoa, "process", file, "-o", out) })
	if err != nil {
		return err
	}
	recognition, err := recognitionOf(ctx, file)
	if err != nil {
		return err
	}
	bare, err := timed(func() error { return bareTesseract(ctx, dir, file) })
	if err != nil {
		return err
	}
	fmt.Printf("| %d dpi | %.2f | %.2f | %.2f | %.2f |", dpi, ours/costPages, recognition/costPages, ours/recognition, bare/costPages)
	for _, p := range found {
		args := append([]string{"--output-type", "pdfa", "--jobs", "2"}, without(p.args, "--quiet", "--jobs", "1")...)
		theirs, err := timed(func() error { return command(ctx, nil, p.program, append(args, file, out)...) })
		if err != nil {
			return err
		}
		fmt.Printf(" %.2f | %.1f |", theirs/costPages, theirs/ours)
	}
	fmt.Println()
	return nil
}

func without(args []string, drop ...string) (out []string) {
	for _, a := range args {
		kept := true
		for _, d := range drop {
			kept = kept && a != d
		}
		if kept {
			out = append(out, a)
		}
	}
	return out
}

// recognitionOf returns the processor seconds of Tesseract's own calls in our
// children, on the pages of file as they are made ready there.
func recognitionOf(ctx context.Context, file string) (float64, error) {
	pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour})
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	_, err = workers.ReadAll(ctx, pool, 2, sniff.Split(ctx, file, limits()))
	return pool.Spent().Seconds(), err
}

// bareTesseract has the tesseract command read the pictures of a scan.
func bareTesseract(ctx context.Context, dir, file string) error {
	stem := filepath.Join(dir, "picture")
	if err := exec.CommandContext(ctx, "pdfimages", "-all", file, stem).Run(); err != nil {
		return err
	}
	pictures, err := filepath.Glob(stem + "-*")
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if err := command(ctx, nil, "tesseract", p, "stdout", "-l", "vie"); err != nil {
			return err
		}
		if err := os.Remove(p); err != nil {
			return err
		}
	}
	return nil
}

// firstPage prints how long after its upload a file of one page is a searchable
// PDF/A, with warm children, beside the recognition calls alone and the tesseract command on the same file.
func firstPage(ctx context.Context, dir string, w wish) error {
	fmt.Print("**First page**: a file of one page, inspected, taken apart, read by a warm child, written and checked; processor seconds, which are seconds on a machine that does nothing else, since the steps follow each other\n\n")
	fmt.Print("| | all steps | Tesseract's own calls | ratio | tesseract FILE | ratio | largest child, MB |\n|---|---|---|---|---|---|---|\n")
	for _, dpi := range w.dpi {
		pages, err := generate(dir, choice{first: w.first + 50, seeds: 6, only: "office", dpi: []int{dpi}})
		if err != nil {
			return err
		}
		pool, err := child.New(child.Options{Workers: 1, PageTime: time.Hour})
		if err != nil {
			return err
		}
		var all, recognition, bare float64
		peak := 0
		for i, p := range pages {
			before, spent := processorTime(), pool.Spent()
			if err := single(ctx, pool, p.path, filepath.Join(dir, "one.pdf")); err != nil {
				pool.Close()
				return err
			}
			if i > 0 { // the first warms the child
				all += processorTime() - before
				recognition += (pool.Spent() - spent).Seconds()
				command, err := timed(func() error { return command(ctx, nil, "tesseract", p.path, filepath.Join(dir, "text"), "-l", "vie") })
				if err != nil {
					pool.Close()
					return err
				}
				bare += command
			}
			for _, m := range childMemory() {
				peak = max(peak, m.peak)
			}
		}
		pool.Close()
		n := float64(len(pages) - 1)
		fmt.Printf("| %d dpi | %.2f | %.2f | %.2f | %.2f | %.2f | %d |\n", dpi, all/n, recognition/n, all/recognition, bare/n, all/bare, peak>>10)
	}
	fmt.Println()
	return nil
}

// single does with a file what happens between its upload and its PDF/A.
func single(ctx context.Context, pool *child.Pool, in, out string) error {
	if _, err := sniff.Inspect(ctx, in, limits()); err != nil {
		return err
	}
	read, err := workers.ReadAll(ctx, pool, 1, sniff.SplitToRead(ctx, in, limits()))
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	return workers.WritePDFA(ctx, f, pdfa.Meta{Title: "x", Language: "vi-VN"}, sniff.SplitToWrite(ctx, in, limits(), workers.Proven(read)), read)
}

// timed returns the processor seconds that do took, in this process and in its
// children.
func timed(do func() error) (float64, error) {
	before := processorTime()
	err := do()
	return processorTime() - before, err
}

// processorTime returns the seconds used so far by us, by ended children and by
// those that live.
func processorTime() float64 {
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
		}
	}
	for _, m := range childMemory() {
		sum += m.seconds
	}
	return sum
}
