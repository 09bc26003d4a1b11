package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// The names by which a stand-in of the tesseract command is told what to do.
const (
	realTesseract = "BENCH_PDF_TESSERACT" // the program to run
	spentOnWords  = "BENCH_PDF_SPENT"     // the file that gets a line with its nanoseconds
)

// insteadOfTesseract runs the tesseract command and notes what it took: its
// own processor time, and that of this stand-in, which is nobody's.
func insteadOfTesseract() int {
	cmd := exec.Command(os.Getenv(realTesseract), os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	f, ferr := os.OpenFile(os.Getenv(spentOnWords), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if ferr == nil {
		_, _ = fmt.Fprintf(f, "%d %d\n", usage(syscall.RUSAGE_CHILDREN), usage(syscall.RUSAGE_SELF))
		f.Close()
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitCode()
	case err != nil || ferr != nil:
		return 127
	}
	return 0
}

// peers prints what OCRmyPDF spends outside Tesseract on the same scans.
func peers(ctx context.Context, dir string, w wish) error {
	programs := map[string]string{"OCRmyPDF 14.0.1 (Debian 12)": "/usr/bin/ocrmypdf", "current OCRmyPDF (PyPI)": ".cache/ocrmypdf/bin/ocrmypdf"}
	fmt.Printf("**Beside OCRmyPDF**: the same scans of %d pages; processor milliseconds a page outside Tesseract: all of OCRmyPDF but the tesseract commands it runs, all of ours but the reading children\n\n", w.pages)
	fmt.Print("| scan | program | its Tesseract | outside | ours outside | times ours |\n|---|---|---|---|---|---|\n")
	for _, k := range kinds {
		path, err := scanOf(dir, w, k.format, k.dpi)
		if err != nil {
			return err
		}
		ours, pages, err := through(ctx, path, filepath.Join(dir, "out.pdf"))
		if err != nil {
			return err
		}
		for _, name := range []string{"OCRmyPDF 14.0.1 (Debian 12)", "current OCRmyPDF (PyPI)"} {
			words, outside, err := spentBy(ctx, dir, programs[name], path)
			if err != nil {
				fmt.Printf("| %s, %g dpi | %s | | %v | | |\n", k.name, k.dpi, name, err)
				continue
			}
			ms := func(v float64) float64 { return 1000 * v / float64(pages) }
			fmt.Printf("| %s, %g dpi | %s | %.0f | %.0f | %.1f | **%.0f** |\n", k.name, k.dpi, name, ms(words), ms(outside), ms(ours.paper()), outside/ours.paper())
		}
	}
	fmt.Println()
	return nil
}

// spentBy has a program make a PDF/A of a scan and returns the processor
// seconds of the tesseract commands it ran, and of all the rest.
func spentBy(ctx context.Context, dir, program, in string) (words, outside float64, err error) {
	real, err := exec.LookPath("tesseract")
	if err != nil {
		return 0, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	bin, err := os.MkdirTemp(dir, "bin-*")
	if err != nil {
		return 0, 0, err
	}
	if err := os.Symlink(self, filepath.Join(bin, "tesseract")); err != nil {
		return 0, 0, err
	}
	log := filepath.Join(bin, "spent")
	cmd := exec.CommandContext(ctx, program, "--quiet", "--output-type", "pdfa", "--jobs", "2", "-l", "vie", in, filepath.Join(bin, "out.pdf"))
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), realTesseract+"="+real, spentOnWords+"="+log, "OMP_THREAD_LIMIT=1")
	var said strings.Builder
	cmd.Stderr = &said
	all, err := timed(cmd.Run)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %.200s", err, said.String())
	}
	b, err := os.ReadFile(log)
	if err != nil {
		return 0, 0, fmt.Errorf("it ran no tesseract: %w", err)
	}
	standIn := 0.0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) != 2 {
			return 0, 0, fmt.Errorf("a line of %q", line)
		}
		theirs, _ := strconv.ParseFloat(f[0], 64)
		own, _ := strconv.ParseFloat(f[1], 64)
		words, standIn = words+theirs/1e9, standIn+own/1e9
	}
	return words, all - words - standIn, nil
}
