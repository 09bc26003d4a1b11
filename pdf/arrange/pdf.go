package arrange

import (
	"bytes"
	"fmt"
	"os"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/jail"
	"sohoa/scan"
)

// A file is a PDF, read and not changed.
type file struct{ ctx *model.Context }

// read reads the PDF at path. Its bytes are mapped and stay so for the child's
// short life.
func read(path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map a PDF: %w", err)
	}
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline, conf.Optimize, conf.DecodeAllStreams = true, false, false
	ctx, err := pdfcpu.Read(bytes.NewReader(b), conf)
	if err != nil {
		return nil, damaged(err.Error())
	}
	if ctx.Encrypt != nil || ctx.E != nil {
		return nil, &jail.Refusal{Code: CodeEncrypted, Text: "the PDF is encrypted; save it without a password and send it again"}
	}
	return &file{ctx}, nil
}

// resolve follows o if it is a reference; a dangling one is null.
func (f *file) resolve(o types.Object) types.Object {
	o, err := f.ctx.Dereference(o)
	if err != nil {
		return nil
	}
	return o
}

// dict returns the dictionary that o is, has or leads to, nil if none.
func (f *file) dict(o types.Object) types.Dict {
	switch o := f.resolve(o).(type) {
	case types.Dict:
		return o
	case types.StreamDict:
		return o.Dict
	case *types.StreamDict:
		return o.Dict
	}
	return nil
}

func (f *file) name(o types.Object) string {
	n, _ := f.resolve(o).(types.Name)
	return string(n)
}

func number(o types.Object) (float64, bool) {
	switch o := o.(type) {
	case types.Integer:
		return float64(o), true
	case types.Float:
		return float64(o), true
	}
	return 0, false
}

const maxDepth = 64

// unsigned refuses a file in which any object is of a signature, whether a page
// leads there or not (ISO 32000-1 12.8).
func (f *file) unsigned() error {
	for n, entry := range f.ctx.Table {
		if entry == nil || entry.Free {
			continue
		}
		gen := 0
		if entry.Generation != nil {
			gen = *entry.Generation
		}
		if f.signs(*types.NewIndirectRef(n, gen), 0) {
			return &jail.Refusal{Code: CodeSigned, Text: "the PDF carries a signature or the remnant of one: it is never taken apart; file it as it is, or scan the paper"}
		}
	}
	return nil
}

// signs looks at o and the direct objects in it.
func (f *file) signs(o types.Object, depth int) bool {
	if _, ref := o.(types.IndirectRef); depth > maxDepth || ref && depth > 0 {
		return false
	}
	if a, ok := f.resolve(o).(types.Array); ok {
		for _, v := range a {
			if f.signs(v, depth+1) {
				return true
			}
		}
		return false
	}
	d := f.dict(o)
	kind := f.name(d["Type"])
	perms := f.dict(d["Perms"])
	if d["ByteRange"] != nil || kind == "Sig" || kind == "DocTimeStamp" || f.name(d["FT"]) == "Sig" && f.resolve(d["V"]) != nil ||
		perms["DocMDP"] != nil || perms["UR3"] != nil || perms["UR"] != nil {
		return true
	}
	for _, v := range d {
		if f.signs(v, depth+1) {
			return true
		}
	}
	return false
}

// source says what pages there are, and what they leave behind.
func (f *file) source(l scan.Limits) (Source, error) {
	s := Source{Media: scan.MediaPDF}
	pages, err := f.pages(l)
	if err != nil {
		return s, err
	}
	for _, p := range pages {
		w, h := (p.box[2]-p.box[0])*p.unit, (p.box[3]-p.box[1])*p.unit
		if p.turn%2 == 1 {
			w, h = h, w
		}
		s.Pages = append(s.Pages, Page{Width: w, Height: h, Turn: p.turn})
	}
	if s.Loses = f.losses(); f.hides() {
		return s, &jail.Refusal{Code: CodeLayers, Text: "the PDF has hidden layers, which would be seen if its pages were moved; print it to a plain PDF and take that"}
	}
	return s, nil
}

