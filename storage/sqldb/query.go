package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sohoa/dossier"
)

// A where collects conditions and their values, numbered $1, $2 and so on.
type where struct {
	conditions []string
	values     []any
}

// value returns the place of v in the query.
func (w *where) value(v any) string {
	w.values = append(w.values, v)
	return "$" + strconv.Itoa(len(w.values))
}

// and adds a condition that has %s for each of values.
func (w *where) and(condition string, values ...any) {
	places := make([]any, len(values))
	for i, v := range values {
		places[i] = w.value(v)
	}
	w.conditions = append(w.conditions, fmt.Sprintf(condition, places...))
}

// String returns the clause, empty without conditions.
func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// among adds that one of columns is one of values; no values mean all.
func among[T ~string](w *where, values []T, columns ...string) {
	if len(values) == 0 {
		return
	}
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = w.value(string(v))
	}
	list := " IN (" + strings.Join(places, ", ") + ")"
	w.conditions = append(w.conditions, "("+strings.Join(columns, list+" OR ")+list+")")
}

// excluding adds that a column is none of values.
func excluding[T ~string](w *where, values []T, column string) {
	if len(values) == 0 {
		return
	}
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = w.value(string(v))
	}
	w.conditions = append(w.conditions, column+" NOT IN ("+strings.Join(places, ", ")+")")
}

// limited returns the clause for at most n rows; 0 means all.
func limited(n int) string {
	if n <= 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

// A row is one answer: *sql.Row or *sql.Rows.
type row interface{ Scan(...any) error }

// all returns every answer to a query.
func all[T any](ctx context.Context, a asker, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := a.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, rows.Err()
}

// one returns the only answer to a query; without one the error is
// [dossier.ErrNotFound].
func one[T any](ctx context.Context, a asker, scan func(row) (T, error), query string, args ...any) (T, error) {
	t, err := scan(a.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = dossier.ErrNotFound
	}
	return t, err
}

// single scans one column.
func single[T any](r row) (t T, err error) {
	err = r.Scan(&t)
	return t, err
}

// exists says whether a query has an answer.
func exists(ctx context.Context, a asker, query string, args ...any) (bool, error) {
	n, err := one(ctx, a, single[int64], "SELECT COUNT(*) FROM ("+query+" LIMIT 1) AS found", args...)
	return n > 0, err
}

// affected returns how many rows a statement changed.
func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// named wraps a failure with what was being done, and leaves success alone.
func named(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
