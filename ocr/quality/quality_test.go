package quality

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/scan"
	"sohoa/specimen"
)

// taken is what a scanner makes of m: JPEG, as most send it.
func taken(t testing.TB, m image.Image, dpi float64, bits int) (image.Image, scan.Page) {
	t.Helper()
	p := scan.Page{Encoding: scan.JPEG, Width: m.Bounds().Dx(), Height: m.Bounds().Dy(), Components: 3, Bits: bits, DPIX: dpi, DPIY: dpi, DPIFrom: scan.FromFile}
	if g, ok := m.(*image.Gray); ok {
		p.Components = 1
		return g, p
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return back, p
}

type trial struct {
	name string
	dpi  float64
	wear func(seed uint64) specimen.Wear
	then func(m image.Image, seed uint64) image.Image
	want Code // empty: nothing is to be done
}

func worn(change func(w *specimen.Wear, seed uint64)) func(uint64) specimen.Wear {
	return func(seed uint64) specimen.Wear {
		w := specimen.Office(seed)
		w.Skew = min(max(w.Skew, -1.2), 1.2)
		change(&w, seed)
		return w
	}
}

func named(name string) func(uint64) specimen.Wear {
	for _, c := range specimen.Conditions() {
		if c.Name == name {
			return c.Wear
		}
	}
	panic(name)
}

// cropped leaves a side of the page out, so that text runs over the edge.
func cropped(m image.Image, seed uint64) image.Image {
	b := m.Bounds()
	mm := float64(b.Dx()) / 210
	r := b
	switch seed % 3 {
	case 0:
		r.Min.X += int(45 * mm)
	case 1:
		r.Max.X -= int(50 * mm)
	default:
		r.Min.X += int(60 * mm)
	}
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, m, r.Min, draw.Src)
	return out
}

func trials() []trial {
	same := func(*specimen.Wear, uint64) {}
	return []trial{
		{"clean", 200, func(uint64) specimen.Wear { return specimen.Clean() }, nil, ""},
		{"office", 200, worn(same), nil, ""},
		{"office at 300", 300, worn(same), nil, ""},
		{"old paper", 200, worn(func(w *specimen.Wear, s uint64) { k := w.Skew; *w = specimen.Old(s); w.Skew = k }), nil, ""},
		{"noise", 200, worn(func(w *specimen.Wear, _ uint64) { w.Noise = 14 }), nil, ""},
		{"border and holes", 200, worn(func(w *specimen.Wear, _ uint64) { w.Border, w.Holes = 22, 2 }), nil, ""},
		{"folds", 200, worn(func(w *specimen.Wear, _ uint64) { w.Folds = 3 }), nil, ""},
		{"copier", 200, worn(func(w *specimen.Wear, s uint64) { k := w.Skew; *w = specimen.BlackWhite(s); w.Skew = k }), nil, Bilevel},
		{"grey", 200, worn(func(w *specimen.Wear, _ uint64) { w.Grey = true }), nil, Grey},
		{"blurred", 200, worn(func(w *specimen.Wear, s uint64) { w.Blur = 0.75 + 0.1*float64(s%4) }), nil, Blur},
		{"blurred at 300", 300, worn(func(w *specimen.Wear, s uint64) { w.Blur = 0.75 + 0.1*float64(s%4) }), nil, Blur},
		{"skewed", 200, worn(func(w *specimen.Wear, s uint64) { w.Skew = 2.6 + 0.7*float64(s%5) }), nil, Skew},
		{"skewed the other way", 200, worn(func(w *specimen.Wear, s uint64) { w.Skew = -2.6 - 0.7*float64(s%5) }), nil, Skew},
		{"upside down", 200, worn(func(w *specimen.Wear, _ uint64) { w.Turn = 2 }), nil, UpsideDown},
		{"on its side", 200, worn(func(w *specimen.Wear, s uint64) { w.Turn = 1 + 2*int(s%2) }), nil, Sideways},
		{"150 dpi", 150, worn(same), nil, LowDPI},
		{"100 dpi", 100, worn(same), nil, LowDPI},
		{"cut", 200, worn(func(w *specimen.Wear, _ uint64) { w.Skew /= 3 }), cropped, Cut},
		{"blank", 200, worn(same), func(m image.Image, seed uint64) image.Image { return paperOf(m) }, Blank},
	}
}

// paperOf is the paper of a scan without what is on it: its left margin, again and
// again.
func paperOf(m image.Image) image.Image {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	strip := b.Dx() / 16
	for x := 0; x < b.Dx(); x += strip {
		draw.Draw(out, image.Rect(x, 0, x+strip, b.Dy()), m, image.Pt(strip/2, 0), draw.Src)
	}
	return out
}

func todo(l Look) (codes []Code) {
	for _, c := range l.Codes {
		if c != Grey && c != Bilevel {
			codes = append(codes, c)
		}
	}
	return codes
}

// Every condition is found on its pages, and nothing on the clean ones.
func TestEveryVerdictOnItsCondition(t *testing.T) {
	seeds := *manySeeds
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	kinds := specimen.Kinds()
	for i, tr := range trials() {
		if !strings.HasPrefix(tr.name, *onlyTrial) {
			continue
		}
		found, extra := 0, 0
		var edges []float64
		for n := range seeds {
			seed := *firstSeed + uint64(100*i+n)
			m := press.Paper(kinds[(3*i+5*n)%len(kinds)], seed, specimen.About{}).Only(0).Render(0, tr.dpi, tr.wear(seed), seed)
			if tr.then != nil {
				m = tr.then(m, seed)
			}
			bits := 8
			if tr.want == Bilevel {
				bits = 1
			}
			back, page := taken(t, m, tr.dpi, bits)
			l := At(back, page)
			edges = append(edges, l.Edge)
			if tr.want == "" || l.Has(tr.want) {
				found++
			} else {
				t.Errorf("%s, seed %d: not found: %+v", tr.name, seed, l)
			}
			for _, c := range todo(l) {
				if c != tr.want {
					extra++
					t.Errorf("%s, seed %d: %s besides: %+v", tr.name, seed, c, l)
				}
			}
		}
		slices.Sort(edges)
		t.Logf("%-22s %3d of %3d, %d others; edges %.3f to %.3f", tr.name, found, seeds, extra, edges[0], edges[len(edges)-1])
	}
}

func TestThresholdsHaveReasons(t *testing.T) {
	for _, bad := range []string{`{"thresholds":[{"code":"x","value":0,"unit":"u","reason":"r"}]}`, `{"thresholds":[{"code":"x","value":1,"unit":"u"}]}`, `{`} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", bad)
				}
			}()
			mustLimits([]byte(bad))
		}()
	}
	for _, code := range []string{"low-dpi", "blur", "skew", "cut", "few-edges"} {
		if limit[code] == 0 {
			t.Errorf("no threshold for %s", code)
		}
	}
}

// BenchmarkAt is what a look costs of a page at 200 dpi; see decision 41.
func BenchmarkAt(b *testing.B) {
	press, err := specimen.NewPress()
	if err != nil {
		b.Fatal(err)
	}
	m, page := taken(b, press.Paper(specimen.Decision, 5, specimen.About{}).Only(0).Render(0, 200, specimen.Office(5), 5), 200, 8)
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		At(m, page)
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/page")
}
