package web

import (
	"net/http"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/project"
	"sohoa/web/api"
)

const v1Batches = "POST /api/v1/batches"

// v1Bulk are the operations about paper that comes by the metre.
func (s *server) v1Bulk(k opKit) []v1Op {
	upload := k.op(receive, "bringBatch", "POST", "/batches", s.v1BringBatch)
	upload.Upload = &api.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*api.Schema{
		"feed":    {Type: "string", Enum: []string{string(batch.Single), string(batch.Twice)}, Description: "how the sheets went through the scanner; before the files"},
		"keep":    {Type: "string", Description: "what blank sides mean: 0 or nothing, they are left out; 1, they are pages; 2, each stands between two papers; 3, two that follow each other do; before the files"},
		"patches": {Type: "string", Description: "1: sheets with patch codes stand between two papers; without it they are pages; before the files"},
		"file":    {Type: "string", Format: "binary", Description: "TIFF, JPEG, PNG or PDF; several, in their order"},
	}}
	return []v1Op{
		k.gives(upload, 201, v1Batch{}, "Location"),
		k.gives(k.op(receive, "listBatches", "GET", "/batches", s.v1ListBatches).with(paging()...), 200, v1BatchList{}),
		k.gives(k.op(receive, "getBatch", "GET", "/batches/{batch}", s.v1GetBatch), 200, v1Batch{}),
		k.gives(k.op(work, "listProjects", "GET", "/projects", s.v1ListProjects).with(paging()...), 200, v1ProjectList{}),
		k.gives(k.op(work, "getProject", "GET", "/projects/{project}", s.v1GetProject), 200, v1Project{}),
	}
}

type v1Batch struct {
	ID       batch.ID           `json:"id"`
	Agency   dossier.AgencyCode `json:"agency"`
	At       time.Time          `json:"at"`
	Standing batch.Standing     `json:"standing" enum:"waiting|proposed|entering|done"`
	Sides    *v1Sum             `json:"sides,omitempty" doc:"what became of each side of each sheet"`
	Entered  []v1Entered        `json:"entered,omitempty" doc:"the documents that it became"`
}

type v1Sum struct {
	All        int `json:"all"`
	Entered    int `json:"entered"`
	Blank      int `json:"blank"`
	Separators int `json:"separators"`
	LeftOut    int `json:"leftOut"`
	Open       int `json:"open" doc:"0: every side is accounted for"`
}

type v1Entered struct {
	Document dossier.DocumentID `json:"document"`
	Dossier  dossier.Code       `json:"dossier"`
	Slot     dossier.SlotCode   `json:"slot"`
	Pages    int                `json:"pages"`
}

type v1BatchList struct {
	Batches []v1Batch `json:"batches"`
	After   string    `json:"after,omitempty"`
}

type v1Project struct {
	ID       project.ID         `json:"id"`
	Agency   dossier.AgencyCode `json:"agency"`
	Name     string             `json:"name"`
	From     string             `json:"from" format:"date"`
	To       string             `json:"to" format:"date"`
	Kinds    []dossier.KindCode `json:"kinds" doc:"none: all"`
	Target   int                `json:"target" doc:"dossiers to be done"`
	Dossiers int                `json:"dossiers" doc:"done, counted from rows, as is the rest"`
	Papers   int                `json:"papers"`
	Pages    int                `json:"pages"`
	Batches  int                `json:"batches"`
	Imports  int                `json:"imports"`
	Ended    *time.Time         `json:"ended,omitempty"`
	Forecast *v1Forecast        `json:"forecast,omitempty"`
}

type v1Forecast struct {
	Days   int     `json:"days" doc:"working days that were looked at"`
	Rate   float64 `json:"rate" doc:"dossiers a working day"`
	Finish string  `json:"finish,omitempty" doc:"none: nobody can tell"`
	Early  string  `json:"early,omitempty"`
	Late   string  `json:"late,omitempty" doc:"none: nobody can tell"`
}

type v1ProjectList struct {
	Projects []v1Project `json:"projects"`
	After    string      `json:"after,omitempty"`
}

