package web

import (
	"net/http"
	"slices"
	"strings"

	"sohoa/dossier"
)

// cardOdds are what [dossier.Card.Odd] may say.
var cardOdds = []string{"place", "fields"}

// fromCard fills holder or applicant in from the code of a citizen's card, which a
// reader types into the form, and shows the form again: done. Without a code it
// looks whether a card that was odd has been looked at. The code travels in the
// form's body alone, and is shown and kept nowhere.
func (s *server) fromCard(v *visit, given *dossierGiven) (done bool, err error) {
	form := v.r.PostForm
	for o := range strings.SplitSeq(form.Get("card_odd"), ",") {
		if slices.Contains(cardOdds, o) {
			given.CardOdd = append(given.CardOdd, o)
		}
	}
	code := form.Get("card")
	if strings.TrimSpace(code) == "" {
		if len(given.CardOdd) == 0 || form.Get("card_seen") != "" {
			return false, nil
		}
		return true, s.cardProblem(v, *given, "card.seen")
	}
	given.CardOf, given.CardOdd = "holder", nil
	if form.Get("card_of") == "applicant" {
		given.CardOf = "applicant"
	}
	card, err := dossier.ReadCard(code, s.Now())
	if err != nil {
		return true, s.cardProblem(v, *given, "card.code")
	}
	given.CardOdd = card.Odd
	if given.CardOf == "applicant" {
		given.ApplicantNumber, given.ApplicantName = card.Number, card.Name
	} else {
		given.Number, given.Name = card.Number, card.Name
	}
	return true, s.dossierFormWith(v, http.StatusOK, *given, nil)
}

// cardProblem says what is wrong with the card, and shows the form as it was given.
func (s *server) cardProblem(v *visit, given dossierGiven, word string) error {
	err := invalid(word)
	if v.json() {
		return err
	}
	pr := problemOf(v.lang, err)
	return s.dossierFormWith(v, pr.Status, given, &pr)
}
