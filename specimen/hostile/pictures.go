package hostile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"math/rand/v2"
)

// pictures are files of scanners' kinds.
var pictures = []kind{
	{"jpeg-scans", ".jpg", func(_ *rand.Rand, n int) []byte { // each scan goes over the whole picture once more
		side := []int{2000, 4000, 8000, 14000}[n%4]
		b := jpegHead(side, side, 1, 0xc2)
		scan := []byte("\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10")
		for i := range grow(n, 500, 3) {
			s := bytes.Clone(scan)
			s[9] = byte(0x10 >> (4 * (i % 2)))
			b = append(b, s...)
		}
		return append(b, 0xff, 0xd9)
	}},
	{"jpeg-huge", ".jpg", func(_ *rand.Rand, n int) []byte {
		side := []int{65500, 14000, 60000, 65535}[n%4]
		return append(jpegHead(side, side, 1+2*(n%2), 0xc0), "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9"...)
	}},
	{"jpeg-markers", ".jpg", func(_ *rand.Rand, n int) []byte {
		segment := append([]byte{0xff, []byte{0xfe, 0xe1, 0xe2, 0xed}[n%4], 0xff, 0xff}, make([]byte, 65533)...)
		b := []byte("\xff\xd8")
		for range grow(n, 4, 3) {
			b = append(b, segment...)
		}
		b = append(b, bytes.Repeat([]byte{0xff, 0xe3, 0, 2}, grow(n, 1000, 5))...)
		return append(b, goodJPEG(64, 64)[2:]...)
	}},
	{"jpeg-tables", ".jpg", func(r *rand.Rand, n int) []byte {
		b := []byte("\xff\xd8")
		for range grow(n, 10, 5) {
			t := append([]byte{0xff, 0xc4, 0, 83, byte(r.IntN(256))}, bytes.Repeat([]byte{0xff}, 80)...)
			b = append(b, t...)
		}
		return append(b, goodJPEG(64, 64)[2:]...)
	}},
	{"exif-loop", ".jpg", func(_ *rand.Rand, n int) []byte {
		exif := append([]byte("Exif\x00\x00"), ifds(binary.LittleEndian, n)...)
		b := append([]byte{0xff, 0xd8, 0xff, 0xe1}, byte((len(exif)+2)>>8), byte(len(exif)+2))
		return append(append(b, exif...), goodJPEG(64, 64)[2:]...)
	}},
	{"png-text", ".png", func(_ *rand.Rand, n int) []byte {
		name := []string{"zTXt", "iTXt", "iCCP", "eXIf"}[n%4]
		return png(chunkOf(name, append([]byte("x\x00\x00"), blown(grow(n, 64, 3))...)), chunkOf("IDAT", []byte(deflate(make([]byte, 65*64)))))
	}},
	{"png-huge", ".png", func(_ *rand.Rand, n int) []byte {
		head := pngHead([]uint32{0x7fffffff, 60000, 14000, 1}[n%4], []uint32{0x7fffffff, 60000, 14000, 0x7fffffff}[n%4], 8, []byte{0, 2, 6, 0}[n%4], byte(n%2))
		return append(append(bytes.Clone(pngMagic), head...), append(chunkOf("IDAT", []byte(deflate(make([]byte, 100)))), chunkOf("IEND", nil)...)...)
	}},
	{"png-data", ".png", func(_ *rand.Rand, n int) []byte { // far more rows than it says
		return png(chunkOf("IDAT", blown(grow(n, 64, 3))))
	}},
	{"png-chunks", ".png", func(_ *rand.Rand, n int) []byte {
		b := append(bytes.Clone(pngMagic), pngHead(64, 64, 8, 0, 0)...)
		for range grow(n, 1000, 6) {
			b = append(b, chunkOf([]string{"IDAT", "tEXt", "PLTE", "IHDR"}[n%4], nil)...)
		}
		return append(append(b, chunkOf("IDAT", []byte(deflate(make([]byte, 65*64))))...), chunkOf("IEND", nil)...)
	}},
	{"png-full", ".png", func(_ *rand.Rand, n int) []byte { // just within the limit of pixels, in every colour type, interlaced
		side := uint32(14000)
		colour := []byte{0, 2, 4, 6}[n%4]
		head := pngHead(side, side, 8, colour, byte(n/2%2))
		row := int(side) * []int{1, 3, 2, 4}[n%4]
		return append(append(bytes.Clone(pngMagic), head...), append(chunkOf("IDAT", run(0, (row+1)*int(side))), chunkOf("IEND", nil)...)...)
	}},
	{"tiff-loop", ".tif", func(_ *rand.Rand, n int) []byte {
		return ifds([]binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}[n%2], n)
	}},
	{"tiff-pages", ".tif", func(_ *rand.Rand, n int) []byte {
		t := newTIFF()
		data := run(0x99, 64*64)
		at := t.put(data)
		for range grow(n, 2500, 3) {
			t.page(64, 64, 64, 8, 8, []uint32{at}, []uint32{uint32(len(data))})
		}
		return t.b
	}},
	{"tiff-overlap", ".tif", func(_ *rand.Rand, n int) []byte { // thousands of strips, all the same bytes
		t := newTIFF()
		data := blown(8)
		at := t.put(data)
		strips := grow(n, 500, 3)
		offsets, counts := make([]uint32, strips), make([]uint32, strips)
		for i := range strips {
			offsets[i], counts[i] = at, uint32(len(data))
		}
		t.page(1000, uint32(strips), 1, 8, 8, offsets, counts)
		return t.b
	}},
	{"tiff-huge", ".tif", func(_ *rand.Rand, n int) []byte {
		t := newTIFF()
		at := t.put(make([]byte, 200))
		side := []uint32{0xffffffff, 60000, 14000, 0}[n%4]
		t.page(side, side, []uint32{side, 1}[n/4%2], []uint32{8, 1, 1, 16}[n%4], []uint32{1, 4, 4, 5}[n%4], []uint32{at}, []uint32{200})
		return t.b
	}},
	{"tiff-counts", ".tif", func(r *rand.Rand, n int) []byte { // entries that say they have billions of values
		t := newTIFF()
		at := t.put(make([]byte, 200))
		t.page(64, 64, 64, 1, 1, []uint32{at}, []uint32{200})
		for i := range 16 {
			k := 8 + 200 + 2 + 12*i
			if k+12 < len(t.b) && r.IntN(3) == 0 {
				copy(t.b[k+4:], "\xff\xff\xff\x7f\xff\xff\xff\xff"[:4+4*(n%2)])
			}
		}
		return t.b
	}},
	{"tiff-bomb", ".tif", func(_ *rand.Rand, n int) []byte {
		t := newTIFF()
		pack := []uint32{8, 32773, 5, 8}[n%4]
		data := blown(190)
		if pack == 32773 {
			data = bytes.Repeat([]byte{129, 0}, 1_500_000)
		}
		at := t.put(data)
		t.page(14000, 14000, 14000, 8, pack, []uint32{at}, []uint32{uint32(len(data))})
		return t.b
	}},
	{"tiff-fax", ".tif", func(r *rand.Rand, n int) []byte {
		t := newTIFF()
		data := make([]byte, grow(n, 100, 20))
		for i := range data {
			data[i] = byte(r.Uint32()) | byte(0xff*(n%2))
		}
		at := t.put(data)
		t.page(14000, 14000, 14000, 1, []uint32{4, 3, 4, 2}[n%4], []uint32{at}, []uint32{uint32(len(data))})
		return t.b
	}},
}

