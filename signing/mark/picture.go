package mark

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"sohoa/pdf/revision"
)

// ErrPicture: a picture is not what the law asks for, or cannot be used.
var ErrPicture = errors.New("picture cannot be used")

// Caps of a picture: a seal of 50 mm at 1,200 dpi has 5.6 million pixels.
const (
	maxPictureBytes  = 16 << 20
	maxPicturePixels = 6 << 20
)

// PerMM is points in a millimetre.
const PerMM = 72 / 25.4

// A Picture is a PNG with a transparent ground, decoded and compressed once. It
// may be used concurrently.
type Picture struct {
	W, H          int     // pixels
	Width, Height float64 // true size in millimetres; 0 if the file does not tell
	rgb, alpha    []byte  // deflated
	pixels        *image.NRGBA
	sum           [sha256.Size]byte // of the file
}

// ReadPicture reads a PNG of a hue. Its true size is what its pHYs chunk says
// (ISO/IEC 15948, 11.3.5.3). The error wraps [ErrPicture] if it is no PNG, has
// no transparent ground, or is of another colour.
func ReadPicture(r io.Reader, hue Hue) (*Picture, error) {
	file, err := io.ReadAll(io.LimitReader(r, maxPictureBytes+1))
	if err != nil {
		return nil, err
	}
	if len(file) > maxPictureBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrPicture, maxPictureBytes)
	}
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	if int64(config.Width)*int64(config.Height) > maxPicturePixels {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrPicture, config.Width, config.Height)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	p := &Picture{W: config.Width, H: config.Height, sum: sha256.Sum256(file), pixels: image.NewNRGBA(image.Rect(0, 0, config.Width, config.Height))}
	p.Width, p.Height = physical(file, p.W, p.H)
	return p, p.fill(img, hue)
}

// fill takes the pixels over, not premultiplied, looks at them and compresses.
func (p *Picture) fill(img image.Image, hue Hue) error {
	rgb, alpha := make([]byte, 0, 3*p.W*p.H), make([]byte, 0, p.W*p.H)
	var clear, inked, red, blue int
	for y := range p.H {
		for x := range p.W {
			c := color.NRGBAModel.Convert(img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y)).(color.NRGBA)
			if c.A == 0 {
				c = color.NRGBA{} // what nobody sees compresses best
			}
			p.pixels.SetNRGBA(x, y, c)
			rgb, alpha = append(rgb, c.R, c.G, c.B), append(alpha, c.A)
			switch {
			case c.A < 32:
				clear++
			case c.A > 127:
				inked++
				if int(c.R) > int(c.B)+40 {
					red++
				}
				if int(c.B) > int(c.R)+20 {
					blue++
				}
			}
		}
	}
	switch {
	case clear*20 < p.W*p.H:
		return fmt.Errorf("%w: its ground is not transparent", ErrPicture)
	case inked == 0:
		return fmt.Errorf("%w: there is nothing on it", ErrPicture)
	case hue == Red && red*10 < inked*9:
		return fmt.Errorf("%w: it is not red", ErrPicture)
	case hue == Blue && blue*10 < inked*9:
		return fmt.Errorf("%w: it is not blue", ErrPicture)
	}
	var err error
	if p.rgb, err = deflate(rgb); err != nil {
		return err
	}
	p.alpha, err = deflate(alpha)
	return err
}

// physical returns the size in millimetres that a PNG tells, 0 if it does not.
func physical(file []byte, w, h int) (float64, float64) {
	for at := 8; at+12 <= len(file); {
		n := int64(binary.BigEndian.Uint32(file[at:]))
		kind := string(file[at+4 : at+8])
		if kind == "pHYs" && n == 9 && at+17 <= len(file) && file[at+16] == 1 {
			x, y := binary.BigEndian.Uint32(file[at+8:]), binary.BigEndian.Uint32(file[at+12:])
			if x > 0 && y > 0 {
				return float64(w) * 1000 / float64(x), float64(h) * 1000 / float64(y)
			}
		}
		if kind == "IDAT" || kind == "IEND" || n > int64(len(file)) {
			return 0, 0
		}
		at += 12 + int(n)
	}
	return 0, 0
}

// Sized returns p with another true size in millimetres, its shape kept.
func (p *Picture) Sized(width float64) *Picture {
	q := *p
	q.Width, q.Height = width, width*float64(p.H)/float64(p.W)
	return &q
}

// laid is a picture with its place in a mark, points from the lower left.
type laid struct {
	picture    *Picture
	x, y, w, h float64
}

// A Box is a place for a picture: points from the lower left of the mark.
type Box struct{ X, Y, Width, Height float64 }

