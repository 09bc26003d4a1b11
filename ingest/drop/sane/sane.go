// Package sane scans with scanners that have a driver of SANE, by its program
// scanimage(1) from Debian's sane-utils. The program is an outside one under the caps
// of package jail; it has the network and devices, which it is there for.
package sane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa/ingest/drop/escl"
	"sohoa/jail"
)

// Program is what has to be installed.
const Program = "scanimage"

// Settings are what somebody asks for, in the words of the scanner's driver (scanimage
// --help -d DEVICE); "" and 0 are left to it.
type Settings struct {
	Device string
	Source string
	Mode   string
	DPI    int
	Sheets int // at most; 0: until the feeder is empty
}

// check refuses what scanimage could take for another option.
func (s Settings) check() error {
	for what, v := range map[string]string{"device": s.Device, "source": s.Source, "mode": s.Mode} {
		if strings.HasPrefix(v, "-") || strings.ContainsAny(v, "\x00\n\r") || len(v) > 200 {
			return fmt.Errorf("%q is no name of a %s", v, what)
		}
	}
	if s.Device == "" {
		return errors.New("which scanner? scanimage -L lists them")
	}
	return nil
}

// said are the words for the ends of scanimage, which are those of SANE (SANE_Status).
var said = map[int][2]string{
	2:  {"lần quét bị hủy ở máy", "the scan was cancelled at the scanner"},
	3:  {"máy quét đang bận: chờ rồi thử lại", "the scanner is busy: wait and try again"},
	4:  {"máy quét không nhận cách quét này: xem scanimage --help -d MÁY", "the scanner does not take these settings: see scanimage --help -d DEVICE"},
	6:  {"kẹt giấy ở khay nạp: gỡ tờ kẹt, rồi quét tiếp từ tờ đó", "paper is jammed in the feeder: take it out, and go on with that sheet"},
	7:  {"khay nạp không có giấy: đặt giấy vào khay nạp", "the feeder is empty: put paper into it"},
	8:  {"nắp máy quét đang mở: đóng nắp", "the scanner's cover is open: close it"},
	9:  {"máy quét hỏng giữa chừng: kiểm tra dây, nguồn điện", "the scanner failed: look at its cable and power"},
	11: {"không có quyền dùng máy quét: thêm người chạy dịch vụ vào nhóm scanner", "no right to use the scanner: put the service's user into the group scanner"},
}

// Scan scans what lies there and gives each sheet to each, in order, as PNG; n is how
// many came whole. dir is a directory for files under way, most how large one may be.
// What ends it early is an [*escl.Trouble] in words, and what came before stands.
func Scan(ctx context.Context, s Settings, dir string, most int64, each func(format string, body io.Reader) error) (n int, err error) {
	if err := s.check(); err != nil {
		return 0, err
	}
	if dir, err = os.MkdirTemp(dir, "scan-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	args := []string{"-d", s.Device, "--format=png", "--batch=" + filepath.Join(dir, "p%06d.png")}
	if s.Sheets > 0 {
		args = append(args, fmt.Sprintf("--batch-count=%d", s.Sheets))
	}
	if s.Source != "" {
		args = append(args, "--source="+s.Source)
	}
	if s.Mode != "" {
		args = append(args, "--mode="+s.Mode)
	}
	if s.DPI > 0 {
		args = append(args, fmt.Sprintf("--resolution=%d", s.DPI))
	}
	limits := jail.Limits{Memory: 1 << 30, CPU: 30 * time.Minute, Wall: 2 * time.Hour, File: most, Network: true}
	ended := jail.Tool(ctx, limits, nil, io.Discard, Program, args...)
	list, err := filepath.Glob(filepath.Join(dir, "p??????.png"))
	if err != nil {
		return 0, err
	}
	slices.Sort(list)
	var exit interface {
		error
		ExitCode() int
	}
	if errors.As(ended, &exit) && exit.ExitCode() == 6 && len(list) > 0 {
		list = list[:len(list)-1] // the sheet in the feeder's teeth is not whole
	}
	for _, path := range list {
		if err := give(path, each); err != nil {
			return n, err
		}
		n++
	}
	switch {
	case ended == nil && n > 0:
		return n, nil
	case ended == nil:
		return 0, trouble(7)
	case exit != nil:
		return n, errors.Join(trouble(exit.ExitCode()), ended)
	}
	return n, ended
}

func give(path string, each func(string, io.Reader) error) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	return each("image/png", f)
}

func trouble(code int) error {
	w, ok := said[code]
	if !ok {
		w = [2]string{"scanimage không quét được: kiểm tra tên máy (scanimage -L)", "scanimage could not scan: look at the device's name (scanimage -L)"}
	}
	return &escl.Trouble{Code: fmt.Sprint("sane-", code), VI: w[0], EN: w[1]}
}
