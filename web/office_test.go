package web_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/web"
)

func TestOffice(t *testing.T) {
	h := newHouse(t)
	for _, row := range []struct {
		name, what string
		form       url.Values
		status     int
		says       string
	}{
		{"an agency", "agencies", url.Values{"code": {"H99.77"}, "parent": {"H99"}, "name": {"Xã mới"}, "tier": {"commune"}}, 303, ""},
		{"the same again", "agencies", url.Values{"code": {"H99.77"}, "name": {"Xã khác"}, "tier": {"commune"}}, 409, "đã có"},
		{"not a code", "agencies", url.Values{"code": {"h99/1"}, "name": {"Xã"}, "tier": {"commune"}}, 422, "Giá trị chưa đúng: Mã"},
		{"its own parent", "agencies", url.Values{"code": {"H99.78"}, "parent": {"H99.78"}, "name": {"Xã"}, "tier": {"commune"}}, 422, "cấp trên"},
		{"no tier", "agencies", url.Values{"code": {"H99.78"}, "name": {"Xã"}}, 422, "Cấp"},
		{"a kind", "kinds", url.Values{"code": {"GP"}, "name": {"Giấy phép"}}, 303, ""},
		{"a kind for an address", "kinds", url.Values{"code": {"G/P"}, "name": {"Giấy phép"}}, 422, "Mã"},
		{"a kind without a name", "kinds", url.Values{"code": {"GQ"}, "name": {" "}}, 422, "Tên"},
		{"a procedure", "procedures", url.Values{"code": {"9.2"}, "name": {"Cấp phép"}, "level": {"partial"}, "result": {"GP"}, "days": {"5"},
			"components": {"TP01|DDN|Đơn|1|1\r\nTP02|GKS|Giấy khai sinh|0|1\r\n\r\n"}}, 303, ""},
		{"a component twice", "procedures", url.Values{"code": {"9.3"}, "name": {"x"}, "level": {"full"}, "components": {"A|DDN|x|1|1\nA|DDN|y|1|1"}}, 422, "Thành phần"},
		{"a component named as the result", "procedures", url.Values{"code": {"9.3"}, "name": {"x"}, "level": {"full"}, "components": {"KQ|DDN|x|1|1"}}, 422, "Thành phần"},
		{"a component of no kind", "procedures", url.Values{"code": {"9.3"}, "name": {"x"}, "level": {"full"}, "components": {"A|NO|x|1|1"}}, 422, "Thành phần"},
		{"a component half told", "procedures", url.Values{"code": {"9.3"}, "name": {"x"}, "level": {"full"}, "components": {"A|DDN|x|yes|1"}}, 422, "Thành phần"},
		{"no level", "procedures", url.Values{"code": {"9.3"}, "name": {"x"}}, 422, "Mức độ"},
		{"an unknown role", "people", url.Values{"login": {"moi"}, "name": {"Mới"}, "role": {"machine"}, "agency": {"H99"}}, 422, "Vai trò"},
		{"a login that is taken", "people", url.Values{"login": {"motcua"}, "name": {"Mới"}, "role": {"counter"}, "agency": {"H99"}}, 409, "đã có"},
	} {
		if a := h.as("p-admin").post("/admin/"+row.what, row.form); a.status != row.status || !strings.Contains(a.body, row.says) {
			t.Errorf("%s: %d, want %d and %q", row.name, a.status, row.status, row.says)
		}
	}
	p, err := h.db.Procedure(t.Context(), "9.2")
	must(t, err)
	if len(p.Components) != 2 || p.Components[1] != (dossier.Component{Slot: "TP02", Kind: "GKS", Name: "Giấy khai sinh", Digitise: true}) || p.Days != 5 || p.ResultKind != "GP" {
		t.Errorf("the procedure is %+v", p)
	}
}

