package sniff

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/pdf/inspect"
	"sohoa/scan"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{"inspect": odd(InspectChild), "split": odd(SplitChild), "vouch": oddVoucher})
	os.Exit(m.Run())
}

// odd lets the name of a file bring about what a hostile file might.
func odd(child jail.Child) jail.Child {
	return func(args []string, in io.Reader, out io.Writer) error {
		switch filepath.Base(args[0]) {
		case "spins":
			for {
			}
		case "sleeps":
			time.Sleep(time.Hour)
		case "lingers":
			syscall.Close(1)
			time.Sleep(time.Hour)
		case "crashes":
			err := syscall.Kill(os.Getpid(), syscall.SIGSEGV)
			time.Sleep(time.Minute) // until it arrives
			return err
		case "panics":
			panic("a parser's bug")
		case "eats":
			var kept [][]byte
			for range 1 << 12 {
				if raceEnabled && len(kept) == 64 { // nothing would stop it
					break
				}
				kept = append(kept, bytes.Repeat([]byte{1}, 1<<20))
			}
			return fmt.Errorf("ate %d MB", len(kept))
		case "babbles":
			_, err := out.Write(bytes.Repeat([]byte("{}"), 20<<20))
			return err
		case "stops":
			_, err := out.Write([]byte{0, 0, 0, 100, '{'})
			return err
		}
		return child(args, in, out)
	}
}

func keep(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func photo() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 120, 170))
	for i := range 120 * 170 {
		img.Set(i%120, i/120, color.RGBA{byte(i % 120), byte(i / 120), 99, 0xff})
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

func drawing() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 120, 170)))
	return b.Bytes()
}

