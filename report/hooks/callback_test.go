package hooks_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/hook"
)

// A program is told at its own address that its job is over: at the other one if it
// failed, again until it is taken, and each time under the same id.
func TestJobsAreCalledBack(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	must(t, h.db.PutPerson(ctx, dossier.Person{ID: "s-may", Login: "may", Name: "Máy", Role: dossier.Counter, Agency: "H60.1", Service: true}, ""))
	held, head := account.NewKey()
	key, err := h.db.MakeKey(ctx, account.Key{Account: "s-may", Head: head, Acts: []string{"look"}, Agency: "H60.1", Why: "thử", Until: h.now.AddDate(0, 1, 0)}, digest.Of([]byte(held)), admin)
	must(t, err)
	secret, err := hook.Callback{Key: digest.Of([]byte(held)).String()}.Secret() // as the program counts it out
	must(t, err)
	var got []string
	status := http.StatusBadGateway
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seconds, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
		want, err := hook.Sign(secret, r.Header.Get("webhook-id"), time.Unix(seconds, 0), body)
		if err != nil || r.Header.Get("webhook-signature") != want {
			t.Errorf("not signed as the program expects")
		}
		var m struct {
			ID, Type string
			Data     struct{ Job, Document, Status, State string }
		}
		if err := json.Unmarshal(body, &m); err != nil || m.ID != r.Header.Get("webhook-id") || m.Data.Job != m.ID {
			t.Errorf("%v: %s", err, body)
		}
		got = append(got, r.URL.Path+" "+m.Type+" "+m.Data.Document+" "+m.Data.State)
		w.WriteHeader(status)
	}))
	defer server.Close()
	h.server = server
	must(t, h.db.EndHook(ctx, h.hook.ID, admin))
	bring := func(number string) (dossier.Document, account.Job) {
		d := h.bring(h.open("H60.1", number))
		j, err := h.db.AddJob(ctx, account.Job{Account: "s-may", Document: d.ID, Key: key.ID, URL: server.URL + "/done", FailedURL: server.URL + "/failed"})
		must(t, err)
		return d, j
	}
	move := func(d dossier.Document, act dossier.Act, by dossier.Role, parts ...dossier.Part) dossier.Document {
		c := dossier.Change{Act: act, By: by, Who: "x", At: h.now, Made: map[dossier.Part]digest.Digest{}}
		if act == dossier.Refuse {
			c.Why = "mờ"
		}
		for _, p := range parts {
			c.Made[p] = digest.Of([]byte(string(d.ID) + string(p)))
		}
		d, err := h.db.Advance(ctx, d, c)
		must(t, err)
		return d
	}
	d, job := bring("008199012345")
	h.sweep()
	if len(got) != 0 {
		t.Fatalf("told while it runs: %v", got)
	}
	d = move(d, dossier.Recognise, dossier.Machine, dossier.PartWords, dossier.PartText)
	d = move(d, dossier.Normalise, dossier.Machine, dossier.PartPlain)
	done := "/done vn.sohoa.job.done " + string(d.ID) + " normalised"
	h.sweep()
	h.sweep() // its time has not come
	if !slices.Equal(got, []string{done}) {
		t.Fatalf("first: %v", got)
	}
	c, err := h.db.Callback(ctx, job.ID)
	must(t, err)
	if c.Tries != 1 || c.Said != hook.Refused || c.Taken || !c.Next.After(h.now) {
		t.Errorf("after a try that was not taken: %+v", c)
	}
	status, h.now = http.StatusNoContent, h.now.Add(time.Hour)
	h.sweep()
	h.now = h.now.Add(24 * time.Hour)
	h.sweep()
	if !slices.Equal(got, []string{done, done}) {
		t.Errorf("again until it is taken: %v", got)
	}
	bad, _ := bring("008199054321")
	bad = move(bad, dossier.Recognise, dossier.Machine, dossier.PartWords, dossier.PartText)
	bad = move(bad, dossier.Normalise, dossier.Machine, dossier.PartPlain)
	bad = move(bad, dossier.Refuse, dossier.Officer)
	got = nil
	h.sweep()
	if !slices.Equal(got, []string{"/failed vn.sohoa.job.failed " + string(bad.ID) + " refused"}) {
		t.Errorf("a job that failed: %v", got)
	}
	inside, last := h.sender(), got
	inside.Allowed.Hosts = []string{"elsewhere.vn"}
	never, gone := bring("008199067890")
	never = move(never, dossier.Recognise, dossier.Machine, dossier.PartWords, dossier.PartText)
	move(never, dossier.Normalise, dossier.Machine, dossier.PartPlain)
	for range hook.MostTries {
		h.now = h.now.Add(7 * time.Hour)
		_, err := inside.Sweep(ctx)
		must(t, err)
	}
	if c, err := h.db.Callback(ctx, gone.ID); err != nil || !c.Dead || c.Said != hook.Closed || len(got) != len(last) {
		t.Errorf("a host that may be called no more: %+v, %v, %v", c, err, got)
	}
}
