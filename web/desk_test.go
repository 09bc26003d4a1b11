package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/web"
)

// deskKeys are keys that are there. The real ones are a room of their own; the
// end-to-end test joins the two.
type deskKeys struct {
	mu       sync.Mutex
	pin      string // that the key waits for; empty: none
	unlocked []dossier.DocumentID
	heard    []byte // the bytes that came as PIN
}

func (k *deskKeys) State(_ context.Context, who dossier.Person) (web.KeyState, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := web.KeyState{Subject: "Ủy ban nhân dân", Issuer: "CA", Serial: "0A", From: start, To: start.AddDate(1, 0, 0), Used: 3, Uses: 500, Period: 24 * time.Hour}
	if k.pin != "" {
		s.PIN, s.Code = true, "key-locked"
		if k.unlocked != nil {
			s.Code, s.Until = "", start.Add(30*time.Minute)
		}
	}
	return s, nil
}

func (k *deskKeys) Unlock(_ context.Context, _ dossier.Person, pin []byte, docs []dossier.DocumentID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.heard = pin; string(pin) != k.pin {
		return &web.KeyProblem{Code: "pin"}
	}
	k.unlocked = docs
	return nil
}

func (k *deskKeys) Lock(context.Context, dossier.Person) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unlocked = nil
}

func (h *house) waitingPapers(n int, state dossier.State) (docs []dossier.Document, picks []string) {
	h.t.Helper()
	for i := range n {
		d := h.until(h.bring(h.open("008199012345", "An"), "TP01", fmt.Sprint("đơn ", i)), state)
		docs, picks = append(docs, d), append(picks, fmt.Sprintf("%s:%d", d.ID, d.Version))
	}
	return docs, picks
}

// stuckOnKey has the line find that the key is locked.
func (h *house) stuckOnKey(d dossier.Document) {
	h.t.Helper()
	jobs, err := h.db.Lease(h.t.Context(), 100, time.Minute)
	must(h.t, err)
	for _, j := range jobs {
		if j.Document == d.ID {
			must(h.t, h.db.Postpone(h.t.Context(), j, h.clock.now(), "key-locked: the key is locked"))
			return
		}
	}
	h.t.Fatal("nothing is owed")
}

type progress struct {
	Busy   bool
	Counts map[string]int
	Papers []struct{ ID, Stage, Reason string }
}

