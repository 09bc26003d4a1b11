package child

import (
	"crypto/sha256"
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
			sum, err := sumFile(filepath.Join(folder, name+".traineddata"))
			if err != nil {
				missing = err
				break
			}
			t.digests = append(t.digests, sum)
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

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
