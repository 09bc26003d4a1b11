package inspect

import (
	"bytes"
	"io"
	"strconv"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// A scan's file is nearly all pictures. pdfcpu copies every stream into memory
// when it reads a file, so that 300 pages would take a gigabyte. It is shown a
// husk: the file with another length for each large picture, so short that next
// to nothing is copied. Afterwards each picture's bytes are those of the mapping,
// which the kernel brings in when they are asked for and [forget] lets go.

const (
	largePicture = 64 << 10 // smaller ones are copied
	huskLength   = 16       // bytes of a large one that are shown
	dictWindow   = 4 << 10  // of a stream's dictionary that is looked at
)

// A husk is a file as pdfcpu is shown it: all of it, but for some bytes.
type husk struct {
	file  []byte
	spots []spot // by place
	at    int64
}

// A spot is where other bytes stand than in the file: the length of a picture.
type spot struct {
	at     int
	shown  []byte
	stream int64 // where its data begin
	length int   // as they are
}

// newHusk looks for large pictures in file. It lets go of what it has passed.
func newHusk(file []byte, past func(int)) *husk {
	h := &husk{file: file}
	for i := 0; ; {
		k := bytes.Index(file[i:], []byte("stream"))
		if k < 0 {
			return h
		}
		past(i)
		i += k + len("stream")
		if s, ok := pictureAt(file, i); ok {
			h.spots = append(h.spots, s)
			i = int(s.stream) + s.length
		}
	}
}

var endOfData = []byte("endstream")

// pictureAt tells whether a large picture's data begin after the word stream
// that ends at i: only one whose dictionary says in plain words what it is and
// how long, and behind whose data the word endstream stands.
func pictureAt(file []byte, i int) (spot, bool) {
	from := i
	switch {
	case bytes.HasPrefix(file[i:], []byte("\r\n")):
		from += 2
	case bytes.HasPrefix(file[i:], []byte("\n")):
		from++
	default:
		return spot{}, false
	}
	window := file[max(0, i-dictWindow) : i-len("stream")]
	start := bytes.LastIndex(window, []byte("obj"))
	if start < 0 {
		return spot{}, false
	}
	dict := window[start:]
	at := bytes.Index(dict, []byte("/Length "))
	if at < 0 || !bytes.Contains(dict, []byte("/Image")) || bytes.LastIndex(dict, []byte("/Length ")) != at {
		return spot{}, false
	}
	at += len("/Length ")
	digits := dict[at:]
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	after := bytes.TrimLeft(digits[n:], " ")
	length, err := strconv.Atoi(string(digits[:n]))
	if err != nil || length < largePicture || length > len(file)-from || len(after) > 0 && after[0] >= '0' && after[0] <= '9' {
		return spot{}, false
	}
	tail := bytes.TrimLeft(file[from+length:min(len(file), from+length+len(endOfData)+2)], "\r\n")
	if !bytes.HasPrefix(tail, endOfData) {
		return spot{}, false
	}
	shown := bytes.Repeat([]byte{' '}, n)
	copy(shown, strconv.Itoa(huskLength))
	return spot{at: i - len("stream") - len(dict) + at, shown: shown, stream: int64(from), length: length}, true
}

// Seek implements [io.Seeker].
func (h *husk) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += h.at
	case io.SeekEnd:
		offset += int64(len(h.file))
	}
	if offset < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	h.at = offset
	return offset, nil
}

// Read implements [io.Reader].
func (h *husk) Read(b []byte) (int, error) {
	if h.at >= int64(len(h.file)) {
		return 0, io.EOF
	}
	from := int(h.at)
	n := copy(b, h.file[from:])
	h.at += int64(n)
	for _, s := range h.from(from) {
		if s.at >= from+n {
			break
		}
		for k, c := range s.shown {
			if to := s.at + k - from; to >= 0 && to < n {
				b[to] = c
			}
		}
	}
	return n, nil
}

// from returns the spots that reach beyond place at.
func (h *husk) from(at int) []spot {
	lo, hi := 0, len(h.spots)
	for lo < hi {
		if mid := (lo + hi) / 2; h.spots[mid].at+len(h.spots[mid].shown) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return h.spots[lo:]
}

// fill gives every large picture in ctx its own bytes again. It reports false
// if one of them was not found as a stream of its own: then the husk was
// something else than the file.
func (h *husk) fill(ctx *model.Context) bool {
	at := map[int64]int{}
	for _, s := range h.spots {
		at[s.stream] = s.length
	}
	filled := 0
	for _, entry := range ctx.Table {
		if entry == nil {
			continue
		}
		sd, ok := entry.Object.(types.StreamDict)
		if !ok {
			continue
		}
		length, ok := at[sd.StreamOffset]
		if !ok {
			continue
		}
		if len(sd.Raw) != huskLength || sd.Content != nil {
			return false
		}
		whole := int64(length)
		sd.Raw, sd.StreamLength = h.file[sd.StreamOffset:sd.StreamOffset+whole:sd.StreamOffset+whole], &whole
		sd.Dict["Length"] = types.Integer(length)
		entry.Object = sd
		filled++
	}
	return filled == len(h.spots)
}

// A mapping is a file in the address space. Its pages come from the file and
// count for this process only while they are there.
type mapping struct {
	b    []byte
	file bool // it is one, and no bytes in memory
	gone int  // all before it has been let go
}

// window is how much of a file that is gone through stays at hand.
const window = 8 << 20

// past lets go of what lies well before place at.
func (m *mapping) past(at int) {
	if !m.file || at-m.gone < 2*window {
		return
	}
	to := (at - window) &^ (window - 1)
	_ = syscall.Madvise(m.b[m.gone:to], syscall.MADV_DONTNEED) // a saving, no more
	m.gone = to
}

// forget lets go of all of it.
func (m *mapping) forget() {
	if m.file {
		_ = syscall.Madvise(m.b, syscall.MADV_DONTNEED)
	}
	m.gone = 0
}
