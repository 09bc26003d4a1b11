package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sohoa/ocr/child"
	"sohoa/scan"
)

// A living child of this process.
type living struct {
	pid       int
	now, peak int     // resident memory, kB
	seconds   float64 // processor time so far
}

// childMemory looks at the children of this process.
func childMemory() []living {
	var out []living
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	self := strconv.Itoa(os.Getpid())
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if len(fields) < 13 || fields[1] != self {
			continue
		}
		const ticks = 100 // a second; USER_HZ on Linux
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		c := living{seconds: float64(user+system) / ticks}
		c.pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		status, err := os.ReadFile(filepath.Join(filepath.Dir(path), "status"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			name, value, _ := strings.Cut(line, ":")
			f := strings.Fields(value)
			switch name {
			case "VmRSS":
				c.now, _ = strconv.Atoi(f[0])
			case "VmHWM":
				c.peak, _ = strconv.Atoi(f[0])
			}
		}
		out = append(out, c)
	}
	return out
}

// soak reads n pages with two children and prints the memory of the children
// and of this process as it goes. Most pages are the heads of papers at 100 dpi,
// to get through; each hundredth is a colour page of A4 at 300 dpi.
func soak(ctx context.Context, n int) error {
	dir, err := os.MkdirTemp("", "soak-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	small, err := soakPages(dir, 100, 0.2)
	if err != nil {
		return err
	}
	large, err := soakPages(dir, 300, 1)
	if err != nil {
		return err
	}
	pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour})
	if err != nil {
		return err
	}
	defer pool.Close()
	fmt.Print("| pages | children, MB | largest a child ever was, MB | children seen | our process, MB |\n|---|---|---|---|---|\n")
	var done atomic.Int64
	seen, start := map[int]bool{}, time.Now()
	row := func() {
		var now []string
		peak := 0
		for _, c := range childMemory() {
			now, peak = append(now, strconv.Itoa(c.now>>10)), max(peak, c.peak)
		}
		fmt.Printf("| %d | %s | %d | %d | %d |\n", done.Load(), strings.Join(now, ", "), peak>>10, len(seen), resident()>>10)
	}
	const step = 250
	for from := 0; from < n; from += step {
		err := inParallel(min(step, n-from), func(i int) error {
			page := small[(from+i)%len(small)]
			if (from+i)%100 == 99 {
				page = large[(from+i)/100%len(large)]
			}
			_, err := pool.Read(ctx, page)
			done.Add(1)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range childMemory() {
			seen[c.pid] = true
		}
		row()
	}
	fmt.Printf("\n%d pages in %s\n", done.Load(), time.Since(start).Round(time.Second))
	return nil
}

// soakPages are office pages at dpi, or strips of them: the top share of each.
func soakPages(dir string, dpi int, share float64) ([]scan.Page, error) {
	pages, err := generate(dir, choice{first: devSeeds, seeds: 12, only: "office", dpi: []int{dpi}})
	if err != nil {
		return nil, err
	}
	var out []scan.Page
	for _, p := range pages {
		page, err := stored(p.path)
		if err != nil {
			return nil, err
		}
		if share < 1 {
			if err := cut(&page, share); err != nil {
				return nil, err
			}
		}
		out = append(out, page)
	}
	return out, nil
}

// cut leaves the top share of a JPEG page, in grey.
func cut(page *scan.Page, share float64) error {
	m, err := jpeg.Decode(bytes.NewReader(page.Data))
	if err != nil {
		return err
	}
	g := image.NewGray(image.Rect(0, 0, page.Width, int(float64(page.Height)*share)))
	draw.Draw(g, g.Rect, m, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, g, nil); err != nil {
		return err
	}
	page.Height, page.Components, page.Data = g.Rect.Dy(), 1, b.Bytes()
	return nil
}

// resident returns the memory of this process, in kB.
func resident() int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(b))[1])
	return pages * os.Getpagesize() >> 10
}
