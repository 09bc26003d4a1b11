// Command servertest is a real S3 server, for the tests of the room above:
// versitygw on a directory that it makes and removes, on an address of the
// loopback that it chooses and says on its first line, with versions and object
// lock. It is a module of its own, so that its 114 modules stay out of the
// product's; and a process of its own, because it changes its working directory.
//
// SERVERTEST_DIR and SERVERTEST_ADDR give it a directory that stays and an address
// of its own: for drills that kill it and start it again.
//
// It ends when its standard input does: with whoever started it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, stop); err != nil {
		fmt.Fprintln(os.Stderr, "servertest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stop func()) error {
	dir := os.Getenv("SERVERTEST_DIR")
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "servertest-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	server, err := open(dir)
	if err != nil {
		return err
	}
	addr := os.Getenv("SERVERTEST_ADDR")
	if addr == "" {
		if addr, err = free(); err != nil {
			return err
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		stop()
	}()
	ended := make(chan error, 1)
	go func() {
		ended <- embedgw.RunVersityGW(ctx, server, &embedgw.Config{
			RootUserAccess: os.Getenv("SERVERTEST_ACCESS"), RootUserSecret: os.Getenv("SERVERTEST_SECRET"),
			Ports: []string{addr}, MaxConnections: 256, MaxRequests: 128, MultipartMaxParts: 10_000,
			KeepAlive: true, Quiet: true,
		})
	}()
	if err := answering(ctx, addr, ended); err != nil {
		return err
	}
	fmt.Println("listening", addr)
	return <-ended
}

// open gives the server three folders beside each other: it refuses to start
// with one within another, and takes relative paths for something else once it
// has changed its directory.
func open(dir string) (*posix.Posix, error) {
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"root", "versions", "notes"} {
		if err := os.MkdirAll(path(name), 0o700); err != nil {
			return nil, err
		}
	}
	opts := posix.PosixOpts{VersioningDir: path("versions"), CopyObjectThreshold: 5 << 30}
	var notes meta.MetadataStorer = meta.XattrMeta{}
	if (meta.XattrMeta{}).Test(path("root")) != nil { // a file system without extended attributes
		sidecar, err := meta.NewSideCar(path("notes"))
		if err != nil {
			return nil, err
		}
		notes, opts.SideCarDir = sidecar, path("notes")
	}
	return posix.New(path("root"), notes, opts)
}

// free is an address nobody listens on. The server takes no listener, only a
// number; another program can take it in between, and then this one ends with
// an error that says so.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func answering(ctx context.Context, addr string, ended <-chan error) error {
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			return c.Close()
		}
		select {
		case err := <-ended:
			return errors.Join(errors.New("the server ended"), err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("nobody answers on %s", addr)
}
