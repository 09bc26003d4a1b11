package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/storage/backup"
	"sohoa/storage/sqldb"
)

const backupUsage = `sohoa backup --to DIR [--keys-to KEYS] [--verify] [--keep N] [--pace MiB/s] [--json] [--data DIR]
       sohoa backup --check DIR [--backup NAME] [--json]
       sohoa backup --list DIR`

const restoreUsage = `sohoa restore --from DIR --data NEW [--keys KEYS | --without-keys] [--backup NAME] [--pace MiB/s] [--json]`

type backupArgs struct {
	o           wire.BackupOptions
	check, list string
	name        string
	json        bool
	settings    wire.Settings
}

func parseBackup(args []string, getenv func(string) string, stderr io.Writer) (a backupArgs, err error) {
	a.settings = wire.Read(getenv)
	set := flag.NewFlagSet("backup", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&a.o.To, "to", "", "directory of the backups, on another disk or machine")
	set.StringVar(&a.o.KeysTo, "keys-to", "", "directory, apart from the backups, for the keys that no backup holds")
	set.BoolVar(&a.o.Verify, "verify", false, "read every file that is there already, and put right what is damaged")
	set.IntVar(&a.o.Keep, "keep", 0, "how many backups stay; what only older ones named goes; 0: all")
	pace := set.Int64("pace", 0, "most mebibytes in a second; 0: no limit")
	set.StringVar(&a.check, "check", "", "read a backup in this directory to its end")
	set.StringVar(&a.list, "list", "", "list the backups in this directory")
	set.StringVar(&a.name, "backup", "", "name of a backup, or the beginning of it; the newest if not given")
	set.BoolVar(&a.json, "json", false, "print the report as JSON")
	set.StringVar(&a.settings.Data, "data", a.settings.Data, "directory of everything that lasts")
	files, err := parseMixed(set, args)
	if err != nil {
		return a, err
	}
	given := 0
	for _, dir := range []*string{&a.o.To, &a.check, &a.list} {
		if *dir != "" {
			given++
		}
	}
	if len(files) > 0 || given != 1 || *pace < 0 || a.o.Keep < 0 || a.name != "" && a.check == "" || a.o.To == "" && (a.o.KeysTo != "" || a.o.Verify || a.o.Keep > 0) {
		return a, usage("%s", backupUsage)
	}
	a.o.Pace = *pace << 20
	return a, absolute(&a.o.To, &a.o.KeysTo, &a.check, &a.list, &a.settings.Data)
}

// absolute makes paths absolute; empty ones stay so.
func absolute(paths ...*string) (err error) {
	for _, p := range paths {
		if *p == "" {
			continue
		}
		if *p, err = filepath.Abs(*p); err != nil {
			return err
		}
	}
	return nil
}

// backupCommand backs a house up, or looks at backups.
func backupCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	a, err := parseBackup(args, getenv, stderr)
	if err != nil {
		return err
	}
	var r backup.Report
	switch {
	case a.list != "":
		return listBackups(stdout, a.list)
	case a.check != "":
		r, err = wire.CheckBackup(ctx, a.settings, a.check, a.name, func(n int64) { fmt.Fprintf(stderr, "%d\n", n) })
	default:
		r, err = wire.Backup(ctx, a.settings, a.o)
	}
	if r.Name != "" {
		if perr := printBackup(stdout, r, a.json, a.check != ""); perr != nil {
			return perr
		}
	}
	return backupError(err)
}

// backupError tells what the operator can put right from what is broken.
func backupError(err error) error {
	for _, theirs := range []error{backup.ErrNone, backup.ErrBusy, wire.ErrKeys, wire.ErrOccupied, sqldb.ErrFilled, sqldb.ErrNewer} {
		if errors.Is(err, theirs) {
			return usage("%v", err)
		}
	}
	if errors.Is(err, backup.ErrIncomplete) || errors.Is(err, backup.ErrDamaged) {
		return fmt.Errorf("%w: %w; see docs/operations.md, \"Backup and restore\"", errUnsound, err)
	}
	return err
}

