package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/storage/sqldb"
	"sohoa/web/clicker"
)

// A town is a house of several processes on real engines: PostgreSQL, Redis, and
// an S3 server in this process.
type town struct {
	t      *testing.T
	dir    string
	env    []string
	db     *sqldb.DB
	street string // address of the pages, whichever process shows them

	mu    sync.Mutex
	procs []*member
}

// A member is one process, with some roles.
type member struct {
	town       *town
	role, addr string
	data       string
	cmd        *exec.Cmd
	end        chan error
}

func newTown(t *testing.T) *town {
	t.Helper()
	server, redis := os.Getenv("SOHOA_TEST_POSTGRES"), os.Getenv("SOHOA_TEST_REDIS")
	if server == "" || redis == "" {
		t.Skip("no SOHOA_TEST_POSTGRES and SOHOA_TEST_REDIS: make test-postgres starts servers")
	}
	address := pgSchema(t, server)
	dir := t.TempDir()
	key := filepath.Join(dir, "s3-key")
	if err := os.WriteFile(key, []byte("who:what"), 0o600); err != nil {
		t.Fatal(err)
	}
	store := httptest.NewServer(&liar{kept: map[string][]byte{}})
	t.Cleanup(store.Close)
	w := &town{t: t, dir: dir, env: append(os.Environ(), asProgram+"=1", "SOHOA_DATABASE_URL="+address, "SOHOA_REDIS_URL="+redis,
		"SOHOA_S3_ENDPOINT="+store.URL, "SOHOA_S3_BUCKET=bucket", "SOHOA_S3_KEY_FILE="+key, "SOHOA_SHARED="+filepath.Join(dir, "shared"),
		"SOHOA_LEDGER_LOCK=none", "SOHOA_READERS=1", "SOHOA_DRAIN=1", "SOHOA_GRACE=10")}
	t.Cleanup(func() {
		for _, p := range w.all() {
			_ = p.cmd.Process.Kill()
			<-p.end
		}
	})
	return w
}

func (w *town) all() []*member {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.procs)
}

// start starts a process and waits until it is ready.
func (w *town) start(name, role string, env ...string) *member {
	w.t.Helper()
	p := &member{town: w, role: role, addr: port(w.t), data: filepath.Join(w.dir, name)}
	w.mu.Lock()
	w.procs = append(w.procs, p)
	w.mu.Unlock()
	p.start(env...)
	return p
}

func (p *member) start(env ...string) {
	p.town.t.Helper()
	log, err := os.OpenFile(p.data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.town.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(os.Args[0], "serve", "--role", p.role, "--data", p.data, "--addr", p.addr)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(slices.Clone(p.town.env), env...), log, log
	if err := cmd.Start(); err != nil {
		p.town.t.Fatal(err)
	}
	p.town.mu.Lock()
	p.cmd, p.end = cmd, make(chan error, 1)
	p.town.mu.Unlock()
	go func() { p.end <- cmd.Wait() }()
	for end := time.Now().Add(time.Minute); !p.ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			p.town.t.Fatalf("%s is not ready:\n%s", p.role, p.said())
		}
	}
}

func (p *member) said() string {
	b, _ := os.ReadFile(p.data + ".log")
	return string(b)
}

