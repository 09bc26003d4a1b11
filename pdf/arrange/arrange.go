// Package arrange puts the pages of PDFs and scans in another order before they
// are taken in: split, merge, turn, reorder, leave out. It makes a plain PDF,
// which then enters by the ordinary door like any other file; after that door
// nothing in this house changes a page.
//
// No page is made anew. Pages of PDFs are moved by qpdf, with their text, fonts,
// vectors and stored pictures as they are; scans are wrapped by package pdfa
// with their stored bytes as they are; a turn is a number in the page. What was
// made is proved against what it was made of before anybody gets it: the count
// of pages, the turn and the boxes of each, and the digest of every stream a
// page leads to.
//
// What belongs to a whole file and not to a page is left behind: outline,
// attachments, scripts, actions on opening, tags, forms in XFA, metadata. [Source] names
// it. What a page itself has, a note with an action for instance, stays, and is
// for the door to judge.
//
// A file with a signature or the remnant of one is never taken apart.
//
// All outside bytes are read in children of [sohoa/jail]: by qpdf, and by
// [Child], which a program gives to [jail.Main] under [ChildName].
package arrange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/jail"
	"sohoa/scan"
)

// CodeSigned, CodeEncrypted and CodeLayers are the codes of refused PDFs, next
// to those of [sohoa/scan].
const (
	CodeSigned    = "signed"
	CodeEncrypted = "encrypted"
	CodeLayers    = "layers" // some are hidden, and would be seen
)

// A Pick is one page of a source, and how it is turned.
type Pick struct {
	Source int // index in the sources
	Page   int // from 1
	Turn   int // clockwise quarter turns, on top of the page's own
}

// A Page is a page of a source as it is seen.
type Page struct {
	Width  float64 `json:"width"` // points, turned
	Height float64 `json:"height"`
	Turn   int     `json:"turn,omitempty"` // clockwise quarter turns that the file itself asks for
	Note   string  `json:"note,omitempty"` // what was changed on the way from a scan's file
}

// A Source is a file whose pages may be picked.
type Source struct {
	Media string `json:"media"` // by content
	Pages []Page `json:"pages"`
	Loses []Loss `json:"loses,omitempty"` // what its pages leave behind

	pdf  string // path of the PDF with its pages: the file itself or what was made of it
	made bool
}

// PDF returns the path of a PDF with the pages of s, for looking at.
func (s *Source) PDF() string { return s.pdf }

// Made reports whether that PDF was made of a scan.
func (s *Source) Made() bool { return s.made }

// Close forgets what was made of the file.
func (s *Source) Close() error {
	if !s.made {
		return nil
	}
	return os.Remove(s.pdf)
}

// A Loss is something of a whole PDF that its pages leave behind.
type Loss string

// The losses.
const (
	LossOutline     Loss = "outline"
	LossAttachments Loss = "attachments"
	LossScripts     Loss = "scripts" // JavaScript of the whole file
	LossActions     Loss = "actions" // on opening, closing, saving or printing
	LossXFA         Loss = "xfa"
	LossTags        Loss = "tags"
	LossLayers      Loss = "layers" // all are shown
	LossMetadata    Loss = "metadata"
)

// A Bench is where files are arranged.
type Bench struct {
	Temp   string // directory for files under way
	Limits scan.Limits
}

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "arrange"

const (
	memory    = 1 << 30
	cpu       = 60 * time.Second
	wall      = 120 * time.Second
	maxReport = 16 << 20
	mostSaid  = 1 << 20
)

func (b Bench) caps() jail.Limits {
	l := b.Limits.OrDefault()
	return jail.Limits{Memory: memory, CPU: cpu + time.Duration(l.Pages)*50*time.Millisecond, Wall: wall, File: l.Bytes}
}

// Open looks at the file at path in a child, and makes a PDF of it if it is a
// scan. It refuses with a [*jail.Refusal] what cannot be taken in or must not be
// taken apart. The caller closes the source; the file must stay until then.
func (b Bench) Open(ctx context.Context, path string) (*Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := b.Limits.CheckBytes(info.Size()); err != nil {
		return nil, err
	}
	made, err := os.CreateTemp(b.Temp, "pages-*.pdf")
	if err != nil {
		return nil, err
	}
	made.Close()
	s := &Source{}
	if err = b.ask(ctx, "open", request{Path: path, Out: made.Name(), Limits: b.Limits}, s); err != nil || s.Media == scan.MediaPDF {
		os.Remove(made.Name())
	}
	if err != nil {
		return nil, err
	}
	if len(s.Pages) == 0 {
		return nil, errors.New("a file without pages was let through")
	}
	s.made, s.pdf = s.Media != scan.MediaPDF, made.Name()
	if !s.made {
		s.pdf, err = filepath.Abs(path)
	}
	return s, err
}

