// Package picture gives out pictures of pages and keeps what was drawn on disk.
//
// What is kept follows from the file's SHA-256, the page, the size and the
// version of what draws, and from nothing else: it is never a source of truth,
// and may be thrown away at any time, by anybody. What was used longest ago goes
// first when it becomes too much. Files appear whole, by a rename, so that
// several processes may share a directory.
//
// However many people ask for a page at once, it is drawn once; a few pages at a
// time are, the others wait in line; and what nobody waits for any more is not
// drawn to its end.
package picture

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sohoa/pattern"
	"sohoa/pdf/raster"
)

// ErrBusy: so many pages wait to be drawn already that this one is not taken.
var ErrBusy = errors.New("too many pages are being drawn")

// A Source is a PDF whose pages are drawn.
type Source struct {
	Sum string // SHA-256 of its bytes, 64 hexadecimal digits

	// Fetch gives a path of the file; done is called when it is not needed any
	// more.
	Fetch func(ctx context.Context) (path string, done func(), err error)
}

// Settings are what a Gallery needs. All are needed.
type Settings struct {
	Dir     string // of what is kept; nobody else writes there
	Most    int64  // bytes that are kept
	AtOnce  int    // pages drawn at a time
	Waiting int    // pages that may wait to be drawn
	Now     func() time.Time

	// View draws; [raster.View] outside of tests.
	View func(ctx context.Context, path string, page int, size raster.Size, by raster.Drawer) ([]byte, raster.Drawer, error)
}

// A Gallery gives out pictures. It may be used by many at once.
type Gallery struct {
	Settings
	version string
	turn    chan struct{} // of those that draw

	mu      sync.Mutex
	drawing map[string]*drawing
	kept    int64 // bytes, as far as this process knows
	drawers map[leaf]raster.Drawer
}

// A leaf is a page of a file.
type leaf struct {
	sum  string
	page int
}

// mostDrawers is of how many pages it is remembered who draws them.
const mostDrawers = 10_000

// A drawing is a picture that is being made for whoever waits for it.
type drawing struct {
	done   chan struct{}
	cancel context.CancelFunc
	wait   int // how many
	file   []byte
	err    error
}

// drawn is raised when our own drawing changes what it gives.
const drawn = 3

// Open opens the gallery in s.Dir, which it makes.
func Open(s Settings) (*Gallery, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	g := &Gallery{Settings: s, version: version(), turn: make(chan struct{}, s.AtOnce), drawing: map[string]*drawing{}, drawers: map[leaf]raster.Drawer{}}
	g.prune()
	return g, nil
}

// version changes with what draws: this program's way of drawing, and the tool
// as it is installed.
func version() string {
	tool := "none"
	if info, err := os.Stat("/usr/bin/pdftoppm"); err == nil {
		tool = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
	}
	sum := sha256.Sum256(fmt.Append(nil, drawn, tool))
	return fmt.Sprintf("%x", sum[:4])
}

var sumForm = pattern.Late(`^[0-9a-f]{64}$`)

// Name is what a picture is called as long as it is the same to a byte: good
// for an entity tag (RFC 9110 section 8.8.3).
func (g *Gallery) Name(sum string, page int, size raster.Size) string {
	return fmt.Sprintf("%s-%d-%s-%s", sum, page, size, g.version)
}

// Page returns a page, from 1, of src in a size, as a JPEG file. It waits as long
// as ctx lets it. Errors are those of [raster.View] and of Fetch, or [ErrBusy].
func (g *Gallery) Page(ctx context.Context, src Source, page int, size raster.Size) ([]byte, error) {
	if !sumForm().MatchString(src.Sum) {
		return nil, fmt.Errorf("%w: no digest", raster.ErrInput)
	}
	name := g.Name(src.Sum, page, size)
	if b := g.find(name); b != nil {
		return b, nil
	}
	d, err := g.join(ctx, name, src, page, size)
	if err != nil {
		return nil, err
	}
	select {
	case <-d.done:
		return d.file, d.err
	case <-ctx.Done():
		g.leave(d)
		return nil, ctx.Err()
	}
}

// find returns what is kept under a name, nil if nothing whole is.
func (g *Gallery) find(name string) []byte {
	path := g.path(name)
	b, err := os.ReadFile(path)
	if err != nil || !whole(b) {
		return nil
	}
	now := g.Now()
	_ = os.Chtimes(path, now, now) // used now; that it cannot be noted harms nobody
	return b
}

// whole reports whether b is a JPEG file with its end: a machine that lost power
// may have kept less.
func whole(b []byte) bool {
	return len(b) > 4 && bytes.HasPrefix(b, []byte("\xff\xd8")) && bytes.HasSuffix(b, []byte("\xff\xd9"))
}

// ending is how kept pictures are told from anything else in the directory.
const ending = ".jpg"

func (g *Gallery) path(name string) string { return filepath.Join(g.Dir, name+ending) }

// join begins a drawing, or joins those who wait for it.
func (g *Gallery) join(ctx context.Context, name string, src Source, page int, size raster.Size) (*drawing, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d, ok := g.drawing[name]; ok && d.wait > 0 {
		d.wait++
		return d, nil
	}
	if len(g.drawing) >= g.AtOnce+g.Waiting {
		return nil, ErrBusy
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the first who asked
	d := &drawing{done: make(chan struct{}), cancel: cancel, wait: 1}
	g.drawing[name] = d
	go func() {
		defer cancel()
		d.file, d.err = g.draw(work, name, src, page, size)
		g.mu.Lock()
		if g.drawing[name] == d {
			delete(g.drawing, name)
		}
		g.mu.Unlock()
		close(d.done)
	}()
	return d, nil
}

// leave is for somebody who waits no more. The last one stops the drawing.
func (g *Gallery) leave(d *drawing) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d.wait--; d.wait == 0 {
		d.cancel()
	}
}

func (g *Gallery) draw(ctx context.Context, name string, src Source, page int, size raster.Size) ([]byte, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if b := g.find(name); b != nil { // another process was faster
		return b, nil
	}
	path, done, err := src.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := g.view(ctx, path, leaf{src.Sum, page}, size)
	if err != nil {
		return nil, err
	}
	g.keep(name, b)
	return b, nil
}

// view draws a page, by whoever drew it in another size: a child of ours that
// leaves it to the tool is not started twice.
func (g *Gallery) view(ctx context.Context, path string, of leaf, size raster.Size) ([]byte, error) {
	g.mu.Lock()
	by := g.drawers[of]
	g.mu.Unlock()
	b, by, err := g.View(ctx, path, of.page, size, by)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.drawers) >= mostDrawers {
		clear(g.drawers)
	}
	g.drawers[of] = by
	return b, nil
}

// keep keeps a picture if it can: who asked has it in any case.
func (g *Gallery) keep(name string, b []byte) {
	tmp, err := os.CreateTemp(g.Dir, unfinished+"*")
	if err != nil {
		return
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return
	}
	now := g.Now()
	_ = os.Chtimes(tmp.Name(), now, now)
	if os.Rename(tmp.Name(), g.path(name)) != nil {
		return
	}
	g.mu.Lock()
	g.kept += int64(len(b))
	full := g.kept > g.Most
	g.mu.Unlock()
	if full {
		g.prune()
	}
}
