package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/sampling"
	"sohoa/specimen"
	"sohoa/storage/sqldb"
	"sohoa/web/clicker"
)

// A running is a service that a test started.
type running struct {
	t    *testing.T
	data string
	base string
	end  func() error
	mu   sync.Mutex
	out  bytes.Buffer
	log  logged
}

// logged is what the service logs.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (r *running) logged() string {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	return r.log.b.String()
}

func (r *running) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(b)
}

func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serving starts the service, on a directory and a port of its own.
func serving(t *testing.T, data string, args ...string) *running {
	t.Helper()
	return servingWith(t, nil, data, args...)
}

// servingWith is serving in an environment.
func servingWith(t *testing.T, env map[string]string, data string, args ...string) *running {
	t.Helper()
	r := &running{t: t, data: data}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...), settingsOf(env), r, &r.log)
	}()
	r.end = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := r.end(); err != nil {
			t.Errorf("the service ended badly: %v", err)
		}
	})
	r.wait(time.Minute, func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the service ended: %v", err)
		default:
		}
		return address.MatchString(r.said())
	})
	r.base = address.FindString(r.said())
	return r
}

func (r *running) wait(longest time.Duration, until func() bool) {
	r.t.Helper()
	for end := time.Now().Add(longest); !until(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("waited %v in vain; the service said:\n%s", longest, r.said())
		}
	}
}

func (r *running) login(role dossier.Role) *clicker.Person {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.data, "first-logins.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var logins []wire.FirstLogin
	if err := json.Unmarshal(b, &logins); err != nil {
		r.t.Fatal(err)
	}
	for _, l := range logins {
		if l.Role == role {
			p, err := clicker.Login(r.t.Context(), r.base, l.Login, l.Password)
			if err != nil {
				r.t.Fatal(err)
			}
			return p
		}
	}
	r.t.Fatalf("no first login for %s", role)
	return nil
}

