//go:build conformance

package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// errand makes a key in a demonstrated house, and says where a paper may be brought.
func errand(t *testing.T, data string) (key, procedure, competent, slot string) {
	t.Helper()
	ctx := t.Context()
	db, must := rowsOf(t, data)
	defer db.Close()
	docs, err := db.Documents(ctx, dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 50})
	must(err)
	for _, d := range docs {
		if d.Slot != "KQ" {
			do, err := db.Dossier(ctx, d.Dossier)
			must(err)
			procedure, competent, slot = string(do.Procedure), string(do.Competent), string(d.Slot)
			must(db.PutPerson(ctx, dossier.Person{ID: "s-client", Login: "may-khach", Name: "Máy", Role: dossier.Counter, Agency: do.Receiving, Service: true}, ""))
			secret, head := account.NewKey()
			_, err = db.MakeKey(ctx, account.Key{Account: "s-client", Head: head, Acts: []string{"look", "receive", "search"}, Agency: do.Receiving, Why: "client", Until: time.Now().AddDate(0, 1, 0)},
				digest.Of([]byte(secret)), account.By{Who: "admin", Role: dossier.Admin})
			must(err)
			return secret, procedure, competent, slot
		}
	}
	t.Fatal("nothing was archived")
	return
}

// TestClients has clients that strangers' generators wrote from docs/api.json, in Go and in
// TypeScript, compiled and taken through one journey at the running service.
func TestClients(t *testing.T) {
	t.Parallel()
	data, dir := demonstrated(t), t.TempDir()
	key, procedure, competent, slot := errand(t, data)
	base, _ := served(t, data)
	args := []string{base, key, procedure, competent, slot, paperOf(t, dir), "hanh phuc"}
	spec, err := filepath.Abs("../docs/api.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, build := range map[string]func() *exec.Cmd{
		"Go":         func() *exec.Cmd { return exec.Command(goClient(t, filepath.Join(dir, "go"), spec), args...) },
		"TypeScript": func() *exec.Cmd { return exec.Command("node", append([]string{tsClient(t, spec)}, args...)...) },
	} {
		t.Run(name, func(t *testing.T) {
			cmd := build()
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var j struct {
				Role, State                           string
				Words, Fields, Found, Bytes, Refusals int
			}
			if err := json.Unmarshal(out, &j); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if j.Role != "counter" || j.State != "normalised" || j.Words < 200 || j.Found == 0 || j.Bytes < 10_000 || j.Refusals != 1 {
				t.Errorf("%+v", j)
			}
			t.Logf("%+v", j)
		})
	}
}

// goClient writes the client with oapi-codegen and builds the journey with it.
func goClient(t *testing.T, dir, spec string) string {
	t.Helper()
	said(t, ".", "cp", "-r", "goclient", dir)
	if err := os.MkdirAll(filepath.Join(dir, "client"), 0o755); err != nil {
		t.Fatal(err)
	}
	said(t, dir, "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "client", "-o", "client/client.gen.go", spec)
	said(t, dir, "go", "build", "-o", "goclient", ".")
	return filepath.Join(dir, "goclient")
}

// tsClient writes types with openapi-typescript and compiles the journey by them.
func tsClient(t *testing.T, spec string) string {
	t.Helper()
	modules := cached(t, "openapi-ts-7.10.1", "node_modules/typescript/package.json", func(dir string) {
		said(t, dir, "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, "openapi-typescript@7.10.1", "openapi-fetch@0.15.0", "typescript@5.9.3", "@types/node@24.10.1")
	})
	dir := t.TempDir()
	put(t, dir, "package.json", []byte(`{"type":"module"}`))
	source, err := os.ReadFile("client.ts")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "client.ts", source)
	said(t, dir, "ln", "-s", filepath.Join(modules, "node_modules"), "node_modules")
	said(t, dir, "node_modules/.bin/openapi-typescript", spec, "-o", "api.d.ts")
	said(t, dir, "node_modules/.bin/tsc", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "--types", "node", "client.ts")
	return filepath.Join(dir, "client.js")
}
