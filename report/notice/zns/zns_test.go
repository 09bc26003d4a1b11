package zns_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/notice"
	"sohoa/outbound"
	"sohoa/report/notice/zns"
)

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// zalo speaks what Zalo documents: one access token at a time, each refresh token good
// once, 200 for nearly everything.
type zalo struct {
	t       *testing.T
	mu      sync.Mutex
	n       int // tokens given
	access  string
	refresh string
	code    int    // of the next answer; 0: taken
	raw     string // the whole next answer
	status  int    // HTTP, of raw
	got     []zns.Request
	arrived bool
}

func (z *zalo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if strings.Contains(r.URL.String(), "8498") {
		z.t.Errorf("a telephone number in an address: %s", r.URL)
	}
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/v4/oa/access_token" {
		if r.Header.Get("secret_key") != "secret" || r.FormValue("app_id") != "12" || r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != z.refresh {
			fmt.Fprint(w, recorded(z.t, "token-used"))
			return
		}
		z.n++
		z.access, z.refresh = fmt.Sprint("invented-access-", z.n), fmt.Sprint("invented-refresh-", z.n)
		fmt.Fprint(w, strings.NewReplacer("access-1", fmt.Sprint("access-", z.n), "refresh-1", fmt.Sprint("refresh-", z.n)).Replace(recorded(z.t, "token")))
		return
	}
	if r.Header.Get("access_token") != z.access || z.access == "" {
		fmt.Fprint(w, recorded(z.t, "expired"))
		return
	}
	switch {
	case z.raw != "":
		w.WriteHeader(z.status)
		fmt.Fprint(w, z.raw)
	case r.Method == "GET" && r.URL.Path == "/message/status" && r.FormValue("message_id") == "a4d0243feb163bd3af9c":
		fmt.Fprint(w, recorded(z.t, map[bool]string{true: "delivered", false: "undelivered"}[z.arrived]))
	case r.Method != "POST" || r.URL.Path != "/message/template" || r.Header.Get("Content-Type") != "application/json":
		fmt.Fprint(w, `{"error": -106, "message": "Method unsupported"}`)
	case z.code != 0:
		fmt.Fprintf(w, `{"error": %d, "message": "of 84987654321"}`, z.code)
	default:
		var q zns.Request
		if json.NewDecoder(r.Body).Decode(&q) != nil || q.Template == "" || len(q.Data) == 0 {
			fmt.Fprint(w, `{"error": -122, "message": "Invalid body"}`)
			return
		}
		z.got = append(z.got, q)
		fmt.Fprint(w, recorded(z.t, "sent"))
	}
}

// kept is where tokens are kept.
type kept struct {
	mu  sync.Mutex
	now zns.Token
	n   int
}

func (k *kept) Token(context.Context) (zns.Token, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now, nil
}

func (k *kept) KeepToken(_ context.Context, t zns.Token) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now, k.n = t, k.n+1
	return nil
}

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)

type bench struct {
	*zalo
	*kept
	c   *zns.Client
	now time.Time
}

func newBench(t *testing.T) *bench {
	b := &bench{zalo: &zalo{t: t, refresh: "first"}, kept: &kept{now: zns.Token{Refresh: "first"}}, now: start}
	srv := httptest.NewServer(b.zalo)
	t.Cleanup(srv.Close)
	b.c = &zns.Client{API: srv.URL, OAuth: srv.URL, App: "12", Secret: "secret", Tokens: b.kept, Now: func() time.Time { return b.now },
		HTTP: outbound.Client(outbound.HostOf(srv.URL).Has, 5*time.Second, nil)}
	return b
}

var message = notice.Message{ID: "n-1", Subject: "12345", Params: map[string]string{"ma_ho_so": "H60.1-261120-0001"}}

func (b *bench) send() notice.Outcome {
	return b.c.Send(b.zalo.t.Context(), "84987654321", message)
}

