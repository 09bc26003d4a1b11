package codes

import (
	"image"
	"math"
)

// Patch codes part papers in front of a scanner: four bars, two of them wide, 0.2 inches,
// and two narrow, 0.08, with 0.08 between them, so that each is 0.8 inches across (Kodak,
// "Patch Code Information", A-61599, 2006). They say nothing and bear no check. What is
// measured is a tenth of the whole, which a narrow bar and a space are one of, and a wide
// bar two and a half.
const (
	patchWide   = 0.8  // inches across all bars
	patchOff    = 0.13 // share that a printer, a copier and a slant of 20° change it by
	patchLong   = 0.6  // inches of bars at least: 0.75 are asked for, from other sheets 2
	patchQuiet  = 0.12 // inches of paper before and after
	patchEdge   = 0.04 // inches of paper up to the edge of the picture
	patchStep   = 0.08 // inches between the lines that cross the sheet
	patchLost   = 4    // lines that a stain or a fold may take out of a patch
	patchSeen   = 0.6  // share of its lines on which a patch is whole
	patchTwice  = 2    // patches on a sheet at least: one alone may be anything
	patchOthers = 5    // dark runs on a line, on average, that are no patch's: writing has 20
	patchCoarse = 60   // dots per inch below which a narrow bar is too few pixels
)

// patchNames are the kinds by their bars, a wide one 1. A sheet may lie upside down, and
// read from its other end 1 is 6 and 3 is T.
var patchNames = map[uint8]string{0b1100: "1/6", 0b0011: "1/6", 0b1001: "2", 0b1010: "3/T", 0b0101: "3/T", 0b0110: "4"}

// Patch returns which patch code stands on a sheet of which m is a picture of x by y dots
// per inch: 1/6, 2, 3/T or 4, or nothing. It must stand there at least twice, in its own
// size, with paper around it and hardly anything else on the sheet, along either edge;
// the sheet may lie up to 20° askew in any quarter. m must start at (0, 0).
func Patch(m *image.Gray, x, y float64) string {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if math.Min(x, y) < patchCoarse || w < 2 || h < 2 {
		return ""
	}
	rows := sweep{pixels: m.Pix, length: w, along: 1, across: m.Stride, step: int(patchStep * y), dpi: x}
	cols := sweep{pixels: m.Pix, length: h, along: m.Stride, across: 1, step: int(patchStep * x), dpi: y}
	rows.lines, cols.lines = (h-1)/rows.step, (w-1)/cols.step
	others := patchOthers * (rows.lines + cols.lines)
	found := map[string]int{}
	for _, s := range [...]sweep{rows, cols} {
		if !s.strips(found, &others) {
			return ""
		}
	}
	name := ""
	for kind, n := range found {
		if n >= patchTwice && name != "" {
			return "" // two kinds contradict each other
		} else if n >= patchTwice {
			name = kind
		}
	}
	return name
}

// A sweep is lines that cross an image, along its rows or its columns.
type sweep struct {
	pixels        []byte
	length, lines int     // of a line in pixels; how many
	along, across int     // bytes to the next pixel of a line, and of the line beside it
	step          int     // pixels from one line to the next
	dpi           float64 // along a line
}

// A strip is a patch as far as lines have crossed it.
type strip struct {
	bars       uint8
	first, now int     // lines
	hits       int     // of them, on which it is whole
	centre     float64 // on the last, in inches
}

// strips counts the patches that the lines of s cross, by name, and takes what else they
// cross off others; false if that is too much.
func (s sweep) strips(found map[string]int, others *int) bool {
	var all []strip
	line, sums, dark := make([]int32, s.length), make([]int32, s.length+1), make([][2]int, 0, 64)
	for n := range s.lines {
		s.read(n, line, sums)
		dark = s.dark(line, sums, dark[:0])
		*others -= len(dark)
		for i := 0; i+4 <= len(dark); i++ {
			if bars, ok := s.patch(dark, i); ok {
				all = add(all, bars, n, float64(dark[i][0]+dark[i+3][1])/2/s.dpi)
				*others += 4
				i += 3
			}
		}
		if *others < 0 {
			return false
		}
	}
	for _, p := range all {
		lines := p.now - p.first + 1
		if float64(lines)*patchStep >= patchLong && float64(p.hits) >= patchSeen*float64(lines) {
			found[patchNames[p.bars]]++
		}
	}
	return true
}

// add puts a patch seen on line n to the strip that it goes on, or begins one.
func add(all []strip, bars uint8, n int, centre float64) []strip {
	for i := range all {
		p := &all[i]
		gap := n - p.now
		if p.bars == bars && gap > 0 && gap <= 1+patchLost && math.Abs(centre-p.centre) < 0.02+0.5*patchStep*float64(gap) {
			p.now, p.centre, p.hits = n, centre, p.hits+1
			return all
		}
	}
	return append(all, strip{bars: bars, first: n, now: n, hits: 1, centre: centre})
}

// read takes line n and its running sums: of each pixel four up to the next line, since
// bars are long, and faded ones have holes.
func (s sweep) read(n int, line, sums []int32) {
	at, beside := n*s.step*s.across, s.step/4*s.across
	sum := int32(0)
	for i := range line {
		v := int32(s.pixels[at]) + int32(s.pixels[at+beside]) + int32(s.pixels[at+2*beside]) + int32(s.pixels[at+3*beside])
		line[i], sum = v, sum+v
		sums[i+1] = sum
		at += s.along
	}
}

// dark appends where a line is darker than the mean of the inch around it, in runs from a
// pixel to another behind it: stained paper is no ink. Specks are left out.
func (s sweep) dark(line, sums []int32, runs [][2]int) [][2]int {
	half, least := int(s.dpi/2), max(1, int(s.dpi/50))
	for i, v := range line {
		from, to := max(0, i-half), min(len(line), i+half)
		n, sum := int32(to-from), sums[to]-sums[from]
		if v*n*20 >= sum*17 || (v+64)*n >= sum {
			continue
		}
		if k := len(runs) - 1; k >= 0 && i-runs[k][1] < least {
			runs[k][1] = i + 1
		} else {
			if k >= 0 && runs[k][1]-runs[k][0] < least {
				runs = runs[:k]
			}
			runs = append(runs, [2]int{i, i + 1})
		}
	}
	if k := len(runs) - 1; k >= 0 && runs[k][1]-runs[k][0] < least {
		runs = runs[:k]
	}
	return runs
}

// patch reports whether the four runs from i on are a patch's bars, and which are wide.
func (s sweep) patch(dark [][2]int, i int) (bars uint8, ok bool) {
	from, to := dark[i][0], dark[i+3][1]
	if math.Abs(float64(to-from)-patchWide*s.dpi) > patchOff*patchWide*s.dpi {
		return 0, false
	}
	if i > 0 && from-dark[i-1][1] < int(patchQuiet*s.dpi) {
		return 0, false
	}
	if i+4 < len(dark) && dark[i+4][0]-to < int(patchQuiet*s.dpi) {
		return 0, false
	}
	if min(from, s.length-to) < int(patchEdge*s.dpi) {
		return 0, false
	}
	unit := float64(to-from) / 10
	for k, r := range dark[i : i+4] {
		switch share := float64(r[1]-r[0]) / unit; {
		case share > 1.95 && share < 3.2:
			bars |= 8 >> k
		case share < 0.45 || share > 1.7:
			return 0, false
		}
		if k < 3 {
			if space := float64(dark[i+k+1][0]-r[1]) / unit; space < 0.45 || space > 1.6 {
				return 0, false
			}
		}
	}
	return bars, patchNames[bars] != ""
}
