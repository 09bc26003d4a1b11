package sqldb

import (
	"errors"
	"testing"
	"time"

	"sohoa/dossier"
)

// What a citizen says counts once a dossier, the last of it, after the decision and
// for as long as the rule says; each time is in the log.
func TestRatings(t *testing.T) {
	h := newHouse(t)
	d := h.newDossier()
	at := h.now()
	if err := h.Rate(h.ctx, dossier.Rating{Dossier: d.Code, Score: 5, At: at}); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("an open dossier is rated: %v", err)
	}
	d, err := h.Resolve(h.ctx, d.Code, at, "officer")
	h.must(err)
	for _, score := range []int{0, 6, -1} {
		if err := h.Rate(h.ctx, dossier.Rating{Dossier: d.Code, Score: score, At: at}); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("a rating of %d: %v", score, err)
		}
	}
	late := dossier.Rating{Dossier: d.Code, Score: 5, At: at.Add(dossier.RatingTime + time.Second)}
	if err := h.Rate(h.ctx, late); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("rated too late: %v", err)
	}
	if err := h.Rate(h.ctx, dossier.Rating{Dossier: "NONE", Score: 5, At: at}); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("nobody's dossier is rated: %v", err)
	}
	h.must(h.Rate(h.ctx, dossier.Rating{Dossier: d.Code, Score: 2, At: at}))
	h.must(h.Rate(h.ctx, dossier.Rating{Dossier: d.Code, Score: 4, At: at.Add(time.Minute)}))
	if r, err := h.Rating(h.ctx, d.Code); err != nil || r.Score != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	q := dossier.RatingQuery{From: at, To: at.Add(time.Hour), Agencies: []dossier.AgencyCode{d.Competent}}
	counts, err := h.RatingCounts(h.ctx, q)
	if err != nil || len(counts) != 1 || counts[0] != (dossier.RatingCount{Agency: d.Competent, Score: 4, Number: 1}) {
		t.Errorf("%+v, %v", counts, err)
	}
	behind, err := h.Ratings(h.ctx, q)
	if err != nil || len(behind) != 1 || behind[0].Dossier != d.Code {
		t.Errorf("%+v, %v", behind, err)
	}
	q.After = &dossier.DossierMark{At: behind[0].At.UnixMilli(), Code: d.Code}
	if more, err := h.Ratings(h.ctx, q); err != nil || len(more) != 0 {
		t.Errorf("the list does not go on behind its end: %+v, %v", more, err)
	}
	q.After, q.Agencies = nil, []dossier.AgencyCode{"H99.nowhere"}
	if other, err := h.RatingCounts(h.ctx, q); err != nil || len(other) != 0 {
		t.Errorf("another agency sees them: %+v, %v", other, err)
	}
	events, err := h.Events(h.ctx, d.Code)
	h.must(err)
	n := 0
	for _, e := range events {
		if e.Act == dossier.DossierRated && e.Who == dossier.TheCitizen {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d of 2 ratings are in the log", n)
	}
}
