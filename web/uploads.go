package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
)

// An Upload is a file that arrives in pieces.
type Upload struct {
	ID      string
	Who     dossier.PersonID // whose it is
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Name    string // as its owner calls it
	Length  int64  // bytes of the whole file
	Offset  int64  // bytes that are here for certain
	Sum     digest.Digest
	Draft   bool         // to be laid out, not entered at once
	Lane    dossier.Lane // in which it is to be entered
	Touched time.Time    // when something of it last came
	Until   time.Time    // when nobody can go on with it in any case; zero: as long as an upload lives
	To      string       // where what became of it is; empty: it has not been taken
}

// A Piece is what a request adds to an upload.
type Piece struct {
	Offset int64
	Sum    *digest.Digest // of its bytes; nil: not told
	Body   io.Reader
}

// ErrSum says that the bytes of a piece are not those that were sent.
var ErrSum = errors.New("the bytes are not those that were sent")

// Uploads are the files that arrive in pieces, each one person's. Errors wrap
// [dossier.ErrNotFound] if the person has no such upload, [dossier.ErrConflict] if a piece
// begins elsewhere than the file ends or a file is not whole, [ErrSum] if the bytes of a
// piece are others than those that were sent; what cannot be taken gives a
// [*sohoa/jail.Refusal]. What is acknowledged is durable.
type Uploads interface {
	Begin(ctx context.Context, u Upload) (Upload, error)
	Upload(ctx context.Context, who dossier.PersonID, id string) (Upload, error)
	Append(ctx context.Context, who dossier.PersonID, id string, p Piece) (Upload, error)

	// Take gives a whole file to who takes it in, once; asked again, it says the same.
	Take(ctx context.Context, who dossier.PersonID, id string, take func(u Upload, body io.Reader) (to string, err error)) (to string, err error)
	Remove(ctx context.Context, who dossier.PersonID, id string) error
}

// Of the protocol by which pieces come (tus 1.0.0).
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,checksum,expiration,termination"
	tusPiece      = "application/offset+octet-stream"

	uploadLife = 12 * time.Hour // as of a draft
	mostTold   = 4096           // bytes of what is told of a file that is announced
)

// pieceRoute takes bodies larger than mostForm bytes.
const pieceRoute = "PATCH /uploads/{upload}"

func (s *server) uploadRoutes() []route {
	return []route{
		{"OPTIONS /uploads", receive, s.uploadOptions},
		{"POST /uploads", receive, s.uploadBegin},
		{"HEAD /uploads/{upload}", receive, s.uploadHead},
		{pieceRoute, receive, s.uploadPiece},
		{"DELETE /uploads/{upload}", receive, s.uploadRemove},
		{"POST /uploads/{upload}", receive, s.uploadTake},
	}
}

// tus says which protocol is spoken, and refuses another.
func (v *visit) tus() error {
	v.w.Header().Set("Tus-Resumable", tusVersion)
	if v.r.Method != http.MethodOptions && v.r.Header.Get("Tus-Resumable") != tusVersion {
		v.w.Header().Set("Tus-Version", tusVersion)
		return told("precondition", dossier.ErrInvalid)
	}
	return nil
}

// done answers without a body.
func (v *visit) done(status int) error {
	v.wrote = true
	v.w.WriteHeader(status)
	return nil
}

func (s *server) uploadOptions(v *visit) error {
	if err := v.tus(); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(s.MaxBytes, 10))
	h.Set("Tus-Checksum-Algorithm", "sha256")
	return v.done(http.StatusNoContent)
}

// uploadBegin announces a file for a slot of a dossier. What may not be brought there is
// refused before a byte of it is sent.
func (s *server) uploadBegin(v *visit) error {
	if err := v.tus(); err != nil {
		return err
	}
	u, err := announced(v.r)
	if err != nil {
		return err
	}
	if u.Length > s.MaxBytes {
		return tooLarge()
	}
	at, err := s.uploadPlace(v, u)
	if err != nil {
		return err
	}
	u.Who = at.Who
	return s.begun(v, u, "")
}

// begun announces a file below an address.
func (s *server) begun(v *visit, u Upload, below string) error {
	u, err := s.Uploads.Begin(v.ctx(), u)
	if err != nil {
		return err
	}
	v.w.Header().Set("Location", below+"/uploads/"+u.ID)
	v.expires(u)
	return v.done(http.StatusCreated)
}

func (v *visit) expires(u Upload) {
	v.w.Header().Set("Upload-Expires", u.Touched.Add(uploadLife).UTC().Format(http.TimeFormat))
}

// uploadPlace is where an upload goes, if it may go there: its slot is empty and not of a
// paper that is secret.
func (s *server) uploadPlace(v *visit, u Upload) (DraftPlace, error) {
	v.r.SetPathValue("code", string(u.Dossier))
	v.r.SetPathValue("slot", string(u.Slot))
	_, at, _, err := s.draftAt(v)
	if err == nil {
		err = s.notSecret(v, at.Dossier, at.Slot)
	}
	return at, err
}

