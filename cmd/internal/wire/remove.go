package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/storage/blob"
)

// RemoveDemo removes the demonstration from a house whose data directory no
// service is working on: its rows, the files that only they named, its people and their
// first logins. Real rows stay, and an event says who did it. The next start
// makes new first people if nobody is left.
func RemoveDemo(ctx context.Context, s Settings) (rows, files int, err error) {
	data := s.Data
	if err := standing(s); err != nil {
		return 0, 0, err
	}
	held, err := lock(data)
	if err != nil {
		return 0, 0, err
	}
	defer held.Close()
	db, err := openRows(ctx, s)
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	store, err := openBlobs(ctx, s)
	if err != nil {
		return 0, 0, err
	}
	second := openSecond(s)
	rows, orphans, err := db.RemoveDemo(ctx, "operator")
	if err != nil {
		return 0, 0, err
	}
	for _, d := range orphans { // rows first: killed here, what is left are orphans
		if err := store.Remove(ctx, d); errors.Is(err, blob.ErrNotFound) {
			continue
		} else if err != nil {
			return rows, files, fmt.Errorf("remove %s: %w", d, err)
		}
		files++
		if second != nil {
			if err := second.Remove(ctx, d); err != nil {
				return rows, files, fmt.Errorf("remove %s from the second store: %w", d, err)
			}
		}
	}
	if people, err := db.People(ctx); err != nil || len(people) > 0 {
		return rows, files, err
	}
	err = os.Remove(filepath.Join(data, loginsFile))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return rows, files, err
}
