package inspect

import (
	"math"

	"sohoa/scan"
)

// resolution is that of a scan of w × h pixels that its page shows at x × y dots
// per inch. The page is the truth also where a scanner's claim would not be
// believed: a scan that it stretches is seen stretched, and a coarse picture on
// a page of a usual size is a coarse picture. Only of pages whose maker took a
// pixel for a point, or that no paper is large enough for, the paper is guessed.
func resolution(w, h int, x, y float64) (dpiX, dpiY float64, from scan.DPISource) {
	const (
		least, most = 1, 1e5   // that a page of ours can have
		largest     = 34       // inches: A1
		stretched   = 0.02     // more than any rounding
		screenful   = 1 + 1e-9 // around 72 and 96
	)
	dpiX, dpiY, from = scan.Resolution(w, h, x, y)
	if from == scan.FromFile || !(min(x, y) >= least && max(x, y) <= most) {
		return dpiX, dpiY, from
	}
	onScreen := math.Abs(x-72) < screenful || math.Abs(x-96) < screenful
	fits := max(float64(w)/x, float64(h)/y) <= largest
	if math.Abs(x-y) > stretched*max(x, y) || fits && !onScreen {
		return x, y, scan.FromFile
	}
	return dpiX, dpiY, from
}