// Reopen is Open for what an earlier Open of the same file made: s as it was
// kept, the file, and the PDF that was made of it.
func Reopen(s Source, path, made string) *Source {
	if s.pdf, s.made = path, s.Media != scan.MediaPDF; s.made {
		s.pdf = made
	}
	return &s
}

// ask has the child do something and reads its answer.
func (b Bench) ask(ctx context.Context, what string, r request, answer any) error {
	asked, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = jail.Run(ctx, ChildName, b.caps(), bytes.NewReader(asked), &limited{&out, maxReport}, what)
	if err != nil {
		return verdict(err)
	}
	return json.Unmarshal(out.Bytes(), answer)
}

// limited is a writer that takes n bytes and no more.
type limited struct {
	b *bytes.Buffer
	n int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.n -= len(p); l.n < 0 {
		return 0, errors.New("the answer is too long")
	}
	return l.b.Write(p)
}

// verdict turns the way a child ended into a refusal, unless the fault is ours
// or the caller's.
func verdict(err error) error {
	var r *jail.Refusal
	switch {
	case errors.As(err, &r) && r.Code == codeOurs:
		return errors.New(r.Text)
	case errors.As(err, &r):
		return r
	case errors.Is(err, jail.ErrTime):
		return &jail.Refusal{Code: scan.CodeTime, Text: "arranging the pages took longer than the limit; split the file"}
	case errors.Is(err, jail.ErrMemory):
		return &jail.Refusal{Code: scan.CodeMemory, Text: "arranging the pages needed more memory than the limit; split the file"}
	case errors.Is(err, jail.ErrCrash):
		return &jail.Refusal{Code: scan.CodeDamaged, Text: "a file is damaged in a way that stops the program that takes it apart; scan the paper again or export the PDF again"}
	}
	return err
}

// A Part is a file to be made: which pages, and where it is to appear.
type Part struct {
	Picks []Pick
	Out   string

	Warnings []string // of qpdf's own check, none for a clean file; filled in
}

// Make writes the picked pages as one PDF to out, which appears whole and
// proved, or not at all. The same sources and picks give the same bytes. The
// warnings are those of qpdf's own check, none for a clean file.
func (b Bench) Make(ctx context.Context, sources []*Source, picks []Pick, out string) (warnings []string, err error) {
	parts := []Part{{Picks: picks, Out: out}}
	err = b.MakeAll(ctx, sources, parts)
	return parts[0].Warnings, err
}

// MakeAll is Make for several files of the same sources: none appears before all
// are proved. The sources are read once for the proof of all.
func (b Bench) MakeAll(ctx context.Context, sources []*Source, parts []Part) error {
	made := make([]Part, len(parts)) // with absolute names of temporary files, so that none is taken for a flag
	for i, p := range parts {
		if err := check(sources, p.Picks, b.Limits); err != nil {
			return err
		}
		out, err := filepath.Abs(p.Out)
		if err != nil {
			return err
		}
		tmp, err := os.CreateTemp(filepath.Dir(out), ".pages-*.pdf")
		if err != nil {
			return err
		}
		defer os.Remove(tmp.Name())
		tmp.Close()
		made[i] = Part{Picks: p.Picks, Out: tmp.Name()}
		if err := b.move(ctx, sources, p.Picks, tmp.Name()); err != nil {
			return err
		}
	}
	if err := b.prove(ctx, sources, made); err != nil {
		return err
	}
	for i := range made {
		var err error
		if parts[i].Warnings, err = b.second(ctx, made[i].Out); err == nil {
			err = settle(made[i].Out)
		}
		if err != nil {
			return err
		}
	}
	for i, p := range parts {
		if err := os.Rename(made[i].Out, p.Out); err != nil {
			return err
		}
	}
	return nil
}

// settle has a file's bytes on disk.
func settle(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return errors.Join(f.Chmod(0o600), f.Sync())
}

