// Package tracing tells a collector of traces (OpenTelemetry) what was done with
// each document, from its upload to the archive, as one trace, whatever process
// on whatever machine did it: the one room that knows OpenTelemetry.
//
// Nothing has to travel for that. The trace's id, and the id of its first span,
// follow from the document's id; a hint in the queue stays what it is.
//
// A span says which act on which document, how it ended and how long it took. It
// bears no name of a person, a file or an agency.
package tracing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"sohoa/dossier"
)

// A Tracer makes spans. A nil one makes none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Options are what a tracer is made with.
type Options struct {
	Endpoint string // of a collector: https://host:4318; /v1/traces is added
	Version  string
	Role     string // of this process
	Log      *slog.Logger

	// Told is told how many spans were sent, or lost with why. Optional.
	Told func(spans int, err error)
}

// New makes a tracer; without an endpoint it is nil. A collector that is away
// holds nothing up: what it does not take within a while is lost, and said once.
func New(o Options) (*Tracer, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	to, err := newExporter(o)
	if err != nil {
		return nil, err
	}
	about := resource.NewSchemaless(attribute.String("service.name", "sohoa"), attribute.String("service.version", o.Version), attribute.String("sohoa.role", o.Role))
	p := sdk.NewTracerProvider(sdk.WithBatcher(to, sdk.WithBatchTimeout(2*time.Second)), sdk.WithResource(about),
		sdk.WithIDGenerator(ids{}), sdk.WithSampler(sdk.AlwaysSample()))
	return &Tracer{provider: p, tracer: p.Tracer("sohoa")}, nil
}

// Close sends what is left, for as long as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// IDs are the ids of a document's trace and of its first span, its upload. Both
// follow from the document's id and say nothing of it to who does not have it.
func IDs(d dossier.DocumentID) (trace.TraceID, trace.SpanID) {
	sum := sha256.Sum256([]byte("sohoa trace\x00" + string(d)))
	return trace.TraceID(sum[:16]), trace.SpanID(sum[16:24])
}

// Received makes the first span of a document: its upload, which is over.
func (t *Tracer) Received(ctx context.Context, d dossier.DocumentID, began, ended time.Time) {
	if t == nil {
		return
	}
	traceID, spanID := IDs(d)
	ctx = context.WithValue(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), rootKey{}, root{traceID, spanID})
	_, s := t.tracer.Start(ctx, string(dossier.Receive), trace.WithNewRoot(), trace.WithTimestamp(began), trace.WithSpanKind(trace.SpanKindServer), about(d))
	s.SetStatus(codes.Ok, "")
	s.End(trace.WithTimestamp(ended))
}

// Act begins a span of the document's trace for an act. What is begun within the
// returned context stands under it. end says how it went: a word of few.
func (t *Tracer) Act(ctx context.Context, d dossier.DocumentID, act dossier.Act, by dossier.Role) (_ context.Context, end func(outcome string, well bool)) {
	if t == nil {
		return ctx, func(string, bool) {}
	}
	traceID, spanID := IDs(d)
	ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled, Remote: true}))
	ctx, s := t.tracer.Start(ctx, string(act), about(d), trace.WithAttributes(attribute.String("sohoa.by", string(by))))
	return ctx, func(outcome string, well bool) { finish(s, outcome, well) }
}

// Part begins a span under the one of ctx, for a part of an act: a page of it, of
// which n is the number from 1; 0: it has none. Without a span in ctx there is
// none to begin.
func (t *Tracer) Part(ctx context.Context, name string, n int) (_ context.Context, end func(outcome string, well bool)) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func(string, bool) {}
	}
	var more []trace.SpanStartOption
	if n > 0 {
		more = append(more, trace.WithAttributes(attribute.Int("sohoa.page", n)))
	}
	ctx, s := t.tracer.Start(ctx, name, more...)
	return ctx, func(outcome string, well bool) { finish(s, outcome, well) }
}

func about(d dossier.DocumentID) trace.SpanStartOption {
	return trace.WithAttributes(attribute.String("sohoa.document", string(d)))
}

func finish(s trace.Span, outcome string, well bool) {
	s.SetAttributes(attribute.String("sohoa.outcome", outcome))
	if well {
		s.SetStatus(codes.Ok, "")
	} else {
		s.SetStatus(codes.Error, outcome)
	}
	s.End()
}

// ids gives a document's first span the ids that follow from the document, and
// all other spans one by chance.
type ids struct{}

type rootKey struct{}

type root struct {
	trace trace.TraceID
	span  trace.SpanID
}

func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if r, ok := ctx.Value(rootKey{}).(root); ok {
		return r.trace, r.span
	}
	var t trace.TraceID
	rand.Read(t[:]) // never fails (crypto/rand)
	return t, ids{}.NewSpanID(ctx, t)
}

func (ids) NewSpanID(context.Context, trace.TraceID) (s trace.SpanID) {
	rand.Read(s[:])
	return s
}
