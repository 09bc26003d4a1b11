package tracing

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
)

// A collector that answers as it is told, once each, then takes everything.
func collector(t *testing.T, answers ...func(http.ResponseWriter)) (url string, taken func() []span) {
	var mu sync.Mutex
	var got []span
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if len(answers) > 0 {
			answer := answers[0]
			answers = answers[1:]
			answer(w)
			return
		}
		body, err := io.ReadAll(r.Body)
		var in request
		if err := errors.Join(err, json.Unmarshal(body, &in)); err != nil {
			t.Error(err)
			return
		}
		for _, rs := range in.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				got = append(got, ss.Spans...)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []span { mu.Lock(); defer mu.Unlock(); return got }
}

// Two processes make one trace of a document, and nothing went between them.
func TestOneTrace(t *testing.T) {
	url, taken := collector(t)
	const id dossier.DocumentID = "01a218bd-0e5f-7000-bc82-b6c4e74a3416"
	began := time.UnixMilli(1_700_000_000_000)
	for i := range 2 {
		tr, err := New(Options{Endpoint: url, Version: "v1", Role: "all", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			tr.Received(t.Context(), id, began, began.Add(time.Second))
		} else {
			ctx, end := tr.Act(t.Context(), id, dossier.Recognise, dossier.Machine)
			_, page := tr.Part(ctx, "read-page", 3)
			page("done", true)
			end("postponed", false)
			_, orphan := tr.Part(t.Context(), "read-page", 1) // under nothing: of no document
			orphan("done", true)
		}
		if err := tr.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	spans := map[string]span{}
	for _, s := range taken() {
		spans[s.Name] = s
	}
	up, act, page := spans["receive"], spans["recognise"], spans["read-page"]
	trace, first := IDs(id)
	if len(taken()) != 3 || up.TraceID != trace.String() || up.SpanID != first.String() || up.Parent != "" || act.TraceID != up.TraceID || act.Parent != up.SpanID || page.Parent != act.SpanID {
		t.Fatalf("%+v", taken())
	}
	if up.Start != "1700000000000000000" || up.End != "1700000001000000000" || up.Kind != 2 || act.Kind != 1 || up.Status.Code != 1 || act.Status.Code != 2 || act.Status.Message != "postponed" {
		t.Errorf("%+v\n%+v", up, act)
	}
	if b, _ := json.Marshal(page.Attributes); !strings.Contains(string(b), `{"key":"sohoa.page","value":{"intValue":"3"}}`) {
		t.Errorf("%s", b)
	}
}

// What a collector cannot take now is sent again; what it will never take is not,
// and everything is counted.
func TestCollectorsAnswers(t *testing.T) {
	answer := func(code int, said string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code); _, _ = io.WriteString(w, said) }
	}
	for name, c := range map[string]struct {
		answers    []func(http.ResponseWriter)
		sent, lost int
	}{
		"takes it":        {nil, 1, 0},
		"busy, then not":  {[]func(http.ResponseWriter){answer(503, ""), answer(429, "")}, 1, 0},
		"wants a login":   {[]func(http.ResponseWriter){answer(401, "")}, 0, 1},
		"rejects it":      {[]func(http.ResponseWriter){answer(200, `{"partialSuccess":{"rejectedSpans":"1"}}`)}, 0, 1},
		"rejects it, too": {[]func(http.ResponseWriter){answer(200, `{"partialSuccess":{"rejectedSpans":1}}`)}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := collector(t, c.answers...)
			var mu sync.Mutex
			sent, lost := 0, 0
			tr, err := New(Options{Endpoint: url, Log: slog.New(slog.DiscardHandler), Told: func(n int, err error) {
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					lost += n
				} else {
					sent += n
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			_, end := tr.Act(t.Context(), "d", dossier.Seal, dossier.Machine)
			end("done", true)
			if err := tr.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if sent != c.sent || lost != c.lost {
				t.Errorf("%d sent, %d lost; want %d, %d", sent, lost, c.sent, c.lost)
			}
		})
	}
}

func TestAddressOfACollector(t *testing.T) {
	for address, well := range map[string]bool{"": true, "http://h:4318": true, "https://h/": true, "h:4318": false, "grpc://h": false, "http://u:p@h": false, "http://h?x=1": false} {
		tr, err := New(Options{Endpoint: address, Log: slog.New(slog.DiscardHandler)})
		if (err == nil) != well || (tr == nil) != (address == "" || !well) {
			t.Errorf("%q: %v", address, err)
		}
		_ = tr.Close(t.Context())
		tr.Received(t.Context(), "d", time.Now(), time.Now()) // none makes none
	}
}