// sheets is a TIFF of n grey pages of 20 × 30, page i filled with i.
func sheets(n int) []byte {
	o := binary.LittleEndian
	b := []byte("II*\x00\x00\x00\x00\x00")
	link := 4
	for page := range n {
		px := len(b)
		b = append(b, bytes.Repeat([]byte{byte(page)}, 600)...)
		o.PutUint32(b[link:], uint32(len(b)))
		entries := [][2]uint32{{256, 20}, {257, 30}, {258, 8}, {259, 1}, {262, 1}, {273, uint32(px)}, {278, 30}, {279, 600}}
		b = o.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = o.AppendUint32(o.AppendUint32(append(o.AppendUint16(b, uint16(e[0])), 4, 0), 1), e[1])
		}
		link = len(b)
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

// book is a PDF of pages that have to be drawn, with further entries in its
// catalogue; of 0 pages too.
func book(pages int, catalogue string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R" + catalogue + ">>", ""}
	var kids []string
	for i := range pages {
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 144]>>")
		kids = append(kids, fmt.Sprintf("%d 0 R", i+3))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", pages, strings.Join(kids, " "))
	b := []byte("%PDF-1.7\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return fmt.Appendf(b, "%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, len(b))
}

func TestInspectAndSplit(t *testing.T) {
	for _, row := range []struct {
		name, media string
		b           []byte
		pages, w, h int
	}{
		{"photo.pdf", scan.MediaJPEG, photo(), 1, 120, 170}, // names play no part
		{"b.png", scan.MediaPNG, drawing(), 1, 120, 170},
		{"c", scan.MediaTIFF, sheets(30), 30, 20, 30},
		{"d.jpg", scan.MediaPDF, book(3, ""), 3, 200, 400},
	} {
		path := keep(t, row.name, row.b)
		r, err := Inspect(t.Context(), path, scan.Limits{})
		if err != nil || r.Media != row.media || r.Pages != row.pages || len(r.Width) != row.pages || r.Width[0] != row.w || r.Height[row.pages-1] != row.h {
			t.Errorf("%s: %+v, %v", row.name, r, err)
		}
		if (row.name == "d.jpg" || row.pages == 1) != (len(r.Warnings) > 0) {
			t.Errorf("%s: warnings %q", row.name, r.Warnings)
		}
		n := 0
		for p, err := range Split(t.Context(), path, scan.Limits{}) {
			if err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
			img, err := scan.Decode(p)
			if err != nil || p.Index != n || p.Width != row.w || p.Height != row.h {
				t.Fatalf("%s: page %d: %v", row.name, n, err)
			}
			if c := scan.Grey(img).Pix[0]; row.media == scan.MediaTIFF && int(c) != n {
				t.Errorf("page %d is filled with %d", n, c)
			}
			n++
		}
		if n != row.pages {
			t.Errorf("%s: %d pages", row.name, n)
		}
	}
	alone(t)
}

func refusalOf(err error) jail.Refusal {
	var r *jail.Refusal
	if errors.As(err, &r) {
		return *r
	}
	return jail.Refusal{}
}

// TestRefused has every bad input of the house's list, through both doors.
func TestRefused(t *testing.T) {
	huge := photo()
	sof := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[sof+5:], []byte{0xea, 0x60, 0xea, 0x60}) // 60,000 × 60,000
	tiff := sheets(4)
	locked := filepath.Join(t.TempDir(), "locked")
	if said, err := exec.Command("qpdf", "--encrypt", "", "owner", "256", "--", keep(t, "open", book(1, "")), locked).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v: %s", err, said)
	}
	lockedBytes, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range []struct {
		name string
		b    []byte
		l    scan.Limits
		code string
		page int
	}{
		{"empty", nil, scan.Limits{}, scan.CodeEmpty, 0},
		{"truncated TIFF", tiff[:len(tiff)-1000], scan.Limits{}, scan.CodeDamaged, 3},
		{"truncated JPEG", photo()[:900], scan.Limits{}, scan.CodeDamaged, 0},
		{"60,000 × 60,000 JPEG", huge, scan.Limits{}, scan.CodePixels, 1},
		{"encrypted PDF", lockedBytes, scan.Limits{}, inspect.CodeEncrypted, 0},
		{"a picture that is a PDF too", slices.Insert(photo(), 2, []byte("\xff\xfe\x00\x0b%PDF-1.7\n")...), scan.Limits{}, inspect.CodePolyglot, 0},
		{"signed PDF with JavaScript", book(1, signature+"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), scan.Limits{}, inspect.CodeActive, 0},
		{"text.pdf", []byte("Đây là văn bản thuần túy, không phải PDF.\n"), scan.Limits{}, scan.CodeKind, 0},
		{"PDF of 0 pages", book(0, ""), scan.Limits{}, scan.CodeNoPages, 0},
		{"too large", photo(), scan.Limits{Bytes: 1000}, scan.CodeBytes, 0},
		{"too many pages", tiff, scan.Limits{Pages: 3}, scan.CodePages, 0},
		{"too many pages in a PDF", book(4, ""), scan.Limits{Pages: 3}, scan.CodePages, 0},
		{"too many pixels in a PDF", book(2, ""), scan.Limits{Pixels: 79999}, scan.CodePixels, 1},
		{"half a PDF", book(9, "")[:400], scan.Limits{}, scan.CodeDamaged, 0},
		{"crashes", []byte("x"), scan.Limits{}, scan.CodeDamaged, 0},
		{"panics", []byte("x"), scan.Limits{}, scan.CodeDamaged, 0},
	} {
		path := keep(t, row.name, row.b)
		_, err := Inspect(t.Context(), path, row.l)
		if r := refusalOf(err); r.Code != row.code || r.Page != row.page || r.Text == "" {
			t.Errorf("%s: Inspect = %#v", row.name, err)
		}
		if i%4 != 1 { // both open files in the same way, and children take their time to start
			continue
		}
		n := 0
		for _, err = range Split(t.Context(), path, row.l) {
			n++
		}
		if r := refusalOf(err); r.Code != row.code || r.Page != row.page || n != 1 {
			t.Errorf("%s: Split = %#v after %d", row.name, err, n)
		}
	}
	alone(t)
}

// signature is a signed field, as a catalogue names it.
const signature = "/AcroForm<</SigFlags 3/Fields[<</FT/Sig/T(S)/V<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>>>]>>"

// TestSigned has what is signed, or looks so, reported, read on demand, and not
// taken for a scan.
func TestSigned(t *testing.T) {
	for name, catalog := range map[string]string{"signed": signature, "certified": "/Perms<</DocMDP 5 0 R>>"} {
		path := keep(t, name, book(2, catalog))
		r, err := Inspect(t.Context(), path, scan.Limits{})
		if err != nil || !r.Signed || r.Pages != 2 || r.Media != scan.MediaPDF {
			t.Errorf("%s: Inspect = %+v, %v", name, r, err)
		}
		for _, err = range Split(t.Context(), path, scan.Limits{}) {
		}
		if refusalOf(err).Code != inspect.CodeSigned {
			t.Errorf("%s: Split = %v", name, err)
		}
		n := 0
		for _, err := range SplitKept(t.Context(), path, scan.Limits{}) {
			if n++; err != nil {
				t.Errorf("%s: SplitKept = %v", name, err)
			}
		}
		if n != 2 {
			t.Errorf("%s: SplitKept gave %d pages", name, n)
		}
	}
	if r, err := Inspect(t.Context(), keep(t, "plain", book(1, "")), scan.Limits{}); err != nil || r.Signed {
		t.Errorf("not signed: %+v, %v", r, err)
	}
}

// TestTwoGigabytes has a file of 2 GB, which no child is started for.
func TestTwoGigabytes(t *testing.T) {
	path := keep(t, "large", nil)
	if err := os.Truncate(path, 2<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(t.Context(), path, scan.Limits{}); refusalOf(err).Code != scan.CodeBytes {
		t.Errorf("Inspect = %v", err)
	}
}

// TestMemory needs the cap, which the race detector does not allow.
func TestMemory(t *testing.T) {
	_, err := Inspect(t.Context(), keep(t, "eats", []byte("x")), scan.Limits{})
	if code := refusalOf(err).Code; code != scan.CodeMemory && !(raceEnabled && err != nil) {
		t.Errorf("Inspect = %v", err)
	}
}

func TestTime(t *testing.T) {
	for _, name := range []string{"spins", "sleeps", "lingers"} {
		path := keep(t, name, []byte("x"))
		n := 0
		for _, err := range split(t.Context(), path, ask{}, 300*time.Millisecond) {
			if n++; refusalOf(err).Code != scan.CodeTime {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d answers", name, n)
		}
	}
	if r := refusalOf(verdict(fmt.Errorf("looking: %w", jail.ErrTime))); r.Code != scan.CodeTime {
		t.Errorf("verdict = %+v", r)
	}
	alone(t)
}

// TestFalseWords has children that do not keep to the form.
func TestFalseWords(t *testing.T) {
	if _, err := Inspect(t.Context(), keep(t, "babbles", []byte("x")), scan.Limits{}); err == nil {
		t.Error("a report of 40 MB was taken")
	}
	for _, name := range []string{"babbles", "stops"} {
		n := 0
		for _, err := range Split(t.Context(), keep(t, name, []byte("x")), scan.Limits{}) {
			if n++; err == nil {
				t.Errorf("%s: a page came", name)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d answers", name, n)
		}
	}
	alone(t)
}

func TestFaultsOfOurs(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := Inspect(t.Context(), missing, scan.Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Inspect = %v", err)
	}
	if err := verdict(own(errors.New("the disk is full"))); refusalOf(err).Code != "" || err == nil {
		t.Errorf("a fault of ours became %#v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Inspect(ctx, keep(t, "a", photo()), scan.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestLeaving leaves the loop early, and is cancelled in it: the child is gone
// at once, and a pdftoppm under way with it.
func TestLeaving(t *testing.T) {
	for _, b := range [][]byte{sheets(200), book(50, "")} {
		path := keep(t, "many", b)
		for p, err := range Split(t.Context(), path, scan.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Index == 2 {
				break
			}
		}
		alone(t)
		ctx, cancel := context.WithCancel(t.Context())
		var last error
		for _, err := range Split(ctx, path, scan.Limits{}) {
			cancel()
			last = err
		}
		cancel()
		if !errors.Is(last, context.Canceled) {
			t.Errorf("cancelled: %v", last)
		}
		alone(t)
		eventually(t, "a pdftoppm is left", func() bool { return len(naming(path)) == 0 })
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 100 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error(what)
}

// naming returns the processes whose command line has the word.
func naming(word string) (pids []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range all {
		if b, err := os.ReadFile(file); err == nil && slices.Contains(strings.Split(string(b), "\x00"), word) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// alone fails if this process has children left.
func alone(t *testing.T) {
	t.Helper()
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		if b, _ := os.ReadFile(task); len(bytes.TrimSpace(b)) > 0 {
			t.Errorf("children are left: %s", b)
		}
	}
}
