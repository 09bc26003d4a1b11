// Package procedures reads what the national database of procedures (CSDL quốc gia về
// TTHC) tells: a list, then each procedure. It changes nothing of the house: package
// catalogue compares, and a person decides. Which member means what is data,
// mapping.json, since no official description was read: docs/neighbours.md.
package procedures

import (
	"bytes"
	"context"
	_ "embed" // mapping.json
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/outbound"
	"sohoa/pattern"
)

//go:embed mapping.json
var mappingFile []byte

// A mapping says which member of what they send and take means what. Of a path with a
// point in it, what stands before is a list.
type mapping struct {
	Session, Agency, Service string
	List                     struct{ Service, Page, Size string }
	One                      struct{ Service, Code string }
	Result, Error            string
	None                     []string // values of Error that mean that nothing went wrong

	Code, Name, Publisher, State              string
	InForce                                   []string
	Field, Level, Tiers, Subjects             string
	Ways, Channel, Counter, Times, Time, Unit string
	WorkingDay                                string
	Cases, Papers, PaperCode, PaperName       string
	Results, ResultCode, ResultName           string
}

func readMapping(b []byte) (m mapping, err error) {
	err = json.Unmarshal(b, &m)
	return m, err
}

// Bounds of what they send.
const (
	PageSize   = 500
	mostPages  = 100
	mostCodes  = 20_000
	mostList   = 8 << 20 // bytes of a page of the list
	mostOne    = 1 << 20 // bytes of a procedure
	mostPapers = 200
	mostWord   = 4000 // letters
)

// Words for why an exchange failed: they are kept, and hold no data.
const (
	Away    = "away"    // no answer in time, half an answer, or a fault of its own: 5xx, 408, 429
	Closed  = "closed"  // the address may not be called
	Token   = "token"   // it does not let the house in: 401, 403
	Refused = "refused" // another 4xx, or an error of its own in an answer
	Strange = "strange" // an answer that is none
	Gone    = "unknown" // it has no such procedure
)

// A Client speaks to the national database, or to the adapter through which a province
// reaches it (NDXP, LGSP).
type Client struct {
	Address string // of its one service: https, or this machine
	Session string // as they gave it; how one is begun was not read
	Agency  string // mã đơn vị of who asks; empty: none is told
	HTTP    *http.Client
	m       mapping
}

// New returns a client; err is about the mapping within the program.
func New(address, session, agency string, client *http.Client) (*Client, error) {
	m, err := readMapping(mappingFile)
	return &Client{Address: address, Session: session, Agency: agency, HTTP: client, m: m}, err
}

var codeForm = pattern.Late(`^[0-9A-Z][0-9A-Z.-]{0,39}$`)

// List returns the codes of a page of the list, from 1.
func (c *Client) List(ctx context.Context, page int) (codes []dossier.ProcedureCode, word string) {
	found, word := c.ask(ctx, mostList, map[string]any{c.m.Service: c.m.List.Service, c.m.List.Page: page, c.m.List.Size: PageSize})
	for _, x := range found {
		code := dossier.ProcedureCode(text(x, c.m.Code))
		if !codeForm().MatchString(string(code)) {
			return nil, Strange // half a list would end procedures that hold
		}
		codes = append(codes, code)
	}
	return codes, word
}

// One returns what is told of a procedure.
func (c *Client) One(ctx context.Context, code dossier.ProcedureCode) (t catalogue.Told, word string) {
	found, word := c.ask(ctx, mostOne, map[string]any{c.m.Service: c.m.One.Service, c.m.One.Code: string(code)})
	switch {
	case word != "":
		return t, word
	case len(found) == 0:
		return t, Gone
	}
	t = c.m.told(found[0])
	if t.Code == "" {
		t.Code = code
	}
	if t.Code != code || t.Name == "" || len(t.Papers) > mostPapers {
		return catalogue.Told{}, Strange
	}
	return t, ""
}

