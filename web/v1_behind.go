package web

import (
	"net/url"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/figures"
	"sohoa/dossier/project"
	"sohoa/dossier/record"
	"sohoa/web/api"
)

// v1Behind are the operations about what stands behind figures, batches, projects and
// holders.
func (s *server) v1Behind(k opKit) []v1Op {
	period := query("period", &api.Schema{Type: "string", Pattern: `^2[01][0-9]{2}(-Q[1-4]|-(0[1-9]|1[0-2])(\.\.2[01][0-9]{2}-(0[1-9]|1[0-2]))?)?$`}, "2026, 2026-Q2, 2026-06 or 2025-12..2026-11; the running month unless it says")
	agency := query("agency", inPath["code"], "with those under it; the account's own unless it says")
	procedure := query("procedure", inPath["code"], "only of this one")
	own := query("own", &api.Schema{Type: "string", Enum: []string{"1"}}, "only what the agency received itself")
	side := k.op(receive, "getSide", "GET", "/batches/{batch}/sides/{file}/{page}", plain(s.batchPicture)).path("file", between(1, 10_000)).
		with(query("size", &api.Schema{Type: "string", Enum: []string{"thumb", "100", "150", "300"}}, "dots an inch")).bytes("image/jpeg", "ETag").tagged()
	report := k.op(plan, "getProjectReport", "GET", "/projects/{project}/report/{form}", plain(s.projectReport)).
		path("form", &api.Schema{Type: "string", Enum: []string{"pdf", "csv"}}).bytes("application/pdf, text/csv")
	separators := k.op(receive, "getNextSeparators", "GET", "/separators", plain(s.separatorsNext)).bytes("application/pdf")
	separators.Tag = side.Tag
	var answers []string
	for _, w := range whys {
		answers = append(answers, string(w))
	}
	return []v1Op{
		side,
		separators,
		report,
		k.gives(k.takes(k.op(work, "tieToProject", "POST", "/projects/{project}/ties", s.v1Tie), v1Tie{}), 200, v1Project{}),
		k.gives(k.op(plan, "listImports", "GET", "/imports", s.v1Imports).with(query("of", inPath["id"], "one of them, with what was wrong in it")), 200, v1Imports{}),
		k.gives(k.takes(k.op(tend, "actOnHolder", "POST", "/holders/{holder}/acts", s.v1HolderDeed), v1HolderDeed{}), 200, v1Record{}),
		k.gives(k.op(look, "listFigureDossiers", "GET", "/figures/dossiers", s.v1FigureDossiers).with(required(query("number", &api.Schema{Type: "string", MinLength: 1, MaxLength: 60}, "received, dossiers, resolved, results, reused, or the key of a figure")),
			period, agency, own, procedure, query("with", &api.Schema{Type: "string", Enum: []string{withMerged}}, "with those of agencies that went into the one"),
			query("officer", &api.Schema{Type: "string", MaxLength: 60}, "only what this account received"), query("why", &api.Schema{Type: "string", Enum: answers}, "only those")).with(paging()...), 200, v1FigureDossiers{}),
		k.gives(k.op(look, "divideFigures", "GET", "/figures/by", s.v1FiguresBy).with(required(query("by", &api.Schema{Type: "string", Enum: []string{"procedure", "officer"}}, "officer: of an agency, for who may see whose work it is")),
			period, agency, own, procedure), 200, v1Divided{}),
		k.gives(k.op(grade, "listProvinces", "GET", "/figures/provinces", s.v1Provinces).with(query("map", &api.Schema{Type: "string", Enum: []string{"new"}}, "by the map after the merger")), 200, v1Provinces{}),
		k.gives(k.op(look, "getRatings", "GET", "/figures/ratings", s.v1Ratings).with(period, query("of", inPath["code"], "whose dossiers are listed: an agency that decides")).with(paging()...), 200, v1Ratings{}),
	}
}

// required says that an operation is not asked without a parameter.
func required(p api.Param) api.Param {
	p.Required = true
	return p
}