// goodJPEG is a picture without harm.
func goodJPEG(w, h int) []byte {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 5)
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // into memory
	return b.Bytes()
}

// jpegHead is all of a JPEG before its first scan (ITU-T T.81 annex B).
func jpegHead(w, h, components int, frame byte) []byte {
	b := []byte("\xff\xd8\xff\xdb\x00\x43\x00")
	b = append(b, bytes.Repeat([]byte{8}, 64)...)
	b = append(b, 0xff, frame, 0, byte(8+3*components), 8, byte(h>>8), byte(h), byte(w>>8), byte(w), byte(components))
	for i := range components {
		b = append(b, byte(i+1), 0x11, 0)
	}
	for class := range 2 { // one code of one bit: nothing
		b = append(b, 0xff, 0xc4, 0, 20, byte(class<<4), 1)
		b = append(b, make([]byte, 16)...)
	}
	return b
}

var pngMagic = []byte("\x89PNG\r\n\x1a\n")

func pngHead(w, h uint32, bits, colour, interlaced byte) []byte {
	d := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return chunkOf("IHDR", append(d, bits, colour, 0, 0, interlaced))
}

func chunkOf(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// png is a small picture with the chunks given.
func png(chunks ...[]byte) []byte {
	b := append(bytes.Clone(pngMagic), pngHead(64, 64, 8, 0, 0)...)
	return append(append(b, bytes.Join(chunks, nil)...), chunkOf("IEND", nil)...)
}
