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
		row := random(r, n)
		cells, want := make([]int32, n*across/side+1), make([]int32, n*across/side+1)
		countReds(cells, row, side, across, 156, 3)
		for x, v := range row {
			if v > 156 {
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
		checkWhiten(t, r, n)
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

func checkWhiten(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	var white [256]uint32
	for i := range white {
		white[i] = uint32(65536*255/max(i, 1)) + 1
	}
	p := int32(r.IntN(256 << 16))
	step := int32(r.IntN(8<<16) - 4<<16)
	step = min(max(step, -p/int32(n)), (256<<16-1-p)/int32(n))
	row := random(r, n+1)
	got := bytes.Clone(row)
	whiten(got[:n], &white, p, step)
	for i, v := range row[:n] {
		if want := byte(min(uint32(v)*white[p>>16]>>16, 255)); got[i] != want {
			t.Fatalf("%d from %d by %d: %d at %d, not %d", n, p, step, got[i], i, want)
		}
		p += step
	}
	if got[n] != row[n] {
		t.Fatalf("%d whitened: one more is written", n)
	}
}
