package extract

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sohoa/pattern"
)

// A number: figures, the year on legal texts, and the symbol of kind and agency
// (NĐ 30/2020 Phụ lục I.I.3): 118/2025/NĐ-CP, 123/QĐ-UBND, 86/TTr-PNV, 15/2024.
var (
	numberGrammar = pattern.Late(`^([0-9OoIl|]{1,7}[a-z]?)/((?:(?:19|20)\d\d/)?\p{Lu}[\p{L}0-9&]*(?:[-.&/][\p{L}0-9&]+)*|(?:19|20)\d\d)`)
	strokeless    = pattern.Late(`^([0-9]{1,6})(\p{Lu}\p{L}{0,4}-[\p{L}0-9&]{2,}(?:-[\p{L}0-9&]+)*)`) // its / went unread
	plainNumber   = pattern.Late(`^[0-9]{2,12}$`)
	figures       = strings.NewReplacer("O", "0", "o", "0", "I", "1", "l", "1", "|", "1")
	dashes        = strings.NewReplacer("–", "-", "—", "-", "−", "-", "_", "-")
)

// symbols are parts of symbols that no agency has, and what they are misread
// from.
var symbols = map[string]string{"QD": "QĐ", "HDND": "HĐND", "HĐNĐ": "HĐND", "HDNĐ": "HĐND", "UBNĐ": "UBND", "TTT": "TTr", "TTTr": "TTr", "TIr": "TTr"}

// parseNumber reads a number at the beginning of words, which may be broken at
// its dashes and strokes. It returns how many words it takes, 0 if there is none.
func parseNumber(words []word) (value string, n int) {
	glued, ends := "", []int{}
	for _, w := range words {
		text := dashes.Replace(w.text)
		joined := glued == "" || strings.ContainsAny(glued[len(glued)-1:], "/-.") || strings.ContainsAny(text[:1], "/-.")
		if !joined {
			break
		}
		glued += text
		ends = append(ends, len(glued))
	}
	m := numberGrammar().FindStringSubmatch(glued)
	if m == nil {
		m = strokeless().FindStringSubmatch(glued)
	}
	if m == nil {
		if n := len(words); n > 0 && plainNumber().MatchString(words[0].text) {
			return words[0].text, 1
		}
		return "", 0
	}
	for n < len(ends) && ends[n] < len(m[0]) {
		n++
	}
	digits := figures.Replace(m[1])
	if !strings.ContainsAny(m[1], "0123456789") {
		return "", 0
	}
	return digits + "/" + mendSymbol(m[2]), n + 1
}

// mendSymbol puts right what reading often gets wrong and cannot be meant.
func mendSymbol(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, "ĐĐ", "Đ"), "-")
	for i, part := range parts {
		head, tail, sub := strings.Cut(part, "/")
		for _, p := range []*string{&head, &tail} {
			if right, ok := symbols[*p]; ok {
				*p = right
			}
		}
		if parts[i] = head; sub {
			parts[i] = head + "/" + tail
		}
	}
	s = strings.Join(parts, "-")
	if before, ok := strings.CutSuffix(s, "ND-CP"); ok {
		s = before + "NĐ-CP"
	}
	return s
}

// Folded, with figures misread as letters: ngày 05 tháng 3 năm 2020.
var dateGrammar = pattern.Late(`ngay ?([0-9oil|]{1,2}) ?thang ?([0-9oil|]{1,2}) ?nam ?([0-9oil|]{4})`)

// parseDate finds a date in folded text that is preceded by a place alone, as
// in "Hà Nội, ngày 05 tháng 3 năm 2020", and followed by nothing. It returns
// the date as YYYY-MM-DD and where it stands.
func parseDate(folded string) (date string, from, to int) {
	date, from, to = findDate(folded)
	place := strings.TrimSpace(folded[:from])
	if place != "" && (!strings.ContainsAny(place[len(place)-1:], ",.;") || len(strings.Fields(place)) > 6) {
		return "", 0, 0
	}
	if strings.Trim(folded[to:], " .,;:") != "" {
		return "", 0, 0
	}
	return date, from, to
}

// findDate finds the first date in folded text.
func findDate(folded string) (date string, from, to int) {
	m := dateGrammar().FindStringSubmatchIndex(folded)
	if m == nil {
		return "", 0, 0
	}
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(figures.Replace(strings.ReplaceAll(folded[m[2+2*i]:m[3+2*i]], "i", "1")))
		if err != nil {
			return "", 0, 0
		}
		n[i] = v
	}
	if n[1] == 61 || n[1] == 62 { // only the months 1 and 2 are written with a 0
		n[1] -= 60
	}
	day := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC)
	if n[2] < 1945 || n[2] > 2100 || day.Day() != n[0] || int(day.Month()) != n[1] {
		return "", 0, 0
	}
	return fmt.Sprintf("%04d-%02d-%02d", n[2], n[1], n[0]), m[0], m[1]
}

// titles are the kinds of papers (NĐ 30/2020 Điều 7 and Phụ lục III; forms of
// the one-stop shop), the longer before what they begin with.
var titles = [...]string{"QUYẾT ĐỊNH", "TỜ TRÌNH", "THÔNG BÁO", "BÁO CÁO", "BIÊN BẢN", "GIẤY CHỨNG NHẬN", "GIẤY PHÉP", "GIẤY XÁC NHẬN",
	"GIẤY KHAI SINH", "GIẤY GIỚI THIỆU", "GIẤY ỦY QUYỀN", "GIẤY MỜI", "GIẤY NGHỈ PHÉP", "GIẤY TIẾP NHẬN", "GIẤY", "KẾ HOẠCH", "CHỈ THỊ",
	"NGHỊ QUYẾT", "NGHỊ ĐỊNH", "THÔNG TƯ", "THÔNG CÁO", "QUY CHẾ", "QUY ĐỊNH", "HƯỚNG DẪN", "CHƯƠNG TRÌNH", "PHƯƠNG ÁN", "ĐỀ ÁN", "DỰ ÁN",
	"HỢP ĐỒNG", "CÔNG ĐIỆN", "BẢN GHI NHỚ", "BẢN THỎA THUẬN", "BẢN CAM KẾT", "PHIẾU", "ĐƠN", "TRÍCH LỤC KHAI SINH", "TRÍCH LỤC KHAI TỬ", "TRÍCH LỤC KẾT HÔN", "TRÍCH LỤC", "XÁC NHẬN", "CHỨNG NHẬN",
	"TỜ KHAI", "LÝ LỊCH", "SƠ YẾU LÝ LỊCH", "VĂN BẢN", "DANH SÁCH", "LỆNH", "LUẬT", "PHÁP LỆNH", "QUY HOẠCH", "BẢNG"}

// parseTitle returns text with the name of its kind put right, if it begins
// with one, give or take diacritics and a letter.
func parseTitle(text string) (title string, ok bool) {
	words := strings.Fields(text)
	for _, name := range titles {
		parts := strings.Fields(name)
		if len(parts) > len(words) {
			continue
		}
		wrong := 0
		for i, part := range parts {
			wrong += misread(fold(part), strings.Trim(fold(words[i]), ".,:;"))
		}
		if wrong == 0 || wrong == 1 && len(parts) > 1 {
			return strings.TrimRight(strings.Join(append(parts, words[len(parts):]...), " "), " .:;,"), true
		}
	}
	return "", false
}

// misread is the number of letters that differ between a and b, which are
// folded; many if their lengths do.
func misread(a, b string) int {
	if len(a) != len(b) {
		return len(a) + len(b)
	}
	n := 0
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
