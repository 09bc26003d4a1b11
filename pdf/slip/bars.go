package slip

import (
	"errors"
	"fmt"
	"strings"

	"rsc.io/qr"
)

// A Separator is a sheet that is laid between papers on their way through a feeder:
// what it says stands on it as a QR code and, turned by a quarter of a turn to each
// other, twice as Code 128 (ISO/IEC 15417), so that a stain, a fold or lines that a
// fax lost leave one of them.
type Separator struct {
	Code  string // ASCII letters, digits and signs
	Lines []Line // for people, below the codes
}

// Where the codes of a separator stand, in points.
const (
	bigCode   = 190.0 // side of the QR code
	barModule = 1.0   // the thinnest bar: 2.8 pixels at 200 dpi
	barHeight = 62.0
)

// widths are the bars and gaps of each character of Code 128 (ISO/IEC 15417 Table 1).
var widths = strings.Fields(`212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
	122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
	232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331
	231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122
	141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211
	411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
	211214 211232 2331112`)

const (
	startB   = 104
	stopCode = 106
)

var errLetters = errors.New("Code 128 has no such letter")

// code128 returns the widths of bars and gaps of text in code set B, by turns.
func code128(text string) ([]int, error) {
	sum, symbols := startB, []int{startB}
	for i, r := range []byte(text) {
		if r < ' ' || r > '~' {
			return nil, fmt.Errorf("%w: %q", errLetters, r)
		}
		symbols = append(symbols, int(r-' '))
		sum += (i + 1) * int(r-' ')
	}
	var out []int
	for _, s := range append(symbols, sum%103, stopCode) {
		for _, w := range widths[s] {
			out = append(out, int(w-'0'))
		}
	}
	return out, nil
}

// separator draws the codes of a separator on a new page.
func (l *layout) separator(s Separator) error {
	c, err := qr.Encode(s.Code, qr.H)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	bars, err := code128(s.Code)
	if err != nil {
		return err
	}
	long := 0
	for _, w := range bars {
		long += w
	}
	module := min(barModule, (pageWidth-2*marginSide)/float64(long+20))
	l.page.WriteString("0 g\n")
	side := bigCode / float64(c.Size+8)
	x0, y0 := (pageWidth-bigCode)/2, pageHeight-marginTop
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				fmt.Fprintf(&l.page, "%.3f %.3f %.3f %.3f re\n", x0+float64(x+4)*side, y0-float64(y+5)*side, side, side)
			}
		}
	}
	at := (pageWidth - float64(long)*module) / 2
	up := (pageHeight - float64(long)*module) / 2
	for i, w := range bars {
		if i%2 == 0 {
			fmt.Fprintf(&l.page, "%.3f %.3f %.3f %.3f re\n", at, y0-bigCode-barHeight-16, float64(w)*module, barHeight)
			fmt.Fprintf(&l.page, "%.3f %.3f %.3f %.3f re\n", 14.0, up, barHeight*0.6, float64(w)*module)
		}
		at += float64(w) * module
		up += float64(w) * module
	}
	l.page.WriteString("f\n")
	l.y = marginTop + bigCode + barHeight + 48
	l.from = l.y
	return nil
}
