package layout

import (
	"cmp"
	"image"
	"slices"
)

// A span is a stretch of a row or a column: from a to before b.
type span struct{ a, b int }

func (s span) width() int { return s.b - s.a }

// A band is what stands side by side, with empty rows above and below.
type band struct {
	y     span
	boxes []image.Rectangle
	gaps  []span // empty across, the margins among them
}

// A sorter puts boxes of letters into blocks in reading order.
type sorter struct {
	em     int             // about the type size, pixels
	page   image.Rectangle // whole
	first  bool            // nothing was sorted yet
	deep   int             // in how many columns within each other it is
	blocks []block
}

// A block is what is read by itself.
type block struct {
	box    image.Rectangle
	column bool // it stands beside another
}

// bands cuts boxes where whole rows are empty between left and right.
func bands(boxes []image.Rectangle, across span) []band {
	slices.SortStableFunc(boxes, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.Y, b.Min.Y) })
	var all []band
	for _, b := range boxes {
		if n := len(all); n > 0 && b.Min.Y < all[n-1].y.b {
			last := &all[n-1]
			last.y.b, last.boxes = max(last.y.b, b.Max.Y), append(last.boxes, b)
			continue
		}
		all = append(all, band{y: span{b.Min.Y, b.Max.Y}, boxes: []image.Rectangle{b}})
	}
	for i := range all {
		all[i].gaps = gaps(all[i].boxes, across)
	}
	return all
}

func gaps(boxes []image.Rectangle, across span) []span {
	sorted := slices.Clone(boxes)
	slices.SortFunc(sorted, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	var free []span
	end := across.a
	for _, b := range sorted {
		if b.Min.X > end {
			free = append(free, span{end, b.Min.X})
		}
		end = max(end, b.Max.X)
	}
	if across.b > end {
		free = append(free, span{end, across.b})
	}
	return free
}

// shared returns where both leave at least so much free.
func shared(a, b []span, least int) []span {
	var free []span
	for _, p := range a {
		for _, q := range b {
			if s := (span{max(p.a, q.a), min(p.b, q.b)}); s.width() >= least {
				free = append(free, s)
			}
		}
	}
	return free
}

// both reports whether b has something on either side of a gutter.
func (b band) both(gutter span) bool {
	left, right := false, false
	for _, box := range b.boxes {
		if box.Max.X <= gutter.a {
			left = true
		}
		if box.Min.X >= gutter.b {
			right = true
		}
	}
	return left && right
}

// sort sorts boxes that stand between left and right.
func (s *sorter) sort(boxes []image.Rectangle, across span) {
	all := bands(boxes, across)
	for from := 0; from < len(all); {
		to, gutters := s.columns(all, from)
		s.first = false
		if to > from {
			s.deep++
			s.split(all[from:to], gutters, across)
			s.deep--
			from = to
			continue
		}
		to = from + 1
		for to < len(all) && all[to].y.a-all[to-1].y.b < s.em {
			if end, _ := s.columns(all, to); end > to {
				break
			}
			to++
		}
		s.blocks = append(s.blocks, block{around(all[from:to]), s.deep > 0})
		from = to
	}
}

func around(bands []band) (r image.Rectangle) {
	for _, b := range bands {
		for _, box := range b.boxes {
			r = r.Union(box)
		}
	}
	return r
}

// columns returns how far columns go that begin at a band, and the gutters
// between them; from itself if none begin there.
//
// Two bands must leave the same gutter, or one a wide one: the spaces of set
// lines seldom lie above each other, and are never as wide. At the head of the
// page, where agency and nation nearly touch, the widest gutter may be narrow.
func (s *sorter) columns(all []band, from int) (to int, gutters []span) {
	head := all[from].y.a < s.page.Min.Y+s.page.Dy()/3
	least := s.em
	if s.first {
		least = s.em / 2
	}
	var inner []span
	for _, g := range all[from].gaps {
		if g.width() >= least && all[from].both(g) && !s.number(all[from], g) {
			inner = append(inner, g)
		}
	}
	to = from
	for i := from; i < len(all) && len(inner) > 0; i++ {
		if i > from {
			if head && all[i].y.a-all[i-1].y.b >= s.em*4/5 {
				break
			}
			inner = shared(inner, all[i].gaps, least)
		}
		if sure := s.sure(inner, all[from:i+1]); len(sure) > 0 {
			to, gutters = i+1, sure
		}
	}
	// What goes on on one side only, further down, stands for itself.
	for i := from + 1; i < to; i++ {
		if all[i].y.a-all[i-1].y.b < s.em*4/5 || slices.ContainsFunc(all[i:to], func(b band) bool {
			return slices.ContainsFunc(gutters, b.both)
		}) {
			continue
		}
		to = i
	}
	return to, gutters
}

// number reports whether all that a band has left of a gutter stands at the left
// of the page and is as narrow as the number of a paragraph or the dash of a
// list: that is read with what follows it.
func (s *sorter) number(b band, gutter span) bool {
	if gutter.width() > 3*s.em {
		return false
	}
	var left image.Rectangle
	for _, box := range b.boxes {
		if box.Max.X <= gutter.a {
			left = left.Union(box)
		}
	}
	return left.Dx() < s.em*3/2 && left.Min.X < s.page.Min.X+s.page.Dx()/4
}

// sure returns the gutters that are some: left by two bands, or three if they are
// narrow and not at the head of the page, or wide. Of narrow
// ones it is the widest only.
func (s *sorter) sure(gutters []span, bands []band) []span {
	var kept []span
	widest := 0
	for _, g := range gutters {
		widest = max(widest, g.width())
	}
	for _, g := range gutters {
		n := 0
		for _, b := range bands {
			if b.both(g) {
				n++
			}
		}
		few := 2*g.width() < 3*s.em && bands[0].y.a >= s.page.Min.Y+s.page.Dy()/3 // as the spaces of a typewriter
		if (n >= 3 || n == 2 && !few || n == 1 && g.width() >= 2*s.em) && (g.width() >= s.em || g.width() == widest) {
			kept = append(kept, g)
		}
	}
	return kept
}

// split takes bands apart at gutters, and sorts each column. If only the first
// column goes on below the first band, the first band is read across.
func (s *sorter) split(bands []band, gutters []span, across span) {
	column := func(x int) int {
		n := 0
		for _, g := range gutters {
			if x >= g.b {
				n++
			}
		}
		return n
	}
	n := len(gutters) + 1
	parts := make([][]image.Rectangle, n)
	below := make([][]image.Rectangle, n)
	for i, b := range bands {
		for _, box := range b.boxes {
			c := column(box.Min.X)
			parts[c] = append(parts[c], box)
			if i > 0 {
				below[c] = append(below[c], box)
			}
		}
	}
	lone := n == 2 && len(bands) > 1 && len(below[0]) > 0 && len(below[1]) == 0
	edges := func(c int) span {
		e := across
		if c > 0 {
			e.a = gutters[c-1].b
		}
		if c < n-1 {
			e.b = gutters[c].a
		}
		return e
	}
	if lone {
		s.split(bands[:1], gutters, across)
		s.sort(below[0], edges(0))
		return
	}
	for c, part := range parts {
		if len(part) > 0 {
			s.sort(part, edges(c))
		}
	}
}
