package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost of a password's hash: argon2id with 7 MiB and 5 passes, one of the five settings
// that OWASP's Password Storage Cheat Sheet holds for equal and asks for at least, in 2
// lanes. Of the five it is the quickest beside a machine that reads: less memory is given
// out and taken back for each login. RFC 9106 section 4 has the cost follow from the time
// that a login may take: here 50 ms beside 200 people on two cores, where 64 MiB and 3
// passes took nearly half a second. What a thief of the rows would save by that, passwords
// of 12 characters and second factors have to make up for (decision 49).
const (
	mostMemory   = 64 << 10 // KiB that the hash of a row may ask for: what was once the cost
	hashMemory   = 7 << 10  // KiB
	hashPasses   = 5
	hashLanes    = 2
	hashLength   = 32
	saltLength   = 16
	hashesAtOnce = 2
)

// derive is the hash; a test counts how often it runs, which is what a clock would show.
var derive = argon2.IDKey

// HashPassword returns the hash of a password with a new salt, in the PHC
// string form: $argon2id$v=19$m=7168,t=5,p=2$salt$hash.
func HashPassword(password string) string {
	return hashAt(password, hashMemory, hashPasses, hashLanes)
}

// hashAt is HashPassword at another cost.
func hashAt(password string, memory, passes uint32, lanes uint8) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	key := derive(typed(password), salt, passes, memory, lanes, hashLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b64(salt), b64(key))
}

// typed is a password in one form, whichever keyboard put its accents on (RFC 8265
// section 4.2.2: NFC; nothing else is changed).
func typed(password string) []byte { return norm.NFC.AppendString(nil, password) }

// CheckPassword reports whether hash, in the form that [HashPassword] writes,
// is of password. A hash of another form or of a larger cost fits nothing.
func CheckPassword(hash, password string) bool {
	part := strings.Split(hash, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil ||
		memory > mostMemory || passes == 0 || passes > 10 || lanes == 0 || lanes > 16 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	want, err2 := base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(want) < 16 {
		return false
	}
	got := derive(typed(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// costsOtherwise reports whether a hash was made at another cost than new ones are.
func costsOtherwise(hash string) bool {
	return !strings.HasPrefix(hash, fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashMemory, hashPasses, hashLanes))
}

// NewPassword makes a first password: 80 random bits in four groups that can be
// read out and typed.
func NewPassword() string {
	b := make([]byte, 10)
	_, _ = rand.Read(b)
	s := strings.ToLower(base32.StdEncoding.EncodeToString(b))
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}
