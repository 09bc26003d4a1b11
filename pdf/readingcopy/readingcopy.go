// Package readingcopy makes copies of scans for reading: a fraction of the size,
// letters as sharp as they were, everything else coarse (mixed raster content,
// ITU-T T.44). A page becomes a JPEG of 100 dpi of what lies behind the letters,
// and up to three masks at the scan's own resolution: red, blue and dark ink,
// each in one colour.
//
// Such a copy is for looking at, sending and printing again. It is never an
// original, is not signed, and says so in its title. Photographs, and whatever
// has shades, stay in the back; letters are found by light and dark alone, and
// nothing is recognised or put in another's place.
//
// Taking a page apart decodes it, and so is done in a limited child: give [Child]
// to [jail.Main] under [ChildName].
package readingcopy

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"sohoa/jail"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// Title is how a reading copy of what is called title is called.
func Title(title string) string {
	const mark = "Bản để đọc, không thay bản lưu trữ / Reading copy, not the archived document"
	if title == "" {
		return mark
	}
	return mark + ": " + title
}

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "reading-copy"

// pageWall is how long a page may take.
const pageWall = 2 * time.Minute

// limits are those of the child: an A3 in colour at 600 dpi has 70 million
// pixels, each of which takes some 10 bytes.
func limits(pages int) jail.Limits {
	return jail.Limits{Memory: 2 << 30, CPU: time.Minute + time.Duration(pages)*30*time.Second, File: 1, Confined: true, Alone: true}
}

// Pages takes pages apart, one after the other. Those that are no picture, kept
// as their PDF had them, are given as they are. n is about how many there are.
func Pages(ctx context.Context, n int, pages iter.Seq2[scan.Page, error]) iter.Seq2[Layers, error] {
	return func(yield func(Layers, error) bool) {
		p, err := jail.Start(ctx, ChildName, limits(n))
		if err != nil {
			yield(Layers{}, err)
			return
		}
		defer p.Kill()
		for page, err := range pages {
			l := Layers{Back: page}
			if err == nil && page.Graft == nil && page.Encoding != scan.Itself {
				l, err = ask(p, page)
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// ask has the child take a page apart.
func ask(p *jail.Process, page scan.Page) (Layers, error) {
	clock := time.AfterFunc(pageWall, p.Kill)
	defer clock.Stop()
	bare := page
	bare.Told = nil // the child needs no words
	err := scan.WritePage(p.In, bare)
	var l Layers
	if err == nil {
		l, err = read(p.Out)
	}
	if err != nil {
		if why := p.Wait(); why != nil {
			err = why
		}
		return l, fmt.Errorf("reading copy of page %d: %w", page.Index+1, err)
	}
	l.Back.Told, l.Back.Turn, l.Back.Index = page.Told, page.Turn, page.Index
	return l, nil
}

// most is how many masks a page may have.
const most = len(inks)

func write(out io.Writer, l Layers) error {
	head := []byte{byte(len(l.Masks))}
	for _, m := range l.Masks {
		head = append(head, m.Colour[:]...)
	}
	if err := binary.Write(out, binary.BigEndian, head); err != nil {
		return err
	}
	if err := scan.WritePage(out, l.Back); err != nil {
		return err
	}
	for _, m := range l.Masks {
		if err := scan.WritePage(out, m.Image); err != nil {
			return err
		}
	}
	return nil
}

// read reads what write wrote. The writer may be a child that a hostile page has
// taken over.
func read(in io.Reader) (l Layers, err error) {
	var n [1]byte
	if _, err := io.ReadFull(in, n[:]); err != nil {
		return l, err
	}
	if int(n[0]) > most {
		return l, fmt.Errorf("%d masks", n[0])
	}
	colours := make([]byte, 3*int(n[0]))
	if _, err := io.ReadFull(in, colours); err != nil {
		return l, err
	}
	if l.Back, err = scan.ReadPage(in); err != nil {
		return l, err
	}
	for i := range int(n[0]) {
		page, err := scan.ReadPage(in)
		if err != nil {
			return l, err
		}
		l.Masks = append(l.Masks, pdfa.Mask{Image: page, Colour: [3]byte(colours[3*i:])})
	}
	return l, nil
}

// Child is the child of [Pages]: it reads pages and writes their layers, until
// there are no more.
func Child(args []string, in io.Reader, out io.Writer) error {
	for {
		page, err := scan.ReadPage(in)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		l, err := Take(page)
		if err != nil {
			return err
		}
		if err := write(out, l); err != nil {
			return err
		}
	}
}
