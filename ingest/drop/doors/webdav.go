package doors

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier/drop"
)

// WebDAV is the door for machines that speak WebDAV (RFC 4918, classes 1 and 2): a
// folder in which files can be laid and none be read. Windows, macOS and copiers first
// send an empty file, lock it, send it whole, set its times and unlock it: an empty one
// is remembered and not taken, and locks are given to whoever may write. No XML that
// comes in is read: every property is told to everybody who asks for any.
//
// It is served over TLS, or to a proxy on the same machine that ends TLS: passwords come
// with each request.
type WebDAV struct {
	Guard *Guard
	Spool *Spool
	Log   *slog.Logger
	Clock func() time.Time // the machine's, which deadlines go by
	TLS   *tls.Config      // nil: a proxy on this machine ends TLS, and says in the last X-Forwarded-For who asks

	mu   sync.Mutex
	sent map[string]seen // by account and name
}

// seen is a file that came a moment ago, and may have been taken since.
type seen struct {
	size int64
	at   time.Time
}

// Limits of one request.
const (
	mostSent    = 5000            // files that are remembered
	remembered  = 5 * time.Minute // for the requests that follow a file
	lockTime    = "Second-300"
	davMethods  = "OPTIONS, PROPFIND, PUT, HEAD, MOVE, LOCK, UNLOCK, PROPPATCH"
	mostIgnored = 64 << 10 // bytes of an XML that nobody reads
)

// Serve takes requests until ctx ends. Without TLS l is of this machine alone.
func (d *WebDAV) Serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{Handler: d, ReadHeaderTimeout: shaking, IdleTimeout: silent, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: slog.NewLogLogger(discard{}, slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	in := net.Listener(Crowd{l, d.Guard, d.Log, ctx, d.TLS == nil})
	if d.TLS != nil {
		in = tls.NewListener(in, d.TLS)
	}
	err := s.Serve(in)
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// discard is where the HTTP library's own words about strangers go: they hold addresses.
type discard struct{ slog.Handler }

// Enabled says no.
func (discard) Enabled(context.Context, slog.Level) bool { return false }

// WithAttrs is itself.
func (d discard) WithAttrs([]slog.Attr) slog.Handler { return d }

// WithGroup is itself.
func (d discard) WithGroup(string) slog.Handler { return d }

// from is the address that somebody comes from.
func (d *WebDAV) from(r *http.Request) string {
	if all := r.Header.Values("X-Forwarded-For"); d.TLS == nil && len(all) > 0 {
		list := strings.Split(all[len(all)-1], ",")
		return strings.TrimSpace(list[len(list)-1])
	}
	return hostOf(r.RemoteAddr)
}

// ServeHTTP answers whoever has an account.
func (d *WebDAV) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(d.Clock().Add(silent))
	_ = control.SetWriteDeadline(d.Clock().Add(silent))
	login, secret, ok := r.BasicAuth()
	var s drop.Scanner
	err := ErrIn
	if ok {
		s, err = d.Guard.Password(r.Context(), d.from(r), login, secret)
	}
	switch {
	case errors.Is(err, ErrIn):
		w.Header().Set("WWW-Authenticate", `Basic realm="Sohoa", charset="UTF-8"`)
		http.Error(w, ErrIn.Error(), http.StatusUnauthorized)
		return
	case err != nil:
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	box, err := d.Spool.Box(s.ID, drop.WebDAV)
	if err != nil {
		d.Log.ErrorContext(r.Context(), "webdav: no box", "scanner", s.ID)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	defer box.Close()
	w.Header().Set("DAV", "1, 2")
	w.Header().Set("MS-Author-Via", "DAV")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	(&visit{d, w, r, control, s, box, davName(r.URL)}).answer()
}

// davName is the one name that a path means; "" is the folder, "/" nothing at all.
func davName(u *url.URL) string {
	name := strings.TrimPrefix(u.Path, "/")
	if strings.Contains(name, "/") || strings.Contains(strings.ToLower(u.EscapedPath()), "%2f") || strings.Contains(u.EscapedPath(), "//") {
		return "/"
	}
	return name
}

// visit is one request of an account.
type visit struct {
	d       *WebDAV
	w       http.ResponseWriter
	r       *http.Request
	control *http.ResponseController
	scanner drop.Scanner
	box     *Box
	name    string
}

func (v *visit) answer() {
	switch v.r.Method {
	case http.MethodOptions:
		v.w.Header().Set("Allow", davMethods)
	case "PROPFIND":
		v.find()
	case http.MethodPut:
		v.put()
	case http.MethodHead:
		v.head()
	case "MOVE":
		v.move()
	case "LOCK":
		v.lock()
	case "UNLOCK":
		v.w.WriteHeader(http.StatusNoContent)
	case "PROPPATCH":
		v.patch()
	case "MKCOL": // 405 would say that the folder is there already (RFC 4918 9.3.1), and clients believe it
		http.Error(v.w, "no folders are made here: lay files into this one", http.StatusForbidden)
	default: // nothing is read back, replaced, removed or made
		v.w.Header().Set("Allow", davMethods)
		http.Error(v.w, "this folder takes new files, and that is all", http.StatusMethodNotAllowed)
	}
}

// fail words an error for the other side: those of boxes as they are, of others nothing.
func (v *visit) fail(err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrName):
		status = http.StatusForbidden
	case errors.Is(err, ErrExists):
		status = http.StatusPreconditionFailed
	case errors.Is(err, ErrBusy):
		status = http.StatusLocked
	case errors.Is(err, ErrFull):
		status = http.StatusInsufficientStorage
	case errors.Is(err, ErrLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, fs.ErrNotExist):
		status = http.StatusNotFound
	}
	text := "the house could not take it; try again later"
	for _, ours := range []error{ErrName, ErrExists, ErrBusy, ErrFull, ErrLarge, fs.ErrNotExist} {
		if errors.Is(err, ours) {
			text = ours.Error()
		}
	}
	http.Error(v.w, text, status)
}

// body is what comes, with the patience that a line has that is not silent.
type body struct {
	from    io.Reader
	control *http.ResponseController
	now     func() time.Time
}

// Read reads on.
func (b body) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(b.now().Add(silent))
	return b.from.Read(p)
}

