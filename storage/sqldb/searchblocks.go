package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"sohoa/dossier"
)

// How much of a block is written in one transaction, a tenth of a second or so:
// others wait for no more. What a transaction adds to FTS5 is a segment to be
// merged with others again and again, so that papers are not moved a few at a time.
const (
	listsAtOnce  = 400
	partsOfBlock = 32 // one of them is moved at a time
)

// A freshPaper is a paper that is in no block: its lexemes, and how often they
// were put.
type freshPaper struct {
	place, fresh int64
	lexemes      string // with spaces between them
}

// SealSearch makes one block of the index, if the archive has grown by one, or
// goes on with one that was broken off, or else binds blocks into a volume; it
// reports whether it did anything.
// Between two of its transactions it calls pause. A search answers the same
// before, meanwhile and after: until a paper is moved, alone what is fresh holds
// of it, and then alone what is not.
func (db *DB) SealSearch(ctx context.Context, pause func() error) (bool, error) {
	block, whole, err := db.blockToMake(ctx)
	if errors.Is(err, dossier.ErrNotFound) {
		did, err := db.bindSearch(ctx, pause)
		return did, named(err, "volume of the search")
	}
	if err == nil && !whole {
		return true, named(db.oweBlock(ctx, block), "block of the search")
	}
	if err == nil {
		m := &maker{db: db, f: db.finder(), ctx: ctx, block: block, name: db.newID(), pause: pause, papersAtOnce: int(max(1, db.blockOf/partsOfBlock))}
		m.each = m.freshPapers
		err = m.make()
	}
	return err == nil, named(err, "block of the search")
}

// renewedAt is which part of a block is fresh before it is made anew, one in so
// many: until then a search looks these up among what is fresh.
const renewedAt = 16

// blockToMake returns a block behind which there is another one, of which all
// papers are fresh, or so many that it is to be made anew.
func (db *DB) blockToMake(ctx context.Context) (block int64, whole bool, err error) {
	type part struct{ block, fresh, papers int64 }
	parts, err := all(ctx, db.read, func(r row) (p part, err error) {
		err = r.Scan(&p.block, &p.fresh, &p.papers)
		return p, err
	}, `SELECT f.block, f.fresh, (SELECT COUNT(*) FROM search_docs s WHERE s.place >= f.block * $1 AND s.place < (f.block + 1) * $1)
		FROM (SELECT place / $1 AS block, COUNT(*) AS fresh FROM search_docs WHERE fresh > 0 GROUP BY place / $1) f
		WHERE f.block < (SELECT MAX(place) / $1 FROM search_docs) AND f.fresh >= $1 / $2 ORDER BY f.block`, db.blockOf, renewedAt)
	for _, p := range parts {
		if p.fresh == p.papers {
			return p.block, true, err
		}
		owed, err := exists(ctx, db.read, `SELECT 1 FROM search_docs s JOIN search_owed w ON w.document = s.document
			WHERE s.place >= $1 AND s.place < $2 AND s.fresh = 0`, p.block*db.blockOf, (p.block+1)*db.blockOf)
		if err != nil || !owed { // else it is coming
			return p.block, false, err
		}
	}
	return 0, false, cmp.Or(err, dossier.ErrNotFound)
}

