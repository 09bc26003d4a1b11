package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

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
