package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

// Batches are what people ordered on many documents at once.
type Batches interface {
	AddBatch(ctx context.Context, b dossier.Batch) (dossier.Batch, error)
	Ordered(ctx context.Context, id dossier.BatchID, d dossier.DocumentID, problem string) error
	Batch(ctx context.Context, id dossier.BatchID) (dossier.Batch, error)
	Batches(ctx context.Context, who dossier.PersonID, limit int) ([]dossier.Batch, error)
}

// A KeyState is what the desk shows of the key that signs for a person: an
// officer's own, or that of a clerk's agency.
type KeyState struct {
	Subject, Issuer, Serial string // of its certificate; empty until it was opened once
	From, To                time.Time

	// Code is what keeps it from signing, empty if nothing does: key-locked,
	// key-ending, key-expired, key-revoked, key-unsure, key-uses, key-token,
	// key-none.
	Code string

	PIN   bool      // it waits for a PIN with each batch
	Until time.Time // when it is locked again; zero: it is locked, or wants no PIN

	Used, Uses int           // in the period, and how often it may be; 0: no limit
	Period     time.Duration // 0: ever
}

// Keys are the keys that people's orders are signed with.
type Keys interface {
	// State says how the key stands that signs what who orders.
	State(ctx context.Context, who dossier.Person) (KeyState, error)

	// Unlock opens it with a PIN, for the documents of one batch and a limited
	// time. pin is overwritten. An error that is a [*KeyProblem] is the person's
	// to know.
	Unlock(ctx context.Context, who dossier.Person, pin []byte, docs []dossier.DocumentID) error

	// Lock takes that back.
	Lock(ctx context.Context, who dossier.Person)
}

// A KeyProblem says why a key cannot be used, by a code of the pages.
type KeyProblem struct{ Code string }

func (p *KeyProblem) Error() string { return "key: " + p.Code }

// Desk is what the signing desk stands on. Without Batches there is none;
// without Keys nothing is shown of them, and none waits for a PIN.
type Desk struct {
	Batches Batches
	Keys    Keys

	// Where finds where the mark will stand if who orders act on d. Optional.
	Where func(ctx context.Context, d dossier.Document, act dossier.Act, who dossier.Person) (Standing, error)
}

// deskRoutes are the desk's.
func (s *server) deskRoutes() []route {
	at := func(do func(*visit) error) func(*visit) error {
		return func(v *visit) error {
			if s.Desk.Batches == nil {
				return dossier.ErrNotFound
			}
			return do(v)
		}
	}
	return []route{
		{"GET /desk", sign, at(s.deskShow)},
		{"GET /desk/next", sign, at(s.deskNext)},
		{"GET /documents/{id}/mark", sign, s.standing},
		{"POST /desk/batches", sign, at(s.deskOrder)},
		{"GET /desk/batches/{batch}", look, at(s.deskBatch)},
		{"POST /desk/unlock", sign, at(s.deskUnlock)},
		{"POST /desk/lock", sign, at(s.deskLock)},
	}
}

type deskView struct {
	Key     KeyState
	HasKey  bool
	Act     dossier.Act
	Tasks   []task
	All     int   // that "all of them" means
	More    bool  // there are more than that
	Seen    int64 // when the list was made, milliseconds: what changed later was not seen
	Stuck   int   // papers that were ordered and wait for the key
	Batches []dossier.Batch
	Back    []dossier.Act // that may be done instead, with a reason
	N       names
	Problem *problem
}

func (s *server) deskShow(v *visit) error { return s.deskPage(v, http.StatusOK, nil) }

func (s *server) deskPage(v *visit, status int, wrong *problem) error {
	view := deskView{Act: batchAct(v.who.Role), Back: waysBack(v.who.Role), Problem: wrong, Seen: s.Now().UnixMilli()}
	var err error
	if view.Key, view.HasKey, err = s.keyOf(v); err != nil {
		return err
	}
	stuck, err := s.stuck(v)
	if err != nil {
		return err
	}
	view.Stuck = len(stuck)
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	if view.Tasks, err = s.list(v, s.waiting(v, dossier.MostInBatch+1)); err != nil {
		return err
	}
	if view.All = len(view.Tasks); view.All > dossier.MostInBatch {
		view.All, view.More = dossier.MostInBatch, true
	}
	view.Tasks = view.Tasks[:view.All]
	if view.Batches, err = s.Desk.Batches.Batches(v.ctx(), v.who.ID, 10); err != nil {
		return err
	}
	return s.show(v, status, "desk", "desk.title", view)
}

func (s *server) keyOf(v *visit) (KeyState, bool, error) {
	if s.Desk.Keys == nil {
		return KeyState{}, false, nil
	}
	k, err := s.Desk.Keys.State(v.ctx(), v.who)
	return k, true, err
}

