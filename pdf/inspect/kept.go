package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/pdf/graft"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/tongue"
	"sohoa/scan"
)

// frameDPI is the resolution in which the words of a page without an image are
// placed.
const frameDPI = 300

// facts finds out what the rule must know of page i, and its words.
func (f *File) facts(i int) (facts, []scan.ToldLine, error) {
	pl := &f.plans[i]
	s := pl.survey
	got := facts{seen: s.seen > 0, unseen: s.unseen > 0, covered: s.covered}
	if !got.seen && !got.unseen {
		return got, nil, nil
	}
	lines, err := f.told(i)
	if err != nil {
		return got, nil, err
	}
	words := texts(lines)
	m := tongue.Of(words)
	area, letters := 0.0, 0
	for _, l := range lines {
		for _, w := range l.Words {
			area += (w.X1 - w.X0) * (w.Y1 - w.Y0)
			letters += strings.Count(w.Text, "") - 1
		}
	}
	page := pl.leaf.box.width() * pl.leaf.box.height() * pl.leaf.unit * pl.leaf.unit
	got.words, got.verdict, got.inked = len(words), m.Verdict(), area/page
	got.told = float64(letters) / float64(max(s.seen+s.unseen, 1))
	got.legacy = f.legacyFonts(pl.leaf.resources)
	return got, lines, nil
}

// legacyFonts reports whether a font is named like those of TCVN3 (".VnTime",
// ".VnArialH") and VNI ("VNI-Times"), whose codes are not Unicode.
func (f *File) legacyFonts(resources types.Dict) bool {
	for _, o := range f.dict(resources, "Font") {
		name := f.name(plainKeys(dictOf(f.resolve(o))), "BaseFont")
		if _, after, ok := strings.Cut(name, "+"); ok {
			name = after
		}
		name = strings.TrimPrefix(name, ".")
		if strings.HasPrefix(name, "VNI-") || strings.HasPrefix(name, "Vn") && len(name) > 2 && unicode.IsUpper(rune(name[2])) {
			return true
		}
	}
	return false
}

// page returns page i, decided by the rule.
func (f *File) page(i int) (scan.Page, error) {
	pl := &f.plans[i]
	got, lines, err := f.facts(i)
	if err != nil {
		return scan.Page{}, err
	}
	what, why := decide(got)
	if what == scan.Keep && got.seen {
		p, changed, err := f.tryWhole(i)
		if err == nil {
			p.Old, p.Why, p.Told, p.Note = what, why, lines, changed
			return p, nil
		}
		pl.why = err.Error()
	}
	p, err := f.pictured(pl, i)
	if err != nil {
		return p, err
	}
	p.Old, p.Why = what, why
	if what == scan.Keep {
		p.Told = lines
	}
	if what == "" && pl.image == nil && (pl.survey.drawings > 0 || pl.survey.covered > 0) {
		// There is no text in it to mislead a reader: what is drawn to be read
		// need not be what is archived.
		if kept, changed, err := f.tryWhole(i); err == nil {
			p.Graft, p.Unmapped, p.Note = kept.Graft, kept.Unmapped, strings.TrimSuffix("it is read from a drawing and kept as it stands; "+changed, "; ")
			p.DPIX = kept.DPIX * float64(p.Width) / float64(kept.Width)
			p.DPIY = kept.DPIY * float64(p.Height) / float64(kept.Height)
		} else {
			p.Note += "; it is not kept: " + err.Error()
		}
	}
	return p, nil
}

// pictured returns page i as a picture: its scan, or drawn.
func (f *File) pictured(pl *plan, i int) (scan.Page, error) {
	if pl.image != nil {
		p, ok, err := f.carry(pl, i)
		if ok || err != nil {
			return p, err
		}
		pl.fallBack(pl.image, notCarried)
	}
	return f.draw(pl, i)
}

// errKept is why a page is not kept, in words.
type errKept string

func (e errKept) Error() string { return string(e) }

// tryWhole is whole, but for a panic: such a page is drawn.
func (f *File) tryWhole(i int) (p scan.Page, changed string, err error) {
	defer func() {
		if recover() != nil {
			err = errKept("it cannot be taken apart")
		}
	}()
	return f.whole(i)
}

