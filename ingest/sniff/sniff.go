// Package sniff finds out what an uploaded file is and takes it apart into
// pages, without trusting it: both happen in limited children of [sohoa/jail],
// and the parent reads nothing but their words.
//
// A program that uses it gives [InspectChild] and [SplitChild] to [jail.Main]
// under the names "inspect" and "split", and one with [Voucher]s [VouchChild] under
// "vouch".
package sniff

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"sohoa/jail"
	"sohoa/pdf/finding"
	"sohoa/pdf/inspect"
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

	// Working says that Options.Work stands for the file from now on, and why:
	// decrypted or repaired.
	Working string `json:"working,omitempty"`

	// Findings are what is in the file besides its pages, and what is done about
	// it; Beside the files within it, which [Beside] takes out. A signed file is
	// kept as it is, and neither is looked for.
	Findings []finding.Finding  `json:"findings,omitempty"`
	Beside   []inspect.Embedded `json:"beside,omitempty"`

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

// Options are how a file is looked at.
type Options struct {
	Limits scan.Limits

	// Password opens an encrypted PDF. It goes to the child over a pipe and is
	// kept nowhere.
	Password []byte

	// Work is an empty file that the child may write: an encrypted PDF opened,
	// or a damaged one mended ([Report].Working). Without it both are refused.
	Work string
}

// Inspect is Examine without a password and without a place to open or mend a
// file in.
func Inspect(ctx context.Context, path string, l scan.Limits) (Report, error) {
	return Examine(ctx, path, Options{Limits: l})
}

// Examine reports what the file at path is. It refuses with a [*jail.Refusal]
// (codes in packages scan and pdf/inspect) what must not be
// taken in; any other error is a fault of ours. What is signed is reported:
// whether it is taken, and by which way, is for the caller to say.
//
// A single picture is decoded to its end. Of a file of many pages the parts
// are checked to be there; Split finds out whether they are sound.
func Examine(ctx context.Context, path string, o Options) (Report, error) {
	args, err := prepare(path, ask{Limits: o.Limits, Work: o.Work, Locked: len(o.Password) > 0})
	if err != nil {
		return Report{}, err
	}
	var out bytes.Buffer
	limits := caps(o.Limits)
	limits.File, limits.Writes = max(maxFile, o.Limits.OrDefault().Bytes), o.Work
	if err := jail.Run(ctx, "inspect", limits, bytes.NewReader(o.Password), &limited{&out, maxReport}, args...); err != nil {
		return Report{}, verdict(err)
	}
	var r Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return Report{}, fmt.Errorf("inspect %s: %w", path, err)
	}
	return r, r.check(o)
}

// check holds a child's report to what a report can be, and puts the findings
// into words. A child that a hostile file has taken over could say anything.
func (r *Report) check(o Options) (err error) {
	if r.Pages < 1 || r.Working != "" && (o.Work == "" || r.Working != "decrypted" && r.Working != "repaired") {
		return fmt.Errorf("a report of %d pages, %.20q", r.Pages, r.Working)
	}
	if r.Findings, err = finding.Checked(r.Findings, r.Pages); err != nil {
		return err
	}
	if len(r.Beside) > inspect.MostEmbedded {
		return fmt.Errorf("a report of %d embedded files", len(r.Beside))
	}
	for _, e := range r.Beside {
		if !e.Plausible(r.Pages) {
			return errors.New("a report of an embedded file that cannot be")
		}
	}
	return nil
}

// prepare checks the size, which needs no child, and words the arguments.
func prepare(path string, a ask) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := a.CheckBytes(info.Size()); err != nil {
		return nil, err
	}
	words, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return []string{path, string(words)}, nil
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
	return split(ctx, path, ask{Limits: l}, pageWall(l))
}

// SplitToRead is Split for who reads the pages, decoding each in full: see
// [scan.OpenToRead]. No file is made of them.
func SplitToRead(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return split(ctx, path, ask{Limits: l, Read: true}, pageWall(l))
}

// SplitToWrite is Split for pages that were read before: what their reader found
// of their data ([scan.Page.Proof], or nothing), page by page, need not be found
// again. Where it does not fit what is in the file, Split's child looks.
func SplitToWrite(ctx context.Context, path string, l scan.Limits, proven []string) iter.Seq2[scan.Page, error] {
	if !slices.ContainsFunc(proven, func(s string) bool { return s != "" }) {
		return Split(ctx, path, l)
	}
	return Held(SplitOnce(ctx, path, l), proven, Split(ctx, path, l))
}

