package arrange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"sohoa/jail"
	"sohoa/pdf/inspect"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
)

// codeOurs marks words of the child that are no judgement on a file. It never
// leaves this package.
const codeOurs = "ours"

// A request is what the child is asked, in JSON on its standard input.
type request struct {
	Path    string      `json:"path,omitempty"`
	Out     string      `json:"out,omitempty"`
	Limits  scan.Limits `json:"limits"`
	Sources []string    `json:"sources,omitempty"`
	Parts   []Part      `json:"parts,omitempty"`
}

// Child is the child of this package. Its argument is open or prove.
func Child(args []string, in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return err
	}
	var answer any
	var err error
	switch {
	case len(args) == 1 && args[0] == "open":
		answer, err = open(r)
	case len(args) == 1 && args[0] == "prove":
		answer, err = prove(r)
	default:
		err = fmt.Errorf("asked for %q", args)
	}
	if err == nil {
		err = json.NewEncoder(out).Encode(answer)
	}
	var refused *jail.Refusal
	if err == nil || errors.As(err, &refused) {
		return err
	}
	return &jail.Refusal{Code: codeOurs, Text: err.Error()}
}

func open(r request) (Source, error) {
	f, err := os.Open(r.Path)
	if err != nil {
		return Source{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Source{}, err
	}
	head := make([]byte, min(info.Size(), scan.SniffLen))
	if _, err := f.ReadAt(head, 0); err != nil {
		return Source{}, err
	}
	if scan.Sniff(head) == scan.MediaPDF {
		return openPDF(r.Path, r.Limits)
	}
	return wrap(f, info.Size(), r)
}

// wrap makes a PDF of a scan at r.Out: each picture as it is stored, on a page
// of its true size, not turned. So the door will find it again, byte for byte.
func wrap(f *os.File, size int64, r request) (Source, error) {
	paper, err := scan.Open(f, size, r.Limits)
	if err != nil {
		return Source{}, err
	}
	out, err := os.OpenFile(r.Out, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return Source{}, err
	}
	defer out.Close()
	s := Source{Media: paper.Media()}
	w := pdfa.New(out, pdfa.Meta{})
	for i := range paper.Pages() {
		p, err := paper.Page(i)
		if err != nil {
			return s, err
		}
		wide, high := float64(p.Width)*72/p.DPIX, float64(p.Height)*72/p.DPIY
		err = w.Add(pdfa.Page{Image: p, Width: wide, Height: high})
		if errors.Is(err, pdfa.ErrInvalid) {
			return s, &jail.Refusal{Code: scan.CodeKind, Page: i + 1, Text: fmt.Sprintf("the picture cannot be a page: %v; scan it again", err)}
		} else if err != nil {
			return s, err
		}
		if p.Turn%2 == 1 {
			wide, high = high, wide
		}
		s.Pages = append(s.Pages, Page{Width: wide, Height: high, Turn: p.Turn, Note: p.Note})
	}
	return s, errors.Join(w.Close(), out.Close())
}

// openPDF takes a PDF through the gates of package inspect. Scripts and the
// like are no reason to refuse here: what is of the whole file is left behind,
// and the door looks at the rest. But the gates may have stopped at them, so
// signatures are looked for once more.
func openPDF(path string, l scan.Limits) (s Source, err error) {
	var refused *jail.Refusal
	if _, err := inspect.Open(path, l); err != nil && !(errors.As(err, &refused) && refused.Code == inspect.CodeActive) {
		return s, err
	}
	err = guarded(func() error {
		f, err := read(path)
		if err != nil {
			return err
		}
		if err := f.unsigned(); err != nil {
			return err
		}
		s, err = f.source(l)
		return err
	})
	return s, err
}

// guarded turns a panic of the PDF library into the word that a file is damaged.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = damaged(fmt.Sprint(p))
		}
	}()
	return do()
}

func damaged(what string) *jail.Refusal {
	return &jail.Refusal{Code: scan.CodeDamaged, Text: fmt.Sprintf("the PDF is damaged (%.200s); scan the paper again or export the PDF again", what)}
}

// prove compares each page of files with the page it was made of, and says what
// differs.
func prove(r request) (wrong []string, err error) {
	err = guarded(func() error {
		shelf := make(map[int]original)
		for _, part := range r.Parts {
			diff, err := provePart(shelf, r, part)
			if err != nil {
				return err
			}
			wrong = append(wrong, diff...)
		}
		return nil
	})
	return wrong, err
}

func provePart(shelf map[int]original, r request, part Part) (wrong []string, err error) {
	got, err := read(part.Out)
	if err != nil {
		return nil, err
	}
	pages, err := got.pages(r.Limits)
	if err != nil {
		return nil, err
	}
	if active := got.active(); active != "" {
		wrong = append(wrong, "the file has "+active)
	}
	if len(pages) != len(part.Picks) {
		return append(wrong, fmt.Sprintf("%d pages, not %d", len(pages), len(part.Picks))), nil
	}
	for i, p := range part.Picks {
		was, err := originalOf(shelf, r, p)
		if err != nil {
			return nil, err
		}
		page := was.pages[p.Page-1]
		diff := differs(was.file.print(page), got.print(pages[i]), p.Turn)
		if diff == "" {
			diff = was.file.misses(page, got, pages[i])
		}
		if diff != "" {
			wrong = append(wrong, fmt.Sprintf("page %d: %s", i+1, diff))
		}
	}
	return wrong, nil
}

// An original is a source as it is proved against.
type original struct {
	file  *file
	pages []leaf
}

// originalOf reads the source of a pick once.
func originalOf(shelf map[int]original, r request, p Pick) (o original, err error) {
	o, ok := shelf[p.Source]
	if !ok {
		if o.file, err = read(r.Sources[p.Source]); err != nil {
			return o, err
		}
		if o.pages, err = o.file.pages(r.Limits); err != nil {
			return o, err
		}
		shelf[p.Source] = o
	}
	if p.Page > len(o.pages) {
		return o, fmt.Errorf("no page %d", p.Page)
	}
	return o, nil
}
