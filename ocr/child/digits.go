package child

import (
	"image"
	"math"
	"slices"
	"strings"

	"sohoa/ocr"
)

// Digits are held against each other. The engine reads a line as it is likely to be, and
// to it one digit is as likely as another: it takes a 0 for 6 or 9, writes a digit twice
// or leaves one out. A page prints its digits alike, though: the signs of its numbers are
// put into groups that look the same, and a group is what most of it was read as. A sign
// that looks as the zeros of the page do, and not as its sixes do, is a zero, whatever
// number comes of it. No number is made likelier, and none is touched whose signs do not
// stand clear of each other.

// A figure is a number as it was read, with the signs that stand for it.
type figure struct {
	word  *ocr.Word
	text  []rune
	signs []sign
}

// checkSigns looks at the signs of a page that was read: whether letters that were read
// twice stand there twice, whether a y has its dot, and what its digits are. It returns
// the known groups.
func checkSigns(lines []ocr.Line, g *image.Gray) []*group {
	for i := range lines {
		for j := range lines[i].Words {
			w := &lines[i].Words[j]
			undouble(w, func() []sign { return signsOf(g, rectOf(w.Box)) })
			dot(&lines[i], w, g)
		}
	}
	return checkDigits(lines, g)
}

// checkDigits holds the digits of a page that was read against each other.
func checkDigits(lines []ocr.Line, g *image.Gray) []*group {
	figures := figuresOf(lines, g)
	groups := groupsOf(figures)
	for i := range figures {
		f := &figures[i]
		if len(f.signs) == len(f.text) {
			f.compare(groups)
		} else {
			f.spell(groups)
		}
	}
	return groups
}

// aDigit returns what a field of a table has on g that is a single sign, if it is a digit
// as the page has others: the engine makes nothing, or anything, of a sign by itself.
func aDigit(g *image.Gray, field image.Rectangle, groups []*group) (ocr.Word, bool) {
	signs := signsOf(g, field)
	if len(signs) != 1 {
		return ocr.Word{}, false
	}
	near, like := nearest(groups, signs[0])
	if like < sameLook || !isDigit(near.is) {
		return ocr.Word{}, false
	}
	return ocr.Word{Text: string(near.is), Box: boxOf(signs[0].box), Confidence: math.Round(100 * like)}, true
}

// figuresOf returns the words of lines that are numbers, with their signs.
func figuresOf(lines []ocr.Line, g *image.Gray) (found []figure) {
	for i := range lines {
		for j := range lines[i].Words {
			w := &lines[i].Words[j]
			if isNumber(w.Text) {
				found = append(found, figure{word: w, text: []rune(w.Text), signs: signsOf(g, rectOf(w.Box))})
			}
		}
	}
	return found
}

