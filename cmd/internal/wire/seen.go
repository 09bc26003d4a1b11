package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"syscall"
	"time"

	"sohoa/cmd/internal/meter"
	"sohoa/cmd/internal/tracing"
	"sohoa/dossier"
	"sohoa/ocr"
	"sohoa/scan"
	"sohoa/storage/sqldb"
	"sohoa/web"
	"sohoa/workers"
)

// This file lets the house be seen: it stands between the parts and counts what
// passes, so that no part knows of it.

// freshly is how old the figures may be that are asked of rows and queue.
const freshly = 10 * time.Second

// see begins to count, and opens the way to the collector of traces and the
// address of the figures if there are such.
func (h *House) see(context.Context) (err error) {
	h.meter = meter.New(version())
	h.meter.Watch(h.gauges, freshly, h.Settings.now)
	if h.tracer, err = tracing.New(tracing.Options{Endpoint: h.Settings.OTLP, Version: version(), Role: "all", Log: h.Log, Told: h.meter.Traced}); err != nil {
		return fmt.Errorf("SOHOA_OTLP_ENDPOINT: %w", err)
	}
	h.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = h.tracer.Close(ctx) // what the collector does not take is lost
		return nil
	})
	if h.Settings.Metrics == "" {
		return nil
	}
	if h.metrics, err = listen(h.Settings.Metrics); err != nil {
		return fmt.Errorf("SOHOA_METRICS_ADDR: %w", err)
	}
	h.onClose(closed(h.metrics))
	return nil
}

// version is that of the module this program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// MetricsAddr is where the figures for Prometheus are; empty: nowhere.
func (h *House) MetricsAddr() string {
	if h.metrics == nil {
		return ""
	}
	return h.metrics.Addr().String()
}

// figuresPage answers at the address of the figures, with them alone.
func (h *House) figuresPage() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h.meter.Page())
	return mux
}

// gauges asks rows, queue, pool and disk how they stand. What one cannot tell
// keeps nothing of the others back.
func (h *House) gauges(ctx context.Context) ([]meter.Sample, error) {
	var out []meter.Sample
	add := func(name string, v float64, labels ...string) {
		out = append(out, meter.Sample{Name: name, Labels: labels, Value: v})
	}
	g, err := h.DB.Gauges(ctx)
	if err == nil {
		addRows(add, g, h.Settings.now())
	}
	if h.Queue != nil {
		d, e := h.Queue.Load(ctx)
		if err = errors.Join(err, e); e == nil {
			add("queue", float64(d.Waiting), "waiting")
			add("queue", float64(d.Active), "active")
			add("queue", float64(d.Elsewhere), "elsewhere")
			add("queue_paused", float64(d.Paused))
		}
	}
	write, read := h.DB.Pools()
	for pool, s := range map[string]struct {
		inUse, idle, most int
		waits             int64
		waited            time.Duration
	}{"write": {write.InUse, write.Idle, write.MaxOpenConnections, write.WaitCount, write.WaitDuration},
		"read": {read.InUse, read.Idle, read.MaxOpenConnections, read.WaitCount, read.WaitDuration}} {
		add("pool_connections", float64(s.inUse), pool, "in-use")
		add("pool_connections", float64(s.idle), pool, "idle")
		add("pool_most", float64(s.most), pool)
		add("pool_waits_total", float64(s.waits), pool)
		add("pool_wait_seconds_total", s.waited.Seconds(), pool)
	}
	var disk syscall.Statfs_t
	if e := syscall.Statfs(h.Settings.Data, &disk); e == nil {
		add("disk_free_bytes", float64(disk.Bavail)*float64(disk.Bsize))
		add("disk_bytes", float64(disk.Blocks)*float64(disk.Bsize))
	}
	return out, err
}

func addRows(add func(string, float64, ...string), g sqldb.Gauges, now time.Time) {
	for _, m := range dossier.Moves() {
		if m.By != dossier.Machine || m.Act == dossier.Refuse || m.Act == dossier.Doubt {
			continue
		}
		act, o := string(m.Act), g.Owed[m.Act]
		if m.Act == dossier.Archive && m.From != dossier.Sealed {
			continue // once
		}
		add("owed", float64(o.Due), act, "due")
		add("owed", float64(o.Leased), act, "leased")
		add("owed", float64(o.Resting), act, "resting")
		add("troubled", float64(o.Troubled), act)
		stood := 0.0
		if o.Oldest > 0 && m.Act != dossier.Renew { // what is due for renewal stood well for years
			stood = now.Sub(time.UnixMilli(o.Oldest)).Seconds()
		}
		add("owed_oldest_seconds", stood, act)
	}
	add("ledger_events", float64(g.Ledger))
	add("ledger_pending", float64(g.Pending))
	add("figures_pending", float64(g.FiguresPending))
	add("figures_owed", float64(g.FiguresOwed))
	add("index_owed", float64(g.IndexOwed))
	for store, states := range g.Holdings {
		for state, n := range states {
			add("holdings", float64(n), string(store), string(state))
		}
	}
}

