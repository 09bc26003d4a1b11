package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier/national"
	"sohoa/report/portal"
)

// shape is as much of JSON Schema as docs/national.schema.json uses.
type shape struct {
	Ref        string           `json:"$ref"`
	Type       string           `json:"type"`
	Required   []string         `json:"required"`
	Properties map[string]shape `json:"properties"`
	Closed     *bool            `json:"additionalProperties"`
	Items      *shape           `json:"items"`
	Enum       []string         `json:"enum"`
	Pattern    string           `json:"pattern"`
	MinLength  int              `json:"minLength"`
	MaxLength  int              `json:"maxLength"`
	Defs       map[string]shape `json:"$defs"`
}

// holds says what of a value is not as the schema has it.
func (s shape) holds(root shape, at string, v any) error {
	if s.Ref != "" {
		return root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")].holds(root, at, v)
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type != "object" {
			return fmt.Errorf("%s is no %s", at, s.Type)
		}
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				return fmt.Errorf("%s lacks %s", at, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			p, ok := s.Properties[name]
			if !ok {
				return fmt.Errorf("%s has %s", at, name)
			}
			if err := p.holds(root, at+"."+name, v[name]); err != nil {
				return err
			}
		}
	case []any:
		if s.Type != "array" {
			return fmt.Errorf("%s is no %s", at, s.Type)
		}
		for i, x := range v {
			if err := s.Items.holds(root, fmt.Sprint(at, i), x); err != nil {
				return err
			}
		}
	case string:
		n := len([]rune(v))
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) || len(s.Enum) == 0 && s.Type != "string" || s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) ||
			n < s.MinLength || s.MaxLength > 0 && n > s.MaxLength {
			return fmt.Errorf("%s is %q", at, v)
		}
	default:
		return fmt.Errorf("%s is a %T", at, v)
	}
	return nil
}

func nationalSchema(t *testing.T) shape {
	t.Helper()
	b, err := os.ReadFile("../../../docs/national.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s shape
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// theirs is a portal that takes what the schema says, once for each key, and answers
// as it is told to.
type theirs struct {
	mu     sync.Mutex
	t      *testing.T
	schema shape
	answer []func(w http.ResponseWriter, r *http.Request) bool // one for each request; true: it has answered
	taken  map[string]string                                   // receipts by key
	asked  int
	last   national.Payload
}

func (p *theirs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	b, err := io.ReadAll(r.Body)
	var v any
	if err != nil || json.Unmarshal(b, &v) != nil || r.Header.Get("Authorization") != "Bearer t" || r.Header.Get("Content-Type") != "application/json" {
		p.t.Errorf("request: %v %s", err, b)
	}
	if err := p.schema.holds(p.schema, "", v); err != nil {
		p.t.Errorf("payload: %v", err)
		http.Error(w, "", http.StatusUnprocessableEntity)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	status := http.StatusCreated
	if p.taken[key] != "" {
		status = http.StatusConflict
	} else {
		p.last = national.Payload{}
		_ = json.Unmarshal(b, &p.last) // it kept to the schema
	}
	if len(p.answer) > 0 {
		next := p.answer[0]
		p.answer = p.answer[1:]
		if next(w, r) {
			return
		}
	}
	if p.taken[key] == "" {
		p.taken[key] = fmt.Sprintf("BN-%d", len(p.taken)+1)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(national.Receipt{ID: p.taken[key], MaHoSo: p.last.MaHoSo})
}

// seen is what p was asked and has taken so far; an answer may be under way.
func (p *theirs) seen() (asked int, last national.Payload, taken map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked, p.last, maps.Clone(p.taken)
}

// Every kind of failure is told, tried again later under the same key and taken once;
// what changed is told anew.
func TestNationalDelivery(t *testing.T) {
	db, _, d, doc := archivedHouse(t)
	ctx := t.Context()
	if _, err := db.NumberEvents(ctx); err != nil {
		t.Fatal(err)
	}
	says := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	p := &theirs{t: t, schema: nationalSchema(t), taken: map[string]string{}}
	p.answer = []func(http.ResponseWriter, *http.Request) bool{says(500, ""), says(429, ""),
		func(w http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, // longer than anybody waits
		says(200, `{"MaBienNhan":"X","MaHoSo":"another"}`), says(200, strings.Repeat("x", 5000)), says(422, ""),
		func(w http.ResponseWriter, r *http.Request) bool { // taken, and the answer is lost
			p.taken[r.Header.Get("Idempotency-Key")] = "BN-lost"
			panic(http.ErrAbortHandler)
		}}
	server := httptest.NewServer(p)
	defer server.Close()
	now := d.Received
	s := &portal.Sender{Rows: db, Address: server.URL, Token: "t", Files: "https://so.example/documents/", Client: &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}, Now: func() time.Time { return now }}
	for i, want := range []string{portal.Broken, portal.Broken, portal.Away, portal.Strange, portal.Strange, portal.Refused, portal.Away, ""} {
		n, err := s.Sweep(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got, err := db.DeliveryOf(ctx, d.Code)
		if err != nil || got.Said != want || (n == 1) != (want == "") {
			t.Fatalf("try %d: %+v, %d, %v, want %q", i, got, n, err, want)
		}
		if again, err := s.Sweep(ctx); err != nil || again != 0 {
			t.Errorf("try %d: it is tried before its time: %d, %v", i, again, err)
		}
		if asked, _, _ := p.seen(); asked != i+1 {
			t.Errorf("try %d: %d asked", i, asked)
		}
		now = now.Add(25 * time.Hour)
	}
	got, _ := db.DeliveryOf(ctx, d.Code)
	_, x, taken := p.seen()
	if got.Receipt != "BN-lost" || got.Sent != got.Owed || len(got.Sum) != 64 || len(taken) != 1 {
		t.Errorf("receipt: %+v of %v", got, taken)
	}
	if x.MaHoSo != string(d.Code) || x.LoaiDoiTuong != "1" || x.KenhThucHien != "1" || x.HoSoCoThanhPhanSoHoa != "1" || x.NgayTiepNhan != "20261120090000" ||
		len(x.TaiLieuNop) != 1 || x.TaiLieuNop[0].DuongDanTaiTepTin != "https://so.example/documents/"+string(doc.ID) || len(x.DanhSachKetQuaSoHoa) != 1 || x.DanhSachKetQuaSoHoa[0].KyHieuGiayTo != "12/KS" {
		t.Errorf("payload: %+v", x)
	}
	if _, err := db.Resolve(ctx, d.Code, now, "p"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.NumberEvents(ctx); err != nil {
		t.Fatal(err)
	}
	n, err := (&portal.Sender{Rows: db, Address: server.URL, Token: "t", Client: s.Client, Now: s.Now}).Sweep(ctx)
	if _, x, taken = p.seen(); err != nil || n != 1 || x.NgayKetThucXuLy == "" || len(taken) != 2 {
		t.Errorf("what changed is not told after a start: %d, %v, %+v", n, err, x)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Sweep(ended); err == nil {
		t.Error("it goes on after its end")
	}
	var broken any
	_ = json.Unmarshal([]byte(`{"MaHoSo":"x"}`), &broken)
	if p.schema.holds(p.schema, "", broken) == nil {
		t.Error("the schema takes anything")
	}
}

func TestPortalAddress(t *testing.T) {
	for address, ok := range map[string]bool{"https://a.example/x": true, "http://127.0.0.1:8/x": true, "http://a.example/x": false, "x": false, "ftp://127.0.0.1/": false} {
		if err := portal.Check(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}
