package procedures

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/outbound"
)

func recorded(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// national is a database that speaks the format as programs use it.
type national struct {
	t       testing.TB
	lists   map[float64]string // by page
	ones    map[string]string
	answer  func(w http.ResponseWriter) bool // before anything else; true: it answered
	session string
	asked   []string
}

func (n *national) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&body) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	service, _ := body["service"].(string)
	code, _ := body["maTTHC"].(string)
	n.asked = append(n.asked, strings.TrimSpace(service+" "+code))
	switch page, _ := body["trang"].(float64); {
	case body["session"] != n.session || body["madonvi"] != "H60":
		w.WriteHeader(http.StatusUnauthorized)
	case n.answer != nil && n.answer(w):
	case service == "LayDanhSachTTHC" && n.lists[page] != "":
		_, _ = io.WriteString(w, n.lists[page])
	case service == "LayDanhSachTTHC":
		_, _ = io.WriteString(w, n.lists[1]) // it knows no pages
	case service == "LayThuTuc" && n.ones[code] != "":
		_, _ = io.WriteString(w, n.ones[code])
	default:
		_, _ = io.WriteString(w, `{"error_code": "0", "result": []}`)
	}
}

func newNational(t testing.TB) (*national, *Client) {
	t.Helper()
	n := &national{t: t, session: "invented", lists: map[float64]string{1: recorded(t, "list.json")}, ones: map[string]string{"1.000001": recorded(t, "one.json")}}
	for _, code := range []string{"1.000002", "1.000003", "1.000004"} {
		n.ones[code] = strings.NewReplacer("1.000001", code, `"TRANGTHAI": 1`, `"TRANGTHAI": `+map[bool]string{true: "2", false: "1"}[code == "1.000004"]).Replace(recorded(t, "one.json"))
	}
	srv := httptest.NewServer(n)
	t.Cleanup(srv.Close)
	c, err := New(srv.URL, "invented", "H60", outbound.Client(outbound.HostOf(srv.URL).Has, 2*time.Second, nil))
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

// What is told is read as the mapping has it: papers of all cases once, days at the
// counter in working days, a result by its code.
func TestRead(t *testing.T) {
	_, c := newNational(t)
	codes, word := c.List(t.Context(), 1)
	if word != "" || !slices.Equal(codes, []dossier.ProcedureCode{"1.000001", "1.000002", "1.000003", "1.000004"}) {
		t.Fatalf("%v %s", codes, word)
	}
	got, word := c.One(t.Context(), "1.000001")
	want := catalogue.Told{Code: "1.000001", Name: "Xác nhận thông tin (sửa đổi)", Agency: "G01", Field: "Hộ tịch", Tiers: []string{"3"}, Days: "5",
		Papers:  []catalogue.ToldPaper{{Code: "DDN", Name: "Đơn đề nghị", Required: true}, {Name: "Ảnh thẻ"}},
		Results: []catalogue.ToldPaper{{Code: "KQ.G01.000001", Name: "Giấy xác nhận"}}}
	if word != "" || !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n%+v\n%+v", word, got, want)
	}
	if got, word := c.One(t.Context(), "1.000004"); word != "" || !got.Ended {
		t.Errorf("%+v %s", got, word)
	}
	if _, word := c.One(t.Context(), "9.9"); word != Gone {
		t.Errorf("what is not there: %s", word)
	}
}

