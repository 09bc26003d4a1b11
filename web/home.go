package web

import (
	"net/http"
	"slices"
	"time"

	"sohoa/dossier"
)

// mostTasks is how many waiting documents a page lists.
const mostTasks = 100

// step is one state on the line that the home page draws.
type step struct {
	State dossier.State
	Count int
	By    dossier.Role // whom documents in it wait for; empty at the end
	Mine  bool
}

type flowView struct {
	Steps   []step
	Refused step
	Total   int
	Busy    bool // the machine has work, so the counts will change by themselves
	At      time.Time
}

// task is one document in a list.
type task struct {
	dossier.Document
	Procedure dossier.ProcedureCode
	Due       time.Time // the appointment of its dossier; zero: none
	Late      bool      // it is over
	Acts      []dossier.Act
}

type tasksView struct {
	Doubtful int // documents that were read badly, as many as a page lists at most
	Tasks    []task
	More     bool
	Batch    dossier.Act // that may be done to many at once; empty if none
	N        names
	Trouble  []task       // what the machine cannot get on with
	Watches  dossier.Role // whose turn it never is; empty: it may be
}

type homeView struct {
	Flow  flowView
	Tasks tasksView
}

func (s *server) home(v *visit) error {
	flow, err := s.flow(v)
	if err != nil {
		return err
	}
	tasks, err := s.tasks(v)
	if err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "home", "home.title", homeView{flow, tasks})
}

func (s *server) flowFragment(v *visit) error {
	flow, err := s.flow(v)
	if err != nil {
		return err
	}
	return s.piece(v, "home", "flow", flow)
}

func (s *server) tasksFragment(v *visit) error {
	tasks, err := s.tasks(v)
	if err != nil {
		return err
	}
	return s.piece(v, "home", "tasks", tasks)
}

// flow counts what waits where.
func (s *server) flow(v *visit) (flowView, error) {
	counts, err := s.Documents.Counts(v.ctx(), v.sight.agencies(), v.sight.within)
	if err != nil {
		return flowView{}, err
	}
	f := flowView{At: s.Now()}
	for _, state := range dossier.States() {
		by, _ := dossier.Waits(state)
		if _, due := dossier.Due(state); due {
			by = dossier.Machine
			f.Busy = f.Busy || counts[state] > 0
		}
		st := step{state, counts[state], by, by == v.who.Role}
		f.Total += st.Count
		switch {
		case state == dossier.Refused:
			f.Refused = st
		case st.Count > 0 || !rare(state):
			f.Steps = append(f.Steps, st)
		}
	}
	return f, nil
}

// rare reports whether a state is of the way of files that came in signed: it
// is shown when somebody stands there.
func rare(s dossier.State) bool {
	return slices.Contains([]dossier.State{dossier.Presented, dossier.Doubtful, dossier.Vouched, dossier.Described, dossier.Adopted}, s)
}

// waitingFor lists the states in which a document waits for a role.
func waitingFor(role dossier.Role) []dossier.State {
	var states []dossier.State
	for _, state := range dossier.States() {
		if by, ok := dossier.Waits(state); ok && by == role {
			states = append(states, state)
		}
	}
	return states
}

// batchAct is the act that a role may do to many documents at once: the one
// that asks for nothing but a click.
func batchAct(role dossier.Role) dossier.Act {
	for _, state := range waitingFor(role) {
		for _, a := range dossier.Acts(state, role) {
			if !dossier.NeedsReason(a) && a != dossier.Confirm {
				return a
			}
		}
	}
	return ""
}

// actsOnMany are the acts that a role may do to many documents at once: its order to
// sign, and refusing what waits for it or sending it back, for one reason.
func actsOnMany(role dossier.Role) []dossier.Act {
	order := batchAct(role)
	if order == "" {
		return nil
	}
	return append([]dossier.Act{order}, waysBack(role)...)
}

// waysBack are the acts other than the order to sign that a role may do to what waits
// for that order.
func waysBack(role dossier.Role) (acts []dossier.Act) {
	order := batchAct(role)
	for _, state := range waitingFor(role) {
		if all := dossier.Acts(state, role); slices.Contains(all, order) {
			acts = append(acts, slices.DeleteFunc(all, func(a dossier.Act) bool { return a == order })...)
		}
	}
	return acts
}

// tasks lists what waits for the visitor, longest first, and what the machine
// is in trouble with.
func (s *server) tasks(v *visit) (tasksView, error) {
	n, err := s.names(v.ctx())
	if err != nil {
		return tasksView{}, err
	}
	view := tasksView{N: n, Batch: batchAct(v.who.Role)}
	if v.who.Role == dossier.Auditor || v.who.Role == dossier.Admin {
		view.Watches = v.who.Role
	}
	if states := waitingFor(v.who.Role); len(states) > 0 {
		view.Tasks, err = s.list(v, DocumentQuery{States: states, Agencies: v.sight.agencies(), Within: v.sight.within, Limit: mostTasks + 1})
		if err != nil {
			return view, err
		}
		if view.More = len(view.Tasks) > mostTasks; view.More {
			view.Tasks = view.Tasks[:mostTasks]
		}
	}
	doubtful, err := s.Documents.Documents(v.ctx(), DocumentQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Doubtful: true, Limit: mostTasks})
	if err != nil {
		return view, err
	}
	view.Doubtful = len(doubtful)
	view.Trouble, err = s.list(v, DocumentQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Troubled: true, Limit: 20})
	return view, err
}

// list finds documents, and of their dossiers the procedure and the appointment.
func (s *server) list(v *visit, q DocumentQuery) ([]task, error) {
	docs, err := s.Documents.Documents(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	var codes []dossier.Code
	for _, d := range docs {
		codes = append(codes, d.Dossier)
	}
	slices.Sort(codes)
	dossiers, err := s.Dossiers.DossiersOf(v.ctx(), slices.Compact(codes))
	if err != nil {
		return nil, err
	}
	tasks := make([]task, 0, len(docs))
	for _, d := range docs {
		of := dossiers[d.Dossier]
		tasks = append(tasks, task{d, of.Procedure, of.Due, !of.Due.IsZero() && s.Now().After(of.Due), dossier.Acts(d.State, v.who.Role)})
	}
	return tasks, nil
}

type documentsView struct {
	Tasks    []task
	State    dossier.State
	Troubled bool
	Doubtful bool
	More     bool
	N        names
}

// documentList lists the documents in one state, or those in trouble.
func (s *server) documentList(v *visit) error {
	view := documentsView{State: dossier.State(v.r.FormValue("state")), Troubled: v.r.FormValue("troubled") != ""}
	q := DocumentQuery{Agencies: v.sight.agencies(), Within: v.sight.within, Troubled: view.Troubled, Limit: 2*mostTasks + 1}
	if view.State != "" {
		if !slices.Contains(dossier.States(), view.State) {
			return dossier.ErrNotFound
		}
		q.States = []dossier.State{view.State}
	}
	var err error
	if view.Tasks, err = s.list(v, q); err != nil {
		return err
	}
	if view.More = len(view.Tasks) > 2*mostTasks; view.More {
		view.Tasks = view.Tasks[:2*mostTasks]
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "documents", "documents.title", view)
}
