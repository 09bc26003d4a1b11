package web_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/dossier/fixity"
	"sohoa/dossier/hook"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/dossier/room"
	"sohoa/ingest/upload"
	"sohoa/jail"
	"sohoa/storage/blob/mem"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
	"sohoa/web"
	"sohoa/web/live"
)

// door takes any file but an empty one and those that start with "refuse ".
// The real one is a room of its own; the end-to-end tests join the two.
type door struct {
	db    *sqldb.DB
	blobs *mem.Store
	now   func() time.Time
}

func (d door) Accept(ctx context.Context, in web.Intake) (dossier.Document, error) {
	b, err := io.ReadAll(in.Body)
	if err != nil {
		return dossier.Document{}, fmt.Errorf("receive: %w", err)
	}
	var code string
	var page int
	if n, _ := fmt.Sscanf(string(b), "refuse %s %d", &code, &page); n == 2 {
		return dossier.Document{}, &jail.Refusal{Code: code, Text: "in English", Page: page}
	}
	if len(b) == 0 {
		return dossier.Document{}, &jail.Refusal{Code: "empty", Text: "the file is empty"}
	}
	if word, ok := bytes.CutPrefix(b, []byte("locked ")); ok && !bytes.Equal(word, in.Password) {
		return dossier.Document{}, &jail.Refusal{Code: "encrypted", Text: "not this one"}
	}
	sum := digest.Of(b)
	if err := d.blobs.Put(ctx, sum, int64(len(b)), bytes.NewReader(b)); err != nil {
		return dossier.Document{}, err
	}
	return d.db.Add(ctx, dossier.Document{Dossier: in.Dossier, Slot: in.Slot, Media: "image/jpeg", Size: int64(len(b)),
		Pages: 1, Received: d.now(), Parts: map[dossier.Part]digest.Digest{dossier.PartScan: sum}}, in.Who)
}

const (
	root  dossier.AgencyCode = "H99"
	here  dossier.AgencyCode = "H99.11"
	there dossier.AgencyCode = "H99.12"

	maxBytes = 1 << 20
	origin   = "https://sohoa.example.gov.vn"
	password = "mật khẩu thử"
)

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam)

var onceHashed = sync.OnceValue(func() string { return web.CheapHash(password) })

// house is the real pages over a real database.
type house struct {
	blurred bool   // papers are read badly
	says    string // what papers say; empty: a birth certificate
	placed  string // the words with their places; empty: a page without words
	t       testing.TB
	db      *sqldb.DB
	blobs   *mem.Store
	url     string
	log     *lockedBuffer
	clock   *clock
	moved   func(dossier.Document)
	keys    *deskKeys
	drafts  *table
	uploads pieces
	files   fixity.Report // how the files of the archive are
	proofs  *proofs
	packer  *packer
	gate    func(context.Context, dossier.AgencyCode) error // nil: open
	hub     *live.Hub                                       // of a house that tells what happens
	full    bool                                            // nothing can be entered in the ledger

	registry *registry // of people
}

// book is the ledger, while something can be entered.
type book struct {
	*sqldb.DB
	h *house
}

func (b book) Note(ctx context.Context, r dossier.Reading) error { return b.NoteAll(ctx, r) }

func (b book) NoteAll(ctx context.Context, list ...dossier.Reading) error {
	if b.h.full {
		return errors.New("the disk is full")
	}
	return b.DB.NoteAll(ctx, list...)
}

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// people of the house; "far" works elsewhere, "second" is another clerk.
var people = []dossier.Person{
	{ID: "p-counter", Login: "motcua", Name: "Nguyễn Thị Cúc", Role: dossier.Counter, Agency: here},
	{ID: "p-officer", Login: "canbo", Name: "Trần Văn Mai", Role: dossier.Officer, Agency: here},
	{ID: "p-clerk", Login: "vanthu", Name: "Lê Thị Lan", Role: dossier.Clerk, Agency: here},
	{ID: "p-auditor", Login: "kiemtra", Name: "Phạm Văn Trúc", Role: dossier.Auditor, Agency: root},
	{ID: "p-admin", Login: "quantri", Name: "Hoàng Thị Đào", Role: dossier.Admin, Agency: root},
	{ID: "p-far", Login: "noikhac", Name: "Vũ Văn Sen", Role: dossier.Counter, Agency: there},
	{ID: "p-farofficer", Login: "canbokhac", Name: "Đỗ Thị Huệ", Role: dossier.Officer, Agency: there},
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return newHouseWith(t, func(*web.Deps, string) {})
}

