// Package population asks the national population database (CSDL quốc gia về dân cư), by
// the way that provinces have to it (NDXP, LGSP), whether a number, a name and a day of
// birth are one person's. What else is answered is not read, and nothing of it is kept.
// The format is that of programs that call it (service 037), since no official description
// was read: docs/neighbours.md.
package population

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/dossier"
	"sohoa/dossier/neighbour"
	"sohoa/outbound"
)

// A Question is about one person. All of it but ID and Who is personal: it stands in no
// log and no address.
type Question struct {
	ID     string           // mã yêu cầu, by which both sides find it again
	Who    dossier.PersonID // mã cán bộ: who asks
	Number string           // 12 digits
	Name   string
	Born   string // YYYY-MM-DD
}

// Words for why there was no answer: they are kept, and hold no data.
const (
	Away    = "away"    // no answer in time, half an answer, or a fault of its own: 5xx, 408, 429
	Closed  = "closed"  // the address may not be called
	Token   = "token"   // it does not let the house in: 401, 403
	Refused = "refused" // another 4xx, or a SOAP fault
	Strange = "strange" // an answer that is none, or of somebody else
)

// mostAnswer is how many bytes an answer may have; of one person it has three thousand.
const mostAnswer = 64 << 10

// A Client asks.
type Client struct {
	Address    string // https, or this machine
	User       string
	Secret     string
	XRoad, Key string // X-Road-Client and ApiKey; empty: none
	Agency     string // mã đơn vị
	Service    string // mã DVC
	HTTP       *http.Client
	Now        func() time.Time
}

type born struct {
	Day string `xml:"dan:NgayThangNam"` // yyyyMMdd
}

type asked struct {
	ID      string `xml:"dan:MaYeuCau"`
	Service string `xml:"dan:MaDVC"`
	Kind    string `xml:"dan:MaTichHop"`
	Who     string `xml:"dan:MaCanBo"`
	Agency  string `xml:"dan:MaDonVi"`
	Account string `xml:"dan:TaiKhoan"`
	Number  string `xml:"dan:SoDinhDanh"`
	Name    string `xml:"dan:HoVaTen"`
	Born    born   `xml:"dan:NgayThangNamSinh"`
}

type envelope struct {
	XMLName xml.Name `xml:"soapenv:Envelope"`
	Soap    string   `xml:"xmlns:soapenv,attr"`
	Dan     string   `xml:"xmlns:dan,attr"`
	Header  struct{} `xml:"soapenv:Header"`
	Asked   asked    `xml:"soapenv:Body>dan:TraCuuThongTinCongDan"`
}

// answer is what is read of an answer.
type answer struct {
	XMLName xml.Name `xml:"Envelope"`
	Body    *struct {
		Fault *struct{} `xml:"Fault"`
		Found *struct {
			People []person `xml:"CongDan"`
		} `xml:"CongdanCollection"`
	} `xml:"Body"`
}

type person struct {
	Number string `xml:"SoDinhDanh"`
	Name   struct {
		Family string `xml:"Ho"`
		Middle string `xml:"ChuDem"`
		Given  string `xml:"Ten"`
	} `xml:"HoVaTen"`
	Born struct {
		Year string `xml:"Nam"`
		Day  string `xml:"NgayThangNam"`
	} `xml:"NgayThangNamSinh"`
}

// Ask asks. Unanswered comes with a word.
func (c *Client) Ask(ctx context.Context, q Question) (neighbour.Outcome, string) {
	body, err := xml.Marshal(envelope{Soap: "http://schemas.xmlsoap.org/soap/envelope/", Dan: "http://dancuquocgia.bca",
		Asked: asked{q.ID, c.Service, "037", string(q.Who), c.Agency, c.User, q.Number, norm.NFC.String(q.Name), born{strings.ReplaceAll(q.Born, "-", "")}}})
	if err != nil {
		return neighbour.Unanswered, Strange
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Address, bytes.NewReader(body))
	if err != nil {
		return neighbour.Unanswered, Closed
	}
	c.sign(req)
	res, err := c.HTTP.Do(req)
	if errors.Is(err, outbound.ErrClosed) {
		return neighbour.Unanswered, Closed
	} else if err != nil {
		return neighbour.Unanswered, Away
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if word := wrong(res.StatusCode, err); word != "" {
		return neighbour.Unanswered, word
	}
	return judge(b, q)
}

// sign says who asks: a digest of the address, the user, the time and the secret.
func (c *Client) sign(req *http.Request) {
	at := strconv.FormatInt(c.Now().UnixMilli(), 10)
	sum := sha256.Sum256([]byte(c.Address + c.User + at + c.Secret))
	req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+hex.EncodeToString(sum[:]))))
	req.Header.Set("Timestamp", at)
	req.Header.Set("Content-Type", "application/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `""`)
	for name, value := range map[string]string{"X-Road-Client": c.XRoad, "ApiKey": c.Key} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
}

func wrong(status int, err error) string {
	switch {
	case err != nil || status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests:
		return Away
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return Token
	case status/100 == 4:
		return Refused
	case status/100 != 2:
		return Strange
	}
	return ""
}

// judge reads an answer: nobody is found if what was asked is not one person's.
func judge(b []byte, q Question) (neighbour.Outcome, string) {
	var a answer
	d := xml.NewDecoder(bytes.NewReader(b))
	if len(b) > mostAnswer || !utf8.Valid(b) || d.Decode(&a) != nil || a.Body == nil {
		return neighbour.Unanswered, Strange
	}
	switch {
	case a.Body.Fault != nil:
		return neighbour.Unanswered, Refused
	case a.Body.Found == nil || len(a.Body.Found.People) > 1:
		return neighbour.Unanswered, Strange
	case len(a.Body.Found.People) == 0:
		return neighbour.Differs, ""
	}
	p := a.Body.Found.People[0]
	if strings.TrimSpace(p.Number) != q.Number {
		return neighbour.Unanswered, Strange // of somebody else
	}
	if !sameName(p, q) || !sameDay(p, q) {
		return neighbour.Differs, ""
	}
	return neighbour.Matches, ""
}

func plain(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
}

func sameName(p person, q Question) bool {
	name := plain(p.Name.Family + " " + p.Name.Middle + " " + p.Name.Given)
	return name == "" || name == plain(q.Name)
}

// sameDay compares as much of the day of birth as is known of somebody: of some the year
// alone is.
func sameDay(p person, q Question) bool {
	day := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, p.Born.Day)
	switch year := strings.TrimSpace(p.Born.Year); {
	case day != "":
		return day == strings.ReplaceAll(q.Born, "-", "")
	case year != "":
		return strings.HasPrefix(q.Born, year)
	}
	return true
}
