package picture

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// unfinished begins the names of files that are being written.
const unfinished = "new-"

// forgotten is how old what is being written is when nobody writes it any more:
// its process was killed.
const forgotten = time.Hour

// An old is a kept picture.
type old struct {
	path string
	size int64
	used time.Time
}

// prune counts what is kept, by whichever process, and takes away what was used
// longest ago until a tenth of the room is free again. Two at once do no harm:
// what is gone is gone.
func (g *Gallery) prune() {
	g.mu.Lock()
	defer g.mu.Unlock()
	entries, err := os.ReadDir(g.Dir)
	if err != nil {
		return
	}
	var all []old
	sum := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		path := filepath.Join(g.Dir, e.Name())
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasPrefix(e.Name(), unfinished):
			if g.Now().Sub(info.ModTime()) > forgotten {
				os.Remove(path)
			}
		case strings.HasSuffix(e.Name(), ending):
			all = append(all, old{path, info.Size(), info.ModTime()})
			sum += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b old) int {
		return cmp.Or(a.used.Compare(b.used), strings.Compare(a.path, b.path))
	})
	for _, o := range all {
		if sum <= g.Most/10*9 {
			break
		}
		if os.Remove(o.path) == nil || !exists(o.path) {
			sum -= o.size
		}
	}
	g.kept = sum
}

// Forget takes away what is kept of a file.
func (g *Gallery) Forget(sum string) {
	if !sumForm().MatchString(sum) {
		return
	}
	all, err := filepath.Glob(filepath.Join(g.Dir, sum+"-*"+ending))
	if err != nil {
		return
	}
	for _, path := range all {
		os.Remove(path)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
