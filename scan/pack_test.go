package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
)

// paperRows are rows of 8-bit samples: grainy paper, with so many flat rows at
// the top as a program would draw.
func paperRows(w, h, components, flat int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	rows := make([]byte, w*h*components)
	for i := range rows {
		rows[i] = 0xff
		if y := i / (w * components); y >= flat {
			rows[i] = byte(225 + rnd.NormFloat64()*5)
		} else if y%40 < 12 && i%17 < 3 {
			rows[i] = 0
		}
	}
	return rows
}

// TestFlateWriter: whatever the rows and the effort, another reader gets them
// back, and the same rows give the same bytes.
func TestFlateWriter(t *testing.T) {
	for _, row := range []struct{ w, h, components, flat int }{
		{1, 1, 1, 0}, {1, 3, 3, 3}, {83, 50, 3, 20}, {1001, 370, 3, 180}, {400_000, 3, 1, 1},
	} {
		rows := paperRows(row.w, row.h, row.components, row.flat)
		for _, e := range []effort{quick, alike, thorough, plain} {
			for _, differ := range []bool{false, true} {
				data, predictor := packed(t, rows, row.w, row.components, e, differ)
				if again, _ := packed(t, rows, row.w, row.components, e, differ); !bytes.Equal(again, data) {
					t.Errorf("%v, effort %d: the bytes differ", row, e)
				}
				z, err := zlib.NewReader(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, z); err != nil {
					t.Errorf("%v, effort %d: %v", row, e, err)
				}
				r, err := newRowReader(Page{Width: row.w, Height: row.h, Components: row.components, Bits: 8, Predictor: predictor, Data: data})
				if err != nil {
					t.Fatal(err)
				}
				n := row.w * row.components
				for y := range row.h {
					if got, err := r.next(); err != nil || !bytes.Equal(got, rows[y*n:][:n]) {
						t.Fatalf("%v, effort %d: row %d came out otherwise, %v", row, e, y, err)
					}
				}
				if err := r.end(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func packed(t *testing.T, rows []byte, w, components int, e effort, differ bool) ([]byte, int) {
	t.Helper()
	f := newFlateWriter(w, components, e)
	f.differ = differ
	for n := w * components; len(rows) > 0; rows = rows[n:] {
		if err := f.row(rows[:n]); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.finish()
	if err != nil {
		t.Fatal(err)
	}
	return b, f.predictor()
}

// TestFlateWriterSize: grain and flat rows each find the way that suits them, in
// one page as in two.
func TestFlateWriterSize(t *testing.T) {
	const w, h = 2480, 1600
	size := func(rows []byte) int {
		b, _ := packed(t, rows, w, 1, quick, false)
		return len(b)
	}
	grain := size(paperRows(w, h, 1, 0))
	flat := size(paperRows(w, h, 1, h))
	mixed := size(paperRows(w, h, 1, h/2))
	if bits := 8 * float64(grain) / (w * h); bits > 4.45 { // the grain's entropy is 4.37 bits
		t.Errorf("grain takes %.2f bits a sample", bits)
	}
	if flat > w*h/200 {
		t.Errorf("flat rows take %d bytes of %d", flat, w*h)
	}
	if limit := (grain+flat)/2 + w*h/40; mixed > limit {
		t.Errorf("half and half takes %d bytes, more than %d", mixed, limit)
	}
}

// TestTIFFNoLarger: what is packed anew takes no more than it took in the file
// at zlib's best and what a page of ours may cost besides, whether a program drew
// it or a scanner saw it.
func TestTIFFNoLarger(t *testing.T) {
	best := func(b []byte) []byte {
		var out bytes.Buffer
		w, _ := zlib.NewWriterLevel(&out, zlib.BestCompression)
		w.Write(b)
		w.Close()
		return out.Bytes()
	}
	const w, h = 420, 600
	for _, flat := range []int{0, h / 2, h} {
		for _, predictor := range []uint32{1, 2} {
			rows := paperRows(w, h, 3, flat)
			if predictor == 2 {
				for y := range h {
					row := rows[3*w*y:][:3*w]
					for i := len(row) - 1; i >= 3; i-- {
						row[i] -= row[i-3]
					}
				}
			}
			s := stripTIFF{w: w, h: h, bits: 8, samples: 3, pack: packDeflate, photometric: rgbColour, rowsAStrip: 100,
				code: best, order: binary.LittleEndian, rows: rows, more: []testEntry{short(tagPredictor, predictor)}}
			file, strips := s.file()
			came := len(bytes.Join(strips, nil))
			if p, _ := pageOf(t, openBytes(t, file), 0); len(p.Data) > came+4<<10 || p.Note == "" {
				t.Errorf("%d flat rows, predictor %d: %d bytes, in the file %d", flat, predictor, len(p.Data), came)
			}
		}
	}
}
