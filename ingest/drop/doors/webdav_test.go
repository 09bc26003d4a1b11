package doors_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/ingest/drop/doors"
)

// A davPort is a WebDAV door behind what ends TLS.
type davPort struct {
	*port
	url string
}

func openDAV(t *testing.T) *davPort {
	p := &davPort{port: openPort(t)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	p.url = "http://" + l.Addr().String()
	d := &doors.WebDAV{Guard: &doors.Guard{Accounts: p.accounts, Now: func() time.Time { return p.now }}, Spool: p.spool, Log: slog.New(slog.DiscardHandler), Clock: time.Now}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx, l) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p
}

// ask asks as an account, and returns the status and the answer.
func (p *davPort) ask(login, method, at, body string, head ...string) (int, string) {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), method, p.url, strings.NewReader(body))
	p.must(err)
	r.URL.Opaque = strings.Replace(p.url, "http:", "", 1) + at // as it is written, dots and all
	if login != "" {
		r.SetBasicAuth(login, "secret of "+login)
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	p.must(err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	p.must(err)
	return a.StatusCode, string(b)
}

func (p *davPort) wants(want int, login, method, at, body string, head ...string) string {
	p.Helper()
	got, answer := p.ask(login, method, at, body, head...)
	if got != want {
		p.Errorf("%s %s: %d, not %d: %s", method, at, got, want, answer)
	}
	return answer
}

func (p *davPort) box(name string) string {
	b, err := os.ReadFile(filepath.Join(p.dir, "sc-1", "webdav", name))
	if err != nil {
		return ""
	}
	return string(b)
}

// Windows and macOS keep a place with an empty file, lock it, send it whole, set its
// times and unlock it, and look at it again; the file is taken from under them as soon
// as it is whole.
func TestWebDAVAsClientsDo(t *testing.T) {
	p := openDAV(t)
	p.wants(200, "q1", "OPTIONS", "/", "")
	p.wants(207, "q1", "PROPFIND", "/", "", "Depth", "1")
	p.wants(404, "q1", "PROPFIND", "/m%C3%A1y.pdf", "", "Depth", "0")
	p.wants(201, "q1", "PUT", "/m%C3%A1y.pdf", "")
	if p.box("máy.pdf") != "" {
		t.Error("an empty file is there to be taken")
	}
	if _, err := os.Stat(filepath.Join(p.dir, "sc-1", "webdav", "máy.pdf")); err == nil {
		t.Error("an empty file has its name")
	}
	lock := p.wants(200, "q1", "LOCK", "/m%C3%A1y.pdf", `<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"/>`, "Timeout", "Second-3600")
	if !strings.Contains(lock, "opaquelocktoken:") {
		t.Errorf("no token: %s", lock)
	}
	p.wants(201, "q1", "PUT", "/m%C3%A1y.pdf", "%PDF whole", "If", "(<opaquelocktoken:x>)")
	if p.box("máy.pdf") != "%PDF whole" {
		t.Errorf("it lies there as %q", p.box("máy.pdf"))
	}
	if list := p.wants(207, "q1", "PROPFIND", "/", "", "Depth", "1"); !strings.Contains(list, "/m%C3%A1y.pdf") || !strings.Contains(list, "<D:getcontentlength>10<") {
		t.Errorf("what waits: %s", list)
	}
	p.must(os.Remove(filepath.Join(p.dir, "sc-1", "webdav", "máy.pdf"))) // taken
	p.wants(207, "q1", "PROPPATCH", "/m%C3%A1y.pdf", "<x/>")
	p.wants(200, "q1", "HEAD", "/m%C3%A1y.pdf", "")
	p.wants(207, "q1", "PROPFIND", "/m%C3%A1y.pdf", "", "Depth", "0")
	p.wants(204, "q1", "UNLOCK", "/m%C3%A1y.pdf", "", "Lock-Token", "<opaquelocktoken:x>")
	p.wants(201, "q1", "PUT", "/b.part", "two")
	p.wants(201, "q1", "MOVE", "/b.part", "", "Destination", p.url+"/b.pdf")
	if p.box("b.pdf") != "two" {
		t.Error("what was sent under another name is not there")
	}
}

// An account lays new files into its own box, and does nothing else.
func TestWebDAVDoesOneThing(t *testing.T) {
	p := openDAV(t)
	p.wants(201, "q1", "PUT", "/a.pdf", "one")
	p.wants(201, "q1", "PUT", "/b.part", "two")
	for what, r := range map[string]struct {
		want             int
		method, at, body string
		head             []string
	}{
		"no account's":      {401, "PUT", "/x.pdf", "x", []string{"Authorization", "Basic eDp4"}},
		"read":              {405, "GET", "/a.pdf", "", nil},
		"read the folder":   {405, "GET", "/", "", nil},
		"replace":           {412, "PUT", "/a.pdf", "two", nil},
		"delete":            {405, "DELETE", "/a.pdf", "", nil},
		"a folder":          {403, "MKCOL", "/dir", "", nil},
		"copy":              {405, "COPY", "/a.pdf", "", []string{"Destination", "/c.pdf"}},
		"move":              {403, "MOVE", "/a.pdf", "", []string{"Destination", "/c.pdf"}},
		"move onto":         {412, "MOVE", "/b.part", "", []string{"Destination", "/a.pdf"}},
		"move out":          {403, "MOVE", "/b.part", "", []string{"Destination", "/../../sc-2/webdav/c.pdf"}},
		"out":               {403, "PUT", "/../../sc-2/webdav/x.pdf", "x", nil},
		"out, written":      {403, "PUT", "/..%2f..%2fsc-2%2fwebdav%2fx.pdf", "x", nil},
		"out, twice":        {403, "PUT", "/%2e%2e/x.pdf", "x", nil},
		"a back-slash":      {403, "PUT", "/..%5cx.pdf", "x", nil},
		"a folder in it":    {403, "PUT", "/dir/x.pdf", "x", nil},
		"two strokes":       {403, "PUT", "//x.pdf", "x", nil},
		"hidden":            {403, "PUT", "/.htaccess", "x", nil},
		"a zero byte":       {403, "PUT", "/a%00.pdf", "x", nil},
		"a line":            {403, "PUT", "/a%0ab.pdf", "x", nil},
		"right to left":     {403, "PUT", "/a%E2%80%AEfdp.exe", "x", nil},
		"long":              {403, "PUT", "/" + strings.Repeat("x", 300), "x", nil},
		"large":             {413, "PUT", "/large.pdf", strings.Repeat("x", 1<<20+1), nil},
		"a part":            {400, "PUT", "/p.pdf", "x", []string{"Content-Range", "bytes 0-0/9"}},
		"lock the folder":   {403, "LOCK", "/", "", nil},
		"nothing's details": {404, "PROPFIND", "/no.pdf", "", nil},
		"times of nothing":  {404, "PROPPATCH", "/no.pdf", "", nil},
	} {
		if got, answer := p.ask("q1", r.method, r.at, r.body, r.head...); got != r.want {
			t.Errorf("%s: %d, not %d: %s", what, got, r.want, answer)
		}
	}
	if list, _ := filepath.Glob(filepath.Join(p.dir, "*", "webdav", "*")); len(list) != 2 || p.box("b.part") != "two" || p.box("a.pdf") != "one" {
		t.Errorf("there lies %v", list)
	}
	if _, list := p.ask("q2", "PROPFIND", "/", "", "Depth", "1"); strings.Contains(list, "a.pdf") {
		t.Error("another account sees it")
	}
}

// Half a file is none: neither one whose line broke, nor one that lies about its length.
func TestWebDAVBroken(t *testing.T) {
	p := openDAV(t)
	for _, head := range []string{"Content-Length: 100", "Transfer-Encoding: chunked"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		p.must(err)
		body := "half"
		if strings.HasPrefix(head, "Transfer") {
			body = "4\r\nhalf\r\n"
		}
		fmt.Fprintf(c, "PUT /a.pdf HTTP/1.1\r\nHost: x\r\nAuthorization: Basic cTE6c2VjcmV0IG9mIHEx\r\n%s\r\n\r\n%s", head, body)
		time.Sleep(100 * time.Millisecond)
		c.Close()
	}
	time.Sleep(200 * time.Millisecond)
	if p.box("a.pdf") != "" {
		t.Errorf("half a file lies there: %q", p.box("a.pdf"))
	}
	p.wants(201, "q1", "PUT", "/a.pdf", "whole")
	if p.box("a.pdf") != "whole" {
		t.Errorf("sent again it lies there as %q", p.box("a.pdf"))
	}
}

// Whoever guesses is shut out by the address that the proxy tells, not by the proxy's; and
// who is silent takes no more than a place, for a while.
func TestWebDAVWhoComesIn(t *testing.T) {
	p := openDAV(t)
	guess := func(from string) int {
		s, _ := p.ask("", "OPTIONS", "/", "", "Authorization", "Basic cTI6Z3Vlc3M=", "X-Forwarded-For", "6.6.6.6, "+from)
		return s
	}
	for range 5 {
		if guess("10.0.0.1") != 401 {
			t.Fatal("a guess comes in")
		}
	}
	p.wants(401, "q1", "OPTIONS", "/", "", "X-Forwarded-For", "10.0.0.1")
	p.wants(200, "q1", "OPTIONS", "/", "", "X-Forwarded-For", "10.0.0.2")
	p.wants(401, "q2", "OPTIONS", "/", "", "X-Forwarded-For", "10.0.0.2") // the account that was guessed at
	p.now = p.now.Add(16 * time.Minute)
	p.wants(200, "q2", "OPTIONS", "/", "", "X-Forwarded-For", "10.0.0.1")
	p.accounts.mu.Lock()
	delete(p.accounts.list, "q2")
	p.accounts.mu.Unlock()
	p.wants(401, "q2", "PUT", "/late.pdf", "x")
	var open []net.Conn
	for range 70 {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		p.must(err)
		defer c.Close()
		open = append(open, c)
	}
	turned := 0
	for _, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); err == io.EOF {
			turned++
		}
	}
	if turned < 5 || turned > 10 {
		t.Errorf("%d of 70 silent ones are turned away", turned)
	}
}
