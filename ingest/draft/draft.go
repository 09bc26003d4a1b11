// Package draft is where a person at the counter lays files out before they are
// taken in: their pages are seen, put in order, turned, left out, moved to
// another place of the dossier, and then entered as one document.
//
// A Draft is nothing the house has received: it lives in a directory for files
// under way, is seen by its person alone, and is gone when it has been entered or
// discarded (which can be undone for a while), and some hours after it was last touched. It outlives the house that is
// killed: who was told that a file is laid out finds it there.
// The database hears of nothing before the door does.
//
// One file whose pages are left as they are enters as it came, byte for byte.
// Anything else enters as the PDF that package arrange makes of it.
package draft

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/ingest"
	"sohoa/ingest/malware"
	"sohoa/jail"
	"sohoa/pdf/arrange"
	"sohoa/storage/durable"
)

// A Place is where a draft will be entered, and whose it is.
type Place struct {
	Who     dossier.PersonID
	Dossier dossier.Code
	Slot    dossier.SlotCode
}

// A File is a file of a draft.
type File struct {
	Name   string // as its owner calls it: for their eyes only
	Size   int64
	Sum    digest.Digest
	Number int // in its draft, never given again
	Source arrange.Source

	// Key names what brought the file, if that may be asked twice; empty: nothing does.
	Key string `json:",omitempty"`

	// Looks are what was seen of its pages, as many as could be looked at.
	Looks []dossier.Capture
}

// A Line is a page of a draft, in the order in which it will be entered.
type Line struct {
	File int // a File's Number
	Page int // from 1
	Turn int // clockwise quarter turns
	Drop bool
}

// A Draft is files and the order of their pages.
type Draft struct {
	Version int // counts the changes
	Files   []File
	Lines   []Line
	Next    int // Number of the next file

	// Ordered is the version since which nothing happened but that pages came to the end.
	Ordered int
}

// file returns a file by its number.
func (d *Draft) file(number int) (*File, bool) {
	for i := range d.Files {
		if d.Files[i].Number == number {
			return &d.Files[i], true
		}
	}
	return nil, false
}

// whole returns the file that the draft is, if it is one as it came.
func (d *Draft) whole() (*File, bool) {
	if len(d.Lines) == 0 {
		return nil, false
	}
	f, ok := d.file(d.Lines[0].File)
	if !ok || len(d.Lines) != len(f.Source.Pages) {
		return nil, false
	}
	for i, l := range d.Lines {
		if l.File != f.Number || l.Page != i+1 || l.Turn != 0 || l.Drop {
			return nil, false
		}
	}
	return f, true
}

// Codes of refusals that are a draft's own.
const (
	CodeRoom    = "room"    // no room for more of this person's files
	CodeNothing = "nothing" // no page is left to enter
)

// A Desk keeps the drafts of all. Every field but Malware is needed. It may be used by many
// at once.
type Desk struct {
	Dir    string // for files under way
	Bench  arrange.Bench
	Most   int64 // bytes of one person's files
	Files  int   // of one draft
	Life   time.Duration
	Now    func() time.Time
	Accept func(ctx context.Context, in ingest.Intake) (dossier.Document, error) // the door

	// Look takes a quick look at the pages of a file. What it could not look at
	// keeps nothing from being laid out: it is not seen, and said so.
	Look func(ctx context.Context, path string) []dossier.Capture

	Malware *malware.Gate // asked before anybody looks into a file; nil: all pass

	// Forget is told of files that are gone.
	Forget func(sum digest.Digest)

	mu    sync.Mutex
	locks map[string]*sync.Mutex // of a person
}

// dir is where a draft is. Its name says nothing of whose it is.
func (d *Desk) dir(p Place) string {
	sum := sha256.Sum256([]byte(string(p.Dossier) + "\x00" + string(p.Slot)))
	return filepath.Join(d.home(p), fmt.Sprintf("%x", sum[:12]))
}

func (d *Desk) home(p Place) string {
	sum := sha256.Sum256([]byte(p.Who))
	return filepath.Join(d.Dir, fmt.Sprintf("%x", sum[:12]))
}

