package child

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/ocr/prepare"
	"sohoa/ocr/sides"
	"sohoa/scan"
	"sohoa/specimen"
)

func TestMain(m *testing.M) {
	jail.Main(map[string]jail.Child{Name: Child, sides.ChildName: sides.Child, "lain": layOnItsSides, "mode": tellMode, "once": readOnce, "loud": dieLoudly, "spared": startSpared, "hocr": tellHOCR})
	code := m.Run()
	if p, err := shared(); err == nil {
		p.Close()
	}
	os.Exit(code)
}

// shared is one pool for the tests that need no other.
var shared = sync.OnceValues(func() (*Pool, error) { return New(Options{Workers: 2}) })

func sharedPool(t *testing.T) *Pool {
	t.Helper()
	p, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// paper is one short paper for all tests, as it is printed.
var paper = sync.OnceValues(func() (*specimen.Sheet, error) {
	press, err := specimen.NewPress()
	if err != nil {
		return nil, err
	}
	return press.Paper(specimen.Certificate, 1, specimen.About{Font: "Tinos", Plain: true}), nil
})

func TestRead(t *testing.T) {
	for _, row := range []struct {
		name       string
		dpiX, dpiY float64
		skew       float64 // of the paper in the scanner, clockwise
		turned     int     // quarters the stored image is turned clockwise against upright
		says       int     // quarters that the file says will make it upright
		turn       int     // wanted
		miss       float64 // share of words that may be missed
	}{
		{name: "upright at 200", dpiX: 200, dpiY: 200, miss: 0.04},
		{name: "skewed at 250", dpiX: 250, dpiY: 250, skew: 2.1, miss: 0.04},
		{name: "on its side, as the file says", dpiX: 200, dpiY: 200, turned: 3, says: 1, turn: 1, miss: 0.04},
		{name: "on its side, unsaid", dpiX: 200, dpiY: 200, skew: -1.3, turned: 1, turn: 3, miss: 0.04},
		{name: "upside down", dpiX: 200, dpiY: 200, turned: 2, turn: 2, miss: 0.04},
		{name: "the file is wrong", dpiX: 200, dpiY: 200, turned: 0, says: 2, turn: 0, miss: 0.04},
		{name: "oblong pixels", dpiX: 200, dpiY: 100, miss: 0.25},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := printed(t, row.dpiX, specimen.Wear{Grey: true, Skew: row.skew})
			if row.dpiY != row.dpiX {
				g = prepare.Resize(g, g.Rect.Dx(), int(float64(g.Rect.Dy())*row.dpiY/row.dpiX))
			}
			page := stored(t, prepare.Turn(g, row.turned), row.dpiX, row.dpiY)
			page.Turn, page.Index = row.says, 4
			got := read(t, page)
			if got.Turn != row.turn || math.Abs(got.Skew+row.skew) > 0.1 {
				t.Errorf("Turn %d, Skew %g; want %d, %g", got.Turn, got.Skew, row.turn, -row.skew)
			}
			if got.Width != g.Rect.Dx() || got.Height != g.Rect.Dy() || got.DPIX != row.dpiX || got.DPIY != row.dpiY || got.Index != 4 {
				t.Errorf("frame %d×%d at %g×%g of page %d", got.Width, got.Height, got.DPIX, got.DPIY, got.Index)
			}
			if share := missed(t, got); share > row.miss {
				t.Errorf("%.1f %% of the words missed:\n%s", 100*share, got.Text())
			}
			if off := misplaced(t, got); off > 4 {
				t.Errorf("a word is %.1f points out of place", off)
			}
			if got.Blank || got.Confidence < 80 || got.Engine == "" || !strings.HasPrefix(got.Data, "vie sha256:") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// inside runs a child of this test, which has its engine to itself and, like
// the real one, one thread: in this process the engine would take all it finds.
func inside(t *testing.T, name string, page scan.Page) {
	t.Helper()
	var in bytes.Buffer
	if err := scan.WritePage(&in, page); err != nil {
		t.Fatal(err)
	}
	if err := jail.Run(t.Context(), name, jail.Limits{Wall: time.Minute}, &in, io.Discard); err != nil {
		t.Error(err)
	}
}

// opened returns what a child of a test works with.
func opened(in io.Reader) (e *engine, page scan.Page, err error) {
	data, err := findData("", "vie")
	if err != nil {
		return nil, page, err
	}
	if e, err = newEngine(data); err != nil {
		return nil, page, err
	}
	page, err = scan.ReadPage(in)
	return e, page, err
}

// A page whose lines the profile misjudged ends upright all the same.
func TestLyingOnItsSideIsSeenByReading(t *testing.T) {
	inside(t, "lain", stored(t, printed(t, 120, specimen.Wear{Grey: true}), 120, 120))
}

func layOnItsSides(_ []string, in io.Reader, _ io.Writer) error {
	e, page, err := opened(in)
	if err != nil {
		return err
	}
	r := reader{engine: e}
	m, err := r.pictureOf(page)
	if err != nil {
		return err
	}
	upright, err := m.makeReady()
	if err != nil {
		return err
	}
	for _, turn := range []int{1, 3} {
		s := upright.Turned(turn)
		if got, err := r.once(s); err != nil || !got.sideways {
			return fmt.Errorf("turned by %d: sideways %v, %v", turn, got.sideways, err)
		}
		got, err := r.recognise(&s)
		if err != nil || got.sideways || s.Turn != 0 || got.confidence < 80 {
			return fmt.Errorf("after turning: turn %d, sideways %v, confidence %.0f, %v", s.Turn, got.sideways, got.confidence, err)
		}
	}
	return nil
}

// The page segmentation must be the one that was asked for (gosseract loses
// it), and the resolution must reach the engine.
func TestEngineKeepsItsMode(t *testing.T) {
	inside(t, "mode", stored(t, printed(t, 120, specimen.Wear{Grey: true}), 120, 120))
}

func tellMode(_ []string, in io.Reader, _ io.Writer) error {
	e, page, err := opened(in)
	if err != nil {
		return err
	}
	m, _, err := decode(page)
	if err != nil {
		return err
	}
	text, err := e.hocr(prepare.Grey(m), 120, wholePage)
	if err != nil {
		return err
	}
	r, err := parseHOCR(text)
	if err != nil {
		return err
	}
	if blocks := r.lines[len(r.lines)-1].Block; blocks < 4 {
		return fmt.Errorf("%d blocks on the page: it was read as one", blocks)
	}
	if !strings.Contains(text, "scan_res 120 120") {
		return errors.New("the resolution did not reach the engine")
	}
	// What Leptonica cannot read, gosseract answers with nothing and no error.
	if text, err := e.hocr(image.NewGray(image.Rectangle{}), 120, wholePage); err == nil {
		return fmt.Errorf("no image is read as %q", text)
	}
	return nil
}

func TestBlankPage(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range g.Pix {
		g.Pix[i] = 236
	}
	got := read(t, stored(t, g, 200, 200))
	if !got.Blank || len(got.Lines) != 0 || got.Confidence != 0 || got.Width != 1654 {
		t.Errorf("a blank page = %+v", got)
	}
}

// The same page gives the same bytes, whatever its child read before, and from
// any child: gosseract's client keeps state, and its mode of segmentation
// would get lost.
func TestSameAgain(t *testing.T) {
	page := stored(t, printed(t, 200, specimen.Office(3)), 200, 200)
	other := stored(t, printed(t, 100, specimen.Old(4)), 100, 100)
	fresh, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	var first []byte
	for i, p := range []scan.Page{page, other, page} {
		got, err := fresh.Read(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b
		} else if i == 2 && !bytes.Equal(b, first) {
			t.Errorf("the same page reads otherwise:\n%s\n%s", first, b)
		}
	}
	if b, _ := json.Marshal(read(t, page)); !bytes.Equal(b, first) {
		t.Error("another child reads otherwise")
	}
}

// A page that no decoder takes is refused, and its child lives on.
func TestHostilePages(t *testing.T) {
	p, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	good := stored(t, printed(t, 100, specimen.Wear{Grey: true}), 100, 100)
	if _, err := p.Read(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	before := pids(p)
	cut, lies, garbage, empty := good, good, good, good
	cut.Data = good.Data[:len(good.Data)/2]
	lies.Width, lies.Height = 9000, 9000
	garbage.Encoding, garbage.Data = scan.JPEG, bytes.Repeat([]byte("not a picture "), 1000)
	empty.Data = nil
	for name, page := range map[string]scan.Page{"cut short": cut, "lies about its size": lies, "garbage": garbage, "empty": empty} {
		page.Index = 6
		_, err := p.Read(t.Context(), page)
		var r *jail.Refusal
		if !errors.As(err, &r) || r.Code != "damaged" || r.Page != 7 {
			t.Errorf("%s: %v (%+v), want damaged on page 7", name, err, r)
		}
	}
	if after := pids(p); len(before) != 1 || !slices.Equal(before, after) {
		t.Errorf("children before %v, after %v", before, after)
	}
}

func pids(p *Pool) []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []int
	for process := range p.live {
		all = append(all, process.PID())
	}
	slices.Sort(all)
	return all
}

// gonePID waits until no process has this number.
func gonePID(t *testing.T, pid int) {
	t.Helper()
	for range 100 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

func TestTimeIsKept(t *testing.T) {
	p, err := New(Options{Workers: 1, PageTime: 40 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	page := stored(t, printed(t, 200, specimen.Wear{Grey: true}), 200, 200)
	begin := time.Now()
	_, err = p.Read(t.Context(), page)
	var r *jail.Refusal
	if !errors.As(err, &r) || r.Code != "time" || r.Page != 1 {
		t.Errorf("Read = %v, want a refusal for time", err)
	}
	if d := time.Since(begin); d > 10*time.Second {
		t.Errorf("two tries of 0.04 s took %v", d)
	}
	if left := pids(p); len(left) != 0 {
		t.Errorf("children left: %v", left)
	}
}

// A child that a page ends is replaced, and the page is read with safer
// settings: a crash is not the end of a page, nor of the pool.
func TestCrashIsRetriedSafely(t *testing.T) {
	p, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	page := stored(t, printed(t, 200, specimen.Wear{Grey: true}), 200, 200)
	small := stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72)
	if _, err := p.Read(t.Context(), small); err != nil {
		t.Fatal(err)
	}
	victim := pids(p)[0]
	time.AfterFunc(50*time.Millisecond, func() { _ = syscall.Kill(victim, syscall.SIGSEGV) })
	got, err := p.Read(t.Context(), page)
	if err != nil {
		t.Fatalf("Read = %v", err)
	}
	if !strings.Contains(got.Settings, "user_defined_dpi=150") || !strings.Contains(got.Settings, "light=as-scanned") {
		t.Errorf("read with %q, want the safer settings", got.Settings)
	}
	if share := missed(t, got); share > 0.1 {
		t.Errorf("%.1f %% of the words missed", 100*share)
	}
	if got, err = p.Read(t.Context(), small); err != nil || strings.Contains(got.Settings, "as-scanned") {
		t.Errorf("the next page: %v, %q", err, got.Settings)
	}
	gonePID(t, victim)
}

func TestMemoryIsKept(t *testing.T) {
	if raceEnabled {
		return // the race detector needs more memory than any cap: jail sets none
	}
	p, err := New(Options{Workers: 1, MemoryLimit: 200 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	large := image.NewGray(image.Rect(0, 0, 14000, 14000))
	page := stored(t, large, 200, 200)
	_, err = p.Read(t.Context(), page)
	var r *jail.Refusal
	// An engine without memory may also just break.
	if !errors.As(err, &r) || r.Code != "memory" && r.Code != "unreadable" {
		t.Errorf("Read = %v, want a refusal for memory", err)
	}
	if _, err := p.Read(t.Context(), stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72)); err != nil {
		t.Errorf("the next page: %v", err)
	}
	// What cannot fit is not even tried.
	started := len(pids(p))
	page.Width, page.Components = 20000, 3
	if _, err := p.Read(t.Context(), page); !errors.As(err, &r) || r.Code != "memory" || r.Page != 1 || len(pids(p)) != started {
		t.Errorf("Read = %v, want a refusal for memory", err)
	}
}

func TestCancelled(t *testing.T) {
	p, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	page := stored(t, printed(t, 200, specimen.Wear{Grey: true}), 200, 200)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := p.Read(ctx, page); done <- err }()
	var running []int
	for len(running) == 0 {
		running = pids(p)
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want cancelled", err)
	}
	gonePID(t, running[0])
}

func TestClose(t *testing.T) {
	p, err := New(Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	page := stored(t, printed(t, 200, specimen.Wear{Grey: true}), 200, 200)
	done := make(chan error, 3)
	for range 3 { // two at work, one waiting
		go func() { _, err := p.Read(t.Context(), page); done <- err }()
	}
	var running []int
	for len(running) < 2 {
		running = pids(p)
		time.Sleep(5 * time.Millisecond)
	}
	p.Close()
	for range 3 {
		if err := <-done; !errors.Is(err, ErrClosed) {
			t.Errorf("Read = %v, want ErrClosed", err)
		}
	}
	for _, pid := range running {
		if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			t.Errorf("process %d outlives Close", pid)
		}
	}
	if _, err := p.Read(t.Context(), page); !errors.Is(err, ErrClosed) {
		t.Errorf("Read after Close = %v", err)
	}
	p.Close()
}

// gosseract leaks some 72 kB a page: a child does not live for ever.
func TestChildrenAreReplaced(t *testing.T) {
	p, err := New(Options{Workers: 1, PagesPerChild: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	small := stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72)
	var seen []int
	for range 3 {
		if _, err := p.Read(t.Context(), small); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, pids(p)...)
	}
	if len(seen) != 2 || seen[0] == seen[1] {
		t.Errorf("children after each of 3 pages: %v, want one, none, another", seen)
	}
	gonePID(t, seen[0])
}

func TestChildEndsWithItsInput(t *testing.T) {
	data, err := findData("", "vie")
	if err != nil {
		t.Fatal(err)
	}
	process, err := jail.Start(t.Context(), Name, jail.Limits{}, data.folder, "vie", "usual")
	if err != nil {
		t.Fatal(err)
	}
	if err := awaitReady(process.Out); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(process.PID()), "environ"))
	if err != nil || !bytes.Contains(env, []byte("OMP_THREAD_LIMIT=1\x00")) {
		t.Errorf("one thread is not asked for before the start: %v", err)
	}
	process.In.Close()
	if rest, err := io.ReadAll(process.Out); err != nil || len(rest) != 0 {
		t.Errorf("the child went on to say %q, %v", rest, err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("the child ended with %v", err)
	}
}
