package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	law "sohoa/dossier/norm"
	"sohoa/dossier/notice"
)

// Notices are what people are told of their dossiers, and where.
type Notices interface {
	AddContact(ctx context.Context, c notice.Contact, by account.By) (notice.Contact, error)
	EndContact(ctx context.Context, code dossier.Code, id string, by account.By) error
	Contacts(ctx context.Context, code dossier.Code) ([]notice.Contact, error)
	ContactByToken(ctx context.Context, token string) (notice.Contact, error)
	StopByLink(ctx context.Context, token string) error
	Notices(ctx context.Context, code dossier.Code) ([]notice.Notice, error)
	TellContacts(ctx context.Context, code dossier.Code, kind notice.Kind, about string) (int, error)

	NoticesAside(ctx context.Context, after string, limit int) ([]notice.Notice, error)
	ReplayNotice(ctx context.Context, id string, drop bool, by account.By) error
	Templates(ctx context.Context) ([]notice.Template, error)
	PutTemplate(ctx context.Context, t notice.Template, by account.By) (notice.Template, error)
}

func (s *server) noticeRoutes() []route {
	return []route{
		{"POST /dossiers/{code}/contacts", receive, s.contactAdd},
		{"POST /dossiers/{code}/contacts/{contact}/end", receive, s.contactEnd},
		{"GET /notices/stop/{token}", open, s.noticeStop},
		{"POST /notices/stop/{token}", open, s.noticeStopped},
	}
}

// ContactOwner is whose secret the address of a contact is, to a vault.
func ContactOwner(id string) string { return "contact " + id }

// mostContacts is how many contacts a dossier may have that are told.
const mostContacts = 5

// told is who is told of a dossier, for its page.
type toldView struct {
	Contacts []notice.Contact
	Notices  []notice.Notice
	Channels []notice.Channel // that may be agreed to; none: the card is for reading
	Langs    []string
}

// Of returns what a contact was told.
func (t toldView) Of(id string) (all []notice.Notice) {
	for _, n := range t.Notices {
		if n.Contact == id {
			all = append(all, n)
		}
	}
	return all
}

func (s *server) toldOf(v *visit, d dossier.Dossier) (t toldView, err error) {
	if t.Contacts, err = s.Notices.Contacts(v.ctx(), d.Code); err != nil {
		return t, err
	}
	if t.Notices, err = s.Notices.Notices(v.ctx(), d.Code); err != nil {
		return t, err
	}
	if v.allowed(receive, &d) == nil && d.Resolved.IsZero() {
		t.Channels, t.Langs = s.NoticeChannels, notice.Languages[:]
	}
	return t, nil
}

// contactAdd notes that somebody at the counter agreed to be told of a dossier, and where.
// Without the consent nothing is kept.
func (s *server) contactAdd(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	c := notice.Contact{ID: "c-" + strings.ToLower(rand.Text()[:20]), Dossier: d.Code, Channel: notice.Channel(v.r.PostFormValue("channel")), Lang: v.r.PostFormValue("lang"), Token: strings.ToLower(rand.Text())}
	address, wrong := c.Channel.Normal(v.r.PostFormValue("address"))
	switch {
	case !slices.Contains(s.NoticeChannels, c.Channel) || !slices.Contains(notice.Languages[:], c.Lang):
		return invalid("notices.channel")
	case wrong != nil:
		return invalid("notices.address")
	case v.r.PostFormValue("consent") != "1":
		return invalid("notices.consent")
	}
	there, err := s.Notices.Contacts(v.ctx(), d.Code)
	if err != nil {
		return err
	}
	if there = slices.DeleteFunc(there, func(x notice.Contact) bool { return !x.Ended.IsZero() }); len(there) >= mostContacts {
		return told("contacts", dossier.ErrConflict)
	}
	c.Shown = c.Channel.Cover(address)
	if c.Address, err = KeepSecret(s.Vault, ContactOwner(c.ID), []byte(address)); err != nil {
		return err
	}
	if _, err := s.Notices.AddContact(v.ctx(), c, v.by()); errors.Is(err, dossier.ErrConflict) {
		return told("contacts", err)
	} else if err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code) + "#notices")
}

func (s *server) contactEnd(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	if err := s.Notices.EndContact(v.ctx(), d.Code, v.r.PathValue("contact"), v.by()); err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code) + "#notices")
}

// formTold tells the contacts of a dossier that more papers are needed, once a day: the
// form that asks for them was printed.
func (s *server) formTold(v *visit, d dossier.Dossier, number law.FormNumber) error {
	if number != law.FormMore || !d.Resolved.IsZero() {
		return nil
	}
	_, err := s.Notices.TellContacts(v.ctx(), d.Code, notice.More, string(notice.More)+" "+s.Now().In(dossier.VietNam).Format(time.DateOnly))
	return err
}

type stopView struct {
	Token   string
	Stopped bool
}

// noticeStop shows what one click would end. It ends nothing itself: programs that look
// at mail for its reader open every link.
func (s *server) noticeStop(v *visit) error { return s.stopPage(v) }

// noticeStopped ends it: by the page's button, or by a mail program (RFC 8058).
func (s *server) noticeStopped(v *visit) error {
	if err := s.Notices.StopByLink(v.ctx(), v.r.PathValue("token")); err != nil {
		return err
	}
	return s.stopPage(v)
}

func (s *server) stopPage(v *visit) error {
	c, err := s.Notices.ContactByToken(v.ctx(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "notice_stop", "notices.stop", stopView{Token: c.Token, Stopped: !c.Ended.IsZero()})
}
