//go:build conformance

package conformance

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/specimen"
)

// A reader is a program by which people read PDFs, and what it gives of each.
type reader struct {
	name string
	read func(t *testing.T, paths []string) []string

	// arranges says that it puts words where they stand on the paper, side by
	// side, instead of one after the other: the order of columns and fields is
	// not asked of it.
	arranges bool
	// guesses says that it finds the order by itself, from the places of the
	// words: what that may come to is written beside the sheets.
	guesses bool
	tagged  bool // it reads nothing but the structure
}

func readers(t *testing.T) []reader {
	return []reader{
		{name: "pdftotext", read: each("pdftotext", "FILE", "-"), guesses: true},
		{name: "pdftotext -raw", read: each("pdftotext", "-raw", "FILE", "-")},
		{name: "pdftotext -layout", read: each("pdftotext", "-layout", "FILE", "-"), arranges: true},
		{name: "pdftotext -bbox", read: boxes, guesses: true},
		{name: "pdfinfo -struct-text", read: structured, tagged: true},
		{name: "pdf.js 4.7.76", read: pdfJS},
		{name: "Chromium (copy)", read: chromium},
		{name: "MuPDF", read: each("mutool", "draw", "-q", "-F", "text", "FILE")},
	}
}

// each runs a program on one file after the other.
func each(name string, args ...string) func(*testing.T, []string) []string {
	return func(t *testing.T, paths []string) (all []string) {
		t.Helper()
		for _, p := range paths {
			args := slices.Clone(args)
			args[slices.Index(args, "FILE")] = p
			cmd := exec.Command(name, args...)
			out, err := cmd.Output() // MuPDF tells on the side that it was built without colour management
			if err != nil {
				t.Errorf("%s %s: %v", name, filepath.Base(p), err)
			}
			all = append(all, string(out))
		}
		return all
	}
}

var boxed = regexp.MustCompile(`<word [^>]*>([^<]*)</word>`)

