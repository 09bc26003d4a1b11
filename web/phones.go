package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// An Invitation lets one phone, in which nobody is logged in, lay files out at one place
// of its giver, for some minutes.
type Invitation struct {
	At    DraftPlace
	Token string
	Until time.Time
	Sent  int // files
}

// Phones are the invitations to phones that are open. Errors wrap
// [dossier.ErrNotFound] if there is none, or it is another phone's.
type Phones interface {
	Invite(ctx context.Context, at DraftPlace) (Invitation, error)
	Invitation(ctx context.Context, at DraftPlace) (Invitation, error)
	Invited(ctx context.Context, token string, phone digest.Digest) (Invitation, error)

	// Answer counts a file; from the first on the invitation is that phone's alone.
	Answer(ctx context.Context, token string, phone digest.Digest) (Invitation, error)
	End(ctx context.Context, at DraftPlace) error
	EndAll(ctx context.Context, who dossier.PersonID) error
}

const (
	phoneRoute  = "POST /phone/{token}"
	phoneCookie = "sohoa-phone"
	phonesSend  = 4        // phones that send at once
	mostPhone   = 64 << 20 // bytes of a form of pictures
)

func (s *server) phoneRoutes() []route {
	return []route{
		{"POST /dossiers/{code}/slots/{slot}/draft/phone", receive, s.phoneInvite},
		{"GET /phone/{token}", open, s.phoneShow},
		{phoneRoute, open, s.phoneSend},
		{"POST /phone/{token}/uploads", open, s.byPhone(s.phoneBegin)},
		{"HEAD /phone/{token}/uploads/{upload}", open, s.byPhone(s.pieceHead)},
		{phonePiece, open, s.byPhone(s.phonePatch)},
		{"DELETE /phone/{token}/uploads/{upload}", open, s.byPhone(s.pieceRemove)},
		{"POST /phone/{token}/uploads/{upload}", open, s.byPhone(s.phoneTake)},
	}
}

// phoneInvite opens or ends the invitation to a draft.
func (s *server) phoneInvite(v *visit) error {
	d, at, _, err := s.draftAt(v)
	if err == nil {
		err = s.notSecret(v, at.Dossier, at.Slot)
	}
	if err != nil {
		return err
	}
	if v.r.PostFormValue("do") == "end" {
		err = s.Phones.End(v.ctx(), at)
	} else {
		_, err = s.Phones.Invite(v.ctx(), at)
	}
	if err != nil {
		return err
	}
	return v.to(draftView{Dossier: d, Slot: at.Slot}.Base())
}

// phoneAsked is an open invitation as the draft's page shows it.
type phoneAsked struct {
	Invitation
	Address string
	Path    string // of the QR code's dark modules
	Size    int
	Local   bool // no phone finds that address
}

// phoneOf is the invitation that is open to a draft; nil if none is.
func (s *server) phoneOf(v *visit, at DraftPlace) (*phoneAsked, error) {
	i, err := s.Phones.Invitation(v.ctx(), at)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	x := &phoneAsked{Invitation: i}
	origin := s.Origin
	if origin == "" {
		origin = "http://" + v.r.Host
	}
	x.Address = origin + "/phone/" + i.Token
	host := strings.TrimPrefix(strings.TrimPrefix(origin, "http://"), "https://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	x.Local = host == "localhost" || ip != nil && ip.IsLoopback()
	x.Path, x.Size, err = qrPath(x.Address)
	return x, err
}

type phoneView struct {
	Token    string
	Slot     string // its name
	Until    time.Time
	Sent     int
	Problems []problem
}

// phone is the secret of the browser that visits; keep gives it one if it has none.
func (s *server) phone(v *visit) (secret digest.Digest, keep func()) {
	c, err := v.r.Cookie(phoneCookie)
	if err == nil && len(c.Value) == len(newToken()) {
		return digest.Of([]byte(c.Value)), func() {}
	}
	value := newToken()
	return digest.Of([]byte(value)), func() {
		http.SetCookie(v.w, &http.Cookie{Name: phoneCookie, Value: value, Path: "/phone/", MaxAge: int(time.Hour.Seconds()),
			HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteStrictMode})
	}
}

// invited finds the invitation that a request names, if it may be used here. Whoever
// gave it must still be allowed to bring papers there.
func (s *server) invited(v *visit, phone digest.Digest) (i Invitation, d dossier.Dossier, err error) {
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	place := placeOf(address)
	if !s.guessed.ready("", place) {
		return i, d, told("slow-down", dossier.ErrForbidden)
	}
	if i, err = s.Phones.Invited(v.ctx(), v.r.PathValue("token"), phone); errors.Is(err, dossier.ErrNotFound) {
		s.guessed.failed("", place)
		return i, d, told("phone-over", err)
	} else if err != nil {
		return i, d, err
	}
	giver, err := s.People.Person(v.ctx(), i.At.Who)
	if err != nil || giver.Locked {
		return i, d, told("phone-over", dossier.ErrNotFound)
	}
	d, err = s.Dossiers.Dossier(v.ctx(), i.At.Dossier)
	return i, d, err
}

func (s *server) phoneShow(v *visit) error {
	phone, keep := s.phone(v)
	i, d, err := s.invited(v, phone)
	if err != nil {
		return err
	}
	keep()
	return s.phonePage(v, i, d)
}

// phonePage names the paper that is asked for, and nobody.
func (s *server) phonePage(v *visit, i Invitation, d dossier.Dossier, wrong ...problem) error {
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = wrong[0].Status
	}
	return s.show(v, status, "phone", "phone.title", phoneView{Token: i.Token, Slot: n.Slot(d.Procedure, i.At.Slot), Until: i.Until, Sent: i.Sent, Problems: wrong})
}

// phoneSend lays out what a phone sends, at the counter that invited it.
func (s *server) phoneSend(v *visit) error {
	phone, keep := s.phone(v)
	i, d, err := s.invited(v, phone)
	if err != nil {
		return err
	}
	keep()
	select {
	case s.phoning <- struct{}{}:
		defer func() { <-s.phoning }()
	default:
		return ErrBusy
	}
	if err := s.stillEmpty(v, i.At); err != nil {
		return err
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostPhone)
	wrong, err := s.layOutWith(v, i.At, func() error {
		i, err = s.counts(v, i, phone)
		return err
	})
	switch {
	case err != nil && v.json():
		return err
	case err != nil:
		wrong = append(wrong, problemOf(v.lang, err))
	case len(wrong) == 0:
		return v.to("/phone/" + i.Token)
	case v.json():
		return v.problem(wrong[0])
	}
	return s.phonePage(v, i, d, wrong...)
}

// stillEmpty refuses what is brought to a place that was filled meanwhile.
func (s *server) stillEmpty(v *visit, at DraftPlace) error {
	fillings, err := s.Dossiers.Fillings(v.ctx(), at.Dossier)
	if err != nil {
		return err
	}
	for _, f := range fillings {
		if f.Slot == at.Slot && !(place{Filling: f}).Empty() {
			return told("filled", dossier.ErrConflict)
		}
	}
	return nil
}

// counts counts a file that a phone brings.
func (s *server) counts(v *visit, i Invitation, phone digest.Digest) (Invitation, error) {
	i, err := s.Phones.Answer(v.ctx(), i.Token, phone)
	if errors.Is(err, dossier.ErrConflict) {
		err = told("phone-full", err)
	}
	return i, err
}
