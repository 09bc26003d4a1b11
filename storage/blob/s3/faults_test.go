package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
)

// A liar speaks as much S3 as a Put, an Open and a Stat need, accepts whatever
// it is told, and does what fault makes of it. The room's other tests meet a
// real server; no real one breaks on demand.
type liar struct {
	fault func(w http.ResponseWriter, r *http.Request) (done bool)
	puts  atomic.Int32

	mu   sync.Mutex
	kept map[string][]byte
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.fault != nil && strings.Count(r.URL.Path, "/") > 2 && l.fault(w, r) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, there := l.kept[r.URL.Path]
	switch {
	case r.URL.RawQuery != "": // lists, versions, parts
		http.Error(w, "", http.StatusNotImplemented)
	case r.Method == http.MethodPut:
		l.puts.Add(1)
		b, err := io.ReadAll(r.Body)
		if err == nil {
			l.kept[r.URL.Path] = b
		}
	case r.Method == http.MethodDelete:
		delete(l.kept, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case !there && r.URL.Path != "/bucket/":
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("ETag", `"believe me"`)
		_, _ = w.Write(b)
	}
}

// lying opens a store on a liar.
func lying(t *testing.T) (*Store, *liar) {
	t.Helper()
	l := &liar{kept: map[string][]byte{}}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	s, err := Open(t.Context(), Options{Endpoint: server.URL, Bucket: "bucket", AccessKey: "a", SecretKey: "s",
		Temp: t.TempDir(), Now: time.Now, Patience: 300 * time.Millisecond, Tries: 3})
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func answer(code int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
		return true
	}
}

var paper = bytes.Repeat([]byte("giấy tờ "), 9000)

func TestStorm(t *testing.T) {
	s, l := lying(t)
	d := digest.Of(paper)
	l.fault = answer(http.StatusServiceUnavailable)
	if err := s.Put(t.Context(), d, int64(len(paper)), bytes.NewReader(paper)); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put = %v, want ErrUnavailable", err)
	}
	if _, err := s.Stat(t.Context(), d); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Stat = %v, want ErrUnavailable, never ErrNotFound", err)
	}
	var n atomic.Int32
	storm := l.fault
	l.fault = func(w http.ResponseWriter, r *http.Request) bool { return n.Add(1) < 3 && storm(w, r) }
	blobtest.Put(t, s, paper)
	n.Store(0)
	if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, paper) {
		t.Errorf("after the storm: %v", err)
	}
}

