package scan

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// The tags this house reads (TIFF 6.0 part 1 and 2; EXIF 2.3 uses the same).
const (
	tagSubfile      = 254
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagOffsets      = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagCounts       = 279
	tagXRes         = 282
	tagYRes         = 283
	tagPlanar       = 284
	tagT4Options    = 292
	tagResUnit      = 296
	tagPredictor    = 317
	tagColorMap     = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileCounts   = 325
	tagExtra        = 338
	tagSampleFormat = 339
	tagJPEGTables   = 347
)

var knownTags = []uint16{
	tagSubfile, tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric, tagFillOrder, tagOffsets,
	tagOrientation, tagSamples, tagRowsPerStrip, tagCounts, tagXRes, tagYRes, tagPlanar, tagT4Options,
	tagResUnit, tagPredictor, tagColorMap, tagTileWidth, tagTileHeight, tagTileOffsets, tagTileCounts,
	tagExtra, tagSampleFormat, tagJPEGTables,
}

// maxField is the largest field that is read: the strip table of a tall page.
const maxField = 4 << 20

var (
	errIFD     = errors.New("a directory of the file is broken")
	errTooMany = errors.New("a field of the file is too large")
)

// An ifd is one image file directory: what a TIFF page or an EXIF block says.
type ifd struct {
	order  binary.ByteOrder
	fields map[uint16]field
	next   int64 // offset of the next directory, 0 for none
}

type field struct {
	kind uint16
	data []byte
}

// fieldSize holds the bytes of one value by field type.
var fieldSize = [...]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

// readHeader reads the eight bytes a TIFF file or EXIF block starts with.
func readHeader(r io.ReaderAt) (order binary.ByteOrder, first int64, err error) {
	var b [8]byte
	if _, err := r.ReadAt(b[:], 0); err != nil {
		return nil, 0, err
	}
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return nil, 0, errIFD
	}
	return order, int64(order.Uint32(b[4:])), nil
}

// readIFD reads the known fields of the directory at off. All lengths are
// checked against size before anything is read.
func readIFD(r io.ReaderAt, size, off int64, order binary.ByteOrder) (ifd, error) {
	d := ifd{order: order, fields: map[uint16]field{}}
	var n [2]byte
	if off < 8 || off > size-2 {
		return d, errIFD
	}
	if _, err := r.ReadAt(n[:], off); err != nil {
		return d, err
	}
	count := int64(order.Uint16(n[:]))
	if count == 0 || off+2+12*count > size {
		return d, errIFD
	}
	entries := make([]byte, 12*count)
	if _, err := r.ReadAt(entries, off+2); err != nil {
		return d, err
	}
	for e := entries; len(e) > 0; e = e[12:] {
		tag := order.Uint16(e)
		if !slices.Contains(knownTags, tag) {
			continue
		}
		f, err := readField(r, size, e, order)
		if err != nil {
			return d, err
		}
		d.fields[tag] = f
	}
	var next [4]byte
	if off+2+12*count+4 <= size { // EXIF blocks may end without it
		if _, err := r.ReadAt(next[:], off+2+12*count); err != nil {
			return d, err
		}
	}
	d.next = int64(order.Uint32(next[:]))
	return d, nil
}

func readField(r io.ReaderAt, size int64, entry []byte, order binary.ByteOrder) (field, error) {
	f := field{kind: order.Uint16(entry[2:])}
	if int(f.kind) >= len(fieldSize) || f.kind == 0 {
		return f, nil // a type of a later time: to be passed over (TIFF 6.0 p. 16)
	}
	n := int64(order.Uint32(entry[4:])) * fieldSize[f.kind]
	if n > maxField {
		return f, errTooMany
	}
	f.data = make([]byte, n)
	if n <= 4 {
		copy(f.data, entry[8:])
		return f, nil
	}
	off := int64(order.Uint32(entry[8:]))
	if off > size-n {
		return f, errIFD
	}
	_, err := r.ReadAt(f.data, off)
	return f, err
}

// ints returns the values of an integer field, nil if it is absent.
func (d ifd) ints(tag uint16) []int64 {
	f := d.fields[tag]
	var v []int64
	switch f.kind {
	case 1, 7:
		for _, b := range f.data {
			v = append(v, int64(b))
		}
	case 3:
		for b := f.data; len(b) >= 2; b = b[2:] {
			v = append(v, int64(d.order.Uint16(b)))
		}
	case 4, 13:
		for b := f.data; len(b) >= 4; b = b[4:] {
			v = append(v, int64(d.order.Uint32(b)))
		}
	}
	return v
}

// first returns the first value of an integer field, or or if it is absent.
func (d ifd) first(tag uint16, or int64) int64 {
	if v := d.ints(tag); len(v) > 0 {
		return v[0]
	}
	return or
}

// ratio returns the first value of a rational field, 0 if it is absent.
func (d ifd) ratio(tag uint16) float64 {
	f := d.fields[tag]
	if f.kind != 5 || len(f.data) < 8 {
		return 0
	}
	over, under := d.order.Uint32(f.data), d.order.Uint32(f.data[4:])
	if under == 0 {
		return 0
	}
	return float64(over) / float64(under)
}

// resolution returns what the directory claims, in dots per inch; 0 for none.
func (d ifd) resolution() (x, y float64) {
	x, y = d.ratio(tagXRes), d.ratio(tagYRes)
	switch d.first(tagResUnit, 2) {
	case 2:
		return x, y
	case 3:
		return 2.54 * x, 2.54 * y
	}
	return 0, 0
}

// upright says what makes a picture with the given Orientation upright: first
// mirror it left to right if mirrored, then make clockwise quarter turns.
func upright(orientation int64) (mirrored bool, turn int) {
	switch orientation {
	case 2:
		return true, 0
	case 3:
		return false, 2
	case 4:
		return true, 2
	case 5:
		return true, 3
	case 6:
		return false, 1
	case 7:
		return true, 1
	case 8:
		return false, 3
	}
	return false, 0
}
