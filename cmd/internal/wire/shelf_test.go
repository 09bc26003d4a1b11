package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11/softhsm"
	"sohoa/signing/tsa"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/web"
	"sohoa/workers"
)

// A signingHouse is the pages, the line and the rows around a key on a token
// that waits for its PIN.
type signingHouse struct {
	*bench
	shelf  *shelf
	pages  *httptest.Server
	tsa    *atomic.Int32 // stamps asked for so far
	browse *http.Client
	log    *bytes.Buffer
}

const clerkPassword = "mật khẩu văn thư"

func newSigningHouse(t *testing.T, limits string) *signingHouse {
	t.Helper()
	h := &signingHouse{bench: newBench(t), tsa: new(atomic.Int32), log: new(bytes.Buffer)}
	ca, err := devca.Open(filepath.Join(h.dir, "ca"), time.Now)
	check(t, err)
	check(t, ca.Issue("seal", "Ủy ban nhân dân xã Vĩnh Nghĩa", ""))
	k, err := keys.Load(ca.KeyPath("seal"))
	check(t, err)
	hsm := softhsm.New(t, "dau")
	address := hsm.Put(1, k.Signer, k.Chain[0])
	chain := filepath.Join(h.dir, "chain.pem")
	check(t, os.WriteFile(chain, append(issuing(k), ca.RootPEM()...), 0o600))
	settings, err := json.Marshal(map[string]any{"keys": []any{map[string]any{"agency": "H98", "address": address, "pin": "ask",
		"certificates": []string{"chain.pem"}, "environment": hsm.Environment, "limits": json.RawMessage(limits)}}})
	check(t, err)
	path := filepath.Join(h.dir, "keys.json")
	check(t, os.WriteFile(path, settings, 0o600))
	h.shelf, err = openShelf(t.Context(), Settings{Keys: path}, h.db, &keyring{ca: ca, db: h.db})
	check(t, err)
	t.Cleanup(func() { _ = h.shelf.Close() })
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := h.tsa.Add(1); n > 30 && n <= 45 { // an outage on the way
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ca.TSA().ServeHTTP(w, r)
	}))
	t.Cleanup(authority.Close)
	h.tools.Keys = h.shelf
	h.tools.Sealer.TSA = &tsa.Client{URL: authority.URL, Roots: ca.Roots(), Now: time.Now}
	h.tools.Sealer.Gate = h.shelf.gate(ca)
	h.serve()
	return h
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve serves the pages and logs the clerk in.
func (h *signingHouse) serve() {
	handler, err := web.New(web.Deps{Documents: h.db, Moves: h.db, Dossiers: h.db, Holders: h.db, Record: h.db, Catalogue: h.db,
		Office: h.db, People: h.db, Accounts: h.db, Settings: h.db, Ratings: h.db, Restrictions: h.db, Figures: h.db, Blobs: h.blobs, Ledger: h.db,
		Desk: web.Desk{Batches: h.db, Keys: keyDesk{h.shelf, h.tools.Sealer.Gate.(*keys.Gate)}},
		Now:  time.Now, Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	check(h.t, err)
	h.pages = httptest.NewServer(handler)
	h.t.Cleanup(h.pages.Close)
	check(h.t, h.db.PutPerson(h.t.Context(), dossier.Person{ID: "clerk", Login: "clerk", Name: "Lê Quỳnh Khuê", Role: dossier.Clerk, Agency: "H98"}, web.HashPassword(clerkPassword)))
	jar, err := cookiejar.New(nil)
	check(h.t, err)
	h.browse = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if status, _, body := h.post("/login", url.Values{"login": {"clerk"}, "password": {clerkPassword}}); status != 303 {
		h.t.Fatal(status, body)
	}
}

func (h *signingHouse) post(path string, form url.Values) (status int, to, body string) {
	h.t.Helper()
	res, err := h.browse.PostForm(h.pages.URL+path, form)
	check(h.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	check(h.t, err)
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

type batchNow struct {
	Busy   bool
	Counts map[string]int
}

func (h *signingHouse) batch(path string) (b batchNow) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), "GET", h.pages.URL+path, nil)
	check(h.t, err)
	req.Header.Set("Accept", "application/json")
	res, err := h.browse.Do(req)
	check(h.t, err)
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&b); err != nil {
		h.t.Fatal(res.Status, err)
	}
	return b
}

