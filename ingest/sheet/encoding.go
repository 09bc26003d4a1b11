package sheet

import (
	"bytes"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// widened returns the file from its start as bytes of which ASCII is ASCII: what
// is in UTF-16 becomes UTF-8, and is named.
func widened(f *os.File) (io.Reader, string, error) {
	start := make([]byte, 512)
	n, err := f.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	start = start[:n]
	order, name := utf.LittleEndian, ""
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		name = "UTF-16LE"
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		order, name = utf.BigEndian, "UTF-16BE"
	case zeros(start, 1) > len(start)/8 && zeros(start, 0) == 0:
		name = "UTF-16LE"
	case zeros(start, 0) > len(start)/8 && zeros(start, 1) == 0:
		order, name = utf.BigEndian, "UTF-16BE"
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err := f.Seek(3, io.SeekStart)
		return f, "", err
	default:
		return f, "", nil
	}
	return utf.UTF16(order, utf.UseBOM).NewDecoder().Reader(f), name, nil
}

// zeros counts zero bytes at odd places, or at even ones.
func zeros(b []byte, from int) (n int) {
	for i := from; i < len(b); i += 2 {
		if b[i] == 0 {
			n++
		}
	}
	return n
}

func decodeUTF8(b []byte) (string, bool) { return string(b), utf8.Valid(b) }

// decode1258 reads Windows-1258, whose tones stand after their letters.
func decode1258(b []byte) (string, bool) {
	s, err := charmap.Windows1258.NewDecoder().Bytes(b)
	return norm.NFC.String(string(s)), err == nil && !bytes.ContainsRune(s, utf8.RuneError)
}

// tcvn3 are the letters of TCVN3 (ABC), the upper half of TCVN 5712:1993 VN3.
var tcvn3 = func() (t [256]rune) {
	for i := range 128 {
		t[i] = rune(i)
	}
	for from, letters := range map[int]string{
		0xa1: "ĂÂÊÔƠƯĐăâêôơưđ", 0xb5: "àảãáạ", 0xbb: "ằẳẵắ", 0xc6: "ặầẩẫấậè", 0xce: "ẻẽéẹềểễếệìỉ",
		0xdc: "ĩíịò", 0xe1: "ỏõóọồổỗốộờởỡớợù", 0xf1: "ủũúụừửữứựỳỷỹýỵ",
	} {
		for i, r := range []rune(letters) {
			t[from+i] = r
		}
	}
	return t
}()

func decodeTCVN3(b []byte) (string, bool) {
	var s strings.Builder
	for _, c := range b {
		r := tcvn3[c]
		if r == 0 && c != 0 {
			return "", false
		}
		s.WriteRune(r)
	}
	return s.String(), true
}

// vietnamese says how much of the words with marks in b, decoded, can be
// Vietnamese: with one tone at most, no capital within, and no letter that the
// language has not.
func vietnamese(decode func([]byte) (string, bool), b []byte) float64 {
	good, all := 0, 0
	for line := range bytes.Lines(b) {
		s, ok := decode(bytes.TrimRight(line, "\r\n"))
		if !ok {
			all += 10
			continue
		}
		for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && r < utf8.RuneSelf }) {
			if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
				continue
			}
			if all++; syllable(word) {
				good++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return float64(good) / float64(all)
}

const (
	letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
	vowels  = "aăâeêioôơuưy"
	tones   = "\u0300\u0301\u0303\u0309\u0323"
)

// syllable reports whether a word has the marks of one Vietnamese syllable.
func syllable(word string) bool {
	var plain []rune
	upper, lower, toned, groups, inVowels := 0, 0, 0, 0, false
	for _, r := range norm.NFC.String(word) {
		if unicode.IsUpper(r) {
			if lower > 0 {
				return false
			}
			upper++
		} else {
			lower++
		}
		base := untoned(unicode.ToLower(r))
		if base != unicode.ToLower(r) {
			toned++
		}
		if !strings.ContainsRune(letters, base) {
			return false
		}
		if v := strings.ContainsRune(vowels, base); v != inVowels {
			if inVowels = v; v {
				groups++
			}
		}
		plain = append(plain, base)
	}
	return toned <= 1 && groups == 1 && len(plain) <= 7 && (upper <= 1 || lower == 0)
}

// untoned takes the tone off a letter and leaves its other mark.
func untoned(r rune) rune {
	parts := []rune(norm.NFD.String(string(r)))
	var kept []rune
	for _, p := range parts {
		if !strings.ContainsRune(tones, p) {
			kept = append(kept, p)
		}
	}
	out := []rune(norm.NFC.String(string(kept)))
	if len(out) != 1 {
		return utf8.RuneError
	}
	return out[0]
}
