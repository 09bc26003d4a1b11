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
	WebDAV  string        // likewise
	Mail    MailIn

	Cert, Key string // PEM files, for WebDAV over TLS and STARTTLS; empty: neither

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
// SOHOA_DROP_KEEP (1: taken files stay), SOHOA_DROP_QUIET (seconds),
// SOHOA_DROP_SFTP_ADDR, SOHOA_DROP_WEBDAV_ADDR, SOHOA_DROP_CERT and SOHOA_DROP_KEY (PEM
// files), and SOHOA_DROP_MAIL_… (see [MailIn]).
func readDrops(getenv func(string) string) Drops {
	d := Drops{Keep: getenv("SOHOA_DROP_KEEP") == "1", Quiet: seconds(getenv("SOHOA_DROP_QUIET"), usualQuiet), SFTP: getenv("SOHOA_DROP_SFTP_ADDR"),
		WebDAV: getenv("SOHOA_DROP_WEBDAV_ADDR"), Cert: getenv("SOHOA_DROP_CERT"), Key: getenv("SOHOA_DROP_KEY")}
	d.Mail, d.wrong = readMail(getenv)
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
	if err := d.checkTLS(); err != nil {
		return err
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
	if at := h.Settings.Drops.WebDAV; at != "" {
		open = append(open, "WebDAV "+at)
	}
	for _, b := range h.Settings.Drops.Mail.Boxes {
		open = append(open, string(b.Agency)+" = "+b.Address)
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

// lookBoxes looks at each box that is there. Without any, nobody is asked anything.
func (h *House) lookBoxes(ctx context.Context, watches map[string]*taking.Watch) error {
	lying, err := os.ReadDir(h.Settings.spool())
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(lying) == 0 {
		return nil
	} else if err != nil {
		return err
	}
	boxes, err := h.boxes(ctx)
	if err != nil {
		return err
	}
	for _, in := range boxes { // what came before an account ended is taken too
		in.Dir = filepath.Join(h.Settings.spool(), filepath.FromSlash(in.ID))
		if _, err := os.Stat(in.Dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		w := watches[in.ID]
		if w == nil {
			w = &taking.Watch{Taker: h.taker(), Log: h.Log, Inbox: in}
			watches[in.ID] = w
		}
		n, err1 := w.Look(ctx)
		if n > 0 {
			h.Log.InfoContext(ctx, "box", "box", in.ID, "files", n)
		}
		err = cmp.Or(err, err1)
	}
	return err
}

// boxes are those of all accounts, by every door, and those of the addresses.
func (h *House) boxes(ctx context.Context) (out []taking.Inbox, err error) {
	accounts, err := h.DB.Scanners(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		for _, by := range []drop.Source{drop.SFTP, drop.WebDAV, drop.Scan} {
			out = append(out, taking.Inbox{ID: a.ID + "/" + string(by), Agency: a.Agency, Source: by, Scanner: a.ID})
		}
	}
	for _, b := range h.Settings.Drops.Mail.Boxes {
		out = append(out, taking.Inbox{ID: b.ID() + "/" + string(drop.Mail), Agency: b.Agency, Source: drop.Mail})
	}
	return out, nil
}

// drops looks at the doors of scanners.
func (d doctor) drops(context.Context) (out []Finding) {
	if err := d.s.Drops.check(); err != nil {
		return nil // said among the settings
	}
	for _, f := range d.s.Drops.Folders {
		err := tryFolder(f.Dir)
		if errors.Is(err, errSilent) {
			out = append(out, broken("drop-folder", fmt.Errorf("SOHOA_DROP_FOLDERS, %s=%s: %w", f.Agency, f.Dir, err), "kiểm tra máy chủ chia sẻ tệp và đường mạng; các thư mục khác vẫn chạy; muốn dịch vụ không bị giữ thì gắn NFS kiểu soft", "look at the file server and the network; the other folders go on; NFS that is mounted soft holds nobody"))
			continue
		}
		if err != nil {
			out = append(out, broken("drop-folder", fmt.Errorf("SOHOA_DROP_FOLDERS, %s: %w", f.Agency, err), "gắn thư mục, cấp quyền ghi cho người dùng chạy dịch vụ", "mount the folder, and give the service's user the right to write there"))
			continue
		}
		out = append(out, well("drop-folder", "đọc ghi được thư mục quét "+f.Dir+" của "+string(f.Agency), "the scan folder "+f.Dir+" of "+string(f.Agency)+" can be read and written"))
	}
	return append(append(append(out, d.sftp()), d.webdav()), d.mail())
}

// errSilent is of a folder that owes an answer.
var errSilent = errors.New("the folder does not answer")

// folderPatience is how long a shared folder may take to answer the doctor.
const folderPatience = 5 * time.Second

// tryFolder reads and writes a folder that may be on a share whose server is away: who
// asks such a one is held until the server is back, so another asks.
func tryFolder(dir string) error {
	tried := make(chan error, 1)
	go func() {
		root, err := os.OpenRoot(dir) // as whoever looks after the folder does
		if err == nil {
			_, err = fs.ReadDir(root.FS(), ".")
			_ = root.Close()
		}
		tried <- cmp.Or(err, tryDirectory(dir))
	}()
	select {
	case err := <-tried:
		return err
	case <-time.After(folderPatience):
		return errSilent
	}
}

func (d doctor) sftp() Finding {
	if d.s.Drops.SFTP == "" {
		return well("drop-sftp", "cửa SFTP cho máy quét đang đóng", "the SFTP door for scanners is shut")
	}
	b, err := os.ReadFile(d.s.doorKey())
	if errors.Is(err, fs.ErrNotExist) {
		return Finding{What: "drop-sftp", State: Note, VI: "cửa SFTP chưa có khóa máy chủ; lần chạy dịch vụ đầu tiên sẽ tạo", EN: "the SFTP door has no host key yet; the first start makes it"}
	}
	key, err1 := ssh.ParsePrivateKey(b)
	if err := errors.Join(err, err1); err != nil {
		return broken("drop-sftp", err, "xóa tệp sftp-host-key để tạo khóa mới, rồi báo dấu vân tay mới cho các máy quét", "remove sftp-host-key for a new one, and tell the scanners its fingerprint")
	}
	sum := ssh.FingerprintSHA256(key.PublicKey())
	return well("drop-sftp", "cửa SFTP ở "+d.s.Drops.SFTP+", dấu vân tay "+sum, "the SFTP door is at "+d.s.Drops.SFTP+", fingerprint "+sum)
}
