package web_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Who sent a form that could not be taken gets back to its page, also by way of a login;
// a page of elsewhere is no way back.
func TestWayBack(t *testing.T) {
	h := newHouse(t)
	sent := func(b *browser, from string) string {
		req := b.request("POST", "/dossiers", "application/x-www-form-urlencoded", strings.NewReader("procedure=none"))
		req.Header.Set("Referer", from)
		return b.do(req).body
	}
	if body := sent(h.nobody(), h.url+"/dossiers/new"); !strings.Contains(body, `href="/login?next=%2fdossiers%2fnew"`) {
		t.Errorf("signed out: %s", body)
	}
	if body := sent(h.as("p-officer"), h.url+"/dossiers/new"); !strings.Contains(body, `href="/dossiers/new"`) {
		t.Errorf("not for them: %s", body)
	}
	for _, from := range []string{"https://evil.example/dossiers/new", "", h.url + "//evil.example/", "javascript:alert(1)"} {
		if body := sent(h.nobody(), from); strings.Contains(body, "evil") || strings.Contains(body, "javascript:") || strings.Contains(body, "next=%2fdossiers") {
			t.Errorf("from %q: %s", from, body)
		}
	}
}

// A card tells what its holder has already, before anything is scanned, and that is noted.
func TestCardTellsWhatIsHeld(t *testing.T) {
	h := newHouse(t)
	const card = "001090012345|012345678|Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"
	read := func() string {
		return h.as("p-counter").post("/dossiers", url.Values{"card": {card}, "do": {"card"}}).body
	}
	if body := read(); strings.Contains(body, "Đang có và còn hiệu lực") {
		t.Error("somebody who is not known has a record")
	}
	h.open("001090012345", "Nguyễn Văn An")
	if body := read(); !strings.Contains(body, "Đang có và còn hiệu lực") || !strings.Contains(body, "Kho chưa có giấy tờ nào còn hiệu lực") {
		t.Errorf("what is held is not told")
	}
	h.full = true // what cannot be noted is not shown
	h.clock.add(time.Hour)
	if body := read(); strings.Contains(body, "Đang có và còn hiệu lực") {
		t.Error("it is told, and noted nowhere")
	}
}

// codesOf reads the code of a picture that says it itself. The real one is a room of its
// own; TestCounter joins the two.
func codesOf(_ context.Context, picture io.Reader) ([]string, error) {
	b, err := io.ReadAll(picture)
	return []string{"https://example.vn", string(b)}, err
}

// picture sends a picture of a card's code.
func (b *browser) picture(says string) answer { return b.do(b.pictured(says)) }

func (b *browser) pictured(says string) *http.Request {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	f, err := form.CreateFormFile("picture", "thẻ.jpg")
	must(b.h.t, err)
	_, err = f.Write([]byte(says))
	must(b.h.t, err)
	must(b.h.t, form.Close())
	return b.request("POST", "/dossiers/card", form.FormDataContentType(), &body)
}

// A picture of a card's code fills the form in as a reader does; what is no card, and no
// form, is said so.
func TestCardByPicture(t *testing.T) {
	h := newHouse(t)
	b := h.as("p-counter")
	if a := b.picture("001090012345|012345678|Nguyễn Văn An|05031990|Nam|Xã An Bình|01012022"); a.status != 200 || !strings.Contains(a.body, `value="001090012345"`) || !strings.Contains(a.body, `value="Nguyễn Văn An"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.picture("không phải thẻ"); a.status != 422 || !strings.Contains(a.body, "Ảnh mã QR trên thẻ") {
		t.Errorf("%d", a.status)
	}
	if a := b.post("/dossiers/card", url.Values{"picture": {"x"}}); a.status != 422 {
		t.Errorf("no picture: %d", a.status)
	}
}
