package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa/bench/line"
	"sohoa/jail"
	"sohoa/pdf/graft"
	"sohoa/pdf/inspect"
	"sohoa/pdf/pdfa"
	"sohoa/pdf/pdfa/verapdf"
)

// cutName is the child that cuts pages out.
const cutName = "cut"

var cutLimits = jail.Limits{Memory: 1 << 30, CPU: 30 * time.Second, Wall: 120 * time.Second, File: 64 << 20}

// cutChild sets all pages of the file that its argument names, as they stand,
// into a file of ours.
func cutChild(args []string, _ io.Reader, out io.Writer) error {
	f, err := inspect.OpenSigned(args[0], line.Limits)
	if err != nil {
		return err
	}
	w := pdfa.New(out, pdfa.Meta{Title: "Cắt ra"})
	for i := range f.Pages() {
		p, err := f.Cut(i)
		var no graft.Refused
		switch {
		case errors.As(err, &no):
			return &jail.Refusal{Code: "cut: " + string(no), Text: err.Error()}
		case err != nil:
			return &jail.Refusal{Code: "cut: panic", Text: err.Error()}
		}
		if err := w.Add(p); errors.Is(err, pdfa.ErrInvalid) {
			return &jail.Refusal{Code: "writer", Text: err.Error()}
		} else if err != nil {
			return err
		}
	}
	return w.Close()
}

// place is where the file made of file i on a way stands.
func (b *bench) place(way string, i int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%s-%04d.pdf", way, i))
}

// try puts file i to the checker on the three ways.
func (b *bench) try(ctx context.Context, i int, f *file) (err error) {
	path := filepath.Join(b.corpus, f.path)
	if f.asIs, err = ours(ctx, path); err != nil {
		return err
	}
	if f.asIs == "" {
		return errors.New("our check passes a file that is not of our writer")
	}
	var cut bytes.Buffer
	err = jail.Run(ctx, cutName, cutLimits, nil, &cut, path)
	if f.cut.refused, err = refusal(err); err != nil {
		return err
	}
	if f.cut.refused == "" {
		if err := os.WriteFile(b.place("cut", i), cut.Bytes(), 0o600); err != nil {
			return err
		}
		if f.cut.ours, err = ours(ctx, b.place("cut", i)); err != nil {
			return err
		}
	}
	made, err := line.Write(ctx, path, b.place("made", i))
	f.kept = made.Kept
	f.made.refused, err = refusal(err)
	return err
}

// refusal is the code of a refusal, or empty; another error stays one.
func refusal(err error) (string, error) {
	var no *jail.Refusal
	if errors.As(err, &no) {
		return no.Code, nil
	}
	return "", err
}

// ours is the first finding of our check, or empty.
func ours(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	err = pdfa.CheckFile(ctx, f, nil)
	var found pdfa.Findings
	if errors.As(err, &found) {
		return string(found[0].Rule) + ": " + found[0].Text, nil
	}
	return "", err
}

// judged has veraPDF judge all that was made, each by the level that it claims,
// which must be one of PDF/A-2.
func (b *bench) judged(ctx context.Context) error {
	var paths []string
	for i, f := range b.files {
		if f.cut.refused == "" {
			paths = append(paths, b.place("cut", i))
		}
		if f.made.refused == "" {
			paths = append(paths, b.place("made", i))
		}
	}
	all, err := b.judge.Files(ctx, verapdf.Claimed, paths...)
	if err != nil {
		return err
	}
	for path, v := range all {
		v.Pass = v.Pass && strings.HasPrefix(v.Flavour, "2")
		all[path] = v
	}
	for i, f := range b.files {
		f.cut.vera, f.made.vera = all[b.place("cut", i)], all[b.place("made", i)]
	}
	return nil
}
