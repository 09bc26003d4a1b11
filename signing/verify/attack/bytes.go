package attack

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"sohoa/pdf/revision"
)

var (
	rangePattern    = regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\] *`)
	contentsPattern = regexp.MustCompile(`/Contents <([0-9a-fA-F]{1000,})>`)
	xrefPattern     = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)
)

// patched replaces what pattern finds last, keeping the length of the file:
// what is shorter is filled up with blanks.
func (b *Base) patched(pattern *regexp.Regexp, with string) []byte {
	all := pattern.FindAllIndex(b.File, -1)
	if len(all) == 0 {
		panic(mistake{fmt.Sprintf("%v finds nothing", pattern)})
	}
	at := all[len(all)-1]
	if len(with) > at[1]-at[0] {
		panic(mistake{fmt.Sprintf("%q is too long", with)})
	}
	out := bytes.Clone(b.File)
	copy(out[at[0]:at[1]], with+strings.Repeat(" ", at[1]-at[0]-len(with)))
	return out
}

// ranges returns the ByteRange of the last signature.
func (b *Base) ranges() (r [4]int) {
	all := rangePattern.FindAllSubmatch(b.File, -1)
	if len(all) == 0 {
		panic(mistake{"no ByteRange"})
	}
	for i := range 3 {
		must(fmt.Sscan(string(all[len(all)-1][i+1]), &r[i+1]))
	}
	return r
}

// ranged writes another ByteRange.
func (b *Base) ranged(r ...int) []byte {
	return b.patched(rangePattern, "/ByteRange "+strings.ReplaceAll(fmt.Sprint(r), "  ", " "))
}

// cms returns the signature, with the zeros behind it.
func (b *Base) cms() []byte {
	r := b.ranges()
	return must(hex.DecodeString(string(b.File[r[1]+1 : r[2]-1])))
}

// signed puts another signature into the gap.
func (b *Base) signed(cms []byte) []byte {
	r := b.ranges()
	out := bytes.Clone(b.File)
	digits := []byte(hex.EncodeToString(cms))
	copy(out[r[1]+1:r[2]-1], bytes.Repeat([]byte{'0'}, r[2]-r[1]-2))
	copy(out[r[1]+1:r[2]-1], digits)
	return out
}

// flip changes one bit of the signature, where a needle ends in it.
func (b *Base) flip(needle []byte) []byte {
	c := b.cms()
	i := bytes.Index(c, needle)
	if i < 0 {
		panic(mistake{"the signature does not hold it"})
	}
	c[i+len(needle)-1] ^= 1
	return b.signed(c)
}

// start returns where the newest cross-references are.
func (b *Base) start() int {
	var n int
	m := xrefPattern.FindSubmatch(b.File)
	if m == nil {
		panic(mistake{"no startxref"})
	}
	must(fmt.Sscan(string(m[1]), &n))
	return n
}

// raw appends bytes, in which %d stands for where they begin.
func (b *Base) raw(format string, args ...any) []byte {
	return append(bytes.Clone(b.File), fmt.Sprintf(format, args...)...)
}

// evilPage is a page object that shows another text, to be appended by hand.
func (b *Base) evilPage() string {
	_, ref := b.at(pagePath...)
	_, shadow := b.at("Shadow", "Content")
	_, up := b.at("Pages")
	return fmt.Sprintf("%d 0 obj\n<</Type /Page /Parent %d 0 R /Contents %d 0 R>>\nendobj\n", ref.Num, up.Num, shadow.Num)
}

// table is an update by hand: objects as they are, rows that the caller makes
// from where each begins, a trailer.
func (b *Base) table(body string, rows func(at int) string, trailer string) []byte {
	_, root := b.at()
	at := len(b.File)
	start := at + len(body)
	return b.raw("%sxref\n%strailer\n<</Size 200 /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", body, rows(at), root.Num, trailer, start)
}

// one is the row of the page's object at a place.
func (b *Base) one(at int) string {
	_, ref := b.at(pagePath...)
	return fmt.Sprintf("%d 1\n%010d 00000 n \n", ref.Num, at)
}

// prev leads on to the file's own cross-references, with what its trailer says.
func (b *Base) prev() string {
	info := ""
	if ref, ok := b.open().Trailer()["Info"].(revision.Ref); ok {
		info = fmt.Sprintf("/Info %d 0 R ", ref.Num)
	}
	return fmt.Sprintf("%s/Prev %d", info, b.start())
}
