package inspect

import (
	"bytes"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// A survey is what a page's content shows, forms and all.
type survey struct {
	seen, unseen int     // bytes of text in letters that show and that do not
	covered      float64 // share of the page under its largest picture
	dpi          float64 // of that picture
	drawings     int     // paths painted
	textForms    map[string]bool

	outside  int // bytes of text in letters that begin and end outside the page's box
	pictures int // pictures wholly outside it
}

// maxSurvey is how deep forms are looked into, and how many operators are.
const (
	maxSurvey    = 12
	maxOperators = 5_000_000
	maxContent   = 256 << 20
)

// A surveyor goes through contents with what an interpreter must keep.
type surveyor struct {
	f    *File
	page leaf
	s    survey
	ops  int
	read int // bytes of content gone through
	pen  pen
}

// survey looks through the page's content. Where it is not understood it sees
// less; it decides only what becomes of the text.
func (f *File) survey(p leaf, content []byte) survey {
	sv := &surveyor{f: f, page: p}
	sv.s.textForms = map[string]bool{}
	sv.content(content, p.resources, matrix{1, 0, 0, 1, 0, 0}, 0)
	return sv.s
}

func (sv *surveyor) content(b []byte, resources types.Dict, at matrix, depth int) {
	in := &interpreter{now: graphics{ctm: at, mode: "0"}}
	if sv.read += len(b) + 1000; sv.read > maxContent {
		return // forms within forms, over and over
	}
	for len(b) > 0 && sv.ops < maxOperators {
		b = bytes.TrimLeft(b, "\x00\t\n\f\r ")
		before := len(b)
		var word string
		word, b = nextWord(b)
		switch {
		case word == "":
		case word == "()":
			in.args = append(in.args, word)
			sv.s.count(in.now.mode, before-len(b)-2)
			sv.pen.held += before - len(b) - 2
		case isOperator(word):
			sv.ops++
			if word == "ID" {
				b = afterInline(b)
			}
			sv.do(in, word, resources, depth)
			in.args = in.args[:0]
		case len(in.args) < 1000:
			in.args = append(in.args, word)
		}
	}
}

func (s *survey) count(mode string, n int) {
	if mode == "3" {
		s.unseen += n
	} else {
		s.seen += n
	}
}

func afterInline(b []byte) []byte {
	for k := 0; ; {
		i := bytes.Index(b[k:], []byte("EI"))
		if i < 0 {
			return nil
		}
		k += i + 2
		if k == len(b) || bytes.IndexByte([]byte("\x00\t\n\f\r "), b[k]) >= 0 {
			return b[k:]
		}
	}
}

func (sv *surveyor) do(in *interpreter, op string, resources types.Dict, depth int) {
	switch op {
	case "q", "Q", "cm", "Tr":
		in.state(op)
	case "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh":
		sv.s.drawings++
	case "Do":
		sv.object(in.last(), resources, in.now.ctm, depth)
	default:
		sv.write(in, op)
	}
	sv.pen.held = 0
}

// object looks at a picture, or into a form.
func (sv *surveyor) object(name string, resources types.Dict, at matrix, depth int) {
	x, ok := sv.f.resolve(sv.f.dict(resources, "XObject")[name]).(types.StreamDict)
	if !ok {
		return
	}
	d := plainKeys(x.Dict)
	if sv.f.name(d, "Subtype") == "Image" {
		sv.picture(d, at)
		return
	}
	if sv.f.name(d, "Subtype") != "Form" || depth >= maxSurvey || x.Decode() != nil {
		return
	}
	if v, ok := sv.f.numbers(d["Matrix"], 6); ok {
		at = matrix{v[0], v[1], v[2], v[3], v[4], v[5]}.times(at)
	}
	own := sv.f.dict(d, "Resources")
	if own == nil {
		own = resources
	}
	before := sv.s
	sv.content(x.Content, own, at, depth+1)
	now := sv.s
	if depth == 0 && now.unseen > before.unseen && now.seen == before.seen && now.covered == before.covered && now.drawings == before.drawings {
		sv.s.textForms[name] = true
	}
}

// picture notes how much of the page a picture covers. Text it lies over is no
// longer seen.
func (sv *surveyor) picture(d types.Dict, at matrix) {
	x0, x1 := min(at.e, at.e+at.a, at.e+at.c, at.e+at.a+at.c), max(at.e, at.e+at.a, at.e+at.c, at.e+at.a+at.c)
	y0, y1 := min(at.f, at.f+at.b, at.f+at.d, at.f+at.b+at.d), max(at.f, at.f+at.b, at.f+at.d, at.f+at.b+at.d)
	box := sv.page.box
	cut := rect{max(x0, box.x0), max(y0, box.y0), min(x1, box.x1), min(y1, box.y1)}
	if cut.width() <= 0 || cut.height() <= 0 {
		sv.s.pictures++
		return
	}
	share := cut.width() * cut.height() / (box.width() * box.height())
	if _, masked := sv.f.resolve(d["SMask"]).(types.StreamDict); share > 0.9 && !masked && sv.f.resolve(d["Mask"]) == nil && sv.f.resolve(d["ImageMask"]) == nil {
		sv.s.unseen, sv.s.seen = sv.s.unseen+sv.s.seen, 0
	}
	if share > sv.s.covered {
		sv.s.covered = share
		if w, ok := number(sv.f.resolve(d["Width"])); ok {
			sv.s.dpi = w * 72 / ((x1 - x0) * sv.page.unit)
		}
	}
}

func (f *File) numbers(o types.Object, n int) ([]float64, bool) {
	a, _ := f.resolve(o).(types.Array)
	if len(a) != n {
		return nil, false
	}
	v := make([]float64, n)
	for i := range a {
		var ok bool
		if v[i], ok = number(f.resolve(a[i])); !ok {
			return nil, false
		}
	}
	return v, true
}
