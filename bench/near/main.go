// Command near measures whether it can be told that the same sheet was scanned
// twice: by a perceptual hash of the picture and by the words that were read of it.
// Against pairs of scans of one sheet stand pairs of sheets of one form, filled in
// for two people: see docs/decisions/0053-figures-again.md.
//
//	go run ./bench/near -papers 3
//	go run ./bench/near -prints -papers 1
//	go run ./bench/near -index 10000000
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	_ "image/jpeg"
	"math/bits"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/scan"
	"sohoa/specimen"
)

// firstSeed is of pages that nobody looks at.
const firstSeed = 9_500_000

func main() {
	jail.Main(map[string]jail.Child{child.Name: child.Child})
	papers := flag.Int("papers", 3, "papers of each kind")
	dpi := flag.Float64("dpi", 200, "resolution of the scans")
	indexed := flag.Int("index", 0, "pages in an index of prints that is measured, and nothing else")
	address := flag.String("postgres", "", "of the index; empty: a file of SQLite")
	full := flag.Bool("full", false, "a run before filled the index of that size on PostgreSQL: look alone")
	prints := flag.Bool("prints", false, "compare the prints of sides alone, without reading")
	flag.Parse()
	ctx := context.Background()
	switch {
	case *indexed > 0:
		end(index(ctx, *address, *indexed, *full))
		return
	case *prints:
		press, err := specimen.NewPress()
		if err == nil {
			err = likeness(press, *papers, *dpi)
		}
		end(err)
		return
	}
	end(run(ctx, *papers, *dpi))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "near:", err)
		os.Exit(1)
	}
}

// A look is what there is of one scan to compare.
type look struct {
	hash  uint64
	words []ocr.Word
}

// A trial is a sheet, scanned twice, and the same form filled in for another.
type trial struct {
	kind specimen.Kind
	seed uint64

	first, again, other look
}

func run(ctx context.Context, papers int, dpi float64) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	pool, err := child.New(child.Options{Workers: 2, PageTime: time.Hour}) // the machine may be busy with others
	if err != nil {
		return err
	}
	defer pool.Close()
	var all []*trial
	for k, kind := range specimen.Kinds() {
		for n := range papers {
			t := &trial{kind: kind, seed: firstSeed + uint64(100*k+n)}
			if one, other := t.sheets(press); one.Pages[0].Text() != other.Pages[0].Text() { // else it tells nothing of a person
				all = append(all, t)
			}
		}
	}
	var wait sync.WaitGroup
	failed := make(chan error, len(all))
	turns := make(chan struct{}, 2)
	for _, t := range all {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			failed <- t.scan(ctx, press, pool, dpi)
		})
	}
	wait.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	report(all)
	return nil
}

// people are two whose names are as alike as those of brothers are, and whose
// numbers differ in the last digits.
var people = [2]specimen.About{{Holder: "Nguyễn Vĩnh An", HolderNumber: "008199012345", Plain: true}, {Holder: "Nguyễn Vĩnh Anh", HolderNumber: "008199012352", Plain: true}}

func (t *trial) sheets(press *specimen.Press) (one, other *specimen.Sheet) {
	return press.Paper(t.kind, t.seed, people[0]), press.Paper(t.kind, t.seed, people[1])
}

func (t *trial) scan(ctx context.Context, press *specimen.Press, pool *child.Pool, dpi float64) (err error) {
	one, other := t.sheets(press)
	if t.first, err = looked(ctx, pool, one, dpi, t.seed); err != nil {
		return err
	}
	if t.again, err = looked(ctx, pool, one, dpi, t.seed+50_000); err != nil {
		return err
	}
	t.other, err = looked(ctx, pool, other, dpi, t.seed+70_000)
	return err
}

// looked scans the first page of a sheet: the seed is of how it lies and is worn.
func looked(ctx context.Context, pool *child.Pool, s *specimen.Sheet, dpi float64, seed uint64) (l look, err error) {
	f, err := s.Only(0).File(specimen.JPEG, dpi, specimen.Office(seed), seed)
	if err != nil {
		return l, err
	}
	m, _, err := image.Decode(bytes.NewReader(f.Bytes))
	if err != nil {
		return l, err
	}
	l.hash = difference(m)
	opened, err := scan.Open(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		return l, err
	}
	page, err := opened.Page(0)
	if err != nil {
		return l, err
	}
	read, err := pool.Read(ctx, page)
	for _, line := range read.Lines {
		l.words = append(l.words, line.Words...)
	}
	return l, err
}

