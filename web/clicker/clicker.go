// Package clicker does over HTTP what a person does with clicks: log in, open
// a dossier, drop a file, act on a document. The demonstration, the drills and
// the end-to-end tests drive the very pages that people use, with nothing
// behind them.
package clicker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"strings"

	"sohoa/dossier"
)

// A Person is a logged-in browser.
type Person struct {
	base     string
	http     *http.Client
	password string // the one that works now
}

// A StatusError is an answer that is not the one a click hopes for.
type StatusError struct {
	Code int
	Kind string // the problem's code, if the page told one
	Text string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("answer %d %s: %s", e.Code, e.Kind, e.Text)
}

// Login opens the house at base (http://host:port) as login. A first password is
// changed on the way, as everybody has to: to [Own] of it, which works from then
// on, and with which Login comes in the next time. Whoever comes in beside somebody
// who changes it just then is put out with all others, and comes in again.
func Login(ctx context.Context, base, login, password string) (*Person, error) {
	p, err := enter(ctx, base, login, password)
	var out *StatusError
	if errors.As(err, &out) && (out.Code == http.StatusUnauthorized || out.Kind == "old-password") { // before their page was asked for, or after
		return enter(ctx, base, login, password)
	}
	return p, err
}

func enter(ctx context.Context, base, login, password string) (*Person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	p := &Person{base: strings.TrimSuffix(base, "/"), password: password, http: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	to, err := p.form(ctx, "/login", url.Values{"login": {login}, "password": {password}})
	var wrong *StatusError
	if errors.As(err, &wrong) && wrong.Kind == "login" {
		p.password = Own(password)
		to, err = p.form(ctx, "/login", url.Values{"login": {login}, "password": {p.password}})
	}
	if err != nil || to != "/account" {
		return p, err
	}
	p.password = Own(password)
	_, err = p.form(ctx, "/account/password", url.Values{"old": {password}, "new": {p.password}, "again": {p.password}})
	return p, err
}

// Own is the password that a clicker makes of a first one.
func Own(first string) string { return "của tôi " + first }

// Password is the one that the person logged in with, or has changed it to.
func (p *Person) Password() string { return p.password }

// A NewDossier is what a counter officer fills in for a new case.
type NewDossier struct {
	Procedure            dossier.ProcedureCode
	Receiving, Competent dossier.AgencyCode
	HolderNumber         string
	HolderName           string
	Channel              dossier.Channel
}

// Open opens a dossier and returns its code.
func (p *Person) Open(ctx context.Context, n NewDossier) (dossier.Code, error) {
	to, err := p.form(ctx, "/dossiers", url.Values{
		"procedure": {string(n.Procedure)}, "receiving": {string(n.Receiving)}, "competent": {string(n.Competent)},
		"holder_number": {n.HolderNumber}, "holder_name": {n.HolderName}, "channel": {string(n.Channel)}})
	return dossier.Code(path.Base(to)), err
}

// Upload drops a file on a slot and returns the received document.
func (p *Person) Upload(ctx context.Context, code dossier.Code, slot dossier.SlotCode, name string, file io.Reader) (dossier.DocumentID, error) {
	media, body := formOf(name, file)
	defer body.Close()
	to, err := p.post(ctx, "/dossiers/"+string(code)+"/slots/"+string(slot), media, body)
	return dossier.DocumentID(path.Base(to)), err
}

// formOf is a form with a file, and a password before it if there is one, written
// as it is read.
func formOf(name string, file io.Reader, password ...string) (media string, body io.ReadCloser) {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		var err error
		for _, p := range password {
			err = form.WriteField("password", p)
		}
		var part io.Writer
		if err == nil {
			part, err = form.CreateFormFile("file", name)
		}
		if err == nil {
			_, err = io.Copy(part, file)
		}
		if err == nil {
			err = form.Close()
		}
		w.CloseWithError(err)
	}()
	return form.FormDataContentType(), r
}

// A Judgement is what the page that judges files says of one.
type Judgement struct {
	Verdict    string // VALID, INVALID, INDETERMINATE or NONE
	Sum        string // SHA-256 of the file, hexadecimal
	Signatures []struct {
		Verdict, Level string
		Stamp          bool
	}
}

// Verify has a file judged that is not kept.
func (p *Person) Verify(ctx context.Context, name string, file io.Reader) (Judgement, error) {
	media, body := formOf(name, file)
	defer body.Close()
	var j Judgement
	res, err := p.send(ctx, "/verify", media, body)
	if err != nil {
		return j, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return j, failed(res)
	}
	return j, json.NewDecoder(res.Body).Decode(&j)
}

