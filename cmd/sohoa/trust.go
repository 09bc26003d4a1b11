package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
)

const trustUsage = `sohoa trust list [--data DIR]
       sohoa trust add PEM --who NAME [--why TEXT] [--data DIR]`

// trust lists the roots that a house believes, or adds one in somebody's name.
// A running service believes it from its next start on.
func trust(_ context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("trust", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	who := set.String("who", "", "who adds the root and answers for it")
	why := set.String("why", "", "where it was published, and how it was checked")
	words, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	dir := s.Trust
	if dir == "" {
		dir = filepath.Join(s.Data, "trust")
	}
	believed, err := wire.OpenTrust(dir)
	if err != nil {
		return err
	}
	switch {
	case len(words) == 1 && words[0] == "list":
		p := &printer{w: stdout}
		for _, a := range believed.Anchors() {
			p.line("%s  %s\n  thêm bởi / added by %s, %s: %s", a.File, a.Cert.Subject.CommonName, a.By, a.At.In(dossier.VietNam).Format(time.RFC3339), a.Why)
		}
		p.line("%d chứng thư gốc / roots (%s)", len(believed.Anchors()), dir)
		return p.err
	case len(words) == 2 && words[0] == "add" && *who != "":
		ders, err := readDER(words[1], "CERTIFICATE")
		if errors.Is(err, os.ErrNotExist) || err == nil && len(ders) != 1 {
			return usage("%s does not hold one certificate", words[1])
		} else if err != nil {
			return err
		}
		a, err := believed.Add(ders[0], *who, *why, time.Now())
		if errors.Is(err, wire.ErrAnchor) {
			return usage("%s %v", words[1], err)
		} else if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%s: %s\n", filepath.Join(dir, a.File), a.Cert.Subject.CommonName)
		return err
	}
	return usage("%s", trustUsage)
}
