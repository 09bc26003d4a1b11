// Command separate measures whether separator and patch sheets are found after what copiers,
// faxes, stains and folds do to them, and what looking at sides costs beside reading
// them: see README.md.
//
//	go run ./bench/separate -sheets 2000 -pages 4
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/jail"
	"sohoa/ocr/child"
	"sohoa/ocr/sides"
	"sohoa/scan"
	"sohoa/specimen"
)

// firstSeed is of sheets that nobody looks at.
const firstSeed = 9_700_000

func main() {
	jail.Main(map[string]jail.Child{child.Name: child.Child, sides.ChildName: sides.Child})
	sheets := flag.Int("sheets", 200, "sheets, a tenth of them ordinary papers")
	first := flag.Uint64("first", firstSeed, "first seed")
	patches := flag.Int("patches", 0, "sheets with patch codes, a third of them ordinary papers")
	pages := flag.Int("pages", 4, "papers that are looked at and read, for the cost")
	flag.Parse()
	err := find(*sheets, *first, one)
	if err == nil && *patches > 0 {
		err = find(*patches, *first+patchSeeds, patched)
	}
	if err == nil && *pages > 0 {
		err = cost(context.Background(), *pages)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "separate:", err)
		os.Exit(1)
	}
}

// A fault is what happens to a sheet on its way.
type fault struct {
	name string
	dpi  float64
	wear func(r *rand.Rand, seed uint64) specimen.Wear
	then func(m *image.Gray, r *rand.Rand)
}

func office(change func(w *specimen.Wear, r *rand.Rand)) func(*rand.Rand, uint64) specimen.Wear {
	return func(r *rand.Rand, seed uint64) specimen.Wear {
		w := specimen.Office(seed)
		w.Grey, w.Turn = true, r.IntN(4)
		if change != nil {
			change(&w, r)
		}
		return w
	}
}

func faults() []fault {
	return []fault{
		{"office", 200, office(nil), nil},
		{"office at 300", 300, office(nil), nil},
		{"any angle", 200, office(func(w *specimen.Wear, r *rand.Rand) { w.Skew = 40 * (r.Float64() - 0.5) }), nil},
		{"fax, fine", 200, office(func(w *specimen.Wear, r *rand.Rand) {
			s, k := w.Turn, w.Skew
			*w = specimen.Faxed(r.Uint64())
			w.Turn, w.Skew = s, k
		}), nil},
		{"copier", 200, office(func(w *specimen.Wear, r *rand.Rand) { s := w.Turn; *w = specimen.BlackWhite(r.Uint64()); w.Turn = s }), nil},
		{"stained", 200, office(nil), stain},
		{"folds", 200, office(func(w *specimen.Wear, r *rand.Rand) { w.Folds = 2 + r.IntN(3) }), nil},
		{"noise", 200, office(func(w *specimen.Wear, r *rand.Rand) { w.Noise, w.Blur = 20+10*r.Float64(), 0.4 }), nil},
		{"old, faded", 200, func(r *rand.Rand, seed uint64) specimen.Wear {
			w := specimen.Old(seed)
			w.Grey, w.Turn = true, r.IntN(4)
			return w
		}, nil},
		{"JPEG 30", 200, office(nil), squeezed},
	}
}

// stain spills three drops, up to 60 mm across and nearly as dark as ink.
func stain(m *image.Gray, r *rand.Rand) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for range 3 {
		cx, cy, radius := r.IntN(w), r.IntN(h), float64(w)*(0.03+0.11*r.Float64())
		dark := 0.25 + 0.5*r.Float64()
		for y := max(0, cy-int(radius)); y < min(h, cy+int(radius)); y++ {
			for x := max(0, cx-int(radius)); x < min(w, cx+int(radius)); x++ {
				if d := math.Hypot(float64(x-cx), float64(y-cy)) / radius; d < 1 {
					m.Pix[y*m.Stride+x] = byte(float64(m.Pix[y*m.Stride+x]) * (1 - dark*(1-d*d*d)))
				}
			}
		}
	}
}

