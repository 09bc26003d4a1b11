package wire

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/onestop"
	"sohoa/outbound"
	"sohoa/storage/sqldb/sqldbtest"
)

// oneStop is a one-stop system that speaks the documented protocol: pages of what
// changed, a dossier by its code, and what it is told, once a key.
type oneStop struct {
	t      *testing.T
	pages  map[string]string // by after
	single map[string]string
	told   map[string]onestop.Result
	keys   []string
	status int    // of everything, unless 0
	media  string // of answers
	asked  []string
}

func (o *oneStop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked = append(o.asked, r.Method+" "+r.URL.RequestURI())
	w.Header().Set("Content-Type", o.media)
	if r.Header.Get("Authorization") != "Bearer invented" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if o.status != 0 {
		w.WriteHeader(o.status)
		return
	}
	code, isOne := strings.CutPrefix(r.URL.Path, "/dossiers/")
	code, isOut := strings.CutSuffix(code, "/documents")
	switch {
	case r.Method == "GET" && r.URL.Path == "/dossiers":
		page, ok := o.pages[r.FormValue("after")]
		if !ok {
			page = `{"DanhSachHoSo": [], "TiepTheo": "` + r.FormValue("after") + `", "ConNua": false}`
		}
		_, _ = io.WriteString(w, page)
	case r.Method == "PUT" && isOut:
		var got onestop.Result
		if json.NewDecoder(r.Body).Decode(&got) != nil || got.MaHoSo != code || r.Header.Get("Idempotency-Key") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		o.told[code] = got
		o.keys = append(o.keys, r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == "GET" && isOne && o.single[code] != "":
		_, _ = io.WriteString(w, o.single[code])
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type joined struct {
	*oneStop
	h    *House
	s    *onestop.Syncer
	now  time.Time
	page string
}

func newJoined(t *testing.T) *joined {
	t.Helper()
	b, err := os.ReadFile("../../../ingest/onestop/testdata/page.json")
	if err != nil {
		t.Fatal(err)
	}
	j := &joined{oneStop: &oneStop{t: t, pages: map[string]string{"": string(b)}, single: map[string]string{}, told: map[string]onestop.Result{}, media: "application/json"},
		now: time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam), page: string(b)}
	db := sqldbtest.New(t, filepath.Join(t.TempDir(), "house.db"), func() time.Time { return j.now })
	t.Cleanup(func() { db.Close() })
	ctx := t.Context()
	for _, err := range []error{db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "Tỉnh", Tier: dossier.Province}), db.PutAgency(ctx, dossier.Agency{Code: "H60.1", Parent: "H60", Name: "Xã", Tier: dossier.Commune}),
		db.PutKind(ctx, dossier.Kind{Code: "DDN", Name: "Đơn"}), db.PutKind(ctx, dossier.Kind{Code: "QD", Name: "Quyết định"}),
		db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận thông tin", Level: dossier.Full, ResultKind: "QD", Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	srv := httptest.NewServer(j.oneStop)
	t.Cleanup(srv.Close)
	j.h = &House{DB: db, Settings: Settings{Now: func() time.Time { return j.now }}}
	j.s = &onestop.Syncer{Rows: db, House: j.h.known, Files: "https://h/documents/", Now: j.h.Settings.now,
		Client: &onestop.Client{Address: srv.URL, Token: "invented", HTTP: outbound.Client(outbound.HostOf(srv.URL).Has, 5*time.Second, nil)}}
	return j
}

func (j *joined) sweep() onestop.Count {
	j.t.Helper()
	if _, err := j.h.DB.NumberEvents(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
	c, err := j.s.Sweep(j.t.Context())
	if err != nil {
		j.t.Fatal(err)
	}
	return c
}

func (j *joined) odd() []neighbour.Odd {
	j.t.Helper()
	found, err := j.h.DB.OneStopOdd(j.t.Context(), "", 100)
	if err != nil {
		j.t.Fatal(err)
	}
	return found
}

// The contract: dossiers come in once, whole, under their own codes; what becomes of them
// goes out once a change; both go on from where they were.
func TestOneStopContract(t *testing.T) {
	j := newJoined(t)
	ctx := t.Context()
	if c := j.sweep(); c.Taken != 2 || c.Odd != 0 {
		t.Fatalf("%+v %+v", c, j.odd())
	}
	d, err := j.h.DB.Dossier(ctx, "H60.1-261119-0002")
	if err != nil {
		t.Fatal(err)
	}
	holder, err := j.h.DB.Holder(ctx, d.Holder)
	if err != nil {
		t.Fatal(err)
	}
	if holder.Name != "Trần Thị Mẫu" || holder.Number != "001199000002" || d.Applicant == "" || d.Competent != "H60" || d.Channel != dossier.Direct || !d.Received.Equal(time.Date(2026, 11, 19, 9, 15, 0, 0, dossier.VietNam)) {
		t.Errorf("%+v %+v", d, holder)
	}
	j.sweep()
	if last := j.asked[len(j.asked)-1]; last != "GET /dossiers?limit=100&after=2" {
		t.Errorf("asked %s", last)
	}
	j.pages["2"] = strings.Replace(j.page, `"TiepTheo": "2"`, `"TiepTheo": "3"`, 1) // the same again
	if c := j.sweep(); c.Taken != 2 || len(j.told) != 0 {
		t.Errorf("again: %+v %+v", c, j.told)
	}
	result(t, j, "H60.1-261119-0001")
	if c := j.sweep(); c.Sent != 1 {
		t.Fatalf("%+v", c)
	}
	got := j.told["H60.1-261119-0001"]
	if len(got.DanhSachGiayToKetQua) != 1 || len(got.DanhSachMaKetQua) != 1 || got.DanhSachMaKetQua[0].MaKetQuaSoHoa == "" || got.DanhSachGiayToKetQua[0].DuongDanTepTinKetQua != "https://h/documents/"+got.DanhSachGiayToKetQua[0].GiayToId {
		t.Errorf("%+v", got)
	}
	b, _ := json.Marshal(got)
	if strings.Contains(string(b), "Mẫu") || strings.Contains(string(b), "001199") {
		t.Errorf("somebody is named: %s", b)
	}
	if c := j.sweep(); c.Sent != 0 || len(j.keys) != 1 {
		t.Errorf("told twice: %+v %v", c, j.keys)
	}
	j.pages["3"] = strings.NewReplacer(`"NgayKetThucXuLy": ""`, `"NgayKetThucXuLy": "20261120083000"`, `"TiepTheo": "2"`, `"TiepTheo": "4"`).Replace(j.page)
	j.sweep()
	if d, err = j.h.DB.Dossier(ctx, "H60.1-261119-0001"); err != nil || d.Resolved.IsZero() {
		t.Errorf("it is resolved there and not here: %+v %v", d, err)
	}
	x, err := j.h.DB.Exchange(ctx, neighbour.OneStop)
	if err != nil || x.Said != "" || !x.OK.Equal(j.now) {
		t.Errorf("%+v %v", x, err)
	}
}

// result archives a result of a dossier.
func result(t *testing.T, j *joined, code dossier.Code) {
	t.Helper()
	d, err := j.h.DB.Add(t.Context(), dossier.Document{ID: "D1", Dossier: code, Slot: dossier.ResultSlot, Kind: "QD", State: dossier.Presented, Media: "application/pdf", Pages: 1, Size: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(code))}}, "p-counter")
	for _, x := range []struct {
		act  dossier.Act
		by   dossier.Role
		part dossier.Part
	}{{dossier.Verify, dossier.Machine, dossier.PartVerdict}, {dossier.Describe, dossier.Machine, dossier.PartProposals}, {dossier.Confirm, dossier.Counter, ""}, {dossier.Archive, dossier.Machine, dossier.PartAdopted}} {
		if err != nil {
			t.Fatal(err)
		}
		c := dossier.Change{Act: x.act, By: x.by, Who: "p-counter", At: j.now, Made: map[dossier.Part]digest.Digest{}}
		if x.part != "" {
			c.Made[x.part] = digest.Of([]byte(string(x.part) + string(code)))
		}
		d, err = j.h.DB.Advance(t.Context(), d, c)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What does not agree changes nothing, is told by its code without anybody's data, and is
// taken once it agrees and a person says so.
func TestOneStopConflicts(t *testing.T) {
	j := newJoined(t)
	j.sweep()
	change := func(from, to string) string {
		return strings.Replace(strings.Replace(j.page, from, to, 1), `"TiepTheo": "2"`, `"TiepTheo": "3"`, 1)
	}
	for want, page := range map[string]string{
		"taken": change(`"KenhThucHien": "2"`, `"KenhThucHien": "3"`), "procedure": change(`-0001", "MaTTHC": "9.1"`, `-0009", "MaTTHC": "9.9"`),
		"name-other": strings.Replace(change(`-0001"`, `-0008"`), "Nguyễn Văn Mẫu", "Ai Khác", 1),
		"slot":       strings.Replace(change(`-0001"`, `-0007"`), "TP01", "TP99", 1), "agency": strings.Replace(change(`-0001"`, `-0006"`), `"MaDonViTiepNhan": "H60.1"`, `"MaDonViTiepNhan": "H60.9"`, 1),
		"code-form": change("H60.1-261119-0001", "ĐƠN 1"),
	} {
		j.pages["2"] = page
		must(t, j.h.DB.Keep(t.Context(), neighbour.OneStop, "2"))
		if c := j.sweep(); c.Odd != 1 || c.Taken != 1 {
			t.Errorf("%s: %+v", want, c)
		}
		found := false
		for _, o := range j.odd() {
			found = found || o.Problem == want
		}
		if !found && want != "code-form" {
			t.Errorf("no %s: %+v", want, j.odd())
		}
	}
	if d, err := j.h.DB.Dossier(t.Context(), "H60.1-261119-0001"); err != nil || d.Channel != dossier.Online {
		t.Errorf("changed: %+v %v", d, err)
	}
	if _, err := j.h.DB.Dossier(t.Context(), "H60.1-261119-0009"); err == nil {
		t.Error("taken without its procedure")
	}
	must(t, j.h.DB.PutProcedure(t.Context(), dossier.Procedure{Code: "9.9", Name: "Khác", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn"}}}))
	must(t, j.h.DB.ReplayOneStop(t.Context(), "H60.1-261119-0009", account.By{Who: "p-admin", Role: dossier.Admin}))
	if err := j.h.DB.ReplayOneStop(t.Context(), "H60.1-261119-0002", account.By{Who: "p-admin"}); err == nil {
		t.Error("what agrees is asked for again")
	}
	var p onestop.Page
	must(t, json.Unmarshal([]byte(change(`-0001", "MaTTHC": "9.1"`, `-0009", "MaTTHC": "9.9"`)), &p))
	b, err := json.Marshal(p.DanhSachHoSo[0])
	must(t, err)
	j.single["H60.1-261119-0009"] = string(b)
	if j.sweep(); j.asked[len(j.asked)-1] != "GET /dossiers/H60.1-261119-0009" {
		t.Errorf("asked %v", j.asked[len(j.asked)-1])
	}
	if _, err := j.h.DB.Dossier(t.Context(), "H60.1-261119-0009"); err != nil {
		t.Error(err)
	}
}

// While it is away, or answers what is none, nothing is taken and nothing is lost.
func TestOneStopAway(t *testing.T) {
	j := newJoined(t)
	j.sweep()
	result(t, j, "H60.1-261119-0001")
	for why, x := range map[string]struct {
		status int
		page   string
		media  string
		want   string
	}{
		"down": {503, "", "application/json", onestop.Away}, "locked": {403, "", "application/json", onestop.Token}, "html": {0, "{}", "text/html", onestop.Strange},
		"for ever": {0, `{"DanhSachHoSo": [{"MaHoSo": "x"}], "TiepTheo": "2", "ConNua": true}`, "application/json", onestop.Strange},
		"moved":    {302, "", "application/json", onestop.Strange}, "huge": {0, `{"TiepTheo": "` + strings.Repeat("x", 3<<20) + `"}`, "application/json", onestop.Strange},
	} {
		j.status, j.pages["2"], j.media = x.status, x.page, x.media
		if c := j.sweep(); c.Taken != 0 {
			t.Errorf("%s: %+v", why, c)
		}
		if got, err := j.h.DB.Exchange(t.Context(), neighbour.OneStop); err != nil || got.Said != x.want {
			t.Errorf("%s: %+v %v", why, got, err)
		}
		j.now = j.now.Add(25 * time.Hour)
	}
	j.status, j.media = 0, "application/json"
	delete(j.pages, "2")
	j.sweep()
	if len(j.told) != 1 {
		t.Errorf("told: %+v", j.told)
	}
	j.s.Client.HTTP = outbound.Client(nil, time.Second, nil)
	j.sweep()
	if got, err := j.h.DB.Exchange(t.Context(), neighbour.OneStop); err != nil || got.Said != onestop.Closed {
		t.Errorf("inside: %+v %v", got, err)
	}
}
