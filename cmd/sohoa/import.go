package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sohoa/cmd/internal/wire"
	"sohoa/dossier"
	"sohoa/dossier/catalogue"
	"sohoa/ingest/sheet"
)

const importUsage = `sohoa import catalogue|agencies|dossiers|calendar FILE [--day YYYY-MM-DD] [--who LOGIN] [--dry-run] [--json] [--data DIR]`

// importReport is what `sohoa import --json` prints.
type importReport struct {
	DryRun bool `json:"dryRun"`
	catalogue.Plan
}

// importList brings a list into the house, or says what that would change.
func importList(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.SetOutput(stderr)
	var i wire.Import
	set.Func("day", "day on which the catalogue held; today if not given", isDay(&i.Day))
	who := set.String("who", "", "login of who imports: it stands in the ledger; without it, the account on this machine")
	dry := set.Bool("dry-run", false, "say what would change, and change nothing")
	asJSON := set.Bool("json", false, "print the report as JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	rest, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if len(rest) != 2 || !slices.Contains(wire.ImportKinds, rest[0]) || i.Day != "" && rest[0] != "catalogue" {
		return usage("%s", importUsage)
	}
	i.What = rest[0]
	if i.Path, err = filepath.Abs(rest[1]); err != nil {
		return err
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	name := dossier.PersonID(cmp.Or(*who, getenv("SUDO_USER"), getenv("USER"), "command"))
	plan, err := wire.RunImport(ctx, s, i, name, *dry)
	switch {
	case errors.Is(err, os.ErrNotExist) && plan.What == "" && !fileIsThere(i.Path):
		return usage("there is no file %s", rest[1])
	case errors.Is(err, os.ErrNotExist):
		return usage("there is no house in %s", s.Data)
	case err != nil:
		return &inputError{rest[1], err}
	}
	if *asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(importReport{*dry, plan})
	} else {
		err = printPlan(stdout, plan, *dry)
	}
	if err == nil && slices.ContainsFunc(plan.Problems, func(p catalogue.Problem) bool { return !p.Note }) {
		return errUnsound
	}
	return err
}

func fileIsThere(path string) bool { _, err := os.Stat(path); return err == nil }

// isDay reads a day as it stands.
func isDay(to *string) func(string) error {
	return func(s string) error {
		*to = s
		_, err := time.Parse(time.DateOnly, s)
		return err
	}
}

func printPlan(w io.Writer, plan catalogue.Plan, dry bool) error {
	p := &printer{w: w}
	if dry {
		p.line("Chạy thử, chưa ghi gì / a dry run, nothing is written")
	}
	p.line("hàng / rows: %d; mới / new: %d; đổi / changed: %d; như cũ / the same: %d; hàng lỗi / bad rows: %d",
		plan.Rows, plan.New, plan.Changed, plan.Same, plan.BadRows)
	for _, c := range plan.Changes {
		if c.New {
			p.line("+ %d %s", c.Row, c.Key)
			continue
		}
		p.line("~ %d %s", c.Row, c.Key)
		for _, f := range c.Fields {
			p.line("    %s: %s → %s", f.Field, oneLine(f.Was), oneLine(f.Is))
		}
	}
	printProblems(p, plan.Problems)
	return p.err
}

// printProblems prints what is wrong with rows, in both languages.
func printProblems(p *printer, list []catalogue.Problem) {
	for _, x := range list {
		sign := "!"
		if x.Note {
			sign = "·"
		}
		vi, viDo := x.Say("vi")
		en, enDo := x.Say("en")
		p.line("%s hàng / row %d [%s] %s: %s – %s / %s – %s", sign, x.Row, x.Field, x.Code, vi, viDo, en, enDo)
	}
}

func oneLine(s string) string { return strings.ReplaceAll(cmp.Or(s, "–"), "\n", " ⏎ ") }

const catalogueUsage = `sohoa catalogue export catalogue|agencies|dossiers|calendar -o FILE.csv|FILE.xlsx [--data DIR]
       sohoa catalogue counts [--day YYYY-MM-DD] [--json] [--data DIR]`

// catalogueCommand writes the lists of the house, or counts its procedures.
func catalogueCommand(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return usage("%s", catalogueUsage)
	}
	s := wire.Read(getenv)
	set := flag.NewFlagSet("catalogue", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	day := time.Now().In(dossier.VietNam).Format(time.DateOnly)
	out, asJSON := "", false
	switch args[0] {
	case "export":
		set.StringVar(&out, "o", "", "the file to write: .csv or .xlsx")
	case "counts":
		set.Func("day", "the day on which they held; today if not given", isDay(&day))
		set.BoolVar(&asJSON, "json", false, "print JSON")
	default:
		return usage("%s", catalogueUsage)
	}
	rest, err := parseMixed(set, args[1:])
	if err != nil {
		return err
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	if args[0] == "counts" && len(rest) == 0 {
		return printCounts(ctx, s, day, asJSON, stdout)
	}
	form := strings.TrimPrefix(filepath.Ext(out), ".")
	if args[0] != "export" || len(rest) != 1 || !slices.Contains(wire.ImportKinds, rest[0]) || form != "csv" && form != "xlsx" {
		return usage("%s", catalogueUsage)
	}
	return exportTo(ctx, s, rest[0], out, form, stdout)
}

// exportTo writes a list, readable by its owner alone: one of dossiers names
// people.
func exportTo(ctx context.Context, s wire.Settings, what, out, form string, stdout io.Writer) error {
	head, rows, err := wire.ExportList(ctx, s, what)
	if errors.Is(err, os.ErrNotExist) {
		return usage("there is no house in %s", s.Data)
	} else if err != nil {
		return err
	}
	f, err := os.OpenFile(out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(sheet.Write(f, form, head, rows), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d hàng / rows\n", out, len(rows))
	return err
}

func printCounts(ctx context.Context, s wire.Settings, day string, asJSON bool, stdout io.Writer) error {
	c, err := wire.CountCatalogue(ctx, s, day)
	if errors.Is(err, os.ErrNotExist) {
		return usage("there is no house in %s", s.Data)
	} else if err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(c)
	}
	levels := []string{string(dossier.Full), string(dossier.Partial), string(dossier.Info), "4", "3", "2", "1"}
	levels = slices.DeleteFunc(levels, func(l string) bool { return c.Levels[l] == 0 })
	tw := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "%s\t%s\tall\t\n", day, strings.Join(levels, "\t"))
	line := func(name string, of map[string]int) {
		fmt.Fprintf(tw, "%s\t", name)
		all := 0
		for _, l := range levels {
			all += of[l]
			fmt.Fprintf(tw, "%d\t", of[l])
		}
		fmt.Fprintf(tw, "%d\t\n", all)
	}
	for _, t := range []dossier.Tier{dossier.Province, dossier.District, dossier.Commune, ""} {
		if len(c.Tiers[t]) > 0 {
			line(cmp.Or(string(t), "–"), c.Tiers[t])
		}
	}
	line("all", c.Levels)
	return tw.Flush()
}