// waiting asks for what waits for the act of the visitor's role, the most urgent first.
func (s *server) waiting(v *visit, n int) DocumentQuery {
	var states []dossier.State
	for _, state := range waitingFor(v.who.Role) {
		if slices.Contains(dossier.Acts(state, v.who.Role), batchAct(v.who.Role)) {
			states = append(states, state)
		}
	}
	return DocumentQuery{States: states, Agencies: v.sight.agencies(), Within: v.sight.within, Urgent: true, Limit: n}
}

// deskOrder orders signatures on many documents in one act. What each may be
// done is decided for each; one that cannot keeps none of the others back.
func (s *server) deskOrder(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return invalid("desk.title")
	}
	picks, err := s.picks(v)
	if err != nil {
		return err
	}
	if len(picks) == 0 || len(picks) > dossier.MostInBatch {
		return told("desk-picks", dossier.ErrInvalid)
	}
	if err := s.provenToSign(v); err != nil {
		return err
	}
	b := dossier.Batch{Act: batchAct(v.who.Role), Who: v.who.ID, At: s.Now()}
	var ids []dossier.DocumentID
	for _, pick := range picks {
		id, version, _ := strings.Cut(pick, ":")
		n, err := strconv.ParseInt(version, 10, 64)
		if err != nil {
			return invalid("word.version")
		}
		b.Items = append(b.Items, dossier.BatchItem{Document: dossier.DocumentID(id), Version: n})
		ids = append(ids, dossier.DocumentID(id))
	}
	if err := s.unlock(v, ids); err != nil {
		return s.deskRefused(v, err)
	}
	v.r = v.r.WithContext(context.WithoutCancel(v.ctx())) // one act: who closes the browser does not break it off
	if b, err = s.Desk.Batches.AddBatch(v.ctx(), b); err != nil {
		return err
	}
	for i, pick := range picks {
		problem := ""
		if o := s.one(v, pick, dossier.Change{Act: b.Act}); o.Problem != nil {
			problem = o.Problem.Code
		}
		if err := s.Desk.Batches.Ordered(v.ctx(), b.ID, b.Items[i].Document, problem); err != nil {
			return err
		}
	}
	return v.to("/desk/batches/" + string(b.ID))
}

// picks lists what was ticked, each as it was seen; or all that waited when the
// page was made and has not changed since.
func (s *server) picks(v *visit) ([]string, error) {
	if v.r.PostForm.Get("all") == "" {
		return slices.Compact(slices.Sorted(slices.Values(v.r.PostForm["pick"]))), nil
	}
	seen, err := strconv.ParseInt(v.r.PostForm.Get("seen"), 10, 64)
	if err != nil {
		return nil, invalid("word.version")
	}
	docs, err := s.Documents.Documents(v.ctx(), s.waiting(v, dossier.MostInBatch))
	if err != nil {
		return nil, err
	}
	var picks []string
	for _, d := range docs {
		if d.Changed.UnixMilli() <= seen {
			picks = append(picks, fmt.Sprintf("%s:%d", d.ID, d.Version))
		}
	}
	return picks, nil
}

// unlock opens the key if it waits for a PIN.
func (s *server) unlock(v *visit, docs []dossier.DocumentID) error {
	k, has, err := s.keyOf(v)
	if err != nil || !has || !k.PIN {
		return err
	}
	pin := []byte(v.r.PostForm.Get("pin"))
	v.r.PostForm.Del("pin")
	v.r.Form.Del("pin")
	if len(pin) == 0 || len(pin) > 200 {
		return &KeyProblem{"pin"}
	}
	return s.Desk.Keys.Unlock(v.ctx(), v.who, pin, docs)
}

// deskRefused shows the desk again with what is wrong with the key: nothing was
// ordered.
func (s *server) deskRefused(v *visit, err error) error {
	var k *KeyProblem
	if !errors.As(err, &k) {
		return err
	}
	err = told(k.Code, dossier.ErrInvalid)
	if v.json() {
		return err
	}
	p := problemOf(v.lang, err)
	return s.deskPage(v, p.Status, &p)
}

// stuck lists papers whose signature was ordered and that wait for a key to be
// opened: its time was over, or the house was started again.
func (s *server) stuck(v *visit) ([]dossier.DocumentID, error) {
	state := dossier.Approved
	if v.who.Role == dossier.Officer {
		state = dossier.Attested
	}
	docs, err := s.Documents.Documents(v.ctx(), DocumentQuery{States: []dossier.State{state}, Agencies: v.sight.agencies(), Within: v.sight.within, Troubled: true, Limit: dossier.MostInBatch})
	var ids []dossier.DocumentID
	for _, d := range docs {
		if strings.HasPrefix(d.Trouble, "key-locked") {
			ids = append(ids, d.ID)
		}
	}
	return ids, err
}

