package dossier

import (
	"fmt"
	"time"
)

// TheCitizen is who acts without an account: whoever showed, at the look-up of their
// dossier, what only the receipt and the holder's paper say together.
const TheCitizen PersonID = "citizen"

// DossierRated is the event of a dossier that somebody said how content they are.
const DossierRated EventAct = "rated"

// A Rating (đánh giá mức độ hài lòng) is how content a citizen is with how their
// dossier was handled: 1 not at all to 5 very. Nothing else is asked: no name, no
// text. NĐ 61/2018/NĐ-CP has agencies ask for it; its form was not read, so the five
// steps are ours (docs/decisions/0070-citizens.md).
type Rating struct {
	Dossier Code
	Score   int
	At      time.Time
}

// The scores, and from which on somebody is content.
const (
	WorstScore   = 1
	BestScore    = 5
	ContentScore = 4
)

// RatingTime is how long after a dossier was resolved it can be rated, and the
// rating be changed.
const RatingTime = 90 * 24 * time.Hour

// CheckRating reports whether d can be rated so; else the error wraps [ErrInvalid]
// (no such score), or [ErrConflict] (not resolved yet, or too long ago).
func CheckRating(d Dossier, r Rating) error {
	switch {
	case r.Score < WorstScore || r.Score > BestScore:
		return fmt.Errorf("%w: a rating is between %d and %d", ErrInvalid, WorstScore, BestScore)
	case d.Resolved.IsZero() || r.At.Before(d.Resolved):
		return fmt.Errorf("%w: %s is not resolved", ErrConflict, d.Code)
	case r.At.After(d.Resolved.Add(RatingTime)):
		return fmt.Errorf("%w: %s was resolved more than %d days ago", ErrConflict, d.Code, RatingTime/(24*time.Hour))
	}
	return nil
}

// A RatingQuery says which ratings are meant: those given from From on and before To,
// of dossiers that the agencies received or decide.
type RatingQuery struct {
	From, To time.Time
	Agencies []AgencyCode // empty: all
	Within   *Within      // nil: all
	Of       AgencyCode   // that decides; empty: any
	After    *DossierMark // nil: from the newest on
	Limit    int          // 0: the store's own
}

// A RatingCount is how many ratings of a score the dossiers of an agency have.
type RatingCount struct {
	Agency AgencyCode // that decides
	Score  int
	Number int
}
