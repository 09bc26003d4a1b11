package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"sohoa/dossier"
	"sohoa/jail"
)

// verifyRoute takes a file to be judged, which is not kept.
const verifyRoute = "POST /verify"

// Said is something said about a file in both languages, by a code that stays.
type Said struct {
	Code string `json:"code"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
}

// A Judged is one signature or document time-stamp and what is to be thought of
// it (ETSI EN 319 102-1, 5).
type Judged struct {
	Field   string `json:"field"`
	Stamp   bool   `json:"stamp"`   // a document time-stamp: proof of when, not of who
	Verdict string `json:"verdict"` // VALID, INVALID or INDETERMINATE
	Reasons []Said `json:"reasons"`
	Level   string `json:"level"` // PAdES baseline: B-B to B-LTA; empty: none

	Signer       string   `json:"signer"`
	Organisation string   `json:"organisation"`
	Serial       string   `json:"serial"` // hexadecimal
	Chain        []string `json:"chain"`  // common names up to the root
	Dev          bool     `json:"dev"`    // it leads to a development authority: no legal value

	Time    time.Time `json:"time,omitzero"`
	Proven  bool      `json:"proven"`  // by a time-stamp; else only the signer says so
	Stamper string    `json:"stamper"` // who says so

	Revocation string    `json:"revocation"` // good, revoked or unknown
	Evidence   time.Time `json:"evidence,omitzero"`

	Covers  int64  `json:"covers"` // bytes from the beginning of the file
	Whole   bool   `json:"whole"`  // nothing was added later
	Changes []Said `json:"changes"`
}

// A Judgement is what is to be thought of a file that somebody brought.
type Judgement struct {
	Verdict    string    `json:"verdict"` // the worst of all, or NONE
	Checked    time.Time `json:"checked"` // the time it was judged for
	Reasons    []Said    `json:"reasons"`
	Notes      []Said    `json:"notes"`
	Signatures []Judged  `json:"signatures"` // in the order they were made
	Size       int64     `json:"size"`       // bytes
	Sum        string    `json:"sum"`        // SHA-256 of the file, hexadecimal
}

type verifyView struct {
	Judgement *Judgement
	At        string // the day as asked
	Most      int64
	Problem   *problem
}

func (s *server) verifyForm(v *visit) error {
	return s.show(v, http.StatusOK, "verify", "verify.title", verifyView{Most: s.MaxBytes})
}

// verifyFile judges a file as it streams in. It is judged and forgotten.
func (s *server) verifyFile(v *visit) error {
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, s.MaxBytes+mostForm)
	view := verifyView{Most: s.MaxBytes}
	j, err := s.judgeNoted(v, &view)
	if err != nil {
		status, code := kindOf(err)
		if code == "bytes" {
			s.drain(v, whole)
		}
		if v.json() || code == "cut-off" || atFault(status) {
			return err
		}
		p := problemOf(v.lang, err)
		view.Problem = &p
		return s.show(v, status, "verify", "verify.title", view)
	}
	if v.json() {
		return v.reply(j)
	}
	view.Judgement = &j
	return s.show(v, http.StatusOK, "verify", "verify.title", view)
}

// judgeNoted judges what somebody brings who is known, and notes that they did.
func (s *server) judgeNoted(v *visit, view *verifyView) (Judgement, error) {
	return s.judged(v, view, s.MaxBytes, func(j Judgement) error {
		return s.note(v, dossier.Reading{Act: dossier.ReadJudged, Sum: j.Sum})
	})
}

// judged reads the form: the day to judge for, if any, and then the file of at most
// that many bytes; and has the judgement noted, if it is anybody's.
func (s *server) judged(v *visit, view *verifyView, most int64, note func(Judgement) error) (Judgement, error) {
	if v.r.ContentLength > most+mostForm {
		return Judgement{}, tooLarge()
	}
	form, err := v.r.MultipartReader()
	if err != nil {
		return Judgement{}, told("no-file", dossier.ErrInvalid)
	}
	at := s.Now()
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return Judgement{}, told("no-file", dossier.ErrInvalid)
		} else if err != nil {
			return Judgement{}, badForm(err)
		}
		switch part.FormName() {
		case "at":
			b, err := io.ReadAll(io.LimitReader(part, 20))
			if err != nil {
				return Judgement{}, cutOff(err)
			}
			if view.At = clean(string(b)); view.At == "" {
				continue
			}
			last, ok := lastOf(view.At)
			if !ok {
				return Judgement{}, invalid("verify.at")
			}
			at = last
		case "file":
			if part.FileName() == "" {
				return Judgement{}, told("no-file", dossier.ErrInvalid)
			}
			j, err := s.Judge(v.ctx(), &capped{r: part, left: most}, at)
			if err == nil && note != nil {
				err = note(j)
			}
			return j, notPDF(cutOff(err))
		}
	}
}

// notPDF gives a file that is no PDF at all the words that fit this page.
func notPDF(err error) error {
	var refusal *jail.Refusal
	if errors.As(err, &refusal) && (refusal.Code == "damaged" || refusal.Code == "kind") {
		return told("not-pdf", dossier.ErrInvalid)
	}
	return err
}

// Judge is how a file is judged for a time: its signatures, and what was changed
// after them. It reads r to its end. A file that cannot be read is a
// [*sohoa/jail.Refusal].
type Judge func(ctx context.Context, r io.Reader, at time.Time) (Judgement, error)
