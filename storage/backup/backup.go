// Package backup keeps a whole house a second time, in a directory that needs
// nothing of the house to be checked and restored: its rows as they stood at one
// moment, every file that they name, and the small files beside them.
//
// Everything lies under its SHA-256 in one store ([sohoa/storage/blob]), the rows
// too: they are sealed where the archive is sealed, and what is there already is
// not copied again. A manifest is written last, and names all that belongs to
// one backup; several backups share a directory. Killed anywhere, the backups
// before are as they were, and the same command does the rest.
//
// Rows are read first and then the files that they name, since the house puts
// bytes before the row that names them: whatever the rows of that moment name is
// in its store, and stays there while a row names it.
package backup

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"sohoa/dossier/digest"
	"sohoa/storage/durable"
	"sohoa/storage/sqldb"
)

// Errors callers tell apart with [errors.Is].
var (
	// ErrNone: there is no backup in the directory, or none of that name.
	ErrNone = errors.New("no such backup")

	// ErrDamaged: a manifest, or rows that it names, are not what was written.
	ErrDamaged = errors.New("the backup is damaged")

	// ErrBusy: another backup or restore is working on the directory.
	ErrBusy = errors.New("another sohoa is working on it")

	// ErrIncomplete: files are missing; the report names them.
	ErrIncomplete = errors.New("files are missing")
)

// format is what a manifest begins with; another form would have another one.
const format = "sohoa backup 1"

// A File is one that lies in the backup's store.
type File struct {
	Sum  digest.Digest `json:"sha256"`
	Size int64         `json:"size"`
}

// A Manifest says what belongs to one backup. It holds nothing personal and
// nothing secret.
type Manifest struct {
	Format string    `json:"format"`
	At     time.Time `json:"at"`     // when its rows were read
	Engine string    `json:"engine"` // that they come from; any takes them

	Tables int64  `json:"tables"` // version of the tables
	Log    Head   `json:"ledger"`
	Rows   []Rows `json:"rows"`

	List  File  `json:"list"`  // of the files that rows name: digest, size and name, a line each
	Files int64 `json:"files"` // so many

	// Missing are those that no store gave when the backup was made.
	Missing []digest.Digest `json:"missing,omitempty"`

	House []HouseFile `json:"house"` // what lies beside rows and files

	// Ring names the ring of keys that the store is sealed with, in rings/; its
	// keys are wrapped by the one that RingKey tells. Empty: not sealed.
	Ring    string `json:"ring,omitempty"`
	RingKey string `json:"ringKey,omitempty"`

	Apart []Apart `json:"apart"`
}

// A Head is the size and the root of the ledger.
type Head struct {
	Size int64         `json:"size"`
	Root digest.Digest `json:"root"`
}

// Rows are those of a table.
type Rows struct {
	sqldb.Table
	File
	Count int64 `json:"count"`
}

// A HouseFile lies in the data directory under Path.
type HouseFile struct {
	Path string `json:"path"`
	File
}

// An Apart is something without which the house does not come back whole, and
// that is not in the backup because whoever has the backup must not have it.
type Apart struct {
	What string `json:"what"`         // ledger-key, seal-key, devca, keys
	ID   string `json:"id,omitempty"` // by which it can be told that it is the right one
	Note string `json:"note"`         // where it is, or how to keep it
}

// An Entry is a backup in a directory.
type Entry struct {
	Name string
	Manifest
}

const (
	folderManifests = "backups"
	folderRings     = "rings"

	// FolderFiles is where the store of a backup's directory is.
	FolderFiles = "blobs"

	nameTime = "20060102T150405.000Z"
)

// hold takes the directory for this process alone.
func hold(root string) (release func() error, err error) {
	f, err := os.OpenFile(filepath.Join(root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%s: %w; let it come to its end", root, ErrBusy), f.Close())
	} else if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}

// Backups lists the backups in a directory, the newest last. A manifest that is
// not what was written is an error that wraps [ErrDamaged], with those that are
// whole.
func Backups(root string) (list []Entry, err error) {
	found, err := os.ReadDir(filepath.Join(root, folderManifests))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", root, ErrNone)
	} else if err != nil {
		return nil, err
	}
	var wrong []error
	for _, e := range found {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue // one that was being written when its writer was killed
		}
		m, err := readManifest(root, e.Name())
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		list = append(list, Entry{e.Name(), m})
	}
	return list, errors.Join(wrong...)
}

// Find returns the backup of a name, or of the beginning of one; without a name
// the newest.
func Find(root, name string) (Entry, error) {
	list, err := Backups(root)
	if name == "" && err != nil {
		return Entry{}, err // which of them is the newest cannot be told
	}
	if len(list) > 0 && name == "" {
		return list[len(list)-1], nil
	}
	i := slices.IndexFunc(list, func(e Entry) bool { return strings.HasPrefix(e.Name, name) })
	if i >= 0 && name != "" {
		return list[i], nil
	}
	return Entry{}, errors.Join(fmt.Errorf("%s: %w", root, ErrNone), err)
}

// mostManifest is the most bytes of a manifest that are read.
const mostManifest = 256 << 20

func readManifest(root, name string) (m Manifest, err error) {
	path := filepath.Join(root, folderManifests, name)
	info, err := os.Stat(path)
	if err != nil {
		return m, err
	}
	if info.Size() > mostManifest {
		return m, fmt.Errorf("%w: manifest %s has %d bytes", ErrDamaged, name, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if !strings.HasSuffix(name, "-"+digest.Of(b).String()+".json") {
		return m, fmt.Errorf("%w: manifest %s is not what its name says", ErrDamaged, name)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: manifest %s: %w", ErrDamaged, name, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("manifest %s is of form %q, this program knows %q: use a newer program", name, m.Format, format)
	}
	return m, nil
}

// writeManifest writes a manifest whole or not at all, under the time of its
// rows and its digest.
func writeManifest(root string, m Manifest) (name string, err error) {
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", err
	}
	name = m.At.UTC().Format(nameTime) + "-" + digest.Of(b).String() + ".json"
	return name, lay(filepath.Join(root, folderManifests, name), b)
}

// lay writes a file whole or not at all, and has it on the disk.
func lay(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return durable.Replace(path, b, 0o600)
}

// layRing keeps a ring of wrapped keys beside the backups that need it.
func layRing(root string, ring []byte) (name string, err error) {
	sum := sha256.Sum256(ring)
	name = digest.Digest(sum).String()
	return name, lay(filepath.Join(root, folderRings, name), ring)
}

// Ring returns the ring of wrapped keys that a backup is sealed with; nil if it
// is not sealed.
func Ring(root string, m Manifest) ([]byte, error) {
	if m.Ring == "" {
		return nil, nil
	}
	if d, err := digest.Parse(m.Ring); err != nil {
		return nil, fmt.Errorf("%w: name of the ring", ErrDamaged)
	} else if b, err := os.ReadFile(filepath.Join(root, folderRings, d.String())); err != nil {
		return nil, fmt.Errorf("ring of the backup: %w", err)
	} else if digest.Of(b) != d {
		return nil, fmt.Errorf("%w: ring %s", ErrDamaged, d)
	} else {
		return b, nil
	}
}
