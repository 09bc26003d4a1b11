package crowd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/sqldb"
)

// Count opens the rows and files of a service that stands still, and counts for
// itself: every document of answered is archived exactly once, its ledger leads
// there, each of its files hashes to its name, and there are no others. Program is
// the service's, of which no process may be left.
func Count(ctx context.Context, db *sqldb.DB, blobs blob.Store, program string, answered []dossier.DocumentID) error {
	var wrong []error
	archived := map[dossier.DocumentID]bool{}
	for _, id := range answered {
		if archived[id] {
			wrong = append(wrong, fmt.Errorf("two uploads were answered with document %s", id))
		}
		archived[id] = true
		if err := whole(ctx, db, blobs, id); err != nil {
			wrong = append(wrong, fmt.Errorf("document %s: %w", id, err))
		}
	}
	all, err := db.Documents(ctx, dossier.DocumentQuery{Limit: 10 * len(answered)})
	if err != nil {
		return err
	}
	if len(all) != len(answered) {
		wrong = append(wrong, fmt.Errorf("%d uploads were answered, %d documents stand", len(answered), len(all)))
	}
	left, err := leftBehind(program)
	if err != nil {
		return err
	}
	for _, pid := range left {
		wrong = append(wrong, fmt.Errorf("process %s was left behind", pid))
	}
	if len(wrong) > 0 {
		return errors.Join(wrong[:min(len(wrong), 20)]...)
	}
	fmt.Printf("drill: counted again: %d answered, %d documents, %d archived exactly once, 0 lost, 0 doubled, 0 processes left\n",
		len(answered), len(all), len(archived))
	return nil
}

// whole says what is wrong with a document that should be archived once.
func whole(ctx context.Context, db *sqldb.DB, blobs blob.Store, id dossier.DocumentID) error {
	d, err := db.Document(ctx, id)
	if err != nil {
		return err
	}
	if d.State != dossier.Archived {
		return fmt.Errorf("stands at %s: %s", d.State, d.Why)
	}
	past, err := db.Changes(ctx, id)
	if err != nil {
		return err
	}
	state := dossier.Received
	for i, c := range past {
		if c.Version != int64(i) {
			return fmt.Errorf("change %d has version %d", i, c.Version)
		}
		if i == 0 {
			continue
		}
		if state, err = dossier.Next(state, c.Act, c.By); err != nil {
			return err
		}
	}
	if state != dossier.Archived || int64(len(past)-1) != d.Version {
		return fmt.Errorf("the ledger ends at %s after %d changes, the row at version %d", state, len(past), d.Version)
	}
	for part, sum := range d.Parts {
		if err := same(ctx, blobs, sum); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return once(ctx, db, d)
}

// once says whether the holder's record has the document exactly once.
func once(ctx context.Context, db *sqldb.DB, d dossier.Document) error {
	of, err := db.Dossier(ctx, d.Dossier)
	if err != nil {
		return err
	}
	entries, err := db.Entries(ctx, of.Holder, time.Time{})
	if err != nil {
		return err
	}
	n := 0
	for _, e := range entries {
		if e.Document == d.ID {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("the record has it %d times", n)
	}
	return nil
}

func same(ctx context.Context, blobs blob.Store, sum digest.Digest) error {
	r, err := blobs.Open(ctx, sum)
	if err != nil {
		return err
	}
	defer r.Close()
	got, _, err := digest.Read(r)
	if err == nil && got != sum {
		err = fmt.Errorf("bytes of %s have digest %s", sum, got)
	}
	return err
}

// leftBehind lists processes of program that still run.
func leftBehind(program string) ([]string, error) {
	found, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return nil, err
	}
	var left []string
	for _, link := range found {
		if to, err := os.Readlink(link); err == nil && strings.TrimSuffix(to, " (deleted)") == program {
			left = append(left, filepath.Base(filepath.Dir(link)))
		}
	}
	return left, nil
}