// deskUnlock opens the key for what was ordered before and waits for it.
func (s *server) deskUnlock(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return invalid("desk.title")
	}
	ids, err := s.stuck(v)
	if err != nil {
		return err
	}
	if err := s.provenToSign(v); err != nil {
		return err
	}
	if len(ids) > 0 {
		if err := s.unlock(v, ids); err != nil {
			return s.deskRefused(v, err)
		}
	}
	return v.to("/desk")
}

func (s *server) deskLock(v *visit) error {
	if s.Desk.Keys != nil {
		s.Desk.Keys.Lock(v.ctx(), v.who)
	}
	return v.to("/desk")
}

// A paper is one document of a batch and how far its signature is.
type paper struct {
	ID     dossier.DocumentID `json:"id"`
	Stage  string             `json:"stage"`            // failed, refused, waiting, signing, archiving, done or gone
	Reason string             `json:"reason,omitempty"` // in words
	Task   task               `json:"-"`
}

type deskBatchView struct {
	Batch  dossier.Batch
	Papers []paper
	Counts map[string]int
	Busy   bool
	N      names
}

// deskBatch shows how far a batch is, and looks again by itself until it has
// come to its end.
func (s *server) deskBatch(v *visit) error {
	b, err := s.Desk.Batches.Batch(v.ctx(), dossier.BatchID(v.r.PathValue("batch")))
	if err != nil {
		return err
	}
	if b.Who != v.who.ID && v.who.Role != dossier.Auditor && v.who.Role != dossier.Admin {
		return dossier.ErrNotFound
	}
	view := deskBatchView{Batch: b, Counts: map[string]int{}}
	dossiers := map[dossier.Code]dossier.Dossier{}
	for _, item := range b.Items {
		p, err := s.paper(v, b, item, dossiers)
		if err != nil {
			return err
		}
		view.Counts[p.Stage]++
		view.Busy = view.Busy || slices.Contains([]string{"waiting", "signing", "archiving"}, p.Stage)
		view.Papers = append(view.Papers, p)
	}
	if v.json() {
		return v.reply(map[string]any{"batch": b.ID, "act": b.Act, "busy": view.Busy, "counts": view.Counts, "papers": view.Papers})
	}
	if view.N, err = s.names(v.ctx()); err != nil {
		return err
	}
	return s.show(v, http.StatusOK, "desk_batch", "desk.batch", view)
}

// paper finds out how far one document is.
func (s *server) paper(v *visit, b dossier.Batch, item dossier.BatchItem, seen map[dossier.Code]dossier.Dossier) (paper, error) {
	p := paper{ID: item.Document, Stage: "failed"}
	d, err := s.Documents.Document(v.ctx(), item.Document)
	var do dossier.Dossier
	if err == nil {
		var known bool
		if do, known = seen[d.Dossier]; !known {
			do, err = s.Dossiers.Dossier(v.ctx(), d.Dossier)
			seen[d.Dossier] = do
		}
	}
	if err == nil && v.who.ID != "" {
		err = v.allowedFor(look, do, d.Kind)
	}
	if errors.Is(err, dossier.ErrNotFound) {
		p.Stage, p.Reason = "gone", problemOf(v.lang, err).Title
		return p, nil
	} else if err != nil {
		return p, err
	}
	p.Task = task{Document: d, Procedure: do.Procedure}
	if item.Problem == dossier.NotOrdered {
		if ordered, err := s.orderedAfter(v, b, item); err != nil {
			return p, err
		} else if ordered {
			item.Problem = ""
		}
	}
	if item.Problem != "" {
		p.Reason = say(v.lang, "error."+item.Problem)
		return p, nil
	}
	p.Stage = stageOf(b.Act, d)
	switch p.Stage {
	case "waiting":
		p.Reason = machineWords(v.lang, d.Trouble)
	case "refused":
		p.Reason = machineWords(v.lang, d.Why)
	}
	return p, nil
}

// orderedAfter reports whether an item that says it was not ordered was: the house was killed
// after the document had moved and before its batch knew.
func (s *server) orderedAfter(v *visit, b dossier.Batch, item dossier.BatchItem) (bool, error) {
	past, err := s.Documents.Changes(v.ctx(), item.Document)
	return slices.ContainsFunc(past, func(c dossier.Change) bool {
		return c.Version == item.Version+1 && c.Act == b.Act && c.Who == b.Who
	}), err
}

// stageOf says how far what act ordered is on a document.
func stageOf(act dossier.Act, d dossier.Document) string {
	owed := map[dossier.State]string{dossier.Attested: "signing", dossier.Approved: "signing", dossier.Sealed: "archiving"}[d.State]
	switch {
	case d.State == dossier.Refused:
		return "refused"
	case owed == "" || act == dossier.Attest && d.State != dossier.Attested:
		return "done"
	case d.Trouble != "":
		return "waiting"
	}
	return owed
}