// Whatever is answered, a word says why it is not taken.
func TestWords(t *testing.T) {
	n, c := newNational(t)
	whole := recorded(t, "one.json")
	writes := func(status int, body string) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	for why, x := range map[string]struct {
		answer func(http.ResponseWriter) bool
		want   string
	}{
		"down": {writes(503, ""), Away}, "too often": {writes(429, ""), Away}, "not found": {writes(404, ""), Refused}, "moved": {writes(302, ""), Strange},
		"half of the JSON": {writes(200, whole[:len(whole)/2]), Strange}, "no JSON": {writes(200, "<html>"), Strange}, "no list": {writes(200, `{"result": "x"}`), Strange},
		"texts in the list": {writes(200, `{"result": ["x"]}`), Strange}, "its own error": {writes(200, `{"error_code": "105", "result": []}`), Refused},
		"half of the bytes": {func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, whole[:200])
			return true
		}, Away},
		"too big":                  {writes(200, `{"result": [{"TENTTHC": "`+strings.Repeat("x", 2<<20)+`"}]}`), Strange},
		"another one":              {writes(200, strings.Replace(whole, `"MATTHC": "1.000001"`, `"MATTHC": "1.000009"`, 1)), Strange},
		"no text":                  {writes(200, "{\"result\": [{\"TENTTHC\": \"\xff\xfe\"}]}"), Strange},
		"without a name":           {writes(200, `{"result": [{"MATTHC": "1.000001"}]}`), Strange},
		"thousands of papers":      {writes(200, `{"result": [{"MATTHC": "1.000001", "TENTTHC": "x", "THANHPHANHOSO": [{"GIAYTO": [`+papers(300)+`]}]}]}`), Strange},
		"deeper than anybody goes": {writes(200, `{"result": [`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`]}`), Strange},
	} {
		n.answer = x.answer
		if _, word := c.One(t.Context(), "1.000001"); word != x.want {
			t.Errorf("%s: %q, want %q", why, word, x.want)
		}
	}
	n.answer = writes(200, `{"result": [{"MATTHC": "1.000001"}, {"MATTHC": "../../x"}]}`)
	if _, word := c.List(t.Context(), 1); word != Strange {
		t.Errorf("a list with what is no code: %q", word)
	}
	n.answer, c.Session = nil, "another"
	if _, word := c.One(t.Context(), "1.000001"); word != Token {
		t.Errorf("wrong session: %q", word)
	}
	c.HTTP = outbound.Client(nil, time.Second, nil)
	if _, word := c.One(t.Context(), "1.000001"); word != Closed {
		t.Errorf("an address inside: %q", word)
	}
}

func papers(n int) string {
	var all []string
	for i := range n {
		all = append(all, `{"TENGIAYTO": "`+strings.Repeat("x", i+1)+`"}`)
	}
	return strings.Join(all, ",")
}

// kept is a store in memory.
type kept struct {
	x      neighbour.Exchange
	word   string
	told   map[dossier.ProcedureCode]catalogue.Told
	whole  []dossier.ProcedureCode
	orders []catalogue.NationalOrder
	done   []string
}

func (k *kept) Exchange(context.Context, neighbour.Name) (neighbour.Exchange, error) { return k.x, nil }
func (k *kept) Exchanged(_ context.Context, x neighbour.Exchange) error              { k.x = x; return nil }
func (k *kept) Kept(context.Context, neighbour.Name) (string, error)                 { return k.word, nil }
func (k *kept) Keep(_ context.Context, _ neighbour.Name, word string) error {
	k.word = word
	return nil
}
func (k *kept) PutTold(_ context.Context, t catalogue.Told) error { k.told[t.Code] = t; return nil }
func (k *kept) WholeTold(_ context.Context, codes []dossier.ProcedureCode) error {
	k.whole = codes
	return nil
}
func (k *kept) AllTold(context.Context) (all []catalogue.Told, err error) {
	for _, t := range k.told {
		all = append(all, t)
	}
	return all, nil
}
func (k *kept) NationalOrders(context.Context) ([]catalogue.NationalOrder, error) {
	return slices.Clone(k.orders), nil
}
func (k *kept) PutNationalOrder(_ context.Context, o catalogue.NationalOrder) error {
	k.orders = append(k.orders, o)
	return nil
}
func (k *kept) ApplyNational(_ context.Context, d catalogue.NationalDifference, o catalogue.NationalOrder) error {
	k.done = append(k.done, d.What+" "+string(d.Code))
	return k.EndNationalOrder(context.Background(), o)
}
func (k *kept) EndNationalOrder(_ context.Context, o catalogue.NationalOrder) error {
	k.orders = slices.DeleteFunc(k.orders, func(x catalogue.NationalOrder) bool { return x.Code == o.Code })
	return nil
}

