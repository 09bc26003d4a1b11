package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sohoa/dossier"
)

// mostRatings is how many dossiers behind a figure of ratings a page shows.
const mostRatings = 100

func (s *server) ratingRoutes() []route {
	return []route{{"GET /figures/ratings", look, s.ratings}}
}

type ratingsView struct {
	Span     span
	SpanIn   string
	Years    []string
	Quarters []string
	Months   []string
	Rows     []ratingRow
	Sum      ratingRow
	Of       dossier.AgencyCode // whose dossiers are listed; empty: nobody's
	Behind   []dossier.Rating
	Next     string // of the next page of them; empty: there is none
	next     *dossier.DossierMark
	N        names
}

// A ratingRow is how content people are with an agency that decides.
type ratingRow struct {
	Agency  dossier.AgencyCode
	Scores  [dossier.BestScore]int // how many said 1, 2, …
	Number  int
	Content int // [dossier.ContentScore] and better
}

func (r *ratingRow) add(c dossier.RatingCount) {
	r.Scores[c.Score-1] += c.Number
	r.Number += c.Number
	if c.Score >= dossier.ContentScore {
		r.Content += c.Number
	}
}

// Percent is the share of those who are content, rounded half up to a tenth.
func (r ratingRow) Percent() string {
	if r.Number == 0 {
		return "–"
	}
	tenths := (2*1000*r.Content + r.Number) / (2 * r.Number)
	return strconv.Itoa(tenths/10) + "," + strconv.Itoa(tenths%10) + " %"
}

// Best are the numbers from the best score to the worst.
func (r ratingRow) Best() (n []int) {
	for i := len(r.Scores) - 1; i >= 0; i-- {
		n = append(n, r.Scores[i])
	}
	return n
}

// To is the address of the dossiers behind a row.
func (v ratingsView) To(a dossier.AgencyCode, after string) string {
	q := url.Values{"period": {v.Span.Key}, "of": {string(a)}}
	if after != "" {
		q.Set("after", after)
	}
	return "/figures/ratings?" + q.Encode()
}

// ratings shows how content citizens are, by the agency that decides, and the very
// dossiers that they spoke of.
func (s *server) ratings(v *visit) error {
	var after *dossier.DossierMark
	if at, code, more := strings.Cut(v.r.FormValue("after"), " "); more {
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return invalid("figures.period")
		}
		after = &dossier.DossierMark{At: ms, Code: dossier.Code(code)}
	}
	view, err := s.ratingsOf(v, after, mostRatings)
	if err != nil {
		return err
	}
	if view.next != nil {
		view.Next = view.To(view.Of, strconv.FormatInt(view.next.At, 10)+" "+string(view.next.Code))
	}
	return s.show(v, http.StatusOK, "ratings", "ratings.title", view)
}

// ratingsOf counts ratings, and finds the dossiers behind those of one agency.
func (s *server) ratingsOf(v *visit, after *dossier.DossierMark, limit int) (view ratingsView, err error) {
	sp, err := spanOf(or(v.r.FormValue("period"), spanNow(s.Now())))
	if err == nil {
		err = v.figuresWithin()
	}
	if err != nil {
		return view, err
	}
	view = ratingsView{Span: sp, SpanIn: spanName(v.lang, sp.Key), Of: dossier.AgencyCode(v.r.FormValue("of"))}
	view.Years, view.Quarters, view.Months = spans(s.Now())
	if view.N, err = s.names(v.ctx()); err != nil {
		return view, err
	}
	q := dossier.RatingQuery{From: sp.Period.From, To: sp.Period.To, Agencies: v.sight.agencies(), Within: v.sight.within}
	counts, err := s.Ratings.RatingCounts(v.ctx(), q)
	if err != nil {
		return view, err
	}
	for _, c := range counts {
		if n := len(view.Rows); n == 0 || view.Rows[n-1].Agency != c.Agency {
			view.Rows = append(view.Rows, ratingRow{Agency: c.Agency})
		}
		view.Rows[len(view.Rows)-1].add(c)
		view.Sum.add(c)
	}
	q.After = after
	return view, s.ratingsBehind(v, q, limit, &view)
}

// ratingsBehind lists the dossiers of an agency, if one was asked for.
func (s *server) ratingsBehind(v *visit, q dossier.RatingQuery, limit int, view *ratingsView) (err error) {
	if view.Of == "" {
		return nil
	}
	q.Of, q.Limit = view.Of, limit+1
	if view.Behind, err = s.Ratings.Ratings(v.ctx(), q); err != nil {
		return err
	}
	if len(view.Behind) > limit {
		view.Behind = view.Behind[:limit]
		last := view.Behind[limit-1]
		view.next = &dossier.DossierMark{At: last.At.UnixMilli(), Code: last.Dossier}
	}
	return nil
}