func boxes(t *testing.T, paths []string) (all []string) {
	for _, said := range each("pdftotext", "-bbox", "FILE", "-")(t, paths) {
		var words []string
		for _, m := range boxed.FindAllStringSubmatch(said, -1) {
			words = append(words, html.UnescapeString(m[1]))
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

var quoted = regexp.MustCompile(`(?m)^ *"(.*)"$`)

// structured is what stands in the structure, element by element.
func structured(t *testing.T, paths []string) (all []string) {
	for _, said := range each("pdfinfo", "-struct-text", "FILE")(t, paths) {
		var parts []string
		for _, m := range quoted.FindAllStringSubmatch(said, -1) {
			parts = append(parts, m[1])
		}
		all = append(all, strings.Join(parts, "\n"))
	}
	return all
}

// A pdfJSPage is what pdfjs.mjs prints of a file.
type pdfJSPage struct {
	Text            string
	Outline, Labels []string
}

func askPDFJS(t *testing.T, paths []string) (all []pdfJSPage) {
	t.Helper()
	where := filepath.Join(pdfJSDist(t), "node_modules", "pdfjs-dist")
	out, err := exec.Command("node", append([]string{"pdfjs.mjs", where}, paths...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil || len(all) != len(paths) {
		t.Fatalf("pdf.js: %v, %d files", err, len(all))
	}
	return all
}

func pdfJS(t *testing.T, paths []string) (all []string) {
	for _, p := range askPDFJS(t, paths) {
		all = append(all, p.Text)
	}
	return all
}

func chromium(t *testing.T, paths []string) (all []string) {
	t.Helper()
	out, err := exec.Command("node", append([]string{"chromium.mjs"}, paths...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil || len(all) != len(paths) {
		t.Fatalf("Chromium: %v, %d files", err, len(all))
	}
	return all
}

// A sheet is a file, and the words that it must say in their order.
type sheet struct {
	name, path string
	want       []string
	tagged     bool

	// layout is what stands side by side on it; guess is how many of its words
	// a reader may give in another order that orders words by their places.
	layout bool
	guess  int
}

// TestReadersGiveTheWords has the programs by which people read PDFs give the
// words of our files: none may be missed, and none be in another order than the
// page is read in, whether it is plain, in columns, a table, leaning or turned;
// with the structure and without.
//
// pdfcpu is not among them: it gives content streams as they are, and has nothing
// that would turn their codes into letters.
func TestReadersGiveTheWords(t *testing.T) {
	t.Parallel()
	sheets := append(setSheets(t), readSheets(t)...)
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s", "missed / out of order")
	for _, s := range sheets {
		fmt.Fprintf(&b, " %13s", s.name)
	}
	fmt.Fprintf(&b, "\n%-22s", "words")
	for _, s := range sheets {
		fmt.Fprintf(&b, " %13d", len(s.want))
	}
	for _, r := range readers(t) {
		fmt.Fprintf(&b, "\n%-22s", r.name)
		var some []sheet
		var paths []string
		for _, s := range sheets {
			if s.tagged || !r.tagged {
				some, paths = append(some, s), append(paths, s.path)
			}
		}
		said := r.read(t, paths)
		for _, s := range sheets {
			i := slices.IndexFunc(some, func(o sheet) bool { return o.name == s.name })
			if i < 0 {
				fmt.Fprintf(&b, " %13s", "–")
				continue
			}
			missed, order := compare(s.want, strings.Fields(said[i]))
			fmt.Fprintf(&b, " %13s", fmt.Sprintf("%d / %d", missed, order))
			most := 0
			if r.guesses {
				most = s.guess
			}
			if missed > 0 || order > most && !(r.arranges && s.layout) {
				t.Errorf("%s, %s: %d of %d words missed, %d out of order", r.name, s.name, missed, len(s.want), order)
			}
		}
	}
	t.Logf("\n%s", b.String())
}

// compare returns how many words are not among those got, and how many of the
// others stand out of order: are not on the longest way through both.
func compare(want, got []string) (missed, order int) {
	left := map[string]int{}
	for _, w := range got {
		left[w]++
	}
	found := 0
	for _, w := range want {
		if left[w] > 0 {
			left[w]--
			found++
		}
	}
	row := make([]int, len(got)+1)
	for _, w := range want {
		before := 0
		for j, g := range got {
			above := row[j+1]
			if w == g {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			before = above
		}
	}
	return len(want) - found, found - row[len(got)]
}

const allLetters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

// packed is a page of type of 9 points from edge to edge: so full that its words
// are coarsely placed.
func packed(press *specimen.Press) pdfa.Page {
	const size = 9
	var page specimen.Page
	var line specimen.Line
	x, y := 30.0, 40.0
	for _, p := range press.Paper(specimen.Report, 11, specimen.About{Pages: 12, Plain: true}).Pages {
		for _, l := range p.Lines {
			for i, w := range l {
				width := w.Width * size / w.Size
				if x+width > specimen.PageWidth-30 {
					page.Lines = append(page.Lines, line)
					line, x, y = nil, 30, y+1.22*size
				}
				if y > specimen.PageHeight-40 {
					return papered(page)
				}
				line = append(line, specimen.Word{Text: w.Text, X: x + float64(i%3)/4, Y: y, Width: width, Size: size})
				x += width + 0.25*size
			}
		}
	}
	panic("the paper is too short")
}

// setSheets are pages set by us, of which every word and its place is known.
func setSheets(t *testing.T) (all []sheet) {
	t.Helper()
	dir := t.TempDir()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	paper := papered(press.Paper(specimen.Decision, 7, specimen.About{Plain: true}).Pages[0])
	leaning := papered(press.Paper(specimen.Letter, 8, specimen.About{Plain: true}).Pages[0])
	leaning.Skew = 2.4
	for i := range leaning.Lines {
		leaning.Lines[i].Baseline[1] += 0.006 * (leaning.Lines[i].Words[len(leaning.Lines[i].Words)-1].X1 - leaning.Lines[i].Words[0].X0)
	}
	turned := papered(press.Paper(specimen.Notice, 9, specimen.About{Plain: true}).Pages[0])
	turned.Turn = 1
	pages := []struct {
		name   string
		page   pdfa.Page
		layout bool
		guess  int
	}{
		{"letters", lettered(), false, 0},
		// Where agency and nation stand side by side, lines may be taken across.
		{"paper", paper, true, heads(paper)}, {"leaning", leaning, true, heads(leaning)}, {"turned", turned, true, heads(turned)},
		{"columns", columned(), true, 0},
		// The three words to the right of a field of two lines may come before its
		// second line.
		{"table", tabular(t), true, 3 * tableRows},
		{"small print", packed(press), true, 0},
	}
	for _, p := range pages {
		var want []string
		for _, l := range p.page.Lines {
			for _, w := range l.Words {
				want = append(want, w.Text)
			}
		}
		for _, level := range []pdfa.Level{pdfa.Level2U, pdfa.Level2A} {
			name := p.name + " " + string(level)
			m := pdfatest.Meta
			m.Level = level
			put(t, dir, name+".pdf", pdfatest.Write(t, m, p.page))
			all = append(all, sheet{name, filepath.Join(dir, name+".pdf"), want, level == pdfa.Level2A, p.layout, p.guess})
		}
	}
	return all
}

// lettered has every letter of Vietnamese by itself and within a word, and the
// marks that stand with them.
func lettered() pdfa.Page {
	p := pdfatest.Lay(pdfatest.G4(true))
	var words []string
	for _, mark := range strings.Fields("! \" # % & ' ( ) * + , - . / 0 1 8 : ; < = > ? @ [ \\ ] _ | – — … “ ” ‘ ’ « » § ° • × ₫ ½ (một) 12/QĐ-UBND, “Điều 3”; 50%") {
		words = append(words, mark, "dấu") // a row of nothing but single letters is spaced type to poppler, which joins it
	}
	for i, r := range []rune(allLetters + strings.ToUpper(allLetters)) {
		if w := string(r); i%2 == 0 {
			words = append(words, w, "ng"+w+"n")
		} else {
			words = append(words, "TH"+w, w)
		}
	}
	for len(words) > 0 {
		n := min(8, len(words))
		l := pdfatest.Line(50, 40+14*float64(len(p.Lines)), words[:n]...)
		l.Par = len(p.Lines)
		p.Lines, words = append(p.Lines, l), words[n:]
	}
	return p
}

// papered lays the words of a made-up paper where they are printed.
func papered(from specimen.Page) pdfa.Page {
	p := pdfa.Page{Image: pdfatest.G4(true), Width: specimen.PageWidth, Height: specimen.PageHeight}
	for i, l := range from.Lines {
		line := pdfa.Line{Par: i / 3, Baseline: [2]float64{l[0].Y, l[len(l)-1].Y}}
		for _, w := range l {
			line.Words = append(line.Words, pdfa.Word{Text: w.Text, X0: w.X, X1: w.X + w.Width, Y0: w.Y - 0.7*w.Size, Y1: w.Y + 0.2*w.Size})
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

// columned is two columns of text, the left one read first.
func columned() pdfa.Page {
	p := pdfatest.Lay(pdfatest.G4(true))
	words := strings.Fields("Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015 và theo đề nghị của Chánh Văn phòng, Ủy ban nhân dân xã quyết định:")
	for column := range 2 {
		for i := range 34 {
			var some []string
			for j := range 6 {
				some = append(some, words[(7*i+j+11*column)%len(words)])
			}
			l := pdfatest.Line(45+265*float64(column), 40+18*float64(i), some...)
			l.Par = 10*column + i/5
			p.Lines = append(p.Lines, l)
		}
	}
	return p
}

const tableRows = 16

// heads counts the words of a paper's head, which stand in two columns, above the
// upper quarter.
func heads(p pdfa.Page) (n int) {
	for _, l := range p.Lines {
		if l.Baseline[0] < p.Height/4 {
			n += len(l.Words)
		}
	}
	return n
}

// tabular is a table between two paragraphs; fields have one line or two.
func tabular(t *testing.T) pdfa.Page {
	p := pdfatest.Lay(pdfatest.G4(true), pdfatest.Line(50, 50, "Danh", "mục", "hồ", "sơ", "nộp", "lưu:"))
	n := 1
	add := func(row, col int, x, y float64, words ...string) {
		n++
		l := pdfatest.Line(x, y, words...)
		l.Par, l.Cell = n, &pdfa.Cell{Table: 1, Row: row, Col: col, RowSpan: 1, ColSpan: 1}
		p.Lines = append(p.Lines, l)
	}
	for row := range tableRows {
		y := 90 + 36*float64(row)
		add(row, 0, 50, y, fmt.Sprint(row+1))
		add(row, 1, 100, y, "Quyết", "định", "số", fmt.Sprint(10+row, "/QĐ-UBND"))
		add(row, 1, 100, y+14, "về", "việc", "thứ", string([]rune(allLetters)[row]))
		add(row, 2, 330, y, fmt.Sprint(2*row+1))
		add(row, 3, 420, y, "bản", "chính")
	}
	last := pdfatest.Line(50, 690, "Cộng:", fmt.Sprint(tableRows), "hồ", "sơ", "./.")
	last.Par = n + 1
	p.Lines = append(p.Lines, last)
	return p
}

// readSheets are papers that the real program has read: what it says that it
// read is what readers must give.
func readSheets(t *testing.T) (all []sheet) {
	t.Helper()
	dir := t.TempDir()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		kind specimen.Kind
		seed uint64
		skew float64
	}{{"report", specimen.Report, 3, 0}, {"askew", specimen.Application, 5, 2.1}} {
		wear := specimen.Office(c.seed)
		wear.Skew = c.skew
		f, err := press.Paper(c.kind, c.seed, specimen.About{}).File(specimen.TIFFJPEG, 200, wear, c.seed)
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, c.name+".tif", f.Bytes)
		path, text := filepath.Join(dir, c.name+".pdf"), filepath.Join(dir, c.name+".txt")
		said(t, ".", "../bin/sohoa", "process", filepath.Join(dir, c.name+".tif"), "-o", path, "--level", "2a", "--text", text)
		b, err := os.ReadFile(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sheet{c.name + " 2a", path, strings.Fields(string(b)), true, true, len(strings.Fields(string(b))) / 10})
	}
	return all
}

// TestReadersKnowTheParts has readers tell the outline and the labels.
func TestReadersKnowTheParts(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "parts.pdf", pdfatest.Tagged(t)["parts"])
	path := filepath.Join(dir, "parts.pdf")
	titles, labels := []string{"Tệp 1", "Tệp 2 <&>", "Tệp 3"}, []string{"1.1", "1.2", "2.1", "3.1"}
	if got := askPDFJS(t, []string{path})[0]; !slices.Equal(got.Outline, titles) || !slices.Equal(got.Labels, labels) {
		t.Errorf("pdf.js: %v, %v", got.Outline, got.Labels)
	}
	if got := said(t, ".", "mutool", "show", path, "outline"); strings.Count(got, "Tệp ") != 3 || !strings.Contains(got, "#page=4") {
		t.Errorf("MuPDF: %s", got)
	}
	if err := api.ValidateFile(path, nil); err != nil {
		t.Errorf("pdfcpu: %v", err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	marks, err := api.Bookmarks(f, nil)
	at := map[string]int{}
	for _, m := range marks {
		at[m.Title] = m.PageFrom
	}
	if want := map[string]int{titles[0]: 1, titles[1]: 3, titles[2]: 4}; err != nil || !maps.Equal(at, want) {
		t.Errorf("pdfcpu: %v, %v", at, err)
	}
}
