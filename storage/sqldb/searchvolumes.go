package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math/bits"
	"slices"
)

// volumeOf is how many blocks of the index a volume binds (64 at most): what is
// looked up in each of them is looked up once. A place among 65,536 papers has two
// bytes.
const volumeOf = 16

// A boundVolume is what a search must know of a volume: the number of this
// binding, its first block, and a bit for each block from there on that is in it.
// One that was made anew since is in none.
type boundVolume struct {
	volume, first int64
	has           uint64
}

// A sealedBlock is a block that is made, in which volume its lists are (0: in
// none), and who made it.
type sealedBlock struct {
	block, volume int64
	maker         string
}

func scanSealedBlock(r row) (b sealedBlock, err error) {
	err = r.Scan(&b.block, &b.volume, &b.maker)
	return b, err
}

const sealedBlocks = "SELECT block, volume, maker FROM search_blocks"

// volumesOf returns the volumes of some blocks, which are in order, and the blocks
// that are loose. Blocks that belong together are in one volume or in none.
func (db *DB) volumesOf(blocks []sealedBlock) (volumes []boundVolume, loose []int64) {
	for _, b := range blocks {
		if b.volume == 0 {
			loose = append(loose, b.block)
			continue
		}
		if n := len(volumes); n == 0 || volumes[n-1].volume != b.volume {
			volumes = append(volumes, boundVolume{volume: b.volume, first: b.block - b.block%db.volumeOf})
		}
		v := &volumes[len(volumes)-1]
		v.has |= 1 << (b.block - v.first)
	}
	return volumes, loose
}

// only leaves of s, which begins at the first place of v, what lies in blocks that
// v has.
func (v boundVolume) only(s placeSet, block int64) {
	words := int(block / 64)
	if bits.OnesCount64(v.has) == len(s)/words {
		return
	}
	for i := range s {
		if v.has>>(i/words)&1 == 0 {
			s[i] = 0
		}
	}
}

// bindSearch binds a volume, if there is one to bind, after what an earlier
// binding left is gone; it reports whether it did anything.
func (db *DB) bindSearch(ctx context.Context, pause func() error) (bool, error) {
	b := &binder{db: db, ctx: ctx, pause: pause}
	blocks, err := all(ctx, db.read, scanSealedBlock, sealedBlocks+" ORDER BY block")
	if err != nil {
		return false, err
	}
	if did, err := b.tidy(blocks); did || err != nil {
		return did, err
	}
	for len(blocks) > 0 {
		n := 1
		b.first = blocks[0].block - blocks[0].block%db.volumeOf
		for n < len(blocks) && blocks[n].block < b.first+db.volumeOf {
			n++
		}
		b.blocks, blocks = blocks[:n], blocks[n:]
		if ready, err := b.ready(); ready || err != nil {
			if err == nil {
				err = b.bind()
			}
			if errors.Is(err, errTakenOver) {
				err = nil
			}
			return true, err
		}
	}
	return false, nil
}

// A binder binds the blocks that belong together into a volume. Who begins what
// another has begun takes it over.
type binder struct {
	db     *DB
	ctx    context.Context
	pause  func() error
	first  int64 // block
	blocks []sealedBlock
	volume int64 // the new one
	name   string
}

// boundAt is which part of a volume is loose before it is bound again, one block
// in so many: until then a search looks these up one by one.
const boundAt = 4

// ready reports whether the blocks are all made, with none of them being made,
// and enough of them loose.
func (b *binder) ready() (bool, error) {
	_, loose := b.db.volumesOf(b.blocks)
	if int64(len(b.blocks)) < b.db.volumeOf || int64(len(loose)) < max(1, b.db.volumeOf/boundAt) {
		return false, nil
	}
	for _, block := range loose {
		// Papers are moved into a block when its lists are whole: not before.
		const papers = "SELECT 1 FROM search_docs WHERE place >= $1 AND place < $2 AND fresh "
		from, to := block*b.db.blockOf, (block+1)*b.db.blockOf
		fresh, err := exists(b.ctx, b.db.read, papers+"> 0", from, to)
		if err != nil {
			return false, err
		}
		moved, err := exists(b.ctx, b.db.read, papers+"= 0", from, to)
		if err != nil || fresh && !moved {
			return false, err
		}
	}
	return true, nil
}

func (b *binder) bind() error {
	b.name = b.db.newID()
	err := b.db.tx(b.ctx, func(tx *sql.Tx) (err error) {
		b.volume, err = one(b.ctx, tx, single[int64], `INSERT INTO search_volumes (first, volume, binder)
			SELECT $1, COALESCE(MAX(volume), 0) + 1, $2 FROM search_volumes WHERE true
			ON CONFLICT (first) DO UPDATE SET volume = excluded.volume, binder = excluded.binder RETURNING volume`, b.first, b.name)
		return err
	})
	if err == nil {
		err = b.putLists()
	}
	if err == nil {
		err = b.write(b.settle)
	}
	return err
}

// write runs fn in a transaction, if the blocks are still this one's to bind.
func (b *binder) write(fn func(*sql.Tx) error) error {
	err := b.db.tx(b.ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(b.ctx, "UPDATE search_volumes SET binder = binder WHERE first = $1 AND binder = $2", b.first, b.name))
		if err == nil && n == 0 {
			err = errTakenOver
		}
		if err != nil {
			return err
		}
		return fn(tx)
	})
	if err == nil && b.pause != nil {
		err = b.pause()
	}
	return err
}