// path gives a value in the path another form than its name mostly has.
func (o v1Op) path(name string, s *api.Schema) v1Op {
	for i := range o.Params {
		if o.Params[i].In == "path" && o.Params[i].Name == name {
			o.Params[i].Schema = s
		}
	}
	return o
}

type v1Tie struct {
	Source  project.Source `json:"source" enum:"batch|import"`
	Ref     string         `json:"ref" pattern:"^[0-9a-f-]{36}$" doc:"the batch or the import"`
	Shelf   string         `json:"shelf,omitempty" max:"200" doc:"where the paper stands"`
	Scanner string         `json:"scanner,omitempty" max:"200"`
}

// v1Tie ties a batch or an import to a project, and shows the project.
func (s *server) v1Tie(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1Tie)
	v.fill(url.Values{"source": {string(b.Source)}, "ref": {b.Ref}, "shelf": {b.Shelf}, "scanner": {b.Scanner}})
	p, err := s.projectOf(v)
	if err != nil {
		return nil, err
	}
	if err := s.tied(v)(p); err != nil {
		return nil, projectSaid(err)
	}
	return s.v1GetProject(v, nil)
}

type v1Import struct {
	ID      string             `json:"id"`
	Agency  dossier.AgencyCode `json:"agency"`
	Began   time.Time          `json:"began"`
	Changed time.Time          `json:"changed" doc:"when something was written last"`
	Ended   time.Time          `json:"ended,omitzero" doc:"none: it goes on"`
	Rows    int                `json:"rows" doc:"of the index, that were looked at"`
	Taken   int                `json:"taken" doc:"papers that are new in the house"`
	Same    int                `json:"same" doc:"papers that stood in their place already"`
	Twice   int                `json:"twice" doc:"taken ones whose file is in the house elsewhere"`
	Bad     int                `json:"bad" doc:"rows of which nothing was taken"`
	Pages   int                `json:"pages"`
	Bytes   int64              `json:"bytes"`
}

type v1Fault struct {
	Row  int    `json:"row"`
	Told string `json:"told" doc:"what is wrong, in words"`
	Do   string `json:"do,omitempty" doc:"what to do"`
}

type v1Imports struct {
	Imports []v1Import `json:"imports" doc:"the newest first"`
	Faults  []v1Fault  `json:"faults,omitempty" doc:"of the one that was asked for"`
}

func (s *server) v1Imports(v *visit, _ any) (*v1Answer, error) {
	view, err := s.importsOf(v)
	if err != nil {
		return nil, err
	}
	if of := v.query("of"); of != "" && view.Shown == nil {
		return nil, dossier.ErrNotFound
	}
	out := &v1Imports{Imports: []v1Import{}}
	for _, i := range view.List {
		out.Imports = append(out.Imports, v1Import{i.ID, i.Agency, i.Began, i.Changed, i.Ended, i.Rows, i.Taken, i.Same, i.Twice, i.Bad, i.Pages, i.Bytes})
	}
	for _, f := range view.Faults {
		out.Faults = append(out.Faults, v1Fault{f.Row, f.Told, f.Do})
	}
	return shown(out), nil
}

type v1HolderDeed struct {
	Act     record.Act        `json:"act" enum:"merge|split|undo"`
	Why     string            `json:"why" min:"1" max:"1000"`
	Number  string            `json:"number,omitempty" max:"60" doc:"with merge: of whose record this one goes into; with split: of whose the entries are"`
	Entries []dossier.EntryID `json:"entries,omitempty" doc:"with split: those that are the other's"`
	Refers  string            `json:"refers,omitempty" max:"60" doc:"with undo: the act"`
}

// v1HolderDeed merges or splits records, and shows the holder's.
func (s *server) v1HolderDeed(v *visit, body any) (*v1Answer, error) {
	b := body.(*v1HolderDeed)
	form := url.Values{"act": {string(b.Act)}, "why": {b.Why}, "number": {b.Number}, "refers": {b.Refers}}
	for _, e := range b.Entries {
		form.Add("entry", string(e))
	}
	v.fill(form)
	h, err := s.holder(v)
	if err != nil {
		return nil, err
	}
	if err := s.holderDo(v, h); err != nil {
		return nil, err
	}
	return s.v1Record(v, nil)
}

