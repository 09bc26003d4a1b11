package layout

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"strings"
	"testing"
)

// A sketch is a page at 200 dpi with bars for letters.
type sketch struct{ *image.Gray }

func blank() sketch {
	g := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	return sketch{g}
}

func (s sketch) fill(x0, y0, x1, y1 int, v byte) {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			s.Pix[y*s.Stride+x] = v
		}
	}
}

// letters prints n letters of 18 pixels from x on; every sixth is a space.
func (s sketch) letters(x, y, n int) {
	for i := range n {
		if i%6 == 5 {
			continue
		}
		at := x + 16*i
		s.fill(at, y, at+4, y+18, 20)
		s.fill(at+8, y, at+12, y+18, 20)
		s.fill(at, y+8, at+12, y+11, 20)
	}
}

// pen draws a zigzag.
func (s sketch) pen(x, y int) {
	for i := range 3000 {
		t := float64(i) / 3000
		px, py := x+int(t*160), y+int(60+60*math.Sin(t*22))
		s.fill(px, py, px+4, py+4, 60)
	}
}

func (s sketch) frame(xs, ys []int, v byte) {
	for _, y := range ys {
		s.fill(xs[0], y, xs[len(xs)-1]+2, y+2, v)
	}
	for _, x := range xs {
		s.fill(x, ys[0], x+2, ys[len(ys)-1]+2, v)
	}
}

func told(p Plan) string {
	var all []string
	for _, r := range p.Regions {
		what := string(r.Kind)
		if r.Head {
			what = "head"
		}
		if r.Kind == Cell {
			what = fmt.Sprintf("cell %d %d,%d %d×%d", r.Table, r.Row, r.Col, r.RowSpan, r.ColSpan)
		} else {
			what += fmt.Sprintf(" %d,%d", r.Box.Min.X/10, r.Box.Min.Y/10)
		}
		all = append(all, what)
	}
	return strings.Join(all, "; ")
}

