package child

import (
	"bytes"
	"context"
	"math/bits"
	"testing"
	"time"

	"sohoa/ocr/sides"
	"sohoa/scan"
	"sohoa/specimen"
)

// What the reader says a page looks like can be compared with what a look at a side of
// a batch says of the same sheet, scanned another time, finer, or upside down: an
// ordinary scan within five bits, which is what is looked for. Another paper is far
// from both. The very picture has the very sum.
func TestPrintOfReaderAndOfLook(t *testing.T) {
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	over := specimen.Office(50)
	over.Turn = 2
	kinds := []specimen.Kind{specimen.Certificate, specimen.Decision, specimen.Contract}
	var prints []uint64
	for k, kind := range kinds {
		s := press.Paper(kind, 11, specimen.About{}).Only(0)
		for _, again := range []struct {
			dpi  float64
			wear specimen.Wear
		}{{200, specimen.Office(uint64(20 + k))}, {300, specimen.Office(uint64(40 + k))}, {200, over}} {
			read, err := sharedPool(t).Read(context.Background(), scannedAs(t, s, 200, specimen.Office(uint64(30+k)), uint64(30+k)))
			if err != nil {
				t.Fatal(err)
			}
			seen := lookedAt(t, scannedAs(t, s, again.dpi, again.wear, uint64(60+k)))
			if d := bits.OnesCount64(read.Print ^ seen.Print); read.Print == 0 || d > 5 || read.Picture == seen.Sum {
				t.Errorf("%s, read, and looked at with %+v at %.0f dpi: %d bits differ", kind, again.wear, again.dpi, d)
			}
			prints = append(prints, read.Print)
		}
		p := scannedAs(t, s, 200, specimen.Office(uint64(30+k)), uint64(30+k))
		read, err := sharedPool(t).Read(context.Background(), p)
		if seen := lookedAt(t, p); err != nil || read.Picture == "" || read.Picture != seen.Sum || bits.OnesCount64(read.Print^seen.Print) > 2 {
			t.Errorf("%s, the very picture: %016x and %016x, %s and %s, %v", kind, read.Print, seen.Print, read.Picture, seen.Sum, err)
		}
	}
	seen := scannedAs(t, press.Paper(kinds[0], 11, specimen.About{}).Only(0), 200, specimen.Office(30), 30)
	seen.Seen = true
	if read, err := sharedPool(t).Read(context.Background(), seen); err != nil || read.Print != 0 || read.Picture == "" {
		t.Errorf("a page that was seen before: %016x, %s, %v", read.Print, read.Picture, err)
	}
	for i := 3; i < len(prints); i += 3 {
		if d := bits.OnesCount64(prints[i] ^ prints[i-3]); d < 12 {
			t.Errorf("two papers differ in %d bits", d)
		}
	}
}

func scannedAs(t *testing.T, s *specimen.Sheet, dpi float64, w specimen.Wear, seed uint64) scan.Page {
	t.Helper()
	f, err := s.File(specimen.JPEG, dpi, w, seed)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := scan.Open(bytes.NewReader(f.Bytes), int64(len(f.Bytes)), scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := opened.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lookedAt(t *testing.T, p scan.Page) (l sides.Look) {
	t.Helper()
	err := sides.Looks(context.Background(), func(yield func(scan.Page, error) bool) { yield(p, nil) }, func(seen sides.Look) error { l = seen; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// BenchmarkPrint says which share of the processor time of reading a page it takes to say
// what the page looks like.
func BenchmarkPrint(b *testing.B) {
	press, err := specimen.NewPress()
	if err != nil {
		b.Fatal(err)
	}
	data, err := findData("", "vie")
	if err != nil {
		b.Fatal(err)
	}
	e, err := newEngine(data)
	if err != nil {
		b.Fatal(err)
	}
	defer e.close()
	r := reader{engine: e}
	var pages []scan.Page
	for k, kind := range []specimen.Kind{specimen.Certificate, specimen.Decision, specimen.Contract} {
		f, err := press.Paper(kind, 11, specimen.About{}).Only(0).File(specimen.JPEG, 300, specimen.Office(uint64(70+k)), uint64(70+k))
		if err != nil {
			b.Fatal(err)
		}
		p, err := scan.JPEGPage(f.Bytes, scan.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		p.DPIX, p.DPIY, p.DPIFrom = 300, 300, scan.FromFile
		pages = append(pages, p)
	}
	var all, own time.Duration
	for b.Loop() {
		for _, p := range pages {
			began := processorTime()
			if _, err := r.read(p); err != nil {
				b.Fatal(err)
			}
			all += processorTime() - began
			m, err := r.pictureOf(p)
			if err != nil {
				b.Fatal(err)
			}
			s, err := m.makeReady()
			if err != nil {
				b.Fatal(err)
			}
			began = processorTime()
			if _, _, err := m.print(s); err != nil {
				b.Fatal(err)
			}
			own += processorTime() - began
		}
	}
	b.ReportMetric(100*float64(own)/float64(all), "%/reading")
}