// UploadLocked is Upload of an encrypted file with its password.
func (p *Person) UploadLocked(ctx context.Context, code dossier.Code, slot dossier.SlotCode, name string, file io.Reader, password string) (dossier.DocumentID, error) {
	media, body := formOf(name, file, password)
	defer body.Close()
	to, err := p.post(ctx, "/dossiers/"+string(code)+"/slots/"+string(slot), media, body)
	return dossier.DocumentID(path.Base(to)), err
}

// Reuse fills a slot from the holder's record.
func (p *Person) Reuse(ctx context.Context, code dossier.Code, slot dossier.SlotCode, entry dossier.EntryID) error {
	_, err := p.form(ctx, "/dossiers/"+string(code)+"/slots/"+string(slot)+"/reuse", url.Values{"entry": {string(entry)}})
	return err
}

// Resolve says that the agency has decided the dossier.
func (p *Person) Resolve(ctx context.Context, code dossier.Code) error {
	_, err := p.form(ctx, "/dossiers/"+string(code)+"/resolve", nil)
	return err
}

// A Task is a document that waits for this person.
type Task struct {
	ID      dossier.DocumentID `json:"id"`
	State   dossier.State      `json:"state"`
	Version int64              `json:"version"`
	Acts    []dossier.Act      `json:"acts"`
}

// Tasks lists what waits for this person.
func (p *Person) Tasks(ctx context.Context) ([]Task, error) {
	var tasks []Task
	return tasks, p.get(ctx, "/api/tasks", &tasks)
}

// A Sight is what a document's page shows.
type Sight struct {
	State     dossier.State   `json:"state"`
	Version   int64           `json:"version"`
	Proposals []dossier.Field `json:"proposals"`
	Report    struct {
		Findings []struct{ Code string } `json:"findings"`
	} `json:"report"`
}

// Look opens a document.
func (p *Person) Look(ctx context.Context, id dossier.DocumentID) (Sight, error) {
	var s Sight
	return s, p.get(ctx, "/api/documents/"+string(id), &s)
}

// A Case is what a dossier's page shows.
type Case struct {
	Slots []struct {
		Slot     dossier.SlotCode   `json:"slot"`
		Document dossier.DocumentID `json:"document"`
		Entry    dossier.EntryID    `json:"entry"`   // used again
		Entries  []dossier.EntryID  `json:"entries"` // held, and could be used again
	} `json:"slots"`
}

// Dossier opens a dossier.
func (p *Person) Dossier(ctx context.Context, code dossier.Code) (Case, error) {
	var c Case
	return c, p.get(ctx, "/api/dossiers/"+string(code), &c)
}

// Act performs act on a document seen at version. Fields go with Confirm, why
// with Refuse.
func (p *Person) Act(ctx context.Context, t Task, act dossier.Act, fields map[dossier.FieldName]string, why string) error {
	v := url.Values{"version": {fmt.Sprint(t.Version)}, "why": {why}}
	for name, value := range fields {
		v.Set(string(name), value)
	}
	_, err := p.form(ctx, "/documents/"+string(t.ID)+"/acts/"+string(act), v)
	return err
}

// Fill fills in a form that has no words of its own here.
func (p *Person) Fill(ctx context.Context, path string, v url.Values) error {
	_, err := p.form(ctx, path, v)
	return err
}

// form fills in a form, and gives the password again if it is asked for.
func (p *Person) form(ctx context.Context, path string, v url.Values) (string, error) {
	to, err := p.post(ctx, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
	var asked *StatusError
	if errors.As(err, &asked) && asked.Kind == "prove" {
		again := maps.Clone(v)
		if again == nil {
			again = url.Values{}
		}
		again.Set("proof", p.password)
		return p.post(ctx, path, "application/x-www-form-urlencoded", strings.NewReader(again.Encode()))
	}
	return to, err
}

// post returns where the answer leads to.
func (p *Person) post(ctx context.Context, path, media string, body io.Reader) (string, error) {
	res, err := p.send(ctx, path, media, body)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return "", failed(res)
	}
	return res.Header.Get("Location"), nil
}

func (p *Person) send(ctx context.Context, path, media string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Accept", "application/json")
	return p.http.Do(req)
}

// Visit opens the page at path as a browser does, and reads it to its end.
func (p *Person) Visit(ctx context.Context, path string) error {
	_, err := p.Read(ctx, path)
	return err
}

// Read is Visit and returns what the page is.
func (p *Person) Read(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, failed(res)
	}
	return io.ReadAll(res.Body)
}

func (p *Person) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return failed(res)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

func failed(res *http.Response) error {
	b, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	var problem struct{ Code, Detail, Title string }
	if json.Unmarshal(b, &problem) == nil && problem.Title+problem.Code != "" {
		return &StatusError{res.StatusCode, problem.Code, problem.Title + ": " + problem.Detail}
	}
	return &StatusError{Code: res.StatusCode, Text: string(bytes.TrimSpace(b[:min(len(b), 200)]))}
}