// ask calls the service and returns the objects that it answers with.
func (c *Client) ask(ctx context.Context, most int64, what map[string]any) (found []map[string]any, word string) {
	what[c.m.Session] = c.Session
	if c.Agency != "" {
		what[c.m.Agency] = c.Agency
	}
	body, err := json.Marshal(what)
	if err != nil {
		return nil, Strange
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Address, bytes.NewReader(body))
	if err != nil {
		return nil, Closed
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	res, err := c.HTTP.Do(req)
	if errors.Is(err, outbound.ErrClosed) {
		return nil, Closed
	} else if err != nil {
		return nil, Away
	}
	defer res.Body.Close()
	switch s := res.StatusCode; {
	case s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooManyRequests:
		return nil, Away
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return nil, Token
	case s/100 == 4:
		return nil, Refused
	case s/100 != 2:
		return nil, Strange
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, Away
	}
	return c.m.answer(b, most)
}

// answer reads the objects of an answer.
func (m mapping) answer(b []byte, most int64) (found []map[string]any, word string) {
	var whole map[string]any
	if int64(len(b)) > most || !utf8.Valid(b) || json.Unmarshal(b, &whole) != nil {
		return nil, Strange
	}
	if !slices.Contains(m.None, text(whole, m.Error)) {
		return nil, Refused
	}
	list, ok := whole[m.Result].([]any)
	if !ok {
		return nil, Strange
	}
	for _, x := range list {
		o, ok := x.(map[string]any)
		if !ok {
			return nil, Strange
		}
		found = append(found, o)
	}
	return found, ""
}

// told reads a procedure.
func (m mapping) told(o map[string]any) catalogue.Told {
	t := catalogue.Told{Code: dossier.ProcedureCode(text(o, m.Code)), Name: text(o, m.Name), Agency: text(o, m.Publisher), Field: first(texts(o, m.Field)),
		Level: text(o, m.Level), Tiers: texts(o, m.Tiers), Subjects: texts(o, m.Subjects), Days: m.days(o), Ended: !slices.Contains(m.InForce, text(o, m.State))}
	t.Papers = m.papers(objects(o, m.Cases))
	for _, r := range objects(o, m.Results) {
		t.Results = append(t.Results, catalogue.ToldPaper{Code: text(r, m.ResultCode), Name: text(r, m.ResultName)})
	}
	return t
}

// papers are those of all cases, each once, in their order; required is what every case
// asks for.
func (m mapping) papers(cases []map[string]any) (out []catalogue.ToldPaper) {
	in := map[string]int{}
	key := func(p catalogue.ToldPaper) string { return p.Code + "\x00" + p.Name }
	for _, c := range cases {
		seen := map[string]bool{}
		for _, x := range objects(c, m.Papers) {
			p := catalogue.ToldPaper{Code: text(x, m.PaperCode), Name: text(x, m.PaperName)}
			if k := key(p); !seen[k] {
				if seen[k] = true; in[k] == 0 {
					out = append(out, p)
				}
				in[k]++
			}
		}
	}
	for i, p := range out {
		out[i].Required = in[key(p)] == len(cases)
	}
	return out
}

// days are the working days at the counter, or of the first way that tells any; what is
// told in other units is not taken: the house counts working days.
func (m mapping) days(o map[string]any) string {
	other := ""
	for _, way := range objects(o, m.Ways) {
		for _, t := range objects(way, m.Times) {
			if !strings.EqualFold(strings.TrimSpace(text(t, m.Unit)), m.WorkingDay) {
				continue
			}
			if days := text(t, m.Time); text(way, m.Channel) == m.Counter {
				return days
			} else if other == "" {
				other = days
			}
		}
	}
	return other
}

// text returns a member that is a text or a number.
func text(o map[string]any, name string) string {
	s := ""
	switch v := o[name].(type) {
	case string:
		s = strings.TrimSpace(v)
	case float64:
		s = strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
	case bool:
		s = map[bool]string{true: "1", false: "0"}[v]
	}
	if letters := []rune(s); len(letters) > mostWord+1 {
		s = string(letters[:mostWord+1]) // too long by one, which is told when it is compared
	}
	return s
}

// texts returns the members at LIST.NAME.
func texts(o map[string]any, path string) (out []string) {
	list, name, _ := strings.Cut(path, ".")
	for _, x := range objects(o, list) {
		if s := text(x, name); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// objects returns the objects of a list.
func objects(o map[string]any, name string) (out []map[string]any) {
	list, _ := o[name].([]any)
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
