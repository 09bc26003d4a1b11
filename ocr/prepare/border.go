package prepare

import "image"

// markBorders marks what is not page: the dark of the scanner's glass around
// the paper, and punch holes. The dark hangs together with the picture's edge
// and is broad: rulings that run to the edge, and letters, are not.
func (l *glance) markBorders() {
	k := max(1, int(l.mm(1.4)))
	cells := Reduce(l.image, k)
	w, h := cells.Rect.Dx(), cells.Rect.Dy()
	if w < 3 || h < 3 {
		return
	}
	dark := func(i int) bool { return 2*int(cells.Pix[i/w*cells.Stride+i%w]) < l.paper }
	border := make([]bool, w*h)
	var queue []int
	push := func(i int) {
		if !border[i] && dark(i) {
			border[i] = true
			queue = append(queue, i)
		}
	}
	for x := range w {
		push(x)
		push((h-1)*w + x)
	}
	for y := range h {
		push(y * w)
		push(y*w + w - 1)
	}
	for k := 0; k < len(queue); k++ {
		x, y := queue[k]%w, queue[k]/w
		for _, d := range [...][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			if nx, ny := x+d[0], y+d[1]; nx >= 0 && ny >= 0 && nx < w && ny < h {
				push(ny*w + nx)
			}
		}
	}
	// A page that is mostly dark is a dark page, not a border.
	if len(queue) == 0 || 2*len(queue) > w*h {
		l.markHoles()
		return
	}
	for _, i := range queue {
		x, y := i%w*k, i/w*k
		l.take(image.Rect(x-k, y-k, x+2*k, y+2*k))
	}
	// What Reduce left out at the right and the foot goes with its neighbours.
	l.markHoles()
}

// take marks r as not page.
func (l *glance) take(r image.Rectangle) {
	w, h := l.image.Rect.Dx(), l.image.Rect.Dy()
	if l.away == nil {
		l.away = make([]bool, w*h)
	}
	// The last cells reach to the edge, which Reduce may have left out.
	if k := r.Dx(); r.Max.X+k > w {
		r.Max.X = w
	}
	if k := r.Dy(); r.Max.Y+k > h {
		r.Max.Y = h
	}
	r = r.Intersect(l.image.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			l.away[y*w+x] = true
		}
	}
}

// markHoles marks punch holes: dark discs 4 to 9 mm wide near a side of the
// picture. ISO 838 has holes of 6 mm whose middle is 12 mm from the edge.
func (l *glance) markHoles() {
	w, h := l.image.Rect.Dx(), l.image.Rect.Dy()
	strip := int(l.mm(26))
	if w < 3*strip || h < 3*strip {
		return
	}
	seen := listOf[bool](w * h)
	defer giveBack(seen)
	clear(seen)
	look := func(y, from, to int) {
		for x, v := range l.image.Pix[y*l.image.Stride+from : y*l.image.Stride+to] {
			if 2*int(v) >= l.paper {
				continue
			}
			if i := y*w + from + x; !seen[i] && (l.away == nil || !l.away[i]) {
				if r, n := l.blob(i, seen); l.isHole(r, n) {
					grow := int(l.mm(0.8)) + 1
					l.take(r.Inset(-grow))
				}
			}
		}
	}
	for y := range h {
		if y < strip || y >= h-strip {
			look(y, 0, w)
		} else {
			look(y, 0, strip)
			look(y, w-strip, w)
		}
	}
}

func (l *glance) dark(i int) bool {
	w := l.image.Rect.Dx()
	return 2*int(l.image.Pix[i/w*l.image.Stride+i%w]) < l.paper && (l.away == nil || !l.away[i])
}

// blob returns the frame and the number of the dark pixels that hang together
// with pixel i.
func (l *glance) blob(i int, seen []bool) (image.Rectangle, int) {
	w, h := l.image.Rect.Dx(), l.image.Rect.Dy()
	queue := []int{i}
	seen[i] = true
	r := image.Rect(i%w, i/w, i%w+1, i/w+1)
	for k := 0; k < len(queue); k++ {
		x, y := queue[k]%w, queue[k]/w
		r = r.Union(image.Rect(x, y, x+1, y+1))
		for _, d := range [...][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			nx, ny := x+d[0], y+d[1]
			if nx < 0 || ny < 0 || nx >= w || ny >= h {
				continue
			}
			if at := ny*w + nx; !seen[at] && l.dark(at) {
				seen[at] = true
				queue = append(queue, at)
			}
		}
	}
	return r, len(queue)
}

func (l *glance) isHole(r image.Rectangle, pixels int) bool {
	wide, tall := float64(r.Dx()), float64(r.Dy())
	least, most := l.mm(4), l.mm(9)
	return wide >= least && tall >= least && wide <= most && tall <= most &&
		wide < 1.3*tall && tall < 1.3*wide &&
		float64(pixels) > 0.68*wide*tall && float64(pixels) < 0.9*wide*tall
}
