package raster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strconv"

	"sohoa/jail"
)

// A Size is one of the few sizes in which pages are drawn to be looked at.
type Size string

// The sizes: a thumbnail, whose longer side has 226 pixels (A4: 160 by 226), and
// resolutions in dots per inch.
const (
	Thumb   Size = "thumb"
	View100 Size = "100"
	View150 Size = "150"
	View300 Size = "300"
)

// Sizes returns all sizes, the smallest first.
func Sizes() []Size { return []Size{Thumb, View100, View150, View300} }

const thumbSide = 226

// dpi is the resolution of a size on a page of w by h points.
func (s Size) dpi(w, h float64) float64 {
	if s == Thumb {
		return thumbSide * 72 / max(w, h)
	}
	n, _ := strconv.Atoi(string(s))
	return float64(n)
}

// quality is that of the JPEG: a thumbnail is for telling pages apart.
func (s Size) quality() int {
	if s == Thumb {
		return 70
	}
	return 85
}

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "picture"

// A Drawer is who draws a page.
type Drawer int

// The drawers. Which one it is follows from the page alone, whatever its size.
const (
	Unknown Drawer = iota
	Ours           // a page of our own making: one scan, masks over it, the marks of our signatures
	Poppler        // any other
)

// View returns page, counted from 1, of the PDF at path in a size, as a JPEG
// file, and who drew it. A page of our own making is taken from the scan as it is
// stored, drawn no larger than is asked; any other is drawn by poppler, in a child
// of its own: at once if by says so, else when ours has looked at it and left it.
// Errors are those of [Page].
func View(ctx context.Context, path string, page int, size Size, by Drawer) ([]byte, Drawer, error) {
	if page < 1 || !slices.Contains(Sizes(), size) {
		return nil, by, fmt.Errorf("%w: page %d in size %q", ErrInput, page, size)
	}
	whole, err := filepath.Abs(path) // so that no name is taken for a flag
	if err != nil {
		return nil, by, fmt.Errorf("picture of page %d: %w", page, err)
	}
	out := &capped{}
	if by != Poppler {
		by = Ours
		err = jail.Run(ctx, ChildName, limits, nil, out, whole, strconv.Itoa(page), string(size))
		var refusal *jail.Refusal
		if errors.As(err, &refusal) && refusal.Code == codeOther {
			out, by = &capped{}, Poppler
		}
	}
	if by == Poppler {
		err = byPoppler(ctx, out, whole, page, size)
	}
	if err = whether(out, err); err != nil {
		return nil, by, fmt.Errorf("picture of page %d: %w", page, err)
	}
	return out.Bytes(), by, nil
}

// byPoppler has poppler draw a page.
func byPoppler(ctx context.Context, out *capped, path string, page int, size Size) error {
	scale := []string{"-r", string(size)}
	if size == Thumb {
		scale = []string{"-scale-to", strconv.Itoa(thumbSide)}
	}
	n := strconv.Itoa(page)
	args := append([]string{"-cropbox", "-jpeg", "-jpegopt", fmt.Sprintf("quality=%d,optimize=y", size.quality()), "-f", n, "-l", n, "-singlefile"}, scale...)
	return jail.Tool(ctx, limits, nil, out, "pdftoppm", append(args, path)...)
}

// whether says whether out is a picture that came from a tool that ended so.
func whether(out *capped, err error) error {
	if out.full {
		return ErrLarge
	}
	if err != nil {
		return err
	}
	// The tool forgives itself much: where memory for a page is refused, it
	// ends well with a picture of one pixel.
	size, err := jpeg.DecodeConfig(bytes.NewReader(out.Bytes()))
	switch {
	case err != nil:
		return errors.Join(jail.ErrCrash, errors.New("no picture came"))
	case size.Width < 2 || size.Height < 2:
		return ErrLarge
	}
	return nil
}
