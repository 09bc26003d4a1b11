package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
)

// A histogram is how many answers took at most so many seconds.
type histogram struct {
	at   []float64
	n    []float64
	sum  float64
	many float64
}

// histograms are what the service measured, by route.
func (b *bench) histograms() (map[string]*histogram, error) {
	res, err := http.Get(b.metrics)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	all := map[string]*histogram{}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		kind, labels, ok := strings.Cut(name, "{")
		n, err := strconv.ParseFloat(value, 64)
		if kind, ok2 := strings.CutPrefix(kind, "sohoa_http_request_seconds_"); ok && ok2 && err == nil {
			_, rest, _ := strings.Cut(labels, `route="`)
			route, _, _ := strings.Cut(rest, `"`)
			if all[route] == nil {
				all[route] = &histogram{}
			}
			h := all[route]
			switch kind {
			case "sum":
				h.sum = n
			case "count":
				h.many = n
			case "bucket":
				_, rest, _ := strings.Cut(labels, `le="`)
				le, _, _ := strings.Cut(rest, `"`)
				if at, err := strconv.ParseFloat(le, 64); err == nil {
					h.at, h.n = append(h.at, at), append(h.n, n)
				}
			}
		}
	}
	return all, nil
}

// under is below which time a share of the answers was, between two buckets on a line.
func (h histogram) under(share float64) float64 {
	want, low, had := share*h.many, 0.0, 0.0
	for i, at := range h.at {
		if h.n[i] >= want && h.n[i] > had {
			return low + (at-low)*(want-had)/(h.n[i]-had)
		}
		low, had = at, h.n[i]
	}
	return low
}

// report says what each route took, most asked for first.
func report(before, after map[string]*histogram) {
	fmt.Printf("%-36s %7s %9s %9s %9s %12s\n", "route", "answers", "mean, ms", "p50, ms", "p95, ms", "under 50 ms")
	var routes []string
	for route, h := range after {
		if was := before[route]; was != nil {
			h.many, h.sum = h.many-was.many, h.sum-was.sum
			for i := range h.n {
				h.n[i] -= was.n[i]
			}
		}
		if h.many >= 5 && route != "GET /healthz" {
			routes = append(routes, route)
		}
	}
	slices.SortFunc(routes, func(a, b string) int { return int(after[b].many - after[a].many) })
	for _, route := range routes {
		h := after[route]
		under := 0.0
		for i, at := range h.at {
			if at == .05 {
				under = h.n[i] / h.many
			}
		}
		fmt.Printf("%-36s %7.0f %9.1f %9.1f %9.1f %10.1f %%\n", route, h.many, 1000*h.sum/h.many, 1000*h.under(.5), 1000*h.under(.95), 100*under)
	}
	peerReport()
}

// What the peer took, each.
var (
	peerMu    sync.Mutex
	peerTimes []time.Duration
)

// startPeer serves a page of fixed bytes behind one query.
func (b *bench) startPeer() (closes func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b.peer = "http://" + l.Addr().String() + "/"
	page := []byte(strings.Repeat("<p>Giấy tờ</p>\n", 600))
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		if _, err := b.ground.db.Document(r.Context(), dossier.DocumentID(r.URL.Query().Get("id"))); err != nil {
			http.Error(w, "", http.StatusNotFound)
			return
		}
		_, _ = w.Write(page)
		peerMu.Lock()
		peerTimes = append(peerTimes, time.Since(began))
		peerMu.Unlock()
	})}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

func peerReport() {
	sort.Slice(peerTimes, func(i, j int) bool { return peerTimes[i] < peerTimes[j] })
	n := len(peerTimes)
	if n == 0 {
		return
	}
	under := sort.Search(n, func(i int) bool { return peerTimes[i] > 50*time.Millisecond })
	sum := time.Duration(0)
	for _, d := range peerTimes {
		sum += d
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("%-36s %7d %9.1f %9.1f %9.1f %10.1f %%\n", "the peer: one row, fixed bytes", n, ms(sum)/float64(n), ms(peerTimes[n/2]), ms(peerTimes[n*95/100]), 100*float64(under)/float64(n))
}

// rss is the memory of a process, in MB.
func rss(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64) // kB, as the kernel writes it
			return n / 1024
		}
	}
	return 0
}

// cpuOf is the processor time of a process alone, without its children.
func cpuOf(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	user, _ := strconv.ParseInt(f[11], 10, 64) // clock ticks, 100 a second
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
