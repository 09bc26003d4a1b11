package pdfa_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image/color"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/pdfatest"
	"sohoa/scan"
)

func TestSameInSameOut(t *testing.T) {
	page := pdfatest.Lay(pdfatest.G4(true), pdfatest.Line(50, 50, "một", "hai"))
	a, b := pdfatest.Write(t, pdfatest.Meta, page), pdfatest.Write(t, pdfatest.Meta, page)
	if !bytes.Equal(a, b) {
		t.Error("the same page gave two files")
	}
	for n, f := range pdfatest.Tagged(t) {
		if !bytes.Equal(f, pdfatest.Tagged(t)[n]) {
			t.Errorf("%s: the same pages gave two files", n)
		}
	}
	page.Lines = append(page.Lines, pdfatest.Line(50, 70, "ba"))
	c := pdfatest.Write(t, pdfatest.Meta, page)
	id := func(b []byte) string { return string(b[bytes.LastIndex(b, []byte("/ID[")):][:40]) }
	if id(a) == id(c) {
		t.Error("two files have one ID")
	}
}

func TestWhatCannotStandIsRefused(t *testing.T) {
	good := pdfatest.Lay(pdfatest.JPEG(t, color.GrayModel), pdfatest.Line(50, 50, "chữ"))
	for name, spoil := range map[string]func(*pdfa.Page){
		"no width":        func(p *pdfa.Page) { p.Width = 0 },
		"no number":       func(p *pdfa.Page) { p.Height = math.NaN() },
		"a huge page":     func(p *pdfa.Page) { p.Height = 14401 },
		"five turns":      func(p *pdfa.Page) { p.Turn = 5 },
		"a turn as skew":  func(p *pdfa.Page) { p.Skew = 90 },
		"no pixels":       func(p *pdfa.Page) { p.Image.Height = 0 },
		"no bytes":        func(p *pdfa.Page) { p.Image.Data = nil },
		"no JPEG":         func(p *pdfa.Page) { p.Image.Data = []byte("GIF89a…") },
		"CMYK":            func(p *pdfa.Page) { p.Image.Components = 4 },
		"12 bits":         func(p *pdfa.Page) { p.Image.Bits = 12 },
		"1-bit JPEG":      func(p *pdfa.Page) { p.Image.Bits = 1 },
		"G4 in colour":    func(p *pdfa.Page) { p.Image.Encoding, p.Image.Components = scan.G4, 3 },
		"another coding":  func(p *pdfa.Page) { p.Image.Encoding = "webp" },
		"a word nowhere":  func(p *pdfa.Page) { p.Lines = []pdfa.Line{pdfatest.Line(math.Inf(1), 50, "chữ")} },
		"an endless word": func(p *pdfa.Page) { p.Lines = []pdfa.Line{pdfatest.Line(50, 50, strings.Repeat("a", 5000))} },
	} {
		bad := good
		spoil(&bad)
		var out bytes.Buffer
		w := pdfa.New(&out, pdfatest.Meta)
		if err := w.Add(bad); !errors.Is(err, pdfa.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err := w.Add(good); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
		if err := pdfa.Check(bytes.NewReader(out.Bytes()), int64(out.Len()), w.Contents()...); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

func TestCloseRefuses(t *testing.T) {
	if err := pdfa.New(io.Discard, pdfatest.Meta).Close(); !errors.Is(err, pdfa.ErrInvalid) {
		t.Errorf("no pages: %v", err)
	}
	w := pdfa.New(io.Discard, pdfa.Meta{Language: "(vi)"})
	if err := w.Add(pdfatest.Lay(pdfatest.G4(true))); !errors.Is(err, pdfa.ErrInvalid) {
		t.Errorf("a language that is none: %v", err)
	}
	w = pdfa.New(io.Discard, pdfatest.Meta)
	if err := errors.Join(w.Add(pdfatest.Lay(pdfatest.G4(true))), w.Close()); err != nil {
		t.Fatal(err)
	}
	if w.Close() == nil || w.Add(pdfatest.Lay(pdfatest.G4(true))) == nil {
		t.Error("a closed file took more")
	}
}

var errFull = errors.New("disk full")

// full takes n bytes.
type full struct{ n int }

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAFullDiskIsSaid(t *testing.T) {
	page := pdfatest.Lay(pdfatest.JPEG(t, color.RGBAModel), pdfatest.Line(50, 50, "chữ"))
	whole := len(pdfatest.Write(t, pdfatest.Meta, page, page))
	for n := 0; n < whole; n += whole / 7 {
		w := pdfa.New(&full{n}, pdfatest.Meta)
		if err := errors.Join(w.Add(page), w.Add(page), w.Close()); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", n, whole, err)
		}
	}
}

func TestOverheadIsSmall(t *testing.T) {
	const pages = 10
	line := strings.Fields("Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6")
	var all []pdfa.Page
	images := 0
	for range pages {
		p := pdfatest.Lay(pdfatest.G4(true))
		for i := range 35 { // 420 words: a full page
			l := set(t, 13, 40+0.37*float64(i%7), 40+18.13*float64(i), 0.001, append([]string{"số"}, line[i%5:]...)...)
			p.Lines = append(p.Lines, l)
		}
		images += len(p.Image.Data)
		all = append(all, p)
	}
	over := len(pdfatest.Write(t, pdfatest.Meta, all...)) - images
	t.Logf("%d bytes around %d pages of text", over, pages)
	if over > 12_000+pages*4_000 {
		t.Errorf("%d bytes around %d pages", over, pages)
	}
	m, elements := pdfatest.Meta, 0
	m.Level = pdfa.Level2A
	for i := range all {
		all[i].Alt = "Ảnh quét trang 1; chữ máy đọc được đứng trước"
		for j := range all[i].Lines {
			all[i].Lines[j].Par = j / 3
		}
		elements += 2 + (len(all[i].Lines)+2)/3
	}
	tagged := len(pdfatest.Write(t, m, all...)) - images
	t.Logf("%d bytes with their structure of %d elements", tagged, elements)
	if tagged > over+1_000+pages*400+elements*100 || tagged > 12_000+pages*4_000 {
		t.Errorf("a structure of %d elements takes %d bytes", elements, tagged-over)
	}
	bare := pdfatest.Lay(pdfatest.G4(true))
	if over := len(pdfatest.Write(t, pdfatest.Meta, bare)) - len(bare.Image.Data); over > 7_000 {
		t.Errorf("%d bytes around a page without text", over)
	}
}

func TestMemoryDoesNotGrowWithPages(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	w := pdfa.New(io.Discard, pdfatest.Meta)
	jpeg := pdfatest.JPEG(t, color.GrayModel)
	before := heap()
	for range 64 {
		p := pdfatest.Lay(jpeg, pdfatest.Line(50, 50, "chữ"))
		p.Image.Data = append(make([]byte, 0, 1<<20), jpeg.Data...)[:1<<20]
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("64 MB of pages left %d bytes held", after-before)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTextLosesOnlyWhatPDFAForbids(t *testing.T) {
	var b bytes.Buffer
	w := pdfa.New(&b, pdfatest.Meta)
	l := pdfatest.Line(50, 50, "a\x00b\ufeff", "\x01", "\xff", "nga\u0323\u0306n", "hai từ", "(\\)\r")
	l.Words[1].X0, l.Words[4].X0 = 0, 10 // out of order and over one another
	if err := errors.Join(w.Add(pdfatest.Lay(pdfatest.G4(true), l)), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); err != nil {
		t.Error(err)
	}
	got := strings.Fields(tool(t, "pdftotext", "-raw", kept(t, b.Bytes()), "-"))
	if want := []string{"ab", "ngặn", "hai", "từ", `(\)`}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestUnproven: what nobody has looked at is not written, and a digest that is not
// the data's is found out.
func TestUnproven(t *testing.T) {
	page := pdfatest.Lay(pdfatest.Strip(t, 3))
	page.Image.Unproven = true
	if err := pdfa.New(io.Discard, pdfatest.Meta).Add(page); !errors.Is(err, pdfa.ErrInvalid) {
		t.Errorf("an image that is not proven: %v", err)
	}
	page.Image.Unproven = false
	var b bytes.Buffer
	for _, right := range []bool{true, false} {
		b.Reset()
		w := pdfa.New(&b, pdfatest.Meta)
		if page.Image.Digest = sha256.Sum256(page.Image.Data); !right {
			page.Image.Digest[3] ^= 1
		}
		if err := w.Add(page); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := pdfa.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), w.Contents()...); err == nil != right {
			t.Errorf("a digest that is right: %t, and the check says %v", right, err)
		}
		page.Image.Digest = [32]byte{}
		if right && !bytes.Equal(b.Bytes(), pdfatest.Write(t, pdfatest.Meta, page)) {
			t.Error("with the digest given the file is another")
		}
	}
}
