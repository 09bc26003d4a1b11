package raster

import (
	"encoding/binary"

	"sohoa/scan/turbo"
)

// A leveller mixes rows of a picture that lies level on the page: two rows of it
// are mixed once for all pixels of a row of the page, and which pixels of the
// result a pixel is mixed from is the same in every row. The pixels are those
// that [mixed] makes.
type leveller struct {
	line []byte  // two rows, mixed; with room for what is read too much
	at   []place // of the pixels that lie within, by column
	from int     // the first of them
}

// A place is where the left one of two pixels begins, and the share of the right
// one in 256ths.
type place struct{ o, fx uint32 }

// set finds the columns that lie within, w of them beginning at u in steps of du.
func (l *leveller) set(w int, v *turbo.View, u, du int64) {
	l.line = make([]byte, 3*v.Width+8)
	l.at = make([]place, 0, w)
	for x := range w {
		if at := u >> 16; uint64(at) < uint64(v.Width-1) {
			if len(l.at) == 0 {
				l.from = x
			}
			l.at = append(l.at, place{uint32(3 * at), uint32(u>>8) & 0xff})
		}
		u += du
	}
}

// mixed is [mixed] for dv of zero and three samples.
func (l *leveller) mixed(row []byte, v *turbo.View, u, t, du int64, blank [3]byte) {
	if l.line == nil {
		l.set(len(row)/3, v, u, du)
	}
	y := t >> 16
	if uint64(y) >= uint64(v.Height-1) || len(l.at) == 0 {
		mixed(row, v, u, t, du, 0, blank)
		return
	}
	stride := 3 * v.Width
	mixRows(l.line[:stride], v.Pix[int(y)*stride:][:stride], v.Pix[(int(y)+1)*stride:][:stride], uint64(t>>8)&0xff)
	first, last := l.from, l.from+len(l.at)
	for x := 0; x < first; x++ {
		mix(row[3*x:][:3], *v, u+int64(x)*du, t, blank)
	}
	line, to := l.line, row[3*first:3*last]
	for _, p := range l.at {
		w := mixSides(binary.LittleEndian.Uint64(line[p.o:]), uint64(p.fx))
		if len(to) < 4 {
			to[0], to[1], to[2] = byte(w), byte(w>>8), byte(w>>16)
			break
		}
		binary.LittleEndian.PutUint32(to, uint32(w)) // what is written too much is written over
		to = to[3:]
	}
	for x := last; x < len(row)/3; x++ {
		mix(row[3*x:][:3], *v, u+int64(x)*du, t, blank)
	}
}

// mixRows mixes two rows, fy 256ths of the lower one, eight samples at once.
func mixRows(to, upper, lower []byte, fy uint64) {
	for len(to) >= 8 && len(upper) >= 8 && len(lower) >= 8 {
		binary.LittleEndian.PutUint64(to, mixEight(binary.LittleEndian.Uint64(upper), binary.LittleEndian.Uint64(lower), fy))
		to, upper, lower = to[8:], upper[8:], lower[8:]
	}
	for i := range to {
		to[i] = byte((uint64(upper[i])*(256-fy) + uint64(lower[i])*fy + 1<<7) >> 8)
	}
}