// confirmed makes n papers that wait for the agency's signature: the officer's
// is on one file, which they share.
func (h *signingHouse) confirmed(n int) (docs []dossier.Document) {
	h.t.Helper()
	ctx := h.t.Context()
	officer, err := h.shelf.Officer(ctx, "officer")
	check(h.t, err)
	plain := revisiontest.Paper{}.Bytes()
	var signed bytes.Buffer
	once := *h.tools.Sealer
	once.Journal, once.Gate = nothing{}, nil
	check(h.t, once.Sign(ctx, signing.Request{Profile: signing.CopyOfficer, Key: officer, Name: "Nguyễn Vĩnh Nghĩa"}, bytes.NewReader(plain), int64(len(plain)), &signed))
	copySigned := digest.Of(signed.Bytes())
	check(h.t, h.blobs.Put(ctx, copySigned, int64(signed.Len()), bytes.NewReader(signed.Bytes())))
	for i := range n {
		d, err := h.db.AddDossier(ctx, dossier.Dossier{Procedure: "9.9", Receiving: "H98", Competent: "H98", Holder: h.holder(ctx, i), Channel: dossier.Direct, Received: time.Now()}, "counter")
		check(h.t, err)
		doc, err := h.db.Add(ctx, dossier.Document{Dossier: d.Code, Slot: "TP01", Media: "image/png", Size: 1, Pages: 1, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: copySigned}}, "counter")
		check(h.t, err)
		for _, c := range []dossier.Change{{Act: dossier.Recognise, By: dossier.Machine}, {Act: dossier.Normalise, By: dossier.Machine}, {Act: dossier.Attest, By: dossier.Officer},
			{Act: dossier.SignCopy, By: dossier.Machine, Made: map[dossier.Part]digest.Digest{dossier.PartCopySigned: copySigned}},
			{Act: dossier.Extract, By: dossier.Machine}, {Act: dossier.Confirm, By: dossier.Counter}} {
			c.Who = dossier.PersonID(c.By)
			doc, err = h.db.Advance(ctx, doc, c)
			check(h.t, err)
		}
		docs = append(docs, doc)
	}
	return docs
}

// issuing is PEM of who issued a key's certificate.
func issuing(k signing.Key) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.Chain[1].Raw})
}

type nothing struct{}

func (nothing) Record(context.Context, signing.Intent) error { return nil }