// SplitOnce is Split for pages that are read and then written: what goes into a file
// as it is comes unproven, and [Held] holds it against what its reader found.
func SplitOnce(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return split(ctx, path, ask{Limits: l, Write: true}, pageWall(l))
}

// Held yields pages, held against what their reader found of their data, page by page.
// From the first on that does not fit, it yields those of looked, the same pages of
// which their child has found out everything.
func Held(pages iter.Seq2[scan.Page, error], proven []string, looked iter.Seq2[scan.Page, error]) iter.Seq2[scan.Page, error] {
	return held(pages, proven, looked, func(_ int, page scan.Page) [32]byte {
		return sha256.Sum256(page.Data) // of what the parent holds, as the reader's was of the same
	})
}

// Claimed is Held for who holds the pictures in what is made of the pages against their
// Digest: that is what their reader says of them (pictures: the SHA-256 in hex digits, page
// by page), and was not found out of their bytes.
func Claimed(pages iter.Seq2[scan.Page, error], proven, pictures []string, looked iter.Seq2[scan.Page, error]) iter.Seq2[scan.Page, error] {
	return held(pages, proven, looked, func(n int, page scan.Page) (sum [32]byte) {
		if n < len(pictures) {
			if b, err := hex.DecodeString(pictures[n]); err == nil && len(b) == len(sum) {
				return [32]byte(b)
			}
		}
		return sha256.Sum256(page.Data)
	})
}

func held(pages iter.Seq2[scan.Page, error], proven []string, looked iter.Seq2[scan.Page, error], sum func(int, scan.Page) [32]byte) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		n, fits := 0, true
		for page, err := range pages {
			if err == nil && page.Unproven && page.Graft == nil { // of a kept page the picture goes nowhere
				page.Digest = sum(n, page)
				if fits = n < len(proven) && page.Proof(page.Digest) == proven[n]; !fits {
					break
				}
				page.Unproven = false
			}
			if !yield(page, err) || err != nil {
				return
			}
			n++
		}
		if fits {
			return
		}
		for page, err := range looked {
			if err == nil && page.Index < n {
				continue
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// SplitKept is Split for a file that is kept as it is, signed or not: for
// reading what stands on its pages, never for making another file of them.
func SplitKept(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return split(ctx, path, ask{Limits: l, Kept: true, Read: true}, pageWall(l))
}

// SplitInPlace is SplitToRead for who keeps the file at path as it is: data that stand in
// it as they are are left there ([scan.Page.Take] gets them). Such a page is the same for
// reading and for writing; [Held] finds out whether its reader saw the same bytes.
func SplitInPlace(ctx context.Context, path string, l scan.Limits) iter.Seq2[scan.Page, error] {
	return parts(ctx, path, ask{Limits: l, Read: true}, pageWall(l))
}

// split yields pages with their data.
func split(ctx context.Context, path string, a ask, wall time.Duration) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		f, err := openWhole(path)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		defer f.Close()
		for page, err := range parts(ctx, path, a, wall) {
			if err == nil {
				page, err = page.Take(f, f.size)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// parts yields pages as the child has them.
func parts(ctx context.Context, path string, a ask, wall time.Duration) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		args, err := prepare(path, a)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		limits := caps(a.Limits) // its wall time is counted page by page, while it is waited for
		limits.CPU, limits.Wall, limits.Output = limits.CPU+time.Duration(a.OrDefault().Pages)*pageCPU, 0, maxPages
		p, err := jail.Start(ctx, "split", limits, args...)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		defer p.Kill()
		left := int64(maxPages)
		for n := 0; ; n++ {
			page, err := next(p, wall)
			if err == io.EOF {
				return
			}
			if err == nil && page.Index != n {
				err = fmt.Errorf("page %d came as page %d", n+1, page.Index+1)
			}
			if left -= page.Stored.Len(); err == nil && left < 0 {
				err = jail.ErrOutput // what is left in the file counts as if it had been said
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

// A whole is an opened file and its size. It is read here for the parts that the
// child names, and not looked into.
type whole struct {
	*os.File
	size int64
}

func openWhole(path string) (whole, error) {
	f, err := os.Open(path)
	if err != nil {
		return whole{}, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return whole{}, err
	}
	return whole{f, info.Size()}, nil
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
	page, err := scan.ReadPageInPlace(p.Out)
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
