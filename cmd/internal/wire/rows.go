package wire

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/storage/sqldb"
)

// openRows opens the house's database: the PostgreSQL one of the settings, else
// the file in the data directory, making it if it is not there. Where a restore
// was broken off there is no house yet.
func openRows(ctx context.Context, s Settings) (*sqldb.DB, error) {
	if err := whole(s); err != nil {
		return nil, err
	}
	return openRowsAt(ctx, s)
}

func openRowsAt(ctx context.Context, s Settings) (*sqldb.DB, error) {
	o := sqldb.Options{Now: s.now, Ahead: s.Ahead}
	at := s.at()
	if at.Address != "" {
		return sqldb.OpenPostgres(ctx, at.Address, o)
	}
	return sqldb.Open(ctx, at.Path, o)
}

// standing says whether there is a house to be opened. Without one the error
// wraps [os.ErrNotExist]. On PostgreSQL that shows when it is opened.
func standing(s Settings) error {
	if s.Database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(s.Data, "sohoa.db")); err != nil {
		return fmt.Errorf("there is no house in %s: %w", s.Data, err)
	}
	return nil
}
