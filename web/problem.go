package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"syscall"

	"sohoa/dossier"
	"sohoa/dossier/retention"
	"sohoa/jail"
	"sohoa/web/api"
)

// toldError is an error with a code that says more than its kind.
type toldError struct {
	code string
	err  error
	word string // what value is meant, a key of words; with invalid
}

func (e *toldError) Error() string { return e.code + ": " + e.err.Error() }
func (e *toldError) Unwrap() error { return e.err }

func told(code string, err error) error { return &toldError{code: code, err: err} }

// invalid says that the value with this name, a key of words, is not of its form.
func invalid(word string) error {
	return &toldError{code: "invalid", err: fmt.Errorf("%w: %s", dossier.ErrInvalid, word), word: word}
}

// A problem is what a person may know of an error (RFC 9457). Only its first
// two members are words; the rest is for programs.
type problem struct {
	Title  string `json:"title"`            // what is wrong, and where
	Detail string `json:"detail,omitempty"` // what to do
	Status int    `json:"status"`
	Code   string `json:"code"`
	Page   int    `json:"page,omitempty"`
	Ref    string `json:"ref,omitempty"`     // to find a fault of ours in the log
	At     string `json:"pointer,omitempty"` // JSON pointer into the body, or the parameter's name
	Rule   string `json:"rule,omitempty"`    // of the schema, that is not kept there

	Back string `json:"-"` // the page that a form was sent from, to go back to
	Out  bool   `json:"-"` // nobody is logged in: they come back to it after that
}

// cameFrom is the page of this house that a form was sent from; empty: it is not told.
func cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || r.Method != http.MethodPost || u.Host != r.Host || u.Path == "" {
		return ""
	}
	return localPath(u.EscapedPath())
}

// problemOf puts err into words.
func problemOf(lang string, err error) problem {
	status, code := kindOf(err)
	p := problem{Status: status, Code: code}
	p.Title, p.Detail = say(lang, "error."+code), say(lang, "error."+code+".do")
	var t *toldError
	if errors.As(err, &t) && t.word != "" {
		p.Title += ": " + say(lang, t.word)
	}
	var wrong *api.Wrong
	if errors.As(err, &wrong) {
		p.At, p.Rule = wrong.At, wrong.Rule
	}
	var kept *retention.Refusal
	if errors.As(err, &kept) {
		p.Title, p.Detail = kept.Say(lang), ""
	}
	var lost *NotWhole
	if errors.As(err, &lost) {
		p.Title += fmt.Sprintf(": %s, %s", lost.Document, partWords(lang, lost.Part))
	}
	var r *jail.Refusal
	if errors.As(err, &r) {
		p.Page = r.Page
		if p.Code == "refused" {
			p.Code, p.Title = r.Code, p.Title+": "+r.Text
		}
		if r.Page > 0 {
			p.Title = fmt.Sprintf(say(lang, "error.page"), r.Page) + ": " + p.Title
		}
	}
	return p
}

// kindOf sorts an error.
func kindOf(err error) (status int, code string) {
	var r *jail.Refusal
	var t *toldError
	var kept *retention.Refusal
	var large *http.MaxBytesError
	var lost *NotWhole
	var proof *proofNeeded
	var later *Wait
	var wrong *api.Wrong
	switch {
	case errors.As(err, &wrong) && wrong.Rule == "json":
		return http.StatusBadRequest, "json"
	case errors.As(err, &wrong):
		return http.StatusUnprocessableEntity, "form"
	case errors.As(err, &later):
		return later.status(), later.Code
	case errors.As(err, &lost):
		return http.StatusConflict, "not-whole"
	case errors.As(err, &r):
		return refusalKind(r.Code)
	case errors.As(err, &kept):
		return retentionStatus(kept), kept.Code
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "bytes"
	case errors.As(err, &proof):
		return http.StatusUnauthorized, proof.code()
	case errors.As(err, &t):
		return statusOf(t), t.code
	case errors.Is(err, ErrSum):
		return statusSum, "sum"
	case errors.Is(err, ErrBusy):
		return http.StatusServiceUnavailable, "busy"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return http.StatusInsufficientStorage, "full"
	case isAway(err):
		return http.StatusGatewayTimeout, "away"
	case errors.Is(err, dossier.ErrNotFound):
		return http.StatusNotFound, "not-found"
	case errors.Is(err, dossier.ErrForbidden):
		return http.StatusForbidden, "forbidden"
	case errors.Is(err, dossier.ErrConflict):
		return http.StatusConflict, "stale"
	case errors.Is(err, dossier.ErrInvalid):
		return http.StatusUnprocessableEntity, "invalid"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled): // whoever asked has gone
		return http.StatusBadRequest, "cut-off"
	}
	return http.StatusInternalServerError, "ours"
}

