// Command picture measures what a picture of a page costs: drawn from the scan
// as [sohoa/pdf/raster] does it, and by poppler in the same jail. It prints the
// table of README.md.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/pdf/raster"
	"sohoa/signing/verify"
	"sohoa/web"
)

// idle is a child that does nothing.
const idle = "idle"

func main() {
	// With the rooms that make the service's program heavy to start.
	jail.Main(map[string]jail.Child{raster.ChildName: raster.Child, child.Name: child.Child, "verify": verify.Child,
		idle:    func([]string, io.Reader, io.Writer) error { return nil },
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
	tool, err := cost(rounds, func() error {
		return jail.Tool(ctx, jail.Limits{}, nil, &bytes.Buffer{}, "true")
	})
	if err != nil {
		return err
	}
	ours, err := cost(rounds, func() error { return jail.Run(ctx, idle, jail.Limits{}, nil, &bytes.Buffer{}) })
	if err != nil {
		return err
	}
	fmt.Printf("A child that does nothing: %s ms of CPU; an outside tool that does nothing: %s ms.\n\n", ours, tool)
	fmt.Println("| page | size | our child: least, median | poppler in a child | share | bytes | drawn by |")
	fmt.Println("|---|---|---:|---:|---:|---:|---|")
	for i, p := range papers {
		path, err := p.write(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, size := range raster.Sizes() {
			if size != raster.View150 && i > 0 { // the goal is for this size; the first shows the others
				continue
			}
			if err := row(ctx, p, path, size, rounds); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return nil
}

// row measures one page in one size.
func row(ctx context.Context, p paper, path string, size raster.Size, rounds int) error {
	var file []byte
	var by raster.Drawer
	ours, err := cost(rounds, func() (err error) {
		file, by, err = raster.View(ctx, path, 1, size, raster.Unknown)
		return err
	})
	if err != nil {
		return err
	}
	scale := []string{"-r", string(size)}
	if size == raster.Thumb {
		scale = []string{"-scale-to", "226"}
	}
	var other bytes.Buffer
	theirs, err := cost(rounds, func() error {
		other.Reset()
		return jail.Tool(ctx, jail.Limits{}, nil, &other, "pdftoppm", append(scale, "-cropbox", "-jpeg", "-jpegopt", "quality=85,optimize=y", "-singlefile", path)...)
	})
	if err != nil {
		return err
	}
	who := "us"
	if by == raster.Poppler {
		who = "poppler"
	}
	fmt.Printf("| %s | %s | %s ms | %s ms | %.2f | %d | %s |\n", p.name, size, ours, theirs, ours.median.Seconds()/theirs.median.Seconds(), len(file), who)
	return nil
}

// A price is CPU time, user and system, of several rounds.
type price struct{ least, median time.Duration }

func (p price) String() string {
	return fmt.Sprintf("%d, %d", p.least.Milliseconds(), p.median.Milliseconds())
}

// cost is what children take for do.
func cost(rounds int, do func() error) (price, error) {
	var all []time.Duration
	for range max(rounds, 1) {
		before, err := used()
		if err != nil {
			return price{}, err
		}
		if err := do(); err != nil {
			return price{}, err
		}
		after, err := used()
		if err != nil {
			return price{}, err
		}
		all = append(all, after-before)
	}
	slices.Sort(all)
	return price{all[0], all[len(all)/2]}, nil
}

func used() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}
