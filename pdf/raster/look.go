package raster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"strconv"
	"strings"

	"sohoa/jail"
)

// maxSide is the most pixels along one side of a picture by Gray.
const maxSide = 4000

// Gray returns page, counted from 1, of the PDF at path as it is seen (turned,
// cut to its crop box), in grey, w by h pixels, marks and all. Errors are those
// of [Page].
func Gray(ctx context.Context, path string, page, w, h int) (*image.Gray, error) {
	if page < 1 || w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil, fmt.Errorf("%w: page %d, %d by %d pixels", ErrInput, page, w, h)
	}
	pixels, err := gray(ctx, path, page, [2]int{w, h}, [2]int{w, h})
	if errors.Is(err, errTurned) { // poppler measures turned pages before it turns them
		pixels, err = gray(ctx, path, page, [2]int{h, w}, [2]int{w, h})
	}
	if err != nil {
		return nil, fmt.Errorf("picture of page %d: %w", page, err)
	}
	return &image.Gray{Pix: pixels, Stride: w, Rect: image.Rect(0, 0, w, h)}, nil
}

var errTurned = fmt.Errorf("%w: width for height", ErrLarge)

// gray asks for a picture of a size and returns its pixels if it is of the size
// that is wanted.
func gray(ctx context.Context, path string, page int, ask, want [2]int) ([]byte, error) {
	out := &capped{}
	n := strconv.Itoa(page)
	if err := look(ctx, out, path, "pdftoppm", "-gray", "-cropbox", "-scale-to-x", strconv.Itoa(ask[0]), "-scale-to-y", strconv.Itoa(ask[1]),
		"-f", n, "-l", n, "-singlefile"); err != nil {
		return nil, err
	}
	// PGM: a line each for the kind, the size and the brightest value.
	head := func(w, h int) []byte { return fmt.Appendf(nil, "P5\n%d %d\n255\n", w, h) }
	if pixels, ok := bytes.CutPrefix(out.Bytes(), head(want[0], want[1])); ok && len(pixels) == want[0]*want[1] {
		return pixels, nil
	}
	if bytes.HasPrefix(out.Bytes(), head(want[1], want[0])) {
		return nil, errTurned
	}
	return nil, ErrLarge
}

// A Word is a word of a page's text with its place: shares of the page's width
// and height as it is seen, from its upper left.
type Word struct {
	Text           string
	X0, Y0, X1, Y1 float64
}

// maxWords is the most words that are taken of a page.
const maxWords = 20000

// Words returns the words of page, counted from 1, in the order of reading.
// Errors are those of [Page].
func Words(ctx context.Context, path string, page int) ([]Word, error) {
	if page < 1 {
		return nil, fmt.Errorf("%w: page %d", ErrInput, page)
	}
	out := &capped{}
	n := strconv.Itoa(page)
	if err := look(ctx, out, path, "pdftotext", "-bbox", "-cropbox", "-f", n, "-l", n); err != nil {
		return nil, fmt.Errorf("words of page %d: %w", page, err)
	}
	var words []Word
	var width, height float64
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<page ") {
			if k, _ := fmt.Sscanf(line, `<page width="%f" height="%f"`, &width, &height); k < 2 || width <= 0 || height <= 0 {
				return nil, fmt.Errorf("words of page %d: %w: no size", page, jail.ErrCrash)
			}
		}
		var w Word
		if k, _ := fmt.Sscanf(line, `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f"`, &w.X0, &w.Y0, &w.X1, &w.Y1); k < 4 || width == 0 {
			continue
		}
		_, text, _ := strings.Cut(line, `">`)
		text, _, _ = strings.Cut(text, "</word>")
		w.Text = plain.Replace(text)
		w.X0, w.X1, w.Y0, w.Y1 = w.X0/width, w.X1/width, w.Y0/height, w.Y1/height
		if words = append(words, w); len(words) == maxWords {
			break
		}
	}
	return words, nil
}

var plain = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&")

// look runs a tool of poppler on path, which comes last but for a dash where the
// tool wants one for its output.
func look(ctx context.Context, out *capped, path string, tool string, args ...string) error {
	whole, err := filepath.Abs(path) // so that no name is taken for a flag
	if err != nil {
		return err
	}
	args = append(args, whole)
	if tool == "pdftotext" {
		args = append(args, "-")
	}
	err = jail.Tool(ctx, limits, nil, out, tool, args...)
	if out.full {
		return ErrLarge
	}
	return err
}
