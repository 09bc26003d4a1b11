package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
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
