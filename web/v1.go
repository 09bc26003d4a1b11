package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/hook"
	"sohoa/web/api"
)

// v1Root begins the addresses of the API. Whatever it does is done by the functions
// behind the pages, under the same rights: an operation reads JSON where a page reads a
// form, and answers with what is then there.
const (
	v1Root   = "/api/v1/"
	v1Upload = "POST /api/v1/dossiers/{code}/slots/{slot}/documents"
	v1Verify = "POST /api/v1/verify"
)

// isV1 reports whether a pattern is of the API.
func isV1(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	return strings.HasPrefix(path, v1Root)
}

// Answers keeps what was answered under keys of programs, and the jobs that they wait
// for.
type Answers interface {
	BeginAnswer(ctx context.Context, k account.Kept) (kept account.Kept, fresh bool, err error)
	KeepAnswer(ctx context.Context, k account.Kept) error
	AddJob(ctx context.Context, j account.Job) (account.Job, error)
	Callback(ctx context.Context, job string) (hook.Callback, error)
	Job(ctx context.Context, of dossier.PersonID, id string) (account.Job, error)
}

// A v1Op is an operation of the API.
type v1Op struct {
	api.Op
	right right
	body  reflect.Type // that do gets a pointer to; nil: none
	match bool         // If-Match is needed
	do    func(v *visit, body any) (*v1Answer, error)
}

// A v1Answer is what an operation answers, as JSON. Without one it has written its
// answer itself.
type v1Answer struct {
	status  int // 0: 200
	value   any // a pointer
	at      string
	tagged  bool
	version int64 // in the tag; -1: none
}

// shown answers with a value.
func shown(value any) *v1Answer { return &v1Answer{value: value, version: -1} }

// described are the operations as they are documented, once for the program.
var described = sync.OnceValues(func() ([]v1Op, api.Schemas) {
	schemas := api.Schemas{}
	return (&server{}).v1Ops(schemas), schemas
})

// v1Routes are the operations, and for each address what says which methods it has.
func (s *server) v1Routes() (routes []route) {
	schemas := api.Schemas{}
	methods := map[string][]string{}
	var paths []string
	for _, op := range s.v1Ops(schemas) {
		routes = append(routes, route{op.Method + " " + op.Path, op.right, func(v *visit) error { return s.v1Do(v, op, schemas) }})
		if methods[op.Path] == nil {
			paths = append(paths, op.Path)
		}
		methods[op.Path] = append(methods[op.Path], op.Method)
	}
	for _, path := range paths {
		allow := strings.Join(methods[path], ", ")
		routes = append(routes, route{path, open, func(v *visit) error {
			v.w.Header().Set("Allow", allow)
			return told("method", dossier.ErrInvalid)
		}})
	}
	return append(routes, route{"GET " + v1Root + "openapi.json", open, s.v1Spec}, route{"GET /api", open, s.v1Docs})
}

// paced lets each account ask so often.
func (s *server) paced(v *visit) error {
	who := string(v.self.ID)
	if v.key != nil {
		who = v.key.ID
	}
	if who == "" {
		return nil // who is turned away costs next to nothing
	}
	if wait := s.rate.Take(who); wait > 0 {
		return &Wait{Code: "rate-api", After: wait}
	}
	return nil
}

// v1Do holds a request against what is documented of its operation, and does it.
func (s *server) v1Do(v *visit, op v1Op, schemas api.Schemas) error {
	v.v1 = true
	if err := v.parameters(op); err != nil {
		return err
	}
	var body any
	var raw []byte
	if op.body != nil {
		var err error
		if raw, err = v.bodyOf(); err != nil {
			return err
		}
		body = reflect.New(op.body).Interface()
		if err := schemas.Read(raw, op.Body, body); err != nil {
			return err
		}
	}
	if key := v.r.Header.Get("Idempotency-Key"); key != "" && op.Method == http.MethodPost && op.Upload == nil {
		return s.once(v, op, key, raw, body)
	}
	a, err := op.do(v, body)
	if err != nil || a == nil {
		return err
	}
	k, err := a.kept()
	if err != nil {
		return err
	}
	return v.send(k)
}

// parameters holds what stands in the address and in headers against the operation.
func (v *visit) parameters(op v1Op) error {
	asked, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil {
		return told("address", dossier.ErrInvalid)
	}
	for name, values := range asked {
		if len(values) != 1 || !slices.ContainsFunc(op.Params, func(p api.Param) bool { return p.In == "query" && p.Name == name }) {
			return &api.Wrong{At: "?", Rule: "unknown"}
		}
	}
	for _, p := range op.Params {
		var text string
		switch p.In {
		case "path":
			if text = v.r.PathValue(p.Name); p.Parameter(text) != nil {
				return dossier.ErrNotFound // nothing has such a name
			}
			continue
		case "query":
			text = asked.Get(p.Name)
			if !asked.Has(p.Name) {
				if p.Required {
					return &api.Wrong{At: p.Name, Rule: "required"}
				}
				continue
			}
		case "header":
			if text = v.r.Header.Get(p.Name); text == "" {
				if p.Required {
					return told("precondition-needed", dossier.ErrInvalid)
				}
				continue
			}
		}
		if err := p.Parameter(text); err != nil {
			return err
		}
	}
	return nil
}

