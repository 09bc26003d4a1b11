package upload_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest/upload"
	"sohoa/jail"
)

const who = dossier.PersonID("p-counter")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newStore(t *testing.T) (*upload.Store, *time.Time) {
	now := time.Now()
	return &upload.Store{Dir: t.TempDir(), Each: 8 << 20, Most: 10 << 20, Files: 3, Life: time.Hour, Now: func() time.Time { return now }}, &now
}

func random(t *testing.T, n int) []byte {
	b := make([]byte, n)
	_, err := rand.Read(b)
	must(t, err)
	return b
}

func begin(t *testing.T, s *upload.Store, b []byte) upload.Upload {
	t.Helper()
	u, err := s.Begin(upload.Upload{Who: who, Dossier: "H", Slot: "TP01", Name: "đơn.pdf", Length: int64(len(b)), Sum: digest.Of(b)})
	must(t, err)
	return u
}

func taken(t *testing.T, s *upload.Store, id string) (b []byte, err error) {
	_, err = s.Take(who, id, func(_ upload.Upload, body io.Reader) (to string, err error) {
		b, err = io.ReadAll(body)
		return "/documents/d", err
	})
	return b, err
}

// What came before a line broke is kept, a piece with a wrong checksum is not, and what
// was written and never acknowledged is written over.
func TestGoesOn(t *testing.T) {
	s, _ := newStore(t)
	b := random(t, 3<<20+7)
	u := begin(t, s, b)
	broken := io.MultiReader(bytes.NewReader(b[:1<<20+5]), iotest.ErrReader(errors.New("the cable")))
	if u, err := s.Append(who, u.ID, 0, nil, broken); err == nil || u.Offset != 1<<20+5 {
		t.Fatalf("%d bytes are kept of a piece that broke off: %v", u.Offset, err)
	}
	at := int64(1<<20 + 5)
	wrong := digest.Of([]byte("else"))
	if _, err := s.Append(who, u.ID, at, &wrong, bytes.NewReader(b[at:])); !errors.Is(err, upload.ErrSum) {
		t.Errorf("a wrong checksum: %v", err)
	}
	if _, err := s.Append(who, u.ID, at+1, nil, bytes.NewReader(b[at+1:])); !errors.Is(err, upload.ErrOffset) {
		t.Errorf("a gap: %v", err)
	}
	parts, err := filepath.Glob(filepath.Join(s.Dir, "*", "*.part"))
	must(t, err)
	f, err := os.OpenFile(parts[0], os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.Write(random(t, 999)) // killed between the bytes and the state
	must(t, errors.Join(err, f.Close()))
	if _, err := taken(t, s, u.ID); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("taken before it was whole: %v", err)
	}
	again := &upload.Store{Dir: s.Dir, Each: s.Each, Most: s.Most, Files: s.Files, Life: s.Life, Now: s.Now} // another life of the house
	sum := digest.Of(b[at:])
	if u, err = again.Append(who, u.ID, at, &sum, bytes.NewReader(b[at:])); err != nil || !u.Whole() {
		t.Fatalf("%+v: %v", u, err)
	}
	if got, err := taken(t, again, u.ID); err != nil || !bytes.Equal(got, b) {
		t.Errorf("other bytes came out: %v", err)
	}
	calls := 0
	to, err := again.Take(who, u.ID, func(upload.Upload, io.Reader) (string, error) { calls++; return "/elsewhere", nil })
	if err != nil || to != "/documents/d" || calls != 0 {
		t.Errorf("asked again it says %q, %v", to, err)
	}
	if left, err := again.Upload(who, u.ID); err != nil || left.Name != "" {
		t.Errorf("what was taken keeps its name: %+v %v", left, err)
	}
}

// Nobody reaches another's upload or a path; a person has bounds; what nobody touches
// is forgotten.
func TestBounds(t *testing.T) {
	s, now := newStore(t)
	u := begin(t, s, random(t, 100))
	for _, x := range []struct {
		who dossier.PersonID
		id  string
	}{{"p-far", u.ID}, {who, "../" + u.ID}, {who, ""}, {who, u.ID + "x"}} {
		if _, err := s.Upload(x.who, x.id); !errors.Is(err, dossier.ErrNotFound) {
			t.Errorf("%s reaches %q: %v", x.who, x.id, err)
		}
	}
	var refused *jail.Refusal
	if _, err := s.Begin(upload.Upload{Who: who, Length: 8<<20 + 1}); !errors.As(err, &refused) || refused.Code != "bytes" {
		t.Errorf("too large: %v", err)
	}
	begin(t, s, make([]byte, 8<<20))
	if _, err := s.Begin(upload.Upload{Who: who, Length: 2 << 20}); !errors.As(err, &refused) || refused.Code != upload.CodeRoom {
		t.Errorf("more than there is room for: %v", err)
	}
	begin(t, s, []byte("x"))
	if _, err := s.Begin(upload.Upload{Who: who, Length: 1}); !errors.As(err, &refused) || refused.Code != upload.CodeRoom {
		t.Errorf("more files than may be under way: %v", err)
	}
	if u, err := s.Append(who, u.ID, 0, nil, bytes.NewReader(make([]byte, 101))); !errors.Is(err, dossier.ErrInvalid) || u.Offset != 0 {
		t.Errorf("more than was announced: %+v %v", u, err)
	}
	*now = now.Add(59 * time.Minute)
	must(t, s.Sweep())
	if _, err := s.Upload(who, u.ID); err != nil {
		t.Errorf("swept too soon: %v", err)
	}
	*now = now.Add(2 * time.Minute)
	must(t, s.Sweep())
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file that is not the one that was announced is not taken.
func TestChanged(t *testing.T) {
	s, _ := newStore(t)
	u := begin(t, s, []byte("một"))
	_, err := s.Append(who, u.ID, 0, nil, bytes.NewReader([]byte("hai..")))
	must(t, err)
	var refused *jail.Refusal
	if _, err := taken(t, s, u.ID); !errors.As(err, &refused) || refused.Code != upload.CodeChanged {
		t.Errorf("%v", err)
	}
	if _, err := s.Upload(who, u.ID); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("it stays: %v", err)
	}
}
