package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/ingest/takeover"
)

const archiveUsage = `sohoa archive import DIR --index LIST.csv|LIST.xlsx --agency CODE [--dry-run] [--resume] [--readers N] [--who LOGIN] [--json] [--data DIR]`

// archiveCommand takes an archive that was digitised elsewhere over into the house.
func archiveCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "import" {
		return usage("%s", archiveUsage)
	}
	s := wire.Read(getenv)
	set := flag.NewFlagSet("archive import", flag.ContinueOnError)
	set.SetOutput(stderr)
	var a wire.Archive
	set.StringVar(&a.Index, "index", "", "the index: CSV or XLSX, a row for each file")
	agency := set.String("agency", "", "code of the agency whose archive it is")
	set.BoolVar(&a.Dry, "dry-run", false, "look at every row and file, and change nothing")
	set.BoolVar(&a.Resume, "resume", false, "go on with an import that was broken off")
	set.IntVar(&a.Readers, "readers", 1, "files that are looked at at once")
	set.StringVar(&a.Login, "who", "", "login of who imports: they stand in the ledger, and in their project as who brought it; without it, the account on this machine")
	asJSON := set.Bool("json", false, "print the report as JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	rest, err := parseMixed(set, args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 || a.Index == "" || *agency == "" || a.Readers < 1 || a.Readers > 64 {
		return usage("%s", archiveUsage)
	}
	a.Dir, a.Agency = rest[0], dossier.AgencyCode(*agency)
	if a.Index, err = filepath.Abs(a.Index); err != nil {
		return err
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	for _, path := range []string{a.Dir, a.Index, s.Data} {
		if !fileIsThere(path) {
			return usage("there is no %s", path)
		}
	}
	report, err := wire.RunArchive(ctx, s, a, dossier.PersonID(cmp.Or(getenv("SUDO_USER"), getenv("USER"), "command")))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", s.Data)
	case errors.Is(err, wire.ErrArchive):
		return usage("%v", err)
	case err != nil:
		return &inputError{a.Index, err}
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(struct {
			DryRun bool `json:"dryRun"`
			takeover.Report
		}{a.Dry, report})
	} else {
		err = printArchive(stdout, report, a.Dry)
	}
	if err == nil && slices.ContainsFunc(report.Problems, func(p catalogue.Problem) bool { return !p.Note }) {
		return errUnsound
	}
	return err
}

func printArchive(w io.Writer, r takeover.Report, dry bool) error {
	p := &printer{w: w}
	if dry {
		p.line("Chạy thử, chưa ghi gì / a dry run, nothing is written")
	}
	for _, field := range slices.Sorted(maps.Keys(r.Columns)) {
		p.line("cột / column %d: %s", r.Columns[field], field)
	}
	c := r.Counts
	p.line("hàng / rows: %d; nhận / taken: %d; đã có / the same: %d; hàng lỗi / bad rows: %d; trùng tệp / files twice: %d", c.Rows, c.Taken, c.Same, c.Bad, c.Twice)
	p.line("trang / pages: %d; byte / bytes: %d; đã ký số / signed: %d; mở khóa hoặc sửa / opened or mended: %d", c.Pages, c.Bytes, c.Signed, c.Mended)
	printProblems(p, r.Problems)
	if r.More {
		p.line("… còn nữa / and more")
	}
	return p.err
}
