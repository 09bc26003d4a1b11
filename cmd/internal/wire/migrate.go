package wire

import (
	"context"
	"errors"

	"sohoa/storage/sqldb"
)

// Steps lists the changes of the tables of the house in s.Data.
func Steps(ctx context.Context, s Settings) ([]sqldb.Step, error) {
	if err := standing(s); err != nil {
		return nil, err
	}
	return s.at().Steps(ctx)
}

// StepUp brings the tables up to date; services may be running.
func StepUp(ctx context.Context, s Settings) error {
	if err := standing(s); err != nil {
		return err
	}
	return s.at().Up(ctx)
}

// StepDown takes the tables back to a version. No service may be running.
func StepDown(ctx context.Context, s Settings, version int64) (err error) {
	if err := standing(s); err != nil {
		return err
	}
	held, err := lock(s.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	return s.at().DownTo(ctx, version)
}
