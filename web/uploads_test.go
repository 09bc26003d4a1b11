package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/upload"
	"sohoa/web"
)

// pieces joins the pages to the real store of uploads, as the program does.
type pieces struct{ store *upload.Store }

func (p pieces) Begin(_ context.Context, u web.Upload) (web.Upload, error) {
	got, err := p.store.Begin(upload.Upload(u))
	return web.Upload(got), err
}

func (p pieces) Upload(_ context.Context, who dossier.PersonID, id string) (web.Upload, error) {
	got, err := p.store.Upload(who, id)
	return web.Upload(got), err
}

func (p pieces) Append(_ context.Context, who dossier.PersonID, id string, x web.Piece) (web.Upload, error) {
	got, err := p.store.Append(who, id, x.Offset, x.Sum, x.Body)
	if errors.Is(err, upload.ErrSum) {
		err = web.ErrSum
	}
	return web.Upload(got), err
}

func (p pieces) Take(_ context.Context, who dossier.PersonID, id string, take func(web.Upload, io.Reader) (string, error)) (string, error) {
	return p.store.Take(who, id, func(u upload.Upload, body io.Reader) (string, error) { return take(web.Upload(u), body) })
}

func (p pieces) Remove(_ context.Context, who dossier.PersonID, id string) error {
	return p.store.Remove(who, id)
}

// announcing is what tells of a file that will come; more are pairs of further metadata.
func announcing(code dossier.Code, slot dossier.SlotCode, length int, name string, more ...string) map[string]string {
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	told := "dossier " + coded(string(code)) + ",slot " + coded(string(slot)) + ",filename " + coded(name)
	for i := 0; i < len(more); i += 2 {
		told += "," + more[i] + " " + coded(more[i+1])
	}
	return map[string]string{"Upload-Length": fmt.Sprint(length), "Upload-Metadata": told}
}

