// Package taster has the answers of authorities read by a limited child first:
// time-stamp answers (RFC 3161), OCSP answers (RFC 6960), revocation lists (RFC
// 5280, 5) and CMS (RFC 5652) that somebody else made.
//
// The child of [sohoa/jail] reads the very bytes with the very readers that the
// service uses, after it has held them against strict DER with caps on size and
// depth. Only what it took unharmed and found to be whole does the service read
// again for itself. So bytes that could end, fill or stop a reader end, fill or
// stop the child, and are refused.
package taster

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sohoa/jail"
)

// Name is the child's name for [jail.Main].
const Name = "taste"

// A Kind is what bytes claim to be.
type Kind byte

// The kinds.
const (
	Stamp Kind = 't' // TimeStampResp (RFC 3161, 2.4.2)
	OCSP  Kind = 'o' // OCSPResponse (RFC 6960, 4.2.1)
	CRL   Kind = 'l' // CertificateList (RFC 5280, 5.1)
	CMS   Kind = 'c' // ContentInfo with SignedData (RFC 5652, 5.1)
)

// ErrRefused: the bytes are not what they claim to be, or harmed their reader.
var ErrRefused = errors.New("answer refused")

// limits of the child: a list of the largest size takes some 200 MB to read.
var limits = jail.Limits{Memory: 768 << 20, CPU: 120 * time.Second, File: 1, Confined: true, Alone: true}

const (
	patience = 20 * time.Second // for one answer
	mostUses = 500              // of one child; its CPU cap is for all of them
)

// A Taster keeps one child warm. It may be used concurrently.
type Taster struct {
	mu   sync.Mutex
	p    *jail.Process
	out  *bufio.Reader
	uses int
	end  context.CancelFunc
	life context.Context
}

// New returns a taster whose child lives no longer than ctx. The child is
// started when it is first needed.
func New(ctx context.Context) *Taster {
	life, end := context.WithCancel(ctx)
	return &Taster{life: life, end: end}
}

// Close ends the child.
func (t *Taster) Close() error {
	t.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop()
	return nil
}

func (t *Taster) drop() {
	if t.p != nil {
		t.p.Kill()
		t.p = nil
	}
}

// Taste returns nil if b is of a kind and did no harm. Else the error wraps
// [ErrRefused], or is that of ctx.
func (t *Taster) Taste(ctx context.Context, k Kind, b []byte) error {
	if most := k.most(); len(b) > most {
		return fmt.Errorf("%w: %d bytes, at most %d are read", ErrRefused, len(b), most)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.ready(); err != nil {
		return fmt.Errorf("start the reader of answers: %w", err)
	}
	verdict, err := t.ask(ctx, k, b)
	if err != nil {
		why := t.fate(err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: it harms its reader: %w", ErrRefused, why)
	}
	if verdict != "" {
		return fmt.Errorf("%w: %s", ErrRefused, verdict)
	}
	return nil
}

// ready makes sure that there is a child that may be used once more.
func (t *Taster) ready() error {
	if t.p != nil && t.uses < mostUses {
		return nil
	}
	t.drop()
	p, err := jail.Start(t.life, Name, limits)
	if err != nil {
		return err
	}
	t.p, t.out, t.uses = p, bufio.NewReader(p.Out), 0
	return nil
}

// ask sends b and returns what the child says of it, empty if it is good. A
// child that takes too long is ended, which ends the waiting.
func (t *Taster) ask(ctx context.Context, k Kind, b []byte) (verdict string, err error) {
	t.uses++
	late := time.AfterFunc(patience, t.p.Kill)
	stop := context.AfterFunc(ctx, t.p.Kill)
	defer late.Stop()
	defer stop()
	frame := binary.BigEndian.AppendUint32([]byte{byte(k)}, uint32(len(b)))
	if _, err := t.p.In.Write(append(frame, b...)); err != nil {
		return "", err
	}
	return readText(t.out)
}

// fate ends the child that did not answer and says what became of it.
func (t *Taster) fate(err error) error {
	_ = t.p.In.Close()
	if ended := t.p.Wait(); ended != nil {
		err = ended
	}
	t.p = nil
	return err
}

// mostText bounds what a child may say of an answer.
const mostText = 1000

func readText(r io.Reader) (string, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint16(size[:])
	if n > mostText {
		return "", fmt.Errorf("a verdict of %d bytes", n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return string(b), err
}
