// Package meter counts what the house does, for Prometheus: the one room that
// knows its client library.
//
// What it counts bears no name of a person, a paper, a file or an agency: each
// label has few values, which [Allowed] lists, so that neither a citizen can be
// told from a figure nor a figure grow with the archive.
package meter

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
	"sohoa/jail"
)

// Outcomes of moves: what became of a job or of an act of a person.
const (
	Done      = "done"      // the document moved
	Refused   = "refused"   // it went back to a person
	Postponed = "postponed" // it is tried again; the row says why
	Given     = "given-up"  // by a worker that goes down: nothing ailed the document
	Echo      = "echo"      // somebody else was first: nothing was done
	Failed    = "failed"    // the database did not take it
)

// stageSeconds are the buckets of how long stages take, from a signature to a
// book of three hundred pages.
var stageSeconds = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200}

// A Meter is the figures of one process.
type Meter struct {
	registry *prometheus.Registry
	moves    *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	pages    *prometheus.HistogramVec
	crashes  *prometheus.CounterVec
	requests *prometheus.CounterVec
	answers  *prometheus.HistogramVec
	store    *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	took     *prometheus.HistogramVec
	spans    *prometheus.CounterVec
}

// New makes a meter that also says which program it is.
func New(version string) *Meter {
	m := &Meter{registry: prometheus.NewRegistry()}
	count := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "sohoa", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	time := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		c := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "sohoa", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(c)
		return c
	}
	m.moves = count("moves_total", "Acts on documents, by what became of them. An echo moved nothing.", "act", "by", "outcome")
	m.stages = time("stage_seconds", "Time a stage took, by how it ended.", stageSeconds, "act", "outcome")
	m.pages = time("page_seconds", "Time a page was with a reader, from asking to its words.", stageSeconds[:13], "outcome")
	m.crashes = count("crashes_total", "Jobs that a worker died over before this one took them up.", "act")
	m.requests = count("http_requests_total", "Answers of the pages, by route and status.", "route", "status")
	m.answers = time("http_request_seconds", "Time until the pages had answered.", []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "route")
	m.store = count("store_operations_total", "Acts on the files of a store, by outcome.", "store", "operation", "outcome")
	m.bytes = count("store_bytes_total", "Bytes of files put and read.", "store", "operation")
	m.took = time("store_seconds", "Time until a store had kept a file, or found one.", []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "store", "operation")
	m.spans = count("trace_spans_total", "Spans of traces, by whether the collector took them.", "outcome")
	about := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "sohoa", Name: "build_info", Help: "The program that runs.", ConstLabels: prometheus.Labels{"version": version}})
	about.Set(1)
	m.registry.MustRegister(about, children{},
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(), collectors.WithGoCollectorMemStatsMetricsDisabled()))
	return m
}

// Page answers with all figures, in the text that Prometheus reads. It waits for
// the database no longer than the scrape may take.
func (m *Meter) Page() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 2, Timeout: 9 * time.Second})
}

// Moved counts an act and what became of it.
func (m *Meter) Moved(act dossier.Act, by dossier.Role, outcome string) {
	m.moves.WithLabelValues(string(act), string(by), outcome).Inc()
}

// Staged notes how long a stage took.
func (m *Meter) Staged(act dossier.Act, outcome string, took time.Duration) {
	m.stages.WithLabelValues(string(act), outcome).Observe(took.Seconds())
}

// Read notes how long a page was with a reader.
func (m *Meter) Read(outcome string, took time.Duration) {
	m.pages.WithLabelValues(outcome).Observe(took.Seconds())
}

// Crashed counts a job that somebody died over.
func (m *Meter) Crashed(act dossier.Act) { m.crashes.WithLabelValues(string(act)).Inc() }

// Answered counts a request. A pattern is one of the routes of the pages; what
// has none is counted as "none": an address is whatever a stranger types.
func (m *Meter) Answered(pattern string, status int, took time.Duration) {
	if pattern == "" {
		pattern = "none"
	}
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Inc()
	m.answers.WithLabelValues(pattern).Observe(took.Seconds())
}

// Streamed counts a request whose answer went on: how long says nothing.
func (m *Meter) Streamed(pattern string, status int) {
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Inc()
}

// Stored counts an act on a file; took is 0 for what was found out while it was
// read.
func (m *Meter) Stored(store fixity.Store, operation, outcome string, took time.Duration) {
	m.store.WithLabelValues(string(store), operation, outcome).Inc()
	if took > 0 {
		m.took.WithLabelValues(string(store), operation).Observe(took.Seconds())
	}
}

