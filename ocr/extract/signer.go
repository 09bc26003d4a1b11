package extract

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// offices are what quyền hạn, chức vụ of who signs begins with, folded (NĐ
// 30/2020 Phụ lục I.II.7; what citizens and parties sign as).
var offices = [...]string{"tm.", "kt.", "tl.", "tuq.", "q.", "chu tich", "pho chu tich", "giam doc", "pho giam doc", "tong giam doc", "pho tong giam doc",
	"truong", "pho truong", "pho", "cuc truong", "chi cuc truong", "bo truong", "thu truong", "thu tuong", "vu truong", "vien truong", "hieu truong", "tong cuc truong",
	"chanh", "tong thanh tra", "tram truong", "doi truong", "to truong", "thu ky", "chu toa", "chu tri", "chu su dung", "chu ho", "chu nhiem", "dai dien",
	"nguoi", "ke toan truong", "tong kiem toan", "bi thu", "vien pho", "quyen", "cong chung vien"}

// degrees may stand in front of a name, and are no part of it.
var degrees = [...]string{"gs.", "pgs.", "ts.", "ths.", "bs.", "ls.", "gs.ts.", "pgs.ts.", "tskh."}

// How far below the office the name stands, in points: a signature and a seal
// fit between.
const leastRoom, mostRoom = 26.0, 150.0

// A block is one who signs.
type block struct {
	office, name           string
	officeWords, nameWords []word
	centre                 float64
}

// signatory returns who signs the paper: the name below an office, on the last page
// that has one. Of several side by side it is the one at the side that the profile
// says. Marks of digital signatures were left out before: whoever signed a copy
// did not sign the paper.
func (p *paper) signatory(side string) (b block, page int) {
	for page, all := range slices.Backward(p.pages) {
		blocks := blocksOf(all)
		if len(blocks) == 0 {
			continue
		}
		slices.SortStableFunc(blocks, func(a, b block) int { return int(math.Copysign(1, a.centre-b.centre)) })
		b := blocks[len(blocks)-1]
		if side == "left" {
			b = blocks[0]
		}
		if side == "left" && b.centre > p.width/2 || side == "right" && b.centre < p.width/3 {
			return block{}, 0 // the other party: the paper's own was not read
		}
		return b, page
	}
	return b, 0
}

// blocksOf finds those who sign on a page: the lowest name in each column, with
// the office nearest above it.
func blocksOf(all []piece) (blocks []block) {
	for i := len(all) - 1; i >= 0; i-- {
		name, words := all[i].personName()
		if name == "" || slices.ContainsFunc(blocks, func(b block) bool { return math.Abs(b.centre-all[i].centre()) < 60 }) {
			continue
		}
		for j := i - 1; j >= 0 && all[i].base-all[j].base <= mostRoom; j-- {
			down := all[i].base - all[j].base
			if math.Abs(all[j].centre()-all[i].centre()) > 55 || !all[j].isOffice() {
				continue
			}
			if down >= leastRoom {
				b := block{name: name, nameWords: words, centre: all[i].centre()}
				if office := trimEdges(all[j].words); fold(office[0].text) != "tm." { // that says for whom; as what was not read
					b.office, b.officeWords = strings.TrimRight(piece{words: office}.text(), " .,;:"), office
				}
				blocks = append(blocks, b)
			}
			break
		}
	}
	return blocks
}

func (q piece) isOffice() bool {
	folded := piece{words: trimEdges(q.words)}.folded()
	if !q.capital() || strings.Contains(folded, "/") {
		return false
	}
	for _, o := range offices {
		if strings.HasPrefix(folded+" ", o+" ") || strings.HasSuffix(o, ".") && strings.HasPrefix(folded, o) {
			return true
		}
	}
	return false
}

// personName returns q as the full name of a person: two to six words, each with
// a capital in front (NĐ 30/2020 Phụ lục I.II.7.c).
func (q piece) personName() (string, []word) {
	words := trimEdges(q.words)
	for len(words) > 0 && slices.Contains(degrees[:], fold(words[0].text)) {
		words = words[1:]
	}
	if len(words) < 2 || len(words) > 6 {
		return "", nil
	}
	for _, w := range words {
		letters := []rune(strings.TrimRight(w.text, ".,"))
		if len(letters) == 0 || !unicode.IsUpper(letters[0]) {
			return "", nil
		}
		for _, r := range letters[1:] {
			if !unicode.IsLower(r) && !unicode.Is(unicode.Mn, r) {
				return "", nil
			}
		}
	}
	return mendSurname(strings.TrimRight(piece{words: words}.text(), " .,"), known().Surnames), words
}

func isWordLetter(r rune) bool { return unicode.IsLetter(r) }
