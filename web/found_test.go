package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// TestFound has what was found at the door shown in both languages, without
// letting a file's own words act, and the files within given out as nothing
// that a browser would show or run.
func TestFound(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	report := `{"media":"application/pdf","pages":1,"working":"repaired","findings":[
		{"code":"repaired","count":1,"done":"repaired","vi":"cấu trúc tệp bị hỏng: đã sửa","en":"the structure was damaged: repaired"},
		{"code":"javascript","page":1,"count":2,"done":"removed","vi":"mã lệnh JavaScript (2): đã bỏ","en":"JavaScript (2): removed"}],
		"beside":[{"name":"<script>x</script>.xml","page":1,"bytes":7,"media":"application/xml","sha256":"00"},{"name":"","bytes":2048,"media":"application/zip","sha256":"01"}]}`
	d, err := h.db.Add(t.Context(), dossier.Document{Dossier: code, Slot: "TP01", Media: "application/pdf", Size: 9, Pages: 1, Received: start,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: h.keep([]byte("mended")), dossier.PartArrived: h.keep([]byte("as it came")),
			dossier.PartReport: h.keep([]byte(report)), dossier.BesidePart(1): h.keep([]byte("<html/>")), dossier.BesidePart(2): h.keep([]byte("PK"))}}, "p-counter")
	must(t, err)
	counter, page := h.as("p-counter"), "/documents/"+string(d.ID)
	for lang, want := range map[string][]string{
		"vi": {"Đã phát hiện trong tệp", "Trang 1</b> mã lệnh JavaScript (2): đã bỏ", "Cả tệp</b> cấu trúc tệp bị hỏng", "&lt;script&gt;x&lt;/script&gt;.xml", "không tên", "Tệp gửi đến, nguyên từng byte", "Tệp đã mở mật khẩu hoặc đã sửa"},
		"en": {"Found in the file that came", "Page 1</b> JavaScript (2): removed", "The file</b> the structure", "/parts/beside-2", "without a name", "The file that came, byte for byte", "what is worked on"},
	} {
		a := counter.get(page + "?lang=" + lang)
		for _, w := range want {
			if a.status != http.StatusOK || !strings.Contains(a.body, w) {
				t.Errorf("%s: the page does not show %q", lang, w)
			}
		}
		if strings.Contains(a.body, "<script>x") {
			t.Errorf("%s: a file's name is part of the page", lang)
		}
	}
	for part, want := range map[string]string{"arrived": "as it came", "scan": "mended", "beside-1": "<html/>", "report": report} {
		a := counter.get(page + "/parts/" + part)
		if a.status != http.StatusOK || a.body != want {
			t.Errorf("%s: %d %q", part, a.status, a.body)
		}
		if strings.HasPrefix(part, "beside") && (a.header.Get("Content-Type") != "application/octet-stream" || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") || strings.Contains(a.header.Get("Content-Disposition"), "script")) {
			t.Errorf("%s: %v", part, a.header)
		}
	}
	for _, part := range []string{"beside-3", "beside-0", "beside-x"} {
		if a := counter.get(page + "/parts/" + part); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", part, a.status)
		}
	}
	if a := h.as("p-far").get(page + "/parts/beside-1"); a.status == http.StatusOK {
		t.Error("another agency gets what is within")
	}
	var told struct {
		Report struct{ Findings []struct{ Code string } }
	}
	a := counter.get("/api/documents/" + string(d.ID))
	if err := json.Unmarshal([]byte(a.body), &told); err != nil || len(told.Report.Findings) != 2 || told.Report.Findings[1].Code != "javascript" {
		t.Errorf("the API tells %s, %v", a.body, err)
	}
	other := h.bring(code, "TP02", "đơn")
	if a := counter.get("/documents/" + string(other.ID)); strings.Contains(a.body, "Đã phát hiện") {
		t.Error("something is found where nothing was looked for")
	}
}

// TestLocked has the password of a file reach the door before the file, and
// nothing else.
func TestLocked(t *testing.T) {
	h := newHouse(t)
	path := fmt.Sprintf("/dossiers/%s/slots/TP01", h.open("008199012345", "An"))
	send := func(password string) answer {
		media, body := multipartOf(t, map[string]string{"password": password}, []byte("locked mật khẩu"))
		return h.as("p-counter").do(h.as("p-counter").request("POST", path, media, strings.NewReader(string(body))))
	}
	if a := send(""); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "có mật khẩu") {
		t.Errorf("without: %d", a.status)
	}
	if a := send("mat khau"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong one: %d", a.status)
	}
	if a := send(strings.Repeat("x", 128)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Mật khẩu mở tệp") {
		t.Errorf("a long one: %d", a.status)
	}
	if a := send("mật khẩu"); a.status != http.StatusSeeOther {
		t.Errorf("the right one: %d %s", a.status, a.body)
	}
	if strings.Contains(h.log.String(), "mật khẩu") || strings.Contains(h.log.String(), "mat khau") {
		t.Error("a password is in the log")
	}
	form := h.as("p-counter").get(strings.TrimSuffix(path, "/slots/TP01")).body
	if at := strings.Index(form, `name="password"`); at < 0 || at > strings.Index(form, `name="file"`) {
		t.Error("the form does not send the password before the file")
	}
}
