package scan

import "math"

// The resolutions a file may claim and be believed, in dots per inch.
const (
	minDPI = 50
	maxDPI = 2400
)

// maxInches is the longer side of a page of A1; a page that comes out larger
// was not scanned at the resolution its file claims.
const maxInches = 34

// assumedDPI is the least that scans of the public administration must have.
// Circular 02/2019/TT-BNV art. 7 and its successors ask for 200 dpi or more.
const assumedDPI = 200

// papers are the sheets a scan is likely to show, in millimetres, upright.
var papers = [...][2]float64{{210, 297}, {297, 420}, {148, 210}, {215.9, 279.4}}

// usualDPI are the resolutions scanners offer.
var usualDPI = [...]float64{150, 200, 240, 300, 400, 600}

// Resolution returns the true resolution of a picture of w × h pixels whose
// file claims x × y dots per inch (0 if it claims none). A claim of 72 or 96
// is what programs write who do not know: it counts only if a standard paper
// comes out. Failing that, a picture that fits a standard paper at a usual
// resolution within 2 % has that one; any other is assumed to have 200 dpi.
func Resolution(w, h int, x, y float64) (dpiX, dpiY float64, from DPISource) {
	if believable(w, h, x, y) {
		return tidy(x), tidy(y), FromFile
	}
	best, dpi := 0.02, 0.0
	for _, d := range usualDPI {
		if off := misfit(w, h, d, d); off <= best {
			best, dpi = off, d
		}
	}
	if dpi > 0 {
		return dpi, dpi, FromSize
	}
	return assumedDPI, assumedDPI, Assumed
}

func believable(w, h int, x, y float64) bool {
	sane := func(d float64) bool { return d >= minDPI && d <= maxDPI } // false for NaN
	if !sane(x) || !sane(y) || x > 3*y || y > 3*x {
		return false
	}
	if float64(w)/x > maxInches || float64(h)/y > maxInches {
		return false
	}
	screen := func(d float64) bool { return math.Abs(d-72) < 1 || math.Abs(d-96) < 1 }
	return !(screen(x) && screen(y)) || misfit(w, h, x, y) <= 0.02
}

// misfit returns by how much, relatively, the picture misses the paper it
// fits best.
func misfit(w, h int, x, y float64) float64 {
	least := math.Inf(1)
	for _, p := range papers {
		for range 2 {
			off := max(math.Abs(float64(w)/(p[0]/25.4*x)-1), math.Abs(float64(h)/(p[1]/25.4*y)-1))
			least = min(least, off)
			p[0], p[1] = p[1], p[0]
		}
	}
	return least
}

// tidy undoes the rounding of whole dots per metre: 299.9994 is 300.
func tidy(d float64) float64 {
	if r := math.Round(d); math.Abs(d-r) < 0.02 {
		return r
	}
	return d
}
