package sqldb

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/backlog"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
	"sohoa/dossier/project"
	"sohoa/dossier/sampling"
	"sohoa/storage/ledger"
)

var leader = account.By{Who: "p1", Role: dossier.Clerk}

// backlog makes a project with p2 who brings and p3 and p4 who check.
func (h *house) backlog(m project.Method) project.Project {
	h.t.Helper()
	h.people(dossier.Person{ID: "p1", Role: dossier.Clerk}, dossier.Person{ID: "p2", Role: dossier.Counter}, dossier.Person{ID: "p3", Role: dossier.Counter}, dossier.Person{ID: "p4", Role: dossier.Counter})
	p, err := h.AddProject(h.ctx, project.Plan{Name: "Kho cũ", Agency: "H60.12", Dossiers: 40, Kinds: []dossier.KindCode{"GKS"}, From: "2026-11-02", To: "2026-12-31",
		Method: m, Level: "II", AQL: "1.0"}, leader)
	h.must(err)
	h.must(h.PutMember(h.ctx, p.ID, "p2", project.Bring, false, leader))
	h.must(h.PutMember(h.ctx, p.ID, "p3", project.Check, false, leader))
	h.must(h.PutMember(h.ctx, p.ID, "p4", project.Check, false, leader))
	return p
}

// import brings n papers of a kind as one import of p2, tied to p.
func (h *house) brought(p project.Project, name string, n int, slot dossier.SlotCode) (papers []dossier.DocumentID) {
	h.t.Helper()
	i, err := h.BeginArchive(h.ctx, backlog.Import{Sum: digest.Of([]byte(name)), Agency: "H60.12", Who: "p2"})
	h.must(err)
	h.must(h.TieToProject(h.ctx, p.ID, project.Tie{Source: project.Import, Ref: i.ID, Scanner: "máy 1", Shelf: "K1"}, leader))
	for range n {
		papers = append(papers, h.add(h.newDossier().Code, slot).ID)
	}
	h.must(h.ArchiveDone(h.ctx, i.ID, 0, n, backlog.Counts{Rows: n, Taken: n}, papers, nil))
	h.must(h.EndArchive(h.ctx, i.ID, "p2"))
	return papers
}

// What is done of a project is what rows say: papers of its batches and imports, of the
// kinds of its plan, each once, whoever says it again.
func TestProjectProgress(t *testing.T) {
	h := newHouse(t)
	p := h.backlog(project.Sample)
	if _, err := h.AddProject(h.ctx, project.Plan{Name: "x"}, leader); !errors.Is(err, dossier.ErrInvalid) {
		t.Error(err)
	}
	h.brought(p, "một", 3, "T1")
	h.brought(p, "hai", 2, "T2") // another kind
	b := h.batch("lô", batch.Look{Picture: "x"}, batch.Look{Picture: "y"})
	batch.Separate(b.Sides, batch.Parting{})
	h.must(h.ProposeBatch(h.ctx, b))
	d := h.add(h.newDossier().Code, "T1")
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[:1], d.ID, "", bringer)) // before anybody says of which project it is
	tie := project.Tie{Source: project.Batch, Ref: string(b.ID), Shelf: "K2"}
	h.must(h.TieToProject(h.ctx, p.ID, tie, leader))
	h.must(h.TieToProject(h.ctx, p.ID, tie, leader))
	second := h.add(d.Dossier, "T2") // of the same dossier, of no kind of the plan
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[1:], second.ID, "", bringer))
	h.must(h.EnteredBatch(h.ctx, b.ID, b.Sides[1:], second.ID, "", bringer))
	n, err := h.ProjectProgress(h.ctx, p.ID)
	h.must(err)
	want := project.Progress{Batches: 1, Imports: 2, ImportsDone: 2, Shelves: 1, Papers: 4, Pages: 4 * d.Pages, Dossiers: 4, Others: 3}
	if n != want {
		t.Errorf("%+v, want %+v", n, want)
	}
	// The sums are those of the rows that they are sums of.
	var papers, dossiers int
	h.must(h.read.QueryRowContext(h.ctx, "SELECT COUNT(*), COUNT(DISTINCT dossier) FROM project_papers WHERE project = $1 AND planned = 1", string(p.ID)).Scan(&papers, &dossiers))
	if papers != n.Papers || dossiers != n.Dossiers {
		t.Errorf("%d papers, %d dossiers", papers, dossiers)
	}
	days, err := h.ProjectDays(h.ctx, p.ID)
	h.must(err)
	if len(days) != 2 || days[1].Who != "p2" || days[1].Papers != 3 {
		t.Errorf("%+v", days)
	}
	other, err := h.AddProject(h.ctx, project.Plan{Name: "khác", Agency: "H60.12", Dossiers: 1, From: "2026-11-02", To: "2026-12-31", Method: project.Sample, Level: "II", AQL: "1.0"}, leader)
	h.must(err)
	if err := h.TieToProject(h.ctx, other.ID, tie, leader); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("a batch of two projects: %v", err)
	}
	h.must(h.EndProject(h.ctx, p.ID, leader))
	if err := h.TieToProject(h.ctx, p.ID, project.Tie{Source: project.Batch, Ref: string(h.batch("sau").ID)}, leader); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("it has ended: %v", err)
	}
	if list, err := h.Projects(h.ctx, []dossier.AgencyCode{"H60.13"}, "", 9); err != nil || len(list) != 0 {
		t.Errorf("another agency's: %v, %v", list, err)
	}
}

