package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/batch"
)

// PaperBatches are papers that come by the metre. Errors wrap [dossier.ErrNotFound] if
// there is no such batch of the agencies, [dossier.ErrConflict] if it has another
// version or its papers are entering.
type PaperBatches interface {
	List(ctx context.Context, agencies []dossier.AgencyCode, not dossier.Closed, after batch.ID, limit int) ([]batch.Batch, error)
	Batch(ctx context.Context, id batch.ID, agencies []dossier.AgencyCode, not dossier.Closed) (batch.Batch, error)

	// Lay puts the bytes of a file in the store, as they come.
	Lay(ctx context.Context, name string, body io.Reader, by account.By) (batch.File, error)
	Take(ctx context.Context, agency dossier.AgencyCode, feed batch.Feed, parting batch.Parting, files []batch.File, by account.By) (batch.Batch, error)

	// Propose proposes the borders of a batch anew, for its feed.
	Propose(ctx context.Context, b *batch.Batch) error
	Arrange(ctx context.Context, b batch.Batch, order bool, by account.By) error

	// Picture is what the picture of a side is called, and how it is drawn.
	Picture(ctx context.Context, b batch.Batch, file, page int, size string) (name string, draw func() ([]byte, error), err error)

	// Separators writes separator sheets as PDF.
	Separators(w io.Writer, sheets []Separator) error
}

// A Separator is a sheet to be laid between papers.
type Separator struct {
	Mark    batch.Mark
	Dossier string // what people read on it
	Paper   string
}

// batchRoute takes bodies larger than mostForm bytes.
const batchRoute = "POST /batches"

func (s *server) batchRoutes() []route {
	return []route{
		{"GET /batches", receive, s.batchList},
		{batchRoute, receive, s.batchAdd},
		{"GET /batches/{batch}", receive, s.batchShow},
		{"POST /batches/{batch}", receive, s.batchChange},
		{"GET /batches/{batch}/sides/{file}/{page}", receive, s.batchPicture},
		{"GET /batches/separators", receive, s.separatorsNext},
		{"GET /dossiers/{code}/separators", receive, s.separators},
	}
}

const (
	batchesShown  = 50
	batchFiles    = 200 // of one batch
	nextPrinted   = 20  // sheets before the next dossier
	mostSideNotes = 200 // bytes of a reason
)

type batchesView struct {
	List     []batch.Batch
	After    batch.ID // to go on from; empty: these are the last
	N        names
	Problems []problem
}

func (s *server) batchList(v *visit) error { return s.batchesPage(v) }

func (s *server) batchesPage(v *visit, wrong ...problem) error {
	view, err := batchesView{Problems: wrong}, error(nil)
	if view.List, err = s.PaperBatches.List(v.ctx(), v.sight.agencies(), v.sight.closed, batch.ID(v.r.FormValue("after")), batchesShown+1); err != nil {
		return err
	}
	if len(view.List) > batchesShown {
		view.List = view.List[:batchesShown]
		view.After = view.List[batchesShown-1].ID
	}
	if view.N, err = s.names(v.ctx()); err == nil {
		err = s.withPeople(v.ctx(), view.N)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = wrong[0].Status
	}
	return s.show(v, status, "batches", "batches.title", view)
}

// batchAdd takes the files of a form, in their order, as one batch.
func (s *server) batchAdd(v *visit) error {
	if err := s.Gate(v.ctx(), v.who.Agency); err != nil { // its bytes go to the store at once
		return err
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, batchFiles*s.MaxBytes)
	b, err := s.takeBatch(v)
	if status, code := kindOf(err); err != nil && code == "bytes" {
		s.drain(v, whole)
		p := problemOf(v.lang, err)
		p.Status = status
		if v.json() {
			return v.problem(p)
		}
		return s.batchesPage(v, p)
	}
	if err != nil {
		return err
	}
	return v.to("/batches/" + string(b.ID))
}

