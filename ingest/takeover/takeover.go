// Package takeover brings archives that were digitised elsewhere into the house: a
// directory of files, and an index that says of each which dossier it belongs to.
//
// The index is read row by row and the files one after the other: memory does not grow
// with either. A row is taken whole or not at all: its file is looked at in a child
// before its dossier is written. What is done is entered some rows at a time with the
// cursor, and every step gives the same when it is done twice, so a broken import goes
// on where it was. Papers go in the lane of the backlog.
package takeover

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/malware"
	"sohoa/ingest/office"
	"sohoa/jail"
)

// Rows are what is needed of the database.
type Rows interface {
	DossiersByCode(ctx context.Context, codes []dossier.Code) ([]dossier.Dossier, error)
	HoldersByNumber(ctx context.Context, numbers []string) ([]dossier.Holder, error)
	TakePapers(ctx context.Context, list []catalogue.Taking, who dossier.PersonID) error
	ScanKept(ctx context.Context, sum digest.Digest) (bool, error)
	ArchiveDone(ctx context.Context, id string, from, to int, c backlog.Counts, papers []dossier.DocumentID, faults []catalogue.Problem) error
	EndArchive(ctx context.Context, id string, who dossier.PersonID) error
}

// A Job is one archive to be taken over.
type Job struct {
	Rows    Rows
	Door    *ingest.Door
	Files   *os.Root        // nothing outside of it is opened
	House   catalogue.House // without dossiers and holders
	Import  backlog.Import  // as it was begun; of a dry run Agency and Who
	Below   []dossier.AgencyCode
	Dry     bool
	Readers int // files that are looked at at once; at least 1

	// Each calls do for every row of the index.
	Each func(ctx context.Context, do func(catalogue.Row) error) error

	// Room is called before some rows are taken; its error says that there is none for
	// more.
	Room func() error

	reader *catalogue.ArchiveReader
	report Report
}

// A Report is what came of an archive.
type Report struct {
	Columns  map[string]int      `json:"columns"` // which column of the index, from 1, was read as what
	Counts   backlog.Counts      `json:"counts"`  // of this run
	Problems []catalogue.Problem `json:"problems"`
	More     bool                `json:"more"` // there are more problems; the rows have all of them
}

// perStep is how many rows are entered together; mostProblems how many problems a
// report repeats.
const (
	perStep      = 64
	mostProblems = 1000
)

// Run takes the archive over, or says what would come of it. An error is a fault of
// ours, or of an index that cannot be read; what is wrong with rows is in the report.
func (j *Job) Run(ctx context.Context) (Report, error) {
	j.report = Report{Problems: []catalogue.Problem{}}
	var waiting []catalogue.Row
	flush := func(all bool) error {
		if j.reader == nil {
			if len(waiting) < catalogue.HeadRows && !all {
				return nil
			}
			reader, rest, found := catalogue.NewArchive(waiting, j.Import.Agency, j.Below)
			if reader == nil {
				j.tell(found)
				return errHead
			}
			j.reader, waiting, j.report.Columns = reader, rest, reader.Columns()
		}
		for len(waiting) >= perStep || all && len(waiting) > 0 {
			n := min(perStep, len(waiting))
			if err := j.step(ctx, waiting[:n]); err != nil {
				return err
			}
			waiting = slices.Clone(waiting[n:])
		}
		return nil
	}
	err := j.Each(ctx, func(r catalogue.Row) error {
		if j.reader != nil && r.Number <= j.Import.Row { // done before
			return nil
		}
		waiting = append(waiting, r)
		return flush(false)
	})
	if err == nil {
		err = flush(true)
	}
	if errors.Is(err, errHead) {
		return j.report, nil
	}
	if err == nil && !j.Dry {
		err = j.Rows.EndArchive(ctx, j.Import.ID, j.Import.Who)
	}
	return j.report, err
}

var errHead = errors.New("no head was found")

func (j *Job) tell(found []catalogue.Problem) {
	room := max(0, mostProblems-len(j.report.Problems))
	j.report.More = j.report.More || len(found) > room
	j.report.Problems = append(j.report.Problems, found[:min(room, len(found))]...)
}

// step takes some rows over and moves the cursor behind them.
func (j *Job) step(ctx context.Context, rows []catalogue.Row) error {
	to := rows[len(rows)-1].Number
	rows = slices.DeleteFunc(slices.Clone(rows), func(r catalogue.Row) bool { return r.Number <= j.Import.Row })
	if len(rows) == 0 {
		return nil
	}
	if err := j.Room(); err != nil {
		return err
	}
	h, err := j.knowing(ctx, rows)
	if err != nil {
		return err
	}
	orders, found := j.reader.Read(rows, h)
	papers := j.look(ctx, orders)
	defer func() {
		for _, p := range papers {
			if p.held != nil {
				p.held.Close()
			}
		}
	}()
	c := backlog.Counts{Rows: len(rows)}
	documents, more, err := j.take(ctx, papers, &c)
	if err != nil {
		return err
	}
	found = append(found, more...)
	slices.SortStableFunc(found, func(a, b catalogue.Problem) int { return a.Row - b.Row })
	bad := map[int]bool{}
	for _, p := range found {
		if !p.Note {
			bad[p.Row] = true
		}
	}
	c.Bad = len(bad)
	if !j.Dry {
		if err := j.Rows.ArchiveDone(ctx, j.Import.ID, j.Import.Row, to, c, documents, found); err != nil {
			return err
		}
	}
	j.Import.Row = to
	j.report.Counts.Add(c)
	j.tell(found)
	return nil
}

