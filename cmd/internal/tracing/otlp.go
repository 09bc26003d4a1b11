package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"sohoa/outbound"
)

// This file speaks OTLP/HTTP in JSON (OpenTelemetry Protocol 1.9, "JSON Protobuf
// Encoding"), which every collector takes. The library's own exporter brings gRPC
// and ten megabytes for the same words.

// An exporter sends spans to a collector.
type exporter struct {
	to     string
	client *http.Client
	told   func(int, error)
	log    *slog.Logger
	away   atomic.Bool // said already
}

func newExporter(o Options) (*exporter, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address of a collector is http://HOST:PORT or https://HOST:PORT")
	}
	e := &exporter{to: strings.TrimSuffix(o.Endpoint, "/") + "/v1/traces", client: outbound.Client(outbound.HostOf(o.Endpoint).Has, sendTime, nil), told: o.Told, log: o.Log}
	if e.told == nil {
		e.told = func(int, error) {}
	}
	return e, nil
}

// Numbers of sending.
const (
	sendTime   = 5 * time.Second
	mostSends  = 4
	firstPause = 250 * time.Millisecond
	longPause  = 5 * time.Second
	mostAnswer = 64 << 10
)

// ExportSpans sends spans, a few times if the collector says that it cannot now.
// What it does not take is lost: traces are for looking, and the line does not
// wait for them.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body, err := json.Marshal(requestOf(spans))
	if err != nil {
		return err
	}
	pause := firstPause
	for try := 1; ; try++ {
		rejected, wait, err := e.send(ctx, body)
		if err == nil {
			e.tell(ctx, len(spans)-rejected, nil)
			if rejected > 0 {
				e.tell(ctx, rejected, fmt.Errorf("the collector rejected %d spans", rejected))
			}
			return nil
		}
		if wait < 0 || try == mostSends || !sleep(ctx, min(max(wait, pause), longPause)) {
			e.tell(ctx, len(spans), err)
			return nil // told once, counted always; the library would print it each time
		}
		pause *= 2
	}
}

// send returns how many spans were rejected, or how long to wait before the same
// may be tried again; less than 0: never.
func (e *exporter) send(ctx context.Context, body []byte) (rejected int, wait time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.to, bytes.NewReader(body))
	if err != nil {
		return 0, -1, err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := e.client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch {
	case err != nil:
		return 0, 0, err
	case res.StatusCode/100 == 2:
		var answer struct {
			PartialSuccess struct {
				RejectedSpans json.Number `json:"rejectedSpans"` // an int64: a string or a number
			} `json:"partialSuccess"`
		}
		_ = json.Unmarshal(said, &answer) // an empty answer means all
		n, _ := answer.PartialSuccess.RejectedSpans.Int64()
		return int(n), 0, nil
	}
	err = fmt.Errorf("the collector answers %d", res.StatusCode)
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return 0, time.Duration(max(seconds, 0)) * time.Second, err
	}
	return 0, -1, err
}

func (e *exporter) tell(ctx context.Context, n int, err error) {
	e.told(n, err)
	switch {
	case err != nil && !e.away.Swap(true):
		e.log.WarnContext(ctx, "traces are not taken by the collector", "err", err)
	case err == nil && n > 0 && e.away.Swap(false):
		e.log.InfoContext(ctx, "traces are taken again by the collector")
	}
}

// Shutdown lets go of the connections.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// The messages of opentelemetry/proto/collector/trace/v1, as far as we fill them.
// Ids are hexadecimal, numbers of 64 bits are strings.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resourceOf   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resourceOf struct {
		Attributes []pair `json:"attributes,omitempty"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID    string `json:"traceId"`
		SpanID     string `json:"spanId"`
		Parent     string `json:"parentSpanId,omitempty"`
		Name       string `json:"name"`
		Kind       int    `json:"kind"`
		Start      string `json:"startTimeUnixNano"`
		End        string `json:"endTimeUnixNano"`
		Attributes []pair `json:"attributes,omitempty"`
		Status     status `json:"status"`
	}
	status struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
	pair struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String *string `json:"stringValue,omitempty"`
		Int    *string `json:"intValue,omitempty"`
	}
)

// requestOf words spans that are of one process.
func requestOf(spans []sdk.ReadOnlySpan) request {
	in := scopeSpans{Scope: scope{spans[0].InstrumentationScope().Name}}
	for _, s := range spans {
		w := span{TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(),
			Kind:  int(s.SpanKind()), // the numbers are those of the protocol
			Start: strconv.FormatInt(s.StartTime().UnixNano(), 10), End: strconv.FormatInt(s.EndTime().UnixNano(), 10),
			Attributes: pairs(s.Attributes()), Status: statusOf(s.Status())}
		if s.SpanKind() == trace.SpanKindUnspecified {
			w.Kind = int(trace.SpanKindInternal)
		}
		if s.Parent().SpanID().IsValid() {
			w.Parent = s.Parent().SpanID().String()
		}
		in.Spans = append(in.Spans, w)
	}
	return request{[]resourceSpans{{Resource: resourceOf{pairs(spans[0].Resource().Attributes())}, ScopeSpans: []scopeSpans{in}}}}
}

// statusOf: the library counts Error 1 and Ok 2, the protocol the other way round.
func statusOf(s sdk.Status) status {
	switch s.Code {
	case codes.Ok:
		return status{Code: 1}
	case codes.Error:
		return status{Code: 2, Message: s.Description}
	}
	return status{}
}

func pairs(list []attribute.KeyValue) (out []pair) {
	for _, a := range list {
		p := pair{Key: string(a.Key)}
		if said := a.Value.Emit(); a.Value.Type() == attribute.INT64 {
			p.Value.Int = &said
		} else {
			p.Value.String = &said
		}
		out = append(out, p)
	}
	return out
}