// A lot's papers are fixed, then its sample is drawn by the ledger; another draws the
// same from what the ledger has; who brought a paper does not check it; a rejected lot
// is done anew as a whole before it is shown again.
func TestProjectLot(t *testing.T) {
	h := newHouse(t)
	p := h.backlog(project.Sample)
	papers := h.brought(p, "một", 30, "T1")
	l, err := h.CloseLot(h.ctx, p.ID, 0, leader)
	h.must(err)
	if l.Size != 30 || l.Sum != project.SumOf(papers) {
		t.Fatalf("%+v", l)
	}
	late := h.brought(p, "muộn", 2, "T1") // after the lot was closed
	if _, err := h.CloseLot(h.ctx, p.ID, 0, leader); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("a lot before it is not judged: %v", err)
	}
	h.must(h.DrawLot(h.ctx, p.ID, 1))
	h.must(h.DrawLot(h.ctx, p.ID, 1))
	l, err = h.Lot(h.ctx, p.ID, 1)
	h.must(err)
	picks, err := h.Picks(h.ctx, p.ID, 1, 1)
	h.must(err)
	r := l.Last()
	if r.N != 13 || r.Accept != 0 || r.Reject != 1 || r.Severity != sampling.Normal || len(picks) != 13 || slices.ContainsFunc(picks, func(x project.Pick) bool { return slices.Contains(late, x.Document) }) {
		t.Fatalf("%+v, %d picks", r, len(picks))
	}
	// Again from the ledger alone.
	event, err := h.LogEvent(h.ctx, r.Place)
	h.must(err)
	e, err := ledger.Parse(event)
	h.must(err)
	root, err := h.LogRoot(h.ctx, r.Place+1)
	h.must(err)
	if e.Act != string(dossier.LotClosed) || e.ID != r.Event || e.Sum != l.Sum.String() || e.Subject != string(p.ID) || project.SeedOf(root, l.Sum) != r.Seed {
		t.Errorf("the ledger says otherwise: %s", event)
	}
	again, err := project.Drawn(r.Seed, papers, 13)
	h.must(err)
	for _, x := range picks {
		if !slices.Contains(again, x.Document) {
			t.Errorf("%s was not drawn", x.Document)
		}
	}

	p2, p3 := account.By{Who: "p2", Role: dossier.Counter}, account.By{Who: "p3", Role: dossier.Counter}
	h.must(h.PutMember(h.ctx, p.ID, "p2", project.Check, false, leader))
	if _, err := h.CheckPaper(h.ctx, p.ID, 1, picks[0].Document, nil, p2); !errors.Is(err, project.ErrOwnPaper) {
		t.Errorf("their own paper: %v", err)
	}
	if _, err := h.CheckPaper(h.ctx, p.ID, 1, picks[0].Document, nil, leader); !errors.Is(err, project.ErrNotOnTeam) {
		t.Errorf("not of the team: %v", err)
	}
	if _, err := h.CheckPaper(h.ctx, p.ID, 1, late[0], nil, p3); !errors.Is(err, dossier.ErrNotFound) {
		t.Errorf("not of the sample: %v", err)
	}
	if _, err := h.RedoPapers(h.ctx, p.ID, 1, papers, p2); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("it is not rejected: %v", err)
	}
	verdict, err := h.CheckPaper(h.ctx, p.ID, 1, picks[0].Document, nil, p3)
	h.must(err)
	if verdict != sampling.Open {
		t.Error(verdict)
	}
	if verdict, err = h.CheckPaper(h.ctx, p.ID, 1, picks[1].Document, []project.Flaw{"missing-page", "crooked"}, p3); err != nil || verdict != sampling.Rejected {
		t.Fatalf("%s, %v", verdict, err)
	}
	if _, err := h.CheckPaper(h.ctx, p.ID, 1, picks[2].Document, nil, p3); !errors.Is(err, dossier.ErrConflict) {
		t.Errorf("it is judged: %v", err)
	}
	if shown, err := h.RedoPapers(h.ctx, p.ID, 1, papers[:29], p2); err != nil || shown {
		t.Errorf("29 of 30 done anew: %v, %v", shown, err)
	}
	if left, err := h.LotPapers(h.ctx, p.ID, 1, true, "", 9); err != nil || len(left) != 1 {
		t.Errorf("%d left, %v", len(left), err)
	}
	if shown, err := h.RedoPapers(h.ctx, p.ID, 1, papers, p2); err != nil || !shown {
		t.Fatalf("%v, %v", shown, err)
	}
	h.must(h.DrawLot(h.ctx, p.ID, 1))
	l, err = h.Lot(h.ctx, p.ID, 1)
	h.must(err)
	if len(l.Rounds) != 2 || l.Rounds[1].Severity != sampling.Tightened || l.Rounds[1].Seed == l.Rounds[0].Seed {
		t.Errorf("%+v", l.Rounds)
	}
	picks, err = h.Picks(h.ctx, p.ID, 1, 2)
	h.must(err)
	for _, x := range picks {
		verdict, err = h.CheckPaper(h.ctx, p.ID, 1, x.Document, nil, p3)
		h.must(err)
	}
	if verdict != sampling.Accepted {
		t.Errorf("second round: %q", verdict)
	}
	looked, err := h.AllPicks(h.ctx, p.ID)
	h.must(err)
	q := project.QualityOf(looked)
	if q.All.Papers != 2+len(picks) || q.All.Defects != 2 || q.All.Bad != 1 || len(q.ByFlaw) != 2 || q.ByPerson[0].Key != "p2" || q.ByScanner[0].Key != "máy 1" {
		t.Errorf("%+v", q)
	}
	if next, err := h.CloseLot(h.ctx, p.ID, 0, leader); err != nil || next.Number != 2 || next.Size != 2 {
		t.Errorf("%+v, %v", next, err)
	}
}

