package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/dossier/digest"
	"sohoa/pattern"
	"sohoa/storage/archive"
	"sohoa/storage/backup"
	"sohoa/storage/durable"
	"sohoa/storage/sqldb"
)

// at is where the house's rows are.
func (s Settings) at() sqldb.At {
	if s.Database != "" {
		return sqldb.At{Address: s.Database}
	}
	return sqldb.At{Path: filepath.Join(s.Data, "sohoa.db")}
}

// BackupOptions say how a house is backed up.
type BackupOptions struct {
	To     string // directory of the backups
	KeysTo string // directory for what must be kept apart; empty: nowhere
	Verify bool   // read every file that is in To already
	Pace   int64  // bytes in a second; 0: no limit
	Keep   int    // backups that stay; 0: all
}

// Backup backs the house in s.Data up; a service may be working on it. See
// [backup.Make]: the error wraps [backup.ErrIncomplete] if files are missing.
func Backup(ctx context.Context, s Settings, o BackupOptions) (r backup.Report, err error) {
	if err := errors.Join(s.check(), standing(s), whole(s)); err != nil {
		return r, err
	}
	if err := apartFrom(o.To, s.Data, o.KeysTo); err != nil {
		return r, err
	}
	main, err := openBlobs(ctx, s)
	if err != nil {
		return r, fmt.Errorf("files of the archive: %w", err)
	}
	src := backup.Source{Rows: s.at(), Main: main, Temp: s.Data}
	if second := openSecond(s); second != nil {
		src.Second = second
	}
	if src.Apart, err = apart(s); err != nil {
		return r, err
	}
	if src.House, err = houseFiles(s); err != nil {
		return r, err
	}
	src.House = append(src.House, backup.HouseBytes{Path: restoredSettings + "/settings.env", Bytes: settingsText(s)})
	to, err := openBackup(ctx, s, o.To, s.Seal)
	if err != nil {
		return r, err
	}
	if s.Seal.Ring != "" {
		if src.Ring, err = os.ReadFile(s.Seal.Ring); err != nil {
			return r, err
		}
		src.Key = wrappedBy(src.Ring)
	}
	if o.KeysTo != "" {
		if err := copyKeys(s, o.KeysTo); err != nil {
			return r, fmt.Errorf("keys to be kept apart: %w", err)
		}
	}
	r, err = backup.Make(ctx, o.To, to, src, backup.Options{Verify: o.Verify, Pace: o.Pace, Now: s.now})
	if err == nil && o.Keep > 0 {
		_, _, err = backup.Forget(ctx, o.To, to, o.Keep)
	}
	return r, err
}

// openBackup opens the store in the directory of backups, which is made if need
// be for nobody but its owner.
func openBackup(ctx context.Context, s Settings, dir string, seal Seal) (archive.Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	store, err := openPlace(ctx, Place{Dir: filepath.Join(dir, backup.FolderFiles), Seal: seal}, s)
	if err != nil {
		return nil, fmt.Errorf("store of the backup: %w", err)
	}
	return store, nil
}

// apartFrom refuses a backup within the house or the house within it, and keys
// within either: what is lost with the house is no backup of it, and keys beside
// what they open protect nothing.
func apartFrom(dirs ...string) error {
	for i, a := range dirs {
		for j, b := range dirs {
			if i != j && a != "" && b != "" && (a == b || strings.HasPrefix(b, strings.TrimSuffix(a, "/")+"/")) {
				return fmt.Errorf("%s lies in %s: backup, house and keys are kept apart from each other", b, a)
			}
		}
	}
	return nil
}

// houseFiles are the small files of a house that a backup holds: public keys of
// the ledger, roots, evidence of what was mended, and where keys are.
func houseFiles(s Settings) (out []backup.HouseBytes, err error) {
	out = append(out, backup.HouseBytes{Path: "ledger/" + ledgerKeys, At: filepath.Join(s.ledger(), ledgerKeys)})
	for name, dir := range map[string]string{"trust": s.trust(), "evidence": filepath.Join(s.Data, "evidence")} {
		files, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.Type().IsRegular() {
				out = append(out, backup.HouseBytes{Path: name + "/" + f.Name(), At: filepath.Join(dir, f.Name())})
			}
		}
	}
	if s.Keys != "" {
		out = append(out, backup.HouseBytes{Path: restoredSettings + "/keys.json", At: s.Keys})
	}
	return out, nil
}

