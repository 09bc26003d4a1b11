package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/pattern"
	"sohoa/pdf/arrange"
)

const pagesUsage = "sohoa pages FILE[:SELECTION]… -o OUT.pdf [--split 3,5 | --each] [--dry-run] [--json]"

type pagesArgs struct {
	in         []string
	out, split string
	each, dry  bool
	json       bool
}

// An arranged is what `sohoa pages --json` prints.
type arranged struct {
	DryRun bool           `json:"dryRun,omitempty"`
	Inputs []arrangedFrom `json:"inputs"`
	Output []arrangedFile `json:"output"`
}

type arrangedFrom struct {
	File  string         `json:"file"`
	Media string         `json:"media"`
	Pages int            `json:"pages"`
	Loses []arrange.Loss `json:"loses,omitempty"` // what its pages leave behind
}

type arrangedFile struct {
	File     string         `json:"file"`
	SHA256   string         `json:"sha256,omitempty"`
	Bytes    int64          `json:"bytes,omitempty"`
	Pages    []arrangedPage `json:"pages"`
	Warnings []string       `json:"warnings,omitempty"`
}

type arrangedPage struct {
	From   string  `json:"from"`
	Page   int     `json:"page"` // of that file, from 1
	Turn   int     `json:"turnDegrees,omitempty"`
	Width  float64 `json:"width"` // points, as it is seen
	Height float64 `json:"height"`
	Note   string  `json:"note,omitempty"`
}

func parsePages(args []string, stderr io.Writer) (pagesArgs, error) {
	var a pagesArgs
	set := flag.NewFlagSet("pages", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.out, "o", "", "the PDF to write; with --split and --each a name with %d in it")
	set.StringVar(&a.split, "split", "", "make several files: cut after these pages")
	set.BoolVar(&a.each, "each", false, "make a file of each page")
	set.BoolVar(&a.dry, "dry-run", false, "write nothing, say what would be made")
	set.BoolVar(&a.json, "json", false, "print what was done as JSON")
	var err error
	if a.in, err = parseMixed(set, args); err != nil {
		return a, err
	}
	many := a.split != "" || a.each
	switch {
	case len(a.in) == 0, a.out == "", a.split != "" && a.each:
		return a, usage("%s", pagesUsage)
	case many != (len(numbered().FindAllString(a.out, -1)) == 1):
		return a, usage("%s: --split and --each want one %%d in the name of the output, one file wants none", a.out)
	}
	return a, nil
}

// numbered is where the number of a part stands in the name of the output.
var numbered = pattern.Late(`%(0[1-9])?d`)

// pages arranges pages of PDFs and scans before they are taken in.
func pages(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	a, err := parsePages(args, stderr)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "sohoa-pages-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	p := press{bench: arrange.Bench{Temp: temp, Limits: wire.Limits}, done: arranged{DryRun: a.dry}}
	for _, in := range a.in {
		if err := p.take(ctx, in); err != nil {
			return err
		}
	}
	if err := p.plan(a); err != nil {
		return err
	}
	if !a.dry {
		if err := p.write(ctx, temp); err != nil {
			return err
		}
	}
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(p.done)
	}
	return tellArranged(stdout, p.done)
}

// A press takes sources and makes files of their pages.
type press struct {
	bench   arrange.Bench
	sources []*arrange.Source
	files   []string       // of sources
	known   map[string]int // index of a file in sources
	picks   []arrange.Pick
	parts   [][2]int // of picks, from 1
	done    arranged
}

// take opens what an argument names and adds the pages that it selects.
func (p *press) take(ctx context.Context, arg string) error {
	path, written := selected(arg)
	if err := given(path); err != nil {
		return err
	}
	var sel arrange.Selection
	if written != "" {
		var err error
		if sel, err = arrange.Parse(written); err != nil {
			return wrongPages(arg, err)
		}
	}
	at, err := p.open(ctx, path)
	if err != nil {
		return &inputError{path, err}
	}
	picks, err := sel.Of(len(p.sources[at].Pages), wire.Limits.Pages)
	if err != nil {
		return wrongPages(arg, err)
	}
	for _, x := range picks {
		x.Source = at
		p.picks = append(p.picks, x)
	}
	return nil
}

// open opens a file once.
func (p *press) open(ctx context.Context, path string) (int, error) {
	if at, ok := p.known[path]; ok {
		return at, nil
	}
	s, err := p.bench.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	if p.known == nil {
		p.known = map[string]int{}
	}
	at := len(p.sources)
	p.known[path] = at
	p.sources, p.files = append(p.sources, s), append(p.files, path)
	p.done.Inputs = append(p.done.Inputs, arrangedFrom{path, s.Media, len(s.Pages), s.Loses})
	return at, nil
}

// selected divides FILE:SELECTION. A file whose own name has the colon in it is
// meant as a whole.
func selected(arg string) (path, selection string) {
	if _, err := os.Stat(arg); err == nil {
		return arg, ""
	}
	if i := strings.LastIndexByte(arg, ':'); i > 0 && i < len(arg)-1 {
		return arg[:i], arg[i+1:]
	}
	return arg, ""
}

