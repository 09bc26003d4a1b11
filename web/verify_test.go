package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/web"
)

func (b *browser) verify(fields map[string]string, file []byte, accept string) answer {
	media, body := multipartOf(b.h.t, fields, file)
	req := b.request("POST", "/verify", media, bytes.NewReader(body))
	req.Header.Set("Accept", accept)
	return b.do(req)
}

func TestVerifyPage(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-auditor")
	if a := b.get("/verify"); a.status != http.StatusOK || !strings.Contains(a.body, `name="file"`) {
		t.Fatalf("form: %d", a.status)
	}
	a := b.verify(nil, []byte("%PDF-1.7 signed"), "")
	for _, want := range []string{"Chưa kết luận được", "Trần Văn Mai", "UBND xã", "B-T", "Gốc lạ &lt;b&gt;", "dấu thời gian của TSA",
		"7 byte đầu của tệp 15 byte", "thêm dấu thời gian", "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "Lưu ý", "SHA-256"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if b.get("/?lang=en"); !strings.Contains(b.verify(nil, []byte("%PDF-1.7 signed"), "").body, "Strange root &lt;b&gt;") {
		t.Error("the page does not speak English")
	}
	must(t, h.blobs.Walk(t.Context(), func(d digest.Digest) error {
		t.Errorf("a file was kept")
		return nil
	}))
	if strings.Contains(h.log.String(), "Trần Văn Mai") {
		t.Error("the log names the signer")
	}
}

func TestVerifyForADay(t *testing.T) {
	h := newHouse(t)
	var j web.Judgement
	if a := h.as("p-counter").verify(map[string]string{"at": "31/01/2036"}, []byte("%PDF"), ""); !strings.Contains(a.body, "23:59 31/01/2036") {
		t.Errorf("for a day as people write it: %d", a.status)
	}
	a := h.as("p-counter").verify(map[string]string{"at": "2036-01-31"}, []byte("%PDF"), "application/json")
	must(t, json.Unmarshal([]byte(a.body), &j))
	if want := time.Date(2036, 1, 31, 16, 59, 59, 999e6, time.UTC); !j.Checked.Equal(want) || len(j.Signatures) != 1 {
		t.Errorf("judged for %v, want %v", j.Checked, want)
	}
}

func TestVerifyBadInput(t *testing.T) {
	h := newHouse(t)
	for name, row := range map[string]struct {
		fields map[string]string
		file   []byte
		status int
		says   string
	}{
		"no PDF":    {nil, []byte("JPEG"), 422, "không phải PDF"},
		"no file":   {nil, nil, 422, "Chưa có tệp"},
		"a bad day": {map[string]string{"at": "2026-02-31"}, []byte("%PDF"), 422, "Tính đến ngày"},
		"too large": {nil, bytes.Repeat([]byte("%PDF"), maxBytes), 413, "lớn hơn giới hạn"},
	} {
		if a := h.as("p-counter").verify(row.fields, row.file, ""); a.status != row.status || !strings.Contains(a.body, row.says) {
			t.Errorf("%s: %d", name, a.status)
		}
		a := h.as("p-counter").verify(row.fields, row.file, "application/json")
		if a.status != row.status || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s, for a program: %d %s", name, a.status, a.header.Get("Content-Type"))
		}
	}
}

// Who leaves a page that is still being made has not found a fault of the house: nothing
// is logged as one. A fault that nobody left is.
func TestVisitorLeaves(t *testing.T) {
	asked := make(chan struct{}, 1)
	broken := errors.New("the authority says nothing")
	h := newHouseWith(t, func(d *web.Deps, _ string) {
		d.Verify = func(ctx context.Context, _ dossier.Document) (web.Verdict, error) {
			select {
			case asked <- struct{}{}:
			default:
				return web.Verdict{}, broken
			}
			<-ctx.Done()
			return web.Verdict{}, fmt.Errorf("read part: %w", ctx.Err())
		}
	})
	d := h.signed(dossier.Change{Act: dossier.Doubt, Why: "doubtful: x", Made: h.verdictPart()})
	b := h.as("p-officer")
	ctx, leave := context.WithCancel(t.Context())
	req := b.request("GET", "/documents/"+string(d.ID)+"/signatures", "", nil).WithContext(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		if resp, err := b.c.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	deadline := time.Now().Add(30 * time.Second)
	for len(asked) == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	leave()
	<-over
	for !strings.Contains(h.log.String(), "the visitor left") && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if log := h.log.String(); !strings.Contains(log, "the visitor left") || strings.Contains(log, `"ERROR"`) {
		t.Errorf("it stands in the log as\n%s", log)
	}
	if a := b.get("/documents/" + string(d.ID) + "/signatures"); a.status != 200 || !strings.Contains(h.log.String(), `"ERROR","msg":"verify failed"`) {
		t.Errorf("a fault that nobody left: %d", a.status)
	}
}
