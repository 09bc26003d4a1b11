package extract

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/ocr"
)

// A word in points.
type word struct {
	text       string
	box        [4]float64
	confidence float64
}

// A piece is words that stand together on a line.
type piece struct {
	words []word
	box   [4]float64
	base  float64 // height of the base line at the middle

	slope, left float64 // of the whole line's base line
}

func points(pixels int, dpi float64) float64 {
	if dpi <= 0 {
		dpi = 200
	}
	return float64(pixels) * 72 / dpi
}

// pieces takes the lines of p apart where the gaps are wide, leaves out what is
// neither letter nor figure and the marks of digital signatures.
func pieces(p ocr.Page) []piece {
	var all []piece
	for _, l := range p.Lines {
		line := piece{left: points(l.Box.X0, p.DPIX)}
		if width := points(l.Box.X1-l.Box.X0, p.DPIX); width > 0 {
			line.slope = (l.Baseline[1] - l.Baseline[0]) * 72 / max(p.DPIY, 1) / width
		}
		zero := l.Baseline[0] * 72 / max(p.DPIY, 1)
		var open []word
		flush := func() {
			if len(open) > 0 {
				all = append(all, line.with(open, zero))
			}
			open = nil
		}
		for _, w := range l.Words {
			box := [4]float64{points(w.Box.X0, p.DPIX), points(w.Box.Y0, p.DPIY), points(w.Box.X1, p.DPIX), points(w.Box.Y1, p.DPIY)}
			if isSpeck(w.Text) {
				continue
			}
			if n := len(open); n > 0 && box[0]-open[n-1].box[2] > 24 {
				flush()
			}
			open = append(open, word{w.Text, box, w.Confidence})
		}
		flush()
	}
	return withoutMarks(inRows(all))
}

// isSpeck reports whether a word is a ruling or dirt that was read as one.
func isSpeck(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-–/:()", r)
	}) < 0
}

// with returns the piece of line that has words.
func (line piece) with(words []word, zero float64) piece {
	q := piece{words: words, box: around(words), slope: line.slope, left: line.left}
	q.base = zero + line.slope*((q.box[0]+q.box[2])/2-line.left)
	return q
}

// part returns the piece of words i to j.
func (q piece) part(i, j int) piece {
	if i >= j {
		return piece{}
	}
	r := piece{words: q.words[i:j], box: around(q.words[i:j]), slope: q.slope, left: q.left}
	r.base = q.base + q.slope*((r.box[0]+r.box[2])-(q.box[0]+q.box[2]))/2
	return r
}

// cut splits q at the column border x: in the widest gap near it.
func (q piece) cut(x float64) (left, right piece) {
	at, best := 0, 0.0
	for at < len(q.words) && (q.words[at].box[0]+q.words[at].box[2])/2 < x {
		at++
	}
	middle := at
	for i := 1; i < len(q.words); i++ {
		end, begin := q.words[i-1].box[2], q.words[i].box[0]
		if gap := begin - end; gap > 8 && gap > best && begin > x-60 && end < x+60 {
			at, best = i, gap
		}
	}
	if middle == 0 || middle == len(q.words) { // it does not reach over
		at = middle
	}
	return q.part(0, at), q.part(at, len(q.words))
}

func around(words []word) [4]float64 {
	box := words[0].box
	for _, w := range words[1:] {
		box = [4]float64{min(box[0], w.box[0]), min(box[1], w.box[1]), max(box[2], w.box[2]), max(box[3], w.box[3])}
	}
	return box
}

// core is q without the dirt and rulings at its ends that were read as short words,
// hardly.
func (q piece) core() piece {
	i, j := 0, len(q.words)
	for i < j && q.words[i].isDirt() {
		i++
	}
	for i < j && q.words[j-1].isDirt() {
		j--
	}
	if i == j {
		return q
	}
	return q.part(i, j)
}

// hardly is the confidence below which a short word may be no word.
const hardly = 30

func (w word) isDirt() bool {
	letters := 0
	for _, r := range w.text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
	}
	return w.confidence < hardly && letters <= 2
}

func (q piece) text() string {
	texts := make([]string, len(q.words))
	for i, w := range q.words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

func (q piece) folded() string { return fold(q.text()) }

// owner returns the word that holds byte i of the folded text.
func (q piece) owner(i int) int {
	for w := range q.words {
		if i -= len(fold(q.words[w].text)) + 1; i < 0 {
			return w
		}
	}
	return len(q.words) - 1
}

func (q piece) centre() float64 { return (q.box[0] + q.box[2]) / 2 }

// size is about the height of its letters with what goes above and below.
func (q piece) size() float64 { return q.box[3] - q.box[1] }

// capital reports whether q is set in capitals.
func (q piece) capital() bool {
	upper, letters := 0, 0
	for _, w := range q.words {
		for _, r := range w.text {
			if unicode.IsLetter(r) {
				letters++
				if unicode.IsUpper(r) {
					upper++
				}
			}
		}
	}
	return letters >= 2 && upper*10 >= letters*9
}

// fold returns s in small letters without diacritics: what of Vietnamese
// survives bad reading.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// marks are what the lines of a digital signature's mark begin with, folded
// (NĐ 30/2020 Phụ lục I.II.2; TT 01/2023 Điều 8.1; common signing programs).
var marks = [...]string{"nguoi ky:", "ky boi:", "ky so boi", "thoi gian ky", "ngay ky:", "gio ky:", "co quan:", "to chuc:", "email:",
	"nguoi sao chup", "nguoi so hoa", "thoi gian sao chup", "thoi gian:", "chu ky so", "da ky so", "digitally signed", "signature not", "signature valid", "dev -", "dev –"}

// withoutMarks leaves out the lines of signature marks and, below them, what
// goes on in the same small column.
func withoutMarks(all []piece) []piece {
	var kept []piece
	var mark *piece
	for i := range all {
		q := all[i]
		if at := q.mark(); at >= 0 {
			if at > 0 {
				kept = append(kept, q.part(0, at))
			}
			m := q.part(at, len(q.words))
			mark = &m
			continue
		}
		if mark != nil && !q.capital() && q.follows(*mark) {
			mark = &q
			continue
		}
		kept = append(kept, q)
	}
	return kept
}

// follows reports whether q goes on right below above.
func (q piece) follows(above piece) bool {
	down, aside := q.base-above.base, q.box[0]-above.box[0]
	return down > 0 && down < 13 && aside > -6 && aside < 6
}

// mark returns the word at which a signature's mark begins in q, or -1.
func (q piece) mark() int {
	folded := q.folded()
	for _, m := range marks {
		if at := strings.Index(folded, m); at == 0 || at > 0 && folded[at-1] == ' ' && strings.HasSuffix(m, ":") {
			return q.owner(at)
		}
	}
	return -1
}
