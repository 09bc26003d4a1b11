package packages

import (
	"archive/zip"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa/jail"
)

// A sum is what a file is known by.
type sum struct {
	size   int64
	sha256 [sha256.Size]byte
	sha512 [sha512.Size]byte
}

// members are the files of a package that somebody brings, by their paths below
// its one root folder.
type members struct {
	root  string
	names []string
	open  func(name string) (io.ReadCloser, int64, error)
	most  int64 // bytes that all may have
	close func() error
}

func damaged(format string, args ...any) error {
	return &jail.Refusal{Code: CodeDamaged, Text: fmt.Sprintf(format, args...)}
}

// open opens a ZIP file or a directory.
func open(at string) (*members, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openDir(at)
	}
	return openZip(at, info.Size())
}

func openZip(at string, size int64) (*members, error) {
	z, err := zip.OpenReader(at)
	if errors.Is(err, zip.ErrFormat) {
		return nil, &jail.Refusal{Code: CodeKind, Text: "it is neither a directory nor a ZIP file"}
	} else if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged("the ZIP cannot be read: %v", err)
	}
	m := &members{most: min(mostBytes, max(size, 1<<20)*mostExpand), close: z.Close}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		if f.Mode().IsDir() || strings.HasSuffix(f.Name, "/") {
			continue
		}
		if f.Flags&1 != 0 || f.Method != zip.Store && f.Method != zip.Deflate || !f.Mode().IsRegular() {
			return nil, damaged("a file in the ZIP is encrypted, a link, or packed in an unknown way")
		}
		if err := m.add(f.Name); err != nil {
			return nil, err
		}
		files[m.names[len(m.names)-1]] = f
	}
	m.open = func(name string) (io.ReadCloser, int64, error) {
		f := files[name]
		r, err := f.Open()
		return r, int64(min(f.UncompressedSize64, mostBytes)), err
	}
	return m, m.whole()
}

func openDir(at string) (*members, error) {
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil, err
	}
	m := &members{most: mostBytes, close: root.Close}
	base := ""
	if _, err := root.Stat("bagit.txt"); err == nil { // it is the root folder itself
		base = path.Base(filepathSlash(at)) + "/"
	} else if _, err := root.Stat("METS.xml"); err == nil {
		base = path.Base(filepathSlash(at)) + "/"
	}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return damaged("a file in the directory is a link or a device")
		}
		return m.add(base + name)
	})
	if err != nil {
		return nil, err
	}
	m.open = func(name string) (io.ReadCloser, int64, error) {
		if base == "" {
			name = m.root + "/" + name
		}
		f, err := root.Open(name)
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		if err != nil {
			return nil, 0, errors.Join(err, f.Close())
		}
		return f, info.Size(), nil
	}
	return m, m.whole()
}

func filepathSlash(at string) string { return strings.TrimRight(at, "/") }

// add takes a file's whole name, and holds it to what a name may be.
func (m *members) add(name string) error {
	root, rest, ok := strings.Cut(name, "/")
	switch {
	case !fs.ValidPath(name) || !utf8.ValidString(name) || strings.ContainsAny(name, "\\\x00\r\n"):
		return damaged("a file's name leads out of the package, or is none")
	case !ok || m.root != "" && m.root != root:
		return damaged("the package has not one root folder with everything in it")
	case len(m.names) == mostFiles:
		return &jail.Refusal{Code: CodeObjects, Text: fmt.Sprintf("the package has more than %d files", mostFiles)}
	}
	m.root = root
	m.names = append(m.names, rest)
	return nil
}

// whole says what is wrong with all names together.
func (m *members) whole() error {
	if len(m.names) == 0 {
		return &jail.Refusal{Code: CodeKind, Text: "there is nothing in it"}
	}
	sorted := slices.Clone(m.names)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(m.names) {
		return damaged("two files in the package have one name") // readers differ on which of them counts
	}
	return nil
}

// sum reads every file once.
func (m *members) sum() (map[string]sum, error) {
	all := make(map[string]sum, len(m.names))
	left := m.most
	buffer := make([]byte, 256<<10)
	for _, name := range m.names {
		r, said, err := m.open(name)
		if err != nil {
			return nil, damaged("%v", err)
		}
		short, long := sha256.New(), sha512.New()
		n, err := io.CopyBuffer(io.MultiWriter(short, long), io.LimitReader(r, min(said, left)+1), buffer)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, damaged("a file in it cannot be read: %v", err)
		}
		if left -= n; left < 0 {
			return nil, &jail.Refusal{Code: CodeExpand, Text: "the package unpacks to more bytes than are taken"}
		}
		all[name] = sum{n, [sha256.Size]byte(short.Sum(nil)), [sha512.Size]byte(long.Sum(nil))}
	}
	return all, nil
}

// read returns a file of up to most bytes.
func (m *members) read(name string, most int64) ([]byte, error) {
	r, _, err := m.open(name)
	if err != nil {
		return nil, damaged("%v", err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, damaged("a file in it cannot be read: %v", err)
	}
	if int64(len(b)) > most {
		return nil, &jail.Refusal{Code: CodeBytes, Text: fmt.Sprintf("a file that describes the package is larger than %d bytes", most)}
	}
	return b, nil
}
