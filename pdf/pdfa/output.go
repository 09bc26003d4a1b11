package pdfa

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strconv"
	"sync"
)

// output writes numbered objects one after the other and remembers where they
// begin. After an error it writes nothing more.
type output struct {
	w       *bufio.Writer
	sum     hash.Hash // over all bytes written, but of scans over their digests
	at      int64
	offsets []int64 // of object i+1
	err     error
}

func newOutput(w io.Writer) *output {
	return &output{w: bufio.NewWriterSize(w, 1<<16), sum: sha256.New()}
}

func (o *output) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	o.sum.Write(b)
	return o.put(b)
}

// put writes what is not to be taken into the sum.
func (o *output) put(b []byte) (int, error) {
	n, err := o.w.Write(b)
	o.at += int64(n)
	o.err = err
	return n, err
}

func (o *output) printf(format string, args ...any) { fmt.Fprintf(o, format, args...) }

// reserve returns the number of an object to be written later.
func (o *output) reserve() int {
	o.offsets = append(o.offsets, -1)
	return len(o.offsets)
}

func (o *output) object(n int, format string, args ...any) {
	o.offsets[n-1] = o.at
	o.printf("%d 0 obj\n", n)
	o.printf(format, args...)
	o.printf("\nendobj\n")
}

// stream writes data as it is; dict is the inside of its dictionary, without
// Length.
func (o *output) stream(n int, dict string, data []byte) {
	o.offsets[n-1] = o.at
	o.printf("%d 0 obj\n<<%s/Length %d>>\nstream\n", n, dict, len(data))
	_, _ = o.Write(data) // the error stays in o.err
	o.printf("\nendstream\nendobj\n")
}

// scan is stream for many data whose digest is known.
func (o *output) scan(n int, dict string, data []byte, digest [32]byte) {
	o.offsets[n-1] = o.at
	o.printf("%d 0 obj\n<<%s/Length %d>>\nstream\n", n, dict, len(data))
	if o.err == nil {
		o.sum.Write(digest[:])
		_, _ = o.put(data) // the error stays in o.err
	}
	o.printf("\nendstream\nendobj\n")
}

// deflated writes data compressed.
func (o *output) deflated(n int, dict string, data []byte) {
	o.stream(n, dict+"/Filter/FlateDecode", deflate(data))
}

// deflate packs data as small as zlib does.
func deflate(data []byte) []byte {
	var b bytes.Buffer
	z := packers.Get().(*zlib.Writer)
	defer packers.Put(z)
	z.Reset(&b)
	_, err := z.Write(data)
	if err == nil {
		err = z.Close()
	}
	if err != nil { // a buffer takes all
		panic(err)
	}
	return b.Bytes()
}

// packers are kept: one is made of 800 KB of tables, and a page asks for two.
var packers = sync.Pool{New: func() any {
	z, err := zlib.NewWriterLevel(nil, zlib.BestCompression)
	if err != nil { // there is such a level
		panic(err)
	}
	return z
}}

// finish writes the cross-reference table and the trailer (ISO 32000-1, 7.5.4
// and 7.5.5). The file's ID is a digest of all that stands before, scans by theirs.
func (o *output) finish(root, info int) error {
	id := o.sum.Sum(nil)[:16]
	start := o.at
	o.printf("xref\n0 %d\n0000000000 65535 f \n", len(o.offsets)+1)
	for i, at := range o.offsets {
		if at < 0 && o.err == nil {
			o.err = fmt.Errorf("object %d was reserved and not written", i+1)
		}
		o.printf("%010d 00000 n \n", at)
	}
	o.printf("trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(o.offsets)+1, root, info, id, id, start)
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}

// number appends v with at most the given decimals, without trailing zeros.
func number(b []byte, v float64, decimals int) []byte {
	s := strconv.AppendFloat(nil, v, 'f', decimals, 64)
	if decimals > 0 {
		s = bytes.TrimRight(s, "0")
		s = bytes.TrimSuffix(s, []byte("."))
	}
	if string(s) == "-0" {
		s = s[1:]
	}
	return append(b, s...)
}
