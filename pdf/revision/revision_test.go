package revision

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
)

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// begin begins an update with a signature of reserve bytes.
func begin(t *testing.T, b []byte, reserve int) (*Update, error) {
	t.Helper()
	f := open(t, b)
	p, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	u := f.Update()
	form := u.Add(&Stream{Dict: Dict{"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": Array{Int(0), Int(0), Int(9), Int(9)}}})
	return u, u.Sign(p, Signature{Name: "Nghĩa (Vĩnh)", At: time.Unix(1700000000, 0).In(time.FixedZone("", 7*3600)),
		Appearance: form, Place: Rect{1, 2, 3, 4}, Reserve: reserve})
}

func TestUpdate(t *testing.T) {
	in := revisiontest.Paper{Catalog: "/Lang (vi) /X#20y [1 -2.5 (a\\)\\051\\n) <4A> true null /N 3 0 R]"}.Bytes()
	u, err := begin(t, in, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := u.Prepare(&out, bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), in) {
		t.Error("before the signature there is something else than the original")
	}
	if err := p.Finish(bytes.Repeat([]byte{0xAB}, 101)); !errors.Is(err, ErrRoom) || out.Len() != len(in) {
		t.Errorf("too large a signature: %v", err)
	}
	if err := p.Finish([]byte{0x30, 0xAB}); err != nil {
		t.Fatal(err)
	}
	got := out.Bytes()
	from := bytes.Index(got, []byte("<30ab00"))
	to := from + 2*100 + 2
	if p.Digest != sha256.Sum256(append(bytes.Clone(got[:from]), got[to:]...)) {
		t.Error("digest is of other bytes")
	}
	want := "/ByteRange [0 " + strconv.Itoa(from) + " " + strconv.Itoa(to) + " " + strconv.Itoa(len(got)-to) + "]"
	if !bytes.Contains(got, []byte(want)) {
		t.Errorf("no %s", want)
	}
	f := open(t, got)
	catalog, _, err := f.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	old, _, _ := open(t, in).Catalog()
	if !Equal(catalog["X y"], old["X y"]) || !Equal(catalog["Lang"], String("vi")) {
		t.Errorf("catalog was %v, is %v", old, catalog)
	}
	id, was := f.Trailer()["ID"].(Array), open(t, in).Trailer()["ID"].(Array)
	if !Equal(id[0], was[0]) || Equal(id[1], was[1]) || !Equal(f.Trailer()["Info"], Ref{6, 0}) {
		t.Errorf("trailer %v", f.Trailer())
	}
	if n, _ := f.Trailer()["Size"].(Number).Int(); int(n) != 1+f.Refs()[len(f.Refs())-1].Num {
		t.Errorf("Size %d", n)
	}
	if !bytes.Contains(got, []byte("/M <443A3230323331313135303531333230")) { // D:20231115051320
		t.Error("no claimed time")
	}
}

