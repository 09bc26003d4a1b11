// Package specimen makes papers that never were, together with the truth about
// them: for the demonstration, the tests and the benches.
//
// A [Press] holds the typefaces of the machine. It sets a [Sheet], one paper of
// a [Kind] in the layout of NĐ 30/2020/NĐ-CP Phụ lục I, from a seed and from what
// the caller gives [About] it; what is not given is invented. A Sheet knows its
// words and their places in points, and its [Truth]; it is drawn at any
// resolution with any [Wear] (skew, noise, shade, folds, fading, fax …) and
// written as a [File] a scanner could have made. A [Condition] names one way
// among all these in which papers come to us, and makes a [Sample] of it. [Bad]
// lists files that must be refused.
//
// Agencies, places and people are invented. Everything is a pure function of its
// arguments and the fonts: same seed, same bytes.
package specimen

import (
	"strings"
	"time"
)

// A Region is a part of a paper, for telling where reading fails.
type Region string

// The regions. Hand is written by hand and no part of the text to be read.
const (
	Body      Region = "body"
	Header    Region = "header" // agency, nation, number, place and date
	Title     Region = "title"  // tên loại, trích yếu, Kính gửi
	Table     Region = "table"
	Small     Region = "small"   // footnotes
	English   Region = "english" // paragraphs in English
	Recipient Region = "recipients"
	Signature Region = "signature"
	Hand      Region = "hand"
)

// A Kind is a kind of paper.
type Kind string

// The kinds.
const (
	Decision     Kind = "quyet-dinh"
	Letter       Kind = "cong-van"
	Proposal     Kind = "to-trinh"
	Report       Kind = "bao-cao" // with a table
	Notice       Kind = "thong-bao"
	Minutes      Kind = "bien-ban"
	Licence      Kind = "giay-phep"
	Certificate  Kind = "giay-chung-nhan"
	Application  Kind = "don-de-nghi" // by a citizen: no agency, number or seal
	BirthExtract Kind = "trich-luc-khai-sinh"
	Contract     Kind = "hop-dong"
	Residence    Kind = "xac-nhan-cu-tru"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{Decision, Letter, Proposal, Report, Notice, Minutes, Licence,
		Certificate, Application, BirthExtract, Contract, Residence}
}

// About is what a caller wants printed. Empty fields are invented from the seed.
type About struct {
	Parent  string    // cơ quan chủ quản; "-" for none
	Agency  string    // cơ quan ban hành, in any case; printed in capitals
	Place   string    // địa danh before the date
	Number  string    // số, ký hiệu without "Số:", as 12/QĐ-UBND
	Date    time.Time // day of issue; only the day is used, in its own zone
	Subject string    // trích yếu without "Về việc" or "V/v"

	Holder       string // name of the person the paper is about
	HolderNumber string // their 12-digit number
	Signer       string // name of who signs
	Office       string // chức vụ of who signs

	Adds  Adds   // what else is on the paper
	Pages int    // how many pages at least; the body is made long enough
	Font  string // name of a [Family]; empty is the seed's choice, mostly Tinos
	Plain bool   // without seal and handwriting
}

// Truth is what is printed on a paper.
type Truth struct {
	Kind         Kind     `json:"kind"`
	Title        string   `json:"title"`            // tên loại in capitals; empty for a công văn
	Number       string   `json:"number"`           // số, ký hiệu; empty if the paper has none
	Issued       string   `json:"issued"`           // YYYY-MM-DD
	Parent       string   `json:"parent,omitempty"` // cơ quan chủ quản as printed, in capitals
	Issuer       string   `json:"issuer"`           // cơ quan ban hành as printed, in capitals; empty if none
	Place        string   `json:"place"`            // địa danh
	Subject      string   `json:"subject"`          // trích yếu, without "Về việc"; empty if none is printed
	Holder       string   `json:"holder,omitempty"` // as printed, if it is
	HolderNumber string   `json:"holderNumber,omitempty"`
	Signer       string   `json:"signer"`
	Office       string   `json:"office"`
	Codes        []Code   `json:"codes,omitempty"`
	Pages        []string `json:"pages"` // printed text of each page in reading order, lines by \n; without the seal's and the hand's
}

// A Word is one printed word and its place.
type Word struct {
	Text  string
	X, Y  float64 // points from the left and top edges to the left end of the baseline
	Width float64 // points
	Size  float64 // type size in points

	Region Region // what part of the paper it is in
	style  style
}

// A Line is words that a reader takes as one line, left to right.
type Line []Word

// Text returns the words with single spaces between them.
func (l Line) Text() string {
	words := make([]string, len(l))
	for i, w := range l {
		words[i] = w.Text
	}
	return strings.Join(words, " ")
}

// A Page is one laid-out A4 page.
type Page struct {
	Lines []Line // in reading order

	rules     []rule
	seals     []seal
	scribbles []scribble
	codes     []placedCode
}

// Text returns the page's printed lines, one below the other.
func (p *Page) Text() string {
	var b strings.Builder
	for _, l := range p.Lines {
		if len(l) > 0 && l[0].Region == Hand {
			continue
		}
		b.WriteString(l.Text())
		b.WriteByte('\n')
	}
	return b.String()
}

// The size of a page in points: A4.
const (
	PageWidth  = 210 / 25.4 * 72
	PageHeight = 297 / 25.4 * 72
)

// A Sheet is one paper, laid out but not yet drawn.
type Sheet struct {
	Pages []Page
	Truth Truth

	family Family
}

// A rule is a straight printed line, in points.
type rule struct{ x0, y0, x1, y1, width float64 }

// A seal is a round red stamp, in points.
type seal struct {
	x, y, radius float64 // centre
	turn         float64 // radians
	text         string  // around the rim
	seed         uint64  // of the uneven ink
}

// A scribble is a blue signature within a box, in points.
type scribble struct {
	x, y, width, height float64
	seed                uint64
}
