package child

import (
	"image"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa/ocr"
	"sohoa/ocr/prepare"
)

// raise looks for squares and cubes of metres. The language data have no raised figures:
// m² is read as m2, m? or m#, and an area becomes another number. A sign behind the m
// that stands clear of the base line is looked at large, twice side by side, and is a
// raised figure if it is read as 2 or 3 both times. Of any other word nothing is changed.
func (r *reader) raise(l *ocr.Line, g *image.Gray, dpi float64) error {
	for i := range l.Words {
		w := &l.Words[i]
		before, _, after := measured(w.Text)
		if before == "" {
			continue
		}
		sign, ok := raisedSign(g, w.Box, utf8.RuneCountInString(after))
		if !ok {
			continue
		}
		part, _ := crop(g, sign)
		if part = larger(part); part == nil {
			continue
		}
		pair, err := r.look(twice(part), dpi, oneLine)
		if err != nil {
			return err
		}
		if text, sure := halved(pair); sure >= poor && raisedFigures[text] != "" {
			w.Text = before + raisedFigures[text] + after
		}
	}
	return nil
}

var raisedFigures = map[string]string{"2": "²", "3": "³"}

// measured takes a word apart that ends in a unit of length, one sign, and what may follow
// it: 120,5m?; is 120,5m and ?; and ;. Of other words before is empty.
func measured(word string) (before, sign, after string) {
	rest := strings.TrimRight(word, ".,;:)/")
	_, size := utf8.DecodeLastRuneInString(rest)
	before, sign, after = rest[:len(rest)-size], rest[len(rest)-size:], word[len(rest):]
	unit := strings.TrimLeft(before, "0123456789.,(")
	if !slices.Contains([]string{"m", "km", "dm", "cm", "mm"}, unit) || strings.ContainsAny(sign, "m/") {
		return "", "", ""
	}
	return before, sign, after
}

// raisedSign returns the box of the last sign but after of a word, if it stands clear of
// the base line, as the m before it does not.
func raisedSign(g *image.Gray, word ocr.Box, after int) (image.Rectangle, bool) {
	signs := columnsOf(g, image.Rect(word.X0, word.Y0, word.X1, word.Y1))
	i := len(signs) - 1 - after
	if i < 1 {
		return image.Rectangle{}, false
	}
	m, sign := signs[i-1], signs[i]
	return sign, sign.Max.Y < m.Max.Y-m.Dy()/4 && sign.Min.Y < m.Min.Y && 2*sign.Dx() < 3*m.Dx() && 3*sign.Dy() > m.Dy()
}

// columnsOf returns the boxes of ink within box that white columns part, from the left.
func columnsOf(g *image.Gray, box image.Rectangle) (found []image.Rectangle) {
	box = box.Intersect(g.Rect)
	from := -1
	for x := box.Min.X; x <= box.Max.X; x++ {
		ink := false
		for y := box.Min.Y; y < box.Max.Y && x < box.Max.X && !ink; y++ {
			ink = dark(g.Pix[y*g.Stride+x])
		}
		switch {
		case ink && from < 0:
			from = x
		case !ink && from >= 0:
			found = append(found, inked(g, image.Rect(from, box.Min.Y, x, box.Max.Y)))
			from = -1
		}
	}
	return found
}

// larger returns what is on g at twice its size.
func larger(g *image.Gray) *image.Gray {
	big := prepare.Warp(g, prepare.Map{0.5, 0, 0, 0, 0.5, 0, 0, 0, 1}, 2*g.Rect.Dx(), 2*g.Rect.Dy())
	part, _ := crop(big, inked(big, big.Rect))
	return part
}
