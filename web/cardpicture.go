package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"sohoa/dossier"
)

// cardRoute takes bodies larger than mostForm bytes.
const cardRoute = "POST /dossiers/card"

// mostCard is the most bytes of a form with the picture of a card.
const mostCard = 32 << 20

// cardPicture fills the form for a new dossier in from a picture of a card's code, for
// counters without a reader. The picture is looked at and kept nowhere.
func (s *server) cardPicture(v *visit) error {
	given := dossierGiven{Receiving: v.who.Agency, Competent: v.who.Agency, Channel: dossier.Direct}
	if s.ReadCodes == nil {
		return dossier.ErrNotFound
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostCard)
	form, err := v.r.MultipartReader()
	if err != nil {
		return told("no-file", dossier.ErrInvalid)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return told("no-file", dossier.ErrInvalid)
		} else if err != nil {
			return badForm(err)
		}
		if part.FormName() != "picture" || part.FileName() == "" {
			continue
		}
		texts, err := s.ReadCodes(v.ctx(), part)
		if err != nil {
			return cutOff(err)
		}
		for _, text := range texts {
			if _, err := dossier.ReadCard(text, s.Now()); err == nil && v.json() { // a camera's picture, of many: it is sent as a form now
				return v.reply(map[string]bool{"read": true})
			} else if err == nil {
				v.r.PostForm = url.Values{"card": {text}}
				_, err = s.fromCard(v, &given)
				return err
			}
		}
		return s.cardProblem(v, given, "card.picture")
	}
}
