package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"io/fs"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa/web"
)

// TestStaticPacked: styles and scripts come packed to who takes that, and are the same
// bytes; the first page, with all that it asks for, is within 150 kB.
func TestStaticPacked(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	total := len(b.get("/login").body)
	for _, name := range []string{"app.css", "app.js"} {
		want, err := fs.ReadFile(web.Files(), "static/"+name)
		must(t, err)
		door, err := fs.ReadFile(web.Files(), "static/"+strings.Replace(name, "app", "door", 1))
		must(t, err)
		want = append(door, want...)
		for accept, packed := range map[string]bool{"": false, "gzip, deflate, br": true, "br;q=1, GZIP;q=0.5": true, "gzip;q=0": false, "deflate": false} {
			req := b.request("GET", "/static/"+name, "", nil)
			req.Header.Set("Accept-Encoding", accept) // also keeps the client from unpacking
			a := b.do(req)
			got := []byte(a.body)
			if (a.header.Get("Content-Encoding") == "gzip") != packed || a.header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s to who accepts %q: %v", name, accept, a.header)
				continue
			}
			if packed {
				total += len(got)
				z, err := gzip.NewReader(bytes.NewReader(got))
				must(t, err)
				got, err = io.ReadAll(z)
				must(t, err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s to who accepts %q is not the file", name, accept)
			}
		}
	}
	if total > 2*150_000 { // each was counted twice
		t.Errorf("the first page takes %d bytes", total/2)
	}
}

// TestDoorComesWhole: the first page waits for no style, its policy lets in the one style
// that it brings and no other, and it, its script and their headers are within what a server
// sends at once on a new line (ten segments: RFC 6928). Other pages bring no style.
func TestDoorComesWhole(t *testing.T) {
	h := newHouse(t)
	for path, a := range map[string]answer{"the page": h.nobody().get("/login"), "refused": h.nobody().post("/login", url.Values{"login": {"nobody"}, "password": {"wrong"}})} {
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(a.body)
		if style == nil || strings.Contains(a.body, "stylesheet") {
			t.Fatalf("%s: no style of its own, or one to wait for", path)
		}
		sum := sha256.Sum256([]byte(style[1]))
		csp := a.header.Get("Content-Security-Policy")
		if want := "style-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q, without %q", path, csp, want)
		}
		scripts := regexp.MustCompile(`<script src="([^"]+)" defer>`).FindAllStringSubmatch(a.body, -1)
		if len(scripts) != 1 || !strings.Contains(scripts[0][1], "/static/door.") {
			t.Fatalf("%s: the scripts are %v", path, scripts)
		}
		if n := len(a.body) + len(h.nobody().get(scripts[0][1]).body); n > 10*1460-1500 {
			t.Errorf("%s: %d bytes", path, n)
		}
		for _, next := range strings.Fields(regexp.MustCompile(`data-next="([^"]*)"`).FindStringSubmatch(a.body)[1]) {
			if !strings.Contains(h.as("p-counter").get("/").body, `"`+next+`"`) {
				t.Errorf("%s: %s is fetched for later and no page asks for it", path, next)
			}
		}
	}
	if a := h.as("p-counter").get("/"); strings.Contains(a.body, "<style") || strings.Contains(a.header.Get("Content-Security-Policy"), "sha256") {
		t.Error("a page brings a style")
	}
}

// What a page asks for is named by its bytes, so that it is kept for ever and never old.
func TestStaticNamedByBytes(t *testing.T) {
	raw := regexp.MustCompile(`(?:href|src)="/static/[^"]*"`)
	pages, err := fs.Glob(web.Files(), "pages/*.html")
	must(t, err)
	if len(pages) < 20 {
		t.Fatalf("%d pages", len(pages))
	}
	for _, page := range pages {
		b, err := fs.ReadFile(web.Files(), page)
		must(t, err)
		for _, got := range raw.FindAllString(string(b), -1) {
			t.Errorf("%s: %s", page, got)
		}
	}
}
