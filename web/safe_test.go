package web_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/web"
)

var allOfThem dossier.DocumentQuery

const attack = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

// scripted says what a page would run or be styled by that is not a file of
// ours, as a browser's parser sees it.
func scripted(page string) string {
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			src := ""
			for _, a := range tag.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.Contains(strings.ToLower(a.Val), "javascript:") {
					return tag.String()
				}
				if a.Key == "src" || a.Key == "href" && tag.Data == "link" {
					src = a.Val
				}
			}
			if tag.Data == "style" || tag.Data == "iframe" || tag.Data == "base" ||
				(tag.Data == "script" || tag.Data == "link" || tag.Data == "img") && !strings.HasPrefix(src, "/static/") && !strings.HasPrefix(src, "/documents/") && !strings.HasPrefix(src, "/dossiers/") {
				return tag.String()
			}
		}
	}
}

// Text that people give is shown as text, on every page that shows it, and no
// page carries a script or a style of its own.
func TestStoredText(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	must(t, h.db.PutAgency(ctx, dossier.Agency{Code: "H99.13", Parent: root, Name: attack, Tier: dossier.Commune}))
	must(t, h.db.PutKind(ctx, dossier.Kind{Code: "X", Name: attack}))
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.9", Name: attack, Field: attack, Level: dossier.Full, ResultKind: "X", Days: 1,
		Components: []dossier.Component{{Slot: "TP01", Kind: "X", Name: attack, Required: true, Digitise: true}, {Slot: "TP02", Kind: "X", Name: attack, Digitise: true}}}))
	must(t, h.db.PutPerson(ctx, dossier.Person{ID: "p-x", Login: "x" + attack, Name: attack, Role: dossier.Counter, Agency: "H99.13"}, onceHashed()))
	a := h.as("p-x").post("/dossiers", url.Values{"procedure": {"9.9"}, "competent": {string(here)}, "receiving": {"H99.13"}, "holder_number": {"008199012345"}, "holder_name": {attack}})
	if a.status != 303 {
		t.Fatal(a.body)
	}
	h.as("p-x").upload(a.to+"/slots/TP02/draft", attack+".jpg", []byte("hai"), "")
	if body := h.as("p-x").get(a.to + "/slots/TP02/draft").body; scripted(body) != "" || !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Errorf("where files are laid out: %s", scripted(body))
	}
	up := h.as("p-x").upload(a.to+"/slots/TP01", attack+".jpg", []byte("đơn"), "")
	d := h.document(dossier.DocumentID(strings.TrimPrefix(up.to, "/documents/")))
	d = h.machine(d)
	must(t, h.db.PutPerson(ctx, dossier.Person{ID: "p-y", Login: "y", Name: "Y", Role: dossier.Officer, Agency: root}, onceHashed()))
	must(t, h.db.PutPerson(ctx, dossier.Person{ID: "p-z", Login: "z", Name: "Z", Role: dossier.Clerk, Agency: root}, onceHashed()))
	h.acts("p-y", d, dossier.Attest, nil)
	d = h.machine(h.document(d.ID))
	form := url.Values{}
	for _, f := range dossier.FieldNames {
		form.Set(string(f), attack)
	}
	form.Set("holder", "008199012345")
	form.Del("issued")
	form.Del("expires")
	if a := h.acts("p-x", d, dossier.Confirm, form); a.status != 303 {
		t.Fatalf("confirm: %d %s", a.status, a.body)
	}
	h.acts("p-z", d, dossier.Approve, nil)
	d = h.machine(h.document(d.ID))
	second := h.machine(h.document(dossier.DocumentID(strings.TrimPrefix(h.as("p-x").upload(a.to+"/slots/TP02", "b", []byte("hai"), "").to, "/documents/"))))
	h.acts("p-y", second, dossier.Refuse, url.Values{"why": {attack}})
	for _, path := range []string{"/", "/dossiers", "/dossiers?code=" + url.QueryEscape(attack), a.to, a.to + "/record", "/documents", "/documents?state=refused", "/documents/" + string(d.ID),
		"/documents/" + string(second.ID), "/figures", "/figures/dossiers?number=received&agency=" + url.QueryEscape(attack), "/admin/agencies", "/admin/kinds", "/admin/procedures", "/admin/people",
		"/login?next=" + url.QueryEscape(attack), "/" + url.PathEscape(attack)} {
		for _, who := range []dossier.PersonID{"p-admin", "p-x"} {
			body := h.as(who).get(path).body
			if m := scripted(body); m != "" {
				t.Errorf("%s as %s carries %s", path, who, m)
			}
		}
	}
	if body := h.as("p-admin").get("/documents/" + string(d.ID)).body; !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Error("the attack is not even shown as text: the test looks at the wrong page")
	}
}

