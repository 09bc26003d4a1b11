package prepare

// straight is how long ink that runs level or upright without a gap is, in millimetres,
// if it is a fold, a ruling or the scanner's own edge, and no letters.
const straight = 25

// dropStraight leaves out ink that lies straight along the edges of the image: a fold
// across a page outweighs its lines of text, and says that the page is level when they
// lie askew. Of a page that is level the text says so as well, and of one of level
// rulings alone nothing is left, which is taken for level. It reports whether there was any.
func (l *glance) dropStraight() bool {
	limit := max(int(l.mm(straight)), 2)
	drop := make([]bool, len(l.rows.xs))
	some := l.straightAlong(drop, limit)
	if !l.straightDown(drop, limit) && !some {
		return false
	}
	for _, p := range []*[]int32{&l.rows.xs, &l.rows.ys, &l.rows.ink, &l.cols.xs} {
		*p = without(*p, drop)
	}
	l.cols.ys, l.cols.ink = l.rows.xs, l.rows.ink // the same, as [glance.gather] has them
	return true
}

// straightAlong marks the points of level runs; the points come row by row.
func (l *glance) straightAlong(drop []bool, limit int) (some bool) {
	xs, ys := l.rows.xs, l.rows.ys
	for i := 0; i < len(xs); {
		j := i + 1
		for j < len(xs) && ys[j] == ys[i] && xs[j] == xs[j-1]+1 {
			j++
		}
		if j-i >= limit {
			some = true
			for k := i; k < j; k++ {
				drop[k] = true
			}
		}
		i = j
	}
	return some
}

// straightDown marks the points of upright runs.
func (l *glance) straightDown(drop []bool, limit int) (some bool) {
	xs, ys := l.rows.xs, l.rows.ys
	width := l.rows.reach
	last := make([]int32, width) // the point of each column that came last, from 1
	above := make([]int32, len(xs))
	long := make([]int32, len(xs)) // how many points the run has that ends here
	for i, x := range xs {
		column := &last[int(x)+width/2]
		long[i] = 1
		if k := *column; k > 0 && ys[k-1] == ys[i]-1 {
			above[i], long[i] = k, long[k-1]+1
		}
		*column = int32(i + 1)
		switch {
		case int(long[i]) > limit:
			drop[i] = true
		case int(long[i]) == limit:
			some = true
			for k := int32(i + 1); k > 0; k = above[k-1] {
				drop[k-1] = true
			}
		}
	}
	return some
}

// without takes out of a list, in place, what is marked.
func without(list []int32, drop []bool) []int32 {
	n := 0
	for i, gone := range drop {
		if !gone {
			list[n] = list[i]
			n++
		}
	}
	return list[:n]
}
