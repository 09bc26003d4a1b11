package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// A testTIFF writes TIFF files of many pages, as scanners do.
type testTIFF struct {
	order byteOrder
	b     []byte
	link  int // where the offset of the next directory goes
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// A testEntry is one field: 3 for SHORT, 4 for LONG, 5 for RATIONAL (pairs), 7 for bytes.
type testEntry struct {
	tag, kind uint16
	values    []uint32
}

func newTestTIFF(order byteOrder) *testTIFF {
	w := &testTIFF{order: order, b: []byte("II*\x00\x00\x00\x00\x00"), link: 4}
	if order == byteOrder(binary.BigEndian) {
		w.b = []byte("MM\x00*\x00\x00\x00\x00")
	}
	return w
}

// page appends a directory with entries and the strips.
func (w *testTIFF) page(strips [][]byte, entries ...testEntry) {
	offsets, counts := testEntry{tagOffsets, 4, nil}, testEntry{tagCounts, 4, nil}
	for _, s := range strips {
		offsets.values = append(offsets.values, uint32(len(w.b)))
		counts.values = append(counts.values, uint32(len(s)))
		w.b = append(w.b, s...)
	}
	if slices.ContainsFunc(entries, func(e testEntry) bool { return e.tag == tagTileWidth }) {
		offsets.tag, counts.tag = tagTileOffsets, tagTileCounts
	}
	entries = append(entries, offsets, counts)
	slices.SortFunc(entries, func(a, b testEntry) int { return int(a.tag) - int(b.tag) })
	dir := w.order.AppendUint16(nil, uint16(len(entries)))
	for _, e := range entries {
		var data []byte
		for _, v := range e.values {
			switch e.kind {
			case 3:
				data = w.order.AppendUint16(data, uint16(v))
			case 7:
				data = append(data, byte(v))
			default:
				data = w.order.AppendUint32(data, v)
			}
		}
		n := len(e.values)
		if e.kind == 5 {
			n /= 2
		}
		dir = w.order.AppendUint16(w.order.AppendUint16(dir, e.tag), e.kind)
		dir = w.order.AppendUint32(dir, uint32(n))
		if len(data) > 4 {
			dir = w.order.AppendUint32(dir, uint32(len(w.b)))
			w.b = append(w.b, data...)
		} else {
			dir = append(dir, append(data, 0, 0, 0, 0)[:4]...)
		}
	}
	w.order.PutUint32(w.b[w.link:], uint32(len(w.b)))
	w.b = append(w.b, dir...)
	w.link = len(w.b)
	w.b = append(w.b, 0, 0, 0, 0)
}

func short(tag uint16, v ...uint32) testEntry { return testEntry{tag, 3, v} }

// speckled returns n bytes that compress a little.
func speckled(n int) []byte {
	rnd := rand.New(rand.NewPCG(7, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		if b[i] = byte(i / 5); rnd.IntN(4) == 0 {
			b[i] = byte(rnd.Uint32())
		}
	}
	return b
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// packBitsOf codes runs and literals both.
func packBitsOf(b []byte) (out []byte) {
	for len(b) > 0 {
		n := 1
		for n < len(b) && n < 128 && b[n] == b[0] {
			n++
		}
		if n > 1 {
			out = append(out, byte(1-n), b[0])
		} else {
			out = append(out, 0, b[0])
		}
		b = b[n:]
	}
	return out
}

// lzwOf codes every byte by itself, in 9 bits, and clears the table in time.
func lzwOf(b []byte) []byte {
	var acc, n uint
	var out []byte
	put := func(code uint) {
		acc, n = acc<<9|code, n+9
		for ; n >= 8; n -= 8 {
			out = append(out, byte(acc>>(n-8)))
		}
	}
	for i, c := range b {
		if i%200 == 0 {
			put(256)
		}
		put(uint(c))
	}
	put(257)
	return append(out, byte(acc<<(8-n)))
}

// g4Of codes one-bit rows, 1 for black.
func g4Of(t *testing.T, rows []byte, w int) []byte {
	t.Helper()
	g := newG4Writer(w)
	for n := (w + 7) / 8; len(rows) > 0; rows = rows[n:] {
		if err := g.row(rows[:n]); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := g.finish()
	return out
}

func openBytes(t *testing.T, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func pageOf(t *testing.T, f *File, i int) (Page, image.Image) {
	t.Helper()
	p, err := f.Page(i)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, img
}

// same compares pixel by pixel, in 8 bits a colour.
func same(t *testing.T, got, want image.Image) {
	t.Helper()
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("%v, want %v", got.Bounds(), want.Bounds())
	}
	n := 3 * got.Bounds().Dx()
	a, b := make([]byte, n), make([]byte, n)
	for y := range got.Bounds().Dy() {
		rowRGB(got, got.Bounds().Min.Y+y, a)
		rowRGB(want, want.Bounds().Min.Y+y, b)
		if !bytes.Equal(a, b) {
			for x := range a {
				if a[x] != b[x] {
					t.Fatalf("row %d differs first in byte %d: %d, want %d", y, x, a[x], b[x])
				}
			}
		}
	}
}

func chop(b []byte, n int) (parts [][]byte) {
	for ; len(b) > n; b = b[n:] {
		parts = append(parts, b[:n])
	}
	return append(parts, b)
}

func packAll(parts [][]byte, pack func([]byte) []byte) (out [][]byte) {
	for _, p := range parts {
		out = append(out, pack(p))
	}
	return out
}

// TestTIFFAgainstReference decodes what golang.org/x/image/tiff can decode too.
func TestTIFFAgainstReference(t *testing.T) {
	asIs := func(b []byte) []byte { return b }
	const w, h = 83, 50
	for _, row := range []struct {
		name                     string
		bits, samples            int
		pack, photometric, strip uint32
		code                     func([]byte) []byte
		more                     []testEntry
	}{
		{"grey none", 8, 1, packNone, blackIsZero, 7, asIs, nil},
		{"grey none one strip", 8, 1, packNone, blackIsZero, h, asIs, nil},
		{"grey white is zero", 8, 1, packNone, whiteIsZero, 16, asIs, nil},
		{"grey deflate", 8, 1, packDeflate, blackIsZero, 16, deflate, nil},
		{"grey packbits", 8, 1, packBits, blackIsZero, 16, packBitsOf, nil},
		{"grey 16", 16, 1, packNone, blackIsZero, 16, asIs, nil},
		{"rgb none", 8, 3, packNone, rgbColour, 16, asIs, nil},
		{"rgb deflate predictor", 8, 3, packDeflate, rgbColour, 16, deflate, []testEntry{short(tagPredictor, 2)}},
		{"rgb 16 predictor", 16, 3, packDeflate, rgbColour, 9, deflate, []testEntry{short(tagPredictor, 2)}},
		{"rgb alpha", 8, 4, packDeflate, rgbColour, 16, deflate, []testEntry{short(tagExtra, 2)}},
		{"bilevel none", 1, 1, packNone, blackIsZero, 16, asIs, nil},
		{"bilevel white is zero", 1, 1, packBits, whiteIsZero, 16, packBitsOf, nil},
		{"palette", 8, 1, packDeflate, palette, 16, deflate, []testEntry{colourMap(8)}},
		{"rgb lzw predictor", 8, 3, packLZW, rgbColour, 16, lzwOf, []testEntry{short(tagPredictor, 2)}},
	} {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			n := (w*row.bits*row.samples + 7) / 8
			f := newTestTIFF(order)
			bitsOf := make([]uint32, row.samples)
			for i := range bitsOf {
				bitsOf[i] = uint32(row.bits)
			}
			f.page(packAll(chop(speckled(n*h), n*int(row.strip)), row.code), append([]testEntry{
				short(tagWidth, w), short(tagHeight, h), short(tagBits, bitsOf...), short(tagCompression, row.pack),
				short(tagPhotometric, row.photometric), short(tagSamples, uint32(row.samples)), short(tagRowsPerStrip, row.strip)}, row.more...)...)
			t.Run(row.name+" "+order.String(), func(t *testing.T) {
				want, err := tiff.Decode(bytes.NewReader(f.b))
				if err != nil {
					t.Fatal(err)
				}
				p, got := pageOf(t, openBytes(t, f.b), 0)
				same(t, got, want)
				if p.Note == "" || p.Width != w || p.Height != h {
					t.Errorf("page %+v", p)
				}
				if row.bits == 1 && p.Encoding != G4 && p.Encoding != JBIG2 || row.bits != 1 && p.Encoding != Flate {
					t.Errorf("stored as %s", p.Encoding)
				}
			})
		}
	}
}

func colourMap(bits int) testEntry {
	e := testEntry{tag: tagColorMap, kind: 3}
	for i := range 3 << bits {
		e.values = append(e.values, uint32(i*7919%256)*257)
	}
	return e
}

func TestTIFFFewBits(t *testing.T) {
	m := colourMap(4)
	f := newTestTIFF(binary.LittleEndian)
	f.page([][]byte{{0x1f, 0xa0}, {0x00, 0x70}}, short(tagWidth, 3), short(tagHeight, 2), short(tagBits, 4), short(tagPhotometric, palette), short(tagRowsPerStrip, 1), m)
	f.page([][]byte{{0x1b}}, short(tagWidth, 4), short(tagHeight, 1), short(tagBits, 2), short(tagPhotometric, blackIsZero))
	in := openBytes(t, f.b)
	_, got := pageOf(t, in, 0)
	for i, index := range []int{1, 15, 10, 0, 0, 7} {
		want := color.RGBA{byte(m.values[index]), byte(m.values[16+index]), byte(m.values[32+index]), 0xff}
		if c := got.At(i%3, i/3); c != want {
			t.Errorf("pixel %d is %v, want %v", i, c, want)
		}
	}
	_, got = pageOf(t, in, 1)
	same(t, got, &image.Gray{Pix: []byte{0, 85, 170, 255}, Stride: 4, Rect: image.Rect(0, 0, 4, 1)})
}

// twoTone is a page of big black blots, so that runs are of all lengths.
func twoTone(w, h int) (rows []byte, img *image.Gray) {
	n := (w + 7) / 8
	rows, img = make([]byte, n*h), image.NewGray(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for range 40 {
		x0, y0, dx, dy := rnd.IntN(w), rnd.IntN(h), 1+rnd.IntN(w), 1+rnd.IntN(1+h/4)
		for y := y0; y < min(h, y0+dy); y++ {
			for x := x0; x < min(w, x0+dx); x++ {
				if rnd.IntN(50) > 0 {
					img.Pix[y*w+x] ^= 0xff
				}
			}
		}
	}
	for i, v := range img.Pix {
		if v == 0 {
			rows[i/w*n+i%w/8] |= 0x80 >> (i % w % 8)
		}
	}
	return rows, img
}

func TestTIFFFax(t *testing.T) {
	for _, w := range []int{1, 7, 64, 2480, 6000} {
		const h = 60
		rows, want := twoTone(w, h)
		whole := g4Of(t, rows, w)
		mirror := bytes.Clone(whole)
		for i := range mirror {
			mirror[i] = bits.Reverse8(mirror[i])
		}
		n := (w + 7) / 8
		strips := packAll(chop(rows, 16*n), func(b []byte) []byte { return g4Of(t, b, w) })
		head := []testEntry{short(tagWidth, uint32(w)), short(tagHeight, h), short(tagCompression, packG4)}
		f := newTestTIFF(binary.LittleEndian)
		f.page([][]byte{whole}, append(head, short(tagPhotometric, whiteIsZero))...)
		f.page([][]byte{mirror}, append(head, short(tagPhotometric, whiteIsZero), short(tagFillOrder, 2))...)
		f.page([][]byte{whole}, append(head, short(tagPhotometric, blackIsZero))...)
		f.page(strips, append(head, short(tagPhotometric, whiteIsZero), short(tagRowsPerStrip, 16))...)
		file := openBytes(t, f.b)
		if file.Pages() != 4 || file.Media() != MediaTIFF {
			t.Fatalf("%d pages of %s", file.Pages(), file.Media())
		}
		for i := range 4 {
			p, got := pageOf(t, file, i)
			if i == 2 { // all the other way round
				for k := range want.Pix {
					want.Pix[k] ^= 0xff
				}
			}
			same(t, got, want)
			if i == 2 {
				for k := range want.Pix {
					want.Pix[k] ^= 0xff
				}
			}
			if i == 3 { // strips, which are joined: in the smaller coding
				if len(p.Data) > len(whole) || p.Encoding == G4 && !bytes.Equal(p.Data, whole) || !p.BlackIsOne {
					t.Errorf("width %d: strips are stored as %d bytes of %s", w, len(p.Data), p.Encoding)
				}
				continue
			}
			if !bytes.Equal(p.Data, whole) || p.Index != i || p.Encoding != G4 || p.BlackIsOne != (i != 2) {
				t.Errorf("width %d page %d: %d bytes of %s, want the strip's %d", w, i, len(p.Data), p.Encoding, len(whole))
			}
		}
	}
}

func TestTIFFTiles(t *testing.T) {
	const w, h, tw, th = 83, 50, 32, 16
	px := speckled(w * h)
	var tiles [][]byte
	for y := 0; y < h; y += th {
		for x := 0; x < w; x += tw {
			tile := make([]byte, tw*th)
			for i := range tile {
				if sx, sy := x+i%tw, y+i/tw; sx < w && sy < h {
					tile[i] = px[sy*w+sx]
				}
			}
			tiles = append(tiles, deflate(tile))
		}
	}
	f := newTestTIFF(binary.BigEndian)
	f.page(tiles, short(tagWidth, w), short(tagHeight, h), short(tagBits, 8), short(tagCompression, packDeflate),
		short(tagPhotometric, blackIsZero), short(tagTileWidth, tw), short(tagTileHeight, th))
	_, got := pageOf(t, openBytes(t, f.b), 0)
	same(t, got, &image.Gray{Pix: px, Stride: w, Rect: image.Rect(0, 0, w, h)})
}

func TestTIFFOrientation(t *testing.T) {
	const w, h = 5, 3
	px := speckled(w * h)
	f := newTestTIFF(binary.LittleEndian)
	for o := range uint32(8) {
		f.page([][]byte{px}, short(tagWidth, w), short(tagHeight, h), short(tagBits, 8), short(tagPhotometric, blackIsZero), short(tagOrientation, o+1),
			testEntry{tagXRes, 5, []uint32{11811, 100}}, testEntry{tagYRes, 5, []uint32{11811, 100}}, short(tagResUnit, 3))
	}
	file := openBytes(t, f.b)
	// where TIFF 6.0 p. 36 puts the stored pixel (x, y) of each orientation
	places := [8]func(x, y int) (int, int){
		func(x, y int) (int, int) { return x, y },
		func(x, y int) (int, int) { return w - 1 - x, y },
		func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		func(x, y int) (int, int) { return x, h - 1 - y },
		func(x, y int) (int, int) { return y, x },
		func(x, y int) (int, int) { return h - 1 - y, x },
		func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		func(x, y int) (int, int) { return y, w - 1 - x },
	}
	for o, place := range places {
		p, img := pageOf(t, file, o)
		if p.DPIX != 300 && (p.DPIX < 299.99 || p.DPIX > 300.01) || p.DPIFrom != FromFile {
			t.Errorf("%g dpi from %s", p.DPIX, p.DPIFrom)
		}
		for range p.Turn {
			img = quarterTurn(img)
		}
		for i, v := range px {
			x, y := place(i%w, i/w)
			if got := color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y; got != v {
				t.Fatalf("orientation %d: pixel %d,%d is %d, want %d", o+1, x, y, got, v)
			}
		}
	}
}

// quarterTurn turns clockwise.
func quarterTurn(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(x, y))
		}
	}
	return out
}

// TestTIFFJPEG has pages coded as JPEG: whole, with the tables apart, in strips.
func TestTIFFJPEG(t *testing.T) {
	const w, h = 96, 64
	code := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	picture := colourful(w, h)
	file := code(picture)
	tables, stripped := splitTables(file)
	head := []testEntry{short(tagWidth, w), short(tagHeight, h), short(tagBits, 8, 8, 8), short(tagCompression, packJPEG), short(tagPhotometric, yCbCr), short(tagSamples, 3)}
	f := newTestTIFF(binary.LittleEndian)
	f.page([][]byte{file}, head...)
	tablesEntry := testEntry{tag: tagJPEGTables, kind: 7}
	for _, b := range tables {
		tablesEntry.values = append(tablesEntry.values, uint32(b))
	}
	f.page([][]byte{stripped}, append(head, tablesEntry)...)
	top, bottom := picture.SubImage(image.Rect(0, 0, w, 32)), picture.SubImage(image.Rect(0, 32, w, h))
	f.page([][]byte{code(top), code(bottom)}, append(head, short(tagRowsPerStrip, 32))...)
	in := openBytes(t, f.b)
	want, _ := jpeg.Decode(bytes.NewReader(file))
	for i, note := range []string{"", "tables", "stored without loss"} {
		p, got := pageOf(t, in, i)
		if i < 2 {
			same(t, got, want)
		}
		if !strings.Contains(p.Note, note) || (p.Note == "") != (note == "") {
			t.Errorf("page %d: note %q, want %q", i, p.Note, note)
		}
		if i == 0 && !bytes.Equal(p.Data, file) {
			t.Error("the JPEG strip was changed")
		}
	}
	_, got := pageOf(t, in, 2)
	for i, part := range []image.Image{top, bottom} {
		want, _ := jpeg.Decode(bytes.NewReader(code(part)))
		same(t, got.(*image.RGBA).SubImage(image.Rect(0, 32*i, w, 32*i+32)), want)
	}
}

// splitTables moves the quantisation and Huffman tables of a JPEG file out.
func splitTables(file []byte) (tables, rest []byte) {
	tables, rest = []byte{0xff, 0xd8}, []byte{0xff, 0xd8}
	i := 2
	for file[i+1] != 0xda {
		n := 2 + int(binary.BigEndian.Uint16(file[i+2:]))
		if m := file[i+1]; m == 0xdb || m == 0xc4 {
			tables = append(tables, file[i:i+n]...)
		} else {
			rest = append(rest, file[i:i+n]...)
		}
		i += n
	}
	return append(tables, 0xff, 0xd9), append(rest, file[i:]...)
}