func (s *server) takeBatch(v *visit) (none batch.Batch, err error) {
	form, err := v.r.MultipartReader()
	if err != nil {
		return none, told("no-file", dossier.ErrInvalid)
	}
	feed, parting := batch.Single, batch.Parting{}
	var files []batch.File
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		} else if err != nil {
			return none, badForm(err)
		}
		switch {
		case part.FormName() == "feed":
			text, err := io.ReadAll(io.LimitReader(part, 32))
			if err != nil {
				return none, badForm(err)
			}
			if feed = batch.Feed(text); !slices.Contains(batch.Feeds[:], feed) {
				return none, invalid("batches.feed")
			}
		case part.FormName() == "keep":
			text, err := io.ReadAll(io.LimitReader(part, 32))
			if err != nil {
				return none, badForm(err)
			}
			if parting.Blanks, err = batch.BlanksOf(string(text)); err != nil {
				return none, invalid("batches.keep")
			}
		case part.FormName() == "patches":
			text, err := io.ReadAll(io.LimitReader(part, 32))
			if err != nil {
				return none, badForm(err)
			}
			parting.Patches = string(text) == "1"
		case part.FormName() == "file" && part.FileName() != "":
			if len(files) == batchFiles {
				return none, told("room", dossier.ErrInvalid)
			}
			f, err := s.PaperBatches.Lay(v.ctx(), part.FileName(), &capped{r: part, left: s.MaxBytes}, v.by())
			if err != nil {
				return none, cutOff(err)
			}
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return none, told("no-file", dossier.ErrInvalid)
	}
	return s.PaperBatches.Take(v.ctx(), v.who.Agency, feed, parting, files, v.by())
}

func (s *server) batchOf(v *visit) (batch.Batch, error) {
	return s.PaperBatches.Batch(v.ctx(), batch.ID(v.r.PathValue("batch")), v.sight.agencies(), v.sight.closed)
}

// sideView is a side as its page shows it.
type sideView struct {
	batch.Side
	Index  int // from 0
	Name   string
	Thumb  string // addresses of its picture
	Large  string
	Locked bool // it has entered
	Drop   bool
}

// Shown is how the picture is turned.
func (v sideView) Shown() int { return (v.Lies + v.Turn) % 4 }

type batchShown struct {
	batch.Batch
	Shown    []sideView
	Warnings []batch.Warning
	Sum      batch.Sum
	Ready    int                 // papers that can enter
	Slots    []dossier.Component // of the dossiers that are named
	Working  bool
	Problem  *problem
	N        names
}

func (s *server) batchShow(v *visit) error {
	b, err := s.batchOf(v)
	if err != nil {
		return err
	}
	return s.batchPage(v, b, nil)
}

