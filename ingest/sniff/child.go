package sniff

import (
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

// open opens the file that the arguments of a child name: a path, the limits in
// JSON, and [kept] if signed files are to be let through.
func open(args []string) (paper, scan.Limits, error) {
	var l scan.Limits
	keep := len(args) == 3 && args[2] == kept
	if len(args) != 2 && !keep {
		return nil, l, fmt.Errorf("%d arguments", len(args))
	}
	if err := json.Unmarshal([]byte(args[1]), &l); err != nil {
		return nil, l, err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, l, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, l, err
	}
	head := make([]byte, min(info.Size(), scan.SniffLen))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, l, err
	}
	if scan.Sniff(head) == scan.MediaPDF {
		take := inspect.Open
		if keep {
			take = inspect.OpenSigned
		}
		p, err := take(args[0], l)
		return p, l, err
	}
	p, err := scan.Open(f, info.Size(), l)
	return p, l, err
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
// arguments are a path and the limits in JSON.
func InspectChild(args []string, _ io.Reader, out io.Writer) error {
	r, err := report(args)
	if err != nil {
		return own(err)
	}
	return own(json.NewEncoder(out).Encode(r))
}

func report(args []string) (Report, error) {
	p, _, err := open(args)
	var refused *jail.Refusal
	signed := errors.As(err, &refused) && refused.Code == inspect.CodeSigned
	if signed {
		p, _, err = open(append(args, kept))
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
// does. Its arguments are those of [InspectChild], and [kept] for a file that is
// kept as it is.
func SplitChild(args []string, _ io.Reader, out io.Writer) error {
	p, _, err := open(args)
	if err != nil {
		return own(err)
	}
	for i := range p.Pages() {
		page, err := p.Page(i)
		if err != nil {
			return own(err)
		}
		if err := scan.WritePage(out, page); err != nil {
			return own(err)
		}
	}
	return nil
}
