package web

import (
	"io"
	"net/http"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// phonePiece takes bodies larger than mostForm bytes.
const phonePiece = "PATCH /phone/{token}/uploads/{upload}"

// A sender is a phone that was invited, and whose pieces are its own: nobody is logged in
// there.
type sender struct {
	Invitation
	phone digest.Digest
	who   dossier.PersonID
}

// byPhone lets an invited phone send files in pieces, as the counter's pages do
// ([server.uploadRoutes]), while its invitation is open.
func (s *server) byPhone(do func(*visit, sender) error) func(*visit) error {
	return func(v *visit) error {
		phone, keep := s.phone(v)
		i, _, err := s.invited(v, phone)
		if err != nil {
			return err
		}
		keep()
		if err := v.tus(); err != nil {
			return err
		}
		return do(v, sender{i, phone, dossier.PersonID("phone " + digest.Of([]byte(i.Token+" "+phone.String())).String())})
	}
}

// phoneBegin announces a file. Where it goes the invitation says, and nothing else.
func (s *server) phoneBegin(v *visit, by sender) error {
	u, err := announced(v.r)
	if err != nil {
		return err
	}
	if u.Length > min(s.MaxBytes, mostPhone) {
		return tooLarge()
	}
	if err := s.phoneMay(v, by); err != nil {
		return err
	}
	u.Who, u.Dossier, u.Slot, u.Draft, u.Lane, u.Until = by.who, by.At.Dossier, by.At.Slot, true, 0, by.Until
	return s.begun(v, u, "/phone/"+by.Token)
}

// phoneMay refuses what cannot be laid out there any more.
func (s *server) phoneMay(v *visit, by sender) error {
	if err := s.stillEmpty(v, by.At); err != nil {
		return err
	}
	return s.notSecret(v, by.At.Dossier, by.At.Slot)
}

func (s *server) pieceHead(v *visit, by sender) error   { return s.headOf(v, by.who) }
func (s *server) pieceRemove(v *visit, by sender) error { return s.removeOf(v, by.who) }

func (s *server) phonePatch(v *visit, by sender) error {
	select {
	case s.phoning <- struct{}{}:
		defer func() { <-s.phoning }()
	default:
		return ErrBusy
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostPhone)
	return s.pieceOf(v, by.who)
}

// phoneTake lays a whole file out at the counter that invited the phone. Asked again it
// says the same.
func (s *server) phoneTake(v *visit, by sender) error {
	return s.takeOf(v, by.who, func(u Upload, body io.Reader) (string, error) {
		if err := s.phoneMay(v, by); err != nil {
			return "", err
		}
		if _, err := s.counts(v, by.Invitation, by.phone); err != nil {
			return "", err
		}
		if err := s.Drafts.Add(v.ctx(), by.At, "upload "+u.ID, u.Name, body); err != nil {
			return "", err
		}
		return "/phone/" + by.Token, nil
	})
}