func (s *server) batchPage(v *visit, b batch.Batch, wrong error) (err error) {
	if b.Sides, err = s.tellable(v).sides(b); err != nil {
		return err
	}
	view, status := batchShown{Batch: b, Warnings: batch.Warnings(b), Sum: batch.Account(b.Sides)}, http.StatusOK
	view.Working = b.Standing == batch.Waiting || b.Standing == batch.Entering
	if view.Working && b.Standing == batch.Waiting {
		view.Warnings = nil // nothing is proposed yet
	}
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	for _, p := range batch.Papers(b.Sides) {
		if p.Ready() {
			view.Ready++
		}
	}
	for i, side := range b.Sides {
		x := sideView{Side: side, Index: i, Locked: side.Document != "", Drop: side.Use != batch.Page}
		if side.File >= 1 && side.File <= len(b.Files) {
			x.Name = b.Files[side.File-1].Name
		}
		to := fmt.Sprintf("/batches/%s/sides/%d/%d?size=", b.ID, side.File, side.Page)
		x.Thumb, x.Large = to+"thumb", to+"100"
		view.Shown = append(view.Shown, x)
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.Slots, err = s.slotsOf(v, b); err != nil {
		return err
	}
	if v.json() {
		return v.reply(batchJSON(view))
	}
	return s.show(v, status, "sides", "batches.one", view)
}

// batchJSON is what a program is told of a batch.
func batchJSON(view batchShown) any {
	type side struct {
		File     int                `json:"file"`
		Page     int                `json:"page"`
		Use      batch.Use          `json:"use"`
		Starts   bool               `json:"starts,omitempty"`
		Dossier  dossier.Code       `json:"dossier,omitempty"`
		Slot     dossier.SlotCode   `json:"slot,omitempty"`
		Document dossier.DocumentID `json:"document,omitempty"`
		Refused  string             `json:"refused,omitempty"`
	}
	out := struct {
		Standing batch.Standing `json:"standing"`
		Version  int            `json:"version"`
		Open     int            `json:"open"`
		Warnings []string       `json:"warnings"`
		Sides    []side         `json:"sides"`
	}{Standing: view.Standing, Version: view.Version, Open: view.Sum.Open, Warnings: []string{}, Sides: []side{}}
	for _, w := range view.Warnings {
		out.Warnings = append(out.Warnings, string(w.Code))
	}
	for _, x := range view.Sides {
		out.Sides = append(out.Sides, side{x.File, x.Page, x.Use, x.Starts, x.Dossier, x.Slot, x.Document, x.Refused})
	}
	return out
}

// slotsOf are the components of the dossiers that b names, of those to which the
// visitor may bring paper.
func (s *server) slotsOf(v *visit, b batch.Batch) (all []dossier.Component, err error) {
	seen := map[dossier.Code]bool{}
	for _, x := range b.Sides {
		if x.Dossier == "" || seen[x.Dossier] {
			continue
		}
		seen[x.Dossier] = true
		d, err := s.Dossiers.Dossier(v.ctx(), x.Dossier)
		if errors.Is(err, dossier.ErrNotFound) || err == nil && v.allowed(receive, &d) != nil {
			continue
		} else if err != nil {
			return nil, err
		}
		p, err := s.Catalogue.ProcedureOf(v.ctx(), d)
		if err != nil {
			return nil, err
		}
		for _, c := range p.Components {
			if !slices.Contains(v.sight.closed.Kinds, c.Kind) && !slices.ContainsFunc(all, func(x dossier.Component) bool { return x.Slot == c.Slot }) {
				all = append(all, c)
			}
		}
	}
	return all, nil
}

// batchPicture sends a side to who may bring paper for its agency.
func (s *server) batchPicture(v *visit) error {
	b, err := s.batchOf(v)
	if err != nil {
		return err
	}
	file, err1 := strconv.Atoi(v.r.PathValue("file"))
	page, err2 := strconv.Atoi(v.r.PathValue("page"))
	if err1 != nil || err2 != nil || !slices.ContainsFunc(b.Sides, func(x batch.Side) bool { return x.File == file && x.Page == page }) {
		return dossier.ErrNotFound
	}
	name, draw, err := s.PaperBatches.Picture(v.ctx(), b, file, page, or(v.r.FormValue("size"), "thumb"))
	if err != nil {
		return err
	}
	return v.drawn(name, draw)
}

// batchChange does what the form of a batch asks for: feed proposes its borders anew
// for another feed, save keeps what was set, enter also orders that its papers enter.
func (s *server) batchChange(v *visit) error {
	b, err := s.batchOf(v)
	if err != nil {
		return err
	}
	err = s.batchDo(v, b)
	if status, _ := kindOf(err); err != nil && (v.json() || atFault(status) || status == http.StatusNotFound) {
		return err
	} else if err != nil {
		return s.batchPage(v, b, err)
	}
	return v.to("/batches/" + string(b.ID))
}

func (s *server) batchDo(v *visit, b batch.Batch) error {
	version, err := strconv.Atoi(v.r.PostFormValue("version"))
	if err != nil {
		return invalid("draft.version")
	}
	if version != b.Version || b.Standing != batch.Proposed {
		return fmt.Errorf("%w: version %d of the batch", dossier.ErrConflict, b.Version)
	}
	do := v.r.PostFormValue("do")
	if do == "feed" {
		if batch.Account(b.Sides).Entered > 0 {
			return told("batch-entered", dossier.ErrConflict)
		}
		if b.Feed = batch.Feed(v.r.PostFormValue("feed")); !slices.Contains(batch.Feeds[:], b.Feed) {
			return invalid("batches.feed")
		}
		if b.Parting, err = partingOf(v.r); err != nil {
			return err
		}
		if err := s.PaperBatches.Propose(v.ctx(), &b); err != nil {
			return err
		}
		return s.PaperBatches.Arrange(v.ctx(), b, false, v.by())
	}
	now, err := sidesOf(v.r, b.Sides)
	if err == nil {
		b.Sides, err = batch.Arrange(b.Sides, now)
	}
	if errors.Is(err, batch.ErrWhy) {
		return told("batch-why", err)
	}
	if err == nil {
		err = s.sidesOpen(v, b.Sides)
	}
	if err != nil {
		return err
	}
	if do == "enter" {
		if err := s.Gate(v.ctx(), b.Agency); err != nil {
			return err
		}
	}
	return s.PaperBatches.Arrange(v.ctx(), b, do == "enter", v.by())
}

// partingOf reads what a form says to stand between papers.
func partingOf(r *http.Request) (p batch.Parting, err error) {
	if p.Blanks, err = batch.BlanksOf(r.PostFormValue("keep")); err != nil {
		return p, invalid("batches.keep")
	}
	p.Patches = r.PostFormValue("patches") == "1"
	return p, nil
}

// sidesOf reads what the form says of each side: oN its place from 1, tN its turn in
// degrees, dN that it is left out, wN why, sN that a paper begins with it, and of
// which dossier (cN) and component (lN) that is. What the machine saw to be blank or
// a separator is left out by rule.
func sidesOf(r *http.Request, was []batch.Side) ([]batch.Side, error) {
	type placed struct {
		batch.Side
		at int
	}
	all := make([]placed, len(was))
	for i, x := range was {
		field := func(kind string) string { return strings.TrimSpace(r.PostFormValue(kind + strconv.Itoa(i))) }
		n, err := strconv.Atoi(field("o"))
		if err != nil || n < 1 || n > len(was) {
			return nil, invalid("draft.order")
		}
		turn, err := strconv.Atoi(field("t"))
		if err != nil || turn%90 != 0 || turn < 0 || turn > 270 {
			return nil, invalid("draft.turn")
		}
		x.Turn, x.Use, x.Why = turn/90, batch.Page, ""
		switch {
		case field("d") == "":
		case x.Mark != (batch.Mark{}):
			x.Use = batch.Separator
		case x.Blank:
			x.Use = batch.Blank
		default:
			x.Use, x.Why = batch.LeftOut, clean(field("w"))
		}
		if len(x.Why) > mostSideNotes {
			return nil, invalid("batches.why")
		}
		x.Starts, x.Dossier, x.Slot = field("s") != "", "", ""
		if x.Starts || i == 0 {
			x.Dossier, x.Slot = dossier.Code(field("c")), dossier.SlotCode(field("l"))
		}
		all[i] = placed{x, 2*n + cmp.Compare(n, i+1)}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return a.at - b.at })
	out := make([]batch.Side, len(all))
	for i, p := range all {
		out[i] = p.Side
	}
	return out, nil
}

