package workers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/readingcopy"
	"sohoa/scan"
)

// ErrOwnCheck: a file that we wrote is not what we promise. It is our fault,
// not the paper's, and nobody gets the file.
var ErrOwnCheck = errors.New("the result failed our own check")

// CodeSides refuses a page whose paper is too small or too large for a PDF/A.
const CodeSides = "sides"

// WritePDFA writes pages and the words read on them to f as one PDF/A of the
// level that [Claim] gives them, and holds the result against our own check before anybody may use it: an error
// from the check wraps [ErrOwnCheck]. With pages in it that are kept as they came
// the check is made in a limited child ([pdfa.Child]), since they are from
// outside. Each second judge is asked then; nil ones are left out.
func WritePDFA(ctx context.Context, f *os.File, meta pdfa.Meta, pages iter.Seq2[scan.Page, error], words []ocr.Page, second ...Second) error {
	return writeSheets(ctx, f, meta, func(yield func(readingcopy.Layers, error) bool) {
		for page, err := range pages {
			if !yield(readingcopy.Layers{Back: page}, err) {
				return
			}
		}
	}, words, second)
}

// WriteReadingCopy is [WritePDFA] for a copy that is a fraction of the size and
// only for reading: it says so in its title, belongs to no record and is not to
// be signed (package [readingcopy]).
func WriteReadingCopy(ctx context.Context, f *os.File, meta pdfa.Meta, pages iter.Seq2[scan.Page, error], words []ocr.Page, second ...Second) error {
	meta.Title, meta.Identifier, meta.Record = readingcopy.Title(meta.Title), "", pdfa.Record{}
	return writeSheets(ctx, f, meta, readingcopy.Pages(ctx, len(words), pages), words, second)
}

// WriteMarkedCopy is [WriteReadingCopy] with a mark on every page.
func WriteMarkedCopy(ctx context.Context, f *os.File, meta pdfa.Meta, pages iter.Seq2[scan.Page, error], words []ocr.Page, mark *readingcopy.Mark) error {
	meta.Title, meta.Identifier, meta.Record = readingcopy.Title(meta.Title), "", pdfa.Record{}
	return writeSheets(ctx, f, meta, func(yield func(readingcopy.Layers, error) bool) {
		n := 0
		for sheet, err := range readingcopy.Pages(ctx, len(words), pages) {
			if err == nil && n < len(words) {
				sheet, err = mark.On(sheet, words[n].Turn)
			}
			n++
			if !yield(sheet, err) {
				return
			}
		}
	}, words, nil)
}

func writeSheets(ctx context.Context, f *os.File, meta pdfa.Meta, sheets iter.Seq2[readingcopy.Layers, error], words []ocr.Page, second []Second) error {
	if meta.Producer == "" {
		meta.Producer = producer(words)
	}
	meta.Level, _ = Claim(meta.Level, words)
	w := pdfa.New(f, meta)
	n, check := 0, checkHere
	for sheet, err := range sheets {
		if err != nil {
			return err
		}
		if n >= len(words) {
			return fmt.Errorf("page %d was not read", n+1)
		}
		p := Layered(sheet.Back, words[n])
		p.Masks = sheet.Masks
		p.Alt = pictured(words[n], n+1, meta.Language)
		if err := w.Add(p); errors.Is(err, pdfa.ErrSides) {
			return &jail.Refusal{Code: CodeSides, Page: n + 1,
				Text: "the page is smaller than 1 mm or larger than 5 m, which no PDF/A can be; scan or export it at its true size"}
		} else if err != nil {
			return fmt.Errorf("page %d: %w", n+1, err)
		}
		if sheet.Back.Graft != nil {
			check = pdfa.CheckFile
		}
		n++
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := check(ctx, f, w.Contents()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrOwnCheck, err)
	}
	for _, judge := range second {
		if judge == nil {
			continue
		}
		if err := judge(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// A Second is a second judge of a finished PDF/A, from outside the house. A file
// that it does not pass is our fault: its error wraps [ErrOwnCheck]. Any other
// error says that there was no verdict, and the file is not used without one.
type Second func(ctx context.Context, f *os.File) error

// producer names what made a file, for its metadata: us, and every engine with
// its data and settings in the order in which pages came from them. The same
// pages read by the same engine give the same words here.
func producer(pages []ocr.Page) string {
	names := []string{"Sohoa"}
	for _, p := range pages {
		if p.Engine == "" {
			continue
		}
		if name := p.Engine + ", " + p.Data + ", " + p.Settings; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxProducers {
		names = append(names[:maxProducers], "and other settings")
	}
	return strings.Join(names, "; ")
}

// maxProducers keeps the metadata of a long file short.
const maxProducers = 8

// checkHere checks a file of nothing but our own making.
func checkHere(_ context.Context, f *os.File, want []pdfa.Content) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return pdfa.Check(f, size, want...)
}

// Layered puts the words of a page over its image, in points. A page that is
// kept with its own words gets none.
func Layered(image scan.Page, read ocr.Page) pdfa.Page {
	x, y := 72/read.DPIX, 72/read.DPIY
	p := pdfa.Page{Image: image, Graft: image.Graft, Turn: read.Turn, Skew: read.Skew,
		Width: float64(read.Width) * x, Height: float64(read.Height) * y}
	if image.Encoding == scan.Itself {
		return p // its words are in it
	}
	for _, l := range read.Lines {
		line := pdfa.Line{Par: l.Par, Baseline: [2]float64{l.Baseline[0] * y, l.Baseline[1] * y}}
		if c := l.Cell; c != nil {
			line.Cell = &pdfa.Cell{Table: c.Table, Row: c.Row, Col: c.Col, RowSpan: c.RowSpan, ColSpan: c.ColSpan}
		}
		for _, w := range l.Words {
			line.Words = append(line.Words, pdfa.Word{Text: w.Text,
				X0: float64(w.Box.X0) * x, Y0: float64(w.Box.Y0) * y,
				X1: float64(w.Box.X1) * x, Y1: float64(w.Box.Y1) * y})
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}
