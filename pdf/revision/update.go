package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// An Update collects what is to be appended to a file. It is written by
// [Update.Prepare], or by [Update.Tail] if it has no signature.
type Update struct {
	file    *File
	objects map[Ref]Object
	next    int
	sig     *placed
}

// placed is the signature of an update and where its parts come to stand, as
// offsets in the tail.
type placed struct {
	ref                Ref
	dict               Dict
	reserve            int
	rangeAt            int
	contentsAt, behind int
}

// rangePlace is the room for /ByteRange: four numbers below 10^10 in brackets.
const rangePlace = 48

// Update begins an update of f.
func (f *File) Update() *Update {
	u := &Update{file: f, objects: map[Ref]Object{}, next: 1}
	if n, ok := f.trailer["Size"].(Number); ok {
		size, _ := n.Int()
		u.next = max(u.next, int(min(size, maxObjects)))
	}
	for num := range f.entries { // some writers' Size is too small
		u.next = max(u.next, num+1)
	}
	return u
}

// Add adds an object and returns its reference.
func (u *Update) Add(o Object) Ref {
	ref := Ref{u.next, 0}
	u.next++
	u.objects[ref] = o
	return ref
}

// Replace puts o in the place of an object of the file.
func (u *Update) Replace(ref Ref, o Object) { u.objects[ref] = o }

// Get returns what ref will be after the update.
func (u *Update) Get(ref Ref) (Object, error) {
	if o, ok := u.objects[ref]; ok {
		return o, nil
	}
	return u.file.Get(ref)
}

// A Prepared update has been hashed and waits for its signature.
type Prepared struct {
	// Digest is the SHA-256 of all bytes that the signature covers: everything
	// but the signature itself.
	Digest [sha256.Size]byte

	// Tail is what follows the file, with room for the signature until
	// [Prepared.Finish]. It must not be changed.
	Tail []byte

	// Contents and Reserve are where in Tail the signature's hexadecimal digits
	// begin and how many bytes there is room for: what a caller keeps who
	// finishes much later, see [Fill].
	Contents, Reserve int

	dst io.Writer
}

// Tail returns an update without a signature: what is to follow the file.
func (u *Update) Tail() ([]byte, error) {
	if u.sig != nil {
		return nil, errors.New("an update with a signature is prepared")
	}
	return u.tail()
}

// PrepareTail is Prepare for a dst that holds the file already.
func (u *Update) PrepareTail(dst io.Writer, src io.ReaderAt) (*Prepared, error) {
	p, err := u.Prepare(io.Discard, src)
	if p != nil {
		p.dst = dst
	}
	return p, err
}

// Prepare copies the file from src, of which the update was begun, to dst as it
// is, and hashes what the signature covers. Nothing else is written to dst until
// [Prepared.Finish]. Memory does not grow with the size of the file.
func (u *Update) Prepare(dst io.Writer, src io.ReaderAt) (*Prepared, error) {
	if u.sig == nil {
		return nil, fmt.Errorf("prepare: no signature was placed")
	}
	tail, err := u.tail()
	if err != nil {
		return nil, err
	}
	p := &Prepared{dst: dst, Tail: tail, Contents: u.sig.contentsAt + 1, Reserve: u.sig.reserve}
	return p, p.Hash(dst, src, u.file.size)
}

// Hash copies the size bytes of src, which Tail follows, to dst and sets Digest.
// It is for tails by other writers; [Update.Prepare] does so by itself.
func (p *Prepared) Hash(dst io.Writer, src io.ReaderAt, size int64) error {
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(dst, h), io.NewSectionReader(src, 0, size), make([]byte, min(size+1, 256<<10)))
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if n != size {
		return fmt.Errorf("copy: %w: %d bytes of %d", ErrDamaged, n, size)
	}
	h.Write(p.Tail[:p.Contents-1])
	h.Write(p.Tail[p.Contents+2*p.Reserve+1:])
	h.Sum(p.Digest[:0])
	return nil
}

// Finish writes the tail with cms, the DER of the signature, in its place. The
// error wraps [ErrRoom] if it does not fit; nothing is written then.
func (p *Prepared) Finish(cms []byte) error {
	if err := Fill(p.Tail, p.Contents, p.Reserve, cms); err != nil {
		return err
	}
	if _, err := p.dst.Write(p.Tail); err != nil {
		return fmt.Errorf("write the update: %w", err)
	}
	return nil
}

// Fill puts cms, the DER of a signature, into tail, where from the offset at on
// there is room for reserve bytes in hexadecimal digits. The error wraps
// [ErrRoom] if it does not fit; tail is as it was then.
func Fill(tail []byte, at, reserve int, cms []byte) error {
	if len(cms) > reserve || at < 0 || reserve > (len(tail)-at)/2 {
		return fmt.Errorf("%w: %d bytes, %d are reserved", ErrRoom, len(cms), reserve)
	}
	hex.Encode(tail[at:], cms)
	for i := at + 2*len(cms); i < at+2*reserve; i++ { // an earlier try may have been longer
		tail[i] = '0'
	}
	return nil
}

