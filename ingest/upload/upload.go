// Package upload keeps files that arrive in pieces, so that a line that breaks and a
// house that is killed cost a piece and not the file (tus resumable upload protocol
// 1.0.0, https://tus.io/protocols/resumable-upload).
//
// What is acknowledged is durable: the bytes first, then the state that counts them. An
// Upload is one person's, for one slot of a dossier; nothing of it has been received
// before the door or a draft took it. It is forgotten some hours after it was last
// touched. What became of one that was taken is remembered as long, without its name
// and its bytes, so that who did not hear the answer may ask again.
package upload

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/jail"
	"sohoa/pattern"
	"sohoa/storage/durable"
)

// An Upload is a file on its way.
type Upload struct {
	ID      string
	Who     dossier.PersonID // whose it is
	Dossier dossier.Code
	Slot    dossier.SlotCode
	Name    string // as its owner calls it: for their eyes only
	Length  int64  // bytes of the whole file
	Offset  int64  // bytes that are here for certain
	Sum     digest.Digest
	Draft   bool         // to be laid out, not entered at once
	Lane    dossier.Lane // in which it is to be entered
	Touched time.Time    // when something of it last came
	Until   time.Time    // when nobody can go on with it in any case; zero: as long as an upload lives
	To      string       // where what became of it is; empty: it has not been taken
}

// Whole reports whether every byte is here.
func (u Upload) Whole() bool { return u.Offset == u.Length }

// Errors of pieces.
var (
	ErrOffset = fmt.Errorf("%w: the piece does not begin where the file ends", dossier.ErrConflict)
	ErrSum    = errors.New("the bytes are not those that were sent")
)

// Codes of refusals that are an upload's own.
const (
	CodeRoom    = "room"    // no room for more of this person's files
	CodeChanged = "changed" // the whole file is not the one that was announced
)

// A Store keeps uploads. Every field is needed. It may be used by many at once.
type Store struct {
	Dir   string
	Each  int64 // bytes of one file
	Most  int64 // bytes of one person's files that are not taken yet
	Files int   // of one person, not taken yet
	Life  time.Duration
	Now   func() time.Time

	mu    sync.Mutex
	locks map[string]*lock
}

type lock struct {
	sync.Mutex
	users int
}

// hold keeps others from the upload or the person with this name, also at other processes
// of the house.
func (s *Store) hold(who dossier.PersonID, id string) (release func()) {
	name := s.home(who)
	if names().MatchString(id) {
		name = s.path(Upload{Who: who, ID: id}, "")
	}
	s.mu.Lock()
	if s.locks == nil {
		s.locks = map[string]*lock{}
	}
	l, ok := s.locks[name]
	if !ok {
		l = &lock{}
		s.locks[name] = l
	}
	l.users++
	s.mu.Unlock()
	l.Lock()
	unlock := durable.Lock(name + lockEnd)
	return func() {
		unlock()
		l.Unlock()
		s.mu.Lock()
		if l.users--; l.users == 0 {
			delete(s.locks, name)
		}
		s.mu.Unlock()
	}
}

// home is where a person's uploads are. Its name says nothing of whose they are.
func (s *Store) home(who dossier.PersonID) string {
	sum := sha256.Sum256([]byte(who))
	return filepath.Join(s.Dir, fmt.Sprintf("%x", sum[:12]))
}

// Ends of the names of an upload's files: its bytes, and what is known of it.
const (
	bytesEnd = ".part"
	stateEnd = ".json"
	lockEnd  = ".lock"
)

func (s *Store) path(u Upload, end string) string {
	return filepath.Join(s.home(u.Who), u.ID+end)
}

// Begin announces a file. One for which there is no room, or that is larger than any may
// be, gives a [*jail.Refusal].
func (s *Store) Begin(u Upload) (Upload, error) {
	switch {
	case u.Length < 0 || u.Offset != 0 || u.To != "":
		return u, fmt.Errorf("%w: an upload of %d bytes", dossier.ErrInvalid, u.Length)
	case u.Length > s.Each:
		return u, &jail.Refusal{Code: "bytes", Text: "the file is larger than the limit"}
	}
	defer s.hold(u.Who, "")()
	if err := s.roomFor(u); err != nil {
		return u, err
	}
	u.ID, u.Touched = strings.ToLower(rand.Text()), s.Now()
	if err := os.MkdirAll(s.home(u.Who), 0o700); err != nil {
		return u, err
	}
	f, err := os.OpenFile(s.path(u, bytesEnd), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return u, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return u, err
	}
	return u, errors.Join(s.save(u), durable.Settle(s.Dir))
}

func (s *Store) roomFor(u Upload) error {
	files, sum := 0, u.Length
	all, err := filepath.Glob(filepath.Join(s.home(u.Who), "*"+stateEnd))
	if err != nil {
		return err
	}
	for _, path := range all {
		x, err := load(path)
		if err == nil && x.To == "" {
			files, sum = files+1, sum+x.Length
		}
	}
	switch {
	case files >= s.Files:
		return &jail.Refusal{Code: CodeRoom, Text: fmt.Sprintf("more than %d files are under way", s.Files)}
	case sum > s.Most:
		return &jail.Refusal{Code: CodeRoom, Text: fmt.Sprintf("your files under way have more than %d MB", s.Most>>20)}
	}
	return nil
}

// names are what uploads are called; nothing else of an address becomes a path.
var names = pattern.Late(`^[a-z2-7]{26}$`)

// Upload returns an upload of a person. The error wraps [dossier.ErrNotFound] if they have
// none of that name.
func (s *Store) Upload(who dossier.PersonID, id string) (Upload, error) {
	if !names().MatchString(id) {
		return Upload{}, fmt.Errorf("%w: no upload", dossier.ErrNotFound)
	}
	u, err := load(s.path(Upload{Who: who, ID: id}, stateEnd))
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w: no upload", dossier.ErrNotFound)
	}
	return u, err
}

