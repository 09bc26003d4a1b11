package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
)

// A DraftPlace is where a draft will be entered, and whose it is.
type DraftPlace struct {
	Who     dossier.PersonID
	Dossier dossier.Code
	Slot    dossier.SlotCode
}

// A DraftLine is a page of a draft, in the order in which it will be entered.
type DraftLine struct {
	File int // in the draft
	Page int // from 1
	Turn int // clockwise quarter turns
	Drop bool
}

// A DraftFile is a file of a draft.
type DraftFile struct {
	Number int
	Name   string // as its owner calls it
	Size   int64
	Turns  []int // of each page, what its picture has to be turned by to be upright
}

// A Draft is files that are laid out before they are taken in. Nothing of it has
// been received.
type Draft struct {
	Version int
	Ordered int // the version since which nothing happened but that pages came to the end
	Files   []DraftFile
	Lines   []DraftLine
	Seen    []dossier.Capture // of each line
}

// A DraftChange is what somebody wants a draft to be: its pages in another order,
// or some of them, by their index, at another slot.
type DraftChange struct {
	Lines []DraftLine
	Move  []int
	To    dossier.SlotCode
}

// Drafts are the files that people lay out, each their own. Errors wrap
// [dossier.ErrNotFound] if there is no draft, [dossier.ErrConflict] if it has
// another version; a file that cannot be taken gives a [*sohoa/jail.Refusal].
type Drafts interface {
	Draft(ctx context.Context, at DraftPlace) (Draft, error)

	// Mark is another one as soon as something is done to the draft at a place, at
	// whichever process of the house; "": there is none. It is asked twice a second of each
	// draft that somebody looks at.
	Mark(ctx context.Context, at DraftPlace) string

	// Add lays a file out at the end. A key that is not empty names what brings it: asked
	// twice, it lies there once.
	Add(ctx context.Context, at DraftPlace, key, name string, body io.Reader) error
	Again(ctx context.Context, at DraftPlace, version, line int, name string, body io.Reader) error // a new scan for a line, by its index
	Change(ctx context.Context, at DraftPlace, version int, c DraftChange) error
	Enter(ctx context.Context, at DraftPlace, version int) (dossier.Document, error)
	Discard(ctx context.Context, at DraftPlace) error

	// Discarded counts the pages of what was discarded last at a place and can be laid out
	// again; 0: there is none.
	Discarded(ctx context.Context, at DraftPlace) (pages int, err error)
	Restore(ctx context.Context, at DraftPlace) error
}

// A DraftPicture is what the picture of a draft's page is called, and how it is
// drawn; as of [Pictures].
type DraftPicture func(ctx context.Context, at DraftPlace, file, page int, size string) (name string, draw func() ([]byte, error), err error)

// draftRoute takes bodies larger than mostForm bytes.
const draftRoute = "POST /dossiers/{code}/slots/{slot}/draft"

// againRoute does too.
const againRoute = "POST /dossiers/{code}/slots/{slot}/draft/again"

func (s *server) draftRoutes() []route {
	return []route{
		{"GET /dossiers/{code}/slots/{slot}/draft", receive, s.draftShow},
		{draftRoute, receive, s.draftAdd},
		{againRoute, receive, s.draftAgain},
		{"GET /dossiers/{code}/slots/{slot}/draft/pages/{file}/{page}", receive, s.draftPicture},
		{"POST /dossiers/{code}/slots/{slot}/draft/pages", receive, s.draftChange},
		{"POST /dossiers/{code}/slots/{slot}/draft/discard", receive, s.draftDiscard},
		{"POST /dossiers/{code}/slots/{slot}/draft/restore", receive, s.draftRestore},
	}
}

// draftAt finds the dossier and the place that a request names. A place that is
// filled has no drafts.
func (s *server) draftAt(v *visit) (d dossier.Dossier, at DraftPlace, others []place, err error) {
	if d, err = s.dossier(v, receive); err != nil {
		return d, at, nil, err
	}
	at = DraftPlace{Who: v.who.ID, Dossier: d.Code, Slot: dossier.SlotCode(v.r.PathValue("slot"))}
	all, err := s.places(v, d)
	if err != nil {
		return d, at, nil, err
	}
	found := false
	for _, p := range all {
		switch {
		case p.Slot == at.Slot && !p.Empty():
			return d, at, nil, told("filled", dossier.ErrConflict)
		case p.Slot == at.Slot:
			found = true
		case p.Empty():
			others = append(others, p)
		}
	}
	if !found {
		return d, at, nil, fmt.Errorf("%w: the procedure has no slot %s", dossier.ErrNotFound, at.Slot)
	}
	return d, at, others, nil
}

