package place

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/raster"
	"sohoa/pdf/revision"
	"sohoa/signing/mark"
)

// Poppler looks at pages with poppler's tools, in limited child processes. A
// file that is not on the disk is put into Temp for them (empty: the system's).
type Poppler struct{ Temp string }

// dpi is how finely pages are looked at: a pixel is a point. Huge pages are
// looked at more coarsely.
const (
	dpi      = 72.0
	mostSide = 3500.0
)

// Ink returns what a page of the size bytes of src shows.
func (p Poppler) Ink(ctx context.Context, src io.ReaderAt, size int64, page *revision.Page) (*Ink, error) {
	var ink *Ink
	err := p.with(src, size, func(path string) error {
		k := min(dpi/72, mostSide/max(page.Width, page.Height))
		side := func(v float64) int { return max(1, int(math.Round(v*k))) }
		img, err := raster.Gray(ctx, path, page.Number, side(page.Width), side(page.Height))
		if err == nil {
			ink = See(img, page)
		}
		return err
	})
	return ink, err
}

// Above returns where the name stands on a page of the size bytes of src: the
// last row of words there that is name, letter case aside. The error is an
// *[Asks] if there is none.
func (p Poppler) Above(ctx context.Context, src io.ReaderAt, size int64, page *revision.Page, name string) (revision.Rect, error) {
	var out revision.Rect
	want := strings.Fields(fold(name))
	err := p.with(src, size, func(path string) error {
		words, err := raster.Words(ctx, path, page.Number)
		if err != nil {
			return err
		}
		if len(want) == 0 {
			return &Asks{Why: "no name is given", Page: page.Number}
		}
		for i := len(words) - len(want); i >= 0; i-- {
			if r, ok := row(words[i:i+len(want)], want, page); ok {
				out = r
				return nil
			}
		}
		return &Asks{Why: "the signer's name is not in its text", Page: page.Number}
	})
	return out, err
}

func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// row returns the place of words if they are want and stand in one row.
func row(words []raster.Word, want []string, page *revision.Page) (revision.Rect, bool) {
	r := revision.Rect{X0: math.Inf(1), Y0: math.Inf(1)}
	for i, w := range words {
		if strings.Trim(fold(w.Text), ".,;:()") != want[i] || math.Abs(w.Y0-words[0].Y0)*page.Height > 6 {
			return r, false
		}
		r.X0, r.X1 = min(r.X0, w.X0*page.Width), max(r.X1, w.X1*page.Width)
		r.Y0, r.Y1 = min(r.Y0, (1-w.Y1)*page.Height), max(r.Y1, (1-w.Y0)*page.Height)
	}
	return r, true
}

// Gap returns the free height above a row of the page, as far as there is no ink
// in a column of a width around its middle, and no more than most points.
func (k *Ink) Gap(row revision.Rect, width, most float64) revision.Rect {
	mid := (row.X0 + row.X1) / 2
	r := revision.Rect{X0: mid - width/2, X1: mid + width/2, Y0: row.Y1, Y1: row.Y1}
	// Boxes of words are taller than their letters: begin where it is white.
	for r.Y0 < row.Y1+4 && k.Covered(revision.Rect{X0: r.X0, X1: r.X1, Y0: r.Y0, Y1: r.Y0 + 1}, 0) > 0 {
		r.Y0++
	}
	for r.Y1 = r.Y0; r.Y1 < r.Y0+most; r.Y1++ {
		if k.Covered(revision.Rect{X0: r.X0, X1: r.X1, Y0: r.Y1, Y1: r.Y1 + 1}, 0) > 0 {
			break
		}
	}
	return r
}

// Rigid shifts a rectangle that sticks out of a page back onto it.
func Rigid(r revision.Rect, page *revision.Page) (revision.Rect, error) {
	dx, dy := max(0, -r.X0)-max(0, r.X1-page.Width), max(0, -r.Y0)-max(0, r.Y1-page.Height)
	r = revision.Rect{X0: r.X0 + dx, X1: r.X1 + dx, Y0: r.Y0 + dy, Y1: r.Y1 + dy}
	if !inside(r, page) {
		return r, &Asks{Why: fmt.Sprintf("the mark is larger than the page: %.0f by %.0f mm", (r.X1-r.X0)/mark.PerMM, (r.Y1-r.Y0)/mark.PerMM), Page: page.Number}
	}
	return r, nil
}

// with calls f with the path of a file that holds src.
func (p Poppler) with(src io.ReaderAt, size int64, f func(path string) error) error {
	if file, ok := src.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Size() == size {
			if named, err := os.Stat(file.Name()); err == nil && os.SameFile(info, named) {
				return f(file.Name())
			}
		}
	}
	file, err := os.CreateTemp(p.Temp, "sohoa-look-*.pdf")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = io.Copy(file, io.NewSectionReader(src, 0, size))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return f(file.Name())
}