// knowing is the house with the dossiers and holders that rows name.
func (j *Job) knowing(ctx context.Context, rows []catalogue.Row) (catalogue.House, error) {
	h := j.House
	h.Dossiers, h.Holders, h.HolderNumbers = map[dossier.Code]dossier.Dossier{}, map[string]dossier.Holder{}, map[dossier.HolderID]string{}
	codes, numbers := catalogue.DossierKeys(j.reader.Named(rows))
	known, err := j.Rows.DossiersByCode(ctx, codes)
	if err != nil {
		return h, err
	}
	for _, d := range known {
		h.Dossiers[d.Code] = d
	}
	holders, err := j.Rows.HoldersByNumber(ctx, numbers)
	for _, x := range holders {
		h.Holders[x.Number], h.HolderNumbers[x.ID] = x, x.Number
	}
	return h, err
}

// A paper is a row whose file was looked at.
type paper struct {
	catalogue.PaperOrder
	held  *ingest.Held
	bad   string // code of what is wrong with the file
	seen  string
	again bool  // its bytes are in the house already
	err   error // of ours
}

// look looks at the files of orders, some at once; none is kept yet.
func (j *Job) look(ctx context.Context, orders []catalogue.PaperOrder) []paper {
	papers := make([]paper, len(orders))
	turns := make(chan struct{}, max(1, j.Readers))
	var all sync.WaitGroup
	for i, o := range orders {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			papers[i] = j.lookAt(ctx, o)
		})
	}
	all.Wait()
	return papers
}

func (j *Job) lookAt(ctx context.Context, o catalogue.PaperOrder) (p paper) {
	p.PaperOrder = o
	if slices.Contains(office.Extensions, strings.ToLower(path.Ext(o.File))) && !office.Installed() {
		p.bad = "file-office"
		return p
	}
	var refusal *jail.Refusal
	if p.err = ingest.NotSecret(ctx, j.Door.Rows, o.Dossier.Code, o.Slot); p.err == nil {
		p.held, p.err = j.open(ctx, o.File)
	}
	if p.err == nil && !j.Dry {
		p.err = j.Door.Keep(ctx, p.held)
	}
	switch {
	case errors.As(p.err, &refusal):
		p.bad, p.seen, p.err = "file-refused", refusal.Code, nil
	case errors.Is(p.err, errNoFile):
		p.bad, p.err = "file-missing", nil
	}
	return p
}

var errNoFile = errors.New("there is no such file")

// open looks at a plain file below the directory. A link is none: what it leads to may
// be another by the time it is read. The error does not repeat the name.
func (j *Job) open(ctx context.Context, name string) (*ingest.Held, error) {
	info, err := j.Files.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "escapes") && !errors.Is(err, fs.ErrInvalid) {
			return nil, bare(err)
		}
		return nil, errNoFile
	}
	f, err := j.Files.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	if now, err := f.Stat(); err != nil || !os.SameFile(info, now) {
		return nil, errNoFile
	}
	return j.Door.Examine(ctx, f, nil, malware.Trace{Door: "archives", Who: string(j.Import.Who)})
}

// bare is an error of a file without the file's name.
func bare(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return fmt.Errorf("%s a file of the archive: %w", of.Op, of.Err)
	}
	return err
}

// take enters papers that were looked at, with their dossiers, in one transaction, and
// counts them. It returns the documents that they are in the house, and what is wrong.
func (j *Job) take(ctx context.Context, papers []paper, c *backlog.Counts) (documents []dossier.DocumentID, found []catalogue.Problem, err error) {
	tell := func(p paper, field, code, seen string, note bool) {
		found = append(found, catalogue.Problem{Row: p.Row, Field: field, Code: code, Seen: seen, Note: note})
	}
	began := j.Door.Now().Truncate(time.Millisecond)
	here := map[digest.Digest]bool{} // of these rows
	var list []catalogue.Taking
	var of []paper
	for _, p := range papers {
		switch {
		case p.err != nil:
			return nil, nil, fmt.Errorf("row %d: %w", p.Row, p.err)
		case p.bad != "":
			tell(p, "file", p.bad, p.seen, false)
			continue
		}
		if p.again, err = j.Rows.ScanKept(ctx, p.held.Sum); err != nil {
			return nil, nil, err
		}
		p.again = p.again || here[p.held.Sum] && !j.Dry
		here[p.held.Sum] = true
		in := ingest.Intake{Dossier: p.Dossier.Code, Slot: p.Slot, Who: j.Import.Who, Lane: dossier.Backlog}
		list, of = append(list, catalogue.Taking{DossierOrder: p.DossierOrder, Paper: j.Door.Document(in, p.held)}), append(of, p)
	}
	if !j.Dry {
		if err := j.Rows.TakePapers(ctx, list, j.Import.Who); err != nil {
			return nil, nil, fmt.Errorf("rows %d to %d: %w", papers[0].Row, papers[len(papers)-1].Row, err)
		}
	}
	for i, p := range of {
		x := list[i]
		if x.Filled {
			tell(p, "slot", "slot-filled", string(p.Slot), false)
			continue
		}
		if !j.Dry {
			documents = append(documents, x.Paper.ID)
			if x.Paper.Received.Before(began) {
				c.Same++
				continue
			}
		}
		j.count(p, c)
		if p.again {
			c.Twice++
			tell(p, "file", "file-again", "", true)
		}
	}
	return documents, found, nil
}

// count adds a paper that was taken.
func (j *Job) count(p paper, c *backlog.Counts) {
	c.Taken++
	c.Pages += p.held.Report.Pages
	c.Bytes += p.held.Size
	if p.held.Report.Signed {
		c.Signed++
	}
	if p.held.Report.Working != "" {
		c.Mended++
	}
}
