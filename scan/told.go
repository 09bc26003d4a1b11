package scan

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// A Treatment says what is done with the text that a page brings with it.
type Treatment string

// The treatments. A page without text of its own has none.
const (
	Keep  Treatment = "keep"  // its words are taken as they stand, and it is not read
	Redo  Treatment = "redo"  // its unseen text is left out, and it is read again
	Force Treatment = "force" // it is drawn with all its text, and the picture is read
)

// A Told is a word that the file itself tells, in points of the upright page:
// origin top left, x to the right, y down.
type Told struct {
	Text           string // UTF-8, never empty
	X0, Y0, X1, Y1 float64
}

// A ToldLine is words on one line, in a block of the file's reading order.
type ToldLine struct {
	Block int // from 1, growing
	Words []Told
}

// The most that a page may tell of itself.
const (
	maxTold  = 16 << 20  // bytes of its words
	maxGraft = 256 << 20 // bytes of itself
)

// writeMore writes what a page has besides its image: its own words and itself.
func writeMore(w io.Writer, p Page) error {
	var told []byte
	if p.Told != nil {
		var err error
		if told, err = json.Marshal(p.Told); err != nil {
			return err
		}
	}
	if len(told) > maxTold || len(p.Graft) > maxGraft {
		return fmt.Errorf("page %d is too large for a frame: %d bytes of words, %d of its own", p.Index+1, len(told), len(p.Graft))
	}
	for _, part := range [][]byte{told, p.Graft} {
		if _, err := w.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))); err != nil {
			return err
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func readMore(r io.Reader, p *Page) error {
	var parts [2][]byte
	for i, most := range [...]int64{maxTold, maxGraft} {
		var n [8]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return whole(err)
		}
		var err error
		if parts[i], err = readN(r, int64(binary.BigEndian.Uint64(n[:])), most); err != nil {
			return err
		}
	}
	if len(parts[0]) > 0 {
		if err := json.Unmarshal(parts[0], &p.Told); err != nil {
			return fmt.Errorf("page frame: %w", err)
		}
	}
	if len(parts[1]) > 0 {
		p.Graft = parts[1]
	}
	return p.checkTold()
}

// checkTold holds words of a child to what words can be.
func (p Page) checkTold() error {
	for _, l := range p.Told {
		for _, w := range l.Words {
			for _, v := range [...]float64{w.X0, w.Y0, w.X1, w.Y1} {
				if !(math.Abs(v) <= 1e6) {
					return fmt.Errorf("page frame: a word at %g", v)
				}
			}
			if w.Text == "" || len(w.Text) > 4000 || !utf8.ValidString(w.Text) || w.X1 < w.X0 || w.Y1 < w.Y0 {
				return fmt.Errorf("page frame: a word that is none")
			}
		}
	}
	if p.Encoding == Itself && (p.Graft == nil || p.Told == nil) {
		return fmt.Errorf("page frame: neither an image nor the page itself")
	}
	return nil
}
