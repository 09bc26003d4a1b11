package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// Ratings are what citizens say of dossiers that were resolved.
type Ratings interface {
	Rate(ctx context.Context, r dossier.Rating) error
	Rating(ctx context.Context, code dossier.Code) (dossier.Rating, error) // zero if nothing was said
	RatingCounts(ctx context.Context, q dossier.RatingQuery) ([]dossier.RatingCount, error)
	Ratings(ctx context.Context, q dossier.RatingQuery) ([]dossier.Rating, error) // newest first
}

// citizenVerify takes a file that anybody wants judged; it is not kept.
const citizenVerify = "POST /lookup/verify"

// closedDoors is the setting that names what citizens may not do here, separated by
// blanks: lookup, verify. A new house has both open: nothing of a person is shown.
const closedDoors = "citizens-closed"

// doorsOfCitizens are its words.
var doorsOfCitizens = [...]string{"lookup", "verify"}

// Bounds of what strangers may ask for.
const (
	shownOfNumber  = 4                // last characters of the holder's number that open a look-up
	mostStranger   = 32 << 20         // bytes of a file that is judged for anybody
	strangersFiles = 10               // files from one place before it waits
	fileForgiven   = 30 * time.Second // in which one of them is forgotten
	strangersJudge = 1                // files that are judged for anybody at once: the counters' work goes before
)

// citizenRoutes are for everybody who holds a receipt or a signed paper.
func (s *server) citizenRoutes() []route {
	return []route{
		{"GET /lookup", open, s.lookupForm},
		{"POST /lookup", open, s.lookup},
		{"POST /lookup/rating", open, s.rateDossier},
		{citizenVerify, open, s.verifyForAnybody},
		{"POST /admin/citizens", manage, s.adminCitizens},
	}
}

type lookupView struct {
	Lookup, Verify bool // open here
	Code, Last     string
	Problem        *problem
	Found          *followed

	Judgement *Judgement
	Refused   *problem // the file
	Most      int64
}

// followed is a dossier as its citizen sees it: where it stands, and nobody's name.
type followed struct {
	Dossier              dossier.Dossier
	Procedure            string
	Receiving, Competent string
	Late                 bool
	Steps                []followedStep
	Papers               []ReceiptPaper
	Rating               dossier.Rating
	MayRate              bool
	Scores               []int // the best first
}

type followedStep struct {
	Name string    // a word
	At   time.Time // zero: not yet
}

func (s *server) lookupView(v *visit) (view lookupView, err error) {
	closed, err := s.Settings.Setting(v.ctx(), closedDoors)
	has := func(door string) bool { return !slices.Contains(strings.Fields(closed), door) }
	view.Lookup, view.Verify, view.Most = has("lookup"), has("verify"), min(mostStranger, s.MaxBytes)
	if err == nil && !view.Lookup && !view.Verify {
		err = dossier.ErrNotFound
	}
	return view, err
}

func (s *server) lookupForm(v *visit) error {
	view, err := s.lookupView(v)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "lookup", "lookup.title", view)
}

// lookup shows where a dossier stands to whoever knows its code and the end of its
// holder's number.
func (s *server) lookup(v *visit) error {
	view, err := s.lookupView(v)
	if err != nil {
		return err
	}
	if !view.Lookup {
		return dossier.ErrNotFound
	}
	d, err := s.citizens(v, &view)
	if err != nil {
		return s.lookupAgain(v, view, err)
	}
	return s.showFollowed(v, view, d)
}

// citizens finds the dossier that a form is about. That there is none, and that the
// number ends otherwise, is one answer.
func (s *server) citizens(v *visit, view *lookupView) (dossier.Dossier, error) {
	said, _, _ := strings.Cut(v.r.PostFormValue("code"), "|") // a reader types the receipt's whole QR code
	view.Code, view.Last = clean(said), strings.ToUpper(clean(v.r.PostFormValue("last")))
	if view.Code == "" || len(view.Code) > 64 || len([]rune(view.Last)) != shownOfNumber {
		return dossier.Dossier{}, told("lookup", dossier.ErrInvalid)
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	place := placeOf(address)
	if !s.lookups.ready(view.Code, place) {
		return dossier.Dossier{}, told("slow-down", dossier.ErrForbidden)
	}
	d, err := s.Dossiers.Dossier(v.ctx(), dossier.Code(view.Code))
	var h dossier.Holder
	if err == nil {
		h, err = s.Holders.Holder(v.ctx(), d.Holder)
	}
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return d, err
	}
	if err != nil || !strings.HasSuffix(strings.ToUpper(h.Number), view.Last) {
		s.lookups.failed(view.Code, place)
		return dossier.Dossier{}, told("lookup", dossier.ErrNotFound)
	}
	s.lookups.worked(view.Code, place)
	return d, nil
}

func (s *server) lookupAgain(v *visit, view lookupView, err error) error {
	status, _ := kindOf(err)
	if v.json() || atFault(status) {
		return err
	}
	p := problemOf(v.lang, err)
	view.Problem = &p
	return s.show(v, status, "lookup", "lookup.title", view)
}

