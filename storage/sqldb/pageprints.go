package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"math/bits"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/batch"
	"sohoa/dossier/digest"
)

// OwedPrints returns up to n documents of which it is not written down yet what their
// pages look like: those that were read last first, so that a whole archive that is
// gone through keeps nobody waiting.
func (db *DB) OwedPrints(ctx context.Context, n int) ([]batch.Unprinted, error) {
	owed, err := all(ctx, db.read, func(r row) (u batch.Unprinted, err error) {
		var parts string
		if err := r.Scan(&u.Document, &parts); err != nil {
			return u, err
		}
		var files map[dossier.Part]digest.Digest
		err = json.Unmarshal([]byte(parts), &files)
		u.Words, u.Scan = files[dossier.PartWords], files[dossier.PartScan]
		return u, err
	}, "SELECT d.id, d.parts FROM prints_owed w JOIN documents d ON d.id = w.document WHERE w.due <= $1 ORDER BY w.due DESC, w.document"+limited(n), db.now().UnixMilli())
	return owed, named(err, "documents without prints")
}

// PrintsWaiting returns how many documents wait for that.
func (db *DB) PrintsWaiting(ctx context.Context) (int, error) {
	n, err := one(ctx, db.read, single[int], "SELECT COUNT(*) FROM prints_owed")
	return n, named(err, "documents without prints")
}

// PutOffPrints has a document wait until a time.
func (db *DB) PutOffPrints(ctx context.Context, id dossier.DocumentID, until time.Time) error {
	_, err := db.write.ExecContext(ctx, "UPDATE prints_owed SET due = $2 WHERE document = $1", string(id), until.UnixMilli())
	return named(err, "put off prints")
}

const broughtByBatch = "SELECT 1 FROM batch_sides WHERE document = $1 AND document <> ''"

// BatchBrought reports whether a batch brought a document, so that its pages were looked
// at as sides.
func (db *DB) BatchBrought(ctx context.Context, id dossier.DocumentID) (bool, error) {
	brought, err := exists(ctx, db.read, broughtByBatch, string(id))
	return brought, named(err, "whether a batch brought a document")
}