// tail writes the update: objects, cross-references, trailer.
func (u *Update) tail() ([]byte, error) {
	var w bytes.Buffer
	last, err := section(u.file.r, u.file.size-1, 1)
	if err != nil {
		return nil, err
	}
	if last[0] != '\n' && last[0] != '\r' {
		w.WriteByte('\n')
	}
	order := slices.SortedFunc(maps.Keys(u.objects), func(a, b Ref) int { return a.Num - b.Num })
	at := make(map[int]entry, len(order))
	for _, ref := range order {
		at[ref.Num] = entry{1, u.file.size + int64(w.Len()), ref.Gen}
		fmt.Fprintf(&w, "%d %d obj\n", ref.Num, ref.Gen)
		if u.sig != nil && ref == u.sig.ref {
			u.sig.write(&w)
		} else {
			write(&w, u.objects[ref])
		}
		w.WriteString("\nendobj\n")
	}
	start := u.file.size + int64(w.Len())
	trailer := u.trailer()
	if u.file.stream {
		num := u.next
		at[num] = entry{1, start, 0}
		trailer["Size"] = Int(num + 1)
		writeReferenceStream(&w, num, at, trailer)
	} else {
		trailer["Size"] = Int(u.next)
		writeTable(&w, at)
		w.WriteString("trailer\n")
		write(&w, trailer)
	}
	fmt.Fprintf(&w, "\nstartxref\n%d\n%%%%EOF\n", start)
	return u.ranged(w.Bytes())
}

// ranged writes the ByteRange into its place, now that the length is known.
func (u *Update) ranged(tail []byte) ([]byte, error) {
	if u.sig == nil {
		return tail, nil
	}
	from, to := u.file.size+int64(u.sig.contentsAt), u.file.size+int64(u.sig.behind)
	r := fmt.Sprintf("[0 %d %d %d]", from, to, u.file.size+int64(len(tail))-to)
	if len(r) > rangePlace {
		return nil, fmt.Errorf("%w: file of %d bytes", ErrRoom, u.file.size)
	}
	copy(tail[u.sig.rangeAt:], r)
	return tail, nil
}

// write writes the signature dictionary with room for what is not known yet.
func (s *placed) write(w *bytes.Buffer) {
	w.WriteString("<<")
	for _, k := range slices.Sorted(maps.Keys(s.dict)) {
		writeName(w, k)
		w.WriteByte(' ')
		write(w, s.dict[k])
		w.WriteByte('\n')
	}
	w.WriteString("/ByteRange ")
	s.rangeAt = w.Len()
	w.Write(bytes.Repeat([]byte{' '}, rangePlace))
	w.WriteString("\n/Contents ")
	s.contentsAt = w.Len()
	w.WriteByte('<')
	w.Write(bytes.Repeat([]byte{'0'}, 2*s.reserve))
	w.WriteByte('>')
	s.behind = w.Len()
	w.WriteString("\n>>")
}

// trailer returns the trailer of the update: what the newest one says, the way
// back to it, and a new second identifier (14.4).
func (u *Update) trailer() Dict {
	t := maps.Clone(u.file.trailer)
	for _, k := range []Name{"Type", "W", "Index", "Filter", "DecodeParms", "Length", "Prev"} {
		delete(t, k)
	}
	t["Prev"] = Number(fmt.Sprint(u.file.start))
	if id, ok := t["ID"].(Array); ok && len(id) == 2 {
		h := sha256.New()
		_ = binary.Write(h, binary.BigEndian, u.file.size)
		for _, part := range id {
			b, _ := part.(String)
			h.Write(b)
		}
		if u.sig != nil {
			var b bytes.Buffer
			write(&b, u.sig.dict)
			h.Write(b.Bytes())
		}
		t["ID"] = Array{id[0], String(h.Sum(nil)[:16])}
	}
	return t
}

// runs returns the numbers of at in runs without gaps.
func runs(at map[int]entry) [][]int {
	var out [][]int
	for _, num := range slices.Sorted(maps.Keys(at)) {
		if n := len(out); n > 0 && out[n-1][len(out[n-1])-1] == num-1 {
			out[n-1] = append(out[n-1], num)
		} else {
			out = append(out, []int{num})
		}
	}
	return out
}

func writeTable(w *bytes.Buffer, at map[int]entry) {
	w.WriteString("xref\n")
	for _, run := range runs(at) {
		fmt.Fprintf(w, "%d %d\n", run[0], len(run))
		for _, num := range run {
			fmt.Fprintf(w, "%010d %05d n \n", at[num].offset, at[num].gen)
		}
	}
}

// writeReferenceStream writes the cross-references as the file does, as a
// stream; stored, since there are few.
func writeReferenceStream(w *bytes.Buffer, num int, at map[int]entry, d Dict) {
	var index Array
	var rows []byte
	for _, run := range runs(at) {
		index = append(index, Int(run[0]), Int(len(run)))
		for _, n := range run {
			rows = append(rows, 1)
			rows = binary.BigEndian.AppendUint64(rows, uint64(at[n].offset))
			rows = binary.BigEndian.AppendUint16(rows, uint16(at[n].gen))
		}
	}
	d["Type"], d["Index"], d["W"] = Name("XRef"), index, Array{Int(1), Int(8), Int(2)}
	fmt.Fprintf(w, "%d 0 obj\n", num)
	write(w, &Stream{Dict: d, Data: rows})
	w.WriteString("\nendobj")
}
