package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/hook"
	"sohoa/report/hooks"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

var admin = account.By{Who: "p-admin", Role: dossier.Admin}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house is real rows and somebody who listens on a real server.
type house struct {
	t      *testing.T
	db     *sqldb.DB
	server *httptest.Server
	secret string
	hook   hook.Hook
	now    time.Time

	mu     sync.Mutex
	got    []message
	answer func(m message) int // nil: 204
}

type message struct {
	ID, Type, Subject, Sequence, Source string
	Data                                struct {
		Dossier, Document, State string
		Version                  *int64
		Place                    int64
	}
	body, id string
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, now: time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam), secret: hook.NewSecret()}
	h.db = sqldbtest.New(t, filepath.Join(t.TempDir(), "house.db"), func() time.Time { return h.now })
	t.Cleanup(func() { h.db.Close() })
	ctx := t.Context()
	must(t, h.db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}))
	for _, code := range []dossier.AgencyCode{"H60.1", "H60.2"} {
		must(t, h.db.PutAgency(ctx, dossier.Agency{Code: code, Parent: "H60", Name: "Xã", Tier: dossier.Commune}))
	}
	must(t, h.db.PutKind(ctx, dossier.Kind{Code: "DDN", Name: "Đơn"}))
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận", Level: dossier.Full, Components: []dossier.Component{{Slot: "T1", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}))
	h.server = httptest.NewTLSServer(http.HandlerFunc(h.listen))
	t.Cleanup(h.server.Close)
	var err error
	h.hook, err = h.db.AddHook(ctx, hook.Hook{URL: h.server.URL + "/in", Secret: h.secret, Agency: "H60.1", Why: "một cửa"}, admin)
	must(t, err)
	return h
}

// listen checks the signature as a stranger would, and answers.
func (h *house) listen(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m := message{body: string(body), id: r.Header.Get("webhook-id")}
	seconds, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	want, err := hook.Sign(h.secret, m.id, time.Unix(seconds, 0), body)
	if err != nil || r.Header.Get("webhook-signature") != want || r.Header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
		h.t.Errorf("not signed as it should be: %v", r.Header)
	}
	if err := json.Unmarshal(body, &m); err != nil || m.ID != m.id {
		h.t.Errorf("%s: %v", body, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	status := http.StatusNoContent
	if h.answer != nil {
		status = h.answer(m)
	}
	if status/100 == 2 {
		h.got = append(h.got, m)
	}
	w.WriteHeader(status)
}

func (h *house) sender() *hooks.Sender {
	a := hook.Allowed{Hosts: []string{"127.0.0.1"}, Private: true}
	return &hooks.Sender{Rows: h.db, Allowed: a, Source: "urn:sohoa:test", Open: func(_, kept string) (string, error) { return kept, nil },
		Client: hooks.Client(a, h.server.Client().Transport.(*http.Transport)), Now: func() time.Time { return h.now }}
}

func (h *house) sweep() int {
	h.t.Helper()
	_, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	n, err := h.sender().Sweep(h.t.Context())
	must(h.t, err)
	return n
}

func (h *house) open(at dossier.AgencyCode, number string) dossier.Code {
	h.t.Helper()
	who, err := h.db.PutHolder(h.t.Context(), dossier.Holder{Number: number, Name: "Nguyễn Văn Bí Mật"})
	must(h.t, err)
	d, err := h.db.AddDossier(h.t.Context(), dossier.Dossier{Procedure: "9.1", Receiving: at, Holder: who.ID, Channel: dossier.Direct, Received: h.now}, "p-counter")
	must(h.t, err)
	return d.Code
}

func (h *house) bring(code dossier.Code) dossier.Document {
	h.t.Helper()
	d, err := h.db.Add(h.t.Context(), dossier.Document{Dossier: code, Slot: "T1", Media: "image/png", Size: 1, Pages: 1, Received: h.now,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(code))}}, "p-counter")
	must(h.t, err)
	return d
}

// answers says how the other side answers from now on; nil: it takes all.
func (h *house) answers(how func(message) int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = how
}

func (h *house) said() (list []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.got {
		list = append(list, m.Subject+" "+strings.TrimPrefix(m.Type, "vn.sohoa."))
	}
	return list
}

