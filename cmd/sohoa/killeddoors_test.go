package main

import (
	"bytes"
	"fmt"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier/digest"
	"sohoa/dossier/drop"
	"sohoa/storage/blob/blobtest"
	blobfs "sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
)

// A sent file is one that a scanner sends by a door until the house says yes, and how it
// has to end.
type sent struct {
	by   drop.Source
	name string
	body []byte
	want string // state and code
}

// TestKilledOverEveryDoor kills the real service again and again while scanners send by
// SFTP, WebDAV and letter, each sending a file again until it was told that it is there.
// In the end each is taken with all of its bytes, or refused with its reason beside it:
// none is lost, and none is there twice.
func TestKilledOverEveryDoor(t *testing.T) {
	ftp, dav, mail := port(t), port(t), port(t)
	own := string(wire.OwnAgency.Code)
	m := newMortal(t, "SOHOA_DROP_SFTP_ADDR="+ftp, "SOHOA_DROP_WEBDAV_ADDR="+dav, "SOHOA_DROP_MAIL_ADDR="+mail, "SOHOA_DROP_MAIL_BOXES=quet@xa.gov.vn="+own, "SOHOA_DROP_MAIL_SENDERS=may@xa.gov.vn")
	m.live()
	m.ready()
	ways := sendBy(t, m.data, ftp, dav, mail)
	var files []sent
	for by := range ways {
		for i := range 14 {
			f := sent{by, fmt.Sprintf("quet-%02d.jpg", i), sheetOf(t, 1+len(files)), "taken"}
			if i%5 == 3 {
				f.body, f.want = fmt.Appendf(nil, "not a paper %d", len(files)), "refused kind"
			}
			files = append(files, f)
		}
	}
	var coming sync.WaitGroup
	var again atomic.Int64 // sent and not told that it is there
	for by, send := range ways {
		coming.Go(func() {
			for _, f := range files {
				if f.by != by {
					continue
				}
				for end := time.Now().Add(3 * time.Minute); send(f.name, f.body) != nil; time.Sleep(50 * time.Millisecond) {
					if again.Add(1); time.Now().After(end) {
						t.Errorf("%s by %s was never told to be there", f.name, by)
						break
					}
				}
				time.Sleep(time.Duration(rand.IntN(900)) * time.Millisecond) // the next paper
			}
		})
	}
	for range 6 {
		time.Sleep(time.Duration(700+rand.IntN(900)) * time.Millisecond)
		m.kill()
		m.live()
	}
	coming.Wait()
	if again.Load() == 0 {
		t.Error("nothing was being sent when the service was killed")
	}
	m.ready()
	db := m.open()
	defer db.Close()
	rows := map[string][]drop.Drop{}
	for end := time.Now().Add(2 * time.Minute); len(rows) < len(files); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d files ended; the service says\n%s", len(rows), len(files), m.wrote())
		}
		rows = ended(t, db)
	}
	store, err := blobfs.Open(filepath.Join(m.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		of := rows[string(f.by)+digest.Of(f.body).String()]
		if len(of) != 1 || strings.TrimSpace(string(of[0].State)+" "+of[0].Code) != f.want || !strings.HasPrefix(of[0].Name, strings.TrimSuffix(f.name, ".jpg")) {
			t.Errorf("%s by %s: %+v, not %s", f.name, f.by, of, f.want)
		} else if kept, err := blobtest.Get(t, store, digest.Of(f.body)); f.want == "taken" && (err != nil || !bytes.Equal(kept, f.body)) {
			t.Errorf("%s by %s: its bytes are not all there: %v", f.name, f.by, err)
		}
	}
	if len(rows) != len(files) {
		t.Errorf("%d files are there, %d were sent", len(rows), len(files))
	}
	left, reasons := boxed(t, m.data)
	for end := time.Now().Add(time.Minute); left > 0 && time.Now().Before(end); left, reasons = boxed(t, m.data) {
		time.Sleep(100 * time.Millisecond)
	}
	if left > 0 || reasons != 3*len(ways) {
		t.Errorf("%d files still lie in the boxes, and %d reasons", left, reasons)
	}
	if strings.Contains(m.wrote(), "quet-") {
		t.Error("the log names files")
	}
}

// ended are the drops that do not wait, by door and bytes.
func ended(t *testing.T, db *sqldb.DB) map[string][]drop.Drop {
	t.Helper()
	list, err := db.Tray(t.Context(), nil, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]drop.Drop{}
	for _, d := range list {
		if d.State != drop.Waiting {
			at := string(d.Source) + d.Sum.String()
			rows[at] = append(rows[at], d)
		}
	}
	return rows
}

// boxed counts the files that lie in boxes under their own names, and the reasons that lie
// beside refused ones.
func boxed(t *testing.T, data string) (left, reasons int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(data, "inbox"), func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir() || strings.HasPrefix(e.Name(), "."):
		case strings.HasSuffix(path, ".ly-do.txt"):
			reasons++
		case filepath.Base(filepath.Dir(path)) != "refused":
			left++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return left, reasons
}

// TestKilledScans kills `sohoa scan` between and within sheets: each sheet that came whole
// is taken once, half a sheet waits and never is, and the scan that follows comes whole.
func TestKilledScans(t *testing.T) {
	if _, err := exec.LookPath("scanimage"); err != nil {
		t.Skip("scanimage is not installed (Debian: sane-utils)")
	}
	m := newMortal(t)
	m.live()
	m.ready()
	account := scannerAccount(t, m.data)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	scans := func(wait time.Duration) (whole bool) {
		cmd := exec.Command(self, "scan", "--sane", "test", "--as", account.Login, "--source", "Automatic Document Feeder", "--mode", "Color", "--dpi", "300", "--data", m.data)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if wait > 0 {
			time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		}
		return cmd.Wait() == nil
	}
	broken := 0
	for range 8 {
		if !scans(time.Duration(200+rand.IntN(700)) * time.Millisecond) {
			broken++
		}
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // names are by the second
	}
	if broken == 0 {
		t.Error("no scan was killed")
	}
	if !scans(0) {
		t.Fatal("the last scan did not come whole")
	}
	db := m.open()
	defer db.Close()
	left := 1
	for end := time.Now().Add(2 * time.Minute); left > 0 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		left, _ = boxed(t, m.data)
	}
	list, err := db.Tray(t.Context(), nil, "", 0)
	if err != nil || left > 0 || len(list) < 10 {
		t.Fatalf("%d sheets, %d are left in the box, %v", len(list), left, err)
	}
	store, err := blobfs.Open(filepath.Join(m.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, d := range list {
		if d.State == drop.Waiting && d.Code == drop.Partial { // half a sheet, which is shown and removed after a day
			continue
		}
		body, err := blobtest.Get(t, store, d.Sum)
		if err == nil {
			_, err = png.Decode(bytes.NewReader(body))
		}
		if err != nil || d.State != drop.Taken || d.Source != drop.Scan || names[d.Name] {
			t.Errorf("%+v: %v", d, err)
		}
		names[d.Name] = true
	}
	t.Logf("%d of 8 scans were killed, %d sheets came whole", broken, len(list))
}
