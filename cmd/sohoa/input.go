package main

import (
	"errors"
	"os"

	"sohoa/cmd/internal/wire"
	"sohoa/ingest"
)

// given looks at what somebody names as input: it must be a file, and not too
// large.
func given(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no file %s", path)
	case err != nil:
		return err
	case info.IsDir():
		return usage("%s is a directory; give a file", path)
	case info.Size() > wire.Limits.Bytes:
		return &inputError{path, ingest.TooLarge(wire.Limits.Bytes)}
	}
	return nil
}
