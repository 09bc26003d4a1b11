package inspect

import (
	"testing"

	"sohoa/scan"
)

func TestThePageTellsTheResolution(t *testing.T) {
	for _, c := range []struct {
		w, h         int
		x, y         float64
		wantX, wantY float64
		from         scan.DPISource
	}{
		{1654, 2339, 200, 200, 200, 200, scan.FromFile},
		{200, 400, 48, 72, 48, 72, scan.FromFile},        // stretched: it is seen so
		{330, 470, 40, 40, 40, 40, scan.FromFile},        // coarse, on A4
		{1654, 2339, 72, 72, 200, 200, scan.FromSize},    // a pixel for a point
		{4000, 5000, 40, 40, 200, 200, scan.Assumed},     // on more than A1
		{300, 400, 0.5, 0.5, 200, 200, scan.Assumed},     // no page can say so
		{3000, 300, 9000, 900, 9000, 900, scan.FromFile}, // stretched tenfold
	} {
		if x, y, from := resolution(c.w, c.h, c.x, c.y); x != c.wantX || y != c.wantY || from != c.from {
			t.Errorf("%d × %d at %g × %g: %g × %g, %s", c.w, c.h, c.x, c.y, x, y, from)
		}
	}
}