// open opens the rows beside the service, as an auditor would.
func (r *running) open() *sqldb.DB {
	r.t.Helper()
	db, err := sqldb.Open(r.t.Context(), filepath.Join(r.data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { db.Close() })
	return db
}

// TestDemo runs the demonstration through the real service, counts its figures
// again, and then drops every bad file at its door.
func TestDemo(t *testing.T) {
	traces := collecting(t)
	r := servingWith(t, map[string]string{"SOHOA_METRICS_ADDR": "127.0.0.1:0", "SOHOA_OTLP_ENDPOINT": traces.URL, "SOHOA_ORIGIN": here}, t.TempDir(), "--demo", "--demo-cases", "5", "--log", "json")
	r.wait(5*time.Minute, func() bool { return strings.Contains(r.said(), "Xem / look") })
	db := r.open()
	recount(t, r, db)
	t.Run("project", func(t *testing.T) { projectShown(t, r, db) })
	t.Run("workbooks", func(t *testing.T) { workbooksOpen(t, r, figures.Year(time.Now().In(dossier.VietNam).Year())) })
	t.Run("figures at once", func(t *testing.T) { figuresAtOnce(t, r) })
	t.Run("figures for Prometheus", func(t *testing.T) { figuresSeen(t, r, db) })
	t.Run("traces", func(t *testing.T) { traces.seenWhole(t, db) })
	t.Run("log", func(t *testing.T) { logSaysNobody(t, r, traces, db) })
	t.Run("search", func(t *testing.T) { foundAgain(t, r, db) })
	t.Run("packages", func(t *testing.T) { packedUp(t, r, db) })
	t.Run("bad files", func(t *testing.T) { badAtTheDoor(t, r, db) })
	t.Run("busy files", func(t *testing.T) { busyAtTheDoor(t, r, db) })
	t.Run("broken signature", func(t *testing.T) { brokenSignature(t, r, db) })
	t.Run("signed", func(t *testing.T) { sealedOpens(t, r, db) })
	t.Run("backup", func(t *testing.T) { backedUp(t, r, nil, db) })
	t.Run("removed", func(t *testing.T) { removed(t, r.data) })
}

// recount counts the demonstration's figures by hand from documents and
// dossiers, without the formulas.
func recount(t *testing.T, r *running, db *sqldb.DB) {
	t.Helper()
	ctx := t.Context()
	dossiers, err := db.Dossiers(ctx, dossier.DossierQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	year := figures.Year(time.Now().In(dossier.VietNam).Year())
	var whole, asked, results, resolved int
	for _, d := range dossiers {
		if !year.Contains(d.Received) && !year.Contains(d.Resolved) {
			continue // of the backlog
		}
		slots, err := db.Fillings(ctx, d.Code)
		if err != nil {
			t.Fatal(err)
		}
		need, have, result, document := 0, 0, 0, 0
		for _, s := range slots {
			filled := s.Reused != nil || s.Document != nil && s.Document.State == dossier.Archived
			switch {
			case s.Slot == dossier.ResultSlot:
				document++
				if filled {
					result++
				}
			case s.Required && s.Digitise:
				need++
				if filled {
					have++
				}
			}
		}
		if need > 0 {
			asked++
			if have == need {
				whole++
			}
		}
		if !d.Resolved.IsZero() && document > 0 {
			resolved++
			results += result
		}
	}
	facts, err := db.Facts(ctx, year, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := figures.Of(facts, year)
	if got.Dossiers != (figures.Rate{Numerator: whole, Denominator: asked}) || got.Results != (figures.Rate{Numerator: results, Denominator: resolved}) {
		t.Errorf("figures say %v and %v; counted by hand %d/%d and %d/%d", got.Dossiers, got.Results, whole, asked, results, resolved)
	}
	if whole == 0 || whole == asked || results == 0 {
		t.Errorf("a demonstration of %d/%d and %d/%d shows nothing", whole, asked, results, resolved)
	}
	sameByCommand(t, r, map[string]figures.Rate{"dossiers": {Numerator: whole, Denominator: asked}, "results": {Numerator: results, Denominator: resolved}}, year)
	for _, line := range []string{fmt.Sprintf("%d / %d = ", whole, asked), fmt.Sprintf("%d / %d = ", results, resolved)} {
		if !strings.Contains(r.said(), line) {
			t.Errorf("the service did not say %q:\n%s", line, r.said())
		}
	}
}

// projectShown wants a backlog project with papers done, a team, a lot that is judged
// and one that is being looked at; and all of it to be marked.
func projectShown(t *testing.T, r *running, db *sqldb.DB) {
	ctx := t.Context()
	page, err := r.login(dossier.Clerk).Read(ctx, "/projects")
	if err != nil || !strings.Contains(string(page), "8 trên 40 hồ sơ (20%)") {
		t.Fatalf("%v: %s", err, page)
	}
	list, err := db.Projects(ctx, nil, "", 0)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	p := list[0]
	page, err = r.login(dossier.Admin).Read(ctx, "/projects/"+string(p.ID))
	for _, want := range []string{"Chưa đủ 5 ngày làm việc để dự báo", ">motcua<", ">canboky<", "Giá 1", "Giấy khai sinh, Giấy phép, Giấy chứng nhận, Quyết định", "AQL, % giấy tờ không phù hợp: 6,5"} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("the project does not say %q: %v", want, err)
		}
	}
	if strings.Contains(string(page), `data-name="Giấy tờ mỗi ngày">0,0<`) {
		t.Error("somebody who did eight papers is said to do none a day")
	}
	lots, err := db.Lots(ctx, p.ID)
	if err != nil || len(lots) != 2 || lots[0].Last().Verdict != sampling.Accepted || lots[1].Last().Verdict != sampling.Open || lots[1].Last().Checked != 1 {
		t.Errorf("lots: %+v, %v", lots, err)
	}
	for _, l := range lots {
		papers, err := db.LotPapers(ctx, p.ID, l.Number, false, "", 0)
		if err != nil || len(papers) != l.Size {
			t.Errorf("lot %d has %d papers, %v", l.Number, len(papers), err)
		}
		for _, x := range papers {
			if d, err := db.Document(ctx, x.Document); err != nil || d.State != dossier.Archived || !d.Demo {
				t.Errorf("a paper of the project: %+v, %v", d, err)
			}
		}
	}
}

// sameByCommand wants `sohoa figures` to say the same of a running house, and to
// list as many dossiers behind each figure.
func sameByCommand(t *testing.T, r *running, want map[string]figures.Rate, year figures.Period) {
	t.Helper()
	args := []string{"figures", "--data", r.data, "--format", "json",
		"--from", year.From.Format(time.DateOnly), "--to", year.To.AddDate(0, 0, -1).Format(time.DateOnly)}
	code, out, message := sohoa(t, args...)
	var lines []figureLine
	if err := json.Unmarshal([]byte(out), &lines); code != exitDone || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, message)
	}
	for _, l := range lines {
		if w, ok := want[l.Key]; ok && (figures.Rate{Numerator: l.Numerator, Denominator: l.Denominator}) != w {
			t.Errorf("sohoa figures says %+v of %s, counted by hand %+v", l, l.Key, w)
		}
		delete(want, l.Key)
		if !l.Told || l.Key == "full-service" {
			continue
		}
		var behind []factLine
		_, out, _ := sohoa(t, append(args, "--dossiers", l.Key)...)
		if err := json.Unmarshal([]byte(out), &behind); err != nil {
			t.Fatalf("%s: %v", l.Key, err)
		}
		var rate figures.Rate
		for _, f := range behind {
			rate.Add(f.Stands)
		}
		if rate != (figures.Rate{Numerator: l.Numerator, Denominator: l.Denominator}) {
			t.Errorf("%s is %d/%d, the dossiers behind it are %+v", l.Key, l.Numerator, l.Denominator, rate)
		}
	}
	if len(want) > 0 {
		t.Errorf("sohoa figures does not say %v", want)
	}
}

