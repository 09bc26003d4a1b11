package readingcopy

import (
	"testing"

	"sohoa/scan"
)

const tinos = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"

// TestMark puts a mark on pages that lie in all four ways: upright it is at the
// foot, over most of the width, and nowhere else.
func TestMark(t *testing.T) {
	m, err := NewMark(tinos)
	if err != nil {
		t.Fatal(err)
	}
	for turn := range 4 {
		page := scan.Page{Encoding: scan.JPEG, Width: 800, Height: 1200, DPIX: 150, DPIY: 150}
		if turn%2 == 1 {
			page.Width, page.Height = page.Height, page.Width
		}
		l, err := m.On(Layers{Back: page}, turn)
		if err != nil || len(l.Masks) != 1 {
			t.Fatalf("turn %d: %v, %d masks", turn, err, len(l.Masks))
		}
		mask := l.Masks[0].Image
		if mask.Width != page.Width || mask.Height != page.Height {
			t.Fatalf("turn %d: the mask has %d × %d pixels", turn, mask.Width, mask.Height)
		}
		sheet, err := m.draw(800, 1200)
		if err != nil {
			t.Fatal(err)
		}
		_, _, rows := asStored(sheet, turn)
		line, foot, ink := (page.Width+7)/8, 0, 0
		for y := range page.Height {
			for x := range page.Width {
				if rows[y*line+x/8]&(0x80>>(x%8)) == 0 {
					continue
				}
				ink++
				if _, up := upright(x, y, page.Width, page.Height, turn); up > 1150 {
					foot++
				}
			}
		}
		if ink < 1000 || foot != ink {
			t.Errorf("turn %d: %d pixels of ink, %d at the foot", turn, ink, foot)
		}
	}
}

// upright is where a stored pixel comes to lie when its page is turned clockwise.
func upright(x, y, w, h, turn int) (int, int) {
	for range turn {
		x, y, w, h = h-1-y, x, h, w
	}
	return x, y
}

// TestNoMarkOnKept leaves a page alone that takes no mask.
func TestNoMarkOnKept(t *testing.T) {
	m, err := NewMark(tinos)
	if err != nil {
		t.Fatal(err)
	}
	l, err := m.On(Layers{Back: scan.Page{Graft: []byte("x")}}, 0)
	if err != nil || len(l.Masks) != 0 {
		t.Error(err, len(l.Masks))
	}
	if _, err := NewMark("mark_test.go"); err == nil {
		t.Error("a source file is no font")
	}
}
