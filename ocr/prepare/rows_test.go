package prepare

import (
	"bytes"
	"image"
	"math/rand/v2"
	"slices"
	"testing"
)

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// The loops in C do what their definitions say, whatever the width, and write nothing
// beside their rows.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for n := 1; n < 150; n++ {
		m := image.NewYCbCr(image.Rect(0, 0, n, 1+r.IntN(9)), []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422}[n&1])
		copy(m.Y, random(r, len(m.Y)))
		copy(m.Cr, random(r, len(m.Cr)))
		g := Grey(m)
		for y := range m.Rect.Dy() {
			for x := range n {
				want := min(max(int(m.Y[m.YOffset(x, y)])+(91881*(int(m.Cr[m.COffset(x, y)])-128)+1<<15)>>16, 0), 255)
				if int(g.GrayAt(x, y).Y) != want {
					t.Fatalf("red of %d by %d at %d, %d: %d, not %d", n, m.Rect.Dy(), x, y, g.GrayAt(x, y).Y, want)
				}
			}
		}

		side, across := 1+r.IntN(20), []int{1, 2, 4}[r.IntN(3)]
		tall := 1 + r.IntN(9)*r.IntN(90)
		cr := random(r, (n+3)*tall)
		if n%10 == 0 { // all is red, in more rows than a byte counts
			tall = 300
			cr = bytes.Repeat([]byte{200}, (n+3)*tall)
		}
		cells, want := make([]int32, n*across/side+1), make([]int32, n*across/side+1)
		countReds(cells, cr, n+3, n, tall, side, across, 156, 3)
		for i, v := range cr {
			if x := i % (n + 3); x < n && v > 156 {
				want[x*across/side] += 3
			}
		}
		if !slices.Equal(cells, want) {
			t.Fatalf("%d reds in cells of %d, %d across: %v, not %v", n, side, across, cells, want)
		}

		sums, plain := make([]uint16, n), make([]uint16, n)
		rows := random(r, 7*(n+5))
		addRows(sums, rows, n+5, 7)
		for i := range 7 {
			for x := range n {
				plain[x] += uint16(rows[i*(n+5)+x])
			}
		}
		if !slices.Equal(sums, plain) {
			t.Fatalf("sums of %d: %v, not %v", n, sums, plain)
		}

		checkLine(t, r, n)
		checkEven(t, r, n)
	}
}

func checkLine(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	g := image.NewGray(image.Rect(0, 0, 2*n+40, 60))
	copy(g.Pix, random(r, len(g.Pix)))
	dx, dy := int64(r.IntN(2*one)), int64(r.IntN(20000)-10000)
	sx, sy := int64(r.IntN(3*one)), int64(r.IntN(50*one))
	if n%3 == 0 {
		sx, dx = sx+dx*int64(n), -dx
	}
	dy = min(max(dy, -sy/int64(n)), (58*one-sy)/int64(n))
	got := bytes.Repeat([]byte{7}, n+1)
	alongLine(got[:n], g, sx, dx, sy, dy)
	for i := range n {
		at := g.Pix[int(sy>>16)*g.Stride+int(sx>>16):]
		if want := between(at, g.Stride, uint32(sx>>8)&255, uint32(sy>>8)&255); got[i] != want {
			t.Fatalf("%d samples by %d, %d: %d at %d, not %d", n, dx, dy, got[i], i, want)
		}
		sx, sy = sx+dx, sy+dy
	}
	if got[n] != 7 {
		t.Fatalf("%d samples: one more is written", n)
	}
}

