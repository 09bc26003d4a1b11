package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"sohoa/dossier"
)

// Reviews keeps who looked at what was read badly.
type Reviews interface {
	Review(ctx context.Context, id dossier.DocumentID, who dossier.PersonID) error
	Reviewed(ctx context.Context, id dossier.DocumentID) (dossier.PersonID, error)
}

// Export writes what was read of d as hocr or alto.
type Export func(ctx context.Context, d dossier.Document, form string, w io.Writer) error

const (
	mostDoubts = 1 << 20 // bytes that are read of them
	poorWord   = 60      // confidence below which a word on a doubtful page is marked
)

// doubt is one page that a person should look at.
type doubt struct {
	Page        int
	Confidence  float64
	Words, Poor int
	Why         []string
}

// review lists the documents that were read badly and that nobody has looked at.
func (s *server) review(v *visit) error {
	view := documentsView{Doubtful: true}
	var err error
	if view.Tasks, err = s.list(v, DocumentQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Doubtful: true, Limit: 2*mostTasks + 1}); err != nil {
		return err
	}
	if view.More = len(view.Tasks) > 2*mostTasks; view.More {
		view.Tasks = view.Tasks[:2*mostTasks]
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "documents", "review.title", view)
}

// reviewed notes that the visitor looked.
func (s *server) reviewed(v *visit) error {
	d, _, err := s.document(v, reread)
	if err != nil {
		return err
	}
	if err := s.Reviews.Review(v.ctx(), d.ID, v.who.ID); errors.Is(err, dossier.ErrInvalid) {
		return told("well", err)
	} else if err != nil {
		return err
	}
	return v.to("/documents/" + string(d.ID))
}

// fillDoubts finds which pages are to be looked at, and who did.
func (s *server) fillDoubts(v *visit, view *documentView) error {
	b, err := s.read(v.ctx(), view.Document, dossier.PartDoubts, mostDoubts)
	if b == nil || err != nil {
		return err
	}
	if err := json.Unmarshal(b, &view.Doubts); err != nil {
		return fmt.Errorf("doubts of %s: %w", view.Document.ID, err)
	}
	if view.Reviewed, err = s.Reviews.Reviewed(v.ctx(), view.Document.ID); err != nil {
		return err
	}
	view.MayReview = view.Reviewed == "" && view.Document.State != dossier.Refused && slices.Contains(rights[reread], v.who.Role)
	view.markPoor()
	return nil
}

// markPoor marks the words on doubtful pages that were read badly.
func (view *documentView) markPoor() {
	pages := view.pages
	for _, d := range view.Doubts {
		if d.Page < 1 || d.Page > min(len(pages), len(view.Sheets)) {
			continue
		}
		p, sh := pages[d.Page-1], &view.Sheets[d.Page-1]
		if !(p.DPIX > 0 && p.DPIY > 0) {
			continue
		}
		x, y := 72/p.DPIX, 72/p.DPIY
		for _, l := range p.Lines {
			for _, w := range l.Words {
				if b := w.Box; w.Confidence < poorWord {
					sh.Poor = append(sh.Poor, mark{X: b.X0 * x, Y: b.Y0 * y, W: (b.X1 - b.X0) * x, H: (b.Y1 - b.Y0) * y})
				}
			}
		}
	}
}

// exports are the forms that what was read may be had in.
var exports = map[string]struct{ media, end string }{
	"hocr": {"application/xhtml+xml; charset=utf-8", ".hocr"},
	"alto": {"application/xml; charset=utf-8", ".alto.xml"},
}

// words sends what was read of a document, with places and confidence.
func (s *server) words(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	form := v.r.PathValue("form")
	as, ok := exports[form]
	if err := disposedOf(d); err != nil {
		return err
	}
	if !ok || d.Parts[dossier.PartWords].IsZero() {
		return dossier.ErrNotFound
	}
	if err := s.handedOut(v, dossier.ReadExported, d.ID, do, dossier.Part(form)); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", as.media)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s_%s%s"`, d.Dossier, d.Slot, as.end))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w := &begun{w: v.w, v: v}
	if err := s.Export(v.ctx(), d, form, w); err != nil {
		if !v.wrote {
			for _, name := range []string{"Content-Type", "Content-Disposition"} {
				h.Del(name)
			}
		}
		return errors.Join(fmt.Errorf("export of %s", d.ID), err)
	}
	return nil
}

// begun notes when an answer begins: from then on no other can be given.
type begun struct {
	w io.Writer
	v *visit
}

func (b *begun) Write(p []byte) (int, error) {
	b.v.wrote = true
	return b.w.Write(p)
}