// What happens is told in order, with ids and nothing of a person, to those alone whose
// part of the organisation it is.
func TestToldInOrder(t *testing.T) {
	h := newHouse(t)
	a := h.open("H60.1", "008199012345")
	h.open("H60.2", "008199012345") // somebody else's
	d := h.bring(a)
	_, err := h.db.Resolve(t.Context(), a, h.now, "p-officer")
	must(t, err)
	if n := h.sweep(); n != 3 {
		t.Errorf("%d were told", n)
	}
	want := []string{string(a) + " dossier.received", string(a) + " document.receive", string(a) + " dossier.resolved"}
	if got := h.said(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for i, m := range h.got {
		if strings.Contains(m.body, "008199012345") || strings.Contains(m.body, "Bí Mật") || m.Source != "urn:sohoa:test" || i > 0 && m.Data.Place <= h.got[i-1].Data.Place || m.Sequence != fmt.Sprint(m.Data.Place) {
			t.Errorf("event %d: %s", i, m.body)
		}
	}
	if m := h.got[1]; m.Data.Document != string(d.ID) || m.Data.State != "received" || m.Data.Version == nil || *m.Data.Version != 0 {
		t.Errorf("of a document: %s", m.body)
	}
	if n := h.sweep(); n != 0 {
		t.Errorf("%d were told again", n)
	}
}

// Who falls silent gets each dossier's events in their order later; other dossiers wait
// for none. What is never taken is put aside, and goes on when a person says so.
func TestTriedPutAsideReplayed(t *testing.T) {
	h := newHouse(t)
	a, b := h.open("H60.1", "008199012345"), h.open("H60.1", "008199054321")
	h.bring(a)
	h.answers(func(m message) int {
		if m.Subject == string(a) && m.Type == "vn.sohoa.dossier.received" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	h.sweep()
	if got := h.said(); !slices.Equal(got, []string{string(b) + " dossier.received"}) {
		t.Fatalf("while one dossier is not taken: %v", got)
	}
	if h.sweep(); len(h.said()) != 1 {
		t.Error("it was tried again at once")
	}
	for range 2 * hook.MostTries {
		h.now = h.now.Add(7 * time.Hour)
		h.sweep()
	}
	dead, err := h.db.DeadHooks(t.Context(), 10)
	must(t, err)
	if len(dead) != 1 || dead[0].Dossier != a || dead[0].Tries != hook.MostTries || dead[0].Said != hook.Refused || len(h.said()) != 1 {
		t.Fatalf("put aside: %+v, told %v", dead, h.said())
	}
	h.answers(nil)
	must(t, h.db.ReplayHook(t.Context(), dead[0].Hook, dead[0].Place, false, admin))
	if err := h.db.ReplayHook(t.Context(), dead[0].Hook, dead[0].Place, false, admin); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("replayed twice: %v", err)
	}
	h.sweep()
	if got := h.said()[1:]; !slices.Equal(got, []string{string(a) + " dossier.received", string(a) + " document.receive"}) {
		t.Errorf("after it was replayed: %v", got)
	}
	h.answers(func(message) int { return http.StatusGone })
	_, err = h.db.Resolve(t.Context(), a, h.now, "p-officer")
	must(t, err)
	h.sweep()
	dead, err = h.db.DeadHooks(t.Context(), 10)
	must(t, err)
	if len(dead) != 1 || dead[0].Said != hook.Gone {
		t.Fatalf("gone: %+v", dead)
	}
	must(t, h.db.ReplayHook(t.Context(), dead[0].Hook, dead[0].Place, true, admin))
	must(t, h.db.EndHook(t.Context(), h.hook.ID, admin))
	h.answers(nil)
	h.open("H60.1", "008199012345")
	if n := h.sweep(); n != 0 || len(h.said()) != 3 {
		t.Errorf("after its end %d were told", n)
	}
}

// Killed after the other side took an event and before that is written, it is told
// again under the same id, and what comes after it in its place.
func TestKilledInBetween(t *testing.T) {
	h := newHouse(t)
	a := h.open("H60.1", "008199012345")
	h.bring(a)
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	ctx, kill := context.WithCancel(t.Context())
	h.answers(func(message) int {
		kill() // the sender dies while the answer is on its way
		return http.StatusOK
	})
	if _, err := h.sender().Sweep(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("killed: %v", err)
	}
	h.answers(nil)
	h.sweep()
	h.mu.Lock()
	defer h.mu.Unlock()
	var ids []string
	for _, m := range h.got {
		ids = append(ids, m.id)
	}
	if len(ids) != 3 || ids[1] != ids[0] || ids[2] == ids[0] || h.got[2].Type != "vn.sohoa.document.receive" {
		t.Errorf("ids %v", ids)
	}
}

// What may not be called is not, whatever name leads there; nor is a redirect followed.
func TestNowhereElse(t *testing.T) {
	h := newHouse(t)
	h.open("H60.1", "008199012345")
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	inside := h.sender()
	inside.Allowed.Private = false
	inside.Client = hooks.Client(inside.Allowed, h.server.Client().Transport.(*http.Transport)) // the host is allowed, and leads to this machine
	if n, err := inside.Sweep(t.Context()); n != 0 || err != nil || len(h.got) != 0 {
		t.Errorf("this machine was called: %d, %v", n, err)
	}
	due := func() string {
		h.now = h.now.Add(7 * time.Hour)
		d, err := h.db.DueHooks(t.Context(), 1)
		must(t, err)
		return d[0].Said
	}
	if said := due(); said != hook.Closed {
		t.Errorf("it says %s", said)
	}
	other := h.sender()
	other.Allowed.Hosts = []string{"elsewhere.vn"}
	if n, err := other.Sweep(t.Context()); n != 0 || err != nil || len(h.got) != 0 {
		t.Errorf("a host that is not named was called: %d, %v", n, err)
	}
	h.now = h.now.Add(7 * time.Hour)
	h.answers(func(message) int { return http.StatusTemporaryRedirect })
	if n, err := h.sender().Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("a redirect was followed: %d, %v", n, err)
	}
	if said := due(); said != hook.Refused {
		t.Errorf("it says %s", said)
	}
}