// oweBlock notes that the rest of a block is owed: when all of it is fresh, it is
// made anew.
func (db *DB) oweBlock(ctx context.Context, block int64) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO search_owed (document, at, stamp, due)
		SELECT d.id, d.changed, 1, 0 FROM search_docs s JOIN documents d ON d.id = s.document
		WHERE s.place >= $1 AND s.place < $2 AND s.fresh = 0 AND d.state = 'archived' AND d.disposed = 0
		ON CONFLICT (document) DO NOTHING`, block*db.blockOf, (block+1)*db.blockOf)
	return err
}

// A maker makes a block. Who begins one that another has begun takes it over.
type maker struct {
	db    *DB
	f     finder
	ctx   context.Context
	block int64
	name  string
	pause func() error
	each  func(do func(freshPaper) error) error // the papers of the block, in order

	lists map[string][]uint16
	fresh map[int64]int64 // how fresh the papers were that the lists are of

	papersAtOnce int
}

var errTakenOver = errors.New("another one makes this block")

func (m *maker) make() error {
	err := m.begin()
	for more := true; err == nil && more; {
		more, err = m.clear()
	}
	if err == nil {
		err = m.gather()
	}
	if err == nil {
		err = m.putLists()
	}
	if err == nil {
		err = m.movePapers()
	}
	if errors.Is(err, errTakenOver) {
		return nil
	}
	return err
}

func (m *maker) from() int64 { return m.block * m.db.blockOf }
func (m *maker) to() int64   { return (m.block + 1) * m.db.blockOf }

// begin notes who makes the block: only if all of its papers are fresh, for from
// now on what it lists is none of theirs.
func (m *maker) begin() error {
	return m.db.tx(m.ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(m.ctx, `INSERT INTO search_blocks (block, maker) VALUES ($1, $2)
			ON CONFLICT (block) DO UPDATE SET maker = excluded.maker, volume = 0`, m.block, m.name); err != nil {
			return err
		}
		stale, err := exists(m.ctx, tx, "SELECT 1 FROM search_docs WHERE fresh = 0 AND place >= $1 AND place < $2", m.from(), m.to())
		if err == nil && stale {
			err = errTakenOver
		}
		if err == nil {
			err = putLexemes(m.ctx, tx, m.f.tuned)
		}
		if err == nil {
			_, err = tx.ExecContext(m.ctx, "UPDATE search_docs SET sealed = 1 WHERE place >= $1 AND place < $2", m.from(), m.to())
		}
		return err
	})
}

// write runs fn in a transaction, if the block is still this one's to make.
func (m *maker) write(fn func(*sql.Tx) error) error {
	err := m.db.tx(m.ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(m.ctx, "UPDATE search_blocks SET maker = maker WHERE block = $1 AND maker = $2", m.block, m.name))
		if err == nil && n == 0 {
			err = errTakenOver
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
	if err == nil && m.pause != nil {
		err = m.pause()
	}
	return err
}

// clear takes lists of an earlier making away, and reports whether there may be
// more.
func (m *maker) clear() (more bool, err error) {
	err = m.write(func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(m.ctx, `DELETE FROM search_lists WHERE block = $1 AND lexeme IN
			(SELECT lexeme FROM search_lists WHERE block = $1 ORDER BY lexeme`+limited(listsAtOnce)+")", m.block))
		more = n > 0
		return err
	})
	return more, err
}

// gather finds the lexemes that many papers of the block have. Most are of one
// paper: first they are counted, roughly, in a table of their hashes.
func (m *maker) gather() error {
	seed := maphash.MakeSeed()
	counts := make([]uint16, 1<<21)
	least := uint16(max(2, m.db.blockOf/frequent))
	at := func(lexeme string) *uint16 { return &counts[maphash.String(seed, lexeme)&(1<<21-1)] }
	if err := m.each(func(p freshPaper) error {
		for lexeme := range strings.SplitSeq(p.lexemes, " ") {
			if c := at(lexeme); *c < least {
				*c++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	m.lists, m.fresh = map[string][]uint16{}, map[int64]int64{}
	if err := m.each(func(p freshPaper) error {
		for lexeme := range strings.SplitSeq(p.lexemes, " ") {
			if *at(lexeme) < least || lexeme == "" {
				continue
			}
			list, ok := m.lists[lexeme]
			if !ok {
				lexeme = strings.Clone(lexeme)
			}
			m.lists[lexeme] = append(list, uint16(p.place-m.from()))
		}
		m.fresh[p.place] = p.fresh
		return nil
	}); err != nil {
		return err
	}
	maps.DeleteFunc(m.lists, func(_ string, list []uint16) bool { return len(list) < int(least) })
	return nil
}

// putLists writes the lists, in the order of their table.
func (m *maker) putLists() error {
	for lexemes := range slices.Chunk(slices.Sorted(maps.Keys(m.lists)), listsAtOnce) {
		if err := m.write(func(tx *sql.Tx) error {
			put, err := tx.PrepareContext(m.ctx, "INSERT INTO search_lists (block, lexeme, papers) VALUES ($1, $2, $3)")
			if err != nil {
				return err
			}
			defer put.Close()
			for _, lexeme := range lexemes {
				if _, err := put.ExecContext(m.ctx, m.block, lexeme, packPlaces(m.lists[lexeme], m.db.blockOf)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// movePapers puts what is left of the lexemes of each paper where it stays, and
// says that the paper is in its block: unless its lexemes were put anew meanwhile.
func (m *maker) movePapers() error {
	var some []freshPaper
	flush := func() error {
		err := m.write(func(tx *sql.Tx) error {
			for _, p := range some {
				if err := m.move(tx, p); err != nil {
					return err
				}
			}
			return nil
		})
		some = some[:0]
		return err
	}
	err := m.each(func(p freshPaper) error {
		if m.fresh[p.place] != p.fresh {
			return nil
		}
		if some = append(some, p); len(some) < m.papersAtOnce {
			return nil
		}
		return flush()
	})
	if err == nil && len(some) > 0 {
		err = flush()
	}
	return err
}

func (m *maker) move(tx *sql.Tx, p freshPaper) error {
	n, err := affected(tx.ExecContext(m.ctx, "UPDATE search_docs SET fresh = 0 WHERE place = $1 AND fresh = $2", p.place, p.fresh))
	if err != nil || n == 0 {
		return err
	}
	var rare []string
	for lexeme := range strings.SplitSeq(p.lexemes, " ") {
		if _, ok := m.lists[lexeme]; !ok {
			rare = append(rare, lexeme)
		}
	}
	if err := putLexemes(m.ctx, tx, m.f.rarePut, p.place, m.f.list(rare)); err != nil {
		return err
	}
	return putLexemes(m.ctx, tx, m.f.freshGone, p.place)
}

// freshPapers reads what is fresh of the block, a few at a time: the reader of a
// long list would keep the database from forgetting what was changed.
func (m *maker) freshPapers(do func(freshPaper) error) error {
	for at := m.from(); at < m.to(); {
		some, err := all(m.ctx, m.db.read, func(r row) (p freshPaper, err error) {
			err = r.Scan(&p.place, &p.fresh, &p.lexemes)
			return p, err
		}, m.f.freshOf+limited(64), at, m.to())
		if err != nil || len(some) == 0 {
			return err
		}
		for _, p := range some {
			if err := do(p); err != nil {
				return err
			}
		}
		at = some[len(some)-1].place + 1
	}
	return nil
}
