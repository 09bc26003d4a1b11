package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/export"
	"sohoa/pdf/finding"
	pdfinspect "sohoa/pdf/inspect"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/web"
	"sohoa/workers"
)

// A processed is what `sohoa process --json` prints.
type processed struct {
	Output string          `json:"output"`
	SHA256 string          `json:"sha256"`
	Bytes  int64           `json:"bytes"`
	Inputs []processedFile `json:"inputs"`
	Pages  []processedPage `json:"pages"`
	Fields []dossier.Field `json:"fields"`
	Millis int64           `json:"milliseconds"`

	// Level of PDF/A that it claims, 2b, 2u or 2a, and, if that is less than was
	// asked for, the first page that can keep no more.
	Level     pdfa.Level `json:"level"`
	LevelPage int        `json:"levelPage,omitempty"`
}

type processedFile struct {
	File  string `json:"file"`
	Media string `json:"media"`
	Pages int    `json:"pages"`

	// What was found in it besides its pages and what was done, the files within
	// it, where they were written, and whether it was decrypted or repaired.
	Findings []finding.Finding     `json:"findings,omitempty"`
	Beside   []pdfinspect.Embedded `json:"attachments,omitempty"`
	Written  []string              `json:"written,omitempty"`
	Working  string                `json:"working,omitempty"`
}

type processedPage struct {
	Page       int     `json:"page"` // from 1, in the output
	Words      int     `json:"words"`
	Confidence float64 `json:"confidence"` // mean, 0 to 100
	Blank      bool    `json:"blank,omitempty"`
	Turn       int     `json:"quarterTurns,omitempty"`
	Skew       float64 `json:"skewDegrees,omitempty"`
	DPI        float64 `json:"dpi"`
	Engine     string  `json:"engine"`
	Data       string  `json:"data"`

	// What was done with the text the page brought with it, if it brought any:
	// keep, redo or force, and why; whether the page stands in the output as its
	// PDF had it; and what was changed in it.
	// Codes are the machine-readable codes on the page; Doubt is why a person
	// should look at what was read, see [ocr.Doubt].
	Codes []processedCode `json:"codes,omitempty"`
	Doubt []string        `json:"doubt,omitempty"`

	Old   scan.Treatment `json:"ownText,omitempty"`
	Why   string         `json:"why,omitempty"`
	WhyVI string         `json:"whyVi,omitempty"`
	WhyEN string         `json:"whyEn,omitempty"`
	Kept  bool           `json:"kept,omitempty"`
	Note  string         `json:"note,omitempty"`
}

type processedCode struct {
	Format string     `json:"format"`
	Text   string     `json:"text"`
	Box    [4]float64 `json:"box"` // points from the top left of the page: x0, y0, x1, y1
}

type processArgs struct {
	in         []string
	out, text  string
	hocr, alto string
	reading    string // the copy for reading
	title      string
	level      pdfa.Level
	judge      string
	json       bool
	lock       lock
	beside     string // directory for the files within
}

func parseProcess(args []string, stderr io.Writer) (processArgs, error) {
	var a processArgs
	set := flag.NewFlagSet("process", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.out, "o", "", "the PDF/A to write")
	set.StringVar(&a.text, "text", "", "also write the text here")
	set.StringVar(&a.hocr, "hocr", "", "also write what was read here, as hOCR 1.2")
	set.StringVar(&a.reading, "reading-copy", "", "also write a small copy for reading here: letters sharp, the rest coarse; never an original")
	set.StringVar(&a.alto, "alto", "", "also write what was read here, as ALTO 4.4")
	set.StringVar(&a.title, "title", "", "what the document is called; it goes into the file, so no names of people")
	level := set.String("level", string(pdfa.Level2U), "the level of PDF/A to write: 2b, 2u, or 2a, with the structure of the pages")
	set.StringVar(&a.judge, "judge", "", "a second judge of what is written: verapdf, or the path of its command")
	set.BoolVar(&a.json, "json", false, "print what was done as JSON")
	set.StringVar(&a.lock.from, "password-from", "", "the password of encrypted PDFs: file:PATH or prompt")
	set.StringVar(&a.beside, "attachments", "", "a directory to write the files within PDFs to")
	var err error
	if a.in, err = parseMixed(set, args); err != nil {
		return a, err
	}
	if a.level, err = pdfa.ParseLevel(*level); err != nil {
		return a, usage("--level: %v", err)
	}
	if len(a.in) == 0 || a.out == "" {
		return a, usage("sohoa process IN… -o OUT.pdf [--title TITLE] [--level 2u] [--text OUT.txt] [--hocr OUT.hocr] [--alto OUT.xml] [--reading-copy COPY.pdf] [--attachments DIR] [--password-from file:F|prompt] [--judge verapdf] [--json]")
	}
	return a, nil
}

