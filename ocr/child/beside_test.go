package child

import (
	"bytes"
	"fmt"
	"testing"

	"sohoa/ocr/layout"
	"sohoa/scan"
	"sohoa/scan/room"
	"sohoa/specimen"
)

// page300 is a page of an ordinary paper as a scanner sends it at 300 dpi.
func page300(tb testing.TB, kind specimen.Kind, seed uint64, dpi float64) scan.Page {
	tb.Helper()
	press, err := specimen.NewPress()
	if err != nil {
		tb.Fatal(err)
	}
	f, err := press.Paper(kind, seed, specimen.About{Pages: 2}).File(specimen.TIFFJPEG, dpi, specimen.Office(seed), seed)
	if err != nil {
		tb.Fatal(err)
	}
	opened, err := scan.OpenToRead(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	page, err := opened.Page(0)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// BenchmarkBeside is what reading a page takes besides the engine, by part, in
// milliseconds of the processor a page.
func BenchmarkBeside(b *testing.B) {
	settle()
	for _, dpi := range []float64{200, 300} {
		var pages []scan.Page
		for i, kind := range []specimen.Kind{specimen.Minutes, specimen.Decision, specimen.Contract, specimen.Report} {
			pages = append(pages, page300(b, kind, uint64(i+1), dpi))
		}
		b.Run(fmt.Sprintf("%g", dpi), func(b *testing.B) {
			l := lap{at: processorTime()}
			r := reader{}
			for i := range b.N {
				p := pages[i%len(pages)]
				m, err := r.pictureOf(p)
				if err != nil {
					b.Fatal(err)
				}
				l.to(&l.spent.Pixels)
				s, err := m.makeReady()
				if err != nil {
					b.Fatal(err)
				}
				l.to(&l.spent.Ready)
				plan := layout.Analyse(s.Image, s.DPI)
				l.to(&l.spent.Layout)
				if _, err := codesOn(s.Image); err != nil {
					b.Fatal(err)
				}
				l.to(&l.spent.Codes)
				if _, _, err := m.print(s); err != nil {
					b.Fatal(err)
				}
				l.to(&l.spent.Proving)
				room.Back(plan.Clean.Pix)
				s.Done()
				m.done()
			}
			n := float64(b.N) * 1e6
			b.ReportMetric(float64(l.spent.Pixels)/n, "pixels-ms")
			b.ReportMetric(float64(l.spent.Ready)/n, "ready-ms")
			b.ReportMetric(float64(l.spent.Layout)/n, "layout-ms")
			b.ReportMetric(float64(l.spent.Codes)/n, "codes-ms")
			b.ReportMetric(float64(l.spent.Proving)/n, "proving-ms")
			b.ReportMetric(float64(l.spent.Sum())/n, "all-ms")
		})
	}
}