// checkEven holds a page against the grey of its paper, found for each pixel alone.
func checkEven(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	side := 16 + r.IntN(40)
	g := image.NewGray(image.Rect(0, 0, n, 1+r.IntN(3*side)))
	g.Stride += r.IntN(3)
	g.Pix = random(r, g.Stride*g.Rect.Dy())
	paper := tiles{w: (n + side - 1) / side, h: (g.Rect.Dy() + side - 1) / side}
	paper.grey = random(r, paper.w*paper.h)
	if n%3 == 0 { // most paper is nearly as light all over
		for i := range paper.grey {
			paper.grey[i] = 240 + paper.grey[i]%3
		}
	}
	var white [256]uint32
	for i := range white {
		white[i] = uint32(65536*255/max(i, 1)) + 1
	}
	before := bytes.Clone(g.Pix)
	evenOut(g, paper, side, &white)
	// from the middle of one tile to the middle of the next
	among := func(at, n int) (a, b int, part int32) {
		low := (at + side/2) / side
		return max(low-1, 0), min(low, n-1), int32((at + side/2) % side)
	}
	for i, v := range before {
		x, y := i%g.Stride, i/g.Stride
		want := v
		if x < n {
			x0, x1, fx := among(x, paper.w)
			y0, y1, fy := among(y, paper.h)
			down := func(x int) int32 {
				a, b := int32(paper.grey[y0*paper.w+x]), int32(paper.grey[y1*paper.w+x])
				return a<<16 + (b-a)*(fy*65536/int32(side))
			}
			p := down(x0) + (down(x1)-down(x0))/int32(side)*fx
			want = byte(min(uint32(v)*white[p>>16]>>16, 255))
		}
		if g.Pix[i] != want {
			t.Fatalf("%d by %d, tiles of %d: %d is %d at %d, %d, not %d", n, g.Rect.Dy(), side, v, g.Pix[i], x, y, want)
		}
	}
}

// So do those that count, on rows of paper with some ink.
func TestCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for n := 1; n < 200; n++ {
		row := random(r, n)
		for x := range row {
			if r.IntN(9) > 0 && (n%3 > 0 || r.IntN(4) > 0) {
				row[x] = byte(215 + r.IntN(41)*min(1, r.IntN(3)))
			} else if n%3 == 0 {
				row[x] = byte(110 + r.IntN(20))
			}
		}
		var strokes, wantStrokes [256]int32
		var ghosts, wantGhosts int32
		strokesOf(row, &strokes, &ghosts)
		for x := 2; x+2 < n; x++ {
			v := int(row[x])
			left, right := int(row[x-2])-v, int(row[x+2])-v
			if v > 225 {
				continue
			}
			if max(left, right) >= 90 && row[x] <= min(row[x-1], row[x+1]) {
				wantStrokes[v]++
			}
			if v >= 120 && max(left, right) < 25 && min(left, right) > -25 {
				wantGhosts++
			}
		}
		if strokes != wantStrokes || ghosts != wantGhosts {
			t.Fatalf("strokes of %v: %v %d, not %v %d", row, strokes, ghosts, wantStrokes, wantGhosts)
		}

		side := 8 + r.IntN(20)
		tiles, wantTiles := make([][16]int32, n/side+1), make([][16]int32, n/side+1)
		var inked, pale, wantInked, wantPale int32
		inksOf(row, side, tiles, &inked, &pale)
		for x := 3; x+3 < n; x++ {
			v := int(row[x])
			if v > 225 || row[x] > min(row[x-1], row[x+1]) || int(min(row[x-3], row[x+3]))-v < leastStroke {
				continue
			}
			wantTiles[x/side][v>>4]++
			wantInked++
			if v > goodInk+10 {
				wantPale++
			}
		}
		if !slices.Equal(tiles, wantTiles) || inked != wantInked || pale != wantPale {
			t.Fatalf("inks of %v: %v %d %d, not %v %d %d", row, tiles, inked, pale, wantTiles, wantInked, wantPale)
		}

		m := noisy(n, 1+r.IntN(40), r)
		var greys, wantGreys [256]uint32
		step, of := 1+r.IntN(3), image.Rect(n/3, m.Rect.Dy()/3, n-n/5, m.Rect.Dy())
		countGreys(&greys, m, of, step)
		for y := of.Min.Y; y < of.Max.Y; y += step {
			for x := of.Min.X; x < of.Max.X; x += step {
				wantGreys[m.GrayAt(x, y).Y]++
			}
		}
		if greys != wantGreys {
			t.Fatalf("greys of %v, one in %d: %v, not %v", of, step, greys, wantGreys)
		}

		least, lighter := uint8(1+r.IntN(255)), 0
		for i, v := range m.Pix {
			if x := i % m.Stride; v >= least && x < n && i/m.Stride%step == 0 {
				lighter++
			}
		}
		if got := lighterOf(m.Pix, step*m.Stride, n, (m.Rect.Dy()+step-1)/step, least); got != lighter {
			t.Fatalf("%d pixels of %v are no darker than %d, not %d", got, m.Rect, least, lighter)
		}

		some := make([]byte, of.Dx()*of.Dy())
		quarter, of2 := uint8(0), (of.Dx()+1)/2*((of.Dy()+1)/2)
		for v, seen := 255, 0; v > 0 && quarter == 0; v-- {
			for y := of.Min.Y; y < of.Max.Y; y += 2 {
				for x := of.Min.X; x < of.Max.X; x += 2 {
					if int(m.GrayAt(x, y).Y) == v {
						seen++
					}
				}
			}
			if seen*4 > of2 {
				quarter = uint8(v)
			}
		}
		if !of.Empty() {
			if got := quartileOf(some, m, of); got != quarter {
				t.Fatalf("the quartile of %v is %d, not %d", of, got, quarter)
			}
		}

		k := 3 + r.IntN(9)
		thin := Reduce(m, k)
		for y := range m.Rect.Dy() / k {
			for x := range n / k {
				sum := 0
				for i := range k * k {
					sum += int(m.GrayAt(x*k+i%k, y*k+i/k).Y)
				}
				if got := int(thin.GrayAt(x, y).Y); got*k*k-sum > k*k/2+1 || sum-got*k*k > k*k/2+1 || k < 5 && got != (sum+k*k/2)/(k*k) {
					t.Fatalf("the mean of %d by %d at %d, %d is %d of a sum of %d", k, k, x, y, got, sum)
				}
			}
		}
	}
}

