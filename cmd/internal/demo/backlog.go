package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/project"
	"sohoa/ingest/sheet"
	"sohoa/specimen"
	"sohoa/web/clicker"
)

// A Backlog takes a backlog project of the demonstration up to where somebody who
// watches goes on: results of an earlier year are taken over from files, two lots are
// closed, the first is judged, and of the second one paper is left to be looked at.
//
// The papers are of dossiers that were received and resolved in [backlogYear]: this
// year's figures do not count them.
type Backlog struct {
	Base   string // http://host:port of the pages
	Logins []Login
	People map[dossier.Role]dossier.PersonID
	Now    time.Time
	Temp   string // directory for the files of the archive, which is emptied at a start

	// Project is one that was begun before and broken off; empty: it is begun.
	Project project.ID

	// Import does what `sohoa archive import` does, and does nothing twice. It returns
	// the import's id and its papers that are on their way.
	Import func(ctx context.Context, dir, index string, who dossier.PersonID) (id string, papers []dossier.DocumentID, err error)
}

const (
	backlogPapers  = 8 // that are taken over
	backlogLot     = 5 // of which are the first lot
	backlogPlanned = 40
	backlogYear    = 2021 // before every tier's first day ([project.Roadmap])
	backlogSeed    = 107
)

// Run does it.
func (b *Backlog) Run(ctx context.Context) error {
	people, err := logIn(ctx, b.Base, b.Logins)
	if err != nil {
		return err
	}
	clerk, counter := people[dossier.Clerk], people[dossier.Counter]
	if b.Project == "" {
		if b.Project, err = clerk.BeginProject(ctx, b.plan()); err != nil {
			return fmt.Errorf("begin a project: %w", err)
		}
	}
	for role, duty := range map[dossier.Role]project.Duty{dossier.Counter: project.Bring, dossier.Officer: project.Check} {
		if err := clerk.PutMember(ctx, b.Project, b.People[role], duty); err != nil {
			return fmt.Errorf("a project's team: %w", err)
		}
	}
	id, papers, err := b.bring(ctx)
	if err != nil {
		return fmt.Errorf("an archive: %w", err)
	}
	if err := clerk.Tie(ctx, b.Project, project.Tie{Source: project.Import, Ref: id, Shelf: "Giá 1"}); err != nil {
		return fmt.Errorf("tie an archive to its project: %w", err)
	}
	if err := clicking(ctx, people, func(ctx context.Context) error { return settled(ctx, counter, papers) }); err != nil {
		return err
	}
	return b.judge(ctx, clerk, people[dossier.Officer])
}

func (b *Backlog) plan() project.Plan {
	return project.Plan{Name: fmt.Sprintf("Số hóa kho kết quả năm %d", backlogYear), Agency: Root, Kinds: []dossier.KindCode{"GKS", "GP", "GCN", "QD"},
		Shelves: 5, Decimetres: 12, Dossiers: backlogPlanned, From: b.Now.Format(time.DateOnly), To: b.Now.AddDate(0, 2, 0).Format(time.DateOnly),
		Method: project.Sample, Level: "II", AQL: "6.5"}
}

// judge has two lots closed. The first is looked at to its end, the second but for one
// paper. No flaw is put into any paper, and none is told.
func (b *Backlog) judge(ctx context.Context, clerk, checker *clicker.Person) error {
	for lot, left := range []int{0, 1} {
		lot++
		if err := clerk.CloseLot(ctx, b.Project, backlogLot); err != nil {
			return fmt.Errorf("close lot %d: %w", lot, err)
		}
		sample, err := checker.Sample(ctx, b.Project, lot)
		if err != nil {
			return err
		}
		for _, d := range sample[:max(0, len(sample)-left)] {
			if err := checker.Check(ctx, b.Project, lot, d); err != nil {
				return fmt.Errorf("check a paper of lot %d: %w", lot, err)
			}
		}
	}
	return nil
}

// bring makes the archive, which is the same whenever it is made, and has it taken over.
func (b *Backlog) bring(ctx context.Context) (id string, papers []dossier.DocumentID, err error) {
	dir, err := os.MkdirTemp(b.Temp, "demo-*")
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	press, err := specimen.NewPress()
	if err != nil {
		return "", nil, err
	}
	rnd := rand.New(rand.NewPCG(backlogSeed, 99))
	var rows [][]string
	for i := range backlogPapers {
		row, err := b.paper(press, rnd, dir, i)
		if err != nil {
			return "", nil, err
		}
		rows = append(rows, row)
	}
	index := filepath.Join(dir, "muc-luc.csv")
	f, err := os.OpenFile(index, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", nil, err
	}
	if err := errors.Join(sheet.Write(f, "csv", catalogue.Archive.Names("vi"), rows), f.Close()); err != nil {
		return "", nil, err
	}
	return b.Import(ctx, dir, index, b.People[dossier.Counter])
}

// paper writes the i-th result into dir, and returns its row of the index.
func (b *Backlog) paper(press *specimen.Press, rnd *rand.Rand, dir string, i int) ([]string, error) {
	var issuing []dossier.Procedure
	for _, p := range procedures {
		if p.ResultKind != "" && p.ResultKind != "XN" { // a confirmation is of no use after some months
			issuing = append(issuing, p)
		}
	}
	p, at := issuing[i%len(issuing)], agencies[2+i%(len(agencies)-2)]
	received := time.Date(backlogYear, time.Month(2+i), 3+2*i, 0, 0, 0, 0, dossier.VietNam)
	resolved, seed := received.AddDate(0, 0, p.Days), rnd.Uint64()
	about := specimen.About{Agency: at.Name, Parent: agencies[0].Name, Holder: name(rnd), HolderNumber: number(rnd), Date: resolved, Pages: 1}
	file, err := press.Paper(shapes[p.ResultKind].kind, seed, about).File(specimen.TIFFJPEG, 200, specimen.Office(seed), seed)
	if err != nil {
		return nil, fmt.Errorf("make a paper: %w", err)
	}
	row := map[string]string{"code": fmt.Sprintf("%s-%s-%04d", at.Code, received.Format("060102"), i+1), "procedure": string(p.Code), "procedureName": p.Name,
		"receiving": string(at.Code), "competent": string(at.Code), "number": about.HolderNumber, "name": about.Holder,
		"received": received.Format(time.DateOnly), "resolved": resolved.Format(time.DateOnly), "slot": string(dossier.ResultSlot), "file": fmt.Sprintf("%04d.tif", i+1)}
	var cells []string
	for _, c := range catalogue.Archive {
		cells = append(cells, row[c.Field])
	}
	return cells, os.WriteFile(filepath.Join(dir, row["file"]), file.Bytes, 0o600)
}
