// Package pdfsign writes the revision of a signature with digitorus/pdfsign
// v0.9.0, for issued results with pictures, behind [signing.Writer].
//
// That library writes good files only of good files: the envelope, which is
// checked before (encrypted, forms, turned pages and more are outside), and held
// to afterwards: what it wrote is read again by our own reader, which must find
// every object but catalog, page and form as it was. What it cannot be trusted
// with it does not get: texts are put in by us (its own break at ĩ), and so are
// the SubFilter of PAdES and the signature. Its verify package is not used.
//
// Its reader panics on hostile bytes, and a stack that overflows cannot be
// recovered: it runs in a child of [sohoa/jail], which sees no key. A file
// outside the envelope is written by another writer, or refused.
package pdfsign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision"
	"sohoa/signing"
)

// ErrEnvelope: the file, or the mark, is outside of what this writer is used
// for. The text says why.
var ErrEnvelope = errors.New("outside of what pdfsign is used for")

// MaxFile is the largest file in bytes: the library holds one some seven times.
const MaxFile = 64 << 20

// Child's name, for [jail.Main].
const Name = "pdfsign"

var limits = jail.Limits{Memory: 1 << 30, CPU: 60 * time.Second, Wall: 120 * time.Second, File: 1 << 10, Confined: true, Alone: true}

// maxTail is the most bytes of an update.
const maxTail = 64 << 20

// dpi is how finely pictures are drawn: the library takes but one.
const dpi = 300

// A Writer is a [signing.Writer].
type Writer struct {
	Temp string // for files that are not on the disk; empty: the system's

	// Else writes what is outside the envelope; nil: an error that wraps
	// [ErrEnvelope]. Told, if not nil, is told why.
	Else signing.Writer
	Told func(why error)

	mu   sync.Mutex
	kept map[string][]byte // pictures drawn, by mark
}

// Write implements [signing.Writer].
func (w *Writer) Write(ctx context.Context, o signing.Order, src io.ReaderAt, size int64, dst io.Writer) (*revision.Prepared, error) {
	p, err := w.write(ctx, o, src, size, dst)
	if !errors.Is(err, ErrEnvelope) || w.Else == nil {
		return p, err
	}
	if w.Told != nil {
		w.Told(err)
	}
	return w.Else.Write(ctx, o, src, size, dst)
}

// write does nothing to dst while the error may still be one of the envelope.
func (w *Writer) write(ctx context.Context, o signing.Order, src io.ReaderAt, size int64, dst io.Writer) (*revision.Prepared, error) {
	if size > MaxFile {
		return nil, fmt.Errorf("%w: %d bytes", ErrEnvelope, size)
	}
	if err := envelope(o); err != nil {
		return nil, err
	}
	image, err := w.drawn(o)
	if err != nil {
		return nil, err
	}
	t := newTexts(o)
	j := job{Page: o.Page.Number, Rect: o.Page.User(o.Place), Image: image, At: o.At, Reserve: o.Reserve,
		Name: t.holder("Name"), Reason: t.holder("Reason"), Location: t.holder("Location")}
	tail, err := w.child(ctx, j, src, size)
	if err != nil {
		return nil, err
	}
	if tail, err = t.put(tail); err != nil {
		return nil, err
	}
	prepared, err := reread(o, src, size, tail)
	if err != nil {
		return nil, err
	}
	return prepared, prepared.Hash(dst, src, size)
}

// drawn returns the mark as one picture, drawn once for marks that are the same.
func (w *Writer) drawn(o signing.Order) ([]byte, error) {
	key := o.Mark.Key()
	if key == "" {
		return nil, fmt.Errorf("%w: a mark of words", ErrEnvelope)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if b, ok := w.kept[key]; ok {
		return b, nil
	}
	b, err := o.Mark.Compose(dpi)
	if err != nil {
		return nil, err
	}
	if w.kept == nil || len(w.kept) == 64 {
		w.kept = map[string][]byte{}
	}
	w.kept[key] = b
	return b, nil
}

// A job is what the child is told.
type job struct {
	Page                   int
	Rect                   [4]float64
	Image                  []byte
	Name, Reason, Location string // holders of place, ASCII
	At                     time.Time
	Reserve                int
}

// child has the library write and returns what follows the file.
func (w *Writer) child(ctx context.Context, j job, src io.ReaderAt, size int64) ([]byte, error) {
	path, done, err := w.onDisk(src, size)
	if err != nil {
		return nil, err
	}
	defer done()
	in, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	out := &capped{}
	err = jail.Run(ctx, Name, limits, bytes.NewReader(in), out, path)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%w: its child: %w", ErrEnvelope, err)
	}
	return out.Bytes(), nil
}

