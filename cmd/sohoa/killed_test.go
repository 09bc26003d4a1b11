package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/ingest/malware"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// A mortal is a service in a process of its own, which is killed and lives again on the
// same directory and address.
type mortal struct {
	*running
	addr string
	env  []string
	cmd  *exec.Cmd
	log  *os.File
}

func newMortal(t *testing.T, env ...string) *mortal {
	t.Helper()
	at := port(t)
	m := &mortal{running: &running{t: t, data: t.TempDir(), base: "http://" + at}, addr: at, env: append(os.Environ(), asProgram+"=1")}
	m.env = append(m.env, env...)
	var err error
	if m.log, err = os.Create(filepath.Join(t.TempDir(), "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		m.kill()
		m.log.Close()
	})
	return m
}

// live starts it; it need not be ready when live returns.
func (m *mortal) live() {
	m.t.Helper()
	self, err := os.Executable()
	if err != nil {
		m.t.Fatal(err)
	}
	m.cmd = exec.Command(self, "serve", "--data", m.data, "--addr", m.addr)
	m.cmd.Env, m.cmd.Stdout, m.cmd.Stderr = m.env, m.log, m.log
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
}

// ready waits until it answers.
func (m *mortal) ready() {
	m.t.Helper()
	p := &member{addr: m.addr}
	for end := time.Now().Add(time.Minute); !p.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("the service is not ready:\n%s", m.wrote())
		}
	}
}

func (m *mortal) kill() {
	if m.cmd != nil {
		_ = m.cmd.Process.Kill() // SIGKILL: nothing is written, closed or handed on
		_ = m.cmd.Wait()
		m.cmd = nil
	}
}

func (m *mortal) wrote() string {
	b, _ := os.ReadFile(m.log.Name())
	return string(b)
}

