package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/cmd/internal/meter"
	"sohoa/cmd/internal/tracing"
	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/ocr/child"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// A collector takes spans as an OpenTelemetry collector does, and keeps them.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []map[string]any
	bad   []string
}

func collecting(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []map[string]any }
			}
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" || len(in.ResourceSpans) == 0 {
			c.bad = append(c.bad, fmt.Sprintf("%s %s %v: %.200s", r.Method, r.URL, err, body))
			return
		}
		for _, rs := range in.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				c.spans = append(c.spans, ss.Spans...)
			}
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(c.Close)
	return c
}

// seenWhole wants one trace of each archived document, from its upload to the
// archive, every span of it hanging together.
func (c *collector) seenWhole(t *testing.T, db *sqldb.DB) {
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 1000})
	if err != nil || len(docs) == 0 {
		t.Fatalf("%d documents archived, %v", len(docs), err)
	}
	names := map[string][]string{}
	complete := func() string { // spans are sent a while after they ended
		c.mu.Lock()
		defer c.mu.Unlock()
		clear(names)
		ids := map[string]bool{}
		for _, s := range c.spans {
			ids[s["spanId"].(string)] = true
		}
		for _, s := range c.spans {
			trace := s["traceId"].(string)
			names[trace] = append(names[trace], s["name"].(string))
			if parent, ok := s["parentSpanId"].(string); ok && !ids[parent] {
				return fmt.Sprintf("span %v hangs in the air", s)
			}
		}
		for _, d := range docs {
			trace, _ := tracing.IDs(d.ID)
			past, err := db.Changes(t.Context(), d.ID)
			if err != nil {
				return err.Error()
			}
			for _, change := range past {
				if !slices.Contains(names[trace.String()], string(change.Act)) {
					return fmt.Sprintf("no span of %s of %s: %v", change.Act, d.ID, names[trace.String()])
				}
			}
		}
		return ""
	}
	missing := complete()
	for end := time.Now().Add(20 * time.Second); missing != "" && time.Now().Before(end); missing = complete() {
		time.Sleep(100 * time.Millisecond)
	}
	if missing != "" || len(c.bad) > 0 {
		t.Errorf("%s; not understood: %q", missing, c.bad)
	}
	pages, all := 0, 0
	for _, list := range names {
		all += len(list)
		for _, n := range list {
			if n == "read-page" {
				pages++
			}
		}
	}
	if pages < len(docs)/2 {
		t.Errorf("%d pages were read for %d documents, by their spans", pages, len(docs))
	}
	t.Logf("%d traces, %d spans, %d of pages", len(names), all, pages)
}

var (
	metricsAt   = regexp.MustCompile(`http://127\.0\.0\.1:\d+/metrics`)
	sampleLine  = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? ([0-9.e+-]+|NaN|[+-]Inf)$`)
	labelOfLine = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)`)
)

// settledFigures reads the figures, again for as long as changes are still being
// counted: that follows each act by seconds.
func settledFigures(t *testing.T, at string) []byte {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(500 * time.Millisecond) {
		res, err := http.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%d %v: %s", res.StatusCode, err, body)
		}
		settled := bytes.Contains(body, []byte("\nsohoa_figures_pending 0\n")) && bytes.Contains(body, []byte("\nsohoa_ledger_pending 0\n"))
		if settled || time.Now().After(end) {
			return body
		}
	}
}

// figuresSeen crawls the figures after a demonstration: they say what the
// database says, each label has a value it may have, and no figure is unknown.
func figuresSeen(t *testing.T, r *running, db *sqldb.DB) {
	at := metricsAt.FindString(r.said())
	body := settledFigures(t, at)
	children := slices.Collect(maps.Keys(wire.Children()))
	allowed, known := meter.Allowed(web.Routes(), children, slices.Collect(maps.Keys(child.Parts{}.Named()))), meter.Names()
	statuses, sums := regexp.MustCompile(`^[1-5]\d\d$`), map[string]float64{}
	seen := map[string]bool{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not understood: %s", line)
			continue
		}
		if !strings.HasPrefix(m[1], "sohoa_") {
			continue // of the runtime and the process
		}
		if !slices.Contains(known, m[1]) {
			t.Errorf("a figure that is not listed: %s", line)
		}
		v, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		seen[m[1]] = true
		sums[m[1]] += v
		for _, l := range labelOfLine.FindAllStringSubmatch(m[2], -1) {
			name, value := l[1], l[2]
			sums[m[1]+" "+value] += v
			switch {
			case name == "status" && statuses.MatchString(value), name == "le", name == "version":
			case !slices.Contains(allowed[name], value):
				t.Errorf("%s: %s may not be %q", m[1], name, value)
			}
		}
	}
	quiet := []string{"sohoa_crashes_total", "sohoa_holdings"} // nothing of the kind happened
	for _, name := range known {
		if !seen[name] && !slices.Contains(quiet, name) {
			t.Errorf("nothing is said of %s", name)
		}
	}
	counts, err := db.Counts(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"sohoa_moves_total archive": float64(counts[dossier.Archived]), "sohoa_asked": 1, "sohoa_ledger_pending": 0, "sohoa_figures_pending": 0} {
		if sums[name] != want {
			t.Errorf("%s is %v, the database says %v", name, sums[name], want)
		}
	}
	if size, err := db.LogSize(t.Context()); err != nil || sums["sohoa_ledger_events"] == 0 || sums["sohoa_ledger_events"] > float64(size) {
		t.Errorf("%v events by the figures, %d by the rows, %v", sums["sohoa_ledger_events"], size, err)
	}
	for _, name := range []string{"sohoa_children_started_total exec", "sohoa_children_cpu_seconds_total exec", "sohoa_reading_cpu_seconds_total engine", "sohoa_reading_cpu_seconds_total pixels", "sohoa_store_bytes_total put", "sohoa_store_bytes_total get", "sohoa_http_requests_total POST /dossiers/{code}/slots/{slot}", "sohoa_trace_spans_total sent"} {
		if sums[name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
	for _, path := range []string{"/", "/login", "/debug/pprof/"} { // nothing else is there
		if res, err := http.Get(strings.TrimSuffix(at, "/metrics") + path); err != nil || res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %v, %v", path, res, err)
		} else {
			res.Body.Close()
		}
	}
	if res, err := http.Get(r.base + "/metrics"); err != nil || res.StatusCode == http.StatusOK {
		t.Errorf("the figures are among the pages: %v, %v", res, err)
	} else {
		res.Body.Close()
	}
}

// logSaysNobody reads the log, an object a line, and looks for the people of the
// house in it, and in what a collector of traces was told.
func logSaysNobody(t *testing.T, r *running, c *collector, db *sqldb.DB) {
	said := r.logged()
	c.mu.Lock()
	spans, err := json.Marshal(c.spans)
	c.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(said) {
		var o struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.Msg == "" {
			t.Errorf("%v: %s", err, line)
		}
	}
	dossiers, err := db.Dossiers(t.Context(), dossier.DossierQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dossiers {
		h, err := db.Holder(t.Context(), d.Holder)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said, h.Name) || strings.Contains(said, h.Number) {
			t.Errorf("the log names a holder:\n%s", said)
		}
		if text := string(spans); strings.Contains(text, h.Name) || strings.Contains(text, h.Number) {
			t.Error("a trace names a holder")
		}
	}
}
