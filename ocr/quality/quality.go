// Package quality takes a quick look at a page while its paper is still there:
// whether it had better be scanned again. It reads nothing, and judges by the
// thresholds in thresholds.json, each with its reason.
package quality

import (
	_ "embed"
	"encoding/json"
	"image"
	"math"

	"sohoa/ocr/prepare"
	"sohoa/scan"
)

// A Code is something about a page that a person should know.
type Code string

// The codes. Those up to Sideways ask for something to be done; Grey and Bilevel
// only tell (TT 05/2025/TT-BNV Điều 8 asks for 24 bits of colour).
const (
	LowDPI     Code = "low-dpi"
	Blur       Code = "blur"
	Cut        Code = "cut"
	Skew       Code = "skew"
	Blank      Code = "blank"
	UpsideDown Code = "upside-down"
	Sideways   Code = "sideways"
	Grey       Code = "grey"
	Bilevel    Code = "bilevel"
)

// Codes lists them.
var Codes = [...]Code{LowDPI, Blur, Cut, Skew, Blank, UpsideDown, Sideways, Grey, Bilevel}

// A Look is what was seen of a page.
type Look struct {
	Page  int     `json:"page"` // from 1
	DPI   float64 `json:"dpi"`  // true, of the coarser side: by the file, else by the letters or the sheet
	Skew  float64 `json:"skew"` // degrees
	Edge  float64 `json:"edge"` // millimetres from a quarter to three quarters of a letter's edge; 0 if too few tell
	Turn  int     `json:"turn"` // clockwise quarter turns that would make it upright, besides what the file asks for
	Codes []Code  `json:"codes,omitempty"`
	Sum   string  `json:"sum"`            // SHA-256 of the stored picture, in hex digits; empty if Told
	Told  bool    `json:"told,omitempty"` // no scan: the page tells its words itself, and nothing was looked at
}

// Has reports whether l has a code.
func (l Look) Has(c Code) bool {
	for _, have := range l.Codes {
		if have == c {
			return true
		}
	}
	return false
}

// A threshold is where a code begins, and why there.
type threshold struct {
	Code   string  `json:"code"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Reason string  `json:"reason"`
}

//go:embed thresholds.json
var thresholdData []byte

var limit = mustLimits(thresholdData)

// mustLimits reads thresholds; they are built in, and read by the first test.
func mustLimits(b []byte) map[string]float64 {
	var all struct{ Thresholds []threshold }
	if err := json.Unmarshal(b, &all); err != nil {
		panic(err)
	}
	by := map[string]float64{}
	for _, t := range all.Thresholds {
		if t.Value <= 0 || t.Unit == "" || t.Reason == "" {
			panic("quality: a threshold without value or reason: " + t.Code)
		}
		by[t.Code] = t.Value
	}
	return by
}

// lookDPI is about the resolution at which all but sharpness is seen.
const lookDPI = 100

// At looks at the picture m of page p, as it is stored.
func At(m image.Image, p scan.Page) Look {
	l := Look{Page: p.Index + 1}
	grey, red := prepare.Ink(m, math.Min(p.DPIX, p.DPIY))
	k := max(1, int(math.Round(math.Min(p.DPIX, p.DPIY)/lookDPI)))
	small := prepare.Reduce(grey, k)
	s := prepare.Ready(small, prepare.Given{X: p.DPIX / float64(k), Y: p.DPIY / float64(k), Sure: p.DPIFrom != scan.Assumed, Turn: p.Turn, DPI: lookDPI, Most: 4 << 20})
	l.DPI = math.Round(math.Min(s.X, s.Y) * float64(k))
	l.Skew, l.Turn = s.Skew, (s.Turn-p.Turn)&3
	blank := s.Blank && red < leastRed
	l.add(Blank, blank)
	l.add(LowDPI, l.DPI <= limit["low-dpi"])
	if !blank {
		t := tonesOf(small)
		l.Edge = edge(grey, t, l.DPI)
		l.add(Blur, l.Edge >= limit["blur"])
		l.add(Cut, !s.Photo && cutLines(small, t, l.DPI/float64(k)) >= int(limit["cut"]))
		l.add(Skew, !s.Photo && math.Abs(l.Skew) >= limit["skew"])
		l.add(UpsideDown, s.Sure && l.Turn == 2)
		l.add(Sideways, s.Sure && l.Turn%2 == 1)
	}
	l.add(Bilevel, p.Bits == 1)
	l.add(Grey, p.Bits != 1 && (p.Components == 1 || IsGrey(m)))
	return l
}

func (l *Look) add(c Code, is bool) {
	if is {
		l.Codes = append(l.Codes, c)
	}
}

// leastRed is how many square millimetres of red ink make a stamp, as in reading.
const leastRed = 4

// IsGrey reports whether m has no colour to speak of: less than one sample in a
// thousand, so that a stamp counts.
func IsGrey(m image.Image) bool {
	y, ok := m.(*image.YCbCr)
	if !ok {
		_, grey := m.(*image.Gray)
		return grey
	}
	coloured := 0
	for i := 0; i < len(y.Cb); i += 7 {
		if d := int(y.Cb[i]) - 128; d > 10 || d < -10 {
			coloured++
		} else if d := int(y.Cr[i]) - 128; d > 10 || d < -10 {
			coloured++
		}
	}
	return 1000*7*coloured < len(y.Cb)
}