func (h *house) progress(who dossier.PersonID, path string) (p progress) {
	h.t.Helper()
	b := h.as(who)
	req := b.request("GET", path, "", nil)
	req.Header.Set("Accept", "application/json")
	a := b.do(req)
	if a.status != 200 || json.Unmarshal([]byte(a.body), &p) != nil {
		h.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	return p
}

// TestDesk: many papers in one act, each with its own outcome, shown until all
// have one.
func TestDesk(t *testing.T) {
	h := newHouse(t)
	docs, picks := h.waitingPapers(4, dossier.Confirmed)
	mine, err := h.db.Person(t.Context(), "p-clerk")
	must(t, err)
	officer := people[1]
	officer.Role = dossier.Clerk // signed these copies, so four eyes forbid
	must(t, h.db.PutPerson(t.Context(), officer, ""))
	page := h.as("p-clerk").get("/desk").body
	for _, want := range []string{"Ủy ban nhân dân", "3 trên 500 trong 24h", "Sẵn sàng ký", "4 giấy tờ đang chờ", `href="/desk" aria-current`} {
		if !strings.Contains(page, want) {
			t.Errorf("the desk lacks %q", want)
		}
	}
	if strings.Contains(page, `name="pin"`) {
		t.Error("a PIN is asked for that nobody needs")
	}
	stale := strings.Replace(picks[1], ":", ":1", 1)
	a := h.as("p-clerk").post("/desk/batches", url.Values{"pick": {picks[0], stale, "nothing:0", picks[2]}})
	if a.status != 303 {
		t.Fatal(a.status, a.body)
	}
	got := h.progress("p-clerk", a.to)
	if !got.Busy || got.Counts["signing"] != 2 || got.Counts["failed"] != 1 || got.Counts["gone"] != 1 {
		t.Errorf("%+v", got)
	}
	shown := h.as("p-clerk").get(a.to)
	if !strings.Contains(shown.body, `<noscript><meta http-equiv="refresh" content="3"></noscript>`) || shown.header.Get("Refresh") != "" || !strings.Contains(shown.body, "0 trên 4 giấy tờ đã xong") || !strings.Contains(shown.body, "vừa thay đổi") {
		t.Errorf("the batch: %s", shown.body)
	}
	h.until(h.document(docs[0].ID), dossier.Archived)
	h.until(h.document(docs[2].ID), dossier.Archived)
	if got := h.progress("p-clerk", a.to); got.Busy || got.Counts["done"] != 2 {
		t.Errorf("at the end: %+v", got)
	}
	if shown := h.as("p-clerk").get(a.to); strings.Contains(shown.body, "http-equiv") || !strings.Contains(shown.body, "đã kết thúc") {
		t.Error("the batch has no end")
	}
	for who, want := range map[dossier.PersonID]int{"p-clerk": 200, "p-auditor": 200, "p-admin": 200, "p-counter": 404, "p-farofficer": 404, "p-officer": 404} {
		if got := h.as(who).get(a.to).status; got != want {
			t.Errorf("%s sees the batch: %d", who, got)
		}
	}
	a = h.as("p-officer").post("/desk/batches", url.Values{"pick": {picks[1], picks[3]}})
	if got := h.progress("p-officer", a.to); got.Counts["failed"] != 2 || !strings.Contains(got.Papers[0].Reason, "Bạn đã ký bản sao") {
		t.Errorf("four eyes: %+v", got)
	}
	if list, err := h.db.Batches(t.Context(), mine.ID, 10); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
	if body := h.as("p-clerk").get("/desk").body; !strings.Contains(body, "Đợt ký lúc") {
		t.Error("the desk forgets its batches")
	}
}

// TestDeskAll: all that waits, but what changed after the page was made.
func TestDeskAll(t *testing.T) {
	h := newHouse(t)
	docs, _ := h.waitingPapers(3, dossier.Normalised)
	h.clock.add(time.Minute)
	page := h.as("p-officer").get("/desk").body
	_, rest, _ := strings.Cut(page, `name="seen" value="`)
	seen, _, _ := strings.Cut(rest, `"`)
	h.clock.add(time.Minute)
	late, _ := h.waitingPapers(1, dossier.Normalised)
	far := h.as("p-farofficer").post("/desk/batches", url.Values{"all": {"yes"}, "seen": {seen}})
	if far.status != 422 {
		t.Errorf("another agency's officer: %d", far.status)
	}
	a := h.as("p-officer").post("/desk/batches", url.Values{"all": {"yes"}, "seen": {seen}})
	if got := h.progress("p-officer", a.to); got.Counts["signing"] != 3 || len(got.Papers) != 3 {
		t.Errorf("%+v", got)
	}
	for _, d := range docs {
		if got := h.document(d.ID); got.State != dossier.Attested {
			t.Error(got.State)
		}
	}
	if got := h.document(late[0].ID); got.State != dossier.Normalised {
		t.Error("signed unseen")
	}
	for _, form := range []url.Values{{}, {"all": {"yes"}}, {"all": {"yes"}, "seen": {"x"}}, {"pick": {"a"}}, {"pick": slices.Repeat([]string{"x:1"}, 1)}} {
		if form.Get("pick") == "x:1" {
			for i := range dossier.MostInBatch {
				form.Add("pick", fmt.Sprint("x", i, ":1"))
			}
		}
		if a := h.as("p-officer").post("/desk/batches", form); a.status != 422 {
			t.Errorf("%.40v: %d", form, a.status)
		}
	}
}

// TestDeskPIN: a key that waits for a PIN is opened for exactly the batch; a
// wrong PIN orders nothing, and no PIN is kept or logged.
func TestDeskPIN(t *testing.T) {
	h := newHouse(t)
	h.keys.pin = "mật mã 1"
	docs, picks := h.waitingPapers(2, dossier.Confirmed)
	if page := h.as("p-clerk").get("/desk").body; !strings.Contains(page, `type="password" name="pin"`) || !strings.Contains(page, "chờ mã PIN") {
		t.Error("no PIN is asked for")
	}
	for _, pin := range []string{"", "sai", strings.Repeat("1", 300)} {
		a := h.as("p-clerk").post("/desk/batches", url.Values{"pick": picks, "pin": {pin}})
		if a.status != 422 || !strings.Contains(a.body, "mã PIN không đúng") || pin != "" && strings.Contains(a.body, `"`+pin+`"`) {
			t.Errorf("PIN %q: %d", pin, a.status)
		}
	}
	if d := h.document(docs[0].ID); d.State != dossier.Confirmed {
		t.Error("ordered with a wrong PIN")
	}
	a := h.as("p-clerk").post("/desk/batches", url.Values{"pick": picks[:1], "pin": {h.keys.pin}})
	if a.status != 303 || !slices.Equal(h.keys.unlocked, []dossier.DocumentID{docs[0].ID}) {
		t.Errorf("%d, opened for %v", a.status, h.keys.unlocked)
	}
	if page := h.as("p-clerk").get("/desk").body; !strings.Contains(page, "mở đến") || !strings.Contains(page, `name="pin"`) {
		t.Error("the next batch needs no PIN")
	}
	if a := h.as("p-clerk").post("/desk/lock", nil); a.status != 303 || h.keys.unlocked != nil {
		t.Error("not locked")
	}
	h.stuckOnKey(h.document(docs[0].ID))
	if page := h.as("p-clerk").get("/desk").body; !strings.Contains(page, `action="/desk/unlock"`) {
		t.Error("what waits for the key cannot be helped")
	}
	if a := h.as("p-clerk").post("/desk/unlock", url.Values{"pin": {"sai"}}); a.status != 422 || h.keys.unlocked != nil {
		t.Errorf("opened with a wrong PIN: %d", a.status)
	}
	if a := h.as("p-clerk").post("/desk/unlock", url.Values{"pin": {h.keys.pin}}); a.status != 303 || !slices.Equal(h.keys.unlocked, []dossier.DocumentID{docs[0].ID}) {
		t.Errorf("%d, opened for %v", a.status, h.keys.unlocked)
	}
	if strings.Contains(h.log.String(), "mật mã") || strings.Contains(h.log.String(), "sai") {
		t.Error("the log knows a PIN")
	}
}

// TestDeskSaysWhatWasOrdered: the house was killed after a paper had moved and before its
// batch knew; and before the next one moved.
func TestDeskSaysWhatWasOrdered(t *testing.T) {
	h := newHouse(t)
	docs, picks := h.waitingPapers(2, dossier.Confirmed)
	b := dossier.Batch{Act: dossier.Approve, Who: "p-clerk"}
	for i, d := range docs {
		version, err := strconv.ParseInt(strings.TrimPrefix(picks[i], string(d.ID)+":"), 10, 64)
		must(t, err)
		b.Items = append(b.Items, dossier.BatchItem{Document: d.ID, Version: version})
	}
	b, err := h.db.AddBatch(t.Context(), b)
	must(t, err)
	h.acts("p-clerk", docs[0], dossier.Approve, nil)
	if got := h.progress("p-clerk", "/desk/batches/"+string(b.ID)); got.Counts["signing"] != 1 || got.Counts["failed"] != 1 || got.Papers[0].Stage != "signing" {
		t.Errorf("%+v", got)
	}
}