// TestFiveHundred: a clerk orders 500 signatures in one act with one PIN. One
// paper was withdrawn, one changed since the page was made, the time-stamp
// authority is out for a while: each has its own outcome, and the others end
// archived with one intent for each time their key was asked. Under the race
// detector there are 60.
func TestFiveHundred(t *testing.T) {
	n := 500
	if raced {
		n = 60
	}
	h := newSigningHouse(t, `{"uses":600,"period":"24h"}`)
	docs := h.confirmed(n)
	judge, asked := h.tools.Judge, new(atomic.Int32)
	h.tools.Judge = func(ctx context.Context, path string) (workers.Judgement, error) {
		if asked.Add(1)%20 == 0 { // a child each: some of them tell enough
			return judge(ctx, path)
		}
		return workers.Judgement{Verdict: dossier.VerdictValid, Signed: 2, Stamped: true}, nil
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { h.life(ctx); close(ended) }()
	defer func() { stop(); <-ended }()
	var picks []string
	for _, d := range docs {
		picks = append(picks, fmt.Sprintf("%s:%d", d.ID, d.Version))
	}
	_, err := h.db.Advance(ctx, docs[7], dossier.Change{Act: dossier.Refuse, By: dossier.Clerk, Who: "clerk", Why: "công dân rút hồ sơ"})
	check(t, err)
	picks[9] = fmt.Sprintf("%s:%d", docs[9].ID, docs[9].Version-1)
	if status, _, body := h.post("/desk/batches", url.Values{"pick": picks, "pin": {"4321"}}); status != 422 || !strings.Contains(body, "PIN") {
		t.Fatalf("wrong PIN: %d %s", status, body)
	}
	if got, err := h.db.Counts(ctx, nil, nil); err != nil || got[dossier.Confirmed] != n-1 {
		t.Fatalf("a wrong PIN ordered something: %v %v", got, err)
	}
	status, to, body := h.post("/desk/batches", url.Values{"pick": picks, "pin": {softhsm.PIN}})
	if status != 303 {
		t.Fatal(status, body)
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		b := h.batch(to)
		if !b.Busy {
			if b.Counts["done"] != n-2 || b.Counts["failed"] != 2 {
				t.Errorf("%+v", b)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not all came to their end: %+v", b)
		}
	}
	h.intents(docs)
	if strings.Contains(h.log.String(), softhsm.PIN) || strings.Contains(h.log.String(), "4321") {
		t.Error("the log knows a PIN")
	}
}

// intents holds every paper to one intent for each time its key was asked: one,
// and one more for each time its stamp was refused.
func (h *signingHouse) intents(docs []dossier.Document) {
	h.t.Helper()
	all := 0
	for i, d := range docs {
		got, err := h.db.Intents(h.t.Context(), d.ID)
		check(h.t, err)
		all += len(got)
		now, err := h.db.Document(h.t.Context(), d.ID)
		check(h.t, err)
		switch {
		case i == 7 && (now.State != dossier.Refused || len(got) != 0),
			i == 9 && (now.State != dossier.Confirmed || len(got) != 0),
			i != 7 && i != 9 && (now.State != dossier.Archived || len(got) == 0):
			h.t.Errorf("paper %d: %s, %d intents", i, now.State, len(got))
		}
		if i%20 == 0 && now.State == dossier.Archived {
			h.sealedWell(now)
		}
	}
	if want := len(docs) - 2 + 15; all != want || int(h.tsa.Load()) != want+1 { // and the officer's
		h.t.Errorf("%d intents, %d stamps asked for, want %d", all, h.tsa.Load(), want)
	}
}

// sealedWell has the real judge look at a sealed file.
func (h *signingHouse) sealedWell(d dossier.Document) {
	h.t.Helper()
	r, err := h.blobs.Open(h.t.Context(), d.Parts[dossier.PartSealed])
	check(h.t, err)
	defer r.Close()
	b, err := io.ReadAll(r)
	check(h.t, err)
	if n := bytes.Count(b, []byte("/ByteRange")); n != 2 {
		h.t.Errorf("%s carries %d signatures", d.ID, n)
	}
}

// TestKeyOfABatch: a key opened for one batch signs no other paper, is locked
// when its time is over, and its limit is told before an intent.
func TestKeyOfABatch(t *testing.T) {
	h := newSigningHouse(t, `{"uses":2,"period":"1h"}`)
	docs := h.confirmed(4)
	clerk := dossier.Person{ID: "clerk", Role: dossier.Clerk, Agency: "H98"}
	desk := keyDesk{h.shelf, h.tools.Sealer.Gate.(*keys.Gate)}
	take := func(i int) error {
		_, err := h.shelf.Agency(workers.WithDocument(t.Context(), docs[i].ID), "H98")
		return err
	}
	code := func(err error) string {
		var r *keys.Refusal
		if errors.As(err, &r) {
			return r.Code
		}
		return fmt.Sprint(err)
	}
	if got := code(take(0)); got != keys.CodeLocked {
		t.Errorf("not opened yet: %s", got)
	}
	pin := []byte(softhsm.PIN)
	check(t, desk.Unlock(t.Context(), clerk, pin, []dossier.DocumentID{docs[0].ID, docs[1].ID, docs[2].ID}))
	if err := take(0); err != nil {
		t.Errorf("in the batch: %v", err)
	}
	if got := code(take(3)); got != keys.CodeLocked {
		t.Errorf("not in the batch: %s", got)
	}
	seal := func(i int) string {
		ctx := workers.WithDocument(t.Context(), docs[i].ID)
		for _, s := range workers.Line(h.tools) {
			if s.Act == dossier.Seal {
				d, err := h.db.Advance(ctx, docs[i], dossier.Change{Act: dossier.Approve, By: dossier.Clerk, Who: "clerk"})
				check(t, err)
				_, err = s.Do(ctx, d)
				if err == nil {
					return ""
				}
				if words := trouble(err); !strings.HasPrefix(words, code(err)+": ") {
					t.Errorf("the page says %q of %v", words, err)
				}
				return code(err)
			}
		}
		return "no such stage"
	}
	for i, want := range []string{"", "", keys.CodeUses} {
		if got := seal(i); got != want {
			t.Errorf("use %d: %q, want %q", i+1, got, want)
		}
	}
	if got, err := h.db.Intents(t.Context(), docs[2].ID); err != nil || len(got) != 0 {
		t.Errorf("refused after the intent: %v %v", got, err)
	}
	if s, err := desk.State(t.Context(), clerk); err != nil || s.Code != keys.CodeUses || s.Used != 2 || s.Uses != 2 || s.Until.IsZero() || !s.PIN || !strings.Contains(s.Subject, "Vĩnh Nghĩa") {
		t.Errorf("%+v %v", s, err)
	}
	later := time.Now().Add(unlocked + time.Second)
	h.shelf.now = func() time.Time { return later }
	if got := code(take(0)); got != keys.CodeLocked {
		t.Errorf("its time is over: %s", got)
	}
	h.shelf.now = time.Now
	check(t, desk.Unlock(t.Context(), clerk, []byte(softhsm.PIN), []dossier.DocumentID{docs[0].ID}))
	desk.Lock(t.Context(), clerk)
	if got := code(take(0)); got != keys.CodeLocked {
		t.Errorf("locked by hand: %s", got)
	}
	var problem *web.KeyProblem
	if err := desk.Unlock(t.Context(), clerk, []byte("0000"), nil); !errors.As(err, &problem) || problem.Code != "pin" {
		t.Errorf("wrong PIN: %v", err)
	}
}

// TestPINInFile: a wrong PIN in a file is tried once, however many papers wait;
// when the file is mended the key opens.
func TestPINInFile(t *testing.T) {
	b := newBench(t)
	ca, err := devca.Open(filepath.Join(b.dir, "ca"), time.Now)
	check(t, err)
	check(t, ca.Issue("seal", "Ủy ban nhân dân", ""))
	k, err := keys.Load(ca.KeyPath("seal"))
	check(t, err)
	hsm := softhsm.New(t, "dau")
	pin, path := filepath.Join(b.dir, "pin"), filepath.Join(b.dir, "keys.json")
	check(t, os.WriteFile(pin, []byte("9999"), 0o600))
	settings, err := json.Marshal(map[string]any{"keys": []any{map[string]any{"agency": "H98", "address": hsm.Put(1, k.Signer, k.Chain[0]) + "&pin-source=file:" + pin, "environment": hsm.Environment}}})
	check(t, err)
	check(t, os.WriteFile(path, settings, 0o600))
	s, err := openShelf(t.Context(), Settings{Keys: path}, b.db, nil)
	check(t, err)
	defer s.Close()
	for i := range 3 {
		_, err := s.Agency(t.Context(), "H98")
		if !errors.Is(err, keys.ErrPIN) || strings.Contains(err.Error(), "before") != (i > 0) || !strings.HasPrefix(trouble(err), "key-locked: ") {
			t.Errorf("try %d: %v", i+1, err)
		}
	}
	check(t, os.WriteFile(pin, []byte(softhsm.PIN), 0o600))
	if _, err := s.Agency(t.Context(), "H98"); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestKeySettings(t *testing.T) {
	dir := t.TempDir()
	db := sqldbtest.New(t, filepath.Join(dir, "db"), time.Now)
	defer db.Close()
	path := filepath.Join(dir, "keys.json")
	for name, text := range map[string]string{
		"unknown member": `{"key":[]}`,
		"nobody's":       `{"keys":[{"address":"a.p12"}]}`,
		"of two":         `{"keys":[{"agency":"A","person":"p","address":"a.p12"}]}`,
		"twice":          `{"keys":[{"agency":"A","address":"a.p12","pin":"ask"},{"agency":"A","address":"b.p12","pin":"ask"}]}`,
		"no address":     `{"keys":[{"agency":"A","pin":"ask"}]}`,
		"PIN in it":      `{"keys":[{"agency":"A","address":"a.p12","pin":"1234"}]}`,
		"no certificate": `{"keys":[{"agency":"A","address":"a.p12","pin":"ask","certificates":["none.pem"]}]}`,
		"limits":         `{"keys":[{"agency":"A","address":"a.p12","pin":"ask","limits":{"uses":-1}}]}`,
	} {
		check(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := openShelf(t.Context(), Settings{Keys: path}, db, nil); err == nil || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