// newHouseWith is newHouse with something else in it; port is where it listens.
func newHouseWith(t testing.TB, change func(d *web.Deps, port string)) *house {
	t.Helper()
	h := &house{t: t, packer: &packer{}, keys: &deskKeys{}, blobs: &mem.Store{}, log: &lockedBuffer{}, clock: &clock{t: start}}
	db := sqldbtest.New(t, filepath.Join(t.TempDir(), "house.db"), h.clock.now)
	t.Cleanup(func() { db.Close() })
	h.db, h.proofs = db, newProofs(db)
	h.drafts = &table{door: door{db, h.blobs, h.clock.now}, drafs: map[web.DraftPlace]*web.Draft{}}
	h.uploads = pieces{&upload.Store{Dir: t.TempDir(), Each: maxBytes, Most: 4 * maxBytes, Files: 10, Life: time.Hour, Now: h.clock.now}}
	h.seed()
	h.registry = &registry{DB: db, h: h, says: neighbour.Matches}
	deps := web.Deps{
		National: newNationalDesk(h), Population: h.registry,
		Documents: db, Moves: db, Dossiers: db, Holders: db, Record: db, Catalogue: db, Office: db, People: db, Accounts: db, Figures: db, Closings: h.books(), Seals: db, Settings: db, Ratings: db, Answers: db, Hooks: db, Drops: db, Notices: db, OneStop: db, Payments: db, Poster: func(w io.Writer, list []web.Poster, size string, _ time.Time) error {
			_, err := fmt.Fprint(w, "%PDF ", size, " ", len(list), " ", list[0].Address)
			return err
		}, NoticeChannels: []notice.Channel{notice.ZNS, notice.Mail}, Calls: hook.Allowed{Hosts: []string{"motcua.gov.vn"}}, Workbook: func(context.Context, figures.Input, func(dossier.AgencyCode, string) string) ([]byte, error) {
			return []byte("PK"), nil
		}, Provinces: published, Renewals: db, Ledger: book{db, h}, Proofs: h.proofs, Search: db, Retention: db, Rooms: db, Restrictions: db, Line: db,
		Gate: func(ctx context.Context, a dossier.AgencyCode) error {
			if h.gate == nil {
				return nil
			}
			return h.gate(ctx, a)
		},
		Blobs: h.blobs, Ingest: door{db, h.blobs, h.clock.now}, Desk: web.Desk{Batches: db, Keys: h.keys, Where: stands}, Pictures: album{}, PaperBatches: stacks{h}, Projects: db, HandOver: handedOver, Drafts: h.drafts, DraftPicture: h.drafts.picture, ReadCodes: codesOf, Uploads: h.uploads, Phones: phones{&upload.Invitations{Dir: t.TempDir(), Life: 15 * time.Minute, Files: 3, Now: h.clock.now}}, Verify: verify, Judge: judged, Reviews: db, Export: exported, Pack: h.packer.pack,
		Moved: func(_ context.Context, d dossier.Document) {
			if h.moved != nil {
				h.moved(d)
			}
		},
		Now: h.clock.now, Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Fixity:  func(context.Context) (fixity.Report, error) { return h.files, nil },
		Imports: lists{}, Receipt: func(w io.Writer, r web.Receipt) error {
			_, err := io.WriteString(w, "%PDF of "+string(r.Dossier.Code))
			return err
		},
		Laws: db, Precedents: db, Form: func(w io.Writer, f web.Filled) error {
			_, err := io.WriteString(w, "%PDF "+strings.Join(f.Lines, "\n"))
			return err
		},
		Person: func(ctx context.Context, w io.Writer, p web.PersonAsked) error {
			if err := p.Noted(ctx, digest.Of([]byte("zip")).String()); err != nil {
				return err
			}
			_, err := io.WriteString(w, "zip")
			return err
		},
		DevCA: true, MaxBytes: maxBytes,
		Origin: origin,
	}
	srv := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	must(t, err)
	change(&deps, port)
	srv.Config.Handler, err = web.New(deps)
	must(t, err)
	srv.Start()
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// lists takes any list, and says that nothing would come of it.
type lists struct{}

func (lists) Plan(_ context.Context, in web.ImportGiven) (web.ImportPlan, error) {
	_, err := io.Copy(io.Discard, in.Body)
	return web.ImportPlan{ID: "X", Plan: catalogue.Plan{What: in.What}}, err
}

func (lists) Order(context.Context, string, string, dossier.PersonID) (catalogue.Plan, error) {
	return catalogue.Plan{}, dossier.ErrNotFound
}

func (lists) Forget(string, dossier.PersonID) {}

func (lists) Write(context.Context, io.Writer, string, string) error { return nil }

// books close the house's months.
func (h *house) books() *closing.Books {
	return &closing.Books{Rows: h.db, Files: h.blobs, Now: h.clock.now}
}

// album has a picture of any page of a document that is normalised.
type album struct{}

func (album) Name(d dossier.Document, page int, size string) (string, error) {
	sum, ok := d.Parts[dossier.PartPlain]
	if !ok || size != "thumb" && size != "100" && size != "150" {
		return "", dossier.ErrNotFound
	}
	return fmt.Sprint(sum, page, size), nil
}

func (album) Page(_ context.Context, _ dossier.Document, page int, _ string) ([]byte, error) {
	if page == 13 {
		return nil, web.ErrBusy
	}
	im := image.NewGray(image.Rect(0, 0, 210, 297))
	for i := range im.Pix {
		im.Pix[i] = 250
	}
	im.SetGray(10, 10, color.Gray{})
	var b bytes.Buffer
	err := jpeg.Encode(&b, im, nil)
	return b.Bytes(), err
}

func verify(context.Context, dossier.Document) (web.Verdict, error) {
	return web.Verdict{Signatures: []web.Signature{{Signer: "Trần Văn Mai", Organisation: "UBND xã", Serial: "0A1B",
		Time: start, Level: "B-T", Verdict: "INDETERMINATE", ReasonVI: "Gốc thử", ReasonEN: "Trial root"}}}, nil
}

// exported writes which form was asked for.
func exported(_ context.Context, d dossier.Document, form string, w io.Writer) error {
	_, err := fmt.Fprintf(w, "<%s>%s</%s>", form, d.ID, form)
	return err
}

// judged reads a file as the house's judge does and finds one signature in it,
// unless it says that it is no PDF.
func judged(_ context.Context, r io.Reader, at time.Time) (web.Judgement, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return web.Judgement{}, err
	}
	if !bytes.HasPrefix(b, []byte("%PDF")) {
		return web.Judgement{}, &jail.Refusal{Code: "damaged", Text: "no PDF"}
	}
	return web.Judgement{Verdict: "INDETERMINATE", Checked: at, Size: int64(len(b)), Sum: digest.Of(b).String(),
		Notes: []web.Said{{Code: "n", VI: "Lưu ý", EN: "Mind"}},
		Signatures: []web.Judged{{Field: "S1", Verdict: "INDETERMINATE", Reasons: []web.Said{{Code: "r", VI: "Gốc lạ <b>", EN: "Strange root <b>"}},
			Level: "B-T", Signer: "Trần Văn Mai", Organisation: "UBND xã", Serial: "0A1B", Chain: []string{"Trần Văn Mai", "CA"}, Dev: true,
			Time: start, Proven: true, Stamper: "TSA", Revocation: "good", Evidence: start, Covers: 7,
			Changes: []web.Said{{Code: "stamp", VI: "thêm dấu thời gian", EN: "a time-stamp was added"}}}}}, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) seed() {
	ctx := h.t.Context()
	for _, a := range []dossier.Agency{{Code: root, Name: "UBND tỉnh", Tier: dossier.Province},
		{Code: here, Parent: root, Name: "UBND xã Vĩnh Nghĩa", Tier: dossier.Commune},
		{Code: there, Parent: root, Name: "UBND xã Tân Phúc", Tier: dossier.Commune}} {
		must(h.t, h.db.PutAgency(ctx, a))
	}
	for _, k := range []dossier.Kind{{Code: "DDN", Name: "Đơn đề nghị"}, {Code: "GKS", Name: "Giấy khai sinh"}, {Code: "QD", Name: "Quyết định"}} {
		must(h.t, h.db.PutKind(ctx, k))
	}
	must(h.t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận thông tin", Field: "Hộ tịch", Level: dossier.Full, ResultKind: "QD", Days: 3,
		Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn đề nghị xác nhận", Required: true, Digitise: true},
			{Slot: "TP02", Kind: "GKS", Name: "Giấy khai sinh", Required: true, Digitise: true}}}))
	for _, p := range people {
		must(h.t, h.db.PutPerson(ctx, p, onceHashed()))
	}
	_, err := h.db.AddGrant(ctx, room.Grant{Person: "p-auditor", Agency: root, Purpose: "Kiểm tra công tác số hóa", Until: start.AddDate(0, 0, 365), Who: "p-admin", By: dossier.Admin})
	must(h.t, err)
}

