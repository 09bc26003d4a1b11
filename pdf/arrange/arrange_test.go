package arrange_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/ingest/sniff"
	"sohoa/jail"
	"sohoa/pdf/arrange"
	"sohoa/pdf/graft/grafttest"
	"sohoa/pdf/pdfa"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	os.Setenv("SOHOA_JAIL_CHILD", os.Getenv("SOHOA_TEST_CHILD")) // under the race detector
	jail.Main(map[string]jail.Child{arrange.ChildName: arrange.Child, "inspect": sniff.InspectChild, "split": sniff.SplitChild, pdfa.ChildName: pdfa.Child})
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool runs an outside program that must succeed.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

func put(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, b, 0o600))
	return path
}

func bench(t *testing.T) arrange.Bench { return arrange.Bench{Temp: t.TempDir()} }

func open(t *testing.T, b arrange.Bench, path string) *arrange.Source {
	t.Helper()
	s, err := b.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func make_(t *testing.T, b arrange.Bench, s []*arrange.Source, picks ...arrange.Pick) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.pdf")
	_, err := b.Make(t.Context(), s, picks, out)
	must(t, err)
	return out
}

// Pages of text and vectors of every kind look and say what they did, and a turn
// is a turn of what is seen.
func TestPagesOfPDFs(t *testing.T) {
	b := bench(t)
	for _, c := range grafttest.Cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			path := put(t, "a.pdf", c.PDF)
			s, err := b.Open(t.Context(), path)
			var refused *jail.Refusal
			if errors.As(err, &refused) {
				if refused.Code != arrange.CodeLayers || !strings.Contains(c.Name, "layer") {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			must(t, err)
			out := make_(t, b, []*arrange.Source{s}, arrange.Pick{Page: 1}, arrange.Pick{Page: 1, Turn: 1})
			was := tool(t, "pdftoppm", "-r", "40", "-singlefile", path)
			if is := tool(t, "pdftoppm", "-r", "40", "-singlefile", out); !bytes.Equal(was, is) {
				t.Error("the page looks another")
			}
			if a, b := tool(t, "pdftotext", "-l", "1", path, "-"), tool(t, "pdftotext", "-l", "1", out, "-"); !bytes.Equal(a, b) {
				t.Errorf("the page says %q, not %q", b, a)
			}
			if w, h := size(t, was); size2(t, tool(t, "pdftoppm", "-r", "40", "-f", "2", "-singlefile", out)) != [2]int{h, w} {
				t.Error("the second page is not turned")
			}
		})
	}
}

func size(t *testing.T, ppm []byte) (w, h int) {
	t.Helper()
	if n, _ := fmt.Sscanf(string(ppm[:min(len(ppm), 40)]), "P6\n%d %d", &w, &h); n != 2 {
		t.Fatalf("no picture: %q", ppm[:min(len(ppm), 40)])
	}
	return w, h
}

func size2(t *testing.T, ppm []byte) [2]int {
	w, h := size(t, ppm)
	return [2]int{w, h}
}

// papers are one paper in every format that scanners make.
func papers(t *testing.T) map[string][]byte {
	t.Helper()
	press, err := specimen.NewPress()
	must(t, err)
	all := map[string][]byte{}
	for _, format := range specimen.Formats() {
		f, err := press.Paper(specimen.Kinds()[0], 3, specimen.About{}).File(format, 100, specimen.Office(3), 3)
		must(t, err)
		all[fmt.Sprint(format, "-", f.Name)] = f.Bytes
	}
	return all
}

func stored(t *testing.T, path string) (all []scan.Page) {
	t.Helper()
	for p, err := range sniff.Split(t.Context(), path, scan.Limits{}) {
		must(t, err)
		all = append(all, p)
	}
	return all
}

// The door finds the scanner's own bytes in what was arranged, on pages of the
// same size, turned as asked.
func TestScansKeepTheirBytes(t *testing.T) {
	b := bench(t)
	for name, file := range papers(t) {
		t.Run(name, func(t *testing.T) {
			path := put(t, "scan", file)
			s := open(t, b, path)
			was := stored(t, path)
			if len(was) != len(s.Pages) {
				t.Fatalf("%d pages, not %d", len(s.Pages), len(was))
			}
			out := make_(t, b, []*arrange.Source{s}, arrange.Pick{Page: 1, Turn: 3}, arrange.Pick{Page: len(was)})
			is := stored(t, out)
			for i, want := range []struct {
				page scan.Page
				turn int
			}{{was[0], 3}, {was[len(was)-1], 0}} {
				p, q := is[i], want.page
				if !bytes.Equal(p.Data, q.Data) || p.Encoding != q.Encoding || p.Turn != (q.Turn+want.turn)%4 || p.BlackIsOne != q.BlackIsOne ||
					p.DPIX < q.DPIX-0.5 || p.DPIX > q.DPIX+0.5 || p.DPIY < q.DPIY-0.5 || p.DPIY > q.DPIY+0.5 {
					t.Errorf("page %d: %s %d bytes, turned %d, %g × %g dpi; was %s %d, %d, %g × %g", i+1, p.Encoding, len(p.Data), p.Turn, p.DPIX, p.DPIY, q.Encoding, len(q.Data), q.Turn, q.DPIX, q.DPIY)
				}
			}
			tool(t, "qpdf", "--check", out)
		})
	}
}

