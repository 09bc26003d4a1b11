package wire

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/upload"
	"sohoa/web"
)

// Directories of what is on its way, see [House.laid].
const (
	laidDir     = "laid"
	arrivingDir = "arriving"
	invitedDir  = "invitations"
)

// Bounds of an invitation to a phone.
const (
	invitationLife  = 15 * time.Minute
	invitationFiles = 40
)

// arrivingFiles is how many files of one person may be on their way at once.
const arrivingFiles = 200

// uploads lets the pages keep files that arrive in pieces.
type uploads struct{ store *upload.Store }

func (h *House) openUploads() uploads {
	h.uploads = &upload.Store{Dir: h.arriving(), Each: Limits.Bytes, Most: mostDrafted, Files: arrivingFiles, Life: draftLife, Now: h.Settings.now}
	return uploads{h.uploads}
}

// Begin announces a file.
func (u uploads) Begin(_ context.Context, x web.Upload) (web.Upload, error) {
	got, err := u.store.Begin(upload.Upload(x))
	return web.Upload(got), err
}

// Upload returns how far a file is.
func (u uploads) Upload(_ context.Context, who dossier.PersonID, id string) (web.Upload, error) {
	got, err := u.store.Upload(who, id)
	return web.Upload(got), err
}

// Append adds a piece.
func (u uploads) Append(_ context.Context, who dossier.PersonID, id string, p web.Piece) (web.Upload, error) {
	got, err := u.store.Append(who, id, p.Offset, p.Sum, p.Body)
	if errors.Is(err, upload.ErrSum) {
		err = web.ErrSum
	}
	return web.Upload(got), err
}

// Take gives a whole file to who takes it in, once.
func (u uploads) Take(_ context.Context, who dossier.PersonID, id string, take func(web.Upload, io.Reader) (string, error)) (string, error) {
	return u.store.Take(who, id, func(x upload.Upload, body io.Reader) (string, error) { return take(web.Upload(x), body) })
}

// Remove forgets a file that is on its way.
func (u uploads) Remove(_ context.Context, who dossier.PersonID, id string) error {
	return u.store.Remove(who, id)
}

// phones lets the pages invite phones.
type phones struct{ open *upload.Invitations }

func (h *House) openPhones() phones {
	return phones{&upload.Invitations{Dir: filepath.Join(h.Settings.SharedDir(), invitedDir), Life: invitationLife, Files: invitationFiles, Now: h.Settings.now}}
}

func invitation(i upload.Invitation, err error) (web.Invitation, error) {
	return web.Invitation{At: web.DraftPlace{Who: i.Who, Dossier: i.Dossier, Slot: i.Slot}, Token: i.Token, Until: i.Until, Sent: i.Sent}, err
}

// Invite opens an invitation.
func (p phones) Invite(_ context.Context, at web.DraftPlace) (web.Invitation, error) {
	return invitation(p.open.Invite(at.Who, at.Dossier, at.Slot))
}

// Invitation returns the one that is open to a place.
func (p phones) Invitation(_ context.Context, at web.DraftPlace) (web.Invitation, error) {
	return invitation(p.open.At(at.Who, at.Dossier, at.Slot))
}

// Invited returns the one with a token.
func (p phones) Invited(_ context.Context, token string, phone digest.Digest) (web.Invitation, error) {
	return invitation(p.open.Invited(token, phone))
}

// Answer counts a file.
func (p phones) Answer(_ context.Context, token string, phone digest.Digest) (web.Invitation, error) {
	return invitation(p.open.Answer(token, phone))
}

// End ends the one to a place.
func (p phones) End(_ context.Context, at web.DraftPlace) error {
	return p.open.End(at.Who, at.Dossier, at.Slot)
}

// EndAll ends all that a person gave.
func (p phones) EndAll(_ context.Context, who dossier.PersonID) error { return p.open.EndAll(who) }
