//go:build conformance

package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/inspect"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/pdf/pdfa/verapdf"
	"sohoa/scan"
)

// TestClaimsAreProved breaks every clause that our check claims to know, in a
// file of ours and in a page kept in one: veraPDF must fail the file for that
// clause, and our check must find it by one of the rules that the claim names.
func TestClaimsAreProved(t *testing.T) {
	judge, err := verapdf.Find(t.Context(), "./verapdf.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	all := append(pdfatest.Violations(t), keptViolations(t)...)
	var paths []string
	for i, v := range all {
		name := fmt.Sprintf("%03d.pdf", i)
		put(t, dir, name, v.File)
		paths = append(paths, filepath.Join(dir, name))
	}
	said, err := judge.Files(t.Context(), "2u", paths...)
	if err != nil {
		t.Error(err)
	}
	proved := map[string]int{}
	for i, v := range all {
		var found pdfa.Findings
		if err := pdfa.Check(bytes.NewReader(v.File), int64(len(v.File))); !errors.As(err, &found) {
			t.Errorf("%s (%s): our check says %v", v.Name, v.Clause, err)
		}
		claim := claimOf(v.Clause)
		if !slices.ContainsFunc(claim.Rules, found.Has) {
			t.Errorf("%s (%s): our check says %v, and the claim %v", v.Name, v.Clause, found, claim.Rules)
		}
		if broken := said[paths[i]]; broken.Pass || !slices.ContainsFunc(broken.Broken, func(c string) bool { return within(c, v.Clause) }) {
			t.Errorf("%s (%s): veraPDF says %+v", v.Name, v.Clause, broken)
			continue
		}
		proved[claim.Clause]++
	}
	for _, c := range pdfa.Claims() {
		if proved[c.Clause] == 0 {
			t.Errorf("%s (%s) is claimed and not proved", c.Clause, c.What)
		}
	}
	t.Logf("%d claims proved by %d files", len(proved), len(all))
}

// within tells whether a test of veraPDF, as "6.2.4.3-2", is of a clause or one
// below it.
func within(test, clause string) bool {
	c, _, _ := strings.Cut(test, "-")
	return c == clause || strings.HasPrefix(c, clause+".")
}

func claimOf(clause string) pdfa.Claim {
	all := pdfa.Claims()
	if i := slices.IndexFunc(all, func(c pdfa.Claim) bool { return c.Clause == clause }); i >= 0 {
		return all[i]
	}
	return pdfa.Claim{}
}

// keptViolations are kept pages, spoilt, in files of ours.
func keptViolations(t *testing.T) (all []pdfatest.Violation) {
	t.Helper()
	dir := t.TempDir()
	for _, c := range grafttest.Cases(t) {
		if c.Name != grafttest.Everything {
			continue
		}
		put(t, dir, "in.pdf", c.PDF)
		f, err := inspect.Open(filepath.Join(dir, "in.pdf"), scan.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Page(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range grafttest.Spoil(t, p.Graft) {
			file, _ := keptFile(s.Graft, float64(p.Width)*72/p.DPIX, float64(p.Height)*72/p.DPIY, pdfa.Level2U) // judged by the caller
			if s.Clause != "" {
				all = append(all, pdfatest.Violation{Name: "kept: " + s.Name, Clause: s.Clause, File: file})
			}
		}
	}
	put(t, dir, "in.pdf", grafttest.SimpleFont(t))
	f, err := inspect.Open(filepath.Join(dir, "in.pdf"), scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Cut(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keptFile(p.Graft, p.Width, p.Height, pdfa.Level2U); err != nil {
		t.Errorf("the page that is to be spoilt: %v", err)
	}
	s := grafttest.SimpleSpoilt(t, p.Graft)
	file, _ := keptFile(s.Graft, p.Width, p.Height, pdfa.Level2U)
	return append(all, pdfatest.Violation{Name: "kept: " + s.Name, Clause: s.Clause, File: file})
}