// The list is read page by page to its end, once a day, sooner after it could not be, at
// once if somebody says so; an empty one or half of one ends nothing.
func TestPull(t *testing.T) {
	n, c := newNational(t)
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	k := &kept{told: map[dossier.ProcedureCode]catalogue.Told{}}
	s := &Syncer{Rows: k, Client: c, Now: func() time.Time { return now }, House: func(context.Context) (catalogue.House, error) { return catalogue.House{}, nil }}
	pull := func() Count {
		t.Helper()
		c, err := s.Sweep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var page []string
	for i := range PageSize {
		page = append(page, `{"MATTHC": "2.`+strings.Repeat("0", 3)+string(rune('A'+i%26))+string(rune('A'+i/26))+`"}`)
	}
	small := n.lists[1]
	n.lists = map[float64]string{1: `{"result": [` + strings.Join(page, ",") + `]}`, 2: small}
	if pull(); len(k.whole) != PageSize+4 || k.whole[PageSize] != "1.000001" {
		t.Errorf("pages: %d codes", len(k.whole))
	}
	if k.x.Said != Gone || len(k.told) != 0 {
		t.Errorf("twenty that cannot be read: %+v %d", k.x, len(k.told))
	}
	now = now.Add(20 * time.Minute)
	n.lists = map[float64]string{1: small}
	if c := pull(); c.Read != 4 || k.x.Said != "" || len(k.whole) != 4 || !k.told["1.000004"].Ended {
		t.Errorf("%+v %+v", c, k.x)
	}
	asked := len(n.asked)
	now = now.Add(time.Hour)
	if pull(); len(n.asked) != asked {
		t.Error("asked again within the day")
	}
	k.word = AskNow
	if pull(); len(n.asked) == asked || k.word != "" {
		t.Error("not asked at once")
	}
	for _, bad := range []string{`{"result": []}`, `{"result": [`} {
		k.whole, k.word, n.lists[1] = nil, AskNow, bad
		if pull(); k.whole != nil || k.x.Said != Strange {
			t.Errorf("%s: %v %+v", bad, k.whole, k.x)
		}
	}
	n.lists[1], k.word = small, AskNow
	fails := 0
	n.answer = func(w http.ResponseWriter) bool {
		if fails++; fails == 3 {
			w.WriteHeader(503)
			return true
		}
		return false
	}
	if c := pull(); c.Read != 1 || k.x.Said != Away || len(k.told) != 4 {
		t.Errorf("gone in the middle: %+v %+v", c, k.x)
	}
}

// What was decided is done when its day comes, and not if it is another difference by then.
func TestApplied(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)
	a, b := catalogue.Told{Code: "1.000001", Name: "Một", Level: "toàn trình"}, catalogue.Told{Code: "1.000002", Name: "Hai", Level: "một phần"}
	k := &kept{told: map[dossier.ProcedureCode]catalogue.Told{a.Code: a, b.Code: b}}
	s := &Syncer{Rows: k, Now: func() time.Time { return now }, House: func(context.Context) (catalogue.House, error) { return catalogue.House{}, nil }}
	open, _, err := s.Differences(t.Context())
	if err != nil || len(open) != 2 || open[0].What != catalogue.NationalAdded {
		t.Fatalf("%+v %v", open, err)
	}
	k.orders = []catalogue.NationalOrder{{Code: a.Code, Sum: open[0].Sum, Since: "2026-11-22"}, {Code: b.Code, Sum: open[1].Sum, Since: "2026-11-22"}}
	if c, err := s.Sweep(t.Context()); err != nil || c.Applied != 0 {
		t.Errorf("before its day: %+v %v", c, err)
	}
	b.Name = "Hai, đổi tên"
	k.told[b.Code] = b
	now = now.Add(48 * time.Hour)
	if c, err := s.Sweep(t.Context()); err != nil || c.Applied != 1 || !slices.Equal(k.done, []string{"added 1.000001"}) || len(k.orders) != 0 {
		t.Errorf("%+v %v %v %v", c, err, k.done, k.orders)
	}
	open, _, err = s.Differences(t.Context())
	if err != nil || len(open) != 2 {
		t.Fatalf("%+v %v", open, err)
	}
	k.orders = []catalogue.NationalOrder{{Code: b.Code, Sum: open[1].Sum}}
	if open, _, err = s.Differences(t.Context()); err != nil || len(open) != 1 || open[0].Code != a.Code {
		t.Errorf("left out: %+v %v", open, err)
	}
}