// A new person's password is shown once, and works; a new one ends the old.
func TestFirstPassword(t *testing.T) {
	h := newHouse(t)
	shown := regexp.MustCompile(`<code>([a-z0-9-]+)</code>`)
	a := h.as("p-admin").post("/admin/people", url.Values{"login": {"Moi.1"}, "name": {"Ngô Văn Mới"}, "role": {"counter"}, "agency": {string(here)}})
	m := shown.FindStringSubmatch(a.body)
	if a.status != 200 || m == nil || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("new person: %d %s", a.status, a.body)
	}
	login := func(word string) int {
		return h.nobody().post("/login", url.Values{"login": {"moi.1"}, "password": {word}}).status
	}
	if got := login(m[1]); got != 303 {
		t.Errorf("first password: %d", got)
	}
	if body := h.as("p-admin").get("/admin/people").body; strings.Contains(body, m[1]) || !strings.Contains(body, "moi.1") {
		t.Error("the password is shown twice, or the person not at all")
	}
	p, _, err := h.db.PersonByLogin(t.Context(), "moi.1")
	must(t, err)
	b := h.as("p-admin").post("/admin/people/"+string(p.ID)+"/password", nil)
	n := shown.FindStringSubmatch(b.body)
	if n == nil || login(m[1]) != 401 || login(n[1]) != 303 {
		t.Error("the new password does not replace the old one")
	}
	if strings.Contains(h.log.String(), m[1]) || strings.Contains(h.log.String(), n[1]) {
		t.Error("the log knows a password")
	}
}

func TestNewDossier(t *testing.T) {
	h := newHouse(t)
	good := func() url.Values {
		return url.Values{"procedure": {"9.1"}, "competent": {string(here)}, "holder_number": {"008199012345"}, "holder_name": {"Nguyễn Văn An"}, "channel": {"post"}}
	}
	for field, bad := range map[string][]string{
		"procedure": {"", "9.9"}, "competent": {"", "H98"}, "receiving": {string(there), "H98"}, "channel": {"pigeon"},
		"holder_number": {"", "12345", "00819901234x", "0081990123456789012345678901234567890"}, "holder_name": {"", "  "},
	} {
		for _, value := range bad {
			form := good()
			form.Set(field, value)
			if a := h.as("p-counter").post("/dossiers", form); a.status != 422 || !strings.Contains(a.body, "Giá trị chưa đúng") {
				t.Errorf("%s=%q: %d", field, value, a.status)
			}
		}
	}
	form := good()
	form.Set("holder_name", "Nguye\u0302\u0303n   Va\u0306n An") // decomposed, as some keyboards type
	a := h.as("p-counter").post("/dossiers", form)
	if a.to != "/dossiers/H99.11-261120-0001" {
		t.Fatalf("opened %q", a.to)
	}
	d, err := h.db.Dossier(t.Context(), "H99.11-261120-0001")
	must(t, err)
	holder, err := h.db.Holder(t.Context(), d.Holder)
	must(t, err)
	if holder.Name != "Nguyễn Văn An" || d.Channel != dossier.Post || !d.Due.Equal(time.Date(2026, 11, 25, 17, 0, 0, 0, dossier.VietNam)) {
		t.Errorf("%+v of %+v", d, holder)
	}
}

func TestSpans(t *testing.T) {
	for key, want := range map[string]figures.Period{
		"2026":    figures.Year(2026),
		"2026-02": figures.Month(2026, 2),
		"2026-Q4": {From: figures.Month(2026, 10).From, To: figures.Year(2026).To},
	} {
		if got, err := web.SpanOf(key); err != nil || got.Period != want {
			t.Errorf("%s is %v, %v", key, got.Period, err)
		}
	}
	for _, key := range []string{"26", "2026-13", "2026-0", "2026-Q5", "2026-Q", "x", "2026-1", "1999", "2026-02-03", "-2026"} {
		if _, err := web.SpanOf(key); err == nil {
			t.Errorf("%s is a period", key)
		}
	}
	if got := web.SpanName("vi", "2026-Q4"); got != "Quý 4/2026" {
		t.Error(got)
	}
	h := newHouse(t)
	if a := h.as("p-auditor").get("/figures?period=2026-13"); a.status != 422 {
		t.Error(a.status)
	}
}

