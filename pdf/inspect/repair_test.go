package inspect

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/scan"
)

// TestRepair has damaged files mended only where nothing of a page is lost, and
// refused with what is short where something is.
func TestRepair(t *testing.T) {
	whole := twoPages("", "", stream("/Filter/FlateDecode", deflate("spare")))
	good := whole.bytes()
	packed := qpdfed(t, good, "--object-streams=generate")
	signedPack := qpdfed(t, twoPages("", "", "<</Type/Sig/ByteRange[0 1 2 3]/Contents(x)>>").bytes(), "--preserve-unreferenced", "--object-streams=generate")
	if !sift(signedPack).signs() || sift(packed).signs() {
		t.Error("a packed signature is not seen, or one is seen that is not there")
	}
	cut := func(before string) []byte { return good[:bytes.Index(good, []byte(before))] }
	replaced := func(old, new string) []byte { return bytes.Replace(bytes.Clone(good), []byte(old), []byte(new), 1) }
	broken := update(good, 5, stream("", "BT /F 12 Tf 7 70 Td (Paid) Tj ET"))
	big := twoPages("", "")
	flipped := []byte(deflate("BT /F 12 Tf 7 70 Td (World) Tj ET"))
	flipped[9] ^= 0x10
	big.objects[2] = stream("/Filter/FlateDecode", string(flipped))
	squeezed := big.bytes()
	for _, row := range []struct {
		name string
		b    []byte
		says string // "": it is mended
	}{
		{"without its table", cut("xref\n0"), ""},
		{"without table, a dangling part nobody needs", bytes.Replace(twoPages("", "", "<</X 99 0 R>>").bytes(), []byte("xref\n0"), []byte("gone\n"), 1), ""},
		{"its table elsewhere", bytes.Replace(good, []byte("startxref\n"), []byte("startxref\n1"), 1), ""},
		{"its table cut", good[:len(good)-120], ""},
		{"words in the place of the table", replaced("trailer\n<<", "trailer\n[["), ""},
		{"without its last page", cut("8 0 obj"), "first is 8"},
		{"half its last page", good[:bytes.Index(good, []byte("8 0 obj"))+40], "first is 8"},
		{"without a font", join(cut("3 0 obj"), good[bytes.Index(good, []byte("4 0 obj")):bytes.Index(good, []byte("xref\n0"))]), "first is 3"},
		{"without a content", join(cut("5 0 obj"), good[bytes.Index(good, []byte("6 0 obj")):bytes.Index(good, []byte("xref\n0"))]), "first is 5"},
		{"without the list of pages", join(cut("2 0 obj"), good[bytes.Index(good, []byte("3 0 obj")):]), "list of pages"},
		{"without a catalogue", join(cut("1 0 obj"), good[bytes.Index(good, []byte("2 0 obj")):bytes.Index(good, []byte("xref\n0"))]), "list of pages"},
		{"a bit of a packed content turned", squeezed[:bytes.Index(squeezed, []byte("xref\n0"))], "first is 5"},
		{"a change that broke off", broken[:len(broken)-100], "broke off"},
		{"a change that broke off early", append(bytes.Clone(good), "\n5 0 obj\n<</Length 30>>stream\nBT /F"...), "broke off"},
		{"packed, without its table", packed[:bytes.LastIndex(packed, []byte(" 0 obj"))-2], "put in order"},
		{"packed, cut in the objects", packed[:bytes.Index(packed, []byte("/ObjStm"))+80], "list of pages"},
		{"a page less than said", bytes.Replace(good, []byte("/Count 2"), []byte("/Count 3"), 1), "3 pages"},
		{"rubbish", []byte("%PDF-1.4\nrubbish\n%%EOF"), "damaged"},
		{"signed within, and damaged", bytes.Replace(signedPack, []byte("startxref\n"), []byte("startxref\n9"), 1), "signature"},
		{"signed, and damaged", join(cut("xref\n0"), []byte("9 0 obj<</Type/Sig/ByteRange[0 1 2 3]>>endobj")), "signature"},
	} {
		f, made, err := take(t, row.b, "")
		if row.says != "" {
			if code := codeOf(err); code != scan.CodeDamaged && code != CodeSigned || !strings.Contains(err.Error(), row.says) || len(made) > 0 {
				t.Errorf("%s: %v, %d bytes left", row.name, err, len(made))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got := spoken(t, f)
		if f.Working != "repaired" || got["repaired 0"] != 1 {
			t.Errorf("%s: %s, %v", row.name, f.Working, got)
		}
		if f.Pages() != 2 {
			t.Errorf("%s: %d pages", row.name, f.Pages())
		}
		for i, want := range []string{"Hello", "World"} {
			p, err := f.Page(i)
			if err != nil || strings.Join(texts(p.Told), " ") != want {
				t.Errorf("%s: page %d says %v, %v", row.name, i+1, p.Told, err)
			}
		}
	}
}

func join(a, b []byte) []byte { return append(bytes.Clone(a), b...) }

// TestRepairIsCompared has a mending that shows something else refused.
func TestRepairIsCompared(t *testing.T) {
	dir := t.TempDir()
	paths := [3]string{}
	for i, b := range [][]byte{twoPages("", "").bytes(), bytes.Replace(twoPages("", "").bytes(), []byte("World"), []byte("Worlb"), 1), bytes.Replace(twoPages("", "").bytes(), []byte("ET\nendstream"), []byte("f\nendstream"), 1)} {
		paths[i] = filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(paths[i], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := &File{path: paths[0]}
	if err := f.sameAs(&File{path: paths[0], plans: make([]plan, 2)}); err != nil {
		t.Errorf("itself: %v", err)
	}
	if err := f.sameAs(&File{path: paths[1], plans: make([]plan, 2)}); err == nil || !strings.Contains(err.Error(), "page 2 says") {
		t.Errorf("another text: %v", err)
	}
	if err := f.sameAs(&File{path: paths[0], plans: make([]plan, 1)}); err == nil {
		t.Error("a page less")
	}
}