// separators prints the sheets that go before the components of a dossier which
// nothing fills yet.
func (s *server) separators(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	all, err := s.places(v, d)
	if err != nil {
		return err
	}
	n, err := s.names(v.ctx())
	if err != nil {
		return err
	}
	var sheets []Separator
	for _, p := range all {
		if p.Empty() {
			sheets = append(sheets, Separator{Mark: batch.Mark{Kind: batch.Component, Dossier: d.Code, Slot: p.Slot}, Dossier: string(d.Code), Paper: n.Slot(d.Procedure, p.Slot)})
		}
	}
	if len(sheets) == 0 {
		return told("nothing-open", dossier.ErrConflict)
	}
	for i := range sheets {
		sheets[i].Mark.Number, sheets[i].Mark.Of = i+1, len(sheets)
	}
	return s.print(v, "phan-cach-"+string(d.Code), sheets)
}

// separatorsNext prints sheets that go before the next dossier, whichever it is.
// Each stands for itself: how many are used nobody knows.
func (s *server) separatorsNext(v *visit) error {
	return s.print(v, "ho-so-tiep-theo", slices.Repeat([]Separator{{Mark: batch.Mark{Kind: batch.Next, Number: 1, Of: 1}}}, nextPrinted))
}

func (s *server) print(v *visit, name string, sheets []Separator) error {
	var out bytes.Buffer
	if err := s.PaperBatches.Separators(&out, sheets); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `inline; filename="`+url.PathEscape(name)+`.pdf"`)
	v.wrote = true
	_, err := io.Copy(v.w, &out)
	return err
}
