package arrange

import (
	"fmt"
	"strconv"
	"strings"
)

// A Selection says which pages of a file are wanted, in which order, and how
// they are turned. People write it behind the name of the file:
//
//	selection = item { "," item }
//	item      = pages [ turn ] | turn | "!" pages
//	pages     = page [ "-" page ]
//	page      = a number from 1 | "last"
//	turn      = "r90" | "r180" | "r270"
//
// Pages come in the order in which they are written, a page as often as it is
// written; "7-3" is a range in reverse. A turn is clockwise, on top of how the
// page stands already; alone it means all pages. "!" takes pages away from all
// that the other items name, wherever it stands; with nothing but "!" they are
// taken away from all pages. The zero Selection is all pages as they are.
type Selection struct{ items []item }

type item struct {
	text     string
	place    int // from 1, among the items
	drop     bool
	all      bool
	from, to bound
	turn     int
}

// A bound is a page of a file whose number of pages is not known yet.
type bound struct {
	last bool
	n    int
}

func (b bound) of(count int) int {
	if b.last {
		return count
	}
	return b.n
}

// A SelectionError says which item of a selection is wrong, and why.
type SelectionError struct {
	Code  string // form, page, turn or none
	Item  string // as it was written
	Place int    // of the item, from 1; 0 with the code "none"
	Pages int    // of the file, with the code "page"
}

// The codes of selection errors.
const (
	selForm = "form" // the item is not of the language
	selPage = "page" // the file has no such page
	selTurn = "turn" // pages that are taken away cannot be turned
	selNone = "none" // nothing is left
)

func (e *SelectionError) Error() string { return e.In("en") }

// In says the error in a language, vi or en.
func (e *SelectionError) In(lang string) string {
	vi := lang == "vi"
	switch e.Code {
	case selPage:
		if vi {
			return fmt.Sprintf("mục thứ %d “%s”: tệp chỉ có %d trang, đánh số từ 1", e.Place, e.Item, e.Pages)
		}
		return fmt.Sprintf("item %d %q: the file has %d pages, counted from 1", e.Place, e.Item, e.Pages)
	case selTurn:
		if vi {
			return fmt.Sprintf("mục thứ %d “%s”: trang bị bỏ thì không xoay được", e.Place, e.Item)
		}
		return fmt.Sprintf("item %d %q: pages that are taken away cannot be turned", e.Place, e.Item)
	case selNone:
		if vi {
			return "không còn trang nào được chọn"
		}
		return "no page is left"
	}
	if vi {
		return fmt.Sprintf("mục thứ %d “%s” không hiểu được: viết số trang (3), khoảng trang (1-4, 7-3, 5-last), bỏ trang (!2), xoay trang (3r90, r180)", e.Place, e.Item)
	}
	return fmt.Sprintf("item %d %q is not understood: write a page (3), a range (1-4, 7-3, 5-last), pages to leave out (!2), a turn (3r90, r180)", e.Place, e.Item)
}

// Parse reads a selection. The error is a [*SelectionError].
func Parse(s string) (Selection, error) {
	var sel Selection
	for i, text := range strings.Split(s, ",") {
		it, ok := parseItem(strings.TrimSpace(text))
		if it.text, it.place = text, i+1; !ok {
			return Selection{}, &SelectionError{Code: selForm, Item: text, Place: i + 1}
		}
		if it.drop && it.turn != 0 {
			return Selection{}, &SelectionError{Code: selTurn, Item: text, Place: i + 1}
		}
		sel.items = append(sel.items, it)
	}
	return sel, nil
}

var turns = map[string]int{"90": 1, "180": 2, "270": 3}

func parseItem(s string) (it item, ok bool) {
	s, it.drop = strings.CutPrefix(s, "!")
	if pages, turn, turned := strings.Cut(s, "r"); turned {
		if it.turn, ok = turns[turn]; !ok {
			return it, false
		}
		s = pages
	}
	if s == "" {
		it.all = true
		return it, it.turn != 0 && !it.drop
	}
	from, to, ranged := strings.Cut(s, "-")
	if it.from, ok = parseBound(from); !ok {
		return it, false
	}
	it.to = it.from
	if ranged {
		it.to, ok = parseBound(to)
	}
	return it, ok
}

func parseBound(s string) (bound, bool) {
	if s == "last" {
		return bound{last: true}, true
	}
	n, err := strconv.Atoi(s)
	return bound{n: n}, err == nil && n >= 0 && s[0] != '+' && n < 1<<30
}

// Of returns what is selected of a file of count pages: Page and Turn of each
// [Pick]. The error is a [*SelectionError]; so is asking for more than most
// pages in all, since nobody writes that by hand and means it.
func (s Selection) Of(count, most int) ([]Pick, error) {
	away := map[int]bool{}
	var picks []Pick
	positive := false
	for _, it := range s.items {
		from, to := it.from.of(count), it.to.of(count)
		if it.all {
			from, to = 1, count
		}
		if from < 1 || to < 1 || from > count || to > count || len(picks)+max(from, to)-min(from, to) >= most {
			return nil, &SelectionError{Code: selPage, Item: it.text, Place: it.place, Pages: count}
		}
		positive = positive || !it.drop
		for n := from; ; {
			if it.drop {
				away[n] = true
			} else {
				picks = append(picks, Pick{Page: n, Turn: it.turn})
			}
			if n == to {
				break
			} else if n < to {
				n++
			} else {
				n--
			}
		}
	}
	if !positive {
		for n := 1; n <= count; n++ {
			picks = append(picks, Pick{Page: n})
		}
	}
	kept := picks[:0]
	for _, p := range picks {
		if !away[p.Page] {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return nil, &SelectionError{Code: selNone}
	}
	return kept, nil
}

// Parts cuts an arrangement of count pages after the pages that cuts name: a
// list as "3,5", which makes the parts 1-3, 4-5 and the rest. The error is a
// [*SelectionError].
func Parts(cuts string, count int) ([][2]int, error) {
	var parts [][2]int
	from := 1
	for i, text := range strings.Split(cuts, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, &SelectionError{Code: selForm, Item: text, Place: i + 1}
		}
		if n < from || n >= count {
			return nil, &SelectionError{Code: selPage, Item: text, Place: i + 1, Pages: count}
		}
		parts = append(parts, [2]int{from, n})
		from = n + 1
	}
	return append(parts, [2]int{from, count}), nil
}