// put takes a file. One without a byte is a place that somebody keeps, and stays hidden
// until it is sent whole.
func (v *visit) put() {
	switch {
	case v.r.Header.Get("Content-Range") != "": // RFC 9110 14.5: a server that does not know how must not take it for the whole
		http.Error(v.w, "send the file whole", http.StatusBadRequest)
		return
	case v.r.ContentLength > v.d.Spool.Bytes:
		v.w.Header().Set("Connection", "close")
		v.fail(ErrLarge)
		return
	}
	u, err := v.box.Create(v.name, false)
	if err != nil {
		v.fail(err)
		return
	}
	n, err := io.Copy(u, body{v.r.Body, v.control, v.d.Clock})
	_ = v.control.SetWriteDeadline(v.d.Clock().Add(silent))
	if err == nil && v.r.ContentLength >= 0 && n != v.r.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && n == 0 {
		err = errPlace
	}
	u.Break(err)
	if err1 := u.Close(); err == nil || errors.Is(err1, ErrLarge) {
		err = err1
	}
	if err != nil && !errors.Is(err, errPlace) {
		v.fail(err)
		return
	}
	v.d.remember(v.scanner.ID+"/"+v.name, n)
	v.w.WriteHeader(http.StatusCreated)
}

// errPlace: nothing was sent but a name.
var errPlace = errors.New("an empty file keeps a place")

// remember keeps what was sent for the requests that clients make after it.
func (d *WebDAV) remember(key string, size int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.Clock()
	for k, s := range d.sent {
		if now.Sub(s.at) > remembered || len(d.sent) >= mostSent {
			delete(d.sent, k)
		}
	}
	if d.sent == nil {
		d.sent = map[string]seen{}
	}
	d.sent[key] = seen{size, now}
}

// known is a file that waits, is under way, or came a moment ago.
func (v *visit) known() (size int64, at time.Time, err error) {
	if info, err := v.box.Stat(v.name); err == nil {
		return info.Size(), info.ModTime(), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, at, err
	}
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	s, ok := v.d.sent[v.scanner.ID+"/"+v.name]
	if !ok || v.d.Clock().Sub(s.at) > remembered {
		return 0, at, fs.ErrNotExist
	}
	return s.size, s.at, nil
}

func (v *visit) head() {
	if v.name == "" {
		return
	}
	size, at, err := v.known()
	if err != nil {
		v.fail(err)
		return
	}
	v.w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	v.w.Header().Set("Last-Modified", at.UTC().Format(http.TimeFormat))
}

