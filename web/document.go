package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sohoa/dossier"
)

// Bounds of what a page reads of a file.
const (
	mostText      = 1 << 20
	mostProposals = 1 << 20
	mostWords     = 16 << 20
	lowConfidence = 80 // per cent: below it a value is to be looked at twice
)

// sheet is one page of a document with the places where fields were read.
type sheet struct {
	Number        int
	Picture       string  // its address
	Choice        string  // addresses of the same in more than one size, for srcset; empty if its width is not known
	Width, Height float64 // points; 0 if not known
	Marks         []mark
	Own           string // the key of what was done with the page's own text, if it had any
	Kept          bool   // as it came
	Poor          []mark // words that were read badly, on a doubtful page
	Hits          []hitMark
}

// mark is a rectangle on a sheet, in points.
type mark struct {
	Name       dossier.FieldName
	X, Y, W, H float64
}

// blank is one line of the form that confirms fields.
type blank struct {
	dossier.Field
	Low     bool
	Other   bool // differs from what the dossier says
	Fixed   bool // shown, not asked
	Day     bool // a date
	Long    bool
	Want    bool // must be given
	Problem bool
	Read    string // what was read, where it is not filled in
	Why     string // the key of what the proposal rests on
	Past    lesson
}

// file is a part that may be downloaded.
type file struct {
	Part dossier.Part
	Says dossier.Part // what it is called by
	Size int64
	Sum  string
}

type documentView struct {
	Document  dossier.Document
	Dossier   dossier.Dossier
	pages     []readPage
	Sheets    []sheet
	Text      string
	Blanks    []blank // while the visitor confirms
	Fields    []blank // what was confirmed, or else proposed
	Confirmed bool
	Twice     *twice // its fields are typed by two people; nil: by one
	Acts      []dossier.Act
	FourEyes  bool // the visitor did something that keeps them from the next act
	Waits     dossier.Role
	Files     []file
	Signed    bool
	Changes   []dossier.Change
	places    map[int64]int64 // in the ledger, by version
	Found     found
	Like      []pageLike
	Doubts    []doubt
	Reviewed  dossier.PersonID // who looked at the doubtful pages
	MayReview bool
	Read      bool  // there are words with places
	Lit       *hits // what was looked for; nil if nothing was
	Keep      retentionCard
	PagesDone int
	PagesOf   int      // that are read one by one; 0: they are not
	Packages  []string // kinds that the visitor may take
	N         names
	Problem   *problem
	Mine      []clash // what the visitor typed, where somebody else wrote other words
}

// Ask is the field that whoever confirms had better look at first; empty: none, and the
// Enter key confirms.
func (d documentView) Ask() dossier.FieldName {
	for _, b := range d.Blanks {
		if !b.Fixed && (b.Low || b.Problem || b.Want && b.Value == "") {
			return b.Name
		}
	}
	return ""
}

// document loads the document a request names, and its dossier, if the visitor
// may do so.
func (s *server) document(v *visit, want right) (dossier.Document, dossier.Dossier, error) {
	d, err := s.Documents.Document(v.ctx(), dossier.DocumentID(v.r.PathValue("id")))
	if err != nil {
		return d, dossier.Dossier{}, err
	}
	do, err := s.Dossiers.Dossier(v.ctx(), d.Dossier)
	if err != nil {
		return d, do, err
	}
	v.behindGlass(do)
	if err := v.allowedFor(want, do, d.Kind); err != nil || want != look {
		return d, do, err
	}
	return d, do, s.provenToOpen(v)
}

func (s *server) documentShow(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return err
	}
	if !d.Disposed.IsZero() {
		return s.tombstone(v, d, do)
	}
	return s.documentPage(v, d, do, nil, nil)
}

// documentPage shows a document. If the visitor has just given values that
// cannot be taken, it shows these values again and what is wrong.
func (s *server) documentPage(v *visit, d dossier.Document, do dossier.Dossier, given []dossier.Field, wrong error) error {
	view, err := s.documentView(v, d, do, given, wrong)
	if err != nil {
		return err
	}
	return s.documentShown(v, view, wrong)
}

// documentShown sends what was gathered.
func (s *server) documentShown(v *visit, view documentView, wrong error) error {
	if err := s.fillRetention(v, &view); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
	}
	return s.show(v, status, "document", "document.title", view)
}

