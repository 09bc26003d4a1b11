package web

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/figures/closing"
	"sohoa/pattern"
)

// Settings are what an administrator sets for the whole house.
type Settings interface {
	Setting(ctx context.Context, name string) (string, error) // empty if nothing
	PutSetting(ctx context.Context, name, value string, who dossier.PersonID) error
}

// The settings of the public page.
const (
	publication = "publication"        // what everybody may see: one of publications
	frames      = "publication-frames" // origins that may show the page in a frame, separated by blanks
)

// publications are the values of publication; the first is that of a new house.
// A statement and its report tell of each agency, also of one that received a
// single dossier, so they are public only with a word of their own.
var publications = [...]string{"", "page", "full"}

// fewest is the least number of dossiers that the public page tells of: of fewer,
// whoever knows one of them would learn how it fared.
const fewest = 5

// others is the code under which agencies with few dossiers are told together.
const others dossier.AgencyCode = "*"

// origin is what frame-ancestors takes (Content Security Policy Level 3): here
// only others' houses that are reached safely.
var origin = pattern.Late(`^https://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:[0-9]{1,5})?$`)

// publicRoutes are for everybody, without login: nobody's cookie is read there.
func (s *server) publicRoutes() []route {
	return []route{
		{"GET /public/figures", open, s.public},
		{"GET /public/figures/{month}/{version}/{file}", open, s.publicFile},
		{"GET /admin/public", manage, s.adminPublic},
		{"POST /admin/public", manage, s.adminPublish},
	}
}

// isPublic reports whether a route is for everybody and may be kept by caches.
func isPublic(pattern string) bool { return strings.HasPrefix(pattern, "GET /public/") }

// A published is what the public page stands on, looked up at most twice a minute.
type published struct {
	mode     string
	frames   string
	closings []closing.Closing // the newest version of each month, oldest first
	seals    map[closing.Month]int
	mark     string // of all of it
}

// A publicCache keeps what everybody is shown.
type publicCache struct {
	mu    sync.Mutex
	until time.Time
	now   published
	pages map[string][]byte
}

const (
	publicFor = 30 * time.Second
	mostPages = 200
)

func (s *server) published(ctx context.Context) (published, error) {
	s.shown.mu.Lock()
	defer s.shown.mu.Unlock()
	if s.Now().Before(s.shown.until) {
		return s.shown.now, nil
	}
	p := published{seals: map[closing.Month]int{}}
	var err error
	if p.mode, err = s.Settings.Setting(ctx, publication); err != nil {
		return p, err
	}
	if p.frames, err = s.Settings.Setting(ctx, frames); err != nil {
		return p, err
	}
	all, err := s.Closings.Versions(ctx, "")
	if err != nil {
		return p, err
	}
	for _, c := range all {
		if n := len(p.closings); n > 0 && p.closings[n-1].Month == c.Month {
			p.closings[n-1] = c
			continue
		}
		p.closings = append(p.closings, c)
	}
	seals, err := s.Seals.Seals(ctx, "")
	if err != nil {
		return p, err
	}
	h := sha256.New()
	fmt.Fprint(h, p.mode, p.frames, versioned("app.css"), versioned("mark.svg"))
	for _, c := range p.closings {
		fmt.Fprint(h, c.Statement)
	}
	for _, x := range seals {
		p.seals[x.Month] = x.Version
		fmt.Fprint(h, x.Report)
	}
	p.mark = hex.EncodeToString(h.Sum(nil)[:12])
	if p.mark != s.shown.now.mark {
		s.shown.pages = map[string][]byte{}
	}
	s.shown.now, s.shown.until = p, s.Now().Add(publicFor)
	return p, nil
}

// publicView is the public page of a closed month.
type publicView struct {
	Month    closing.Closing
	Months   []closing.Closing // newest first
	Charts   *chartsView
	Families []publicFamily
	Files    bool // statement, signature and report can be taken
	Sealed   bool
	Lang     string
	Other    string // address in the other language
	Few      int
}

type publicFamily struct {
	Family  figures.Family
	Figures []closing.Figure
}

// Name puts the key of a period into words.
func (p *publicView) Name(key closing.Month) string { return spanName(p.Lang, string(key)) }

