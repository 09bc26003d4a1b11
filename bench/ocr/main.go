// Command ocr measures how well and at what cost pages are read: the error
// rates and the processor time of ocr/child over a folder of page images whose
// text is known, beside those of the bare tesseract command in the same run.
//
//	go run ./bench/ocr                          on generated pages
//	go run ./bench/ocr -truth truth images...   on folders of JPEG pages
//
// The truth of NAME.jpg is truth/NAME.txt.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sohoa/jail"
	"sohoa/ocr/child"
)

func main() {
	jail.Main(map[string]jail.Child{child.Name: child.Child})
	ctx := context.Background()
	truth := flag.String("truth", "", "folder of the texts")
	flag.Parse()
	if err := run(ctx, *truth, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "ocr:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, truth string, folders []string) error {
	if len(folders) == 0 {
		dir, err := os.MkdirTemp("", "generated-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := generated(dir); err != nil {
			return err
		}
		folders, truth = []string{dir}, dir
	}
	for _, folder := range folders {
		if err := measure(ctx, folder, truth); err != nil {
			return err
		}
	}
	return nil
}

// measure prints a table for the pages of folder.
func measure(ctx context.Context, folder, truth string) error {
	images, err := filepath.Glob(filepath.Join(folder, "*.jpg"))
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return fmt.Errorf("%s: no pages", folder)
	}
	fmt.Printf("%s\n\n| page | sohoa CER | words missed | tesseract CER | words missed |\n|---|---|---|---|---|\n", filepath.Base(folder))
	bare := func(path string) (string, error) {
		var out bytes.Buffer
		err := jail.Tool(ctx, jail.Limits{}, nil, &out, "tesseract", path, "-", "-l", "vie")
		return out.String(), err
	}
	ours, oursCost, err := readAll(images, truth, func() (func(string) (string, error), func(), error) {
		return pool(ctx)
	})
	if err != nil {
		return err
	}
	theirs, theirsCost, err := readAll(images, truth, func() (func(string) (string, error), func(), error) {
		return bare, func() {}, nil
	})
	if err != nil {
		return err
	}
	var a, b score
	for i, image := range images {
		a, b = a.plus(ours[i]), b.plus(theirs[i])
		fmt.Printf("| %s | %s | %s |\n", filepath.Base(image), ours[i], theirs[i])
	}
	fmt.Printf("| all | %s | %s |\n\n", a, b)
	fmt.Printf("processor time a page: sohoa %.2f s, tesseract %.2f s; ratio %.2f\n\n",
		oursCost/float64(len(images)), theirsCost/float64(len(images)), oursCost/theirsCost)
	return nil
}

// readAll scores the images as read, and returns the processor seconds that
// all of it took, children and their start included.
func readAll(images []string, truth string, open func() (read func(string) (string, error), end func(), err error)) ([]score, float64, error) {
	before := processorTime()
	read, end, err := open()
	if err != nil {
		return nil, 0, err
	}
	texts := make([]string, len(images))
	for i, image := range images {
		if texts[i], err = read(image); err != nil {
			end()
			return nil, 0, fmt.Errorf("read %s: %w", image, err)
		}
	}
	end()
	cost := processorTime() - before
	scores := make([]score, len(images))
	for i, image := range images {
		name := strings.TrimSuffix(filepath.Base(image), filepath.Ext(image)) + ".txt"
		want, err := os.ReadFile(filepath.Join(truth, name))
		if err != nil {
			return nil, 0, err
		}
		scores[i] = compare(string(want), texts[i])
	}
	return scores, cost, nil
}

// processorTime returns the seconds used so far by us and by ended children.
func processorTime() float64 {
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
		}
	}
	return sum
}
