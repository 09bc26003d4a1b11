package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// Tag names a state of something (RFC 9110 section 8.8.3): its version, and the first
// letters of the SHA-256 of how it is shown. Without a version, -1, only these.
func Tag(version int64, shown []byte) string {
	sum := sha256.Sum256(shown)
	text := hex.EncodeToString(sum[:6])
	if version < 0 {
		return `"` + text + `"`
	}
	return `"` + strconv.FormatInt(version, 10) + "-" + text + `"`
}

// Same reports whether If-None-Match names a tag.
func Same(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

// ErrTag: If-Match names no version.
var ErrTag = errors.New("no version")

// Version is the version that If-Match names: one tag of the house's, by what stands
// before the dash.
func Version(header string) (string, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(header), `"`)
	text, closed := strings.CutSuffix(text, `"`)
	version, _, _ := strings.Cut(text, "-")
	if _, err := strconv.ParseUint(version, 10, 63); !ok || !closed || err != nil {
		return "", ErrTag
	}
	return version, nil
}

// Cursor writes where a list goes on, opaque to who gets it.
func Cursor(mark any) string {
	b, err := json.Marshal(mark)
	if err != nil {
		panic(err) // of strings and numbers it never fails
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Goes reads a cursor into a mark.
func Goes(cursor string, mark any) error {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, mark)
	}
	if err != nil {
		return &Wrong{"after", "cursor"}
	}
	return nil
}