// Two people type a paper's fields without seeing each other's; what agrees is
// confirmed, what differs neither of them settles.
func TestTypedTwice(t *testing.T) {
	h := newHouse(t)
	p := h.backlog(project.Double)
	id := h.brought(p, "một", 1, "T1")[0]
	d, err := h.Document(h.ctx, id)
	h.must(err)
	d = h.to(d, dossier.Extracted)
	typed := func(title string) []dossier.Field {
		return []dossier.Field{{Name: dossier.FieldTitle, Value: title, Confidence: 100}, {Name: dossier.FieldIssued, Value: "2015-03-02", Confidence: 100}}
	}
	confirm := func(who dossier.PersonID, title string) error {
		_, err := h.Advance(h.ctx, d, dossier.Change{Act: dossier.Confirm, By: dossier.Counter, Who: who, At: h.now(), Fields: typed(title)})
		return err
	}
	if err := confirm("p2", "Một"); !errors.Is(err, project.ErrTwice) {
		t.Fatalf("confirmed by one person: %v", err)
	}
	by := func(who dossier.PersonID) account.By { return account.By{Who: who, Role: dossier.Counter} }
	_, err = h.TypeEntry(h.ctx, id, typed("Giấy khai sinh"), by("p2"))
	h.must(err)
	if _, err := h.TypeEntry(h.ctx, id, typed("Giấy khai sinh"), by("p2")); !errors.Is(err, project.ErrTyped) {
		t.Errorf("twice by one: %v", err)
	}
	entries, err := h.TypeEntry(h.ctx, id, typed("Giấy khai sanh"), by("p3"))
	h.must(err)
	diff := project.Differences(entries[0].Fields, entries[1].Fields)
	if len(diff) != 1 || diff[0] != (project.Difference{Name: dossier.FieldTitle, First: "Giấy khai sinh", Second: "Giấy khai sanh"}) {
		t.Errorf("%+v", diff)
	}
	if open, err := h.Unsettled(h.ctx, p.ID, "", 9); err != nil || !slices.Equal(open, []dossier.DocumentID{id}) {
		t.Errorf("%v, %v", open, err)
	}
	if err := confirm("p3", "Giấy khai sanh"); !errors.Is(err, project.ErrTyped) {
		t.Errorf("one of the two settles: %v", err)
	}
	h.must(confirm("p4", "Giấy khai sinh"))
	if n, err := exists(h.ctx, h.read, "SELECT 1 FROM project_entries"); err != nil || n {
		t.Errorf("what was typed is kept beside the document: %v", err)
	}
	typists, err := h.Typists(h.ctx, p.ID)
	h.must(err)
	if fmt.Sprint(typists) != "[{p2 1 0} {p3 1 1}]" {
		t.Errorf("%v", typists)
	}
	h.clock.move(time.Minute)
}
