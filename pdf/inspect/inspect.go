// Package inspect decides whether a PDF from outside is taken, and takes it
// apart into page pictures.
//
// The archived file is a new one that is made of pages, so nothing but pages
// gets into it. What else is in a file is found here, and named (package
// pdf/finding): actions and scripts, files within the file, what is hidden in it
// or around it. The gates refuse what cannot be taken apart honestly: a file
// with a signature or the remnant of one unless it is kept as it is
// ([OpenSigned]: nobody's signature is ever broken by rewriting), an encrypted
// one without its password, a form that has no pages, a file that is two kinds
// at once, a damaged one whose mending cannot be proved. A page
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
	"strings"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/jail"
	"sohoa/pdf/finding"
	"sohoa/scan"
)

// The codes of refused PDFs, next to those of [sohoa/scan].
const (
	CodeEncrypted   = "encrypted"  // no password, a wrong one, or a signed file
	CodeSigned      = "signed"     // a signature, or what is left of one
	CodeActive      = "active"     // a signed file that does something by itself: nothing can be removed from it
	CodeXFA         = "xfa"        // a form that only one program can show, without pages
	CodePolyglot    = "polyglot"   // a PDF and something else at once
	CodeAttachments = embeddedCode // more files in it, or larger ones, than the limit
	CodeSides       = "sides"      // a page larger or smaller than PDF/A knows
)

// Options are how a PDF is opened.
type Options struct {
	Limits   scan.Limits
	Password []byte // of an encrypted file; it is tried, never kept

	// Work is an empty file for what is made of one that is encrypted or
	// damaged: from then on it stands for what came. Without it such files are
	// refused.
	Work string

	// Keep says that the file's bytes are kept: a signature is no hindrance,
	// but nothing can be removed, opened or mended.
	Keep bool

	// Quick leaves out looking for what is besides the pages: for who has
	// looked before.
	Quick bool

	// Unproven leaves JPEG pictures of pages as they are to who decodes them, or has
	// them from who did ([scan.Page.Unproven]).
	Unproven bool
}

// A File is a PDF that has passed the gates.
type File struct {
	// Working says that Options.Work stands for the file, and why: decrypted
	// or repaired. Else it is empty.
	Working string

	path     string   // empty: it has none, and no other program is asked about it
	m        *mapping // of the file at path, in which its pictures lie
	o        Options
	l        scan.Limits
	ctx      *model.Context
	plans    []plan
	keep     bool // its bytes are kept: signatures are no hindrance
	xfa      bool
	hits     []hit
	found    []finding.Finding
	embedded []Embedded
	taken    map[int]bool // streams of embedded files
}

// Open reads the PDF at path, passes it through the gates and plans how each
// page will become a picture. Errors are [*jail.Refusal], or those of the file
// system.
func Open(path string, l scan.Limits) (*File, error) { return Take(path, Options{Limits: l}) }

// OpenSigned is Open for a file that is kept as it is: a signature in it is no
// reason to refuse, but whatever would have to be removed is. Its pages are for
// looking at and reading; who makes a new file of them loses what was signed.
func OpenSigned(path string, l scan.Limits) (*File, error) {
	return Take(path, Options{Limits: l, Keep: true})
}

// Take is Open with options: an encrypted file is opened with its password, a
// damaged one is mended if it can be proved that nothing is lost.
func Take(path string, o Options) (*File, error) {
	f := &File{path: path, o: o, l: o.Limits.OrDefault(), keep: o.Keep}
	return f, f.load()
}

// TakeBytes is Take for a small file that is in memory and has no path, of which
// nothing is asked of another program: what calls for one is refused as damaged, which
// says nothing against the file. So is an encrypted or a damaged one. o.Work and
// o.Password are not looked at.
func TakeBytes(b []byte, o Options) (*File, error) {
	o.Work, o.Password = "", nil
	f := &File{o: o, l: o.Limits.OrDefault(), keep: o.Keep, m: &mapping{b: b}}
	if err := f.l.CheckBytes(int64(len(b))); err != nil {
		return nil, err
	}
	return f, guarded(func() error { return f.read(f.m) })
}

