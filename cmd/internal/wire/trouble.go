package wire

import (
	"errors"
	"fmt"

	"sohoa/jail"
	"sohoa/pdf/typeset"
	"sohoa/signing"
	"sohoa/signing/keys"
	"sohoa/signing/revinfo"
	"sohoa/signing/tsa"
	"sohoa/storage/blob"
	"sohoa/workers"
)

// troubles are the errors that a person can do something about, with a code
// that the pages translate. The first that fits counts: an authority that does
// not answer says nothing about a key.
var troubles = []struct {
	is   error
	text string
}{
	{tsa.ErrUnavailable, "tsa: the time-stamp authority does not answer"},
	{revinfo.ErrUnavailable, "revocation: the service that tells of revocations does not answer"},
	{revinfo.ErrRevoked, "revoked: a certificate was revoked"},
	{tsa.ErrUntrusted, "tsa-answer: the time-stamp authority is not one that is believed"},
	{tsa.ErrToken, "tsa-answer: the time-stamp authority answers something that is no time-stamp"},
	{revinfo.ErrStatement, "revocation-answer: the service that tells of revocations answers something that proves nothing"},
	{workers.ErrNoGain, "no-gain: a new time-stamp would hold no longer than the last"},
	{workers.ErrLapsed, "lapsed: the archived file is not valid now"},
	{signing.ErrExpired, "key-ended: the signer's certificate is not valid now"},
	{signing.ErrKey, "key: the signing key cannot be used now"},
	{typeset.ErrRoom, "report: the report of a closed month could not be laid out"},
	{signing.ErrLevel, "level: what the level of the signature needs is not at hand"},
	{workers.ErrOwnCheck, "own-check: the file that was made failed our own check"},
	{blob.ErrCorrupt, "store: a stored file is missing or damaged"},
	{blob.ErrNotFound, "store: a stored file is missing or damaged"},
	{workers.ErrBrokeOff, "broke-off: the machine broke off on this paper several times in a row"},
}

// trouble puts an error into words that a person may see, with a code first
// that the pages translate: "damaged:3: page 3: …", "tsa: …". What is ours
// stays in the log.
func trouble(err error) string {
	var r *jail.Refusal
	var k *keys.Refusal
	switch {
	case errors.As(err, &r) && r.Page > 0:
		return fmt.Sprintf("%s:%d: %s", r.Code, r.Page, r.Text)
	case errors.As(err, &r):
		return r.Code + ": " + r.Text
	case errors.As(err, &k):
		return k.Code + ": " + k.En
	}
	for _, t := range troubles {
		if errors.Is(err, t.is) {
			return t.text
		}
	}
	return "retry: something broke on our side; it is tried again"
}
