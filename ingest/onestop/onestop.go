// Package onestop joins a one-stop system (hệ thống thông tin giải quyết TTHC): dossiers
// that it received come in, each once; which of their components are digitised, their
// codes and results go out. The protocol is ours, with the members of the national
// payload, since no official one was read: docs/neighbours.md. A dossier that the house
// has stays as it is; what does not agree is told to a person and changes nothing.
package onestop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/national"
	"sohoa/outbound"
	"sohoa/pattern"
)

// An Identity is a number that identifies somebody.
type Identity struct {
	SoDinhDanh string `json:"SoDinhDanh"`
}

// A Component is a paper that was handed in there.
type Component struct {
	MaThanhPhanHoSo string `json:"MaThanhPhanHoSo"`
}

// A Dossier is one as the one-stop system tells of it. Times are yyyyMMddHHmmss in Viet
// Nam; members that are not here are left alone.
type Dossier struct {
	MaHoSo             string      `json:"MaHoSo"`
	MaTTHC             string      `json:"MaTTHC"`
	KenhThucHien       string      `json:"KenhThucHien"` // 1 direct, 2 online, 3 post; empty: direct
	MaDonViTiepNhan    string      `json:"MaDonViTiepNhan"`
	MaCoQuan           string      `json:"MaCoQuan"` // who decides; empty: who received it
	ChuHoSo            string      `json:"ChuHoSo"`
	DinhDanhCHS        []Identity  `json:"DinhDanhCHS"`
	NguoiNop           string      `json:"NguoiNop"` // empty: the holder
	SoDinhDanhNguoiNop string      `json:"SoDinhDanhNguoiNop"`
	NgayTiepNhan       string      `json:"NgayTiepNhan"`
	NgayHenTra         string      `json:"NgayHenTra"`
	NgayKetThucXuLy    string      `json:"NgayKetThucXuLy"` // empty: open
	TaiLieuNop         []Component `json:"TaiLieuNop"`
}

// A Page is a piece of what changed there, in an order that is theirs, and where the next
// one goes on; the last says where to ask next time.
type Page struct {
	DanhSachHoSo []Dossier `json:"DanhSachHoSo"`
	TiepTheo     string    `json:"TiepTheo"`
	ConNua       bool      `json:"ConNua"` // there is more now
}

// A Result is what goes out of a dossier: which components are digitised or used again,
// codes and results. Whose it is they know.
type Result struct {
	MaHoSo               string               `json:"MaHoSo"`
	HoSoCoThanhPhanSoHoa string               `json:"HoSoCoThanhPhanSoHoa"`
	TaiLieuNop           []national.Component `json:"TaiLieuNop"`
	DanhSachGiayToKetQua []national.Result    `json:"DanhSachGiayToKetQua"`
	DanhSachMaKetQua     []Code               `json:"DanhSachMaKetQua"`
}

// A Code is the code of a digitised paper (mã kết quả số hóa).
type Code struct {
	MaThanhPhanHoSo string `json:"MaThanhPhanHoSo"`
	MaKetQuaSoHoa   string `json:"MaKetQuaSoHoa"`
}

// ResultOf is what goes out of facts.
func ResultOf(f national.Facts) Result {
	p := national.Of(f)
	r := Result{MaHoSo: p.MaHoSo, HoSoCoThanhPhanSoHoa: p.HoSoCoThanhPhanSoHoa, TaiLieuNop: p.TaiLieuNop, DanhSachGiayToKetQua: p.DanhSachGiayToKetQua, DanhSachMaKetQua: []Code{}}
	for _, x := range f.Fillings {
		if x.Document != nil && x.Document.State == dossier.Archived && f.Codes[x.Document.ID] != "" {
			r.DanhSachMaKetQua = append(r.DanhSachMaKetQua, Code{string(x.Slot), f.Codes[x.Document.ID]})
		}
	}
	return r
}

// Rows are dossiers as a list of them has it, under its head: they are read and compared
// like any list that comes from elsewhere.
func Rows(list []Dossier) []catalogue.Row {
	rows := []catalogue.Row{row(1, "code", "procedure", "receiving", "competent", "number", "name", "applicantNumber", "applicantName", "channel", "received", "due", "resolved")}
	for i, d := range list {
		number := ""
		if len(d.DinhDanhCHS) > 0 {
			number = d.DinhDanhCHS[0].SoDinhDanh
		}
		rows = append(rows, row(i+2, d.MaHoSo, d.MaTTHC, d.MaDonViTiepNhan, d.MaCoQuan, number, d.ChuHoSo, d.SoDinhDanhNguoiNop, d.NguoiNop, d.KenhThucHien, d.NgayTiepNhan, d.NgayHenTra, d.NgayKetThucXuLy))
	}
	return rows
}

func row(number int, cells ...string) catalogue.Row {
	r := catalogue.Row{Number: number}
	for _, text := range cells {
		r.Cells = append(r.Cells, catalogue.Cell{Text: text})
	}
	return r
}

