package sniff

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime/metrics"
	"time"

	"sohoa/jail"
	"sohoa/pdf/inspect"
	"sohoa/scan"
)

// Vouchers look at many small files with few children: each child looks at one after
// the other, and can say nothing of a file but what a good one is. Whatever else comes
// of it (a refusal, silence, its end, a file that calls for another program) is no word
// about the file, which then goes to a child of its own, [Examine]'s.
//
// No file says anything of the next one. In such a child only Go runs, whose memory no
// file can write to, in packages that keep nothing of one file for another; a JPEG is
// decoded in a process of its own that has memory and nothing else
// ([sohoa/scan/turbo.Apart]). It is given bytes and opens no file, starts no program,
// and is replaced after some hundred files, or when one made it take much memory, which
// it cannot give back: its cap is on what it ever took.
type Vouchers struct {
	limits scan.Limits
	idle   chan *voucher
}

// The caps of a child that vouches. A file that needs more gets a child of its own.
const (
	mostVouched = 500             // files that it looks at in its life
	vouchBytes  = 8 << 20         // of a file
	vouchWall   = 5 * time.Second // for a file
	vouchMemory = 512 << 20
	vouchCPU    = 60 * time.Second // for all
	vouchOutput = 16 << 20         // of all
)

// NewVouchers returns as many as look at once. They start when they are first asked;
// Close ends them.
func NewVouchers(n int, l scan.Limits) *Vouchers {
	v := &Vouchers{limits: l.OrDefault(), idle: make(chan *voucher, max(1, n))}
	for range cap(v.idle) {
		v.idle <- &voucher{}
	}
	return v
}

// Close ends the children. Nothing may be asked any more.
func (v *Vouchers) Close() {
	for range cap(v.idle) {
		(<-v.idle).end()
	}
}

// Vouch returns the report on a file whose bytes are b, or false: it says nothing then.
// A nil v vouches for nothing.
func (v *Vouchers) Vouch(ctx context.Context, b []byte) (Report, bool) {
	if v == nil || len(b) == 0 || len(b) > vouchBytes || v.limits.CheckBytes(int64(len(b))) != nil {
		return Report{}, false
	}
	switch scan.Sniff(b[:min(len(b), scan.SniffLen)]) {
	case scan.MediaJPEG, scan.MediaPNG, scan.MediaTIFF, scan.MediaPDF:
	default:
		return Report{}, false
	}
	x := <-v.idle
	defer func() { v.idle <- x }()
	r, err := x.ask(ctx, b, v.limits)
	if err != nil || x.full || x.asked == mostVouched {
		x.end()
	}
	return r, err == nil && r.Pages > 0
}

// Reads reports whether a file of so many bytes may be given to Vouch.
func (v *Vouchers) Reads(size int64) bool { return v != nil && size <= vouchBytes }

// A voucher is one child, or the place of one.
type voucher struct {
	p       *jail.Process
	answers *bufio.Reader
	asked   int
	full    bool // it may not have memory enough for another file
}

func (x *voucher) end() {
	if x.p != nil {
		x.p.Kill()
	}
	*x = voucher{}
}

// ask has the child look at b. A report without pages is one that it does not give.
func (x *voucher) ask(ctx context.Context, b []byte, l scan.Limits) (r Report, err error) {
	if x.p == nil {
		words, err := json.Marshal(ask{Limits: l})
		if err != nil {
			return r, err
		}
		limits := jail.Limits{Memory: min(vouchMemory, l.Memory), CPU: vouchCPU, File: 1, Output: vouchOutput, Confined: true}
		if x.p, err = jail.Start(ctx, "vouch", limits, "", string(words)); err != nil {
			return r, err
		}
		x.answers = bufio.NewReader(x.p.Out)
	}
	x.asked++
	clock := time.AfterFunc(vouchWall, x.p.Kill)
	defer clock.Stop()
	head := binary.BigEndian.AppendUint32(nil, uint32(len(b)))
	if _, err := x.p.In.Write(append(head, b...)); err != nil {
		return r, err
	}
	line, err := x.answers.ReadBytes('\n')
	if err != nil {
		return r, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return r, err
	}
	if a.File != x.asked {
		return r, fmt.Errorf("an answer about file %d came for file %d", a.File, x.asked)
	}
	x.full = a.Full
	if a.Report.Pages == 0 {
		return r, nil
	}
	return a.Report, a.Report.check(Options{})
}

// An answer is what a child says of a file, the File-th of its life.
type answer struct {
	File   int    `json:"file"`
	Report Report `json:"report"` // with no pages if it does not vouch for it
	Full   bool   `json:"full"`   // it has taken a good part of its memory
}

// VouchChild is the child "vouch". Its arguments are those of [InspectChild], without a
// path; files come in after their lengths in 4 bytes, an answer in JSON goes out for
// each.
func VouchChild(args []string, in io.Reader, out io.Writer) error {
	a, err := asked(args)
	if err != nil {
		return err
	}
	scan.Apart()
	say := json.NewEncoder(out)
	for n := 1; ; n++ {
		var size uint32
		if err := binary.Read(in, binary.BigEndian, &size); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if size > vouchBytes {
			return fmt.Errorf("a file of %d bytes", size)
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			return err
		}
		r, err := vouch(b, a)
		if err != nil {
			r = Report{}
		}
		if err := say.Encode(answer{File: n, Report: r, Full: taken() > vouchMemory/4}); err != nil {
			return err
		}
	}
}

// taken returns how many bytes of memory Go has taken for itself. What it released since
// still counts against the cap of a child.
func taken() uint64 {
	total := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(total)
	return total[0].Value.Uint64()
}

// vouch looks at b. Any error means that somebody else is to look.
func vouch(b []byte, a ask) (r Report, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			err = fmt.Errorf("a parser's bug: %v", trouble)
		}
	}()
	r, err = report(a, func(kept bool) (paper, error) {
		return opened(bytes.NewReader(b), int64(len(b)), a, func() (paper, error) {
			return inspect.TakeBytes(b, inspect.Options{Limits: a.Limits, Keep: kept})
		})
	})
	if err == nil {
		err = scan.Fell()
	} else {
		_ = scan.Fell() // forgotten with this file
	}
	return r, err
}