// wrongPages says what is wrong with a selection, in both languages.
func wrongPages(arg string, err error) error {
	var s *arrange.SelectionError
	if errors.As(err, &s) {
		return usage("%s: %s / %s", arg, s.In("vi"), s.In("en"))
	}
	return err
}

// plan says what files will be made of which pages.
func (p *press) plan(a pagesArgs) error {
	p.parts = [][2]int{{1, len(p.picks)}}
	switch {
	case a.each:
		p.parts = nil
		for n := range p.picks {
			p.parts = append(p.parts, [2]int{n + 1, n + 1})
		}
	case a.split != "":
		var err error
		if p.parts, err = arrange.Parts(a.split, len(p.picks)); err != nil {
			return wrongPages("--split "+a.split, err)
		}
	}
	if err := wire.Limits.CheckPages(len(p.picks)); err != nil {
		return err
	}
	for i, part := range p.parts {
		name := a.out
		if a.each || a.split != "" {
			name = numbered().ReplaceAllStringFunc(a.out, func(form string) string { return fmt.Sprintf(form, i+1) })
		}
		for _, in := range p.files {
			if sameFile(in, name) {
				return usage("%s is a source: give the output another name", name)
			}
		}
		f := arrangedFile{File: name}
		for _, x := range p.picks[part[0]-1 : part[1]] {
			from := p.sources[x.Source].Pages[x.Page-1]
			w, h := from.Width, from.Height
			if x.Turn%2 == 1 {
				w, h = h, w
			}
			f.Pages = append(f.Pages, arrangedPage{p.files[x.Source], x.Page, 90 * x.Turn, w, h, from.Note})
		}
		p.done.Output = append(p.done.Output, f)
	}
	return nil
}

// sameFile reports whether two names are of one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// write makes all files, and only then gives any of them its name.
func (p *press) write(ctx context.Context, temp string) error {
	parts := make([]arrange.Part, len(p.parts))
	for i, part := range p.parts {
		name := fmt.Sprintf(".sohoa-%s-%d.pdf", filepath.Base(temp), i+1)
		parts[i] = arrange.Part{Picks: p.picks[part[0]-1 : part[1]], Out: filepath.Join(filepath.Dir(p.done.Output[i].File), name)}
		defer os.Remove(parts[i].Out)
	}
	if err := p.bench.MakeAll(ctx, p.sources, parts); errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return usage("cannot write %s: %v", p.done.Output[0].File, err)
	} else if err != nil {
		return err
	}
	for i, part := range parts {
		out := &p.done.Output[i]
		f, err := os.Open(part.Out)
		if err != nil {
			return err
		}
		sum, n, err := digest.Read(f)
		if err = errors.Join(err, f.Close(), os.Chmod(part.Out, 0o644)); err != nil {
			return err
		}
		out.SHA256, out.Bytes, out.Warnings = sum.String(), n, part.Warnings
	}
	for i, part := range parts {
		if err := os.Rename(part.Out, p.done.Output[i].File); err != nil {
			return usage("cannot write %s: %v", p.done.Output[i].File, err)
		}
	}
	return nil
}

// lossWords say in Vietnamese and English what pages leave behind.
var lossWords = map[arrange.Loss][2]string{
	arrange.LossOutline:     {"mục lục", "the outline"},
	arrange.LossAttachments: {"tệp đính kèm", "attached files"},
	arrange.LossScripts:     {"mã lệnh JavaScript", "JavaScript"},
	arrange.LossActions:     {"lệnh tự chạy", "actions that start by themselves"},
	arrange.LossXFA:         {"biểu mẫu XFA", "an XFA form"},
	arrange.LossTags:        {"cấu trúc đánh dấu (tag)", "the structure (tags)"},
	arrange.LossLayers:      {"danh sách lớp (các lớp đều hiện)", "the list of layers (all are shown)"},
	arrange.LossMetadata:    {"siêu dữ liệu của tệp", "the file's metadata"},
}

func tellArranged(w io.Writer, done arranged) error {
	var err error
	tell := func(format string, args ...any) {
		_, e := fmt.Fprintf(w, format, args...)
		err = errors.Join(err, e)
	}
	for _, f := range done.Output {
		if done.DryRun {
			tell("%s: %d trang sẽ ghi / pages would be written\n", f.File, len(f.Pages))
		} else {
			tell("%s: %d trang / pages, %d bytes, sha256 %s\n", f.File, len(f.Pages), f.Bytes, f.SHA256)
		}
		for i, p := range f.Pages {
			turn := ""
			if p.Turn != 0 {
				turn = fmt.Sprintf(", xoay / turned %d°", p.Turn)
			}
			tell("  %d: %s, trang / page %d%s\n", i+1, p.From, p.Page, turn)
		}
		for _, warning := range f.Warnings {
			tell("  %s\n", warning)
		}
	}
	for _, in := range done.Inputs {
		for _, l := range in.Loses {
			tell("  %s: không mang theo / left behind: %s / %s\n", in.File, lossWords[l][0], lossWords[l][1])
		}
	}
	return err
}
