// Package sniff finds out what an uploaded file is and takes it apart into
// pages, without trusting it: both happen in limited children of [sohoa/jail],
// and the parent reads nothing but their words.
//
// A program that uses it gives [InspectChild] and [SplitChild] to [jail.Main]
// under the names "inspect" and "split".
package sniff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"sohoa/jail"
	"sohoa/scan"
)

// A Report is what a whole file of a kind that is taken says of itself.
type Report struct {
	Media  string `json:"media"` // by content: image/jpeg, image/png, image/tiff or application/pdf
	Pages  int    `json:"pages"`
	Width  []int  `json:"width"`  // in pixels, of each page as [Split] will give it
	Height []int  `json:"height"` // in pixels; of a PDF page that has to be drawn, to a pixel

	// Signed says that the file carries a signature, or what looks like one. It
	// is to be kept as it is: [Split] refuses it, [SplitKept] reads it.
	Signed bool `json:"signed,omitempty"`

	// Warnings say what is not as it should be but no reason to refuse.
	Warnings []string `json:"warnings,omitempty"`
}

// The caps of the children, as far as the limits do not set them.
const (
	pageCPU   = 4 * time.Second // on top, for each page allowed
	maxReport = 16 << 20
	maxFile   = 256 << 20 // a page that is kept is proved on a file of its own
	maxPages  = 64 << 30  // bytes of all pages of Split
)

// caps are those of both children. They start programs of poppler, each of which
// has the same caps and walls.
func caps(l scan.Limits) jail.Limits {
	l = l.OrDefault()
	cpu := time.Duration(l.Seconds) * time.Second
	return jail.Limits{Memory: l.Memory, CPU: cpu, Wall: cpu * 3 / 2, File: maxFile, Confined: true}
}

// pageWall is how long Split waits for a page.
func pageWall(l scan.Limits) time.Duration { return caps(l).Wall }

// codeOurs marks words of a child that are no judgement on the file: a program
// is not installed, the disk fails. It never leaves this package.
const codeOurs = "ours"

// Inspect reports what the file at path is. It refuses with a [*jail.Refusal]
// (codes in package scan; of PDFs also "encrypted" and "active") what must not be
// taken in; any other error is a fault of ours. What is signed is reported:
// whether it is taken, and by which way, is for the caller to say.
//
// A single picture is decoded to its end. Of a file of many pages the parts
// are checked to be there; Split finds out whether they are sound.
func Inspect(ctx context.Context, path string, l scan.Limits) (Report, error) {
	args, err := prepare(path, l)
	if err != nil {
		return Report{}, err
	}
	var out bytes.Buffer
	if err := jail.Run(ctx, "inspect", caps(l), nil, &limited{&out, maxReport}, args...); err != nil {
		return Report{}, verdict(err)
	}
	var r Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return Report{}, fmt.Errorf("inspect %s: %w", path, err)
	}
	return r, nil
}

// prepare checks the size, which needs no child, and words the arguments.
func prepare(path string, l scan.Limits) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := l.CheckBytes(info.Size()); err != nil {
		return nil, err
	}
	limits, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return []string{path, string(limits)}, nil
}

// limited is a writer that takes n bytes and no more.
type limited struct {
	w io.Writer
	n int
}

func (l *limited) Write(b []byte) (int, error) {
	if l.n -= len(b); l.n < 0 {
		return 0, errors.New("the report is too long")
	}
	return l.w.Write(b)
}

// verdict turns the way a child ended into a refusal of the file, unless the
// fault is ours or the caller's.
func verdict(err error) error {
	var r *jail.Refusal
	switch {
	case errors.As(err, &r) && r.Code == codeOurs:
		return errors.New(r.Text)
	case errors.As(err, &r):
		return r
	case errors.Is(err, jail.ErrTime):
		return &jail.Refusal{Code: scan.CodeTime, Text: "looking into the file took longer than the limit; split it, or print it to PDF again"}
	case errors.Is(err, jail.ErrMemory):
		return &jail.Refusal{Code: scan.CodeMemory, Text: "looking into the file needed more memory than the limit; split it, or scan at a lower resolution"}
	case errors.Is(err, jail.ErrOutput):
		return &jail.Refusal{Code: scan.CodeExpand, Text: "the pages of the file become more than the limit; split it"}
	case errors.Is(err, jail.ErrCrash):
		return &jail.Refusal{Code: scan.CodeDamaged, Text: "the file is damaged in a way that stops the program that reads it; scan the paper again or send the file again"}
	}
	return err
}

// Split yields the pages of the file at path in their order. Each has been
// decoded once and is whole. The first error ends it; errors are as of
// [Inspect] and name the page. One page is held at a time: the child waits
// until the consumer asks for the next, and is gone when the loop is left. A
// signed file is refused (code "signed"): it must not be made into another.
func Split(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return split(ctx, path, l, pageWall(l))
}

// SplitKept is Split for a file that is kept as it is, signed or not: for
// reading what stands on its pages, never for making another file of them.
func SplitKept(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return split(ctx, path, l, pageWall(l), kept)
}

// kept is the argument of the child "split" that lets signed files through.
const kept = "kept"

func split(ctx context.Context, path string, l scan.Limits, wall time.Duration, more ...string) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		args, err := prepare(path, l)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		limits := caps(l) // its wall time is counted page by page, while it is waited for
		limits.CPU, limits.Wall, limits.Output = limits.CPU+time.Duration(l.OrDefault().Pages)*pageCPU, 0, maxPages
		p, err := jail.Start(ctx, "split", limits, append(args, more...)...)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		defer p.Kill()
		for n := 0; ; n++ {
			page, err := next(p, wall)
			if err == io.EOF {
				return
			}
			if err == nil && page.Index != n {
				err = fmt.Errorf("page %d came as page %d", n+1, page.Index+1)
			}
			if err != nil {
				yield(scan.Page{}, verdict(err))
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// next reads a page from the child, which has wall for it. The clock
// stands still while the consumer is at work. It returns [io.EOF] after the
// last page of a child that ended well; of any other its own words are the
// error.
func next(p *jail.Process, wall time.Duration) (scan.Page, error) {
	late := make(chan struct{})
	clock := time.AfterFunc(wall, func() {
		close(late)
		p.Kill()
	})
	page, err := scan.ReadPage(p.Out)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		if why := p.Wait(); why != nil {
			err = why
		}
	}
	if !clock.Stop() {
		<-late
		return scan.Page{}, jail.ErrTime
	}
	return page, err
}
