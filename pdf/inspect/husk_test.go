package inspect

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/scan"
)

// noise is a picture that nothing makes small.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(b)
	return b
}

func TestHuskGivesPicturesBack(t *testing.T) {
	jpg := jpegOf(t, photo(100, 142)) + string(noise(100<<10)) // bytes after its end: what is carried must be told
	whole := scanned(rgbJPEG, jpg, full, "").bytes()
	path := filepath.Join(t.TempDir(), "scan.pdf")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if h := newHusk(f.m.b, func(int) {}); len(h.spots) != 1 || h.spots[0].length < 100<<10 {
		t.Fatalf("spots: %+v", h.spots)
	}
	p, err := f.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	if p.Encoding != scan.JPEG || !strings.HasPrefix(jpg, string(p.Data)) || len(p.Data) < 1<<10 {
		t.Errorf("%s of %d bytes, not the scan's own", p.Encoding, len(p.Data))
	}
}

// What is shown differs from the file in the digits of the length alone,
// however it is read.
func TestHuskShowsTheFile(t *testing.T) {
	whole := scanned(rgbJPEG, jpegOf(t, photo(100, 142))+string(noise(80<<10)), full, "").bytes()
	h := newHusk(whole, func(int) {})
	for name, r := range map[string]io.Reader{"at once": h, "byte by byte": iotest.OneByteReader(h)} {
		if _, err := h.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		shown, err := io.ReadAll(r)
		if err != nil || len(shown) != len(whole) {
			t.Fatalf("%s: %d bytes, %v", name, len(shown), err)
		}
		var other []string
		for i := range whole {
			if shown[i] != whole[i] {
				other = append(other, fmt.Sprintf("%c", whole[i]))
			}
		}
		if s := h.spots[0]; string(shown[s.at:s.at+len(s.shown)]) != string(s.shown) || len(other) > len(s.shown) {
			t.Errorf("%s: other bytes %q", name, strings.Join(other, ""))
		}
	}
}

// What only looks like a picture is not touched, and where the file is not
// what the husk took it for, it is read whole.
func TestHuskIsCareful(t *testing.T) {
	data := string(noise(80 << 10))
	for name, file := range map[string]string{
		"a lying length":     "1 0 obj<</Subtype/Image/Length 81919 >>stream\n" + data + "\nendstream endobj",
		"beyond the end":     "1 0 obj<</Subtype/Image/Length 99999999>>stream\n" + data + "\nendstream endobj",
		"no picture":         "1 0 obj<</Length 81920>>stream\n" + data + "\nendstream endobj",
		"lengths twice":      "1 0 obj<</Subtype/Image/Length 81920/Length 5>>stream\n" + data + "\nendstream endobj",
		"a reference":        "1 0 obj<</Subtype/Image/Length 81920 0 R>>stream\n" + data + "\nendstream endobj",
		"small":              "1 0 obj<</Subtype/Image/Length 5>>stream\nabcde\nendstream endobj",
		"no end of line":     "1 0 obj<</Subtype/Image/Length 81920>>stream" + data + "\nendstream endobj",
		"too long to number": "1 0 obj<</Subtype/Image/Length 99999999999999999999999>>stream\n" + data + "\nendstream endobj",
		"nothing before":     "stream\n" + data,
	} {
		if h := newHusk([]byte(file), func(int) {}); len(h.spots) != 0 {
			t.Errorf("%s: %+v", name, h.spots)
		}
	}
	// The picture that the husk saw is the inside of another stream.
	inner := "9 0 obj<</Subtype/Image/Length 81920>>stream\n" + data + "\nendstream endobj"
	odd := book{pages: []string{"/MediaBox[0 0 9 9]/Contents 3 0 R"}, objects: []string{stream("/Note 1", inner)}}.bytes()
	m := &mapping{b: odd}
	if h := newHusk(odd, m.past); len(h.spots) != 1 {
		t.Fatalf("the bait was not taken: %d", len(h.spots))
	}
	ctx, err := (&File{m: m, l: scan.Limits{}.OrDefault()}).parse()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range ctx.Table {
		if s, ok := e.Object.(types.StreamDict); ok && s.Dict["Note"] != nil {
			found = bytes.Contains(s.Raw, []byte("/Length 81920"))
		}
	}
	if !found {
		t.Error("the stream is not as it was")
	}
}
