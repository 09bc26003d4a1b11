//go:build conformance

package conformance

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/storage/sqldb"
)

// playwright returns a directory in which playwright-core and axe-core are installed.
func playwright(t *testing.T) string {
	t.Helper()
	return cached(t, "pages-1.65.1", "node_modules/axe-core/package.json", func(dir string) {
		said(t, dir, "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, "playwright-core@1.65.1", "axe-core@4.14.1")
	})
}

// A visitor is somebody who looks at pages.
type visitor struct {
	Role     string   `json:"role,omitempty"`
	Login    string   `json:"login,omitempty"`
	Password string   `json:"password,omitempty"`
	Paths    []string `json:"paths,omitempty"`
}

var firstLogin = regexp.MustCompile(`^\s+(counter|officer|clerk|auditor|admin)\s+(\S+)\s+(\S+)$`)

// served serves a demonstrated house; it returns its address and who may come in.
func served(t *testing.T, data string) (base string, who []visitor) {
	t.Helper()
	cmd := exec.Command("../bin/sohoa", "serve", "--data", data, "--addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	late := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, at, ok := strings.Cut(lines.Text(), "Sohoa: "); ok {
			base = at
		}
		if m := firstLogin.FindStringSubmatch(lines.Text()); m != nil {
			who = append(who, visitor{Role: m[1], Login: m[2], Password: m[3]})
		}
		if len(who) == len(dossier.Roles) {
			break
		}
	}
	go func() { // it must not wait for somebody to read
		for b := make([]byte, 4096); ; {
			if _, err := out.Read(b); err != nil {
				return
			}
		}
	}()
	if base == "" || len(who) == 0 {
		t.Fatalf("the service says %q and %d logins", base, len(who))
	}
	return base, who
}

// TestPagesLookedAt has the viewer of PDF files used as people do; with CONFORMANCE=all
// also every page that the house links to looked at by axe-core in Chromium, which
// takes minutes.
func TestPagesLookedAt(t *testing.T) {
	t.Parallel()
	data, dir := demonstrated(t), t.TempDir()
	address, words := archivedScan(t, data)
	base, who := served(t, data)
	b, err := json.Marshal(append([]visitor{{Paths: []string{"/verify", "/api"}}}, who...))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "logins", b)
	logins := filepath.Join(dir, "logins")
	if whole {
		t.Run("axe", func(t *testing.T) { lookedAt(t, base, logins) })
	}
	t.Run("viewer", func(t *testing.T) { viewed(t, base, logins, address, words) })
}

func lookedAt(t *testing.T, base, logins string) {
	args := []string{"pages.mjs", base, playwright(t), logins}
	if shots := os.Getenv("SOHOA_SHOTS"); shots != "" {
		args = append(args, shots)
	}
	opened, roles := 0, 0
	for line := range strings.Lines(said(t, ".", "node", args...)) {
		var s struct {
			Fault  string
			Opened int
		}
		if json.Unmarshal([]byte(line), &s) != nil {
			continue
		}
		if s.Fault != "" {
			t.Error(line)
		}
		if s.Opened > 0 {
			opened, roles = opened+s.Opened, roles+1
		}
	}
	if roles < 6 || opened < 100 {
		t.Errorf("%d pages opened by %d roles: this proves little", opened, roles)
	}
	t.Logf("%d pages opened by %d roles", opened, roles)
}

// onPhones are the pages that Lighthouse looks at, by who sees them.
var onPhones = map[string][]string{
	"":        {"/login", "/lookup", "/api"},
	"counter": {"/", "/dossiers/new", "/dossiers", "/holders"},
	"officer": {"/desk", "/projects"},
	"clerk":   {"/documents?state=archived/*", "/retention"},
	"auditor": {"/search"},
	"admin":   {"/figures", "/admin/agencies", "/admin/line"},
}

// TestLighthouse asks Lighthouse, which takes minutes, on a machine that does nothing else:
// with CONFORMANCE=all. It holds that a page is quick on a slow phone, within 150 kB, and
// nothing on it jumps; and that the first one can be used within a second.
func TestLighthouse(t *testing.T) {
	if !whole {
		t.Skip("CONFORMANCE=all asks Lighthouse")
	}
	base, who := served(t, demonstrated(t))
	who = append(who, visitor{})
	for i := range who {
		who[i].Paths = onPhones[who[i].Role]
	}
	b, err := json.Marshal(who)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, dir, "logins", b)
	modules := cached(t, "lighthouse-12", "node_modules/lighthouse/package.json", func(dir string) {
		said(t, dir, "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, "playwright-core@1.65.1", "lighthouse@12.8.2")
	})
	pages := 0
	for line := range strings.Lines(said(t, ".", "node", "lighthouse.mjs", base, modules, filepath.Join(dir, "logins"))) {
		t.Log(strings.TrimSpace(line))
		var p struct {
			At, Landed                            string
			Performance, Accessibility, Practices int
			Bytes                                 int
			Interactive                           int // milliseconds
		}
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		at, _, _ := strings.Cut(p.At, "?")
		if p.Landed != at || p.Performance < 95 || p.Accessibility < 100 || p.Practices < 100 || p.Bytes > 150_000 && !strings.HasPrefix(at, "/documents/") {
			t.Errorf("%+v", p)
		}
		if (at == "/login" || at == "/") && p.Interactive >= 1000 {
			t.Errorf("the first page is interactive after %d ms", p.Interactive)
		}
		pages++
	}
	if pages < 15 {
		t.Errorf("%d pages: this proves little", pages)
	}
}

func viewed(t *testing.T, base, logins, address, words string) {
	var s struct {
		May            struct{ Origin, Cookie, Page, House, Storage string }
		Found, Missed  string
		Larger, Turned bool
		Text           int
		Errors         []string
	}
	says := said(t, ".", "node", "viewer.mjs", base, playwright(t), logins, address, words)
	if err := json.Unmarshal([]byte(says), &s); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	if m := s.May; m.Origin != "null" || m.Cookie != "SecurityError" || m.Page != "SecurityError" || m.House != "TypeError" || m.Storage != "SecurityError" {
		t.Errorf("the frame may too much: %+v", m)
	}
	if !strings.HasPrefix(s.Found, "1") || strings.HasPrefix(s.Missed, "1") || !s.Larger || !s.Turned || s.Text < 50 || len(s.Errors) > 0 {
		t.Errorf("%+v", s)
	}
}

// archivedScan is the viewer's address of an archived paper, and words that stand on
// every paper with the national motto.
func archivedScan(t *testing.T, data string) (address, words string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 1})
	if err != nil || len(docs) == 0 {
		t.Fatalf("nothing archived: %v", err)
	}
	return "/documents/" + string(docs[0].ID) + "/view", "hanh phuc"
}
