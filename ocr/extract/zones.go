package extract

import (
	"math"
	"slices"
	"strings"

	"sohoa/pattern"
)

// openers are what the first line below the head begins with, folded.
var openers = [...]string{"kinh gui", "can cu", "thuc hien", "hom nay", "theo de nghi", "xet de nghi", "dieu 1", "ten toi la"}

// opensBody reports whether q is the first line below the head: a title, or
// what a paper without one begins with.
func (q piece) opensBody(pageWidth float64) bool {
	if q.capital() && math.Abs(q.centre()-pageWidth/2) < offMiddle {
		if _, ok := parseTitle(q.text()); ok {
			return true
		}
	}
	return q.opens()
}

// offMiddle is how far in points a title may be from the page's middle: the
// margins differ.
const offMiddle = 60

func (q piece) opens() bool {
	folded := q.folded()
	for _, o := range openers {
		if strings.HasPrefix(folded, o) {
			return true
		}
	}
	return false
}

// number looks for số and ký hiệu in the agency's column, then anywhere above
// the middle of the page at the beginning of a piece.
func (p *paper) number() (value string, words []word) {
	for _, zone := range [][]piece{p.left, p.right, p.all} {
		for _, q := range zone {
			if q.base > 0.5*p.height || q.opens() {
				break
			}
			begin, ok := q.afterSo()
			if !ok && !q.isBareNumber() {
				continue
			}
			if value, n := parseNumber(q.words[begin:]); n > 0 {
				return value, q.words[begin : begin+n]
			}
		}
	}
	return "", nil
}

// isBareNumber reports whether q begins with a whole number with its symbol: its
// "Số:" was read elsewhere.
func (q piece) isBareNumber() bool {
	value, n := parseNumber(q.words)
	return n > 0 && strings.Contains(value, "/") && q.capital()
}

// soGrammar is Số, read more or less well, with or without its colon.
var soGrammar = pattern.Late(`^(?:[S$5][ốồổỗộôóòỏõọoờớởỡợơ6ỐÔ]|[ốồổỗộôóòỏ][:.;,：])[:.;,：'’]*`)

// afterSo returns the word after "Số:", which may be glued to it: then the word
// is cut. It reports whether q begins with Số.
func (q *piece) afterSo() (begin int, ok bool) {
	so := soGrammar().FindString(q.words[0].text)
	if so == "" {
		return 0, false
	}
	rest := q.words[0].text[len(so):]
	if rest != "" {
		if rest[0] < '0' || rest[0] > '9' { // Sở, Sổ tay
			return 0, false
		}
		words := append([]word{}, q.words...)
		words[0].text = rest
		q.words = words
		return 0, true
	}
	begin = 1
	for begin < len(q.words) && strings.Trim(q.words[begin].text, ":.;,：") == "" {
		begin++
	}
	if begin < len(q.words) {
		words := append([]word{}, q.words...)
		words[begin].text = strings.TrimLeft(words[begin].text, ":.;,：")
		q.words = words
	}
	return begin, begin < len(q.words)
}

// issued looks for place and date in the nation's column, then above the middle
// of page 1, then from the end of the last page, where citizens put it,
// then after "Hôm nay", as contracts begin.
func (p *paper) issued() found {
	for _, q := range p.right {
		if date, words := q.date(); date != "" {
			return found{value: date, words: words, why: ByHead}
		}
		if dateGrammar().MatchString(q.folded()) {
			return found{} // it is here, and cannot be read
		}
	}
	for _, q := range p.all {
		if date, words := q.date(); date != "" && q.base < 0.45*p.height {
			return found{value: date, words: words, why: ByHead}
		}
	}
	end := len(p.pages) - 1
	for _, q := range slices.Backward(p.pages[end]) {
		if date, words := q.date(); date != "" {
			return found{value: date, words: words, page: end, why: ByClosing}
		}
	}
	for _, q := range p.all {
		if strings.HasPrefix(q.folded(), "hom nay") {
			date, from, to := findDate(q.folded())
			return found{value: date, words: q.owned(from, to), why: ByClosing}
		}
	}
	return found{}
}

// owned returns the words that hold bytes from to to of the folded text.
func (q piece) owned(from, to int) []word {
	if from >= to {
		return nil
	}
	return q.words[q.owner(from) : q.owner(to-1)+1]
}

func (q piece) date() (string, []word) {
	date, from, to := parseDate(q.folded())
	return date, q.owned(from, to)
}

