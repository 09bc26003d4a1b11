package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/sqldb"
)

// A Source is a house that is to be backed up. A service may be working on it.
type Source struct {
	Rows   sqldb.At
	Main   archive.Store
	Second archive.Store // where what the main store cannot give is looked for; nil: nowhere
	House  []HouseBytes  // small files beside rows and files, nothing secret among them
	Apart  []Apart
	Ring   []byte // of wrapped keys, that the backup's store is sealed with; nil: it is not
	Key    string // that wraps it, as the ring says
	Temp   string // directory for files under way, as well protected as the rows are
}

// A HouseBytes is a file that is to lie under Path in the data directory, and where
// it lies now, or what is in it.
type HouseBytes struct {
	Path, At string
	Bytes    []byte // if At is empty
}

func (h HouseBytes) read() ([]byte, error) {
	if h.At == "" {
		return h.Bytes, nil
	}
	return os.ReadFile(h.At)
}

// Options say how a backup is made.
type Options struct {
	Verify bool  // read every file that is there already
	Pace   int64 // bytes in a second; 0: no limit
	Now    func() time.Time
}

// A Report says what a backup, a check or a restore came to.
type Report struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Log  Head      `json:"ledger"`
	Rows int64     `json:"rows"`

	Files  int64  `json:"files"`  // that rows name
	Copied int64  `json:"copied"` // now
	Bytes  int64  `json:"bytes"`  // of those
	There  int64  `json:"there"`  // before
	Lost   []Lost `json:"lost,omitempty"`

	Apart []Apart `json:"apart,omitempty"`
}

// Make makes a backup of a house in the directory root, whose store is to. The
// error wraps [ErrIncomplete] if a file could not be had: the backup is there
// then, without it. A store that is away ends it; nothing is written then that
// would be taken for a backup.
func Make(ctx context.Context, root string, to archive.Store, src Source, o Options) (r Report, err error) {
	release, err := hold(root)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, release()) }()
	m := &maker{ctx: ctx, root: root, to: to, src: src, o: o, m: Manifest{Format: format, At: o.Now().UTC(), Engine: "sqlite", Apart: src.Apart}}
	if src.Rows.Address != "" {
		m.m.Engine = "postgresql"
	}
	for _, step := range []func() error{m.ring, m.rows, m.house, m.files} {
		if err := step(); err != nil {
			return m.r, err
		}
	}
	if m.r.Name, err = writeManifest(root, m.m); err != nil {
		return m.r, err
	}
	m.r.At, m.r.Log, m.r.Apart = m.m.At, m.m.Log, m.m.Apart
	if len(m.r.Lost) > 0 {
		return m.r, fmt.Errorf("%w: %d", ErrIncomplete, len(m.r.Lost))
	}
	return m.r, nil
}

type maker struct {
	ctx  context.Context
	root string
	to   archive.Store
	src  Source
	o    Options
	m    Manifest
	r    Report
	list *os.File
}

func (m *maker) ring() (err error) {
	if m.src.Ring == nil {
		return nil
	}
	m.m.RingKey = m.src.Key
	m.m.Ring, err = layRing(m.root, m.src.Ring)
	return err
}

// rows reads all rows of one moment, and the list of files that they name.
func (m *maker) rows() (err error) {
	s, err := m.src.Rows.Snapshot(m.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	m.m.Tables = s.Version
	size, root, err := s.Head(m.ctx)
	if err != nil {
		return fmt.Errorf("%w; sohoa audit verify says what is wrong", err)
	}
	m.m.Log = Head{size, digest.Digest(root)}
	for _, t := range s.Tables {
		r := Rows{Table: t}
		if r.File, err = m.spooled(func(w io.Writer) (err error) { r.Count, err = s.CopyTo(m.ctx, t, w); return err }); err != nil {
			return err
		}
		m.r.Rows += r.Count
		m.m.Rows = append(m.m.Rows, r)
	}
	m.m.List, err = m.spooled(func(w io.Writer) error {
		var last digest.Digest
		return s.Files(m.ctx, func(f sqldb.NamedFile) error {
			if f.Digest != last {
				m.m.Files++
			}
			last = f.Digest
			_, err := io.WriteString(w, listLine(f))
			return err
		})
	})
	m.r.Files = m.m.Files
	return err
}

// spooled puts what write writes into the backup's store. On its way it lies in a
// file without a name, which is gone with the process, however that ends.
func (m *maker) spooled(write func(io.Writer) error) (f File, err error) {
	tmp, err := unnamed(m.src.Temp)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, tmp.Close()) }()
	h := sha256.New()
	c := &counter{w: io.MultiWriter(tmp, h)}
	if err := write(c); err != nil {
		return f, err
	}
	f = File{sumOf(h), c.n}
	if kept, err := m.to.Stat(m.ctx, f.Sum); err == nil && kept == f.Size {
		if _, err := whole(m.ctx, m.to, f.Sum, f.Size); err == nil {
			return f, nil
		}
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return f, err
	}
	return f, m.to.Put(m.ctx, f.Sum, f.Size, tmp)
}

// unnamed makes a file without a name.
func unnamed(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".backup-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func sumOf(h hash.Hash) digest.Digest { return digest.Digest(h.Sum(nil)) }

func (m *maker) house() error {
	for _, h := range m.src.House {
		b, err := h.read()
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		f := HouseFile{filepath.ToSlash(h.Path), File{digest.Of(b), int64(len(b))}}
		if err := m.to.Put(m.ctx, f.Sum, f.Size, bytes.NewReader(b)); err != nil {
			return fmt.Errorf("%s: %w", h.Path, err)
		}
		m.m.House = append(m.m.House, f)
	}
	return nil
}

// files copies every file that rows name, from the second store what the main
// one cannot give.
func (m *maker) files() error {
	open := func() (io.ReadCloser, error) { return m.to.Open(m.ctx, m.m.List.Sum) }
	lost := &losses{}
	o := archive.CopyOptions{Trust: !m.o.Verify, Pace: m.o.Pace, Now: m.o.Now, Failed: lost.add}
	from := &listed{Store: m.src.Main, open: open, sizes: map[digest.Digest]int64{}}
	done, err := archive.Copy(m.ctx, from, m.to, o)
	m.count(done)
	if err != nil && !errors.Is(err, archive.ErrIncomplete) {
		return err
	}
	if len(lost.why) > 0 && m.src.Second != nil {
		still := &losses{}
		o.Failed = still.add
		done, err := archive.Copy(m.ctx, some{m.src.Second, lost.digests()}, m.to, o)
		m.count(done)
		if err != nil && !errors.Is(err, archive.ErrIncomplete) {
			return err
		}
		lost = still
	}
	n, err := lost.found(m.ctx, m.to) // what the house has lost since an earlier backup
	if err != nil {
		return err
	}
	m.r.There += n
	m.m.Missing = lost.digests()
	m.r.Lost, err = lost.called(open)
	return err
}

func (m *maker) count(c archive.Copied) {
	m.r.Copied, m.r.Bytes, m.r.There = m.r.Copied+c.Copied, m.r.Bytes+c.Bytes, m.r.There+c.Skipped+c.There
}
