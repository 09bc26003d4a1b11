package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/specimen"
	"sohoa/web/clicker"
)

// A surfer is a browser of one person, without scripts.
type surfer struct {
	t    *testing.T
	base string
	http *http.Client
}

func (r *running) surf(role dossier.Role) *surfer {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.data, "first-logins.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var logins []wire.FirstLogin
	if err := json.Unmarshal(b, &logins); err != nil {
		r.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &surfer{r.t, r.base, &http.Client{Jar: jar}}
	for _, l := range logins {
		if l.Role == role {
			l.Password = r.login(role).Password() // a first one is changed
			s.post("/login", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"login": {l.Login}, "password": {l.Password}}.Encode()))
		}
	}
	return s
}

// post follows where the answer leads, and returns where that is and what stands there.
func (s *surfer) post(path, media string, body io.Reader) (status int, at, page string) {
	s.t.Helper()
	res, err := s.http.Post(s.base+path, media, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.answer(res)
}

func (s *surfer) get(path string) (status int, at, page string) {
	s.t.Helper()
	res, err := s.http.Get(s.base + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.answer(res)
}

func (s *surfer) answer(res *http.Response) (status int, at, page string) {
	s.t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, res.Request.URL.Path, string(b)
}

func (s *surfer) layOut(path string, files ...[]byte) (status int, at, page string) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i, b := range files {
		part, err := form.CreateFormFile("file", fmt.Sprintf("tệp %d", i+1))
		if err == nil {
			_, err = part.Write(b)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.post(path, form.FormDataContentType(), &body)
}

// counted opens a dossier with two empty places in an empty house.
func counted(t *testing.T, r *running) dossier.Code {
	t.Helper()
	ctx := t.Context()
	admin := r.login(dossier.Admin)
	for path, form := range map[string]url.Values{"/admin/kinds": {"code": {"DDN"}, "name": {"Đơn đề nghị"}}} {
		if err := admin.Fill(ctx, path, form); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.Fill(ctx, "/admin/procedures", url.Values{"code": {"9.1"}, "name": {"Xác nhận"}, "field": {"Hộ tịch"}, "level": {"full"}, "result": {"DDN"}, "days": {"3"},
		"components": {"TP01|DDN|Đơn|1|1\nTP02|DDN|Giấy khác|1|1"}}); err != nil {
		t.Fatal(err)
	}
	code, err := r.login(dossier.Counter).Open(ctx, clicker.NewDossier{Procedure: "9.1", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
		HolderNumber: "099090123457", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var pictureAddress = regexp.MustCompile(`src="(/dossiers/[^"]+/draft/pages/[^"]+)"`)

// TestDraftAtTheCounter lays files out in the real service, looks at their pages,
// enters them as one document, and finds nothing left; what lay there when the
// service ended lies there at the next start, and nobody had received it. A stack of paper
// is brought there too: a service is started once for both.
func TestDraftAtTheCounter(t *testing.T) {
	data := t.TempDir()
	r := serving(t, data)
	code := counted(t, r)
	jpg, _ := scanned(t, specimen.JPEG, specimen.About{}, specimen.Kinds()[0])
	tif, _ := scanned(t, specimen.TIFFG4, specimen.About{}, specimen.Kinds()[0])
	var files [][]byte
	for _, path := range []string{jpg, tif} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	s := r.surf(dossier.Counter)
	draft := "/dossiers/" + string(code) + "/slots/TP01/draft"
	status, at, page := s.layOut(draft, files...)
	pictures := pictureAddress.FindAllStringSubmatch(page, -1)
	if status != 200 || at != draft || len(pictures) < 2 {
		t.Fatalf("laid out: %d %s, %d pictures\n%s", status, at, len(pictures), page)
	}
	for _, p := range pictures {
		if status, _, b := s.get(strings.ReplaceAll(p[1], "&amp;", "&")); status != 200 || !strings.HasPrefix(b, "\xff\xd8") {
			t.Errorf("%s: %d", p[1], status)
		}
	}
	n := len(pictures)
	form := url.Values{"version": {"2"}, "do": {"enter"}}
	for i := range n {
		form.Set(fmt.Sprint("o", i), fmt.Sprint(n-i))
		form.Set(fmt.Sprint("t", i), "0")
	}
	form.Set("t0", "90")
	status, at, _ = s.post(draft+"/pages", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if status != 200 || !strings.HasPrefix(at, "/documents/") {
		t.Fatalf("entered: %d %s", status, at)
	}
	db := r.open()
	d, err := db.Document(t.Context(), dossier.DocumentID(strings.TrimPrefix(at, "/documents/")))
	if err != nil || d.Pages != n || d.Media != "application/pdf" {
		t.Errorf("%+v %v", d, err)
	}

	// One file that nothing is done to is received as it came.
	other := strings.Replace(draft, "TP01", "TP02", 1)
	s.layOut(other, files[0])
	_, at, _ = s.post(other+"/pages", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"version": {"1"}, "do": {"enter"}, "o0": {"1"}, "t0": {"0"}}.Encode()))
	d, err = db.Document(t.Context(), dossier.DocumentID(strings.TrimPrefix(at, "/documents/")))
	if err != nil || d.Parts[dossier.PartScan] != digest.Of(files[0]) {
		t.Errorf("not as it came: %v", err)
	}
	for _, dir := range []string{"drafts", "laid"} {
		if left := under(t, filepath.Join(data, dir)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	bringBatch(t, r, db)
	bringPatched(t, r, db)
	bringAgain(t, r, db)
	unfinishedDraft(t, r, files)
}

// unfinishedDraft leaves files lying when the service ends.
func unfinishedDraft(t *testing.T, r *running, files [][]byte) {
	ctx := context.WithoutCancel(t.Context())
	code, err := r.login(dossier.Counter).Open(ctx, clicker.NewDossier{Procedure: "9.1", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
		HolderNumber: "099090123457", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
	if err != nil {
		t.Fatal(err)
	}
	draft := "/dossiers/" + string(code) + "/slots/TP01/draft"
	if status, _, page := r.surf(dossier.Counter).layOut(draft, files...); status != 200 || !pictureAddress.MatchString(page) {
		t.Fatalf("laid out: %d", status)
	}
	if lies := under(t, filepath.Join(r.data, "laid")); len(lies) == 0 {
		t.Fatal("nothing lies there")
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	again := serving(t, r.data)
	if left := under(t, filepath.Join(r.data, "drafts")); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
	if _, _, page := again.surf(dossier.Counter).get(draft); strings.Contains(page, "Chưa có tệp nào") || !pictureAddress.MatchString(page) {
		t.Error("the draft did not outlive the service")
	}
	if docs, err := again.open().Documents(ctx, dossier.DocumentQuery{Dossier: code}); err != nil || len(docs) != 0 {
		t.Errorf("received: %v %v", docs, err)
	}
}

// under lists the files in a directory and those in it.
func under(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(path) != ".lock" { // a lock is empty, and stays
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
