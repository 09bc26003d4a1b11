// Package raster makes a picture of one page of a PDF, for pages that show it.
// The PDF is an outside one: it is read in a limited child process, by poppler,
// or, if it is a scan on a page of our own making, by [Child] itself.
package raster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"sohoa/jail"
)

// The resolutions that may be asked for, in dots per inch.
const (
	MinDPI = 20
	MaxDPI = 400
)

// maxPicture caps the bytes of one picture.
const maxPicture = 32 << 20

// limits are those of one page: an A3 at 400 dpi in colour needs 100 MB.
var limits = jail.Limits{Memory: 1 << 30, CPU: 30 * time.Second, Wall: 30 * time.Second, File: 1, Output: maxPicture + 1<<20, Confined: true, Alone: true}

// ErrInput is wrapped by errors that say that no such picture can be asked for.
var ErrInput = errors.New("no such picture")

// ErrLarge is wrapped where a picture has too many bytes or pixels.
var ErrLarge = errors.New("the picture is too large")

// Page returns page, counted from 1, of the PDF at path as a JPEG file. Errors
// are those of package jail, ErrInput or ErrLarge. A page that is not there is
// an error of the tool: jail.ErrCrash.
func Page(ctx context.Context, path string, page, dpi int) ([]byte, error) {
	if page < 1 || dpi < MinDPI || dpi > MaxDPI {
		return nil, fmt.Errorf("%w: page %d at %d dpi", ErrInput, page, dpi)
	}
	whole, err := filepath.Abs(path) // so that no name is taken for a flag
	if err != nil {
		return nil, fmt.Errorf("picture of page %d: %w", page, err)
	}
	n := strconv.Itoa(page)
	out := &capped{}
	err = jail.Tool(ctx, limits, nil, out, "pdftoppm", "-jpeg", "-jpegopt", "quality=85,optimize=y",
		"-r", strconv.Itoa(dpi), "-f", n, "-l", n, "-singlefile", whole)
	if err = whether(out, err); err != nil {
		return nil, fmt.Errorf("picture of page %d: %w", page, err)
	}
	return out.Bytes(), nil
}

// capped holds up to maxPicture bytes.
type capped struct {
	bytes.Buffer
	full bool
}

func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > maxPicture {
		c.full = true
		return 0, ErrLarge
	}
	return c.Buffer.Write(b)
}
