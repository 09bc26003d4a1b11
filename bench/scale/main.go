// Command scale says what so many dossiers a year ask of the engines, from what
// `sohoa bench line --json` measured on one machine: it plays the busiest day of the
// year, page by page, and names the first engine that has not enough, and the one
// that has. The same input gives the same table.
//
//	sohoa bench line --json > line.json
//	go run ./bench/scale -line line.json [-cores 16]
package main

import (
	"container/heap"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sort"
)

// A line is what was measured.
type line struct {
	Documents, Dossiers int
	Pages               int64
	CPUSeconds          float64 `json:"cpuSeconds"`
	StoredBytes         int64
	Stages              []struct {
		Act     string
		Times   int64
		Seconds float64
	}
}

// A year's shape. Of the hours of a day the fourth has the most.
const (
	days    = 250
	busiest = 1.6 // the busiest day, of the mean one
)

var hours = [...]float64{.10, .16, .17, .19, .05, .10, .13, .10}

func peakHour() (most float64) {
	for _, h := range hours {
		most = max(most, h)
	}
	return most
}

// A load is what a number of dossiers a year asks for.
type load struct {
	dossiers    float64
	pagesDay    int     // on the busiest day
	pagesPeak   float64 // a second, in its busiest hour
	moves       float64 // a second: acts of machine and people, each a transaction
	hints       float64 // a second, through the queue
	puts        float64 // files a second
	bytesYear   float64
	rowsYear    float64 // of changes and events of the ledger
	cores       int     // that read, so that the wait below holds
	wait95      float64 // seconds a page waits for a reader
	utilisation float64 // of the readers, in the busiest hour
}

// people act four times on a paper: receive, attest, confirm, approve.
const people = 4

// putsOf is how many files a paper leaves: what came, report, words, text, plain,
// signed copy, fields, sealed.
const putsOf = 8

func loadOf(l line, dossiers float64, goal float64) load {
	docs, pages := float64(l.Documents)/float64(l.Dossiers), float64(l.Pages)/float64(l.Dossiers)
	machine := 0.0
	for _, s := range l.Stages {
		machine += float64(s.Times)
	}
	machine /= float64(l.Documents)
	peak := busiest * peakHour() / days / 3600
	o := load{dossiers: dossiers, pagesDay: int(math.Ceil(dossiers * pages / days * busiest)), pagesPeak: dossiers * pages * peak,
		moves: dossiers * docs * (machine + people) * peak, hints: dossiers * docs * machine * peak, puts: dossiers * docs * putsOf * peak,
		bytesYear: dossiers * float64(l.StoredBytes) / float64(l.Dossiers), rowsYear: dossiers * docs * (machine + people) * 2}
	cost := l.CPUSeconds / float64(l.Pages)
	low, high := 1, max(1, int(math.Ceil(o.pagesPeak*cost*3))+2)
	for low < high { // the fewest that let a page wait no longer
		mid := (low + high) / 2
		if day(o.pagesDay, mid, cost) <= goal {
			high = mid
		} else {
			low = mid + 1
		}
	}
	o.cores, o.wait95 = low, day(o.pagesDay, low, cost)
	o.utilisation = o.pagesPeak * cost / float64(low)
	return o
}

// day plays a day: pages come by chance, more in some hours than in others, and
// each takes the reader that is free first. It returns how long 19 of 20 waited
// at most.
func day(pages, readers int, cost float64) float64 {
	rnd := rand.New(rand.NewPCG(2026, uint64(pages)))
	arrivals := make([]float64, 0, pages)
	for h, share := range hours {
		for range int(math.Round(share * float64(pages))) {
			arrivals = append(arrivals, (float64(h)+rnd.Float64())*3600)
		}
	}
	sort.Float64s(arrivals)
	free := make(times, readers)
	waits := make([]float64, len(arrivals))
	for i, at := range arrivals {
		begin := max(at, free[0])
		waits[i] = begin - at
		// A page takes from half to twice the mean: a form, a full page, a worn one.
		free[0] = begin + cost*(0.5+rnd.ExpFloat64()/2)
		heap.Fix(&free, 0)
	}
	sort.Float64s(waits)
	return waits[len(waits)*95/100]
}

// times are when each reader is free again, the first first.
type times []float64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(any)          {}
func (t *times) Pop() any          { return nil }

// A limit is what one engine can do, and where that number is from.
type limit struct {
	engine string
	from   string
	have   float64
	asked  func(load) float64
	unit   string
	then   string // what takes it when it is not enough
}

// A step is a way to run the house.
type step struct {
	name   string
	limits []limit
}

// roomy is how full an engine may be in the busiest hour.
const roomy = 0.7

