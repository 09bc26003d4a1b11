package specimen

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// TestConditions makes a page of each condition, some twice, and holds it to
// what its name says.
func TestConditions(t *testing.T) {
	p := press(t)
	names := map[string]bool{}
	for i, c := range Conditions() {
		if names[c.Name] || c.Name == "" {
			t.Errorf("%q is no name of its own", c.Name)
		}
		names[c.Name] = true
		kind := Kinds()[i%12]
		s, err := p.Sample(c, kind, uint64(i), 50)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if i%4 == 0 || c.Over.Photo != 0 || c.Over.Typed {
			again, _ := p.Sample(c, kind, uint64(i), 50)
			if !bytes.Equal(s.Bytes, again.Bytes) || s.Name != again.Name {
				t.Errorf("%s: one seed, two files", c.Name)
			}
		}
		if !strings.HasPrefix(s.Name, c.Name) || len(s.Truth.Pages) != 1 || s.Page.Text() != s.Truth.Pages[0] {
			t.Errorf("%s: sample %s with %d pages of truth", c.Name, s.Name, len(s.Truth.Pages))
		}
		if w := c.Wear(uint64(i)); c.Lean != 0 && (math.Abs(w.Skew) > c.Lean || math.Abs(w.Skew) < c.Lean/2) {
			t.Errorf("%s: leans by %g", c.Name, w.Skew)
		}
	}
}

// TestAdds looks for what is added, in its region, and sees that the rest of
// the paper stays as it is.
func TestAdds(t *testing.T) {
	p := press(t)
	plain := p.Paper(Notice, 9, About{})
	for region, adds := range map[Region]Adds{Small: {Small: true}, English: {English: true}, Table: {Tables: true}, Hand: {Hand: true}, Body: {Stamped: true, Codes: true}} {
		s := p.Paper(Notice, 9, About{Adds: adds})
		found, hands := 0, 0
		for _, page := range s.Pages {
			for _, l := range page.Lines {
				for _, w := range l {
					if w.Region == region {
						found++
					}
					if w.Region == Hand {
						hands++
						if strings.Contains(page.Text(), l.Text()) {
							t.Errorf("%q is written by hand and in the text", l.Text())
						}
					}
					if w.Region == Small && w.Size > 9 {
						t.Errorf("%q is not small: %g points", w.Text, w.Size)
					}
				}
			}
		}
		if found == 0 || (hands > 0) != adds.Hand {
			t.Errorf("%s: %d words, %d by hand", region, found, hands)
		}
		text := strings.Join(s.Truth.Pages, " ")
		for _, w := range strings.Fields(strings.Join(plain.Truth.Pages, " ")) {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is gone", region, w)
			}
		}
		if (len(s.Truth.Codes) == 2) != adds.Codes {
			t.Errorf("%s: codes %v", region, s.Truth.Codes)
		}
	}
}

// TestHeadOrder: the left column of the head is read before the right.
func TestHeadOrder(t *testing.T) {
	s := press(t).Paper(Letter, 3, About{Parent: "UBND tỉnh Lam Hà", Agency: "Sở Tư pháp", Number: "7/STP-VP"})
	text := s.Truth.Pages[0]
	at := -1
	for _, want := range []string{"UBND TỈNH LAM HÀ", "SỞ TƯ PHÁP", "Số: 7/STP-VP", "V/v", nation, motto, ", ngày", "Kính gửi", "Nơi nhận", "GIÁM ĐỐC"} {
		i := strings.Index(text, want)
		if i <= at {
			t.Errorf("%q at %d, not after %d:\n%s", want, i, at, text)
		}
		at = i
	}
}

const ascii = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;/-()%²"

// TestAskedFaces: the typewriter's and the pen's faces have every letter.
func TestAskedFaces(t *testing.T) {
	p := press(t)
	if len(p.asked) != len(asked()) {
		t.Fatalf("families %v: install fonts-texgyre", p.Families())
	}
	for _, f := range p.asked {
		for st, font := range f.fonts {
			var buf sfnt.Buffer
			for _, r := range letters + strings.ToUpper(letters) + ascii {
				g, err := font.GlyphIndex(&buf, r)
				if err != nil || g == 0 {
					t.Errorf("%s, style %d: no glyph for %c: %v", f.Name, st, r, err)
				}
				// Some CFF faces have outlines that x/image cannot draw.
				if o, err := font.LoadGlyph(&buf, g, fixed.I(100), nil); err != nil || len(o) == 0 {
					t.Errorf("%s, style %d: no outline for %c: %v", f.Name, st, r, err)
				}
			}
		}
		if s := p.Paper(Decision, 1, About{Font: f.Name}); s.family.Name != f.Name {
			t.Errorf("asked for %s, got %s", f.Name, s.family.Name)
		}
	}
}