// A stream that cannot be read twice is sent again all the same.
func TestStormOnAStream(t *testing.T) {
	for name, b := range map[string][]byte{"in memory": paper, "in a file": bytes.Repeat(paper, 20)} {
		t.Run(name, func(t *testing.T) {
			s, l := lying(t)
			var n atomic.Int32
			l.fault = func(w http.ResponseWriter, r *http.Request) bool {
				return n.Add(1) == 1 && answer(http.StatusServiceUnavailable)(w, r)
			}
			if err := s.Put(t.Context(), digest.Of(b), int64(len(b)), iotest.HalfReader(bytes.NewReader(b))); err != nil {
				t.Fatal(err)
			}
			if got, err := blobtest.Get(t, s, digest.Of(b)); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if left, err := os.ReadDir(s.temp); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

// Wrong bytes are not sent to find out that they are wrong.
func TestWrongBytesStayHere(t *testing.T) {
	s, l := lying(t)
	for _, r := range []io.Reader{bytes.NewReader(paper), iotest.HalfReader(bytes.NewReader(paper))} {
		if err := s.Put(t.Context(), digest.Of(paper[1:]), int64(len(paper)), r); !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("Put = %v, want ErrCorrupt", err)
		}
	}
	if n := l.puts.Load(); n > 0 {
		t.Errorf("%d puts arrived", n)
	}
}

// What a server gives for a blob is never read as good unless it is.
func TestLies(t *testing.T) {
	write := func(w http.ResponseWriter, length string, b []byte) bool {
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("ETag", `"believe me"`)
		w.Header().Set(sumHeader, base64Of(digest.Of(paper)))
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		_, _ = w.Write(b)
		return true
	}
	for name, test := range map[string]struct {
		fault func(w http.ResponseWriter, r *http.Request) bool
		want  error
	}{
		"other bytes":   {func(w http.ResponseWriter, _ *http.Request) bool { return write(w, "", bytes.ToUpper(paper)) }, blob.ErrCorrupt},
		"fewer bytes":   {func(w http.ResponseWriter, _ *http.Request) bool { return write(w, "", paper[1:]) }, blob.ErrCorrupt},
		"nothing":       {func(w http.ResponseWriter, _ *http.Request) bool { return write(w, "", nil) }, blob.ErrCorrupt},
		"torn line":     {func(w http.ResponseWriter, _ *http.Request) bool { return write(w, "99999", paper[:9000]) }, ErrUnavailable},
		"no rights":     {answer(http.StatusForbidden), ErrDenied},
		"not there":     {answer(http.StatusNotFound), blob.ErrNotFound},
		"another house": {func(w http.ResponseWriter, _ *http.Request) bool { return say(w, 404, "NoSuchBucket") }, nil},
		"silence":       {func(_ http.ResponseWriter, r *http.Request) bool { return silence(r) }, ErrUnavailable},
		"silence in the middle": {func(w http.ResponseWriter, r *http.Request) bool {
			write(w, "99999", paper[:9000])
			_ = http.NewResponseController(w).Flush()
			return silence(r)
		}, ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := lying(t)
			d := blobtest.Put(t, s, paper)
			l.fault = test.fault
			_, err := blobtest.Get(t, s, d)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Get = %v, want %v", err, test.want)
			}
			if test.want == nil && errors.Is(err, blob.ErrNotFound) {
				t.Errorf("a lost bucket looks like a lost blob: %v", err)
			}
		})
	}
}

func say(w http.ResponseWriter, status int, code string) bool {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code></Error>")
	return true
}

// silence answers only when nobody waits any more.
func silence(r *http.Request) bool {
	_, _ = io.Copy(io.Discard, r.Body) // before that the server does not notice who left
	<-r.Context().Done()
	return true
}

// A server that says a name is taken, and has something else there, is made to
// take the right bytes; one that has nothing there, too.
func TestTaken(t *testing.T) {
	for name, there := range map[string][]byte{"wrong bytes": []byte("evil"), "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			s, l := lying(t)
			d := digest.Of(paper)
			if there != nil {
				l.kept["/bucket/"+s.key(d)] = there
			}
			l.fault = func(w http.ResponseWriter, r *http.Request) bool {
				return r.Header.Get("If-None-Match") == "*" && answer(http.StatusPreconditionFailed)(w, r)
			}
			blobtest.Put(t, s, paper)
			if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, paper) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// A Put ends with its context, however silent the server.
func TestCancelled(t *testing.T) {
	s, l := lying(t)
	ctx, cancel := context.WithCancel(t.Context())
	l.fault = func(_ http.ResponseWriter, r *http.Request) bool { cancel(); return silence(r) }
	if err := s.Put(ctx, digest.Of(paper), int64(len(paper)), bytes.NewReader(paper)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v, want context.Canceled", err)
	}
}

// A server that says yes to everything is found out.
func TestProbeOfALiar(t *testing.T) {
	s, l := lying(t)
	got, err := s.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Findings{Governance: Claimed, Compliance: Claimed, Hold: Claimed, HoldAfter: Claimed}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	if len(l.kept) > 0 {
		t.Errorf("left: %v", l.kept)
	}
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodGet && answer(http.StatusOK)(w, r)
	}
	if _, err := s.Probe(t.Context()); err == nil {
		t.Error("bytes that do not come back were not noticed")
	}
}

func TestEndpoints(t *testing.T) {
	for _, endpoint := range []string{"", "s3.example", "ftp://s3.example", "https://s3.example/path", "://"} {
		if _, err := Open(t.Context(), Options{Endpoint: endpoint, Bucket: "bucket", AccessKey: "a", SecretKey: "s", Now: time.Now}); err == nil {
			t.Errorf("%q was taken", endpoint)
		}
	}
}

// A read that breaks off again and again goes on where it was, and ends with the
// right bytes; one that breaks off for good says so; and an object that changed
// meanwhile, or a server that begins anew in place of going on, is never joined
// to what came before.
func TestReadGoesOn(t *testing.T) {
	s, l := lying(t)
	d := blobtest.Put(t, s, paper)
	var gets atomic.Int32
	some := func(w http.ResponseWriter, r *http.Request, b []byte) { // a part, and then silence
		var from int
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b)-1, len(b)))
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(b)-from))
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("ETag", `"believe me"`)
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(b[from:min(len(b), from+20_000)])
	}
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			return false
		}
		if gets.Add(1); gets.Load()%3 == 2 { // and a storm now and then
			return answer(http.StatusServiceUnavailable)(w, r)
		}
		some(w, r, paper)
		return true
	}
	if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, paper) || gets.Load() < 4 {
		t.Errorf("%d bytes, %v, %d requests", len(got), err, gets.Load())
	}
	gets.Store(0)
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if gets.Add(1) > 1 {
			return answer(http.StatusServiceUnavailable)(w, r)
		}
		some(w, r, paper)
		return true
	}
	if _, err := blobtest.Get(t, s, d); !errors.Is(err, ErrUnavailable) {
		t.Errorf("broken off for good: %v", err)
	}
	gets.Store(0)
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if gets.Add(1) > 1 {
			return answer(http.StatusPreconditionFailed)(w, r)
		}
		some(w, r, paper)
		return true
	}
	if _, err := blobtest.Get(t, s, d); err == nil {
		t.Error("an object that changed was read on")
	}
	gets.Store(0)
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if gets.Add(1) > 1 {
			r.Header.Del("Range")
		}
		some(w, r, paper)
		return true
	}
	if _, err := blobtest.Get(t, s, d); !errors.Is(err, ErrUnavailable) {
		t.Errorf("begun anew: %v", err)
	}
}

// A server that is slow and never silent is waited for, however long a blob takes.
func TestSlow(t *testing.T) {
	s, l := lying(t)
	d := blobtest.Put(t, s, paper)
	l.fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			return false
		}
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("ETag", `"believe me"`)
		w.Header().Set("Content-Length", strconv.Itoa(len(paper)))
		for b := paper; len(b) > 0; b = b[min(len(b), 8000):] { // ten times, in more than twice the patience
			_, _ = w.Write(b[:min(len(b), 8000)])
			_ = http.NewResponseController(w).Flush()
			time.Sleep(80 * time.Millisecond)
		}
		return true
	}
	if got, err := blobtest.Get(t, s, d); err != nil || !bytes.Equal(got, paper) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
