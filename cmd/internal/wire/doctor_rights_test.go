package wire

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aDirectory is what stat(2) says of one.
type aDirectory struct {
	mode     fs.FileMode
	uid, gid uint32
}

func (d aDirectory) Name() string       { return "data" }
func (d aDirectory) Size() int64        { return 0 }
func (d aDirectory) Mode() fs.FileMode  { return d.mode | fs.ModeDir }
func (d aDirectory) ModTime() time.Time { return time.Time{} }
func (d aDirectory) IsDir() bool        { return true }
func (d aDirectory) Sys() any           { return &syscall.Stat_t{Uid: d.uid, Gid: d.gid} }

// A directory that others can enter is broken, but for one that Kubernetes lends the
// service through its group (uid 10001 of group 10001 here).
func TestWhoEnters(t *testing.T) {
	const setgid = os.ModeSetgid
	for name, c := range map[string]struct {
		dir  aDirectory
		want Standing // "" nothing is said
	}{
		"its own":                           {aDirectory{0o700, 10001, 10001}, ""},
		"its own, the group too":            {aDirectory{0o750, 10001, 10001}, Broken},
		"its own, all":                      {aDirectory{0o755, 10001, 10001}, Broken},
		"its own, with the bit":             {aDirectory{0o770 | setgid, 10001, 10001}, Broken},
		"fsGroup":                           {aDirectory{0o770 | setgid, 0, 10001}, Well},
		"fsGroup as a second group":         {aDirectory{0o770 | setgid, 0, 20000}, Well},
		"fsGroup on what all could read":    {aDirectory{0o775 | setgid, 0, 10001}, Note},
		"fsGroup on what all could write":   {aDirectory{0o777 | setgid, 0, 10001}, Broken},
		"root's, of a group not its own":    {aDirectory{0o770 | setgid, 0, 100}, Broken},
		"root's, without the bit":           {aDirectory{0o770, 0, 10001}, Broken},
		"somebody else's, in a group of it": {aDirectory{0o770 | setgid, 1000, 10001}, Broken},
	} {
		f, said := entered("/data", c.dir, 10001, []int{20000, 10001})
		if said != (c.want != "") || f.State != c.want && said {
			t.Errorf("%s: %v %+v, want %q", name, said, f, c.want)
		}
		if said && f.State != Well && (!strings.Contains(f.DoVI, "/data") || !strings.Contains(f.DoEN, "/data")) {
			t.Errorf("%s does not say what to do: %+v", name, f)
		}
	}
	if f, _ := entered("/data", aDirectory{0o770 | setgid, 0, 10001}, 0, []int{10001}); f.State != Broken {
		t.Errorf("root has it through no group: %+v", f)
	}
}