// process is the line without a server: scans in, one searchable PDF/A out.
// The output appears whole or not at all.
func process(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	a, err := parseProcess(args, stderr)
	if err != nil {
		return err
	}
	second, err := wire.SecondJudge(ctx, a.judge)
	if err != nil {
		return usage("--judge: %v", err)
	}
	start := time.Now()
	done := processed{Output: a.out}
	dir, err := os.MkdirTemp("", "sohoa-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := takeIn(ctx, a, dir, &done)
	if err != nil {
		return err
	}
	pool, err := child.New(wire.Reading(runtime.NumCPU()))
	if err != nil {
		return err
	}
	defer pool.Close()
	scans := remembered(allPages(ctx, files, sniff.SplitOnce), mostRemembered)
	pages, err := workers.ReadAll(ctx, pool, runtime.NumCPU(), scans)
	if err != nil {
		return err
	}
	scans = sniff.Held(scans, workers.Proven(pages), allPages(ctx, files, sniff.Split))
	if a.beside != "" {
		for i, in := range files {
			if done.Inputs[i].Written, err = in.unpack(ctx, filepath.Join(a.beside, underOwn(i, len(files)))); err != nil {
				return &inputError{in.name, err}
			}
		}
	}
	if err := writeOutputs(ctx, a, second, scans, pages, &done); err != nil {
		return err
	}
	done.Fields, done.Millis = workers.Fields(pages, start), time.Since(start).Milliseconds()
	if !a.json {
		return tellProcessed(stdout, done)
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(done)
}

// takeIn looks at every file that was given before anything is made.
func takeIn(ctx context.Context, a processArgs, dir string, done *processed) (files []opened, err error) {
	for _, name := range a.in {
		in, err := examine(ctx, name, dir, &a.lock)
		if err == nil && in.report.Signed {
			// What is made here is a new file: of a signed one, only its signature's grave.
			err = &jail.Refusal{Code: "signed", Text: "the PDF is signed: it is kept as it is and never rewritten"}
		}
		if err != nil {
			return nil, &inputError{name, err}
		}
		files = append(files, in)
		r := in.report
		done.Inputs = append(done.Inputs, processedFile{File: name, Media: r.Media, Pages: r.Pages, Findings: r.Findings, Beside: r.Beside, Working: r.Working})
	}
	return files, nil
}

// underOwn is the directory below that for attachments: none if there is but
// one file.
func underOwn(i, n int) string {
	if n == 1 {
		return "."
	}
	return fmt.Sprintf("%03d", i+1)
}

// tellProcessed says what was made, and what was done with pages that brought
// text with them.
func tellProcessed(w io.Writer, done processed) error {
	_, err := fmt.Fprintf(w, "%s: PDF/A-%s, %d pages, %d bytes, sha256 %s\n", done.Output, done.Level, len(done.Pages), done.Bytes, done.SHA256)
	if done.LevelPage > 0 {
		_, e := fmt.Fprintf(w, "  trang / page %d: được giữ nguyên, nên tệp chỉ đạt mức %s / is kept as it came, so the file claims level %[2]s\n", done.LevelPage, done.Level)
		err = errors.Join(err, e)
	}
	for _, in := range done.Inputs {
		err = errors.Join(err, tellFindings(w, in.File, in.Findings))
		for _, name := range in.Written {
			_, e := fmt.Fprintf(w, "  %s\n", name)
			err = errors.Join(err, e)
		}
		if len(in.Beside) > len(in.Written) {
			_, e := fmt.Fprintln(w, "  tệp nhúng chỉ còn trong tệp gốc; dùng --attachments DIR để lấy ra / the files within are only in the file as it came; --attachments DIR takes them out")
			err = errors.Join(err, e)
		}
	}
	for _, p := range done.Pages {
		if p.Why != "" {
			_, e := fmt.Fprintf(w, "  trang / page %d: %s (%s): %s / %s\n", p.Page, p.Old, p.Why, p.WhyVI, p.WhyEN)
			err = errors.Join(err, e)
		}
		if p.Note != "" {
			_, e := fmt.Fprintf(w, "  trang / page %d: %s\n", p.Page, p.Note)
			err = errors.Join(err, e)
		}
	}
	return err
}

// allPages returns the pages of all files, split each, numbered through.
func allPages(ctx context.Context, files []opened, split func(context.Context, string, scan.Limits) iter.Seq2[scan.Page, error]) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		n := 0
		for _, f := range files {
			for page, err := range split(ctx, f.path, wire.Limits) {
				if err != nil {
					yield(page, &inputError{f.name, err})
					return
				}
				page.Index = n
				n++
				if !yield(page, nil) {
					return
				}
			}
		}
	}
}