// isAway reports whether an engine of the house does not answer, as the store of files
// says of itself: it is known here by that word alone.
func isAway(err error) bool {
	var engine interface{ Away() bool }
	return errors.As(err, &engine) && engine.Away()
}

// atFault reports whether it is the house that could not, and no page has more to say:
// the log has the reason.
func atFault(status int) bool {
	return status == http.StatusInternalServerError || status == http.StatusInsufficientStorage || status == http.StatusGatewayTimeout
}

// statusSum says that a checksum does not fit (tus 1.0.0, checksum).
const statusSum = 460

// retentionStatus is by what kind of failure a refusal is.
func retentionStatus(r *retention.Refusal) int {
	status, _ := kindOf(r.Unwrap())
	return status
}

func refusalKind(code string) (int, string) {
	switch {
	case code == "bytes":
		return http.StatusRequestEntityTooLarge, code
	case has("error." + code):
		return http.StatusUnprocessableEntity, code
	}
	return http.StatusUnprocessableEntity, "refused"
}

func statusOf(t *toldError) int {
	switch t.code {
	case "signed-out", "login", "second-factor", "code", "key", "passkey", "passkey-doubt":
		return http.StatusUnauthorized
	case "cut-off":
		return http.StatusBadRequest
	case "disposed":
		return http.StatusGone
	case "slow-down":
		return http.StatusTooManyRequests
	case "precondition":
		return http.StatusPreconditionFailed
	case "precondition-needed":
		return http.StatusPreconditionRequired
	case "media":
		return http.StatusUnsupportedMediaType
	case "method":
		return http.StatusMethodNotAllowed
	case "address":
		return http.StatusBadRequest
	}
	status, _ := kindOf(t.err)
	return status
}

// fault notes what went wrong in the house. Where the visitor has left, that is why, most
// often: a page that nobody waits for is broken off, and no operator is called for it.
func (s *server) fault(v *visit, what string, args ...any) {
	level := slog.LevelError
	if v.ctx().Err() != nil {
		level, what = slog.LevelInfo, what+", the visitor left"
	}
	s.Log.Log(v.ctx(), level, what, args...)
}

// refuse answers with a problem. A fault of ours, a full disk and an engine that does
// not answer are logged with a number that its page shows; nothing else of it is told.
func (s *server) refuse(rt route, v *visit, err error) {
	p := problemOf(v.lang, err)
	if atFault(p.Status) {
		p.Ref = rand.Text()[:8]
		s.fault(v, "page failed", "route", rt.pattern, "who", v.who.ID, "ref", p.Ref, "err", err)
	}
	if v.wrote {
		return
	}
	var later *Wait
	if errors.As(err, &later) {
		v.w.Header().Set("Retry-After", later.seconds())
	}
	if v.json() {
		_ = v.problem(p)
		return
	}
	var needed *proofNeeded
	if errors.As(err, &needed) {
		if err = s.askProof(v, needed); err == nil {
			return
		}
	}
	p.Back, p.Out = cameFrom(v.r), p.Code == "signed-out"
	if err := s.show(v, p.Status, "error", "error.title", p); err != nil {
		s.fault(v, "error page failed", "err", err)
		http.Error(v.w, p.Title, p.Status)
	}
}

// problem writes a problem for a program; who does not read it has gone.
func (v *visit) problem(p problem) error {
	v.wrote = true
	v.w.Header().Set("Content-Type", "application/problem+json")
	v.w.Header().Set("Content-Language", v.lang)
	if p.Status == http.StatusUnauthorized && v.v1 {
		v.w.Header().Set("WWW-Authenticate", "Bearer")
	}
	v.w.WriteHeader(p.Status)
	_ = json.NewEncoder(v.w).Encode(p)
	return nil
}

// reply writes a value as JSON.
func (v *visit) reply(value any) error {
	v.w.Header().Set("Content-Type", "application/json")
	v.wrote = true
	return json.NewEncoder(v.w).Encode(value)
}
