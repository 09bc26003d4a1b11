package child

import (
	"image"
	"math"
	"strings"
	"unicode"

	"sohoa/ocr"
)

// dot puts the mark under a y that stands on the page and was not read: the language data
// hardly know ỵ, and read kỵ, Tỵ and Mỵ as words without a tone. Only pixels decide: below
// the base line, clear of the tail of the y, is one speck as large as a stop, and as round.
// A word that bears a tone already, or in which the y is not what bears it, is left alone.
func dot(l *ocr.Line, w *ocr.Word, g *image.Gray) {
	text := []rune(w.Text)
	at := len(text) - 1
	for at > 0 && !unicode.IsLetter(text[at]) {
		at--
	}
	if !bearsOnY(text, at) {
		return
	}
	tailed := strings.ContainsAny(string(text[at+1:]), ",;")
	if speck(g, below(l, w, at, len(text)), w.Box.Y1-w.Box.Y0, tailed) {
		text[at] = map[rune]rune{'y': 'ỵ', 'Y': 'Ỵ'}[text[at]]
		w.Text = string(text)
	}
}

// bearsOnY reports whether the letter at this place of a word is a y that would bear its
// tone, and the word bears none.
func bearsOnY(text []rune, at int) bool {
	if at < 1 || unicode.ToLower(text[at]) != 'y' || !strings.ContainsRune("hklmtu", unicode.ToLower(text[at-1])) {
		return false
	}
	for _, r := range text[:at] {
		if !unicode.IsLetter(r) || toned(r) {
			return false
		}
	}
	return true
}

// below returns what lies below the base line under letter at of a word of n characters.
func below(l *ocr.Line, w *ocr.Word, at, n int) image.Rectangle {
	high, wide := w.Box.Y1-w.Box.Y0, w.Box.X1-w.Box.X0
	left := w.Box.X0 + wide*at*9/(10*n)
	part := float64(left-l.Box.X0) / math.Max(float64(l.Box.X1-l.Box.X0), 1)
	base := int(math.Round(l.Baseline[0] + part*(l.Baseline[1]-l.Baseline[0])))
	return image.Rect(left, base+max(1, high/20), w.Box.X1+high/12, w.Box.Y1+high/8)
}

// speck reports whether the last thing within box, before the tail of a comma if one
// follows, is a single round dot that stands clear in it, of the size that letters of a
// height have.
func speck(g *image.Gray, box image.Rectangle, high int, tailed bool) bool {
	parts := columnsOf(g, box)
	if tailed && len(parts) > 0 {
		if parts[len(parts)-1].Min.Y > box.Min.Y {
			return false
		}
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 || len(parts) > 2 || len(parts) == 2 && parts[0].Min.Y > box.Min.Y {
		return false
	}
	s := parts[len(parts)-1]
	w, h := s.Dx(), s.Dy()
	if s.Min.Y == box.Min.Y || s.Max.Y == box.Max.Y || s.Min.X == box.Min.X || h < 3 || 14*h < high || 4*h > high || 3*w < 2*h || 2*w > 3*h+1 {
		return false
	}
	ink := 0
	for y := s.Min.Y; y < s.Max.Y; y++ {
		for x := s.Min.X; x < s.Max.X; x++ {
			if dark(g.Pix[y*g.Stride+x]) {
				ink++
			}
		}
	}
	return 5*ink >= 3*w*h
}
