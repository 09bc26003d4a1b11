package inspect

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/pdf/finding"
)

// The flags of an annotation by which it is not seen (ISO 32000-1 12.5.3).
const (
	flagHidden = 1 << 1
	flagNoView = 1 << 5
)

// elsewhere are the keys that lead from a page to what is not its own.
var elsewhere = map[string]bool{"Parent": true, "P": true, "Popup": true, "Dest": true, "D": true, "StructParent": true, "StructParents": true, "IRT": true}

// mostOwned bounds the search for what belongs to pages.
const mostOwned = 2_000_000

// owners finds out to which page, from 1, each object belongs: the first that
// leads there.
func (f *File) owners(pages []leaf) map[int]int {
	own := map[int]int{}
	for i, p := range pages {
		if p.object > 0 {
			own[p.object] = i + 1
		}
	}
	left := mostOwned
	for i, p := range pages {
		todo := []types.Object{p.resources, p.dict}
		for len(todo) > 0 && left > 0 {
			o := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			left--
			if ref, ok := o.(types.IndirectRef); ok {
				n := int(ref.ObjectNumber)
				if own[n] != 0 {
					continue
				}
				own[n] = i + 1
				o = f.resolve(ref)
			}
			if a, ok := o.(types.Array); ok {
				todo = append(todo, a...)
			}
			for key, v := range dictOf(o) {
				if !elsewhere[key] {
					todo = append(todo, v)
				}
			}
		}
	}
	return own
}

// A standing is a kind of finding on a page.
type standing struct {
	code finding.Code
	page int
}

// noted turns what was hit into findings with their pages.
func (f *File) noted(pages []leaf) {
	own := f.owners(pages)
	count := map[standing]int{}
	for _, h := range f.hits {
		count[standing{h.code, own[h.object]}]++
	}
	for i := range f.embedded {
		f.embedded[i].Page = own[f.embedded[i].object]
	}
	for i, p := range pages {
		f.annotations(p, i+1, count)
	}
	f.orphans(pages, count)
	for s, n := range count {
		f.found = append(f.found, finding.New(s.code, s.page, n))
	}
	f.hits = nil
}

// annotations counts what stands on a page and is not its content.
func (f *File) annotations(p leaf, page int, count map[standing]int) {
	list, _ := f.resolve(p.dict["Annots"]).(types.Array)
	for _, o := range list {
		d := plainKeys(dictOf(f.resolve(o)))
		flags, _ := number(f.resolve(d["F"]))
		kind := f.name(d, "Subtype")
		_, lives := living[kind]
		switch {
		case kind == "Link":
			count[standing{finding.Link, page}]++
		case kind == "" || kind == "Popup" || kind == "FileAttachment" || lives:
		case int(flags)&(flagHidden|flagNoView) != 0:
			count[standing{finding.HiddenNote, page}]++
		case kind == "Widget":
			count[standing{finding.FormField, page}]++
		default:
			count[standing{finding.Note, page}]++
		}
	}
	if p.unit != 1 {
		count[standing{finding.UserUnit, page}]++
	}
}

// orphans counts pages that are in the file and not in its tree: left behind by
// a program that deleted them for the eye only.
func (f *File) orphans(pages []leaf, count map[standing]int) {
	shown := map[int]bool{}
	for _, p := range pages {
		shown[p.object] = true
	}
	for n, entry := range f.ctx.Table {
		if entry == nil || entry.Free || shown[n] {
			continue
		}
		if d, ok := entry.Object.(types.Dict); ok && f.name(plainKeys(d), "Type") == "Page" && (d["MediaBox"] != nil || d["Contents"] != nil) {
			count[standing{finding.OrphanPage, 0}]++
		}
	}
}
