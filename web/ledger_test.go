package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sohoa/dossier"
	"sohoa/storage/ledger"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// proofs signs whatever the log is, whenever it is asked. The real one is joined
// with the pages in the end-to-end tests.
type proofs struct {
	db      *sqldb.DB
	private string
	public  string
	wait    bool // no checkpoint now
}

func newProofs(db *sqldb.DB) *proofs {
	p := &proofs{db: db}
	p.private, p.public, _ = ledger.NewKey("house.example")
	return p
}

func (p *proofs) Checkpoint(ctx context.Context, size int64) (web.Checkpoint, error) {
	all, err := p.db.NumberEvents(ctx)
	if err != nil || size > all || p.wait {
		return web.Checkpoint{}, dossier.ErrNotFound
	}
	root, err := p.db.LogRoot(ctx, all)
	if err != nil {
		return web.Checkpoint{}, err
	}
	signer, _ := note.NewSigner(p.private)
	signed, err := ledger.Checkpoint{Origin: "house.example", Size: all, Root: root}.Sign(signer)
	return web.Checkpoint{Size: all, At: start, Note: signed, Stamped: true}, err
}

func (p *proofs) Checkpoints(ctx context.Context, _ int) ([]web.Checkpoint, error) {
	c, err := p.Checkpoint(ctx, -1)
	return []web.Checkpoint{c}, err
}

func (p *proofs) Proof(ctx context.Context, place int64) ([]byte, error) {
	if p.wait {
		return nil, dossier.ErrConflict
	}
	c, err := p.Checkpoint(ctx, -1)
	if err != nil {
		return nil, err
	}
	proof, err := p.db.ProveEvent(ctx, place, c.Size, c.Note)
	return proof.Bytes(), err
}

func (p *proofs) Stamp(context.Context, int64) ([]byte, error) { return []byte("token"), nil }
func (p *proofs) Tile(context.Context, string) ([]byte, error) { return []byte("hashes"), nil }
func (p *proofs) Keys() ([]string, error)                      { return []string{p.public}, nil }

// readings returns what the log says was read of a document, newest last.
func (h *house) readings(id dossier.DocumentID) (acts []string) {
	h.t.Helper()
	_, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	log, err := h.db.LogOf(h.t.Context(), id)
	must(h.t, err)
	for _, p := range log {
		if p.Kind == "reading" {
			acts = append(acts, fmt.Sprintf("%s %s %s%s", p.Who, p.Act, p.Purpose, strings.TrimSuffix(" "+string(p.Part), " ")))
		}
	}
	return acts
}

// Whatever shows a paper or hands it out is in the ledger: what is looked at once
// in a quarter of an hour, what is taken each time.
func TestReadingsAreInTheLedger(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	at := "/documents/" + string(d.ID)
	counter, auditor := h.as("p-counter"), h.as("p-auditor")
	before := len(h.readings(d.ID))
	for range 3 {
		for _, path := range []string{at, at + "/pages/1", at + "/signatures", "/api" + at} {
			if a := auditor.get(path); a.status != http.StatusOK {
				t.Fatalf("%s: %d", path, a.status)
			}
		}
	}
	auditor.get(at + "/parts/scan")
	auditor.get(at + "/parts/scan")
	auditor.get(at + "/words/hocr")
	counter.get(at)
	h.clock.add(16 * time.Minute)
	auditor.get(at + "/pages/1")
	got := strings.Join(h.readings(d.ID)[before:], "; ")
	if got != "p-auditor viewed audit; p-auditor taken audit scan; p-auditor taken audit scan; p-auditor exported audit hocr; p-counter viewed handling; p-auditor viewed audit" {
		t.Errorf("readings: %s", got)
	}
	if before != 0 {
		t.Logf("%d readings on the way", before)
	}
	if a := h.as("p-far").get(at + "/parts/scan"); a.status != http.StatusNotFound || len(h.readings(d.ID)) != before+6 {
		t.Errorf("a reading that was refused: %d, %v", a.status, h.readings(d.ID))
	}
}

