package picture_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/pdf/picture"
	"sohoa/pdf/raster"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A painter stands for the child: it counts, waits and can fail.
type painter struct {
	n, now, most, stopped atomic.Int32
	by                    atomic.Int32 // the last was asked for with this drawer
	wait                  chan struct{}
	size                  int
	fail                  error
}

func (p *painter) view(ctx context.Context, path string, page int, size raster.Size, by raster.Drawer) ([]byte, raster.Drawer, error) {
	p.by.Store(int32(by))
	p.n.Add(1)
	if now := p.now.Add(1); now > p.most.Load() {
		p.most.Store(now)
	}
	defer p.now.Add(-1)
	if p.wait != nil {
		select {
		case <-p.wait:
		case <-ctx.Done():
			p.stopped.Add(1)
			return nil, by, ctx.Err()
		}
	}
	if p.fail != nil {
		return nil, by, p.fail
	}
	return []byte("\xff\xd8" + fmt.Sprint(page, size) + strings.Repeat("x", p.size) + "\xff\xd9"), raster.Poppler, nil
}

// Who drew a page in one size draws it in the others; of another page nothing is
// known.
func TestDrawnByTheSame(t *testing.T) {
	p := &painter{}
	var fetched atomic.Int32
	g := open(t, t.TempDir(), p, 1<<20)
	for _, c := range []struct {
		page int
		size raster.Size
		want raster.Drawer
	}{{1, raster.Thumb, raster.Unknown}, {1, raster.View100, raster.Poppler}, {2, raster.View100, raster.Unknown}, {1, raster.View300, raster.Poppler}} {
		if _, err := g.Page(t.Context(), source(&fetched), c.page, c.size); err != nil || raster.Drawer(p.by.Load()) != c.want {
			t.Errorf("page %d in size %s: asked of %d, not %d, %v", c.page, c.size, p.by.Load(), c.want, err)
		}
	}
}

type clock struct{ n atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1e9+c.n.Add(1), 0) }

func open(t *testing.T, dir string, p *painter, most int64) *picture.Gallery {
	t.Helper()
	g, err := picture.Open(picture.Settings{Dir: dir, Most: most, AtOnce: 2, Waiting: 3, Now: new(clock).now, View: p.view})
	must(t, err)
	return g
}

func source(fetched *atomic.Int32) picture.Source {
	return picture.Source{Sum: strings.Repeat("ab", 32), Fetch: func(context.Context) (string, func(), error) {
		fetched.Add(1)
		return "x", func() { fetched.Add(-1) }, nil
	}}
}

// Twenty browsers cost one drawing, and the next asks nobody.
func TestDrawnOnce(t *testing.T) {
	p := &painter{wait: make(chan struct{})}
	g := open(t, t.TempDir(), p, 1<<20)
	var open atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if b, err := g.Page(t.Context(), source(&open), 1, raster.Thumb); err != nil || !strings.Contains(string(b), "1thumb") {
				t.Errorf("%q %v", b, err)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	close(p.wait)
	all.Wait()
	if _, err := g.Page(t.Context(), source(&open), 1, raster.Thumb); err != nil || p.n.Load() != 1 || open.Load() != 0 {
		t.Errorf("drawn %d times, %d files left open, %v", p.n.Load(), open.Load(), err)
	}
	if _, err := g.Page(t.Context(), source(&open), 1, raster.View100); err != nil || p.n.Load() != 2 {
		t.Errorf("another size is another picture: %d, %v", p.n.Load(), err)
	}
	if _, err := g.Page(t.Context(), picture.Source{Sum: "../../x"}, 1, raster.Thumb); !errors.Is(err, raster.ErrInput) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
}

// Two are drawn at a time, three wait, the next is told to come again; whoever
// goes away makes room, and a drawing that nobody waits for is stopped.
func TestLine(t *testing.T) {
	p := &painter{wait: make(chan struct{})}
	g := open(t, t.TempDir(), p, 1<<20)
	var files atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 5)
	for page := 1; page <= 5; page++ {
		go func() {
			_, err := g.Page(ctx, source(&files), page, raster.Thumb)
			ended <- err
		}()
	}
	until(t, func() bool { return p.now.Load() == 2 })
	time.Sleep(50 * time.Millisecond)
	if _, err := g.Page(t.Context(), source(&files), 6, raster.Thumb); !errors.Is(err, picture.ErrBusy) {
		t.Errorf("the sixth: %v", err)
	}
	// one more joins page 1, and stays when the others go
	stays := make(chan error, 1)
	for page := 1; page <= 2; page++ {
		go func() {
			_, err := g.Page(t.Context(), source(&files), page, raster.Thumb)
			stays <- err
		}()
	}
	time.Sleep(50 * time.Millisecond)
	cancel()
	for range 5 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("gone: %v", err)
		}
	}
	until(t, func() bool { return p.n.Load() <= 4 && files.Load() <= 2 })
	close(p.wait)
	for range 2 {
		if err := <-stays; err != nil {
			t.Errorf("who stayed: %v", err)
		}
	}
	if p.most.Load() > 2 {
		t.Errorf("%d were drawn at once", p.most.Load())
	}
	if _, err := g.Page(t.Context(), source(&files), 5, raster.Thumb); err != nil {
		t.Errorf("once more: %v", err)
	}
}