func steps(cores float64) []step {
	coresOf := func(l load) float64 { return float64(l.cores) }
	movesOf := func(l load) float64 { return l.moves }
	hintsOf := func(l load) float64 { return l.hints }
	putsOf := func(l load) float64 { return l.puts }
	bytesOf := func(l load) float64 { return l.bytesYear * 10 / (1 << 40) } // ten years
	rowsOf := func(l load) float64 { return l.rowsYear * 10 / 1e9 }
	return []step{
		{"one machine: SQLite, a directory, a queue in the process", []limit{
			{"cores of the machine", "given, and a reader may fill them", cores / roomy, coresOf, "cores", "worker processes on more machines, over PostgreSQL and Redis"},
			{"SQLite's one writer", "bench/ledger: 1.85 ms a move", 540, movesOf, "moves/s", "PostgreSQL"},
			{"queue in the process", "tried: 830 tasks/s", 830, hintsOf, "hints/s", "Redis"},
			{"disk", "bench/blob: 3 ms a file", 330, putsOf, "files/s", "S3"},
			{"room on the disk", "a usual one", 8, bytesOf, "TiB in ten years", "S3"},
		}},
		{"PostgreSQL, one Redis, S3, workers on many machines", []limit{
			{"PostgreSQL, one server", "bench/moves on two cores: 3,308 empty ones", 2000, movesOf, "moves/s", "PostgreSQL on more cores, and partitions"},
			{"rows of PostgreSQL's largest table", "what one server vacuums and backs up in a night", 3, rowsOf, "1e9 rows in ten years", "PostgreSQL's partitions by year"},
			{"Redis, one server", "tried: 3,850 tasks/s at the least", 3850, hintsOf, "hints/s", "Redis Cluster, a queue a slot"},
			{"S3, one gateway", "bench/blob: 3.7 ms a file, 8 at once", 2160, putsOf, "files/s", "S3 on more nodes"},
		}},
		{"PostgreSQL on 32 cores with partitions by year, Redis Cluster of three, S3 on several nodes", []limit{
			{"PostgreSQL, 32 cores", "2,000 on two cores, and half of each more", 2000 * 8.5, movesOf, "moves/s", "a house for each region: provinces share no dossier"},
			{"rows of a partition", "a year each", 3 * 10, rowsOf, "1e9 rows in ten years", "partitions by quarter"},
			{"Redis Cluster of three", "3,850 each", 3 * 3850, hintsOf, "hints/s", "more slots"},
			{"S3, eight nodes", "2,160 each", 8 * 2160, putsOf, "files/s", "more nodes"},
		}},
	}
}

// first is the fullest engine of a step, and how full it is.
func (s step) first(l load) (limit, float64) {
	var at limit
	most := -1.0
	for _, x := range s.limits {
		if full := x.asked(l) / x.have; full > most {
			at, most = x, full
		}
	}
	return at, most
}

func main() {
	from := flag.String("line", "", "what sohoa bench line --json said")
	cores := flag.Float64("cores", 16, "cores of one machine")
	goal := flag.Float64("wait", 60, "seconds that 19 of 20 pages may wait for a reader on the busiest day")
	flag.Parse()
	if err := run(*from, *cores, *goal); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(from string, cores, goal float64) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	if l.Documents == 0 || l.Pages == 0 || l.CPUSeconds == 0 {
		return fmt.Errorf("%s has no measures", from)
	}
	fmt.Printf("%.2f papers and %.2f pages a dossier, %.2f s of CPU a page, %.1f MiB kept a dossier\n\n", float64(l.Documents)/float64(l.Dossiers), float64(l.Pages)/float64(l.Dossiers),
		l.CPUSeconds/float64(l.Pages), float64(l.StoredBytes)/float64(l.Dossiers)/(1<<20))
	fmt.Println("| dossiers a year | pages on the busiest day | cores that read | busy in the worst hour | p95 wait | moves/s | hints/s | files/s | kept a year | first bottleneck | which takes it |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---|")
	at := 0
	ladder := steps(cores)
	for _, n := range []float64{1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8} {
		o := loadOf(l, n, goal)
		why, then := "", ""
		for {
			x, full := ladder[at].first(o)
			if full <= roomy || at == len(ladder)-1 {
				why += fmt.Sprintf("%s at %.0f %%", x.engine, 100*full)
				if full > roomy {
					then = x.then
				}
				break
			}
			why += fmt.Sprintf("**%s** would be at %.0f %%; then ", x.engine, 100*full)
			then = x.then
			at++
		}
		fmt.Printf("| %.0f | %d | %d | %.0f %% | %.0f s | %.1f | %.1f | %.1f | %.2f TiB | %s | %s |\n", n, o.pagesDay, o.cores, 100*o.utilisation, o.wait95, o.moves, o.hints, o.puts, o.bytesYear/(1<<40), why, then)
	}
	fmt.Println()
	for i, s := range ladder {
		fmt.Printf("%d. %s\n", i+1, s.name)
		for _, x := range s.limits {
			have := x.have
			if x.unit == "cores" {
				have *= roomy
			}
			fmt.Printf("   - %s: %.0f %s (%s)\n", x.engine, have, x.unit, x.from)
		}
	}
	return nil
}
