// Package pdfa writes scans as PDF/A-2 (ISO 19005-2) and checks what it wrote:
// level U unless told otherwise, B or A ([Level]).
//
// A file is a row of pages. A Page is one scanned image, carried over byte for
// byte, and the words read on it as unseen text in the same places: what is
// seen is the scan, what is searched, marked and copied is the text. The image
// is put upright (Turn) and level (Skew) by a matrix, never by touching pixels,
// and lies on a page of the paper's true size.
//
// The Writer streams: one page is in memory at a time. The same pages and Meta
// give the same bytes. The layout is plain on purpose (no object streams, one
// cross-reference table), so that signatures can be appended to it later.
//
// A page that a PDF brought with it as text and vectors can be kept as it is: a
// Page with a Graft (package pdf/graft) instead of an image. Check then holds
// its fonts, colours and contents to the clauses of PDF/A-2 that they can
// break, and refuses what it does not know.
//
// [Check] reads a file again with a parser of its own and returns the Findings:
// places where it is not what the Writer promises.
//
// A file of level A also tells its structure: paragraphs and tables in reading
// order, and what of the image no word says.
//
// All places are in points (1/72 inch) in the page's frame: origin top left, x
// to the right, y down, upright and level.
package pdfa

import (
	"errors"
	"fmt"
	"time"

	"sohoa/scan"
)

// ErrInvalid is wrapped by every error of [Writer.Add] and [Writer.Close] that
// says that what was given cannot stand in a PDF/A; other errors are those of
// the destination.
var ErrInvalid = errors.New("cannot stand in a PDF/A")

// ErrSides is the ErrInvalid of a page that is smaller or larger than PDF/A
// allows (6.1.13): it is as its paper is, not as anybody made it.
var ErrSides = fmt.Errorf("%w: a page with sides outside 3 to 14400 points", ErrInvalid)

// A Word is a run of characters without a space and its rectangle.
type Word struct {
	Text           string // UTF-8; written as NFC, characters that PDF/A forbids left out
	X0, Y0, X1, Y1 float64
}

// A Line is words on one base line, left to right.
type Line struct {
	Words []Word

	// Baseline is the y of the base line at the first word's X0 and the last
	// word's X1.
	Baseline [2]float64

	Par  int   // lines of one paragraph have one number
	Cell *Cell // of lines in a field of a table
}

// A Page is one scanned image and what was read on it.
type Page struct {
	Image scan.Page

	// Masks are painted over the image, in their order: of reading copies, whose
	// image is coarse and whose letters are not. A page with a Graft has none.
	Masks []Mask

	// Alt says in the file's language what the image shows that its words do
	// not say, for those who cannot see it, in files of Level2A. Without it the
	// image is no more than the look of the words.
	Alt string

	// Graft, if there is one, is the page as a PDF brought it, and takes the
	// image's place; its own words stay in it. It comes out of [graft.Cut].
	Graft []byte

	// Turn is the number of clockwise quarter turns from the stored image to
	// the upright one, Skew the angle in degrees by which the upright image is
	// then turned clockwise about the page's centre to be level.
	Turn int
	Skew float64

	Width, Height float64 // of the upright page, points

	Lines []Line // in reading order
}

// A Mask is a picture of two tones, as large on the page as its image: where it
// is black it is painted in a colour (RGB), and elsewhere not at all. It is stored
// as JBIG2, or as G4 that codes black as black.
type Mask struct {
	Image  scan.Page
	Colour [3]byte
}

// Meta is what the file says about itself. Fields left empty are not written,
// but for Language and Producer, which have defaults.
type Meta struct {
	Title      string
	Language   string    // BCP 47; vi-VN if empty
	Identifier string    // of the document, as dc:identifier
	Created    time.Time // written with its own offset from UTC
	Producer   string    // Sohoa if empty
	Record     Record    // which record it belongs to

	// Level is what the file claims, Level2U if empty. A file of Level2A has
	// the structure of its pages: it takes no page with a Graft, whose
	// structure is not known.
	Level Level

	// Parts are the pages that came together, in order. Two or more make an
	// outline and labels of their own, and must count all pages.
	Parts []Part
}

// A Content is what a page must give back: digests (SHA-256) of its unseen text
// and of its image's stored bytes, its masks' behind them, or, of a kept page, its content stream's. The
// text is the words with a space between two and a line feed after each line.
// Tags is one of the structure: zero if there is none.
type Content struct {
	Text, Image, Tags [32]byte
}

// The limits of a page's sides in points (ISO 19005-2, 6.1.13).
const (
	minSide = 3
	maxSide = 14400
)