// Pictures lays pictures out, the later over the earlier.
func Pictures(pictures []*Picture, boxes []Box) *Mark {
	m := &Mark{laid: []laid{}}
	for i, p := range pictures {
		b := boxes[i]
		m.laid = append(m.laid, laid{p, b.X, b.Y, b.Width, b.Height})
		m.Width, m.Height = max(m.Width, b.X+b.Width), max(m.Height, b.Y+b.Height)
	}
	return m
}

// device-independent RGB (ISO 32000-1, 8.6.5.3) with the primaries and the white
// of sRGB (IEC 61966-2-1) and its gamma, nearly: right beside any OutputIntent
// of PDF/A.
var calRGB = revision.Array{revision.Name("CalRGB"), revision.Dict{
	"WhitePoint": revision.Array{revision.Number("0.9505"), revision.Int(1), revision.Number("1.089")},
	"Gamma":      revision.Array{revision.Number("2.2"), revision.Number("2.2"), revision.Number("2.2")},
	"Matrix": revision.Array{revision.Number("0.4124"), revision.Number("0.2126"), revision.Number("0.0193"),
		revision.Number("0.3576"), revision.Number("0.7152"), revision.Number("0.1192"),
		revision.Number("0.1805"), revision.Number("0.0722"), revision.Number("0.9505")}}}

// pictures adds the pictures to a file, and returns the form's resources and
// content.
func (m *Mark) pictures(to *revision.Update) (revision.Dict, []byte) {
	var c bytes.Buffer
	images := revision.Dict{}
	for i, l := range m.laid {
		name := revision.Name(fmt.Sprintf("Im%d", i))
		images[name] = l.picture.add(to)
		fmt.Fprintf(&c, "q %s 0 0 %s %s %s cm /%s Do Q\n", revision.Real(l.w), revision.Real(l.h), revision.Real(l.x), revision.Real(l.y), name)
	}
	return revision.Dict{"XObject": images}, c.Bytes()
}

// add adds the picture as an image with a soft mask (11.6.5.3).
func (p *Picture) add(to *revision.Update) revision.Ref {
	image := func(space revision.Object, data []byte) *revision.Stream {
		s := compressed(data)
		s.Dict["Type"], s.Dict["Subtype"] = revision.Name("XObject"), revision.Name("Image")
		s.Dict["Width"], s.Dict["Height"], s.Dict["BitsPerComponent"] = revision.Int(p.W), revision.Int(p.H), revision.Int(8)
		s.Dict["ColorSpace"] = space
		return s
	}
	im := image(calRGB, p.rgb)
	im.Dict["SMask"] = to.Add(image(revision.Name("DeviceGray"), p.alpha))
	return to.Add(im)
}

// Key tells marks of pictures apart: the same pictures at the same places have
// the same. It is empty for words.
func (m *Mark) Key() string {
	if len(m.laid) == 0 {
		return ""
	}
	h := sha256.New()
	for _, l := range m.laid {
		h.Write(l.picture.sum[:])
		fmt.Fprintf(h, " %.3f %.3f %.3f %.3f\n", l.x, l.y, l.w, l.h)
	}
	return string(h.Sum(nil))
}

// Compose draws the mark's pictures as one PNG at a resolution, for a writer
// that takes no more than one. Its pixels are clear or not, nothing between:
// that writer darkens what is between.
func (m *Mark) Compose(dpi float64) ([]byte, error) {
	if len(m.laid) == 0 {
		return nil, fmt.Errorf("%w: no picture", ErrPicture)
	}
	k := dpi / 72
	out := image.NewNRGBA(image.Rect(0, 0, int(m.Width*k+0.5), int(m.Height*k+0.5)))
	if n := out.Bounds().Dx() * out.Bounds().Dy(); n == 0 || n > maxPicturePixels {
		return nil, fmt.Errorf("%w: %d pixels", ErrPicture, n)
	}
	for _, l := range m.laid {
		for y := range out.Bounds().Dy() {
			for x := range out.Bounds().Dx() {
				px := ((float64(x)+0.5)/k - l.x) / l.w * float64(l.picture.W)
				py := (1 - (m.Height-(float64(y)+0.5)/k-l.y)/l.h) * float64(l.picture.H)
				if px < 0 || py < 0 || px >= float64(l.picture.W) || py >= float64(l.picture.H) {
					continue
				}
				if c := l.picture.pixels.NRGBAAt(int(px), int(py)); c.A > 127 {
					c.A = 255
					out.SetNRGBA(x, y, c)
				}
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, out)
	return b.Bytes(), err
}