// The order of a paper by NĐ 30/2020 Phụ lục I: agency, nation, number, day,
// what stands below the number, title, body, addressees, signer.
func TestReadingOrder(t *testing.T) {
	s := blank()
	s.letters(250, 200, 17) // agency, two lines
	s.letters(280, 240, 11)
	s.letters(620, 200, 40) // nation and motto
	s.letters(700, 240, 29)
	s.letters(280, 310, 17) // number and day
	s.letters(700, 310, 29)
	s.letters(260, 350, 17) // subject of a letter
	s.letters(600, 430, 23) // title
	for i := range 8 {
		s.letters(250, 520+42*i, 71)
	}
	s.letters(250, 950, 11) // addressees and signer
	s.letters(250, 990, 17)
	s.letters(250, 1030, 17)
	s.letters(1000, 950, 17)
	s.letters(1040, 990, 11)
	s.letters(1000, 1250, 17)
	want := "head 25,20; head 62,20; head 28,31; head 70,31; head 26,35; text 60,43; text 25,52; text 25,95; text 100,95; text 100,125"
	if got := told(Analyse(s.Gray, 200)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Spaces that happen to lie above each other are no gutter.
func TestSetLinesAreOneBlock(t *testing.T) {
	s := blank()
	for i := range 12 {
		s.letters(250, 900+42*i, 71) // every space is above another, 20 pixels wide
	}
	if got := told(Analyse(s.Gray, 200)); got != "text 25,90" {
		t.Error(got)
	}
}

func TestThreeSignersSideBySide(t *testing.T) {
	s := blank()
	for i := range 3 {
		s.letters(250+400*i, 1500, 11)
		s.letters(250+400*i, 1750, 17)
	}
	// each signs below what they are
	if got := told(Analyse(s.Gray, 200)); got != "text 25,150; text 25,175; text 65,150; text 65,175; text 105,150; text 105,175" {
		t.Error(got)
	}
}

func TestTable(t *testing.T) {
	for name, v := range map[string]byte{"black": 0, "faded": 175} {
		s := blank()
		s.letters(250, 900, 71)
		s.frame([]int{250, 400, 900, 1400}, []int{1000, 1080, 1160, 1240}, v)
		s.fill(402, 1060, 900, 1082, 255) // nothing between two fields of a column
		s.fill(890, 1162, 910, 1240, 255) // and of a row
		s.fill(600, 1159, 602, 1163, 255) // a scratch
		s.fill(250, 1240, 252, 1242, v)   // the corners again
		s.letters(420, 1110, 11)          // in a field
		s.letters(1000, 1110, 11)
		s.letters(250, 1400, 71)
		p := Analyse(s.Gray, 200)
		want := "text 25,90; cell 1 0,0 1×1; cell 1 0,1 2×1; cell 1 0,2 1×1; cell 1 1,0 1×1; cell 1 1,2 1×1; cell 1 2,0 1×1; cell 1 2,1 1×2; text 25,140"
		if got := told(p); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
		if p.Clean.Pix[1000*p.Clean.Stride+300] != 255 || p.Clean.Pix[1100*p.Clean.Stride+250] != 255 {
			t.Errorf("%s: the rulings are still there", name)
		}
		if p.Clean.Pix[1115*p.Clean.Stride+421] > 100 {
			t.Errorf("%s: the letters are gone", name)
		}
	}
}

func TestPen(t *testing.T) {
	s := blank()
	for i := range 6 {
		s.letters(250, 900+42*i, 71)
	}
	s.fill(300, 1300, 380, 1400, 0) // a bold letter of a large title is none
	s.fill(320, 1320, 360, 1380, 255)
	s.pen(1000, 1400)
	p := Analyse(s.Gray, 200)
	last := p.Regions[len(p.Regions)-1]
	if n := strings.Count(told(p), string(Hand)); n != 1 || last.Kind != Hand || !last.Box.In(image.Rect(990, 1390, 1180, 1540)) {
		t.Errorf("%s", told(p))
	}
	for i, v := range p.Clean.Pix[1400*p.Clean.Stride : 1530*p.Clean.Stride] {
		if x := i % p.Clean.Stride; x > 900 && v < dark {
			t.Fatal("the pen's strokes are still there")
		}
	}
}

// Straight lines under words go, letters that cross them stay.
func TestUnderlineGoes(t *testing.T) {
	s := blank()
	s.letters(250, 900, 40)
	s.fill(250, 925, 900, 927, 0)
	s.fill(300, 900, 304, 940, 0) // reaches below
	p := Analyse(s.Gray, 200)
	if p.Clean.Pix[925*p.Clean.Stride+600] != 255 || p.Clean.Pix[926*p.Clean.Stride+301] > 100 {
		t.Error("the line stays, or the letter is cut")
	}
}

func TestPure(t *testing.T) {
	s := blank()
	s.letters(250, 900, 40)
	s.pen(1000, 1400)
	before := bytes.Clone(s.Pix)
	first := Analyse(s.Gray, 200)
	if again := Analyse(s.Gray, 200); told(first) != told(again) || !bytes.Equal(first.Clean.Pix, again.Clean.Pix) {
		t.Error("the same page is planned otherwise")
	}
	if !bytes.Equal(before, s.Pix) {
		t.Error("the page was changed")
	}
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 1, 1), image.Rect(0, 0, 5000, 2), image.Rect(0, 0, 2, 5000)} {
		if p := Analyse(image.NewGray(r), 200); len(p.Regions) > 2 {
			t.Errorf("%v: %s", r, told(p))
		}
	}
}

// The numbers of paragraphs are read with them, however wide the space.
func TestNumbersStayWithTheirText(t *testing.T) {
	s := blank()
	for i := range 3 {
		s.letters(250, 900+42*i, 2)
		s.letters(330, 900+42*i, 53)
	}
	if got := told(Analyse(s.Gray, 200)); got != "text 25,90" {
		t.Error(got)
	}
}

// The serifs and bars of capitals side by side are no ruling, a short line is.
func TestSerifsAreNoRuling(t *testing.T) {
	s := blank()
	s.letters(250, 900, 53)
	s.fill(250, 960, 330, 964, 20) // the bars of four capitals, and what carries them
	for i := range 4 {
		s.fill(258+20*i, 960, 264+20*i, 985, 20)
	}
	s.letters(360, 962, 29)
	s.fill(250, 1010, 330, 1013, 20)
	clean := Analyse(s.Gray, 200).Clean
	if clean.GrayAt(252, 962).Y > 100 {
		t.Error("the bar of a capital was erased")
	}
	if clean.GrayAt(290, 1011).Y < 200 {
		t.Error("a short line was kept")
	}
}

// Two letters that the ring of a seal touches are kept in their word.
func TestPrintUnderARing(t *testing.T) {
	s := blank()
	s.letters(250, 900, 53)
	s.letters(1000, 1500, 3)
	s.letters(1096, 1500, 5)
	for i := range 60 { // an arc of 65 pixels from before the fourth letter to its left
		x := 1048 + i*2/3
		s.fill(x, 1490+i, x+3, 1492+i, 60)
	}
	s.fill(1048, 1500, 1052, 1518, 20)
	s.fill(1046, 1508, 1062, 1511, 20)
	clean := Analyse(s.Gray, 200).Clean
	if clean.GrayAt(1050, 1514).Y > 100 {
		t.Error("a letter was erased with the ring that touches it")
	}
}
