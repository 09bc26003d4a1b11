package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sohoa/specimen/hostile"
)

// latencies are how long ordinary work took.
type latencies struct {
	mu             sync.Mutex
	pages, uploads []time.Duration
	failed         []string
}

func (l *latencies) page(t time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages = append(l.pages, t)
	if err != nil {
		l.failed = append(l.failed, "a page: "+err.Error())
	}
}

func (l *latencies) upload(t time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uploads = append(l.uploads, t)
	if err != nil {
		l.failed = append(l.failed, "an ordinary paper: "+err.Error())
	}
}

// p95 is the 95th percentile.
func p95(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[(len(all)*95+99)/100-1]
}

// report prints what happened and fails if something must not have.
func (d *drill) report(w io.Writer) error {
	var wrong []string
	fmt.Fprintf(w, "%d kinds of hostile files, %d of each, seed %d, SOHOA_LIMIT_SECONDS=%d\n\n", len(hostile.Kinds()), d.each, d.seed, d.seconds)
	fmt.Fprint(w, "| met by | files | answers | slowest, s | crashes | hangs |\n|---|---|---|---|---|---|\n")
	for _, by := range []bool{false, true} {
		n, crashes, hangs, slowest, counts := 0, 0, 0, time.Duration(0), map[string]int{}
		for _, a := range d.answers {
			if a.command != by {
				continue
			}
			n++
			counts[a.code]++
			slowest = max(slowest, a.took)
			switch {
			case a.code == "hang":
				hangs++
			case a.wrong != "":
				crashes++
			}
			if a.wrong != "" {
				wrong = append(wrong, a.file+": "+a.wrong)
			}
		}
		if n == 0 {
			continue
		}
		var said []string
		for _, c := range slices.Sorted(maps.Keys(counts)) {
			said = append(said, fmt.Sprintf("%s %d", c, counts[c]))
		}
		fmt.Fprintf(w, "| %s | %d | %s | %.1f | **%d** | **%d** |\n", map[bool]string{false: "the service", true: "sohoa process"}[by], n, strings.Join(said, ", "), slowest.Seconds(), crashes, hangs)
	}
	fmt.Fprint(w, "\n| ordinary work | calm, 95 % within | storm, 95 % within | times | allowed |\n|---|---|---|---|---|\n")
	for _, row := range []struct {
		name        string
		calm, storm []time.Duration
		times       float64
		unnoticed   time.Duration
	}{
		{"a page", d.calmed.pages, d.stormed.pages, pageTimes, pageUnnoticed},
		{"an upload", d.calmed.uploads, d.stormed.uploads, uploadTimes, uploadUnnoticed},
	} {
		calm, storm := p95(row.calm), p95(row.storm)
		fmt.Fprintf(w, "| %s (%d, %d) | %d ms | **%d ms** | %.1f | %.0f, or %d ms |\n", row.name, len(row.calm), len(row.storm),
			calm.Milliseconds(), storm.Milliseconds(), float64(storm)/float64(calm), row.times, row.unnoticed.Milliseconds())
		if storm > max(row.unnoticed, time.Duration(row.times*float64(calm))) || len(row.calm) == 0 || len(row.storm) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s took %s in the storm, %s before", row.name, storm, calm))
		}
	}
	wrong = append(append(append(wrong, d.calmed.failed...), d.stormed.failed...), d.after...)
	var lasted []string
	for _, k := range slices.Sorted(maps.Keys(d.lasted)) {
		lasted = append(lasted, fmt.Sprintf("%s %.0f s", k, d.lasted[k].Seconds()))
	}
	fmt.Fprintf(w, "\nleft behind, or otherwise wrong: **%d**; stopped with %d of %d documents at work; lasted: %s\n", len(wrong), d.atWork, len(d.taken), strings.Join(lasted, ", "))
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}