// A mixture of files gives the pages that were asked for, in that order, and the
// same bytes each time.
func TestMixture(t *testing.T) {
	b := bench(t)
	var sources []*arrange.Source
	for _, file := range papers(t) {
		sources = append(sources, open(t, b, put(t, "x", file)))
	}
	sources = append(sources, open(t, b, put(t, "y.pdf", grafttest.Cases(t)[0].PDF)))
	var picks []arrange.Pick
	for i := range sources {
		picks = append([]arrange.Pick{{Source: i, Page: 1, Turn: i % 4}}, picks...)
		picks = append(picks, arrange.Pick{Source: i, Page: len(sources[i].Pages)})
	}
	out := make_(t, b, sources, picks...)
	if n := strings.TrimSpace(string(tool(t, "qpdf", "--show-npages", out))); n != fmt.Sprint(len(picks)) {
		t.Errorf("%s pages, not %d", n, len(picks))
	}
	one, err := os.ReadFile(out)
	must(t, err)
	two, err := os.ReadFile(make_(t, b, sources, picks...))
	must(t, err)
	if !bytes.Equal(one, two) {
		t.Error("the same pages give other bytes")
	}
	left, err := os.ReadDir(filepath.Dir(out))
	must(t, err)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// onePage is a PDF with more in its catalogue and objects.
func onePage(catalogue, page string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	all := append([]string{"<</Type/Catalog/Pages 2 0 R " + catalogue + ">>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>/Contents 4 0 R " + page + ">>", "<</Length 21>>\nstream\n1 0 0 rg 9 9 90 90 re f\nendstream"}, objects...)
	all[3] = "<</Length 23>>\nstream\n1 0 0 rg 9 9 90 90 re f\nendstream"
	var at []int
	for i, o := range all {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	x := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, x)
	return b.Bytes()
}

// What a whole file does by itself is left behind and named; the result does
// nothing.
func TestNothingActiveComesAlong(t *testing.T) {
	b := bench(t)
	for name, row := range map[string]struct {
		catalogue string
		want      arrange.Loss
	}{
		"opens":       {"/OpenAction<</S/JavaScript/JS(app.alert)>>", arrange.LossActions},
		"launches":    {"/OpenAction<</S/Launch/F(calc.exe)>>", arrange.LossActions},
		"acts":        {"/AA<</WC<</S/JavaScript/JS(x)>>>>", arrange.LossActions},
		"scripts":     {"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>", arrange.LossScripts},
		"attachments": {"/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a)/EF<</F 5 0 R>>>>]>>>>", arrange.LossAttachments},
		"xfa":         {"/AcroForm<</Fields[]/XFA 5 0 R>>", arrange.LossXFA},
		"outline":     {"/Outlines<</First 5 0 R/Last 5 0 R/Count 1>>", arrange.LossOutline},
	} {
		path := put(t, "a.pdf", onePage(row.catalogue, "", "<</Type/EmbeddedFile/Length 3>>\nstream\nabc\nendstream"))
		s := open(t, b, path)
		if len(s.Loses) != 1 || s.Loses[0] != row.want {
			t.Errorf("%s: leaves behind %v, want %s", name, s.Loses, row.want)
		}
		out := make_(t, b, []*arrange.Source{s}, arrange.Pick{Page: 1})
		got, err := os.ReadFile(out)
		must(t, err)
		for _, word := range []string{"JavaScript", "OpenAction", "/AA", "Launch", "EmbeddedFile", "XFA", "Outlines"} {
			if bytes.Contains(got, []byte(word)) {
				t.Errorf("%s: the result has %s", name, word)
			}
		}
	}
}

// The gates: what is signed, encrypted or has hidden layers is not taken apart,
// also if something else would stop the gates first.
func TestRefused(t *testing.T) {
	sig := "<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"
	field := "<</FT/Sig/T(s)/V 6 0 R>>"
	for name, row := range map[string]struct {
		file []byte
		code string
	}{
		"signed":             {onePage("/AcroForm<</Fields[5 0 R]>>", "", field, sig), "signed"},
		"remnant":            {onePage("", "", "null", sig), "signed"},
		"signed and scripts": {onePage("/OpenAction<</S/JavaScript/JS(x)>>", "", field, sig), "signed"},
		"signed, compressed": {packed(t, onePage("/OpenAction 7 0 R/AcroForm<</Fields[5 0 R]>>", "", field, strings.Replace(sig, "/ByteRange[0 1 2 3]", "", 1), "<</S/JavaScript/JS(x)/Length 1>>\nstream\nx\nendstream")), "signed"},
		"rights":             {onePage("/Perms<</UR3 5 0 R>>", "", "<</Filter/Adobe.PPKLite>>"), "signed"},
		"hidden layers":      {onePage("/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>", "", "<</Type/OCG/Name(a)>>"), "layers"},
		"text":               {[]byte("Đây là văn bản thuần.\n"), "kind"},
		"empty":              {nil, "empty"},
		"a circle":           {onePage("", "/Kids[2 0 R]"), "damaged"},
	} {
		_, err := bench(t).Open(t.Context(), put(t, "a", row.file))
		var refused *jail.Refusal
		if !errors.As(err, &refused) || refused.Code != row.code {
			t.Errorf("%s: %v, want %s", name, err, row.code)
		}
	}
	for _, bad := range specimen.Bad() {
		if bad.WantCode == "active" || bad.Bytes == nil {
			continue
		}
		b := bench(t)
		_, err := b.Open(t.Context(), put(t, "a", bad.Bytes))
		var refused *jail.Refusal
		if !errors.As(err, &refused) || refused.Code != bad.WantCode {
			t.Errorf("%s: %v, want %s", bad.Name, err, bad.WantCode)
		}
		if left, _ := os.ReadDir(b.Temp); len(left) > 0 {
			t.Errorf("%s leaves %v", bad.Name, left)
		}
	}
}

// packed puts the objects of a PDF into object streams, where bytes do not show
// them.
func packed(t *testing.T, file []byte) []byte {
	t.Helper()
	in, out := put(t, "a.pdf", file), filepath.Join(t.TempDir(), "b.pdf")
	tool(t, "qpdf", "--object-streams=generate", in, out)
	b, err := os.ReadFile(out)
	must(t, err)
	return b
}

// The proof sees what differs: another page, another turn, a page too many, a
// picture changed by a byte, a resource lost, an action in the catalogue.
func TestProof(t *testing.T) {
	b := bench(t)
	var cases [][]byte
	for _, c := range grafttest.Cases(t) {
		if c.Name == "plain" || c.Name == grafttest.Everything {
			cases = append(cases, c.PDF)
		}
	}
	sources := []*arrange.Source{open(t, b, put(t, "a.pdf", cases[0])), open(t, b, put(t, "b.pdf", cases[1]))}
	picks := []arrange.Pick{{Source: 1, Page: 1}, {Page: 1, Turn: 2}}
	out := filepath.Join(t.TempDir(), "out.pdf")
	must(t, b.Move(t.Context(), sources, picks, out))
	must(t, b.Prove(t.Context(), sources, picks, out))
	for name, other := range map[string][]arrange.Pick{
		"another page": {{Page: 1}, {Page: 1, Turn: 2}},
		"another turn": {{Source: 1, Page: 1}, {Page: 1}},
		"too few":      {{Source: 1, Page: 1}},
	} {
		if err := b.Prove(t.Context(), sources, other, out); err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
	whole, err := os.ReadFile(out)
	must(t, err)
	for name, change := range map[string][2]string{
		"picture":        {"aaabbbcccddd", "aaabbbcccdde"},
		"box":            {"/MediaBox [ 0 0", "/MediaBox [ 1 0"},
		"lost resource":  {"/XObject", "/XObjecs"},
		"opening action": {"/Type /Catalog", "/OpenAction<</S/Launch>>/Type /Catalog"},
	} {
		if !bytes.Contains(whole, []byte(change[0])) {
			t.Fatalf("%s: the file has no %s", name, change[0])
		}
		broken := put(t, "broken.pdf", bytes.ReplaceAll(whole, []byte(change[0]), []byte(change[1])))
		if name == "opening action" { // mend the table
			fixed := filepath.Join(t.TempDir(), "fixed.pdf")
			_ = exec.Command("qpdf", "--stream-data=preserve", broken, fixed).Run()
			broken = fixed
		}
		if err := b.Prove(t.Context(), sources, picks, broken); err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}
