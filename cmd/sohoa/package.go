package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/storage/packages"
)

const packageUsage = `sohoa package --kind audit|sip|aip|dip (--document ID | --dossier CODE) -o FILE.zip|DIR [--who LOGIN] [--data DIR]
       sohoa package --check FILE.zip|DIR [--key KEY|FILE]… [--json]`

type packageArgs struct {
	settings            wire.Settings
	wanted              wire.Wanted
	kind, document      string
	dossier, out, check string
	who                 string
	keys                []string
	json                bool
}

func parsePackage(args []string, getenv func(string) string, stderr io.Writer) (a packageArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("package", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	set.StringVar(&a.kind, "kind", "", "audit, sip, aip or dip")
	set.StringVar(&a.document, "document", "", "id of a document")
	set.StringVar(&a.dossier, "dossier", "", "code of a dossier")
	set.StringVar(&a.out, "o", "", "what to write: a file whose name ends in .zip, or a directory that is not there yet")
	set.StringVar(&a.who, "who", "", "login of who takes it: it stands in the ledger; without it, the account on this machine")
	set.StringVar(&a.check, "check", "", "look at a package, anybody's, and make none")
	set.BoolVar(&a.json, "json", false, "with --check: print what was found as JSON")
	set.Func("key", "with --check: public key of the ledger, or a file of them; may be given again", func(s string) error {
		keys, err := ledgerKeys(s)
		a.keys = append(a.keys, keys...)
		return err
	})
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	making := a.kind != "" && (a.document == "") != (a.dossier == "") && a.out != "" && len(a.keys) == 0 && !a.json
	checking := a.kind+a.document+a.dossier+a.out+a.who == ""
	if len(words) > 0 || a.check == "" && !making || a.check != "" && !checking {
		return a, usage("%s", packageUsage)
	}
	if a.check != "" {
		return a, nil
	}
	if a.wanted.Kind, err = packages.KindOf(a.kind); err != nil {
		return a, usage("%v", err)
	}
	a.wanted.Document, a.wanted.Dossier = dossier.DocumentID(a.document), dossier.Code(a.dossier)
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// packageCommand makes a package of a document or dossier, or looks at one that
// somebody brings.
func packageCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parsePackage(args, getenv, stderr)
	if err != nil {
		return err
	}
	if a.check != "" {
		return a.runCheck(ctx, stdout)
	}
	if _, err := os.Lstat(a.out); err == nil {
		return usage("%s is there already; nothing is written over", a.out)
	}
	who := dossier.PersonID(cmp.Or(a.who, getenv("SUDO_USER"), getenv("USER"), "command"))
	err = wire.Package(ctx, a.settings, slog.New(slog.NewTextHandler(stderr, nil)), a.wanted, who, func(ctx context.Context, p *packages.Package) error {
		if err := a.write(ctx, p); err != nil {
			return err
		}
		_, err := fmt.Fprintf(stdout, "%s: %s\n", a.out, p.Name())
		return err
	})
	switch {
	case errors.Is(err, packages.ErrBytes):
		return fmt.Errorf("%w: %w", errUnsound, err)
	case errors.Is(err, packages.ErrNotReady):
		return usage("%v; a package is made of what is archived", err)
	case errors.Is(err, os.ErrNotExist) && !errors.Is(err, dossier.ErrNotFound):
		return usage("%v", err)
	case errors.Is(err, dossier.ErrNotFound):
		return usage("%v", err)
	}
	return err
}

// write writes a package so that it appears whole or not at all.
func (a packageArgs) write(ctx context.Context, p *packages.Package) error {
	if !strings.HasSuffix(strings.ToLower(a.out), ".zip") {
		dir, err := os.MkdirTemp(filepath.Dir(a.out), ".sohoa-*")
		if err != nil {
			return usage("cannot write %s: %v", a.out, err)
		}
		defer os.RemoveAll(dir)
		if err := errors.Join(os.Chmod(dir, 0o755), p.Write(ctx, packages.Dir(dir))); err != nil {
			return err
		}
		return os.Rename(dir, a.out)
	}
	out, err := os.CreateTemp(filepath.Dir(a.out), ".sohoa-*.zip")
	if err != nil {
		return usage("cannot write %s: %v", a.out, err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	z := packages.NewZip(out)
	err = p.Write(ctx, z)
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync()); err != nil {
		return err
	}
	return os.Rename(out.Name(), a.out)
}

func (a packageArgs) runCheck(ctx context.Context, stdout io.Writer) error {
	if _, err := os.Stat(a.check); err != nil {
		return usage("%v", err)
	}
	c, err := packages.Check(ctx, a.check, a.keys)
	if err != nil {
		return &inputError{a.check, err}
	}
	if a.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(c)
	} else {
		err = printChecked(stdout, c)
	}
	if err == nil && len(c.Findings) > 0 {
		err = fmt.Errorf("%w: %s", errUnsound, a.check)
	}
	return err
}

// printChecked says what was found. Names in a package are whatever somebody
// called them.
func printChecked(w io.Writer, c packages.Checked) error {
	p := &printer{w: w}
	for _, f := range c.Findings {
		p.line("- %s %s: %s / %s", f.Code, visible(f.Path), visible(f.VI), visible(f.EN))
	}
	if c.More > 0 {
		p.line("- … %d nữa / more", c.More)
	}
	verdict := "NGUYÊN VẸN / WHOLE"
	if len(c.Findings) > 0 {
		verdict = "KHÔNG NGUYÊN VẸN / NOT WHOLE"
	}
	p.line("%s: %s, %s, %d tệp / files, %d byte", verdict, visible(c.Name), cmp.Or(visible(c.Kind), "của nơi khác / of another house"), c.Files, c.Bytes)
	if c.Proofs > 0 {
		p.line("Sổ / ledger %s, %d sự kiện / events: %d bằng chứng đúng / proofs hold", visible(c.Origin), c.Size, c.Proofs)
	}
	if c.Own {
		p.line("Bằng chứng được so với khóa có trong chính gói: hãy cho khóa lấy từ nơi khác bằng --key / proofs were held against the package's own keys: give keys from elsewhere with --key")
	}
	return p.err
}
