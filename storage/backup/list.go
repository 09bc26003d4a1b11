package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sohoa/dossier/digest"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/sqldb"
)

// A lost file is one that could not be had, with all that it belongs to.
type Lost struct {
	Digest digest.Digest `json:"sha256"`
	Names  []string      `json:"names"`
	Why    string        `json:"why"`
}

// listLine is a line of the list of files. A name is one line of print.
func listLine(f sqldb.NamedFile) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, f.Name)
	return fmt.Sprintf("%s\t%d\t%s\n", f.Digest, f.Size, name)
}

// readList calls fn with each line of a list.
func readList(r io.Reader, fn func(sqldb.NamedFile) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), "\t", 3)
		if len(parts) != 3 {
			return fmt.Errorf("%w: list of files", ErrDamaged)
		}
		d, err := digest.Parse(parts[0])
		size, err2 := strconv.ParseInt(parts[1], 10, 64)
		if errors.Join(err, err2) != nil {
			return fmt.Errorf("%w: list of files", ErrDamaged)
		}
		if err := fn(sqldb.NamedFile{Digest: d, Size: size, Name: parts[2]}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// each calls fn once with each file of a list, which is in order.
func each(r io.Reader, fn func(sqldb.NamedFile) error) error {
	var last digest.Digest
	return readList(r, func(f sqldb.NamedFile) error {
		if f.Digest == last {
			return nil
		}
		last = f.Digest
		return fn(f)
	})
}

// A listed store is walked by a list: only what rows name is looked for, and
// what the list knows of sizes is not asked again.
type listed struct {
	archive.Store
	open func() (io.ReadCloser, error) // the list

	mu    sync.Mutex
	sizes map[digest.Digest]int64 // of files under way
}

func (l *listed) Walk(_ context.Context, fn func(digest.Digest) error) (err error) {
	r, err := l.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return each(r, func(f sqldb.NamedFile) error {
		if f.Size >= 0 {
			l.mu.Lock()
			l.sizes[f.Digest] = f.Size
			l.mu.Unlock()
		}
		return fn(f.Digest)
	})
}

func (l *listed) Stat(ctx context.Context, d digest.Digest) (int64, error) {
	l.mu.Lock()
	size, ok := l.sizes[d]
	delete(l.sizes, d)
	l.mu.Unlock()
	if ok {
		return size, nil
	}
	return l.Store.Stat(ctx, d)
}

// A some is a store of which some files are looked for.
type some struct {
	archive.Store
	digests []digest.Digest
}

func (s some) Walk(_ context.Context, fn func(digest.Digest) error) error {
	for _, d := range s.digests {
		if err := fn(d); err != nil {
			return err
		}
	}
	return nil
}

// A losses collects what could not be copied, and why.
type losses struct {
	mu  sync.Mutex
	why map[digest.Digest]error
}

func (l *losses) add(d digest.Digest, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why == nil {
		l.why = map[digest.Digest]error{}
	}
	l.why[d] = err
}

func (l *losses) digests() []digest.Digest {
	var out []digest.Digest
	for d := range l.why {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b digest.Digest) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// found takes away what lies whole in a store all the same, and returns how many
// files that are.
func (l *losses) found(ctx context.Context, s archive.Store) (n int64, err error) {
	for _, d := range l.digests() {
		_, err := whole(ctx, s, d, -1)
		if errors.Is(err, blob.ErrUnavailable) || ctx.Err() != nil {
			return n, err
		}
		if err == nil {
			n++
			delete(l.why, d)
		}
	}
	return n, nil
}

// called says what the lost files belong to.
func (l *losses) called(open func() (io.ReadCloser, error)) (out []Lost, err error) {
	if len(l.why) == 0 {
		return nil, nil
	}
	names := map[digest.Digest][]string{}
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := readList(r, func(f sqldb.NamedFile) error {
		if _, ok := l.why[f.Digest]; ok {
			names[f.Digest] = append(names[f.Digest], f.Name)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, d := range l.digests() {
		out = append(out, Lost{d, names[d], l.why[d].Error()})
	}
	return out, nil
}

// whole reads a file to its end, and says whether it is what its name and a
// known size say.
func whole(ctx context.Context, s archive.Store, d digest.Digest, size int64) (int64, error) {
	r, err := s.Open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	if err == nil && size >= 0 && n != size {
		err = fmt.Errorf("%w: %d bytes, not %d", blob.ErrCorrupt, n, size)
	}
	return n, err
}