func TestWhoLooked(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	h.as("p-auditor").get("/documents/" + string(d.ID))
	h.as("p-clerk").get("/documents/" + string(d.ID) + "/parts/scan")
	h.as("p-clerk").get("/dossiers/" + string(code) + "/record")
	h.readings(d.ID) // numbers
	a := h.as("p-counter").get("/dossiers/" + string(code) + "/lookers")
	for _, want := range []string{"kiemtra", "vanthu", "Kiểm tra, giám sát", "Tải tệp", "Xem kho của chủ hồ sơ"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%q is not in the list", want)
		}
	}
	if strings.Contains(a.body, "008199012345") {
		t.Error("the number is shown")
	}
	if a := h.as("p-counter").get("/dossiers/" + string(code) + "/record"); !strings.Contains(a.body, "/lookers") {
		t.Error("the record does not lead to the list")
	}
	if a := h.as("p-clerk").get("/dossiers/" + string(code) + "/record"); strings.Contains(a.body, "/lookers") {
		t.Error("the record leads the clerk to a list that is not for them")
	}
}

// Each change on the document's page leads to a proof that holds with nothing
// but the key.
func TestProofOnThePage(t *testing.T) {
	h := newHouse(t)
	code := h.open("008199012345", "An")
	d := h.until(h.bring(code, "TP01", "đơn"), dossier.Normalised)
	if page := h.as("p-auditor").get("/documents/" + string(d.ID)); !strings.Contains(page.body, "đang ghi vào sổ") {
		t.Error("a change that is not numbered yet has a place")
	}
	h.readings(d.ID)
	page := h.as("p-auditor").get("/documents/" + string(d.ID))
	links := regexp.MustCompile(`/documents/[^"]+/proofs/\d+`).FindAllString(page.body, -1)
	if len(links) != 3 {
		t.Fatalf("%d proofs for 3 changes", len(links))
	}
	a := h.as("p-auditor").get(links[1])
	p, err := ledger.ParseProof([]byte(a.body))
	if err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	e, _, err := p.Check([]string{h.proofs.public})
	if err != nil || e.Document != string(d.ID) || e.Act != "recognise" {
		t.Errorf("proof of %+v: %v", e, err)
	}
	other := h.until(h.bring(code, "TP02", "giấy"), dossier.Normalised)
	if a := h.as("p-auditor").get("/documents/" + string(other.ID) + strings.TrimPrefix(links[1], "/documents/"+string(d.ID))); a.status != http.StatusNotFound {
		t.Errorf("the proof of another document's event: %d", a.status)
	}
	h.proofs.wait = true
	if a := h.as("p-auditor").get(links[1]); a.status != http.StatusConflict || !strings.Contains(a.body, "Thử lại sau một phút") {
		t.Errorf("without a checkpoint: %d", a.status)
	}
}

// Logins and what an administrator sets are events of the house, without names.
func TestHouseEvents(t *testing.T) {
	h := newHouse(t)
	b := h.nobody()
	b.post("/login", url.Values{"login": {"quantri"}, "password": {password}})
	h.as("p-admin").post("/admin/kinds", url.Values{"code": {"GXN"}, "name": {"Giấy xác nhận bí mật"}})
	b.post("/logout", nil)
	_, err := h.db.NumberEvents(t.Context())
	must(t, err)
	size, err := h.db.LogSize(t.Context())
	must(t, err)
	var acts []string
	for place := range size {
		e, err := h.db.LogEvent(t.Context(), place)
		must(t, err)
		if strings.Contains(e, "bí mật") {
			t.Errorf("a name in the log: %s", e)
		}
		if x, _ := ledger.Parse(e); x.Kind == ledger.House {
			acts = append(acts, x.Who+" "+x.Act+" "+x.Subject)
		}
	}
	got := strings.Join(acts, "; ")
	for _, want := range []string{"p-admin logged-in ", "p-admin put-kind GXN", "p-admin logged-out "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not among %s", want, got)
		}
	}
}