// whole cuts page i out of the file as it stands. It is kept only if it passes
// our check of PDF/A, and says and shows what it said and showed before. It
// returns also what had to be changed, in words.
func (f *File) whole(i int) (scan.Page, string, error) {
	pl := &f.plans[i]
	l := pl.leaf
	g, changes, err := graft.Cut(f.ctx, graft.Leaf{Dict: l.dict, Resources: l.resources,
		Box: [4]float64{l.box.x0, l.box.y0, l.box.x1, l.box.y1}, Unit: l.unit, Turn: l.turn})
	if err != nil {
		return scan.Page{}, "", errKept(notKept[refused(err)])
	}
	p := pdfa.Page{Graft: g.Encode(), Width: g.Width, Height: g.Height}
	file, err := alone(p, pdfa.Level2U)
	unmapped := errors.Is(err, errUnmapped)
	if unmapped {
		file, err = alone(p, pdfa.Level2B)
	}
	if err != nil {
		return scan.Page{}, "", err
	}
	defer file.Close()
	if err := f.same(i, file); err != nil {
		return scan.Page{}, "", err
	}
	w, h := max(1, math.Round(g.Width*frameDPI/72)), max(1, math.Round(g.Height*frameDPI/72))
	page := scan.Page{Index: i, Encoding: scan.Itself, Width: int(w), Height: int(h), Graft: p.Graft, Unmapped: unmapped,
		DPIX: w * 72 / g.Width, DPIY: h * 72 / g.Height, DPIFrom: scan.FromFile}
	if unmapped {
		return page, strings.TrimSuffix("some of its letters have no character in the file; "+changed(changes), "; "), nil
	}
	return page, changed(changes), nil
}

func refused(err error) graft.Refused {
	var r graft.Refused
	errors.As(err, &r)
	return r
}

// notKept are the reasons of package graft in words.
var notKept = map[graft.Refused]string{
	graft.NoContent:  "its content is not understood",
	graft.NoFont:     "it has a font that is not in the file, or of a kind that is not kept",
	graft.NoColour:   "it has colours of a press",
	graft.NoPicture:  "it has a picture coded in a way that is not kept",
	graft.NoLayer:    "it has layers of which some are not shown",
	graft.NoState:    "it has a graphics state that PDF/A does not know",
	graft.NoNote:     "it has notes that cannot be drawn into it",
	graft.NoResource: "a part of it is missing or runs in a circle",
	graft.NoKind:     "it has parts of a kind that is not kept",
}

// changed says the changes in words.
func changed(changes []graft.Change) string {
	says := map[graft.Change]string{
		graft.Notes:   "notes and form fields are drawn into the page",
		graft.Links:   "links are left out, their text stays",
		graft.Layers:  "layers, all of them shown, are joined",
		graft.Profile: "a broken colour profile is left out",
		graft.Hidden:  "notes that were not shown are left out",
	}
	var out []string
	for _, c := range changes {
		out = append(out, says[c])
	}
	return strings.Join(out, "; ")
}

// errUnmapped: a page could stand in a PDF/A-2b.
var errUnmapped = errKept("some of its letters have no character in the file")

// alone writes a page as a file of its own, of a level, checks it, and returns it
// as a file without a name.
func alone(p pdfa.Page, level pdfa.Level) (*os.File, error) {
	var b bytes.Buffer
	w := pdfa.New(&b, pdfa.Meta{Level: level})
	if err := errors.Join(w.Add(p), w.Close()); err != nil {
		return nil, errKept("it is larger or smaller than PDF/A allows")
	}
	if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); err != nil {
		var found pdfa.Findings
		if errors.As(err, &found) {
			if !slices.ContainsFunc(found, func(f pdfa.Finding) bool { return f.Rule != pdfa.RuleUnicode }) {
				return nil, errUnmapped
			}
			return nil, errKept("it cannot stand in a PDF/A (" + string(found[0].Rule) + ": " + found[0].Text + ")")
		}
		return nil, err
	}
	file, err := os.CreateTemp("", "page-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	if _, err := file.Write(b.Bytes()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// proofDPI is how finely two pages are compared.
const proofDPI = 40

// same wants the page alone to say and to show what it says and shows in its
// file.
func (f *File) same(i int, alone *os.File) error {
	n := strconv.Itoa(i + 1)
	args := [2][]string{{"-f", n, "-l", n, "-cropbox"}, nil}
	var text, look [2]bytes.Buffer
	for k := range 2 {
		path := f.onDisk()
		if k == 1 {
			path = "/dev/fd/3"
		}
		if err := handed(&text[k], alone, "pdftotext", append(args[k], "-q", path, "-")...); err != nil {
			return errKept("its text cannot be read again")
		}
		if err := handed(&look[k], alone, "pdftoppm", append(args[k], "-gray", "-r", strconv.Itoa(proofDPI), path)...); err != nil {
			return errKept("it cannot be drawn again")
		}
	}
	if !bytes.Equal(text[0].Bytes(), text[1].Bytes()) {
		return errKept("its text would come out other than it was")
	}
	if f.plans[i].leaf.unit == 1 && !alike(look[0].Bytes(), look[1].Bytes()) {
		return errKept("it would look other than it did")
	}
	return nil
}

// handed runs a tool with a file at its descriptor 3.
func handed(out io.Writer, file *os.File, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("%s is not installed: %w", program, err)
	}
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stdout, cmd.ExtraFiles = &atMost{out, maxTold}, []*os.File{file}
	return cmd.Run()
}

// alike compares two drawings: nearly no point may differ by more than a trace.
func alike(a, b []byte) bool {
	if len(a) != len(b) || len(a) < 100 {
		return false
	}
	other := 0
	for i := range a {
		if d := int(a[i]) - int(b[i]); d > 24 || d < -24 {
			other++
		}
	}
	return other*2000 <= len(a)
}
