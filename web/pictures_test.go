package web_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sohoa/dossier"
)

// The address on the document's page never changes what it shows: it may be
// kept for ever, by this browser alone; any other address is asked about again.
func TestPicturesAreKept(t *testing.T) {
	h := newHouse(t)
	d := h.until(h.bring(h.open("008199012345", "An"), "TP01", "đơn"), dossier.Normalised)
	b := h.as("p-counter")
	address := regexp.MustCompile(`/documents/[^"]+/pages/1[^"]+`).FindString(b.get("/documents/" + string(d.ID)).body)
	address = strings.ReplaceAll(address, "&amp;", "&")
	if !strings.Contains(address, "size=150") || !strings.Contains(address, "v=") {
		t.Fatalf("the page's picture is %q", address)
	}
	img := regexp.MustCompile(`width="(\d+)" height="\d+" srcset="([^"]+)" sizes="`).FindStringSubmatch(b.get("/documents/" + string(d.ID)).body)
	if img == nil {
		t.Fatalf("a browser has no choice of pictures: %s", regexp.MustCompile(`<img src=[^>]*>`).FindString(b.get("/documents/"+string(d.ID)).body))
	}
	points, _ := strconv.Atoi(img[1])
	choice := strings.Split(strings.ReplaceAll(img[2], "&amp;", "&"), ", ")
	for i, dpi := range []int{100, 150} {
		to, says, _ := strings.Cut(choice[i], " ")
		px, _ := strconv.Atoi(strings.TrimSuffix(says, "w"))
		if a := b.get(to); a.status != 200 || a.header.Get("Cache-Control") != "private, max-age=31536000, immutable" || !strings.Contains(to, fmt.Sprint("size=", dpi, "&")) {
			t.Errorf("%s: %d %v", to, a.status, a.header)
		}
		if want := points * dpi / 72; px < want-2 || px > want+2 { // the page's width is whole points
			t.Errorf("%s is said to be %s wide, of %d points", to, says, points)
		}
	}
	a := b.get(address)
	tag := a.header.Get("ETag")
	if a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("Cache-Control") != "private, max-age=31536000, immutable" || len(tag) < 20 || strings.HasPrefix(tag, "W/") {
		t.Errorf("%d %v", a.status, a.header)
	}
	plain := fmt.Sprintf("/documents/%s/pages/1", d.ID)
	for path, want := range map[string]string{plain: "private, no-cache", plain + "?size=thumb": "private, no-cache", plain + "?v=old": "private, no-cache"} {
		if a := b.get(path); a.status != 200 || a.header.Get("Cache-Control") != want {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	for sent, want := range map[string]int{tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
		req := b.request("GET", plain, "", nil)
		req.Header.Set("If-None-Match", sent)
		if a := b.do(req); a.status != want || a.header.Get("ETag") != tag || want == 304 && a.body != "" {
			t.Errorf("%s: %d", sent, a.status)
		}
	}
	far := h.as("p-far")
	req := far.request("GET", plain, "", nil)
	req.Header.Set("If-None-Match", tag)
	if a := far.do(req); a.status != 404 {
		t.Errorf("a tag is no right: %d", a.status)
	}
	for _, path := range []string{plain + "?size=72", plain + "?size=../x", fmt.Sprintf("/documents/%s/pages/2", d.ID)} {
		if a := b.get(path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
