package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/pdf/finding"
	pdfinspect "sohoa/pdf/inspect"
	"sohoa/scan"
	"sohoa/web"
)

// An inspected is what `sohoa inspect --json` prints; docs/inspect.schema.json
// is its form.
type inspected struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`

	// Verdict is taken, kept (signed: as it is) or refused.
	Verdict string   `json:"verdict"`
	Refusal *refused `json:"refusal,omitempty"`

	Media    string                `json:"media,omitempty"` // by content
	Pages    int                   `json:"pages"`
	Signed   bool                  `json:"signed"`
	Working  string                `json:"working,omitempty"` // decrypted or repaired
	Findings []finding.Finding     `json:"findings"`
	Beside   []pdfinspect.Embedded `json:"attachments"`
	Each     []inspectedPage       `json:"each"`
}

// A refused is why a file cannot be taken and what to do.
type refused struct {
	Code string `json:"code"`
	Page int    `json:"page,omitempty"`
	Text string `json:"text"`
	VI   string `json:"vi"` // what to do
	EN   string `json:"en"`
}

// An inspectedPage says what would be done with a page.
type inspectedPage struct {
	Page   int     `json:"page"`   // from 1
	Width  float64 `json:"width"`  // of the upright page, in points
	Height float64 `json:"height"` // in points
	DPI    float64 `json:"dpi"`

	// Becomes is carried (the scan's own bytes), kept (the page as its PDF has
	// it) or drawn; Words is file (its own are taken) or read.
	Becomes string `json:"becomes"`
	Words   string `json:"words"`

	Old   scan.Treatment `json:"ownText,omitempty"`
	Why   string         `json:"why,omitempty"`
	WhyVI string         `json:"whyVi,omitempty"`
	WhyEN string         `json:"whyEn,omitempty"`
	Note  string         `json:"note,omitempty"`
}

// lookedAt reads the arguments of a command that looks at a single file.
func lookedAt(name string, args []string, stderr io.Writer) (file string, l *lock, asJSON bool, err error) {
	l = &lock{}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&l.from, "password-from", "", "the password of an encrypted PDF: file:PATH or prompt")
	set.BoolVar(&asJSON, "json", false, "print it as JSON")
	files, err := parseMixed(set, args)
	if err == nil && len(files) != 1 {
		err = usage("sohoa " + name + " FILE [--password-from file:F|prompt] [--json]")
	}
	if err != nil {
		return "", nil, false, err
	}
	return files[0], l, asJSON, nil
}

// inspectFile says what a file is, what is wrong with it, and what would be done
// with it, without doing it. Its exit code is that of process for the same file,
// short of reading.
func inspectFile(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	file, l, asJSON, err := lookedAt("inspect", args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sohoa-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	found, why := look(ctx, file, dir, l)
	var r *jail.Refusal
	if why != nil && !errors.As(why, &r) {
		return &inputError{file, why}
	}
	if asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(found)
	} else {
		err = tellInspected(stdout, found)
	}
	if why != nil && err == nil {
		err = &inputError{file, why}
	}
	return err
}

// look takes a file in and apart as process would.
func look(ctx context.Context, path, dir string, l *lock) (inspected, error) {
	found := inspected{File: path, Verdict: "taken", Findings: []finding.Finding{}, Beside: []pdfinspect.Embedded{}, Each: []inspectedPage{}}
	in, err := examine(ctx, path, dir, l)
	if errors.Is(err, errUsage) {
		return found, err
	}
	if e := found.name(path); e != nil {
		return found, e
	}
	if err != nil {
		return found, found.refuse(err)
	}
	r := in.report
	found.Media, found.Pages, found.Signed, found.Working = r.Media, r.Pages, r.Signed, r.Working
	found.Findings, found.Beside = append(found.Findings, r.Findings...), append(found.Beside, r.Beside...)
	if r.Signed {
		err := found.refuse(&jail.Refusal{Code: "signed", Text: "the PDF is signed: it is kept as it is and never rewritten"})
		found.Verdict = "kept"
		return found, err
	}
	for page, err := range sniff.Split(ctx, in.path, wire.Limits) {
		if err != nil {
			return found, found.refuse(err)
		}
		found.Each = append(found.Each, wouldBe(page))
	}
	return found, nil
}

// name says which bytes are meant.
func (found *inspected) name(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, n, err := digest.Read(f)
	found.SHA256, found.Bytes = sum.String(), n
	return err
}

// refuse notes a refusal and returns it.
func (found *inspected) refuse(err error) error {
	var r *jail.Refusal
	if errors.As(err, &r) {
		do := adviceOn(r.Code)
		found.Verdict, found.Refusal = "refused", &refused{r.Code, r.Page, r.Text, do[0], do[1]}
	}
	return err
}

// wouldBe says what would be done with a page.
func wouldBe(p scan.Page) inspectedPage {
	w, h := float64(p.Width)*72/p.DPIX, float64(p.Height)*72/p.DPIY
	if p.Turn%2 == 1 {
		w, h = h, w
	}
	out := inspectedPage{Page: p.Index + 1, Width: w, Height: h, DPI: p.DPIX, Becomes: "carried", Words: "read", Old: p.Old, Why: p.Why, Note: p.Note}
	switch {
	case p.Graft != nil:
		out.Becomes = "kept"
	case p.Drawn:
		out.Becomes = "drawn"
	}
	if p.Told != nil {
		out.Words = "file"
	}
	out.WhyVI, out.WhyEN = web.OwnText(p.Why)
	return out
}

var (
	becomes = map[string][2]string{
		"carried": {"giữ nguyên ảnh quét", "the scan's own bytes"}, "kept": {"giữ nguyên trang", "kept as it is"}, "drawn": {"vẽ lại thành ảnh", "drawn anew"},
	}
	wordsFrom = map[string][2]string{"file": {"lấy chữ của tệp", "the file's own words"}, "read": {"nhận dạng chữ", "read"}}
	verdicts  = map[string][2]string{"taken": {"nhận", "taken"}, "kept": {"lưu nguyên trạng", "kept as it is"}, "refused": {"không nhận", "refused"}}
)

// tellInspected says it in words.
func tellInspected(w io.Writer, found inspected) error {
	v := verdicts[found.Verdict]
	what := ""
	if found.Pages > 0 {
		what = fmt.Sprintf("%s, %d trang / pages, ", found.Media, found.Pages)
	}
	_, err := fmt.Fprintf(w, "%s: %s / %s; %s%d bytes, sha256 %s\n", found.File, v[0], v[1], what, found.Bytes, found.SHA256)
	err = errors.Join(err, tellFindings(w, "", found.Findings))
	for i, e := range found.Beside {
		_, e := fmt.Fprintf(w, "  tệp nhúng / embedded file %d: %s, %s, %d bytes, sha256 %s\n", i+1, safeName(e.Name), e.Media, e.Bytes, e.SHA256)
		err = errors.Join(err, e)
	}
	for _, p := range found.Each {
		b, from := becomes[p.Becomes], wordsFrom[p.Words]
		_, e := fmt.Fprintf(w, "  trang / page %d: %s, %s / %s, %s\n", p.Page, b[0], from[0], b[1], from[1])
		err = errors.Join(err, e)
		if p.Why != "" {
			_, e := fmt.Fprintf(w, "    %s / %s\n", p.WhyVI, p.WhyEN)
			err = errors.Join(err, e)
		}
		if p.Note != "" {
			_, e := fmt.Fprintf(w, "    %s\n", p.Note)
			err = errors.Join(err, e)
		}
	}
	return err
}

// tellFindings lists findings, one a line, under the name of their file if there
// are several.
func tellFindings(w io.Writer, file string, all []finding.Finding) error {
	var err error
	for _, f := range all {
		where := ""
		if file != "" {
			where = file + ": "
		}
		if f.Page > 0 {
			where += fmt.Sprintf("trang / page %d: ", f.Page)
		}
		_, e := fmt.Fprintf(w, "  %s%s / %s\n", where, f.VI, f.EN)
		err = errors.Join(err, e)
	}
	return err
}