// documentView gathers what the page shows.
func (s *server) documentView(v *visit, d dossier.Document, do dossier.Dossier, given []dossier.Field, wrong error) (view documentView, err error) {
	view = documentView{Document: d, Dossier: do, Acts: dossier.Acts(d.State, v.who.Role), Read: !d.Parts[dossier.PartWords].IsZero()}
	view.Waits, _ = dossier.Waits(d.State)
	if view.PagesDone, view.PagesOf, err = s.Line.PagesDone(v.ctx(), d); err != nil {
		return view, err
	}
	if d.State == dossier.Archived && v.allowedFor(pack, do, d.Kind) == nil {
		view.Packages = packageKinds
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return view, err
	}
	if err = s.withPeople(v.ctx(), view.N); err != nil {
		return view, err
	}
	if view.Changes, err = s.Documents.Changes(v.ctx(), d.ID); err != nil {
		return view, err
	}
	if err = s.fillPlaces(v, &view); err != nil {
		return view, err
	}
	view.FourEyes = slices.ContainsFunc(view.Acts, func(a dossier.Act) bool { return dossier.FourEyes(view.Changes, a, v.who.ID) != nil })
	if err = s.fillFields(v, &view, given, wrong); err != nil {
		return view, err
	}
	if err = s.fillFiles(v, &view); err != nil {
		return view, err
	}
	if view.Found, err = s.found(v.ctx(), d); err != nil {
		return view, err
	}
	if view.Like, err = s.pagesLike(v, d); err != nil {
		return view, err
	}
	return view, s.fillDoubts(v, &view)
}

// fillFields finds the fields: confirmed, or proposed, and where they stand.
func (s *server) fillFields(v *visit, view *documentView, given []dossier.Field, wrong error) error {
	d := view.Document
	confirmed, err := s.Documents.Fields(v.ctx(), d.ID)
	if err != nil {
		return err
	}
	proposals, err := s.proposals(v.ctx(), d)
	if err != nil {
		return err
	}
	view.Confirmed = len(confirmed) > 0 && d.State != dossier.Extracted // else it was sent back
	shown := proposals
	if len(confirmed) > 0 {
		shown = confirmed
	}
	if slices.Contains(view.Acts, dossier.Confirm) {
		holder, err := s.Holders.Holder(v.ctx(), view.Dossier.Holder)
		if err != nil {
			return err
		}
		if err := s.fillTwice(v, view); err != nil {
			return err
		}
		if given != nil {
			view.Blanks = blanks(d, holder.Number, given)
		} else if len(confirmed) > 0 { // sent back: what was confirmed is corrected
			view.Blanks = blanks(d, holder.Number, confirmed)
		} else if view.Twice != nil {
			view.Blanks = view.Twice.blanks(d)
		} else if view.Blanks, err = s.learned(v, view, blanks(d, holder.Number, proposals)); err != nil {
			return err
		}
		markProblem(view.Blanks, wrong)
	} else {
		for _, f := range shown {
			view.Fields = append(view.Fields, blank{Field: f, Low: !view.Confirmed && f.Confidence < lowConfidence})
		}
	}
	if view.pages, err = s.readPages(v.ctx(), d); err != nil {
		return err
	}
	view.Sheets = sheets(d, view.pages, shown)
	for i := range view.Sheets {
		view.Sheets[i].Picture = s.pictureOf(d, i+1, usualSize)
		view.Sheets[i].Choice = s.choiceOf(d, i+1, view.Sheets[i].Width)
	}
	return nil
}

// blanks makes the form of the nine fields from what was proposed.
func blanks(d dossier.Document, holder string, proposed []dossier.Field) []blank {
	by := byName(proposed)
	all := make([]blank, 0, len(dossier.FieldNames))
	for _, name := range dossier.FieldNames {
		f, read := by[name]
		f.Name = name
		b := blank{Field: f, Day: name == dossier.FieldIssued || name == dossier.FieldExpires,
			Long: name == dossier.FieldSubject || name == dossier.FieldTitle, Want: name == dossier.FieldTitle}
		switch name {
		case dossier.FieldKind:
			b.Value, b.Fixed = string(d.Kind), true
		case dossier.FieldHolder:
			if proposal := f.Reason != ""; f.Value == "" || proposal && holder != "" && f.Value != holder {
				b.Value, b.Read, b.Page, read = holder, f.Value, 0, false // whose it is, a person said
			}
			b.Other = b.Value != holder
		}
		if f.Reason == "hand" || f.Reason == "future" { // never taken unconfirmed: to be typed
			b.Value, b.Read, b.Page, read = "", f.Value, 0, false
		}
		if has("reason." + f.Reason) {
			b.Why = "reason." + f.Reason
		}
		b.Low = read && b.Value != "" && f.Confidence < lowConfidence
		all = append(all, b)
	}
	return all
}

