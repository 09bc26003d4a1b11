package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca"
)

// reachable is a development authority that answers over HTTP, with its root in
// a file.
func reachable(t *testing.T, dir string) (ca *devca.CA, url, root string) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ca, err := devca.OpenAt(t.TempDir(), time.Now, devca.Addresses{OCSP: server.URL + "/ocsp", CRLs: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/tsa", ca.TSA())
	mux.Handle("/ocsp", ca.OCSP())
	mux.Handle("/", ca.Lists())
	t.Setenv("SOHOA_PRIVATE_HOSTS", "127.0.0.1") // the authority that certificates name is on this machine
	root = filepath.Join(dir, "root.pem")
	if err := os.WriteFile(root, ca.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return ca, server.URL, root
}

func TestSign(t *testing.T) {
	dir := t.TempDir()
	ca, url, root := reachable(t, dir)
	if err := ca.Issue("an", "Nguyễn Vĩnh Nghĩa", "UBND xã"); err != nil {
		t.Fatal(err)
	}
	key, password := ca.KeyPath("an")
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	plain := revisiontest.Paper{}.Bytes()
	if err := os.WriteFile(in, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	order := func(level string, more ...string) []string {
		return append([]string{"sign", in, "-o", out, "--key", key, "--password-file", password, "--profile", "copy-officer",
			"--name", "Nguyễn Vĩnh Nghĩa", "--level", level}, more...)
	}
	for level, want := range map[string]int{"B-B": exitIndeterminate, "B-T": exitIndeterminate, "B-LT": exitDone, "B-LTA": exitDone} {
		code, text, message := sohoa(t, order(level, "--tsa", url+"/tsa", "--trust", root)...)
		if code != exitDone || !strings.Contains(text, "PAdES "+level) {
			t.Fatalf("%s: exit %d: %s%s", level, code, text, message)
		}
		code, text, message = sohoa(t, "verify", out, "--trust", root)
		if code != want || !strings.Contains(text, "PAdES "+level+"\n") {
			t.Errorf("%s: verify: exit %d: %s%s", level, code, text, message)
		}
	}
	if b, err := os.ReadFile(out + ".journal"); err != nil || strings.Count(string(b), `"subject":"in.pdf"`) != 4 || strings.Contains(string(b), "Nghĩa") {
		t.Errorf("journal: %v %s", err, b)
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	if code, _, message := sohoa(t, order("B-T", "--tsa", url+"/none", "--trust", root)...); code != exitOurs || !strings.Contains(message, "does not answer") {
		t.Errorf("no authority: exit %d: %s", code, message)
	}
	broken := strings.Replace(string(plain), "%%EOF", "%%EO", 1)
	if err := os.WriteFile(in, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, message := sohoa(t, order("B-B")...); code != exitInvalid {
		t.Errorf("a damaged file: exit %d: %s", code, message)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.pdf")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", err, left)
	}
	open := filepath.Join(dir, "password")
	for path, b := range map[string]string{in: string(plain), open: "x"} {
		if err := os.WriteFile(path, []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"no key":            {"sign", in, "-o", out},
		"level":             order("B-X"),
		"no TSA":            order("B-T"),
		"profile":           order("B-B", "--profile", "stamp"),
		"no picture":        order("B-B", "--profile", "result"),
		"no number":         order("B-B", "--profile", "attachment"),
		"where":             order("B-B", "--at", "here"),
		"corner":            order("B-B", "--corner", "middle"),
		"writer":            order("B-B", "--writer", "quill"),
		"words by pdfsign":  order("B-B", "--writer", "pdfsign"),
		"page":              order("B-B", "--page", "2"),
		"two files":         order("B-B", in),
		"no key file":       order("B-B", "--key", in+"x"),
		"password for all":  order("B-B", "--password-file", open),
		"no such directory": order("B-B", "-o", filepath.Join(dir, "none", "out.pdf"), "--journal", filepath.Join(dir, "journal")),
	} {
		if code, _, message := sohoa(t, args...); code != exitUsage {
			t.Errorf("%s: exit %d: %s", name, code, message)
		}
	}
}
