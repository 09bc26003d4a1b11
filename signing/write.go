package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa/pdf/revision"
	"sohoa/signing/mark"
)

// ErrOrder: another signature must be there before this one, or may not be.
var ErrOrder = errors.New("signatures out of order")

// An Order is what a [Writer] is to write.
type Order struct {
	File  *revision.File
	Page  *revision.Page
	Mark  *mark.Mark
	Place revision.Rect // on Page, as it is seen

	Field    string // empty: the next free name
	Name     string // these four NFC
	Reason   string
	Location string // may be empty
	Alt      string
	At       time.Time
	Reserve  int // bytes for the signature
}

// A Writer appends to a file the revision that holds a signature: its field, its
// mark, and room for it. What it writes is judged alike, whoever wrote it.
type Writer interface {
	// Write copies the size bytes of src, of which o.File was opened, to dst as
	// they are, and returns what is to follow them, unsigned.
	Write(ctx context.Context, o Order, src io.ReaderAt, size int64, dst io.Writer) (*revision.Prepared, error)
}

// Own is our own writer, by incremental updates; it takes every file that
// package revision takes, and every mark.
type Own struct{}

// Write implements [Writer].
func (Own) Write(_ context.Context, o Order, src io.ReaderAt, _ int64, dst io.Writer) (*revision.Prepared, error) {
	u := o.File.Update()
	form, err := o.Mark.Put(u, o.Page)
	if err != nil {
		return nil, err
	}
	err = u.Sign(o.Page, revision.Signature{Field: o.Field, Name: o.Name, Reason: o.Reason, Location: o.Location,
		At: o.At, Alt: o.Alt, Appearance: form, Place: o.Place, Reserve: o.Reserve})
	if err != nil {
		return nil, err
	}
	return u.Prepare(dst, src)
}

// prepare looks at the file, places the mark, and has the writer write.
func (s *Sealer) prepare(ctx context.Context, r Request, at time.Time, src io.ReaderAt, size int64, dst io.Writer) (*revision.Prepared, error) {
	l, err := s.laid(ctx, r, at, src, size)
	if err != nil {
		return nil, err
	}
	w := s.Writer
	if w == nil {
		w = Own{}
	}
	return w.Write(ctx, Order{File: l.file, Page: l.page, Mark: l.mark, Place: l.place, Field: r.Field,
		Name: norm.NFC.String(r.Name), Reason: norm.NFC.String(l.profile.Reason), Location: norm.NFC.String(r.Location),
		Alt: l.mark.Alt(), At: at.In(mark.Vietnam), Reserve: reserve}, src, size, dst)
}

// laid looks at the file, and lays the mark out at its place.
func (s *Sealer) laid(ctx context.Context, r Request, at time.Time, src io.ReaderAt, size int64) (layout, error) {
	profile, err := mark.Of(r.Profile, at)
	if err != nil {
		return layout{}, err
	}
	f, err := revision.Open(src, size)
	if err != nil {
		return layout{}, err
	}
	if err := inOrder(f, profile, r.Alone); err != nil {
		return layout{}, err
	}
	l := layout{sealer: s, request: r, profile: profile, file: f, src: src, size: size, at: at}
	return l, l.lay(ctx)
}

// A Standing is where the mark of a signature will stand.
type Standing struct {
	Page          int     // from 1
	Width, Height float64 // of the page as it is seen, in points
	Place         revision.Rect
}

// Where finds the place that [Sealer.Sign] would give the mark of r on the size bytes
// of src now. It needs no key, and signs nothing.
func (s *Sealer) Where(ctx context.Context, r Request, src io.ReaderAt, size int64) (Standing, error) {
	l, err := s.laid(ctx, r, s.Now(), src, size)
	if err != nil {
		return Standing{}, err
	}
	return Standing{Page: l.page.Number, Width: l.page.Width, Height: l.page.Height, Place: l.place}, nil
}

// inOrder checks that a person signs before an agency does, and that who must
// have signed before has. It goes by what the signatures say of themselves:
// whether they are to be believed is not asked here.
func inOrder(f *revision.File, p mark.Profile, alone bool) error {
	fields, err := f.SignatureFields()
	if err != nil {
		return err
	}
	there := map[mark.Kind]bool{}
	for _, x := range fields {
		reason, _ := x.Dict["Reason"].(revision.String)
		kind := mark.KindOf(revision.PlainText(reason))
		there[kind] = true
		if p.Personal && kind != "" && !mark.Personal(kind) {
			return fmt.Errorf("%w: an agency has signed already (%s, field %s): a person signs before", ErrOrder, kind, x.Name)
		}
	}
	if p.After != "" && !alone && !there[p.After] {
		return fmt.Errorf("%w: %s comes after %s, which is not there", ErrOrder, p.Kind, p.After)
	}
	return nil
}
