package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/verify/attack"
)

// layouts are the ways in which writers lay the same file out.
var layouts = map[string][]string{
	"table":    nil,
	"stream":   {"--object-streams=generate"},
	"linear":   {"--object-streams=disable", "--linearize"},
	"linstrm":  {"--object-streams=generate", "--linearize"},
	"qpdf-tbl": {"--object-streams=disable"},
}

// laidOut returns the paper that attacks begin with in every layout.
func laidOut(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, attack.Paper(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range layouts {
		if args == nil {
			out[name] = attack.Paper()
			continue
		}
		to := filepath.Join(dir, name+".pdf")
		if b, err := exec.Command("qpdf", append(args, in, to)...).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v %s", err, b)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	return out
}

// signerOf lets a desk's key sign, with its time-stamps.
func signerOf(t testing.TB, d *devtest.Desk, name string) attack.Signer {
	t.Helper()
	k := d.Key(t, name, "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
	return attack.Signer{Key: k.Signer, Chain: k.Chain, At: time.Now(), Stamp: func(value []byte) []byte {
		token, _, err := d.Sealer.TSA.Stamp(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}}
}

// bases returns signed files of all kinds in all layouts.
func bases(t testing.TB, d *devtest.Desk) (all []*attack.Base) {
	t.Helper()
	who, evil := signerOf(t, d, "officer"), signerOf(t, devtest.New(t, time.Now), "officer")
	evil.Stamp = who.Stamp
	papers := laidOut(t)
	for _, layout := range []string{"table", "stream", "linear", "linstrm", "qpdf-tbl"} {
		for name, s := range map[string]attack.Spec{
			"approved":     {},
			"P1":           {P: 1, Perms: true},
			"P2":           {P: 2, Perms: true},
			"P3":           {P: 3, Perms: true},
			"adbe":         {Format: "adbe.pkcs7.detached"},
			"adbe-sha1":    {Format: "adbe.pkcs7.sha1"},
			"P2, unlisted": {P: 2},
		} {
			if layout != "table" && name != "approved" && name != "P2" || name == "adbe-sha1" {
				continue
			}
			signed, err := attack.Sign(papers[layout], who, s)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &attack.Base{Name: layout + " " + name, File: signed, P: s.P, Signer: who, Evil: evil})
		}
	}
	slices.SortFunc(all, func(a, b *attack.Base) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// judgeBytes is what the child does.
func judgeBytes(b []byte, o Options) (verdict Verdict, all []string) {
	r, err := check(bytes.NewReader(b), int64(len(b)), o)
	var refusal *jail.Refusal
	if errors.As(err, &refusal) {
		return Invalid, []string{refusal.Code}
	}
	if err != nil {
		return Invalid, []string{err.Error()}
	}
	return r.Verdict, strings.Fields(codes(r))
}

// unproven are findings that leave a verdict open: nothing speaks for the file.
var unproven = []string{"issuer", "none", "sub-filter"}

// TestAttacks makes every attack on every base. Each must be noticed, for a
// right reason.
func TestAttacks(t *testing.T) {
	d := devtest.New(t, time.Now)
	o := options(t, d)
	made := map[string]int{}
	attacks := slices.Concat(attack.Published, attack.Certified, attack.Own)
	for _, b := range bases(t, d) {
		if v, why := judgeBytes(b.File, o); v != Valid {
			t.Errorf("%s: the base is %s %v", b.Name, v, why)
			continue
		}
		for _, a := range attacks {
			if !a.On(b) {
				continue
			}
			file, err := attack.Build(b, a.Make)
			if err != nil {
				continue // counted below
			}
			made[a.Class+": "+a.Name]++
			v, why := judgeBytes(file, o)
			ok := slices.ContainsFunc(why, func(c string) bool {
				return slices.Contains(a.Codes, c) && (v == Invalid || slices.Contains(unproven, c))
			})
			if v == Valid || !ok {
				t.Errorf("%s: %s: %s: %s %q, want %q", b.Name, a.Class, a.Name, v, why, a.Codes)
			}
		}
	}
	for _, a := range attacks {
		if made[a.Class+": "+a.Name] == 0 {
			t.Errorf("%s: %s was never made", a.Class, a.Name)
		}
	}
	t.Logf("%d attacks, %d files", len(attacks), sum(made))
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// TestFine makes every change that may be made: it must be told, and the file
// stay valid.
func TestFine(t *testing.T) {
	d := devtest.New(t, time.Now)
	o := options(t, d)
	made := map[string]int{}
	for _, b := range bases(t, d) {
		for _, a := range attack.Fine {
			if !a.On(b) {
				continue
			}
			file, err := attack.Build(b, a.Make)
			if err != nil {
				continue // counted below
			}
			made[a.Name]++
			r, err := check(bytes.NewReader(file), int64(len(file)), o)
			if err != nil || r.Verdict != Valid {
				t.Errorf("%s: %s: %v %s %q %v", b.Name, a.Name, err, r.Verdict, codes(r), r.Signatures[0].Changes)
				continue
			}
			if told := changesOf(r); a.Change != "" && !slices.Contains(told, a.Change) || a.Change == "" && len(told) > 0 {
				t.Errorf("%s: %s: told %q, want %q", b.Name, a.Name, told, a.Change)
			}
		}
	}
	for _, a := range attack.Fine {
		if made[a.Name] == 0 {
			t.Errorf("%s was never made", a.Name)
		}
	}
}

// changesOf returns the changes after the first signature.
func changesOf(r Report) (out []string) {
	for _, c := range r.Signatures[0].Changes {
		if !c.Allowed {
			c.Code = "not " + c.Code
		}
		out = append(out, c.Code)
	}
	return out
}

func ExampleChange() {
	fmt.Println(deed{kind: formFilled, field: "Sum"}.in(true).English)
	// Output: a form field was filled in: Sum
}
