package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hashes are kept in tiles of 256 (C2SP tlog-tiles): a tile of level l holds the
// roots of complete subtrees of 256^l leaves each.
const (
	tileHeight = 8
	TileWidth  = 1 << tileHeight
	hashSize   = sha256.Size
)

// ErrTile: a tile that a proof needs is not there, or too short.
var ErrTile = errors.New("hashes of the ledger are missing")

// A Tile is up to 256 hashes, one after the other.
type Tile struct {
	Level  int
	Number int64
	Hashes []byte
}

// A Tree grows by leaves and remembers the tiles at its right edge only. The
// zero Tree is empty.
type Tree struct {
	size int64
	edge [][]byte // hashes of the unfinished tile of each level
}

// Grown returns the tree of a size whose unfinished tiles get returns. It fails
// if one of them is shorter than the size says.
func Grown(size int64, get func(level int, number int64) ([]byte, error)) (*Tree, error) {
	t := &Tree{size: size}
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		n := size >> (tileHeight * level)
		var hashes []byte
		if want := int(n%TileWidth) * hashSize; want > 0 {
			b, err := get(level, n/TileWidth)
			if err != nil {
				return nil, err
			}
			if len(b) < want {
				return nil, fmt.Errorf("%w: tile %d of level %d", ErrTile, n/TileWidth, level)
			}
			hashes = append(hashes, b[:want]...)
		}
		t.edge = append(t.edge, hashes)
	}
	return t, nil
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Add appends a leaf. A tile that becomes full is given to full; its memory is
// used again afterwards.
func (t *Tree) Add(leaf Hash, full func(Tile) error) error {
	t.size++
	for level := 0; ; level++ {
		if level == len(t.edge) {
			t.edge = append(t.edge, nil)
		}
		t.edge[level] = append(t.edge[level], leaf[:]...)
		if len(t.edge[level]) < TileWidth*hashSize {
			return nil
		}
		number := (t.size>>(tileHeight*(level+1)) - 1)
		if err := full(Tile{level, number, t.edge[level]}); err != nil {
			return err
		}
		leaf = fold(t.edge[level])
		t.edge[level] = t.edge[level][:0]
	}
}

// Edge returns the unfinished tiles, from level 0 up. Their memory is the
// tree's.
func (t *Tree) Edge() []Tile {
	var tiles []Tile
	for level, hashes := range t.edge {
		if len(hashes) > 0 {
			tiles = append(tiles, Tile{level, t.size >> (tileHeight * (level + 1)), hashes})
		}
	}
	return tiles
}

// Root returns the root hash: SHA-256 of nothing for the empty tree.
func (t *Tree) Root() (Hash, error) {
	return tlog.TreeHash(t.size, Hashes(func(level int, number int64) ([]byte, error) {
		if level >= len(t.edge) || number != t.size>>(tileHeight*(level+1)) {
			return nil, fmt.Errorf("%w: tile %d of level %d", ErrTile, number, level)
		}
		return t.edge[level], nil
	}))
}

// RootOf returns the root over the first size leaves, out of tiles.
func RootOf(size int64, get func(level int, number int64) ([]byte, error)) (Hash, error) {
	return tlog.TreeHash(size, Hashes(get))
}

// Split takes a tile's hashes apart. What is left of an unfinished one is
// dropped.
func Split(tile string) (hashes []Hash) {
	for ; len(tile) >= hashSize; tile = tile[hashSize:] {
		hashes = append(hashes, Hash([]byte(tile[:hashSize])))
	}
	return hashes
}

// fold returns the root over hashes, whose number is a power of two.
func fold(hashes []byte) Hash {
	var level [TileWidth]Hash
	n := len(hashes) / hashSize
	for i := range n {
		level[i] = Hash(hashes[i*hashSize:])
	}
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
	}
	return level[0]
}

// Hashes reads single hashes of the tree out of tiles: what [tlog.ProveRecord]
// and [tlog.ProveTree] ask for. A proof reads a few tiles of each level.
func Hashes(get func(level int, number int64) ([]byte, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		found := make([]Hash, len(indexes))
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			inside := level % tileHeight // a subtree of 2^inside hashes of its tile
			from := n << inside
			tile, err := get(level/tileHeight, from/TileWidth)
			if err != nil {
				return nil, err
			}
			start, end := int(from%TileWidth)*hashSize, (int(from%TileWidth)+1<<inside)*hashSize
			if len(tile) < end {
				return nil, fmt.Errorf("%w: tile %d of level %d", ErrTile, from/TileWidth, level/tileHeight)
			}
			found[i] = fold(tile[start:end])
		}
		return found, nil
	})
}