// settle says that the blocks are in the volume: unless one of them was begun
// anew while they were bound.
func (b *binder) settle(tx *sql.Tx) error {
	for _, block := range b.blocks {
		n, err := affected(tx.ExecContext(b.ctx, "UPDATE search_blocks SET volume = $2 WHERE block = $1 AND maker = $3", block.block, b.volume, block.maker))
		if err == nil && n == 0 {
			err = errTakenOver
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A listing is where lists of lexemes are: in a block, or in a volume.
type listing struct {
	query    string // lexemes after $2 and their lists, of $1
	of       int64
	from, to int64 // the places it is about, behind the first one of what is bound
	only     func(placeSet)
}

type listedLexeme struct {
	lexeme string
	papers []byte
}

func (b *binder) listings() (list []listing) {
	volumes, loose := b.db.volumesOf(b.blocks)
	for _, v := range volumes {
		list = append(list, listing{"SELECT lexeme, papers FROM search_bound WHERE volume = $1 AND lexeme > $2 ORDER BY lexeme",
			v.volume, 0, b.db.volumeOf * b.db.blockOf, func(s placeSet) { v.only(s, b.db.blockOf) }})
	}
	for _, block := range loose {
		from := (block - b.first) * b.db.blockOf
		list = append(list, listing{"SELECT lexeme, papers FROM search_lists WHERE block = $1 AND lexeme > $2 ORDER BY lexeme",
			block, from, from + b.db.blockOf, func(placeSet) {}})
	}
	return list
}

// putLists writes the lists of the volume, some lexemes in a transaction.
func (b *binder) putLists() error {
	listings := b.listings()
	for after, more := "", true; more; {
		lists, last, err := b.merge(listings, after)
		if err != nil {
			return err
		}
		if after, more = last, last != ""; len(lists) == 0 {
			continue
		}
		if err := b.write(func(tx *sql.Tx) error { return b.put(tx, lists) }); err != nil {
			return err
		}
	}
	return nil
}

// merge returns the lists of the lexemes after one, up to last; "" if these were
// all.
func (b *binder) merge(listings []listing, after string) (lists map[string]placeSet, last string, err error) {
	pieces := make([][]listedLexeme, len(listings))
	for i, l := range listings {
		if pieces[i], err = all(b.ctx, b.db.read, func(r row) (x listedLexeme, err error) {
			err = r.Scan(&x.lexeme, &x.papers)
			return x, err
		}, l.query+limited(listsAtOnce), l.of, after); err != nil {
			return nil, "", err
		}
		if n := len(pieces[i]); n == listsAtOnce && (last == "" || pieces[i][n-1].lexeme < last) {
			last = pieces[i][n-1].lexeme
		}
	}
	lists = map[string]placeSet{}
	for i, l := range listings {
		for _, x := range pieces[i] {
			if last != "" && x.lexeme > last {
				break
			}
			s := newPlaceSet(b.db.volumeOf*b.db.blockOf - 1)
			if err := s.unpack(x.papers, l.from, l.to-l.from); err != nil {
				return nil, "", err
			}
			l.only(s)
			if have := lists[x.lexeme]; have != nil {
				s.or(have)
			}
			lists[x.lexeme] = s
		}
	}
	return lists, last, nil
}

func (b *binder) put(tx *sql.Tx, lists map[string]placeSet) error {
	put, err := tx.PrepareContext(b.ctx, "INSERT INTO search_bound (volume, lexeme, papers) VALUES ($1, $2, $3)")
	if err != nil {
		return err
	}
	defer put.Close()
	for _, lexeme := range slices.Sorted(maps.Keys(lists)) {
		if lists[lexeme].empty() {
			continue
		}
		if _, err := put.ExecContext(b.ctx, b.volume, lexeme, packPlaces(lists[lexeme].places(), b.db.volumeOf*b.db.blockOf)); err != nil {
			return err
		}
	}
	return nil
}

// tidy takes away what nobody reads any more: lists of blocks that are bound, and
// those of volumes that were left, or never ended and taken over. It reports
// whether there were any.
func (b *binder) tidy(blocks []sealedBlock) (did bool, err error) {
	for _, x := range blocks {
		if x.volume == 0 {
			continue
		}
		// One that is begun anew at this moment has its lists cleared by its maker.
		some, err := b.takeAway("search_lists", "block = $1 AND EXISTS (SELECT 1 FROM search_blocks WHERE block = $1 AND volume > 0)", x.block)
		if did = did || some; err != nil {
			return did, err
		}
	}
	for volume := int64(0); ; {
		volume, err = one(b.ctx, b.db.read, single[int64], "SELECT COALESCE(MIN(volume), 0) FROM search_bound WHERE volume > $1", volume)
		if err != nil || volume == 0 {
			return did, err
		}
		some, err := b.takeAway("search_bound", "volume = $1 AND NOT EXISTS (SELECT 1 FROM search_blocks WHERE volume = $1) AND NOT EXISTS (SELECT 1 FROM search_volumes WHERE volume = $1)", volume)
		if did = did || some; err != nil {
			return did, err
		}
	}
}

// takeAway deletes rows of a table, a few in a transaction; it asks first, since
// mostly there are none and who writes has to wait.
func (b *binder) takeAway(table, which string, number int64) (did bool, err error) {
	which = " FROM " + table + " WHERE " + which
	for {
		some, err := exists(b.ctx, b.db.read, "SELECT 1"+which, number)
		if err != nil || !some {
			return did, err
		}
		did = true
		if _, err := b.db.write.ExecContext(b.ctx, "DELETE"+which+" AND lexeme IN (SELECT lexeme"+which+" ORDER BY lexeme"+limited(listsAtOnce)+")", number); err != nil {
			return did, err
		}
		if b.pause != nil {
			if err := b.pause(); err != nil {
				return did, err
			}
		}
	}
}