func TestQuartersAndGlass(t *testing.T) {
	s := press(t).Paper(Decision, 5, About{})
	w := Wear{Grey: true}
	up := s.Render(0, 72, w, 1).(*image.Gray)
	for n, at := range map[int]func(x, y int) uint8{
		1: func(x, y int) uint8 { return up.GrayAt(y, up.Rect.Dy()-1-x).Y },
		2: func(x, y int) uint8 { return up.GrayAt(up.Rect.Dx()-1-x, up.Rect.Dy()-1-y).Y },
		3: func(x, y int) uint8 { return up.GrayAt(up.Rect.Dx()-1-y, x).Y },
	} {
		w.Turn = n
		g := s.Render(0, 72, w, 1).(*image.Gray)
		if wide := g.Rect.Dx() > g.Rect.Dy(); wide != (n&1 == 1) {
			t.Errorf("%d quarters: %v", n, g.Rect)
		}
		for y := 0; y < g.Rect.Dy(); y += 3 {
			for x := 0; x < g.Rect.Dx(); x += 3 {
				if g.GrayAt(x, y).Y != at(x, y) {
					t.Fatalf("%d quarters: pixel %d %d", n, x, y)
				}
			}
		}
	}
	g := s.Render(0, 72, Wear{Grey: true, Border: 20, Holes: 2}, 1).(*image.Gray)
	if g.GrayAt(1, 300).Y > 60 || g.GrayAt(36, 421+113).Y > 60 || g.GrayAt(36, 421).Y < 200 {
		t.Errorf("edge %d, hole %d, between the holes %d", g.GrayAt(1, 300).Y, g.GrayAt(36, 421+113).Y, g.GrayAt(36, 421).Y)
	}
}

// TestFaxHasItsOwnResolution: 204 dots across, 98 lines down, as libtiff reads it.
func TestFaxHasItsOwnResolution(t *testing.T) {
	s := press(t).Paper(Decision, 5, About{})
	f, err := s.File(TIFFG4, 300, Wear{Grey: true, FaxLines: 98}, 1)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	at := le.Uint32(f.Bytes[4:])
	got := map[uint16]uint32{}
	for i := range uint32(le.Uint16(f.Bytes[at:])) {
		e := f.Bytes[at+2+12*i:]
		value := le.Uint32(e[8:])
		if tag := le.Uint16(e); tag == 282 || tag == 283 {
			value = le.Uint32(f.Bytes[value:]) / le.Uint32(f.Bytes[value+4:])
		}
		got[le.Uint16(e)] = value
	}
	if got[282] != 204 || got[283] != 98 || got[256] != 1687 || got[257] != 1146 {
		t.Errorf("%v", got)
	}
	if _, err := s.File(JPEG, 200, Wear{FaxLines: 98}, 1); err == nil {
		t.Error("a fax came as a JPEG")
	}
}

// TestPhotograph: the page fills most of the picture, its corners lie inside,
// and the file does not say a resolution.
func TestPhotograph(t *testing.T) {
	s := press(t).Paper(Decision, 5, About{})
	f, err := s.File(JPEG, 72, Wear{Photo: 0.6}, 3)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(f.Bytes))
	if err != nil || bytes.Contains(f.Bytes[:30], []byte("JFIF")) {
		t.Fatalf("%v, density %v", err, f.Bytes[:30])
	}
	bright := 0
	for y := 0; y < m.Bounds().Dy(); y += 4 {
		for x := 0; x < m.Bounds().Dx(); x += 4 {
			if _, _, b, _ := m.At(x, y).RGBA(); b>>8 > 85 {
				bright++
			}
		}
	}
	all := m.Bounds().Dx() * m.Bounds().Dy() / 16
	if r, _, _, _ := m.At(2, 2).RGBA(); r>>8 > 120 || bright*100 < all*60 || bright*100 > all*95 {
		t.Errorf("corner %d, %d of %d bright", r>>8, bright, all)
	}
	q := [4][2]float64{{10, 20}, {100, 25}, {90, 140}, {5, 150}}
	for i, want := range [4][2]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
		if u, v := toUnit(q).at(q[i][0], q[i][1]); math.Abs(u-want[0]) > 1e-9 || math.Abs(v-want[1]) > 1e-9 {
			t.Errorf("corner %d lands at %g %g", i, u, v)
		}
	}
}

// TestCode128 holds the bars to ISO/IEC 15417: every character 11 modules, the
// end 13; and to bars that zbar reads.
func TestCode128(t *testing.T) {
	if n := len(code128("000.12.H26-2507-0042")); n != 11*(1+20+1)+13 {
		t.Errorf("%d modules", n)
	}
	// start B, A (33), check (104+33) mod 103 = 34, stop
	if got := code128("A"); got != "11010010000"+"10100011000"+"10001011000"+"1100011101011" {
		t.Errorf("A is %s", got)
	}
}