func markProblem(all []blank, wrong error) {
	var t *toldError
	if !errors.As(wrong, &t) {
		return
	}
	for i := range all {
		all[i].Problem = t.word == "field."+string(all[i].Name)
	}
}

func byName(fields []dossier.Field) map[dossier.FieldName]dossier.Field {
	by := map[dossier.FieldName]dossier.Field{}
	for _, f := range fields {
		by[f.Name] = f
	}
	return by
}

// proposals reads what the machine proposes; nothing before it does.
func (s *server) proposals(ctx context.Context, d dossier.Document) ([]dossier.Field, error) {
	b, err := s.read(ctx, d, dossier.PartProposals, mostProposals)
	if b == nil || err != nil {
		return nil, err
	}
	var fields []dossier.Field
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, fmt.Errorf("proposals of %s: %w", d.ID, err)
	}
	return fields, nil
}

// readPage is what the document's page needs of an [sohoa/ocr.Page].
type readPage struct {
	Width, Height int
	DPIX, DPIY    float64
	Why           string
	Kept          bool
	Lines         []struct {
		Words []struct {
			Text       string
			Confidence float64
			Box        struct{ X0, Y0, X1, Y1 float64 }
		}
	}
}

// readPages returns what was read of d; none if that is not there or too much
// to show.
func (s *server) readPages(ctx context.Context, d dossier.Document) ([]readPage, error) {
	b, err := s.read(ctx, d, dossier.PartWords, mostWords)
	if err != nil {
		return nil, err
	}
	var pages []readPage
	if b == nil || len(b) == mostWords || json.Unmarshal(b, &pages) != nil {
		return nil, nil // the pages without marks
	}
	return pages, nil
}

// sheets lists the pages of d, with the places of fields where the frame of
// the page is known.
func sheets(d dossier.Document, frames []readPage, fields []dossier.Field) []sheet {
	all := make([]sheet, d.Pages)
	for i := range all {
		all[i].Number = i + 1
	}
	for i := range min(len(all), len(frames)) {
		if f := frames[i]; f.DPIX > 0 && f.DPIY > 0 {
			all[i].Width, all[i].Height = float64(f.Width)*72/f.DPIX, float64(f.Height)*72/f.DPIY
		}
		if key := "own." + frames[i].Why; has(key) {
			all[i].Own = key
		}
		all[i].Kept = frames[i].Kept
	}
	for _, f := range fields {
		if f.Page < 1 || f.Page > len(all) || f.Box[2] <= f.Box[0] || f.Box[3] <= f.Box[1] {
			continue
		}
		sh := &all[f.Page-1]
		sh.Marks = append(sh.Marks, mark{f.Name, f.Box[0] - 2, f.Box[1] - 2, f.Box[2] - f.Box[0] + 4, f.Box[3] - f.Box[1] + 4})
	}
	return all
}

// read returns up to most bytes of a part, or nil if d has no such part.
func (s *server) read(ctx context.Context, d dossier.Document, part dossier.Part, most int64) ([]byte, error) {
	sum, ok := d.Parts[part]
	if !ok {
		return nil, nil
	}
	r, err := s.Blobs.Open(ctx, sum)
	if err != nil {
		return nil, fmt.Errorf("open %s of %s: %w", part, d.ID, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", part, d.ID, err)
	}
	return b, nil
}

// downloads are the parts that leave the house by a page, and their media
// types; that of the scan is its own.
var downloads = []struct {
	part       dossier.Part
	media, end string
}{
	{dossier.PartScan, "", ""},
	{dossier.PartArrived, "", ""},
	{dossier.PartAdopted, "application/pdf", ".pdf"},
	{dossier.PartSealed, "application/pdf", ".pdf"},
	{dossier.PartCopySigned, "application/pdf", ".pdf"},
	{dossier.PartPlain, "application/pdf", ".pdf"},
	{dossier.PartText, "text/plain; charset=utf-8", ".txt"},
	{dossier.PartReport, "application/json", ".json"},
}

var endings = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "application/pdf": ".pdf"}