func (p *member) ready() bool {
	res, err := http.Get("http://" + p.addr + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop is an operator's: SIGTERM, and the process ends well within its time.
func (p *member) stop() {
	p.town.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.town.t.Error(err)
	}
	select {
	case err := <-p.end:
		p.end <- nil
		if err != nil {
			p.town.t.Errorf("%s ended badly: %v\n%s", p.role, err, p.said())
		}
	case <-time.After(25 * time.Second):
		p.town.t.Errorf("%s did not end:\n%s", p.role, p.said())
	}
}

// open makes the street in front of the webs: to one that is ready.
func (w *town) open(webs ...*member) {
	var turn atomic.Int64
	proxy := &httputil.ReverseProxy{
		Director: func(r *http.Request) {
			for range 100 {
				if p := webs[int(turn.Add(1))%len(webs)]; p.ready() {
					r.URL.Scheme, r.URL.Host = "http", p.addr
					return
				}
			}
		},
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusServiceUnavailable) },
	}
	street := httptest.NewServer(proxy)
	w.t.Cleanup(street.Close)
	w.street = street.URL
	db, err := sqldb.OpenPostgres(w.t.Context(), w.setting("SOHOA_DATABASE_URL"), sqldb.Options{Now: time.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
	w.t.Cleanup(func() { db.Close() })
}

func (w *town) setting(name string) string {
	for _, v := range w.env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

func (w *town) login(role dossier.Role) *clicker.Person {
	w.t.Helper()
	r := &running{t: w.t, data: filepath.Join(w.dir, "shared"), base: w.street}
	return r.login(role)
}

// again does something until it is answered by anything but a street that is
// closed for the moment.
func again(ctx context.Context, f func() error) error {
	for {
		err := f()
		var status *clicker.StatusError
		if err == nil || ctx.Err() != nil || errors.As(err, &status) && status.Code != http.StatusServiceUnavailable {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// smallPaper is a paper with a line of text, quick to read.
func smallPaper(t *testing.T, text string) []byte {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 420, 120))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: page, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13, Dot: fixed.P(20, 65)}
	d.DrawString(text)
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// prepare makes the office that all tests of a town use.
func (w *town) prepare() {
	w.t.Helper()
	admin := w.login(dossier.Admin)
	for path, form := range map[string]url.Values{"/admin/kinds": {"code": {"DT"}, "name": {"Giấy diễn tập"}}} {
		if err := admin.Fill(w.t.Context(), path, form); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := admin.Fill(w.t.Context(), "/admin/procedures", url.Values{"code": {"9.999901"}, "name": {"Diễn tập"}, "field": {"Diễn tập"},
		"level": {string(dossier.Full)}, "days": {"1"}, "components": {"TP01|DT|Giấy diễn tập|1|1"}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) send(ctx context.Context, counter *clicker.Person, i int, name string, paper []byte) (id dossier.DocumentID, err error) {
	var code dossier.Code
	if err := again(ctx, func() (err error) {
		code, err = counter.Open(ctx, clicker.NewDossier{Procedure: "9.999901", Receiving: wire.OwnAgency.Code, Competent: wire.OwnAgency.Code,
			HolderNumber: fmt.Sprintf("0080900%05d", i), HolderName: "Người Diễn Tập", Channel: dossier.Direct})
		return err
	}); err != nil {
		return "", err
	}
	err = again(ctx, func() (err error) {
		id, err = counter.Upload(ctx, code, "TP01", name, bytes.NewReader(paper))
		return err
	})
	return id, err
}

// Two processes of each role; each in its turn is ended and started again while
// papers come in and people act on them. Nothing is lost, nothing is done twice.
func TestPostgresRollingRestart(t *testing.T) {
	w := newTown(t)
	var all []*member
	for _, role := range []string{"web", "worker", "sweeper"} {
		for i := range 2 {
			all = append(all, w.start(fmt.Sprint(role, i), role))
		}
	}
	w.open(all[0], all[1])
	w.prepare()
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()
	over := make(chan struct{})
	var people sync.WaitGroup
	for _, role := range []dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk} {
		p := w.login(role)
		people.Go(func() { _ = again(ctx, func() error { return p.Click(ctx, over) }) })
	}
	const n = 40
	ids := make([]dossier.DocumentID, n)
	var sent atomic.Int64
	counter := w.login(dossier.Counter)
	people.Go(func() {
		for i := range n {
			id, err := w.send(ctx, counter, i, "giay.png", smallPaper(t, fmt.Sprintf("GIAY DIEN TAP SO %d", i)))
			if err != nil {
				t.Errorf("paper %d: %v", i, err)
				return
			}
			ids[i] = id
			sent.Add(1)
		}
	})
	for i, p := range all {
		for sent.Load() < int64(i*n/len(all)) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
		p.stop()
		p.start()
	}
	for ctx.Err() == nil && !t.Failed() {
		counts, err := w.db.Counts(ctx, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if counts[dossier.Archived] >= n {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	close(over)
	people.Wait()
	w.counted(ids)
}

// counted says whether each paper is archived exactly once.
func (w *town) counted(ids []dossier.DocumentID) {
	w.t.Helper()
	ctx := w.t.Context()
	docs, err := w.db.Documents(ctx, dossier.DocumentQuery{})
	if err != nil || len(docs) != len(ids) {
		w.t.Fatalf("%d documents of %d papers, %v", len(docs), len(ids), err)
	}
	for _, d := range docs {
		past, err := w.db.Changes(ctx, d.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		of, err := w.db.Dossier(ctx, d.Dossier)
		if err != nil {
			w.t.Fatal(err)
		}
		entries, err := w.db.Entries(ctx, of.Holder, time.Time{})
		if err != nil {
			w.t.Fatal(err)
		}
		if !slices.Contains(ids, d.ID) || d.State != dossier.Archived || int64(len(past)) != d.Version+1 || d.Version != 9 || len(entries) != 1 {
			w.t.Errorf("%s stands at %s, version %d, %d changes, %d entries; trouble %q", d.ID, d.State, d.Version, len(past), len(entries), d.Trouble)
		}
	}
}

// A scan of forty pages is read by two processes, one of which is killed in the
// middle: the pages are joined in order to the very bytes that one process alone
// makes of them, and what was read before is not read again.
func TestPostgresPagesAcrossProcesses(t *testing.T) {
	const n = 40
	scan := thePages(t, n)
	w := newTown(t)
	web, sweeper := w.start("web", "web,sweeper"), w.start("alone", "worker")
	w.open(web)
	w.prepare()
	counter := w.login(dossier.Counter)
	read := func(i int, meanwhile func(id dossier.DocumentID)) dossier.Document {
		id, err := w.send(t.Context(), counter, i, "dai.tif", scan)
		if err != nil {
			t.Fatal(err)
		}
		meanwhile(id)
		for end := time.Now().Add(8 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
			d, err := w.db.Document(t.Context(), id)
			if err != nil || time.Now().After(end) {
				t.Fatalf("%+v, %v\n%s", d, err, sweeper.said())
			}
			if !d.Parts[dossier.PartWords].IsZero() {
				return d
			}
		}
	}
	one := read(1, func(dossier.DocumentID) {})
	second := w.start("second", "worker")
	kept := 0
	two := read(2, func(id dossier.DocumentID) {
		for ; kept < n/4; time.Sleep(20 * time.Millisecond) {
			d, err := w.db.Document(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if kept, _, err = w.db.PagesDone(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		_ = second.cmd.Process.Kill()
	})
	for _, part := range []dossier.Part{dossier.PartWords, dossier.PartText} {
		if one.Parts[part] != two.Parts[part] {
			t.Errorf("%s of two processes is %s, of one %s", part, two.Parts[part], one.Parts[part])
		}
	}
	t.Logf("killed after %d of %d pages", kept, n)
}
