package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/ingest/sniff"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/specimen"
)

// long prints memory and time of scans of growing length, A4 in colour at 300
// dpi, without reading them, and of one that is read.
func long(ctx context.Context, dir string, w wish) error {
	fmt.Print("**Long scans**: colour JPEG, A4, 300 dpi, one PDF; inspected, taken apart, written and checked without reading; every process of ours looked at every 10 ms\n\n")
	fmt.Print("| pages | the scan, MB | processor ms a page | largest process, MB | all at once, MB | each process at its largest, MB |\n|---|---|---|---|---|---|\n")
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, n := range []int{w.longest / 10, w.longest / 3, w.longest} {
		path, err := longScan(dir, w, n)
		if err != nil {
			return err
		}
		if err := row(exec.CommandContext(ctx, self, "-straight", path), path, n); err != nil {
			return err
		}
	}
	fmt.Printf("\nThe same scan cut to %d pages, read and all, by `sohoa process`:\n\n", w.read)
	fmt.Print("| pages | the scan, MB | processor ms a page | largest process, MB | all at once, MB | each process at its largest, MB |\n|---|---|---|---|---|---|\n")
	sohoa := filepath.Join(dir, "sohoa")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", sohoa, "./cmd/sohoa").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	path, err := longScan(dir, w, w.read)
	if err != nil {
		return err
	}
	err = row(exec.CommandContext(ctx, sohoa, "process", path, "-o", filepath.Join(dir, "read.pdf")), path, w.read)
	fmt.Println()
	return err
}

// row runs a command over a scan and prints what it and its children took.
func row(cmd *exec.Cmd, path string, pages int) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	var said strings.Builder
	cmd.Stderr = &said
	var eyes *watch
	seconds, err := timed(func() error {
		if err := cmd.Start(); err != nil {
			return err
		}
		eyes = watching(cmd.Process.Pid)
		defer eyes.end()
		return cmd.Wait()
	})
	if err != nil {
		return fmt.Errorf("%w: %.300s", err, said.String())
	}
	largest, list := 0, []string{}
	for _, name := range slices.Sorted(maps.Keys(eyes.largest)) {
		largest = max(largest, eyes.largest[name])
		list = append(list, fmt.Sprintf("%s %d", name, eyes.largest[name]>>10))
	}
	fmt.Printf("| %d | %d | %.1f | **%d** | %d | %s |\n", pages, info.Size()>>20, 1000*seconds/float64(pages), largest>>10, eyes.together>>10, strings.Join(list, ", "))
	return nil
}

// drawn is how many different pages a long scan has; they come again and again.
const drawn = 8

// longScan writes a scan of n pages. They are drawn once; a PDF writer of our
// own puts them into one file without a word on them.
func longScan(dir string, w wish, n int) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("long-%d.pdf", n))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	press, err := specimen.NewPress()
	if err != nil {
		return "", err
	}
	sheet := press.Paper(specimen.Minutes, w.seed, specimen.About{Pages: drawn})
	var pages []pdfa.Page
	for i := range min(drawn, n) {
		f, err := sheet.Only(i).File(specimen.JPEG, 300, specimen.Office(w.seed), w.seed+uint64(i))
		if err != nil {
			return "", err
		}
		page, err := scan.JPEGPage(f.Bytes, scan.Limits{})
		if err != nil {
			return "", err
		}
		pages = append(pages, pdfa.Page{Image: page, Width: float64(page.Width) * 72 / 300, Height: float64(page.Height) * 72 / 300})
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	out := pdfa.New(f, pdfa.Meta{})
	for i := range n {
		if err := out.Add(pages[i%len(pages)]); err != nil {
			return "", err
		}
	}
	return path, out.Close()
}

// throughWithoutWords does all that is done with a scan but reading it.
func throughWithoutWords(ctx context.Context, path string) error {
	report, err := sniff.Inspect(ctx, path, scan.Limits{})
	if err != nil {
		return err
	}
	read := make([]ocr.Page, report.Pages)
	for page, err := range sniff.Split(ctx, path, scan.Limits{}) { // what reading would be given
		if err != nil {
			return err
		}
		read[page.Index] = ocr.Page{Index: page.Index, Width: page.Width, Height: page.Height, DPIX: page.DPIX, DPIY: page.DPIY}
	}
	return write(ctx, path+".out", sniff.Split(ctx, path, scan.Limits{}), read)
}