// TestSame makes sure that nothing but what is given enters a file.
func TestSame(t *testing.T) {
	in := revisiontest.Paper{}.Bytes()
	var outs [2]bytes.Buffer
	for i := range outs {
		u, err := begin(t, in, 100)
		if err != nil {
			t.Fatal(err)
		}
		p, err := u.Prepare(&outs[i], bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Finish([]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(outs[0].Bytes(), outs[1].Bytes()) {
		t.Error("the same request gives another file")
	}
}

// TestShort makes sure that a source that changed is noticed.
func TestShort(t *testing.T) {
	in := revisiontest.Paper{}.Bytes()
	u, err := begin(t, in, 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Prepare(io.Discard, bytes.NewReader(in[:len(in)-1])); err == nil {
		t.Error("a byte is missing and nobody minds")
	}
}

func TestRoom(t *testing.T) {
	for _, n := range []int{0, -1, MaxContents + 1} {
		if _, err := begin(t, revisiontest.Paper{}.Bytes(), n); !errors.Is(err, ErrRoom) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestFieldTaken(t *testing.T) {
	in := revisiontest.Paper{Catalog: "/AcroForm <</Fields [7 0 R]>>", Objects: []string{"<</FT /Tx /T (An)>>"}}.Bytes()
	f := open(t, in)
	p, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Update().Sign(p, Signature{Field: "An", Reserve: 10}); !errors.Is(err, ErrLocked) {
		t.Errorf("err = %v", err)
	}
}

func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 7, 0, time.UTC)
	for want, zone := range map[string]*time.Location{
		"D:20261121160507+07'00'": time.FixedZone("", 7*3600),
		"D:20261121090507+00'00'": time.UTC,
		"D:20261121053507-03'30'": time.FixedZone("", -3*3600-1800),
	} {
		if got := date(at.In(zone)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, s := range []string{"", "Nguyễn Vĩnh Nghĩa", "𝔸 ("} {
		var b bytes.Buffer
		write(&b, Text(s))
		if strings.ContainsAny(b.String(), "()") || PlainText(Text(s)) != s {
			t.Errorf("%q: %s", s, b.String())
		}
	}
}

// TestParse reads what files may spell in odd ways.
func TestParse(t *testing.T) {
	for in, want := range map[string]Object{
		"(a\\\r\nb\\(\\)(c)\\53\\0053\\d) ": String("ab()(c)+\x053d"),
		"(a\rb\r\nc) ":                      String("a\nb\nc"),
		"<4 1 4> ":                          String("A@"),
		"/A#42 ":                            Name("AB"),
		"[1 2 R 3 0 R 4 5 6] ":              Array{Ref{1, 2}, Ref{3, 0}, Number("4"), Number("5"), Number("6")},
		"<</A<</B/C>>/D[]%x\n>> ":           Dict{"A": Dict{"B": Name("C")}, "D": Array{}},
		"+17. ":                             Number("+17."),
		"null ":                             nil,
	} {
		s := parser{b: []byte(in)}
		got, err := s.object(0)
		if err != nil || !Equal(got, want) {
			t.Errorf("%q: %#v, %v", in, got, err)
		}
	}
	for _, in := range []string{"/A#4 ", "/A#XY ", "<4x> ", "nil ", "1e5 ", "0x10 ", ") ", "<</A 1/A 2>> ", "<<1 2>> ", strings.Repeat("[", 70), "NaN "} {
		s := parser{b: []byte(in)}
		if got, err := s.object(0); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %#v, %v", in, got, err)
		}
	}
}

// TestReadsWhatQPDFWrites reads every object of a file with object streams and
// holds it against the same file without.
func TestReadsWhatQPDFWrites(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	plain := revisiontest.Paper{Catalog: "/Lang (vi)"}.Bytes()
	if err := os.WriteFile(in, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	if says, err := exec.Command("qpdf", "--object-streams=generate", "--preserve-unreferenced", in, out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, b)
	if !f.stream {
		t.Fatal("qpdf wrote a table")
	}
	catalog, _, err := f.Catalog()
	if err != nil || !Equal(catalog["Lang"], String("vi")) {
		t.Errorf("%v %v", catalog, err)
	}
	p, err := f.FirstPage()
	if err != nil || p.Width != 595.28 || p.Height != 841.89 {
		t.Errorf("%v %v", p, err)
	}
	info, err := f.DictOf(f.Trailer()["Info"])
	if err != nil || PlainText(info["Title"].(String)) != "Giáy tính" {
		t.Errorf("%v %v", info, err)
	}
}

// FuzzOpen looks for input that makes the reader fall over.
func FuzzOpen(f *testing.F) {
	f.Add(revisiontest.Paper{}.Bytes())
	f.Add(revisiontest.Paper{Catalog: "/AcroForm <</Fields []>>", Page: "/MediaBox 7 0 R", Objects: []string{"[0 0 1 1]"}}.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		_, _ = file.FirstPage()
		if p, err := file.Page(Last); err == nil {
			if q, err := file.PageOf(p.Ref); err != nil || q.Number > p.Number {
				t.Errorf("page %v is %v, %v", p, q, err)
			}
			p.Seen(p.User(Rect{1, 2, 3, 4}))
		}
		for _, ref := range file.Refs() {
			if o, err := file.Get(ref); err == nil {
				if s, ok := o.(*Stream); ok {
					_, _ = file.Decode(s)
				}
			}
			_, _ = file.Spans(ref)
		}
	})
}