func (s *server) showFollowed(v *visit, view lookupView, d dossier.Dossier) error {
	f, err := s.followed(v, d)
	if err != nil {
		return err
	}
	view.Found = &f
	return s.show(v, http.StatusOK, "lookup", "lookup.title", view)
}

func (s *server) followed(v *visit, d dossier.Dossier) (f followed, err error) {
	f = followed{Dossier: d, Late: d.Resolved.IsZero() && !d.Due.IsZero() && s.Now().After(d.Due)}
	n, err := s.names(v.ctx())
	if err != nil {
		return f, err
	}
	f.Procedure, f.Receiving, f.Competent = n.Procedure(d.Procedure), n.Agency(d.Receiving), n.Agency(d.Competent)
	fillings, err := s.Dossiers.Fillings(v.ctx(), d.Code)
	if err != nil {
		return f, err
	}
	events, err := s.Record.Events(v.ctx(), d.Code)
	if err != nil {
		return f, err
	}
	f.Papers, f.Steps = broughtOf(v.lang, fillings, events), stepsOf(d, fillings, events)
	if f.Rating, err = s.Ratings.Rating(v.ctx(), d.Code); err != nil {
		return f, err
	}
	f.MayRate = dossier.CheckRating(d, dossier.Rating{Dossier: d.Code, Score: dossier.BestScore, At: s.Now()}) == nil
	for score := dossier.BestScore; score >= dossier.WorstScore; score-- {
		f.Scores = append(f.Scores, score)
	}
	return f, nil
}

// stepsOf is how far a dossier has come. That it was handed on is left out of one that
// was decided without.
func stepsOf(d dossier.Dossier, fillings []dossier.Filling, events []dossier.Event) []followedStep {
	steps := []followedStep{{"lookup.received", d.Received}, {"lookup.handed-on", time.Time{}}, {"lookup.resolved", d.Resolved}, {"lookup.result", time.Time{}}}
	steps[1].At = dossier.HandedOn(events)
	for _, f := range fillings {
		if f.Slot == dossier.ResultSlot && f.Document != nil && f.Document.State == dossier.Archived {
			steps[3].At = f.Document.Changed
		}
	}
	if steps[1].At.IsZero() && !d.Resolved.IsZero() {
		steps = slices.Delete(steps, 1, 2)
	}
	return steps
}

// rateDossier takes what a citizen says of a dossier that was resolved.
func (s *server) rateDossier(v *visit) error {
	view, err := s.lookupView(v)
	if err != nil {
		return err
	}
	if !view.Lookup {
		return dossier.ErrNotFound
	}
	d, err := s.citizens(v, &view)
	if err != nil {
		return s.lookupAgain(v, view, err)
	}
	score, err := strconv.Atoi(v.r.PostFormValue("score"))
	if err != nil {
		score = 0
	}
	if err := s.Ratings.Rate(v.ctx(), dossier.Rating{Dossier: d.Code, Score: score, At: s.Now()}); errors.Is(err, dossier.ErrConflict) || errors.Is(err, dossier.ErrInvalid) {
		f, err2 := s.followed(v, d)
		if err2 != nil {
			return err2
		}
		view.Found = &f
		return s.lookupAgain(v, view, told("rating", err))
	} else if err != nil {
		return err
	}
	return s.showFollowed(v, view, d)
}

// verifyForAnybody judges a file that somebody without an account brings. It is
// judged and forgotten.
func (s *server) verifyForAnybody(v *visit) error {
	view, err := s.lookupView(v)
	if err != nil {
		return err
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, view.Most+mostForm)
	j, err := s.judgeForAnybody(v, view)
	if err != nil {
		status, code := kindOf(err)
		if code == "bytes" {
			s.drain(v, whole)
		}
		if v.json() || code == "cut-off" || atFault(status) {
			return err
		}
		p := problemOf(v.lang, err)
		view.Refused = &p
		return s.show(v, status, "lookup", "lookup.title", view)
	}
	if v.json() {
		return v.reply(j)
	}
	view.Judgement = &j
	return s.show(v, http.StatusOK, "lookup", "lookup.title", view)
}

func (s *server) judgeForAnybody(v *visit, view lookupView) (Judgement, error) {
	if !view.Verify {
		return Judgement{}, dossier.ErrNotFound
	}
	address, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	place := placeOf(address)
	if !s.brought.ready("", place) {
		return Judgement{}, told("slow-down", dossier.ErrForbidden)
	}
	s.brought.failed("", place) // each counts
	select {
	case s.judging <- struct{}{}:
		defer func() { <-s.judging }()
	default:
		return Judgement{}, ErrBusy
	}
	var asked verifyView
	return s.judged(v, &asked, view.Most, nil)
}

// adminCitizens sets what citizens may do here.
func (s *server) adminCitizens(v *visit) error {
	var closed []string
	for _, door := range doorsOfCitizens {
		if v.r.PostFormValue(door) == "" {
			closed = append(closed, door)
		}
	}
	if err := s.Settings.PutSetting(v.ctx(), closedDoors, strings.Join(closed, " "), v.who.ID); err != nil {
		return err
	}
	return v.to("/admin/public")
}