// browser is a person at the pages, who follows no redirect by itself.
type browser struct {
	h *house
	c *http.Client
}

func (h *house) nobody() *browser {
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as logs a person in without the cost of a password.
func (h *house) as(id dossier.PersonID) *browser {
	h.t.Helper()
	b := h.nobody()
	token := "token of " + string(id)
	_ = h.db.EndSession(h.t.Context(), digest.Of([]byte(url.QueryEscape(token))))
	now := h.clock.now()
	must(h.t, h.db.AddSession(h.t.Context(), digest.Of([]byte(url.QueryEscape(token))), account.Session{Person: id, Browser: "program", Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}))
	u, err := url.Parse(h.url)
	must(h.t, err)
	b.c.Jar.SetCookies(u, []*http.Cookie{{Name: "sohoa", Value: url.QueryEscape(token), Path: "/"}})
	return b
}

// answer is what came back.
type answer struct {
	status int
	to     string
	body   string
	header http.Header
}

func (b *browser) do(req *http.Request) answer {
	b.h.t.Helper()
	res, err := b.c.Do(req)
	must(b.h.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.h.t, err)
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

func (b *browser) request(method, path, media string, body io.Reader) *http.Request {
	b.h.t.Helper()
	req, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.url+path, body)
	must(b.h.t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	return req
}

func (b *browser) get(path string) answer { return b.do(b.request("GET", path, "", nil)) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do(b.request("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

func (b *browser) upload(path, name string, content []byte, accept string, fields ...string) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 { // each a name and a value, before the file
		must(b.h.t, form.WriteField(fields[i], fields[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	must(b.h.t, err)
	_, err = part.Write(content)
	must(b.h.t, err)
	must(b.h.t, form.Close())
	req := b.request("POST", path, form.FormDataContentType(), &body)
	req.Header.Set("Accept", accept)
	return b.do(req)
}

// open opens a dossier at the counter and returns its code.
func (h *house) open(number, name string) dossier.Code {
	h.t.Helper()
	a := h.as("p-counter").post("/dossiers", url.Values{"procedure": {"9.1"}, "competent": {string(here)}, "holder_number": {number}, "holder_name": {name}, "channel": {"direct"}})
	if a.status != http.StatusSeeOther {
		h.t.Fatalf("open: %d %s", a.status, a.body)
	}
	return dossier.Code(strings.TrimPrefix(a.to, "/dossiers/"))
}

// bring uploads a scan and returns the document.
func (h *house) bring(code dossier.Code, slot dossier.SlotCode, content string) dossier.Document {
	h.t.Helper()
	a := h.as("p-counter").upload(fmt.Sprintf("/dossiers/%s/slots/%s", code, slot), "quét.jpg", []byte(content), "")
	if a.status != http.StatusSeeOther {
		h.t.Fatalf("bring: %d %s", a.status, a.body)
	}
	return h.document(dossier.DocumentID(strings.TrimPrefix(a.to, "/documents/")))
}

func (h *house) document(id dossier.DocumentID) dossier.Document {
	h.t.Helper()
	d, err := h.db.Document(h.t.Context(), id)
	must(h.t, err)
	return d
}

func (h *house) keep(content []byte) digest.Digest {
	h.t.Helper()
	sum := digest.Of(content)
	must(h.t, h.blobs.Put(h.t.Context(), sum, int64(len(content)), bytes.NewReader(content)))
	return sum
}

var proposals = []dossier.Field{
	{Name: dossier.FieldTitle, Value: "GIẤY KHAI SINH", Page: 1, Box: [4]float64{200, 100, 400, 120}, Confidence: 96},
	{Name: dossier.FieldNumber, Value: "123/KS", Page: 1, Box: [4]float64{60, 80, 120, 95}, Confidence: 41},
	{Name: dossier.FieldIssued, Value: "2020-03-01", Page: 1, Box: [4]float64{300, 90, 450, 105}, Confidence: 88},
}

// machine moves a document on until it waits for a person.
// blurredWords is a page of two words, of which one was read badly.
const blurredWords = `[{"width":827,"height":1169,"dpiX":100,"dpiY":100,"lines":[{"words":[
	{"text":"Giấy","confidence":95,"box":{"x0":100,"y0":100,"x1":150,"y1":120}},
	{"text":"kh?","confidence":12,"box":{"x0":200,"y0":100,"x1":300,"y1":120}}]}]}]`

func (h *house) machine(d dossier.Document) dossier.Document {
	h.t.Helper()
	made := map[dossier.Act]map[dossier.Part][]byte{
		dossier.Recognise: {dossier.PartWords: []byte(cmp.Or(h.placed, `[{"width":1654,"height":2339,"dpiX":200,"dpiY":200}]`)), dossier.PartText: []byte(cmp.Or(h.says, "CỘNG HÒA\nGiấy khai sinh"))},
		dossier.Normalise: {dossier.PartPlain: []byte("%PDF plain " + string(d.ID))},
		dossier.SignCopy:  {dossier.PartCopySigned: []byte("%PDF copy " + string(d.ID))},
		dossier.Seal:      {dossier.PartSealed: []byte("%PDF sealed " + string(d.ID))},
	}
	b, err := json.Marshal(proposals)
	must(h.t, err)
	made[dossier.Extract] = map[dossier.Part][]byte{dossier.PartProposals: b}
	for {
		act, ok := dossier.Due(d.State)
		if !ok {
			return d
		}
		c := dossier.Change{Act: act, By: dossier.Machine, Who: "w-1", At: h.clock.now(), Made: map[dossier.Part]digest.Digest{}}
		for part, content := range made[act] {
			c.Made[part] = h.keep(content)
		}
		if act == dossier.Recognise && h.blurred {
			c.Made[dossier.PartWords] = h.keep([]byte(blurredWords))
			c.Made[dossier.PartDoubts] = h.keep([]byte(`[{"page":1,"confidence":47.5,"words":2,"poor":1,"why":["poor","coarse"]}]`))
		}
		d, err = h.db.Advance(h.t.Context(), d, c)
		must(h.t, err)
	}
}

// acts performs an act as a person, who sees the newest version.
func (h *house) acts(id dossier.PersonID, d dossier.Document, act dossier.Act, more url.Values) answer {
	h.t.Helper()
	form := url.Values{"version": {fmt.Sprint(h.document(d.ID).Version)}}
	for k, v := range more {
		form[k] = v
	}
	return h.as(id).post(fmt.Sprintf("/documents/%s/acts/%s", d.ID, act), form)
}

// until brings a document to a state that waits for a person.
func (h *house) until(d dossier.Document, want dossier.State) dossier.Document {
	h.t.Helper()
	for {
		if d = h.machine(h.document(d.ID)); d.State == want {
			return d
		}
		var a answer
		switch d.State {
		case dossier.Normalised:
			a = h.acts("p-officer", d, dossier.Attest, nil)
		case dossier.Extracted:
			a = h.acts("p-counter", d, dossier.Confirm, url.Values{"title": {"Giấy khai sinh"}, "number": {"123/KS"}, "issued": {"2020-03-01"}, "issuer": {"UBND xã"}})
		case dossier.Confirmed:
			a = h.acts("p-clerk", d, dossier.Approve, nil)
		default:
			h.t.Fatalf("%s does not lead to %s", d.State, want)
		}
		if a.status != http.StatusSeeOther {
			h.t.Fatalf("%s: %d %s", d.State, a.status, a.body)
		}
	}
}
