package search

import (
	"strings"
	"unicode/utf8"

	"sohoa/dossier"
)

// A Piece is part of a text that is shown: Hit says that it is what was looked
// for. Its text is as it stands in the paper: whoever shows it escapes it.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// A Hit is a paper that was found, as it is shown.
type Hit struct {
	Document dossier.DocumentID
	Dossier  dossier.Code
	Kind     dossier.KindCode
	Holder   dossier.HolderID
	Demo     bool
	Issued   string  // YYYY-MM-DD, or empty
	Title    []Piece // confirmed title
	Number   []Piece // confirmed number
	Subject  []Piece
	Name     []Piece // of the holder; none unless the reader may see it
	Snippet  []Piece // of the text, where most of what was looked for stands
	At       Cursor  // where the next page goes on, if it is the last of this one
}

// An Answer is one page.
type Answer struct {
	Hits []Hit
	Next Cursor // zero: there is no more

	// Count is how many papers answer, up to MostCounted; of a query whose plan
	// says Look it is those that may, and Rough is set.
	Count int
	Rough bool

	Behind bool // archived papers are not in the index yet
}

// MostCounted is how far answers are counted.
const MostCounted = 1000

// window is how many words a snippet has.
const window = 36

// Show makes a hit of a paper.
func (p Plan) Show(paper Paper) Hit {
	h := Hit{Document: paper.Document, Dossier: paper.Dossier, Kind: paper.Kind, Holder: paper.Holder,
		Issued:  paper.Field(dossier.FieldIssued),
		Title:   p.Highlight(paper.Field(dossier.FieldTitle)),
		Number:  p.Highlight(paper.Field(dossier.FieldNumber)),
		Subject: p.Highlight(paper.Field(dossier.FieldSubject)),
		Snippet: p.Snippet(paper.Text)}
	if p.people {
		h.Name = p.Highlight(paper.Name)
	}
	return h
}

// Highlight takes a short text apart into what was looked for and what was not.
func (p Plan) Highlight(text string) []Piece {
	text = Normal(text)
	list := words(text)
	marks, _ := p.marks(list)
	return pieces(text, list, marks, 0, len(text))
}

// A Place is where something stands in a text: bytes.
type Place struct{ From, To int }

// Places returns where what was looked for stands in a text, which must be
// [Normal], in order: what [Plan.Highlight] marks. Where pictures of pages are
// marked, they are so by it.
func (p Plan) Places(text string) []Place {
	list := words(text)
	marks, _ := p.marks(list)
	var all []Place
	at := 0
	for _, piece := range pieces(text, list, marks, 0, len(text)) {
		if piece.Hit {
			all = append(all, Place{at, at + len(piece.Text)})
		}
		at += len(piece.Text)
	}
	return all
}

// Snippet cuts out of a text where most of what was looked for stands: at the
// first such place. Without any it is how the text begins.
func (p Plan) Snippet(text string) []Piece {
	if len(text) > MostText {
		text = Normal(text[:MostText])
	}
	list := words(text)
	if len(list) == 0 {
		return nil
	}
	marks, which := p.marks(list)
	from := best(marks, which, len(p.needs))
	to := min(from+window, len(list))
	begin, end := list[from].start, list[to-1].end
	if from == 0 {
		begin = 0
	}
	if to == len(list) {
		end = len(text)
	}
	all := pieces(text, list, marks, begin, end)
	if begin > 0 {
		all = append([]Piece{{Text: "… "}}, all...)
	}
	if end < len(text) {
		all = append(all, Piece{Text: " …"})
	}
	return short(all)
}

// marks says which words are part of what was looked for, and of which need.
func (p Plan) marks(list []token) (marks []bool, which []int) {
	marks, which = make([]bool, len(list)), make([]int, len(list))
	for k, n := range p.needs {
		for i := range list {
			for j := range n.at(list, i, p.exact) {
				marks[i+j], which[i+j] = true, k
			}
		}
	}
	return marks, which
}

// best returns the word at which a snippet begins: the window with most needs
// in it, then with most words, then the first; a few words before the first mark.
func best(marks []bool, which []int, needs int) int {
	in := make([]int, needs) // marked words of each need in the window
	kinds, count, top, from := 0, 0, 0, 0
	for i := range marks {
		if marks[i] {
			count++
			if in[which[i]]++; in[which[i]] == 1 {
				kinds++
			}
		}
		if out := i - window; out >= 0 && marks[out] {
			count--
			if in[which[out]]--; in[which[out]] == 0 {
				kinds--
			}
		}
		if score := kinds*window*2 + count; score > top {
			top, from = score, max(0, i-window+1)
		}
	}
	for from < len(marks) && top > 0 && !marks[from] {
		from++
	}
	return max(0, min(from-window/4, len(marks)-window))
}

// pieces cuts text[begin:end] at the marked words; marked words side by side are
// one piece with what is between them, if that is no end of a line.
func pieces(text string, list []token, marks []bool, begin, end int) []Piece {
	var all []Piece
	at := begin
	for i := 0; i < len(list); i++ {
		if !marks[i] || list[i].start < begin || list[i].end > end {
			continue
		}
		last := i
		for last+1 < len(list) && marks[last+1] && list[last+1].end <= end && len(text[list[last].end:list[last+1].start]) <= 3 {
			last++
		}
		if list[i].start > at {
			all = append(all, Piece{Text: text[at:list[i].start]})
		}
		all = append(all, Piece{Text: text[list[i].start:list[last].end], Hit: true})
		at, i = list[last].end, last
	}
	if at < end {
		all = append(all, Piece{Text: text[at:end]})
	}
	return all
}

// mostSnippet bounds what is shown of a text without spaces, in bytes.
const mostSnippet = 1200

// short makes lines of a snippet one, and cuts what is too long.
func short(all []Piece) []Piece {
	left := mostSnippet
	for i := range all {
		lead, trail := strings.HasPrefix(all[i].Text, " ") || strings.HasPrefix(all[i].Text, "\n"), strings.HasSuffix(all[i].Text, " ") || strings.HasSuffix(all[i].Text, "\n")
		s := strings.Join(strings.Fields(all[i].Text), " ")
		switch {
		case s == "":
			s = " "
		case lead && trail:
			s = " " + s + " "
		case lead:
			s = " " + s
		case trail:
			s += " "
		}
		if len(s) > left {
			for left > 0 && !utf8.RuneStart(s[left]) {
				left--
			}
			all[i].Text = s[:left] + "…"
			return all[:i+1]
		}
		all[i].Text, left = s, left-len(s)
	}
	return all
}
