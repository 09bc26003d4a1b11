package specimen

import (
	"strings"

	"rsc.io/qr"
)

// A Code is a machine-readable mark on a paper.
type Code struct {
	Kind string `json:"kind"` // qr or code128
	Text string `json:"text"`
	Page int    `json:"page"` // from 0
}

// A placedCode is a code's dark modules and where its top left corner is, in
// points. A bar code is one row.
type placedCode struct {
	rows          []string // 1 is dark
	x, y          float64
	width, height float64 // of a module
}

// code draws a mark.
func (c *canvas) code(p placedCode) {
	for j, row := range p.rows {
		y0, y1 := p.y+float64(j)*p.height, p.y+float64(j+1)*p.height
		for i := 0; i < len(row); {
			n := len(row[i:]) - len(strings.TrimLeft(row[i:], row[i:i+1]))
			if row[i] == '1' {
				x0, x1 := p.x+float64(i)*p.width, p.x+float64(i+n)*p.width
				c.fill([]segment{{'M', [3][2]float64{{x0, y0}}}, {'L', [3][2]float64{{x1, y0}}},
					{'L', [3][2]float64{{x1, y1}}}, {'L', [3][2]float64{{x0, y1}}}})
			}
			i += n
		}
	}
}

// qrRows returns a QR code's modules (ISO/IEC 18004, level M), nil if the text
// is too long for one.
func qrRows(text string) []string {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	rows := make([]string, code.Size)
	for y := range rows {
		var b strings.Builder
		for x := range code.Size {
			if code.Black(x, y) {
				b.WriteByte('1')
			} else {
				b.WriteByte('0')
			}
		}
		rows[y] = b.String()
	}
	return rows
}

// code128 returns the bars of Code 128, set B (ISO/IEC 15417), of printable
// ASCII.
func code128(text string) string {
	// widths of bars and spaces of the values 0 to 106
	const widths = "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
	const startB, stop = 104, "1100011101011"
	var b strings.Builder
	put := func(value int) {
		dark := true
		for _, w := range widths[6*value : 6*value+6] {
			b.WriteString(strings.Repeat(map[bool]string{true: "1", false: "0"}[dark], int(w-'0')))
			dark = !dark
		}
	}
	put(startB)
	sum := startB
	for i := range len(text) {
		value := int(text[i]) - 32
		put(value)
		sum += (i + 1) * value
	}
	put(sum % 103)
	return b.String() + stop
}
