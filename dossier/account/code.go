package account

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Numbers of one-time codes, those that every app on a phone has (RFC 6238
// section 4, RFC 4226 section 5.3).
const (
	codeStep   = 30 // seconds
	codeDigits = 6
	codeDrift  = 1  // steps that a clock may be off, each way (RFC 6238 section 5.2)
	SecretSize = 20 // bytes (RFC 4226 section 4, R6)
)

// StepOf returns the time step of a time.
func StepOf(at time.Time) int64 { return at.Unix() / codeStep }

// CodeAt returns the code of a secret in a time step.
func CodeAt(secret []byte, step int64) string { return codeOf(secret, step, codeDigits) }

func codeOf(secret []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	scale := uint32(1)
	for range digits {
		scale *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%scale)
}

// CheckCode returns the time step that a code is of, if it is one of now, give or
// take a step, and newer than the newest that was taken: no code works twice.
func CheckCode(secret []byte, code string, at time.Time, newest int64) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, code)
	now := StepOf(at)
	for s := now - codeDrift; s <= now+codeDrift; s++ {
		if subtle.ConstantTimeCompare([]byte(CodeAt(secret, s)), []byte(code)) == 1 && s > newest {
			step, ok = s, true
		}
	}
	return step, ok
}

// SecretText is a secret as a person types it into an app: base32 without padding.
func SecretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// CodeURI is what the QR code of a secret says (Google Authenticator's Key Uri
// Format, which all apps read).
func CodeURI(secret []byte, house, login string) string {
	return "otpauth://totp/" + url.PathEscape(house+":"+login) + "?secret=" + SecretText(secret) + "&issuer=" + url.QueryEscape(house)
}