// Every text is there in both languages, every key that a page names exists,
// and Vietnamese is in its one form.
func TestWords(t *testing.T) {
	words := web.Words()
	for key, w := range words {
		for i, lang := range []string{"vi", "en"} {
			if strings.TrimSpace(w[i]) == "" {
				t.Errorf("%s has no text in %s", key, lang)
			}
			if !norm.NFC.IsNormalString(w[i]) {
				t.Errorf("%s in %s is not NFC", key, lang)
			}
		}
		if a, b := strings.Count(strings.ReplaceAll(w[0], "%%", ""), "%"), strings.Count(strings.ReplaceAll(w[1], "%%", ""), "%"); a != b && !strings.HasPrefix(key, "define.") {
			t.Errorf("%s takes %d values in one language and %d in the other", key, a, b)
		}
		if strings.HasPrefix(key, "error.") && !strings.HasSuffix(key, ".do") && key != "error.title" && key != "error.page" && key != "error.ref" {
			if _, ok := words[key+".do"]; !ok {
				t.Errorf("%s does not say what to do", key)
			}
		}
	}
	want := wanted(t)
	if len(want) < 200 {
		t.Errorf("only %d keys are looked for", len(want))
	}
	for _, key := range want {
		if _, ok := words[key]; !ok {
			t.Errorf("there is no text for %s", key)
		}
	}
}

// wanted lists the keys that the pages use: those built from the words of the
// house, and those that stand in templates and in code.
func wanted(t *testing.T) []string {
	t.Helper()
	var want []string
	add := func(prefix string, v any) { want = append(want, prefix+fmt.Sprint(v)) }
	for _, s := range dossier.States() {
		add("state.", s)
	}
	for _, m := range dossier.Moves() {
		add("act.", m.Act)
		if m.By != dossier.Machine {
			want = append(want, "act."+string(m.Act)+".do")
		}
	}
	for _, r := range append(dossier.Roles[:], dossier.Machine) {
		add("role.", r)
	}
	for _, f := range dossier.FieldNames {
		add("field.", f)
	}
	for _, w := range []figures.Why{figures.Counts, figures.Missing, figures.NothingToDo, figures.Exempt, figures.OutOfPeriod, figures.NotResolved, figures.NoAppointment} {
		add("why.", w)
	}
	for _, day := range []time.Time{time.Date(2020, 1, 1, 0, 0, 0, 0, dossier.VietNam), time.Date(2026, 1, 1, 0, 0, 0, 0, dossier.VietNam)} {
		for _, i := range figures.At(day) {
			add("define.", i.Key)
			add("family.", i.Family)
			add("family.about.", i.Family)
			add("grade.", i.Grade)
		}
	}
	for _, e := range []dossier.EventAct{dossier.DossierReceived, dossier.DossierReused, dossier.DossierResolved} {
		add("event.", e)
	}
	for _, c := range strings.Fields("empty damaged encrypted signed kind active pages pixels bytes time memory nopages unreadable blank") {
		add("error.", c)
	}
	for _, c := range []any{"channel.direct", "channel.online", "channel.post", "tier.province", "tier.commune", "level.full", "level.partial", "level.info", "act.receive"} {
		add("", c)
	}
	return append(want, written(t)...)
}

func written(t *testing.T) (want []string) {
	t.Helper()
	literal := regexp.MustCompile(`\bt "([^"]+)"`)
	must(t, fs.WalkDir(web.Files(), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(web.Files(), path)
		for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
			want = append(want, m[1])
		}
		return err
	}))
	inCode := regexp.MustCompile(`(?:invalid|say\(lang,|v, [a-zA-Z.]+, "[a-z_]+",)\(?\s*"([a-z.-]+)"`)
	sources, err := os.ReadDir(".")
	must(t, err)
	for _, f := range sources {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			b, err := os.ReadFile(f.Name())
			must(t, err)
			for _, m := range inCode.FindAllStringSubmatch(string(b), -1) {
				if !strings.HasSuffix(m[1], ".") {
					want = append(want, m[1])
				}
			}
		}
	}
	return want
}

// English is one click away, on the same page, and stays.
func TestLanguage(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-auditor")
	vi := b.get("/figures?period=2026-11")
	if !strings.Contains(vi.body, `<html lang="vi">`) || !strings.Contains(vi.body, `href="/figures?lang=en&amp;period=2026-11"`) {
		t.Error("not Vietnamese first, or English is not a click away")
	}
	en := b.get("/figures?lang=en&period=2026-11")
	if !strings.Contains(en.body, `<html lang="en">`) || !strings.Contains(en.body, "Dossiers digitised") {
		t.Error("the click does not lead to English")
	}
	for _, path := range []string{"/", "/dossiers", "/figures", "/nothing"} {
		if body := b.get(path).body; !strings.Contains(body, `<html lang="en">`) || strings.Contains(body, "Đăng xuất") {
			t.Errorf("%s is Vietnamese again", path)
		}
	}
	if body := b.get("/?lang=xx").body; !strings.Contains(body, `<html lang="vi">`) {
		t.Error("an unknown language is not Vietnamese")
	}
}