// hold keeps a person's other requests waiting, also at other processes of the house.
func (d *Desk) hold(p Place) (release func()) {
	home := d.home(p)
	d.mu.Lock()
	if d.locks == nil {
		d.locks = map[string]*sync.Mutex{}
	}
	lock, ok := d.locks[home]
	if !ok {
		lock = &sync.Mutex{}
		d.locks[home] = lock
	}
	d.mu.Unlock()
	lock.Lock()
	unlock := durable.Lock(home + ".lock")
	return func() { unlock(); lock.Unlock() }
}

// Mark is of the draft at a place: it is another one as soon as something is done to the
// draft, by whichever process. It is cheap, and "" if there is none.
func (d *Desk) Mark(p Place) string {
	info, err := os.Stat(filepath.Join(d.dir(p), state))
	if err != nil {
		return ""
	}
	mark := fmt.Sprint(info.ModTime().UnixNano())
	if st, ok := info.Sys().(*syscall.Stat_t); ok { // each writing is a file of its own
		mark += fmt.Sprint("-", st.Ino)
	}
	return mark
}

// Draft returns the draft at a place. The error wraps [dossier.ErrNotFound] if
// there is none.
func (d *Desk) Draft(p Place) (Draft, error) {
	defer d.hold(p)()
	return d.read(p)
}

func (d *Desk) read(p Place) (Draft, error) {
	var x Draft
	b, err := os.ReadFile(filepath.Join(d.dir(p), state))
	if errors.Is(err, os.ErrNotExist) {
		return x, fmt.Errorf("%w: no draft", dossier.ErrNotFound)
	} else if err != nil {
		return x, err
	}
	return x, json.Unmarshal(b, &x)
}

// state is the file that says what a draft is.
const state = "draft.json"

func (d *Desk) write(p Place, x Draft) error {
	x.Version++
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if err := durable.Replace(filepath.Join(d.dir(p), state), b, 0o600); err != nil {
		return err
	}
	if err := errors.Join(durable.Settle(d.home(p)), durable.Settle(d.Dir)); err != nil {
		return err
	}
	now := d.Now()
	return os.Chtimes(d.dir(p), now, now) // touched
}

func (d *Desk) path(p Place, f *File, end string) string {
	return filepath.Join(d.dir(p), strconv.Itoa(f.Number)+end)
}

// Ends of the names of a draft's files: as it came, and the PDF that was made of a
// scan.
const (
	asItCame = ".file"
	asPDF    = ".pdf"
)

// Add puts a file at the end of the draft at a place, and begins one if there is
// none. A file that cannot be taken or must not be taken apart gives a
// [*jail.Refusal]. A key that is not empty names what brings it: asked twice, it lies
// there once.
func (d *Desk) Add(ctx context.Context, p Place, key, name string, body io.Reader) error {
	if key != "" {
		if x, err := d.Draft(p); err == nil && x.has(key) {
			return nil
		}
	}
	return d.lay(ctx, p, key, name, body, func(x Draft) (int, error) {
		if key != "" && x.has(key) {
			return 0, errThere
		}
		return -1, nil
	})
}

// errThere says that what is to be laid out lies there.
var errThere = errors.New("it lies there")

func (d *Draft) has(key string) bool {
	return slices.ContainsFunc(d.Files, func(f File) bool { return f.Key == key })
}

// Again puts a new scan in the place of a page, by its index: the old page is left
// out, and stays to be seen until the draft is entered. Versions are as with
// [Desk.Set].
func (d *Desk) Again(ctx context.Context, p Place, version, line int, name string, body io.Reader) error {
	return d.lay(ctx, p, "", name, body, func(x Draft) (int, error) {
		switch {
		case x.Version != version:
			return 0, fmt.Errorf("%w: version %d, not %d", dossier.ErrConflict, x.Version, version)
		case line < 0 || line >= len(x.Lines):
			return 0, fmt.Errorf("%w: no page %d", dossier.ErrNotFound, line+1)
		}
		return line, nil
	})
}

