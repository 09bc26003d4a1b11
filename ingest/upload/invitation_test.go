package upload_test

import (
	"errors"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/upload"
)

// One phone, some files, some minutes, until it is ended: then there is nothing there.
func TestInvitation(t *testing.T) {
	now := time.Now()
	s := &upload.Invitations{Dir: t.TempDir(), Life: 10 * time.Minute, Files: 2, Now: func() time.Time { return now }}
	phone, other := digest.Of([]byte("phone")), digest.Of([]byte("other"))
	gone := func(what, token string, phone digest.Digest) {
		t.Helper()
		if _, err := s.Invited(token, phone); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := s.Answer(token, phone); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s sends: %v", what, err)
		}
	}
	first, err := s.Invite(who, "H", "TP01")
	must(t, err)
	elsewhere, err := s.Invite(who, "H", "TP02")
	must(t, err)
	i, err := s.Invite(who, "H", "TP01")
	must(t, err)
	gone("the one before", first.Token, phone)
	gone("a guess", "abc", phone)
	for range 2 {
		_, err = s.Answer(i.Token, phone)
		must(t, err)
	}
	if _, err := s.Answer(i.Token, phone); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("more files than may come: %v", err)
	}
	gone("another phone", i.Token, other)
	if at, err := s.At(who, "H", "TP01"); err != nil || at.Sent != 2 || at.Token != i.Token {
		t.Errorf("%+v %v", at, err)
	}
	must(t, s.End(who, "H", "TP01"))
	gone("one that was ended", i.Token, phone)
	if _, err := s.Invited(elsewhere.Token, other); err != nil {
		t.Errorf("the one to another place: %v", err)
	}
	last, err := s.Invite(who, "H", "TP03")
	must(t, err)
	must(t, s.EndAll("p-far"))
	now = now.Add(10 * time.Minute)
	gone("one that is over", last.Token, phone)
	if _, err := s.At(who, "H", "TP03"); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("it is still shown: %v", err)
	}
}
