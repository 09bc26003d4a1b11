package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/neighbour"
	"sohoa/pattern"
)

// Population asks the national population database whether a number, a name and a day of
// birth are one person's, and keeps the outcome alone.
type Population interface {
	PopulationOn() bool

	// AskPopulation enters the question, asks, and enters the outcome; it takes seconds
	// at most. Too many questions wrap [dossier.ErrConflict].
	AskPopulation(ctx context.Context, c neighbour.Check, by dossier.Role, h dossier.Holder) (neighbour.Check, error)

	PopulationChecks(ctx context.Context, code dossier.Code) ([]neighbour.Check, error) // newest first
}

func (s *server) populationRoutes() []route {
	return []route{{"POST /dossiers/{code}/population", receive, s.populationAsk}}
}

// populationView is what was asked of people of a dossier, and whom one may ask about.
type populationView struct {
	Checks []neighbour.Check
	People []checkable // none: nobody may be asked about
}

// A checkable is somebody of a dossier of whom the database may be asked.
type checkable struct {
	As   string // holder or applicant
	Name string
	Born bool // it is known on which day; else it is asked for
}

var citizenNumber = pattern.Late(`^\d{12}$`)

func (s *server) populationOf(v *visit, d dossier.Dossier, people map[string]dossier.Holder) (p populationView, err error) {
	if p.Checks, err = s.Population.PopulationChecks(v.ctx(), d.Code); err != nil || !s.Population.PopulationOn() || v.allowed(receive, &d) != nil || !d.Resolved.IsZero() {
		return p, err
	}
	for _, as := range []string{"holder", "applicant"} {
		if h := people[as]; citizenNumber().MatchString(h.Number) {
			p.People = append(p.People, checkable{as, h.Name, h.Born != ""})
		}
	}
	return p, nil
}

// OfApplicant reports whether a question was about who filed the dossier.
func (d dossierView) OfApplicant(c neighbour.Check) bool {
	return d.Dossier.Applicant != "" && c.Holder == d.Dossier.Applicant
}

// populationAsk asks about the holder of a dossier or who filed it. Whatever comes of it,
// the counter works on.
func (s *server) populationAsk(v *visit) error {
	d, err := s.dossier(v, receive)
	if err != nil {
		return err
	}
	if _, err := s.askedOf(v, d); err != nil {
		return err
	}
	return v.to("/dossiers/" + string(d.Code) + "#population")
}

func (s *server) askedOf(v *visit, d dossier.Dossier) (c neighbour.Check, err error) {
	if !s.Population.PopulationOn() {
		return c, told("population-off", dossier.ErrConflict)
	}
	if !d.Resolved.IsZero() {
		return c, told("population-over", dossier.ErrConflict) // there is no purpose any more
	}
	id := d.Holder
	switch as := v.r.PostFormValue("of"); {
	case as == "applicant" && d.Applicant != "":
		id = d.Applicant
	case as != "" && as != "holder":
		return c, invalid("population.of")
	}
	h, err := s.Holders.Holder(v.ctx(), id)
	if err != nil {
		return c, err
	}
	if !citizenNumber().MatchString(h.Number) {
		return c, invalid("holder.number")
	}
	if given := strings.TrimSpace(v.r.PostFormValue("born")); h.Born == "" || given != "" {
		if h.Born, err = bornOn(given, s.Now()); err != nil || h.Born == "" {
			return c, invalid("holder.born")
		}
	}
	c, err = s.Population.AskPopulation(v.ctx(), neighbour.Check{Dossier: d.Code, Holder: h.ID, Who: v.who.ID}, v.who.Role, h)
	if errors.Is(err, dossier.ErrConflict) {
		return c, told("population-often", err)
	}
	return c, err
}

type v1Ask struct {
	Of   string `json:"of,omitempty" enum:"holder|applicant" doc:"the holder unless it says"`
	Born string `json:"born,omitempty" format:"date" doc:"if the house does not know it; it is not kept"`
}

type v1Check struct {
	ID      string            `json:"id"`
	Of      string            `json:"of" enum:"holder|applicant"`
	Outcome neighbour.Outcome `json:"outcome" enum:"matches|differs|unanswered"`
	Said    string            `json:"said,omitempty" doc:"why there was no answer: away, closed, token, refused, strange"`
	At      time.Time         `json:"at"`
}

type v1Checks struct {
	Checks []v1Check `json:"checks" doc:"newest first; nothing else of the answers is kept"`
}

func checkOf(c neighbour.Check, d dossier.Dossier) v1Check {
	of := "holder"
	if d.Applicant != "" && c.Holder == d.Applicant {
		of = "applicant"
	}
	return v1Check{c.ID, of, c.Outcome, c.Said, c.At}
}

func (s *server) v1AskPopulation(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Ask)
	d, err := s.dossier(v, receive)
	if err != nil {
		return nil, err
	}
	v.fill(map[string][]string{"of": {b.Of}, "born": {dayMonth(b.Born)}})
	c, err := s.askedOf(v, d)
	if err != nil {
		return nil, err
	}
	one := checkOf(c, d)
	return shown(&one), nil
}

func (s *server) v1Checks(v *visit, _ any) (*v1Answer, error) {
	d, err := s.dossier(v, look)
	if err != nil {
		return nil, err
	}
	all, err := s.Population.PopulationChecks(v.ctx(), d.Code)
	out := &v1Checks{}
	for _, c := range all {
		out.Checks = append(out.Checks, checkOf(c, d))
	}
	return shown(out), err
}