// onDisk is where another program finds the file.
func (f *File) onDisk() string {
	if f.path == "" {
		panic("the file is in memory") // which TakeBytes promises to refuse
	}
	return f.path
}

// load reads the file at f.path.
func (f *File) load() error {
	b, err := mapped(f.path, f.o.Limits)
	if err != nil {
		return err
	}
	m := &mapping{b: b, file: true}
	f.m = m
	err = guarded(func() error { return f.read(m) })
	var r *jail.Refusal
	if errors.As(err, &r) && r.Code == scan.CodeDamaged && f.mendable() {
		err = guarded(func() error { return f.repair(b, err) })
	}
	m.forget()
	if err != nil || f.m != m { // else its pictures lie in the mapping, which lasts as long as the child
		_ = syscall.Munmap(b)
	}
	return err
}

// mendable reports whether what is damaged may be mended: there is a place to do
// so, and it was not done yet.
func (f *File) mendable() bool { return !f.keep && f.o.Work != "" && f.path != f.o.Work }

// Findings lists what is in the file besides its pages.
func (f *File) Findings() []finding.Finding { return f.found }

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
func (f *File) read(m *mapping) error {
	b := m.b
	g, err := look(m)
	switch {
	case err != nil:
		return err
	case g.encrypted:
		if err := f.unlock(g); err != nil {
			return err
		}
		f.found = append(f.found, around(b)...)
		if err = f.load(); codeOf(err) == CodeSigned {
			return lockedSigned()
		}
		return err
	case g.signed && !f.keep:
		return signed("a /ByteRange")
	case g.active != "" && f.keep:
		return active(g.active)
	case !g.whole:
		return damaged(0, "the PDF is cut short: its end is missing")
	case !g.table && f.mendable():
		return damaged(0, "the PDF is damaged: its table of objects is not where it should be")
	}
	m.forget()
	if f.ctx, err = f.parse(); err != nil {
		return err
	}
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
	return f.beyond(b, pages)
}

// beyond looks at what is in the file besides its pages.
func (f *File) beyond(b []byte, pages []leaf) error {
	if err := f.dynamic(); err != nil {
		return err
	}
	f.noted(pages)
	f.unseen()
	if f.keep || f.o.Quick {
		return nil // nothing is taken out of it
	}
	f.found = append(f.found, around(b)...)
	f.revisions(b)
	return f.measure()
}

// dynamic refuses a form that is drawn by its reader and has no pages of its
// own: what the file shows without that is a page that says so.
func (f *File) dynamic() error {
	root, err := f.ctx.Catalog()
	if err != nil || !f.xfa {
		return nil
	}
	needs, _ := f.resolve(plainKeys(root)["NeedsRendering"]).(types.Boolean)
	if !needs && len(f.plans) == 1 {
		lines, err := f.told(0)
		if err != nil {
			return err
		}
		said := strings.ToLower(strings.Join(texts(lines), " "))
		needs = types.Boolean(strings.Contains(said, "please wait"))
	}
	if needs {
		return &jail.Refusal{Code: CodeXFA, Text: "the PDF is a form that only Adobe's program can show and has no pages of its own; open it there, print it to a plain PDF and send that"}
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
		return nil, locked("the PDF is encrypted")
	case err != nil:
		return nil, damaged(0, fmt.Sprintf("the PDF is damaged or cut short (%.200s)", err.Error()))
	case ctx.Encrypt != nil || ctx.E != nil:
		return nil, locked("the PDF is encrypted")
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

func signed(by string) *jail.Refusal {
	return &jail.Refusal{Code: CodeSigned, Text: "the PDF carries a signature or the remnant of one (" + by + "): it is not rewritten; file it as it is, or scan the paper"}
}

func active(what finding.Code) *jail.Refusal {
	return &jail.Refusal{Code: CodeActive, Text: "the PDF is signed and has " + finding.Noun(what) + " in it, which cannot be removed from a signed file; ask for one without, or scan the paper"}
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