func v1BatchOf(b batch.Batch) v1Batch {
	out := v1Batch{ID: b.ID, Agency: b.Agency, At: b.At, Standing: b.Standing}
	if b.Sides == nil {
		return out
	}
	n := batch.Account(b.Sides)
	out.Sides = &v1Sum{n.Sides, n.Entered, n.Blank, n.Separators, n.LeftOut, n.Open}
	for _, p := range batch.Papers(b.Sides) {
		if p.Document != "" {
			out.Entered = append(out.Entered, v1Entered{p.Document, p.Dossier, p.Slot, len(p.Pages)})
		}
	}
	return out
}

// v1BringBatch takes files as one batch, as the page of batches does.
func (s *server) v1BringBatch(v *visit, _ any) (*v1Answer, error) {
	if err := s.Gate(v.ctx(), v.who.Agency); err != nil {
		return nil, err
	}
	whole := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, whole, batchFiles*s.MaxBytes)
	b, err := s.takeBatch(v)
	if _, code := kindOf(err); err != nil && code == "bytes" {
		s.drain(v, whole)
	}
	if err != nil {
		return nil, err
	}
	out := v1BatchOf(b)
	return &v1Answer{status: http.StatusCreated, value: &out, at: v1Root + "batches/" + string(b.ID), version: -1}, nil
}

func (s *server) v1ListBatches(v *visit, _ any) (*v1Answer, error) {
	var after batch.ID
	if v.query("after") != "" {
		if err := api.Goes(v.query("after"), &after); err != nil {
			return nil, err
		}
	}
	all, err := s.PaperBatches.List(v.ctx(), v.sight.agencies(), v.sight.closed, after, v.most()+1)
	if err != nil {
		return nil, err
	}
	out := &v1BatchList{Batches: []v1Batch{}}
	if len(all) > v.most() {
		all = all[:v.most()]
		out.After = api.Cursor(all[len(all)-1].ID)
	}
	for _, b := range all {
		out.Batches = append(out.Batches, v1BatchOf(b))
	}
	return shown(out), nil
}

func (s *server) v1GetBatch(v *visit, _ any) (*v1Answer, error) {
	b, err := s.batchOf(v)
	if err != nil {
		return nil, err
	}
	out := v1BatchOf(b)
	return shown(&out), nil
}

func v1ProjectOf(p project.Project, n project.Progress, f *project.Forecast) *v1Project {
	out := &v1Project{ID: p.ID, Agency: p.Agency, Name: p.Name, From: p.From, To: p.To, Kinds: p.Kinds, Target: p.Plan.Dossiers,
		Dossiers: n.Dossiers, Papers: n.Papers, Pages: n.Pages, Batches: n.Batches, Imports: n.Imports}
	if out.Kinds == nil {
		out.Kinds = []dossier.KindCode{}
	}
	if !p.Ended.IsZero() {
		out.Ended = &p.Ended
	}
	if f != nil {
		out.Forecast = &v1Forecast{f.Days, f.Rate, f.Finish, f.Early, f.Late}
	}
	return out
}

func (s *server) v1ListProjects(v *visit, _ any) (*v1Answer, error) {
	var after project.ID
	if v.query("after") != "" {
		if err := api.Goes(v.query("after"), &after); err != nil {
			return nil, err
		}
	}
	if err := v.countsWithin(); err != nil {
		return nil, err
	}
	all, err := s.Projects.Projects(v.ctx(), v.sight.agencies(), after, v.most()+1)
	if err != nil {
		return nil, err
	}
	out := &v1ProjectList{Projects: []v1Project{}}
	if len(all) > v.most() {
		all = all[:v.most()]
		out.After = api.Cursor(all[len(all)-1].ID)
	}
	for _, p := range all {
		n, err := s.Projects.ProjectProgress(v.ctx(), p.ID)
		if err != nil {
			return nil, err
		}
		out.Projects = append(out.Projects, *v1ProjectOf(p, n, nil))
	}
	return shown(out), nil
}

func (s *server) v1GetProject(v *visit, _ any) (*v1Answer, error) {
	p, err := s.projectOf(v)
	if err != nil {
		return nil, err
	}
	facts, err := s.projectFacts(v, p)
	if err == nil && facts.Closed {
		err = v.countsWithin()
	}
	if err != nil {
		return nil, err
	}
	return shown(v1ProjectOf(p, facts.Progress, &facts.Forecast)), nil
}
