package inspect

import (
	"bytes"
	"compress/zlib"
	"io"
	"strconv"

	"sohoa/pattern"
)

// A stone is an object as a tolerant look over the bytes of a damaged file
// finds it, no table asked.
type stone struct {
	head   []byte // what stands before its stream, or all of it
	stream []byte // raw; nil if it has none
	broken bool   // it has no end, or its stream has none
}

// A rubble is all objects of a damaged file by number, the last of each.
type rubble struct {
	stones map[int]stone
	last   int // where in the file the last object begins
}

// Bounds of the look.
const (
	mostStones   = 1 << 20
	mostInflated = 256 << 20
)

var (
	objectHead = pattern.Late(`(?:^|[^0-9A-Za-z])(\d{1,8})[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]+obj\b`)
	reference  = pattern.Late(`(?:^|[^0-9A-Za-z])(\d{1,8})[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]+R\b`)
	parentOf   = pattern.Late(`/Parent[\x00\t\n\f\r ]+\d{1,8}[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]+R\b`)
	isPage     = pattern.Late(`/Type[\x00\t\n\f\r ]*/Page\b`)
	isTree     = pattern.Late(`/Type[\x00\t\n\f\r ]*/Pages\b`)
	isCatalog  = pattern.Late(`/Type[\x00\t\n\f\r ]*/Catalog\b`)
	isPacked   = pattern.Late(`/Type[\x00\t\n\f\r ]*/ObjStm\b`)
	treeOf     = pattern.Late(`/Pages[\x00\t\n\f\r ]+(\d{1,8})[\x00\t\n\f\r ]+\d{1,5}[\x00\t\n\f\r ]+R\b`)
	countOf    = pattern.Late(`/Count[\x00\t\n\f\r ]+(\d{1,8})\b`)
	firstOf    = pattern.Late(`/First[\x00\t\n\f\r ]+(\d{1,8})\b`)
	oneFlate   = pattern.Late(`/Filter[\x00\t\n\f\r ]*(?:/FlateDecode|\[[\x00\t\n\f\r ]*/FlateDecode[\x00\t\n\f\r ]*\])`)
	manyFilter = pattern.Late(`/Filter\b`)
)

// sift finds the objects of b, also those packed into streams.
func sift(b []byte) rubble {
	r := rubble{stones: map[int]stone{}}
	var packed []int
	for at := 0; len(r.stones) < mostStones; {
		m := objectHead().FindSubmatchIndex(b[at:])
		if m == nil {
			break
		}
		n, _ := strconv.Atoi(string(b[at+m[2] : at+m[3]]))
		r.last = at + m[2]
		var s stone
		s, at = cutStone(b, at+m[1])
		r.stones[n] = s
		if s.stream != nil && isPacked().Match(s.head) {
			packed = append(packed, n)
		}
	}
	left := int64(mostInflated)
	for _, n := range packed {
		left -= r.unpack(r.stones[n], left)
	}
	return r
}

// cutStone cuts the object whose inside begins at from, and returns where to go
// on.
func cutStone(b []byte, from int) (stone, int) {
	rest := b[from:]
	end := bytes.Index(rest, []byte("endobj"))
	data := bytes.Index(rest, []byte("stream"))
	if data < 0 || end >= 0 && end < data {
		if end < 0 {
			return stone{head: rest, broken: true}, len(b)
		}
		return stone{head: rest[:end]}, from + end + 6
	}
	s := stone{head: rest[:data]}
	body := data + 6
	if bytes.HasPrefix(rest[body:], []byte("\r\n")) {
		body += 2
	} else if body < len(rest) && (rest[body] == '\n' || rest[body] == '\r') {
		body++
	}
	stop := bytes.Index(rest[body:], []byte("endstream"))
	if stop < 0 {
		s.stream, s.broken = rest[body:], true
		return s, len(b)
	}
	s.stream = rest[body : body+stop]
	return s, from + body + stop + 9
}

// unpack adds the objects of an object stream that are not there otherwise
// (ISO 32000-1 7.5.7), and returns how many bytes it took.
func (r *rubble) unpack(s stone, most int64) int64 {
	all, whole := inflate(s.stream, most)
	m := firstOf().FindSubmatch(s.head)
	if !whole || m == nil {
		return int64(len(all))
	}
	first, _ := strconv.Atoi(string(m[1]))
	if first > len(all) {
		return int64(len(all))
	}
	table := bytes.Fields(all[:first])
	for i := 0; i+1 < len(table); i += 2 {
		n, err := strconv.Atoi(string(table[i]))
		from, bad := strconv.Atoi(string(table[i+1]))
		to := len(all) - first
		if i+3 < len(table) {
			to, _ = strconv.Atoi(string(table[i+3]))
		}
		if err != nil || bad != nil || from < 0 || to < from || first+to > len(all) {
			continue
		}
		if _, there := r.stones[n]; !there && len(r.stones) < mostStones {
			r.stones[n] = stone{head: all[first+from : first+to]}
		}
	}
	return int64(len(all))
}

// inflate unpacks b, and reports whether it came to its end.
func inflate(b []byte, most int64) (out []byte, whole bool) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err = io.ReadAll(io.LimitReader(z, most+1))
	return out, err == nil && int64(len(out)) <= most
}

// signs reports whether an object is, or was, part of a signature.
func (r rubble) signs() bool {
	for _, s := range r.stones {
		if lookForNames(s.head, func(int) {}).signed || bytes.Contains(s.head, []byte("/DocTimeStamp")) {
			return true
		}
	}
	return false
}

// catalogue returns the number of the catalogue, 0 if there is none, or more
// than one.
func (r rubble) catalogue() int {
	at := 0
	for n, s := range r.stones {
		if isCatalog().Match(s.head) {
			if at != 0 {
				return 0
			}
			at = n
		}
	}
	return at
}

// tree returns the number of the page tree's root and how many pages it claims;
// 0 if that cannot be told.
func (r rubble) tree() (root, count int) {
	m := treeOf().FindSubmatch(r.stones[r.catalogue()].head)
	if m == nil {
		return 0, 0
	}
	root, _ = strconv.Atoi(string(m[1]))
	top, there := r.stones[root]
	m = countOf().FindSubmatch(top.head)
	if !there || top.broken || !isTree().Match(top.head) || m == nil {
		return 0, 0
	}
	count, _ = strconv.Atoi(string(m[1]))
	return root, count
}

// reach goes from an object to all it needs. It tells of those that are
// missing or broken, and marks all it has seen.
func (r rubble) reach(from int, seen map[int]bool) (lost []int) {
	todo := []int{from}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		s, there := r.stones[n]
		if !there || s.broken || !s.sound() {
			lost = append(lost, n)
			continue
		}
		for _, m := range reference().FindAllSubmatch(parentOf().ReplaceAll(s.head, nil), -1) {
			next, _ := strconv.Atoi(string(m[1]))
			todo = append(todo, next)
		}
	}
	return lost
}

// sound reports whether what is packed in the usual way comes out whole.
func (s stone) sound() bool {
	if s.stream == nil || !oneFlate().Match(s.head) || len(manyFilter().FindAll(s.head, 2)) > 1 {
		return true
	}
	z, err := zlib.NewReader(bytes.NewReader(s.stream))
	if err != nil {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, mostInflated))
	return err == nil && n < mostInflated
}
