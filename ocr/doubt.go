package ocr

// The bounds below which a page is to be looked at by a person. Printed pages
// come out at a mean confidence of 89 to 96, ones that are hardly legible under
// 80; a word under 60 is wrong about every other time.
const (
	PoorPage = 80 // mean confidence of the words of a page
	PoorWord = 60 // confidence of a word

	manyPoor  = 0.1 // share of poor words from which a page is doubtful
	coarseDPI = 150 // dots per inch: small print is lost below it
)

// Why a page is doubtful, as [Doubt.Why] has it.
const (
	DoubtUnread = "unread" // there is something on the page, and not a word was read
	DoubtPoor   = "poor"   // poor on the whole, or many poor words
	DoubtCoarse = "coarse" // scanned at a low resolution, and read the worse for it
)

// A Doubt says that a page is to be looked at by a person.
type Doubt struct {
	Page       int      `json:"page"`       // from 1
	Confidence float64  `json:"confidence"` // mean over the words, 0 to 100
	Words      int      `json:"words"`
	Poor       int      `json:"poor"` // words under PoorWord
	Why        []string `json:"why"`
}

// Doubt returns why p is to be looked at, if it is. A blank page is not.
func (p Page) Doubt() (d Doubt, ok bool) {
	d = Doubt{Page: p.Index + 1, Confidence: p.Confidence}
	for _, l := range p.Lines {
		d.Words += len(l.Words)
		for _, w := range l.Words {
			if w.Confidence < PoorWord {
				d.Poor++
			}
		}
	}
	switch {
	case p.Blank || d.Words == 0 && len(p.Codes) > 0:
		return d, false
	case d.Words == 0:
		d.Why = append(d.Why, DoubtUnread)
	case p.Confidence < PoorPage || float64(d.Poor) > manyPoor*float64(d.Words):
		d.Why = append(d.Why, DoubtPoor)
	}
	if len(d.Why) > 0 && min(p.DPIX, p.DPIY) < coarseDPI {
		d.Why = append(d.Why, DoubtCoarse)
	}
	return d, len(d.Why) > 0
}
