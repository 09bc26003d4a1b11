// Package devtest sets up all that signing needs, for tests: an authority, a
// time-stamp authority that answers over HTTP, a font, a journal, a sealer.
package devtest

import (
	"bytes"
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/devca"
	"sohoa/signing/keys"
	"sohoa/signing/mark"
	"sohoa/signing/tsa"
)

// Font is where Debian keeps Tinos.
const Font = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

// A Desk is all of it.
type Desk struct {
	CA      *devca.CA
	Sealer  *signing.Sealer
	Journal *Journal
}

// New sets a desk up in a temporary directory, by a clock.
func New(t testing.TB, now func() time.Time) *Desk {
	t.Helper()
	ca, err := devca.Open(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	font, err := mark.Load(Font)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(ca.TSA())
	t.Cleanup(server.Close)
	d := &Desk{CA: ca, Journal: &Journal{}}
	d.Sealer = &signing.Sealer{Journal: d.Journal, Font: font, Now: now, Evidence: ca,
		TSA: &tsa.Client{URL: server.URL, Roots: ca.Roots(), Now: now, Timeout: 5 * time.Second}}
	return d
}

// Key issues a key and opens it.
func (d *Desk) Key(t testing.TB, name, commonName, org string) signing.Key {
	t.Helper()
	if err := d.CA.Issue(name, commonName, org); err != nil {
		t.Fatal(err)
	}
	k, err := keys.Load(d.CA.KeyPath(name))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Sign signs a file and returns the new one.
func (d *Desk) Sign(t testing.TB, r signing.Request, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Twice signs a file as the house does: the officer, then the agency.
func (d *Desk) Twice(t testing.TB, file []byte) []byte {
	t.Helper()
	twice, err := d.TryTwice(t, file)
	if err != nil {
		t.Fatal(err)
	}
	return twice
}

// TryTwice is Twice for a file that may have no room for the marks.
func (d *Desk) TryTwice(t testing.TB, file []byte) ([]byte, error) {
	t.Helper()
	officer := d.Key(t, "officer", "Nguyễn Vĩnh Nghĩa", "UBND xã Vĩnh Thịnh")
	agency := d.Key(t, "agency", "Ủy ban nhân dân xã Vĩnh Thịnh", "")
	for _, r := range []signing.Request{
		{Subject: "d1", Profile: signing.CopyOfficer, Key: officer, Name: "Nguyễn Vĩnh Nghĩa",
			CapturedAt: time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)},
		{Subject: "d1", Profile: signing.CopyAgency, Key: agency,
			Name: "Trung tâm Phục vụ hành chính công xã Vĩnh Thịnh, huyện Vĩnh Lộc, tỉnh Thanh Hóa"},
	} {
		var out bytes.Buffer
		if err := d.Sealer.Sign(t.Context(), r, bytes.NewReader(file), int64(len(file)), &out); err != nil {
			return nil, err
		}
		file = out.Bytes()
	}
	return file, nil
}

// A Journal keeps intents in memory. Fail, if set, is what Record returns.
type Journal struct {
	Fail error

	mu      sync.Mutex
	intents []signing.Intent
}

// Record keeps i.
func (j *Journal) Record(_ context.Context, i signing.Intent) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.Fail == nil {
		j.intents = append(j.intents, i)
	}
	return j.Fail
}

// Intents returns what was recorded.
func (j *Journal) Intents() []signing.Intent {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]signing.Intent(nil), j.intents...)
}
