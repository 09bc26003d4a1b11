package readingcopy

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"sohoa/scan"
)

// sheet is a page of 300 dpi with rows of black letters, as tall as those of
// print, a red ring, and a photograph.
func sheet() *image.RGBA {
	const w, h = 1240, 1240
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(1, 1))
	for y := range h {
		for x := range w {
			v := 236 + byte(random.IntN(8))
			img.SetRGBA(x, y, color.RGBA{v, v, v - 12, 255})
		}
	}
	for line := range 8 {
		for letter := range 30 {
			x, y := 60+letter*36, 60+line*60
			for k := range 26 {
				for t := range 5 {
					img.SetRGBA(x+t, y+k, color.RGBA{20, 18, 22, 255})
					img.SetRGBA(x+18*(line%2)+t, y+k, color.RGBA{20, 18, 22, 255})
					img.SetRGBA(x+k*4/5, y+t+13, color.RGBA{20, 18, 22, 255})
				}
			}
		}
	}
	for a := 0.0; a < 2*math.Pi; a += 0.001 {
		for t := range 7 {
			r := 140 + float64(t)
			img.SetRGBA(int(300+r*math.Cos(a)), int(900+r*math.Sin(a)), color.RGBA{205, 40, 45, 255})
		}
	}
	for y := range 420 {
		for x := range 420 {
			v := photo(x, y)
			img.SetRGBA(700+x, 700+y, color.RGBA{v, v, v, 255})
		}
	}
	return img
}

func photo(x, y int) byte {
	return byte(120 + 50*math.Sin(float64(x)/17) + 50*math.Cos(float64(y)/23))
}

func stored(t *testing.T, img image.Image) scan.Page {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	box := img.Bounds()
	return scan.Page{Encoding: scan.JPEG, Width: box.Dx(), Height: box.Dy(), Components: 3, Bits: 8, DPIX: 300, DPIY: 300, DPIFrom: scan.FromFile, Data: b.Bytes()}
}

// joined is what a reader shows of layers, at the size of the page.
func joined(t *testing.T, l Layers, w, h int) *image.RGBA {
	t.Helper()
	back, err := scan.Decode(l.Back)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, back.At(x*l.Back.Width/w, y*l.Back.Height/h))
		}
	}
	for _, m := range l.Masks {
		img, err := scan.Decode(m.Image)
		if err != nil {
			t.Fatal(err)
		}
		for y := range h {
			for x := range w {
				if img.(*image.Gray).GrayAt(x, y).Y == 0 {
					out.SetRGBA(x, y, color.RGBA{m.Colour[0], m.Colour[1], m.Colour[2], 255})
				}
			}
		}
	}
	return out
}

// Letters stay where they were to the pixel, a seal stays red, a photograph
// stays a photograph, and it all takes a fraction of the room.
func TestLayers(t *testing.T) {
	img := sheet()
	p := stored(t, img)
	l, err := Take(p)
	if err != nil || len(l.Masks) != 2 {
		t.Fatalf("%d masks, %v", len(l.Masks), err)
	}
	size := len(l.Back.Data)
	for _, m := range l.Masks {
		size += len(m.Image.Data)
	}
	if 3*size > len(p.Data) {
		t.Errorf("%d bytes of %d", size, len(p.Data))
	}
	got := joined(t, l, p.Width, p.Height)
	wrong, letters := 0, 0
	for y := 50; y < 560; y++ {
		for x := 50; x < 1190; x++ {
			black, seen := img.RGBAAt(x, y).R < 128, got.RGBAAt(x, y).R < 128
			if black {
				letters++
			}
			if black != seen {
				wrong++
			}
		}
	}
	if letters < 10_000 || 100*wrong > 2*letters {
		t.Errorf("%d pixels of %d in letters are other than they were", wrong, letters)
	}
	if c := got.RGBAAt(300+143, 900); int(c.R)-int(c.G) < 100 || int(c.R)-int(c.B) < 100 {
		t.Errorf("the seal is %v", c)
	}
	sum := 0.0
	for y := 40; y < 380; y++ {
		for x := 40; x < 380; x++ {
			d := float64(got.RGBAAt(700+x, 700+y).G) - float64(photo(x, y))
			sum += d * d
		}
	}
	if off := math.Sqrt(sum / (340 * 340)); off > 8 {
		t.Errorf("the photograph is %.1f off", off)
	}
}

// Paper of two tones, and pages of which layers gain nothing, stay as they are.
func TestLeftAlone(t *testing.T) {
	fax, err := scan.TwoTone(80, 40, make([]byte, 400))
	if err != nil {
		t.Fatal(err)
	}
	noise := image.NewRGBA(image.Rect(0, 0, 100, 100))
	random := rand.New(rand.NewPCG(2, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32()) | byte(255*(i%4/3))
	}
	small := stored(t, noise)
	small.DPIX, small.DPIY = 100, 100
	var coarse bytes.Buffer
	if err := jpeg.Encode(&coarse, noise, &jpeg.Options{Quality: 20}); err != nil {
		t.Fatal(err)
	}
	small.Data = coarse.Bytes()
	for name, p := range map[string]scan.Page{"fax": fax, "coarse already": small} {
		l, err := Take(p)
		if err != nil || len(l.Masks) > 0 || !bytes.Equal(l.Back.Data, p.Data) {
			t.Errorf("%s: %d masks, %d bytes, %v", name, len(l.Masks), len(l.Back.Data), err)
		}
	}
	broken := small
	broken.Data = broken.Data[:len(broken.Data)/2]
	if _, err := Take(broken); err == nil {
		t.Error("half a page was taken apart")
	}
}

// What a child says is read with care.
func TestRead(t *testing.T) {
	l, err := Take(stored(t, sheet()))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, l); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(b.Bytes())
	got, err := read(&b)
	if err != nil || len(got.Masks) != len(l.Masks) || got.Masks[1].Colour != l.Masks[1].Colour || !bytes.Equal(got.Masks[0].Image.Data, l.Masks[0].Image.Data) {
		t.Errorf("%d masks came back, %v", len(got.Masks), err)
	}
	for _, n := range []int{0, 1, 5, len(whole) - 1} {
		if _, err := read(bytes.NewReader(whole[:n])); err == nil {
			t.Errorf("%d bytes were read as layers", n)
		}
	}
	if _, err := read(bytes.NewReader([]byte{200})); err == nil {
		t.Error("200 masks were taken")
	}
}