// Of returns a figure's name.
func (p *publicView) Of(f closing.Figure) string {
	i, _ := figures.Find(f.Key, p.Month.Month.Period().From)
	return indicatorName(p.Lang, i)
}

// Shown reports whether a figure is told to everybody.
func (p *publicView) Shown(f closing.Figure) bool { return f.Told && f.Denominator >= fewest }

// Collected puts what is not collected into words.
func (p *publicView) Lacks(f closing.Figure) []string {
	i, _ := figures.Find(f.Key, p.Month.Month.Period().From)
	return i.Needs.Names(p.Lang)
}

// public shows a closed month to everybody.
func (s *server) public(v *visit) error {
	p, err := s.published(v.ctx())
	if err != nil {
		return err
	}
	if p.mode == "" || len(p.closings) == 0 {
		return dossier.ErrNotFound
	}
	c := p.closings[len(p.closings)-1]
	if asked := v.r.FormValue("month"); asked != "" {
		i := slices.IndexFunc(p.closings, func(c closing.Closing) bool { return string(c.Month) == asked })
		if i < 0 {
			return dossier.ErrNotFound
		}
		c = p.closings[i]
	}
	format := v.r.FormValue("format")
	of := ""
	if i := slices.IndexFunc(drawable(c.Month.Period()), func(i figures.Indicator) bool { return i.Key == v.r.FormValue("of") }); i >= 0 {
		of = v.r.FormValue("of")
	}
	key := strings.Join([]string{string(c.Month), of, v.lang, format}, " ")
	tag := `"` + p.mark + "-" + hex.EncodeToString([]byte(key)) + `"`
	publicHeaders(v.w.Header(), p.frames, tag, format)
	if v.r.Header.Get("If-None-Match") == tag {
		v.wrote = true
		v.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	s.shown.mu.Lock()
	page, ok := s.shown.pages[key]
	s.shown.mu.Unlock()
	if !ok {
		if page, err = s.publicPage(v, p, c, of, format); err != nil {
			return err
		}
		s.shown.mu.Lock()
		if len(s.shown.pages) >= mostPages {
			s.shown.pages = map[string][]byte{}
		}
		s.shown.pages[key] = page
		s.shown.mu.Unlock()
	}
	v.wrote = true
	_, _ = v.w.Write(page) // whoever does not read it has gone
	return nil
}

// publicHeaders opens an answer to caches, and to the frames of some.
func publicHeaders(h http.Header, frames, tag, format string) {
	if frames != "" {
		h.Set("Content-Security-Policy", strings.Replace(policy, "frame-ancestors 'none'", "frame-ancestors "+frames, 1))
		h.Del("X-Frame-Options") // it knows no list; frame-ancestors goes before it
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("ETag", tag)
	switch format {
	case "json":
		h.Set("Content-Type", "application/json")
		h.Set("Access-Control-Allow-Origin", "*")
	case "csv":
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
}

// publicPage makes a page, or its lines.
func (s *server) publicPage(v *visit, p published, c closing.Closing, of, format string) ([]byte, error) {
	text, _, err := s.Closings.Statement(v.ctx(), c.Month, c.Version)
	if err != nil {
		return nil, err
	}
	said, err := closing.Read(text)
	if err != nil {
		return nil, err
	}
	view := &publicView{Month: c, Months: slices.Clone(p.closings), Lang: v.lang, Few: fewest, Sealed: p.seals[c.Month] == c.Version}
	slices.Reverse(view.Months)
	view.Files = view.Sealed && p.mode == "full"
	for _, f := range []figures.Family{figures.Everyday, figures.QD766} {
		g := publicFamily{Family: f}
		for _, x := range said.Figures {
			if x.Family == f {
				g.Figures = append(g.Figures, x)
			}
		}
		view.Families = append(view.Families, g)
	}
	if view.Charts, err = s.publicCharts(v, p, c, of); err != nil {
		return nil, err
	}
	if format == "json" || format == "csv" {
		return view.lines(said, format)
	}
	view.Other = "/public/figures?lang=" + map[bool]string{true: "en", false: "vi"}[v.lang == "vi"] + "&month=" + string(c.Month)
	return s.rendered(v.lang, "public", "public-page", view)
}

// publicCharts draws closed months alone, agencies with few dossiers together.
func (s *server) publicCharts(v *visit, p published, c closing.Closing, of string) (*chartsView, error) {
	d := &chartsView{Choices: drawable(c.Month.Period()), Span: string(c.Month), Lang: v.lang, Public: true,
		Link: "/public/figures?lang=" + v.lang + "&month=" + string(c.Month)}
	d.Of = d.Choices[max(0, slices.IndexFunc(d.Choices, func(i figures.Indicator) bool { return i.Key == of }))]
	var all []monthRates
	var each []rates
	for _, m := range months(c.Month, 12) {
		i := slices.IndexFunc(p.closings, func(c closing.Closing) bool { return c.Month == m })
		if i < 0 {
			continue
		}
		said, err := s.said.of(v.ctx(), s.Closings, p.closings[i])
		if err != nil {
			return nil, err
		}
		each = append(each, said)
		all = append(all, monthRates{Month: m, Version: p.closings[i].Version, By: said[d.Of.Key], Told: said[d.Of.Key] != nil})
	}
	small := few(each)
	for i := range all {
		all[i].By = together(all[i].By, small)
		if n := all[i].total().Denominator; n < fewest { // all of them together are few
			all[i].By, all[i].Told = map[dossier.AgencyCode]figures.Rate{}, false
		}
	}
	n, err := s.names(v.ctx())
	if err != nil {
		return nil, err
	}
	n.agency = maps.Clone(n.agency)
	n.agency[others] = say(v.lang, "public.others")
	d.fill(all, []closing.Month{c.Month}, n)
	return d, nil
}

// few returns the agencies that are told together: those of which some figure of
// some month is over fewer dossiers than may be told, and as many more, the
// smallest first, as it takes until what is told together is over enough, so
// that nobody finds one by taking the others off the whole.
func few(each []rates) map[dossier.AgencyCode]bool {
	small, size := map[dossier.AgencyCode]bool{}, map[dossier.AgencyCode]int{}
	for _, said := range each {
		for _, by := range said {
			for a, r := range by {
				size[a] += r.Denominator
				small[a] = small[a] || 0 < r.Denominator && r.Denominator < fewest
			}
		}
	}
	order := make([]dossier.AgencyCode, 0, len(size))
	for a := range size {
		order = append(order, a)
	}
	slices.SortFunc(order, func(a, b dossier.AgencyCode) int {
		if size[a] != size[b] {
			return size[a] - size[b]
		}
		return strings.Compare(string(a), string(b))
	})
	for _, a := range order {
		if !short(each, small) {
			break
		}
		small[a] = true
	}
	return small
}

// short reports whether what is told together is over too few dossiers.
func short(each []rates, small map[dossier.AgencyCode]bool) bool {
	for _, said := range each {
		for _, by := range said {
			if r := together(by, small)[others]; 0 < r.Denominator && r.Denominator < fewest {
				return true
			}
		}
	}
	return false
}

func together(by map[dossier.AgencyCode]figures.Rate, small map[dossier.AgencyCode]bool) map[dossier.AgencyCode]figures.Rate {
	out := map[dossier.AgencyCode]figures.Rate{}
	for a, r := range by {
		if small[a] {
			a = others
		}
		x := out[a]
		out[a] = figures.Rate{Numerator: x.Numerator + r.Numerator, Denominator: x.Denominator + r.Denominator}
	}
	return out
}

// A publicLine is a figure as programs read it.
type publicLine struct {
	Month       closing.Month  `json:"month"`
	Version     int            `json:"version"`
	Statement   string         `json:"statement"` // SHA-256 of the closed month
	Family      figures.Family `json:"family"`
	Key         string         `json:"key"`
	Told        bool           `json:"told"`
	Numerator   int            `json:"numerator"`
	Denominator int            `json:"denominator"`
	Percent     string         `json:"percent"`
	Points      string         `json:"points"`
	Law         string         `json:"law"`
}

func (p *publicView) lines(said closing.Statement, format string) ([]byte, error) {
	lines := []publicLine{}
	for _, f := range said.Figures {
		l := publicLine{Month: said.Month, Version: said.Version, Statement: p.Month.Statement.String(), Family: f.Family, Key: f.Key, Law: f.Law, Percent: "–", Points: "–"}
		if l.Told = p.Shown(f); l.Told {
			l.Numerator, l.Denominator, l.Percent, l.Points = f.Numerator, f.Denominator, f.Percent, f.Points
		}
		lines = append(lines, l)
	}
	if format == "json" {
		return json.MarshalIndent(lines, "", "  ")
	}
	var b strings.Builder
	b.WriteString("\ufeff") // by which spreadsheets know UTF-8
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"month", "version", "statement", "family", "key", "numerator", "denominator", "%", "points", "law"})
	for _, l := range lines {
		n, d := strconv.Itoa(l.Numerator), strconv.Itoa(l.Denominator)
		if !l.Told {
			n, d = "", ""
		}
		_ = w.Write([]string{string(l.Month), strconv.Itoa(l.Version), l.Statement, string(l.Family), l.Key, n, d, l.Percent, l.Points, harmless(l.Law)})
	}
	w.Flush()
	return []byte(b.String()), w.Error()
}

// publicFile sends a file of a closed month to everybody, if they may have it.
func (s *server) publicFile(v *visit) error {
	p, err := s.published(v.ctx())
	if err != nil {
		return err
	}
	if p.mode != "full" {
		return dossier.ErrNotFound
	}
	v.w.Header().Set("Cache-Control", "public, max-age=300")
	return s.closedFile(v, v.r.PathValue("file"))
}

type adminPublicView struct {
	What, Mode, Frames string
	Modes              []string
	Wrong              bool
	Doors              []citizenDoor
	Embed              string // what shows the page in a frame of another site; empty: nobody may
}

// citizenDoor is something that citizens may do here, if it is open.
type citizenDoor struct {
	Name string
	Open bool
}

// embed is the element that a site in whose frames the page may stand puts into its
// own (HTML, 4.8.5). The frame runs nothing and learns nothing of the site.
func (s *server) embed(v *visit) string {
	at := s.Origin
	if at == "" {
		at = "https://" + v.r.Host
	}
	return `<iframe src="` + template.HTMLEscapeString(at) + `/public/figures?lang=` + v.lang + `" title="` + template.HTMLEscapeString(say(v.lang, "public.title")) +
		`" width="100%" height="1600" loading="lazy" referrerpolicy="no-referrer" sandbox="allow-same-origin allow-forms allow-popups allow-downloads"></iframe>`
}

// adminPublic shows what everybody may see.
func (s *server) adminPublic(v *visit) error { return s.showPublic(v, http.StatusOK, false) }

func (s *server) showPublic(v *visit, status int, wrong bool) error {
	view := adminPublicView{What: "public", Modes: publications[:], Wrong: wrong}
	closed, err := s.Settings.Setting(v.ctx(), closedDoors)
	if err != nil {
		return err
	}
	for _, door := range doorsOfCitizens {
		view.Doors = append(view.Doors, citizenDoor{door, !slices.Contains(strings.Fields(closed), door)})
	}
	if view.Mode, err = s.Settings.Setting(v.ctx(), publication); err != nil {
		return err
	}
	if view.Frames, err = s.Settings.Setting(v.ctx(), frames); err != nil {
		return err
	}
	if view.Mode != "" && view.Frames != "" {
		view.Embed = s.embed(v)
	}
	return s.show(v, status, "admin_public", "admin.public", view)
}

// adminPublish sets what everybody may see, and who may show it in a frame.
func (s *server) adminPublish(v *visit) error {
	mode, list := v.r.FormValue("mode"), strings.Fields(v.r.FormValue("frames"))
	wrong := !slices.Contains(publications[:], mode) || len(list) > 20 || slices.ContainsFunc(list, func(o string) bool { return !origin().MatchString(o) })
	if wrong {
		return s.showPublic(v, http.StatusUnprocessableEntity, true)
	}
	for name, value := range map[string]string{publication: mode, frames: strings.Join(list, " ")} {
		if err := s.Settings.PutSetting(v.ctx(), name, value, v.who.ID); err != nil {
			return err
		}
	}
	s.shown.mu.Lock()
	s.shown.until = time.Time{}
	s.shown.mu.Unlock()
	return v.to("/admin/public")
}