// isNumber reports whether a word has digits and nothing but what is written with them.
func isNumber(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789.,:;/-+()%") == ""
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// tall returns the height from which a sign of f is no stop: digits are of one height. It
// goes by a sign that a third are no lower than, since the slashes of a day are higher, and
// higher still where a stroke of a seal meets one.
func (f *figure) tall() int {
	if len(f.signs) == 0 {
		return 9
	}
	high := make([]int, len(f.signs))
	for i, s := range f.signs {
		high[i] = -s.box.Dy()
	}
	slices.Sort(high)
	return max(-high[(len(high)-1)/3]*3/5, 9)
}

// A group is signs that look the same.
type group struct {
	sum   sign // what they look like together
	total []float32
	all   []sign
	reads map[rune]int // how many were read as what

	// Of groups that are known, what they are, and how alike its members are to it,
	// three of four of them.
	is    rune
	usual float64
}

const (
	sameLook = 0.90 // likeness from which signs look the same; 3 and 8 come to 0.85
	fewest   = 4    // signs that make a group known
	clearly  = 0.1  // by how much a sign is more alike to one group than to another
)

// groupsOf returns the groups of the signs of figures that are known: at least three of
// four of their signs were read as the same, or more than half, if what the others were
// read as stands on the page as well and looks otherwise.
func groupsOf(figures []figure) []*group {
	var groups []*group
	for i := range figures {
		f := &figures[i]
		tall := f.tall()
		for k, s := range f.signs {
			if len(f.signs) != len(f.text) || s.box.Dy() < tall {
				continue
			}
			g, like := nearest(groups, s)
			if like < sameLook {
				g = &group{reads: map[rune]int{}, total: make([]float32, len(s.look))}
				groups = append(groups, g)
			}
			g.take(s, f.text[k])
		}
	}
	all := slices.Clone(groups)
	groups = slices.DeleteFunc(groups, func(g *group) bool { return !g.known() })
	for _, g := range all {
		if g.is == 0 && g.knownBeside(all) {
			groups = append(groups, g)
		}
	}
	return groups
}

// nearest returns the group that a sign is most alike to, of its size.
func nearest(groups []*group, s sign) (best *group, like float64) {
	for len(groups) > 0 {
		var some [4]*group
		var looks [4]sign
		n := 0
		for ; n < len(some) && len(groups) > 0; groups = groups[1:] {
			if groups[0].sized(s) {
				some[n], looks[n] = groups[0], groups[0].sum
				n++
			}
		}
		for i, v := range s.likeFour(looks) {
			if v > like {
				best, like = some[i], v
			}
		}
	}
	return best, like
}

func (g *group) like(s sign) float64 {
	if !g.sized(s) {
		return 0
	}
	return g.sum.like(s)
}

// sized reports whether a sign is about as high as those of g.
func (g *group) sized(s sign) bool {
	a, b := g.sum.box.Dy(), s.box.Dy()
	return 5*a >= 4*b && 5*b >= 4*a
}

func (g *group) take(s sign, read rune) {
	for i, v := range s.look {
		g.total[i] += v
	}
	if len(g.all) == 0 {
		g.sum = sign{box: s.box, look: make([]float32, len(g.total))}
	}
	copy(g.sum.look, g.total)
	unit(g.sum.look)
	g.all = append(g.all, s)
	g.reads[read]++
}

// known finds out what a group is by itself.
func (g *group) known() bool {
	for read, n := range g.reads {
		if n >= fewest && 4*n >= 3*len(g.all) {
			g.settle(read)
			return true
		}
	}
	return false
}

// knownBeside finds out what a group is by the others of its page: a typeface whose zeros
// bear a stroke or a dot has them read as 6, 8 or 9 time and again, but its sixes look
// otherwise, and were all read as sixes.
func (g *group) knownBeside(all []*group) bool {
	most := rune(0)
	for read, n := range g.reads {
		if n >= fewest && 2*n > len(g.all) {
			most = read
		}
	}
	if !isDigit(most) {
		return false
	}
	for read := range g.reads {
		if read != most && !slices.ContainsFunc(all, func(o *group) bool { return o != g && o.only(read) && o.like(g.sum) < sameLook }) {
			return false
		}
	}
	g.settle(most)
	return true
}

// only reports whether all signs of a group, two or more, were read as this.
func (g *group) only(read rune) bool { return len(g.all) > 1 && g.reads[read] == len(g.all) }

// settle says what a group is.
func (g *group) settle(is rune) {
	var likes []float64
	for _, s := range g.all {
		likes = append(likes, g.sum.like(s))
	}
	slices.Sort(likes)
	g.is, g.usual = is, likes[len(likes)/4]
}

// compare puts right the characters of f whose signs look like others.
func (f *figure) compare(groups []*group) {
	tall := f.tall()
	for i, s := range f.signs {
		if s.box.Dy() < tall {
			f.text[i] = f.stop(i, tall)
			continue
		}
		g, like := nearest(groups, s)
		if like < sameLook || g.is == f.text[i] || !isDigit(g.is) {
			continue
		}
		own := 0.0
		for _, o := range groups {
			if o.is == f.text[i] {
				own = max(own, o.like(s))
			}
		}
		if own > 0 && like-own >= clearly || own == 0 && (like >= g.usual || !isDigit(f.text[i])) {
			f.text[i] = g.is
		}
	}
	f.word.Text = string(f.text)
}

// stop returns what sign i of f is, which is too small for a digit: what is hardly higher
// than wide, and ends on the base line of the digits about it, is no comma.
func (f *figure) stop(i, tall int) rune {
	s, read := f.signs[i], f.text[i]
	w, h := s.box.Dx(), s.box.Dy()
	if 3*h >= 2*tall || 2*h < w || !isDigit(read) && read != ',' {
		return read
	}
	base := s.box.Max.Y
	for _, k := range []int{i + 1, i - 1} {
		if k >= 0 && k < len(f.signs) && f.signs[k].box.Dy() >= tall {
			base = f.signs[k].box.Max.Y
		}
	}
	switch {
	case h <= w+1 && 10*(s.box.Max.Y-base) <= tall:
		return '.'
	case 2*h > 3*w:
		return ','
	}
	return read
}

// spell reads f, which has a sign less than was read, by the groups: the signs are laid
// beside the characters in the cheapest way, a known sign is what its group is, and of the
// others each stands for the character beside it. A sign more than was read tells nothing,
// unless it is a stop: worn digits fall apart.
func (f *figure) spell(groups []*group) {
	n, m := len(f.signs), len(f.text)
	if n == m+1 {
		f.stopped(groups)
		return
	}
	if n != m-1 || n == 0 {
		return
	}
	is := make([]rune, n) // what the known signs are
	tall := f.tall()
	for i, s := range f.signs {
		if s.box.Dy() < tall {
			continue
		}
		if g, like := nearest(groups, s); like >= sameLook && isDigit(g.is) {
			is[i] = g.is
		} else if 10*s.box.Dx() > 9*s.box.Dy() { // two digits that touch, or more
			return
		}
	}
	f.word.Text = f.without(is, tall, groups)
}

// stopped reads f, which has a stop that was not read, if all else are digits that are
// known and were read as others: of a number that was read right, it is dirt.
func (f *figure) stopped(groups []*group) {
	tall := f.tall()
	digits, at := []rune{}, -1
	for i, s := range f.signs {
		if s.box.Dy() >= tall {
			near, like := nearest(groups, s)
			if like < sameLook || !isDigit(near.is) {
				return
			}
			digits = append(digits, near.is)
		} else if at < 0 {
			at = i
		}
	}
	if len(digits) != len(f.text) || string(digits) == string(f.text) || strings.Trim(string(f.text), "0123456789") != "" {
		return
	}
	f.text = slices.Insert(digits, at, '0')
	if f.text[at] = f.stop(at, tall); at > 0 && at < len(digits) && !isDigit(f.text[at]) {
		f.word.Text = string(f.text)
	}
}

// misfit is what a sign beside a character that it is not counts, where 1 is a sign that
// does not look like the figure that it would be.
const misfit = 3

// without returns the characters of f but one, which stands for no sign, if it is clear
// which that is: what the known signs are, and the character beside each of the others,
// which are hardly a figure that is known and that they do not look like.
func (f *figure) without(is []rune, tall int, groups []*group) (best string) {
	least, clear := 2*misfit, false // at most one character is misread besides
	known := map[rune]bool{}
	for _, g := range groups {
		known[g.is] = true
	}
	for gone := range f.text {
		text, cost := []rune{}, 0
		for i := range is {
			r := f.text[i]
			if i >= gone {
				r = f.text[i+1]
			}
			switch {
			case is[i] != 0 && is[i] != r, f.signs[i].box.Dy() < tall == isDigit(r):
				cost += misfit
			case is[i] == 0 && known[r]:
				cost++
			}
			if is[i] != 0 {
				r = is[i]
			}
			text = append(text, r)
		}
		switch {
		case cost < least:
			best, least, clear = string(text), cost, true
		case cost == least && string(text) != best:
			clear = false
		}
	}
	if !clear {
		return f.word.Text
	}
	return best
}
