// Package hook holds the words for telling other systems what happens: who is told,
// what, and how it stands. It holds values only.
package hook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// A Hook is an address that is told what happens in a part of the organisation.
type Hook struct {
	ID     string
	URL    string
	Secret string             // as it is kept, see web.Vault
	Agency dossier.AgencyCode // of dossiers that it or one below it received or decides
	Why    string
	Who    dossier.PersonID
	At     time.Time
	Ended  time.Time // zero: it is told

	Waiting, Dead int // deliveries
}

// A Delivery is one event on its way to one hook. The event itself is the ledger's:
// the move and what is told of it were written together.
type Delivery struct {
	Hook     string
	Place    int64 // of the event in the ledger; the order
	Event    string
	Type     string
	Dossier  dossier.Code
	Document dossier.DocumentID
	Slot     dossier.SlotCode
	State    dossier.State
	Version  int64
	At       time.Time // when it happened

	Tries int
	Next  time.Time
	Said  string // why the last try failed, a word
	Dead  bool

	URL, Secret string // of its hook
}

// Words for why a try failed: they are kept, and hold no data.
const (
	Away    = "away"    // no answer in time, or no such address
	Closed  = "closed"  // the address is not one that may be called
	Refused = "refused" // it answered with another status than 2xx
	Gone    = "gone"    // it answered 410: it wants nothing more
	Sealed  = "sealed"  // its secret cannot be opened here
)

// MostTries is how often an event is tried before it is put aside for a person: over
// most of a day.
const MostTries = 12

// Pause is how long after a failure the next try is: half a minute, doubled each time,
// six hours at most.
func Pause(tries int) time.Duration {
	return min(30*time.Second<<min(max(tries-1, 0), 12), 6*time.Hour)
}

// Failed returns d after a try that failed at a time, for a reason.
func (d Delivery) Failed(at time.Time, word string) Delivery {
	d.Tries, d.Said = d.Tries+1, word
	d.Next, d.Dead = at.Add(Pause(d.Tries)), d.Tries >= MostTries || word == Gone
	return d
}

// secretMark begins a secret (Standard Webhooks 1.0, "Signature scheme").
const secretMark = "whsec_"

// NewSecret makes the secret that a hook's events are signed with.
func NewSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return secretMark + base64.StdEncoding.EncodeToString(raw)
}

// Sign returns the header webhook-signature of a message (Standard Webhooks 1.0):
// HMAC-SHA-256 over its id, the seconds since 1970 and the body.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretMark))
	if err != nil || len(key) < 24 {
		return "", errors.New("the secret of a hook is none")
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%d.", id, at.Unix())
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

// CloudEvent writes a delivery as a CloudEvent in structured mode (CloudEvents 1.0.2, JSON
// format). It holds ids and codes only: who is told comes and asks for the rest.
func (d Delivery) CloudEvent(source string) ([]byte, error) {
	type data struct {
		Dossier  dossier.Code       `json:"dossier"`
		Document dossier.DocumentID `json:"document,omitempty"`
		Slot     dossier.SlotCode   `json:"slot,omitempty"`
		State    dossier.State      `json:"state,omitempty"`
		Version  *int64             `json:"version,omitempty"`
		Place    int64              `json:"place"`
	}
	of := data{d.Dossier, d.Document, d.Slot, d.State, nil, d.Place}
	if d.Document != "" {
		of.Version = &d.Version
	}
	return json.Marshal(struct {
		Spec     string    `json:"specversion"`
		ID       string    `json:"id"`
		Source   string    `json:"source"`
		Type     string    `json:"type"`
		Subject  string    `json:"subject"`
		Time     time.Time `json:"time"`
		Media    string    `json:"datacontenttype"`
		Sequence string    `json:"sequence"` // CloudEvents extension "sequence": grows with the ledger
		Data     data      `json:"data"`
	}{"1.0", d.Event, source, d.Type, string(d.Dossier), d.At.UTC(), "application/json", strconv.FormatInt(d.Place, 10), of})
}

// Allowed says which addresses may be called. Nothing is, unless somebody who runs the
// house named the host.
type Allowed struct {
	Hosts   []string // names, or .domain for all below one
	Private bool     // also where only this network reaches: loopback, RFC 1918 and the like
}

// Check says what is wrong with an address, wrapping [dossier.ErrInvalid]. What it leads
// to is looked at again when it is called: see package outbound.
func (a Allowed) Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(address) > 500:
		return fmt.Errorf("%w: no address", dossier.ErrInvalid)
	case u.Scheme != "https":
		return fmt.Errorf("%w: events go over https alone", dossier.ErrInvalid)
	}
	host := strings.ToLower(u.Hostname())
	if !slices.ContainsFunc(a.Hosts, func(h string) bool {
		return h == host || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)
	}) {
		return fmt.Errorf("%w: the host is not among those that may be called", dossier.ErrInvalid)
	}
	return nil
}
