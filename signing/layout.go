package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing/mark"
	"sohoa/signing/place"
)

// Eyes see what is on a page; [place.Poppler] are some.
type Eyes interface {
	// Ink returns what a page of the size bytes of src shows.
	Ink(ctx context.Context, src io.ReaderAt, size int64, page *revision.Page) (*place.Ink, error)

	// Above returns where a name stands on a page.
	Above(ctx context.Context, src io.ReaderAt, size int64, page *revision.Page, name string) (revision.Rect, error)
}

// ErrMark: the request lacks what its profile's mark needs, or has what no such
// mark has.
var ErrMark = errors.New("no such mark")

// A layout is a mark on its way to its place.
type layout struct {
	sealer  *Sealer
	request Request
	profile mark.Profile
	file    *revision.File
	src     io.ReaderAt
	size    int64
	at      time.Time

	page  *revision.Page
	mark  *mark.Mark
	place revision.Rect
}

// lay lays the mark out and places it.
func (l *layout) lay(ctx context.Context) (err error) {
	r := &l.request
	if r.Corner != "" {
		l.profile.Corner = r.Corner
	}
	if r.Page != 0 {
		l.profile.Page = r.Page
	}
	if (r.Signature != nil || r.Seal != nil) != (l.profile.Pictures != nil) {
		return fmt.Errorf("%w: %s: pictures", ErrMark, l.profile.Kind)
	}
	if l.page, err = l.file.Page(l.profile.Page); err != nil {
		return err
	}
	if l.profile.Pictures != nil {
		return l.pictures(ctx)
	}
	return l.words(ctx)
}

// words lays a mark of words out.
func (l *layout) words(ctx context.Context) error {
	r, font, p := l.request, l.sealer.Font, l.profile
	shown := l.at
	if r.Profile == CopyOfficer && !r.CapturedAt.IsZero() {
		shown = r.CapturedAt
	}
	if r.Profile == Attachment && strings.TrimSpace(r.Number) == "" {
		return fmt.Errorf("%w: an attachment's needs the number of the main document", ErrMark)
	}
	lines := p.Text(mark.Words{Form: r.Form, Name: r.Name, Number: r.Number, At: shown})
	scale := mark.Scale(l.page.Width, l.page.Height)
	edge := p.Move.Edge * mark.PerMM * scale
	narrow := l.page.Width*mark.Share - edge
	letters := scale
	m, err := font.Words(p, lines, narrow, letters)
	if err != nil {
		return err
	}
	most, err := l.most()
	if err != nil {
		return err
	}
	if room := min(l.page.Height-2*edge, most.Height); m.Height > room { // a very long name, or a small page
		letters = scale * room / m.Height
		if m, err = font.Words(p, lines, narrow, letters); err != nil {
			return err
		}
	}
	rule := place.Rule{Corner: p.Corner, Move: p.Move}
	size := place.Size{Width: m.Width, Height: m.Height}
	switch {
	case r.At != nil:
		l.mark = m
		l.place, err = place.Rigid(r.At.Rect(size, l.page), l.page)
		return err
	case l.sealer.Eyes == nil:
		l.mark, l.place = m, place.Home(size, l.page, rule, scale)
		return nil
	}
	ink, err := l.sealer.Eyes.Ink(ctx, l.src, l.size, l.page)
	if err != nil && r.Insist && ctx.Err() == nil { // what cannot be seen cannot be kept off
		l.mark, l.place = m, place.Home(size, l.page, rule, scale)
		return nil
	}
	if err != nil {
		return err
	}
	marks, sizes := []*mark.Mark{m}, []place.Size{size}
	for _, shape := range shapes(lines) {
		m, err := font.Words(p, shape, l.page.Width-2*p.Move.Least*mark.PerMM*scale, letters)
		if err != nil {
			return err
		}
		if len(m.Rows) < len(marks[len(marks)-1].Rows) && m.Width <= most.Width {
			marks, sizes = append(marks, m), append(sizes, place.Size{Width: m.Width, Height: m.Height})
		}
	}
	if r.Insist {
		i, at := place.Least(ink, l.page, sizes, rule, scale)
		l.mark, l.place = marks[i], at
		return nil
	}
	i, at, err := place.Find(ink, l.page, sizes, rule, scale)
	l.mark, l.place = marks[i], at
	return err
}

// most is how large the mark may be. A mark beside an earlier signature takes no
// more than half of the page's width and a quarter of its height: whoever
// verifies the earlier one takes a larger one for a way to hide what it signed.
func (l *layout) most() (place.Size, error) {
	fields, err := l.file.SignatureFields()
	if err != nil || len(fields) == 0 {
		return place.Size{Width: l.page.Width, Height: l.page.Height}, err
	}
	const within = 0.98 // of the limits, for what is rounded on the way
	return place.Size{Width: l.page.Width / 2 * within, Height: l.page.Height / 4 * within}, nil
}

// shapes returns lines in fewer and broader rows, down to one.
func shapes(lines []string) [][]string {
	out := [][]string{lines}
	for n := 2; n <= len(lines); n++ {
		out = append(out, append([]string{strings.Join(lines[:n], ", ")}, lines[n:]...))
	}
	return slices.Clip(out)
}