func check(sources []*Source, picks []Pick, l scan.Limits) error {
	if err := l.CheckPages(len(picks)); err != nil {
		return err
	}
	for i, p := range picks {
		if p.Source < 0 || p.Source >= len(sources) || p.Page < 1 || p.Page > len(sources[p.Source].Pages) || p.Turn < 0 || p.Turn > 3 {
			return fmt.Errorf("pick %d: no page %d of source %d with %d turns", i+1, p.Page, p.Source, p.Turn)
		}
	}
	return nil
}

// move has qpdf put the pages into an empty file: so nothing of a whole file
// comes along. Streams are copied as they are stored.
func (b Bench) move(ctx context.Context, sources []*Source, picks []Pick, out string) error {
	args := []string{"--empty", "--deterministic-id", "--stream-data=preserve", "--object-streams=disable",
		"--remove-unreferenced-resources=auto", "--warning-exit-0", "--no-warn", "--pages"}
	for i := 0; i < len(picks); {
		n := i
		for n < len(picks) && picks[n].Source == picks[i].Source {
			n++
		}
		args = append(args, sources[picks[i].Source].pdf, ranges(picks[i:n]))
		i = n
	}
	args = append(args, "--")
	for turn := 1; turn < 4; turn++ {
		var turned []Pick
		for i, p := range picks {
			if (p.Turn+sources[p.Source].Upward(p.Page))%4 == turn {
				turned = append(turned, Pick{Page: i + 1})
			}
		}
		if len(turned) > 0 {
			args = append(args, fmt.Sprintf("--rotate=+%d:%s", 90*turn, ranges(turned)))
		}
	}
	said := &limited{&bytes.Buffer{}, mostSaid}
	err := jail.Tool(ctx, b.caps(), nil, said, "qpdf", append(args, out)...)
	if info, e := os.Stat(out); err != nil && e == nil && info.Size() >= b.Limits.OrDefault().Bytes {
		return &jail.Refusal{Code: scan.CodeBytes, Text: fmt.Sprintf("together the pages have more bytes than the limit of %d; make several files", b.Limits.OrDefault().Bytes)}
	}
	return verdict(err)
}

// Upward is by how many clockwise quarters a page, from 1, of [Source.PDF] is yet to
// be turned to be upright: the PDF that was made of a scan has its pictures as they
// are stored, whatever the scan's file says of up and down.
func (s *Source) Upward(page int) int {
	if s.Media == scan.MediaPDF {
		return 0
	}
	return s.Pages[page-1].Turn
}

// ranges writes pages as qpdf reads them: 1-3,7.
func ranges(picks []Pick) string {
	var all []string
	for i := 0; i < len(picks); {
		n := i
		for n+1 < len(picks) && picks[n+1].Page == picks[n].Page+1 {
			n++
		}
		s := strconv.Itoa(picks[i].Page)
		if n > i {
			s += "-" + strconv.Itoa(picks[n].Page)
		}
		all = append(all, s)
		i = n + 1
	}
	return strings.Join(all, ",")
}

// prove has the child compare each page of each part with what it was made of.
func (b Bench) prove(ctx context.Context, sources []*Source, parts []Part) error {
	r := request{Limits: b.Limits}
	for _, s := range sources {
		r.Sources = append(r.Sources, s.pdf)
	}
	for _, part := range parts {
		asked := Part{Out: part.Out}
		for _, p := range part.Picks {
			p.Turn = (p.Turn + sources[p.Source].Upward(p.Page)) % 4
			asked.Picks = append(asked.Picks, p)
		}
		r.Parts = append(r.Parts, asked)
	}
	var wrong []string
	if err := b.ask(ctx, "prove", r, &wrong); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the pages did not come through: %s", strings.Join(wrong[:min(len(wrong), 5)], "; "))
	}
	return nil
}

// second is qpdf's own word on the file. A page whose content is odd was odd
// before: that is a warning.
func (b Bench) second(ctx context.Context, out string) ([]string, error) {
	said := &limited{&bytes.Buffer{}, mostSaid}
	if err := jail.Tool(ctx, b.caps(), nil, said, "qpdf", "--check", "--warning-exit-0", out); err != nil {
		return nil, fmt.Errorf("qpdf --check: %w", verdict(err))
	}
	var warnings []string
	for line := range strings.Lines(said.b.String()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "WARNING") {
			warnings = append(warnings, strings.ReplaceAll(line, out, "the result"))
		}
	}
	return slices.Compact(warnings), nil
}
