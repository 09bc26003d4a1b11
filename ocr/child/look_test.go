package child

import (
	"bytes"
	"testing"

	"sohoa/scan"
	"sohoa/specimen"
)

// A page that went by strip by strip comes out as the one that was decoded as a whole: also
// where its file lies about its resolution, so that its light is asked for in another size.
func TestPassedAsDecoded(t *testing.T) {
	r := &reader{}
	for _, dpi := range []float64{300, 600, 150} { // as the file says; the page has 300
		page := page300(t, specimen.Contract, 7, 300)
		page.DPIX, page.DPIY, page.Seen = dpi, dpi, false
		p, err := r.pictureOf(page)
		if err != nil || p.passed == nil {
			t.Fatalf("%.0f dpi: it did not pass: %v", dpi, err)
		}
		whole := &picture{page: page, given: r.given(page)}
		if err := whole.decode(); err != nil {
			t.Fatal(err)
		}
		got, err := p.makeReady()
		if err != nil {
			t.Fatal(err)
		}
		want, err := whole.makeReady()
		if err != nil || !bytes.Equal(got.Image.Pix, want.Image.Pix) || got.Stored != want.Stored || got.X != want.X {
			t.Errorf("%.0f dpi: made ready otherwise, %v", dpi, err)
		}
		sum, print, err := p.print(got)
		wantSum, wantPrint, wrong := whole.print(want)
		if err != nil || wrong != nil || sum != wantSum || print != wantPrint || print == 0 {
			t.Errorf("%.0f dpi: a print of %016x, not %016x; %v, %v", dpi, print, wantPrint, err, wrong)
		}
		if again := p.m != nil; again != (dpi < 300) {
			t.Errorf("%.0f dpi: decoded once more: %v", dpi, again)
		}
		got.Done()
		p.done()
	}
	page := page300(t, specimen.Contract, 7, 300)
	for _, other := range []func(*scan.Page){
		func(p *scan.Page) { p.DPIFrom = scan.Assumed },
		func(p *scan.Page) { p.DPIX, p.DPIY = 75, 75 },
		func(p *scan.Page) { p.Data = p.Data[:len(p.Data)-1000] },
	} {
		odd := page
		other(&odd)
		if p, _ := r.pictureOf(odd); p.passed != nil {
			t.Errorf("a page passes that should be seen as a whole: %.0f dpi, %d bytes", odd.DPIX, len(odd.Data))
		}
	}
}
