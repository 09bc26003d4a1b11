package drop_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier/drop"
	taking "sohoa/ingest/drop"
)

// A share that holds whoever asks it, as NFS does that is mounted hard, is told by name and
// keeps nobody else from anything: another folder goes on, what lay in it before is still
// said to wait, and when it answers its files are taken. The pipe in the folder's place
// holds who opens it until somebody writes into it.
func TestShareThatHangs(t *testing.T) {
	y := newYard(t)
	y.w.Silent = 200 * time.Millisecond
	other := newYard(t)
	s, o := watched(t, y), watched(t, other)
	y.put("trước.jpg.part", picture(t, 20))
	s.becomes("trước.jpg.part", "waiting partial")
	y.must(os.Rename(y.dir, s.away))
	y.must(syscall.Mkfifo(y.dir, 0o600))
	s.becomes(filepath.Base(y.dir), "waiting silent")
	if got := s.tray()["trước.jpg.part"]; got != "waiting partial" {
		t.Errorf("what lay there before is %q", got)
	}
	other.put("khác.jpg", picture(t, 30))
	o.becomes("khác.jpg", "taken")
	if n := s.log.count("inbox does not answer"); n != 1 {
		t.Errorf("that it does not answer is said %d times", n)
	}
	writer, err := os.OpenFile(y.dir, os.O_WRONLY, 0) // the pipe answers now: it is no folder
	y.must(err)
	y.must(writer.Close())
	y.must(os.Remove(y.dir))
	y.must(os.Rename(s.away, y.dir))
	y.put("sau.jpg", picture(t, 40))
	s.becomes("sau.jpg", "taken")
	if got := s.tray()[filepath.Base(y.dir)]; got != "" {
		t.Errorf("it answers, and the tray says %q", got)
	}
	if n := s.log.count("inbox answers again"); n != 1 || s.log.count("jpg") != 0 {
		t.Errorf("that it answers is said %d times: %s", n, s.log.String())
	}
}

// The end of the house does not wait for a share that does not answer. The file system is
// real, and whoever should answer for it says nothing.
func TestShareThatNeverAnswers(t *testing.T) {
	y := newYard(t)
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no file systems in user space here: ", err)
	}
	defer fuse.Close() // what waits for it is let go
	if err := syscall.Mount("silent", y.dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse.Fd())); err != nil {
		t.Skip("nothing may be mounted here: ", err)
	}
	defer func() { y.must(syscall.Unmount(y.dir, syscall.MNT_DETACH)) }()
	var log lines
	door := *y.w.Taker.Door
	door.Now = time.Now
	w := &taking.Watch{Every: time.Hour, Silent: 100 * time.Millisecond, Log: slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil)), Taker: &taking.Taker{Rows: y.db, Door: &door}, Inbox: y.w.Inbox}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	name := filepath.Base(y.dir)
	for end := time.Now().Add(time.Minute); y.tray()[name] != "waiting "+drop.Silent; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the folder is %q", y.tray()[name])
		}
	}
	stop()
	select {
	case err := <-ended:
		y.must(err)
	case <-time.After(30 * time.Second):
		t.Fatal("the end waits for it")
	}
	if !strings.Contains(log.String(), "inbox left") {
		t.Errorf("nothing is said of it: %s", log.String())
	}
}
