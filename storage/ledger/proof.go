package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrProof: a proof does not prove what it claims, or is none.
var ErrProof = errors.New("the proof does not hold")

const proofHeader = "c2sp.org/tlog-proof@v1"

// maxProof is the most bytes of a proof that are read; one about 2^40 events
// has 5 kB.
const maxProof = 1 << 20

// A Proof shows that an event stands in the ledger at a place, to whoever has
// nothing but a key (C2SP tlog-proof). The event itself is in the line "extra".
type Proof struct {
	Event      string // canonical bytes
	Place      int64  // from 0
	Path       []Hash // RFC 6962 §2.1.1
	Checkpoint []byte // signed note
}

// Prove makes the proof of an event at a place under a checkpoint whose tree has
// size leaves.
func Prove(event string, place, size int64, hashes tlog.HashReader, checkpoint []byte) (Proof, error) {
	if place < 0 || place >= size {
		return Proof{}, fmt.Errorf("%w: event %d is not under a checkpoint of %d events", ErrProof, place, size)
	}
	path, err := tlog.ProveRecord(size, place, hashes)
	return Proof{event, place, path, checkpoint}, err
}

// Bytes returns the written form.
func (p Proof) Bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString([]byte(p.Event)), p.Place)
	for _, h := range p.Path {
		fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	fmt.Fprintf(&b, "\n%s", p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads the written form. Nothing is proven yet.
func ParseProof(b []byte) (Proof, error) {
	head, checkpoint, ok := strings.Cut(string(b), "\n\n")
	lines := strings.Split(head, "\n")
	if len(b) > maxProof || !ok || len(lines) < 3 || lines[0] != proofHeader {
		return Proof{}, fmt.Errorf("%w: it does not begin with %s", ErrProof, proofHeader)
	}
	p := Proof{Checkpoint: []byte(checkpoint)}
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	event, err := base64.StdEncoding.DecodeString(extra)
	if !ok || err != nil {
		return Proof{}, fmt.Errorf("%w: it carries no event", ErrProof)
	}
	p.Event = string(event)
	index, ok := strings.CutPrefix(lines[2], "index ")
	p.Place, err = strconv.ParseInt(index, 10, 64)
	if !ok || err != nil || strconv.FormatInt(p.Place, 10) != index {
		return Proof{}, fmt.Errorf("%w: it names no index", ErrProof)
	}
	for _, l := range lines[3:] {
		h, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(h) != hashSize {
			return Proof{}, fmt.Errorf("%w: a line is no hash", ErrProof)
		}
		p.Path = append(p.Path, Hash(h))
	}
	return p, nil
}

// Check says whether the event stands in the ledger of the checkpoint that p
// carries, and that one of keys signed the checkpoint. The error wraps
// [ErrProof], [ErrCheckpoint] or [ErrUnsigned].
func (p Proof) Check(keys []string) (Event, Checkpoint, error) {
	c, _, err := Open(p.Checkpoint, keys)
	if err != nil {
		return Event{}, c, err
	}
	e, err := Parse(p.Event)
	if err != nil {
		return e, c, fmt.Errorf("%w: %w", ErrProof, err)
	}
	var leaf Leaf
	if p.Place < 0 || p.Place >= c.Size || tlog.CheckRecord(p.Path, c.Size, c.Root, p.Place, leaf.Hash(p.Event)) != nil {
		return e, c, fmt.Errorf("%w: the event is not at place %d of the ledger of %d events", ErrProof, p.Place, c.Size)
	}
	return e, c, nil
}
