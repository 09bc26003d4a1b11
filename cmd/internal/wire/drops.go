package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	taking "sohoa/ingest/drop"
	"sohoa/ingest/drop/doors"
	"sohoa/web"
)

// Drops are the doors by which scanners and shared folders come in.
type Drops struct {
	Folders []DropFolder
	Keep    bool          // taken files stay, in "taken"; else they are removed
	Quiet   time.Duration // a file of a folder is whole when it stood still so long
	SFTP    string        // host:port; empty: that door is shut

	wrong error // what was written and cannot be meant
}

// A DropFolder is a directory whose files are an agency's.
type DropFolder struct {
	Agency dossier.AgencyCode
	Dir    string
}

// How long a file of a shared folder stands still before it is whole, and how often
// folders and boxes are looked at when nothing tells of changes there.
const (
	usualQuiet = 5 * time.Second
	lookFolder = 2 * time.Second
	lookBoxes  = time.Second
)

// readDrops reads SOHOA_DROP_FOLDERS (AGENCY=DIRECTORY, with commas between them),
// SOHOA_DROP_KEEP (1: taken files stay), SOHOA_DROP_QUIET (seconds) and
// SOHOA_DROP_SFTP_ADDR.
func readDrops(getenv func(string) string) Drops {
	d := Drops{Keep: getenv("SOHOA_DROP_KEEP") == "1", Quiet: seconds(getenv("SOHOA_DROP_QUIET"), usualQuiet), SFTP: getenv("SOHOA_DROP_SFTP_ADDR")}
	for one := range strings.SplitSeq(getenv("SOHOA_DROP_FOLDERS"), ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		code, dir, ok := strings.Cut(one, "=")
		if !ok || code == "" || !filepath.IsAbs(dir) {
			d.wrong = errors.New("SOHOA_DROP_FOLDERS is AGENCY=/DIRECTORY, with commas between them")
			continue
		}
		d.Folders = append(d.Folders, DropFolder{dossier.AgencyCode(code), filepath.Clean(dir)})
	}
	return d
}

func (d Drops) check() error {
	if d.wrong != nil {
		return d.wrong
	}
	if d.Quiet < 0 || d.Quiet > time.Hour {
		return errors.New("SOHOA_DROP_QUIET is between 0 and 3600 (seconds)")
	}
	for i, a := range d.Folders {
		for _, b := range d.Folders[:i] {
			if a.Dir == b.Dir || strings.HasPrefix(a.Dir, b.Dir+"/") || strings.HasPrefix(b.Dir, a.Dir+"/") {
				return fmt.Errorf("SOHOA_DROP_FOLDERS: %s and %s are one within the other: a file would be two agencies'", a.Dir, b.Dir)
			}
		}
	}
	return nil
}

// spool is where the boxes of scanners are: not among what is void at a start.
func (s Settings) spool() string { return filepath.Join(s.Data, "inbox") }

// doorKey is the file of the key that the SFTP door is known by.
func (s Settings) doorKey() string { return filepath.Join(s.SharedDir(), "sftp-host-key") }

func (h *House) taker() *taking.Taker {
	return &taking.Taker{Rows: h.DB, Door: h.Door, Words: web.RefusalWords, Gate: (&gate{h: h}).pass}
}

// dropDoors says which doors are open, for an administrator.
func (h *House) dropDoors() (open []string) {
	if at := h.Settings.Drops.SFTP; at != "" {
		open = append(open, "SFTP "+at)
	}
	for _, f := range h.Settings.Drops.Folders {
		open = append(open, string(f.Agency)+" = "+f.Dir)
	}
	return open
}

// watchFolders looks after the shared folders until ctx ends. A folder that is not
// there is asked for again; it keeps the others from nothing.
func (h *House) watchFolders(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range h.Settings.Drops.Folders {
		sum := digest.Of([]byte(f.Dir)).String()
		w := &taking.Watch{Taker: h.taker(), Every: lookFolder, Log: h.Log,
			Inbox: taking.Inbox{Dir: f.Dir, ID: "folder-" + sum[:12], Agency: f.Agency, Source: drop.Folder, Quiet: h.Settings.Drops.Quiet, Keep: h.Settings.Drops.Keep}}
		g.Go(func() error { return w.Run(ctx) })
	}
	g.Go(func() error { <-ctx.Done(); return nil })
	return g.Wait()
}

