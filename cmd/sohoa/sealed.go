package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/figures/closing"
)

const sealedUsage = `sohoa figures report --month YYYY-MM [--version N] -o FILE.pdf [--data DIR]
       sohoa figures signature --month YYYY-MM [--version N] -o FILE.p7s [--data DIR]
       sohoa figures evidence --month YYYY-MM [--version N] -o FILE.ers [--data DIR]
       sohoa figures seal [--data DIR]
       ` + feedUsage

type sealedArgs struct {
	what     string // report, signature, evidence or seal
	month    closing.Month
	version  int
	out      string
	settings wire.Settings
}

func parseSealed(args []string, getenv func(string) string, stderr io.Writer) (a sealedArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("figures", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Func("month", "the month, in Viet Nam", func(s string) (err error) {
		a.month, err = closing.ParseMonth(s)
		return err
	})
	set.IntVar(&a.version, "version", 0, "of the month; the newest if not given")
	set.StringVar(&a.out, "o", "", "the file to write")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	words, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	sealing := len(words) == 1 && words[0] == "seal"
	if len(words) != 1 || a.version < 0 || sealing != (a.month == "") || sealing != (a.out == "") {
		return a, usage("%s", sealedUsage)
	}
	a.what = words[0]
	a.settings.Data, err = filepath.Abs(a.settings.Data)
	return a, err
}

// parseMonthFile is parseSealed for what may go to standard output.
func parseMonthFile(args []string, getenv func(string) string, stderr io.Writer) (sealedArgs, error) {
	const none = "-"
	a, err := parseSealed(append([]string{"-o", none}, args...), getenv, stderr)
	if a.out == none {
		a.out = ""
	}
	return a, err
}

// sealed writes a file of a closed month that the agency has sealed, or has it
// sealed where no service does.
func sealed(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseSealed(args, getenv, stderr)
	if err != nil {
		return err
	}
	if a.what == "seal" {
		err = a.seal(ctx, stdout, stderr)
	} else {
		err = a.write(ctx, stdout, stderr)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", a.settings.Data)
	case errors.Is(err, dossier.ErrNotFound):
		return usage("%v; a running service seals it when key and time-stamp authority are at hand, `sohoa figures seal` does where none runs", err)
	}
	return err
}

func (a sealedArgs) seal(ctx context.Context, stdout, stderr io.Writer) error {
	n, err := wire.SealNow(ctx, a.settings, slog.New(slog.NewTextHandler(stderr, nil)))
	if n > 0 || err == nil {
		if _, werr := fmt.Fprintf(stdout, "%d closed months sealed\n", n); werr != nil {
			return werr
		}
	}
	return err
}

// write writes a file, and says what signature and evidence prove.
func (a sealedArgs) write(ctx context.Context, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	return wire.SealedMonth(ctx, a.settings, a.month, a.version, log, func(f wire.SealedFiles) error {
		if a.what == "report" {
			return os.WriteFile(a.out, f.Report, 0o644)
		}
		b := f.Signature
		if a.what == "evidence" {
			if b = f.Evidence; b == nil {
				return usage("the signature of %s was not renewed yet: it proves itself until its own time-stamp ends", a.month)
			}
		}
		if err := os.WriteFile(a.out, b, 0o644); err != nil {
			return err
		}
		if f.Err != nil {
			return fmt.Errorf("the signature beside the statement of %s proves nothing: %w", a.month, f.Err)
		}
		_, err := fmt.Fprintf(stdout, "proven since %s by %d time-stamps, the last of %s, until %s\n",
			f.Proof.Since.Format(time.RFC3339), f.Proof.Stamps, f.Proof.By, f.Proof.Until.Format(time.RFC3339))
		return err
	})
}
