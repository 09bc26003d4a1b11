package web

import (
	"net/http"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// mostHits is how many hits are lit in one document: a word like "của" stands
// everywhere.
const mostHits = 500

// hits is what was looked for, as it stands in one document.
type hits struct {
	Q     search.Query
	All   []hit
	More  bool           // than are lit
	Blind bool           // the places of words are not known
	Text  []search.Piece // of the document, with what was looked for
}

// hit is one place where what was looked for stands: a word, or words in a row.
type hit struct {
	Number int   `json:"number"` // from 1, in reading order
	Page   int   `json:"page"`
	Boxes  []lit `json:"boxes"`
}

// lit is a rectangle of a hit, one for each line it stands on.
type lit struct {
	Page int        `json:"page"`
	Box  [4]float64 `json:"box"` // points, from the page's upper left corner
}

// hitsShow shows a document with what was looked for lit on its pages. It comes
// by a form as a search does: no address tells what was looked for. It opens
// nothing that the document's page does not.
func (s *server) hitsShow(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	q := search.Query{Text: strings.TrimSpace(v.r.PostFormValue("q")), Exact: v.r.PostFormValue("exact") != "", People: v.allowed(people, nil) == nil}
	plan, err := q.Plan()
	if err != nil {
		return searchProblem(err)
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return err
	}
	view, err := s.documentView(v, d, do, nil, nil)
	if err != nil {
		return err
	}
	h := &hits{Q: q, Blind: len(view.pages) == 0, Text: plan.Highlight(view.Text)}
	h.All, h.More = lightUp(plan, view.pages)
	if v.json() {
		return v.reply(struct {
			Hits []hit `json:"hits"`
			More bool  `json:"more,omitempty"`
		}{append([]hit{}, h.All...), h.More})
	}
	view.Lit = h
	for i := range h.All {
		h.All[i].on(view.Sheets)
	}
	return s.show(v, http.StatusOK, "document", "document.title", view)
}

// spot is a word of a page in the text that is searched.
type spot struct {
	start, end int // bytes
	page, line int
	box        [4]float64
}

// lightUp finds what plan looks for among the words of pages, which it reads in
// the order and with the spaces that the document's text has.
func lightUp(plan search.Plan, pages []readPage) (all []hit, more bool) {
	var text strings.Builder
	var words []spot
	line := 0
	for n, p := range pages {
		if !(p.DPIX > 0 && p.DPIY > 0) {
			continue
		}
		x, y := 72/p.DPIX, 72/p.DPIY
		for _, l := range p.Lines {
			line++
			for _, w := range l.Words {
				at := text.Len()
				text.WriteString(search.Normal(w.Text))
				b := w.Box
				words = append(words, spot{at, text.Len(), n + 1, line, [4]float64{b.X0 * x, b.Y0 * y, b.X1 * x, b.Y1 * y}})
				text.WriteByte(' ')
			}
		}
	}
	next := 0
	for _, place := range plan.Places(text.String()) {
		for next < len(words) && words[next].end <= place.From {
			next++
		}
		var h hit
		last := -1
		for i := next; i < len(words) && words[i].start < place.To; i++ {
			w := words[i]
			if w.line != last {
				h.Boxes, last = append(h.Boxes, lit{w.page, w.box}), w.line
				continue
			}
			b := &h.Boxes[len(h.Boxes)-1].Box
			*b = [4]float64{min(b[0], w.box[0]), min(b[1], w.box[1]), max(b[2], w.box[2]), max(b[3], w.box[3])}
		}
		if len(h.Boxes) == 0 {
			continue
		}
		if len(all) == mostHits {
			return all, true
		}
		h.Number, h.Page = len(all)+1, h.Boxes[0].Page
		all = append(all, h)
	}
	return all, false
}

// hitMark is a rectangle on a sheet.
type hitMark struct {
	Number     int
	First      bool // the one that is gone to
	X, Y, W, H float64
}

// on puts h on the sheets.
func (h *hit) on(sheets []sheet) {
	for i, l := range h.Boxes {
		if l.Page <= len(sheets) {
			sh := &sheets[l.Page-1]
			sh.Hits = append(sh.Hits, hitMark{h.Number, i == 0, l.Box[0] - 2, l.Box[1] - 2, l.Box[2] - l.Box[0] + 4, l.Box[3] - l.Box[1] + 4})
		}
	}
}
