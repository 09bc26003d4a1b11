package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"sohoa/dossier"
)

// draftAgain puts a new scan in the place of a page (quét lại trang). The fields come
// before the file, so that nothing is received for a page that is none.
func (s *server) draftAgain(v *visit) error {
	d, at, others, err := s.draftAt(v)
	if err != nil {
		return err
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, s.MaxBytes+mostForm)
	err = s.again(v, at)
	status, code := kindOf(err)
	switch {
	case err == nil:
		return v.to(draftView{Dossier: d, Slot: at.Slot}.Base())
	case code == "bytes":
		s.drain(v, whole)
	case status != http.StatusUnprocessableEntity && status != http.StatusConflict:
		return err
	}
	if v.json() {
		return err
	}
	return s.draftPage(v, d, at, others, problemOf(v.lang, err))
}

// mostField is how long a field of the form may be.
const mostField = 20

func (s *server) again(v *visit, at DraftPlace) error {
	if v.r.ContentLength > s.MaxBytes+mostForm {
		return tooLarge()
	}
	if err := s.notSecret(v, at.Dossier, at.Slot); err != nil {
		return err
	}
	form, err := v.r.MultipartReader()
	if err != nil {
		return told("no-file", dossier.ErrInvalid)
	}
	fields := map[string]int{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return told("no-file", dossier.ErrInvalid)
		} else if err != nil {
			return badForm(err)
		}
		switch name := part.FormName(); {
		case name == "version" || name == "page":
			b, err := io.ReadAll(io.LimitReader(part, mostField))
			if err != nil {
				return cutOff(err)
			}
			if fields[name], err = strconv.Atoi(string(b)); err != nil {
				return invalid("draft." + name)
			}
		case name == "file" && part.FileName() != "":
			if fields["page"] < 1 {
				return fmt.Errorf("%w: no page is named", dossier.ErrNotFound)
			}
			err := s.Drafts.Again(v.ctx(), at, fields["version"], fields["page"]-1, part.FileName(), &capped{r: part, left: s.MaxBytes})
			if status, _ := kindOf(err); err != nil && status != http.StatusUnprocessableEntity && status != http.StatusConflict {
				return cutOff(err)
			}
			return err
		}
	}
}