// onDisk returns the path of a file that holds src.
func (w *Writer) onDisk(src io.ReaderAt, size int64) (string, func(), error) {
	if f, ok := src.(*os.File); ok {
		here, err := f.Stat()
		there, err2 := os.Stat(f.Name())
		if err == nil && err2 == nil && os.SameFile(here, there) && here.Size() == size {
			return f.Name(), func() {}, nil
		}
	}
	f, err := os.CreateTemp(w.Temp, "sohoa-pdfsign-*.pdf")
	if err != nil {
		return "", nil, err
	}
	done := func() { os.Remove(f.Name()) }
	_, err = io.Copy(f, io.NewSectionReader(src, 0, size))
	if err := errors.Join(err, f.Close()); err != nil {
		done()
		return "", nil, err
	}
	return f.Name(), done, nil
}

type capped struct{ bytes.Buffer }

func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > maxTail {
		return 0, fmt.Errorf("an update of more than %d bytes", maxTail)
	}
	return c.Buffer.Write(b)
}

// envelope checks file, page and mark before anything is written.
func envelope(o signing.Order) error {
	outside := func(why string) error { return fmt.Errorf("%w: %s", ErrEnvelope, why) }
	switch t := o.File.Trailer(); {
	case o.Field != "":
		return outside("a field name of its own choice")
	case t["Type"] != nil:
		return outside("cross-references as a stream: it would lose the document information")
	case !o.Page.Plain():
		return outside("a page that is turned or has units of its own")
	}
	catalog, _, err := o.File.Catalog()
	if err != nil {
		return err
	}
	if err := form(o.File, catalog); err != nil {
		return err
	}
	return page(o.File, o.Page.Ref)
}

// form takes no form with anything in it. A file that is signed is outside, too:
// the library gives the catalog another number, which a strict judge of the
// earlier signature, like ours, must hold to be a change of the document.
func form(f *revision.File, catalog revision.Dict) error {
	d, err := f.DictOf(catalog["AcroForm"])
	if err != nil || d == nil {
		return err
	}
	fields, err := f.ArrayOf(d["Fields"])
	if err != nil {
		return err
	}
	for k := range d {
		if k != "Fields" && k != "SigFlags" {
			return fmt.Errorf("%w: a form with %s", ErrEnvelope, k)
		}
	}
	if len(fields) > 0 {
		return fmt.Errorf("%w: a form with fields, or a file that is signed", ErrEnvelope)
	}
	return nil
}

// page takes no page with direct annotations or with streams of its own.
func page(f *revision.File, ref revision.Ref) error {
	d, err := f.DictOf(ref)
	if err != nil {
		return err
	}
	for k, v := range d {
		o, err := f.Resolve(v)
		if err != nil {
			return err
		}
		_, stream := o.(*revision.Stream)
		_, indirect := v.(revision.Ref)
		if stream && k != "Contents" || k == "Contents" && !indirect {
			return fmt.Errorf("%w: a page with %s", ErrEnvelope, k)
		}
		if a, ok := o.(revision.Array); ok && (k == "Annots" || k == "Contents") {
			for _, e := range a {
				if r, ok := e.(revision.Ref); !ok || r.Gen != 0 {
					return fmt.Errorf("%w: %s that are no objects by themselves", ErrEnvelope, k)
				}
			}
		}
	}
	if ref.Gen != 0 || d["Contents"] == nil {
		return fmt.Errorf("%w: a page without contents", ErrEnvelope)
	}
	return nil
}
