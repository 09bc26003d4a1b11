package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io/fs"
	"mime/multipart"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/ingest/sheet"
	"sohoa/ocr/codes"
)

// photo is a JPEG with a comment in it, by which its bytes are known anywhere.
func photo(t *testing.T, comment string) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 400, 560))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	for y := 60; y < 500; y += 24 {
		draw.Draw(m, image.Rect(40, y, 360, y+8), image.NewUniform(color.Gray{20}), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	com := binary.BigEndian.AppendUint16([]byte{0xff, 0xfe}, uint16(len(comment)+2))
	return append(append(append([]byte{}, b.Bytes()[:2]...), append(com, comment...)...), b.Bytes()[2:]...)
}

// holds reports which files under a directory hold a text.
func holds(t *testing.T, dir, text string) (in []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // gone meanwhile
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(text)) {
			in = append(in, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (s *surfer) fill(path string, form url.Values) (status int, at, page string) {
	s.t.Helper()
	return s.post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// A secret paper is refused and leaves no byte anywhere; a dossier is not handed
// on with a required paper undecided; pages that were counted otherwise are told.
func TestDecisionsAtTheCounter(t *testing.T) {
	r := serving(t, t.TempDir())
	defer r.end()
	code := counted(t, r)
	counter := r.surf(dossier.Counter)
	base := "/dossiers/" + string(code)
	const secret, public = "SECRET-b3f1c9d2-never-kept", "PUBLIC-77aa-kept"

	if status, _, page := counter.fill(base+"/handed-on", nil); status != 409 || !strings.Contains(page, "Chưa chuyển được") {
		t.Errorf("handed on with two papers undecided: %d", status)
	}
	if status, _, _ := counter.fill(base+"/slots/TP01/decision", url.Values{"decision": {"because"}}); status != 422 {
		t.Errorf("a decision without a code: %d", status)
	}
	if status, _, page := counter.fill(base+"/slots/TP01/decision", url.Values{"decision": {"secret"}}); status != 200 || !strings.Contains(page, "bí mật nhà nước") {
		t.Fatalf("decide: %d", status)
	}
	for _, path := range []string{base + "/slots/TP01", base + "/slots/TP01/draft"} {
		if status, _, page := counter.layOut(path, photo(t, secret)); status < 400 || status >= 500 || !strings.Contains(page, "Tài liệu bí mật nhà nước không được nhận") {
			t.Errorf("%s of a secret paper: %d", path, status)
		}
	}
	if status, _, _ := counter.fill(base+"/slots/TP02/decision", url.Values{"decision": {"digitise"}, "pages": {"3"}}); status != 200 {
		t.Fatal(status)
	}
	if status, _, _ := counter.fill(base+"/handed-on", nil); status != 409 {
		t.Error("handed on with a paper that is still to be scanned")
	}
	if status, at, _ := counter.layOut(base+"/slots/TP02", photo(t, public)); status != 200 || !strings.HasPrefix(at, "/documents/") {
		t.Fatalf("scan: %d %s", status, at)
	}
	if in := holds(t, r.data, public); len(in) == 0 {
		t.Error("this test does not see bytes that are kept")
	}
	if in := holds(t, r.data, secret); len(in) > 0 {
		t.Errorf("bytes of a secret paper lie in %v", in)
	}
	if _, _, page := counter.get(base); !strings.Contains(page, "phải có 3 ảnh, đang có 1") {
		t.Error("a page count that differs is not told")
	}
	if status, _, page := counter.fill(base+"/handed-on", nil); status != 200 || !strings.Contains(page, "Đã chuyển cơ quan") {
		t.Errorf("hand on: %d", status)
	}
	if status, _, _ := counter.fill(base+"/handed-on", nil); status != 409 {
		t.Error("handed on twice")
	}
	if status, _, _ := counter.fill(base+"/taken-back", url.Values{"why": {"because"}}); status != 422 {
		t.Errorf("taken back without a reason: %d", status)
	}
	if status, _, page := counter.fill(base+"/taken-back", url.Values{"why": {"incomplete"}}); status != 200 || strings.Contains(page, "Đã chuyển cơ quan") || !strings.Contains(page, "thu hồi hồ sơ đã chuyển") || !strings.Contains(page, "Thành phần hồ sơ còn thiếu") {
		t.Errorf("taken back: %d", status)
	}
	if status, _, _ := counter.fill(base+"/taken-back", url.Values{"why": {"incomplete"}}); status != 409 {
		t.Error("taken back twice")
	}
	if status, _, page := counter.fill(base+"/handed-on", nil); status != 200 || !strings.Contains(page, "Thu hồi hồ sơ") {
		t.Errorf("handed on again: %d", status)
	}
	testReceipt(t, counter, code)
	testImportPage(t, r)
}

// testReceipt reads the receipt as people and machines do: its text, and its QR
// code off the drawn page.
func testReceipt(t *testing.T, s *surfer, code dossier.Code) {
	t.Helper()
	status, _, body := s.get("/dossiers/" + string(code) + "/receipt")
	if status != 200 || !strings.HasPrefix(body, "%PDF-1.7") {
		t.Fatalf("receipt: %d", status)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "r.pdf")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v %s", err, out)
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{string(code), "Trần Thị Ngoãn", "099090123457", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Thời gian hẹn trả kết quả: 17 giờ 00 phút", "1. Đơn: Tài liệu bí mật", "2. Giấy khác: bản giấy, đã quét"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the receipt does not say %q:\n%s", want, text)
		}
	}
	if out, err := exec.Command("pdftoppm", "-r", "150", "-png", "-singlefile", path, filepath.Join(dir, "p")).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	f, err := os.Open(filepath.Join(dir, "p.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(m.Bounds())
	draw.Draw(grey, m.Bounds(), m, image.Point{}, draw.Src)
	found, err := codes.Find(grey)
	if err != nil || len(found) != 1 {
		t.Fatalf("codes on the receipt: %v, %v", found, err)
	}
	if !regexp.MustCompile(`^` + regexp.QuoteMeta(string(code)) + `\|9\.1\|099090123457\|Giấy tiếp nhận hồ sơ và hẹn trả kết quả\|Sohoa\|[-0-9T:]{19}\+07:00\|[-0-9T:]{19}\+07:00$`).MatchString(found[0].Text) {
		t.Errorf("the code says %q", found[0].Text)
	}
}

// testImportPage brings a list in by the administrator's page: tried, then done,
// and not once more.
func testImportPage(t *testing.T, r *running) {
	t.Helper()
	admin := r.surf(dossier.Admin)
	bring := func(rows [][]string) (int, string) {
		var list, body bytes.Buffer
		if err := sheet.Write(&list, "xlsx", catalogue.Agencies.Names("vi"), rows); err != nil {
			t.Fatal(err)
		}
		form := multipart.NewWriter(&body)
		if err := form.WriteField("what", "agencies"); err != nil {
			t.Fatal(err)
		}
		part, err := form.CreateFormFile("file", "a.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(list.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		status, _, page := admin.post("/admin/import", form.FormDataContentType(), &body)
		return status, page
	}
	rows := [][]string{{"H60", "UBND tỉnh", "", "Tỉnh", "", "", ""}, {"H60.1", "<script>alert(1)</script>", "H60", "Xã", "", "", ""}, {"H60.2", "UBND xã", "H61", "Xã", "", "", ""}}
	status, page := bring(rows)
	m := regexp.MustCompile(`action="(/admin/import/[A-Z0-9]+)"[^>]*><input type="hidden" name="sum" value="([0-9a-f]{64})"`).FindStringSubmatch(page)
	if status != 200 || m == nil || !strings.Contains(page, "Ghi 2 thay đổi") || !strings.Contains(page, "H61") || strings.Contains(page, "<script>alert") {
		t.Fatalf("dry run: %d %v", status, m)
	}
	if _, _, list := admin.get("/admin/agencies"); strings.Contains(list, "H60.1<") {
		t.Error("a dry run wrote something")
	}
	if status, _, _ := r.surf(dossier.Counter).fill(m[1], url.Values{"do": {"confirm"}, "sum": {m[2]}}); status != 403 {
		t.Errorf("a counter confirms: %d", status)
	}
	if status, _, _ := admin.fill(m[1], url.Values{"do": {"confirm"}, "sum": {strings.Repeat("0", 64)}}); status != 409 {
		t.Errorf("another plan than was shown is done: %d", status)
	}
	if status, _, page := admin.fill(m[1], url.Values{"do": {"confirm"}, "sum": {m[2]}}); status != 200 || !strings.Contains(page, "Đã ghi") {
		t.Errorf("confirm: %d", status)
	}
	if status, _, _ := admin.fill(m[1], url.Values{"do": {"confirm"}, "sum": {m[2]}}); status != 404 {
		t.Errorf("once more: %d", status)
	}
	if left, err := filepath.Glob(filepath.Join(r.data, "tmp", "import-*")); err != nil || len(left) > 0 {
		t.Errorf("lists are left: %v %v", left, err)
	}
	for form, start := range map[string]string{"csv": "\ufeff", "xlsx": "PK"} {
		if status, _, body := admin.get("/admin/import/agencies/" + form); status != 200 || !strings.HasPrefix(body, start) {
			t.Errorf("export %s: %d", form, status)
		}
	}
	if status, _ := bring(nil); status != 200 {
		t.Errorf("a list without rows: %d", status)
	}
}
