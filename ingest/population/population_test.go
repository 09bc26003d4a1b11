package population

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"sohoa/dossier/neighbour"
	"sohoa/outbound"
)

// database stands for the population database: it speaks SOAP as programs that call it
// tell, and lets in who signs as they do.
type database struct {
	t       testing.TB
	url     string
	answer  string
	status  int
	last    string // question
	headers http.Header
}

type heard struct {
	Body struct {
		Asked struct {
			Kind   string `xml:"MaTichHop"`
			Number string `xml:"SoDinhDanh"`
			Name   string `xml:"HoVaTen"`
			Born   struct {
				Day string `xml:"NgayThangNam"`
			} `xml:"NgayThangNamSinh"`
		} `xml:"TraCuuThongTinCongDan"`
	} `xml:"Body"`
}

func (d *database) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	d.last, d.headers = string(b), r.Header
	user, sum, _ := r.BasicAuth()
	want := sha256.Sum256([]byte(d.url + "sohoa" + r.Header.Get("Timestamp") + "invented"))
	if user != "sohoa" || sum != hex.EncodeToString(want[:]) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q heard
	if xml.Unmarshal(b, &q) != nil || q.Body.Asked.Kind != "037" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if d.status != 0 {
		w.WriteHeader(d.status)
	}
	_, _ = io.WriteString(w, d.answer)
}

func newDatabase(t testing.TB) (*database, *Client, Question) {
	t.Helper()
	b, err := os.ReadFile("testdata/found.xml")
	if err != nil {
		t.Fatal(err)
	}
	d := &database{t: t, answer: string(b)}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	d.url = srv.URL
	return d, &Client{Address: srv.URL, User: "sohoa", Secret: "invented", XRoad: "VN/GOV/H60", Key: "k", Agency: "H60", Service: "VPCP",
			HTTP: outbound.Client(outbound.HostOf(srv.URL).Has, 2*time.Second, nil), Now: func() time.Time { return time.UnixMilli(1764000000000) }},
		Question{ID: "q1", Who: "p-counter", Number: "008199012345", Name: "Nguyễn Thị Mẫu", Born: "1999-02-03"}
}

// What is asked goes over as it should, and what is answered is judged.
func TestAsk(t *testing.T) {
	d, c, q := newDatabase(t)
	found := d.answer
	nobody := strings.Split(found, "<ns1:CongDan>")[0] + "</ns1:CongdanCollection></soapenv:Body></soapenv:Envelope>"
	for why, x := range map[string]struct {
		answer string
		status int
		want   neighbour.Outcome
		said   string
	}{
		"one person":       {found, 0, neighbour.Matches, ""},
		"nobody":           {nobody, 0, neighbour.Differs, ""},
		"another name":     {strings.Replace(found, "MẪU", "KHÁC", 1), 0, neighbour.Differs, ""},
		"another day":      {strings.Replace(found, "19990203", "19990204", 1), 0, neighbour.Differs, ""},
		"the year alone":   {strings.Replace(found, "<ns1:NgayThangNam>19990203</ns1:NgayThangNam>", "<ns1:Nam>1999</ns1:Nam>", 1), 0, neighbour.Matches, ""},
		"another year":     {strings.Replace(found, "<ns1:NgayThangNam>19990203</ns1:NgayThangNam>", "<ns1:Nam>1998</ns1:Nam>", 1), 0, neighbour.Differs, ""},
		"somebody else":    {strings.Replace(found, "008199012345", "008199012346", 1), 0, neighbour.Unanswered, Strange},
		"two":              {strings.Replace(found, "<ns1:CongDan>", "<ns1:CongDan><ns1:SoDinhDanh>1</ns1:SoDinhDanh></ns1:CongDan><ns1:CongDan>", 1), 0, neighbour.Unanswered, Strange},
		"a fault":          {`<e:Envelope xmlns:e="x"><e:Body><e:Fault><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>`, 0, neighbour.Unanswered, Refused},
		"half":             {found[:len(found)/2], 0, neighbour.Unanswered, Strange},
		"no XML":           {"{}", 0, neighbour.Unanswered, Strange},
		"an empty body":    {`<e:Envelope xmlns:e="x"><e:Body/></e:Envelope>`, 0, neighbour.Unanswered, Strange},
		"entities":         {`<!DOCTYPE x [<!ENTITY a "b">]>` + strings.Replace(found, "MẪU", "&a;", 1), 0, neighbour.Unanswered, Strange},
		"too big":          {strings.Replace(found, "MẪU", strings.Repeat("x", mostAnswer), 1), 0, neighbour.Unanswered, Strange},
		"down":             {"", 503, neighbour.Unanswered, Away},
		"too often":        {"", 429, neighbour.Unanswered, Away},
		"locked out":       {"", 403, neighbour.Unanswered, Token},
		"moved":            {"", 302, neighbour.Unanswered, Strange},
		"what it does not": {"", 404, neighbour.Unanswered, Refused},
	} {
		d.answer, d.status = x.answer, x.status
		if got, said := c.Ask(t.Context(), q); got != x.want || said != x.said {
			t.Errorf("%s: %s %q, want %s %q", why, got, said, x.want, x.said)
		}
	}
	d.answer, d.status = found, 0
	q.Name = `Nguyễn <b>&"Thị' Mẫu`
	if got, _ := c.Ask(t.Context(), q); got != neighbour.Differs {
		t.Errorf("markup in a name: %s", got)
	}
	var h heard
	if err := xml.Unmarshal([]byte(d.last), &h); err != nil || h.Body.Asked.Name != q.Name || h.Body.Asked.Number != q.Number || h.Body.Asked.Born.Day != "19990203" {
		t.Errorf("%v %+v %s", err, h, d.last)
	}
	if d.headers.Get("X-Road-Client") != "VN/GOV/H60" || d.headers.Get("ApiKey") != "k" || strings.Contains(d.last, "invented") ||
		strings.Contains(d.headers.Get("Authorization"), base64.StdEncoding.EncodeToString([]byte("invented"))) {
		t.Errorf("%v", d.headers)
	}
}

// It is not called where nobody said, and a wrong secret is told.
func TestLetIn(t *testing.T) {
	_, c, q := newDatabase(t)
	c.Secret = "another"
	if _, said := c.Ask(t.Context(), q); said != Token {
		t.Errorf("wrong secret: %q", said)
	}
	c.HTTP = outbound.Client(nil, time.Second, nil)
	if _, said := c.Ask(t.Context(), q); said != Closed {
		t.Errorf("an address inside: %q", said)
	}
	c.HTTP, c.Address = outbound.Client(outbound.HostOf("http://127.0.0.1:1").Has, time.Second, nil), "http://127.0.0.1:1"
	if _, said := c.Ask(t.Context(), q); said != Away {
		t.Errorf("nobody there: %q", said)
	}
}