// An Outcome is what becomes of a dossier that came.
type Outcome struct {
	Code    dossier.Code
	Problem string // code of package catalogue; empty: it is taken, or was
	Field   string // in which
}

// Plan compares a page with the house: what is to be written, and what becomes of each.
// A dossier with a component that its procedure has not is not taken, like one with any
// other fault; a code that stands twice in a page is not either.
func Plan(list []Dossier, h catalogue.House) ([]catalogue.DossierOrder, []Outcome) {
	p := catalogue.PlanDossiers(Rows(list), h)
	bad := map[int]catalogue.Problem{}
	for _, x := range p.Problems {
		if _, there := bad[x.Row]; !there && !x.Note {
			bad[x.Row] = x
		}
	}
	out := make([]Outcome, 0, len(list))
	for i, d := range list {
		o := Outcome{Code: dossier.Code(d.MaHoSo)}
		if x, is := bad[i+2]; is {
			o.Problem, o.Field = x.Code, x.Field
		} else if x, is := bad[0]; is {
			o.Problem, o.Field = x.Code, x.Field
		} else if !places(h.Procedures[dossier.ProcedureCode(d.MaTTHC)], d.TaiLieuNop) {
			bad[i+2] = catalogue.Problem{}
			o.Problem, o.Field = "slot", "TaiLieuNop"
		}
		out = append(out, o)
	}
	orders := p.Dossiers[:0:0]
	for _, o := range p.Dossiers {
		if _, is := bad[o.Row]; !is {
			orders = append(orders, o)
		}
	}
	return orders, out
}

// places reports whether a procedure has all components.
func places(p dossier.Procedure, list []Component) bool {
	known := map[string]bool{}
	for _, c := range p.Components {
		known[string(c.Slot)] = true
	}
	for _, c := range list {
		if !known[c.MaThanhPhanHoSo] {
			return false
		}
	}
	return true
}

// A Client speaks to a one-stop system.
type Client struct {
	Address string // https, or this machine; without a slash at its end
	Token   string // bearer; empty: none
	HTTP    *http.Client
}

// Words for why an exchange failed: they are kept, and hold no data.
const (
	Away    = "away"    // no answer in time, or a fault of its own: 5xx, 408, 429
	Closed  = "closed"  // the address may not be called
	Token   = "token"   // it does not let the house in: 401, 403
	Refused = "refused" // another 4xx
	Strange = "strange" // an answer that is none
	Gone    = "unknown" // it has no such dossier: 404
)

// PageSize is how many dossiers are asked for at once, and mostAnswer the bytes of them.
const (
	PageSize   = 100
	mostAnswer = 2 << 20
)

// List asks for what changed after a place; empty: from the first.
func (c *Client) List(ctx context.Context, after string) (p Page, word string) {
	word = c.call(ctx, http.MethodGet, "/dossiers?limit="+strconv.Itoa(PageSize)+"&after="+url.QueryEscape(after), "", nil, &p)
	if word == "" && (len(p.DanhSachHoSo) > PageSize || len(p.TiepTheo) > 200 || p.ConNua && (len(p.DanhSachHoSo) == 0 || p.TiepTheo == after)) {
		return Page{}, Strange // it would go on for ever
	}
	return p, word
}

var codeForm = pattern.Late(`^[A-Z0-9.-]{1,60}$`)

// One asks for a dossier by its code.
func (c *Client) One(ctx context.Context, code dossier.Code) (d Dossier, word string) {
	if !codeForm().MatchString(string(code)) {
		return d, Gone
	}
	if word = c.call(ctx, http.MethodGet, "/dossiers/"+string(code), "", nil, &d); word == "" && d.MaHoSo != string(code) {
		return Dossier{}, Strange
	}
	return d, word
}

// Put tells what became of a dossier here. The key tells it that two say the same.
func (c *Client) Put(ctx context.Context, body []byte, code dossier.Code, key string) string {
	return c.call(ctx, http.MethodPut, "/dossiers/"+string(code)+"/documents", key, body, nil)
}

func (c *Client) call(ctx context.Context, method, path, key string, body []byte, into any) string {
	req, err := http.NewRequestWithContext(ctx, method, c.Address+path, bytes.NewReader(body))
	if err != nil {
		return Closed
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := c.HTTP.Do(req)
	if errors.Is(err, outbound.ErrClosed) {
		return Closed
	} else if err != nil {
		return Away
	}
	defer res.Body.Close()
	switch s := res.StatusCode; {
	case s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooManyRequests:
		return Away
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return Token
	case s == http.StatusNotFound:
		return Gone
	case s/100 == 4:
		return Refused
	case s/100 != 2:
		return Strange
	}
	if into == nil {
		return ""
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if err != nil {
		return Away
	}
	if len(b) > mostAnswer || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") || json.Unmarshal(b, into) != nil {
		return Strange
	}
	return ""
}
