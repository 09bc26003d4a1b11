package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret bounds a file that holds one secret, in bytes: whoever names a disk by
// mistake is told so.
const maxSecret = 4 << 10

// A secrets reads settings that may hold a password.
type secrets struct {
	getenv func(string) string
	wrong  []error // of those that could not be read
}

// read gives a setting as it was said, or what the file holds that NAME_FILE names:
// an environment can be read by whoever sees the process, a file by its owner alone.
func (s *secrets) read(name string) string {
	value, file := s.getenv(name), s.getenv(name+"_FILE")
	if file == "" {
		return value
	}
	if value != "" {
		s.wrong = append(s.wrong, fmt.Errorf("%s and %s_FILE are both set: keep one, better the file", name, name))
		return value
	}
	value, err := secretOf(file)
	if err != nil {
		s.wrong = append(s.wrong, fmt.Errorf("%s_FILE: %w", name, err))
	}
	return value
}

// secretOf is what a file holds that holds one secret, without the space around it.
// An error names the file, never what is in it.
func secretOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	said := strings.TrimSpace(string(b))
	switch {
	case len(b) > maxSecret:
		return "", fmt.Errorf("%s is larger than %d bytes: it should hold one secret and nothing else", path, maxSecret)
	case said == "":
		return "", fmt.Errorf("%s is empty", path)
	case strings.ContainsAny(said, "\n\r\x00"):
		return "", errors.New(path + " holds more than one line: it should hold one secret and nothing else")
	}
	return said, nil
}