// losses names what of the whole file stays behind.
func (f *file) losses() (all []Loss) {
	root := f.root()
	names := f.dict(root["Names"])
	form := f.dict(root["AcroForm"])
	for _, x := range [...]struct {
		has  bool
		loss Loss
	}{
		{f.dict(root["Outlines"])["First"] != nil, LossOutline},
		{f.dict(names["EmbeddedFiles"]) != nil || root["AF"] != nil || root["Collection"] != nil, LossAttachments},
		{f.dict(names["JavaScript"]) != nil, LossScripts},
		{f.acts(), LossActions},
		{f.resolve(form["XFA"]) != nil, LossXFA},
		{f.dict(root["StructTreeRoot"]) != nil, LossTags},
		{f.dict(root["OCProperties"]) != nil, LossLayers},
		{root["Metadata"] != nil || f.ctx.Info != nil, LossMetadata},
	} {
		if x.has {
			all = append(all, x.loss)
		}
	}
	return all
}

func (f *file) root() types.Dict {
	root, err := f.ctx.Catalog()
	if err != nil {
		return nil
	}
	return root
}

// acts reports whether the catalogue starts anything.
func (f *file) acts() bool {
	root := f.root()
	open := f.dict(root["OpenAction"])
	return len(f.dict(root["AA"])) > 0 || open != nil && f.name(open["S"]) != "GoTo"
}

// active says what of a whole file does something, "" if nothing does.
func (f *file) active() string {
	for _, l := range f.losses() {
		switch l {
		case LossScripts, LossActions, LossXFA, LossAttachments:
			return string(l)
		}
	}
	return ""
}

// hides reports whether a layer is not shown at first (ISO 32000-1 8.11.4.3).
func (f *file) hides() bool {
	d := f.dict(f.dict(f.root()["OCProperties"])["D"])
	off, _ := f.resolve(d["OFF"]).(types.Array)
	base := f.name(d["BaseState"])
	return len(off) > 0 || base != "" && base != "ON" && base != "Unchanged"
}

// A leaf is a page with what it inherits (ISO 32000-1 7.7.3.4).
type leaf struct {
	dict      types.Dict
	resources types.Dict
	media     [4]float64
	box       [4]float64 // what is seen of it
	turn      int
	unit      float64
}

// pages walks the page tree. It enters no node twice.
func (f *file) pages(l scan.Limits) ([]leaf, error) {
	var all []leaf
	seen := map[types.IndirectRef]bool{}
	var walk func(o types.Object, above types.Dict, depth int) error
	walk = func(o types.Object, above types.Dict, depth int) error {
		if ref, ok := o.(types.IndirectRef); ok {
			if seen[ref] || depth > maxDepth {
				return damaged("its pages run in a circle")
			}
			seen[ref] = true
		}
		d := f.dict(o)
		if d == nil {
			return damaged("a page is missing")
		}
		has := types.Dict{}
		for _, key := range [...]string{"Resources", "MediaBox", "CropBox", "Rotate"} {
			if has[key] = d[key]; d[key] == nil {
				has[key] = above[key]
			}
		}
		kids, node := f.resolve(d["Kids"]).(types.Array)
		if !node {
			if f.name(d["Type"]) != "Pages" {
				all = append(all, f.leaf(d, has))
			}
			if len(all) > l.OrDefault().Pages {
				return l.CheckPages(len(all))
			}
			return nil
		}
		for _, kid := range kids {
			if err := walk(kid, has, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(f.root()["Pages"], types.Dict{}, 0); err != nil {
		return nil, err
	}
	return all, l.CheckPages(len(all))
}

func (f *file) leaf(d, has types.Dict) leaf {
	p := leaf{dict: d, resources: f.dict(has["Resources"]), unit: 1, media: [4]float64{0, 0, 612, 792}}
	if box, ok := f.rect(has["MediaBox"]); ok {
		p.media = box
	}
	p.box = p.media
	if c, ok := f.rect(has["CropBox"]); ok {
		cut := [4]float64{max(p.media[0], c[0]), max(p.media[1], c[1]), min(p.media[2], c[2]), min(p.media[3], c[3])}
		if cut[2] > cut[0] && cut[3] > cut[1] {
			p.box = cut
		}
	}
	if r, ok := number(f.resolve(has["Rotate"])); ok {
		p.turn = ((int(r)/90)%4 + 4) % 4
	}
	if u, ok := number(f.resolve(d["UserUnit"])); ok && u > 0 {
		p.unit = u
	}
	return p
}

// rect reads a rectangle, its corners in any order.
func (f *file) rect(o types.Object) (r [4]float64, ok bool) {
	a, ok := f.resolve(o).(types.Array)
	if !ok || len(a) != 4 {
		return r, false
	}
	var v [4]float64
	for i := range v {
		if v[i], ok = number(f.resolve(a[i])); !ok {
			return r, false
		}
	}
	r = [4]float64{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])}
	return r, r[2] > r[0] && r[3] > r[1]
}
