package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"sohoa/dossier"
)

// A Callback tells the program that brought a file that its job is over, as Gotenberg
// does: at one address if it is done, at another, if the program named one, if it failed.
type Callback struct {
	Job      string // its id is the message's: told twice, it is the same
	Document dossier.DocumentID
	State    dossier.State
	Version  int64
	Changed  time.Time
	URL      string // of how it ended
	Key      string // SHA-256 of what the program holds, in hex digits

	Tries int
	Next  time.Time
	Said  string // why the last try failed, a word
	Dead  bool   // it is tried no more
	Taken bool
}

// Failed returns c after a try that failed at a time, for a reason.
func (c Callback) Failed(at time.Time, word string) Callback {
	d := Delivery{Tries: c.Tries}.Failed(at, word)
	c.Tries, c.Said, c.Next, c.Dead = d.Tries, d.Said, d.Next, d.Dead
	return c
}

// Status is how the job ended: done, or failed if the paper was refused.
func (c Callback) Status() string {
	if c.State == dossier.Refused {
		return "failed"
	}
	return "done"
}

// callbackLabel keeps what signs callbacks from being of use anywhere else.
const callbackLabel = "sohoa callback v1"

// Secret is what callbacks to the holder of a key are signed with: HMAC-SHA-256 under the
// SHA-256 of the key, of the label "sohoa callback v1". Both sides can count it out, and
// nothing more is kept.
func (c Callback) Secret() (string, error) {
	sum, err := hex.DecodeString(c.Key)
	if err != nil || len(sum) != sha256.Size {
		return "", errors.New("a callback without its key")
	}
	m := hmac.New(sha256.New, sum)
	m.Write([]byte(callbackLabel))
	return secretMark + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

// CloudEvent writes a callback as [Delivery.CloudEvent] writes events.
func (c Callback) CloudEvent(source string) ([]byte, error) {
	type data struct {
		Job      string             `json:"job"`
		Document dossier.DocumentID `json:"document"`
		Status   string             `json:"status"`
		State    dossier.State      `json:"state"`
		Version  int64              `json:"version"`
	}
	return json.Marshal(struct {
		Spec    string    `json:"specversion"`
		ID      string    `json:"id"`
		Source  string    `json:"source"`
		Type    string    `json:"type"`
		Subject string    `json:"subject"`
		Time    time.Time `json:"time"`
		Media   string    `json:"datacontenttype"`
		Data    data      `json:"data"`
	}{"1.0", c.Job, source, "vn.sohoa.job." + c.Status(), c.Job, c.Changed.UTC(), "application/json", data{c.Job, c.Document, c.Status(), c.State, c.Version}})
}