// Every number on the figures page opens a list with as many dossiers in it.
func TestNumbersOpen(t *testing.T) {
	h := newHouse(t)
	for i := range 3 {
		code := h.open("008199012345", "An")
		if i < 2 {
			h.until(h.bring(code, "TP01", fmt.Sprint("đơn ", i)), dossier.Archived)
			h.until(h.bring(code, "TP02", fmt.Sprint("khai sinh ", i)), dossier.Archived)
		}
		if i > 0 {
			h.as("p-clerk").post("/dossiers/"+string(code)+"/resolve", nil)
		}
	}
	b := h.as("p-auditor")
	page := b.get("/figures?period=2026-Q4").body
	if !strings.Contains(page, "66,7 %") || !strings.Contains(page, "2 / 3") || !strings.Contains(page, "0 / 2") {
		t.Error("the rates are not those of three dossiers, two digitised, two resolved")
	}
	for number, want := range map[string]int{"received": 3, "dossiers": 2, "resolved": 2, "results": 0, "reused": 0} {
		list := b.get("/figures/dossiers?period=2026-Q4&agency=H99.11&why=counts&number=" + number).body
		if got := strings.Count(list, `href="/dossiers/H99`); got != want {
			t.Errorf("%s opens %d dossiers, want %d", number, got, want)
		}
	}
	if list := b.get("/figures/dossiers?period=2026-Q4&why=missing&number=results").body; strings.Count(list, `href="/dossiers/H99`) != 2 {
		t.Error("the two results that miss are not shown")
	}
	if list := b.get("/figures/dossiers?period=2026-Q4&agency=H99.12&number=received").body; strings.Contains(list, `href="/dossiers/H99`) {
		t.Error("the list of an agency shows another's dossiers")
	}
	if list := h.as("p-far").get("/figures/dossiers?period=2026-Q4&number=received").body; strings.Contains(list, `href="/dossiers/H99`) {
		t.Error("another agency sees the dossiers behind the number")
	}
	if a := b.get("/figures/dossiers?number=nonsense"); a.status != 404 {
		t.Error(a.status)
	}
	testIndicatorsOpen(t, b, page)
}

// testIndicatorsOpen follows every indicator that is told to the dossiers behind
// it, and wants what is not collected to be said instead of a number.
func testIndicatorsOpen(t *testing.T, b *browser, page string) {
	t.Helper()
	for number, want := range map[string][2]int{ // dossiers that count, and that do not
		"SO_HOA_GIAY_TO_GIAI_QUYET": {0, 3}, // papers in two, but no result in any
		"REUSED_DIGITIZED_DATA":     {0, 3},
		"reuse-rate":                {0, 3},
		"online":                    {0, 3},
		"on-time":                   {2, 0},
	} {
		address := "/figures/dossiers?period=2026-Q4&amp;number=" + number
		if !strings.Contains(page, address) {
			t.Errorf("the page does not open %s", number)
		}
		for i, why := range []string{"counts", "missing"} {
			list := b.get(strings.ReplaceAll(address, "&amp;", "&") + "&why=" + why).body
			if got := strings.Count(list, `href="/dossiers/H99`); got != want[i] {
				t.Errorf("%s: %d dossiers are %s, want %d", number, got, why, want[i])
			}
		}
	}
	for _, number := range []string{"ORIGINAL_RESULT_AVAILABLE", "ELECTRONIC_CERTIFIED_COPY", "CITIZEN_DATA_CONNECTED_DOSSIER"} {
		if strings.Contains(page, "number="+number) {
			t.Errorf("%s is told, though nothing is known of it", number)
		}
	}
	if !strings.Contains(page, "chưa thu thập") {
		t.Error("the page does not say what is not collected")
	}
	if list := b.get("/figures/dossiers?period=2026-Q4&number=full-service").body; !strings.Contains(list, `class="state w-`) {
		t.Error("the procedures behind a figure are not shown")
	}
}