type v1FigureDossier struct {
	Dossier    dossier.Code          `json:"dossier"`
	Procedure  dossier.ProcedureCode `json:"procedure"`
	Receiving  dossier.AgencyCode    `json:"receiving"`
	Competent  dossier.AgencyCode    `json:"competent"`
	Received   time.Time             `json:"received"`
	Resolved   time.Time             `json:"resolved,omitzero"`
	Why        figures.Why           `json:"why" doc:"how it stands to the figure"`
	ToDigitise int                   `json:"toDigitise" doc:"required components that are to be digitised"`
	Digitised  int                   `json:"digitised" doc:"of these"`
	Officer    dossier.PersonID      `json:"officer,omitempty" doc:"who received it, for who may see whose work it is"`
}

type v1FigureProcedure struct {
	Procedure dossier.ProcedureCode `json:"procedure"`
	Why       figures.Why           `json:"why"`
}

type v1FigureDossiers struct {
	Period     string              `json:"period"`
	Counts     map[string]int      `json:"counts" doc:"how many stand in each way, of all pages"`
	Dossiers   []v1FigureDossier   `json:"dossiers"`
	Procedures []v1FigureProcedure `json:"procedures,omitempty" doc:"behind a figure that counts procedures"`
	After      string              `json:"after,omitempty"`
}

func (s *server) v1FigureDossiers(v *visit, _ any) (*v1Answer, error) {
	var after figures.Mark
	if text := v.query("after"); text != "" {
		if err := api.Goes(text, &after); err != nil {
			return nil, err
		}
	}
	view, err := s.figureListOf(v, after, v.most())
	if err != nil {
		return nil, err
	}
	out := &v1FigureDossiers{Period: view.Span.Key, Counts: map[string]int{}, Dossiers: []v1FigureDossier{}}
	for why, n := range view.Counts {
		out.Counts[string(why)] = n
	}
	for _, f := range view.Facts {
		one := v1FigureDossier{Dossier: f.Dossier, Procedure: f.Procedure, Receiving: f.Receiving, Competent: f.Competent, Received: f.Received, Resolved: f.Resolved, Why: f.Why,
			ToDigitise: f.ToDigitise, Digitised: f.Digitised}
		if view.Officers || f.Officer == v.who.ID {
			one.Officer = f.Officer
		}
		out.Dossiers = append(out.Dossiers, one)
	}
	for _, p := range view.Procedures {
		out.Procedures = append(out.Procedures, v1FigureProcedure{p.Code, p.Why})
	}
	if view.next != nil {
		out.After = api.Cursor(*view.next)
	}
	return shown(out), nil
}

type v1Rate struct {
	Numerator   int `json:"numerator"`
	Denominator int `json:"denominator"`
}

type v1Share struct {
	Procedure dossier.ProcedureCode `json:"procedure,omitempty"`
	Officer   dossier.PersonID      `json:"officer,omitempty"`
	Received  int                   `json:"received"`
	Resolved  int                   `json:"resolved"`
	Reused    int                   `json:"reused" doc:"components that were filled by reuse"`
	Dossiers  v1Rate                `json:"dossiers" doc:"that are digitised"`
	Results   v1Rate                `json:"results" doc:"that are digitised"`
}

type v1Divided struct {
	Period string    `json:"period"`
	Total  v1Share   `json:"total"`
	Rows   []v1Share `json:"rows" doc:"those with the most dossiers first"`
	More   int       `json:"more,omitempty" doc:"rows that are not told"`
}

func dividedOf(f figures.Figures) v1Share {
	return v1Share{Received: f.Received, Resolved: f.Resolved, Reused: f.Reused, Dossiers: v1Rate{f.Dossiers.Numerator, f.Dossiers.Denominator}, Results: v1Rate{f.Results.Numerator, f.Results.Denominator}}
}

