package workers

import (
	"slices"
	"strconv"
	"strings"

	"sohoa/ocr"
	"sohoa/pdf/pdfa"
)

// Claim returns the level of PDF/A that a file of such pages claims: the one
// that is wanted, [pdfa.Level2U] if none is, or the best that all of the pages
// can keep, and then the first page, from 1, that can keep no better. The
// structure of a page that is kept as it came is not known, and not always are
// all its characters.
func Claim(want pdfa.Level, pages []ocr.Page) (level pdfa.Level, because int) {
	if want == "" {
		want = pdfa.Level2U
	}
	first := func(holds func(ocr.Page) bool) int { return 1 + slices.IndexFunc(pages, holds) }
	if n := first(func(p ocr.Page) bool { return p.Unmapped }); n > 0 && want != pdfa.Level2B {
		return pdfa.Level2B, n
	}
	if n := first(func(p ocr.Page) bool { return p.Kept }); n > 0 && want == pdfa.Level2A {
		return pdfa.Level2U, n
	}
	return want, 0
}

// pictured says what the image of page n shows, for those who cannot see it. The
// words stand before it; what a pen wrote and what a code means are not among
// them. It never says more than was found: a seal may be there all the same,
// which is why no image is passed over as mere decoration.
func pictured(read ocr.Page, n int, language string) string {
	vi, en := []string{"Ảnh quét trang " + strconv.Itoa(n)}, []string{"Scan of page " + strconv.Itoa(n)}
	add := func(holds bool, v, e string) {
		if holds {
			vi, en = append(vi, v), append(en, e)
		}
	}
	add(read.Blank, "không có gì để đọc", "nothing to read on it")
	add(!read.Blank && len(read.Lines) == 0, "không đọc được chữ nào", "no words could be read")
	add(len(read.Lines) > 0, "chữ máy đọc được đứng trước", "the words read by machine come before it")
	add(len(read.Handwriting) > 0, "có nét bút: chữ viết tay, chữ ký hoặc hình vẽ", "with strokes of a pen: handwriting, a signature or a drawing")
	add(len(read.Codes) > 0, "có mã QR hoặc mã vạch", "with a QR code or bar code")
	if strings.HasPrefix(language, "en") {
		return strings.Join(en, "; ")
	}
	return strings.Join(vi, "; ")
}