// openDoors lets scanners in, if a door has an address, and takes what lies in their
// boxes until ctx ends.
func (h *House) openDoors(ctx context.Context) error {
	if h.sftp == nil {
		return nil
	}
	spool := &doors.Spool{Dir: h.Settings.spool(), Bytes: Limits.Bytes}
	if err := os.MkdirAll(spool.Dir, 0o700); err != nil {
		return err
	}
	var key ssh.Signer
	if err := h.Settings.Alone(ctx, func() (err error) {
		key, err = doors.HostKey(h.Settings.doorKey())
		return err
	}); err != nil {
		return fmt.Errorf("key of the SFTP door: %w", err)
	}
	d := &doors.SFTP{Guard: &doors.Guard{Accounts: h.DB, Now: h.Settings.now}, Spool: spool, Key: key, Log: h.Log, Clock: time.Now}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.Serve(ctx, h.sftp) })
	g.Go(func() error { return h.watchBoxes(ctx, spool) })
	return g.Wait()
}

// watchBoxes takes what scanners have sent, of every account, until ctx ends.
func (h *House) watchBoxes(ctx context.Context, spool *doors.Spool) error {
	watches := map[string]*taking.Watch{}
	clock := time.NewTicker(lookBoxes)
	defer clock.Stop()
	var tidied time.Time
	for {
		if now := h.Settings.now(); now.Sub(tidied) > doors.Forgotten {
			tidied = now
			if err := spool.Tidy(ctx, now); err != nil && ctx.Err() == nil {
				h.Log.ErrorContext(ctx, "boxes not tidied", "err", err)
			}
		}
		if err := h.lookBoxes(ctx, watches); err != nil && ctx.Err() == nil {
			h.Log.ErrorContext(ctx, "boxes not looked at", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		}
	}
}

func (h *House) lookBoxes(ctx context.Context, watches map[string]*taking.Watch) error {
	accounts, err := h.DB.Scanners(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts { // what came before an account ended is taken too
		dir := filepath.Join(h.Settings.spool(), a.ID, string(drop.SFTP))
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		w := watches[dir]
		if w == nil {
			w = &taking.Watch{Taker: h.taker(), Log: h.Log, Inbox: taking.Inbox{Dir: dir, ID: a.ID + "/" + string(drop.SFTP), Agency: a.Agency, Source: drop.SFTP, Scanner: a.ID, Keep: false}}
			watches[dir] = w
		}
		n, err1 := w.Look(ctx)
		if n > 0 {
			h.Log.InfoContext(ctx, "scanner", "scanner", a.ID, "files", n)
		}
		err = cmp.Or(err, err1)
	}
	return err
}

// drops looks at the doors of scanners.
func (d doctor) drops(context.Context) (out []Finding) {
	if err := d.s.Drops.check(); err != nil {
		return nil // said among the settings
	}
	for _, f := range d.s.Drops.Folders {
		if err := tryDirectory(f.Dir); err != nil {
			out = append(out, broken("drop-folder", fmt.Errorf("SOHOA_DROP_FOLDERS, %s: %w", f.Agency, err), "gắn thư mục, cấp quyền ghi cho người dùng chạy dịch vụ", "mount the folder, and give the service's user the right to write there"))
			continue
		}
		out = append(out, well("drop-folder", "đọc ghi được thư mục quét "+f.Dir+" của "+string(f.Agency), "the scan folder "+f.Dir+" of "+string(f.Agency)+" can be read and written"))
	}
	if d.s.Drops.SFTP == "" {
		return append(out, well("drop-sftp", "cửa SFTP cho máy quét đang đóng", "the SFTP door for scanners is shut"))
	}
	b, err := os.ReadFile(d.s.doorKey())
	if errors.Is(err, fs.ErrNotExist) {
		return append(out, Finding{What: "drop-sftp", State: Note, VI: "cửa SFTP chưa có khóa máy chủ; lần chạy dịch vụ đầu tiên sẽ tạo", EN: "the SFTP door has no host key yet; the first start makes it"})
	}
	key, err1 := ssh.ParsePrivateKey(b)
	if err := errors.Join(err, err1); err != nil {
		return append(out, broken("drop-sftp", err, "xóa tệp sftp-host-key để tạo khóa mới, rồi báo dấu vân tay mới cho các máy quét", "remove sftp-host-key for a new one, and tell the scanners its fingerprint"))
	}
	sum := ssh.FingerprintSHA256(key.PublicKey())
	return append(out, well("drop-sftp", "cửa SFTP ở "+d.s.Drops.SFTP+", dấu vân tay "+sum, "the SFTP door is at "+d.s.Drops.SFTP+", fingerprint "+sum))
}
