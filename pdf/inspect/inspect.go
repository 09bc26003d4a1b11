// Package inspect decides whether a PDF from outside is taken, and takes it
// apart into page pictures.
//
// The gates refuse what this house must not swallow: encrypted files, files
// with a signature or the remnant of one unless they are kept as they are
// ([OpenSigned]: nobody's signature is ever broken by rewriting), files with
// programs in them, files that are cut short. A page
// that is one scanned picture is carried over as it is stored. A page of text
// and vectors is kept as it stands (package pdf/graft) with the words it tells,
// if they are words; any other is drawn by pdftoppm. What is done with text that
// a page brings with it is decided page by page, by the rules in old.go. All
// this happens in children of [sohoa/jail] only: pdfcpu and poppler have been
// brought down by hostile files before.
package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"sohoa/jail"
	"sohoa/scan"
)

// The codes of refused PDFs, next to those of [sohoa/scan].
const (
	CodeEncrypted = "encrypted" // by any password, also the empty one
	CodeSigned    = "signed"    // a signature, or what is left of one
	CodeSides     = "sides"     // a page larger or smaller than PDF/A knows
	CodeActive    = "active"    // JavaScript, launching, forms in XFA, embedded files
)

// A File is a PDF that has passed the gates.
type File struct {
	path  string
	l     scan.Limits
	ctx   *model.Context
	plans []plan
	keep  bool // its bytes are kept: signatures are no hindrance
	m     *mapping
}

// Open reads the PDF at path, passes it through the gates and plans how each
// page will become a picture. Errors are [*jail.Refusal], or those of the file
// system.
func Open(path string, l scan.Limits) (*File, error) { return open(path, l, false) }

// OpenSigned is Open for a file that is kept as it is: a signature in it is no
// reason to refuse, all else is. Its pages are for looking at and reading; who
// makes a new file of them loses what was signed.
func OpenSigned(path string, l scan.Limits) (*File, error) { return open(path, l, true) }

func open(path string, l scan.Limits, keep bool) (*File, error) {
	b, err := mapped(path, l)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, l: l.OrDefault(), keep: keep, m: &mapping{b: b, file: true}}
	err = guarded(f.read)
	f.m.forget()
	if err != nil {
		_ = syscall.Munmap(b)
		return nil, err
	}
	return f, nil // its pictures lie in the mapping, which lasts as long as the child
}

// mapped returns the bytes of a file without counting them as memory of ours.
func mapped(path string, l scan.Limits) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := l.CheckBytes(info.Size()); err != nil {
		return nil, err
	}
	b, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return b, nil
}

// guarded turns a panic of the PDF library into the word that the file is
// damaged: only hostile and broken files bring it that far.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damaged(0, fmt.Sprintf("the PDF is damaged (%v)", p))
		}
	}()
	return do()
}

// read takes the PDF b through all gates.
func (f *File) read() error {
	if err := look(f.m, f.keep); err != nil {
		return err
	}
	f.m.forget()
	ctx, err := f.parse()
	if err != nil {
		return err
	}
	f.ctx = ctx
	if err := f.weigh(); err != nil {
		return err
	}
	if err := f.gates(); err != nil {
		return err
	}
	pages, err := f.pages()
	if err != nil {
		return err
	}
	for i, p := range pages {
		plan, err := f.plan(p, i+1)
		if err != nil {
			return err
		}
		f.plans = append(f.plans, plan)
	}
	return nil
}

// parse reads the objects of a file, without a copy of its pictures if pdfcpu
// agrees that they are that.
func (f *File) parse() (*model.Context, error) {
	h := newHusk(f.m.b, f.m.past)
	ctx, err := f.objects(h)
	if len(h.spots) > 0 && (err != nil || ctx.E != nil || !h.fill(ctx)) {
		ctx, err = f.objects(bytes.NewReader(f.m.b))
	}
	if over := f.overLimit(err); over != nil {
		return nil, over
	}
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword), errors.Is(err, pdfcpu.ErrEncrypted), errors.Is(err, pdfcpu.ErrOwnerPasswordRequired), errors.Is(err, pdfcpu.ErrPermissionDenied):
		return nil, encrypted()
	case err != nil:
		return nil, damaged(0, fmt.Sprintf("the PDF is damaged or cut short (%.200s)", err.Error()))
	case ctx.Encrypt != nil || ctx.E != nil:
		return nil, encrypted()
	}
	return ctx, nil
}

// objects has pdfcpu read a file.
func (f *File) objects(r io.ReadSeeker) (*model.Context, error) {
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline, conf.Optimize, conf.DecodeAllStreams = true, false, false
	conf.Limits = f.limitsOf()
	return pdfcpu.Read(r, conf)
}

func damaged(page int, what string) *jail.Refusal {
	return &jail.Refusal{Code: scan.CodeDamaged, Page: page, Text: what + "; scan the paper again or export the PDF again"}
}

func encrypted() *jail.Refusal {
	return &jail.Refusal{Code: CodeEncrypted, Text: "the PDF is encrypted; save it without a password, also without a password for changes, and send it again"}
}

func signed(by string) *jail.Refusal {
	return &jail.Refusal{Code: CodeSigned, Text: "the PDF carries a signature or the remnant of one (" + by + "): it is not rewritten; file it as it is, or scan the paper"}
}

func active(what string) *jail.Refusal {
	return &jail.Refusal{Code: CodeActive, Text: "the PDF has " + what + " in it; print it to a plain PDF and send that"}
}

// Media returns [scan.MediaPDF].
func (f *File) Media() string { return scan.MediaPDF }

// Pages returns the number of pages, at least 1.
func (f *File) Pages() int { return len(f.plans) }

// Size returns the pixels of the picture that page i, from 0, will be; of a
// page that has to be drawn they are right to a pixel.
func (f *File) Size(i int) (width, height int) { return f.plans[i].w, f.plans[i].h }

// Drawn says why page i, from 0, will be drawn anew, or "" if its scan is
// carried over or it is text that is likely to be kept.
func (f *File) Drawn(i int) string {
	if pl := f.plans[i]; pl.image != nil || pl.survey.seen > 0 && pl.survey.covered < scanShare {
		return "" // carried over, or likely kept; Page tells
	}
	return fmt.Sprintf("%s: the page is drawn at %.0f dpi", f.plans[i].why, f.plans[i].dpi)
}

// Page returns page i, from 0, as a picture that has been decoded once.
// Errors are as of [Open]; a missing pdftoppm is an error that is no refusal.
func (f *File) Page(i int) (scan.Page, error) {
	f.m.forget() // what the pages before were made of
	var p scan.Page
	err := guarded(func() (err error) {
		p, err = f.page(i)
		return err
	})
	var r *jail.Refusal
	if errors.As(err, &r) && r.Page == 0 {
		r.Page = i + 1
	}
	return p, err
}
