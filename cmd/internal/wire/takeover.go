package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"syscall"

	"sohoa/dossier"
	"sohoa/dossier/backlog"
	"sohoa/dossier/catalogue"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/sheet"
	"sohoa/ingest/sniff"
	"sohoa/ingest/takeover"
	"sohoa/storage/sqldb"
)

// An Archive is a directory of files with its index, digitised elsewhere.
type Archive struct {
	Dir, Index string
	Agency     dossier.AgencyCode // whose it is, or under whom all of it is
	Dry        bool               // say what would come of it
	Resume     bool               // go on with an import that was broken off
	Readers    int                // files that are looked at at once
	Login      string             // of who imports; empty: whom the caller names
}

// ErrArchive: the import cannot be begun so; the text says what to do.
var ErrArchive = errors.New("the archive is not imported")

// archiveNice is how much the import stands behind a service on the same machine.
const archiveNice = 10

// RunArchive takes an archive over into the house of s. A service may be running: the
// import and the children that look at its files stand behind it, and it ends before the
// disk is full.
func RunArchive(ctx context.Context, s Settings, a Archive, who dossier.PersonID) (report takeover.Report, err error) {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, archiveNice) // without it it is only less polite
	err = withRows(ctx, s, func(db *sqldb.DB) error {
		if a.Login != "" { // by their id, under which they do not check what they brought
			p, _, err := db.PersonByLogin(ctx, a.Login)
			if errors.Is(err, dossier.ErrNotFound) {
				return fmt.Errorf("%w: --who %s: nobody has this login", ErrArchive, a.Login)
			} else if err != nil {
				return err
			}
			who = p.ID
		}
		_, report, err = takeArchive(ctx, s, db, db, a, who)
		return err
	})
	return report, err
}

// TakeArchive is [RunArchive] within a service: it stands behind nobody, and what it
// takes is counted and traced as what comes through the door. It returns the import's id
// too, also of one that was done before, with [ErrArchive].
func (h *House) TakeArchive(ctx context.Context, a Archive, who dossier.PersonID) (id string, report takeover.Report, err error) {
	return takeArchive(ctx, h.Settings, h.DB, takenIn{h.DB, h}, a, who)
}

// takenIn tells the house of papers that are taken over within it.
type takenIn struct {
	takeover.Rows
	h *House
}

func (t takenIn) TakePapers(ctx context.Context, list []catalogue.Taking, who dossier.PersonID) error {
	given := slices.Clone(list)
	if err := t.Rows.TakePapers(ctx, list, who); err != nil {
		return err
	}
	for i, x := range list {
		if !x.Filled {
			t.h.received(ctx, x.Paper, given[i].Paper.Received)
		}
	}
	t.h.Worker.Nudge()
	return nil
}

func takeArchive(ctx context.Context, s Settings, db *sqldb.DB, rows takeover.Rows, a Archive, who dossier.PersonID) (id string, report takeover.Report, err error) {
	files, err := os.OpenRoot(a.Dir)
	if err != nil {
		return "", report, err
	}
	defer files.Close()
	sum, err := sumOfFile(a.Index)
	if err != nil {
		return "", report, err
	}
	temp, err := os.MkdirTemp(s.Data, "archive-*")
	if err != nil {
		return "", report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	j, err := jobOf(ctx, s, db, a, temp)
	if err != nil {
		return "", report, err
	}
	j.Door.Vouchers = sniff.NewVouchers(a.Readers, Limits)
	defer j.Door.Vouchers.Close()
	j.Rows, j.Files, j.Import = rows, files, backlog.Import{Sum: sum, Agency: a.Agency, Who: who}
	if !a.Dry {
		if j.Import, err = begin(ctx, db, j.Import, a.Resume); err != nil {
			return j.Import.ID, report, err
		}
		j.Import.Who = who
	}
	report, err = j.Run(ctx)
	return j.Import.ID, report, err
}

func sumOfFile(path string) (digest.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return digest.Digest{}, err
	}
	defer f.Close()
	sum, _, err := digest.Read(f)
	return sum, err
}

// begin begins an import, or goes on with the one that is there if that is wanted.
func begin(ctx context.Context, db *sqldb.DB, i backlog.Import, resume bool) (backlog.Import, error) {
	kept, err := db.BeginArchive(ctx, i)
	switch {
	case err != nil:
		return kept, err
	case !kept.Ended.IsZero():
		return kept, fmt.Errorf("%w: this index is imported already, up to its last row (%d papers taken)", ErrArchive, kept.Taken)
	case kept.Row > 0 && !resume:
		return kept, fmt.Errorf("%w: it was broken off behind row %d; go on with --resume", ErrArchive, kept.Row)
	}
	return kept, nil
}

func jobOf(ctx context.Context, s Settings, db *sqldb.DB, a Archive, temp string) (*takeover.Job, error) {
	s, err := s.under(ctx, db)
	if err != nil {
		return nil, err
	}
	blobs, err := openBlobs(ctx, s)
	if err != nil {
		return nil, err
	}
	h, err := houseOf(ctx, db, s.now())
	if err != nil {
		return nil, err
	}
	if _, ok := h.Agencies[a.Agency]; !ok {
		return nil, fmt.Errorf("%w: the house has no agency %s", ErrArchive, a.Agency)
	}
	below, err := db.Below(ctx, a.Agency)
	if err != nil {
		return nil, err
	}
	return &takeover.Job{House: h, Below: slices.Clone(below), Dry: a.Dry, Readers: a.Readers,
		Door: &ingest.Door{Rows: db, Blobs: blobs, Limits: Limits, Temp: temp, Now: s.now, Malware: s.malware(db, slog.New(slog.DiscardHandler))},
		Each: func(ctx context.Context, do func(catalogue.Row) error) error {
			t, err := sheet.Each(ctx, a.Index, temp, do)
			if err == nil && t.More {
				err = fmt.Errorf("%w: the index has more than %d rows; split it", ErrArchive, sheet.MostLong)
			}
			return err
		},
		Room: func() error {
			if a.Dry {
				return nil
			}
			return spacious(s.Data)
		},
	}, nil
}

// spacious says that there is no room to take more over: a service may be running, and
// is not to meet a full disk. How many papers wait is no bound here: they lie in the lane
// of the backlog, which keeps nobody waiting.
func spacious(dir string) error {
	free, low := freeIn(dir)
	if !low {
		return nil
	}
	return fmt.Errorf("%w: only %d MiB are free on the disk of %s; make room, and run it again with --resume: what was taken stays", ErrArchive, free>>20, dir)
}