// pictures lays a mark of pictures out: the signature above the name, the seal
// over it.
func (l *layout) pictures(ctx context.Context) error {
	r := l.request
	if _, ok := l.profile.Pictures[mark.SignaturePicture]; ok != (r.Signature != nil) {
		return fmt.Errorf("%w: %s: the picture of a signature", ErrMark, l.profile.Kind)
	}
	if l.profile.Kind == ResultAgency && r.Seal == nil {
		return fmt.Errorf("%w: %s: the picture of a seal", ErrMark, l.profile.Kind)
	}
	if r.Seal != nil && (r.Seal.Width <= 0 || r.Seal.Height <= 0) {
		return fmt.Errorf("%w: the true size of the seal is not known", mark.ErrPicture)
	}
	hand, err := l.hand(ctx)
	if err != nil {
		return err
	}
	var pics []*mark.Picture
	var at []revision.Rect
	if r.Signature != nil {
		pics, at = append(pics, r.Signature), append(at, hand)
	}
	if r.Seal != nil {
		pics, at = append(pics, r.Seal), append(at, l.seal(hand))
	}
	l.place = at[0]
	for _, a := range at {
		l.place = revision.Rect{X0: min(l.place.X0, a.X0), Y0: min(l.place.Y0, a.Y0), X1: max(l.place.X1, a.X1), Y1: max(l.place.Y1, a.Y1)}
	}
	var boxes []mark.Box
	for _, a := range at {
		boxes = append(boxes, mark.Box{X: a.X0 - l.place.X0, Y: a.Y0 - l.place.Y0, Width: a.X1 - a.X0, Height: a.Y1 - a.Y0})
	}
	l.mark = mark.Pictures(pics, boxes)
	if r.At != nil && r.Signature != nil {
		l.place = r.At.Rect(place.Size{Width: l.mark.Width, Height: l.mark.Height}, l.page)
	}
	l.place, err = place.Rigid(l.place, l.page)
	return err
}

// seal returns where the seal stands, in its true size: over the profile's share
// of the signature, to its left.
func (l *layout) seal(hand revision.Rect) revision.Rect {
	s := l.request.Seal
	w, h := s.Width*mark.PerMM, s.Height*mark.PerMM
	right := hand.X0 + (hand.X1-hand.X0)*l.profile.Pictures[mark.SealPicture].Over
	mid := (hand.Y0 + hand.Y1) / 2
	return revision.Rect{X0: right - w, X1: right, Y0: mid - h/2, Y1: mid + h/2}
}

// leastHand is the least height of a signature's picture, in millimetres: below
// that there is no room for it.
const leastHand = 7.0

// hand returns where the picture of the signature stands, or does already.
func (l *layout) hand(ctx context.Context) (revision.Rect, error) {
	if l.request.Signature == nil {
		return l.signed()
	}
	slot := l.profile.Pictures[mark.SignaturePicture]
	pic := l.request.Signature
	w, h := pic.Width, pic.Height
	if w == 0 { // it does not tell: as large as it may be
		w, h = float64(pic.W), float64(pic.H)
		k := min(slot.Broad/w, slot.High/h)
		w, h = w*k, h*k
	}
	k := min(1, slot.Broad/w, slot.High/h) * mark.PerMM
	w, h = w*k, h*k
	if l.request.At != nil {
		return l.request.At.Rect(place.Size{Width: w, Height: h}, l.page), nil
	}
	if l.sealer.Eyes == nil {
		return revision.Rect{}, &place.Asks{Why: "nobody looks where the name is", Page: l.page.Number}
	}
	row, err := l.sealer.Eyes.Above(ctx, l.src, l.size, l.page, l.request.Name)
	if err != nil {
		return row, err
	}
	ink, err := l.sealer.Eyes.Ink(ctx, l.src, l.size, l.page)
	if err != nil {
		return row, err
	}
	clear := l.profile.Move.Clear * mark.PerMM
	gap := ink.Gap(row, w, 3*slot.High*mark.PerMM)
	room := gap.Y1 - gap.Y0 - 2*clear
	if room < leastHand*mark.PerMM {
		return row, &place.Asks{Why: "there is no room between title and name", Page: l.page.Number}
	}
	if h > room {
		w, h = w*room/h, room
	}
	mid, low := (row.X0+row.X1)/2, (gap.Y0+gap.Y1-h)/2
	return revision.Rect{X0: mid - w/2, X1: mid + w/2, Y0: low, Y1: low + h}, nil
}

// signed returns where the signature that is there stands, and moves to its
// page.
func (l *layout) signed() (r revision.Rect, err error) {
	fields, err := l.file.SignatureFields()
	if err != nil {
		return r, err
	}
	for _, x := range slices.Backward(fields) {
		reason, _ := x.Dict["Reason"].(revision.String)
		if mark.KindOf(revision.PlainText(reason)) != l.profile.After {
			continue
		}
		ref, ok := x.Field["P"].(revision.Ref)
		if !ok {
			break
		}
		if l.page, err = l.file.PageOf(ref); err != nil {
			return r, err
		}
		box, err := l.file.Box(x.Field["Rect"])
		if err != nil {
			return r, err
		}
		return l.page.Seen(box), nil
	}
	if l.request.At != nil { // a result that is signed elsewhere: on paper, by another's hand
		s := l.request.Seal
		return l.request.At.Rect(place.Size{Width: s.Width * mark.PerMM, Height: s.Height * mark.PerMM}, l.page), nil
	}
	return r, &place.Asks{Why: "the signature that the seal belongs to is not found", Page: l.page.Number}
}
