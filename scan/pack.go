package scan

import (
	"bytes"
	stdflate "compress/flate"
	"encoding/binary"
	"hash"
	"hash/adler32"
	"io"
	"math"

	"github.com/klauspost/compress/flate"
)

// A sink takes a page's rows from top to bottom and returns them stored.
type sink interface {
	row(b []byte) error // b may be reused by the caller
	finish() ([]byte, error)
}

// The row filters of PNG (ISO/IEC 15948 clause 9.2).
const (
	filterNone = iota
	filterSub
	filterUp
	filterAverage
	filterPaeth
)

// An effort is how much is done for a small page.
type effort int

const (
	quick    effort = iota // chosen by looking at a part of the rows
	alike                  // as the file had the rows, matches looked for
	thorough               // as the file had them, the longest matches looked for, as zlib does
	plain                  // not compressed: for who will look at it at once
)

const (
	bandSize  = 1 << 20  // bytes that share a filter and a way to be packed
	lookBytes = 96 << 10 // of them, whose filter is looked for
	tryBytes  = 12 << 10 // of them, in which matches are looked for
)

// A flateWriter stores rows of 8-bit samples as zlib data: with PNG filters, or
// with more effort or none as a TIFF file would.
//
// What a scanner saw is grainy: to look for what was there before finds next to
// nothing, takes most of the time, and filters make more grain of it. What a
// program drew is flat, and there it is all. So a part of each band of rows is
// tried, and the band packed in the way that served it best (decision 27).
// The same rows always give the same bytes.
type flateWriter struct {
	effort effort
	out    bytes.Buffer
	sum    hash.Hash32
	differ bool   // as TIFF: store differences to the left
	bpp    int    // bytes of one pixel
	prev   []byte // the row above the band
	band   []byte // rows as they came
	packed []byte // with their filter bytes
	trial  bytes.Buffer
	ways   map[int]packer // by level
	level  int            // of the one that is open
	open   packer
}

// A packer writes deflate blocks.
type packer interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// newPacker returns one of a level that there is; of the best, Go's own, which
// finds what zlib finds.
func newPacker(w io.Writer, level int) (packer, error) {
	if level == flate.BestCompression {
		return stdflate.NewWriter(w, level)
	}
	return flate.NewWriter(w, level)
}

func newFlateWriter(width, components int, e effort) *flateWriter {
	f := &flateWriter{effort: e, bpp: components, prev: make([]byte, width*components), sum: adler32.New(), ways: map[int]packer{}}
	f.out.WriteString("\x78\x01") // RFC 1950: deflate, a window of 32 kB, packed for speed
	return f
}

func (f *flateWriter) row(b []byte) error {
	f.band = append(f.band, b...)
	if len(f.band) < bandSize {
		return nil
	}
	return f.flush()
}

func (f *flateWriter) finish() ([]byte, error) {
	if err := f.flush(); err != nil {
		return nil, err
	}
	if f.open == nil {
		if err := f.use(f.levelOf(true)); err != nil {
			return nil, err
		}
	}
	if err := f.open.Close(); err != nil {
		return nil, err
	}
	return binary.BigEndian.AppendUint32(f.out.Bytes(), f.sum.Sum32()), nil
}

// predictor is what undoes the filters.
func (f *flateWriter) predictor() int {
	switch {
	case f.effort == quick:
		return 15
	case f.differ:
		return tiffPredictor
	}
	return 1
}

// asTIFF appends the rows of the band as a TIFF file has them.
func (f *flateWriter) asTIFF(dst []byte) []byte {
	n, from := len(f.prev), len(dst)
	dst = append(dst, f.band...)
	for rows := dst[from:]; f.differ && len(rows) > 0; rows = rows[n:] {
		for i := n - 1; i >= f.bpp; i-- {
			rows[i] -= rows[i-f.bpp]
		}
	}
	return dst
}

// levelOf is the level of flat rows, or of grainy ones.
func (f *flateWriter) levelOf(flat bool) int {
	switch {
	case f.effort == plain:
		return flate.NoCompression
	case f.effort == thorough:
		return flate.BestCompression
	case f.effort == alike:
		return 3
	case flat:
		return 7
	}
	return flate.HuffmanOnly
}

// flush packs the rows of the band.
func (f *flateWriter) flush() error {
	if len(f.band) == 0 {
		return nil
	}
	level := f.levelOf(true)
	if f.effort == quick {
		var filter byte
		filter, level = f.choose()
		f.packed = appendFiltered(f.packed[:0], filter, f.band, f.prev, f.bpp)
	} else {
		f.packed = f.asTIFF(f.packed[:0])
	}
	if err := f.use(level); err != nil {
		return err
	}
	f.sum.Write(f.packed)
	_, err := f.open.Write(f.packed)
	copy(f.prev, f.band[len(f.band)-len(f.prev):])
	f.band = f.band[:0]
	return err
}

