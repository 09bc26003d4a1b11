//go:build conformance

package conformance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/specimen"
)

// paperOf is a scan of an application.
func paperOf(t *testing.T, dir string) string {
	t.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	scan, err := press.Paper(specimen.Application, 7, specimen.About{}).File(specimen.PNG, 150, specimen.Clean(), 7)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "don.png", scan.Bytes)
	return filepath.Join(dir, "don.png")
}

// lit is a service that can be killed and started again where it was.
type lit struct {
	t          *testing.T
	data, addr string
	cmd        *exec.Cmd
}

func (l *lit) start() {
	l.t.Helper()
	l.cmd = exec.Command("../bin/sohoa", "serve", "--data", l.data, "--addr", l.addr)
	l.cmd.Env = append(os.Environ(), "SOHOA_API_RATE=100000")
	if err := l.cmd.Start(); err != nil {
		l.t.Fatalf("%v: run make build first", err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get("http://" + l.addr + "/healthz"); err == nil {
			res.Body.Close()
			return
		}
	}
	l.t.Fatal("the service did not start")
}

func (l *lit) kill() { _ = l.cmd.Process.Kill(); _ = l.cmd.Wait() }

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// seated adds a second place to the procedure, and somebody at the counter who is there.
func seated(t *testing.T, data string) (token string) {
	t.Helper()
	ctx := t.Context()
	db, must := rowsOf(t, data)
	defer db.Close()
	part := func(slot dossier.SlotCode) dossier.Component {
		return dossier.Component{Slot: slot, Kind: "DDN", Name: "Đơn " + string(slot), Required: true, Digitise: true}
	}
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận", Level: dossier.Full, Components: []dossier.Component{part("TP01"), part("TP02")}}))
	must(db.PutPerson(ctx, dossier.Person{ID: "p-live", Login: "live", Name: "Cúc", Role: dossier.Counter, Agency: "A00"}, ""))
	now := time.Now()
	must(db.AddSession(ctx, digest.Of([]byte("of-a-test")), account.Session{Person: "p-live", Browser: "Chrome/Linux", Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}))
	return "of-a-test"
}

// TestPagesChangeByThemselves has a real browser look at pages of the real service while a
// program acts: they change without being loaded anew, also after the service was killed.
func TestPagesChangeByThemselves(t *testing.T) {
	t.Parallel()
	modules, data, dir := playwright(t), t.TempDir(), t.TempDir()
	key, ids := seeded(t, data)
	token := seated(t, data)
	code := regexp.MustCompile(`"path.code" = "([^"]+)"`).FindStringSubmatch(ids)[1]
	l := &lit{t: t, data: data, addr: free(t)}
	l.start()
	defer func() { l.kill() }()
	cmd := exec.Command("node", "live.mjs", "http://"+l.addr, modules, token, key, code, paperOf(t, dir))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var s struct {
		Said map[string]struct {
			Ms   int
			Same bool
		}
		Errors []string
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "kill" {
			l.kill()
			l.start()
			fmt.Fprintln(in)
		} else if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Errorf("%v: %s", err, lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, x := range s.Said {
		if !x.Same {
			t.Errorf("%s was loaded anew", name)
		}
	}
	if len(s.Said) != 4 || len(s.Errors) > 0 {
		t.Errorf("%+v", s)
	}
	t.Logf("%+v", s.Said)
}