func listBackups(w io.Writer, dir string) error {
	list, err := backup.Backups(dir)
	p := &printer{w: w}
	for _, e := range list {
		p.line("%s  %s  %d sự kiện / events, %d tệp / files, thiếu / missing %d", e.Name[:len("20060102T150405.000Z-")+12], e.At.In(dossier.VietNam).Format(time.RFC3339), e.Log.Size, e.Files, len(e.Missing))
	}
	return errors.Join(p.err, backupError(err))
}

func printBackup(w io.Writer, r backup.Report, asJSON, checked bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	p := &printer{w: w}
	p.line("%s", r.Name)
	p.line("  hàng lúc / rows as of %s: %d; sổ / ledger: %d, %s", r.At.In(dossier.VietNam).Format(time.RFC3339), r.Rows, r.Log.Size, r.Log.Root)
	if checked {
		p.line("  tệp đọc lại đúng / files read and right: %d / %d, %d bytes", r.There, r.Files, r.Bytes)
	} else {
		p.line("  tệp / files: %d; vừa chép và đọc lại / copied now and read back: %d, %d bytes; đã có / were there: %d", r.Files, r.Copied, r.Bytes, r.There)
	}
	printLost(p, r.Lost)
	for _, a := range r.Apart {
		p.line("  giữ riêng, KHÔNG có trong bản sao lưu / keep apart, NOT in the backup: %s %s (%s)", a.What, a.ID, a.Note)
	}
	return p.err
}

// printLost names the files that are nowhere by what they belong to.
func printLost(p *printer, lost []backup.Lost) {
	for _, l := range lost {
		for _, name := range l.Names {
			p.line("  thiếu / missing: %s", visible(name))
		}
		p.line("    %s: %s", l.Digest, l.Why)
	}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// restoreCommand makes the house of a backup anew.
func restoreCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	o := wire.RestoreOptions{Log: slog.New(slog.NewTextHandler(stderr, nil))}
	set := flag.NewFlagSet("restore", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&o.From, "from", "", "directory of the backups")
	set.StringVar(&o.Name, "backup", "", "name of the backup, or the beginning of it; the newest if not given")
	set.StringVar(&o.Keys, "keys", "", "directory of the keys that were kept apart")
	set.BoolVar(&o.WithoutKeys, "without-keys", false, "they are lost: begin with new ones")
	pace := set.Int64("pace", 0, "most mebibytes in a second; 0: no limit")
	asJSON := set.Bool("json", false, "print the report as JSON")
	data := set.String("data", "", "new directory of everything that lasts")
	files, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(files) > 0 || o.From == "" || *data == "" || *pace < 0 || o.Keys != "" && o.WithoutKeys {
		return usage("%s", restoreUsage)
	}
	s.Data, o.Pace = *data, *pace<<20
	if err := absolute(&s.Data, &o.From, &o.Keys); err != nil {
		return err
	}
	r, err := wire.Restore(ctx, s, o)
	if r.Name != "" {
		if perr := printRestored(stdout, s.Data, r, *asJSON); perr != nil {
			return perr
		}
	}
	return backupError(err)
}

func printRestored(w io.Writer, data string, r wire.Restored, asJSON bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	p := &printer{w: w}
	p.line("%s → %s", r.Name, data)
	p.line("  hàng lúc / rows as of %s: %d; sổ / ledger: %d, %s", r.At.In(dossier.VietNam).Format(time.RFC3339), r.Rows, r.Log.Size, r.Log.Root)
	p.line("  tệp / files: %d; vừa chép và đọc lại / copied and read back: %d, %d bytes; đã có, đọc lại đúng / were there and are right: %d", r.Files, r.Copied, r.Bytes, r.There)
	p.line("  tìm được lại / found by the search again: %d", r.Search)
	if r.Orphans > 0 {
		p.line("  trong kho có / in the store are %d tệp mới hơn bản sao lưu này, ĐỪNG dọn / files newer than this backup, do NOT prune: docs/operations.md", r.Orphans)
	}
	printLost(p, r.Lost)
	return p.err
}