// seenLine times the stages of the line and makes a span of each; beside a service
// nothing is counted.
func (h *House) seenLine(line []workers.Stage) []workers.Stage {
	if h.meter == nil {
		return line
	}
	for i, stage := range line {
		do := stage.Do
		line[i].Do = func(ctx context.Context, d dossier.Document) (workers.Outcome, error) {
			began := h.Settings.now()
			sctx, end := h.tracer.Act(ctx, d.ID, stage.Act, dossier.Machine)
			out, err := do(sctx, d)
			how := meter.Done
			switch {
			case errors.Is(err, dossier.ErrUnfit), out.Act == dossier.Refuse:
				how = meter.Refused
			case err != nil && ctx.Err() != nil:
				how = meter.Given
			case err != nil:
				how = meter.Postponed
			}
			h.meter.Staged(stage.Act, how, h.Settings.now().Sub(began))
			end(how, err == nil || how == meter.Refused)
			return out, err
		}
	}
	return line
}

func (h *House) seenReader(r workers.Reader) workers.Reader {
	if h.meter == nil {
		return r
	}
	return seenReader{r, h}
}

// seenReader makes a span of each page that is read.
type seenReader struct {
	workers.Reader
	h *House
}

func (r seenReader) Read(ctx context.Context, page scan.Page) (ocr.Page, error) {
	began := r.h.Settings.now()
	ctx, end := r.h.tracer.Part(ctx, "read-page", page.Index+1)
	read, err := r.Reader.Read(ctx, page)
	how := meter.Done
	if err != nil {
		how = meter.Failed
	}
	r.h.meter.Read(how, r.h.Settings.now().Sub(began))
	end(how, err == nil)
	return read, err
}

func (h *House) seenRows() workers.Rows {
	if h.meter == nil {
		return h.DB
	}
	return seenRows{h.DB, h.meter}
}

// seenRows counts what the line does to rows.
type seenRows struct {
	workers.Rows
	m *meter.Meter
}

func (r seenRows) Claim(ctx context.Context, j dossier.Job, lease time.Duration) (dossier.Document, int, error) {
	d, attempt, err := r.Rows.Claim(ctx, j, lease)
	switch {
	case errors.Is(err, dossier.ErrConflict):
		r.m.Moved(j.Act, dossier.Machine, meter.Echo)
	case err == nil && attempt > 1:
		r.m.Crashed(j.Act)
	}
	return d, attempt, err
}

func (r seenRows) Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error) {
	after, err := r.Rows.Advance(ctx, d, c)
	r.m.Moved(c.Act, c.By, became(err))
	return after, err
}

func (r seenRows) Postpone(ctx context.Context, j dossier.Job, until time.Time, trouble string) error {
	err := r.Rows.Postpone(ctx, j, until, trouble)
	if err == nil && trouble == "" {
		r.m.Moved(j.Act, dossier.Machine, meter.Given)
	} else if err == nil {
		r.m.Moved(j.Act, dossier.Machine, meter.Postponed)
	}
	return err
}

func became(err error) string {
	switch {
	case err == nil:
		return meter.Done
	case errors.Is(err, dossier.ErrConflict):
		return meter.Echo
	}
	return meter.Failed
}

// seenMoves counts what people do, and makes a span of each of their acts.
type seenMoves struct {
	web.Moves
	h *House
}

func (s seenMoves) Advance(ctx context.Context, d dossier.Document, c dossier.Change) (dossier.Document, error) {
	ctx, end := s.h.tracer.Act(ctx, d.ID, c.Act, c.By)
	after, err := s.Moves.Advance(ctx, d, c)
	how := became(err)
	s.h.meter.Moved(c.Act, c.By, how)
	end(how, err == nil)
	return after, err
}

// received counts what came through the door, and begins its trace; a file that
// was there already is nothing new.
func (h *House) received(ctx context.Context, d dossier.Document, began time.Time) {
	if d.Received.Before(began.Truncate(time.Millisecond)) { // as rows keep it
		return
	}
	h.meter.Moved(dossier.Receive, dossier.Counter, meter.Done)
	h.tracer.Received(ctx, d.ID, began, h.Settings.now())
}

// seenPages counts the answers of pages by their routes.
func (h *House) seenPages(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := h.Settings.now(), &answer{ResponseWriter: w}
		defer func() { // also of a page that broke off
			if seen.status == 0 {
				seen.status = http.StatusOK
			}
			if w.Header().Get("Content-Type") == "text/event-stream" { // it took as long as somebody looked at a page
				h.meter.Streamed(r.Pattern, seen.status)
				return
			}
			h.meter.Answered(r.Pattern, seen.status, h.Settings.now().Sub(began)) // the mux has noted it on the request
		}()
		pages.ServeHTTP(seen, r)
	})
}

// An answer remembers its status.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(code int) {
	if a.status == 0 && code >= http.StatusOK {
		a.status = code
	}
	a.ResponseWriter.WriteHeader(code)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
