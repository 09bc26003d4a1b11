package jbig2

// A state is where a context stands: the row of the table of estimates, and in
// its lowest bit the more probable symbol.
type state uint8

// An estimate is a row of table E.1 of T.88.
type estimate struct {
	qe         uint32
	more, less uint8 // the rows after the more and the less probable symbol
	exchange   bool  // after the less probable one the symbols change places
}

var estimates = [...]estimate{
	{0x5601, 1, 1, true}, {0x3401, 2, 6, false}, {0x1801, 3, 9, false}, {0x0ac1, 4, 12, false}, {0x0521, 5, 29, false}, {0x0221, 38, 33, false},
	{0x5601, 7, 6, true}, {0x5401, 8, 14, false}, {0x4801, 9, 14, false}, {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false}, {0x1c01, 13, 20, false}, {0x1601, 29, 21, false},
	{0x5601, 15, 14, true}, {0x5401, 16, 14, false}, {0x5101, 17, 15, false}, {0x4801, 18, 16, false}, {0x3801, 19, 17, false}, {0x3401, 20, 18, false}, {0x3001, 21, 19, false}, {0x2801, 22, 19, false},
	{0x2401, 23, 20, false}, {0x2201, 24, 21, false}, {0x1c01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false}, {0x1401, 28, 25, false}, {0x1201, 29, 26, false}, {0x1101, 30, 27, false},
	{0x0ac1, 31, 28, false}, {0x09c1, 32, 29, false}, {0x08a1, 33, 30, false}, {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02a1, 36, 33, false}, {0x0221, 37, 34, false}, {0x0141, 38, 35, false},
	{0x0111, 39, 36, false}, {0x0085, 40, 37, false}, {0x0049, 41, 38, false}, {0x0025, 42, 39, false}, {0x0015, 43, 40, false}, {0x0009, 44, 41, false}, {0x0005, 45, 42, false}, {0x0001, 45, 43, false},
	{0x5601, 46, 46, false},
}

// after returns the states that follow s: after the more probable symbol, and
// after the less probable one.
func (s state) after() (more, less state) {
	e, mps := estimates[s>>1], s&1
	other := mps
	if e.exchange {
		other ^= 1
	}
	return state(e.more)<<1 | mps, state(e.less)<<1 | other
}

// step is what both coders ask of a state, worked out once.
type step struct {
	qe         uint32
	more, less state
}

var steps = func() (all [2 * len(estimates)]step) {
	for s := range all {
		all[s].qe = estimates[s>>1].qe
		all[s].more, all[s].less = state(s).after()
	}
	return all
}()

// An encoder is the arithmetic coder MQ (T.88, annex E.2; the procedures have
// its names).
type encoder struct {
	c, a uint32
	ct   uint
	out  []byte // its first byte stands before the data
}

// start is INITENC.
func (e *encoder) start() { *e = encoder{a: 0x8000, ct: 12, out: []byte{0}} }

// encode codes a bit in a context.
func (e *encoder) encode(cx *state, bit byte) {
	s := &steps[*cx]
	e.a -= s.qe
	if bit == byte(*cx&1) { // CODEMPS
		if e.a&0x8000 != 0 {
			e.c += s.qe
			return
		}
		if e.a < s.qe {
			e.a = s.qe
		} else {
			e.c += s.qe
		}
		*cx = s.more
	} else { // CODELPS
		if e.a < s.qe {
			e.c += s.qe
		} else {
			e.a = s.qe
		}
		*cx = s.less
	}
	for { // RENORME
		e.a <<= 1
		e.c <<= 1
		if e.ct--; e.ct == 0 {
			e.byteOut()
		}
		if e.a&0x8000 != 0 {
			return
		}
	}
}

// byteOut is BYTEOUT: after a byte of all ones a bit is left free for a carry.
func (e *encoder) byteOut() {
	last := &e.out[len(e.out)-1]
	if *last != 0xff && e.c >= 0x8000000 {
		*last++
		if *last == 0xff {
			e.c &= 0x7ffffff
		}
	}
	if *last == 0xff {
		e.out = append(e.out, byte(e.c>>20))
		e.c, e.ct = e.c&0xfffff, 7
		return
	}
	e.out = append(e.out, byte(e.c>>19))
	e.c, e.ct = e.c&0x7ffff, 8
}

// finish is FLUSH: what is left, and the marker that ends the data.
func (e *encoder) finish() []byte {
	most := e.c + e.a // SETBITS
	e.c |= 0xffff
	if e.c >= most {
		e.c -= 0x8000
	}
	e.c <<= e.ct
	e.byteOut()
	e.c <<= e.ct
	e.byteOut()
	if e.out[len(e.out)-1] != 0xff {
		e.out = append(e.out, 0xff)
	}
	return append(e.out, 0xac)[1:]
}

// A decoder undoes what an encoder did (T.88, annex E.3).
type decoder struct {
	data []byte
	at   int
	c, a uint32
	ct   uint
	past int // bytes asked for after the data
}

// mostPast is how many bytes after its data a whole stream is asked for: the
// marker stands for ones without end, of which the coder may have left out some.
const mostPast = 8

// newDecoder is INITDEC.
func newDecoder(data []byte) *decoder {
	d := &decoder{data: data, a: 0x8000}
	d.c = uint32(d.byte(0)) << 16
	d.byteIn()
	d.c <<= 7
	d.ct -= 7
	return d
}

// byte returns byte i, and ones after the end.
func (d *decoder) byte(i int) byte {
	if i < len(d.data) {
		return d.data[i]
	}
	return 0xff
}

// byteIn is BYTEIN.
func (d *decoder) byteIn() {
	if d.byte(d.at) == 0xff {
		if b := d.byte(d.at + 1); b <= 0x8f {
			d.at++
			d.c += uint32(b) << 9
			d.ct = 7
			return
		}
		d.c += 0xff00
		d.ct = 8
		d.past++
		return
	}
	d.at++
	d.c += uint32(d.byte(d.at)) << 8
	d.ct = 8
}

// decode returns the next bit in a context (DECODE).
func (d *decoder) decode(cx *state) byte {
	s := &steps[*cx]
	mps := byte(*cx & 1)
	d.a -= s.qe
	bit := mps
	if d.c>>16 < s.qe { // LPS_EXCHANGE
		if d.a < s.qe {
			*cx = s.more
		} else {
			bit = mps ^ 1
			*cx = s.less
		}
		d.a = s.qe
	} else {
		d.c -= s.qe << 16
		if d.a&0x8000 != 0 {
			return bit
		}
		if d.a < s.qe { // MPS_EXCHANGE
			bit = mps ^ 1
			*cx = s.less
		} else {
			*cx = s.more
		}
	}
	for { // RENORMD
		if d.ct == 0 {
			d.byteIn()
		}
		d.a <<= 1
		d.c <<= 1
		d.ct--
		if d.a&0x8000 != 0 {
			return bit
		}
	}
}