// The contrast of sheared points is what it is by its definition, of a ruling of the darkest
// ink too, and however wide the page is.
func TestShears(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, p := range []points{{size: 1, reach: 2}, {size: 8, reach: 40}, {size: 877, reach: 619}, {size: 620, reach: 1301}, {size: 3, reach: 5000}, {size: 1200, reach: 3700}} {
		taken := map[[2]int]bool{}
		for x := range p.reach + 1 {
			taken[[2]int{x - p.reach/2, 0}] = true
			p.xs, p.ys, p.ink = append(p.xs, int32(x-p.reach/2)), append(p.ys, 0), append(p.ink, 255)
		}
		for range 3 * (p.reach%1000 + 300) {
			x, y := r.IntN(p.reach+1)-p.reach/2, r.IntN(p.size)-p.size/2
			if r.IntN(3) == 0 {
				y = (r.IntN(p.size/9+1)*9)%p.size - p.size/2 // lines
			}
			if !taken[[2]int{x, y}] {
				p.xs, p.ys, p.ink = append(p.xs, int32(x)), append(p.ys, int32(y)), append(p.ink, int32(13+r.IntN(243)))
			}
			taken[[2]int{x, y}] = true
		}
		s := newShears(p)
		if dense := p.reach < 3000 || p.size < 9; dense != (s.sums != nil) {
			t.Errorf("%d by %d: sums are kept: %v", p.reach, p.size, s.sums != nil)
		}
		for _, degrees := range []float64{0, 0.01, -0.01, 0.3, -0.4, 3.2, MaxSkew, -MaxSkew} {
			if got, want := s.contrast(degrees), contrastByDefinition(p, degrees); got != want {
				t.Fatalf("%d by %d, sheared by %g degrees: a contrast of %g, not %g", p.reach, p.size, degrees, got, want)
			}
		}
		s.done()
	}
}

