package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
)

// A Neighbour is a system that the house joins, as it stands.
type Neighbour struct {
	neighbour.Exchange
	On            bool
	Where         string // its host; empty if it is off
	Waiting, Dead int
	Page          string // where more of it is; empty: here
}

// OneStop are dossiers of a one-stop system that do not agree.
type OneStop interface {
	OneStopOdd(ctx context.Context, after dossier.Code, limit int) ([]neighbour.Odd, error)
	ReplayOneStop(ctx context.Context, code dossier.Code, by account.By) error
}

func (s *server) neighbourRoutes() []route {
	return []route{
		{"GET /admin/neighbours", manage, s.neighboursShow},
		{"POST /admin/neighbours/rules", manage, s.noticeRules},
		{"POST /admin/neighbours/templates", manage, s.templateAdd},
		{"POST /admin/neighbours/notices/{id}/{do}", manage, s.noticeReplay},
		{"POST /admin/neighbours/onestop/{code}", manage, s.oneStopReplay},
	}
}

type neighboursView struct {
	What      string
	List      []Neighbour
	Aside     []notice.Notice
	Odd       []neighbour.Odd
	Quiet     string
	Rate      int
	Templates []worded
	Agencies  []dossier.Agency
	Kinds     []notice.Kind
	Channels  []notice.Channel
	Langs     []string
	Today     string
	Given     map[string]string
	N         names
	Problem   *problem
}

// worded is a template and what it would say.
type worded struct {
	notice.Template
	Sends string
}

func (s *server) neighboursShow(v *visit) error { return s.neighboursPage(v, nil) }

func (s *server) neighboursPage(v *visit, wrong error) error {
	view, status := neighboursView{What: "neighbours", Given: map[string]string{}, Kinds: notice.Kinds[:], Channels: notice.Channels[:], Langs: notice.Languages[:],
		Today: s.Now().In(dossier.VietNam).Format(time.DateOnly)}, http.StatusOK
	if wrong != nil {
		if v.json() || !errors.Is(wrong, dossier.ErrInvalid) {
			return wrong
		}
		p := problemOf(v.lang, wrong)
		view.Problem, status = &p, p.Status
		for name, values := range v.r.PostForm {
			view.Given[name] = values[0]
		}
	}
	var err error
	if s.Neighbours != nil {
		if view.List, err = s.Neighbours(v.ctx()); err != nil {
			return err
		}
	}
	if view.Aside, err = s.Notices.NoticesAside(v.ctx(), "", mostDead); err != nil {
		return err
	}
	if view.Odd, err = s.OneStop.OneStopOdd(v.ctx(), "", mostDead); err != nil {
		return err
	}
	if view.Agencies, err = s.Catalogue.Agencies(v.ctx()); err != nil {
		return err
	}
	slices.SortFunc(view.Agencies, func(a, b dossier.Agency) int { return strings.Compare(string(a.Code), string(b.Code)) })
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.Templates, err = s.worded(v.ctx(), view.N); err != nil {
		return err
	}
	quiet, err := s.Settings.Setting(v.ctx(), notice.QuietSetting)
	if err != nil {
		return err
	}
	rate, err := s.Settings.Setting(v.ctx(), notice.RateSetting)
	if err != nil {
		return err
	}
	view.Quiet, view.Rate = notice.QuietOf(quiet).String(), notice.RateOf(rate)
	return s.show(v, status, "admin_neighbours", "admin.neighbours", view)
}

// worded fills each template with a dossier that is nobody's.
func (s *server) worded(ctx context.Context, n names) ([]worded, error) {
	all, err := s.Notices.Templates(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]worded, len(all))
	for i, t := range all {
		name := n.agency[t.Agency]
		if name == "" {
			name = "…"
		}
		w := notice.Words{Dossier: "X00.0-010126-0000", Agency: name, Due: s.Now().In(dossier.VietNam).Format("02/01/2006"), Stop: s.Origin + "/notices/stop/…"}
		m, err := t.Fill("…", w)
		if err != nil {
			return nil, err
		}
		list[i] = worded{t, m.Subject + "\n\n" + m.Text}
		if t.Channel == notice.ZNS {
			b, err := json.MarshalIndent(map[string]any{"phone": "84…", "template_id": m.Subject, "template_data": m.Params, "tracking_id": "…"}, "", "  ")
			if err != nil {
				return nil, err
			}
			list[i].Sends = "POST /message/template\n" + string(b)
		}
	}
	return list, nil
}

// noticeRules sets when nobody is told anything, and how often a channel is used.
func (s *server) noticeRules(v *visit) error {
	quiet, err := notice.ParseQuiet(strings.TrimSpace(v.r.PostFormValue("quiet")))
	if err != nil {
		return s.neighboursPage(v, invalid("notices.quiet"))
	}
	rate, err := strconv.Atoi(v.r.PostFormValue("rate"))
	if err != nil || rate < 1 || rate > notice.MostRate {
		return s.neighboursPage(v, invalid("notices.rate"))
	}
	if err := s.Settings.PutSetting(v.ctx(), notice.QuietSetting, quiet.String(), v.self.ID); err != nil {
		return err
	}
	if err := s.Settings.PutSetting(v.ctx(), notice.RateSetting, strconv.Itoa(rate), v.self.ID); err != nil {
		return err
	}
	return v.to("/admin/neighbours")
}

func (s *server) templateAdd(v *visit) error {
	f := v.r.PostFormValue
	t := notice.Template{Agency: dossier.AgencyCode(f("agency")), Kind: notice.Kind(f("kind")), Channel: notice.Channel(f("channel")), Lang: f("lang"), Since: f("since"),
		Subject: clean(f("subject")), Body: strings.ReplaceAll(f("body"), "\r\n", "\n")}
	if t.Check() != nil {
		return s.neighboursPage(v, told("template", dossier.ErrInvalid))
	}
	if _, err := s.Notices.PutTemplate(v.ctx(), t, v.by()); errors.Is(err, dossier.ErrNotFound) {
		return s.neighboursPage(v, invalid("admin.agency"))
	} else if err != nil {
		return err
	}
	return v.to("/admin/neighbours")
}

// noticeReplay sends a notice that was put aside again, or leaves it out.
func (s *server) noticeReplay(v *visit) error {
	do := v.r.PathValue("do")
	if do != "replay" && do != "drop" {
		return dossier.ErrNotFound
	}
	if err := s.Notices.ReplayNotice(v.ctx(), v.r.PathValue("id"), do == "drop", v.by()); err != nil {
		return err
	}
	return v.to("/admin/neighbours")
}

// oneStopReplay has a dossier of the one-stop system asked for again, or told again.
func (s *server) oneStopReplay(v *visit) error {
	if err := s.OneStop.ReplayOneStop(v.ctx(), dossier.Code(v.r.PathValue("code")), v.by()); err != nil {
		return err
	}
	return v.to("/admin/neighbours")
}

// OddSays says what does not agree of a dossier of the one-stop system.
func (neighboursView) OddSays(lang string, o neighbour.Odd) string {
	if o.Problem == "" {
		return ""
	}
	if o.Problem == "unknown" {
		return say(lang, "notice.unknown")
	}
	what, do := catalogue.Problem{Code: o.Problem, Field: o.Field}.Say(lang)
	return what + ": " + do
}
