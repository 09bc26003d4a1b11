package sniff

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"sohoa/jail"
	"sohoa/pdf/inspect"
	"sohoa/scan"
)

// paper is an opened file of any kind that is taken.
type paper interface {
	Media() string
	Pages() int
	Size(i int) (width, height int)
	Page(i int) (scan.Page, error)
}

// An ask is what a child is asked about a file, besides its path.
type ask struct {
	scan.Limits
	Kept   bool   `json:"kept,omitempty"`   // signed files are let through
	Work   string `json:"work,omitempty"`   // see [Options]
	Beside bool   `json:"beside,omitempty"` // of "split": the files within it instead of its pages
	Read   bool   `json:"read,omitempty"`   // see [scan.OpenToRead]
	Write  bool   `json:"write,omitempty"`  // see [scan.OpenToWrite]
	Locked bool   `json:"locked,omitempty"` // a password comes over stdin
}

// open opens the file that the arguments of a child name: a path, and an [ask]
// in JSON. quick leaves out what is besides the pages.
func open(path string, a ask, password []byte, quick bool) (paper, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return opened(f, info.Size(), a, func() (paper, error) {
		p, err := inspect.Take(path, inspect.Options{Limits: a.Limits, Password: password, Work: a.Work, Keep: a.Kept, Quick: quick, Unproven: a.Read || a.Write})
		return p, err
	})
}

// opened is open of bytes, with a way to open them if they are a PDF.
func opened(f io.ReaderAt, size int64, a ask, pdf func() (paper, error)) (paper, error) {
	head := make([]byte, min(size, scan.SniffLen))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if scan.Sniff(head) == scan.MediaPDF {
		return pdf()
	}
	if bytes.Contains(head, []byte("%PDF-")) {
		return nil, &jail.Refusal{Code: inspect.CodePolyglot, Text: "the file is a picture, or something else, and a PDF at once; save it anew as one of them and send that"}
	}
	if a.Write {
		return scan.OpenToWrite(f, size, a.Limits)
	}
	if a.Read {
		return scan.OpenToRead(f, size, a.Limits)
	}
	return scan.Open(f, size, a.Limits)
}

// asked reads the arguments of a child.
func asked(args []string) (a ask, err error) {
	if len(args) != 2 {
		return a, fmt.Errorf("%d arguments", len(args))
	}
	return a, json.Unmarshal([]byte(args[1]), &a)
}

// own marks what is no judgement on the file.
func own(err error) error {
	var r *jail.Refusal
	if err == nil || errors.As(err, &r) {
		return err
	}
	return &jail.Refusal{Code: codeOurs, Text: err.Error()}
}

// InspectChild is the child "inspect": it writes a [Report] in JSON. Its
// arguments are a path and an ask in JSON.
func InspectChild(args []string, in io.Reader, out io.Writer) error {
	a, err := asked(args)
	if err != nil {
		return own(err)
	}
	var password []byte
	if a.Locked {
		if password, err = io.ReadAll(io.LimitReader(in, inspect.MostPassword+1)); err != nil {
			return own(err)
		}
	}
	r, err := report(a, func(kept bool) (paper, error) {
		if a.Kept = kept; kept {
			return open(args[0], a, nil, false)
		}
		return open(args[0], a, password, false)
	})
	clear(password)
	if err != nil {
		return own(err)
	}
	return own(json.NewEncoder(out).Encode(r))
}

// report opens a file, a signed one a second time as one that is kept, and says what it
// is.
func report(a ask, open func(kept bool) (paper, error)) (Report, error) {
	p, err := open(a.Kept)
	var refused *jail.Refusal
	signed := errors.As(err, &refused) && refused.Code == inspect.CodeSigned
	if signed {
		p, err = open(true)
	}
	if err != nil {
		return Report{}, err
	}
	r := Report{Media: p.Media(), Pages: p.Pages(), Signed: signed}
	for i := range p.Pages() {
		w, h := p.Size(i)
		r.Width, r.Height = append(r.Width, w), append(r.Height, h)
	}
	switch p := p.(type) {
	case *inspect.File:
		if signed {
			return r, nil // nothing will be made of its pages
		}
		r.Working, r.Findings, r.Beside = p.Working, p.Findings(), p.Embedded()
		for i := range p.Pages() {
			if why := p.Drawn(i); why != "" {
				r.Warnings = append(r.Warnings, fmt.Sprintf("page %d: %s", i+1, why))
			}
		}
	default:
		if r.Pages > 1 {
			return r, nil
		}
		page, err := p.Page(0)
		if err != nil {
			return r, err
		}
		if page.Note != "" {
			r.Warnings = append(r.Warnings, "page 1: "+page.Note)
		}
		if page.DPIFrom == scan.Assumed {
			r.Warnings = append(r.Warnings, fmt.Sprintf("page 1: the file does not say its resolution; %g dpi is assumed", page.DPIX))
		}
	}
	return r, nil
}

// SplitChild is the child "split": it writes the pages as [scan.WritePage]
// does, or the files within the file, each after its length in 8 bytes. Its
// arguments are those of [InspectChild].
func SplitChild(args []string, _ io.Reader, out io.Writer) error {
	a, err := asked(args)
	if err != nil {
		return own(err)
	}
	p, err := open(args[0], a, nil, !a.Beside)
	if err != nil {
		return own(err)
	}
	if a.Beside {
		return own(writeBeside(out, p))
	}
	for i := range p.Pages() {
		page, err := inPlace(p, i)
		if err != nil {
			return own(err)
		}
		if err := scan.WritePage(out, page); err != nil {
			return own(err)
		}
	}
	return nil
}

// inPlace reads a page; of a scan's file, data stay where they are if they can.
func inPlace(p paper, i int) (scan.Page, error) {
	if f, ok := p.(*scan.File); ok {
		return f.PageInPlace(i)
	}
	return p.Page(i)
}

func writeBeside(out io.Writer, p paper) error {
	f, ok := p.(*inspect.File)
	if !ok {
		return nil
	}
	for i, e := range f.Embedded() {
		if err := binary.Write(out, binary.BigEndian, e.Bytes); err != nil {
			return err
		}
		if err := f.Unpack(i, out); err != nil {
			return err
		}
	}
	return nil
}