func (s *server) v1FiguresBy(v *visit, _ any) (*v1Answer, error) {
	view, err := s.figuresByOf(v)
	if err != nil {
		return nil, err
	}
	out := &v1Divided{Period: view.Span.Key, Total: dividedOf(view.Total), Rows: []v1Share{}, More: view.More}
	for _, r := range view.Rows {
		one := dividedOf(r.Figures)
		one.Procedure, one.Officer = r.Procedure, r.Officer
		out.Rows = append(out.Rows, one)
	}
	return shown(out), nil
}

type v1Province struct {
	Period  string             `json:"period" doc:"as it was published"`
	Place   int                `json:"place" doc:"those with the same rate share one"`
	Of      int                `json:"of" doc:"how many were ranked"`
	Moved   int                `json:"moved" doc:"places up since the period before"`
	Code    dossier.AgencyCode `json:"code"`
	Name    string             `json:"name"`
	Rate    *v1Rate            `json:"rate,omitempty" doc:"none: the share alone was published"`
	Percent float64            `json:"percent"`
	Source  string             `json:"source"`
}

type v1Provinces struct {
	Provinces []v1Province `json:"provinces" doc:"by period, the oldest first, and place"`
	Missing   []string     `json:"missing" doc:"merged ones that cannot be ranked: period and code"`
}

func (s *server) v1Provinces(v *visit, _ any) (*v1Answer, error) {
	view, err := s.provincesOf(v)
	if err != nil {
		return nil, err
	}
	out := &v1Provinces{Provinces: []v1Province{}, Missing: view.Missing}
	for _, p := range view.Places {
		one := v1Province{Period: p.Period, Place: p.Place, Of: p.Of, Moved: p.Moved, Code: p.Code, Name: p.Name, Percent: float64(p.Percent) / 100, Source: p.Source}
		if p.Rate.Denominator > 0 {
			one.Rate = &v1Rate{p.Rate.Numerator, p.Rate.Denominator}
		}
		out.Provinces = append(out.Provinces, one)
	}
	return shown(out), nil
}

type v1RatingRow struct {
	Agency  dossier.AgencyCode `json:"agency,omitempty" doc:"that decides; none: all"`
	Scores  []int              `json:"scores" doc:"how many said 1, 2, 3, 4, 5"`
	Number  int                `json:"number"`
	Content int                `json:"content" doc:"that said 4 or 5"`
}

type v1Rating struct {
	Dossier dossier.Code `json:"dossier"`
	Score   int          `json:"score"`
	At      time.Time    `json:"at"`
}

type v1Ratings struct {
	Period  string        `json:"period"`
	Sum     v1RatingRow   `json:"sum"`
	Rows    []v1RatingRow `json:"rows"`
	Ratings []v1Rating    `json:"ratings,omitempty" doc:"of the agency that was asked for"`
	After   string        `json:"after,omitempty"`
}

func ratedOf(r ratingRow) v1RatingRow { return v1RatingRow{r.Agency, r.Scores[:], r.Number, r.Content} }

func (s *server) v1Ratings(v *visit, _ any) (*v1Answer, error) {
	var after *dossier.DossierMark
	if text := v.query("after"); text != "" {
		after = new(dossier.DossierMark)
		if err := api.Goes(text, after); err != nil {
			return nil, err
		}
	}
	view, err := s.ratingsOf(v, after, v.most())
	if err != nil {
		return nil, err
	}
	out := &v1Ratings{Period: view.Span.Key, Sum: ratedOf(view.Sum), Rows: []v1RatingRow{}}
	for _, r := range view.Rows {
		out.Rows = append(out.Rows, ratedOf(r))
	}
	for _, r := range view.Behind {
		out.Ratings = append(out.Ratings, v1Rating(r))
	}
	if view.next != nil {
		out.After = api.Cursor(*view.next)
	}
	return shown(out), nil
}