func squeezed(m *image.Gray, _ *rand.Rand) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 30}); err != nil {
		panic(err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	draw.Draw(m, m.Rect, back, image.Point{}, draw.Src)
}

// A score is what became of the sheets of a fault.
type score struct{ sheets, found, wrong, spoiled int }

// A trial makes a sheet, breaks it and looks at it: what is seen, and what should be; at
// is its fault, or behind all of them an ordinary paper.
type trial func(press *specimen.Press, all []fault, seed uint64, i int) (at int, got, want batch.Mark, spoiled bool, err error)

// find makes sheets and counts on how many of them the mark was found.
func find(n int, first uint64, one trial) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	all, scores := faults(), make([]score, len(faults())+1)
	var mu sync.Mutex
	var wait sync.WaitGroup
	var failed error
	next := make(chan int)
	for range 2 {
		wait.Go(func() {
			for i := range next {
				at, got, want, spoiled, err := one(press, all, first+uint64(i), i)
				mu.Lock()
				if err != nil && failed == nil {
					failed = err
				}
				s := &scores[at]
				s.sheets++
				switch {
				case got == want:
					s.found++
				case got != batch.Mark{}:
					s.wrong++
				}
				if spoiled {
					s.spoiled++
				}
				if got != want {
					fmt.Printf("seed %d, %s: %+v\n", first+uint64(i), name(all, at), got)
				}
				mu.Unlock()
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	if failed != nil {
		return failed
	}
	report(all, scores)
	return nil
}

func name(all []fault, at int) string {
	if at == len(all) {
		return "papers without a mark"
	}
	return all[at].name
}

func report(all []fault, scores []score) {
	var sum score
	fmt.Println("| sheets | of | right | wrong | said to be spoiled |\n|---|---|---|---|---|")
	for i, s := range scores {
		fmt.Printf("| %s | %d | %d | %d | %d |\n", name(all, i), s.sheets, s.found, s.wrong, s.spoiled)
		if i < len(all) {
			sum.sheets, sum.found = sum.sheets+s.sheets, sum.found+s.found
		}
		sum.wrong += s.wrong
	}
	fmt.Printf("separators found: %d of %d, %.2f %%; wrong reads: %d\n", sum.found, sum.sheets, 100*float64(sum.found)/float64(max(sum.sheets, 1)), sum.wrong)
}

// one makes a sheet and looks at it. Every tenth is an ordinary paper, on which there
// is nothing to find.
func one(press *specimen.Press, all []fault, seed uint64, i int) (at int, got, want batch.Mark, spoiled bool, err error) {
	r := rand.New(rand.NewPCG(seed, 59))
	at = i % len(all)
	f := all[at]
	var sheet *specimen.Sheet
	if i%10 == i/10%10 {
		kinds := specimen.Kinds()
		sheet, at = press.Paper(kinds[i%len(kinds)], seed, specimen.About{}).Only(0), len(all)
	} else {
		of := 1 + r.IntN(12)
		want = batch.Mark{Kind: batch.Component, Dossier: dossier.Code(fmt.Sprintf("H%02d.%02d-2611%02d-%04d", r.IntN(99), r.IntN(99), 1+r.IntN(28), r.IntN(10000))), Slot: dossier.SlotCode(fmt.Sprintf("TP%02d", 1+r.IntN(20))), Number: 1 + r.IntN(of), Of: of}
		sheet = press.Separator(want.Text())
	}
	got, spoiled, err = seen(sheet, f, r, seed)
	return at, got, want, spoiled, err
}

// seen is what is seen of a sheet after a fault.
func seen(sheet *specimen.Sheet, f fault, r *rand.Rand, seed uint64) (m batch.Mark, spoiled bool, err error) {
	drawn := grey(sheet.Render(0, f.dpi, f.wear(r, seed), seed))
	if f.then != nil {
		f.then(drawn, r)
	}
	p := scan.Page{Encoding: scan.JPEG, Width: drawn.Rect.Dx(), Height: drawn.Rect.Dy(), Components: 1, Bits: 8, DPIX: f.dpi, DPIY: f.dpi, DPIFrom: scan.FromFile}
	l, err := sides.At(drawn, p)
	m, spoiled = batch.Reader{}.Mark(l.Says, l.Patch)
	return m, spoiled, err
}

func grey(m image.Image) *image.Gray {
	if g, ok := m.(*image.Gray); ok {
		return g
	}
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(g, g.Rect, m, image.Point{}, draw.Src)
	return g
}

// cost looks at papers and reads them, each in the child that does it in the house, and
// compares the processor time of the children: decoding is in both.
func cost(ctx context.Context, n int) error {
	press, err := specimen.NewPress()
	if err != nil {
		return err
	}
	var papers []scan.Page
	kinds := specimen.Kinds()
	for i := range n {
		seed := uint64(firstSeed + 50_000 + i)
		f, err := press.Paper(kinds[(5*i)%len(kinds)], seed, specimen.About{}).Only(0).File(specimen.JPEG, 200, specimen.Office(seed), seed)
		if err != nil {
			return err
		}
		p, err := scan.JPEGPage(f.Bytes, scan.Limits{})
		if err != nil {
			return err
		}
		p.DPIX, p.DPIY, p.DPIFrom = 200, 200, scan.FromFile
		papers = append(papers, p)
	}
	began := spent(syscall.RUSAGE_CHILDREN)
	all := func(yield func(scan.Page, error) bool) {
		for _, p := range papers {
			if !yield(p, nil) {
				return
			}
		}
	}
	if err := sides.Looks(ctx, all, func(sides.Look) error { return nil }); err != nil {
		return err
	}
	look := (spent(syscall.RUSAGE_CHILDREN) - began).Seconds() / float64(n)
	began = spent(syscall.RUSAGE_CHILDREN)
	pool, err := child.New(child.Options{Workers: 1, PageTime: time.Hour})
	if err != nil {
		return err
	}
	for _, p := range papers {
		if _, err := pool.Read(ctx, p); err != nil {
			return err
		}
	}
	pool.Close()
	reading := (spent(syscall.RUSAGE_CHILDREN) - began).Seconds() / float64(n)
	fmt.Printf("of %d pages, in children, their start included: a look %.0f ms of processor a page; reading %.0f ms; share %.1f %%\n", n, 1000*look, 1000*reading, 100*look/reading)
	return nil
}

func spent(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