func (s *server) fillFiles(v *visit, view *documentView) error {
	d := view.Document
	parts := []dossier.Part{}
	for n := d.Renewals(); n > 0; n-- { // the newest first: it is what the archive gives out
		parts = append(parts, dossier.RenewedPart(n))
	}
	for _, dl := range downloads {
		parts = append(parts, dl.part)
	}
	for _, part := range parts {
		sum, ok := d.Parts[part]
		if !ok {
			continue
		}
		n, err := s.Blobs.Stat(v.ctx(), sum)
		if err != nil {
			return fmt.Errorf("stat %s of %s: %w", part, d.ID, err)
		}
		view.Files = append(view.Files, file{part, saysOf(d, part), n, sum.String()})
	}
	view.Signed = signed(d)
	text, err := s.read(v.ctx(), d, dossier.PartText, mostText)
	view.Text = string(text)
	return err
}

// saysOf is the name by which a part is called: what was opened or mended is no scan.
func saysOf(d dossier.Document, part dossier.Part) dossier.Part {
	if part == dossier.PartScan && !d.Parts[dossier.PartArrived].IsZero() {
		return "opened"
	}
	return part
}

// Views reports whether there is a file that the viewer shows.
func (v documentView) Views() bool { return len(viewable(v.Document)) > 0 }

// signed reports whether d has a file with signatures.
func signed(d dossier.Document) bool {
	for _, part := range []dossier.Part{dossier.PartCopySigned, dossier.PartSealed, dossier.PartVerdict} {
		if _, ok := d.Parts[part]; ok {
			return true
		}
	}
	return false
}

// part sends a file of a document.
func (s *server) part(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	if err := disposedOf(d); err != nil {
		return err
	}
	name := dossier.Part(v.r.PathValue("part"))
	i := slices.IndexFunc(downloads, func(x struct {
		part       dossier.Part
		media, end string
	}) bool {
		return x.part == name
	})
	sum, ok := d.Parts[name]
	if i < 0 && !name.IsRenewed() && !name.IsBeside() || !ok {
		return dossier.ErrNotFound
	}
	media, end := "application/pdf", ".pdf"
	switch {
	case i >= 0:
		media, end = downloads[i].media, downloads[i].end
	case name.IsBeside():
		media, end = "application/octet-stream", ".bin" // whatever it is, no browser shows or runs it
	}
	if name == dossier.PartScan || name == dossier.PartArrived {
		media, end = d.Media, endings[d.Media]
	}
	n, err := s.Blobs.Stat(v.ctx(), sum)
	if err != nil {
		return fmt.Errorf("stat %s of %s: %w", name, d.ID, err)
	}
	r, err := s.Blobs.Open(v.ctx(), sum)
	if err != nil {
		return fmt.Errorf("open %s of %s: %w", name, d.ID, err)
	}
	defer r.Close()
	if err := s.handedOut(v, dossier.ReadTaken, d.ID, do, name); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.FormatInt(n, 10))
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s_%s_%s%s"`, d.Dossier, d.Slot, name, end))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":") // RFC 9530 section 3
	v.wrote = true
	if _, err = io.Copy(v.w, r); err != nil {
		return fmt.Errorf("send %s of %s: %w", name, d.ID, err)
	}
	return nil
}

type signaturesView struct {
	Verdict Verdict
	None    bool
	Failed  bool
	ID      dossier.DocumentID
	At      time.Time // when it was looked
}

// signatures says what is to be thought of the signatures. It is a page of its
// own because looking takes a while.
func (s *server) signatures(v *visit) error {
	d, do, err := s.document(v, look)
	if err != nil {
		return err
	}
	if err := s.looked(v, dossier.ReadViewed, d.ID, do); err != nil {
		return err
	}
	if err := disposedOf(d); err != nil {
		return err
	}
	view := signaturesView{ID: d.ID, None: !signed(d), At: s.Now()}
	if !view.None {
		if view.Verdict, err = s.Verify(v.ctx(), d); err != nil {
			s.fault(v, "verify failed", "document", d.ID, "err", err)
			view.Failed = true
		}
	}
	if v.r.Header.Get("X-Fragment") != "" {
		return s.piece(v, "signatures", "verdict", view)
	}
	return s.show(v, http.StatusOK, "signatures", "signatures.title", view)
}