// What a program may rely on.
func TestProgram(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Extracted)
	var tasks []struct {
		ID, State, Dossier, Slot string
		Version                  int64
		Acts                     []string
	}
	must(t, json.Unmarshal([]byte(h.as("p-counter").get("/api/tasks").body), &tasks))
	if len(tasks) != 1 || tasks[0].ID != string(d.ID) || tasks[0].Version != d.Version || strings.Join(tasks[0].Acts, " ") != "confirm refuse" || tasks[0].Dossier != string(code) {
		t.Errorf("tasks %+v", tasks)
	}
	if body := h.as("p-auditor").get("/api/tasks").body; body != "[]\n" {
		t.Errorf("an auditor's tasks: %s", body)
	}
	var sight struct {
		State     string
		Version   int64
		Proposals []dossier.Field
		Parts     map[string]string
	}
	must(t, json.Unmarshal([]byte(h.as("p-counter").get("/api/documents/"+string(d.ID)).body), &sight))
	if sight.State != "extracted" || len(sight.Proposals) != len(proposals) || sight.Proposals[1] != proposals[1] || len(sight.Parts["scan"]) != 64 {
		t.Errorf("sight %+v", sight)
	}
	var place struct {
		Slots []struct{ Slot, Document, State string }
	}
	must(t, json.Unmarshal([]byte(h.as("p-counter").get("/api/dossiers/"+string(code)).body), &place))
	if len(place.Slots) != 3 || place.Slots[0].Document != string(d.ID) || place.Slots[2].Slot != "KQ" {
		t.Errorf("slots %+v", place)
	}
	a := h.nobody().get("/api/tasks")
	if a.status != 401 || a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, `"code":"signed-out"`) {
		t.Errorf("nobody's tasks: %d %s", a.status, a.body)
	}
	scan := h.as("p-auditor").get("/documents/" + string(d.ID) + "/parts/scan")
	if scan.body != "đơn" || scan.header.Get("Content-Type") != "image/jpeg" || scan.header.Get("Content-Disposition") != `attachment; filename="`+string(code)+`_TP01_scan.jpg"` {
		t.Errorf("scan: %q %v", scan.body, scan.header)
	}
	for _, part := range []string{"sealed", "words", "proposals", "nothing"} {
		if a := h.as("p-auditor").get("/documents/" + string(d.ID) + "/parts/" + part); a.status != 404 {
			t.Errorf("part %s: %d", part, a.status)
		}
	}
	for _, page := range []string{"0", "2", "x", "-1"} {
		if a := h.as("p-auditor").get("/documents/" + string(d.ID) + "/pages/" + page); a.status != 404 {
			t.Errorf("page %s: %d", page, a.status)
		}
	}
	h.as("p-counter") // English words come by cookie or address for programs too
	if a := h.as("p-counter").get("/api/documents/nothing?lang=en"); !strings.Contains(a.body, "There is no such page") {
		t.Error(a.body)
	}
}

// A fault of ours is told without its inside, with a number that the log has.
func TestOurFault(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	b := h.as("p-auditor")
	must(t, h.blobs.Remove(t.Context(), d.Parts[dossier.PartPlain]))
	a := b.get("/documents/" + string(d.ID))
	ref := regexp.MustCompile(`Số tham chiếu: ([A-Z0-9]{8})`).FindStringSubmatch(a.body)
	if a.status != 500 || ref == nil || strings.Contains(a.body, "stat ") {
		t.Fatalf("a lost blob: %d %s", a.status, a.body)
	}
	if !strings.Contains(h.log.String(), ref[1]) || !strings.Contains(h.log.String(), "stat plain of") {
		t.Error("the log does not know the reference")
	}
}

// TestAdministratorIsTold: every page of settings says what they do before they are set.
func TestAdministratorIsTold(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-admin")
	pages := regexp.MustCompile(`href="(/admin/[a-z]+)"`).FindAllStringSubmatch(b.get("/admin/agencies").body, -1)
	if len(pages) < 19 {
		t.Errorf("%d pages of settings", len(pages))
	}
	told := regexp.MustCompile(`class="lead"|<h2>[^<]*</h2><p>`)
	for _, p := range pages {
		for _, lang := range []string{"vi", "en"} {
			if a := b.get(p[1] + "?lang=" + lang); a.status != 200 || !told.MatchString(a.body[strings.Index(a.body, "<main"):]) {
				t.Errorf("%s in %s says nothing of what it is for (%d)", p[1], lang, a.status)
			}
		}
	}
}