func until(t *testing.T, is func() bool) {
	t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not come to that")
}

// A drawing that nobody waits for is stopped.
func TestStopped(t *testing.T) {
	p := &painter{wait: make(chan struct{})}
	g := open(t, t.TempDir(), p, 1<<20)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	var files atomic.Int32
	if _, err := g.Page(ctx, source(&files), 1, raster.Thumb); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	until(t, func() bool { return p.stopped.Load() == 1 && files.Load() == 0 })
}

// What is kept stays under its bound, what was used last stays longest, and what
// is not whole is drawn again. Nothing else in the directory is touched.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "other"), make([]byte, 5000), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "new-1"), make([]byte, 5000), 0o600)) // of a life that was killed
	must(t, os.Chtimes(filepath.Join(dir, "new-1"), time.Unix(1, 0), time.Unix(1, 0)))
	p := &painter{size: 1000}
	g := open(t, dir, p, 10_000)
	var files atomic.Int32
	get := func(page int) {
		t.Helper()
		_, err := g.Page(t.Context(), source(&files), page, raster.Thumb)
		must(t, err)
	}
	for page := 1; page <= 30; page++ {
		get(page)
		get(1) // always in use
	}
	kept, sum := 0, int64(0)
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if strings.HasSuffix(e.Name(), ".jpg") {
			kept, sum = kept+1, sum+info.Size()
		} else if e.Name() != "other" {
			t.Errorf("there is %s", e.Name())
		}
	}
	if sum > 10_000 || kept < 7 || p.n.Load() != 30 {
		t.Errorf("%d kept of %d bytes, %d drawn", kept, sum, p.n.Load())
	}
	get(2)
	if p.n.Load() != 31 {
		t.Error("page 2 is there still")
	}
	path := filepath.Join(dir, g.Name(strings.Repeat("ab", 32), 1, raster.Thumb)+".jpg")
	must(t, os.Truncate(path, 500))
	if get(1); p.n.Load() != 32 {
		t.Error("half a picture was given out")
	}
	g.Forget(strings.Repeat("ab", 32))
	if left, _ := filepath.Glob(filepath.Join(dir, "*.jpg")); len(left) > 0 {
		t.Errorf("not forgotten: %v", left)
	}
	must(t, os.RemoveAll(dir))
	if get(1); p.n.Load() != 33 {
		t.Error("without the directory nothing is drawn")
	}
}

// Two galleries on one directory share what they draw and hold the bound.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	p := &painter{size: 1000}
	a, b := open(t, dir, p, 10_000), open(t, dir, p, 10_000)
	var files atomic.Int32
	_, err := a.Page(t.Context(), source(&files), 1, raster.Thumb)
	must(t, err)
	_, err = b.Page(t.Context(), source(&files), 1, raster.Thumb)
	must(t, err)
	if p.n.Load() != 1 {
		t.Errorf("drawn %d times", p.n.Load())
	}
	var all sync.WaitGroup
	for _, g := range []*picture.Gallery{a, b} {
		all.Go(func() {
			for page := range 60 {
				_, err := g.Page(t.Context(), source(&files), page+1, raster.Thumb)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	sum := int64(0)
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			sum += info.Size()
		}
	}
	if sum > 20_000 { // each counts what it keeps itself until it looks
		t.Errorf("%d bytes are kept", sum)
	}
}

// An error is told to all who wait, and is not kept.
func TestErrors(t *testing.T) {
	p := &painter{fail: raster.ErrLarge}
	g := open(t, t.TempDir(), p, 1<<20)
	var files atomic.Int32
	for range 2 {
		if _, err := g.Page(t.Context(), source(&files), 1, raster.Thumb); !errors.Is(err, raster.ErrLarge) {
			t.Error(err)
		}
	}
	if p.n.Load() != 2 || files.Load() != 0 {
		t.Errorf("%d drawn, %d open", p.n.Load(), files.Load())
	}
}
