package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"path/filepath"

	"sohoa/cmd/internal/wire"
)

const migrateUsage = "sohoa migrate --status [--json] | --up | --down-to VERSION [--data DIR]"

// migrate shows the changes of the tables, and takes them forward or back.
func migrate(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	s := wire.Read(getenv)
	set := flag.NewFlagSet("migrate", flag.ContinueOnError)
	set.SetOutput(stderr)
	status, up, down := set.Bool("status", false, "list the steps"), set.Bool("up", false, "bring the tables up to date"), set.Int64("down-to", 0, "take them back to a version")
	asJSON := set.Bool("json", false, "print the steps as JSON")
	set.StringVar(&s.Data, "data", s.Data, "directory of everything that lasts")
	rest, err := parseMixed(set, args)
	if err != nil {
		return err
	}
	if given := []bool{*status, *up, *down != 0}; len(rest) > 0 || count(given) != 1 {
		return usage(migrateUsage)
	}
	if s.Data, err = filepath.Abs(s.Data); err != nil {
		return err
	}
	switch {
	case *up:
		return wire.StepUp(ctx, s)
	case *down != 0:
		return wire.StepDown(ctx, s, *down)
	}
	list, err := wire.Steps(ctx, s)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(list)
	}
	p := &printer{w: stdout}
	for _, step := range list {
		state, way := "pending", ""
		if step.Applied {
			state = "applied"
		}
		if !step.Back {
			way = "  no way back"
		}
		p.line("%-8s %05d  %s%s", state, step.Version, step.Name, way)
	}
	return p.err
}

func count(all []bool) (n int) {
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}
