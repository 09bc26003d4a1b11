package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"sohoa/dossier"
)

// Near is by how many bits of 64 two prints differ at most to be found alike.
const Near = 5

// bands are the parts of a print, in bits. If two prints differ in five bits at
// most, they differ in one of three parts in one bit at most: so 67 parts are looked
// for, each of which few others have (multi-index hashing, Norouzi, Punjani and
// Fleet, CVPR 2012).
var bands = [...]int{21, 21, 22}

// parts cuts a print into its bands.
func parts(print uint64) (p [len(bands)]int64) {
	for i, n := range bands {
		p[i] = int64(print & (1<<n - 1))
		print >>= n
	}
	return p
}

func putPrint(ctx context.Context, tx *sql.Tx, side int64, print uint64) error {
	for band, part := range parts(print) {
		if _, err := tx.ExecContext(ctx, "INSERT INTO side_prints (band, bits, side, print) VALUES ($1, $2, $3, $4)", band, part, side, int64(print)); err != nil {
			return err
		}
	}
	return nil
}

// forgetSides has nothing left that what was seen of sides could be found again by.
func forgetSides(ctx context.Context, tx *sql.Tx, which string, values ...any) error {
	sides, err := all(ctx, tx, func(r row) (s struct{ id, print int64 }, err error) { return s, r.Scan(&s.id, &s.print) }, "SELECT id, print FROM batch_sides WHERE print <> 0 AND "+which, values...)
	if err != nil {
		return err
	}
	for _, s := range sides {
		for band, part := range parts(uint64(s.print)) { // by its key: of sides alone the table has no index
			if _, err := tx.ExecContext(ctx, "DELETE FROM side_prints WHERE band = $1 AND bits = $2 AND side = $3", band, part, s.id); err != nil {
				return err
			}
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE batch_sides SET picture = '', print = 0, twins = '' WHERE "+which, values...)
	return err
}

// FillPrints enters prints of sides that are nowhere else, numbered from first: for
// measuring.
func (db *DB) FillPrints(ctx context.Context, first int64, prints []uint64) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		for band := range bands {
			order := make([]int, len(prints)) // as the index has them
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(a, b int) int { return int(parts(prints[a])[band] - parts(prints[b])[band]) })
			for some := range slices.Chunk(order, 200) {
				query := []byte("INSERT INTO side_prints (band, bits, side, print) VALUES ")
				for i, at := range some {
					if i > 0 {
						query = append(query, ", "...)
					}
					query = fmt.Appendf(query, "(%d, %d, %d, %d)", band, parts(prints[at])[band], first+int64(at), int64(prints[at]))
				}
				if _, err := tx.ExecContext(ctx, string(query)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// A likeness is a side, or a page of a document if its number is negative, whose print
// is near another.
type likeness struct {
	side int64
	bits int
}

// mostHits bounds what is read of one band. A sheet of which there are so many is a
// form, and another's tells nothing.
const mostHits = 4096

// near returns the sides and pages whose prints differ from print in [Near] bits at
// most, the nearest first: all of them, and no other, unless there are [mostHits].
func (db *DB) near(ctx context.Context, a asker, print uint64) ([]likeness, error) {
	f := db.finder()
	type hit struct{ side, print int64 }
	var query strings.Builder // one question for all bands: a database elsewhere is a way off
	var around []any
	for band, part := range parts(print) {
		near := []int64{part}
		for bit := range bands[band] {
			near = append(near, part^1<<bit)
		}
		around = append(around, f.numbers(near))
		if band > 0 {
			query.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&query, "SELECT side, print FROM (SELECT side, print FROM side_prints WHERE band = %d AND bits%s%s) band%d", band, f.oneOfNumbers(fmt.Sprintf("$%d", band+1)), limited(mostHits), band)
	}
	hits, err := all(ctx, a, func(r row) (h hit, err error) { return h, r.Scan(&h.side, &h.print) }, query.String(), around...)
	if err != nil {
		return nil, err
	}
	found := map[int64]int{}
	for _, h := range hits {
		if n := bits.OnesCount64(uint64(h.print) ^ print); n <= Near {
			found[h.side] = n
		}
	}
	out := make([]likeness, 0, len(found))
	for side, n := range found {
		out = append(out, likeness{side, n})
	}
	slices.SortFunc(out, func(a, b likeness) int {
		if a.bits != b.bits {
			return a.bits - b.bits
		}
		return int(a.side - b.side)
	})
	return out, nil
}

// NearPrints returns how many sides have prints near one: for measuring.
func (db *DB) NearPrints(ctx context.Context, print uint64) (int, error) {
	found, err := db.near(ctx, db.read, print)
	return len(found), err
}

// oneOfNumbers is the condition that what stands before it is one of the numbers of a
// value.
func (f finder) oneOfNumbers(value string) string {
	if f.ahead {
		return " IN (" + fmt.Sprintf(f.places, value) + ")"
	}
	return " = ANY(" + value + "::bigint[])"
}

// BatchPlace reports whether the dossier that a code names is there, for one agency
// to bring paper to, and whether its procedure has the component.
func (db *DB) BatchPlace(ctx context.Context, agency dossier.AgencyCode, code dossier.Code, slot dossier.SlotCode) (bool, error) {
	ok, err := exists(ctx, db.read, "SELECT 1 FROM dossiers WHERE code = $1 AND (receiving = $2 OR competent = $2)", string(code), string(agency))
	if err != nil || !ok || slot == "" {
		return ok, named(err, "dossier of a batch")
	}
	slots, err := db.Fillings(ctx, code)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(slots, func(f dossier.Filling) bool { return f.Slot == slot }), nil
}