// bodyOf reads a body of JSON.
func (v *visit) bodyOf() ([]byte, error) {
	if media, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, told("media", dossier.ErrInvalid)
	}
	b, err := io.ReadAll(v.r.Body)
	if err != nil {
		return nil, cutOff(err)
	}
	if !utf8.Valid(b) {
		return nil, &api.Wrong{At: "", Rule: "json"} // RFC 8259 section 8.1
	}
	return b, nil
}

// fill gives the functions behind the pages what they read from a form.
func (v *visit) fill(form url.Values) {
	v.r.Form, v.r.PostForm = form, form
}

// query is a value of the address.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// most is how many a list shall have at most.
func (v *visit) most() int {
	n, err := strconv.Atoi(v.query("limit"))
	if err != nil {
		return 50
	}
	return n
}

// kept is an answer in bytes.
func (a *v1Answer) kept() (account.Kept, error) {
	k := account.Kept{Status: a.status, Header: map[string]string{"Content-Type": "application/json"}}
	if k.Status == 0 {
		k.Status = http.StatusOK
	}
	api.Filled(a.value)
	var err error
	if k.Body, err = json.Marshal(a.value); err != nil {
		return k, err
	}
	if a.tagged {
		k.Header["ETag"] = api.Tag(a.version, k.Body)
	}
	if a.at != "" {
		k.Header["Location"] = a.at
	}
	return k, nil
}

// send writes an answer; who has it already is told so (RFC 9110 section 13.1.2).
func (v *visit) send(k account.Kept) error {
	h := v.w.Header()
	v.wrote = true
	tag := k.Header["ETag"]
	if want := v.r.Header.Get("If-None-Match"); tag != "" && want != "" && v.r.Method != http.MethodPost && api.Same(want, tag) {
		h.Set("ETag", tag)
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	for name, value := range k.Header {
		h.Set(name, value)
	}
	v.w.WriteHeader(k.Status)
	_, _ = v.w.Write(k.Body) // whoever does not read it has gone
	return nil
}

// mostKey is the longest Idempotency-Key.
const mostKey = 200

// once does what was asked under a key once, and gives the same answer again to who asks
// the same (draft-ietf-httpapi-idempotency-key-header). What broke off is not done again
// under its key: whether it was done at all is for the program to see.
func (s *server) once(v *visit, op v1Op, key string, raw []byte, body any) error {
	if len(key) > mostKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &api.Wrong{At: "Idempotency-Key", Rule: "pattern"}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s\n%s", v.r.Method, v.r.URL.RequestURI(), v.r.Header.Get("If-Match"), raw))
	k := account.Kept{Account: v.self.ID, Key: key, Print: hex.EncodeToString(sum[:])}
	before, fresh, err := s.Answers.BeginAnswer(v.ctx(), k)
	switch {
	case err != nil:
		return err
	case fresh:
	case before.Print != k.Print:
		return told("idempotency-other", dossier.ErrInvalid)
	case before.Status == 0:
		return told("idempotency-open", dossier.ErrConflict)
	default:
		v.w.Header().Set("Idempotency-Replayed", "true")
		return v.send(before)
	}
	done, err := s.v1Once(v, op, body)
	done.Account, done.Key = k.Account, k.Key
	ctx := context.WithoutCancel(v.ctx()) // it was done, whoever still listens
	if err != nil {
		if _, status := notDone(err); status != http.StatusInternalServerError {
			return errors.Join(err, s.Answers.KeepAnswer(ctx, done))
		}
		return err // whether it was done is not known
	}
	if err := s.Answers.KeepAnswer(ctx, done); err != nil {
		return err
	}
	return v.send(done)
}

// v1Once does an operation and returns its answer in bytes, a refusal too. What was not
// looked at, or broke, is an error.
func (s *server) v1Once(v *visit, op v1Op, body any) (account.Kept, error) {
	a, err := op.do(v, body)
	if err != nil {
		if again, _ := notDone(err); again {
			return account.Kept{}, err
		}
		p := problemOf(v.lang, err)
		b, wrong := json.Marshal(p)
		return account.Kept{Status: p.Status, Body: b, Header: map[string]string{"Content-Type": "application/problem+json", "Content-Language": v.lang}}, wrong
	}
	return a.kept()
}

// notDone reports whether an error is of the moment, so that the same may be asked
// again under the same key.
func notDone(err error) (bool, int) {
	status, _ := kindOf(err)
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusInsufficientStorage, http.StatusBadRequest}, status), status
}

// spoken is the language of the house that a program likes best (RFC 9110 section
// 12.5.4).
func spoken(accept string) string {
	best, weight := languages[0], 0.0
	for one := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(one), ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64) // what is no number is not liked
		}
		main, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(languages[:], main) && q > weight {
			best, weight = main, q
		}
	}
	return best
}