// Passed counts bytes that went into a store or came out of it.
func (m *Meter) Passed(store fixity.Store, operation string, bytes int64) {
	if bytes > 0 {
		m.bytes.WithLabelValues(string(store), operation).Add(float64(bytes))
	}
}

// Traced counts spans that a collector took, or did not.
func (m *Meter) Traced(spans int, err error) {
	outcome := "sent"
	if err != nil {
		outcome = "lost"
	}
	m.spans.WithLabelValues(outcome).Add(float64(spans))
}

// children tells what package jail counts.
type children struct{}

var (
	childStarted = prometheus.NewDesc("sohoa_children_started_total", "Limited children started.", []string{"child"}, nil)
	childSpent   = prometheus.NewDesc("sohoa_children_cpu_seconds_total", "Processor time of limited children that came to an end.", []string{"child"}, nil)
	childEnded   = prometheus.NewDesc("sohoa_children_ended_total", "Limited children that came to an end, by which: time, memory and output are the caps, crash is a death of their own.", []string{"child", "ending"}, nil)
)

func (children) Describe(ch chan<- *prometheus.Desc) {
	ch <- childStarted
	ch <- childSpent
	ch <- childEnded
}

func (children) Collect(ch chan<- prometheus.Metric) {
	for name, t := range jail.Tallies() {
		ch <- prometheus.MustNewConstMetric(childStarted, prometheus.CounterValue, float64(t.Started), name)
		ch <- prometheus.MustNewConstMetric(childSpent, prometheus.CounterValue, t.CPU.Seconds(), name)
		for _, how := range jail.Endings {
			ch <- prometheus.MustNewConstMetric(childEnded, prometheus.CounterValue, float64(t.Ended[how]), name, string(how))
		}
	}
}

// Reads tells from now on what pages took of the processor in readers, by part: spent says it
// whenever somebody looks.
func (m *Meter) Reads(spent func() map[string]time.Duration) { m.registry.MustRegister(reading(spent)) }

type reading func() map[string]time.Duration

var readingSpent = prometheus.NewDesc("sohoa_reading_cpu_seconds_total", "Processor time that pages took in readers, by part: engine is Tesseract's own.", []string{"part"}, nil)

func (reading) Describe(ch chan<- *prometheus.Desc) { ch <- readingSpent }

func (r reading) Collect(ch chan<- prometheus.Metric) {
	for part, took := range r() {
		ch <- prometheus.MustNewConstMetric(readingSpent, prometheus.CounterValue, took.Seconds(), part)
	}
}

// A Sample is one figure that is asked for when somebody looks.
type Sample struct {
	Name   string // one of [Gauges], without the prefix
	Labels []string
	Value  float64
}

// Watch asks what stands before the house whenever somebody looks, but no more
// often than every fresh: several who look cost the database no more than one.
// What the house cannot tell is left out, and sohoa_asked says so.
func (m *Meter) Watch(ask func(context.Context) ([]Sample, error), fresh time.Duration, now func() time.Time) {
	m.registry.MustRegister(&asked{ask: ask, fresh: fresh, now: now})
}

// patience is how long the house may take to tell.
const patience = 5 * time.Second

type asked struct {
	ask   func(context.Context) ([]Sample, error)
	fresh time.Duration
	now   func() time.Time

	mu   sync.Mutex
	at   time.Time
	last []Sample
	ok   float64
}

var askedDesc = prometheus.NewDesc("sohoa_asked", "1 if the rows and the queue answered when they were asked last, else 0.", nil, nil)

func (a *asked) Describe(ch chan<- *prometheus.Desc) {
	ch <- askedDesc
	for _, d := range gauges {
		ch <- d
	}
}

func (a *asked) Collect(ch chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); a.at.IsZero() || now.Sub(a.at).Abs() >= a.fresh {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var err error
		a.last, err = a.ask(ctx)
		if a.at, a.ok = now, 1; err != nil {
			a.ok = 0
		}
	}
	ch <- prometheus.MustNewConstMetric(askedDesc, prometheus.GaugeValue, a.ok)
	for _, s := range a.last {
		if d, ok := gauges[s.Name]; ok {
			kind := prometheus.GaugeValue
			if counting[s.Name] {
				kind = prometheus.CounterValue
			}
			ch <- prometheus.MustNewConstMetric(d, kind, s.Value, s.Labels...)
		}
	}
}