// contrastByDefinition takes one point after the other.
func contrastByDefinition(p points, degrees float64) (sum float64) {
	slope, zero := p.sheared(degrees)
	rows := make([]int, fine*(p.size+2*p.slack()+2))
	for i, x := range p.xs {
		at := int((zero + int64(p.ys[i])<<16 + int64(x)*slope) >> 14)
		for j := range fine {
			for k := range fine {
				if at+j+k < len(rows) { // over two pixels
					rows[at+j+k] += int(p.ink[i])
				}
			}
		}
	}
	for i := fine; i < len(rows); i++ {
		d := float64(rows[i] - rows[i-fine])
		sum += d * d
	}
	return sum
}

// What a glance is made of is what its definitions say.
func TestGlanceRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 3; n < 1400; n += 1 + n/20 {
		g := noisy(n, 6+r.IntN(9), r)
		row, sums, means := g.Pix[:n], make([]int32, n), make([]int32, n)
		for i := range sums {
			sums[i] = int32(r.IntN(1000))
			means[i] = int32(r.IntN(256))
		}
		before := slices.Clone(sums)
		addRow(sums, row, false)
		addRow(sums, g.Pix[g.Stride:], true)
		for i, v := range sums {
			if want := before[i] + int32(row[i]) - int32(g.Pix[g.Stride+i]); v != want {
				t.Fatalf("a sum of %d, not %d", v, want)
			}
		}

		places, by := make([]int32, n), make([]int32, n)
		k := darkerThanAbout(places, by, means, row, 12)
		for i, v := range row {
			if d := means[i] - int32(v); d > 12 {
				if k == 0 || places[0] != int32(i) || by[0] != d {
					t.Fatalf("%d of %d, darker by %d, is not found", i, n, d)
				}
				places, by, k = places[1:], by[1:], k-1
			}
		}
		if k != 0 {
			t.Fatalf("%d too many", k)
		}

		flags, paper := make([]byte, n-2), r.IntN(256)
		y := lightReach + r.IntN(g.Rect.Dy()-2*lightReach+1)
		brighterBelow(flags, g, y, paper)
		for i, f := range flags {
			above, below := 0, 0
			for x := i; x < i+3; x++ {
				for d := range lightReach {
					above += int(g.GrayAt(x, y-1-d).Y)
					below += int(g.GrayAt(x, y+d).Y)
				}
			}
			if want := 4*below >= 5*above && 2*below >= 3*lightReach*paper; (f == 1) != want {
				t.Fatalf("light below %d, %d on %d: %d, not %v", i+1, y, above, f, want)
			}
		}
	}
}

// The tone of a page is what its definition says, of pale pages and of dark ones.
func TestTone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 6))
	told := 0
	for n := 2; n < 120; n++ {
		g := image.NewGray(image.Rect(0, 0, n, 1+r.IntN(40)))
		pale := r.IntN(230)
		for i := range g.Pix {
			g.Pix[i] = byte(230 + r.IntN(26))
			if r.IntN(4) == 0 {
				g.Pix[i] = byte(min(255, pale+r.IntN(20)))
			}
		}
		got, dark := toneOf(g), 0
		for y := 1; y < g.Rect.Dy(); y += 3 {
			for x := 2; x+2 < n; x++ {
				if int(g.GrayAt(x, y).Y) < min(256, got.ink+45) {
					dark++
				}
			}
		}
		if got.ink < 255 && got.dark != dark {
			t.Fatalf("%v of %v: %d are dark", got, g.Rect, dark)
		}
		if got.dark > 0 {
			told++
		}
	}
	if told < 60 {
		t.Errorf("%d of 118 pages have a tone", told)
	}
}
