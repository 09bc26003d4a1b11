package hostile

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strings"
)

// A doc is a PDF written by hand, object by object. What is not said otherwise
// is in order.
type doc struct {
	head    string
	objects []string // object i+1; empty: none
	trailer string   // more entries
	size    string   // instead of the true one
	tail    string   // instead of xref and trailer; %d: where it stands
}

// page is a doc of one page: objects 1 to 4 are catalogue, tree, page, content.
func page(content, resources string, more ...string) *doc {
	d := &doc{objects: []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<" + resources + ">>>>",
		stream("", content),
	}}
	d.objects = append(d.objects, more...)
	return d
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func deflated(dict, data string) string {
	return stream(dict+"/Filter/FlateDecode", deflate([]byte(data)))
}

func (d *doc) bytes() []byte {
	b, offsets := d.body()
	at := b.Len()
	if d.tail != "" {
		b.WriteString(strings.ReplaceAll(d.tail, "%d", fmt.Sprint(at)))
		return b.Bytes()
	}
	fmt.Fprintf(b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(b, "%010d 00000 n \n", o)
	}
	size := fmt.Sprint(len(offsets) + 1)
	if d.size != "" {
		size = d.size
	}
	fmt.Fprintf(b, "trailer\n<</Size %s/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", size, d.trailer, at)
	return b.Bytes()
}

func (d *doc) body() (*bytes.Buffer, []int) {
	b := &bytes.Buffer{}
	b.WriteString(d.head + "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range d.objects {
		offsets = append(offsets, b.Len())
		if o != "" {
			fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
		}
	}
	return b, offsets
}

// streamed is d with a cross-reference stream (ISO 32000-1, 7.5.8) whose
// dictionary has more; empty fields are as they should be.
func (d *doc) streamed(w, index, more string, rows []byte) []byte {
	b, offsets := d.body()
	at, n := b.Len(), len(d.objects)+1
	if rows == nil {
		rows = []byte{0, 0, 0, 0, 0xff}
		for _, o := range append(offsets, at) {
			rows = append(rows, 1, byte(o>>16), byte(o>>8), byte(o), 0)
		}
	}
	if w == "" {
		w = "[1 3 1]"
	}
	if index != "" {
		index = "/Index" + index
	}
	size := fmt.Sprint(n + 1)
	if d.size != "" {
		size = d.size
	}
	fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", n,
		deflated(fmt.Sprintf("/Type/XRef/Size %s/W%s%s/Root 1 0 R%s", size, w, index, strings.ReplaceAll(more, "%d", fmt.Sprint(at))), string(rows)), at)
	return b.Bytes()
}

func deflate(b []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // into memory
	_ = z.Close()
	return out.String()
}

// blown is what becomes n megabytes of blanks when it is inflated.
func blown(n int) []byte { return run(' ', n<<20) }

// run is what becomes n times c when it is inflated (RFC 1950, 1951). Blocks of
// a megabyte are made once and written again and again; the checksum of a run is
// a formula, so that a bomb of gigabytes takes no time.
func run(c byte, n int) []byte {
	block := func(n int) []byte {
		var b bytes.Buffer
		z, _ := flate.NewWriter(&b, flate.BestCompression)
		_, _ = z.Write(bytes.Repeat([]byte{c}, n)) // into memory
		_ = z.Flush()
		return b.Bytes()
	}
	const part = 1 << 20
	b := append([]byte{0x78, 0xda}, bytes.Repeat(block(part), n/part)...)
	b = append(b, block(n%part)...)
	b = append(b, 3, 0) // the last block, empty
	const base = 65521
	m, v := uint64(n%base), uint64(c)
	half := m * (m + 1) / 2 % base // of 1 to n, which comes round with base
	low, high := (1+v*m)%base, (m+v*half)%base
	return binary.BigEndian.AppendUint32(b, uint32(high<<16|low))
}