// brokenSignature drops a file whose signature is none: it comes in as a signed
// file, is judged, and refused with what was found in both languages. Its bytes
// stay as they came.
func brokenSignature(t *testing.T, r *running, db *sqldb.DB) {
	ctx := t.Context()
	counter := r.login(dossier.Counter)
	code, err := counter.Open(ctx, clicker.NewDossier{Procedure: "9.000101", Receiving: "H99.11", Competent: "H99.11",
		HolderNumber: "099090123457", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range specimen.Bad() {
		if bad.WantCode != "signed" {
			continue
		}
		id, err := counter.Upload(ctx, code, "TP01", bad.Name, bad.Reader())
		if err != nil {
			t.Fatal(err)
		}
		d, err := db.Document(ctx, id)
		for ; err == nil && d.State != dossier.Refused; d, err = db.Document(ctx, id) {
			if time.Sleep(100 * time.Millisecond); ctx.Err() != nil {
				t.Fatalf("%s stands at %s: %s", bad.Name, d.State, d.Trouble)
			}
		}
		if err != nil || !strings.HasPrefix(d.Why, "invalid-signature: ") || !strings.Contains(d.Why, " ‖ Chữ ký") || d.Parts[dossier.PartVerdict].IsZero() || len(d.Parts) != 3 {
			t.Errorf("%s: %q %v, %v", bad.Name, d.Why, d.Parts, err)
		}
	}
}

// badAtTheDoor drops every file that must be refused on an empty slot: each
// gets its own code, nothing is stored, and the next good file is taken.
func badAtTheDoor(t *testing.T, r *running, db *sqldb.DB) {
	ctx := t.Context()
	counter := r.login(dossier.Counter)
	code, err := counter.Open(ctx, clicker.NewDossier{Procedure: "9.000101", Receiving: "H99.11", Competent: "H99.11",
		HolderNumber: "099090123456", HolderName: "Trần Thị Ngoãn", Channel: dossier.Direct})
	if err != nil {
		t.Fatal(err)
	}
	before := blobs(t, r.data)
	for _, bad := range specimen.Bad() {
		if bad.WantCode == "signed" {
			continue // taken in to be judged, see brokenSignature
		}
		_, err := counter.Upload(ctx, code, "TP01", bad.Name, bad.Reader())
		var answer *clicker.StatusError
		if !errors.As(err, &answer) || answer.Kind != bad.WantCode || answer.Code/100 != 4 {
			t.Errorf("%s: %v, want %s", bad.Name, err, bad.WantCode)
		}
	}
	if after := blobs(t, r.data); after != before {
		t.Errorf("%d blobs before, %d after", before, after)
	}
	docs, err := db.Documents(ctx, dossier.DocumentQuery{Dossier: code})
	if err != nil || len(docs) != 0 {
		t.Errorf("documents of refused files: %v, %v", docs, err)
	}
	if left, err := os.ReadDir(filepath.Join(r.data, "tmp")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if n := children(t, "inspect") + children(t, "split"); n != 0 {
		t.Errorf("%d children left behind", n)
	}
	if n := children(t, "ocr"); n == 0 {
		t.Error("no reader is seen among the children: nothing left behind would be seen either")
	}
	if res, err := http.Get(r.base + "/healthz"); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the service no longer serves: %v", err)
	}
	path, _ := scanned(t, specimen.PNG, specimen.About{}, specimen.Application)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id, err := counter.Upload(ctx, code, "TP01", "don.png", bytes.NewReader(good))
	if err != nil {
		t.Fatalf("a good file after the bad: %v", err)
	}
	r.wait(time.Minute, func() bool {
		seen, err := counter.Look(ctx, id)
		return err == nil && seen.State == dossier.Normalised
	})
}

// sealedOpens has an archived file opened by programs that are not ours.
func sealedOpens(t *testing.T, r *running, db *sqldb.DB) {
	docs, err := db.Documents(t.Context(), dossier.DocumentQuery{States: []dossier.State{dossier.Archived}, Limit: 3})
	if err != nil || len(docs) == 0 {
		t.Fatalf("archived: %v, %v", docs, err)
	}
	for _, d := range docs {
		sum := d.Parts[dossier.PartSealed].String()
		path := filepath.Join(r.data, "blobs", sum[:2], sum)
		if got := tool(t, "qpdf", "--check", path); !strings.Contains(got, "No syntax or stream encoding errors") {
			t.Errorf("qpdf: %s", got)
		}
		if got := tool(t, "pdfsig", "-nocert", path); strings.Count(got, "Signature is Valid") != 2 || strings.Count(got, "Total document signed") != 1 {
			t.Errorf("pdfsig: %s", got)
		}
		if got := tool(t, "pdftotext", "-l", "1", path, "-"); !strings.Contains(got, "SAO Y") || !strings.Contains(got, "Nguyễn Vĩnh Nghĩa") {
			t.Errorf("the marks are not to be read: %s", got)
		}
	}
	judgedByThePage(t, r, docs[0])
}

// judgedByThePage brings an archived file to the page that judges files, as it
// is and with one byte changed.
func judgedByThePage(t *testing.T, r *running, d dossier.Document) {
	sum := d.Parts[dossier.PartSealed].String()
	file, err := os.ReadFile(filepath.Join(r.data, "blobs", sum[:2], sum))
	if err != nil {
		t.Fatal(err)
	}
	auditor := r.login(dossier.Auditor)
	j, err := auditor.Verify(t.Context(), "sealed.pdf", bytes.NewReader(file))
	if err != nil || j.Verdict != "VALID" || len(j.Signatures) != 3 || j.Signatures[1].Level != "B-LTA" || !j.Signatures[2].Stamp || j.Sum != sum {
		t.Errorf("an archived file: %v, %v", j, err)
	}
	file[len(file)/2] ^= 1
	if j, err = auditor.Verify(t.Context(), "changed.pdf", bytes.NewReader(file)); err != nil || j.Verdict != "INVALID" {
		t.Errorf("with a byte changed: %v, %v", j, err)
	}
}

// checkpointBlobs counts the blobs that the ledger's checkpoints name.
func checkpointBlobs(t *testing.T, data string) int {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	made, err := db.Checkpoints(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, k := range made {
		named[k.Sum], named[k.Stamp] = true, true
	}
	delete(named, "") // not stamped
	return len(named)
}

// removed takes the demonstration away again: no row, no file and no person of
// it is left, and the next start is a first one. The ledger, which holds ids
// alone, stays with its checkpoints, and still holds.
func removed(t *testing.T, data string) {
	if code, out, message := sohoa(t, "demo", "remove", "--data", data); code != exitDone || !strings.Contains(out, "removed") {
		t.Fatalf("exit %d: %s %s", code, out, message)
	}
	if n, kept := blobs(t, data), checkpointBlobs(t, data); n != kept || kept == 0 {
		t.Errorf("%d blobs left, %d of them checkpoints", n, kept)
	}
	audited(t, exitDone, "verify", "--data", data)
	r := serving(t, data)
	if !strings.Contains(r.said(), "first logins") {
		t.Errorf("no first logins: %s", r.said())
	}
	db := r.open()
	if list, err := db.Dossiers(t.Context(), dossier.DossierQuery{}); err != nil || len(list) != 0 {
		t.Errorf("dossiers: %v, %v", list, err)
	}
	projects, err := db.Projects(t.Context(), nil, "", 0)
	archives, err2 := db.Archives(t.Context(), nil, 0)
	if err := errors.Join(err, err2); err != nil || len(projects)+len(archives) != 0 {
		t.Errorf("projects and archives: %v, %v, %v", projects, archives, err)
	}
	if code, _, message := sohoa(t, "demo", "remove", "--data", data); code != exitOurs || !strings.Contains(message, "another sohoa") {
		t.Errorf("removing under a running service: exit %d: %s", code, message)
	}
}

func blobs(t *testing.T, data string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "blobs", "[0-9a-f][0-9a-f]", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// children counts this process's children of a name.
func children(t *testing.T, name string) (n int) {
	t.Helper()
	found, _ := filepath.Glob("/proc/[0-9]*")
	for _, f := range found {
		status, _ := os.ReadFile(filepath.Join(f, "status")) // of a process that may be gone by now
		args, _ := os.ReadFile(filepath.Join(f, "cmdline"))
		if strings.Contains(string(status), fmt.Sprintf("\nPPid:\t%d\n", os.Getpid())) && strings.Contains(string(args), "\x00"+name+"\x00") {
			n++
		}
	}
	return n
}
