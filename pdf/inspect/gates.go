package inspect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/pdf/finding"
)

// programs are the actions that do more than show another place of the file
// (ISO 32000-1 12.6.4).
var programs = map[string]finding.Code{
	"JavaScript": finding.JavaScript, "Launch": finding.Launch, "ImportData": finding.ImportData, "SubmitForm": finding.SubmitForm,
	"GoToE": finding.GoToE, "Rendition": finding.Media, "Movie": finding.Media, "Sound": finding.Media, "RichMediaExecute": finding.Media,
	"GoTo3DView": finding.Scene, "Hide": finding.OtherAction, "SetOCGState": finding.OtherAction, "ResetForm": finding.OtherAction,
	"GoToR": finding.RemoteLink, "URI": finding.WebAddress,
}

// harmless are the named actions that turn pages (12.6.4.11; ISO 19005-2 6.5.1).
var harmless = []string{"NextPage", "PrevPage", "FirstPage", "LastPage"}

// living are the annotations that are programs (12.5.6).
var living = map[string]finding.Code{
	"RichMedia": finding.Media, "Movie": finding.Media, "Screen": finding.Media, "Sound": finding.Media, "3D": finding.Scene,
}

// harms are the findings for which a file that must be kept as it is cannot be
// taken: nothing can be removed from it.
var harms = []finding.Code{finding.JavaScript, finding.Launch, finding.ImportData, finding.SubmitForm, finding.GoToE, finding.Media,
	finding.Scene, finding.AutoAction, finding.OpenAction, finding.XFA, finding.EmbeddedFile, finding.Collection}

// maxDepth is the deepest page tree that is looked into.
const maxDepth = 64

// A hit is a finding in the object with a number.
type hit struct {
	code   finding.Code
	object int
}

// gates looks at every object of the file, whether a page leads there or not.
// A signature weighs more than anything else.
func (f *File) gates() error {
	for _, n := range slices.Sorted(maps.Keys(f.ctx.Table)) {
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
		if err := f.judge(o, n, 0); err != nil {
			return err
		}
	}
	root, err := f.ctx.Catalog()
	if err != nil {
		return damaged(0, "the PDF has no catalogue")
	}
	f.opening(plainKeys(root))
	if !f.keep {
		return nil
	}
	for _, h := range f.hits {
		if slices.Contains(harms, h.code) {
			return active(h.code)
		}
	}
	return nil
}

// mostHits keeps what a hostile file has to say about itself short.
const mostHits = 200_000

func (f *File) hit(code finding.Code, object int) {
	if len(f.hits) < mostHits {
		f.hits = append(f.hits, hit{code, object})
	}
}

// judge looks at o, which is or is in the object n, and the direct objects in
// it. It notes what it finds and refuses a signature.
func (f *File) judge(o types.Object, n, depth int) error {
	if err := f.l.CheckDepth(depth); err != nil {
		return err
	}
	if a, ok := o.(types.Array); ok {
		for _, v := range a {
			if err := f.judge(v, n, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	d := dictOf(o)
	if d == nil {
		return nil
	}
	d = plainKeys(d)
	if err := f.signature(d); err != nil && !f.keep {
		return err
	}
	f.activity(d, n)
	f.references(d, n, isStream(o))
	f.embedding(d, n)
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if err := f.judge(d[key], n, depth+1); err != nil {
			return err
		}
	}
	return nil
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

func isStream(o types.Object) bool {
	_, isDict := o.(types.Dict)
	return !isDict
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

// activity notes what does something by itself.
func (f *File) activity(d types.Dict, n int) {
	kind := f.name(d, "Type")
	action := f.name(d, "S")
	code, does := programs[action]
	switch {
	case does && kind != "StructElem" && (action != "URI" || d["URI"] != nil):
		f.hit(code, n)
	case action == "Named" && d["N"] != nil && !slices.Contains(harmless, f.name(d, "N")):
		f.hit(finding.OtherAction, n)
	case f.resolve(d["JS"]) != nil:
		f.hit(finding.JavaScript, n)
	}
	if code, lives := living[f.name(d, "Subtype")]; lives && kind != "XObject" {
		f.hit(code, n)
	}
	if len(f.dict(d, "AA")) > 0 {
		f.hit(finding.AutoAction, n)
	}
	if f.resolve(d["XFA"]) != nil {
		f.xfa = true
		f.hit(finding.XFA, n)
	}
	if kind == "Catalog" && f.dict(d, "Collection") != nil {
		f.hit(finding.Collection, n)
	}
	if props := f.dict(d, "OCProperties"); props != nil {
		off, _ := f.resolve(f.dict(props, "D")["OFF"]).(types.Array)
		for range off {
			f.hit(finding.HiddenLayer, n)
		}
	}
}

// references notes what would be brought in from elsewhere.
func (f *File) references(d types.Dict, n int, stream bool) {
	if stream && f.resolve(d["F"]) != nil && f.name(d, "Subtype") != "Widget" {
		f.hit(finding.ExternalData, n)
	}
	if f.name(d, "Subtype") == "Form" && f.dict(d, "Ref") != nil {
		f.hit(finding.ReferencePic, n)
	}
	if f.dict(d, "OPI") != nil {
		f.hit(finding.OPI, n)
	}
	kind := f.name(d, "Type")
	if (kind == "Filespec" || kind == "F") && f.dict(d, "EF") == nil {
		f.hit(finding.ExternalFile, n)
	}
}

// opening notes an action on opening that is not a place in the file.
func (f *File) opening(root types.Dict) {
	do := f.dict(root, "OpenAction")
	if do != nil && f.name(do, "S") != "GoTo" {
		f.hit(finding.OpenAction, 0)
	}
}
