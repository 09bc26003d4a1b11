package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// mostPrepared is how many statements a connection keeps: more than the house has
// that are asked often, and what a search made up for once pushes out none of them
// for long.
const mostPrepared = 256

// openSQLite opens the SQLite file at address. Its connections keep what they prepared:
// else SQLite reads, names and plans every statement anew each time, which for a row
// by its key costs more than finding it. pgx does the same by itself for PostgreSQL.
func openSQLite(address string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(address)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{c}), nil
}

// preparing makes connections that keep what they prepared.
type preparing struct{ driver.Connector }

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection %T lacks what it had", c), c.Close())
	}
	return &prepared{sqliteConn: conn, kept: map[string]*statement{}}, nil
}

// sqliteConn is what the driver's connection can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// A statement is one that was prepared; who runs it has it alone.
type statement struct {
	driver.Stmt
	query string
	used  uint64 // counts up: the least was not used for longest
}

// prepared is a connection with the statements that it keeps. database/sql lets one
// goroutine at a time use it, but rows of one query may be open while the next is asked.
type prepared struct {
	sqliteConn
	kept map[string]*statement // that nobody runs, by their text
	uses uint64
}

// keeps reports whether a statement is worth keeping: one that reads or writes rows.
// Pragmas act when they are prepared, and tables are made once.
func keeps(query string) bool {
	word := strings.TrimLeft(query, " \t\r\n")
	for _, begin := range [...]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} {
		if len(word) > len(begin) && strings.EqualFold(word[:len(begin)], begin) {
			return true
		}
	}
	return false
}

// take returns a statement for the caller alone, prepared now if none is kept.
func (p *prepared) take(ctx context.Context, query string) (*statement, error) {
	if s, ok := p.kept[query]; ok {
		delete(p.kept, query)
		return s, nil
	}
	s, err := p.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &statement{Stmt: s, query: query}, nil
}

// give takes a statement back that has been run. The one that was not used for longest
// goes for it if there are too many, or it goes itself if another has its place.
func (p *prepared) give(s *statement) error {
	if _, taken := p.kept[s.query]; taken {
		return s.Close()
	}
	p.uses++
	s.used = p.uses
	p.kept[s.query] = s
	if len(p.kept) <= mostPrepared {
		return nil
	}
	oldest := s
	for _, x := range p.kept {
		if x.used < oldest.used {
			oldest = x
		}
	}
	delete(p.kept, oldest.query)
	return oldest.Close()
}

// ExecContext runs a statement. One that failed is not kept: what is wrong with it is
// not known.
func (p *prepared) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !keeps(query) {
		return p.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := p.take(ctx, query)
	if err != nil {
		return nil, err
	}
	done, err := s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // says again what err says
		return nil, err
	}
	return done, p.give(s)
}

// QueryContext asks by a statement, which is taken back when the rows are closed.
func (p *prepared) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !keeps(query) {
		return p.sqliteConn.QueryContext(ctx, query, args)
	}
	s, err := p.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		_ = s.Close() // says again what err says
		return nil, err
	}
	return &preparedRows{Rows: rows, of: p, by: s}, nil
}

// Close closes what is kept, and then the connection.
func (p *prepared) Close() error {
	var failed error
	for _, s := range p.kept {
		failed = errors.Join(failed, s.Close())
	}
	clear(p.kept)
	return errors.Join(failed, p.sqliteConn.Close())
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	of *prepared
	by *statement // nil once closed
}

func (r *preparedRows) Close() error {
	if r.by == nil {
		return nil
	}
	s := r.by
	r.by = nil
	if err := r.Rows.Close(); err != nil {
		return errors.Join(err, s.Close())
	}
	return r.of.give(s)
}

// constant is a word of the program's own as it stands in SQL. Where an index holds a
// part of a table, SQLite asks whether a bound value is in it, and so plans the statement
// anew whenever one is bound: half of what adding a document cost.
func constant[T ~string](word T) string { return "'" + string(word) + "'" }