// restoredSettings is the folder of settings as they were: a person reads them
// and sets those of the new machine.
const restoredSettings = "settings-of-the-backup"

// notKept are settings that a backup does not write down: they are of the process
// that runs, and read before there is a house.
var notKept = pattern.Late(`^SOHOA_(LOG|ROLE|LIMIT_[A-Z_]+)$`)

// settingsText writes the settings down, without what may be secret: all that [Read]
// read, and those that a flag said instead.
func settingsText(s Settings) []byte {
	said := maps.Clone(s.said)
	if said == nil {
		said = map[string]string{}
	}
	instead := func(name, value string) {
		if value != "" {
			said[name] = value
		}
	}
	instead("SOHOA_DATA", s.Data)
	instead("SOHOA_ADDR", s.Addr)
	instead("SOHOA_DATABASE_URL", s.Database)
	instead("SOHOA_REDIS_URL", s.RedisURL)
	for prefix, p := range map[string]Place{"SOHOA": {S3: s.S3, Seal: s.Seal}, "SOHOA_SECOND": s.Second} {
		for _, x := range [][2]string{{"_DIR", p.Dir}, {"_S3_ENDPOINT", p.S3.Endpoint}, {"_S3_BUCKET", p.S3.Bucket}, {"_S3_PREFIX", p.S3.Prefix}, {"_S3_REGION", p.S3.Region},
			{"_S3_KEY_FILE", p.S3.KeyFile}, {"_S3_LOCK", p.S3.Lock}, {"_SEAL_RING", p.Seal.Ring}, {"_SEAL_KEY", p.Seal.Key}, {"_SEAL_PIN", p.Seal.PIN}} {
			instead(prefix+x[0], x[1])
		}
	}
	instead("SOHOA_TRUST_DIR", s.Trust)
	instead("SOHOA_TSA", s.TSA)
	instead("SOHOA_KEYS", s.Keys)
	instead("SOHOA_LEDGER_NAME", s.LedgerName)
	instead("SOHOA_JUDGE", s.Judge)
	if s.Real {
		instead("SOHOA_REAL", "1")
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if maySecret(name, said[name]) {
			fmt.Fprintf(&b, "# %s was set; it may hold a password, so it is not here\n", name)
			continue
		}
		fmt.Fprintf(&b, "%s=%s\n", name, said[name])
	}
	return []byte(b.String())
}

// maySecret reports whether a setting may hold a password: addresses of databases,
// and whatever address says who comes.
func maySecret(name, value string) bool {
	if name == "SOHOA_DATABASE_URL" || name == "SOHOA_REDIS_URL" {
		return true
	}
	u, err := url.Parse(value)
	return strings.Contains(value, "://") && (err != nil || u.User != nil || u.RawQuery != "")
}

// CheckBackup reads everything that belongs to a backup in dir, the newest if
// name is empty, and holds it against its digests.
func CheckBackup(ctx context.Context, s Settings, dir, name string, progress func(int64)) (r backup.Report, err error) {
	e, err := backup.Find(dir, name)
	if err != nil {
		return r, err
	}
	store, err := backupStore(ctx, s, dir, e, "")
	if err != nil {
		return r, err
	}
	return backup.Check(ctx, dir, store, e, progress)
}

// Restored is what a restore came to.
type Restored struct {
	backup.Report
	Search  int `json:"search"`  // papers that are found again
	Orphans int `json:"orphans"` // files in the store that no row names
}

// RestoreOptions say what is restored.
type RestoreOptions struct {
	From        string // directory of the backups
	Name        string // of the backup; empty: the newest
	Keys        string // directory of what was kept apart; empty: none
	WithoutKeys bool   // begin with new keys of the ledger and of development
	Pace        int64
	Log         *slog.Logger
}

