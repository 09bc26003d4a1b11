//go:build conformance

package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify"
	"sohoa/signing/verify/attack"
)

// An attacked is a file that must not be believed, or one that must.
type attacked struct {
	class, name, base string
	path              string
}

// attackedFiles makes every attack and every allowed change, each on the first
// base that it can be made on.
func attackedFiles(t *testing.T, d *devtest.Desk, dir string) (bad, good []attacked) {
	t.Helper()
	signer := func(d *devtest.Desk) attack.Signer {
		k := d.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
		return attack.Signer{Key: k.Signer, Chain: k.Chain, At: time.Now()}
	}
	who, evil := signer(d), signer(devtest.New(t, time.Now))
	stamp := func(value []byte) []byte {
		token, _, err := d.Sealer.TSA.Stamp(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	who.Stamp, evil.Stamp = stamp, stamp
	var bases []*attack.Base
	for i, name := range []string{"approved", "P1", "P2", "P3"} {
		signed, err := attack.Sign(attack.Paper(), who, attack.Spec{P: i, Perms: i > 0})
		if err != nil {
			t.Fatal(err)
		}
		bases = append(bases, &attack.Base{Name: name, File: signed, P: i, Signer: who, Evil: evil})
	}
	make := func(class, name string, on func(*attack.Base) bool, how func(*attack.Base) []byte) []attacked {
		for _, b := range bases {
			if !on(b) {
				continue
			}
			if file, err := attack.Build(b, how); err == nil {
				f := attacked{class, name, b.Name, fmt.Sprintf("%s-%d.pdf", class, len(bad)+len(good))}
				put(t, dir, f.path, file)
				return []attacked{f}
			}
		}
		t.Errorf("%s: %s cannot be made", class, name)
		return nil
	}
	for _, a := range slices.Concat(attack.Published, attack.Certified, attack.Own) {
		bad = append(bad, make(a.Class, a.Name, a.On, a.Make)...)
	}
	for _, a := range attack.Fine {
		good = append(good, make("allowed", a.Name, a.On, a.Make)...)
	}
	return bad, good
}

// TestAttacksJudged has everybody at hand judge every attack and every allowed
// change, and prints what they say. Ours must reject all of the first and none of
// the others; what the others say is for the reader.
func TestAttacksJudged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := devtest.New(t, time.Now)
	bad, good := attackedFiles(t, d, dir)
	crls, err := d.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "root.pem", d.CA.RootPEM())
	put(t, dir, "a.crl", crls[0])
	put(t, dir, "b.crl", crls[1])
	said(t, dir, "certutil", "-N", "-d", ".", "--empty-password")
	said(t, dir, "certutil", "-A", "-d", ".", "-n", "root", "-t", "CT,C,C", "-i", "root.pem")
	python := manyByPyHanko(t, dir, append(slices.Clone(bad), good...))
	o := verify.Options{Roots: [][]byte{d.CA.Root()}, CRLs: crls, At: time.Now()}
	t.Logf("%-20s %-48s %-9s %-36s %-22s %s", "class", "attack", "on", "sohoa", "pdfsig", "pyHanko")
	believed := map[string]int{}
	for i, f := range slices.Concat(bad, good) {
		ours := oursOn(t, filepath.Join(dir, f.path), o)
		sig, whole := pdfsigOn(dir, f.path)
		t.Logf("%-20s %-48s %-9s %-36s %-22s %s", f.class, f.name, f.base, ours, sig, python[f.path])
		if valid := strings.HasPrefix(ours, "VALID"); valid != (i >= len(bad)) {
			t.Errorf("%s: %s: %s", f.class, f.name, ours)
		}
		if i < len(bad) {
			count := map[string]bool{"pdfsig": strings.HasPrefix(sig, "valid"), "pdfsig, whole file": whole, "pyHanko": python[f.path] == "valid"}
			for judge, yes := range count {
				if yes {
					believed[judge]++
				}
			}
		}
	}
	t.Logf("of %d attacks are believed: by ours 0, by others %v", len(bad), believed)
}