// Whatever page is open, no address on it holds what is personal, and the log
// knows nobody.
func TestNothingPersonalInAddresses(t *testing.T) {
	h := newHouse(t)
	const number, name = "008199012345", "Nguyễn Văn Ẩn"
	code := h.open(number, name)
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Archived)
	address := regexp.MustCompile(`(?:href|src|action|data-[a-z]+)="([^"]*)"`)
	for _, path := range []string{"/", "/dossiers", "/dossiers/" + string(code), "/dossiers/" + string(code) + "/record", "/documents", "/documents/" + string(d.ID), "/figures", "/figures/dossiers?number=received"} {
		body := h.as("p-counter").get(path).body
		for _, m := range address.FindAllStringSubmatch(body, -1) {
			plain, err := url.QueryUnescape(m[1])
			must(t, err)
			if strings.Contains(plain, number) || strings.Contains(plain, name) {
				t.Errorf("%s has the address %s", path, plain)
			}
		}
		if strings.HasPrefix(path, "/dossiers") && strings.Contains(body, number) {
			t.Errorf("%s shows the whole number", path)
		}
	}
	if a := h.as("p-counter").get("/dossiers?code=" + number); a.status != 422 {
		t.Errorf("a search by a person's number: %d", a.status)
	}
	if log := h.log.String(); strings.Contains(log, number) || strings.Contains(log, name) || strings.Contains(log, "quét.jpg") {
		t.Error("the log knows somebody")
	} else if !strings.Contains(log, "GET /documents/{id}") {
		t.Error("the log says nothing at all")
	}
}

func TestUploadErrors(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	slot := "/dossiers/" + string(code) + "/slots/TP01"
	big := bytes.Repeat([]byte{7}, maxBytes+1)
	for _, row := range []struct {
		name, path string
		content    []byte
		status     int
		code, says string
	}{
		{"empty", slot, nil, 422, "empty", "Tệp rỗng"},
		{"damaged at a page", slot, []byte("refuse damaged 3"), 422, "damaged", "Trang 3: Tệp hỏng"},
		{"a code the pages do not know", slot, []byte("refuse unheard 0"), 422, "unheard", "in English"},
		{"too large", slot, big, 413, "bytes", "lớn hơn giới hạn"},
		{"no such slot", "/dossiers/" + string(code) + "/slots/TP09", []byte("x"), 404, "not-found", "Không có"},
		{"no such dossier", "/dossiers/H99.11-261120-9999/slots/TP01", []byte("x"), 404, "not-found", "Không có"},
	} {
		a := h.as("p-counter").upload(row.path, "a.jpg", row.content, "text/html")
		if a.status != row.status || !strings.Contains(a.body, row.says) {
			t.Errorf("%s: %d, want %d and %q", row.name, a.status, row.status, row.says)
		}
		a = h.as("p-counter").upload(row.path, "a.jpg", row.content, "application/json")
		var p struct {
			Code, Title, Detail string
			Status              int
		}
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Code != row.code || p.Status != row.status || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s as a problem: %v %s", row.name, err, a.body)
		}
	}
	must200 := h.bring(code, "TP01", "đơn")
	if same := h.bring(code, "TP01", "đơn"); same.ID != must200.ID {
		t.Error("the same file again is another document")
	}
	if a := h.as("p-counter").upload(slot, "a.jpg", []byte("khác"), ""); a.status != 409 || !strings.Contains(a.body, "đã có giấy tờ khác") {
		t.Errorf("a filled slot: %d", a.status)
	}
	for name, fields := range map[string]map[string]string{"no file": {"other": "x"}, "nothing": nil} {
		media, body := multipartOf(t, fields, nil)
		b := h.as("p-counter")
		if a := b.do(b.request("POST", slot, media, bytes.NewReader(body))); a.status != 422 || !strings.Contains(a.body, "Chưa có tệp") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if docs, err := h.db.Documents(t.Context(), allOfThem); err != nil || len(docs) != 1 {
		t.Errorf("%d documents are left, %v", len(docs), err)
	}
}

// A body whose length nobody told, longer than the limit, is refused all the
// same, with an answer that can be read; one that breaks off says so.
func TestUploadLies(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	media, body := multipartOf(t, nil, bytes.Repeat([]byte{7}, 3*maxBytes))
	b := h.as("p-counter")
	req := b.request("POST", "/dossiers/"+string(code)+"/slots/TP01", media, io.MultiReader(bytes.NewReader(body))) // no length: chunked
	if a := b.do(req); a.status != 413 || !strings.Contains(a.body, "lớn hơn giới hạn") {
		t.Errorf("chunked: %d", a.status)
	}

	u, err := url.Parse(h.url)
	must(t, err)
	conn, err := net.Dial("tcp", u.Host)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	cookies := b.c.Jar.Cookies(u)
	fmt.Fprintf(conn, "POST /dossiers/%s/slots/TP01 HTTP/1.1\r\nHost: x\r\nCookie: %s=%s\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\n", code, cookies[0].Name, cookies[0].Value, media)
	_, err = conn.Write(body[:500])
	must(t, err)
	must(t, conn.(*net.TCPConn).CloseWrite())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	answer, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != 400 || !strings.Contains(string(answer), "không trọn vẹn") {
		t.Errorf("cut off: %d", res.StatusCode)
	}
	if docs, err := h.db.Documents(t.Context(), allOfThem); err != nil || len(docs) != 0 {
		t.Errorf("%d documents are kept, %v", len(docs), err)
	}
}