// writeReading writes the copy for reading, if one is asked for.
func writeReading(ctx context.Context, a processArgs, meta pdfa.Meta, second workers.Second, scans iter.Seq2[scan.Page, error], pages []ocr.Page) error {
	if a.reading == "" {
		return nil
	}
	out, err := os.CreateTemp(filepath.Dir(a.reading), ".sohoa-*.pdf")
	if err != nil {
		return usage("cannot write %s: %v", a.reading, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if err := workers.WriteReadingCopy(ctx, out, meta, scans, pages, second); err != nil {
		return err
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return err
	}
	return os.Rename(out.Name(), a.reading)
}

func writeOutputs(ctx context.Context, a processArgs, second workers.Second, scans iter.Seq2[scan.Page, error], pages []ocr.Page, done *processed) error {
	out, err := os.CreateTemp(filepath.Dir(a.out), ".sohoa-*.pdf")
	if err != nil {
		return usage("cannot write %s: %v", a.out, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	done.Level, done.LevelPage = workers.Claim(a.level, pages)
	meta := pdfa.Meta{Title: a.title, Language: "vi-VN", Level: done.Level, Parts: parts(done.Inputs)}
	if err := workers.WritePDFA(ctx, out, meta, scans, pages, second); err != nil {
		return err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	if done.Bytes, err = io.Copy(h, out); err != nil {
		return err
	}
	done.SHA256 = fmt.Sprintf("%x", h.Sum(nil))
	for i, p := range pages {
		done.Pages = append(done.Pages, summary(i, p))
	}
	if err := writeWords(a, cmp.Or(a.title, "Tài liệu số hóa"), pages); err != nil {
		return err
	}
	if err := writeReading(ctx, a, meta, second, scans, pages); err != nil {
		return err
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return err
	}
	return os.Rename(out.Name(), a.out)
}

// parts are the files by their place among those given. Their names are not
// told: people call their scans after those whom they are about.
func parts(files []processedFile) []pdfa.Part {
	var all []pdfa.Part
	for i, f := range files {
		all = append(all, pdfa.Part{Title: fmt.Sprintf("Tệp %d", i+1), Pages: f.Pages})
	}
	return all
}

// writeWords writes what was read in the forms that are asked for.
func writeWords(a processArgs, title string, pages []ocr.Page) error {
	d := export.Document{Title: title, Pages: pages}
	for _, x := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{a.text, func(w io.Writer) error { _, err := io.WriteString(w, workers.Text(pages)); return err }},
		{a.hocr, func(w io.Writer) error { return export.HOCR(w, d) }},
		{a.alto, func(w io.Writer) error { return export.ALTO(w, d) }},
	} {
		if x.path == "" {
			continue
		}
		f, err := os.Create(x.path)
		if err != nil {
			return usage("cannot write %s: %v", x.path, err)
		}
		if err := errors.Join(x.write(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func summary(i int, p ocr.Page) processedPage {
	words := 0
	for _, l := range p.Lines {
		words += len(l.Words)
	}
	vi, en := web.OwnText(p.Why)
	doubt, _ := p.Doubt()
	var codes []processedCode
	for _, c := range p.Codes {
		codes = append(codes, processedCode{c.Format, c.Text, p.Points(c.Box)})
	}
	return processedPage{Codes: codes, Doubt: doubt.Why, Page: i + 1, Words: words, Confidence: p.Confidence, Blank: p.Blank,
		Turn: p.Turn, Skew: p.Skew, DPI: p.DPIX, Engine: p.Engine, Data: p.Data,
		Old: p.Old, Why: p.Why, WhyVI: vi, WhyEN: en, Kept: p.Kept, Note: p.Note}
}
