package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11/softhsm"
)

// with calls sohoa in an environment.
func with(t *testing.T, env map[string]string, args ...string) (code int, stdout, message string) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, func(name string) string { return env[name] }, &out, &errs)
	if err != nil {
		message = explain(err)
	}
	return exitCode(t.Context(), err), out.String(), message
}

func put(t *testing.T, path string, b []byte) string {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// agency is the key of an agency, and a file of its certificates.
func agency(t *testing.T, ca *devca.CA, dir string) (k signing.Key, chain string) {
	t.Helper()
	if err := ca.Issue("agency", "Ủy ban nhân dân xã Vĩnh Thịnh", ""); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(ca.KeyPath("agency"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, c := range k.Chain {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return k, put(t, filepath.Join(dir, "chain.pem"), all)
}

func outcomes(t *testing.T, text string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for line := range strings.Lines(text) {
		var o outcome
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		n[o.Outcome+o.Code]++
	}
	return n
}

func intents(t *testing.T, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return bytes.Count(b, []byte("\n"))
}

// TestSignMany signs many files with one PIN of one token, through bad files
// and an outage; running again does what is missing and no more.
func TestSignMany(t *testing.T) {
	dir := t.TempDir()
	ca, _, root := reachable(t, dir)
	k, chain := agency(t, ca, dir)
	hsm := softhsm.New(t, "dau")
	address := hsm.Put(1, k.Signer, k.Chain[0])
	var files []string
	for i := range 24 {
		b := revisiontest.Paper{}.Bytes()
		if i == 5 {
			b = b[:len(b)/2]
		}
		files = append(files, put(t, filepath.Join(dir, fmt.Sprintf("kết quả %02d.pdf", i)), b))
	}
	var stamps atomic.Int32
	tsa := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := stamps.Add(1); n > 8 && n <= 12 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ca.TSA().ServeHTTP(w, r)
	}))
	defer tsa.Close()
	out := filepath.Join(dir, "out")
	order := append([]string{"sign", "--out-dir", out, "--json", "--key", address, "--certificate", chain, "--pin-from", "file:" + put(t, filepath.Join(dir, "pin"), []byte(softhsm.PIN)),
		"--profile", "copy-officer", "--name", "Ủy ban nhân dân xã Vĩnh Thịnh", "--tsa", tsa.URL, "--trust", root}, files...)
	code, text, message := with(t, hsm.Environment, order...)
	if got, want := outcomes(t, text), map[string]int{"signed": 19, "failed": 5}; code != exitSome || !maps.Equal(got, want) || !strings.Contains(message, "5 of 24") {
		t.Fatalf("exit %d, %v: %s%s", code, got, message, text)
	}
	if n := intents(t, filepath.Join(out, "journal")); n != 23 { // the damaged one has none
		t.Errorf("%d intents", n)
	}
	put(t, files[5], revisiontest.Paper{}.Bytes())
	code, text, message = with(t, hsm.Environment, order...)
	if got, want := outcomes(t, text), map[string]int{"signed": 5, "present": 19}; code != exitDone || !maps.Equal(got, want) {
		t.Errorf("again: exit %d, %v: %s%s", code, got, message, text)
	}
	for _, f := range files {
		if code, text, _ := sohoa(t, "verify", filepath.Join(out, filepath.Base(f)), "--trust", root); code != exitIndeterminate || !strings.Contains(text, "PAdES B-T\n") {
			t.Errorf("%s: exit %d: %s", f, code, text)
		}
	}
	if n := intents(t, filepath.Join(out, "journal")); n != 28 {
		t.Errorf("%d intents", n)
	}
	put(t, filepath.Join(out, filepath.Base(files[0])), []byte("another"))
	if code, text, _ := with(t, hsm.Environment, order...); code != exitSome || !maps.Equal(outcomes(t, text), map[string]int{"failed": 1, "present": 23}) {
		t.Errorf("another file in its place: exit %d: %s", code, text)
	}
	put(t, filepath.Join(dir, "pin"), []byte("4321"))
	if code, text, message := with(t, hsm.Environment, order...); code != exitUsage || text != "" || !strings.Contains(message, "PIN") {
		t.Errorf("wrong PIN: exit %d: %s", code, message)
	}
	if code, _, _ := with(t, hsm.Environment, append(order, files[0])...); code != exitUsage {
		t.Errorf("one file twice: exit %d", code)
	}
}

// TestSignLimits: a key that is used up, ends soon or was revoked is refused
// before an intent, in both languages.
func TestSignLimits(t *testing.T) {
	dir := t.TempDir()
	ca, url, root := reachable(t, dir)
	k, _ := agency(t, ca, dir)
	key, password := ca.KeyPath("agency")
	in := put(t, filepath.Join(dir, "in.pdf"), revisiontest.Paper{}.Bytes())
	journal := filepath.Join(dir, "journal")
	limits := filepath.Join(dir, "limits.json")
	sign := func(n int, more ...string) (int, string) {
		t.Helper()
		order := append([]string{"sign", in, "-o", filepath.Join(dir, fmt.Sprint(n, ".pdf")), "--key", key, "--password-file", password, "--profile", "copy-officer",
			"--name", "UBND", "--level", "B-T", "--tsa", url + "/tsa", "--trust", root, "--limits", limits, "--journal", journal}, more...)
		code, _, message := sohoa(t, order...)
		return code, message
	}
	put(t, limits, []byte(`{"uses":2,"period":"1h"}`))
	for n, want := range []int{exitDone, exitDone, exitOurs} {
		code, message := sign(n)
		if code != want || want == exitOurs && (!strings.Contains(message, "[key-uses]") || !strings.Contains(message, "khóa đã ký 2 lần")) {
			t.Errorf("use %d: exit %d: %s", n+1, code, message)
		}
	}
	put(t, limits, []byte(`{"left":"36500d"}`))
	if code, message := sign(3); code != exitOurs || !strings.Contains(message, "[key-ending]") {
		t.Errorf("ends soon: exit %d: %s", code, message)
	}
	put(t, limits, []byte(`{}`))
	if err := ca.Revoke(k.Chain[0]); err != nil {
		t.Fatal(err)
	}
	if code, message := sign(4); code != exitOurs || !strings.Contains(message, "[key-revoked]") || !strings.Contains(message, "thu hồi") {
		t.Errorf("revoked: exit %d: %s", code, message)
	}
	if n := intents(t, journal); n != 2 {
		t.Errorf("%d intents", n)
	}
	for _, bad := range []string{`{"uses":-1}`, `{"use":1}`, `x`} {
		put(t, limits, []byte(bad))
		if code, _ := sign(5); code != exitUsage {
			t.Errorf("%s: exit %d", bad, code)
		}
	}
}

// TestSignApart: the hash goes out, OpenSSL signs it elsewhere, the signature
// comes back.
func TestSignApart(t *testing.T) {
	dir := t.TempDir()
	ca, url, root := reachable(t, dir)
	k, chain := agency(t, ca, dir)
	in := put(t, filepath.Join(dir, "in.pdf"), revisiontest.Paper{}.Bytes())
	prepared, out := filepath.Join(dir, "prepared"), filepath.Join(dir, "out.pdf")
	prepare := []string{"sign", in, "--prepare", prepared, "--certificate", chain, "--profile", "copy-officer", "--name", "UBND",
		"--level", "B-LTA", "--tsa", url + "/tsa", "--trust", root}
	if code, _, message := sohoa(t, prepare...); code != exitDone {
		t.Fatalf("prepare: exit %d: %s", code, message)
	}
	if n := intents(t, prepared+".journal"); n != 1 {
		t.Errorf("%d intents", n)
	}
	if code, _, _ := sohoa(t, prepare...); code != exitUsage {
		t.Errorf("prepared over what waits: exit %d", code)
	}
	b, err := os.ReadFile(prepared + ".json")
	var e errand
	if err != nil || json.Unmarshal(b, &e) != nil || !bytes.Equal(e.Certificate, k.Chain[0].Raw) || e.Algorithm != "SHA-256" {
		t.Fatalf("%v %s", err, b)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	pemFile := put(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	signature := filepath.Join(dir, "signature")
	cmd := exec.Command("openssl", "pkeyutl", "-sign", "-inkey", pemFile, "-in", put(t, filepath.Join(dir, "digest"), e.Digest), "-out", signature)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	finish := func(signature string, more ...string) (int, string, string) {
		t.Helper()
		return sohoa(t, append([]string{"sign", in, "--finish", prepared, "--signature", signature, "-o", out, "--tsa", url + "/tsa", "--trust", root}, more...)...)
	}
	value, err := os.ReadFile(signature)
	if err != nil {
		t.Fatal(err)
	}
	wrong := slices.Clone(value)
	wrong[len(wrong)-1] ^= 1
	if code, _, message := finish(put(t, filepath.Join(dir, "wrong"), wrong)); code != exitUsage || !strings.Contains(message, "no signature of") {
		t.Errorf("a wrong signature: exit %d: %s", code, message)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a wrong signature made a file")
	}
	base := put(t, filepath.Join(dir, "base64"), []byte(base64.StdEncoding.EncodeToString(value)+"\n"))
	if code, _, message := finish(base); code != exitDone {
		t.Fatalf("finish: exit %d: %s", code, message)
	}
	if code, text, message := sohoa(t, "verify", out, "--trust", root); code != exitDone || !strings.Contains(text, "PAdES B-LTA\n") {
		t.Errorf("verify: exit %d: %s%s", code, text, message)
	}
	before, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if code, text, message := finish(signature); code != exitDone || !strings.Contains(text, "already") {
		t.Errorf("finished twice: exit %d: %s%s", code, text, message)
	}
	if after, err := os.Stat(out); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Error("finishing twice wrote the file again")
	}
	if n := intents(t, prepared+".journal"); n != 1 {
		t.Errorf("%d intents", n)
	}
	put(t, out, []byte("another"))
	if code, _, _ := finish(signature); code != exitUsage {
		t.Errorf("another file in its place: exit %d", code)
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	put(t, in, append(revisiontest.Paper{}.Bytes(), ' '))
	if code, _, _ := finish(signature); code == exitDone {
		t.Error("finished on another file")
	}
	put(t, prepared, []byte("{}"))
	if code, _, _ := finish(signature); code != exitUsage {
		t.Errorf("not prepared: exit %d", code)
	}
}