// ErrOccupied: the place where a house is to be restored is not empty.
var ErrOccupied = errors.New("is not empty: a house is restored into a new directory")

// restoring marks a directory into which a restore was begun and has not come to
// its end. It names the backup.
const restoring = "restoring"

// Restore makes the house of a backup anew in s.Data, with rows and files where
// the settings say. Broken off, the same call does the rest; until then no
// service works on it.
func Restore(ctx context.Context, s Settings, o RestoreOptions) (r Restored, err error) {
	if err := s.check(); err != nil {
		return r, err
	}
	if err := apartFrom(o.From, s.Data, o.Keys); err != nil {
		return r, err
	}
	e, err := backup.Find(o.From, o.Name)
	if err != nil {
		return r, err
	}
	again, err := begun(s.Data, e)
	if err != nil {
		return r, err
	}
	if err := keysAtHand(s, e.Manifest, o); err != nil {
		return r, err
	}
	from, err := backupStore(ctx, s, o.From, e, o.Keys)
	if err != nil {
		return r, err
	}
	held, err := lock(s.Data)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	if err := durable.Replace(filepath.Join(s.Data, restoring), []byte(e.Name+"\n"), 0o600); err != nil {
		return r, err
	}
	main, err := targetStore(ctx, s, o, e)
	if err != nil {
		return r, err
	}
	t := backup.Target{Main: main, Rows: s.at(), Data: s.Data, Now: s.now, Pace: o.Pace, Again: again}
	var lost error
	if r.Report, err = backup.Restore(ctx, from, e, t); errors.Is(err, backup.ErrIncomplete) {
		lost, err = err, nil
	}
	if err == nil {
		err = giveKeys(s, e.Manifest, o)
	}
	if err == nil {
		err = r.settle(ctx, s, main, o.Log)
	}
	if err == nil {
		err = os.Remove(filepath.Join(s.Data, restoring))
	}
	return r, errors.Join(err, lost)
}

// begun says whether a restore of this backup was begun in a directory; one with
// anything else in it is refused.
func begun(dir string, e backup.Entry) (bool, error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0 {
		return false, nil
	} else if err != nil {
		return false, err
	}
	name, err := os.ReadFile(filepath.Join(dir, restoring))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("%s %w", dir, ErrOccupied)
	case err != nil:
		return false, err
	case strings.TrimSpace(string(name)) != e.Name:
		return false, fmt.Errorf("%s %w; a restore of %s was begun in it", dir, ErrOccupied, strings.TrimSpace(string(name)))
	}
	return true, nil
}

// whole says whether a restore into a directory is still to come to its end.
func whole(s Settings) error {
	if _, err := os.Stat(filepath.Join(s.Data, restoring)); err == nil {
		return fmt.Errorf("a restore into %s was broken off: run the same sohoa restore again, it does the rest", s.Data)
	}
	return nil
}

// settle brings the restored tables up to date, holds the ledger against the
// backup's, makes the search anew, and looks for files that no row names.
func (r *Restored) settle(ctx context.Context, s Settings, main archive.Store, log *slog.Logger) (err error) {
	db, err := openRowsAt(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	root, err := db.LogRoot(ctx, r.Log.Size)
	if err != nil {
		return err
	}
	if digest.Digest(root) != r.Log.Root {
		return fmt.Errorf("%w: its ledger does not have the root that it says", backup.ErrDamaged)
	}
	if r.Search, err = indexer(s, db, main, log).Rebuild(ctx, true, nil); err != nil {
		return err
	}
	var some []digest.Digest
	count := func() error {
		stray, err := db.Unnamed(ctx, some)
		r.Orphans, some = r.Orphans+len(stray), some[:0]
		return err
	}
	if err := main.Walk(ctx, func(d digest.Digest) error {
		if some = append(some, d); len(some) < 1000 {
			return nil
		}
		return count()
	}); err != nil {
		return err
	}
	return count()
}
