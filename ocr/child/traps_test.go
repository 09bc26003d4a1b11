package child

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa/jail"
	"sohoa/ocr/prepare"
	"sohoa/scan"
	"sohoa/specimen"
)

// Each result that gosseract is asked for recognises the page again: a page is
// recognised once, and all that is told of it comes from that.
func TestRecognisedOnce(t *testing.T) {
	inside(t, "once", stored(t, printed(t, 120, specimen.Wear{Grey: true}), 120, 120))
}

func readOnce(_ []string, in io.Reader, _ io.Writer) error {
	e, page, err := opened(in)
	if err != nil {
		return err
	}
	m, _, err := decode(page)
	if err != nil {
		return err
	}
	r := reader{engine: e}
	if _, err := r.read(page); err != nil { // the first page pays for memory that later ones find
		return err
	}
	e.lap.taken()
	if _, err := e.hocr(prepare.Grey(m), 120, wholePage); err != nil {
		return err
	}
	once := e.lap.spent.Engine
	e.lap.taken()
	read, err := r.read(page)
	if err != nil {
		return err
	}
	if len(read.Lines) < 10 || read.Confidence < 80 {
		return fmt.Errorf("%d lines at %.0f: not a page to measure by", len(read.Lines), read.Confidence)
	}
	if once < 20*time.Millisecond || e.lap.spent.Engine > once*17/10 {
		return fmt.Errorf("one recognition takes %v, reading the page %v", once, e.lap.spent.Engine)
	}
	return nil
}

// gosseract's start swaps the process's standard error. What a child says when
// it dies must still reach us.
func TestStandardErrorIsKept(t *testing.T) {
	err := jail.Run(t.Context(), "loud", jail.Limits{Wall: time.Minute}, nil, io.Discard)
	if !errors.Is(err, jail.ErrCrash) || !strings.Contains(err.Error(), "the last words") {
		t.Errorf("a child that panics after its start: %v", err)
	}
}

// dieLoudly starts the engine several times, one after the other, and panics.
func dieLoudly([]string, io.Reader, io.Writer) error {
	data, err := findData("", "vie")
	if err != nil {
		return err
	}
	var before, after syscall.Stat_t
	if err := syscall.Fstat(2, &before); err != nil {
		return err
	}
	for range 3 {
		e, err := newEngine(data)
		if err != nil {
			return err
		}
		e.close()
	}
	if err := syscall.Fstat(2, &after); err != nil || before.Ino != after.Ino {
		return fmt.Errorf("the standard error is another: %v", err)
	}
	panic("the last words")
}

// A page on which the recogniser dies, and dies again with safer settings, is
// refused in clear words, and the next page is read.
func TestPageThatKillsTwiceIsRefused(t *testing.T) {
	p, err := New(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	one := printed(t, 300, specimen.Wear{Grey: true})
	tall := image.NewGray(image.Rect(0, 0, one.Rect.Dx(), 3*one.Rect.Dy())) // so that reading it takes far longer than a start
	for i := range 3 {
		copy(tall.Pix[i*len(one.Pix):], one.Pix)
	}
	page := stored(t, tall, 300, 300)
	page.Index = 2
	killed := map[int]bool{}
	var killer sync.WaitGroup
	stop := make(chan struct{})
	killer.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			for _, pid := range pids(p) {
				if !killed[pid] && busy(pid) {
					killed[pid] = true
					_ = syscall.Kill(pid, syscall.SIGSEGV)
				}
			}
		}
	})
	_, err = p.Read(t.Context(), page)
	close(stop)
	killer.Wait()
	var r *jail.Refusal
	if !errors.As(err, &r) || r.Code != "unreadable" || r.Page != 3 || r.Text == "" {
		t.Errorf("Read = %v (%+v), want unreadable on page 3", err, r)
	}
	if len(killed) != 2 {
		t.Errorf("%d children were given the page, want 2", len(killed))
	}
	if got, err := p.Read(t.Context(), stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72)); err != nil || len(got.Lines) == 0 {
		t.Errorf("the next page: %v", err)
	}
	for pid := range killed {
		gonePID(t, pid)
	}
}

// busy reports whether a child is at its page: it has used more processor time
// than its start takes.
func busy(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	var ticks int
	if _, err := fmt.Sscan(fields[11], &ticks); err != nil {
		return false
	}
	return ticks > 45 // hundredths of a second: a start takes up to 30 on a busy machine, the page over 100
}

// One child a processor, each with one thread of the engine: more would only
// wait for each other.
func TestOneWarmChildEach(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if cap(p.slots) != runtime.GOMAXPROCS(0) {
		t.Errorf("%d children for %d processors", cap(p.slots), runtime.GOMAXPROCS(0))
	}
	small := stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72)
	var wait sync.WaitGroup
	for range 3 * cap(p.slots) {
		wait.Go(func() {
			if _, err := p.Read(t.Context(), small); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := len(pids(p)); n < 1 || n > cap(p.slots) {
		t.Errorf("%d children are left warm", n)
	}
	if p.Spent() <= 0 {
		t.Error("recognition took no time at all")
	}
}

// Every page names what read it, refused languages are told before any child
// starts, and so is a list so long that gosseract's buffer could not hold what
// Tesseract says of it.
func TestDataIsNamed(t *testing.T) {
	p := sharedPool(t)
	data, err := findData("", "vie")
	if err != nil {
		t.Fatal(err)
	}
	blank := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range blank.Pix {
		blank.Pix[i] = 255
	}
	for name, page := range map[string]scan.Page{"printed": stored(t, printed(t, 72, specimen.Wear{Grey: true}), 72, 72), "blank": stored(t, blank, 100, 100)} {
		got, err := p.Read(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got.Engine, "tesseract ") || got.Data != data.String() || len(data.digests[0]) != 64 || !strings.HasPrefix(got.Settings, "tessedit_pageseg_mode=6,7,3 ") || strings.Count(got.Settings, " ") != strings.Count(got.Settings, "=")-1 {
			t.Errorf("%s: engine %q, data %q, settings %q", name, got.Engine, got.Data, got.Settings)
		}
	}
	long := strings.Repeat("vie+", 60) + "vie"
	if _, err := New(Options{Data: long}); err == nil {
		t.Error("61 languages are taken")
	}
}
