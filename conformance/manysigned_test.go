//go:build conformance

package conformance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
)

// manyPapers is how many wait at the desk; one is left there.
const manyPapers = 221

// TestHundredsSigned has an officer order 220 signatures in one act in a real browser, and
// kills the service while it signs: each paper is signed once, the page says so of each
// without being loaded anew, and what was not picked is not signed.
func TestHundredsSigned(t *testing.T) {
	t.Parallel()
	modules, data := playwright(t), demonstrated(t)
	token, papers := heaped(t, data, manyPapers)
	l := &lit{t: t, data: data, addr: free(t)}
	l.start()
	defer func() { l.kill() }()
	args := []string{"manysigned.mjs", "http://" + l.addr, modules, token}
	if shots := os.Getenv("SOHOA_SHOTS"); shots != "" {
		args = append(args, shots+"/hundreds-signed.png")
	}
	cmd := exec.Command("node", args...)
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
	late := time.AfterFunc(9*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var s struct {
		Offered, Picked, Killed, Said, Left int
		Same, Back                          bool
		Stages                              map[string]int
		Errors                              []string
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
	t.Logf("%+v", s)
	if s.Offered != manyPapers || s.Picked != manyPapers-1 || s.Left != 1 {
		t.Errorf("%d offered, %d picked, %d left", s.Offered, s.Picked, s.Left)
	}
	if s.Killed < 0 || s.Killed >= s.Picked || s.Said < 10 || s.Back || !s.Same || len(s.Errors) > 0 {
		t.Errorf("the page, killed at %d, said %d numbers, went back: %v, stayed: %v, %q", s.Killed, s.Said, s.Back, s.Same, s.Errors)
	}
	if !maps.Equal(s.Stages, map[string]int{"Xong": s.Picked}) {
		t.Errorf("it says at the end: %v", s.Stages)
	}
	db, must := rowsOf(t, data)
	defer db.Close()
	signed := 0
	for _, id := range papers {
		past, err := db.Changes(t.Context(), id)
		must(err)
		n := 0
		for _, c := range past {
			if c.Act == dossier.SignCopy {
				n++
			}
		}
		if n > 1 {
			t.Errorf("%s was signed %d times", id, n)
		}
		signed += n
	}
	if signed != s.Picked {
		t.Errorf("%d of %d are signed", signed, s.Picked)
	}
}

// heaped brings n papers to where the officer of the demonstrated province signs their
// copies: each is of a dossier of its own, with the files of one that is archived. It
// returns a session of that officer.
func heaped(t *testing.T, data string, n int) (token string, papers []dossier.DocumentID) {
	t.Helper()
	ctx := t.Context()
	db, must := rowsOf(t, data)
	defer db.Close()
	docs, err := db.Documents(ctx, dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 100})
	must(err)
	var of dossier.Document
	for _, d := range docs { // one that the house read, made and signed itself
		if !d.Parts[dossier.PartPlain].IsZero() && d.Parts[dossier.PartDoubts].IsZero() && d.Parts[dossier.PartArrived].IsZero() {
			of = d
		}
	}
	do, err := db.Dossier(ctx, of.Dossier)
	must(err)
	officer, _, err := db.PersonByLogin(ctx, "canboky")
	must(err)
	clerk, _, err := db.PersonByLogin(ctx, "motcua")
	must(err)
	for range n {
		own, err := db.AddDossier(ctx, dossier.Dossier{Procedure: do.Procedure, Receiving: do.Receiving, Competent: do.Competent, Holder: do.Holder, Channel: do.Channel}, clerk.ID)
		must(err)
		d, err := db.Add(ctx, dossier.Document{Dossier: own.Code, Slot: of.Slot, Media: of.Media, Size: of.Size, Pages: of.Pages, Parts: map[dossier.Part]digest.Digest{dossier.PartScan: of.Parts[dossier.PartScan]}}, clerk.ID)
		must(err)
		for _, c := range []dossier.Change{
			{Act: dossier.Recognise, Made: map[dossier.Part]digest.Digest{dossier.PartWords: of.Parts[dossier.PartWords], dossier.PartText: of.Parts[dossier.PartText]}},
			{Act: dossier.Normalise, Made: map[dossier.Part]digest.Digest{dossier.PartPlain: of.Parts[dossier.PartPlain]}},
		} {
			c.By, c.Who, c.At = dossier.Machine, "w-before", time.Now()
			d, err = db.Advance(ctx, d, c)
			must(err)
		}
		papers = append(papers, d.ID)
	}
	now := time.Now()
	must(db.AddSession(ctx, digest.Of([]byte("of-an-officer")), account.Session{Person: officer.ID, Browser: "Chrome/Linux", Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}))
	return "of-an-officer", papers
}