// tus sends a request of the protocol.
func (b *browser) tus(method, to string, body []byte, headers map[string]string) answer {
	b.h.t.Helper()
	r, err := http.NewRequest(method, b.h.url+to, bytes.NewReader(body))
	must(b.h.t, err)
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Accept", "application/json")
	if method == "PATCH" {
		r.Header.Set("Content-Type", "application/offset+octet-stream")
		r.Header.Set("Upload-Offset", "0")
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	return b.do(r)
}

// A file comes in pieces; what was hurt or begins elsewhere is said so, and asked twice
// it is one document.
func TestUploadInPieces(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	file := []byte("đơn xin xác nhận, hai mảnh")
	b := h.as("p-counter")
	a := b.tus("POST", "/uploads", nil, announcing(code, "TP01", len(file), "Đơn.jpg", "sha256", digest.Of(file).String()))
	if a.status != http.StatusCreated || a.header.Get("Upload-Expires") == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	at := a.header.Get("Location")
	sum := sha256.Sum256(file[:9])
	sent := map[string]string{"Upload-Checksum": "sha256 " + base64.StdEncoding.EncodeToString(sum[:])}
	if a := b.tus("PATCH", at, []byte("hurt....."), sent); a.status != 460 || !strings.Contains(a.body, `"sum"`) {
		t.Errorf("a piece that was hurt: %d %s", a.status, a.body)
	}
	if a := b.tus("PATCH", at, file[:9], sent); a.status != http.StatusNoContent || a.header.Get("Upload-Offset") != "9" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.tus("PATCH", at, file[9:], map[string]string{"Upload-Offset": "8"}); a.status != http.StatusConflict {
		t.Errorf("a piece that begins elsewhere: %d", a.status)
	}
	if a := b.tus("POST", at, nil, nil); a.status != http.StatusConflict {
		t.Errorf("taken before it is whole: %d", a.status)
	}
	if a := h.as("p-far").tus("HEAD", at, nil, nil); a.status != http.StatusNotFound {
		t.Errorf("somebody else sees it: %d", a.status)
	}
	h.clock.add(1)
	b = h.as("p-counter") // logged in anew: it is a person's, not a session's
	if a := b.tus("HEAD", at, nil, nil); a.status != http.StatusOK || a.header.Get("Upload-Offset") != "9" || a.header.Get("Upload-Length") != fmt.Sprint(len(file)) || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := b.tus("PATCH", at, file[9:], map[string]string{"Upload-Offset": "9"}); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	var first, second struct{ To string }
	for i, to := range []*struct{ To string }{&first, &second} {
		a := b.tus("POST", at, nil, nil)
		if a.status != http.StatusOK || json.Unmarshal([]byte(a.body), to) != nil {
			t.Fatalf("%d: %d %s", i, a.status, a.body)
		}
	}
	if first != second || !strings.HasPrefix(first.To, "/documents/") {
		t.Errorf("it is %v and %v", first, second)
	}
	d, err := h.db.Document(t.Context(), dossier.DocumentID(strings.TrimPrefix(first.To, "/documents/")))
	must(t, err)
	if d.Parts[dossier.PartScan] != digest.Of(file) {
		t.Error("other bytes came in")
	}
	docs, err := h.db.Documents(t.Context(), dossier.DocumentQuery{Dossier: code, Limit: 10})
	if err != nil || len(docs) != 1 {
		t.Errorf("%d documents: %v", len(docs), err)
	}
}

// What must not come is refused before a byte is sent.
func TestUploadRefusedAtOnce(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	for name, x := range map[string]struct {
		told map[string]string
		want int
	}{
		"too large":       {announcing(code, "TP01", maxBytes+1, "a"), http.StatusRequestEntityTooLarge},
		"no such slot":    {announcing(code, "TP09", 1, "a"), http.StatusNotFound},
		"no dossier":      {announcing("H99-0", "TP01", 1, "a"), http.StatusNotFound},
		"no length":       {map[string]string{}, http.StatusUnprocessableEntity},
		"broken metadata": {map[string]string{"Upload-Length": "1", "Upload-Metadata": "dossier %%"}, http.StatusUnprocessableEntity},
		"another version": {map[string]string{"Tus-Resumable": "0.2.2"}, http.StatusPreconditionFailed},
	} {
		if a := b.tus("POST", "/uploads", nil, x.told); a.status != x.want {
			t.Errorf("%s: %d, want %d: %s", name, a.status, x.want, a.body)
		}
	}
	b.post("/dossiers/"+string(code)+"/slots/TP02/decision", url.Values{"decision": {"secret"}})
	if a := b.tus("POST", "/uploads", nil, announcing(code, "TP02", 1, "a")); a.status != http.StatusForbidden {
		t.Errorf("a secret paper may be announced: %d", a.status)
	}
	at := b.tus("POST", "/uploads", nil, announcing(code, "TP01", 5, "a", "draft", "1")).header.Get("Location")
	b.post("/dossiers/"+string(code)+"/slots/TP01/decision", url.Values{"decision": {"secret"}})
	b.tus("PATCH", at, []byte("12345"), nil)
	if a := b.tus("POST", at, nil, nil); a.status != http.StatusForbidden {
		t.Errorf("what became secret meanwhile is laid out: %d", a.status)
	}
	if a := b.tus("DELETE", at, nil, nil); a.status != http.StatusNoContent || b.tus("HEAD", at, nil, nil).status != http.StatusNotFound {
		t.Errorf("it is not forgotten: %d", a.status)
	}
}

// Pages that come while somebody puts the others in order cost them nothing, and nobody
// enters what they have not seen.
func TestDraftGrows(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	b := h.as("p-counter")
	path := "/dossiers/" + string(code) + "/slots/TP01/draft"
	lay := func(text string) {
		t.Helper()
		at := b.tus("POST", "/uploads", nil, announcing(code, "TP01", len(text), text, "draft", "1")).header.Get("Location")
		b.tus("PATCH", at, []byte(text), nil)
		if a := b.tus("POST", at, nil, nil); a.status != http.StatusOK || !strings.Contains(a.body, path) {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	lay("pages=2")
	form := url.Values{"version": {"1"}, "o0": {"2"}, "o1": {"1"}, "t0": {"0"}, "t1": {"90"}, "do": {"enter"}}
	lay("pages=1") // after the form was shown
	if a := b.post(path+"/pages", form); a.status != http.StatusConflict || !strings.Contains(a.body, "thứ tự bạn xếp đã được lưu") {
		t.Errorf("%d", a.status)
	}
	x, err := h.drafts.Draft(t.Context(), web.DraftPlace{Who: "p-counter", Dossier: code, Slot: "TP01"})
	must(t, err)
	if got := fmt.Sprint(x.Lines); got != "[{0 2 1 false} {0 1 0 false} {1 1 0 false}]" {
		t.Errorf("the pages are %s", got)
	}
	if a := b.post(path+"/pages", form); a.status != http.StatusConflict || strings.Contains(a.body, "thứ tự bạn xếp đã được lưu") {
		t.Errorf("an order of before the last is taken: %d", a.status)
	}
}

// phones joins the pages to the real invitations, as the program does.
type phones struct{ s *upload.Invitations }

func invitation(i upload.Invitation, err error) (web.Invitation, error) {
	return web.Invitation{At: web.DraftPlace{Who: i.Who, Dossier: i.Dossier, Slot: i.Slot}, Token: i.Token, Until: i.Until, Sent: i.Sent}, err
}

func (p phones) Invite(_ context.Context, at web.DraftPlace) (web.Invitation, error) {
	return invitation(p.s.Invite(at.Who, at.Dossier, at.Slot))
}

func (p phones) Invitation(_ context.Context, at web.DraftPlace) (web.Invitation, error) {
	return invitation(p.s.At(at.Who, at.Dossier, at.Slot))
}

func (p phones) Invited(_ context.Context, token string, phone digest.Digest) (web.Invitation, error) {
	return invitation(p.s.Invited(token, phone))
}

func (p phones) Answer(_ context.Context, token string, phone digest.Digest) (web.Invitation, error) {
	return invitation(p.s.Answer(token, phone))
}

func (p phones) End(_ context.Context, at web.DraftPlace) error {
	return p.s.End(at.Who, at.Dossier, at.Slot)
}

func (p phones) EndAll(_ context.Context, who dossier.PersonID) error { return p.s.EndAll(who) }