// lay adds a file to a draft, in place of a line or, where place says -1, at the
// end.
func (d *Desk) lay(ctx context.Context, p Place, key, name string, body io.Reader, place func(Draft) (int, error)) error {
	f, err := d.receive(p, body) // while others may go on
	if err != nil {
		return err
	}
	defer os.Remove(f)
	if err := d.Malware.Pass(ctx, f, malware.Trace{Door: "drafts", Who: string(p.Who), Of: string(p.Dossier)}); err != nil {
		return err
	}
	source, err := d.Bench.Open(ctx, f)
	if err != nil {
		return err
	}
	defer source.Close() // removes what has not been moved
	looks := d.Look(ctx, f)
	defer d.hold(p)()
	x, err := d.read(p)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return err
	}
	at, err := place(x)
	if errors.Is(err, errThere) {
		return nil
	} else if err != nil {
		return err
	}
	if len(x.Files) >= d.Files {
		return room(fmt.Sprintf("more than %d files at once", d.Files))
	}
	if err := d.Bench.Limits.CheckPages(len(x.Lines) + len(source.Pages)); err != nil {
		return err
	}
	sum, size, err := read(f)
	if err != nil {
		return err
	}
	file := File{Name: name, Size: size, Sum: sum, Number: x.Next, Key: key, Source: *source, Looks: looks}
	if err := os.MkdirAll(d.dir(p), 0o700); err != nil {
		return err
	}
	if source.Made() {
		if err := errors.Join(durable.Settle(source.PDF()), moved(source.PDF(), d.path(p, &file, asPDF))); err != nil {
			return err
		}
	}
	if err := errors.Join(durable.Settle(f), os.Rename(f, d.path(p, &file, asItCame))); err != nil {
		return err
	}
	x.insert(at, file)
	return d.write(p, x)
}

// moved moves a file to its place, which may be on another disk than what is being made.
func moved(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	b, err := os.Open(from)
	if err != nil {
		return err
	}
	defer b.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, b)
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(from))
}

// insert puts the pages of a new file before line at, which is left out, or at the
// end.
func (d *Draft) insert(at int, f File) {
	end := len(d.Lines)
	if at >= 0 {
		d.Lines[at].Drop, end = true, at
		d.Ordered = d.Version + 1
	}
	lines := make([]Line, len(f.Source.Pages))
	for i := range lines {
		lines[i] = Line{File: f.Number, Page: i + 1}
	}
	d.Lines = slices.Insert(d.Lines, end, lines...)
	d.Files, d.Next = append(d.Files, f), d.Next+1
}

// Seen returns what was seen of each line's page. A picture that an earlier line
// has too, and is not left out there, is there twice.
func (d *Draft) Seen() []dossier.Capture {
	all := make([]dossier.Capture, len(d.Lines))
	before := map[string]bool{}
	for i, l := range d.Lines {
		f, ok := d.file(l.File)
		if !ok || l.Page > len(f.Looks) {
			continue
		}
		c := f.Looks[l.Page-1]
		if c.Sum != "" && !l.Drop {
			if before[c.Sum] {
				c.Why = append(slices.Clone(c.Why), dossier.CaptureTwice)
			}
			before[c.Sum] = true
		}
		all[i] = c
	}
	return all
}

// receive copies a body to a file, if the person has room for it.
func (d *Desk) receive(p Place, body io.Reader) (path string, err error) {
	left := d.Most - d.used(p)
	if left <= 0 {
		return "", room(fmt.Sprintf("your files under way have more than %d MB", d.Most>>20))
	}
	if err := os.MkdirAll(d.home(p), 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(d.home(p), "in-*")
	if err != nil {
		return "", err
	}
	n, err := io.Copy(f, io.LimitReader(body, left+1))
	if err = errors.Join(err, f.Close()); err == nil && n > left {
		err = room(fmt.Sprintf("your files under way have more than %d MB", d.Most>>20))
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

func room(why string) error {
	return &jail.Refusal{Code: CodeRoom, Text: why + "; enter or discard what lies there first"}
}

// used is how many bytes a person's files under way have, without what was discarded.
func (d *Desk) used(p Place) (sum int64) {
	_ = filepath.WalkDir(d.home(p), func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() && filepath.Ext(e.Name()) == away {
			return filepath.SkipDir
		}
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}

func read(path string) (digest.Digest, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return digest.Digest{}, 0, err
	}
	defer f.Close()
	return digest.Read(f)
}
