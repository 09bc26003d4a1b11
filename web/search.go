package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/search"
)

// Search finds archived papers by what is in them. Rights are in the query: what
// the reader may not see is neither found nor counted.
type Search interface {
	Search(ctx context.Context, q search.Query) (search.Answer, error)
}

// searchRoutes: what is looked for comes in a form's body, never in an address,
// where it would stay in histories and logs.
func (s *server) searchRoutes() []route {
	return []route{
		{"GET /search", seek, s.searchForm},
		{"POST /search", seek, s.searchDo},
		{"POST /documents/{id}", look, s.hitsShow},
	}
}

type searchView struct {
	Q        search.Query
	From, To string // as they were typed
	Agency   dossier.AgencyCode
	After    string
	Kinds    []dossier.Kind
	Agencies []dossier.Agency
	Answer   *search.Answer
	Full     bool // more answers than are counted
	N        names
	Problem  *problem
}

func (s *server) searchForm(v *visit) error {
	view := searchView{Q: search.Query{People: v.allowed(people, nil) == nil}}
	return s.searchPage(v, http.StatusOK, &view)
}

// searchPage fills in what can be chosen, and shows the page.
func (s *server) searchPage(v *visit, status int, view *searchView) error {
	var err error
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.Kinds, err = s.Catalogue.Kinds(v.ctx()); err != nil {
		return err
	}
	agencies, err := s.Catalogue.Agencies(v.ctx())
	if err != nil {
		return err
	}
	for _, a := range agencies {
		if v.sight.has(a.Code) {
			view.Agencies = append(view.Agencies, a)
		}
	}
	return s.show(v, status, "search", "search.title", view)
}

// searchGiven reads the form.
func (s *server) searchGiven(v *visit) (view searchView, err error) {
	form := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	view = searchView{From: form("from"), To: form("to"), After: form("after"), Agency: dossier.AgencyCode(form("agency"))}
	view.Q = search.Query{Text: form("q"), Exact: form("exact") != "", Scope: v.sight.agencies(), Within: v.sight.within, People: v.allowed(people, nil) == nil,
		Kind: dossier.KindCode(form("kind")), Holder: form("holder"), Number: form("number")}
	if view.Q.From, err = searchDay(view.From, "search.from"); err != nil {
		return view, err
	}
	if view.Q.To, err = searchDay(view.To, "search.to"); err != nil {
		return view, err
	}
	if view.Q.After, err = search.ParseCursor(view.After); err != nil {
		return view, err
	}
	if view.Agency == "" {
		return view, nil
	}
	if !v.sight.has(view.Agency) {
		return view, dossier.ErrNotFound // of an agency elsewhere one does not even learn that it is there
	}
	below, err := s.Catalogue.Below(v.ctx(), view.Agency)
	if err != nil {
		return view, err
	}
	if view.Q.Agencies = below; !slices.Contains(below, view.Agency) {
		view.Q.Agencies = append(below, view.Agency)
	}
	return view, nil
}

// searchDay reads a day as a form or a program writes it.
func searchDay(text, word string) (string, error) {
	if text == "" {
		return "", nil
	}
	for _, form := range fieldDays {
		if t, err := time.Parse(form, text); err == nil {
			return t.Format(time.DateOnly), nil
		}
	}
	return "", invalid(word)
}

func (s *server) searchDo(v *visit) error {
	view, err := s.searchGiven(v)
	if err == nil {
		err = s.searchFor(v, &view)
	}
	if v.json() {
		if err != nil {
			return searchProblem(err)
		}
		return s.searchJSON(v, *view.Answer)
	}
	if errors.Is(err, dossier.ErrInvalid) {
		p := problemOf(v.lang, searchProblem(err))
		view.Problem, view.Answer = &p, nil
		return s.searchPage(v, p.Status, &view)
	} else if err != nil {
		return err
	}
	return s.searchPage(v, http.StatusOK, &view)
}

// searchFor asks, and notes the search and every paper that is about to be
// shown, before it is: what was looked for is not written down.
func (s *server) searchFor(v *visit, view *searchView) error {
	a, err := s.Search.Search(v.ctx(), view.Q)
	if err != nil {
		return err
	}
	purpose := dossier.PurposeOf(v.who.Role)
	list := []dossier.Reading{{Act: dossier.ReadSearched, Who: v.who.ID, By: v.who.Role, At: s.Now(), Purpose: purpose, Subject: v.under()}}
	var fresh []glance
	for _, h := range a.Hits {
		g := glance{v.who.ID, dossier.ReadFound, string(h.Document) + " " + v.under()}
		if !s.seen.fresh(g, s.Now()) {
			continue
		}
		fresh = append(fresh, g)
		list = append(list, dossier.Reading{Act: dossier.ReadFound, Who: v.who.ID, By: v.who.Role, At: s.Now(), Purpose: purpose, Subject: v.under(),
			Document: h.Document, Dossier: h.Dossier, Holder: h.Holder, Demo: h.Demo})
	}
	if err := s.Ledger.NoteAll(v.ctx(), list...); err != nil {
		return err
	}
	for _, g := range fresh {
		s.seen.noted(g, s.Now())
	}
	view.Answer, view.Full = &a, a.Count == search.MostCounted
	return nil
}

// searchProblem says what is wrong with a query in the words of the page.
func searchProblem(err error) error {
	var t *toldError
	switch {
	case errors.As(err, &t):
		return err
	case errors.Is(err, search.ErrNothing):
		return told("search-nothing", err)
	case errors.Is(err, dossier.ErrInvalid):
		return told("search-form", err)
	}
	return err
}

// NextPage is where the next page goes on, empty if there is none.
func (v *searchView) NextPage() string {
	if v.Answer == nil {
		return ""
	}
	return v.Answer.Next.String()
}

// foundPaper is a hit for programs: pieces of text, each with whether it is
// what was looked for.
type foundPaper struct {
	Document dossier.DocumentID `json:"document"`
	Dossier  dossier.Code       `json:"dossier"`
	Kind     dossier.KindCode   `json:"kind"`
	Issued   string             `json:"issued,omitempty"`
	Title    []search.Piece     `json:"title"`
	Number   []search.Piece     `json:"number,omitempty"`
	Name     []search.Piece     `json:"holder,omitempty"`
	Snippet  []search.Piece     `json:"snippet"`
}

// foundPapers is the answer to a search for programs.
type foundPapers struct {
	Papers []foundPaper `json:"papers"`
	After  string       `json:"after,omitempty" doc:"asks for the next ones; none: these are the last"`
	Count  int          `json:"count"`
	Rough  bool         `json:"rough,omitempty" doc:"there are more than are counted"`
	Behind bool         `json:"behind,omitempty" doc:"papers archived just now may be missing"`
}

func (s *server) searchJSON(v *visit, a search.Answer) error { return v.reply(papersOf(a)) }

func papersOf(a search.Answer) foundPapers {
	answer := foundPapers{Papers: []foundPaper{}, After: a.Next.String(), Count: a.Count, Rough: a.Rough, Behind: a.Behind}
	for _, h := range a.Hits {
		answer.Papers = append(answer.Papers, foundPaper{h.Document, h.Dossier, h.Kind, h.Issued, h.Title, h.Number, h.Name, h.Snippet})
	}
	return answer
}
