package search

import (
	"strings"
	"sync"
)

// longest is how many words an official number has at most.
const longest = 8

// kinds and organs are the abbreviations of official numbers that are written
// apart (NĐ 30/2020/NĐ-CP, Phụ lục III), folded. Those that are words of the
// language too are left out: 12 đá is no number.
var (
	kinds  = setOf("bb bc bgn btt cd ct ctr cv gcn gm gp gks gqd hd hddt hdlv kh kl nd nq nqlt pc pg qc qd qlt qyd tb tc tt ttlt ttr")
	organs = setOf("ubnd hdnd cp ttg tw qh ctn ubtvqh vpcp bnv btc btp bca bqp btnmt bnnmt bkhcn bgddt byt bxd bct bldtbxh bgtvt bvhttdl bttt bng nhnn ttcp tandtc vksndtc vp stc stp snv sxd syt sct skhdt stnmt snnmt skhcn sgddt svhttdl cat bch mttq tand vksnd ks")
)

// setOf makes a set of words when it is first asked for.
func setOf(list string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		m := map[string]bool{}
		for _, w := range strings.Fields(list) {
			m[w] = true
		}
		return m
	})
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// parted splits the digits that a word begins with from the rest of it.
func parted(word string) (digits, rest string) {
	n := 0
	for n < len(word) && isDigit(word[n]) {
		n++
	}
	return word[:n], word[n:]
}

// isYear reports whether a word is the year of an official number.
func isYear(word string) bool {
	return len(word) == 4 && (word[:2] == "19" || word[:2] == "20") && isDigit(word[2]) && isDigit(word[3])
}

// joined writes the words of an official number as one, without leading zeros.
func joined(list []token) string {
	var b strings.Builder
	for i, t := range list {
		if i == 0 {
			digits, rest := parted(t.word)
			short := strings.TrimLeft(digits, "0")
			if short == "" && digits != "" {
				short = "0"
			}
			b.WriteString(short + rest)
			continue
		}
		b.WriteString(t.word)
	}
	return b.String()
}

// numbersAt calls found with every way to write the official number that begins
// with the word at i, as one word: up to each of its words behind the first that
// has letters, with the year and without; and with how many words that takes.
func numbersAt(list []token, i int, found func(number string, words int)) {
	digits, rest := parted(list[i].word)
	if digits == "" || i > 0 && list[i].loose {
		return
	}
	lettered := rest != ""
	if lettered {
		found(joined(list[i:i+1]), 1)
	}
	year := false
	for n := 2; n <= longest && i+n <= len(list) && list[i+n-1].loose; n++ {
		last := list[i+n-1].word
		if n == 2 && !lettered && isYear(last) {
			year = true
			continue
		}
		if d, _ := parted(last); d == "" {
			lettered = true
		}
		if !lettered {
			continue
		}
		whole := joined(list[i : i+n])
		found(whole, n)
		if year {
			found(joined(list[i:i+1])+joined(list[i+2:i+n]), n)
		}
	}
}