// use goes over to another level. What one has written ends with an empty
// block, and the next looks back no further.
func (f *flateWriter) use(level int) (err error) {
	if f.open != nil && f.level == level {
		return nil
	}
	if f.open != nil {
		if err := f.open.Flush(); err != nil {
			return err
		}
	}
	f.level, f.open = level, f.ways[level]
	if f.open == nil {
		f.open, err = newPacker(&f.out, level)
		f.ways[level] = f.open
		return err
	}
	f.open.Reset(&f.out)
	return nil
}

// choose looks at rows spread over the band and tries some from its middle.
// Matches must save a good part to be worth looking for, and so must the filter
// that costs most.
func (f *flateWriter) choose() (filter byte, level int) {
	filter, least := f.bestFilter()
	part, above := f.middle(tryBytes)
	way, matched := byte(filterNone), math.Inf(1)
	for _, k := range [...]byte{filterNone, filter} {
		f.packed = appendFiltered(f.packed[:0], k, part, above, f.bpp)
		if size := f.tried(f.packed) / float64(len(f.packed)); size < matched {
			way, matched = k, size
		}
	}
	if matched < 0.95*least {
		return way, f.levelOf(true)
	}
	return filter, f.levelOf(false)
}

// bestFilter returns the filter that makes the fewest bytes of each where bytes
// are coded one by one, and how many that are.
func (f *flateWriter) bestFilter() (best byte, least float64) {
	part, above := f.middle(lookBytes)
	least = math.Inf(1)
	for _, k := range [...]byte{filterNone, filterSub, filterUp, filterPaeth} {
		f.packed = appendFiltered(f.packed[:0], k, part, above, f.bpp)
		size := entropy(f.packed) / float64(len(f.packed))
		if k == filterPaeth {
			size *= 1.05
		}
		if size < least {
			best, least = k, size
		}
	}
	return best, least
}

// middle returns about so many bytes of rows from the middle of the band, and
// the row above them.
func (f *flateWriter) middle(size int) (rows, above []byte) {
	n := len(f.prev)
	all := len(f.band) / n
	take := min(all, max(1, size/n))
	at := (all - take) / 2
	if at == 0 {
		return f.band[:take*n], f.prev
	}
	return f.band[at*n:][:take*n], f.band[(at-1)*n:][:n]
}

// tried is how many bytes the rows become if matches are looked for.
func (f *flateWriter) tried(rows []byte) float64 {
	const trial = 5 // by a writer that is not the band's
	f.trial.Reset()
	w := f.ways[trial]
	if w == nil {
		w, _ = newPacker(&f.trial, trial) // errs for levels that there are not
		f.ways[trial] = w
	} else {
		w.Reset(&f.trial)
	}
	if _, err := w.Write(rows); err != nil || w.Close() != nil {
		return math.Inf(1)
	}
	return float64(f.trial.Len())
}

// entropy is how many bytes b becomes if each byte is coded by itself.
func entropy(b []byte) float64 {
	var count [256]int
	for _, v := range b {
		count[v]++
	}
	bits, all := 0.0, float64(len(b))
	for _, n := range count {
		if n > 0 {
			bits += float64(n) * max(1, math.Log2(all/float64(n))) // a code has a bit at least
		}
	}
	return bits / 8
}

// appendFiltered appends rows as long as above, the row over the first, each
// behind its filter byte.
func appendFiltered(dst []byte, filter byte, rows, above []byte, bpp int) []byte {
	n := len(above)
	for ; len(rows) > 0; rows = rows[n:] {
		row := rows[:n]
		dst = append(append(dst, filter), row...)
		out := dst[len(dst)-n:]
		switch filter {
		case filterSub:
			for i := bpp; i < n; i++ {
				out[i] -= row[i-bpp]
			}
		case filterUp:
			for i, v := range above {
				out[i] -= v
			}
		case filterPaeth:
			for i := range min(bpp, n) {
				out[i] -= above[i]
			}
			for i := bpp; i < n; i++ {
				out[i] -= paethOf(row[i-bpp], above[i], above[i-bpp])
			}
		}
		above = row
	}
	return dst
}

func paethOf(left, up, corner byte) byte {
	pa := int(up) - int(corner)
	pb := int(left) - int(corner)
	pc := pa + pb
	pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
	if pa <= pb && pa <= pc {
		return left
	}
	if pb <= pc {
		return up
	}
	return corner
}
