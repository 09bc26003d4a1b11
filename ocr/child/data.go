package child

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// trained is the language data of an engine.
type trained struct {
	folder   string
	language string // vie, or several joined by +
	digests  []string
	old      bool // some of it may have Tesseract's old engine
}

// String names the data exactly: vie sha256:….
func (t trained) String() string {
	var b strings.Builder
	for i, name := range strings.Split(t.language, "+") {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(name + " sha256:" + t.digests[i])
	}
	return b.String()
}

// maxLanguages is how many languages may be read at once. What Tesseract says of
// more might not fit gosseract's buffer, and nobody needs them.
const maxLanguages = 8

// findData looks the language up in folder, or where Tesseract keeps its data
// if folder is empty: TESSDATA_PREFIX, then Debian's places, newest first. It
// hashes the files, so that a page can name what read it. The engine is never
// asked for a language that is not there: gosseract would overrun a buffer
// with the error.
func findData(folder, language string) (trained, error) {
	folders := []string{folder}
	if folder == "" {
		folders = dataFolders()
	}
	names := strings.Split(language, "+")
	if len(names) > maxLanguages {
		return trained{}, fmt.Errorf("language: %d of them, at most %d", len(names), maxLanguages)
	}
	for _, name := range names {
		if !plainName(name) {
			return trained{}, fmt.Errorf("language %q: not a name of language data", language)
		}
	}
	var missing error
	for _, folder := range folders {
		t := trained{folder: folder, language: language}
		for _, name := range names {
			sum, old, err := lookAt(filepath.Join(folder, name+".traineddata"))
			if err != nil {
				missing = err
				break
			}
			t.digests, t.old = append(t.digests, sum), t.old || old
		}
		if len(t.digests) == len(names) {
			return t, nil
		}
	}
	return trained{}, fmt.Errorf("language data %q in %s: %w", language, strings.Join(folders, ", "), missing)
}

// DataName looks the language up where Tesseract keeps its data, and returns its
// name with the SHA-256 of its files.
func DataName(language string) (string, error) {
	t, err := findData("", language)
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

func dataFolders() []string {
	var folders []string
	if prefix, ok := os.LookupEnv("TESSDATA_PREFIX"); ok && prefix != "" { // Tesseract's own setting, not ours
		folders = append(folders, prefix, filepath.Join(prefix, "tessdata"))
	}
	found, _ := filepath.Glob("/usr/share/tesseract-ocr/*/tessdata") // the pattern is well-formed
	slices.Sort(found)
	slices.Reverse(found)
	return append(append(folders, found...), "/usr/share/tessdata", "/usr/local/share/tessdata")
}

// plainName reports whether name is a language's or a script's: letters,
// digits, and at most folders between, as in script/Vietnamese.
func plainName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
			return false
		}
	}
	return true
}

// lookAt returns the SHA-256 of a file of language data, and whether it may have
// Tesseract's old engine.
func lookAt(path string) (sum string, old bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", false, err
	}
	defer f.Close()
	h := sha256.New()
	head := make([]byte, 4+8*(oldLetters+1))
	n, _ := io.ReadFull(io.TeeReader(f, h), head) // what is shorter is no data, as the engine will say
	if _, err := io.Copy(h, f); err != nil {
		return "", false, fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), n < len(head) || hasOld(head), nil
}

// oldLetters is the place of the old engine's letters among the parts of language data
// (TESSDATA_UNICHARSET in Tesseract's src/ccutil/tessdatamanager.h).
const oldLetters = 1

// hasOld reports whether data that begin so may have the old engine. They begin with the
// number of their parts and where each begins, which is below 0 for a part that is not
// there; what was written on a machine of the other byte order is not looked into.
func hasOld(head []byte) bool {
	parts := int32(binary.LittleEndian.Uint32(head))
	at := int64(binary.LittleEndian.Uint64(head[4+8*oldLetters:]))
	return parts <= oldLetters || parts > 1000 || at >= 0
}