// draftSheet is a page of a draft as its page shows it.
type draftSheet struct {
	DraftLine
	Index  int // from 0
	Name   string
	Thumb  string // addresses of its picture
	Large  string
	Upward int // quarter turns of the picture without Turn
	Seen   dossier.Capture
}

// Advice are the codes of what to do about the page; Notes those of what is only
// told.
func (d draftSheet) Advice() []string { return d.seen(false) }

// Notes are the codes of what is only told of the page.
func (d draftSheet) Notes() []string { return d.seen(true) }

func (d draftSheet) seen(notes bool) (codes []string) {
	for _, c := range d.Seen.Why {
		if (c == "grey" || c == "bilevel") == notes && has("capture."+c) {
			codes = append(codes, c)
		}
	}
	return codes
}

// Shown is how the picture is turned.
func (d draftSheet) Shown() int { return (d.Upward + d.Turn) % 4 }

type draftView struct {
	Dossier  dossier.Dossier
	Slot     dossier.SlotCode
	Name     string // of the slot
	Version  int
	Sheets   []draftSheet
	Files    []DraftFile
	Kept     int // pages that will be entered
	Worst    int // index of the first page that had better be scanned again, or 0
	Others   []place
	Problems []problem
	Phone    *phoneAsked // open; nil: none is
	Away     int         // pages that were discarded and can be laid out again
}

// Base is the address of the draft.
func (d draftView) Base() string {
	return fmt.Sprintf("/dossiers/%s/slots/%s/draft", d.Dossier.Code, d.Slot)
}

func (s *server) draftShow(v *visit) error {
	d, at, others, err := s.draftAt(v)
	if err != nil {
		return err
	}
	return s.draftPage(v, d, at, others)
}

// draftPage shows a draft, and what could not be done.
func (s *server) draftPage(v *visit, d dossier.Dossier, at DraftPlace, others []place, wrong ...problem) error {
	view := draftView{Dossier: d, Slot: at.Slot, Others: others, Problems: wrong}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	view.Name = n.Slot(d.Procedure, at.Slot)
	v.laid = s.Drafts.Mark(v.ctx(), at)
	x, err := s.Drafts.Draft(v.ctx(), at)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	view.Version, view.Files = x.Version, x.Files
	if view.Phone, err = s.phoneOf(v, at); err != nil {
		return err
	}
	if view.Away, err = s.Drafts.Discarded(v.ctx(), at); err != nil {
		return err
	}
	files, worse := map[int]DraftFile{}, false
	for _, f := range x.Files {
		files[f.Number] = f
	}
	for i, l := range x.Lines {
		f := files[l.File]
		sh := draftSheet{DraftLine: l, Index: i, Name: f.Name}
		if i < len(x.Seen) {
			sh.Seen = x.Seen[i]
		}
		if len(sh.Advice()) > 0 && !l.Drop && !worse {
			view.Worst, worse = i, true
		}
		if l.Page <= len(f.Turns) {
			sh.Upward = f.Turns[l.Page-1]
		}
		sh.Thumb, sh.Large = s.draftPictureOf(v.ctx(), view, at, l, "thumb"), s.draftPictureOf(v.ctx(), view, at, l, "100")
		if view.Sheets = append(view.Sheets, sh); !l.Drop {
			view.Kept++
		}
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = wrong[0].Status
	}
	return s.show(v, status, "draft", "draft.title", view)
}

func (s *server) draftPictureOf(ctx context.Context, view draftView, at DraftPlace, l DraftLine, size string) string {
	to := fmt.Sprintf("%s/pages/%d/%d?size=%s", view.Base(), l.File, l.Page, size)
	if name, _, err := s.DraftPicture(ctx, at, l.File, l.Page, size); err == nil {
		to += "&v=" + pictureTag(name)
	}
	return to
}

