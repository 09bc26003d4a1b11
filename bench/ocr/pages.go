package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"sohoa/scan"
	"sohoa/specimen"
)

// Seeds below a million are for developing: rules and thresholds may be chosen
// by looking at their pages. Reports are made on seeds from seven million on,
// whose pages nobody looks at and nothing is fitted to.
const (
	devSeeds    = 1_000
	devEnd      = 900_000 // and what follows for papers of each condition
	reportSeeds = 7_000_000
)

// A page is an image file and what is printed on it.
type page struct {
	name, path string
	group      string // the condition, or the folder of samples
	hard       bool
	dpi        int // as asked for; a condition's own resolution counts as own
	text       []word
	truth      *specimen.Truth // nil for samples
}

// A choice of pages.
type choice struct {
	first uint64 // seed
	seeds int    // papers of each condition
	only  string // names of conditions, with commas; empty for all
	dpi   []int
}

func (c choice) has(name string) bool {
	return c.only == "" || strings.Contains(","+c.only+",", ","+name+",")
}

// generate makes the pages of c in dir. A paper comes in every resolution; the
// kinds of paper take turns.
func generate(dir string, c choice) ([]page, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return nil, err
	}
	type order struct {
		condition specimen.Condition
		kind      specimen.Kind
		seed      uint64
		dpi       int
	}
	var orders []order
	kinds := specimen.Kinds()
	for i, condition := range specimen.Conditions() {
		if !c.has(condition.Name) {
			continue
		}
		for n := range c.seeds {
			resolutions := c.dpi
			if condition.DPI != 0 {
				resolutions = []int{int(condition.DPI)}
			}
			for _, dpi := range resolutions {
				orders = append(orders, order{condition, kinds[(5*i+7*n)%len(kinds)], c.first + uint64(100*i+n), dpi})
			}
		}
	}
	pages := make([]page, len(orders))
	err = inParallel(len(orders), func(i int) error {
		o := orders[i]
		s, err := press.Sample(o.condition, o.kind, o.seed, float64(o.dpi))
		if err != nil {
			return err
		}
		path := filepath.Join(dir, s.Name+filepath.Ext(s.File.Name))
		pages[i] = page{name: s.Name, path: path, group: o.condition.Name, hard: o.condition.Hard, dpi: o.dpi, text: textOf(s.Page), truth: &s.Truth}
		return os.WriteFile(path, s.Bytes, 0o600)
	})
	return pages, err
}

func textOf(p *specimen.Page) []word {
	var out []word
	for _, l := range p.Lines {
		for _, w := range l {
			out = append(out, word{w.Text, w.Region})
		}
	}
	return out
}

// samples takes the pages of folders of JPEG files, whose texts are in truth.
func samples(truth string, folders []string) ([]page, error) {
	var pages []page
	for _, folder := range folders {
		images, err := filepath.Glob(filepath.Join(folder, "*.jpg"))
		if err != nil {
			return nil, err
		}
		for _, path := range images {
			name := strings.TrimSuffix(filepath.Base(path), ".jpg")
			b, err := os.ReadFile(filepath.Join(truth, name+".txt"))
			if err != nil {
				return nil, err
			}
			group := filepath.Base(folder)
			dpi, _ := strconv.Atoi(strings.TrimLeft(group, "abcdefghijklmnopqrstuvwxyz")) // 0 if the folder does not say
			p := page{name: group + "_" + name, path: path, group: group, dpi: dpi}
			for _, w := range strings.Fields(string(b)) {
				p.text = append(p.text, word{w, specimen.Body})
			}
			pages = append(pages, p)
		}
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("%s: no pages", strings.Join(folders, ", "))
	}
	return pages, nil
}

// stored takes the page out of an image file. The files are our own: they are
// opened in this process.
func stored(path string) (scan.Page, error) {
	f, err := os.Open(path)
	if err != nil {
		return scan.Page{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return scan.Page{}, err
	}
	opened, err := scan.Open(f, info.Size(), scan.Limits{})
	if err != nil {
		return scan.Page{}, err
	}
	return opened.Page(0)
}

// inParallel does n things, two at a time, and returns the first error.
func inParallel(n int, do func(i int) error) error {
	var wait sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int)
	for range 2 {
		wait.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	return first
}