// knowsEICAR is a scanner at a socket, by clamd's protocol (clamd(8), INSTREAM), that
// finds EICAR's test file wherever it stands in a stream.
func knowsEICAR(t *testing.T) (setting string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answer := func(c net.Conn) {
		defer c.Close()
		if command, err := io.ReadAll(io.LimitReader(c, 10)); err != nil || string(command) != "zINSTREAM\x00" {
			return
		}
		var all bytes.Buffer
		for {
			var n uint32
			if err := binary.Read(c, binary.BigEndian, &n); err != nil {
				return
			}
			if n == 0 {
				break
			}
			if _, err := io.CopyN(&all, c, int64(n)); err != nil {
				return
			}
		}
		said := "stream: OK\x00"
		if bytes.Contains(all.Bytes(), []byte("EICAR-STANDARD-")) {
			said = "stream: Win.Test.EICAR_HDB-1 FOUND\x00"
		}
		_, _ = io.WriteString(c, said)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	return "tcp:" + l.Addr().String()
}

// eicar is the file that every scanner calls malware and that is none (eicar.org), put
// together here so that no scanner takes this source for it. n makes it another one.
func eicar(n int) []byte {
	return fmt.Appendf(nil, `X5O!P%%@AP[4\PZX54(P^)7CC)7}$`+"EICAR-STANDARD-"+`ANTIVIRUS-TEST-FILE!$H+H* %d`, n)
}

// A laid file is one that somebody brings into a watched folder, and how it has to end.
type laid struct {
	name string
	body []byte
	want string // state and code; "": it has no row
}

// lay brings files into dir as people, copiers and copying programs do: in pieces, under
// a name of half files that is changed at the end, or moved in whole.
func lay(t *testing.T, dir string, files []laid) {
	var all sync.WaitGroup
	defer all.Wait()
	for i, f := range files {
		all.Go(func() {
			to := filepath.Join(dir, f.name)
			var err error
			switch i % 3 {
			case 0: // in pieces, which come sooner after each other than what is whole stands still
				w, openErr := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
				if err = openErr; err == nil {
					for piece := range slices.Chunk(f.body, len(f.body)/6+1) {
						if _, err = w.Write(piece); err != nil {
							break
						}
						time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
					}
					w.Close()
				}
			case 1:
				half := to + ".part"
				if err = os.WriteFile(half, f.body, 0o600); err == nil && f.want != "waiting partial" {
					time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
					err = os.Rename(half, to)
				}
			default:
				beside := filepath.Join(t.TempDir(), "x")
				if err = os.WriteFile(beside, f.body, 0o600); err == nil {
					err = os.Rename(beside, to)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
		})
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
	}
}

// TestKilledOverAFolder kills the real service again and again while files come into a
// watched folder, whole and in pieces. In the end each of them is taken with all of its
// bytes, refused with its reason beside it, or waits; none is lost and none is there
// twice. Malware is refused among them.
func TestKilledOverAFolder(t *testing.T) {
	dir := t.TempDir()
	m := newMortal(t, "SOHOA_DROP_FOLDERS="+string(wire.OwnAgency.Code)+"="+dir, "SOHOA_DROP_QUIET=1", "SOHOA_DROP_KEEP=1", "SOHOA_CLAMD="+knowsEICAR(t))
	m.live()
	m.ready()
	var files []laid
	for i := range 60 {
		f := laid{name: fmt.Sprintf("quét %02d.jpg", i), body: sheetOf(t, i+1), want: "taken"}
		switch {
		case i%11 == 5:
			f.body, f.want = eicar(i), "refused "+malware.Code
		case i%7 == 3:
			f.body, f.want = fmt.Appendf(nil, "not a paper %d", i), "refused kind"
		}
		files = append(files, f)
	}
	files[58].want = "waiting partial" // its writer never comes back
	coming := make(chan struct{})
	go func() { defer close(coming); lay(t, dir, files) }()
	for kills := 0; kills < 6; kills++ {
		time.Sleep(time.Duration(500+rand.IntN(1200)) * time.Millisecond)
		m.kill()
		m.live()
	}
	<-coming
	m.ready()
	db := m.open()
	defer db.Close()
	tray := func() map[string][]drop.Drop {
		list, err := db.Tray(t.Context(), nil, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string][]drop.Drop{}
		for _, d := range list {
			name := strings.TrimSuffix(d.Name, ".part")
			found[name] = append(found[name], d)
		}
		return found
	}
	settled := func() bool {
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(left) == 3 // taken, refused, and the half one
	}
	for end := time.Now().Add(2 * time.Minute); !settled(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			left, _ := os.ReadDir(dir)
			t.Fatalf("there is left %v; the service says\n%s", left, m.wrote())
		}
	}
	store, err := fs.Open(filepath.Join(m.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	rows := tray()
	for _, f := range files {
		of := rows[f.name]
		if len(of) != 1 || strings.TrimSpace(string(of[0].State)+" "+of[0].Code) != f.want {
			t.Errorf("%s: %+v, not %s", f.name, of, f.want)
			continue
		}
		switch of[0].State {
		case drop.Taken:
			if kept, err := blobtest.Get(t, store, digest.Of(f.body)); err != nil || !bytes.Equal(kept, f.body) || of[0].Sum != digest.Of(f.body) {
				t.Errorf("%s: its bytes are not all there: %v", f.name, err)
			}
			lies(t, dir, "taken", f.name)
		case drop.Refused:
			lies(t, dir, "refused", f.name)
			lies(t, dir, "refused", f.name+".ly-do.txt")
		}
	}
	for name := range rows {
		if !slices.ContainsFunc(files, func(f laid) bool { return f.name == name }) {
			t.Errorf("%q came from nowhere", name)
		}
	}
	if strings.Contains(m.wrote(), "quét") {
		t.Error("the log names files")
	}
}

// lies holds that a file lies in a folder of an inbox, once.
func lies(t *testing.T, dir, folder, name string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(dir, folder))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range list {
		if e.Name() == name || regexp.MustCompile(`^\d+-`).ReplaceAllString(e.Name(), "") == name {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%s lies in %s %d times", name, folder, n)
	}
}

// TestKilledOverABatch kills the real service while it looks at a stack of paper and
// while its papers enter: every side is accounted for and every paper is there once.
func TestKilledOverABatch(t *testing.T) {
	m := newMortal(t)
	m.live()
	m.ready()
	code := counted(t, m.running)
	status, path, page := m.surf(dossier.Counter).layOut("/batches", stack(t, code))
	if !strings.HasPrefix(path, "/batches/") {
		t.Fatalf("%d %s %s", status, path, page)
	}
	id := batch.ID(strings.TrimPrefix(path, "/batches/"))
	db := m.open()
	defer db.Close()
	m.killUntil(db, id, batch.Proposed)
	b := m.standing(db, id, batch.Proposed)
	if len(b.Sides) != 5 {
		t.Fatalf("%+v", b.Sides)
	}
	if status, _, page := m.surf(dossier.Counter).fill(path, orderOf(b)); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	m.killUntil(db, id, batch.Done)
	b = m.standing(db, id, batch.Done)
	if n := batch.Account(b.Sides); n != (batch.Sum{Sides: 5, Entered: 2, Blank: 1, Separators: 2}) {
		t.Errorf("%+v", n)
	}
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{})
	if err != nil || len(docs) != 2 {
		t.Errorf("%d documents of two papers, %v", len(docs), err)
	}
	for _, d := range docs {
		if past, err := db.Changes(t.Context(), d.ID); err != nil || len(past) == 0 || past[0].Act != dossier.Receive || slices.ContainsFunc(past[1:], func(c dossier.Change) bool { return c.Act == dossier.Receive }) {
			t.Errorf("%s was received %d times, %v", d.ID, len(past), err)
		}
	}
}

// killUntil kills the service as soon as it works again, some times, or until a batch
// stands as it is wanted; then it lives.
func (m *mortal) killUntil(db *sqldb.DB, id batch.ID, want batch.Standing) {
	m.t.Helper()
	for kills := range 4 {
		time.Sleep(time.Duration(100+200*kills) * time.Millisecond)
		if b, err := db.PaperBatch(m.t.Context(), id, nil); err != nil || b.Standing == want {
			break
		}
		m.kill()
		m.live()
		m.ready()
	}
	m.ready()
}