// difference is the dHash of a picture: of nine by eight squares, whether each is
// brighter than the next.
func difference(m image.Image) (h uint64) {
	b := m.Bounds()
	at := func(x, y int) (sum uint64) {
		n := uint64(0)
		for j := b.Min.Y + y*b.Dy()/8; j < b.Min.Y+(y+1)*b.Dy()/8; j += 3 {
			for i := b.Min.X + x*b.Dx()/9; i < b.Min.X+(x+1)*b.Dx()/9; i += 3 {
				r, g, bl, _ := m.At(i, j).RGBA()
				sum, n = sum+uint64(299*r+587*g+114*bl)/1000, n+1
			}
		}
		return sum / max(n, 1)
	}
	for y := range 8 {
		for x := range 8 {
			if h <<= 1; at(x, y) > at(x+1, y) {
				h |= 1
			}
		}
	}
	return h
}

// alike is the share of groups of three words that two readings have in common.
func alike(a, b look) float64 {
	groups := func(l look) map[string]bool {
		out := map[string]bool{}
		for i := 0; i+2 < len(l.words); i++ {
			out[strings.ToLower(l.words[i].Text+" "+l.words[i+1].Text+" "+l.words[i+2].Text)] = true
		}
		return out
	}
	x, y := groups(a), groups(b)
	both := 0
	for g := range x {
		if y[g] {
			both++
		}
	}
	return float64(both) / float64(max(len(x)+len(y)-both, 1))
}

// same is the share of words of two readings that the other has too.
func same(a, b look) float64 {
	count := map[string]int{}
	for _, w := range a.words {
		count[w.Text]++
	}
	both := 0
	for _, w := range b.words {
		if count[w.Text] > 0 {
			count[w.Text]--
			both++
		}
	}
	return 2 * float64(both) / float64(max(len(a.words)+len(b.words), 1))
}

func report(all []*trial) {
	var hash [2][]int
	var words, groups [2][]float64
	for _, t := range all {
		for i, o := range [2]look{t.again, t.other} {
			h, w, g := bits.OnesCount64(t.first.hash^o.hash), same(t.first, o), alike(t.first, o)
			hash[i], words[i], groups[i] = append(hash[i], h), append(words[i], w), append(groups[i], g)
			fmt.Printf("%-22s %d %s hash %2d of 64, words %.3f, threes %.3f\n", t.kind, t.seed, [2]string{"same sheet ", "other's form"}[i], h, w, g)
		}
	}
	fmt.Printf("\n%d pairs of each:%9s %9s %9s\n", len(all), "least", "middle", "most")
	for i, name := range [2]string{"the same sheet", "another's form"} {
		slices.Sort(hash[i])
		slices.Sort(words[i])
		slices.Sort(groups[i])
		n := len(all)
		fmt.Printf("%s\n  bits of the hash that differ %9d %9d %9d\n", name, hash[i][0], hash[i][n/2], hash[i][n-1])
		fmt.Printf("  words in common              %9.3f %9.3f %9.3f\n", words[i][0], words[i][n/2], words[i][n-1])
		fmt.Printf("  threes in common             %9.3f %9.3f %9.3f\n", groups[i][0], groups[i][n/2], groups[i][n-1])
	}
	for _, need := range []float64{0.90, 0.95, 0.98} {
		for _, far := range []int{6, 10, 16} {
			var told [2]int
			for _, t := range all {
				for i, o := range [2]look{t.again, t.other} {
					if same(t.first, o) >= need && bits.OnesCount64(t.first.hash^o.hash) <= far {
						told[i]++
					}
				}
			}
			fmt.Printf("words ≥ %.2f and at most %2d bits: %2d of %d scanned twice are told, and %2d of %d of another's forms\n", need, far, told[0], len(all), told[1], len(all))
		}
	}
}
