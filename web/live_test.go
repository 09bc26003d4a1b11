package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/web"
	"sohoa/web/live"
)

// newLiveHouse is a house that tells what happens.
func newLiveHouse(t *testing.T, ctx context.Context, beat time.Duration) *house {
	return newLiveHouseWith(t, ctx, beat, func(*web.Deps) {})
}

func newLiveHouseWith(t *testing.T, ctx context.Context, beat time.Duration, change func(*web.Deps)) *house {
	var hub *live.Hub
	h := newHouseWith(t, func(d *web.Deps, _ string) {
		hub = live.New(d.Accounts.(live.Rows), 5*time.Millisecond, d.Log)
		d.Live, d.Happened, d.Beat = hub, d.Accounts.(live.Rows), beat
		done := make(chan struct{})
		go func() { defer close(done); _ = hub.Run(ctx) }()
		t.Cleanup(func() { <-done })
		change(d)
	})
	h.hub = hub
	return h
}

func (h *house) numbered() {
	h.t.Helper()
	size, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	for end := time.Now().Add(5 * time.Second); h.hub.Head() < size; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatal("the ledger is not read on")
		}
	}
}

// A stream is what a page is told.
type stream struct {
	t     *testing.T
	lines chan string
	id    string
	done  chan struct{}
}

func (b *browser) listen(path string, header ...string) (*stream, int) {
	b.h.t.Helper()
	req := b.request("GET", path, "", nil)
	ctx, cancel := context.WithCancel(b.h.t.Context())
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.c.Do(req.WithContext(ctx))
	must(b.h.t, err)
	s := &stream{t: b.h.t.(*testing.T), lines: make(chan string, 100), done: make(chan struct{})}
	b.h.t.Cleanup(func() { cancel(); <-s.done; res.Body.Close() })
	go func() {
		defer close(s.done)
		defer close(s.lines)
		event, id := "", ""
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			name, value, _ := strings.Cut(in.Text(), ": ")
			switch {
			case name == "event":
				event = value
			case name == "id":
				id = value
			case name == "data" && event != "beat":
				s.lines <- event + " " + id + " " + value
			}
		}
	}()
	return s, res.StatusCode
}

// next is the next event but beats; empty when the stream has ended.
func (s *stream) next() string {
	s.t.Helper()
	select {
	case line := <-s.lines:
		event, rest, _ := strings.Cut(line, " ")
		id, data, _ := strings.Cut(rest, " ")
		s.id = id
		return event + " " + data
	case <-time.After(5 * time.Second):
		s.t.Fatal("nothing is told")
	}
	return ""
}

func (s *stream) silent() {
	s.t.Helper()
	select {
	case line, ok := <-s.lines:
		s.t.Errorf("told, or ended: %v %s", ok, line)
	case <-time.After(300 * time.Millisecond):
	}
}

// A page is told of what it may show and shows; who was away is told of what happened
// meanwhile, once; nothing of a person is in it.
func TestLive(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	h := newLiveHouse(t, ctx, time.Minute) // whoever acts in it logs in anew, and a beat could see that
	code, other := h.open("008199012345", "An"), h.open("008199054321", "Bình")
	h.numbered()
	page := h.as("p-counter").get("/dossiers/" + string(code)).body
	_, rest, ok := strings.Cut(page, `data-live="`)
	at, _, _ := strings.Cut(rest, `"`)
	at = strings.ReplaceAll(at, "&amp;", "&")
	if !ok || !strings.Contains(at, "dossier="+string(code)) {
		t.Fatalf("the page says %q", at)
	}
	own, status := h.as("p-counter").listen(at)
	if status != 200 {
		t.Fatal(status)
	}
	clerk, _ := h.as("p-clerk").listen("/live")
	far, _ := h.as("p-far").listen("/live")
	d := h.bring(code, "TP01", "đơn")
	h.bring(other, "TP01", "đơn khác")
	h.numbered()
	got := own.next()
	if !strings.HasPrefix(got, "happened ") || !strings.Contains(got, string(d.ID)) || !strings.Contains(got, `"state":"received"`) || strings.Contains(got, "An") || strings.Contains(got, "p-counter") || strings.Contains(got, "0081") {
		t.Errorf("told %s", got)
	}
	own.silent() // of the other dossier
	if one, two := clerk.next(), clerk.next(); !strings.Contains(one+two, string(code)) || !strings.Contains(one+two, string(other)) {
		t.Errorf("all that may be seen: %s %s", one, two)
	}
	far.silent()
	h.machine(h.document(d.ID)) // while nobody listens
	h.numbered()
	back, _ := h.as("p-counter").listen(at, "Last-Event-ID", own.id)
	for _, act := range []string{"recognise", "normalise"} {
		if got := back.next(); !strings.Contains(got, `"act":"`+act+`"`) {
			t.Errorf("after it was away: %s, want %s", got, act)
		}
	}
	back.silent()
	if lost, _ := h.as("p-counter").listen("/live", "Last-Event-ID", "99999999"); lost.next() != "missed {}" {
		t.Error("who comes from another ledger is not told that something was missed")
	}
	if _, status := h.nobody().listen("/live"); status != 303 && status != 401 {
		t.Errorf("nobody: %d", status)
	}
	stop()
	if got := back.next(); got != " " {
		t.Errorf("the house goes down: %q", got)
	}
}

