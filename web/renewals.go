package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// mostRenewals is how many lines the page of renewals shows.
const mostRenewals = 500

type renewalsView struct {
	What     string
	At       time.Time
	Policy   dossier.Policy
	Renewals []dossier.Renewal
	More     bool
	Now      time.Time
	Problem  *problem
}

// renewalList lists what is due for renewal by a day: today if none is given.
func (s *server) renewalList(v *visit) error {
	view := renewalsView{What: "renewals", At: s.Now(), Now: s.Now(), Policy: dossier.PolicyAt(s.Now())}
	if asked := clean(v.r.FormValue("at")); asked != "" {
		at, ok := lastOf(asked)
		if !ok {
			if v.json() {
				return invalid("renewal.at")
			}
			p := problemOf(v.lang, invalid("renewal.at"))
			view.Problem = &p
			return s.show(v, p.Status, "renewals", "admin.renewals", view)
		}
		view.At = at
	}
	var err error
	if view.Renewals, err = s.Renewals.Renewals(v.ctx(), view.At, mostRenewals+1); err != nil {
		return err
	}
	if view.More = len(view.Renewals) > mostRenewals; view.More {
		view.Renewals = view.Renewals[:mostRenewals]
	}
	if v.json() {
		return v.reply(apiRenewals(view.Renewals))
	}
	return s.show(v, http.StatusOK, "renewals", "admin.renewals", view)
}

// lastOf reads a day in Viet Nam, and returns its last moment.
func lastOf(s string) (time.Time, bool) {
	for _, form := range fieldDays {
		if t, err := time.ParseInLocation(form, s, dossier.VietNam); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return t.AddDate(0, 0, 1).Add(-time.Millisecond), true
		}
	}
	return time.Time{}, false
}

type apiRenewal struct {
	Document dossier.DocumentID `json:"document"`
	Report   string             `json:"report,omitempty"` // of a closed month, as YYYY-MM/version
	Dossier  dossier.Code       `json:"dossier"`
	Part     dossier.Part       `json:"part"`
	Sum      string             `json:"sha256"`
	Until    time.Time          `json:"until"`
	By       string             `json:"by"`
	Due      time.Time          `json:"due"`
	Trouble  string             `json:"trouble,omitempty"`
	Since    time.Time          `json:"troubleSince,omitzero"`
	NextTry  time.Time          `json:"nextTry,omitzero"`
}

func apiRenewals(list []dossier.Renewal) []apiRenewal {
	out := []apiRenewal{}
	for _, r := range list {
		a := apiRenewal{r.Document, r.Report, r.Dossier, r.Part, r.Sum, r.Until, r.By, r.Due, r.Trouble, r.Since, r.NextTry}
		if a.Trouble == "" {
			a.Since, a.NextTry = time.Time{}, time.Time{}
		}
		out = append(out, a)
	}
	return out
}

type rootsView struct {
	What  string
	Roots []Root
	Dev   bool
}

// rootList lists the roots that verdicts rest on.
func (s *server) rootList(v *visit) error {
	return s.show(v, http.StatusOK, "roots", "admin.roots", rootsView{"roots", s.Roots(), s.DevCA})
}

// partWords names a file of a document.
func partWords(lang string, p dossier.Part) string {
	if n, ok := strings.CutPrefix(string(p), "renewed-"); ok {
		if i, err := strconv.Atoi(n); err == nil {
			return fmt.Sprintf(say(lang, "part.renewed"), i)
		}
	}
	if n, ok := strings.CutPrefix(string(p), "beside-"); ok {
		if i, err := strconv.Atoi(n); err == nil {
			return fmt.Sprintf(say(lang, "part.beside"), i)
		}
	}
	return say(lang, "part."+string(p))
}

// Days is how many days a policy renews ahead, for templates.
func (v renewalsView) Days() int { return int(v.Policy.Ahead / (24 * time.Hour)) }

// Day is the day that is asked for as YYYY-MM-DD, for templates.
func (v renewalsView) Day() string { return v.At.In(dossier.VietNam).Format(time.DateOnly) }
