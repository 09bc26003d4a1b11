package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sohoa/scan"
)

// A peer is another reader of pages, to be run as its users would.
type peer struct {
	name    string // in tables
	program string
	version string
	args    []string // before the files
	options string   // for people: what was set
}

// peerFolder is where scripts/setup --bench keeps the current release.
const peerFolder = ".cache/ocrmypdf/bin"

// ocrmypdfOptions are the options of OCRmyPDF that read best; see README.
func ocrmypdfOptions() []string { return []string{"--deskew", "--rotate-pages", "-l", "vie"} }

// peers returns those that are installed, of those wanted.
func peers(ctx context.Context, want string, options []string) ([]peer, error) {
	var out []peer
	for name := range strings.SplitSeq(want, ",") {
		p := peer{name: name}
		switch name {
		case "":
			continue
		case "tesseract":
			p.program, p.args = "tesseract", []string{"-l", "vie"}
		case "ocrmypdf-debian":
			p.program, p.args = "/usr/bin/ocrmypdf", options
		case "ocrmypdf-current":
			p.program, p.args = filepath.Join(peerFolder, "ocrmypdf"), options
		default:
			return nil, fmt.Errorf("no peer is called %q", name)
		}
		if name != "tesseract" {
			p.args = append([]string{"--quiet", "--jobs", "1"}, p.args...)
		}
		version, err := exec.CommandContext(ctx, p.program, "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("%s is not installed (scripts/setup --bench): %w", name, err)
		}
		p.version = strings.TrimSpace(strings.Split(string(version), "\n")[0])
		p.options = strings.Join(p.args, " ")
		out = append(out, p)
	}
	return out, nil
}

// cacheFolder keeps what peers have read: they are slow, and the same file,
// version and options give the same text.
const cacheFolder = ".cache/bench-ocr"

// read returns the text a peer reads on p, from the cache if it is there; ok is
// false if it is not and may not be run.
func (r peer) read(ctx context.Context, p page, run bool) (text string, ok bool, err error) {
	if strings.HasPrefix(p.group, "turned") && r.name != "tesseract" {
		// Without it OCRmyPDF leaves most Vietnamese pages upside down.
		r.args = append([]string{"--rotate-pages-threshold", "2"}, r.args...)
	}
	b, err := os.ReadFile(p.path)
	if err != nil {
		return "", false, err
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%x %s %s %s", sha256.Sum256(b), r.name, r.version, strings.Join(r.args, " ")))
	kept := filepath.Join(cacheFolder, fmt.Sprintf("%x.txt", key[:16]))
	if b, err := os.ReadFile(kept); err == nil {
		return string(b), true, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", false, err
	}
	if !run {
		return "", false, nil
	}
	if text, err = r.run(ctx, p.path); err != nil {
		return "", false, fmt.Errorf("%s on %s: %w", r.name, p.name, err)
	}
	if err := os.MkdirAll(cacheFolder, 0o755); err != nil {
		return "", false, err
	}
	return text, true, os.WriteFile(kept, []byte(text), 0o644)
}

// run reads one file in one thread.
func (r peer) run(ctx context.Context, path string) (string, error) {
	dir, err := os.MkdirTemp("", "peer-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if r.name == "tesseract" {
		var out bytes.Buffer
		err := command(ctx, &out, r.program, append([]string{path, "-"}, r.args...)...)
		return out.String(), err
	}
	side := filepath.Join(dir, "out.txt")
	args := append([]string{"--sidecar", side}, r.args...)
	if known, err := saysResolution(path); err != nil {
		return "", err
	} else if !known {
		args = append(args, "--image-dpi", "200")
	}
	if err := command(ctx, nil, r.program, append(args, path, filepath.Join(dir, "out.pdf"))...); err != nil {
		return "", err
	}
	b, err := os.ReadFile(side)
	return strings.ReplaceAll(string(b), "\f", "\n"), err
}

// saysResolution reports whether a file says its resolution; OCRmyPDF must be
// told where it does not.
func saysResolution(path string) (bool, error) {
	page, err := stored(path)
	return page.DPIFrom == scan.FromFile, err
}

// command runs a program with one thread to a page.
func command(ctx context.Context, out *bytes.Buffer, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(trouble.Bytes()))
	}
	return nil
}
