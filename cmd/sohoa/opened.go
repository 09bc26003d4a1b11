package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"sohoa/cmd/internal/wire"
	"sohoa/ingest"
	"sohoa/ingest/sniff"
	"sohoa/signing/keys"
)

// An opened is a file that was given, and what stands for it: itself, or what
// was made of it because it was encrypted or damaged.
type opened struct {
	name   string // as given
	path   string
	report sniff.Report
}

// A lock is where the password of encrypted files comes from: never the command
// line, which others can read.
type lock struct {
	from string
	get  keys.PIN
}

// password returns the password, nil if none was given. It asks once.
func (l *lock) password(ctx context.Context) ([]byte, error) {
	var err error
	switch {
	case l.from == "":
		return nil, nil
	case l.get != nil:
	case l.from == "prompt":
		l.get, err = ask(ctx, "mật khẩu của tệp PDF / password of the PDF: ")
	case strings.HasPrefix(l.from, "file:"):
		l.get, err = keys.ParsePIN(l.from, "")
	default:
		err = errors.New("--password-from is file:PATH or prompt")
	}
	if err != nil {
		return nil, usage("%v", err)
	}
	password, err := l.get()
	if err != nil {
		return nil, usage("%v", err)
	}
	return password, nil
}

// examine finds out what the file at path is. What has to be opened or mended
// is written to dir.
func examine(ctx context.Context, path, dir string, l *lock) (opened, error) {
	in := opened{name: path, path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return in, usage("there is no such file")
	case err != nil:
		return in, err
	case info.IsDir():
		return in, usage("a directory; give the files in it")
	case info.Size() > wire.Limits.Bytes:
		return in, ingest.TooLarge(wire.Limits.Bytes)
	}
	work, err := os.CreateTemp(dir, "opened-*")
	if err != nil {
		return in, err
	}
	if err := work.Close(); err != nil {
		return in, err
	}
	password, err := l.password(ctx)
	if err != nil {
		return in, err
	}
	defer clear(password)
	in.report, err = sniff.Examine(ctx, path, sniff.Options{Limits: wire.Limits, Password: password, Work: work.Name()})
	if err == nil && in.report.Working != "" {
		in.path = work.Name()
	}
	return in, err
}

// unpack writes the files within in to dir, each under a name of its own that is
// safe, and returns these.
func (in opened) unpack(ctx context.Context, dir string) (names []string, err error) {
	if len(in.report.Beside) == 0 {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, usage("%v", err)
	}
	for from, err := range sniff.Beside(ctx, in.path, wire.Limits) {
		if err != nil {
			return names, err
		}
		if len(names) == len(in.report.Beside) {
			return names, errors.New("there are more files within the file than its report says")
		}
		name := filepath.Join(dir, fmt.Sprintf("%03d-%s", len(names)+1, safeName(in.report.Beside[len(names)].Name)))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return names, usage("%v", err)
		}
		_, err = io.Copy(f, from)
		if err := errors.Join(err, f.Close()); err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}

// safeName is a file's own name as far as it is safe anywhere: letters, digits,
// and single dots, dashes and underscores between them.
func safeName(name string) string {
	var b strings.Builder
	for _, r := range name {
		if b.Len() > 100 {
			break
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '.' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	if s := strings.Trim(b.String(), "._-"); s != "" {
		return s
	}
	return "file"
}
