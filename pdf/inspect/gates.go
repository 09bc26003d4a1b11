package inspect

import (
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// programs are the actions that do more than show another place or address
// (ISO 32000-1 12.6.4), in words.
var programs = map[string]string{
	"JavaScript":       "JavaScript",
	"Launch":           "a call of another program",
	"ImportData":       "an import of data",
	"SubmitForm":       "a form that sends itself away",
	"GoToE":            "a way into an embedded file",
	"Rendition":        "sound or video",
	"Movie":            "sound or video",
	"Sound":            "sound or video",
	"RichMediaExecute": "sound or video",
	"GoTo3DView":       "a 3D scene",
}

// living are the annotations that are programs or carry files (12.5.6).
var living = map[string]string{
	"RichMedia": "sound or video", "Movie": "sound or video", "Screen": "sound or video", "Sound": "sound or video",
	"3D": "a 3D scene", "FileAttachment": "an embedded file",
}

// maxDepth is the deepest page tree that is looked into.
const maxDepth = 64

// gates looks at every object of the file, whether a page leads there or not.
// A signature weighs more than anything else.
func (f *File) gates() error {
	var found error
	for n := range f.ctx.Table {
		entry := f.ctx.Table[n]
		if entry == nil || entry.Free {
			continue
		}
		gen := 0
		if entry.Generation != nil {
			gen = *entry.Generation
		}
		o, err := f.ctx.Dereference(*types.NewIndirectRef(n, gen))
		if err != nil {
			return damaged(0, fmt.Sprintf("the PDF is damaged (object %d: %.100s)", n, err.Error()))
		}
		sig, other := f.judge(o, 0)
		if sig != nil {
			return sig
		}
		if found == nil {
			found = other
		}
	}
	if found != nil {
		return found
	}
	root, err := f.ctx.Catalog()
	if err != nil {
		return damaged(0, "the PDF has no catalogue")
	}
	return f.opening(root)
}

// judge looks at o and the direct objects in it: a signature, or another
// reason to refuse.
func (f *File) judge(o types.Object, depth int) (sig, other error) {
	if err := f.l.CheckDepth(depth); err != nil {
		return nil, err
	}
	var in []types.Object
	switch o := o.(type) {
	case types.Array:
		in = o
	default:
		d := dictOf(o)
		if d == nil {
			return nil, nil
		}
		d = plainKeys(d)
		if err := f.signature(d); err != nil && !f.keep {
			return err, nil
		}
		other = f.activity(d)
		for _, v := range d {
			in = append(in, v)
		}
	}
	for _, v := range in {
		s, a := f.judge(v, depth+1)
		if s != nil {
			return s, nil
		}
		if other == nil {
			other = a
		}
	}
	return nil, other
}

// dictOf returns the dictionary that o is or has, nil if none.
func dictOf(o types.Object) types.Dict {
	switch o := o.(type) {
	case types.Dict:
		return o
	case types.StreamDict:
		return o.Dict
	case *types.StreamDict:
		return o.Dict
	case types.ObjectStreamDict:
		return o.Dict
	case *types.ObjectStreamDict:
		return o.Dict
	case types.XRefStreamDict:
		return o.Dict
	case *types.XRefStreamDict:
		return o.Dict
	}
	return nil
}

// plainKeys returns d with #xx undone in its keys.
func plainKeys(d types.Dict) types.Dict {
	out := make(types.Dict, len(d))
	for k, v := range d {
		out[plain(k)] = v
	}
	return out
}

// resolve follows o if it is a reference; a dangling one is null.
func (f *File) resolve(o types.Object) types.Object {
	o, err := f.ctx.Dereference(o)
	if err != nil {
		return nil
	}
	return o
}

// name returns the name at key, "" if there is none.
func (f *File) name(d types.Dict, key string) string {
	if n, ok := f.resolve(d[key]).(types.Name); ok {
		return plain(string(n))
	}
	return ""
}

// dict returns the dictionary at key, nil if there is none.
func (f *File) dict(d types.Dict, key string) types.Dict {
	if v := dictOf(f.resolve(d[key])); v != nil {
		return plainKeys(v)
	}
	return nil
}

// signature refuses signature dictionaries, signed fields and what grants
// rights by signature (ISO 32000-1 12.8).
func (f *File) signature(d types.Dict) error {
	kind := f.name(d, "Type")
	switch {
	case d["ByteRange"] != nil:
		return signed("a /ByteRange")
	case kind == "Sig" || kind == "DocTimeStamp":
		return signed("a dictionary of type " + kind)
	case f.name(d, "FT") == "Sig" && f.resolve(d["V"]) != nil:
		return signed("a signature field with a value")
	}
	if perms := f.dict(d, "Perms"); perms != nil && (perms["DocMDP"] != nil || perms["UR3"] != nil || perms["UR"] != nil) {
		return signed("permissions given by a signature")
	}
	return nil
}

// activity refuses what does something by itself, and files within the file.
func (f *File) activity(d types.Dict) error {
	kind := f.name(d, "Type")
	if what := programs[f.name(d, "S")]; what != "" && kind != "StructElem" {
		return active(what)
	}
	if what := living[f.name(d, "Subtype")]; what != "" && kind != "XObject" {
		return active(what)
	}
	switch {
	case f.resolve(d["JS"]) != nil:
		return active("JavaScript")
	case len(f.dict(d, "AA")) > 0:
		return active("actions that start by themselves")
	case f.resolve(d["XFA"]) != nil:
		return active("an XFA form")
	case kind == "EmbeddedFile", kind == "Filespec" && d["EF"] != nil, f.dict(d, "EF") != nil:
		return active("an embedded file")
	case f.dict(d, "Collection") != nil && kind == "Catalog":
		return active("other files packed into it")
	}
	if tree := f.dict(d, "EmbeddedFiles"); tree != nil {
		for _, key := range [...]string{"Names", "Kids"} {
			if a, ok := f.resolve(tree[key]).(types.Array); ok && len(a) > 0 {
				return active("embedded files")
			}
		}
	}
	return nil
}

// opening refuses an action on opening that is not a place in the file.
func (f *File) opening(root types.Dict) error {
	do := f.dict(plainKeys(root), "OpenAction")
	if do == nil || f.name(do, "S") == "GoTo" {
		return nil
	}
	return active("an action that starts on opening")
}
