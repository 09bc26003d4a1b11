package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"sohoa/jail"
)

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withSegment puts a segment right after SOI.
func withSegment(file []byte, marker byte, data string) []byte {
	seg := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(data)))
	return append(append(bytes.Clone(file[:2]), append(seg, data...)...), file[2:]...)
}

// withChunk puts a chunk right after IHDR.
func withChunk(file []byte, name, data string) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	c = append(append(c, name...), data...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return append(append(bytes.Clone(file[:33]), c...), file[33:]...)
}

func colourful(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, color.RGBA{byte(2 * i % w), byte(3 * i / w), byte(i), 0xff})
	}
	return img
}

func greyscale(w, h int) *image.Gray {
	return &image.Gray{Pix: speckled(w * h), Stride: w, Rect: image.Rect(0, 0, w, h)}
}

func TestJPEG(t *testing.T) {
	file := jpegOf(t, colourful(1240, 175))
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	for _, row := range []struct {
		name   string
		file   []byte
		dpi    float64
		from   DPISource
		turn   int
		note   string
		stored Encoding
	}{
		{"as it is", file, 200, Assumed, 0, "", JPEG},
		{"inches", withSegment(file, 0xe0, "JFIF\x00\x01\x02\x01\x01\x2c\x01\x2c\x00\x00"), 300, FromFile, 0, "", JPEG},
		{"centimetres", withSegment(file, 0xe0, "JFIF\x00\x01\x02\x02\x00\x76\x00\x76\x00\x00"), 299.72, FromFile, 0, "", JPEG},
		{"no unit", withSegment(file, 0xe0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"), 200, Assumed, 0, "", JPEG},
		{"a screen's", withSegment(file, 0xe0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x00\x00"), 200, Assumed, 0, "", JPEG},
		{"turned", withSegment(file, 0xe1, exif), 200, Assumed, 1, "", JPEG},
		{"mirrored", withSegment(file, 0xe1, strings.Replace(exif, "\x00\x06", "\x00\x02", 1)), 200, Assumed, 0, "mirror image undone", Flate},
		{"RGB by name", named(file), 200, Assumed, 0, "RGB stored without loss", Flate},
		{"RGB by Adobe's mark", withSegment(file, 0xee, "Adobe\x00\x64\x00\x00\x00\x00\x00"), 200, Assumed, 0, "", JPEG},
		{"more behind", append(bytes.Clone(file), "%PDF-1.4"...), 200, Assumed, 0, "bytes after the end of the picture left out", JPEG},
		{"broken EXIF", withSegment(file, 0xe1, exif[:20]), 200, Assumed, 0, "", JPEG},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, got := pageOf(t, openBytes(t, row.file), 0)
			if math.Abs(p.DPIX-row.dpi) > 0.01 || p.DPIX != p.DPIY || p.DPIFrom != row.from || p.Turn != row.turn || p.Note != row.note || p.Encoding != row.stored {
				t.Errorf("page %+v", header(p))
			}
			if row.stored == JPEG && !bytes.Equal(p.Data, bytes.TrimSuffix(row.file, []byte("%PDF-1.4"))) {
				t.Error("the bytes were not carried over")
			}
			want, err := jpeg.Decode(bytes.NewReader(row.file))
			if err != nil {
				t.Fatal(err)
			}
			if row.name == "mirrored" {
				want = mirrored{want}
			}
			same(t, got, want)
		})
	}
}

// named gives the three components of a JPEG file the names R, G, B.
func named(file []byte) []byte {
	b := bytes.Clone(file)
	sof, sos := bytes.Index(b, []byte{0xff, 0xc0}), bytes.Index(b, []byte{0xff, 0xda})
	for i, name := range "RGB" {
		b[sof+10+3*i], b[sos+5+2*i] = byte(name), byte(name)
	}
	return b
}

func header(p Page) Page { p.Data = nil; return p }

// fourColours makes a CMYK JPEG of four grey pictures, one scan for each.
func fourColours(t *testing.T, adobe string) []byte {
	plane := jpegOf(t, greyscale(16, 16))
	sof, dht, sos := bytes.Index(plane, []byte{0xff, 0xc0}), bytes.Index(plane, []byte{0xff, 0xc4}), bytes.Index(plane, []byte{0xff, 0xda})
	b := append(bytes.Clone(plane[:sof+2]), 0, 20, 8, 0, 16, 0, 16, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	b = append(b, plane[dht:sos]...)
	for i := range 4 {
		scan := bytes.Clone(plane[sos : len(plane)-2])
		scan[5] = byte(i + 1)
		b = append(b, scan...)
	}
	b = append(b, 0xff, 0xd9)
	if adobe != "" {
		b = withSegment(b, 0xee, adobe)
	}
	return b
}

func TestJPEGOfFourColours(t *testing.T) {
	if _, err := openBytes(t, fourColours(t, "")).Page(0); codeOf(err) != CodeKind {
		t.Errorf("without a word on its colours: %v", err)
	}
	file := fourColours(t, "Adobe\x00\x64\x00\x00\x00\x00\x00")
	p, got := pageOf(t, openBytes(t, file), 0)
	if p.Encoding != Flate || p.Note != "CMYK turned into RGB" {
		t.Errorf("page %+v", header(p))
	}
	want, err := jpeg.Decode(bytes.NewReader(file))
	if _, ok := want.(*image.CMYK); !ok {
		t.Fatalf("%T, %v", want, err)
	}
	same(t, got, want)
}

func TestPNG(t *testing.T) {
	grey, rgb := greyscale(125, 30), colourful(125, 30)
	clear := image.NewNRGBA(image.Rect(0, 0, 125, 30))
	copy(clear.Pix, speckled(len(clear.Pix)))
	deep := image.NewGray16(image.Rect(0, 0, 125, 30))
	copy(deep.Pix, speckled(len(deep.Pix)))
	few := image.NewPaletted(image.Rect(0, 0, 125, 30), color.Palette{color.Gray{10}, color.Gray{200}, color.Gray{90}})
	for i := range few.Pix {
		few.Pix[i] = byte(i % 3)
	}
	coloured := image.NewPaletted(few.Rect, color.Palette{color.RGBA{1, 2, 3, 255}, color.White, color.Black})
	coloured.Pix = few.Pix
	physical := withChunk(pngOf(t, grey), "pHYs", "\x00\x00\x2e\x23\x00\x00\x2e\x23\x01")
	for _, row := range []struct {
		name       string
		file       []byte
		components int
		note       string
		dpi        float64
	}{
		{"grey", pngOf(t, grey), 1, "", 200},
		{"with a resolution", physical, 1, "", 300},
		{"colour", pngOf(t, rgb), 3, "", 200},
		{"alpha", pngOf(t, clear), 3, "transparent parts made white", 200},
		{"16 bits", pngOf(t, deep), 1, "16 bits a colour made 8", 200},
		{"grey palette", pngOf(t, few), 1, "palette resolved", 200},
		{"palette", pngOf(t, coloured), 3, "palette resolved", 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, got := pageOf(t, openBytes(t, row.file), 0)
			if p.Components != row.components || p.Note != row.note || p.DPIX != row.dpi || p.Encoding != Flate || p.Predictor != 15 {
				t.Errorf("page %+v", header(p))
			}
			want, err := png.Decode(bytes.NewReader(row.file))
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
			if at := bytes.Index(row.file, []byte("IDAT")); row.note == "" && !bytes.Equal(p.Data[:20], row.file[at+4:at+24]) {
				t.Error("the compressed rows were not carried over")
			}
		})
	}
}

// TestPNGOneBit stores rows of one bit in a coding for two tones; they are rows that Go's encoder does not write
// as grey: by hand.
func TestPNGOneBit(t *testing.T) {
	file := pngOf(t, greyscale(10, 2))[:8]
	for _, c := range [][2]string{{"IHDR", "\x00\x00\x00\x0a\x00\x00\x00\x02\x01\x00\x00\x00\x00"}, {"IDAT", string(deflate([]byte{0, 0xf0, 0x00, 2, 0x0f, 0xc0}))}, {"IEND", ""}} {
		b := append([]byte(c[0]), c[1]...)
		file = append(binary.BigEndian.AppendUint32(file, uint32(len(c[1]))), b...)
		file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(b))
	}
	p, got := pageOf(t, openBytes(t, file), 0)
	if p.Bits != 1 || !p.BlackIsOne || p.Encoding != G4 && p.Encoding != JBIG2 || p.Note == "" {
		t.Errorf("page %+v", header(p))
	}
	want, _ := png.Decode(bytes.NewReader(file))
	same(t, got, want)
}

func codeOf(err error) string {
	var r *jail.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// read takes a file apart to the end.
func read(b []byte, l Limits) error {
	f, err := Open(bytes.NewReader(b), int64(len(b)), l)
	if err != nil {
		return err
	}
	for i := range f.Pages() {
		if _, err := f.Page(i); err != nil {
			return err
		}
	}
	return nil
}

func TestRefused(t *testing.T) {
	photo := jpegOf(t, colourful(200, 200))
	huge := bytes.Clone(photo)
	sof := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[sof+5:], 60000)
	binary.BigEndian.PutUint16(huge[sof+7:], 60000)
	ended := append(bytes.Clone(photo[:len(photo)/2]), 0xff, 0xd9)
	picture := pngOf(t, greyscale(100, 100))
	broken := bytes.Clone(picture)
	broken[len(broken)/2] ^= 1
	f := newTestTIFF(binary.LittleEndian)
	for range 3 {
		f.page([][]byte{speckled(100)}, short(tagWidth, 10), short(tagHeight, 10), short(tagBits, 8), short(tagPhotometric, blackIsZero))
	}
	cut := newTestTIFF(binary.BigEndian)
	cut.page([][]byte{deflate(speckled(100))[:40]}, short(tagWidth, 10), short(tagHeight, 10), short(tagBits, 8), short(tagPhotometric, blackIsZero), short(tagCompression, packDeflate))
	circle := bytes.Clone(f.b)
	binary.LittleEndian.PutUint32(circle[f.link:], binary.LittleEndian.Uint32(circle[4:]))
	wide := newTestTIFF(binary.LittleEndian)
	wide.page([][]byte{{1}}, testEntry{tagWidth, 4, []uint32{1 << 31}}, testEntry{tagHeight, 4, []uint32{1 << 31}})
	_, fax := twoToneG4(t)
	for _, row := range []struct {
		name string
		b    []byte
		l    Limits
		code string
		page int
		says string
	}{
		{"empty", nil, Limits{}, CodeEmpty, 0, "empty"},
		{"text", []byte("Cộng hòa xã hội chủ nghĩa Việt Nam\n"), Limits{}, CodeKind, 0, Taken},
		{"noise", []byte{1, 2, 3, 0, 5, 6, 7, 8, 9}, Limits{}, CodeKind, 0, Taken},
		{"PDF", []byte("%PDF-1.7\n"), Limits{}, CodeKind, 0, "PDF"},
		{"BigTIFF", []byte("II+\x00\x08\x00\x00\x00"), Limits{}, CodeKind, 0, "BigTIFF"},
		{"over the bytes", photo, Limits{Bytes: 100}, CodeBytes, 0, "100"},
		{"over the pages", f.b, Limits{Pages: 2}, CodePages, 0, "2"},
		{"over the pixels", photo, Limits{Pixels: 39999}, CodePixels, 1, "200 × 200"},
		{"60,000 × 60,000", huge, Limits{}, CodePixels, 1, "60000"},
		{"PNG over the pixels", picture, Limits{Pixels: 9999}, CodePixels, 1, "100 × 100"},
		{"TIFF over the pixels", wide.b, Limits{}, CodePixels, 1, "2147483648"},
		{"JPEG without its end", photo[:len(photo)-2], Limits{}, CodeDamaged, 0, "cut short"},
		{"half a JPEG", photo[:len(photo)/2], Limits{}, CodeDamaged, 0, "cut short"},
		{"half a JPEG, ended", ended, Limits{}, CodeDamaged, 1, "cut short"},
		{"half a PNG", picture[:len(picture)/2], Limits{}, CodeDamaged, 1, "cut short"},
		{"a PNG with a wrong bit", broken, Limits{}, CodeDamaged, 1, "damaged"},
		{"a PNG with two headers", withChunk(picture, "IHDR", "xy"), Limits{}, CodeDamaged, 1, "damaged"},
		{"half a TIFF", f.b[:len(f.b)/2], Limits{}, CodeDamaged, 2, "cut short"},
		{"a TIFF's header", f.b[:8], Limits{}, CodeDamaged, 1, "cut short"},
		{"a TIFF in a circle", circle, Limits{}, CodeDamaged, 4, "circle"},
		{"a TIFF without pages", []byte("II*\x00\x00\x00\x00\x00"), Limits{}, CodeNoPages, 0, "no pages"},
		{"a short strip", cut.b, Limits{}, CodeDamaged, 1, "cut short"},
		{"half a fax", fax, Limits{}, CodeDamaged, 1, "damaged"},
	} {
		err := read(row.b, row.l)
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != row.code || r.Page != row.page || !strings.Contains(r.Text, row.says) {
			t.Errorf("%s: %#v, want code %s, page %d, %q", row.name, err, row.code, row.page, row.says)
		}
	}
}

// twoToneG4 is a TIFF page whose fax data end halfway.
func twoToneG4(t *testing.T) (*image.Gray, []byte) {
	rows, img := twoTone(200, 100)
	data := g4Of(t, rows, 200)
	f := newTestTIFF(binary.LittleEndian)
	f.page([][]byte{data[:len(data)/2]}, short(tagWidth, 200), short(tagHeight, 100), short(tagCompression, packG4), short(tagPhotometric, whiteIsZero))
	return img, f.b
}

func TestResolution(t *testing.T) {
	for _, row := range []struct {
		name string
		w, h int
		x, y float64
		want float64
		from DPISource
	}{
		{"said", 2480, 3508, 300, 300, 300, FromFile},
		{"said per metre", 2480, 3508, 11811 * 0.0254, 11811 * 0.0254, 300, FromFile},
		{"A4 at 300", 2480, 3508, 0, 0, 300, FromSize},
		{"A4 at 200, lying", 2339, 1654, 0, 0, 200, FromSize},
		{"A4 at 600", 4961, 7016, 0, 0, 600, FromSize},
		{"A3 at 240", 2806, 3969, 0, 0, 240, FromSize},
		{"A5 at 400", 2331, 3307, 0, 0, 400, FromSize},
		{"Letter at 150", 1275, 1650, 0, 0, 150, FromSize},
		{"a photo that says 72", 3024, 4032, 72, 72, 200, Assumed},
		{"A4 that says 96, and is", 794, 1123, 96, 96, 96, FromFile},
		{"A4 at 300 that says 96", 2480, 3508, 96, 96, 300, FromSize},
		{"nonsense", 1000, 1000, math.NaN(), math.Inf(1), 200, Assumed},
		{"too fine", 1000, 1000, 9600, 9600, 200, Assumed},
	} {
		x, y, from := Resolution(row.w, row.h, row.x, row.y)
		if x != row.want || y != row.want || from != row.from {
			t.Errorf("%s: %g × %g from %s, want %g from %s", row.name, x, y, from, row.want, row.from)
		}
	}
	if x, y, from := Resolution(1728, 1145, 204, 98); x != 204 || y != 98 || from != FromFile {
		t.Errorf("a coarse fax: %g × %g from %s", x, y, from)
	}
}

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	pages := []Page{
		{Index: 0, Encoding: JPEG, Width: 10, Height: 20, Components: 3, Bits: 8, DPIX: 300, DPIY: 300, DPIFrom: FromFile, Turn: 3, Data: speckled(5 << 20)},
		{Index: 1, Encoding: G4, Width: 10, Height: 20, Components: 1, Bits: 1, BlackIsOne: true, DPIX: 200, DPIY: 200, DPIFrom: Assumed, Note: "ghi chú", Data: []byte{}},
	}
	for _, p := range pages {
		if err := WritePage(&b, p); err != nil {
			t.Fatal(err)
		}
	}
	all := b.Bytes()
	r := bytes.NewReader(all)
	for _, want := range pages {
		got, err := ReadPage(r)
		if err != nil || !bytes.Equal(got.Data, want.Data) || header(got).Note != want.Note || got.Turn != want.Turn || got.DPIFrom != want.DPIFrom {
			t.Fatalf("%+v, %v", header(got), err)
		}
	}
	if _, err := ReadPage(r); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for _, cut := range []int{1, 3, 5, 100, 300, len(all) / 2} {
		if _, err := ReadPage(bytes.NewReader(all[:cut])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	huge := append(binary.BigEndian.AppendUint32(nil, 2), "{}\xff\xff\xff\xff\xff\xff\xff\xff"...)
	if _, err := ReadPage(bytes.NewReader(huge)); err == nil {
		t.Error("a page without size was read")
	}
}

func TestGrey(t *testing.T) {
	for _, img := range []image.Image{greyscale(9, 7), colourful(9, 7)} {
		got := Grey(img)
		for i := range 63 {
			if want := color.GrayModel.Convert(img.At(i%9, i/9)); got.At(i%9, i/9) != want {
				t.Fatalf("pixel %d: %v, want %v", i, got.At(i%9, i/9), want)
			}
		}
	}
	photo, _ := jpeg.Decode(bytes.NewReader(jpegOf(t, colourful(33, 20))))
	if got, want := Grey(photo).At(30, 19).(color.Gray).Y, photo.(*image.YCbCr).YCbCrAt(30, 19).Y; got != want {
		t.Errorf("luma %d, want %d", got, want)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(jpegOf(f, colourful(20, 20)))
	f.Add(withSegment(jpegOf(f, greyscale(9, 9)), 0xe1, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"))
	f.Add(pngOf(f, colourful(20, 20)))
	for _, pack := range []uint32{packNone, packLZW, packDeflate, packBits, packG3, packG4, packJPEG} {
		w := newTestTIFF(binary.LittleEndian)
		w.page([][]byte{speckled(30), speckled(30)}, short(tagWidth, 10), short(tagHeight, 6), short(tagCompression, pack), short(tagPhotometric, blackIsZero), short(tagRowsPerStrip, 3))
		w.page([][]byte{speckled(90)}, short(tagWidth, 10), short(tagHeight, 3), short(tagBits, 8, 8, 8), short(tagSamples, 3), short(tagCompression, pack), short(tagPhotometric, rgbColour))
		f.Add(w.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := Limits{Pixels: 1 << 16, Pages: 4, Bytes: 1 << 20}
		file, err := Open(bytes.NewReader(b), int64(len(b)), l)
		if err != nil {
			if codeOf(err) == "" {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		for i := range file.Pages() {
			p, err := file.Page(i)
			if err != nil {
				if codeOf(err) == "" {
					t.Fatalf("not a refusal: %v", err)
				}
				continue
			}
			if int64(p.Width)*int64(p.Height) > l.Pixels {
				t.Fatalf("%d × %d pixels", p.Width, p.Height)
			}
			if _, err := Decode(p); err != nil {
				t.Fatalf("a page that came back cannot be decoded: %v", err)
			}
		}
	})
}
