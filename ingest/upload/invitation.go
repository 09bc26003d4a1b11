package upload

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/durable"
)

// An Invitation lets one phone, in which nobody is logged in, lay files out at one place
// of its giver, for some minutes.
type Invitation struct {
	Who     dossier.PersonID // whose it is
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Token   string // who has it is invited
	Until   time.Time
	Phone   digest.Digest // of the secret of the phone that sent first; zero: none did
	Sent    int           // files
}

// of reports whether an invitation is to the same place as another.
func (i Invitation) of(x Invitation) bool {
	return i.Who == x.Who && i.Dossier == x.Dossier && i.Slot == x.Slot
}

// Invitations are those that are open. Every field is needed. They may be used by many
// at once.
type Invitations struct {
	Dir   string
	Life  time.Duration // of one
	Files int           // that may come by one
	Now   func() time.Time

	mu sync.Mutex
}

// hold keeps others waiting, also at other processes of the house.
func (s *Invitations) hold() (release func()) {
	s.mu.Lock()
	unlock := durable.Lock(s.Dir + lockEnd)
	return func() { unlock(); s.mu.Unlock() }
}

// Invite opens an invitation; one that was open to the same place ends.
func (s *Invitations) Invite(who dossier.PersonID, code dossier.Code, slot dossier.SlotCode) (Invitation, error) {
	i := Invitation{Who: who, Dossier: code, Slot: slot, Token: strings.ToLower(rand.Text()), Until: s.Now().Add(s.Life)}
	if err := s.End(who, code, slot); err != nil {
		return i, err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return i, err
	}
	defer s.hold()()
	return i, s.save(i)
}

// path is the file of an invitation. Its name lets nobody in.
func (s *Invitations) path(token string) string {
	return filepath.Join(s.Dir, digest.Of([]byte(token)).String())
}

func (s *Invitations) save(i Invitation) error {
	b, err := json.Marshal(i)
	if err != nil {
		return err
	}
	path := s.path(i.Token)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// open lists those that are open, and forgets those that are over.
func (s *Invitations) open() (all []Invitation, err error) {
	files, err := filepath.Glob(filepath.Join(s.Dir, "*"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		var i Invitation
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &i)
		}
		if err != nil || strings.HasSuffix(path, ".new") || !s.Now().Before(i.Until) {
			_ = os.Remove(path) // void in any case
			continue
		}
		all = append(all, i)
	}
	return all, nil
}

// At returns the invitation that is open to a place. The error wraps
// [dossier.ErrNotFound] if there is none.
func (s *Invitations) At(who dossier.PersonID, code dossier.Code, slot dossier.SlotCode) (Invitation, error) {
	defer s.hold()()
	all, err := s.open()
	for _, i := range all {
		if i.of(Invitation{Who: who, Dossier: code, Slot: slot}) {
			return i, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%w: no invitation", dossier.ErrNotFound)
	}
	return Invitation{}, err
}

// Invited returns the invitation with a token, if phone may use it: it is open, and no
// other phone has sent by it. The error wraps [dossier.ErrNotFound] else.
func (s *Invitations) Invited(token string, phone digest.Digest) (Invitation, error) {
	defer s.hold()()
	return s.invited(token, phone)
}

func (s *Invitations) invited(token string, phone digest.Digest) (i Invitation, err error) {
	none := fmt.Errorf("%w: no invitation", dossier.ErrNotFound)
	b, err := os.ReadFile(s.path(token))
	if errors.Is(err, os.ErrNotExist) {
		return i, none
	} else if err == nil {
		err = json.Unmarshal(b, &i)
	}
	if err == nil && (!s.Now().Before(i.Until) || !i.Phone.IsZero() && i.Phone != phone) {
		return Invitation{}, none
	}
	return i, err
}

// Answer counts a file that a phone is about to send: from the first on, the invitation
// is that phone's alone. More files than may come give [dossier.ErrConflict].
func (s *Invitations) Answer(token string, phone digest.Digest) (Invitation, error) {
	defer s.hold()()
	i, err := s.invited(token, phone)
	if err != nil {
		return i, err
	}
	if i.Sent >= s.Files {
		return i, fmt.Errorf("%w: %d files came by this invitation", dossier.ErrConflict, i.Sent)
	}
	i.Phone, i.Sent = phone, i.Sent+1
	return i, s.save(i)
}

// End ends the invitation to a place. That there is none is no error.
func (s *Invitations) End(who dossier.PersonID, code dossier.Code, slot dossier.SlotCode) error {
	return s.end(func(i Invitation) bool { return i.of(Invitation{Who: who, Dossier: code, Slot: slot}) })
}

// EndAll ends all that a person gave.
func (s *Invitations) EndAll(who dossier.PersonID) error {
	return s.end(func(i Invitation) bool { return i.Who == who })
}

func (s *Invitations) end(which func(Invitation) bool) error {
	defer s.hold()()
	all, err := s.open()
	for _, i := range all {
		if which(i) {
			err = errors.Join(err, os.Remove(s.path(i.Token)))
		}
	}
	return err
}