// PutPrints writes down what the pages of a document look like, once: a second writer
// changes nothing. Of a paper that a batch brought the sides say it already, and one
// that was disposed of is owed nothing.
func (db *DB) PutPrints(ctx context.Context, id dossier.DocumentID, pages []batch.PagePrint) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "DELETE FROM prints_owed WHERE document = $1", string(id)))
		if err != nil || n == 0 {
			return err
		}
		if brought, err := exists(ctx, tx, broughtByBatch, string(id)); err != nil || brought {
			return err
		}
		for _, p := range pages {
			at, err := one(ctx, tx, single[int64], "INSERT INTO page_prints (document, page, picture, print) VALUES ($1, $2, $3, $4) RETURNING id", string(id), p.Page, p.Picture, int64(p.Print))
			if err == nil {
				err = putPrint(ctx, tx, -at, p.Print)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return named(err, "put prints")
}

// pagesOut deletes from the index the pages of which the condition after it is true, by
// the parts that [parts] cuts: of pages alone the table has no index.
const pagesOut = `DELETE FROM side_prints WHERE (band, bits, side) IN (
	SELECT b.band, (p.print >> b.low) & b.mask, -p.id FROM page_prints p,
		(SELECT 0 AS band, 0 AS low, 2097151 AS mask UNION ALL SELECT 1, 21, 2097151 UNION ALL SELECT 2, 42, 4194303) b WHERE `

// forgetPagePrints has nothing left that a document's pages could be found again by.
func forgetPagePrints(ctx context.Context, tx *sql.Tx, id dossier.DocumentID) error {
	for _, query := range []string{"DELETE FROM prints_owed WHERE document = $1", pagesOut + "p.document = $1)", "DELETE FROM page_prints WHERE document = $1"} {
		if _, err := tx.ExecContext(ctx, query, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// Pages of documents that are kept, of either kind: columns of what they look like, and
// whose they are. o is the dossier, d the document.
const (
	pagesOwn    = "SELECT d.id, p.page, p.picture, p.print FROM page_prints p JOIN documents d ON d.id = p.document JOIN dossiers o ON o.code = d.dossier WHERE d.disposed = 0 AND d.state <> 'refused' AND "
	pagesOfSide = `SELECT d.id, (SELECT COUNT(*) FROM batch_sides x WHERE x.batch = p.batch AND x.document = p.document AND x.place <= p.place), p.picture, p.print
		FROM batch_sides p JOIN documents d ON d.id = p.document JOIN dossiers o ON o.code = d.dossier WHERE p.document <> '' AND p.picture <> '' AND d.disposed = 0 AND d.state <> 'refused' AND `
)

// A seenPage is a page of a document with what it looks like.
type seenPage struct {
	document dossier.DocumentID
	batch.PagePrint
}

func scanSeen(r row) (p seenPage, err error) {
	var print int64
	err = r.Scan(&p.document, &p.Page, &p.Picture, &print)
	p.Print = uint64(print)
	return p, err
}

// mostOfHolder is how many pages of one holder's papers are compared, of the newest
// documents: whoever has more is no person, and has an archive.
const mostOfHolder = 5000

// pagesOfHolder returns what the papers in dossiers of the same holder as that of a
// dossier look like.
func (db *DB) pagesOfHolder(ctx context.Context, code dossier.Code) ([]seenPage, error) {
	const holders = "o.holder = (SELECT holder FROM dossiers WHERE code = $1)"
	return all(ctx, db.read, scanSeen, pagesOwn+holders+" UNION ALL "+pagesOfSide+holders+" ORDER BY 1 DESC, 2"+limited(mostOfHolder), string(code))
}

// nearOfHolder is by how many bits two prints differ at most to be told alike among the
// papers of one holder, which are compared one by one: an index finds fewer.
const nearOfHolder = 8

// ofHolder returns the pages of a holder's papers that look like p, the likest first.
func ofHolder(p batch.PagePrint, theirs []seenPage) (twins []batch.Twin) {
	for _, o := range theirs {
		t := batch.Twin{Same: p.Picture != "" && o.Picture == p.Picture, Document: o.document, Page: o.Page, Bits: bits.OnesCount64(o.Print ^ p.Print), Holder: true}
		if t.Same || p.Print != 0 && o.Print != 0 && t.Bits <= nearOfHolder {
			twins = append(twins, t)
		}
	}
	likest(twins)
	return twins[:min(len(twins), batch.MostTwins)]
}

// likest puts the likest first.
func likest(twins []batch.Twin) {
	slices.SortStableFunc(twins, func(a, b batch.Twin) int {
		return cmp.Or(cmp.Compare(truth(b.Same), truth(a.Same)), cmp.Compare(a.Bits, b.Bits))
	})
}

// Likenesses returns which pages of other documents look like those of d: of the same
// holder's by their prints, of everybody's in agencies (none: in all) by the very
// picture. Another's form that looks alike tells nothing and is not named (decision 53).
// Whether the visitor may see a document that is named is to be asked of each.
func (db *DB) Likenesses(ctx context.Context, d dossier.Document, agencies []dossier.AgencyCode) (out []batch.Likeness, err error) {
	own, err := all(ctx, db.read, scanSeen, pagesOwn+"p.document = $1 UNION ALL "+pagesOfSide+"p.document = $1 ORDER BY 2", string(d.ID))
	if err != nil || len(own) == 0 {
		return nil, named(err, "what a document looks like")
	}
	theirs, err := db.pagesOfHolder(ctx, d.Dossier)
	if err != nil {
		return nil, named(err, "what a holder's papers look like")
	}
	theirs = slices.DeleteFunc(theirs, func(p seenPage) bool { return p.document == d.ID })
	for _, p := range own {
		found := ofHolder(p.PagePrint, theirs)
		same, err := db.samePicture(ctx, true, p.Picture, d.ID, agencies)
		if err != nil {
			return nil, err
		}
		for _, t := range same {
			if !slices.ContainsFunc(found, func(o batch.Twin) bool { return o.Same && o.Document == t.Document }) {
				found = append(found, t)
			}
		}
		likest(found)
		for _, t := range found[:min(len(found), batch.MostTwins)] {
			out = append(out, batch.Likeness{At: p.Page, Twin: t})
		}
	}
	return out, nil
}

// samePicture returns pages of documents of agencies (none: of all) other than one that
// have the very picture, with brought also of those that a batch brought.
func (db *DB) samePicture(ctx context.Context, brought bool, picture string, but dossier.DocumentID, agencies []dossier.AgencyCode) (twins []batch.Twin, err error) {
	if picture == "" {
		return nil, nil
	}
	var w where
	w.and("p.picture = %s", picture)
	w.and("d.id <> %s", string(but))
	among(&w, agencies, "o.receiving", "o.competent")
	which := strings.Join(w.conditions, " AND ")
	query := pagesOwn + which
	if brought {
		query += " UNION ALL " + pagesOfSide + which
	}
	found, err := all(ctx, db.read, scanSeen, query+" ORDER BY 1 DESC, 2"+limited(batch.MostTwins), w.values...)
	for _, p := range found {
		twins = append(twins, batch.Twin{Same: true, Document: p.document, Page: p.Page})
	}
	return twins, named(err, "the same picture")
}

// mostNear is how many of what looks alike are asked whose they are.
const mostNear = 300

// Twins returns sides and pages of documents of the same agency that have the very
// picture of s, or look like it, the likest first; a few of them. Before all others are
// those of papers of the holder for whose dossier s came, if that is known.
func (db *DB) Twins(ctx context.Context, b batch.Batch, s batch.Side, code dossier.Code) (twins []batch.Twin, err error) {
	if s.Picture == "" || s.Blank || s.Mark != (batch.Mark{}) {
		return nil, nil
	}
	add := func(more ...numbered) {
		for _, t := range more {
			known := func(o batch.Twin) bool {
				return t.paper != "" && o.Document == t.paper && (t.Document == "" || o.Page == t.Page)
			}
			if len(twins) < batch.MostTwins && (t.paper == "" || t.paper != s.Document) && !slices.ContainsFunc(twins, known) {
				twins = append(twins, t.Twin)
			}
		}
	}
	same, err := db.sidesLike(ctx, b, s, "s.picture = $5 ORDER BY s.id DESC"+limited(batch.MostTwins), s.Picture)
	if err != nil {
		return nil, named(err, "the same picture")
	}
	for _, t := range same {
		t.Same = true
		add(t)
	}
	more, err := db.samePicture(ctx, false, s.Picture, s.Document, []dossier.AgencyCode{b.Agency})
	if err != nil {
		return nil, err
	}
	for _, t := range more {
		add(numbered{paper: t.Document, Twin: t})
	}
	if len(twins) > 0 || s.Print == 0 {
		return twins, nil
	}
	if code != "" {
		theirs, err := db.pagesOfHolder(ctx, code)
		if err != nil {
			return nil, named(err, "what a holder's papers look like")
		}
		for _, t := range ofHolder(batch.PagePrint{Picture: s.Picture, Print: s.Print}, theirs) {
			add(numbered{paper: t.Document, Twin: t})
		}
	}
	near, err := db.nearTwins(ctx, b, s)
	add(near...)
	return twins, named(err, "pictures alike")
}

// A numbered twin is one with its number in the index, and the document whose page it
// is or became; empty: it has not entered.
type numbered struct {
	number int64
	paper  dossier.DocumentID
	batch.Twin
}

// sidesLike returns sides of the agency of b other than s.
func (db *DB) sidesLike(ctx context.Context, b batch.Batch, s batch.Side, which string, value any) ([]numbered, error) {
	return all(ctx, db.read, func(r row) (n numbered, err error) { return n, r.Scan(&n.number, &n.paper, &n.Batch, &n.File, &n.Page) },
		"SELECT s.id, s.document, s.batch, s.file, s.page FROM batch_sides s JOIN paper_batches b ON b.id = s.batch WHERE b.agency = $1 AND NOT (s.batch = $2 AND s.file = $3 AND s.page = $4) AND "+which,
		string(b.Agency), string(b.ID), s.File, s.Page, value)
}

// nearTwins returns what of the agency of b looks like s, the likest first.
func (db *DB) nearTwins(ctx context.Context, b batch.Batch, s batch.Side) ([]numbered, error) {
	found, err := db.near(ctx, db.read, s.Print)
	if err != nil {
		return nil, err
	}
	found = found[:min(len(found), mostNear)]
	var sides, pages []int64
	for _, n := range found {
		if n.side > 0 {
			sides = append(sides, n.side)
		} else {
			pages = append(pages, -n.side)
		}
	}
	f := db.finder()
	list, err := db.sidesLike(ctx, b, s, "s.id"+f.oneOfNumbers("$5"), f.numbers(sides))
	if err != nil {
		return nil, err
	}
	more, err := all(ctx, db.read, func(r row) (n numbered, err error) { return n, r.Scan(&n.number, &n.paper, &n.Document, &n.Page) },
		`SELECT -p.id, p.document, p.document, p.page FROM page_prints p JOIN documents d ON d.id = p.document JOIN dossiers o ON o.code = d.dossier
		WHERE d.disposed = 0 AND d.state <> 'refused' AND (o.receiving = $1 OR o.competent = $1) AND p.id`+f.oneOfNumbers("$2"), string(b.Agency), f.numbers(pages))
	if err != nil {
		return nil, err
	}
	list = append(list, more...)
	twins := make([]numbered, 0, len(list))
	for _, n := range found {
		if i := slices.IndexFunc(list, func(o numbered) bool { return o.number == n.side }); i >= 0 {
			list[i].Bits = n.bits
			twins = append(twins, list[i])
		}
	}
	return twins, nil
}