// agencies are what the name of an agency begins with, folded.
var agencies = [...]string{"uy ban", "ubnd", "bo ", "so ", "cuc ", "chi cuc", "tong cuc", "vu ", "phong ", "trung tam", "truong ", "hoi ",
	"hdnd", "van phong", "thanh tra", "ban ", "to ", "cong ty", "vien ", "benh vien", "cong an", "toa an", "kho bac", "bao hiem", "chi nhanh",
	"hat ", "quy ", "doan ", "lien doan", "thue ", "ngan hang", "dang ", "tong cong ty", "tram ", "dai hoc", "hoc vien", "chinh phu", "quoc hoi", "thu tuong", "bch ", "lien hiep"}

// unfinished are beginnings that name no agency by themselves.
var unfinished = [...]string{"van phong", "chi nhanh", "trung tam", "ban quan ly", "to cong tac", "hoi dong", "doan", "chi nhanh van phong"}

// stamps are capitals at the head of a page that name no agency.
var stamps = [...]string{"ban sao", "hoa toc", "khan", "thuong khan", "du thao", "mat", "toi mat", "tuyet mat", "den", "cong van den", "sao y", "mau so"}

// issuer returns cơ quan ban hành: the last name in capitals above the number
// in the agency's column, over all its lines, without cơ quan chủ quản above.
func (p *paper) issuer() (value string, words []word) {
	var names [][]word
	for _, q := range p.left {
		if _, ok := q.afterSo(); ok || q.isBareNumber() {
			break
		}
		folded := q.folded()
		if !q.capital() || strings.Contains(folded, "doc lap") || strings.Contains(folded, "cong hoa xa") || isStamp(folded) {
			continue
		}
		line := trimEdges(q.words)
		if n := len(names); n == 0 || len(line) > 1 && startsAgency(folded) && !isUnfinished(names[n-1]) {
			names = append(names, nil)
		}
		names[len(names)-1] = append(names[len(names)-1], line...)
	}
	if len(names) == 0 {
		return "", nil
	}
	words = names[len(names)-1]
	return mendAgency(piece{words: words}.text()), words
}

// mendAgency puts right what is often misread: no unit is called PHƯƠNG.
func mendAgency(name string) string {
	name = strings.TrimRight(strings.NewReplacer(". ", " ", ": ", " ").Replace(name), " .:;,")
	for _, above := range [...]string{"NHÂN DÂN", "UBND", "HĐND", "CÔNG AN"} {
		name = strings.Replace(name, above+" PHƯƠNG ", above+" PHƯỜNG ", 1)
	}
	return mendPhrases(name, known().Phrases)
}

// trimEdges leaves out dashes and strokes at the ends: rulings that were read.
func trimEdges(words []word) []word {
	for len(words) > 0 && strings.Trim(words[0].text, "-–/:().,") == "" {
		words = words[1:]
	}
	for len(words) > 0 && strings.Trim(words[len(words)-1].text, "-–/:().,") == "" {
		words = words[:len(words)-1]
	}
	return words
}

func startsAgency(folded string) bool {
	for _, a := range agencies {
		if strings.HasPrefix(folded+" ", a) {
			return true
		}
	}
	return false
}

func isUnfinished(name []word) bool {
	folded := piece{words: name}.folded()
	if strings.HasSuffix(folded, " va") {
		return true
	}
	for _, u := range unfinished {
		if folded == u {
			return true
		}
	}
	return false
}

func isStamp(folded string) bool {
	for _, s := range stamps {
		if folded == s {
			return true
		}
	}
	return false
}

// title returns tên loại, and the place in p.all below it. A letter has none:
// its place is 0.
func (p *paper) title() (value string, words []word, below int) {
	for i, q := range p.all {
		if q.opens() || q.base > 0.6*p.height {
			break
		}
		if !q.capital() || math.Abs(q.centre()-p.width/2) > offMiddle {
			continue
		}
		value, ok := parseTitle(q.text())
		if !ok {
			continue
		}
		words = append(words, q.words...)
		below = i + 1
		if goesOn(value) && below < len(p.all) {
			next := p.all[below]
			if next.capital() && next.base-q.base < 2*q.size()+8 && math.Abs(next.centre()-q.centre()) < 14 && next.text()[0] != '(' {
				value += " " + next.text()
				words = append(words, next.words...)
				below++
			}
		}
		return value, words, below
	}
	return "", nil, 0
}

// goesOn reports whether a title of this kind may have a second line in
// capitals: GIẤY CHỨNG NHẬN / ĐĂNG KÝ HỘ KINH DOANH.
func goesOn(title string) bool {
	for _, kind := range [...]string{"GIẤY", "TRÍCH LỤC", "XÁC NHẬN", "CHỨNG NHẬN", "PHIẾU", "ĐƠN", "TỜ KHAI", "BẢN", "HỢP ĐỒNG"} {
		if strings.HasPrefix(title, kind) {
			return true
		}
	}
	return false
}