// move gives a file that was sent under a name for what is not whole its own.
func (v *visit) move() {
	to, err := url.Parse(v.r.Header.Get("Destination"))
	if err != nil {
		v.fail(ErrName)
		return
	}
	name := davName(to)
	size, _, _ := v.known()
	if err := v.box.Rename(v.name, name); err != nil {
		v.fail(err)
		return
	}
	v.d.remember(v.scanner.ID+"/"+name, size)
	v.w.WriteHeader(http.StatusCreated)
}

// lock says that a name is locked, which keeps nobody from anything: an account writes
// one file once, and nobody else's.
func (v *visit) lock() {
	if !drop.GoodName(v.name) {
		v.fail(ErrName)
		return
	}
	status, token := http.StatusOK, ""
	if held := v.r.Header.Get("If"); held != "" { // to hold it for longer
		if i, j := strings.Index(held, "<opaquelocktoken:"), strings.LastIndex(held, ">"); i >= 0 && j > i && j-i < 100 {
			token = held[i+1 : j]
		}
	}
	if token == "" {
		token = "opaquelocktoken:" + rand.Text()
		if _, _, err := v.known(); errors.Is(err, fs.ErrNotExist) {
			status = http.StatusCreated
		}
	}
	v.w.Header().Set("Lock-Token", "<"+token+">")
	v.xml(status, `<D:prop xmlns:D="DAV:"><D:lockdiscovery><D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:exclusive/></D:lockscope><D:depth>0</D:depth><D:timeout>`+lockTime+
		`</D:timeout><D:locktoken><D:href>`+text(token)+`</D:href></D:locktoken><D:lockroot><D:href>`+href(v.name)+`</D:href></D:lockroot></D:activelock></D:lockdiscovery></D:prop>`)
}

// patch says that properties were set, none of which is kept: times of a scan are the
// house's own.
func (v *visit) patch() {
	if _, _, err := v.known(); err != nil {
		v.fail(err)
		return
	}
	_, _ = io.CopyN(io.Discard, v.r.Body, mostIgnored)
	v.xml(http.StatusMultiStatus, `<D:multistatus xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:response><D:href>`+href(v.name)+`</D:href><D:propstat><D:prop><Z:Win32CreationTime/><Z:Win32LastAccessTime/><Z:Win32LastModifiedTime/><Z:Win32FileAttributes/></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`)
}

// find tells what waits.
func (v *visit) find() {
	_, _ = io.CopyN(io.Discard, v.r.Body, mostIgnored)
	var b bytes.Buffer
	b.WriteString(`<D:multistatus xmlns:D="DAV:">`)
	switch {
	case v.name == "":
		b.WriteString(`<D:response><D:href>/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype><D:displayname>Sohoa</D:displayname></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`)
		if v.r.Header.Get("Depth") == "0" {
			break
		}
		list, err := v.box.List()
		if err != nil {
			v.fail(err)
			return
		}
		for _, info := range list {
			file(&b, info.Name(), info.Size(), info.ModTime())
		}
	default:
		size, at, err := v.known()
		if err != nil {
			v.fail(err)
			return
		}
		file(&b, v.name, size, at)
	}
	b.WriteString(`</D:multistatus>`)
	v.xml(http.StatusMultiStatus, b.String())
}

func file(b *bytes.Buffer, name string, size int64, at time.Time) {
	fmt.Fprintf(b, `<D:response><D:href>%s</D:href><D:propstat><D:prop><D:resourcetype/><D:displayname>%s</D:displayname><D:getcontentlength>%d</D:getcontentlength><D:getlastmodified>%s</D:getlastmodified><D:creationdate>%s</D:creationdate><D:getcontenttype>application/octet-stream</D:getcontenttype><D:supportedlock><D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry></D:supportedlock></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`,
		href(name), text(name), size, at.UTC().Format(http.TimeFormat), at.UTC().Format(time.RFC3339))
}

func href(name string) string { return text((&url.URL{Path: "/" + name}).EscapedPath()) }

func text(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func (v *visit) xml(status int, in string) {
	v.w.Header().Set("Content-Type", `application/xml; charset="utf-8"`)
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, `<?xml version="1.0" encoding="utf-8"?>`+in)
}
