// Command picture measures what a picture of a page costs: drawn from the scan
// as [sohoa/pdf/raster] does it, by poppler in the same jail, and as WebP. It
// prints the table of README.md.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/raster"
	"sohoa/scan"
	"sohoa/signing/verify"
	"sohoa/specimen"
	"sohoa/web"
)

func main() {
	// With the rooms that make the service's program heavy to start.
	jail.Main(map[string]jail.Child{raster.ChildName: raster.Child, child.Name: child.Child, "verify": verify.Child,
		"words": func([]string, io.Reader, io.Writer) error { _, _ = web.OwnText(""); return nil }})
	rounds := flag.Int("n", 10, "pictures of each kind")
	flag.Parse()
	if err := run(context.Background(), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) error {
	dir, err := os.MkdirTemp("", "picture-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	empty, err := cost(rounds, func() error {
		return jail.Tool(ctx, jail.Limits{}, nil, &bytes.Buffer{}, "true")
	})
	if err != nil {
		return err
	}
	fmt.Printf("A child that does nothing: %d ms of CPU.\n\n", empty.Milliseconds())
	fmt.Println("| page | size | our child | poppler in a child | share | bytes | WebP bytes | WebP on top |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|---:|")
	for _, p := range papers {
		path, err := p.write(dir)
		if err != nil {
			return err
		}
		for _, size := range raster.Sizes() {
			if err := row(ctx, p, path, size, rounds); err != nil {
				return err
			}
		}
	}
	return nil
}

// row measures one page in one size.
func row(ctx context.Context, p paper, path string, size raster.Size, rounds int) error {
	var file []byte
	ours, err := cost(rounds, func() (err error) {
		file, err = raster.View(ctx, path, 1, size)
		return err
	})
	if err != nil {
		return err
	}
	scale := []string{"-r", string(size)}
	if size == raster.Thumb {
		scale = []string{"-scale-to", "226"}
	}
	theirs, err := cost(rounds, func() error {
		return jail.Tool(ctx, jail.Limits{}, nil, &bytes.Buffer{}, "pdftoppm", append(scale, "-jpeg", "-jpegopt", "quality=85,optimize=y", "-singlefile", path)...)
	})
	if err != nil {
		return err
	}
	webp, on := "–", "–"
	if _, err := exec.LookPath("cwebp"); err == nil {
		n, took, err := asWebP(file, filepath.Dir(path), rounds)
		if err != nil {
			return err
		}
		webp, on = fmt.Sprint(n), fmt.Sprintf("%d ms", took.Milliseconds())
	}
	fmt.Printf("| %s | %s | %d ms | %d ms | %.2f | %d | %s | %s |\n", p.name, size, ours.Milliseconds(), theirs.Milliseconds(), ours.Seconds()/theirs.Seconds(), len(file), webp, on)
	return nil
}

// asWebP has libwebp's own tool write a picture at about the same look, at its
// second of seven efforts.
func asWebP(file []byte, dir string, rounds int) (size int64, took time.Duration, err error) {
	in, out := filepath.Join(dir, "in.jpg"), filepath.Join(dir, "out.webp")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		return 0, 0, err
	}
	took, err = cost(rounds, func() error { return exec.Command("cwebp", "-quiet", "-q", "80", "-m", "1", in, "-o", out).Run() })
	if err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), took, nil
}

// cost is the mean CPU time, user and system, that children take for do.
func cost(rounds int, do func() error) (time.Duration, error) {
	before, err := used()
	if err != nil {
		return 0, err
	}
	for range rounds {
		if err := do(); err != nil {
			return 0, err
		}
	}
	after, err := used()
	return (after - before) / time.Duration(rounds), err
}

func used() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// A paper is a page as the archive holds it.
type paper struct {
	name   string
	format specimen.Format
	dpi    float64
	skew   float64
}

var papers = []paper{
	{"colour, 300 dpi", specimen.JPEG, 300, 0},
	{"colour, 300 dpi, levelled", specimen.JPEG, 300, 0.7},
	{"colour, 200 dpi", specimen.JPEG, 200, 0},
	{"black and white, 300 dpi", specimen.TIFFG4, 300, 0},
	{"black and white, 300 dpi, levelled", specimen.TIFFG4, 300, 0.7},
}

// write makes a PDF/A of the paper.
func (p paper) write(dir string) (string, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return "", err
	}
	f, err := press.Paper(specimen.Kinds()[0], 11, specimen.About{}).File(p.format, p.dpi, specimen.Office(11), 11)
	if err != nil {
		return "", err
	}
	s, err := scan.Open(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		return "", err
	}
	page, err := s.Page(0)
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(dir, "page-*.pdf")
	if err != nil {
		return "", err
	}
	defer out.Close()
	w := pdfa.New(out, pdfa.Meta{})
	if err := w.Add(pdfa.Page{Image: page, Skew: p.skew, Width: float64(page.Width) * 72 / page.DPIX, Height: float64(page.Height) * 72 / page.DPIY}); err != nil {
		return "", err
	}
	return out.Name(), w.Close()
}
