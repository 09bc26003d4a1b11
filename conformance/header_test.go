//go:build conformance

package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
	"sohoa/signing/place"
	"sohoa/specimen"
)

// lowered cuts the top off the first page of a file: what was so many
// millimetres below the edge stands at it.
func lowered(t *testing.T, file []byte, mm float64) []byte {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.DictOf(p.Ref)
	if err != nil {
		t.Fatal(err)
	}
	page = maps.Clone(page)
	page["CropBox"] = revision.Array{revision.Int(0), revision.Int(0), revision.Real(p.Width), revision.Real(p.Height - mm*72/25.4)}
	u := f.Update()
	u.Replace(p.Ref, page)
	tail, err := u.Tail()
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(file), tail...)
}

// read is what Tesseract reads in the upper part of the first page, by word.
func read(t *testing.T, file []byte) map[string]int {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if says, err := exec.Command("pdftoppm", "-cropbox", "-r", "200", "-H", "620", "-f", "1", "-l", "1", "-gray", "-png", "-singlefile", path, filepath.Join(dir, "a")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, says)
	}
	cmd := exec.Command("tesseract", filepath.Join(dir, "a.png"), "-", "-l", "vie", "--psm", "6", "--dpi", "200")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]int{}
	for _, w := range strings.Fields(string(out)) {
		words[strings.Trim(w, ".,:;-–_|")]++
	}
	return words
}

// TestHeaderStaysReadable signs scans as officer and agency, some of which have
// header and motto right at the upper edge, and has Tesseract read them before
// and after: no word of the header is lost, whatever the marks had to do. Where
// there is no room for them they ask; told to insist, they cost two words at the
// most.
func TestHeaderStaysReadable(t *testing.T) {
	t.Parallel()
	press, err := specimen.NewPress()
	if err != nil {
		t.Fatal(err)
	}
	d := devtest.New(t, time.Now)
	d.Sealer.Eyes = place.Poppler{Temp: t.TempDir()}
	k := d.Key(t, "an", "An", "")
	officer := signing.Request{Profile: signing.CopyOfficer, Key: k, Level: signing.LevelB, Name: "Nguyễn Thị Vĩnh Nghĩa"}
	agency := signing.Request{Profile: signing.CopyAgency, Key: k, Level: signing.LevelB, Name: "Ủy ban nhân dân xã Vĩnh Thịnh, tỉnh Thanh Hóa"}
	for i, kind := range []specimen.Kind{specimen.Decision, specimen.Notice} {
		f, err := press.Paper(kind, uint64(700+i), specimen.About{}).File(specimen.PDF, 200, specimen.Office(uint64(700+i)), uint64(700+i))
		if err != nil {
			t.Fatal(err)
		}
		printed := map[string]bool{}
		for _, w := range strings.Fields(f.Truth.Pages[0]) {
			if w = strings.Trim(w, ".,:;-–_|"); w != "" {
				printed[w] = true
			}
		}
		for _, cut := range []float64{0, 8, 12} {
			t.Run(fmt.Sprintf("%s cut by %g mm", kind, cut), func(t *testing.T) {
				file := f.Bytes
				if cut > 0 {
					file = lowered(t, file, cut)
				}
				once := d.Sign(t, officer, file)
				var out bytes.Buffer
				err := d.Sealer.Sign(t.Context(), agency, bytes.NewReader(once), int64(len(once)), &out)
				var asks *place.Asks
				allowed := 0
				if errors.As(err, &asks) { // as the house does, where nobody is there to be asked
					t.Log(err)
					allowed = 2 // it covers least, not nothing
					insisting := agency
					insisting.Insist = true
					out.Reset()
					err = d.Sealer.Sign(t.Context(), insisting, bytes.NewReader(once), int64(len(once)), &out)
				}
				if err != nil {
					t.Fatal(err)
				}
				signed := out.Bytes()
				before, after := read(t, file), read(t, signed)
				lost := 0
				for w, n := range before {
					if printed[w] && after[w] < n { // what is not printed is noise
						lost++
						t.Logf("%q was read %d times, now %d", w, n, after[w])
					}
				}
				if lost > allowed {
					t.Errorf("%d words of the header are lost", lost)
				}
				if len(before) < 12 {
					t.Errorf("only %d words: is there a header?", len(before))
				}
				t.Logf("%d words before, %d after, %d lost; officer and agency at %s", len(before), len(after), lost, rectsOf(t, signed))
			})
		}
	}
}

func rectsOf(t *testing.T, file []byte) (s string) {
	f, err := revision.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.SignatureFields()
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.FirstPage()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range fields {
		box, err := f.Box(x.Field["Rect"])
		if err != nil {
			t.Fatal(err)
		}
		r := p.Seen(box)
		s += fmt.Sprintf("[%.0f–%.0f × %.0f–%.0f mm] ", r.X0/2.835, r.X1/2.835, (p.Height-r.Y1)/2.835, (p.Height-r.Y0)/2.835)
	}
	return s
}