func load(path string) (u Upload, err error) {
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &u)
	}
	return u, err
}

// save makes what is known of an upload durable.
func (s *Store) save(u Upload) error {
	b, err := json.Marshal(u)
	if err != nil {
		return err
	}
	return durable.Replace(s.path(u, stateEnd), b, 0o600)
}

// slice is how much of a piece without a checksum is made durable at a time.
const slice = 1 << 20

// Append adds a piece that begins at offset, and returns how far the upload is. With a
// checksum a piece is taken whole or not at all: [ErrSum]. Without, what came of it before
// the line broke is kept. A piece that begins elsewhere than the file ends gives
// [ErrOffset]: whoever sent it asks how far the file is.
//
// A piece is read before others are kept waiting: one whose line is dead, and whose
// connection is not known to be, keeps the next from nothing.
func (s *Store) Append(who dossier.PersonID, id string, offset int64, sum *digest.Digest, body io.Reader) (Upload, error) {
	u, err := s.Upload(who, id)
	if err == nil && u.Offset != offset {
		err = ErrOffset
	}
	if err != nil {
		return u, err
	}
	body = io.LimitReader(body, u.Length-offset+1)
	if sum != nil {
		return s.checked(u, *sum, body)
	}
	for b := make([]byte, slice); ; {
		n, broken := io.ReadFull(body, b)
		if n > 0 {
			if u, err = s.write(who, id, u.Offset, strings.NewReader(string(b[:n])), int64(n)); err != nil {
				return u, err
			}
		}
		switch broken {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return u, nil
		default:
			return u, broken
		}
	}
}

// checked takes a piece if it is the one that was sent.
func (s *Store) checked(u Upload, want digest.Digest, body io.Reader) (Upload, error) {
	f, err := os.CreateTemp(s.home(u.Who), "in-*")
	if err != nil {
		return u, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), body)
	if err != nil {
		return u, err
	}
	if digest.Digest(sum.Sum(nil)) != want {
		return u, ErrSum
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return u, err
	}
	return s.write(u.Who, u.ID, u.Offset, f, n)
}

// write puts n bytes behind those that are here for certain: what else lies there is of
// a piece that was never acknowledged.
func (s *Store) write(who dossier.PersonID, id string, offset int64, piece io.Reader, n int64) (Upload, error) {
	defer s.hold(who, id)()
	u, err := s.Upload(who, id)
	switch {
	case err != nil:
		return u, err
	case u.Offset != offset || u.To != "":
		return u, ErrOffset
	case offset+n > u.Length:
		return u, fmt.Errorf("%w: more than the %d bytes that were announced", dossier.ErrInvalid, u.Length)
	}
	f, err := os.OpenFile(s.path(u, bytesEnd), os.O_WRONLY, 0)
	if err != nil {
		return u, err
	}
	err = f.Truncate(offset)
	if err == nil {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(f, piece)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return u, err
	}
	was := u
	u.Offset, u.Touched = offset+n, s.Now()
	if err := s.save(u); err != nil {
		return was, err
	}
	return u, nil
}

// Take gives a whole file to who takes it in, once: take says where what became of it
// is, and whoever asks again is told the same. An upload that is not whole gives
// [dossier.ErrConflict]; one whose bytes are not those that were announced, a
// [*jail.Refusal], and is forgotten.
func (s *Store) Take(who dossier.PersonID, id string, take func(u Upload, body io.Reader) (to string, err error)) (string, error) {
	defer s.hold(who, id)()
	u, err := s.Upload(who, id)
	switch {
	case err != nil:
		return "", err
	case u.To != "":
		return u.To, nil
	case !u.Whole():
		return "", fmt.Errorf("%w: %d of %d bytes are here", dossier.ErrConflict, u.Offset, u.Length)
	}
	f, err := os.Open(s.path(u, bytesEnd))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if !u.Sum.IsZero() {
		got, _, err := digest.Read(f)
		if err != nil {
			return "", err
		}
		if got != u.Sum {
			return "", errors.Join(&jail.Refusal{Code: CodeChanged, Text: "the file changed while it was sent"}, s.remove(u))
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return "", err
		}
	}
	if u.To, err = take(u, f); err != nil {
		return "", err
	}
	u.Name, u.Touched = "", s.Now()
	return u.To, errors.Join(s.save(u), os.Remove(s.path(u, bytesEnd)))
}

// Remove forgets an upload of a person.
func (s *Store) Remove(who dossier.PersonID, id string) error {
	defer s.hold(who, id)()
	u, err := s.Upload(who, id)
	if err != nil {
		return err
	}
	return s.remove(u)
}

func (s *Store) remove(u Upload) error {
	err := os.Remove(s.path(u, bytesEnd))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(s.path(u, stateEnd)))
}

// Sweep forgets what nobody has touched for the length of an upload's life, and what nobody
// can go on with.
func (s *Store) Sweep() error {
	files, err := filepath.Glob(filepath.Join(s.Dir, "*", "*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			continue // gone meanwhile
		}
		if u, err := load(path); strings.HasSuffix(path, stateEnd) && err == nil && !u.Until.IsZero() && !s.Now().Before(u.Until) {
			errs = append(errs, s.remove(u))
			continue
		}
		touched := info.ModTime()
		if u, err := load(strings.TrimSuffix(path, bytesEnd) + stateEnd); strings.HasSuffix(path, bytesEnd) && err == nil {
			touched = u.Touched // its state says when the last piece came, or when it was announced
		}
		if s.Now().Sub(touched) >= s.Life {
			errs = append(errs, os.Remove(path))
		}
	}
	return errors.Join(errs...)
}