// A message goes out as documented, with a token that is refreshed when there is none,
// before it ends and when Zalo says that it has; each pair is kept.
func TestSend(t *testing.T) {
	b := newBench(t)
	for i, before := range []func(){
		func() {},
		func() {}, // the same token
		func() { b.now = b.now.Add(25 * time.Hour) }, // it ends
		func() { b.access = "another" },              // Zalo ended it
		func() {},
	} {
		before()
		if o := b.send(); o.Word != "" || o.Remote != "a4d0243feb163bd3af9c" {
			t.Fatalf("%d: %+v", i, o)
		}
	}
	if len(b.got) != 5 || b.got[0].Phone != "84987654321" || b.got[0].Template != "12345" || b.got[0].Data["ma_ho_so"] != "H60.1-261120-0001" || b.got[0].Tracking != "n-1" {
		t.Errorf("%+v", b.got)
	}
	if b.zalo.n != 3 || b.kept.n != 3 || b.kept.now.Refresh != "invented-refresh-3" {
		t.Errorf("%d refreshed, %d kept: %+v", b.zalo.n, b.kept.n, b.kept.now)
	}
	if ok, word := b.c.Arrived(t.Context(), "a4d0243feb163bd3af9c"); ok || word != "" {
		t.Errorf("arrived: %v %s", ok, word)
	}
	b.arrived = true
	if ok, word := b.c.Arrived(t.Context(), "a4d0243feb163bd3af9c"); !ok || word != "" {
		t.Errorf("arrived: %v %s", ok, word)
	}
}

// Many at once refresh once: a second refresh would void the token of the first.
func TestOneRefresh(t *testing.T) {
	b := newBench(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if o := b.send(); o.Word != "" {
				t.Errorf("%+v", o)
			}
		})
	}
	all.Wait()
	if b.zalo.n != 1 {
		t.Errorf("%d refreshes", b.zalo.n)
	}
}

// What Zalo's table of errors means for a notice; what it says in words is not passed on.
func TestErrors(t *testing.T) {
	b := newBench(t)
	for code, want := range map[int]notice.Outcome{
		-108: {Word: notice.Address, Final: true}, -118: {Word: notice.Address, Final: true}, -119: {Word: notice.Address, Final: true},
		-139: {Word: notice.Unwanted, Final: true}, -141: {Word: notice.Unwanted, Final: true},
		-144: {Word: notice.Limit, Wait: 6 * time.Hour}, -115: {Word: notice.Limit}, -100: {Word: notice.Away},
		-131: {Word: notice.Refused, Final: true}, -112: {Word: notice.Refused, Final: true}, -105: {Word: notice.Refused, Final: true},
	} {
		if b.code = code; b.send() != want {
			t.Errorf("%d: %+v, want %+v", code, b.send(), want)
		}
	}
	b.now = time.Date(2026, 11, 20, 23, 0, 0, 0, dossier.VietNam)
	if b.code = -133; b.send() != (notice.Outcome{Word: notice.Night, Wait: 7*time.Hour + time.Minute}) {
		t.Errorf("at night: %+v", b.send())
	}
}

// Answers that are none, a secret that is none and an address inside are told apart, and
// nothing is taken for sent.
func TestAway(t *testing.T) {
	b := newBench(t)
	for why, x := range map[string]struct {
		status    int
		raw, word string
	}{
		"down":    {502, "<html>", notice.Away},
		"no json": {200, "Success", notice.Away},
		"no id":   {200, `{"error": 0, "data": {}}`, notice.Away},
		"odd id":  {200, `{"error": 0, "data": {"msg_id": "a\nb"}}`, notice.Away},
		"huge":    {200, `{"error": 0, "message": "` + strings.Repeat("x", 70<<10) + `", "data": {"msg_id": "a"}}`, notice.Away},
		"not in":  {401, `{}`, notice.Token},
		"moved":   {302, `{"error": 0, "data": {"msg_id": "a"}}`, notice.Away},
	} {
		b.status, b.raw = x.status, x.raw
		if o := b.send(); o.Word != x.word || o.Final {
			t.Errorf("%s: %+v", why, o)
		}
	}
	b.raw = ""
	b.kept.now = zns.Token{Refresh: "used before"}
	if o := b.send(); o.Word != notice.Token || b.kept.now.Refresh != "used before" {
		t.Errorf("a token that was used: %+v %+v", o, b.kept.now)
	}
	b.c.HTTP = outbound.Client(nil, time.Second, nil)
	if o := b.send(); o.Word != notice.Closed {
		t.Errorf("inside: %+v", o)
	}
}