// draftPicture sends a page of a draft to the one person whose it is.
func (s *server) draftPicture(v *visit) error {
	_, at, _, err := s.draftAt(v)
	if err != nil {
		return err
	}
	file, err1 := strconv.Atoi(v.r.PathValue("file"))
	page, err2 := strconv.Atoi(v.r.PathValue("page"))
	if err1 != nil || err2 != nil {
		return dossier.ErrNotFound
	}
	name, draw, err := s.DraftPicture(v.ctx(), at, file, page, or(v.r.FormValue("size"), "thumb"))
	if err != nil {
		return err
	}
	return v.drawn(name, draw)
}

// draftAdd lays out the files of a form. One that cannot be taken keeps the others
// from nothing.
func (s *server) draftAdd(v *visit) error {
	d, at, others, err := s.draftAt(v)
	if err != nil {
		return err
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, s.MaxBytes+mostForm)
	wrong, err := s.layOut(v, at)
	if status, code := kindOf(err); err != nil && code == "bytes" {
		s.drain(v, whole)
		pr := problemOf(v.lang, err)
		pr.Status, wrong, err = status, append(wrong, pr), nil
	}
	switch {
	case err != nil:
		return err
	case len(wrong) == 0:
		return v.to(draftView{Dossier: d, Slot: at.Slot}.Base())
	case v.json():
		return v.problem(wrong[0])
	}
	return s.draftPage(v, d, at, others, wrong...)
}

// layOut adds the files of the form, and says which cannot be taken.
func (s *server) layOut(v *visit, at DraftPlace) (wrong []problem, err error) {
	return s.layOutWith(v, at, func() error { return nil })
}

