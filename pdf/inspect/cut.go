package inspect

import (
	"errors"
	"fmt"

	"sohoa/pdf/graft"
	"sohoa/pdf/pdfa"
)

// ErrNotCut is wrapped by the errors of [File.Cut] that say why a page cannot be
// taken out of its file as it stands.
var ErrNotCut = errors.New("the page cannot be taken out as it stands")

// Cut takes page i, from 0, out of the file as it stands, like a page that is
// kept, but without any proof that it may be: it is how the checker of package
// pdfa is tried on what others made. Nothing that is archived comes this way.
func (f *File) Cut(i int) (p pdfa.Page, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: it cannot be taken apart", ErrNotCut)
		}
	}()
	l := f.plans[i].leaf
	g, _, err := graft.Cut(f.ctx, graft.Leaf{Dict: l.dict, Resources: l.resources,
		Box: [4]float64{l.box.x0, l.box.y0, l.box.x1, l.box.y1}, Unit: l.unit, Turn: l.turn})
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrNotCut, err)
	}
	return pdfa.Page{Graft: g.Encode(), Width: g.Width, Height: g.Height}, nil
}
