package raster

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"sohoa/pdf/revision"
)

// A stamp is the mark of a signature, in the form that package mark gives it:
// words in a font that is embedded, or pictures with soft masks.
type stamp struct {
	box      [4]float64 // points of the page: nothing of it is seen beyond
	at       matrix     // from its own points to the page's
	words    *words
	pictures []inlay
}

// Words are rows of glyphs in black; other colours no profile of package mark has.
type words struct {
	size, leading float64
	top           float64 // baseline of the first row
	rows          [][]int // glyphs
	font          *typeface
}

// An inlay is a picture of red, green and blue, each pixel as opaque as alpha.
type inlay struct {
	at         matrix // of its unit square, in the mark's points
	w, h       int
	rgb, alpha []byte
}

// The most that is drawn here of a page's marks.
const (
	maxStamps  = 16
	maxGlyphs  = 4000
	maxProgram = 1 << 20
	maxInlay   = 6 << 20 // pixels, as package mark has it
)

// stamps reads the marks that are seen on a page. The error is errOther, or the
// file's, if anything else is seen: a signature without a mark has a place
// without a size.
func stamps(doc *revision.File, o revision.Object) (all []stamp, err error) {
	notes, err := doc.ArrayOf(o)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		d, err := doc.DictOf(n)
		if err != nil {
			return nil, err
		}
		box, err := doc.Box(d["Rect"])
		if err != nil {
			return nil, err
		}
		if box[0] == box[2] && box[1] == box[3] {
			continue
		}
		if len(all) == maxStamps {
			return nil, errOther
		}
		s, err := stampOf(doc, d, box)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// stampOf reads the widget of a signature as package revision writes it
// (12.5.6.19), whose appearance is a form upright and unscaled.
func stampOf(doc *revision.File, d revision.Dict, box [4]float64) (s stamp, err error) {
	if !within(d, "Type", "Subtype", "FT", "T", "V", "P", "Rect", "F", "AP", "TU") || d["Subtype"] != revision.Name("Widget") ||
		d["FT"] != revision.Name("Sig") || whole(d["F"]) != 132 {
		return s, errOther
	}
	looks, err := doc.DictOf(d["AP"])
	if err != nil {
		return s, err
	}
	form, err := streamOf(doc, looks["N"])
	if err != nil || len(looks) != 1 || !within(form.Dict, "Type", "Subtype", "BBox", "Matrix", "Resources", "Length") ||
		form.Dict["Subtype"] != revision.Name("Form") {
		return s, errOther
	}
	bounds, err := doc.Box(form.Dict["BBox"])
	if err != nil {
		return s, err
	}
	w, h := bounds[2], bounds[3]
	if bounds[0] != 0 || bounds[1] != 0 || w <= 0 || h <= 0 || !numbersAre(form.Dict["Matrix"], 1, 0, 0, 1, 0, 0) {
		return s, errOther
	}
	s.box = box
	s.at = matrix{(box[2] - box[0]) / w, 0, 0, (box[3] - box[1]) / h, box[0], box[1]}
	if s.at[0] <= 0 || s.at[3] <= 0 {
		return s, errOther
	}
	content, err := doc.Decode(form)
	if err != nil {
		return s, err
	}
	resources, err := doc.DictOf(form.Dict["Resources"])
	if err != nil || len(resources) != 1 {
		return s, errOther
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if resources["Font"] != nil {
		s.words, err = wordsOf(doc, resources["Font"], lines)
	} else {
		s.pictures, err = inlaysOf(doc, resources["XObject"], lines)
	}
	return s, err
}

// wordsOf reads the content of a mark of words.
func wordsOf(doc *revision.File, fonts revision.Object, lines []string) (*words, error) {
	w := &words{}
	last := len(lines) - 1
	if last < 1 || lines[last] != "ET Q" {
		return nil, errOther
	}
	n := matched(strings.Fields(lines[0]), "q 0 g BT /F # Tf # TL 0 # Td")
	if n == nil {
		return nil, errOther
	}
	w.size, w.leading, w.top = n[0], n[1], n[2]
	glyphs := 0
	for _, l := range lines[1:last] {
		code, ok := strings.CutSuffix(l, "> Tj T*")
		b, err := hex.DecodeString(strings.TrimPrefix(code, "<"))
		if !ok || !strings.HasPrefix(code, "<") || err != nil || len(b)%2 != 0 {
			return nil, errOther
		}
		var row []int
		for ; len(b) > 0; b = b[2:] {
			row = append(row, int(b[0])<<8|int(b[1]))
		}
		if glyphs += len(row); glyphs > maxGlyphs {
			return nil, errOther
		}
		w.rows = append(w.rows, row)
	}
	d, err := doc.DictOf(fonts)
	if err != nil || len(d) != 1 {
		return nil, errOther
	}
	w.font, err = typefaceOf(doc, d["F"])
	return w, err
}

// matched returns the numbers that stand for # in form, nil if the words are not
// of that form.
func matched(words []string, form string) []float64 {
	want := strings.Fields(form)
	if len(words) != len(want) {
		return nil
	}
	n := []float64{}
	for i, w := range want {
		if w != "#" {
			if words[i] != w {
				return nil
			}
			continue
		}
		v, err := strconv.ParseFloat(words[i], 64)
		if err != nil || !(math.Abs(v) < 1e5) {
			return nil
		}
		n = append(n, v)
	}
	return n
}

// inlaysOf reads the content of a mark of pictures.
func inlaysOf(doc *revision.File, objects revision.Object, lines []string) (all []inlay, err error) {
	d, err := doc.DictOf(objects)
	if err != nil || len(d) != len(lines) || len(lines) > 4 {
		return nil, errOther
	}
	for i, l := range lines {
		name := "Im" + strconv.Itoa(i)
		n := matched(strings.Fields(l), "q # 0 0 # # # cm /"+name+" Do Q")
		if n == nil || n[0] <= 0 || n[1] <= 0 {
			return nil, errOther
		}
		p, err := inlayOf(doc, d[revision.Name(name)])
		if err != nil {
			return nil, err
		}
		p.at = matrix{n[0], 0, 0, n[1], n[2], n[3]}
		all = append(all, p)
	}
	return all, nil
}

// inlayOf reads a picture and its soft mask.
func inlayOf(doc *revision.File, o revision.Object) (p inlay, err error) {
	x, err := streamOf(doc, o)
	if err != nil {
		return p, err
	}
	p.w, p.h = whole(x.Dict["Width"]), whole(x.Dict["Height"])
	mask, err := streamOf(doc, x.Dict["SMask"])
	if err != nil || !isCalRGB(x.Dict["ColorSpace"]) || mask.Dict["ColorSpace"] != revision.Name("DeviceGray") || mask.Dict["SMask"] != nil ||
		p.w < 1 || p.h < 1 || int64(p.w)*int64(p.h) > maxInlay || whole(mask.Dict["Width"]) != p.w || whole(mask.Dict["Height"]) != p.h {
		return p, errOther
	}
	for _, s := range []*revision.Stream{x, mask} {
		if !within(s.Dict, "Type", "Subtype", "Width", "Height", "BitsPerComponent", "ColorSpace", "Filter", "Length", "SMask") ||
			s.Dict["Subtype"] != revision.Name("Image") || whole(s.Dict["BitsPerComponent"]) != 8 {
			return p, errOther
		}
	}
	if p.rgb, err = doc.Decode(x); err != nil {
		return p, err
	}
	if p.alpha, err = doc.Decode(mask); err != nil {
		return p, err
	}
	if len(p.rgb) != 3*p.w*p.h || len(p.alpha) != p.w*p.h {
		return p, errOther
	}
	return p, nil
}

// isCalRGB reports whether o is the space of colours of package mark's pictures:
// sRGB, nearly, and drawn as that.
func isCalRGB(o revision.Object) bool {
	a, _ := o.(revision.Array)
	if len(a) != 2 || a[0] != revision.Name("CalRGB") {
		return false
	}
	d, _ := a[1].(revision.Dict)
	return len(d) == 3 && numbersAre(d["WhitePoint"], 0.9505, 1, 1.089) && numbersAre(d["Gamma"], 2.2, 2.2, 2.2) &&
		numbersAre(d["Matrix"], 0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505)
}

func numbersAre(o revision.Object, want ...float64) bool {
	a, _ := o.(revision.Array)
	return slices.EqualFunc(a, want, func(o revision.Object, v float64) bool {
		n, _ := o.(revision.Number)
		f, ok := n.Float()
		return ok && f == v
	})
}

// within reports whether d has no keys but these.
func within(d revision.Dict, keys ...string) bool {
	for k := range d {
		if !slices.Contains(keys, string(k)) {
			return false
		}
	}
	return true
}

func streamOf(doc *revision.File, o revision.Object) (*revision.Stream, error) {
	o, err := doc.Resolve(o)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*revision.Stream)
	if !ok {
		return nil, errOther
	}
	return s, nil
}
