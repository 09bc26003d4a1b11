package typeset

import (
	"fmt"

	"rsc.io/qr"
)

// A QR is a QR code (ISO/IEC 18004, error correction M) in the middle of the line, its
// quiet zone within Side.
type QR struct {
	Text   string
	Side   float64 // points
	Before float64 // room above, points
}

// quiet is the quiet zone on each side, in modules (ISO/IEC 18004, 5.3.8).
const quiet = 4

func (q QR) place(s *setter) error {
	c, err := qr.Encode(q.Text, qr.M)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	if q.Side > Height-marginTop-marginBottom || q.Side > s.width {
		return ErrRoom
	}
	if s.room() < q.Before+q.Side {
		s.turn()
	} else {
		s.y += q.Before
	}
	module, left := q.Side/float64(c.Size+2*quiet), s.left+(s.width-q.Side)/2
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			n := 0
			for x+n < c.Size && c.Black(x+n, y) {
				n++
			}
			if n > 0 {
				s.page().boxes = append(s.page().boxes, [4]float64{left + float64(x+quiet)*module, s.y + float64(y+quiet)*module, float64(n) * module, module})
				x += n
			}
		}
	}
	s.y += q.Side
	return nil
}
