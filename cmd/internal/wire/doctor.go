package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A Finding of the doctor says how one thing is, and what to do if it is not
// well, in Vietnamese and English.
type Finding struct {
	What  string   `json:"what"`  // a short name that scripts may rely on
	State Standing `json:"state"` // ok, note or broken
	VI    string   `json:"vi"`
	EN    string   `json:"en"`
	DoVI  string   `json:"doVi,omitempty"`
	DoEN  string   `json:"doEn,omitempty"`
}

// A Standing is how a thing is.
type Standing string

// The standings of findings.
const (
	Well   Standing = "ok"
	Note   Standing = "note"   // it works, and should be known or bettered
	Broken Standing = "broken" // something does not work, or bytes are in danger
)

func well(what, vi, en string) Finding { return Finding{What: what, State: Well, VI: vi, EN: en} }

func broken(what string, err error, doVI, doEN string) Finding {
	return Finding{What: what, State: Broken, VI: err.Error(), EN: err.Error(), DoVI: doVI, DoEN: doEN}
}

// patience is how long one thing may take to answer the doctor.
const patience = time.Minute

// Doctor looks at everything a house of these settings needs, in one go: a thing
// that is broken does not keep the others from being looked at. It changes
// nothing but small files and objects of its own, which it removes again; a
// service may be running. What was found out before, see [Environment], comes
// first.
func Doctor(ctx context.Context, s Settings, before ...Finding) []Finding {
	d := doctor{s}
	out := slices.Clone(before)
	for _, look := range []func(context.Context) []Finding{d.settings, d.directory, d.space, d.database, d.figures, d.stores, d.files,
		d.queue, d.stamps, d.keys, d.recogniser, d.tools, d.malware, d.drops, d.caps, d.clock} {
		own, cancel := context.WithTimeout(ctx, patience)
		out = append(out, look(own)...)
		cancel()
	}
	return out
}

type doctor struct{ s Settings }

func (d doctor) settings(context.Context) []Finding {
	if err := d.s.check(); err != nil {
		return []Finding{broken("settings", err, "sửa biến môi trường nêu trên", "correct the setting that is named")}
	}
	return []Finding{well("settings", "các thiết lập hợp nhau", "the settings fit together")}
}

// entered says whether others can enter the data directory. One that the service has
// through its group alone, as Kubernetes lends volumes (fsGroup: root's, of the pod's
// group, with the set-group-ID bit), is as it should be: nobody can take the group's
// rights away without taking the service's, and it may not even change them.
func entered(dir string, info os.FileInfo, uid int, groups []int) (f Finding, said bool) {
	perm := info.Mode().Perm()
	if perm&0o077 == 0 {
		return f, false
	}
	f = Finding{What: "directory-rights", State: Broken, VI: fmt.Sprintf("người khác vào được thư mục dữ liệu (%v)", perm),
		EN: fmt.Sprintf("others can enter the data directory (%v)", perm), DoVI: "chmod 700 " + dir, DoEN: "chmod 700 " + dir}
	switch {
	case !lent(info, uid, groups) || perm&0o002 != 0:
	case perm&0o007 == 0:
		f = well("directory-rights", fmt.Sprintf("chỉ nhóm của dịch vụ vào được thư mục dữ liệu (%v, fsGroup)", perm), fmt.Sprintf("the service's group alone can enter the data directory (%v, fsGroup)", perm))
	default:
		f.State = Note
		f.DoVI, f.DoEN = "ổ đĩa do fsGroup cấp: nếu máy còn người dùng khác, chủ của thư mục chạy chmod o-rwx "+dir, "the volume was lent by fsGroup: where the machine has other users, its owner runs chmod o-rwx "+dir
	}
	return f, true
}

// lent reports whether a directory is root's, and the service's through its group.
func lent(info os.FileInfo, uid int, groups []int) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Uid == 0 && uid != 0 && info.Mode()&os.ModeSetgid != 0 && slices.Contains(groups, int(owner.Gid))
}

// groups are those of this process; without the others if they cannot be had.
func groups() []int {
	more, _ := os.Getgroups()
	return append(more, os.Getegid())
}

// directory tries in the data directory what the house does there.
func (d doctor) directory(context.Context) []Finding {
	info, err := os.Stat(d.s.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return []Finding{{What: "directory", State: Note, VI: "chưa có thư mục dữ liệu " + d.s.Data, EN: "there is no data directory " + d.s.Data + " yet",
			DoVI: "lần chạy sohoa serve đầu tiên sẽ tạo", DoEN: "the first sohoa serve makes it"}}
	case err != nil:
		return []Finding{broken("directory", err, "kiểm tra quyền của thư mục dữ liệu", "look at the rights of the data directory")}
	}
	if err := whole(d.s); err != nil {
		return []Finding{broken("restore", err, "chạy lại đúng lệnh sohoa restore đó", "run the same sohoa restore again")}
	}
	if err := tryDirectory(d.s.Data); err != nil {
		return []Finding{broken("directory", err, "cấp quyền ghi cho người dùng chạy dịch vụ; thư mục phải nằm trên hệ tệp có liên kết cứng",
			"give the service's user the right to write; the file system must know hard links")}
	}
	out := []Finding{well("directory", "ghi, đồng bộ và liên kết được trong "+d.s.Data, "writes, syncs and links work in "+d.s.Data)}
	if f, said := entered(d.s.Data, info, os.Geteuid(), groups()); said {
		out = append(out, f)
	}
	held, err := lock(d.s.Data)
	if err != nil {
		return append(out, Finding{What: "service", State: Well, VI: "một dịch vụ đang chạy trên thư mục này; dịch vụ thứ hai sẽ bị từ chối", EN: "a service is working on this directory; a second one would be refused"})
	}
	_ = held.Close()
	return append(out, well("service", "không có dịch vụ nào đang chạy trên thư mục này", "no service is working on this directory"))
}

// tryDirectory writes, syncs, links and removes a file.
func tryDirectory(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString("doctor")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	other := f.Name() + ".link"
	if err := os.Link(f.Name(), other); err != nil {
		return err
	}
	return os.Remove(other)
}

const (
	leastSpace = 1 << 30 // bytes; below, an upload of the largest size may not fit twice
	fewInodes  = 10_000
)

// space looks at the disks of all directories.
func (d doctor) space(context.Context) (out []Finding) {
	dirs := []string{d.s.Data}
	if d.s.Second.Dir != "" && d.s.Second.S3.Endpoint == "" {
		dirs = append(dirs, d.s.Second.Dir)
	}
	for _, dir := range dirs {
		var st syscall.Statfs_t
		at := dir
		for syscall.Statfs(at, &st) != nil && at != filepath.Dir(at) { // not made yet: where it will be
			at = filepath.Dir(at)
		}
		free := int64(st.Bavail) * st.Bsize
		share := 100 * float64(st.Bavail) / float64(max(st.Blocks, 1))
		f := well("space", fmt.Sprintf("%s: còn %d MiB (%.0f %%)", dir, free>>20, share), fmt.Sprintf("%s: %d MiB free (%.0f %%)", dir, free>>20, share))
		f.DoVI, f.DoEN = "thêm đĩa, hoặc chuyển kho sang S3 bằng sohoa store copy", "add a disk, or move the store to S3 with sohoa store copy"
		switch {
		case free < leastSpace, st.Files > 0 && st.Ffree < fewInodes:
			f.State = Broken
		case share < 10:
			f.State = Note
		default:
			f.DoVI, f.DoEN = "", ""
		}
		out = append(out, f)
	}
	return out
}

// spoken joins what is found into one line.
func spoken(list []string) string { return strings.Join(list, "; ") }