// layOutWith asks before each file.
func (s *server) layOutWith(v *visit, at DraftPlace, may func() error) (wrong []problem, err error) {
	if v.r.ContentLength > s.MaxBytes+mostForm {
		return nil, tooLarge()
	}
	if err := s.notSecret(v, at.Dossier, at.Slot); err != nil {
		return nil, err
	}
	form, err := v.r.MultipartReader()
	if err != nil {
		return nil, told("no-file", dossier.ErrInvalid)
	}
	for n := 0; ; {
		part, err := form.NextPart()
		if err == io.EOF && n == 0 {
			return nil, told("no-file", dossier.ErrInvalid)
		} else if err == io.EOF {
			return wrong, nil
		} else if err != nil {
			return wrong, badForm(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		n++
		if err := may(); err != nil {
			return wrong, err
		}
		err = s.Drafts.Add(v.ctx(), at, "", part.FileName(), &capped{r: part, left: s.MaxBytes})
		status, _ := kindOf(err)
		switch {
		case err == nil:
		case status == http.StatusUnprocessableEntity:
			pr := problemOf(v.lang, err)
			pr.Title = part.FileName() + ": " + pr.Title
			wrong = append(wrong, pr)
			_, _ = io.Copy(io.Discard, part)
		default:
			return wrong, cutOff(err)
		}
	}
}

// draftChange does what the form of a draft asks for: puts its pages in order
// (save), and then enters them, or moves the chosen ones to another slot.
func (s *server) draftChange(v *visit) error {
	d, at, others, err := s.draftAt(v)
	if what := v.r.PostFormValue("do"); errors.Is(err, dossier.ErrConflict) && what == "enter" {
		return s.enteredBefore(v, d, at, err)
	}
	if err != nil {
		return err
	}
	to, err := s.draftDo(v, d, at)
	status, code := kindOf(err)
	switch {
	case err == nil:
		return v.to(to)
	case v.json() || code == "cut-off" || atFault(status) || status == http.StatusNotFound:
		return err
	}
	return s.draftPage(v, d, at, others, problemOf(v.lang, err))
}

// enteredBefore leads whoever sends the form again to what it made.
func (s *server) enteredBefore(v *visit, d dossier.Dossier, at DraftPlace, err error) error {
	fillings, e := s.Dossiers.Fillings(v.ctx(), d.Code)
	if e != nil {
		return e
	}
	for _, f := range fillings {
		if f.Slot == at.Slot && f.Document != nil {
			if _, e := s.Drafts.Draft(v.ctx(), at); errors.Is(e, dossier.ErrNotFound) {
				return v.to("/documents/" + string(f.Document.ID))
			}
		}
	}
	return err
}

// draftDo does it and says where to go.
func (s *server) draftDo(v *visit, d dossier.Dossier, at DraftPlace) (to string, err error) {
	x, err := s.Drafts.Draft(v.ctx(), at)
	if err != nil {
		return "", err
	}
	version, err := strconv.Atoi(v.r.PostFormValue("version"))
	if err != nil {
		return "", invalid("draft.version")
	}
	shown := len(x.Lines)
	if version < x.Version {
		shown = shownOf(v.r, shown) // pages that came since are at the end, and stay there
	}
	lines, picked, err := arrangement(v.r, x.Lines[:shown])
	if err != nil {
		return "", err
	}
	if version < x.Ordered || version > x.Version {
		return "", fmt.Errorf("%w: version %d of the draft", dossier.ErrConflict, x.Version)
	}
	lines, version = append(lines, x.Lines[shown:]...), x.Version
	base := draftView{Dossier: d, Slot: at.Slot}.Base()
	if v.r.PostFormValue("do") == "move" {
		if len(picked) == 0 {
			return "", told("draft-none", dossier.ErrInvalid)
		}
		return base, s.Drafts.Change(v.ctx(), at, version, DraftChange{Move: picked, To: dossier.SlotCode(v.r.PostFormValue("to"))})
	}
	if !slices.Equal(lines, x.Lines) {
		if err := s.Drafts.Change(v.ctx(), at, version, DraftChange{Lines: lines}); err != nil {
			return "", err
		}
		version++
	}
	if v.r.PostFormValue("do") != "enter" {
		return base, nil
	}
	if shown < len(x.Lines) {
		return "", told("draft-grew", dossier.ErrConflict) // nobody enters what they have not seen
	}
	of, err := s.Dossiers.Dossier(v.ctx(), at.Dossier)
	if err == nil {
		err = s.Gate(v.ctx(), of.Receiving)
	}
	if err != nil {
		return "", err
	}
	doc, err := s.Drafts.Enter(v.ctx(), at, version)
	if err != nil {
		return "", err
	}
	s.Moved(v.ctx(), doc)
	if err := s.Phones.End(v.ctx(), at); err != nil {
		return "", err
	}
	return "/documents/" + string(doc.ID), nil
}

// shownOf counts the pages that a form of a draft showed, of all that are there now.
func shownOf(r *http.Request, all int) (n int) {
	for n < all && r.PostForm.Has("o"+strconv.Itoa(n)) {
		n++
	}
	if n == 0 {
		return all // which says what is missing
	}
	return n
}

// arrangement reads what the form says of each page: oN its place, from 1, tN its
// turn in degrees, dN that it is left out, pN that it is chosen. A page that is
// given the place of another goes before it on the way up, behind it on the way
// down.
func arrangement(r *http.Request, was []DraftLine) (lines []DraftLine, picked []int, err error) {
	type placed struct {
		DraftLine
		at int
	}
	all := make([]placed, len(was))
	for i, l := range was {
		field := func(kind string) string { return strings.TrimSpace(r.PostFormValue(kind + strconv.Itoa(i))) }
		n, err := strconv.Atoi(field("o"))
		if err != nil || n < 1 || n > len(was) {
			return nil, nil, invalid("draft.order")
		}
		turn, err := strconv.Atoi(field("t"))
		if err != nil || turn%90 != 0 || turn < 0 || turn > 270 {
			return nil, nil, invalid("draft.turn")
		}
		l.Turn, l.Drop = turn/90, field("d") != ""
		all[i] = placed{l, 2*n + cmp.Compare(n, i+1)}
		if field("p") != "" {
			picked = append(picked, i)
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return a.at - b.at })
	for _, p := range all {
		lines = append(lines, p.DraftLine)
	}
	return lines, picked, nil
}

func (s *server) draftDiscard(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	at := DraftPlace{Who: v.who.ID, Dossier: d.Code, Slot: dossier.SlotCode(v.r.PathValue("slot"))}
	if err := errors.Join(s.Drafts.Discard(v.ctx(), at), s.Phones.End(v.ctx(), at)); err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code))
}

// draftRestore lays out again what was discarded.
func (s *server) draftRestore(v *visit) error {
	d, at, _, err := s.draftAt(v)
	if err != nil {
		return err
	}
	if err := s.Drafts.Restore(v.ctx(), at); errors.Is(err, dossier.ErrConflict) {
		return told("draft-there", err)
	} else if err != nil {
		return err
	}
	return v.to(draftView{Dossier: d, Slot: at.Slot}.Base())
}