// announced reads what is told of a file before it comes.
func announced(r *http.Request) (u Upload, err error) {
	bad := func(what string) (Upload, error) { return u, fmt.Errorf("%w: %s", dossier.ErrInvalid, what) }
	if u.Length, err = strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64); err != nil || u.Length < 0 {
		return bad("Upload-Length")
	}
	all := r.Header.Get("Upload-Metadata")
	if len(all) > mostTold {
		return bad("Upload-Metadata is too long")
	}
	for pair := range strings.SplitSeq(all, ",") {
		key, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		raw, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			return bad("Upload-Metadata")
		}
		switch value := string(raw); key {
		case "dossier":
			u.Dossier = dossier.Code(value)
		case "slot":
			u.Slot = dossier.SlotCode(value)
		case "filename":
			u.Name = value
		case "sha256":
			if u.Sum, err = digest.Parse(value); err != nil {
				return bad("sha256")
			}
		case "draft":
			u.Draft = value == "1"
		case "waiting":
			if value == "1" {
				u.Lane = dossier.Waiting
			}
		}
	}
	return u, nil
}

func (s *server) uploadHead(v *visit) error {
	if err := v.tus(); err != nil {
		return err
	}
	return s.headOf(v, v.who.ID)
}

func (s *server) headOf(v *visit, who dossier.PersonID) error {
	u, err := s.Uploads.Upload(v.ctx(), who, v.r.PathValue("upload"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	v.w.Header().Set("Upload-Length", strconv.FormatInt(u.Length, 10))
	v.expires(u)
	return v.done(http.StatusOK)
}

func (s *server) uploadPiece(v *visit) error {
	if err := v.tus(); err != nil {
		return err
	}
	return s.pieceOf(v, v.who.ID)
}

func (s *server) pieceOf(v *visit, who dossier.PersonID) error {
	if v.r.Header.Get("Content-Type") != tusPiece {
		return told("media", dossier.ErrInvalid)
	}
	offset, err := strconv.ParseInt(v.r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: Upload-Offset", dossier.ErrInvalid)
	}
	p := Piece{Offset: offset, Body: http.MaxBytesReader(v.w, v.r.Body, s.MaxBytes)}
	if given := v.r.Header.Get("Upload-Checksum"); given != "" {
		if p.Sum, err = checksum(given); err != nil {
			return err
		}
	}
	u, err := s.Uploads.Append(v.ctx(), who, v.r.PathValue("upload"), p)
	if err != nil {
		return cutOff(err)
	}
	v.w.Header().Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	v.expires(u)
	return v.done(http.StatusNoContent)
}

// checksum reads a piece's checksum as the protocol writes it.
func checksum(given string) (*digest.Digest, error) {
	name, coded, _ := strings.Cut(given, " ")
	raw, err := base64.StdEncoding.DecodeString(coded)
	if err != nil || name != "sha256" || len(raw) != len(digest.Digest{}) {
		return nil, told("address", fmt.Errorf("%w: Upload-Checksum", dossier.ErrInvalid)) // 400, as the protocol has it
	}
	d := digest.Digest(raw)
	return &d, nil
}

func (s *server) uploadRemove(v *visit) error {
	if err := v.tus(); err != nil {
		return err
	}
	return s.removeOf(v, v.who.ID)
}

func (s *server) removeOf(v *visit, who dossier.PersonID) error {
	if err := s.Uploads.Remove(v.ctx(), who, v.r.PathValue("upload")); err != nil {
		return err
	}
	return v.done(http.StatusNoContent)
}

// uploadTake lays a whole file out or brings it to the door, as the forms do, and says
// where it is. Asked again it says the same.
func (s *server) uploadTake(v *visit) error {
	return s.takeOf(v, v.who.ID, func(u Upload, body io.Reader) (string, error) {
		at, err := s.uploadPlace(v, u)
		if err != nil {
			return "", err
		}
		if u.Draft {
			if err := s.Drafts.Add(v.ctx(), at, "upload "+u.ID, u.Name, body); err != nil {
				return "", err
			}
			return draftView{Dossier: dossier.Dossier{Code: at.Dossier}, Slot: at.Slot}.Base(), nil
		}
		doc, err := s.enterUpload(v, u, at, body)
		return "/documents/" + string(doc.ID), err
	})
}

func (s *server) takeOf(v *visit, who dossier.PersonID, take func(u Upload, body io.Reader) (string, error)) error {
	to, err := s.Uploads.Take(v.ctx(), who, v.r.PathValue("upload"), take)
	if err != nil {
		var refusal *jail.Refusal
		if errors.As(err, &refusal) {
			s.Log.InfoContext(v.ctx(), "an upload was refused", "who", v.who.ID, "code", refusal.Code)
		}
		return err
	}
	if v.json() {
		return v.reply(map[string]string{"to": to})
	}
	return v.to(to)
}

func (s *server) enterUpload(v *visit, u Upload, at DraftPlace, body io.Reader) (dossier.Document, error) {
	d, err := s.dossier(v, receive)
	if err == nil {
		err = s.Gate(v.ctx(), d.Receiving)
	}
	if err != nil {
		return dossier.Document{}, err
	}
	doc, err := s.Ingest.Accept(v.ctx(), Intake{Dossier: at.Dossier, Slot: at.Slot, Who: at.Who, Lane: u.Lane, Name: u.Name, Body: body})
	if errors.Is(err, dossier.ErrConflict) {
		err = told("filled", err)
	}
	if err == nil {
		s.Moved(v.ctx(), doc)
	}
	return doc, err
}