// Who watches is looked at again: a session that ended, and rights that are others, end it.
func TestLiveEnds(t *testing.T) {
	h := newLiveHouse(t, t.Context(), 100*time.Millisecond)
	b := h.as("p-clerk")
	s, _ := b.listen("/live")
	s.silent()
	must(t, h.db.EndSession(t.Context(), digest.Of([]byte("token+of+p-clerk"))))
	if got := s.next(); got != "end {}" {
		t.Errorf("a session that ended: %q", got)
	}
	auditor, _ := h.as("p-auditor").listen("/live")
	must(t, h.db.EndGrant(t.Context(), grantOf(t, h, "p-auditor"), "p-admin", dossier.Admin, "xong"))
	if got := auditor.next(); got != "end {}" {
		t.Errorf("a grant that ended: %q", got)
	}
	officer := h.as("p-officer")
	for range 24 {
		officer.listen("/live")
	}
	if _, status := officer.listen("/live"); status != http.StatusServiceUnavailable {
		t.Errorf("one window too many: %d", status)
	}
}

func grantOf(t *testing.T, h *house, who dossier.PersonID) string {
	t.Helper()
	all, err := h.db.Grants(t.Context(), who, 1)
	must(t, err)
	return all[0].ID
}

// A program reads on by a cursor, or listens with its key.
func TestLiveOfPrograms(t *testing.T) {
	h := newLiveHouse(t, t.Context(), 100*time.Millisecond)
	b, bearer, k := h.program(dossier.Officer, here, "look")
	_, elsewhere, _ := h.program(dossier.Officer, there, "look")
	code := h.open("008199012345", "An")
	h.numbered()
	var out struct {
		Happened []struct{ Dossier, Act, Document string }
		After    string
	}
	b.asks("GET", "/events", nil, "Authorization", bearer).reads(t, &out)
	if len(out.Happened) != 0 || out.After == "" {
		t.Fatalf("without a cursor: %+v", out)
	}
	begun := out.After
	d := h.bring(code, "TP01", "đơn")
	h.numbered()
	b.asks("GET", "/events?after="+begun, nil, "Authorization", bearer).reads(t, &out)
	if len(out.Happened) != 1 || out.Happened[0].Document != string(d.ID) {
		t.Errorf("%+v", out)
	}
	b.asks("GET", "/events?after="+begun, nil, "Authorization", elsewhere).reads(t, &out)
	if len(out.Happened) != 0 {
		t.Errorf("elsewhere: %+v", out)
	}
	if a := b.asks("GET", "/events?after=x", nil, "Authorization", bearer); a.status != 422 {
		t.Errorf("no cursor: %d", a.status)
	}
	s, status := b.listen("/api/v1/events?after="+begun, "Authorization", bearer, "Accept", "text/event-stream")
	if got := s.next(); status != 200 || !strings.Contains(got, string(d.ID)) {
		t.Errorf("as it happens: %d %s", status, got)
	}
	must(t, h.db.EndKey(t.Context(), k.Account, k.ID, account.By{Who: "p-admin", Role: dossier.Admin}))
	if got := s.next(); got != "end {}" {
		t.Errorf("a key that ended: %q", got)
	}
}
