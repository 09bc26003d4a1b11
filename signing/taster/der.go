package taster

import "errors"

// deepest is how many levels of values lie within each other at most. A
// time-stamp with its chain has 14.
const deepest = 40

var (
	errLong  = errors.New("not DER: a length")
	errTag   = errors.New("not DER: a tag")
	errDeep  = errors.New("values lie too deep in each other")
	errAfter = errors.New("bytes follow the value")
)

// strict holds b against DER (ITU-T X.690, 10): one value, every length definite,
// as short as can be and within what is around it, and no more than so many
// levels. It looks into constructed values only.
func strict(b []byte) error {
	rest, err := value(b, 0)
	if err == nil && len(rest) > 0 {
		err = errAfter
	}
	return err
}

// value steps over the first value of b.
func value(b []byte, depth int) (rest []byte, err error) {
	if depth > deepest {
		return nil, errDeep
	}
	if len(b) < 2 || b[0]&0x1f == 0x1f || b[0] == 0 { // no format read here has tags of many bytes
		return nil, errTag
	}
	constructed := b[0]&0x20 != 0
	n, b, err := length(b[1:])
	if err != nil {
		return nil, err
	}
	inside, rest := b[:n], b[n:]
	for constructed && len(inside) > 0 {
		if inside, err = value(inside, depth+1); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// length reads a length and returns what follows it, which is at least as long.
func length(b []byte) (n int, rest []byte, err error) {
	first := int(b[0])
	b = b[1:]
	if first < 0x80 {
		n = first
	} else {
		bytes := first & 0x7f
		if bytes == 0 || bytes > 4 || len(b) < bytes || b[0] == 0 {
			return 0, nil, errLong
		}
		for _, c := range b[:bytes] {
			n = n<<8 | int(c)
		}
		if n < 0x80 {
			return 0, nil, errLong
		}
		b = b[bytes:]
	}
	if n > len(b) {
		return 0, nil, errLong
	}
	return n, b, nil
}
