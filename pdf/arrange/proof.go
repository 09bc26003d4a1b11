package arrange

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// A print is what must come through of a page.
type print struct {
	media, box [4]float64
	unit       float64
	turn       int
	contents   [][32]byte // digests of the stored bytes, in order
	notes      int
	streams    map[[32]byte]bool // of all that its resources lead to: pictures, forms, fonts
}

func (f *file) print(p leaf) print {
	x := print{media: p.media, box: p.box, unit: p.unit, turn: p.turn, streams: map[[32]byte]bool{}}
	contents, ok := f.resolve(p.dict["Contents"]).(types.Array)
	if !ok {
		contents = types.Array{p.dict["Contents"]}
	}
	for _, c := range contents {
		if s, ok := f.resolve(c).(types.StreamDict); ok {
			x.contents = append(x.contents, sha256.Sum256(s.Raw))
		}
	}
	notes, _ := f.resolve(p.dict["Annots"]).(types.Array)
	x.notes = len(notes)
	f.streams(p.resources, x.streams, map[types.IndirectRef]bool{}, 0)
	return x
}

// streams adds the digests of all streams that o leads to.
func (f *file) streams(o types.Object, all map[[32]byte]bool, seen map[types.IndirectRef]bool, depth int) {
	if depth > maxDepth {
		return
	}
	if ref, ok := o.(types.IndirectRef); ok {
		if seen[ref] {
			return
		}
		seen[ref] = true
	}
	switch o := f.resolve(o).(type) {
	case types.Array:
		for _, v := range o {
			f.streams(v, all, seen, depth+1)
		}
	case types.StreamDict:
		all[sha256.Sum256(o.Raw)] = true
		f.streams(o.Dict, all, seen, depth+1)
	case types.Dict:
		for key, v := range o {
			if key != "Parent" && key != "StructParent" && key != "P" {
				f.streams(v, all, seen, depth+1)
			}
		}
	}
}

// differs says in what a page differs from the one it was made of, turned.
func differs(was, is print, turn int) string {
	switch {
	case was.media != is.media || was.box != is.box || was.unit != is.unit:
		return fmt.Sprintf("its boxes are %v %v, not %v %v", is.media, is.box, was.media, was.box)
	case is.turn != (was.turn+turn)%4:
		return fmt.Sprintf("it is turned by %d quarters, not %d", is.turn, (was.turn+turn)%4)
	case is.notes != was.notes:
		return fmt.Sprintf("%d notes, not %d", is.notes, was.notes)
	case len(is.contents) != len(was.contents):
		return fmt.Sprintf("%d content streams, not %d", len(is.contents), len(was.contents))
	}
	for i := range was.contents {
		if was.contents[i] != is.contents[i] {
			return "its content is another"
		}
	}
	for sum := range is.streams {
		if !was.streams[sum] {
			return "a picture, form or font is another"
		}
	}
	return ""
}

// misses says which resource a page lost that its content names: the tool
// leaves out what it finds unused.
func (f *file) misses(was leaf, g *file, is leaf) string {
	var content []byte
	for _, kind := range [...]string{"XObject", "Font", "ExtGState", "ColorSpace", "Pattern", "Shading", "Properties"} {
		kept := g.dict(is.resources[kind])
		for name := range f.dict(was.resources[kind]) {
			if kept[name] != nil {
				continue
			}
			if content == nil {
				var err error
				if content, err = f.content(was); err != nil {
					return fmt.Sprintf("%s %s is gone, and its content cannot be read", kind, name)
				}
			}
			if named(content, name) {
				return fmt.Sprintf("%s %s is gone", kind, name)
			}
		}
	}
	return ""
}

// content joins the decoded content streams of a page.
func (f *file) content(p leaf) ([]byte, error) {
	contents, ok := f.resolve(p.dict["Contents"]).(types.Array)
	if !ok {
		contents = types.Array{p.dict["Contents"]}
	}
	all := []byte{}
	for _, c := range contents {
		s, ok := f.resolve(c).(types.StreamDict)
		if !ok {
			continue
		}
		if err := s.Decode(); err != nil {
			return nil, err
		}
		all = append(append(all, s.Content...), '\n')
	}
	return all, nil
}

// named reports whether a name stands in content.
func named(content []byte, name string) bool {
	for i := 0; ; {
		k := bytes.Index(content[i:], []byte("/"+name))
		if k < 0 {
			return false
		}
		i += k + 1 + len(name)
		if i == len(content) || bytes.IndexByte([]byte("\x00\t\n\f\r ()<>[]{}/%"), content[i]) >= 0 {
			return true
		}
	}
}
