package inspect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"sohoa/jail"
	"sohoa/scan"
)

// codeOf returns the code of a refusal, "" if err is none.
func codeOf(err error) string {
	var r *jail.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// draw has pdftoppm draw page i, and stores the picture without loss: two-tone
// as G4, else in grey if it is grey. pdftoppm runs within this child's own
// caps, and dies with it.
func (f *File) draw(pl *plan, i int) (scan.Page, error) {
	program, err := exec.LookPath("pdftoppm")
	if err != nil {
		return scan.Page{}, fmt.Errorf("pdftoppm is not installed: %w", err)
	}
	n := strconv.Itoa(i + 1)
	args := []string{"-f", n, "-l", n, "-cropbox"}
	if pl.exact {
		// A trifle less, or rounding up adds a pixel and poppler scales to it.
		rx, ry := strconv.FormatFloat(pl.rx*(1-1e-9), 'f', -1, 64), strconv.FormatFloat(pl.ry*(1-1e-9), 'f', -1, 64)
		args = append(args, "-rx", rx, "-ry", ry, "-x", "0", "-y", "0", "-W", strconv.Itoa(pl.w), "-H", strconv.Itoa(pl.h))
	} else {
		args = append(args, "-r", strconv.FormatFloat(pl.dpi, 'f', -1, 64))
	}
	cmd := exec.Command(program, append(args, f.onDisk())...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said := &head{}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return scan.Page{}, err
	}
	if err := cmd.Start(); err != nil {
		return scan.Page{}, err
	}
	w, h, rgb, err := readPPM(out, f.l, i+1)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if codeOf(err) == scan.CodePixels {
			return scan.Page{}, err
		}
		return scan.Page{}, said.verdict(i + 1)
	}
	if err := cmd.Wait(); err != nil {
		return scan.Page{}, said.verdict(i + 1)
	}
	if said.trouble() && (pl.exact || uniform(rgb)) {
		return scan.Page{}, damaged(i+1, "the page comes out damaged when it is drawn"+said.because())
	}
	p, err := scan.Store(w, h, rgb)
	if err != nil {
		return scan.Page{}, err
	}
	p.Index, p.DPIFrom, p.Drawn = i, scan.FromFile, true
	p.DPIX, p.DPIY = pl.dpi, pl.dpi
	if pl.exact {
		p.DPIX, p.DPIY, p.DPIFrom = resolution(w, h, pl.rx, pl.ry)
	}
	p.Note = fmt.Sprintf("%s: the page was drawn at %.0f dpi", pl.why, p.DPIX)
	return p, nil
}

// readPPM reads a binary PPM of 8 bits whose size is within the limits.
func readPPM(r io.Reader, l scan.Limits, page int) (w, h int, rgb []byte, err error) {
	b := bufio.NewReaderSize(r, 1<<16)
	var depth int
	if _, err := fmt.Fscanf(b, "P6\n%d %d\n%d\n", &w, &h, &depth); err != nil || depth != 255 {
		return 0, 0, nil, fmt.Errorf("no PPM: %w", err)
	}
	if err := l.CheckPixels(page, w, h); err != nil {
		return 0, 0, nil, err
	}
	rgb = make([]byte, 3*w*h)
	_, err = io.ReadFull(b, rgb)
	return w, h, rgb, err
}

// uniform reports whether all pixels are alike: an empty page.
func uniform(rgb []byte) bool {
	for i := 3; i < len(rgb); i++ {
		if rgb[i] != rgb[i-3] {
			return false
		}
	}
	return true
}

// head keeps the beginning of what a program says.
type head struct{ b []byte }

func (h *head) Write(b []byte) (int, error) {
	h.b = append(h.b, b[:min(len(b), 4096-len(h.b))]...)
	return len(b), nil
}

func (h *head) trouble() bool { return strings.Contains(string(h.b), "Error") }

// verdict says why page n could not be drawn.
func (h *head) verdict(n int) error {
	if s := strings.ToLower(string(h.b)); strings.Contains(s, "memory") {
		return &jail.Refusal{Code: scan.CodeMemory, Page: n, Text: "drawing the page needed more memory than the limit; print it to PDF again"}
	}
	return damaged(n, "the page cannot be drawn"+h.because())
}

func (h *head) because() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(h.b)), "\n")
	if line == "" {
		return ""
	}
	return fmt.Sprintf(" (%.120s)", line)
}