// oursOn returns our verdict and reasons.
func oursOn(t *testing.T, path string, o verify.Options) string {
	t.Helper()
	r, err := verify.File(t.Context(), path, o)
	if err != nil {
		return "refused: " + err.Error()[:min(30, len(err.Error()))]
	}
	words := []string{}
	for _, x := range r.Reasons {
		words = append(words, x.Code)
	}
	for _, s := range r.Signatures {
		for _, x := range s.Reasons {
			words = append(words, x.Code)
		}
	}
	return string(r.Verdict) + " " + strings.Join(slices.Compact(words), " ")
}

// pdfsigOn returns what pdfsig says of all signatures, and whether it believes
// them and that they cover the file.
func pdfsigOn(dir, name string) (says string, whole bool) {
	cmd := exec.Command("pdfsig", "-nssdir", ".", "-no-ocsp", name)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput() // its exit code says nothing
	n := strings.Count(string(out), "Signature #") - strings.Count(string(out), "field is not signed")
	valid := strings.Count(string(out), "Signature is Valid.")
	trusted := strings.Count(string(out), "Certificate is Trusted.")
	switch {
	case n == 0:
		return "none", false
	case valid < n || trusted < n:
		return "rejected", false
	case strings.Contains(string(out), "Total document signed"):
		return "valid, total", true
	}
	return "valid, not total", false
}

// manyByPyHanko judges all files in one process.
func manyByPyHanko(t *testing.T, dir string, files []attacked) map[string]string {
	t.Helper()
	script, err := filepath.Abs("attacks.py")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{script, "root.pem", "a.crl,b.crl"}
	for _, f := range files {
		args = append(args, f.path)
	}
	out := map[string]string{}
	for _, line := range strings.Split(said(t, dir, pyHanko(t), args...), "\n") {
		if path, says, ok := strings.Cut(line, "\t"); ok {
			out[path] = says
		}
	}
	return out
}

// TestSchemaJudged has the validator of PyPI hold what `sohoa verify --json`
// prints to its schema, for files of every verdict.
func TestSchemaJudged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := devtest.New(t, time.Now)
	python := pyHanko(t)
	if exec.Command(python, "-c", "import jsonschema").Run() != nil {
		said(t, ".", python, "-m", "pip", "-q", "install", "jsonschema==4.25.1")
	}
	bad, good := attackedFiles(t, d, dir)
	put(t, dir, "plain.pdf", attack.Paper())
	put(t, dir, "root.pem", d.CA.RootPEM())
	crls, err := d.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "a.crl", crls[0])
	put(t, dir, "b.crl", crls[1])
	seen := map[string]bool{}
	args := []string{"-c", "import json,sys,jsonschema\ns=json.load(open(sys.argv[1]))\njsonschema.Draft202012Validator.check_schema(s)\n" +
		"v=jsonschema.Draft202012Validator(s)\nfor p in sys.argv[2:]: v.validate(json.load(open(p)))\nprint(len(sys.argv)-2)", "../docs/verify.schema.json"}
	for i, f := range append(append([]attacked{{path: "plain.pdf"}}, good...), bad...) {
		out, _ := exec.Command("../bin/sohoa", "verify", "--json", "--trust", filepath.Join(dir, "root.pem"), "--crl", filepath.Join(dir, "a.crl"),
			"--crl", filepath.Join(dir, "b.crl"), filepath.Join(dir, f.path)).Output() // the exit code is the verdict
		var v struct{ Verdict string }
		if json.Unmarshal(out, &v) != nil {
			continue // refused: no JSON
		}
		seen[v.Verdict] = true
		path := filepath.Join(dir, fmt.Sprintf("%d.json", i))
		if err := os.WriteFile(path, out, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if len(seen) < 4 {
		t.Errorf("verdicts seen: %v", seen)
	}
	says := said(t, ".", python, args...)
	if !regexp.MustCompile(`^\d+\n$`).MatchString(says) {
		t.Error(says)
	}
	t.Logf("%s reports obey the schema", strings.TrimSpace(says))
}
